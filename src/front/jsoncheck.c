/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/jsoncheck.h"

#include <stdint.h>

#include "base/cursor.h"
#include "base/utf8.h"

enum { MAX_DEPTH = 64 };

/* What may come next. */
enum state { VALUE, VALUE_OR_END, KEY, KEY_OR_END, AFTER };

struct check {
	struct od_cursor c;
	uint64_t objects; /* bit d: level d is an object, else an array */
	unsigned depth;
};

static void blanks(struct od_cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r'))
		c->p++;
}

static bool escape(struct od_cursor *c)
{
	if (od_cur_char(c, 'u')) {
		for (int i = 0; i < 4; i++, c->p++)
			if (!od_is_hex(od_cur_peek(c)))
				return false;
		return true;
	}
	if (od_cur_end(c) || *c->p == '\0' || !strchr("\"\\/bfnrt", *c->p))
		return false;
	c->p++;
	return true;
}

static bool string(struct od_cursor *c)
{
	if (!od_cur_char(c, '"'))
		return false;
	while (!od_cur_end(c)) {
		uint32_t cp;
		unsigned n;

		if (od_cur_char(c, '"'))
			return true;
		if (od_cur_char(c, '\\')) {
			if (!escape(c))
				return false;
			continue;
		}
		n = od_utf8_decode(c->p, od_cur_left(c), &cp);
		if (n == 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			return false;
		c->p += n;
	}
	return false;
}

static bool digits(struct od_cursor *c)
{
	if (!od_is_digit(od_cur_peek(c)))
		return false;
	while (od_is_digit(od_cur_peek(c)))
		c->p++;
	return true;
}

static bool number(struct od_cursor *c)
{
	od_cur_char(c, '-');
	if (!od_cur_char(c, '0') && !digits(c))
		return false;
	if (od_cur_char(c, '.') && !digits(c))
		return false;
	if (od_cur_char(c, 'e') || od_cur_char(c, 'E')) {
		if (!od_cur_char(c, '+'))
			od_cur_char(c, '-');
		return digits(c);
	}
	return true;
}

static bool scalar(struct od_cursor *c)
{
	char ch = od_cur_peek(c);

	if (ch == '"')
		return string(c);
	if (ch == '-' || od_is_digit(ch))
		return number(c);
	return od_cur_lit(c, "true") || od_cur_lit(c, "false") || od_cur_lit(c, "null");
}

static bool push(struct check *k, bool object)
{
	if (k->depth == MAX_DEPTH)
		return false;
	k->objects &= ~(UINT64_C(1) << k->depth);
	k->objects |= (uint64_t)object << k->depth;
	k->depth++;
	return true;
}

static bool in_object(const struct check *k)
{
	return k->objects >> (k->depth - 1) & 1;
}

/* A value, or the end of the array it would stand in. */
static bool value(struct check *k, enum state *state)
{
	if (*state == VALUE_OR_END && od_cur_char(&k->c, ']')) {
		k->depth--;
		*state = AFTER;
		return true;
	}
	if (od_cur_char(&k->c, '{')) {
		*state = KEY_OR_END;
		return push(k, true);
	}
	if (od_cur_char(&k->c, '[')) {
		*state = VALUE_OR_END;
		return push(k, false);
	}
	*state = AFTER;
	return scalar(&k->c);
}

static bool key(struct check *k, enum state *state)
{
	if (*state == KEY_OR_END && od_cur_char(&k->c, '}')) {
		k->depth--;
		*state = AFTER;
		return true;
	}
	if (!string(&k->c))
		return false;
	blanks(&k->c);
	*state = VALUE;
	return od_cur_char(&k->c, ':');
}

static bool after(struct check *k, enum state *state)
{
	if (od_cur_char(&k->c, ',')) {
		*state = in_object(k) ? KEY : VALUE;
		return true;
	}
	if (!od_cur_char(&k->c, in_object(k) ? '}' : ']'))
		return false;
	k->depth--;
	return true;
}

bool od_json_check(const char *s, size_t len)
{
	struct check k = { .c = od_cursor_init(s, len) };
	enum state state = VALUE;

	blanks(&k.c);
	if (od_cur_peek(&k.c) != '{')
		return false;
	do {
		bool ok;

		blanks(&k.c);
		if (state == VALUE || state == VALUE_OR_END)
			ok = value(&k, &state);
		else if (state == KEY || state == KEY_OR_END)
			ok = key(&k, &state);
		else
			ok = after(&k, &state);
		if (!ok)
			return false;
	} while (k.depth > 0);
	blanks(&k.c);
	return od_cur_end(&k.c);
}
