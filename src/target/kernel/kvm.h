/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Virtual machines of a KVM host: the list vm_list of struct kvm (virt/kvm/kvm_main.c, include/linux/kvm_host.h,
 * Linux 4.18 to 7.x), by the types of the module kvm or, where KVM is built in, of the kernel.
 */
#ifndef OD_TARGET_KERNEL_KVM_H
#define OD_TARGET_KERNEL_KVM_H

#include "target/kernel/kernel.h"
#include "target/kernel/tasks.h"

enum {
	OD_MAX_VMS = 4096,
	OD_MAX_VCPUS = 65536,
};

struct od_kvm_vm {
	uint64_t addr;	     /* of its struct kvm */
	const struct od_task *task; /* that made it; NULL: unknown */
	int32_t pid;	     /* userspace_pid, else that of who has the same memory; -1: unknown */
	uint64_t mm;	     /* whose memory it is; read where the pid is not known, else 0 */
	bool has_seq, has_running, has_range;
	uint64_t seq;	     /* mmu_invalidate_seq: how often pages of it were invalidated */
	uint64_t running;    /* invalidations that were not at their end */
	uint64_t start, end; /* user addresses that these are about; valid if there is one */
	int64_t users, created, online; /* references; vCPUs made, and in use. -1: unknown */
	bool bugged, dead;   /* KVM gave it up: its ioctls fail (vm_bugged, vm_dead) */
};

struct od_kvm_vcpu;

struct od_kvm_vms {
	struct od_kvm_vm *vm; /* last made first, as in the list */
	uint32_t n;
	struct od_kvm_vcpu *vcpu; /* od_kernel_vcpus() */
	uint32_t nvcpus;
	bool present;	      /* KVM is loaded, or built in */
	const char *seq_name; /* "mmu_invalidate_seq", before 6.1 "mmu_notifier_seq"; NULL: unknown */
	/*
	 * struct kvm_page_fault has the snapshot of the count, an unsigned long: 6.3 and later. known: there is
	 * such a struct, so that its absence says something.
	 */
	bool snapshot_known, snapshot_long;
	const char *why;      /* NULL: these are all; else what is wrong or missing, for people */
};

/* Reads them, into arena. Costs next to nothing where KVM has no machine. */
void od_kernel_vms(struct od_kernel *k, struct od_arena *arena, struct od_kvm_vms *ret);

/* A thread that runs a vCPU, or would if its turn came: in KVM's ioctl, not in its program. */
struct od_kvm_vcpu {
	const struct od_task *task;
	uint32_t vm;	     /* index in od_kvm_vms.vm */
	int32_t id;	     /* vcpu_id; -1: unknown */
	bool has_faults;     /* since 5.19 */
	uint64_t taken, fixed; /* faults of the guest that KVM took, and those that ended in a mapping */
};

/*
 * The vCPUs of all of them, into ret->vcpu, in the order of the tasks: by the preempt notifier that kvm_vcpu_ioctl()
 * leaves with the thread, whatever the program calls it. Reads a word of every task, so not for every dump; only:
 * of that task alone, NULL: of all.
 */
void od_kernel_vcpus(struct od_kernel *k, struct od_arena *arena, const struct od_task *only,
		     struct od_kvm_vms *ret);

#endif
