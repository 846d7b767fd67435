/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/escape.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

/*
 * Characters that make text look like other text: those that reorder it, and those of which nothing is seen
 * (Default_Ignorable_Code_Point of Unicode 15.1; but the variation selectors that colour emoji).
 */
static bool deceptive(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0xad, 0xad },	      { 0x34f, 0x34f },	    { 0x61c, 0x61c },	  { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 },   { 0x180b, 0x180f },   { 0x200b, 0x200f },	  { 0x2028, 0x202e },
		{ 0x2060, 0x206f },   { 0x3164, 0x3164 },   { 0xfeff, 0xfeff },	  { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb },   { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges) && cp >= ranges[i].first; i++)
		if (cp <= ranges[i].last)
			return true;
	return false;
}

static void control_json(struct od_buf *buf, uint32_t cp)
{
	switch (cp) {
	case '\n':
		od_buf_addstr(buf, "\\n");
		break;
	case '\t':
		od_buf_addstr(buf, "\\t");
		break;
	case '\r':
		od_buf_addstr(buf, "\\r");
		break;
	default:
		od_buf_printf(buf, "\\u%04x", (unsigned)cp);
	}
}

/* Those above U+FFFF take two units (RFC 8259, 7). */
static void deceptive_json(struct od_buf *buf, uint32_t cp)
{
	if (cp <= 0xffff)
		od_buf_printf(buf, "\\u%04x", (unsigned)cp);
	else
		od_buf_printf(buf, "\\u%04x\\u%04x", 0xd800 + (unsigned)((cp - 0x10000) >> 10),
			      0xdc00 + (unsigned)(cp & 0x3ff));
}

static void control_text(struct od_buf *buf, enum od_escape how, uint32_t cp)
{
	if (cp == '\t' && how == OD_ESCAPE_TEXT)
		od_buf_addch(buf, '\t');
	else if (cp == '\t')
		od_buf_addstr(buf, "\\t");
	else if (cp == '\n')
		od_buf_addstr(buf, "\\n");
	else
		od_buf_printf(buf, "\\x%02x", (unsigned)cp);
}

/* Longest run of plain ASCII that needs no thought. */
static size_t plain_run(const char *s, size_t len, bool json)
{
	size_t i = 0;

	while (i < len && s[i] >= 0x20 && s[i] < 0x7f && !(json && (s[i] == '"' || s[i] == '\\')))
		i++;
	return i;
}

bool od_escape_plain(struct od_buf *buf, enum od_escape how, const char *s, size_t len)
{
	const bool json = how == OD_ESCAPE_JSON;
	bool lossy = false;

	while (len) {
		size_t run = plain_run(s, len, json);
		uint32_t cp;
		unsigned n;

		if (run) {
			od_buf_add(buf, s, run);
			s += run;
			len -= run;
			continue;
		}
		n = od_utf8_decode(s, len, &cp);
		if (!n) {
			lossy = true;
			if (json)
				od_buf_addstr(buf, "\xef\xbf\xbd");
			else
				od_buf_printf(buf, "\\x%02x", (unsigned)(unsigned char)*s);
			n = 1;
		} else if (json && (cp == '"' || cp == '\\')) {
			od_buf_addch(buf, '\\');
			od_buf_addch(buf, (char)cp);
		} else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) {
			if (json)
				control_json(buf, cp);
			else
				control_text(buf, how, cp);
		} else if (deceptive(cp)) {
			if (json)
				deceptive_json(buf, cp);
			else
				od_buf_printf(buf, "\\u{%x}", (unsigned)cp);
		} else {
			od_buf_add(buf, s, n);
		}
		s += n;
		len -= n;
	}
	return lossy;
}

static od_escape_filter_fn *filter;
static void *filter_ctx;

void od_escape_filter(od_escape_filter_fn *fn, void *ctx)
{
	filter = fn;
	filter_ctx = ctx;
}

bool od_escape(struct od_buf *buf, enum od_escape how, const char *s, size_t len)
{
	if (filter && len)
		s = filter(filter_ctx, s, &len);
	return od_escape_plain(buf, how, s, len);
}

bool od_escape_str(struct od_buf *buf, enum od_escape how, const char *s)
{
	return s ? od_escape(buf, how, s, strlen(s)) : false;
}

/* Does a spreadsheet compute what begins so? In Japan also by the wide forms. */
static bool is_formula(const char *s)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0" };

	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++)
		if (!strncmp(s, wide[i], 3))
			return true;
	return strchr("=+-@", *s) && s[1];
}

void od_escape_cell(struct od_buf *buf, const char *s)
{
	if (!s || !*s)
		s = "-";
	if (is_formula(s))
		od_buf_addch(buf, '\'');
	od_escape_str(buf, OD_ESCAPE_CELL, s);
}
