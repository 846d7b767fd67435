/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files html*.c: the parts of a report's page. */
#ifndef OD_RENDER_HTML_PARTS_H
#define OD_RENDER_HTML_PARTS_H

#include "render/html-writer.h"
#include "render/render.h"

/* Which lines of the input the page shows, so that what rests on one can link to it. */
struct od_html_log {
	uint32_t *records; /* indexes of the report's records that are shown, in their order */
	uint32_t n;
	uint32_t *lines; /* that have an id, ascending: "l260" */
	uint32_t nlines;
	struct od_html_mark *marks; /* ascending by line */
	uint32_t nmarks;
};

void od_html_log_init(struct od_html_log *log, const struct od_report *rep);
void od_html_log_deinit(struct od_html_log *log);
/* A line's number, as a link where the page has the line. */
void od_html_line(struct od_buf *buf, const struct od_html_log *log, uint32_t lineno);
/* The log's lines, and beside each what rests on it. */
void od_html_log(struct od_buf *buf, const struct od_html_log *log, const struct od_report *rep);
void od_html_stack(struct od_buf *buf, const struct od_html_log *log, const struct od_report *rep,
		   uint32_t stack, const struct od_style *style);
/* One field of a <dl>. Nothing if there is no text. An empty name: one more value of the last. */
void od_html_field(struct od_buf *buf, const char *name, const char *text);

#endif
