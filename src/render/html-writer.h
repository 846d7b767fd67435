/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pieces of a page. Whatever comes from a stranger passes here, and can then do nothing: it holds no <,
 * & or quote, and no character that od_escape() does not let through. What is written is well-formed XML
 * too, so tests can hold a parser against it.
 */
#ifndef OD_RENDER_HTML_WRITER_H
#define OD_RENDER_HTML_WRITER_H

#include <stddef.h>

#include "base/buf.h"

/* Text, for elements and for attributes in double quotes. NULL is nothing. */
void od_html_text(struct od_buf *buf, const char *s);
/* The same of text that passed od_escape() already; newlines stay. */
void od_html_escaped(struct od_buf *buf, const char *s, size_t len);
/* Several lines, each of which stays one. */
void od_html_lines(struct od_buf *buf, const char *s);
/* A link if it is one to the web, of printable ASCII without blanks; else its text. */
void od_html_link(struct od_buf *buf, const char *url);

/*
 * The head of a page that needs nothing else, to <body>: no script, no request, and a policy that
 * forbids both. Fits a telephone and paper, light and dark.
 */
void od_html_page_begin(struct od_buf *buf, const char *title);
void od_html_page_end(struct od_buf *buf);

#endif
