/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole names in one hash, patterns by their first three bytes in another; the few that begin with
 * '*' or have a shorter head in a list of their own.
 */
#include "analyze/patterns.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

enum { BUCKETS = 4096, MAX_PATTERNS = 8192, HEAD = 3 };

struct pattern {
	char *text;
	uint8_t len, head; /* head: bytes before the '*'; len: no '*' */
	uint16_t scope, next;
	uint32_t value;
};

struct od_patterns {
	struct pattern all[MAX_PATTERNS];
	uint16_t n;
	uint16_t exact[BUCKETS], wild[BUCKETS]; /* 1 + index */
	uint16_t loose;
};

struct od_patterns *od_patterns_create(void)
{
	return od_calloc(1, sizeof(struct od_patterns));
}

static unsigned hash(unsigned scope, const char *s, size_t len)
{
	uint32_t h = 2166136261u + scope;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return (h ^ h >> 15) % BUCKETS;
}

bool od_patterns_add(struct od_patterns *p, unsigned scope, unsigned value, const char *s, size_t len)
{
	const char *star = memchr(s, '*', len);
	size_t head = star ? (size_t)(star - s) : len;
	struct pattern *new;
	uint16_t *at;

	if (p->n == MAX_PATTERNS - 1 || !len || len > 255 || !value)
		return false;
	new = &p->all[p->n];
	new->text = od_calloc(1, len + 1);
	memcpy(new->text, s, len);
	new->len = (uint8_t)len;
	new->head = (uint8_t)head;
	new->scope = (uint16_t)scope;
	new->value = value;
	at = !star	    ? &p->exact[hash(scope, s, len)] :
	     head >= HEAD ? &p->wild[hash(scope, s, HEAD)] :
			    &p->loose;
	new->next = *at;
	*at = ++p->n;
	return true;
}

/* Each '*' stands for any text; going back to the last one is enough. */
static bool fits(const char *pattern, const char *s)
{
	const char *star = NULL, *from = NULL;

	while (*s) {
		if (*pattern == '*') {
			star = pattern++;
			from = s;
		} else if (*pattern == *s) {
			pattern++;
			s++;
		} else if (star) {
			pattern = star + 1;
			s = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static unsigned find_wild(const struct od_patterns *p, uint16_t i, unsigned scope, const char *name,
			  size_t len, bool loose)
{
	for (; i; i = p->all[i - 1].next) {
		const struct pattern *t = &p->all[i - 1];

		if (t->scope == scope && (loose || t->head) && len >= t->head && !memcmp(t->text, name, t->head) &&
		    fits(t->text + t->head, name + t->head))
			return t->value;
	}
	return 0;
}

unsigned od_patterns_find(const struct od_patterns *p, unsigned scope, const char *name, bool loose)
{
	size_t len = strlen(name);
	unsigned value;

	for (uint16_t i = p->exact[hash(scope, name, len)]; i; i = p->all[i - 1].next) {
		const struct pattern *t = &p->all[i - 1];

		if (t->scope == scope && t->len == len && !memcmp(t->text, name, len))
			return t->value;
	}
	value = len >= HEAD ? find_wild(p, p->wild[hash(scope, name, HEAD)], scope, name, len, loose) : 0;
	return value ? value : find_wild(p, p->loose, scope, name, len, loose);
}
