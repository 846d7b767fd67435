// SPDX-License-Identifier: GPL-3.0-or-later
// No fault: puts the counts of invalidations of a process's VMs where only days of work would bring them, and
// says what each VM is, for the truth of a dump.
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/version.h>
#include "odfaults.h"
#include "odfaults-main.h"

#if defined(CONFIG_X86_64) && IS_ENABLED(CONFIG_KVM)
#include <linux/kvm_host.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)
#define OD_SEQ(kvm) ((kvm)->mmu_invalidate_seq)
#else
#define OD_SEQ(kvm) ((kvm)->mmu_notifier_seq)
#endif

/* Of the first VMs: beyond the limit, near it; the others keep theirs. */
static const unsigned long od_seqs[] = { 0x8002dc25, 0x70000010 };

static int od_kvm_one(const void *data, struct file *file, unsigned int fd)
{
	unsigned int *n = (unsigned int *)data;
	struct kvm *kvm = file->private_data;

	if (strcmp(file->f_path.dentry->d_name.name, "kvm-vm"))
		return 0;
	if (*n < ARRAY_SIZE(od_seqs))
		OD_SEQ(kvm) = od_seqs[*n];
	++*n;
	pr_info("odfaults: vm 0x%llx pid %d vcpus %d seq 0x%lx\n", (u64)(uintptr_t)kvm, kvm->userspace_pid,
		atomic_read(&kvm->online_vcpus), OD_SEQ(kvm));
	return 0;
}

static noinline void od_kvm_seq(void)
{
	unsigned int n = 0;

	iterate_fd(current->files, 0, od_kvm_one, &n);
}
#else
static noinline void od_kvm_seq(void)
{
	pr_err("odfaults: this kernel has no KVM\n");
}
#endif

const struct od_fault od_kvm_faults[] = {
	{ "kvm_seq", od_kvm_seq },
	{ NULL, NULL },
};
