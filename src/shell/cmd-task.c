/* SPDX-License-Identifier: GPL-3.0-or-later */
/* task: what is known of one task of a dump. */
#include <inttypes.h>

#include "base/escape.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/memory-args.h"
#include "shell/session.h"
#include "shell/task-print.h"
#include "shell/type-args.h"
#include "target/kernel/cpuregs.h"
#include "target/kernel/locks.h"

static const struct {
	uint64_t bit;
	const char *name;
} flags[] = { /* include/linux/sched.h: those that stayed where they are since 4.18 */
	{ 0x4, "PF_EXITING" }, { 0x20, "PF_WQ_WORKER" }, { 0x40, "PF_FORKNOEXEC" },
	{ 0x200, "PF_DUMPCORE" }, { 0x400, "PF_SIGNALED" }, { 0x800, "PF_MEMALLOC" },
	{ 0x20000, "PF_KSWAPD" }, { 0x200000, "PF_KTHREAD" },
};

static void print_owner(struct od_kernel *k, uint64_t owner, struct od_buf *out)
{
	struct od_task task;

	if (!owner || !od_kernel_task(k, owner, &task))
		return;
	od_buf_printf(out, "task %d (", task.pid);
	od_escape_str(out, OD_ESCAPE_TEXT, task.comm);
	od_buf_addch(out, ')');
}

static void print_wait(struct od_kernel *k, const struct od_task *t, struct od_buf *out)
{
	struct od_buf name = OD_BUF_INIT;
	struct od_wait wait;

	if (!od_kernel_wait(k, t, &wait))
		return;
	od_buf_printf(out, "    waits for: %s at %016" PRIx64, od_lock_kind_name(wait.kind),
		      wait.lock);
	if (od_memory_symbol(k, wait.lock, &name))
		od_buf_printf(out, " (%s)", od_buf_str(&name));
	od_buf_deinit(&name);
	if (wait.owner) {
		od_buf_addstr(out, wait.reader_owned ? ", last read by " : ", held by ");
		print_owner(k, wait.owner, out);
	}
	od_buf_addch(out, '\n');
}

/* -R: members of its task_struct. */
static struct od_error *members(struct od_kernel *k, const struct od_args *args, struct od_type_word *ret)
{
	const char *paths = od_args_value(args, 'R');
	struct od_error *err = od_type_word(k, "task_struct", "struct ", ret);

	ret->paths = paths;
	return err ? err : od_type_check(ret);
}

struct od_error *od_task_check(struct od_kernel *k, const struct od_args *args)
{
	struct od_type_word w;

	return od_args_has(args, 'R') ? members(k, args, &w) : NULL;
}

static void print_task(struct od_kernel *k, const struct od_task *t, struct od_buf *out)
{
	const struct od_task *parent = od_task_by_addr(od_kernel_tasks(k), t->parent);

	od_buf_printf(out, "          pid: %d, thread group %d\n         comm: ", t->pid, t->tgid);
	od_escape_str(out, OD_ESCAPE_TEXT, t->comm);
	od_buf_printf(out,
		      "\n         task: %016" PRIx64 "\n        state: %c (%s, 0x%" PRIx64 ")%s\n",
		      t->addr, t->state, od_task_state_name(t->state), t->state_bits,
		      t->running ? ", runs on its CPU" : "");
	od_buf_printf(out, "          cpu: %d\n        flags: 0x%" PRIx64, t->cpu, t->flags);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (t->flags & flags[i].bit)
			od_buf_printf(out, " %s", flags[i].name);
	od_buf_printf(out, "\n       parent: %016" PRIx64, t->parent);
	if (parent) {
		od_buf_printf(out, ", %d (", parent->pid);
		od_escape_str(out, OD_ESCAPE_TEXT, parent->comm);
		od_buf_addch(out, ')');
	}
	od_buf_printf(out, "\n      started: %" PRIu64 ".%06u s after boot\n",
		      t->start_ns / 1000000000, (unsigned)(t->start_ns / 1000 % 1000000));
	od_buf_printf(out, "           mm: %016" PRIx64 "%s\n", t->mm,
		      t->kthread ? " (a kernel thread)" : "");
	if (t->stack)
		od_buf_printf(out, "        stack: %016" PRIx64 "-%016" PRIx64 "\n", t->stack,
			      t->stack + od_kernel_stack_size(k));
	else
		od_buf_addstr(out, "        stack: freed\n");
	if (!t->running && t->stack)
		od_buf_printf(out, "           sp: %016" PRIx64 "\n", t->sp);
	print_wait(k, t, out);
}

void od_task_print(struct od_kernel *k, const struct od_task *t, const struct od_args *args, struct od_buf *out)
{
	struct od_type_word w;
	od_autoerror err = NULL;

	if (!od_args_has(args, 'R')) {
		print_task(k, t, out);
		return;
	}
	od_task_print_head(t, out);
	err = members(k, args, &w);
	if (!err)
		od_type_print(k, &w, t->addr, od_args_has(args, 'x'), out);
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);
	const struct od_tasks *tasks;
	const struct od_task *task;
	uint32_t cpu;

	if (!k)
		return err;
	tasks = od_kernel_tasks(k);
	/* The log may know the CPU where no symbol tells it. */
	if (!od_kernel_panic_cpu(k, &cpu))
		cpu = (uint32_t)s->in->panic_cpu;
	if (args->argc > 1)
		task = od_memory_task(k, args->argv[1]);
	else if (s->task)
		task = od_task_by_addr(tasks, s->task);
	else
		task = od_task_by_addr(tasks, od_kernel_current(k, cpu));
	if (!task && tasks->why)
		return od_error_new(OD_ERR_USAGE, "no such task: %s", tasks->why);
	if (!task && args->argc > 1)
		return od_error_new(OD_ERR_USAGE, "there is no task '%s'", args->argv[1]);
	if (!task)
		return od_error_new(OD_ERR_USAGE, "no CPU panicked: which task?");
	err = od_task_check(k, args);
	if (err)
		return err;
	od_task_print(k, task, args, out);
	return NULL;
}

static void complete(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	if (od_complete_behind(args, "R"))
		od_complete_task_members(s, args, words);
	else
		od_complete_tasks(s, args, words);
}

const struct od_command od_cmd_task = {
	.name = "task",
	.options = "R:x",
	.usage = "task [-x] [-R MEMBER[,MEMBER...]] [PID|TASK]",
	.help = "Say what is known of a task of a dump",
	.details = "Without a word, the task that panicked, or the one of 'set PID'. TASK is the address of a task, "
		   "or of something on its stack. -R: these members of its task_struct instead; -x: numbers "
		   "in hex.",
	.needs = OD_NEED_INPUT | OD_TAKES_RADIX,
	.max_args = 1,
	.complete = complete,
	.exec = exec,
	.examples = "task 1\tthe task with that pid\n"
		    "task -R comm,prio,se.vruntime 1\tmembers of its task_struct\n",
};
