/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words for a hardware error: between hwerr.c and hwerr-say.c. */
#ifndef OD_ANALYZE_HWERR_SAY_H
#define OD_ANALYZE_HWERR_SAY_H

#include "analyze/hwerr.h"

/* "corrected", "fatal", ...: the value of details.hw_class. */
const char *od_hw_class(const struct od_hw_error *err);
/* The memory module, and where it is: of the error itself, else of another of the same report. */
const struct od_hw_error *od_hw_module(const struct od_report *rep, const struct od_hw_error *err);
/* One line that is the same for the same part and problem. */
void od_hw_title(const struct od_report *rep, const struct od_hw_error *err, struct od_buf *out);
/* What it means and what to do, as notes of the report. */
void od_hw_notes(struct od_report *rep, const struct od_hw_error *err);

#endif
