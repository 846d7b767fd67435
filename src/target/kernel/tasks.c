/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "target/kernel/field.h"
#include "target/kernel/infer.h"
#include "target/kernel/percpu.h"
#include "target/kernel/tasks-internal.h"

/*
 * include/linux/sched.h. These values stand since 4.14, and kernels with BTF are newer. fls() of
 * the bits below is the index in the letters (fs/proc/array.c, task_state_array).
 */
enum {
	TASK_UNINTERRUPTIBLE = 0x2,
	TASK_REPORT = 0x7f,
	TASK_REPORT_IDLE = 0x80,
	TASK_NOLOAD = 0x400,
	TASK_RTLOCK_WAIT = 0x1000, /* 5.16 */
	TASK_FROZEN = 0x8000,	   /* 6.1 */
	TASK_IDLE = TASK_UNINTERRUPTIBLE | TASK_NOLOAD,
	PF_KTHREAD = 0x200000,
	PID_LIMIT = 4 << 20, /* include/linux/threads.h, PID_MAX_LIMIT */
};

static const struct {
	char letter;
	const char *name;
} states[] = {
	{ 'R', "running" }, { 'S', "sleeping" }, { 'D', "disk sleep" }, { 'T', "stopped" },
	{ 't', "tracing stop" }, { 'X', "dead" }, { 'Z', "zombie" }, { 'P', "parked" },
	{ 'I', "idle" },
};

#define ROW(paths, member) { paths, offsetof(struct od_task_fields, member) }
static const struct od_field_row task_rows[] = {
	ROW("__state|state", state), ROW("exit_state", exit_state), ROW("pid", pid),
	ROW("tgid", tgid), ROW("comm", comm), ROW("flags", flags), ROW("stack", stack),
	ROW("cpu|thread_info.cpu", cpu), ROW("real_parent", parent), ROW("start_time", start),
	ROW("mm", mm), ROW("thread.sp|thread.cpu_context.sp|thread.ksp", sp),
	ROW("thread.cpu_context.fp", fp), ROW("thread.cpu_context.pc", pc), ROW("tasks", tasks),
	ROW("signal", signal), ROW("thread_node", thread_node), ROW("thread_group", thread_group),
	ROW("worker_private", worker),
};

/*
 * The stack of init_task has a section of its own size (include/asm-generic/vmlinux.lds.h); its
 * borders have names, the second pair since 6.10. BTF only has union thread_union if something uses
 * it.
 */
uint64_t od_kernel_stack_size(struct od_kernel *k)
{
	uint64_t size = k->stack_size;

	if (size)
		return size;
	size = od_kernel_symbol(k, "__end_init_task") - od_kernel_symbol(k, "__start_init_task");

	if (size == 0)
		size = od_kernel_symbol(k, "__end_init_stack") -
		       od_kernel_symbol(k, "__start_init_stack");
	if (size == 0)
		size = od_kernel_symbol(k, "__end_init_stack") - od_kernel_symbol(k, "init_stack");
	if (size == 0)
		size = od_kernel_size(k, "union thread_union");
	if (size < 4096 || size > 256 * 1024 || (size & (size - 1)))
		size = 16 * 1024;
	return k->stack_size = size;
}

const struct od_task_fields *od_task_fields(struct od_kernel *k)
{
	struct od_task_fields *f = k->task_fields;

	if (f)
		return f;
	od_infer_tasks(k);
	f = k->task_fields = od_arena_alloc(&k->arena, sizeof(*f));
	od_kernel_fields(k, "struct task_struct", task_rows,
			 sizeof(task_rows) / sizeof(*task_rows), f);
	od_kernel_field(k, "struct signal_struct", "thread_head", &f->thread_head);
	od_kernel_field(k, "struct kthread", "full_name", &f->full_name);
	od_kernel_field(k, "struct rq", "curr", &f->curr);
	od_kernel_field(k, "struct rq", "idle", &f->idle);
	od_kernel_field(k, "struct pcpu_hot", "current_task", &f->hot_current);
	f->known = f->pid.known && f->comm.known && f->tasks.known;
	return f;
}

static char letter_of(uint64_t state, uint64_t exit_state)
{
	uint64_t bits = (state | exit_state) & TASK_REPORT;
	unsigned index = 0;

	if ((state & TASK_IDLE) == TASK_IDLE)
		bits = TASK_REPORT_IDLE;
	if (state & (TASK_RTLOCK_WAIT | TASK_FROZEN))
		bits = TASK_UNINTERRUPTIBLE;
	while (bits >> index)
		index++;
	return states[index].letter;
}

