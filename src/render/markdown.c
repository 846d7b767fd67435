/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "render/markdown.h"

#include "base/escape.h"

/* The longest row of backticks: what encloses the text has a longer one. */
static size_t longest_row(const char *s, size_t len)
{
	size_t row = 0, longest = 0;

	for (size_t i = 0; i < len; i++) {
		row = s[i] == '`' ? row + 1 : 0;
		longest = row > longest ? row : longest;
	}
	return longest;
}

void od_markdown_code(struct od_buf *buf, const char *s, size_t len)
{
	struct od_buf text = OD_BUF_INIT;
	const char *pad;
	size_t row;

	od_escape(&text, OD_ESCAPE_CELL, s, len);
	if (!text.len)
		od_buf_addch(&text, ' ');
	row = longest_row(text.data, text.len);
	pad = row ? " " : "";
	od_buf_fill(buf, '`', row + 1);
	od_buf_addstr(buf, pad);
	od_buf_add(buf, text.data, text.len);
	od_buf_addstr(buf, pad);
	od_buf_fill(buf, '`', row + 1);
	od_buf_deinit(&text);
}

void od_markdown_block(struct od_buf *buf, const char *text, size_t len)
{
	const size_t row = longest_row(text, len), fence = row < 3 ? 3 : row + 1;

	od_buf_fill(buf, '`', fence);
	od_buf_addstr(buf, "text\n");
	od_buf_add(buf, text, len);
	if (len && text[len - 1] != '\n')
		od_buf_addch(buf, '\n');
	od_buf_fill(buf, '`', fence);
	od_buf_addch(buf, '\n');
}
