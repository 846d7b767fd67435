/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and name patterns in scopes: each is found in a few steps, however many there are. */
#ifndef OD_ANALYZE_PATTERNS_H
#define OD_ANALYZE_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>

struct od_patterns;

/* Never freed: rules live as long as the program. */
struct od_patterns *od_patterns_create(void);
/*
 * A name, or a pattern in which each '*' stands for any text. value: not 0. False: longer than 255
 * bytes, or no room.
 */
bool od_patterns_add(struct od_patterns *p, unsigned scope, unsigned value, const char *s, size_t len);
/*
 * The value of the pattern of that scope that fits, 0 if none does; whole names come first. loose:
 * patterns that begin with '*' count.
 */
unsigned od_patterns_find(const struct od_patterns *p, unsigned scope, const char *name, bool loose);

#endif
