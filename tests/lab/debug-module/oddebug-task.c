// SPDX-License-Identifier: GPL-3.0-or-later
// Tasks and processors that do not go on, and what else needs time: interrupts, network devices, races.
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timer.h>
#include <linux/version.h>
#include <linux/workqueue.h>
#include "oddebug.h"

static noinline void od_busy_loop(void)
{
	for (;;)
		cpu_relax();
}

static struct task_struct *od_start_on(unsigned int cpu, int (*run)(void *), const char *name)
{
	struct task_struct *t = kthread_create(run, NULL, "%s", name);

	if (IS_ERR(t))
		return NULL;
	kthread_bind(t, cpu);
	wake_up_process(t);
	return t;
}

static noinline int od_compactor(void *unused)
{
	preempt_disable();
	od_busy_loop();
	return 0;
}

static noinline int od_deaf(void *unused)
{
	local_irq_disable();
	od_busy_loop();
	return 0;
}

static noinline void od_soft_lockup(void)
{
	preempt_disable();
	od_busy_loop();
	barrier();
}

static noinline void od_soft_lockup_thread(void)
{
	od_start_on(1, od_compactor, "od_compactor");
	msleep(60000);
}

static void od_lockup_expired(struct timer_list *unused)
{
	od_busy_loop();
}

static struct timer_list od_lockup_timer;

static noinline void od_soft_lockup_timer(void)
{
	timer_setup(&od_lockup_timer, od_lockup_expired, 0);
	mod_timer(&od_lockup_timer, jiffies + 2);
	msleep(60000);
}

static noinline void od_hard_lockup(void)
{
	od_start_on(1, od_deaf, "od_deaf");
	msleep(60000);
}

/* RCU */

static struct rcu_head od_rcu_head;

static void od_rcu_done(struct rcu_head *head)
{
	pr_info("oddebug: grace period over\n");
}

static noinline void od_rcu_stall_self(void)
{
	call_rcu(&od_rcu_head, od_rcu_done);
	preempt_disable();
	od_busy_loop();
	preempt_enable();
}

static noinline void od_rcu_stall_preempted(void)
{
	call_rcu(&od_rcu_head, od_rcu_done);
	rcu_read_lock();
	od_busy_loop();
	rcu_read_unlock();
}

static noinline void od_rcu_stall_other(void)
{
	od_start_on(1, od_deaf, "od_deaf");
	msleep(100);
	call_rcu(&od_rcu_head, od_rcu_done);
	msleep(60000);
}

static noinline int od_rcu_sleeper(void *unused)
{
	rcu_read_lock();
	for (;;)
		schedule();
	rcu_read_unlock();
	return 0;
}

static noinline void od_rcu_stall_task(void)
{
	od_start_on(1, od_rcu_sleeper, "od_rcu_sleeper");
	msleep(100);
	call_rcu(&od_rcu_head, od_rcu_done);
	msleep(60000);
}

static noinline void od_rcu_expedited(void)
{
	od_start_on(1, od_compactor, "od_compactor");
	msleep(100);
	synchronize_rcu_expedited();
}

static noinline int od_greedy(void *unused)
{
	sched_set_fifo(current);
	od_busy_loop();
	return 0;
}

static noinline void od_rcu_starved(void)
{
	unsigned int cpu;

	call_rcu(&od_rcu_head, od_rcu_done);
	for_each_online_cpu(cpu)
		od_start_on(cpu, od_greedy, "od_greedy");
	msleep(60000);
}

/* Hung tasks */

static DEFINE_MUTEX(od_super_lock);
static DECLARE_RWSEM(od_super_sem);

static noinline int od_sleeping_owner(void *unused)
{
	mutex_lock(&od_super_lock);
	down_write(&od_super_sem);
	for (;;)
		schedule_timeout_uninterruptible(HZ);
	return 0;
}

static noinline void od_super_sync(void)
{
	mutex_lock(&od_super_lock);
	mutex_unlock(&od_super_lock);
}

static noinline void od_super_read(void)
{
	down_read(&od_super_sem);
	up_read(&od_super_sem);
}

static noinline void od_hung_mutex(void)
{
	kthread_run(od_sleeping_owner, NULL, "od_owner");
	msleep(200);
	od_super_sync();
}

static noinline void od_hung_rwsem(void)
{
	kthread_run(od_sleeping_owner, NULL, "od_owner");
	msleep(200);
	od_super_read();
}

static noinline void od_hung_completion(void)
{
	DECLARE_COMPLETION_ONSTACK(never);

	wait_for_completion(&never);
}

/* Workqueues */

static void od_endless_work(struct work_struct *work)
{
	od_busy_loop();
}

static void od_next_work(struct work_struct *work)
{
}

static DECLARE_WORK(od_endless, od_endless_work);
static DECLARE_WORK(od_next, od_next_work);

static noinline void od_workqueue_lockup(void)
{
	schedule_work_on(1, &od_endless);
	schedule_work_on(1, &od_next);
	msleep(60000);
}

/* A processor that does not answer */

static void od_nothing(void *unused)
{
}

static noinline void od_csd_lock(void)
{
	od_start_on(1, od_deaf, "od_deaf");
	msleep(100);
	smp_call_function_single(1, od_nothing, NULL, 1);
}

/* Interrupts */

static irqreturn_t od_not_mine(int irq, void *data)
{
	return IRQ_NONE;
}

#ifdef CONFIG_X86
#define OD_IRQ 5
static struct hrtimer od_irq_timer;

