/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words that fingers type which know crash(8), and what is said to those that mean nothing here. */
#ifndef OD_SHELL_CRASH_WORDS_H
#define OD_SHELL_CRASH_WORDS_H

#include "shell/command.h"

/* What to do instead of a command of crash that is not here. NULL: crash has none of that name either. */
const char *od_crash_command(const char *name);
/* The same of an option of a command that both have. */
const char *od_crash_option(const char *command, char option);

/*
 * A line that names no command, but a type or a variable of the dump ("task_struct.pid 0xffff...",
 * "jiffies", "*list_head"), or "p/x NAME": the command that prints it, and args with its name ahead. NULL: it is none,
 * or the input has no memory; args are as they were.
 */
const struct od_command *od_crash_guess(struct od_session *s, struct od_args *args);

#endif
