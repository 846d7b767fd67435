// SPDX-License-Identifier: GPL-3.0-or-later
// odfaults: crash the kernel in a chosen way, to have real crash texts. For a virtual machine only.
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include "odfaults-main.h"

static char *fault = "";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "name of the fault to run when the module is loaded");

static const struct od_fault *od_find(const struct od_fault *f)
{
	while (f->name && strcmp(f->name, fault))
		f++;
	return f->name ? f : NULL;
}

static int __init odfaults_init(void)
{
	const struct od_fault *f = od_find(od_slab_faults);

	if (!f)
		f = od_find(od_cpu_faults);
	if (!f) {
		pr_err("odfaults: no fault \"%s\"\n", fault);
		return -EINVAL;
	}
	pr_info("odfaults: running %s\n", f->name);
	f->run();
	pr_info("odfaults: %s came back\n", f->name);
	return 0;
}

static void __exit odfaults_exit(void)
{
}

module_init(odfaults_init);
module_exit(odfaults_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("faults for the tests of oopsdiag");
