/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions behind the rows of triggers-hw.c. c stands after the literal of the row. */
#ifndef OD_TEXT_HW_LINES_H
#define OD_TEXT_HW_LINES_H

#include "text/hw.h"

bool od_hw_check_aer(const struct od_record *rec, struct od_cursor c);
void od_hw_aer_received(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
void od_hw_aer_bus(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
bool od_hw_check_edac(const struct od_record *rec, struct od_cursor c);
void od_hw_edac(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
void od_hw_memory_failure(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
void od_hw_user_access(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
void od_hw_nmi(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
/* A line that belongs to the last error, whatever driver's name it begins with. */
bool od_hw_line(struct od_incident *inc, const struct od_record *rec);

#endif
