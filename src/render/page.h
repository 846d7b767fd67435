/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting words on a page of a given width; every text that is handed in is escaped here. */
#ifndef OD_RENDER_PAGE_H
#define OD_RENDER_PAGE_H

#include "render/render.h"

enum od_look { OD_LOOK_PLAIN, OD_LOOK_BOLD, OD_LOOK_DIM, OD_LOOK_RED, OD_LOOK_YELLOW, OD_LOOK_CYAN };

/* Escaped, and in colour where the style has it. */
void od_page_put(struct od_buf *buf, const struct od_style *style, enum od_look look, const char *text);
/* A blank line, and a heading on a line of its own. */
void od_page_heading(struct od_buf *buf, const struct od_style *style, const char *text);
/* As od_page_wrap() at the start of a line, in bold. */
void od_page_bold(struct od_buf *buf, const struct od_style *style, unsigned indent,
		  const char *text);
/*
 * Words folded to the width. The current line already has `used` columns; lines after the first
 * are indented by `indent` columns. Ends with a newline. A word longer than the width stands alone.
 */
void od_page_wrap(struct od_buf *buf, const struct od_style *style, unsigned used, unsigned indent,
		  const char *text);
/* "  Kernel      text", folded under the text. Nothing if text is NULL or empty. In html: of a <dl>. */
void od_page_field(struct od_buf *buf, const struct od_style *style, const char *name,
		   const char *text);
/* Columns of escaped text on a terminal. */
unsigned od_page_width(const char *s, size_t len);
/*
 * Cut escaped text in buf, which holds nothing else, to at most `room` columns, at least 1; what is
 * cut off is marked by an ellipsis. True if something was.
 */
bool od_page_cut(struct od_buf *buf, unsigned room);

#endif
