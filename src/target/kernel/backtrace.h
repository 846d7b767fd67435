/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backtraces of a dead kernel: what the unwinder needs, put together from its symbols and types. */
#ifndef OD_TARGET_KERNEL_BACKTRACE_H
#define OD_TARGET_KERNEL_BACKTRACE_H

#include "target/kernel/kernel.h"
#include "target/kernel/unwind.h"

/*
 * Set up when first asked for: k->orc too, with the table of the kernel; those of modules are added
 * with od_backtrace_add_module(). NULL: not an architecture whose stacks we can walk.
 */
struct od_unwinder *od_kernel_unwinder(struct od_kernel *k);
/*
 * The ORC table of a module: arch.orc_unwind_ip, orc_unwind and num_orcs of its struct module, for
 * code at text. Passed over if the kernel has no ORC.
 */
void od_backtrace_add_module(struct od_kernel *k, uint64_t ips, uint64_t rows, uint64_t count,
			     uint64_t text, uint64_t size);

/*
 * What a CPU did when the dump was made. stack: the lowest address of its current task's stack; 0:
 * unknown. False: there are no registers of that CPU, or no unwinder.
 */
bool od_backtrace_cpu(struct od_kernel *k, uint32_t cpu, uint64_t stack, struct od_arena *arena,
		      struct od_trace *ret);
/*
 * Where a task waits that runs on no CPU. sp: its thread.sp; arm64: sp, fp and pc of its
 * thread.cpu_context. False: the stack cannot be read, or no unwinder.
 */
bool od_backtrace_blocked(struct od_kernel *k, uint64_t stack, uint64_t sp, uint64_t fp,
			  uint64_t pc, struct od_arena *arena, struct od_trace *ret);

#endif
