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
/* Members of a task_struct: "comm,se.vru". */
void od_complete_task_members(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* Symbols, and behind a dot members of the variable. */
void od_complete_variables(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* Types, and where none begins so, variables. */
void od_complete_names(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* Modules that are loaded. */
void od_complete_modules(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* Caches of the slab allocator. */
void od_complete_caches(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* Does the word stand behind an option that ends in one of these letters? */
bool od_complete_behind(const struct od_args *args, const char *options);
/* Symbols; types behind an option that takes one (-s, -o, -r, -l), and where there is a dot. */
void od_complete_start(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* A type, and behind it symbols. */
void od_complete_type_at(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* Process ids, if the word is a number or empty; else commands' names of tasks. */
void od_complete_tasks(struct od_session *s, const struct od_args *args, struct od_buf *words);
/* Report ids, and with a dump process ids. */
void od_complete_ids_and_tasks(struct od_session *s, const struct od_args *args, struct od_buf *words);

#endif
