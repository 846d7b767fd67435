// SPDX-License-Identifier: GPL-3.0-or-later
// Faults that every kernel on every architecture knows.
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/version.h>
#include <linux/workqueue.h>
#include <linux/ctype.h>
#include "oddebug.h"

struct od_queue {
	struct list_head entries;
	unsigned long id;
	unsigned long depth;
	int (*complete)(struct od_queue *q, int status);
};

static noinline unsigned long od_queue_depth(struct od_queue *q)
{
	OPTIMIZER_HIDE_VAR(q);
	return READ_ONCE(q->depth);
}

static noinline void od_queue_reset(struct od_queue *q)
{
	OPTIMIZER_HIDE_VAR(q);
	WRITE_ONCE(q->depth, 0);
}

static noinline unsigned long od_queue_status(struct od_queue *q)
{
	unsigned long depth = od_queue_depth(q);

	return depth + 1;
}

static noinline int od_queue_complete(struct od_queue *q)
{
	OPTIMIZER_HIDE_VAR(q);
	return q->complete(q, 5) + 1;
}

static noinline void od_queue_insert(struct od_queue *q, struct list_head *entry)
{
	list_add(entry, &q->entries);
	q->depth++;
}

static noinline void od_queue_remove(struct od_queue *q, struct list_head *entry)
{
	list_del(entry);
	q->depth--;
}

static noinline void od_null_read(void)
{
	pr_info("oddebug: depth %lu\n", od_queue_status(NULL));
}

static noinline void od_null_write(void)
{
	od_queue_reset(NULL);
	barrier();
}

static noinline void od_wild_read(void)
{
	pr_info("oddebug: depth %lu\n", od_queue_status((void *)(0xdead000000000100UL & ULONG_MAX)));
}

static noinline void od_null_call(void)
{
	struct od_queue q = { .id = 1 };

	pr_info("oddebug: %d\n", od_queue_complete(&q));
}

static noinline void od_write_const(void)
{
	char *p = (char *)hex_asc;

	OPTIMIZER_HIDE_VAR(p);
	*(volatile char *)p = 'x';
}

static noinline void od_bug(void)
{
	struct od_queue q = { .id = 1 };

	OPTIMIZER_HIDE_VAR(q.depth);
	BUG_ON(q.depth == 0);
}

static noinline void od_warn(void)
{
	struct od_queue q = { .id = 1 };

	OPTIMIZER_HIDE_VAR(q.depth);
	WARN(q.depth == 0, "oddebug: queue %lu is empty\n", q.id);
}

static noinline void od_warn_on(void)
{
	struct od_queue q = { .id = 1 };

	OPTIMIZER_HIDE_VAR(q.depth);
	WARN_ON_ONCE(q.depth == 0);
}

static noinline void od_panic(void)
{
	panic("oddebug: queue %d lost its disk", 1);
}

static noinline void od_divide(void)
{
	int blocks = 0, bytes = 4096;

	OPTIMIZER_HIDE_VAR(blocks);
	pr_info("oddebug: %d\n", bytes / blocks);
}

static noinline void od_list_add(void)
{
	struct od_queue q = { .id = 1 };
	struct list_head a, b;

	INIT_LIST_HEAD(&q.entries);
	od_queue_insert(&q, &a);
	a.prev = NULL;
	q.entries.next->prev = &b;
	od_queue_insert(&q, &b);
}

static noinline void od_list_del(void)
{
	struct od_queue q = { .id = 1 };
	struct list_head a;

	INIT_LIST_HEAD(&q.entries);
	od_queue_insert(&q, &a);
	od_queue_remove(&q, &a);
	od_queue_remove(&q, &a);
}

static noinline void od_refcount_add_zero(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	refcount_inc(&count);
	barrier();
}

static noinline void od_refcount_underflow(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	if (refcount_sub_and_test(1, &count))
		pr_info("oddebug: last one\n");
	barrier();
}

static noinline void od_refcount_saturate(void)
{
	refcount_t count = REFCOUNT_INIT(REFCOUNT_MAX);

	refcount_add(4, &count);
	barrier();
}

static noinline void od_refcount_leak(void)
{
	refcount_t count = REFCOUNT_INIT(1);

	refcount_dec(&count);
	barrier();
}

/* In a timer: a fault in the softirq, a fault that the kernel cannot survive. */
static struct timer_list od_timer;

static noinline void od_timer_expired(struct timer_list *unused)
{
	pr_info("oddebug: depth %lu\n", od_queue_status(NULL));
}

static noinline void od_timer_null(void)
{
	timer_setup(&od_timer, od_timer_expired, 0);
	mod_timer(&od_timer, jiffies + 2);
	msleep(500);
}

