/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bounded cursor over text. Every reader moves the cursor only when it succeeds, so a rule can
 * try one reading after another from the same place. The text need not be NUL-terminated.
 */
#ifndef OD_BASE_CURSOR_H
#define OD_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct od_cursor {
	const char *p;
	const char *end; /* exclusive */
};

static inline struct od_cursor od_cursor_init(const char *s, size_t len)
{
	return (struct od_cursor){ s, s + len };
}

static inline size_t od_cur_left(const struct od_cursor *c)
{
	return (size_t)(c->end - c->p);
}

static inline bool od_cur_end(const struct od_cursor *c)
{
	return c->p >= c->end;
}

/* The byte under the cursor, '\0' at the end. */
static inline char od_cur_peek(const struct od_cursor *c)
{
	return c->p < c->end ? *c->p : '\0';
}

static inline bool od_cur_char(struct od_cursor *c, char ch)
{
	if (c->p < c->end && *c->p == ch) {
		c->p++;
		return true;
	}
	return false;
}

static inline bool od_cur_lit_n(struct od_cursor *c, const char *lit, size_t n)
{
	if (od_cur_left(c) < n || memcmp(c->p, lit, n) != 0)
		return false;
	c->p += n;
	return true;
}

static inline bool od_cur_lit(struct od_cursor *c, const char *lit)
{
	return od_cur_lit_n(c, lit, strlen(lit));
}

/* Skip blanks and tabs; the number skipped. */
static inline size_t od_cur_blanks(struct od_cursor *c)
{
	const char *start = c->p;

	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
	return (size_t)(c->p - start);
}

/* 1 to 20 decimal digits, refused on overflow. */
bool od_cur_dec(struct od_cursor *c, uint64_t *ret);
/* 1 to 16 hex digits without 0x. digits_ret may be NULL. */
bool od_cur_hex(struct od_cursor *c, uint64_t *ret, unsigned *digits_ret);
/* 0x and 1 to 16 hex digits. */
bool od_cur_0x(struct od_cursor *c, uint64_t *ret);
/* Skip to the first occurrence of lit and past it; the cursor stays if there is none. */
bool od_cur_past(struct od_cursor *c, const char *lit);
/* First occurrence of lit in [s, s+len), or NULL. */
const char *od_find(const char *s, size_t len, const char *lit);

static inline bool od_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool od_is_hex(char c)
{
	return od_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static inline bool od_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool od_is_alnum(char c)
{
	return od_is_alpha(c) || od_is_digit(c);
}

static inline bool od_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool od_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

#endif
