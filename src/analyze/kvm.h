/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers of KVM's x86 MMU in words. Both change with the kernel: enum RET_PF_* of
 * arch/x86/kvm/mmu/mmu_internal.h, and union kvm_mmu_page_role of kvm_host.h, Linux 5.10 to 6.19.
 */
#ifndef OD_ANALYZE_KVM_H
#define OD_ANALYZE_KVM_H

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

/* A report of a KVM trace: its results and its role in words. Others stay as they are. */
void od_analyze_kvm(struct od_report *rep);
void od_kvm_confidence(struct od_report *rep);

#endif
