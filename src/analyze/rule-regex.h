/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regular expressions of rules: PCRE2, with limits, loaded when the first is needed. */
#ifndef OD_ANALYZE_RULE_REGEX_H
#define OD_ANALYZE_RULE_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct od_regex;

/* Was PCRE2 there at build time? */
bool od_regex_built(void);
/* The file that may have to be mapped as code; NULL: none, or where it is cannot be told. */
const char *od_regex_library(void);
/* Load the library now; false: it is not there. */
bool od_regex_prepare(void);

/* NULL: the pattern is wrong (or the library is not there), and why says what; why may be NULL. */
struct od_regex *od_regex_compile(const char *pattern, struct od_buf *why);
void od_regex_free(struct od_regex *re);

enum od_regex_result { OD_REGEX_NO, OD_REGEX_YES, OD_REGEX_LIMIT };

/* Does it fit somewhere in the text? At most 4096 bytes of it are looked at. */
enum od_regex_result od_regex_match(struct od_regex *re, const char *s, size_t len);
/* Of the last match: where the capture stands in its text. False: there is none of that name, or it is not set. */
bool od_regex_capture(const struct od_regex *re, const char *name, size_t *start, size_t *end);

#endif
