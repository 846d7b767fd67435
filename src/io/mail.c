/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A raw mail as a mailer saves it, or a mailbox (mbox) of several. Headers are read as they stand, so
 * is a message that needs no decoding; the bodies of the others go through mime.c. What is no raw
 * mail - a quoted mail pasted into a ticket - never comes here.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "io/decoder.h"
#include "io/io.h"
#include "io/mime.h"
#include "io/out.h"
#include "model/limits.h"

enum { STEP = 64 * 1024, FROM_LINE_MAX = 1024 };

struct mail {
	struct od_buf raw;
	size_t start;	  /* of the message at hand, in raw */
	size_t scanned;	  /* no boundary begins before */
	size_t plain_end; /* the message at hand is text up to here */
	uint32_t place;	  /* physical line of start */
	bool mbox, ended;
	bool over;	  /* the message at hand is too long: it is read as text */
	bool told;	  /* that gmime is missing */
	struct od_mime *mime;
	size_t mime_end;
};

/* --- is it a mail? ------------------------------------------------------------------- */

/* "From someone Thu Jan  1 00:00:00 1970": the line before each message of a mailbox. */
bool od_mail_from_line(const char *s, size_t len)
{
	if (len < 12 || memcmp(s, "From ", 5) || od_is_blank(s[5]))
		return false;
	for (const char *p = s + 5; (p = memchr(p, ':', len - (size_t)(p - s))); p++)
		if (p - s > 7 && p + 2 < s + len && od_is_digit(p[-2]) && od_is_digit(p[-1]) &&
		    od_is_digit(p[1]) && od_is_digit(p[2]))
			return true;
	return false;
}

static bool header_name(const char *s, size_t len, size_t *name_len)
{
	size_t i = 0;

	while (i < len && (od_is_alnum(s[i]) || s[i] == '-' || s[i] == '_'))
		i++;
	*name_len = i;
	return i && i < len && s[i] == ':';
}

static bool is_named(const char *s, size_t n, const char *name)
{
	return n == strlen(name) && !strncasecmp(s, name, n);
}

/* Headers that a saved mail starts with; a log has "BUG:" and "RIP:". */
static bool first_header(const char *s, size_t n)
{
	static const char *const names[] = {
		"Return-Path", "Received", "Delivered-To", "Message-ID", "MIME-Version", "From", "To",
		"Cc", "Subject", "Date", "Content-Type", "Content-Transfer-Encoding", "Reply-To",
		"Sender", "References", "In-Reply-To", "DKIM-Signature", "Authentication-Results",
		"Envelope-To", "Delivery-Date", "User-Agent", "Received-SPF", "Path", "Newsgroups",
		"Mailing-List", "Precedence", "Bcc", "Thread-Topic", "Thread-Index",
		"Content-Disposition", "Content-Language", "Status", "ARC-Seal", "Errors-To",
		"ARC-Authentication-Results", "ARC-Message-Signature", "DomainKey-Signature",
		"Resent-From", "Resent-To", "Resent-Date", "Resent-Message-ID", "Xref", "Archived-At",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (is_named(s, n, names[i]))
			return true;
	return (n > 2 && !strncasecmp(s, "X-", 2)) || (n > 5 && !strncasecmp(s, "List-", 5));
}

static enum od_probe mail_probe(const char *s, size_t len)
{
	const char *end = s + len, *p = s;
	unsigned headers = 0;
	bool mbox = false, mime = false;

	if (len < 5 ? !memcmp(s, "From ", len) : !memcmp(s, "From ", 5)) {
		const char *nl = memchr(s, '\n', len < FROM_LINE_MAX ? len : FROM_LINE_MAX);

		if (!nl)
			return len < FROM_LINE_MAX ? OD_PROBE_MORE : OD_PROBE_NO;
		mbox = od_mail_from_line(s, (size_t)(nl - s));
		if (!mbox)
			return OD_PROBE_NO;
		p = nl + 1;
	}
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl : end) - p), name;

		if (nl && (!n || (n == 1 && *p == '\r')))
			return mime || (mbox && headers > 1) ? OD_PROBE_YES : OD_PROBE_NO;
		if (!(headers && od_is_blank(*p))) {
			if (!header_name(p, n, &name)) /* the line may not be whole */
				return !nl && name == n && (headers || n < 40) ? OD_PROBE_MORE : OD_PROBE_NO;
			if (!headers++ && !first_header(p, name))
				return OD_PROBE_NO;
			mime |= is_named(p, name, "Content-Type") || is_named(p, name, "MIME-Version") ||
				is_named(p, name, "Content-Transfer-Encoding");
		}
		if (!nl)
			break;
		p = nl + 1;
	}
	return OD_PROBE_MORE;
}

/* --- messages ------------------------------------------------------------------------ */

static void *mail_create(void)
{
	struct mail *m = od_calloc(1, sizeof(*m));

	m->place = 1;
	return m;
}

static void mail_destroy(void *self)
{
	struct mail *m = self;

	od_mime_destroy(m->mime);
	od_buf_deinit(&m->raw);
	free(m);
}

static size_t mail_feed(void *self, struct od_out *out, const char *s, size_t len)
{
	struct mail *m = self;

	(void)out;
	/* All that was found whole in raw has been told. */
	if (m->start) {
		od_buf_consume(&m->raw, m->start);
		m->scanned = m->scanned > m->start ? m->scanned - m->start : 0;
		m->start = m->plain_end = 0;
	}
	if (!m->raw.len && !m->mbox && m->place == 1)
		m->mbox = len > 4 && !memcmp(s, "From ", 5);
	od_buf_add(&m->raw, s, len);
	return len;
}

