/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "input/prefilter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cursor.h"

enum { MAX_LITERALS = 1024, MAX_LITERAL = 255 };

struct literal {
	char *text;
	uint16_t next; /* 1 + index of the next literal with the same pair, 0: last */
	uint8_t len, at; /* at: where in the literal its pair stands */
	bool word;	 /* starts with a letter: "BUG: " is not in "DEBUG: " */
};

struct od_prefilter {
	uint8_t hit[65536];   /* by pair of bytes: some literal has it */
	uint16_t first[65536]; /* 1 + index of the first literal with that pair */
	struct literal lit[MAX_LITERALS];
	unsigned n;
};

/* How rare a byte is in a kernel log, roughly; the sum for a pair picks the literal's anchor. */
static unsigned rarity(char c)
{
	if (c >= 'a' && c <= 'z')
		return strchr("etaoinsrdlc", c) ? 0 : strchr("jqxzwvk", c) ? 4 : 2;
	if (c >= 'A' && c <= 'Z')
		return 6;
	if (od_is_digit(c) || c == ' ' || c == '0')
		return 0;
	return strchr(".:,-[]=()/_", c) ? 2 : 7;
}

static uint16_t pair_at(const char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void add_literal(struct od_prefilter *pf, const char *text)
{
	size_t len = strlen(text);
	unsigned best = 0, best_at = 0;
	struct literal *lit;
	uint16_t key;

	if (len < 2 || len > MAX_LITERAL || pf->n >= MAX_LITERALS)
		return;
	for (unsigned i = 0; i + 1 < len; i++) {
		unsigned r = rarity(text[i]) + rarity(text[i + 1]);

		if (r > best) {
			best = r;
			best_at = i;
		}
	}
	key = pair_at(text + best_at);
	lit = &pf->lit[pf->n++];
	lit->text = od_strdup(text);
	lit->len = (uint8_t)len;
	lit->at = (uint8_t)best_at;
	lit->word = od_is_alnum(*text);
	lit->next = pf->first[key];
	pf->first[key] = (uint16_t)pf->n;
	pf->hit[key] = 1;
}

struct od_prefilter *od_prefilter_create(const char *const *const *lists, size_t nlists)
{
	struct od_prefilter *pf = od_calloc(1, sizeof(*pf));

	for (size_t i = 0; i < nlists; i++)
		for (const char *const *l = lists[i]; l && *l; l++)
			add_literal(pf, *l);
	return pf;
}

void od_prefilter_destroy(struct od_prefilter *pf)
{
	if (!pf)
		return;
	for (unsigned i = 0; i < pf->n; i++)
		free(pf->lit[i].text);
	free(pf);
}

static const char *verify(const struct od_prefilter *pf, const char *s, const char *end,
			  const char *p)
{
	for (unsigned i = pf->first[pair_at(p)]; i; i = pf->lit[i - 1].next) {
		const struct literal *lit = &pf->lit[i - 1];

		if ((size_t)(p - s) >= lit->at && (size_t)(end - p) >= (size_t)(lit->len - lit->at) &&
		    !memcmp(p - lit->at, lit->text, lit->len) &&
		    (p - lit->at == s || !lit->word || !od_is_alnum(p[-1 - (int)lit->at])))
			return p - lit->at;
	}
	return NULL;
}

const char *od_prefilter_scan(const struct od_prefilter *pf, const char *s, size_t len)
{
	const uint8_t *hit = pf->hit;
	const char *end = s + len, *p = s;

	while (end - p > 9) {
		if (hit[pair_at(p)] | hit[pair_at(p + 1)] | hit[pair_at(p + 2)] |
		    hit[pair_at(p + 3)] | hit[pair_at(p + 4)] | hit[pair_at(p + 5)] |
		    hit[pair_at(p + 6)] | hit[pair_at(p + 7)]) {
			for (unsigned i = 0; i < 8; i++) {
				const char *found;

				if (!hit[pair_at(p + i)])
					continue;
				found = verify(pf, s, end, p + i);
				if (found)
					return found;
			}
		}
		p += 8;
	}
	for (; end - p >= 2; p++) {
		const char *found = hit[pair_at(p)] ? verify(pf, s, end, p) : NULL;

		if (found)
			return found;
	}
	return NULL;
}

size_t od_count_newlines(const char *s, size_t len)
{
	typedef uint8_t vec __attribute__((vector_size(32)));
	const vec newline = (vec){ 0 } + '\n';
	size_t n = 0, i = 0;

	while (len - i >= sizeof(vec)) {
		vec sum = { 0 };

		/* A lane counts to 255 at most before it is summed up. */
		for (unsigned k = 0; k < 255 && len - i >= sizeof(vec); k++, i += sizeof(vec)) {
			vec v;

			memcpy(&v, s + i, sizeof(v));
			sum -= (vec)(v == newline);
		}
		for (unsigned k = 0; k < sizeof(vec); k++)
			n += sum[k];
	}
	for (; i < len; i++)
		n += s[i] == '\n';
	return n;
}
