/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of the page of a queue; what makes text harmless is render/html-writer.h. */
#ifndef OD_TRIAGE_HTML_H
#define OD_TRIAGE_HTML_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "render/html-writer.h"

/* An id for what has that name, the same in every page. kind: 't' of a ticket, 's' of a signature. */
void od_html_id(struct od_buf *buf, char kind, const char *name);

enum { OD_HTML_BARS = 48 };

/* How often at what time, as SVG: bars between first and last, seconds since 1970. */
void od_html_timeline(struct od_buf *buf, const uint32_t counts[OD_HTML_BARS], uint64_t first,
		      uint64_t last);

#endif
