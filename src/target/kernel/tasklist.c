/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Collecting all tasks: init_task.tasks has the leaders, each one's signal_struct its threads.
 * Every task is kept once, whatever the lists say: threads of a list that leads to a known task end
 * there.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "target/kernel/cpuregs.h"
#include "target/kernel/percpu.h"
#include "target/kernel/tasks-internal.h"
#include "target/kernel/tasks.h"

struct walk {
	struct od_kernel *k;
	const struct od_task_fields *f;
	struct od_tasks *tasks;
	uint32_t cap;
	/* open addressing, a power of two, at most half full: index + 1 of a task */
	uint32_t *seen, nslots;
};

static uint32_t *seen_slot(const struct walk *w, uint64_t addr)
{
	uint32_t i = (uint32_t)((addr * 0x9e3779b97f4a7c15ull) >> 40) & (w->nslots - 1);

	while (w->seen[i] && w->tasks->task[w->seen[i] - 1].addr != addr)
		i = (i + 1) & (w->nslots - 1);
	return &w->seen[i];
}

static void grow_seen(struct walk *w)
{
	if (w->nslots >= 2 * (w->tasks->n + 1))
		return;
	free(w->seen);
	w->nslots = w->nslots ? 4 * w->nslots : 1024;
	w->seen = od_calloc(w->nslots, sizeof(*w->seen));
	for (uint32_t i = 0; i < w->tasks->n; i++)
		*seen_slot(w, w->tasks->task[i].addr) = i + 1;
}

enum added { ADDED, KNOWN, REFUSED };

static enum added add(struct walk *w, uint64_t addr, bool idle)
{
	struct od_task task;

	grow_seen(w);
	if (*seen_slot(w, addr))
		return KNOWN;
	if (w->tasks->n == OD_MAX_TASKS) {
		w->tasks->why = "there are more tasks than are looked at";
		return REFUSED;
	}
	if (!od_kernel_task(w->k, addr, &task)) {
		w->tasks->why = "the list of tasks leads to what cannot be read, or is no task";
		return REFUSED;
	}
	task.idle = idle;
	*od_push(&w->k->arena, w->tasks->task, w->tasks->n, w->cap) = task;
	*seen_slot(w, addr) = w->tasks->n;
	return ADDED;
}

static void add_idle_tasks(struct walk *w)
{
	uint64_t rq = od_kernel_symbol(w->k, "runqueues"),
		 init = od_kernel_symbol(w->k, "init_task");
	struct od_cpuset possible;
	bool all = !od_kernel_cpus_possible(w->k, &possible);

	add(w, init, true);
	for (uint32_t cpu = 0; rq && cpu < od_kernel_ncpus(w->k); cpu++) {
		uint64_t base = od_kernel_percpu(w->k, rq, cpu), idle;

		if ((all || od_cpuset_has(&possible, cpu)) && base &&
		    od_field_read(w->k, &w->f->idle, base, &idle) && idle)
			add(w, idle, true);
	}
}

static bool one_thread(void *ctx, uint64_t entry)
{
	return add(ctx, entry, false) == ADDED;
}

/* The leader is on the list of its threads itself; it was not added before. */
static bool one_leader(void *ctx, uint64_t leader)
{
	struct walk *w = ctx;
	uint32_t before = w->tasks->n;
	uint64_t signal;
	const char *why = NULL;

	if (w->f->thread_head.known && od_field_read(w->k, &w->f->signal, leader, &signal) &&
	    signal)
		why = od_kernel_list(w->k, signal + w->f->thread_head.offset,
				     w->f->thread_node.offset, OD_MAX_TASKS, one_thread, w);
	if (why && !w->tasks->why)
		w->tasks->why =
			od_arena_printf(&w->k->arena, "a list of threads is damaged: %s", why);
	/* A dead leader may have left the list of its threads. */
	return add(w, leader, false) != REFUSED && w->tasks->n > before;
}

/*
 * The same list by its other end, for what a page that is missing cut off: the ends of an entry's
 * list are next and prev, so a walk of "prev" is one of a list_head that begins a pointer later.
 */
static void walk_leaders(struct walk *w)
{
	uint64_t head = od_kernel_symbol(w->k, "init_task") + w->f->tasks.offset, prev;
	uint32_t width = w->k->mem->pointer_size;
	const char *why =
		od_kernel_list(w->k, head, w->f->tasks.offset, OD_MAX_TASKS, one_leader, w);

	if (!why && !w->tasks->why)
		return;
	if (!w->tasks->why)
		w->tasks->why =
			od_arena_printf(&w->k->arena, "the list of tasks is damaged: %s", why);
	for (uint32_t i = 0; i < OD_MAX_TASKS; i++) {
		uint64_t from = i ? prev : head;

		if (od_mem_pointer(w->k->mem, from + width, &prev) != OD_MEM_OK || prev == head ||
		    !one_leader(w, prev - w->f->tasks.offset))
			return;
	}
}