static void mail_end(void *self, struct od_out *out)
{
	struct mail *m = self;

	(void)out;
	m->ended = true;
}

static bool blank_before(const struct mail *m, size_t at)
{
	const char *s = m->raw.data;

	return at >= m->start + 1 && (s[at - 1] == '\n' || (s[at - 1] == '\r' && at >= m->start + 2 &&
							     s[at - 2] == '\n'));
}

/* The end of the message at hand: where the next begins. False: that has not come yet. */
static bool find_end(struct mail *m, size_t *end)
{
	const char *s = m->raw.data;

	if (m->scanned < m->start + 1)
		m->scanned = m->start + 1;
	while (m->mbox && m->scanned < m->raw.len) {
		const char *p = memmem(s + m->scanned, m->raw.len - m->scanned, "\nFrom ", 6), *nl;

		if (!p) {
			m->scanned = m->raw.len > m->scanned + 5 ? m->raw.len - 5 : m->scanned;
			break;
		}
		m->scanned = (size_t)(p - s);
		nl = memchr(p + 1, '\n', m->raw.len - m->scanned - 1);
		if (!nl && !m->ended)
			return false;
		if (nl && blank_before(m, m->scanned) && od_mail_from_line(p + 1, (size_t)(nl - p - 1))) {
			*end = m->scanned + 1;
			return true;
		}
		m->scanned++;
	}
	*end = m->raw.len;
	return m->ended;
}

/* Bytes of the headers, the blank line after them included. */
static size_t header_length(const char *s, size_t len, bool *encoded)
{
	size_t i = 0;

	*encoded = false;
	while (i < len) {
		const char *nl = memchr(s + i, '\n', len - i);
		size_t n = nl ? (size_t)(nl - (s + i)) : len - i, name;

		if (header_name(s + i, n, &name))
			*encoded |= is_named(s + i, name, "Content-Type") ||
				    is_named(s + i, name, "Content-Transfer-Encoding");
		if (!nl)
			return len;
		if (!n || (n == 1 && s[i] == '\r'))
			return i + n + 1;
		i += n + 1;
	}
	return len;
}

/* Text as it stands, up to end. */
static void put_plain(struct mail *m, struct od_out *out, size_t end)
{
	while (m->start < end) {
		const char *s = m->raw.data + m->start, *nl = memchr(s, '\n', end - m->start);
		size_t n = nl ? (size_t)(nl + 1 - s) : end - m->start;

		od_out_add(out, s, n, m->place);
		m->place += nl != NULL;
		m->start += n;
	}
}

static void skip(struct mail *m, size_t end)
{
	for (; m->start < end; m->start++)
		m->place += m->raw.data[m->start] == '\n';
}

/* A whole message lies before end. */
static void open_message(struct mail *m, struct od_out *out, size_t end)
{
	const char *s = m->raw.data + m->start;
	size_t from = 0, headers;
	const char *nl = memchr(s, '\n', end - m->start);
	uint32_t place = m->place;
	const char *missing;
	bool encoded;

	if (m->mbox && nl && !memcmp(s, "From ", end - m->start < 5 ? end - m->start : 5)) {
		from = (size_t)(nl + 1 - s);
		place++;
	}
	headers = from + header_length(s + from, end - m->start - from, &encoded);
	m->plain_end = end;
	if (!encoded)
		return;
	missing = od_mime_missing();
	if (missing && !m->told) {
		od_out_note(out, m->place, missing);
		m->told = true;
	}
	m->mime = od_mime_parse(s + from, end - m->start - from, place, out);
	if (!m->mime)
		return;
	put_plain(m, out, m->start + headers);
	m->mime_end = end;
}

static bool mail_step(void *self, struct od_out *out)
{
	struct mail *m = self;
	size_t end;

	if (m->mime) {
		if (od_mime_step(m->mime, out))
			return true;
		od_mime_destroy(m->mime);
		m->mime = NULL;
		skip(m, m->mime_end);
		od_out_part(out, m->place);
		m->plain_end = m->start;
		return true;
	}
	if (m->start < m->plain_end) {
		put_plain(m, out, m->plain_end - m->start > STEP ? m->start + STEP : m->plain_end);
		return true;
	}
	if (m->start == m->raw.len)
		return false;
	if (find_end(m, &end)) {
		if (m->over)
			m->plain_end = end;
		else
			open_message(m, out, end);
		m->over = false;
		return true;
	}
	if (!m->over && m->raw.len - m->start > OD_MAX_MAIL) {
		od_out_note(out, m->place, "a mail of more than 64 MiB is read as text, not decoded");
		m->over = true;
	}
	if (m->over && m->scanned > m->start + 2) {
		/* A boundary may still begin with the last bytes. */
		m->plain_end = m->mbox ? m->scanned - 2 : m->raw.len;
		return m->plain_end > m->start;
	}
	return false;
}

const struct od_decoder od_decode_mail = {
	.probe = mail_probe,
	.mail = true,
	.entities = true,
	.create = mail_create,
	.destroy = mail_destroy,
	.feed = mail_feed,
	.end = mail_end,
	.step = mail_step,
};
