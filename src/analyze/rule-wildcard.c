/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/rule-wildcard.h"

#include <stddef.h>
#include <string.h>

enum { MAX_NAME = 256 }; /* bytes that are compared */

/* Going back to the last star is enough. */
bool od_wildcard(const char *pattern, const char *s)
{
	const char *star = NULL, *from = NULL, *const end = s + strnlen(s, MAX_NAME);

	while (s < end) {
		if (*pattern == '*') {
			star = pattern++;
			from = s;
		} else if (*pattern && (*pattern == *s || *pattern == '?')) {
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