static int by_addr(const void *a, const void *b, void *ctx)
{
	const struct od_task *task = ctx;
	uint64_t x = task[*(const uint32_t *)a].addr, y = task[*(const uint32_t *)b].addr;

	return x < y ? -1 : x > y;
}

static int by_stack(const void *a, const void *b, void *ctx)
{
	const struct od_task *task = ctx;
	uint64_t x = task[*(const uint32_t *)a].stack, y = task[*(const uint32_t *)b].stack;

	return x < y ? -1 : x > y;
}

static uint32_t *sorted(struct od_kernel *k, const struct od_tasks *tasks,
			int (*cmp)(const void *, const void *, void *))
{
	uint32_t *ret = od_arena_alloc(&k->arena, tasks->n * sizeof(*ret));

	for (uint32_t i = 0; i < tasks->n; i++)
		ret[i] = i;
	qsort_r(ret, tasks->n, sizeof(*ret), cmp, tasks->task);
	return ret;
}

/*
 * Where no variable says what a CPU runs: it is the task whose stack the registers of the CPU are
 * on.
 */
static void mark_running(struct od_kernel *k, struct od_tasks *tasks)
{
	for (uint32_t cpu = 0; cpu < od_kernel_ncpus(k); cpu++) {
		const struct od_cpu_regs *regs = od_kernel_current(k, cpu) ? NULL :
			od_cpu_regs_find(od_kernel_cpu_regs(k), cpu);
		const struct od_task *found =
			regs ? od_task_by_stack(k, tasks, od_regs_sp(&regs->regs)) : NULL;
		struct od_task *task = found ? &tasks->task[found - tasks->task] : NULL;

		if (!task)
			continue;
		task->running = true;
		task->cpu = (int32_t)cpu;
		k->current[cpu] = task->addr;
	}
}

const struct od_tasks *od_kernel_tasks(struct od_kernel *k)
{
	struct walk w = { .k = k };

	if (k->tasks)
		return k->tasks;
	w.tasks = k->tasks = od_arena_alloc(&k->arena, sizeof(*k->tasks));
	w.f = od_task_fields(k);
	if (!w.f->known && !k->btf)
		w.tasks->why =
			od_arena_printf(&k->arena, "the layout of tasks is not known: no types: %s",
					k->why_no_types);
	else if (!w.f->known)
		w.tasks->why = "the types of the kernel do not tell the layout of tasks";
	else if (!od_kernel_symbol(k, "init_task"))
		w.tasks->why = "there is no symbol init_task";
	if (w.tasks->why)
		return w.tasks;
	add_idle_tasks(&w);
	if (w.tasks->n > 0)
		walk_leaders(&w);
	free(w.seen);
	w.tasks->by_addr = sorted(k, w.tasks, by_addr);
	w.tasks->by_stack = sorted(k, w.tasks, by_stack);
	mark_running(k, w.tasks);
	return w.tasks;
}

const struct od_task *od_task_by_pid(const struct od_tasks *tasks, int32_t pid)
{
	for (uint32_t i = 0; i < tasks->n; i++)
		if (tasks->task[i].pid == pid && !tasks->task[i].idle)
			return &tasks->task[i];
	return NULL;
}

/* Index after the last of the n indices whose key is not above addr. */
static uint32_t upper(const struct od_tasks *tasks, const uint32_t *index, bool stack,
		      uint64_t addr)
{
	uint32_t low = 0, high = tasks->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct od_task *t = &tasks->task[index[mid]];

		if ((stack ? t->stack : t->addr) <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct od_task *od_task_by_addr(const struct od_tasks *tasks, uint64_t addr)
{
	uint32_t n = tasks->by_addr ? upper(tasks, tasks->by_addr, false, addr) : 0;
	const struct od_task *t = n ? &tasks->task[tasks->by_addr[n - 1]] : NULL;

	return t && t->addr == addr ? t : NULL;
}

const struct od_task *od_task_by_stack(struct od_kernel *k, const struct od_tasks *tasks,
				       uint64_t addr)
{
	uint32_t n = tasks->by_stack ? upper(tasks, tasks->by_stack, true, addr) : 0;
	const struct od_task *t = n ? &tasks->task[tasks->by_stack[n - 1]] : NULL;

	return t && t->stack && addr - t->stack < od_kernel_stack_size(k) ? t : NULL;
}

const struct od_task *od_task_around(struct od_kernel *k, const struct od_tasks *tasks,
				     uint64_t addr)
{
	uint32_t n = tasks->by_addr ? upper(tasks, tasks->by_addr, false, addr) : 0;
	const struct od_task *t = n ? &tasks->task[tasks->by_addr[n - 1]] : NULL;

	uint64_t size = od_kernel_size(k, "struct task_struct");

	/* Without types at least what is known of it belongs to it. */
	if (!size)
		size = od_task_fields(k)->comm.offset + OD_COMM;
	return t && addr - t->addr < size ? t : NULL;
}
