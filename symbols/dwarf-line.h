/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line table of a unit, as far as it was needed. */
#ifndef OD_SYMBOLS_DWARF_LINE_H
#define OD_SYMBOLS_DWARF_LINE_H

#include "symbols/dwarf-internal.h"

enum { OD_LINE_EXTRA = 64 }; /* files that a program defines itself, of which nobody makes many */

struct od_line_file {
	const char *name;
	uint64_t dir;
	const char *path; /* of the source tree, once it was asked for */
};

struct od_lines {
	uint8_t *own; /* the table, if it is a copy */
	struct od_dw tables, program;
	uint16_t version;
	uint8_t offset_size, min_inst, max_ops, line_range, opcode_base;
	int8_t line_base;
	const uint8_t *lengths; /* operands of the standard opcodes, from 1 */
	/* special opcodes, what they add */
	uint8_t special_pc[256];
	int16_t special_line[256];
	/* names, when the first was asked for */
	bool has_names;
	const char **dirs;
	struct od_line_file *files;
	uint32_t ndirs, nfiles;
	struct od_line_file extra[OD_LINE_EXTRA];
	uint32_t nextra;
	/* all rows, when the second address was asked for */
	uint32_t asked;
	bool has_rows;
	struct od_dw_row *rows;
	uint32_t nrows, rows_cap;
	struct od_dw_ranges sequences; /* off: number of its first row */
};

/* Make unit->lines; false: there is no table that makes sense. */
bool od_lines_open(struct od_unit *unit);

#endif