static enum hrtimer_restart od_irq_storm(struct hrtimer *unused)
{
	int i;

	for (i = 0; i < 100100; i++)
		generic_handle_irq(OD_IRQ);
	return HRTIMER_NORESTART;
}

static noinline void od_irq_nobody(void)
{
	int err = request_irq(OD_IRQ, od_not_mine, IRQF_SHARED, "oddebug", &od_irq_timer);

	if (err) {
		pr_err("oddebug: irq: %d\n", err);
		return;
	}
	hrtimer_init(&od_irq_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	od_irq_timer.function = od_irq_storm;
	hrtimer_start(&od_irq_timer, ms_to_ktime(10), HRTIMER_MODE_REL_HARD);
	msleep(2000);
}
#else
static noinline void od_irq_nobody(void)
{
	pr_err("oddebug: no irq to use: %p\n", od_not_mine);
}
#endif

/* Network devices */

static netdev_tx_t od_xmit(struct sk_buff *skb, struct net_device *dev)
{
	netif_stop_queue(dev);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static void od_tx_timeout(struct net_device *dev, unsigned int queue)
{
}

static const struct net_device_ops od_netdev_ops = {
	.ndo_start_xmit = od_xmit,
	.ndo_tx_timeout = od_tx_timeout,
};

static struct net_device *od_netdev_new(void)
{
	struct net_device *dev = alloc_etherdev(0);

	if (!dev)
		return NULL;
	strscpy(dev->name, "od0", IFNAMSIZ);
	eth_hw_addr_random(dev);
	dev->netdev_ops = &od_netdev_ops;
	dev->watchdog_timeo = 2 * HZ;
	if (register_netdev(dev)) {
		free_netdev(dev);
		return NULL;
	}
	return dev;
}

static noinline void od_netdev_watchdog(void)
{
	struct net_device *dev = od_netdev_new();

	if (!dev)
		return;
	rtnl_lock();
	dev_open(dev, NULL);
	netif_stop_queue(dev);
	rtnl_unlock();
	msleep(9000);
}

static noinline void od_netdev_busy(void)
{
	struct net_device *dev = od_netdev_new();

	if (!dev)
		return;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0)
	netdev_hold(dev, NULL, GFP_KERNEL);
#else
	dev_hold(dev);
#endif
	unregister_netdev(dev);
}

/* Data races, for KCSAN */

static unsigned long od_counter;
static unsigned long od_flags;

static noinline void od_counter_add(unsigned long n)
{
	od_counter += n;
}

static noinline unsigned long od_counter_read(void)
{
	return od_counter;
}

static noinline int od_race_writer(void *data)
{
	unsigned long i;

	for (i = 0; i < 3000000; i++) {
		od_counter_add(1);
		barrier();
	}
	return 0;
}

static noinline int od_race_reader(void *data)
{
	unsigned long i, sum = 0;

	for (i = 0; i < 3000000; i++) {
		sum += od_counter_read();
		barrier();
	}
	return sum == 1;
}

static noinline int od_flag_setter(void *data)
{
	unsigned long i;

	for (i = 0; i < 3000000; i++) {
		od_flags |= 4;
		barrier();
	}
	return 0;
}

static noinline int od_flag_marker(void *data)
{
	unsigned long i;

	for (i = 0; i < 3000000; i++)
		WRITE_ONCE(od_flags, i);
	return 0;
}

static noinline void od_race(void)
{
	od_start_on(0, od_race_writer, "od_writer");
	od_start_on(1, od_race_reader, "od_reader");
	msleep(20000);
}

static noinline void od_race_write(void)
{
	od_start_on(0, od_flag_setter, "od_setter");
	od_start_on(1, od_flag_marker, "od_marker");
	msleep(20000);
}

/* A writer that no check sees. */
static noinline __attribute__((no_sanitize_thread)) int od_blind_writer(void *data)
{
	volatile unsigned long *p = &od_counter;
	unsigned long i;

	for (i = 0; i < 2000000000; i++)
		*p = i;
	return 0;
}

static noinline void od_race_unknown(void)
{
	od_start_on(0, od_blind_writer, "od_blind");
	od_start_on(1, od_race_reader, "od_reader");
	msleep(20000);
}

const struct od_fault od_task_faults[] = {
	{ "soft_lockup", od_soft_lockup },
	{ "soft_lockup_thread", od_soft_lockup_thread },
	{ "soft_lockup_timer", od_soft_lockup_timer },
	{ "hard_lockup", od_hard_lockup },
	{ "rcu_stall_self", od_rcu_stall_self },
	{ "rcu_stall_preempted", od_rcu_stall_preempted },
	{ "rcu_stall_other", od_rcu_stall_other },
	{ "rcu_stall_task", od_rcu_stall_task },
	{ "rcu_expedited", od_rcu_expedited },
	{ "rcu_starved", od_rcu_starved },
	{ "hung_mutex", od_hung_mutex },
	{ "hung_rwsem", od_hung_rwsem },
	{ "hung_completion", od_hung_completion },
	{ "workqueue_lockup", od_workqueue_lockup },
	{ "csd_lock", od_csd_lock },
	{ "irq_nobody", od_irq_nobody },
	{ "netdev_watchdog", od_netdev_watchdog },
	{ "netdev_busy", od_netdev_busy },
	{ "race", od_race },
	{ "race_write", od_race_write },
	{ "race_unknown", od_race_unknown },
	{ NULL, NULL },
};
