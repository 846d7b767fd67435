/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Variables of a frame: where DWARF says that the arguments and locals of a function are at one
 * address, and what is there; and the registers of its caller, by the call frame information.
 * Nothing is made up: a variable has the value that its location gives, or it is said why not.
 *
 * Addresses in here are those of the debug file where they are called so, else those of the memory
 * (which KASLR moved). Registers have DWARF's numbers (System V ABI supplements).
 */
#ifndef OD_SYMBOLS_VARS_H
#define OD_SYMBOLS_VARS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/memory.h"
#include "symbols/debug.h"

enum {
	OD_DWARF_REGS = 33,	/* x86-64: 0 to 16; arm64: x0 to x30, sp, pc */
	OD_MAX_FRAME_VARS = 256, /* variables of one frame, those of inlined functions too */
	OD_MAX_VAR_TEXT = 1024, /* bytes of one value as text */
};

struct od_dwarf_regs {
	uint64_t v[OD_DWARF_REGS];
	uint64_t known; /* bit i: v[i] is known */
};

static inline void od_dwarf_reg_set(struct od_dwarf_regs *regs, unsigned i, uint64_t value)
{
	regs->v[i] = value;
	regs->known |= UINT64_C(1) << i;
}

/* One frame. What is unknown is 0 or NULL. */
struct od_var_frame {
	struct od_debug *dbg; /* of its code; NULL: there is none, then it has no variables */
	uint64_t pc;	      /* in the file: for a return address the byte before it */
	uint64_t return_pc;   /* in the file: the return address itself; 0: pc is none */
	struct od_dwarf_regs regs;
	bool has_cfa;
	uint64_t cfa; /* the stack pointer before the call: where the unwinder found its caller */
	const struct od_var_frame *caller;
};

/* Whose variables they are. */
struct od_var_world {
	struct od_memory *mem; /* NULL: there is none, registers are all */
	/*
	 * The address in memory of an address of the debug file (a static variable). False: unknown.
	 * NULL: nothing is known of any.
	 */
	bool (*address)(void *ctx, struct od_debug *dbg, uint64_t file, uint64_t *ret);
	/* "init_task+0x10" for an address in memory. False: nothing was added. NULL: no names. */
	bool (*symbol)(void *ctx, uint64_t addr, struct od_buf *out);
	void *ctx;
};

struct od_variable {
	const char *name;     /* valid until the debug file is closed; escape when printing */
	const char *function; /* of the inlined function that it is of; NULL: of the frame's own */
	bool is_arg;	      /* an argument of that function */
	bool at_entry; /* this is what it was when the function was called, and may be no more */
	bool known;    /* text is its value; else "<optimized out>", or another reason in <> */
	bool has_number;
	uint64_t number; /* of what is a number or a pointer, in 64 bits */
	const char *text; /* valid during the call alone; escape when printing */
};

/*
 * Each argument and local of the function at f, arguments first and as they were declared; then
 * those of what was inlined there, outermost first. Blocks that pc is not in are left out.
 */
void od_debug_vars(const struct od_var_frame *f, const struct od_var_world *world,
		   void (*add)(void *ctx, const struct od_variable *v), void *ctx);
/* As above, of the arguments of the function itself alone, and for less. */
void od_debug_args(const struct od_var_frame *f, const struct od_var_world *world,
		   void (*add)(void *ctx, const struct od_variable *v), void *ctx);

/* What reports call register i of DWARF in code of that file: "rdi", "x0". NULL: none is known. */
const char *od_debug_register(const struct od_debug *dbg, unsigned i);

/*
 * Registers of the caller of f, by .debug_frame or .eh_frame: those that calls preserve, and the
 * stack pointer, which is *cfa. False: nothing is said of pc, or it needs what is not known.
 */
bool od_debug_caller(const struct od_var_frame *f, struct od_memory *mem, struct od_dwarf_regs *ret,
		     uint64_t *cfa);

#endif
