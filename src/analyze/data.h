/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data files of plugins/data, built in: kinds (severities, titles) and skip lists. */
#ifndef OD_ANALYZE_DATA_H
#define OD_ANALYZE_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "model/report.h"

struct od_kind_data {
	enum od_severity severity;
	const char *title; /* template */
};

/* Read the built-in data once; later calls do nothing. Ends the program if the data is broken. */
void od_data_init(void);
const struct od_kind_data *od_data_kind(enum od_kind kind);
/*
 * Is a function passed over in the search for the guilty frame? 0: no; else 1 + the number of the
 * category, for od_data_category(). user: a user-space backtrace.
 */
unsigned od_data_skip(const char *function, bool user);
const char *od_data_category(unsigned skip);

#endif
