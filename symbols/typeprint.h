/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types and values as people read them: declarations as C writes them, values as gdb and crash do.
 * All that comes out of the dump is escaped; what is written is bounded whatever the types say.
 */
#ifndef OD_SYMBOLS_TYPEPRINT_H
#define OD_SYMBOLS_TYPEPRINT_H

#include "base/buf.h"
#include "model/memory.h"
#include "symbols/btf.h"

enum {
	OD_MAX_TYPE_TEXT = 1 << 20, /* bytes that one call writes; then " ..." and it ends */
	OD_MAX_VALUE = 1 << 20,	    /* bytes of memory that one call looks at */
	OD_MAX_ELEMENTS = 200,	    /* of an array or string, if nothing else is asked for */
};

/* "char comm[16]", "int (*show)(struct seq_file *, void *)"; name "": the type's name alone. */
void od_type_declare(const struct od_btf *btf, uint32_t type, const char *name, struct od_buf *out);

struct od_layout {
	bool offsets;	/* put "[8]" before each member, "[8.3]" for a bit field: byte and bit */
	bool hex;	/* offsets in hex */
	uint64_t base;	/* added to all offsets: the address of one, in hex */
};

/*
 * The definition of a struct, union or enum, one line a member, "}" and a newline at the end: what
 * is anonymous in it is shown in its place. Other types: "typedef ... x;" or their declaration.
 */
void od_type_define(const struct od_btf *btf, uint32_t type, const struct od_layout *layout,
		    struct od_buf *out);
/* The line of one member as od_type_define() has it; its offset is from the outermost struct. */
void od_type_define_member(const struct od_btf *btf, const struct od_member *m,
			   const struct od_layout *layout, struct od_buf *out);

struct od_value_style {
	bool hex;	   /* all numbers */
	uint32_t elements; /* of an array or string that are shown; 0: OD_MAX_ELEMENTS */
	/* Add "init_task+8" for an address. False, and nothing added: not known. NULL: none. */
	bool (*symbol)(void *ctx, uint64_t addr, struct od_buf *out);
	void *ctx;
};

/*
 * The value of m (type, bits; bit_offset is from addr) in virtual memory, without a newline at its
 * end; following lines are indented by indent levels. What cannot be read says why in its place:
 * "<excluded from the dump>". Only if not one byte can be read nothing is written and the reason
 * returned.
 */
enum od_mem_status od_value_print(const struct od_btf *btf, struct od_memory *mem, uint64_t addr,
				  const struct od_member *m, unsigned indent,
				  const struct od_value_style *style, struct od_buf *out);

#endif
