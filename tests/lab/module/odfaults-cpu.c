// SPDX-License-Identifier: GPL-3.0-or-later
// Faults of the processor, of checks in the kernel, and of tasks that do not go on.
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include "odfaults.h"
#include "odfaults-main.h"

struct od_session {
	unsigned long id;
	char name[48];
	unsigned long state;
	int (*notify)(struct od_session *s, int event);
};

static noinline unsigned long od_session_id(struct od_session *s)
{
	OPTIMIZER_HIDE_VAR(s);
	return s->id; /* FAULT: err_ptr_first */
}

static noinline unsigned long od_session_state(struct od_session *s)
{
	OPTIMIZER_HIDE_VAR(s);
	return s->state; /* FAULT: null_deref wild_deref page_fault err_ptr */
}

static noinline int od_session_notify(struct od_session *s, int event)
{
	OPTIMIZER_HIDE_VAR(s);
	return s->notify(s, event) + 1; /* FAULT: null_call */
}

static noinline int od_ratio(int bytes, int blocks)
{
	OPTIMIZER_HIDE_VAR(blocks);
	return bytes / blocks; /* FAULT: divide */
}

static noinline unsigned long od_recurse(unsigned long depth)
{
	volatile char frame[512];

	frame[depth % sizeof(frame)] = (char)depth;
	if (depth == ULONG_MAX)
		return 0;
	return od_recurse(depth + 1) + frame[(depth * 7) % sizeof(frame)]; /* VIA: stack_overflow */
}

static noinline void od_null_deref(void)
{
	pr_info("odfaults: %lu\n", od_session_state(NULL));
}

static noinline void od_wild_deref(void)
{
	pr_info("odfaults: %lu\n", od_session_state((void *)0xdeadbeefcafe0000UL));
}

static noinline void od_page_fault(void)
{
	pr_info("odfaults: %lu\n", od_session_state((void *)0xffffc8ff00000000UL));
}

static noinline void od_err_ptr(void)
{
	pr_info("odfaults: %lu\n", od_session_state(ERR_PTR(-ENOMEM)));
}

static noinline void od_err_ptr_first(void)
{
	pr_info("odfaults: %lu\n", od_session_id(ERR_PTR(-ENOENT)));
}

static noinline void od_null_call(void)
{
	struct od_session s = { .id = 1 };

	pr_info("odfaults: %d\n", od_session_notify(&s, 2));
}

static noinline void od_write_const(void)
{
	char *p = (char *)hex_asc;

	OPTIMIZER_HIDE_VAR(p);
	*(volatile char *)p = 'x'; /* FAULT: write_const */
}

static noinline void od_divide(void)
{
	pr_info("odfaults: %d\n", od_ratio(4096, 0));
}

static noinline void od_bug(void)
{
	struct od_session s = { .id = 1 };

	OPTIMIZER_HIDE_VAR(s.state);
	BUG_ON(s.state == 0); /* FAULT: bug */
}

static noinline void od_warn(void)
{
	struct od_session s = { .id = 1 };

	OPTIMIZER_HIDE_VAR(s.state);
	WARN(s.state == 0, "odfaults: session %lu has no state\n", s.id); /* FAULT: warn */
}

static noinline void od_stack_overflow(void)
{
	pr_info("odfaults: %lu\n", od_recurse(0));
}

static noinline void od_panic(void)
{
	panic("odfaults: session %d lost its disk", 1); /* FAULT: panic */
}

static noinline void od_refcount(void)
{
	refcount_t count = REFCOUNT_INIT(1);

	if (refcount_dec_and_test(&count))
		refcount_inc(&count); /* FAULT: refcount */
	barrier();
}

static noinline void od_spin(void)
{
	preempt_disable();
	for (;;)
		cpu_relax(); /* VIA: soft_lockup rcu_stall */
}

static struct rcu_head od_rcu;

static void od_rcu_done(struct rcu_head *head)
{
	pr_info("odfaults: grace period over\n");
}

static noinline void od_rcu_stall(void)
{
	call_rcu(&od_rcu, od_rcu_done);
	od_spin(); /* VIA: rcu_stall */
	barrier();
}

static noinline void od_hung_task(void)
{
	DECLARE_COMPLETION_ONSTACK(never);

	wait_for_completion(&never); /* FAULT: hung_task */
}

const struct od_fault od_cpu_faults[] = {
	{ "null_deref", od_null_deref },
	{ "wild_deref", od_wild_deref },
	{ "page_fault", od_page_fault },
	{ "err_ptr", od_err_ptr },
	{ "err_ptr_first", od_err_ptr_first },
	{ "null_call", od_null_call },
	{ "write_const", od_write_const },
	{ "divide", od_divide },
	{ "bug", od_bug },
	{ "warn", od_warn },
	{ "stack_overflow", od_stack_overflow },
	{ "panic", od_panic },
	{ "refcount", od_refcount },
	{ "soft_lockup", od_spin },
	{ "rcu_stall", od_rcu_stall },
	{ "hung_task", od_hung_task },
	{ NULL, NULL },
};
