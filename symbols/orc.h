/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ORC: how to step from a frame to its caller, as x86-64 kernels carry it (arch/x86/include/asm/
 * orc_types.h, 4.14 to 7.x; four layouts). address -> unwind row.
 */
#ifndef OD_SYMBOLS_ORC_H
#define OD_SYMBOLS_ORC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "model/memory.h"

/*
 * V1: 4.14 to 6.2. V2: 6.3. V3: 6.4 to 7.0, and RHEL from 5.14.0-517.el9 on (which writes no
 * header). V4: 7.1 on.
 */
enum od_orc_version { OD_ORC_UNKNOWN, OD_ORC_V1, OD_ORC_V2, OD_ORC_V3, OD_ORC_V4 };

enum od_orc_reg {
	OD_ORC_REG_UNDEFINED, OD_ORC_REG_PREV_SP, OD_ORC_REG_DX, OD_ORC_REG_DI, OD_ORC_REG_BP,
	OD_ORC_REG_SP, OD_ORC_REG_R10, OD_ORC_REG_R13, OD_ORC_REG_BP_INDIRECT,
	OD_ORC_REG_SP_INDIRECT, OD_ORC_REG_AX,
};

enum od_orc_type { OD_ORC_NONE, OD_ORC_END, OD_ORC_CALL, OD_ORC_REGS, OD_ORC_REGS_PARTIAL };

struct od_orc_row {
	int16_t sp_offset, bp_offset;
	enum od_orc_reg sp_reg, bp_reg; /* the same names, whatever the layout */
	enum od_orc_type type;		/* NONE too if the row makes no sense */
	bool signal; /* the frame's pc is not a return address */
};

enum { OD_ORC_TABLES = 4097, OD_ORC_ENTRIES = 16 * 1024 * 1024 };

struct od_orc;

struct od_orc *od_orc_create(struct od_memory *mem);
/* NULL is accepted. */
void od_orc_destroy(struct od_orc *orc);
/*
 * Add a table: count ips (s32, relative to themselves) at ips, rows of 6 bytes at rows; for code
 * from first up to but not with last. Nothing is read yet. At most OD_ORC_TABLES tables of at most
 * OD_ORC_ENTRIES rows: what is more is passed over. Where ranges overlap, the table that was added
 * first has the word.
 */
void od_orc_add(struct od_orc *orc, uint64_t ips, uint64_t rows, uint32_t count, uint64_t first,
		uint64_t last);
/*
 * The kernel's own shortcut into the table that was added first (symbols orc_lookup and
 * orc_lookup_end): count u32, the index of the row that holds at the beginning of each 256 bytes of
 * code from text on. It only narrows the search; if it lies, the whole table is searched.
 */
void od_orc_set_lookup(struct od_orc *orc, uint64_t lookup, uint32_t count, uint64_t text);
void od_orc_set_version(struct od_orc *orc, enum od_orc_version version);
/* UNKNOWN: od_orc_find() finds nothing. */
enum od_orc_version od_orc_get_version(const struct od_orc *orc);
/* By the 20 bytes of .orc_header; UNKNOWN: none of those that are known. */
enum od_orc_version od_orc_version_of(const uint8_t hash[20]);
/*
 * By what the rows of the first table look like, where there is no header: nearly every function's
 * rows are "called, from sp, bp where it was or saved", and only under the right layout they are.
 * V1 and V2 are told apart by the marks of the ends. UNKNOWN: none fits most of them.
 */
enum od_orc_version od_orc_guess_version(struct od_orc *orc);
/*
 * The row for pc (a return address: give pc - 1). Binary search in memory, page by page, nothing is
 * sorted or copied as a whole. False: no table covers pc, or it cannot be read.
 */
bool od_orc_find(struct od_orc *orc, uint64_t pc, struct od_orc_row *ret);

#endif
