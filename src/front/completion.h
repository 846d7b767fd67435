/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tables as bash wants them, to standard output: functions in which doc/completion.bash, which stands behind
 * them in the file that is installed, looks up what follows what. Only the mkman of each program calls this.
 *
 * What follows an option or a command is said by the name that --help gives to it: FILE is a file, FORMAT one of
 * the words that the program's list has for it, "on|off" are the words themselves. A name that is in no list is an
 * error, so that whoever adds one has to say what it is.
 */
#ifndef OD_FRONT_COMPLETION_H
#define OD_FRONT_COMPLETION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "front/option-row.h"

struct od_completion {
	const char *prefix;		     /* of all names in the file: "_oopsdiag" */
	const struct od_value_words *values; /* the program's own; ends with NULLs */
	bool failed;			     /* a name is in no list; standard error tells which */
};

/* Functions PREFIX_options, of a command's name, and PREFIX_value, of an option's. n rows. */
void od_completion_options(struct od_completion *c, const struct od_option_row *rows, size_t n);
/*
 * A function PREFIX_name. Cases between: what its first argument is, a pattern of the shell's, and what $kind
 * then becomes: words, or one of those with an @ that doc/completion.bash lists.
 */
void od_completion_begin(const struct od_completion *c, const char *name);
void od_completion_case(const char *pattern, const char *kind);
void od_completion_end(void);
/*
 * What stands behind the first word of a usage such as "known add|remove [TICKET...]", as the kind of a case:
 * all that may follow, whatever comes first.
 */
void od_completion_usage(struct od_completion *c, const char *usage, struct od_buf *kind);

#endif
