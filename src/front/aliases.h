/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the user for beginnings of lines, as crash has them. */
#ifndef OD_FRONT_ALIASES_H
#define OD_FRONT_ALIASES_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

enum { OD_MAX_ALIASES = 200 };

/* The line, with its first word replaced if that is an alias: once, so that none can go round. free(). */
char *od_alias_expand(const char *line, size_t len);
/* text "" takes it away. OD_ERR_USAGE: the name is a command's, no word, or there are too many. */
struct od_error *od_alias_set(const char *name, const char *text);
/* A line each, those of the user marked; name NULL: all. OD_ERR_USAGE: there is none of that name. */
struct od_error *od_alias_list(const char *name, struct od_buf *out);
/* Candidates for a first word, one a line. */
void od_alias_complete(const char *word, struct od_buf *words);

#endif
