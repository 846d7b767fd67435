/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words of an input in Markdown: all of them stand in code, where nothing acts (CommonMark 0.31, 4.5 and 6.1).
 */
#ifndef OD_RENDER_MARKDOWN_H
#define OD_RENDER_MARKDOWN_H

#include <stddef.h>

#include "base/buf.h"

/* Within a line: len bytes at s, escaped. */
void od_markdown_code(struct od_buf *buf, const char *s, size_t len);
/*
 * Lines of text as they are, which must have been escaped; at the beginning of a line. A fence ends whatever list
 * or paragraph stands before it. By four blanks it would not be done: behind a list they make a paragraph of it.
 */
void od_markdown_block(struct od_buf *buf, const char *text, size_t len);

#endif
