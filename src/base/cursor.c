/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "base/cursor.h"

bool od_cur_dec(struct od_cursor *c, uint64_t *ret)
{
	const char *p = c->p;
	uint64_t v = 0;

	while (p < c->end && od_is_digit(*p)) {
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return false;
		p++;
	}
	if (p == c->p)
		return false;
	c->p = p;
	*ret = v;
	return true;
}

static unsigned hex_value(char c)
{
	return od_is_digit(c) ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

bool od_cur_hex(struct od_cursor *c, uint64_t *ret, unsigned *digits_ret)
{
	const char *p = c->p;
	uint64_t v = 0;
	unsigned n = 0;

	while (p < c->end && od_is_hex(*p)) {
		if (++n > 16)
			return false;
		v = v << 4 | hex_value(*p++);
	}
	if (!n)
		return false;
	c->p = p;
	*ret = v;
	if (digits_ret)
		*digits_ret = n;
	return true;
}

bool od_cur_0x(struct od_cursor *c, uint64_t *ret)
{
	struct od_cursor t = *c;

	if (!od_cur_lit(&t, "0x") || !od_cur_hex(&t, ret, NULL))
		return false;
	*c = t;
	return true;
}

const char *od_find(const char *s, size_t len, const char *lit)
{
	return memmem(s, len, lit, strlen(lit));
}

bool od_cur_past(struct od_cursor *c, const char *lit)
{
	const char *p = od_find(c->p, od_cur_left(c), lit);

	if (!p)
		return false;
	c->p = p + strlen(lit);
	return true;
}
