/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers of the Hyper-V hypercall interface, and what KVM makes of a call. Sources: the Hypervisor
 * Top-Level Functional Specification (hypercall input and result values, sparse VP sets, guest OS
 * identity), include/hyperv/hvgdk_mini.h and kvm_hv_hypercall() of arch/x86/kvm/hyperv.c.
 * Everything is pure: no memory of a guest is read. All text is appended to out, a fact a line.
 */
#ifndef OD_MODEL_HYPERV_H
#define OD_MODEL_HYPERV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	OD_HV_MAX_XMM = 6,    /* registers that a fast hypercall may use */
	OD_HV_MAX_BANKS = 64, /* of 64 VPs each, in a sparse VP set */
};

/* The status that is told where none can be foreseen. */
enum { OD_HV_STATUS_UNKNOWN = 0xffff };

enum {
	OD_HV_SPARSE_4K = 0,
	OD_HV_ALL = 1,
};

struct od_hv_call {
	uint64_t control;
	uint64_t rdx, r8;	    /* valid if nregs > 0, > 1 */
	uint64_t xmm[OD_HV_MAX_XMM][2]; /* low, high qword; of the first nxmm registers */
	unsigned nregs, nxmm;
};

/* "HvCallSendSyntheticClusterIpi", NULL if the code has no name here. */
const char *od_hv_call_name(uint16_t code);
/* "HV_STATUS_INVALID_HYPERCALL_INPUT", NULL if the status has none here. */
const char *od_hv_status_name(uint16_t status);

/*
 * What KVM answers to the call, as far as its registers tell, in the order in which KVM looks:
 * HV_STATUS_* or OD_HV_STATUS_UNKNOWN (the rest is in memory, or the CPU). why: a constant, set always.
 */
uint16_t od_hv_expect(const struct od_hv_call *call, const char **why);

/* "SendSyntheticClusterIpiEx fast, 2 banks": one line without its end, the same for equal calls. */
void od_hv_brief(const struct od_hv_call *call, struct od_buf *out);
void od_hv_explain_call(const struct od_hv_call *call, struct od_buf *out);
/*
 * A VP set: bank b of the mask covers VPs 64b to 64b+63, banks holds only those that the mask names.
 * n: of the banks that were given; what is missing or too much is said.
 */
void od_hv_explain_vpset(uint64_t format, uint64_t mask, const uint64_t *banks, unsigned n,
			 struct od_buf *out);
/* "VPs       2 65-67": those of n banks, of the first n that the mask names. */
void od_hv_list_vps(uint64_t mask, const uint64_t *banks, unsigned n, struct od_buf *out);
/* The result in RAX: status and completed repetitions. */
void od_hv_explain_status(uint64_t result, struct od_buf *out);
/* The value of MSR 0x40000000. */
void od_hv_explain_os_id(uint64_t id, struct od_buf *out);

#endif
