/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which bytes of a literal are looked for, and which literals share a bucket: the fewest false
 * hits. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "input/prefilter-internal.h"

/* How often a byte stands in a kernel log, of 2048: from logs of several machines and crashes. */
static const uint8_t often[96] = {
	255, 1,	 4,  2,	 1,  2,	 1,  2,	 9,  9,	  1,  8,  8,  22, 38, 16, 135, 71, 45, 34,
	37,  44, 37, 29, 33, 29, 52, 2,	 3,  14,  3,  1,  2,  10, 7,  12, 9,   12, 8,  5,
	6,   14, 2,  5,	 9,  9,	 11, 9,	 13, 2,	  13, 16, 14, 7,  4,  3,  3,   3,  1,  29,
	1,   29, 1,  30, 1,  78, 30, 50, 54, 110, 52, 26, 22, 82, 3,  20, 54,  44, 76, 68,
	37,  3,	 76, 73, 93, 40, 16, 12, 23, 20,  4,  1,  1,  1,  1,  1,
};

static float share(unsigned char c)
{
	if (c == '\n')
		return 26.0f / 2048;
	return (float)(c >= 0x20 && c < 0x80 ? often[c - 0x20] : 1) / 2048;
}

unsigned od_window_place(const char *text, unsigned len, unsigned *window_len)
{
	const unsigned n = len < OD_WINDOW ? len : OD_WINDOW;
	unsigned best_at = 0;
	float best = 2;

	for (unsigned at = 0; at + n <= len; at++) {
		float cost = 1;

		/* The pair at its start is all that the portable scan has. */
		for (unsigned k = 0; k < n; k++)
			cost *= share((unsigned char)text[at + k]);
		cost *= share((unsigned char)text[at]) * share((unsigned char)text[at + 1]);
		if (cost < best) {
			best = cost;
			best_at = at;
		}
	}
	*window_len = n;
	return best_at;
}

struct bucket {
	uint16_t lo[OD_WINDOW], hi[OD_WINDOW]; /* the nibbles that fit */
	float cost;			       /* of all places of a log, the share that fits */
};

static float sum[16][16]; /* by high nibble and low: share() */

static float cost_of(const struct bucket *b)
{
	float cost = 1;

	for (unsigned k = 0; k < OD_WINDOW; k++) {
		float here = 0;

		if (b->lo[k] == UINT16_MAX && b->hi[k] == UINT16_MAX)
			continue;
		for (unsigned hi = b->hi[k]; hi; hi &= hi - 1)
			for (unsigned lo = b->lo[k]; lo; lo &= lo - 1)
				here += sum[__builtin_ctz(hi)][__builtin_ctz(lo)];
		cost *= here;
	}
	return cost;
}

/* The bucket of one window alone. */
static struct bucket single(const struct od_literal *lit)
{
	struct bucket b;
	unsigned char window[OD_WINDOW], mask[OD_WINDOW];

	memcpy(window, &lit->window, sizeof(window));
	memcpy(mask, &lit->mask, sizeof(mask));
	for (unsigned k = 0; k < OD_WINDOW; k++) {
		b.lo[k] = mask[k] ? (uint16_t)(1u << (window[k] & 15)) : UINT16_MAX;
		b.hi[k] = mask[k] ? (uint16_t)(1u << (window[k] >> 4)) : UINT16_MAX;
	}
	b.cost = cost_of(&b);
	return b;
}

static struct bucket both(const struct bucket *a, const struct bucket *b)
{
	struct bucket ret;

	for (unsigned k = 0; k < OD_WINDOW; k++) {
		ret.lo[k] = a->lo[k] | b->lo[k];
		ret.hi[k] = a->hi[k] | b->hi[k];
	}
	ret.cost = cost_of(&ret);
	return ret;
}

static int by_cost(const void *pa, const void *pb)
{
	const struct bucket *a = pa, *b = pb;

	return a->cost > b->cost ? -1 : a->cost < b->cost;
}

static void put(const struct bucket *b, unsigned i, struct od_scan_masks *ret)
{
	const uint8_t bit = (uint8_t)(1u << i % 8);

	for (unsigned k = 0; k < OD_WINDOW; k++) {
		for (unsigned v = 0; v < 16; v++) {
			if (b->lo[k] >> v & 1)
				ret->lo[i / 8][k][v] |= bit;
			if (b->hi[k] >> v & 1)
				ret->hi[i / 8][k][v] |= bit;
		}
	}
}

void od_window_masks(const struct od_literal *lit, unsigned n, struct od_scan_masks *ret)
{
	struct bucket buckets[OD_BUCKETS] = {0}, *windows = od_calloc(n + 1, sizeof(*windows));

	for (unsigned c = 0; c < 256; c++)
		sum[c >> 4][c & 15] = share((unsigned char)c);
	for (unsigned i = 0; i < n; i++)
		windows[i] = single(&lit[i]);
	/* The commonest have their own buckets; each of the rest goes where it does the least harm.
	 */
	qsort(windows, n, sizeof(*windows), by_cost);
	for (unsigned i = 0; i < n; i++) {
		struct bucket best = {0};
		unsigned where = 0;
		float least = 2;

		for (unsigned k = 0; k < OD_BUCKETS; k++) {
			struct bucket b = both(&buckets[k], &windows[i]);

			if (b.cost - buckets[k].cost < least) {
				least = b.cost - buckets[k].cost;
				best = b;
				where = k;
			}
		}
		buckets[where] = best;
	}
	memset(ret, 0, sizeof(*ret));
	for (unsigned k = 0; k < OD_BUCKETS; k++)
		put(&buckets[k], k, ret);
	free(windows);
}
