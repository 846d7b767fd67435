/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The last gate before a terminal or a file: whatever the engine sends, only printable UTF-8,
 * newline, tab and (if allowed) the colour sequences that we emit get through. The engine has
 * escaped its input already; this holds even when the engine was taken over by it.
 */
#ifndef OD_FRONT_FILTER_H
#define OD_FRONT_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct od_filter {
	bool colour;	  /* let ESC [ digits ; digits m through */
	bool ascii;	  /* the terminal's locale is not UTF-8: see od_filter_add() */
	char pending[16]; /* the start of a sequence that a chunk boundary cut */
	unsigned npending;
};

/*
 * Filter one chunk onto out. Control characters and C1 become \xNN, characters that reorder or
 * hide text \u{NNNN}, bytes that are not UTF-8 U+FFFD. With ascii all that is not ASCII becomes \u{NNNN},
 * the dots of what was cut ~ (as wide as they), U+FFFD ?. Any split of a text into chunks gives the
 * same result, once od_filter_end() was called.
 */
void od_filter_add(struct od_filter *filter, struct od_buf *out, const char *data, size_t len);
/* No more chunks: what is pending was no whole sequence. The filter may be used again. */
void od_filter_end(struct od_filter *filter, struct od_buf *out);

#endif
