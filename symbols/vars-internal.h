/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the parts that know variables: expressions, places, values. */
#ifndef OD_SYMBOLS_VARS_INTERNAL_H
#define OD_SYMBOLS_VARS_INTERNAL_H

#include <elfutils/libdw.h>

#include "symbols/vars.h"

enum {
	OD_EVAL_OPS = 4096,  /* of one variable, in all that its expression asks for */
	OD_EVAL_STACK = 64,
	OD_EVAL_PIECES = 16,
	OD_EVAL_NESTING = 8, /* expressions in expressions: frame bases, entry values */
	OD_MAX_EXPR_OPS = 1024, /* of one expression */
	OD_VALUE_BYTES = 512, /* of a variable that are looked at */
};

/* --- expressions (DWARF 5, 2.5 and 2.6) ------------------------------------------------------ */

enum od_loc_kind {
	OD_LOC_NONE,	 /* it has no place: optimized out */
	OD_LOC_LOST,	 /* it was in a register that is not known here */
	OD_LOC_UNREAD,	 /* finding it needs memory that cannot be read: status */
	OD_LOC_STRANGE,	 /* the expression is none that we know, or makes no sense */
	OD_LOC_ADDRESS,	 /* at number in memory */
	OD_LOC_REGISTER, /* in register number */
	OD_LOC_VALUE,	 /* it is number */
	OD_LOC_BYTES,	 /* it is bytes */
};

struct od_loc {
	enum od_loc_kind kind;
	uint64_t number;
	const uint8_t *bytes;
	size_t len;
	enum od_mem_status status;
};

struct od_piece {
	struct od_loc loc;
	uint64_t bits, at; /* how many, and from which bit of loc on */
};

struct od_place_of {
	struct od_piece piece[OD_EVAL_PIECES];
	unsigned n;
	bool pieces; /* else piece[0] is the whole, and its bits are not told */
};

/* A type on the stack. */
struct od_eval_type {
	uint8_t size; /* 1, 2, 4 or 8 */
	bool is_signed;
	bool typed; /* false: the generic type of 8 bytes, which is both */
};

/* Whom to ask. False, with *why set: it cannot be told. */
struct od_eval {
	const struct od_dwarf_regs *regs;
	struct od_memory *mem; /* NULL: none */
	bool big_endian;       /* of the file's constants */
	unsigned steps;	       /* that may still be done */
	unsigned depth;
	bool (*cfa)(struct od_eval *e, uint64_t *ret, struct od_loc *why);
	bool (*frame_base)(struct od_eval *e, uint64_t *ret, struct od_loc *why);
	/* what an expression was when the function was called */
	bool (*entry)(struct od_eval *e, const Dwarf_Op *op, uint64_t *ret, struct od_loc *why);
	bool (*call)(struct od_eval *e, const Dwarf_Op *op, uint64_t *ret, struct od_loc *why);
	/* in memory, of an address or of an index of .debug_addr */
	bool (*address)(struct od_eval *e, const Dwarf_Op *op, uint64_t *ret);
	bool (*type)(struct od_eval *e, const Dwarf_Op *op, struct od_eval_type *ret);
	bool (*bytes)(struct od_eval *e, const Dwarf_Op *op, const uint8_t **ret, size_t *len);
	void *ctx; /* of the functions above, each of which may be NULL: it is never known */
};

/* Where n operations lead; first: what is on the stack before them, or NULL. */
void od_eval(struct od_eval *e, const Dwarf_Op *ops, size_t n, const uint64_t *first,
	     struct od_place_of *ret);
/* The same for what must be one number: an address, or a value. False: *why says why not. */
bool od_eval_number(struct od_eval *e, const Dwarf_Op *ops, size_t n, const uint64_t *first,
		    uint64_t *ret, struct od_loc *why);

/* --- values ------------------------------------------------------------------------------------ */

/* Bytes of a value, and what is known of each. */
struct od_value {
	uint8_t data[OD_VALUE_BYTES];
	uint8_t state[OD_VALUE_BYTES]; /* enum od_value_state */
	size_t size;		       /* of the type, at most OD_VALUE_BYTES */
	bool big_endian;
	uint8_t pointer_size;
	bool has_address;
	uint64_t address; /* where it is as a whole */
};

enum od_value_state {
	OD_STATE_KNOWN,
	OD_STATE_NONE,
	OD_STATE_LOST,
	OD_STATE_STRANGE,
	OD_STATE_MEMORY, /* + enum od_mem_status */
};

/* Fetch what lies at place: v->size bytes; v's other fields are set by the caller. */
void od_value_fetch(const struct od_eval *e, const struct od_place_of *place, struct od_value *v);
/* "<optimized out>", "<excluded from the dump>". Static. */
const char *od_value_state_text(unsigned state);
/* As C would write it, of DWARF's type. number: what it is if it is one number. */
void od_value_text(const struct od_value *v, Dwarf_Die *type, const struct od_var_world *world,
		   struct od_buf *out, bool *has_number, uint64_t *number);
/* Behind typedefs and qualifiers; false: nowhere. */
bool od_dwarf_peel(Dwarf_Die *type, Dwarf_Die *ret);
/* Bytes of a type; 0: unknown. */
uint64_t od_dwarf_size(Dwarf_Die *type);

/* --- functions ------------------------------------------------------------------------------- */

enum { OD_SCOPE_DEPTH = 64 };

/* The blocks that a pc is in: scope[0] is the function itself. */
struct od_scopes {
	Dwarf_Die scope[OD_SCOPE_DEPTH];
	unsigned n;
};

bool od_dwarf_scopes(struct od_debug *dbg, uint64_t pc, struct od_scopes *ret);
/* Name of a DIE through its origins; NULL: none. */
const char *od_dwarf_name(Dwarf_Die *die);

/* What is asked of the moment of a call. */
struct od_entry {
	Dwarf_Die *parameter; /* of the function, which the compiler has taken out of the call; or NULL */
	unsigned reg;	      /* a register */
};
/*
 * What it was when the function (scope[0] of its scopes) of f was called: what its caller gave, if
 * DWARF tells and the call cannot have been another.
 */
bool od_dwarf_entry(const struct od_var_frame *f, const struct od_var_world *world, Dwarf_Die *function,
		    const struct od_entry *entry, unsigned depth, unsigned *steps, uint64_t *ret,
		    struct od_loc *why);
/* An evaluator of what stands in attr of f's function. */
struct od_var_eval {
	struct od_eval e;
	const struct od_var_frame *f;
	const struct od_var_world *world;
	Dwarf_Die function;
	Dwarf_Attribute attr; /* that the operations are of */
};
void od_var_eval_init(struct od_var_eval *ve, const struct od_var_frame *f,
		      const struct od_var_world *world, Dwarf_Die *function,
		      Dwarf_Attribute *attr, unsigned depth, unsigned steps);

#endif
