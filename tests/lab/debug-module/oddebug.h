/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The faults, by name: each file has a table, ended by an entry without name. */
#ifndef ODDEBUG_H
#define ODDEBUG_H

struct od_fault {
	const char *name;
	void (*run)(void);
};

extern const struct od_fault od_plain_faults[];
extern const struct od_fault od_memory_faults[];
extern const struct od_fault od_lock_faults[];
extern const struct od_fault od_task_faults[];
extern const struct od_fault od_clang_faults[];

/* Name of a fault, or NULL. */
const struct od_fault *od_fault_find(const char *name);

#endif
