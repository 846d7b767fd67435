/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one way from bytes of the input to any sink. A terminal must not be owned by a log, a JSON
 * document must stay a JSON document.
 */
#ifndef OD_BASE_ESCAPE_H
#define OD_BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum od_escape {
	/*
	 * For people: printable UTF-8 and tab stay; C0, DEL, C1, bytes that are not UTF-8 become
	 * \xNN; characters that reorder or hide text (bidi controls, zero-width, fillers, tags,
	 * U+FEFF, line and paragraph separators) become \u{NNNN}. A newline becomes \n: one value, one line.
	 */
	OD_ESCAPE_TEXT,
	/* The inside of a JSON string. Bytes that are not UTF-8 become U+FFFD. */
	OD_ESCAPE_JSON,
	/* One cell of a tab separated line: as TEXT, and tab becomes \t. */
	OD_ESCAPE_CELL,
};

/* True if a byte was not valid UTF-8 and had to be replaced. */
bool od_escape(struct od_buf *buf, enum od_escape how, const char *s, size_t len);
/* A C string; NULL is written as nothing. */
bool od_escape_str(struct od_buf *buf, enum od_escape how, const char *s);
/*
 * A whole cell of a line; "-" if there is nothing. A spreadsheet computes what begins with = + - or @, and
 * may ask the network for what stands there: it gets an apostrophe, which makes it text.
 */
void od_escape_cell(struct od_buf *buf, const char *s);
/* As od_escape() for words of our own: no filter sees them. */
bool od_escape_plain(struct od_buf *buf, enum od_escape how, const char *s, size_t len);

/* The text that is escaped instead of *len bytes at s: valid until the next call. Must not escape. */
typedef const char *od_escape_filter_fn(void *ctx, const char *s, size_t *len);
/* One for the process: what od_escape() is given passes fn before. NULL: none. */
void od_escape_filter(od_escape_filter_fn *fn, void *ctx);

#endif
