/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/webpage.h"

#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "front/htmlcheck.h"
#include "render/html-writer.h"

/* The beginning, if it is not there yet. */
static void begin(struct od_front *front, struct od_buf *buf)
{
	const char *name = od_front_current(front)->name;
	struct od_buf title = OD_BUF_INIT;

	if (front->doc.in_page)
		return;
	front->doc.in_page = true;
	od_buf_addstr(&title, "Crashes");
	if (front->ninputs == 1 && name && strcmp(name, "-") != 0)
		od_buf_printf(&title, " in %s", name);
	od_html_page_begin(buf, od_buf_str(&title));
	od_buf_addstr(buf, "<main>\n<h1>");
	od_html_text(buf, od_buf_str(&title));
	od_buf_addstr(buf, "</h1>\n");
	od_buf_deinit(&title);
}

static void flush(struct od_buf *buf)
{
	od_write_stdout(od_buf_str(buf), buf->len);
	od_buf_deinit(buf);
}

bool od_page_piece(struct od_front *front, const char *piece, size_t len)
{
	struct od_buf buf = OD_BUF_INIT;
	char prefix[24];
	bool good;

	snprintf(prefix, sizeof(prefix), "p%u-", front->doc.pieces);
	begin(front, &buf);
	good = od_html_admit(&buf, piece, len, prefix);
	front->doc.pieces += good;
	flush(&buf);
	return good;
}

void od_page_command(struct od_front *front, const char *command, size_t command_len,
		     const char *output, size_t len)
{
	struct od_filter filter = { .colour = false };
	struct od_buf buf = OD_BUF_INIT, text = OD_BUF_INIT;

	begin(front, &buf);
	od_escape(&text, OD_ESCAPE_TEXT, command, command_len);
	od_buf_addstr(&buf, "<section>\n<h2><code>");
	od_html_escaped(&buf, od_buf_str(&text), text.len);
	od_buf_addstr(&buf, "</code></h2>\n<pre>");
	od_buf_reset(&text);
	od_filter_add(&filter, &text, output, len);
	od_filter_end(&filter, &text);
	od_html_escaped(&buf, od_buf_str(&text), text.len);
	od_buf_addstr(&buf, "</pre>\n</section>\n");
	od_buf_deinit(&text);
	flush(&buf);
}

void od_page_lost(struct od_front *front, const char *name, const char *why)
{
	struct od_buf buf = OD_BUF_INIT;

	begin(front, &buf);
	od_buf_addstr(&buf, "<section>\n<h2>");
	od_html_text(&buf, strcmp(name, "-") != 0 ? name : "standard input");
	od_buf_addstr(&buf, "</h2>\n<p class=\"strong\">");
	od_html_text(&buf, why);
	od_buf_addstr(&buf, "</p>\n</section>\n");
	flush(&buf);
}

void od_page_finish(struct od_front *front)
{
	struct od_buf buf = OD_BUF_INIT;

	begin(front, &buf);
	od_buf_addstr(&buf, "</main>\n");
	od_html_page_end(&buf);
	flush(&buf);
}
