// SPDX-License-Identifier: GPL-3.0-or-later
// oddebug: crash the kernel in a chosen way, above all in ways that only checks of a debug kernel see.
// For a virtual machine only. "insmod oddebug.ko fault=NAME" or "echo NAME > /proc/oddebug".
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/proc_fs.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include "oddebug.h"

static char *fault = "";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "name of the fault to run when the module is loaded");

static const struct od_fault *od_search(const struct od_fault *f, const char *name)
{
	while (f->name && strcmp(f->name, name))
		f++;
	return f->name ? f : NULL;
}

const struct od_fault *od_fault_find(const char *name)
{
	const struct od_fault *f = od_search(od_plain_faults, name);

	if (!f)
		f = od_search(od_memory_faults, name);
	if (!f)
		f = od_search(od_lock_faults, name);
	if (!f)
		f = od_search(od_task_faults, name);
	if (!f)
		f = od_search(od_clang_faults, name);
	return f;
}

static noinline int od_command(const char *name)
{
	const struct od_fault *f = od_fault_find(name);

	if (!f) {
		pr_err("oddebug: no fault \"%s\"\n", name);
		return -EINVAL;
	}
	pr_info("oddebug: running %s\n", f->name);
	f->run();
	pr_info("oddebug: %s came back\n", f->name);
	return 0;
}

static ssize_t oddebug_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	char name[40];
	int err;

	if (count >= sizeof(name))
		return -EINVAL;
	if (copy_from_user(name, buf, count))
		return -EFAULT;
	name[count] = '\0';
	err = od_command(strim(name));
	return err ? err : count;
}

static const struct proc_ops oddebug_ops = {
	.proc_write = oddebug_write,
};

static int __init oddebug_init(void)
{
	if (!proc_create("oddebug", 0200, NULL, &oddebug_ops))
		return -ENOMEM;
	if (fault[0])
		od_command(fault);
	return 0;
}

static void __exit oddebug_exit(void)
{
	remove_proc_entry("oddebug", NULL);
}

module_init(oddebug_init);
module_exit(oddebug_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("faults for the tests of oopsdiag, for debug kernels");
