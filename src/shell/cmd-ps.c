/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ps: the tasks of a dump, in the style of crash. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "render/json-writer.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/core.h"
#include "shell/memory-args.h"
#include "shell/session.h"
#include "shell/task-print.h"
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

/* include/uapi/linux/sched.h */
static const char *const policies[] = { "NORMAL", "FIFO", "RR", "BATCH", "ISO", "IDLE", "DEADLINE", "EXT" };
enum { POLICIES = sizeof(policies) / sizeof(*policies) };

/* Is value one of "FIFO,RR" or "1,2"? *bad: that is no list of policies. */
static bool policy_fits(const char *list, uint64_t value, bool *bad)
{
	bool found = false;

	*bad = !*list;
	for (const char *p = list; *p && !*bad;) {
		size_t len = strcspn(p, ",");
		uint64_t i;

		for (i = 0; i < POLICIES; i++)
			if ((strlen(policies[i]) == len && !strncmp(policies[i], p, len)) ||
			    (len == 1 && p[0] == '0' + (char)i))
				break;
		*bad = i == POLICIES;
		found |= i == value;
		p += len + (p[len] == ',');
	}
	return found;
}

static bool has_policy(struct od_kernel *k, const struct od_task *t, const char *list)
{
	uint64_t value;
	bool bad;

	return od_kernel_member(k, t->addr, "struct task_struct", "policy", &value) && policy_fits(list, value, &bad);
}

static bool wanted(struct od_kernel *k, const struct od_task *t, const struct od_args *args)
{
	bool bad;

	if ((od_args_has(args, 'A') && !t->running) || (od_args_has(args, 'G') && t->pid != t->tgid) ||
	    (od_args_has(args, 'C') && !od_cpu_list_has(od_args_value(args, 'C'), t->cpu, &bad)) ||
	    (od_args_has(args, 'y') && !has_policy(k, t, od_args_value(args, 'y'))))
		return false;
	if ((od_args_has(args, 'd') && t->state != 'D') ||
	    (od_args_has(args, 'r') && !t->running) || (od_args_has(args, 'k') && !t->kthread) ||
	    (od_args_has(args, 'u') && t->kthread) || (od_args_has(args, 'g') && t->pid != t->tgid))
		return false;
	return named(t, args);
}

struct od_error *od_ps_check(const struct od_args *args)
{
	bool bad = false;

	if (od_args_has(args, 'C'))
		od_cpu_list_has(od_args_value(args, 'C'), 0, &bad);
	if (bad)
		return od_error_new(OD_ERR_USAGE, "'%s' is no list of CPUs, as 0,2-3", od_args_value(args, 'C'));
	if (od_args_has(args, 'y'))
		policy_fits(od_args_value(args, 'y'), 0, &bad);
	if (bad)
		return od_error_new(OD_ERR_USAGE, "'%s': policies are NORMAL, FIFO, RR, BATCH, ISO, IDLE, DEADLINE, EXT",
				    od_args_value(args, 'y'));
	return NULL;
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

void od_ps_json(struct od_kernel *k, const struct od_task *t, struct od_json *w)
{
	char name[MAX_NAME];
	char state[2] = { t->state, '\0' };

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
}

void od_ps_print(struct od_session *s, const struct od_args *args, const struct od_task *const *tasks, uint32_t n,
		 struct od_buf *out)
{
	struct od_kernel *k = s->target.kernel;

	if (od_args_has(args, 'j')) {
		od_tasks_json(s, tasks, n, false, out);
		return;
	}
	if (n && !od_ps_view(s, args, tasks, n, out)) {
		if (!od_args_has(args, 'H'))
			od_buf_addstr(out, "      PID    TGID    PPID  CPU  TASK              ST       "
					   "STARTED s  COMM\n");
		for (uint32_t i = 0; i < n && !s->cancelled; i++)
			print_text(k, tasks[i], out);
	}
	if (od_kernel_tasks(k)->why)
		od_buf_printf(out, "Not all tasks: %s.\n", od_kernel_tasks(k)->why);
	else if (!n)
		od_buf_addstr(out, "There is no such task.\n");
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);
	const struct od_task **shown;
	const struct od_tasks *tasks;
	uint32_t n = 0;

	if (od_session_has_core(s)) {
		od_error_free(err);
		return od_core_ps(s, args, out);
	}
	if (!k)
		return err;
	err = od_ps_check(args);
	if (err)
		return err;
	tasks = od_kernel_tasks(k);
	shown = od_calloc(tasks->n + 1, sizeof(*shown));
	for (uint32_t i = 0; i < tasks->n && !s->cancelled; i++)
		if (wanted(k, &tasks->task[i], args))
			shown[n++] = &tasks->task[i];
	od_ps_print(s, args, shown, n, out);
	free(shown);
	return NULL;
}

static void complete(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	if (!od_complete_behind(args, "y")) {
		od_complete_tasks(s, args, words);
		return;
	}
	for (size_t i = 0; i < POLICIES; i++)
		od_words_add(words, od_args_word(args), policies[i]);
}

const struct od_command od_cmd_ps = {
	.name = "ps",
	.options = "AcC:dgGHjklmprStuy:",
	.usage = "ps [-AdgGkru] [-C CPUS] [-y POLICY] [-H] [-j|-l|-m|-t|-p|-c|-S] [PID|TASK|NAME]...",
	.help = "List the tasks of a dump, or the threads of a core",
	.details = "> marks the task that a CPU runs. Only those that wait and cannot be "
		   "interrupted (-d), leaders of thread groups (-g, -G), kernel threads (-k), "
		   "tasks that run (-r, -A), tasks of user space (-u), those of some CPUs (-C) or of a "
		   "scheduling policy (-y FIFO,RR), or those that are named. Instead of the table: -l when they ran last, "
		   "by the clock of their CPU, the latest first, -m how long ago; -t their times in ns; -p their "
		   "parents; -c their children; -S how many are in which state. -H: no header. -j prints JSON. "
		   "Arguments (crash's -a) and sizes of processes are not shown.",
	.needs = OD_NEED_INPUT,
	.max_args = OD_MAX_ARGS - 2,
	.complete = complete,
	.exec = exec,
	.examples = "ps\tall tasks of a dump\n"
		    "ps -m -u\ttasks of user space, the one that ran last first\n"
		    "ps -p 4711\ta task and its parents\n",
};
