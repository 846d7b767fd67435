/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/waits.h"

#include <stdlib.h>

#include "base/alloc.h"

static int by_task(const void *a, const void *b)
{
	const struct od_wait_edge *const *x = a, *const *y = b;

	return ((*x)->wait.task > (*y)->wait.task) - ((*x)->wait.task < (*y)->wait.task);
}

/* The edge that leads on from its owner; NULL: the owner waits for nothing. */
static struct od_wait_edge *next_of(struct od_wait_edge **sorted, uint32_t n, const struct od_wait_edge *e)
{
	struct od_wait_edge key = { .wait.task = e->wait.owner }, *pkey = &key, **found;

	if (!e->wait.owner)
		return NULL;
	found = bsearch(&pkey, sorted, n, sizeof(*sorted), by_task);
	return found ? *found : NULL;
}

/*
 * Every task waits for at most one other: a walk from each that stops where an earlier one came by sees
 * every edge at most twice.
 */
static void find_cycles(struct od_waits *w)
{
	struct od_wait_edge **sorted = od_calloc(w->n, sizeof(struct od_wait_edge *));
	uint32_t *seen = od_calloc(w->n, sizeof(*seen)); /* number of the walk that came by */

	for (uint32_t i = 0; i < w->n; i++)
		sorted[i] = &w->edge[i];
	qsort(sorted, w->n, sizeof(struct od_wait_edge *), by_task);
	for (uint32_t i = 0; i < w->n; i++) {
		struct od_wait_edge *e = &w->edge[i], *start;

		while (e && !seen[e - w->edge]) {
			seen[e - w->edge] = i + 1;
			e = next_of(sorted, w->n, e);
		}
		if (!e || seen[e - w->edge] != i + 1)
			continue;
		start = e;
		do {
			e->in_cycle = true;
			e = next_of(sorted, w->n, e);
		} while (e && e != start);
	}
	free(sorted);
	free(seen);
}

void od_kernel_waits(struct od_kernel *k, struct od_arena *arena, struct od_waits *ret)
{
	const struct od_tasks *tasks = od_kernel_tasks(k);
	uint32_t cap = 0;

	*ret = (struct od_waits){ 0 };
	for (uint32_t i = 0; i < tasks->n; i++) {
		const struct od_task *task = &tasks->task[i];
		struct od_wait_edge *e;
		struct od_wait wait;

		if (task->state != 'D')
			continue;
		ret->blocked++;
		if (!od_kernel_wait(k, task, &wait))
			continue;
		if (ret->n == OD_MAX_WAITS) {
			ret->left++;
			continue;
		}
		e = od_push(arena, ret->edge, ret->n, cap);
		e->task = task;
		e->wait = wait;
		e->owner = wait.owner ? od_task_by_addr(tasks, wait.owner) : NULL;
	}
	if (ret->n)
		find_cycles(ret);
}
