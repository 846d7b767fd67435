/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A set of literals, all of which are looked for in one pass over a record: each by its rarest three
 * bytes, so that a byte costs one table access whatever the number of literals.
 */
#ifndef OD_TEXT_LITSET_H
#define OD_TEXT_LITSET_H

#include <stddef.h>
#include <stdint.h>

enum { OD_LITSET_MAX = 254, OD_LITSET_BUCKETS = 4096 };

/* Zeroed: empty. */
struct od_litset {
	uint8_t first[OD_LITSET_BUCKETS]; /* 1 + the first literal whose three bytes hash to it */
	uint8_t next[OD_LITSET_MAX];
	uint8_t at[OD_LITSET_MAX]; /* where in the literal they stand */
	uint8_t len[OD_LITSET_MAX];
	const char *lit[OD_LITSET_MAX];
	unsigned n;
};

/*
 * lit: 3 to 255 bytes (any other is never found), not copied. It is given the next number, from 0. At
 * most OD_LITSET_MAX, more are left out.
 */
void od_litset_add(struct od_litset *set, const char *lit);
/*
 * The lowest number, at least from, of a literal that is in [s, s + len); *after: behind the first
 * place where it stands. set->n if none is.
 */
unsigned od_litset_find(const struct od_litset *set, const char *s, size_t len, unsigned from,
			const char **after);

#endif
