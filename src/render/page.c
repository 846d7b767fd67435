/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "render/page.h"

#include <string.h>

#include "base/escape.h"
#include "base/utf8.h"
#include "render/html-parts.h"

static const char *const looks[] = { "", "\033[1m", "\033[2m", "\033[1;31m", "\033[33m", "\033[36m" };

unsigned od_page_width(const char *s, size_t len)
{
	unsigned width = 0;

	for (size_t i = 0; i < len;) {
		uint32_t cp = 0;
		unsigned n = od_utf8_decode(s + i, len - i, &cp);

		width += n ? od_utf8_width(cp) : 1;
		i += n ? n : 1;
	}
	return width;
}

bool od_page_cut(struct od_buf *buf, unsigned room)
{
	unsigned width = 0;
	size_t i = 0;

	if (od_page_width(od_buf_str(buf), buf->len) <= room)
		return false;
	while (i < buf->len) {
		uint32_t cp = 0;
		unsigned n = od_utf8_decode(buf->data + i, buf->len - i, &cp);

		width += n ? od_utf8_width(cp) : 1;
		if (width + 1 > room)
			break;
		i += n ? n : 1;
	}
	buf->len = i;
	od_buf_addstr(buf, "…");
	return true;
}

void od_page_put(struct od_buf *buf, const struct od_style *style, enum od_look look, const char *text)
{
	bool colour = style->colour && look != OD_LOOK_PLAIN;

	if (colour)
		od_buf_addstr(buf, looks[look]);
	od_escape_str(buf, OD_ESCAPE_TEXT, text);
	if (colour)
		od_buf_addstr(buf, "\033[0m");
}

void od_page_heading(struct od_buf *buf, const struct od_style *style, const char *text)
{
	od_buf_addch(buf, '\n');
	od_page_bold(buf, style, 2, text);
}

void od_page_wrap(struct od_buf *buf, const struct od_style *style, unsigned used, unsigned indent,
		  const char *text)
{
	struct od_buf clean = OD_BUF_INIT;
	const char *p, *end;
	bool first = true;

	od_escape_str(&clean, OD_ESCAPE_TEXT, text);
	p = od_buf_str(&clean);
	end = p + clean.len;
	while (p < end) {
		const char *word;
		unsigned width;

		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		word = p;
		while (p < end && *p != ' ' && *p != '\t')
			p++;
		if (p == word)
			break;
		width = od_page_width(word, (size_t)(p - word));
		if (!first && used + 1 + width > style->width) {
			od_buf_addch(buf, '\n');
			od_buf_fill(buf, ' ', indent);
			used = indent;
		} else if (!first) {
			od_buf_addch(buf, ' ');
			used++;
		}
		od_buf_add(buf, word, (size_t)(p - word));
		used += width;
		first = false;
	}
	od_buf_addch(buf, '\n');
	od_buf_deinit(&clean);
}

void od_page_bold(struct od_buf *buf, const struct od_style *style, unsigned indent,
		  const char *text)
{
	if (!style->colour) {
		od_page_wrap(buf, style, 0, indent, text);
		return;
	}
	od_buf_addstr(buf, looks[OD_LOOK_BOLD]);
	od_page_wrap(buf, style, 0, indent, text);
	buf->len--; /* colours end before the newline */
	od_buf_addstr(buf, "\033[0m\n");
}

void od_page_field(struct od_buf *buf, const struct od_style *style, const char *name,
		   const char *text)
{
	enum { INDENT = 14 };
	size_t len = strlen(name);

	if (style->format == OD_FORMAT_HTML) {
		od_html_field(buf, name, text);
		return;
	}
	if (!text || !*text)
		return;
	od_buf_addstr(buf, "  ");
	od_page_put(buf, style, OD_LOOK_DIM, name);
	od_buf_fill(buf, ' ', len + 2 < INDENT ? INDENT - 2 - len : 1);
	od_page_wrap(buf, style, INDENT, INDENT, text);
}
