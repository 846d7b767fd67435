/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arguments and locals of the frames of a trace: registers that calls preserve are recovered from
 * frame to frame by DWARF's call frame information, as long as it agrees with the unwinder on where
 * each stack frame ends. From where it does not, registers count as unknown until the next exception
 * frame; what lies on the stack can be told nevertheless.
 */
#ifndef OD_TARGET_KERNEL_VARS_H
#define OD_TARGET_KERNEL_VARS_H

#include "symbols/vars.h"
#include "target/kernel/kernel.h"
#include "target/kernel/unwind.h"

enum { OD_MAX_VAR_FRAMES = 128 }; /* of one trace that have variables told */

/* Who knows debug files. */
struct od_kernel_code {
	/*
	 * The file that has the code of sym, and where offset from it is in there. False: there is none, or it
	 * is not sure which symbol it is.
	 */
	bool (*find)(void *ctx, const struct od_symbol *sym, uint64_t offset, struct od_debug **dbg,
		     uint64_t *addr);
	void *ctx;
};

/* Who gets them: frame is an index into the trace. */
typedef void od_kernel_var_fn(void *ctx, uint32_t frame, const struct od_variable *var);

/*
 * Variables of all frames of the trace, in order. Frames that were guessed, or whose code is in no debug
 * file, have none.
 */
void od_kernel_vars(struct od_kernel *k, const struct od_kernel_code *code, const struct od_trace *trace,
		    od_kernel_var_fn *fn, void *ctx);

#endif
