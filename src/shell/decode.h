/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The decoders of the command 'decode': rows. None reads the input but 'address'. */
#ifndef OD_SHELL_DECODE_H
#define OD_SHELL_DECODE_H

#include <stdint.h>

#include "shell/command.h"

struct od_decoder {
	const char *name;
	const char *usage; /* after "decode NAME" */
	const char *help;
	int max_args;	   /* 1 to this many words after the name */
	struct od_error *(*decode)(struct od_session *s, int argc, const char *const argv[],
				   struct od_buf *out);
};

const struct od_decoder *od_decoders(size_t *n);
/* A line for each decoder. */
void od_decode_help(struct od_buf *out);

/* The number text means, sign allowed: OD_ERR_USAGE if it is none. */
struct od_error *od_decode_number(const char *text, uint64_t *ret);

/* decode-hw.c, decode-hyperv.c, decode-kvm.c, decode-x86.c, decode-taint.c, decode-unix.c */
struct od_error *od_decode_mci_status(struct od_session *s, int argc, const char *const argv[],
				      struct od_buf *out);
struct od_error *od_decode_aer_uncor(struct od_session *s, int argc, const char *const argv[],
				     struct od_buf *out);
struct od_error *od_decode_aer_cor(struct od_session *s, int argc, const char *const argv[],
				   struct od_buf *out);
struct od_error *od_decode_kvm_role(struct od_session *s, int argc, const char *const argv[],
				    struct od_buf *out);
struct od_error *od_decode_kvm_ret_pf(struct od_session *s, int argc, const char *const argv[],
				      struct od_buf *out);
struct od_error *od_decode_kvm_mmu_seq(struct od_session *s, int argc, const char *const argv[],
				       struct od_buf *out);
struct od_error *od_decode_hv_hypercall(struct od_session *s, int argc, const char *const argv[],
					struct od_buf *out);
struct od_error *od_decode_hv_vpset(struct od_session *s, int argc, const char *const argv[],
				    struct od_buf *out);
struct od_error *od_decode_hv_status(struct od_session *s, int argc, const char *const argv[],
				     struct od_buf *out);
struct od_error *od_decode_hv_guest_os_id(struct od_session *s, int argc, const char *const argv[],
					  struct od_buf *out);
struct od_error *od_decode_pf_error(struct od_session *s, int argc, const char *const argv[],
				    struct od_buf *out);
struct od_error *od_decode_taint(struct od_session *s, int argc, const char *const argv[],
				 struct od_buf *out);
struct od_error *od_decode_errno(struct od_session *s, int argc, const char *const argv[],
				 struct od_buf *out);
struct od_error *od_decode_signal(struct od_session *s, int argc, const char *const argv[],
				  struct od_buf *out);
struct od_error *od_decode_exitcode(struct od_session *s, int argc, const char *const argv[],
				    struct od_buf *out);
/* decode-iommu.c */
struct od_error *od_decode_iommu_argsz(struct od_session *s, int argc, const char *const argv[], struct od_buf *out);
struct od_error *od_decode_iommu_bind(struct od_session *s, int argc, const char *const argv[], struct od_buf *out);

#endif
