/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The literal prefilter: finds the few places of a log that are worth parsing, at memory speed.
 * Each literal is found by its four rarest bytes, for 32 places at once where the processor can;
 * elsewhere by the first two of them and one table look-up a byte.
 */
#ifndef OD_INPUT_PREFILTER_H
#define OD_INPUT_PREFILTER_H

#include <stdbool.h>
#include <stddef.h>

struct od_prefilter;

/*
 * literals: NULL-terminated, 2 to 255 bytes each (others are left out), copied. At most 1024.
 * words: a literal that starts with a letter or digit is found only where no letter or digit stands
 * before it. The caller owns the result.
 */
struct od_prefilter *od_prefilter_create(const char *const *const *lists, size_t nlists,
					 bool words);
void od_prefilter_destroy(struct od_prefilter *pf);
/*
 * The start of the first literal that starts at s + from or later and lies whole in [s, s + len),
 * or NULL. What stands before s is not known and no part of a word.
 */
const char *od_prefilter_scan(const struct od_prefilter *pf, const char *s, size_t len,
			      size_t from);

size_t od_count_newlines(const char *s, size_t len);

#endif
