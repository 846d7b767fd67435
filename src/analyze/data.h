/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules as data: severities and titles of kinds, functions that are passed over, where the guilty
 * frame is looked for. The files of plugins/data are built in; --rules adds to them and overrides.
 */
#ifndef OD_ANALYZE_DATA_H
#define OD_ANALYZE_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/report.h"

struct od_kind_data {
	enum od_severity severity;
	const char *title; /* template */
};

enum od_blame_how { OD_BLAME_FIRST, OD_BLAME_DISPATCH, OD_BLAME_AT, OD_BLAME_NONE };

enum { OD_BLAME_STACKS = 8 };

struct od_blame {
	enum od_blame_how how;
	const char *stacks[OD_BLAME_STACKS + 1]; /* patterns, NULL-terminated */
};

/* Read the built-in data once; later calls do nothing. Ends the program if the data is broken. */
void od_data_init(void);
/*
 * Add the rules of a text (the lines of a --rules file). False: *error says what is wrong, with the
 * number of the line; what stood before it counts. name is for the message.
 */
bool od_data_add(const char *name, const char *text, size_t len, struct od_buf *error);

/* All rules as lines, in the form in which they are read: the built-in ones, then those added. */
void od_data_list(struct od_buf *buf);

/* Of kind and subkind (NULL: none): a row for the subkind wins over one for the kind. */
const struct od_kind_data *od_data_kind(enum od_kind kind, const char *subkind);
const struct od_blame *od_data_blame(enum od_kind kind, const char *subkind);
/*
 * Is a function passed over in the search for the guilty frame of a report of that kind? 0: no; else
 * 1 + the number of the category, for od_data_category(). Patterns that begin with '*' are too loose
 * for names in a module (NULL: the kernel itself).
 */
unsigned od_data_skip(const char *function, const char *module, enum od_kind kind);
const char *od_data_category(unsigned skip);
bool od_data_is_dispatch(const char *function);
bool od_data_is_preferred(const char *function, enum od_kind kind);

#endif
