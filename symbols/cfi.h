/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Call frame information (DWARF 5, 6.4; LSB 5, 10.6 for .eh_frame): how the registers of a caller are found.
 * A reader of our own, since it is asked for frames of strangers' files, of every machine, with the library that
 * reads the rest of DWARF or without.
 */
#ifndef OD_SYMBOLS_CFI_H
#define OD_SYMBOLS_CFI_H

#include "symbols/vars.h"

enum od_cfi_kind {
	OD_CFI_UNSAID,	  /* nothing is said: as it was, if calls preserve it */
	OD_CFI_UNDEFINED,
	OD_CFI_SAME,
	OD_CFI_OFFSET,	  /* in memory at CFA + offset */
	OD_CFI_VAL_OFFSET, /* it is CFA + offset */
	OD_CFI_REGISTER,
	OD_CFI_EXPRESSION, /* in memory at what the expression gives */
	OD_CFI_VAL_EXPRESSION,
};

struct od_cfi_rule {
	uint8_t kind; /* enum od_cfi_kind */
	uint8_t reg;
	int64_t offset;
	const uint8_t *expr; /* in the file */
	uint32_t len;
};

/* What holds at one address. Registers of OD_DWARF_REGS and above are left out. */
struct od_cfi_row {
	struct od_cfi_rule cfa; /* OFFSET: register + offset; VAL_EXPRESSION */
	struct od_cfi_rule reg[OD_DWARF_REGS];
	uint8_t ret;  /* the column of the return address */
	bool signal;  /* a frame that the kernel made: the pc below is no return address */
	bool big;
	uint8_t pointer_size;
};

/* For the address pc of the file. False: nothing is said of it, or what makes no sense. */
bool od_debug_cfi(struct od_debug *dbg, uint64_t pc, struct od_cfi_row *ret);

/* What a machine's calls do (its supplement to the System V ABI). */
struct od_cfi_machine {
	uint64_t preserved; /* bits: DWARF's numbers */
	uint8_t sp;
};
/* False: it is not known. */
bool od_cfi_machine(uint16_t elf_machine, struct od_cfi_machine *ret);

/*
 * The caller's registers, and the address that it goes on at. mem: of the process. False: what is needed is not
 * known, or cannot be read. *outermost: nobody called.
 */
bool od_cfi_step(const struct od_cfi_row *row, const struct od_cfi_machine *machine,
		 const struct od_dwarf_regs *regs, struct od_memory *mem, struct od_dwarf_regs *caller,
		 uint64_t *cfa, uint64_t *pc, bool *outermost);

#endif
