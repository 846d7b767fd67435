/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of a page. Whatever comes from a ticket passes here, and can then do nothing. */
#ifndef OD_TRIAGE_HTML_H
#define OD_TRIAGE_HTML_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Text, for elements and for attributes in double quotes: control, hiding and reordering characters as
 * od_escape() shows them, & < > " ' as entities.
 */
void od_html_text(struct od_buf *buf, const char *s);
/* The same of several lines, each of which stays one. */
void od_html_lines(struct od_buf *buf, const char *s);
/* A link if it is one to the web, else its text. */
void od_html_link(struct od_buf *buf, const char *url);

/* An id for what has that name: the same in every page. */
void od_html_id(struct od_buf *buf, const char *name);

enum { OD_HTML_BARS = 48 };

/* How often at what time, as SVG: bars between first and last, seconds since 1970. */
void od_html_timeline(struct od_buf *buf, const uint32_t counts[OD_HTML_BARS], uint64_t first,
		      uint64_t last);

#endif
