/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bt, task and ps print of one task; foreach has them print many. */
#ifndef OD_SHELL_TASK_PRINT_H
#define OD_SHELL_TASK_PRINT_H

#include "render/render.h"
#include "shell/command.h"
#include "shell/session.h"
#include "target/kernel/tasks.h"
#include "target/kernel/unwind.h"

/* "PID: 282  TASK: ffff8edc62293000  CPU: 1  COMMAND: "mkdir"", as crash has it, and a newline. */
void od_task_print_head(const struct od_task *task, struct od_buf *out);

/* bt of a task: its options e, f, F and v count. */
void od_task_print_bt(struct od_session *s, const struct od_task *task, const struct od_args *args,
		      const struct od_style *style, struct od_buf *out);
/* What ps has of a task, as keys of an object. */
struct od_json;
void od_ps_json(struct od_kernel *k, const struct od_task *task, struct od_json *w);
/* The answer of -j: these tasks, with "stacks" as a report has them and why a trace ends early. */
void od_tasks_json(struct od_session *s, const struct od_task *const *tasks, uint32_t n, bool stacks,
		   struct od_buf *out);
/* task: its options R and x count; od_task_check() found them to be right. */
struct od_error *od_task_check(struct od_kernel *k, const struct od_args *args);
void od_task_print(struct od_kernel *k, const struct od_task *task, const struct od_args *args, struct od_buf *out);

/* ps: those n tasks, as its options a table, a tree ... say. */
struct od_error *od_ps_check(const struct od_args *args);
void od_ps_print(struct od_session *s, const struct od_args *args, const struct od_task *const *tasks, uint32_t n,
		 struct od_buf *out);
/* Other views of these tasks than a table. False: no option asks for one. */
bool od_ps_view(struct od_session *s, const struct od_args *args, const struct od_task *const *tasks, uint32_t n,
		struct od_buf *out);

/* "RU", "IN" ... as crash has it, of the letter; "??". Static. */
const char *od_task_state_word(char state);
/* The letter of such a word, of a letter itself, or of a name; '\0': it is none. */
char od_task_state_letter(const char *word);
/* "0,2-3": is cpu among them? False and *bad: it is no such list. */
bool od_cpu_list_has(const char *list, int32_t cpu, bool *bad);

/* The words of each frame's stack under it; symbols: names, and caches of slab objects, where these fit. */
void od_bt_words(struct od_kernel *k, const struct od_task *task, const struct od_trace *trace, bool symbols,
		 struct od_buf *out);
/* Registers where an exception or interrupt hit, and those of user mode. */
void od_bt_exceptions(const struct od_trace *trace, struct od_buf *out);

#endif
