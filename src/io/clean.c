/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/*
 * - Escape sequences of terminals go before anything is looked for: a dmesg in colours has them in
 *   the middle of words.
 * - Serial consoles lose bytes (they read as NUL) and print "\n\r" or a lone "\r" before a line.
 * - Trackers and web mailers show "[&lt;ffffffff81012345&gt;]". Entities are decoded from the first
 *   line on after which, within 64 KiB, kernel text shows to be escaped; a text that merely holds an
 *   "&amp;" is left alone.
 */
#include "io/clean.h"

#include <string.h>

#include "base/cursor.h"
#include "base/terminal.h"
#include "io/decoder.h"
#include "io/entity.h"
#include "model/limits.h"

enum { HOLD = 64 * 1024 }; /* bytes after a line in which what it means may show */

static bool is_word(char c)
{
	return od_is_alnum(c) || c == '_';
}

/*
 * "&lt;TASK&gt;", "&lt;48&gt;", "&lt;4&gt;", "[&lt;ffffffff81": only kernel text looks so. And gdb's
 * "&lt;main+12&gt;", "&lt;optimized out&gt;".
 */
static bool angle_evidence(const char *s, const char *p, const char *end)
{
	struct od_cursor c = { p, end };
	size_t n;

	if (!od_cur_lit(&c, "&lt;"))
		return false;
	n = od_angle_word(c.p, (size_t)(end - c.p));
	if (n) {
		c.p += n;
		return od_cur_lit(&c, "&gt;") || (p > s && p[-1] == '[' && n >= 8);
	}
	if (od_cur_lit(&c, "optimized out&gt;") || od_cur_lit(&c, "signal handler called&gt;"))
		return true;
	while (is_word(od_cur_peek(&c)))
		c.p++;
	if (!od_cur_char(&c, '+'))
		return false;
	while (od_is_digit(od_cur_peek(&c)))
		c.p++;
	return od_cur_lit(&c, "&gt;");
}

/* "&gt; text" or "&gt;&gt; text": a quoted line. */
static bool quote_evidence(const char *s, const char *end)
{
	struct od_cursor c = { s, end };

	if (!od_cur_lit(&c, "&gt;"))
		return false;
	while (od_cur_lit(&c, "&gt;"))
		;
	return od_is_blank(od_cur_peek(&c)) || od_cur_peek(&c) == '[' || od_cur_end(&c);
}

/*
 * Is this line escaped kernel text? "ptr-&gt;member", "(&amp;lock" are C as the kernel prints it, and
 * "COMMAND: &quot;bash&quot;" is what crash(8) prints.
 */
static bool evidence(const char *s, size_t len)
{
	const char *end = s + len;

	if (quote_evidence(s, end))
		return true;
	for (const char *p = s; (p = memchr(p, '&', (size_t)(end - p))); p++) {
		struct od_cursor c = { p, end };

		if (angle_evidence(s, p, end))
			return true;
		if (p > s + 1 && p[-1] == '-' && is_word(p[-2]) && od_cur_lit(&c, "&gt;") &&
		    is_word(od_cur_peek(&c)))
			return true;
		if (p > s + 2 && p[-1] == ' ' && p[-2] == ':' && od_cur_lit(&c, "&quot;"))
			return true;
		if (p > s && strchr("({", p[-1]) && od_cur_lit(&c, "&amp;") && is_word(od_cur_peek(&c)))
			return true;
	}
	return false;
}

static size_t decode_entities(char *s, size_t len)
{
	size_t to = 0;

	for (size_t i = 0; i < len;) {
		char utf8[4];
		size_t n = 0, used = s[i] == '&' ? od_entity(s + i, len - i, utf8, &n) : 0;

		if (!used) {
			s[to++] = s[i++];
			continue;
		}
		/* A line stays a line. */
		if (n == 1 && (*utf8 == '\n' || *utf8 == '\r'))
			*utf8 = ' ';
		memcpy(s + to, utf8, n);
		to += n;
		i += used;
	}
	return to;
}

