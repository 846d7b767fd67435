/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ps: the tasks of a dump, in the style of crash. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "render/json-writer.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/core.h"
#include "shell/memory-args.h"
#include "shell/session.h"
#include "target/kernel/tasks.h"

enum { NS_PER_MS = 1000000, MAX_NAME = 256 };

/* Does a task fit one of the words: pid, address or name? */
static bool named(const struct od_task *t, const struct od_args *args)
{
	uint64_t n;

	for (int i = 1; i < args->argc; i++)
		if (!strcmp(args->argv[i], t->comm) ||
		    (od_parse_number(args->argv[i], &n) && !t->idle && n == (uint64_t)t->pid) ||
		    (od_parse_address(args->argv[i], &n) && n == t->addr))
			return true;
	return args->argc <= 1;
}

static bool wanted(const struct od_task *t, const struct od_args *args)
{
	if ((od_args_has(args, 'd') && t->state != 'D') ||
	    (od_args_has(args, 'r') && !t->running) || (od_args_has(args, 'k') && !t->kthread) ||
	    (od_args_has(args, 'u') && t->kthread) || (od_args_has(args, 'g') && t->pid != t->tgid))
		return false;
	return named(t, args);
}

static void print_text(struct od_kernel *k, const struct od_task *t, struct od_buf *out)
{
	char cpu[16] = "?", name[MAX_NAME];
	bool whole = od_kernel_thread_name(k, t, name, sizeof(name));

	if (t->cpu >= 0)
		snprintf(cpu, sizeof(cpu), "%d", t->cpu);
	od_buf_printf(out, "%c %7d %7d %7d %4s  %016" PRIx64 "  %c  %11" PRIu64 ".%03u  %s",
		      t->running ? '>' : ' ', t->pid, t->tgid, t->ppid, cpu, t->addr, t->state,
		      t->start_ns / (1000 * NS_PER_MS), (unsigned)(t->start_ns / NS_PER_MS % 1000),
		      t->kthread ? "[" : "");
	od_escape_str(out, OD_ESCAPE_TEXT, whole ? name : t->comm);
	od_buf_addstr(out, t->kthread ? "]\n" : "\n");
}

static void print_json(struct od_kernel *k, const struct od_task *t, struct od_json *w)
{
	char name[MAX_NAME];
	char state[2] = { t->state, '\0' };

	od_json_object(w, NULL, true);
	od_json_int(w, "pid", t->pid);
	od_json_int(w, "tgid", t->tgid);
	od_json_int(w, "ppid", t->ppid);
	od_json_int(w, "cpu", t->cpu);
	od_json_addr(w, "task", t->addr);
	od_json_word(w, "state", state);
	od_json_bool(w, "running", t->running);
	od_json_bool(w, "idle", t->idle);
	od_json_bool(w, "kernel_thread", t->kthread);
	od_json_num(w, "start_ms", t->start_ns / NS_PER_MS);
	od_json_str(w, "comm", t->comm);
	od_json_str(w, "name", od_kernel_thread_name(k, t, name, sizeof(name)) ? name : t->comm);
	od_json_end(w);
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const bool json = od_args_has(args, 'j');
	struct od_json w = { .buf = out };
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);
	const struct od_tasks *tasks;
	uint32_t n = 0;

	if (od_session_has_core(s)) {
		od_error_free(err);
		return od_core_ps(s, args, out);
	}
	if (!k)
		return err;
	tasks = od_kernel_tasks(k);
	if (json) {
		od_json_object(&w, NULL, false);
		od_json_str(&w, "incomplete", tasks->why);
		od_json_array(&w, "tasks", false);
	} else if (tasks->n) {
		od_buf_addstr(out, "      PID    TGID    PPID  CPU  TASK              ST       "
				   "STARTED s  COMM\n");
	}
	for (uint32_t i = 0; i < tasks->n && !s->cancelled; i++) {
		if (!wanted(&tasks->task[i], args))
			continue;
		n++;
		if (json)
			print_json(k, &tasks->task[i], &w);
		else
			print_text(k, &tasks->task[i], out);
	}
	if (json) {
		od_json_end(&w);
		od_json_end(&w);
		od_buf_addch(out, '\n');
	} else if (tasks->why) {
		od_buf_printf(out, "Not all tasks: %s.\n", tasks->why);
	} else if (!n) {
		od_buf_reset(out);
		od_buf_addstr(out, "There is no such task.\n");
	}
	return NULL;
}

const struct od_command od_cmd_ps = {
	.name = "ps",
	.options = "dgjkru",
	.usage = "ps [-dgkru] [-j] [PID|TASK|NAME]...",
	.help = "List the tasks of a dump, or the threads of a core",
	.details = "> marks the task that a CPU runs. Only those that wait and cannot be "
		   "interrupted (-d), leaders of thread groups (-g), kernel threads (-k), "
		   "tasks that run (-r), tasks of user space (-u), or those that are named. "
		   "-j prints JSON.",
	.needs = OD_NEED_INPUT,
	.max_args = OD_MAX_ARGS - 2,
	.complete = od_complete_tasks,
	.exec = exec,
	.examples = "ps\tall tasks of a dump\n",
};
