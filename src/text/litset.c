/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text/litset.h"

#include <string.h>

#include "base/cursor.h"

static unsigned hash3(const char *p)
{
	const uint32_t v = (uint32_t)(uint8_t)p[0] | (uint32_t)(uint8_t)p[1] << 8 |
			   (uint32_t)(uint8_t)p[2] << 16;

	return v * 0x9e3779b1u >> 20;
}
_Static_assert(OD_LITSET_BUCKETS == 1 << 12, "the hash has 12 bits");

/* How rare a byte is in a log, roughly. */
static unsigned rarity(char c)
{
	if (c >= 'a' && c <= 'z')
		return strchr("etaoinsrdlc", c) ? 1 : strchr("jqxzwvk", c) ? 4 : 2;
	return od_is_digit(c) || c == ' ' || c == ':' ? 0 : 5;
}

void od_litset_add(struct od_litset *set, const char *lit)
{
	const unsigned i = set->n, len = (unsigned)strlen(lit);
	unsigned best = 0, h;

	if (i >= OD_LITSET_MAX)
		return;
	set->n++;
	if (len < 3 || len > UINT8_MAX)
		return;
	for (unsigned k = 0; k + 3 <= len; k++) {
		unsigned r = rarity(lit[k]) + rarity(lit[k + 1]) + rarity(lit[k + 2]);

		if (r > best) {
			best = r;
			set->at[i] = (uint8_t)k;
		}
	}
	h = hash3(lit + set->at[i]);
	set->lit[i] = lit;
	set->len[i] = (uint8_t)len;
	set->next[i] = set->first[h];
	set->first[h] = (uint8_t)(i + 1);
}

unsigned od_litset_find(const struct od_litset *set, const char *s, size_t len, unsigned from,
			const char **after)
{
	const char *end = s + len;
	unsigned found = set->n;

	for (const char *p = s; end - p >= 3; p++) {
		for (unsigned i = set->first[hash3(p)]; i; i = set->next[i - 1]) {
			const unsigned k = i - 1;
			const char *start = p - set->at[k];

			if (k >= found || k < from || p - s < set->at[k] ||
			    end - start < set->len[k] ||
			    memcmp(start, set->lit[k], set->len[k]) != 0)
				continue;
			found = k;
			*after = start + set->len[k];
		}
	}
	return found;
}
