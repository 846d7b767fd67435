/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is this text a piece of a page as render/html.c writes them? The program puts what an engine sends into
 * a page that must stay one, and that must do nothing, whatever became of the engine: so it admits no tag,
 * attribute or value that is not in a table of its own. Nothing in that table asks the network for
 * anything by itself, runs, or has a style.
 */
#ifndef OD_FRONT_HTMLCHECK_H
#define OD_FRONT_HTMLCHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Append s to page if it is balanced, nested at most 32 deep, of known elements and attributes, its text
 * valid UTF-8 that od_escape() would leave as it is. Each id, and each link to one, gets the prefix, so
 * that pieces do not meet; the prefix is the caller's own word. False: nothing was appended.
 */
bool od_html_admit(struct od_buf *page, const char *s, size_t len, const char *prefix);

#endif
