/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ps -S, -l, -m, -t, -p and -c: other views of tasks than a table, as crash has them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "shell/task-print.h"
#include "target/kernel/field.h"
#include "target/kernel/system.h"

enum { MAX_PARENTS = 256 };

struct view {
	struct od_session *s;
	struct od_kernel *k;
	const struct od_tasks *all;
	const struct od_task *const *tasks; /* those that are shown */
	uint32_t n;
	struct od_buf *out;
};

/* --- states ----------------------------------------------------------------------- */

static void summary(struct view *v)
{
	static const char order[] = "RSDTtZXPI";
	uint32_t count[256] = { 0 };

	for (uint32_t i = 0; i < v->n; i++)
		count[(unsigned char)v->tasks[i]->state]++;
	for (const char *p = order; *p; p++) {
		if (count[(unsigned char)*p])
			od_buf_printf(v->out, "  %s: %u\n", od_task_state_word(*p), count[(unsigned char)*p]);
		count[(unsigned char)*p] = 0;
	}
	for (unsigned c = 0; c < 256; c++)
		if (count[c])
			od_buf_printf(v->out, "  ??: %u\n", count[c]);
}

/* --- when it ran last -------------------------------------------------------------- */

struct last {
	const struct od_task *task;
	uint64_t at;
};

static int latest_first(const void *a, const void *b)
{
	uint64_t x = ((const struct last *)a)->at, y = ((const struct last *)b)->at;

	return x > y ? -1 : x < y;
}

/* The clock of the CPU's run queue: sched_info counts by it. */
static uint64_t clock_of(struct od_kernel *k, int32_t cpu)
{
	uint64_t queues = od_kernel_symbol(k, "runqueues"), rq = 0, ret = 0;

	if (queues && cpu >= 0 && cpu < OD_MAX_CPUS)
		rq = od_kernel_percpu(k, queues, (unsigned)cpu);
	return rq && od_kernel_member(k, rq, "struct rq", "clock", &ret) ? ret : 0;
}

static void put_ago(struct view *v, const struct last *l)
{
	uint64_t now = clock_of(v->k, l->task->cpu), ms = now > l->at ? (now - l->at) / 1000000 : 0;

	od_buf_printf(v->out, "[%" PRIu64 " %02u:%02u:%02u.%03u]", ms / 86400000, (unsigned)(ms / 3600000 % 24),
		      (unsigned)(ms / 60000 % 60), (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000));
}

static void last_run(struct view *v, bool ago)
{
	struct od_field arrival;
	struct last *last;
	char digits[24];
	int width = 1;

	if (!od_kernel_field(v->k, "struct task_struct", "sched_info.last_arrival", &arrival)) {
		od_buf_addstr(v->out, "The kernel does not tell when its tasks ran last: "
				      "no types, or built without CONFIG_SCHED_INFO.\n");
		return;
	}
	last = od_calloc(v->n + 1, sizeof(*last));
	for (uint32_t i = 0; i < v->n; i++) {
		last[i].task = v->tasks[i];
		od_field_read(v->k, &arrival, v->tasks[i]->addr, &last[i].at);
	}
	qsort(last, v->n, sizeof(*last), latest_first);
	if (v->n)
		width = snprintf(digits, sizeof(digits), "%" PRIu64, last[0].at);
	for (uint32_t i = 0; i < v->n; i++) {
		if (ago)
			put_ago(v, &last[i]);
		else
			od_buf_printf(v->out, "[%*" PRIu64 "]", width, last[i].at);
		od_buf_printf(v->out, " [%s]  ", od_task_state_word(last[i].task->state));
		od_task_print_head(last[i].task, v->out);
	}
	free(last);
}

/* --- times ------------------------------------------------------------------------- */

