/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records -> incidents: where a crash begins, what belongs to it, where it is over. */
#ifndef OD_TEXT_SPLIT_H
#define OD_TEXT_SPLIT_H

#include <stdbool.h>

#include "model/report.h"

struct od_split;

struct od_split_ops {
	/* A finished report; the callee owns it. */
	void (*report)(void *ctx, struct od_report *rep);
	void *ctx;
};

struct od_split *od_split_create(const struct od_split_ops *ops);
/* An unfinished incident is dropped: call od_split_finish() first. */
void od_split_destroy(struct od_split *split);
void od_split_feed(struct od_split *split, const struct od_record *rec);
/* Records were left out here that no rule knows. */
void od_split_gap(struct od_split *split);
/* The input is at its end: an open incident is as complete as it gets. */
void od_split_finish(struct od_split *split);
/* True while an incident is open: the next records matter. */
bool od_split_busy(const struct od_split *split);
/* True if a rule understood the last record as part of an incident. */
bool od_split_took(const struct od_split *split);
/* Of the last "Linux version" record, NULL if there was none. Valid until the next record. */
const char *od_split_release(const struct od_split *split);

/* Literals that say that a part of a log is worth parsing; NULL-terminated. */
const char *const *od_split_markers(void);

#endif
