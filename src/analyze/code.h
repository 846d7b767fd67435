/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The code bytes of a report as instructions, and what the one that trapped says of the fault: by
 * the registers that were printed it tells which address it accessed.
 */
#ifndef OD_ANALYZE_CODE_H
#define OD_ANALYZE_CODE_H

#include "base/buf.h"
#include "model/report.h"
#include "symbols/disasm.h"

/*
 * Fill in insns, operands and code_why. Reads the registers with their notes, so it comes after
 * od_analyze_registers(). Nothing is filled in for an architecture that cannot be disassembled but,
 * in code_why, that.
 */
void od_analyze_code(struct od_report *rep);

/* The architecture of a report in the words of symbols/disasm.h. NULL: unknown. */
const char *od_code_arch(const struct od_report *rep);
/* The register that holds the address of the instruction; NULL: it was not printed. */
const struct od_register *od_code_pc(const struct od_report *rep);
/*
 * Text of an instruction for people: the target of a jump or call, which od_disasm() leaves as a
 * number, as "<name>" behind it. name NULL: nothing is known of it. Appends.
 */
void od_code_text(const struct od_insn *insn, const char *name, struct od_buf *buf);

/* For code.c: code-why.c. insn is the trapping one. */
void od_code_explain(struct od_report *rep, const struct od_insn *insn);
/* As above where there are no bytes. */
void od_code_explain_nothing(struct od_report *rep);

#endif
