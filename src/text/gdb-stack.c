/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stacks while they are being read: where one begins, and which are copies of others. */
#include "text/gdb-internal.h"

#include <stdio.h>

static bool same_frame(const struct od_frame *a, const struct od_frame *b)
{
	if (a->number != b->number || a->addr != b->addr || a->line != b->line ||
	    (a->flags & OD_FRAME_SIGNAL) != (b->flags & OD_FRAME_SIGNAL) || !a->symbol != !b->symbol)
		return false;
	return !a->symbol || !strcmp(a->symbol, b->symbol);
}

/* Is small a part of big: the same frames under the same numbers? */
static bool part_of(const struct od_stack *small, const struct od_stack *big)
{
	uint32_t skip = small->frames[0].number - big->frames[0].number;

	if (small->frames[0].number < big->frames[0].number || skip >= big->nframes ||
	    big->nframes - skip < small->nframes)
		return false;
	for (uint32_t i = 0; i < small->nframes; i++)
		if (!same_frame(&small->frames[i], &big->frames[skip + i]))
			return false;
	return true;
}

static uint64_t weight(const struct od_stack *s)
{
	uint64_t n = (uint64_t)s->nframes << 32;

	for (uint32_t i = 0; i < s->nframes; i++)
		n += s->frames[i].nvars;
	return n;
}

/* Of two copies of one stack the more complete one stays, in the place of the first. */
static void drop_copy(struct od_gdb *g, uint32_t old, uint32_t new)
{
	struct od_report *rep = g->rep;
	struct od_gdb_stack *meta = &g->meta[old];
	const char *name = rep->stacks[meta->thread ? old : new].name;
	struct od_stack dropped = rep->stacks[new];

	if (weight(&rep->stacks[new]) > weight(&rep->stacks[old])) {
		dropped = rep->stacks[old];
		rep->stacks[old] = rep->stacks[new];
		meta->stopped = g->meta[new].stopped;
	}
	rep->stacks[old].name = name;
	if (!meta->thread)
		meta->thread = g->meta[new].thread;
	if (!meta->thread_name)
		meta->thread_name = g->meta[new].thread_name;
	if (!meta->lwp)
		meta->lwp = g->meta[new].lwp;
	meta->proven |= g->meta[new].proven;
	rep->nstacks--;
	/* A single frame is what gdb shows when it stops or is told to select one. */
	if (dropped.nframes > 1)
		od_report_note(rep, dropped.lines.first,
			       "lines %u-%u repeat a backtrace that stands elsewhere: left out",
			       dropped.lines.first, dropped.lines.last);
}

void od_gdb_close_stack(struct od_gdb *g)
{
	const uint32_t new = (uint32_t)g->stack;
	struct od_stack *stack;

	g->frame_open = g->in_frame = false;
	if (g->stack < 0)
		return;
	g->stack = -1;
	stack = &g->rep->stacks[new];
	if (!stack->nframes) {
		g->rep->nstacks--;
		return;
	}
	for (uint32_t i = 0; i < new; i++) {
		/* Idle threads of one program look alike. */
		if (g->meta[i].thread && g->meta[new].thread &&
		    g->meta[i].thread != g->meta[new].thread)
			continue;
		if (part_of(stack, &g->rep->stacks[i]) || part_of(&g->rep->stacks[i], stack)) {
			drop_copy(g, i, new);
			return;
		}
	}
}

void od_gdb_open_stack(struct od_gdb *g, uint32_t lineno)
{
	uint64_t thread = g->next.thread;
	char name[32];
	struct od_stack *stack;

	snprintf(name, sizeof(name), "thread %llu", (unsigned long long)(thread ? thread : 1));
	stack = od_report_add_stack(g->rep, name);
	if (!stack)
		return;
	g->stack = (int32_t)(stack - g->rep->stacks);
	g->meta[g->stack] = g->next;
	g->next.stopped = NULL;
	g->next.proven = false;
	stack->lines.first = stack->lines.last = lineno;
}

struct od_frame *od_gdb_last_frame(struct od_gdb *g)
{
	struct od_stack *stack = g->stack < 0 ? NULL : &g->rep->stacks[g->stack];

	return stack && stack->nframes && g->frame_open ? &stack->frames[stack->nframes - 1] : NULL;
}
