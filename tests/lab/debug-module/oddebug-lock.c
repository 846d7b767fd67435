// SPDX-License-Identifier: GPL-3.0-or-later
// Faults of locking: for lockdep, the checks of spinlocks, and the check for sleeping in atomic context.
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include "oddebug.h"

static DEFINE_MUTEX(od_journal_lock);
static DEFINE_MUTEX(od_inode_lock);
static DEFINE_MUTEX(od_quota_lock);

static noinline void od_journal_commit(void)
{
	mutex_lock(&od_journal_lock);
	mutex_lock(&od_inode_lock);
	mutex_unlock(&od_inode_lock);
	mutex_unlock(&od_journal_lock);
}

static noinline void od_inode_evict(void)
{
	mutex_lock(&od_inode_lock);
	mutex_lock(&od_quota_lock);
	mutex_unlock(&od_quota_lock);
	mutex_unlock(&od_inode_lock);
}

static noinline void od_inode_flush(void)
{
	mutex_lock(&od_inode_lock);
	mutex_lock(&od_journal_lock);
	mutex_unlock(&od_journal_lock);
	mutex_unlock(&od_inode_lock);
}

static noinline void od_quota_sync(void)
{
	mutex_lock(&od_quota_lock);
	mutex_lock(&od_journal_lock);
	mutex_unlock(&od_journal_lock);
	mutex_unlock(&od_quota_lock);
}

static noinline void od_lock_circular(void)
{
	od_journal_commit();
	od_inode_flush();
}

static noinline void od_lock_circular3(void)
{
	od_journal_commit();
	od_inode_evict();
	od_quota_sync();
}

/* A work item that is waited for with the lock that it takes. */
static noinline void od_flush_work_run(struct work_struct *work)
{
	mutex_lock(&od_journal_lock);
	mutex_unlock(&od_journal_lock);
}

static DECLARE_WORK(od_flush_item, od_flush_work_run);

static noinline void od_lock_flush_work(void)
{
	schedule_work(&od_flush_item);
	msleep(100);
	mutex_lock(&od_journal_lock);
	cancel_work_sync(&od_flush_item);
	mutex_unlock(&od_journal_lock);
}

struct od_dir {
	spinlock_t lock;
	int entries;
};

static noinline struct od_dir *od_dir_new(void)
{
	struct od_dir *d = kzalloc(sizeof(*d), GFP_KERNEL);

	spin_lock_init(&d->lock);
	return d;
}

static noinline void od_dir_rename(struct od_dir *from, struct od_dir *to)
{
	spin_lock(&from->lock);
	spin_lock(&to->lock);
	from->entries--;
	to->entries++;
	spin_unlock(&to->lock);
	spin_unlock(&from->lock);
}

static noinline void od_lock_recursive(void)
{
	od_dir_rename(od_dir_new(), od_dir_new());
}

static noinline void od_lock_self(void)
{
	struct od_dir *d = od_dir_new();

	od_dir_rename(d, d);
}

/* A lock in a timer and, with interrupts on, in a task. */
static DEFINE_RAW_SPINLOCK(od_stats_lock);
static DEFINE_RAW_SPINLOCK(od_tail_lock);
static DEFINE_SPINLOCK(od_ring_lock);
static unsigned long od_stats;

static noinline void od_stats_update(void)
{
	raw_spin_lock(&od_stats_lock);
	od_stats++;
	raw_spin_unlock(&od_stats_lock);
}

static void od_stats_expired(struct timer_list *unused)
{
	od_stats_update();
}

static struct timer_list od_stats_timer;

static noinline void od_lock_softirq(void)
{
	od_stats_update();
	timer_setup(&od_stats_timer, od_stats_expired, 0);
	mod_timer(&od_stats_timer, jiffies + 2);
	msleep(200);
}

static void od_stats_ipi(void *unused)
{
	od_stats_update();
}

/* In an interrupt: on the other processor, where none is on this one. */
static void od_stats_elsewhere(void)
{
	int cpu = get_cpu();

	smp_call_function_single(cpu ? 0 : 1, od_stats_ipi, NULL, 1);
	put_cpu();
}

static noinline void od_lock_hardirq(void)
{
	unsigned long flags;

	local_irq_save(flags);
	od_stats_ipi(NULL);
	local_irq_restore(flags);
	od_stats_elsewhere();
	od_stats_update();
}

static noinline void od_ring_push(void)
{
	raw_spin_lock(&od_tail_lock);
	od_stats++;
	raw_spin_unlock(&od_tail_lock);
}

static noinline void od_stats_to_ring(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&od_stats_lock, flags);
	od_ring_push();
	raw_spin_unlock_irqrestore(&od_stats_lock, flags);
}

static noinline void od_lock_safe_unsafe(void)
{
	od_stats_elsewhere();
	od_ring_push();
	od_stats_to_ring();
}

static noinline void od_lock_inversion(void)
{
	od_ring_push();
	od_stats_to_ring();
	od_stats_elsewhere();
}

static noinline void od_lock_bad_unlock(void)
{
	mutex_unlock(&od_quota_lock);
	barrier();
}

struct od_volume {
	struct mutex lock;
	struct rw_semaphore tree;
	int id;
};

static noinline void od_volume_free(struct od_volume *v)
{
	kfree(v);
	barrier();
}

static noinline void od_lock_held_freed(void)
{
	struct od_volume *v = kzalloc(sizeof(*v), GFP_KERNEL);

	mutex_init(&v->lock);
	mutex_lock(&v->lock);
	od_volume_free(v);
}

