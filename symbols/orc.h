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
	enum od_orc_type type;
	bool signal; /* the frame's pc is not a return address */
};

struct od_orc;

struct od_orc *od_orc_create(struct od_memory *mem);
/* NULL is accepted. */
void od_orc_destroy(struct od_orc *orc);
/*
 * Add a table: count ips (s32, relative to themselves) at ips, rows of 6 bytes at rows; for code from
 * first up to but not with last. Nothing is read yet. At most OD_MAX_MODULES + 1 tables.
 */
void od_orc_add(struct od_orc *orc, uint64_t ips, uint64_t rows, uint32_t count, uint64_t first,
		uint64_t last);
void od_orc_set_version(struct od_orc *orc, enum od_orc_version version);
/* By the 20 bytes of .orc_header; UNKNOWN: none of those that are known. */
enum od_orc_version od_orc_version_of(const uint8_t hash[20]);
/*
 * The row for pc (a return address: give pc - 1). Binary search in memory, page by page, nothing is
 * sorted or copied as a whole. False: no table covers pc, or it cannot be read.
 */
bool od_orc_find(struct od_orc *orc, uint64_t pc, struct od_orc_row *ret);

#endif
