/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the answer to a typed line goes: the terminal, a pager, a command of the shell, a file. */
#ifndef OD_FRONT_ANSWER_H
#define OD_FRONT_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "front/front.h"

enum od_redirect_kind { OD_TO_TERMINAL, OD_TO_SHELL, OD_TO_FILE, OD_TO_FILE_END };

/* What stands behind the first | or > of a line that is not quoted. */
struct od_redirect {
	enum od_redirect_kind kind;
	size_t len;	  /* bytes of the command itself */
	const char *word; /* in the line: the shell's command, or the file; not empty */
};

/*
 * Take a line apart. A > counts at the start of a word only, since "p task->comm" is no redirection.
 * line ends with NUL. OD_ERR_USAGE: nothing stands behind it.
 */
struct od_error *od_redirect_parse(const char *line, struct od_redirect *ret);

/*
 * Run a line that was typed on a terminal, as od_front_exec() does, and put the answer where the line
 * says, or to the pager if it is longer than the screen. The exit status.
 */
int od_front_exec_typed(struct od_front *front, const char *line);

/* Whoever reads the answer at hand went away: what has no end of its own is to stop. */
bool od_answer_gone(void);

/* "~/x": below HOME. Release with free(). */
char *od_front_path(const char *path);

#endif
