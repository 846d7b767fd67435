/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "render/json-writer.h"

#include <string.h>

#include "base/escape.h"

static void newline(struct od_json *w, unsigned depth)
{
	od_buf_addch(w->buf, '\n');
	od_buf_fill(w->buf, ' ', 2 * (size_t)(w->base + depth));
}

/* What stands before a value: comma, line end, key. */
static void lead(struct od_json *w, const char *key)
{
	if (w->depth) {
		bool flat = w->compact || w->level[w->depth - 1].flat;

		if (w->level[w->depth - 1].any)
			od_buf_addstr(w->buf, flat && !w->compact ? ", " : ",");
		if (!flat)
			newline(w, w->depth);
		else if (!w->level[w->depth - 1].any && !w->compact &&
			 w->level[w->depth - 1].close == '}')
			od_buf_addch(w->buf, ' ');
		w->level[w->depth - 1].any = true;
	}
	if (key) {
		od_buf_addch(w->buf, '"');
		w->lossy |= od_escape_plain(w->buf, OD_ESCAPE_JSON, key, strlen(key));
		od_buf_addstr(w->buf, w->compact ? "\":" : "\": ");
	}
}

static void open_level(struct od_json *w, const char *key, char open, char close, bool flat)
{
	lead(w, key);
	od_buf_addch(w->buf, open);
	if (w->depth == OD_JSON_DEPTH)
		return;
	w->level[w->depth].close = close;
	w->level[w->depth].flat = flat || (w->depth && w->level[w->depth - 1].flat);
	w->level[w->depth].any = false;
	w->depth++;
}

void od_json_object(struct od_json *w, const char *key, bool flat)
{
	open_level(w, key, '{', '}', flat);
}

void od_json_array(struct od_json *w, const char *key, bool flat)
{
	open_level(w, key, '[', ']', flat);
}

void od_json_end(struct od_json *w)
{
	if (!w->depth)
		return;
	w->depth--;
	if (w->level[w->depth].any && !w->compact) {
		if (!w->level[w->depth].flat)
			newline(w, w->depth);
		else if (w->level[w->depth].close == '}')
			od_buf_addch(w->buf, ' ');
	}
	od_buf_addch(w->buf, w->level[w->depth].close);
}

void od_json_null(struct od_json *w, const char *key)
{
	lead(w, key);
	od_buf_addstr(w->buf, "null");
}

void od_json_bool(struct od_json *w, const char *key, bool value)
{
	lead(w, key);
	od_buf_addstr(w->buf, value ? "true" : "false");
}

void od_json_str(struct od_json *w, const char *key, const char *value)
{
	if (!value) {
		od_json_null(w, key);
		return;
	}
	lead(w, key);
	od_buf_addch(w->buf, '"');
	w->lossy |= od_escape_str(w->buf, OD_ESCAPE_JSON, value);
	od_buf_addch(w->buf, '"');
}

void od_json_word(struct od_json *w, const char *key, const char *value)
{
	if (!value) {
		od_json_null(w, key);
		return;
	}
	lead(w, key);
	od_buf_addch(w->buf, '"');
	od_escape_plain(w->buf, OD_ESCAPE_JSON, value, strlen(value));
	od_buf_addch(w->buf, '"');
}

void od_json_num(struct od_json *w, const char *key, uint64_t value)
{
	const uint64_t most = (1ull << 53) - 1;

	lead(w, key);
	od_buf_printf(w->buf, "%llu", (unsigned long long)(value > most ? most : value));
}

void od_json_int(struct od_json *w, const char *key, int64_t value)
{
	if (value < 0)
		od_json_null(w, key);
	else
		od_json_num(w, key, (uint64_t)value);
}

void od_json_addr(struct od_json *w, const char *key, uint64_t value)
{
	lead(w, key);
	od_buf_printf(w->buf, "\"0x%llx\"", (unsigned long long)value);
}
