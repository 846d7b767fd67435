/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of all families; only families.c reads them together. */
#ifndef OD_TEXT_FAMILIES_H
#define OD_TEXT_FAMILIES_H

#include "text/incident.h"

extern const struct od_trigger od_oops_triggers[], od_check_triggers[], od_slab_triggers[],
	od_memory_triggers[], od_stall_triggers[], od_lockdep_triggers[], od_sanitizer_triggers[], od_task_triggers[],
	od_filesystem_triggers[], od_crash_tool_triggers[];
extern const struct od_rule od_field_rules[], od_x86_rules[], od_check_rules[], od_slab_rules[],
	od_memory_rules[], od_stall_rules[], od_lockdep_rules[], od_sanitizer_rules[], od_task_rules[],
	od_filesystem_rules[], od_crash_tool_rules[];

bool od_lockdep_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
bool od_crash_tool_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
bool od_check_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
bool od_task_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
/* tasks.c: "comm/5:" behind "locks held by ", and a line of that list. */
bool od_locks_held_by(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
bool od_held_lock(struct od_incident *inc, const struct od_record *rec);
bool od_sanitizer_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);

/* fields.c: "5.10.2 #14 Not tainted" */
bool od_release_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
/* fields.c: words of the raw stack; words of the list of modules. */
bool od_raw_words(const struct od_record *rec);
bool od_module_words(struct od_incident *inc, struct od_cursor c, bool continued);

#endif
