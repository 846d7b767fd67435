/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors of the hardware: rows for the tables of incident.h, and what the splitter asks about them.
 */
#ifndef OD_TEXT_HW_H
#define OD_TEXT_HW_H

#include "model/hwerr.h"
#include "text/incident.h"

/* End with a NULL literal. The triggers stand before the general ones: some are panics. */
extern const struct od_trigger od_hw_triggers[];
extern const struct od_rule od_hw_rules[];
/* od_hw_rules, and lines that a driver's name begins. False if the incident is none of hardware. */
bool od_hw_field(struct od_incident *inc, const struct od_record *rec);

/* After a trigger's parse function: the worst error names the report. */
void od_hw_name(struct od_incident *inc);

/*
 * Where a trigger belongs while an incident is open (NULL: none is): to it, to one of its own, or, if it tells of a
 * corrected error in the middle of another crash, nowhere.
 */
enum od_hw_place { OD_HW_ANY, OD_HW_JOIN, OD_HW_OPEN, OD_HW_IGNORE };
enum od_hw_place od_hw_place(const struct od_incident *inc, const struct od_trigger *t,
			     const struct od_record *rec, struct od_cursor at);

/* --- between the files: hw-mce.c, hw-lines.c. c: after the literal. ------------------------- */

/* The last error of the report if it is of that source, else NULL. */
struct od_hw_error *od_hw_last(struct od_report *rep, enum od_hw_source source);
/* Copy of a part of the text without blanks around it and a full stop at its end. */
const char *od_hw_words(struct od_report *rep, const char *s, const char *end);
/* "CPU 2: Machine Check Exception: 5 Bank 4: be00.."; anywhere in the record. */
bool od_hw_is_mce(const struct od_record *rec);
void od_hw_mce(struct od_incident *inc, const struct od_record *rec);
/* After "[Hardware Error]: ": opens says whether such a line begins an error. */
bool od_hw_opens(struct od_cursor c);
void od_hw_tagged(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
/* "TSC .. ADDR ..", "PROCESSOR ..": the registers of the error that was named last. */
bool od_hw_mce_registers(struct od_hw_error *err, struct od_cursor c);
/* One line of a firmware's record. */
void od_hw_cper(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);

#endif
