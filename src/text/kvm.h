/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traces of KVM's page fault path -> one report a vCPU thread. Grammar: the bpftrace program of the
 * kvm list, August 2023 ("Deadlock due to EPT_VIOLATION"), its earlier variants, and the tracepoints
 * kvm_page_fault and kvm_exit as ftrace and perf print them.
 */
#ifndef OD_TEXT_KVM_H
#define OD_TEXT_KVM_H

#include <stdbool.h>

#include "model/report.h"

struct od_kvm;

struct od_kvm *od_kvm_create(void);
/* NULL is accepted; threads without a report are dropped. */
void od_kvm_destroy(struct od_kvm *kvm);

/*
 * Offer one record. True if it is an event of a trace, or the rest of a folded one. Lines of several
 * threads run on together and are lost under load, so nothing is concluded before the end.
 */
bool od_kvm_feed(struct od_kvm *kvm, const struct od_record *rec);
/*
 * At the end of the input: the next thread's report, in the order of their first lines, or NULL when
 * all are out. The caller owns it.
 */
struct od_report *od_kvm_next(struct od_kvm *kvm);

/* Literals for the prefilter: NULL-terminated. */
extern const char *const od_kvm_markers[];

#endif
