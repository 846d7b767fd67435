/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gdb `bt` and `bt full` text -> a report. Grammar: gdb's stack.c (print_frame), 7.x to 14.x. */
#ifndef OD_TEXT_GDB_H
#define OD_TEXT_GDB_H

#include <stdbool.h>

#include "model/report.h"

struct od_gdb;

struct od_gdb *od_gdb_create(void);
/* NULL is accepted; an unfinished report is dropped. */
void od_gdb_destroy(struct od_gdb *gdb);

/*
 * Offer one record. True if it belongs to a backtrace (it was taken); false if not: an open
 * backtrace is then over if the line cannot be part of it, see od_gdb_done().
 */
bool od_gdb_feed(struct od_gdb *gdb, const struct od_record *rec);
/* True while a backtrace is being read. */
bool od_gdb_busy(const struct od_gdb *gdb);
/*
 * The finished report, once a line ended the backtrace, or NULL. With force, also an unfinished
 * one (end of input). The caller owns it.
 */
struct od_report *od_gdb_done(struct od_gdb *gdb, bool force);

#endif
