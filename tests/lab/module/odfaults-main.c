// SPDX-License-Identifier: GPL-3.0-or-later
// odfaults: crash the kernel in a chosen way, to have real crash texts. For a virtual machine only.
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include "odfaults-main.h"

static char *fault = "";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "name of the fault to run when the module is loaded");

static const struct od_fault *od_find(const struct od_fault *f, const char *name)
{
	while (f->name && strcmp(f->name, name))
		f++;
	return f->name ? f : NULL;
}

static int od_run(const char *name)
{
	static const struct od_fault *const tables[] = { od_slab_faults, od_cpu_faults, od_lock_faults,
						       od_kvm_faults };
	const struct od_fault *f = NULL;
	int i;

	for (i = 0; !f && i < ARRAY_SIZE(tables); i++)
		f = od_find(tables[i], name);
	if (!f) {
		pr_err("odfaults: no fault \"%s\"\n", name);
		return -EINVAL;
	}
	pr_info("odfaults: running %s\n", f->name);
	f->run(); /* FAULT: soft_lockup rcu_stall stack_overflow */
	pr_info("odfaults: %s came back\n", f->name);
	return 0;
}

/* With a fault in a loaded module, /proc/kallsyms and /proc/modules can be saved before. */
static int od_run_set(const char *value, const struct kernel_param *param)
{
	char name[32];

	strscpy(name, value, sizeof(name));
	return od_run(strim(name));
}

static const struct kernel_param_ops od_run_ops = {
	.set = od_run_set,
};

module_param_cb(run, &od_run_ops, NULL, 0200);
MODULE_PARM_DESC(run, "write the name of a fault to run it");

static int __init odfaults_init(void)
{
	return *fault ? od_run(fault) : od_fs_register();
}

static void __exit odfaults_exit(void)
{
	if (!*fault)
		od_fs_unregister();
}

module_init(odfaults_init);
module_exit(odfaults_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("faults for the tests of oopsdiag");
