/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between split.c (where incidents begin and end) and split-owner.c (whose a record is). */
#ifndef OD_TEXT_SPLIT_INTERNAL_H
#define OD_TEXT_SPLIT_INTERNAL_H

#include "text/incident.h"
#include "text/iommu.h"
#include "text/split.h"

enum {
	MAX_BANNER = 512,  /* bytes of "Linux version ..." that are kept */
	TAIL_GAP = 24,		 /* unknown records after the end marker before it is really over */
	TIME_GAP_US = 120000000, /* a crash does not pause for two minutes */
	MAX_OPEN = 8,		 /* incidents that are read at the same time */
	MAX_WAITING = 16,	 /* reports that wait for an earlier one */
	SURE_CALLER = 3,	 /* known records in a row by one caller: the ids mean something */
};

struct od_split {
	struct od_split_ops ops;
	struct od_incident open[MAX_OPEN]; /* in order of their beginning */
	unsigned nopen;
	uint64_t turn;
	bool took; /* a rule understood the last record */
	char *release, *banner; /* of the boot: from "Linux version", the whole line */
	struct waiting {
		struct od_report *rep;
		uint64_t opened;
	} waiting[MAX_WAITING + 1]; /* closed, but opened after one that is still open */
	unsigned nwaiting;
	struct od_iommu_set iommu;
	uint32_t boot; /* "Linux version" lines so far */
};

bool od_split_speaks(const struct od_incident *inc, uint32_t caller);
void od_split_add_caller(struct od_incident *inc, uint32_t caller);
/* The open incident that was fed last, NULL if none is open. */
struct od_incident *od_split_latest(struct od_split *s);
/* The open incident that a record of this caller goes on with, NULL if there is none. */
struct od_incident *od_split_owner(struct od_split *s, uint32_t caller);
/*
 * Two incidents that began almost together print into each other, and no caller id tells them
 * apart: a line that each has once goes to the older of those that still wait for it; else to inc.
 */
struct od_incident *od_split_by_grammar(struct od_split *s, const struct od_record *rec,
					struct od_incident *inc);

#endif
