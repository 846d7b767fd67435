/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Headings inside a report: whose trace comes next. Sources: mm/kasan/report*.c, mm/kfence/report.c,
 * mm/kmsan/report.c, mm/page_owner.c, mm/slub.c, mm/kmemleak.c, kernel/locking/lockdep.c,
 * lib/nmi_backtrace.c, kernel/rcu/tree_stall.h, kernel/sched/core.c; 3.10 to 6.17, older where said.
 */
#include <string.h>

#include "text/incident.h"

enum {
	ASIDE = 1 << 1,	  /* not the trace of the crash itself */
	OWN_CPU = 1 << 2, /* a "CPU:" line of its own may follow */
	NUMBERED = 1 << 3, /* the number after the literal is part of the name */
	HEADED = 1 << 5,   /* its trace begins with "Call Trace:" */
	KEEP = 1 << 4,	   /* the line also says more: other rules may read it */
};

static const struct section {
	const char *literal;
	const char *name;
	unsigned flags;
} sections[] = {
	{ "Allocated by task", "allocated", ASIDE | KEEP },
	{ "Allocated by:", "allocated", ASIDE },
	{ "Allocated:", "allocated", ASIDE },
	{ "allocated by task", "allocated", ASIDE | KEEP },
	{ "Allocated in ", "allocated", ASIDE | KEEP },
	{ "INFO: Allocated in ", "allocated", ASIDE | KEEP },
	{ "Freed by task", "freed", ASIDE | KEEP },
	{ "Freed by:", "freed", ASIDE },
	{ "Freed:", "freed", ASIDE },
	{ "freed by task", "freed", ASIDE | KEEP },
	{ "Freed in ", "freed", ASIDE | KEEP },
	{ "INFO: Freed in ", "freed", ASIDE | KEEP },
	{ "Last potentially related work creation:", "work creation", ASIDE },
	{ "Second to last potentially related work creation:", "work creation 2", ASIDE },
	{ "Last call_rcu():", "work creation", ASIDE },
	{ "Second to last call_rcu():", "work creation 2", ASIDE },
	{ "Last one call_rcu() call stack:", "work creation", ASIDE },
	{ "Uninit was stored to memory at:", "stored", ASIDE },
	{ "Uninit was created at:", "created", ASIDE },
	{ "Local variable ", "created", ASIDE | KEEP },
	{ "page last allocated via order", "page allocated", ASIDE | KEEP },
	{ "page allocated via order", "page allocated", ASIDE | KEEP },
	{ "page last free stack trace:", "page freed", ASIDE },
	{ "page last free pid", "page freed", ASIDE },
	{ "page has been migrated, last migrate reason", "page allocated", ASIDE | KEEP },
	{ "NMI backtrace for cpu ", "cpu ", ASIDE | OWN_CPU | NUMBERED },
	{ "Task dump for CPU ", "cpu ", ASIDE | NUMBERED | HEADED },
	{ "Backtrace for cpu ", "cpu ", ASIDE | OWN_CPU | NUMBERED },
	{ "RCU grace-period kthread stack dump:", "rcu kthread", ASIDE | HEADED },
	{ "Stack dump where RCU GP kthread last ran:", "cpu", ASIDE | OWN_CPU },
	{ "stack backtrace:", NULL, 0 },
	{ "the existing dependency chain (in reverse order) is:", "lock chain", ASIDE },
	{ "... which became ", "became", ASIDE },
	{ "which became ", "became", ASIDE },
	{ "the dependencies between ", "dependencies", ASIDE },
	{ "the shortest dependencies between ", "dependencies", ASIDE },
	{ "{", "registered", ASIDE },
	{ "... key      at:", "lock chain", ASIDE | KEEP },
	{ "... acquired at:", "lock chain", ASIDE | KEEP },
	{ "other info that might help us debug this:", "held", ASIDE },
	{ "Showing all locks held in the system:", "locks", ASIDE },
	{ "Preemption disabled at:", "preemption disabled", ASIDE },
	{ "Kernel stack trace of the pid", "task", 0 },
};
enum { NSECTIONS = sizeof(sections) / sizeof(*sections) };

void od_section_open(struct od_incident *inc, const char *name, bool aside)
{
	od_stack_close(inc);
	inc->section = name ? od_arena_strdup(&inc->rep->arena, name) : NULL;
	inc->aside = aside;
	inc->own_cpu = false;
	inc->headed = false;
	inc->task_state = '\0';
}

void od_section_close(struct od_incident *inc)
{
	od_section_open(inc, NULL, false);
}

bool od_section_line(struct od_incident *inc, const struct od_record *rec)
{
	struct od_cursor text = od_cursor_init(rec->text, rec->len);

	od_cur_lit(&text, "rcu: ");
	for (const struct section *s = sections; s < sections + NSECTIONS; s++) {
		struct od_cursor c = text;
		const char *name = s->name;
		uint64_t n;

		if (*s->literal != od_cur_peek(&c) || !od_cur_lit(&c, s->literal))
			continue;
		if (*s->literal == '{' && !od_find(c.p, od_cur_left(&c), "state was registered at:"))
			continue;
		if (s->flags & NUMBERED) {
			if (!od_cur_dec(&c, &n))
				continue;
			name = od_arena_printf(&inc->rep->arena, "%s%llu", name, (unsigned long long)n);
		}
		od_section_open(inc, name, s->flags & ASIDE);
		inc->own_cpu = s->flags & OWN_CPU;
		inc->headed = s->flags & (OWN_CPU | HEADED);
		inc->bare = true;
		/*
		 * Registers of another CPU are not those of the crash, unless it is one that
		 * stalled: then its backtrace is what it is about.
		 */
		if (s->flags & OWN_CPU)
			inc->user_registers = inc->rep->nregisters || !od_is_stall(inc);
		return !(s->flags & KEEP);
	}
	return false;
}