static noinline void od_lock_not_static(void)
{
	struct od_volume *v = kzalloc(sizeof(*v), GFP_KERNEL);

	down_read(&v->tree);
	up_read(&v->tree);
}

static int od_lock_holder(void *unused)
{
	mutex_lock(&od_quota_lock);
	return 0;
}

static noinline void od_lock_exit_held(void)
{
	kthread_run(od_lock_holder, NULL, "od_holder");
	msleep(300);
}

static noinline void od_lock_user(void)
{
	mutex_lock(&od_quota_lock);
}

static DEFINE_RAW_SPINLOCK(od_hw_lock);

static noinline void od_hw_update(void)
{
	raw_spin_lock(&od_hw_lock);
	spin_lock(&od_ring_lock);
	spin_unlock(&od_ring_lock);
	raw_spin_unlock(&od_hw_lock);
}

static noinline void od_lock_wait_context(void)
{
	od_hw_update();
	barrier();
}

static noinline void od_spin_magic(void)
{
	struct od_dir *d = od_dir_new();

	memset(&d->lock, 0x6b, 8);
	spin_lock(&d->lock);
	spin_unlock(&d->lock);
}

static noinline void od_spin_unlocked(void)
{
	spin_unlock(&od_ring_lock);
	barrier();
}

/* RCU */

static int __rcu *od_config;

static noinline int od_config_get(void)
{
	int *p = rcu_dereference(od_config);

	return p ? *p : 0;
}

static noinline void od_rcu_suspicious(void)
{
	pr_info("oddebug: %d\n", od_config_get());
}

static noinline void od_config_reload(void)
{
	kfree(kmalloc(128, GFP_KERNEL));
	barrier();
}

static noinline void od_rcu_sleep(void)
{
	rcu_read_lock();
	od_config_reload();
	rcu_read_unlock();
}

static noinline void od_rcu_switch(void)
{
	rcu_read_lock();
	msleep(20);
	rcu_read_unlock();
}

/* Sleeping where one may not */

static noinline void od_cache_refill(void)
{
	kfree(kmalloc(128, GFP_KERNEL));
	barrier();
}

static noinline void od_atomic_alloc(void)
{
	spin_lock(&od_ring_lock);
	od_cache_refill();
	spin_unlock(&od_ring_lock);
}

static noinline void od_atomic_mutex(void)
{
	unsigned long flags;

	local_irq_save(flags);
	mutex_lock(&od_quota_lock);
	mutex_unlock(&od_quota_lock);
	local_irq_restore(flags);
}

static noinline void od_wait_for_disk(void)
{
	msleep(20);
	barrier();
}

static noinline void od_atomic_schedule(void)
{
	spin_lock(&od_ring_lock);
	od_wait_for_disk();
	spin_unlock(&od_ring_lock);
}

static void od_atomic_expired(struct timer_list *unused)
{
	od_cache_refill();
}

static struct timer_list od_atomic_timer_list;

static noinline void od_atomic_timer(void)
{
	timer_setup(&od_atomic_timer_list, od_atomic_expired, 0);
	mod_timer(&od_atomic_timer_list, jiffies + 2);
	msleep(300);
}

static DEFINE_PER_CPU(int, od_hits);

static noinline void od_preempt_cpu(void)
{
	pr_info("oddebug: cpu %d\n", smp_processor_id());
}

static noinline void od_preempt_this_cpu(void)
{
	__this_cpu_add(od_hits, 3);
	barrier();
}

static void od_leaky_work(struct work_struct *work)
{
	preempt_disable();
}

static DECLARE_WORK(od_leaky, od_leaky_work);

static noinline void od_work_leak(void)
{
	schedule_work(&od_leaky);
	msleep(300);
}

static void od_timer_leaks(struct timer_list *unused)
{
	preempt_disable();
}

static struct timer_list od_timer_leaky;

static noinline void od_timer_leak(void)
{
	timer_setup(&od_timer_leaky, od_timer_leaks, 0);
	mod_timer(&od_timer_leaky, jiffies + 2);
	msleep(300);
}

const struct od_fault od_lock_faults[] = {
	{ "lock_circular", od_lock_circular },
	{ "lock_circular3", od_lock_circular3 },
	{ "lock_flush_work", od_lock_flush_work },
	{ "lock_recursive", od_lock_recursive },
	{ "lock_self", od_lock_self },
	{ "lock_softirq", od_lock_softirq },
	{ "lock_hardirq", od_lock_hardirq },
	{ "lock_safe_unsafe", od_lock_safe_unsafe },
	{ "lock_inversion", od_lock_inversion },
	{ "lock_bad_unlock", od_lock_bad_unlock },
	{ "lock_held_freed", od_lock_held_freed },
	{ "lock_not_static", od_lock_not_static },
	{ "lock_exit_held", od_lock_exit_held },
	{ "lock_user", od_lock_user },
	{ "lock_wait_context", od_lock_wait_context },
	{ "spin_magic", od_spin_magic },
	{ "spin_unlocked", od_spin_unlocked },
	{ "rcu_suspicious", od_rcu_suspicious },
	{ "rcu_sleep", od_rcu_sleep },
	{ "rcu_switch", od_rcu_switch },
	{ "atomic_alloc", od_atomic_alloc },
	{ "atomic_mutex", od_atomic_mutex },
	{ "atomic_schedule", od_atomic_schedule },
	{ "atomic_timer", od_atomic_timer },
	{ "preempt_cpu", od_preempt_cpu },
	{ "preempt_this_cpu", od_preempt_this_cpu },
	{ "work_leak", od_work_leak },
	{ "timer_leak", od_timer_leak },
	{ NULL, NULL },
};
