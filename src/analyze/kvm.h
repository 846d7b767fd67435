/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers of KVM's x86 MMU in words. Both change with the kernel: enum RET_PF_* of
 * arch/x86/kvm/mmu/mmu_internal.h, and union kvm_mmu_page_role of kvm_host.h, Linux 5.10 to 6.19.
 */
#ifndef OD_ANALYZE_KVM_H
#define OD_ANALYZE_KVM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/report.h"

/* "FIXED"; of a release that is NULL or not known "FIXED (5.18 to 6.8), SPURIOUS (to 5.17), ...". */
void od_kvm_ret_pf(const char *release, uint64_t value, struct od_buf *out);
/* "level 4, direct, access rwx, ..."; says where it depends on the release. */
void od_kvm_role(const char *release, uint32_t role, struct od_buf *out);

/*
 * What is_page_fault_stale() of 5.16 to 6.2 compared a VM's mmu_invalidate_seq with: the count, made an
 * int and sign-extended. Where that differs from seq every fault is stale for ever.
 */
uint64_t od_kvm_seq_as_int(uint64_t seq);

/* How a VM's count of invalidations stands to the limit of those kernels. */
enum od_kvm_level {
	OD_KVM_LEVEL_FINE,
	OD_KVM_LEVEL_NEAR,   /* from 0x70000000 on: 7/8 of the way */
	OD_KVM_LEVEL_BEYOND, /* the count made an int differs from it */
};
enum od_kvm_level od_kvm_seq_level(uint64_t seq);
/* "fine", "near-limit", "beyond-limit" */
const char *od_kvm_level_name(enum od_kvm_level level);

/* Does a kernel compare it so? */
enum od_kvm_fate { OD_KVM_UNKNOWN, OD_KVM_AFFECTED, OD_KVM_FIXED, OD_KVM_BEFORE };

struct od_kvm_host {
	const char *release; /* NULL: unknown */
	const char *version; /* of uname -v: some distributions name there what they made it from. NULL: unknown */
	bool snapshot_known, snapshot_long; /* of struct kvm_page_fault: od_kernel_vms() */
};

/* Appends why: a clause, without a full stop. */
enum od_kvm_fate od_kvm_seq_fate(const struct od_kvm_host *host, struct od_buf *why);
/* "affected", "fixed", "before", "unknown" */
const char *od_kvm_fate_name(enum od_kvm_fate fate);

/* A report of a KVM trace: its results and its role in words. Others stay as they are. */
void od_analyze_kvm(struct od_report *rep);
void od_kvm_confidence(struct od_report *rep);

#endif
