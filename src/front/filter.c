/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/filter.h"

#include <stdint.h>
#include <string.h>

#include "base/cursor.h"
#include "base/escape.h"
#include "base/utf8.h"

/*
 * Length of a colour sequence at s: ESC [ (digit | ;)* m, at most as long as pending holds.
 * 0: not one. -1: cannot be told yet.
 */
static int colour_len(const char *s, size_t len)
{
	for (size_t i = 0; i < len && i < sizeof(((struct od_filter *)0)->pending); i++) {
		if (i == 0 ? s[i] == '\033' : i == 1 ? s[i] == '[' : od_is_digit(s[i]) || s[i] == ';')
			continue;
		return i >= 2 && s[i] == 'm' ? (int)i + 1 : 0;
	}
	return len >= sizeof(((struct od_filter *)0)->pending) ? 0 : -1;
}

/* Could len bytes at s, which are no code point, become one with more bytes? */
static bool utf8_prefix(const char *s, size_t len)
{
	unsigned char lead = (unsigned char)s[0];
	char full[4];
	uint32_t cp;
	size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;

	if (len >= need)
		return false;
	/*
	 * The first continuation byte alone decides about overlong forms and surrogates, so trying
	 * both ends of the range for the missing bytes is enough.
	 */
	for (unsigned fill = 0x80; fill <= 0xbf; fill += 0x3f) {
		memset(full, (int)fill, sizeof(full));
		memcpy(full, s, len);
		if (od_utf8_decode(full, need, &cp) == need)
			return true;
	}
	return false;
}

static size_t plain_run(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && ((s[i] >= 0x20 && s[i] < 0x7f) || s[i] == '\n' || s[i] == '\t'))
		i++;
	return i;
}

static void put_ascii(struct od_buf *out, uint32_t cp)
{
	if (cp == 0x2026)
		od_buf_addch(out, '~');
	else if (cp == 0xfffd)
		od_buf_addch(out, '?');
	else
		od_buf_printf(out, "\\u{%x}", cp);
}

/*
 * Write the first unit of s that is not plain. The bytes it took; 0 if it may go on in the next
 * chunk (never when last).
 */
static size_t one_unit(const struct od_filter *filter, struct od_buf *out, const char *s, size_t len,
		       bool last)
{
	uint32_t cp;
	unsigned n;

	if (*s == '\033' && filter->colour) {
		int seq = colour_len(s, len);

		if (seq < 0 && !last)
			return 0;
		if (seq > 0) {
			od_buf_add(out, s, (size_t)seq);
			return (size_t)seq;
		}
	}
	n = od_utf8_decode(s, len, &cp);
	if (n > 1 && filter->ascii && cp >= 0xa0) {
		put_ascii(out, cp);
		return n;
	}
	if (n > 0) {
		od_escape(out, OD_ESCAPE_TEXT, s, n);
		return n;
	}
	if (!last && utf8_prefix(s, len))
		return 0;
	od_buf_addstr(out, filter->ascii ? "?" : "\xef\xbf\xbd");
	return 1;
}

/* The bytes done; fewer than len only if the rest is the start of a sequence. */
static size_t filter_text(const struct od_filter *filter, struct od_buf *out, const char *s,
			  size_t len, bool last)
{
	size_t i = 0;

	while (i < len) {
		size_t n = plain_run(s + i, len - i);

		od_buf_add(out, s + i, n);
		i += n;
		if (i == len)
			break;
		n = one_unit(filter, out, s + i, len - i, last);
		if (n == 0)
			break;
		i += n;
	}
	return i;
}

static void take_pending(struct od_filter *filter, size_t n)
{
	filter->npending -= (unsigned)n;
	memmove(filter->pending, filter->pending + n, filter->npending);
}

void od_filter_add(struct od_filter *filter, struct od_buf *out, const char *data, size_t len)
{
	size_t n;

	/* One byte at a time until the cut sequence is decided: it is at most 16 bytes long. */
	while (filter->npending > 0 && len > 0) {
		filter->pending[filter->npending++] = *data++;
		len--;
		take_pending(filter, filter_text(filter, out, filter->pending, filter->npending,
						 false));
	}
	n = filter_text(filter, out, data, len, false);
	memcpy(filter->pending, data + n, len - n);
	filter->npending += (unsigned)(len - n);
}

void od_filter_end(struct od_filter *filter, struct od_buf *out)
{
	filter_text(filter, out, filter->pending, filter->npending, true);
	filter->npending = 0;
}