static void times(struct view *v)
{
	struct od_field user, system;
	struct od_system sys;
	uint64_t value;

	od_kernel_system(v->k, &sys);
	od_kernel_field(v->k, "struct task_struct", "utime", &user);
	od_kernel_field(v->k, "struct task_struct", "stime", &system);
	for (uint32_t i = 0; i < v->n && !v->s->cancelled; i++) {
		const struct od_task *t = v->tasks[i];
		uint64_t run = sys.uptime_ns > t->start_ns ? (sys.uptime_ns - t->start_ns) / 1000000000 : 0;

		od_task_print_head(t, v->out);
		if (sys.has_uptime)
			od_buf_printf(v->out, "    RUN TIME: %02" PRIu64 ":%02u:%02u\n", run / 3600,
				      (unsigned)(run / 60 % 60), (unsigned)(run % 60));
		od_buf_printf(v->out, "  START TIME: %" PRIu64 "\n", t->start_ns);
		if (od_field_read(v->k, &user, t->addr, &value))
			od_buf_printf(v->out, "       UTIME: %" PRIu64 "\n", value);
		if (od_field_read(v->k, &system, t->addr, &value))
			od_buf_printf(v->out, "       STIME: %" PRIu64 "\n", value);
		od_buf_addch(v->out, '\n');
	}
}

/* --- parents and children ------------------------------------------------------------ */

static void parents(struct view *v)
{
	const struct od_task *line[MAX_PARENTS];

	for (uint32_t i = 0; i < v->n && !v->s->cancelled; i++) {
		const struct od_task *t = v->tasks[i];
		unsigned n = 0;

		/* init_task is its own parent; damaged ones may run in a circle. */
		for (; t && n < MAX_PARENTS; t = t->parent == t->addr ? NULL : od_task_by_addr(v->all, t->parent))
			line[n++] = t;
		for (unsigned j = n; j-- > 0;) {
			od_buf_fill(v->out, ' ', n - 1 - j);
			od_task_print_head(line[j], v->out);
		}
		if (n == MAX_PARENTS)
			od_buf_addstr(v->out, "(its parents run in a circle)\n");
		od_buf_addch(v->out, '\n');
	}
}

static int by_parent(const void *a, const void *b)
{
	const struct od_task *x = *(const struct od_task *const *)a, *y = *(const struct od_task *const *)b;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	return x < y ? -1 : x > y; /* as they were */
}

static uint32_t first_child(const struct od_task *const *sorted, uint32_t n, uint64_t parent)
{
	uint32_t low = 0, high = n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (sorted[mid]->parent < parent)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void children(struct view *v)
{
	const struct od_task **sorted = od_calloc(v->all->n + 1, sizeof(*sorted));

	for (uint32_t i = 0; i < v->all->n; i++)
		sorted[i] = &v->all->task[i];
	qsort(sorted, v->all->n, sizeof(*sorted), by_parent);
	for (uint32_t i = 0; i < v->n && !v->s->cancelled; i++) {
		const struct od_task *t = v->tasks[i];
		bool any = false;

		od_task_print_head(t, v->out);
		for (uint32_t j = first_child(sorted, v->all->n, t->addr);
		     j < v->all->n && sorted[j]->parent == t->addr; j++) {
			if (sorted[j] == t || sorted[j]->idle)
				continue;
			any = true;
			od_buf_addstr(v->out, "  ");
			od_task_print_head(sorted[j], v->out);
		}
		od_buf_addstr(v->out, any ? "\n" : "  (no children)\n\n");
	}
	free(sorted);
}

bool od_ps_view(struct od_session *s, const struct od_args *args, const struct od_task *const *tasks, uint32_t n,
		struct od_buf *out)
{
	struct view v = { s, s->target.kernel, od_kernel_tasks(s->target.kernel), tasks, n, out };

	if (od_args_has(args, 'S'))
		summary(&v);
	else if (od_args_has(args, 'l') || od_args_has(args, 'm'))
		last_run(&v, od_args_has(args, 'm'));
	else if (od_args_has(args, 't'))
		times(&v);
	else if (od_args_has(args, 'p'))
		parents(&v);
	else if (od_args_has(args, 'c'))
		children(&v);
	else
		return false;
	return true;
}