/* A write: on s390 the page at 0 can be read. */
static noinline void od_timer_reset(struct timer_list *unused)
{
	od_queue_reset(NULL);
	barrier();
}

static noinline void od_timer_write(void)
{
	timer_setup(&od_timer, od_timer_reset, 0);
	mod_timer(&od_timer, jiffies + 2);
	msleep(500);
}

/* In a work item and in a kernel thread: a fault that kills only that. */
static noinline void od_work_run(struct work_struct *work)
{
	pr_info("oddebug: depth %lu\n", od_queue_status(NULL));
}

static DECLARE_WORK(od_work, od_work_run);

static noinline void od_work_null(void)
{
	schedule_work(&od_work);
	msleep(500);
}

static noinline int od_scrubber(void *data)
{
	pr_info("oddebug: depth %lu\n", od_queue_status(data));
	return 0;
}

static noinline void od_thread_null(void)
{
	kthread_run(od_scrubber, NULL, "od_scrub/0:1 x");
	msleep(500);
}

/* Two processors at once. */
static atomic_t od_ready;

static noinline void od_meet(void)
{
	atomic_inc(&od_ready);
	while (atomic_read(&od_ready) < 2)
		cpu_relax();
}

static noinline int od_reader(void *data)
{
	od_meet();
	pr_info("oddebug: depth %lu\n", od_queue_status(NULL));
	return 0;
}

static noinline int od_writer(void *data)
{
	od_meet();
	od_write_const();
	return 0;
}

static noinline int od_checker(void *data)
{
	od_meet();
	WARN(1, "oddebug: checker %ld found garbage\n", (long)data);
	return 0;
}

static noinline int od_auditor(void *data)
{
	od_meet();
	WARN(1, "oddebug: auditor %ld found a hole\n", (long)data);
	return 0;
}

static void od_start_two(int (*a)(void *), int (*b)(void *))
{
	struct task_struct *one, *two;

	atomic_set(&od_ready, 0);
	one = kthread_create(a, (void *)1, "od_one");
	two = kthread_create(b, (void *)2, "od_two");
	kthread_bind(one, 0);
	kthread_bind(two, 1);
	wake_up_process(one);
	wake_up_process(two);
	msleep(3000);
}

static noinline void od_two_oopses(void)
{
	od_start_two(od_reader, od_writer);
}

static noinline void od_two_warnings(void)
{
	od_start_two(od_checker, od_auditor);
}

static noinline unsigned long od_recurse(unsigned long depth)
{
	volatile char frame[512];

	frame[depth % sizeof(frame)] = (char)depth;
	if (depth == ULONG_MAX)
		return 0;
	return od_recurse(depth + 1) + frame[(depth * 7) % sizeof(frame)];
}

static noinline void od_stack_overflow(void)
{
	pr_info("oddebug: %lu\n", od_recurse(0));
}

static noinline void od_stack_end(void)
{
	*end_of_stack(current) = 0;
	msleep(100);
}

static noinline void od_undefined(void)
{
#if defined(CONFIG_X86)
	asm volatile("ud2");
#elif defined(CONFIG_ARM64)
	asm volatile("udf #7");
#elif defined(CONFIG_ARM)
	asm volatile(".inst 0xe7f7def7");
#elif defined(CONFIG_S390)
	asm volatile(".long 0");
#elif defined(CONFIG_PPC)
	asm volatile(".long 0");
#elif defined(CONFIG_RISCV)
	asm volatile("unimp");
#endif
	barrier();
}

/* More than one thing wrong before the end. */
static noinline void od_noisy(void)
{
	od_warn();
	od_refcount_underflow();
	od_list_del();
}

const struct od_fault od_plain_faults[] = {
	{ "null_read", od_null_read },
	{ "null_write", od_null_write },
	{ "wild_read", od_wild_read },
	{ "null_call", od_null_call },
	{ "write_const", od_write_const },
	{ "bug", od_bug },
	{ "warn", od_warn },
	{ "warn_on", od_warn_on },
	{ "panic", od_panic },
	{ "divide", od_divide },
	{ "list_add", od_list_add },
	{ "list_del", od_list_del },
	{ "refcount_add_zero", od_refcount_add_zero },
	{ "refcount_underflow", od_refcount_underflow },
	{ "refcount_saturate", od_refcount_saturate },
	{ "refcount_leak", od_refcount_leak },
	{ "timer_null", od_timer_null },
	{ "timer_write", od_timer_write },
	{ "work_null", od_work_null },
	{ "thread_null", od_thread_null },
	{ "two_oopses", od_two_oopses },
	{ "two_warnings", od_two_warnings },
	{ "stack_overflow", od_stack_overflow },
	{ "stack_end", od_stack_end },
	{ "undefined", od_undefined },
	{ "noisy", od_noisy },
	{ NULL, NULL },
};
