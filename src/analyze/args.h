/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arguments of the function that failed, from the registers that a text prints: where DWARF says that
 * they are at the very instruction. Of its callers nothing is known: their registers were not printed.
 */
#ifndef OD_ANALYZE_ARGS_H
#define OD_ANALYZE_ARGS_H

#include "analyze/locate.h"
#include "model/report.h"
#include "symbols/vars.h"

/* Fill the arguments of the faulting frame of a report whose frames are located. */
void od_args_report(struct od_locate *loc, struct od_report *rep);
/* Put a variable that a debug file tells into a frame. */
void od_args_add(struct od_report *rep, struct od_frame *frame, const struct od_variable *var);
/*
 * Where the code of a frame is in a debug file, by the symbol's name and size. offset: from its
 * beginning. False: there is no such file, or it is not sure which symbol it is.
 */
bool od_args_code(struct od_locate *loc, const struct od_wanted *wanted, const char *symbol, uint64_t size,
		  uint64_t offset, struct od_debug **dbg, uint64_t *addr);

#endif
