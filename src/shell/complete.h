/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion of what a dump has many of. Nothing before the input was read. */
#ifndef OD_SHELL_COMPLETE_H
#define OD_SHELL_COMPLETE_H

#include "shell/session.h"

/*
 * Names that begin with the word. Of too many to list only how they go on, a byte further than what all
 * have in common, so that what is completed is never wrong.
 */
void od_complete_symbols(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* Types, and behind a dot members of one: "task_struct.comm,pi". */
void od_complete_types(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* Symbols; types behind an option that takes one (-s, -o, -r, -l). */
void od_complete_start(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* A type, and behind it symbols. */
void od_complete_type_at(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* Process ids, if the word is a number or empty; else commands' names of tasks. */
void od_complete_tasks(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* Report ids, and with a dump process ids. */
void od_complete_ids_and_tasks(struct od_session *s, const struct od_args *args, struct od_buf *words);

#endif
