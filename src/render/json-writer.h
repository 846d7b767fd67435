/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A streaming JSON writer: keys in the order of the calls, indented or on one line. */
#ifndef OD_RENDER_JSON_WRITER_H
#define OD_RENDER_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum { OD_JSON_DEPTH = 16 };

struct od_json {
	struct od_buf *buf;
	bool compact;		     /* everything on one line */
	bool lossy;		     /* some byte was no UTF-8 and was replaced */
	unsigned base;		     /* levels of indentation around the whole */
	unsigned depth;
	struct {
		char close;	     /* ']' or '}' */
		bool flat;	     /* its elements stand on one line */
		bool any;	     /* has an element already */
	} level[OD_JSON_DEPTH];
};

/* key NULL: an element of an array, or the whole. flat: on one line even when indented. */
void od_json_object(struct od_json *w, const char *key, bool flat);
void od_json_array(struct od_json *w, const char *key, bool flat);
void od_json_end(struct od_json *w);

void od_json_null(struct od_json *w, const char *key);
void od_json_bool(struct od_json *w, const char *key, bool value);
/* NULL is written as null. */
void od_json_str(struct od_json *w, const char *key, const char *value);
/* A word of our own, as the name of a kind; what is private is not looked for in it. */
void od_json_word(struct od_json *w, const char *key, const char *value);
/* A JSON number is exact below 2^53 only: larger values are clamped to 2^53 - 1. */
void od_json_num(struct od_json *w, const char *key, uint64_t value);
/* A number, or null if it is negative: for values that use -1 as unknown. */
void od_json_int(struct od_json *w, const char *key, int64_t value);
/* "0x..." without leading zeros. */
void od_json_addr(struct od_json *w, const char *key, uint64_t value);

#endif
