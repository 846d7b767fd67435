/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of the prefilter; its test compares the levels of src/input/scan.c. */
#ifndef OD_INPUT_PREFILTER_INTERNAL_H
#define OD_INPUT_PREFILTER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "input/prefilter.h"

/*
 * A literal is looked for by its window: its four consecutive bytes that are the rarest in a log,
 * fewer if it is shorter. Windows share 16 buckets, and a byte of text fits a bucket at one of the
 * four places if both of its nibbles do.
 */
enum { OD_WINDOW = 4, OD_BUCKETS = 16, OD_MAX_LITERALS = 1024, OD_MAX_LITERAL = 255 };

/* By half of the buckets, place and nibble: a bit for each bucket. */
struct od_scan_masks {
	uint8_t lo[2][OD_WINDOW][16];
	uint8_t hi[2][OD_WINDOW][16];
};

struct od_literal {
	char *text;
	uint32_t window, mask; /* its window as it is loaded; mask: the bytes that count */
	uint16_t next;	 /* 1 + index of the next literal whose window starts alike, 0: last */
	uint8_t len, at; /* at: where in the literal its window stands */
	bool word;	 /* starts with a letter: "BUG: " is not in "DEBUG: " */
};

enum od_scan_level { OD_SCAN_PORTABLE, OD_SCAN_AVX2 };

struct od_prefilter {
	struct od_scan_masks masks;
	enum od_scan_level level;
	/*
	 * By the first two bytes of a window: which third bytes there are, by their lowest three
	 * bits.
	 */
	uint8_t hit[65536];
	uint16_t first[65536]; /* 1 + index of the first literal whose window does */
	struct od_literal lit[OD_MAX_LITERALS];
	unsigned n, max_at;
};

static inline uint16_t od_pair_at(const char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Look at three bytes. */
static inline bool od_may_start(const struct od_prefilter *pf, const char *p)
{
	return pf->hit[od_pair_at(p)] >> (p[2] & 7) & 1;
}

/* Where the window of a literal stands, and how long it is. Literals have two bytes at least. */
unsigned od_window_place(const char *text, unsigned len, unsigned *window_len);
/* Put the windows of all literals into buckets. */
void od_window_masks(const struct od_literal *lit, unsigned n, struct od_scan_masks *ret);

/* The best that this processor has. */
enum od_scan_level od_scan_best(void);
/*
 * True: *p is the first place in [*p, stop) where a window may stand. False: there is none before
 * *p, and from there on the caller has to look himself. Reads no further than stop; pf->level must
 * be one that the processor has.
 */
bool od_scan_find(const struct od_prefilter *pf, const char **p, const char *stop);
size_t od_scan_newlines(enum od_scan_level level, const char *s, size_t len);

#endif