const char *od_task_state_name(char state)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (states[i].letter == state)
			return states[i].name;
	return "unknown";
}

static int32_t number(struct od_kernel *k, const struct od_field *f, uint64_t addr)
{
	uint64_t n;

	return od_field_read(k, f, addr, &n) && n <= INT32_MAX ? (int32_t)n : -1;
}

static void read_state(struct od_kernel *k, const struct od_task_fields *f, struct od_task *t)
{
	uint64_t state, exit_state;
	bool known = od_field_read(k, &f->state, t->addr, &state);

	od_field_read(k, &f->exit_state, t->addr, &exit_state);
	t->state_bits = state | exit_state;
	t->state = known ? letter_of(state, exit_state) : '?';
}

bool od_kernel_task(struct od_kernel *k, uint64_t addr, struct od_task *ret)
{
	const struct od_task_fields *f = od_task_fields(k);
	uint64_t parent_tgid, current;

	*ret = (struct od_task){ .addr = addr, .state = '?' };
	if (!f->known || od_mem_read(k->mem, addr + f->comm.offset, ret->comm,
				     f->comm.size < OD_COMM ? f->comm.size : OD_COMM) != OD_MEM_OK)
		return false;
	ret->pid = number(k, &f->pid, addr);
	ret->tgid = number(k, &f->tgid, addr);
	if (ret->pid < 0 || ret->pid > PID_LIMIT)
		return false;
	read_state(k, f, ret);
	od_field_read(k, &f->flags, addr, &ret->flags);
	od_field_read(k, &f->parent, addr, &ret->parent);
	od_field_read(k, &f->start, addr, &ret->start_ns);
	od_field_read(k, &f->mm, addr, &ret->mm);
	od_field_read(k, &f->stack, addr, &ret->stack);
	od_field_read(k, &f->sp, addr, &ret->sp);
	od_field_read(k, &f->fp, addr, &ret->fp);
	od_field_read(k, &f->pc, addr, &ret->pc);
	ret->kthread = ret->flags & PF_KTHREAD;
	ret->ppid = od_field_read(k, &f->tgid, ret->parent, &parent_tgid) &&
		    parent_tgid <= PID_LIMIT ? (int32_t)parent_tgid : -1;
	/* A kernel for one CPU has no such member. */
	ret->cpu = f->cpu.known || !k->btf ? number(k, &f->cpu, addr) : 0;
	if (ret->cpu >= (int32_t)od_kernel_ncpus(k))
		ret->cpu = -1;
	current = ret->cpu >= 0 ? od_kernel_current(k, (unsigned)ret->cpu) : 0;
	ret->running = current == addr;
	return true;
}

bool od_kernel_thread_name(struct od_kernel *k, const struct od_task *task, char *buf, size_t size)
{
	const struct od_task_fields *f = od_task_fields(k);
	uint64_t thread, name;

	return task->kthread && od_field_read(k, &f->worker, task->addr, &thread) && thread &&
	       od_field_read(k, &f->full_name, thread, &name) && name &&
	       od_mem_string(k->mem, name, buf, size) == OD_MEM_OK && *buf;
}

/*
 * x86: current_task, or pcpu_hot of 6.2 to 6.14; what the scheduler believes elsewhere and as a
 * last resort, which differs for a moment while it switches.
 */
static uint64_t find_current(struct od_kernel *k, unsigned cpu)
{
	const struct od_task_fields *f = od_task_fields(k);
	uint64_t sym = od_kernel_symbol(k, "current_task"), ret = 0;

	if (sym)
		return od_kernel_percpu_pointer(k, sym, cpu);
	sym = od_kernel_symbol(k, "pcpu_hot");
	if (sym && f->hot_current.known)
		return od_kernel_percpu_pointer(k, sym + f->hot_current.offset, cpu);
	sym = od_kernel_percpu(k, od_kernel_symbol(k, "runqueues"), cpu);
	if (sym)
		od_field_read(k, &f->curr, sym, &ret);
	return ret;
}

uint64_t od_kernel_current(struct od_kernel *k, unsigned cpu)
{
	if (cpu >= od_kernel_ncpus(k))
		return 0;
	if (!k->current) {
		k->current = od_arena_alloc(&k->arena, k->ncpus * sizeof(*k->current));
		for (uint32_t i = 0; i < k->ncpus; i++)
			k->current[i] = find_current(k, i);
	}
	/* Else the stack tells, that its registers are on: tasklist.c. */
	if (!k->current[cpu] && !k->tasks)
		od_kernel_tasks(k);
	return k->current[cpu];
}
