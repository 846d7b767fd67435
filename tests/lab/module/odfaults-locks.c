// SPDX-License-Identifier: GPL-3.0-or-later
// Faults of locks: tasks that wait for each other, in state D.
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include "odfaults.h"
#include "odfaults-main.h"

DEFINE_MUTEX(od_inode_lock);
DEFINE_MUTEX(od_extent_lock);
DECLARE_RWSEM(od_journal_sem);

/* Each takes its first lock, sleeps until all did, and waits for ever for the second. */
static noinline int od_take_inode_then_extent(void *unused)
{
	mutex_lock(&od_inode_lock);
	msleep(500);
	mutex_lock(&od_extent_lock); /* FAULT: hung_task */
	return 0;
}

static noinline int od_take_extent_then_inode(void *unused)
{
	mutex_lock(&od_extent_lock);
	msleep(500);
	mutex_lock(&od_inode_lock); /* FAULT: hung_task */
	return 0;
}

static noinline int od_journal_writer(void *unused)
{
	down_write(&od_journal_sem);
	msleep(500);
	mutex_lock(&od_inode_lock); /* FAULT: hung_task */
	return 0;
}

static noinline int od_journal_reader(void *unused)
{
	msleep(250);
	down_read(&od_journal_sem); /* FAULT: hung_task */
	return 0;
}

static noinline int od_journal_late_writer(void *unused)
{
	msleep(400);
	down_write(&od_journal_sem); /* FAULT: hung_task */
	return 0;
}

/* Runs code of the module in state R, so a stack walk meets a frame of it on another CPU. */
static noinline int od_spinner(void *unused)
{
	while (!kthread_should_stop())
		cpu_relax();
	return 0;
}

static void od_start(int (*run)(void *), const char *name)
{
	struct task_struct *task = kthread_run(run, NULL, "%s", name);

	if (IS_ERR(task))
		pr_err("odfaults: no thread %s\n", name);
}

static noinline void od_deadlock(void)
{
	od_start(od_take_inode_then_extent, "od-inode");
	od_start(od_take_extent_then_inode, "od-extent");
	od_start(od_journal_writer, "od-journal-w");
	od_start(od_journal_reader, "od-journal-r0");
	od_start(od_journal_reader, "od-journal-r1");
	od_start(od_journal_late_writer, "od-journal-w2");
	msleep(1500);
}

static noinline void od_spin_elsewhere(void)
{
	od_start(od_spinner, "od-spin");
}

const struct od_fault od_lock_faults[] = {
	{ "deadlock", od_deadlock },
	{ "spin_elsewhere", od_spin_elsewhere },
	{ NULL, NULL },
};