/* len: without the newline. from_start: s is where the line starts. */
static size_t clean_line(struct od_clean *c, char *s, size_t len, bool from_start)
{
	size_t lead = 0;

	if (memchr(s, '\033', len))
		len = od_strip_escapes(s, len);
	while (from_start && lead < len && (s[lead] == '\0' || s[lead] == '\r'))
		lead++;
	/* "\r\r" before the newline is no more than "\r". */
	if (lead == len)
		lead = 0;
	if (lead) {
		len -= lead;
		memmove(s, s + lead, len);
	}
	for (char *cr = s; (cr = memchr(cr, '\r', len - (size_t)(cr - s))); cr++)
		if (cr + 1 < s + len && (cr[1] == '[' || cr[1] == '<'))
			*cr = ' ';
	return c->escaped && memchr(s, '&', len) ? decode_entities(s, len) : len;
}

static bool has_entity(const char *s, size_t len)
{
	char utf8[4];
	size_t n;

	for (const char *p = s; (p = memchr(p, '&', len - (size_t)(p - s))); p++)
		if (od_entity(p, len - (size_t)(p - s), utf8, &n))
			return true;
	return false;
}

/*
 * A line with entities, the first of len bytes: do they, or those of lines to come, say that the text
 * is escaped? False if that cannot be said before more bytes have come.
 */
static bool judge(struct od_clean *c, const char *s, size_t len, bool last)
{
	size_t at = c->seen < len ? c->seen : len;

	while (at < len && at < HOLD) {
		const char *nl = memchr(s + at, '\n', len - at);
		size_t n = nl ? (size_t)(nl - (s + at)) : len - at;

		if (!nl && !last)
			break;
		if (evidence(s + at, n)) {
			c->escaped = true;
			return true;
		}
		at += n + (nl != NULL);
	}
	c->seen = at;
	return last || len >= HOLD;
}

/* Is there anything on the line that this file is for? */
static bool dirty(const struct od_clean *c, const char *s, size_t len)
{
	const char *cr;

	if (!len)
		return false;
	if (*s == '\r' || memchr(s, '\0', len) || memchr(s, '\033', len) ||
	    (c->entities && memchr(s, '&', len)))
		return true;
	for (cr = s; (cr = memchr(cr, '\r', len - (size_t)(cr - s))); cr++)
		if (cr + 1 < s + len && cr[1] != '\r' && cr[1] != '\n')
			return true;
	return false;
}

size_t od_clean_text(struct od_clean *c, char *s, size_t *len, bool last)
{
	size_t from = 0, to = 0;

	if (!c->started && *len) {
		enum od_probe mark = od_probe_lit(s, *len, OD_BYTE_ORDER_MARK);

		if (mark == OD_PROBE_MORE && !last)
			return 0;
		c->started = true;
		if (mark == OD_PROBE_YES)
			from = strlen(OD_BYTE_ORDER_MARK);
	}
	/* Most text has nothing of all this. */
	if (!from && !dirty(c, s, *len) && !c->inside) {
		const char *nl = memrchr(s, '\n', *len);

		to = nl ? (size_t)(nl + 1 - s) : 0;
		if (last || *len - to > OD_MAX_LINE) {
			to = *len;
			c->inside = !last && to && s[to - 1] != '\n';
		}
		c->seen -= c->seen < to ? c->seen : to;
		return to;
	}
	while (from < *len) {
		const char *nl = memchr(s + from, '\n', *len - from);
		size_t n = nl ? (size_t)(nl - (s + from)) : *len - from, rest = *len - from;
		bool wait = !nl && !last && n <= OD_MAX_LINE;

		/* Each byte is looked at once: what follows was mostly seen with a line before. */
		if (!wait && c->entities && !c->escaped && has_entity(s + from, n))
			wait = !judge(c, s + from, rest, last || c->hurry);
		if (wait) {
			memmove(s + to, s + from, rest);
			*len = to + rest;
			return to;
		}
		if (to != from)
			memmove(s + to, s + from, n + (nl != NULL));
		if (dirty(c, s + to, n)) {
			size_t cleaned = clean_line(c, s + to, n, !c->inside);

			if (nl)
				s[to + cleaned] = '\n';
			to += cleaned;
		} else {
			to += n;
		}
		to += nl != NULL;
		n += nl != NULL;
		from += n;
		c->seen -= c->seen < n ? c->seen : n;
		c->inside = !nl;
	}
	*len = to;
	return to;
}
