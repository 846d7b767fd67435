/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wildcards, shared by what reads, finds and judges rules. */
#ifndef OD_ANALYZE_RULE_WILDCARD_H
#define OD_ANALYZE_RULE_WILDCARD_H

#include <stdbool.h>

/* Does s fit the pattern as a whole? '*' stands for any text, '?' for one byte. s is read up to 256 bytes. */
bool od_wildcard(const char *pattern, const char *s);

#endif
