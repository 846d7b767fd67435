/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happened in a ticket: the reports of all its files, each crash once. The same crash stands in
 * dmesg, in the journal and in what kdump saved; and one that happens again and again is told once with a
 * count.
 */
#ifndef OD_TRIAGE_CRASH_H
#define OD_TRIAGE_CRASH_H

#include <stddef.h>

#include "triage/wire.h"

struct od_crash {
	const struct od_item_report *report; /* the most complete copy of the first time */
	uint32_t count;	  /* how often it happened */
	uint32_t copies;  /* further places that tell of it */
	uint32_t *inputs; /* numbers of the inputs that it stands in, ascending, none twice */
	uint32_t ninputs;
};

enum {
	OD_CRASH_STACKS = 64,	/* of one signature that are told apart */
	OD_CRASH_WINDOW_US = 1000000, /* clocks of two files may differ so much */
};

/*
 * *ret is for od_crashes_free(); the reports stay the caller's and must outlive it. The first one is the verdict:
 * what nothing else led to, then the most severe, the best known, the first in the ticket.
 */
size_t od_crashes_find(const struct od_item_report *reports, size_t n, struct od_crash **ret);
void od_crashes_free(struct od_crash *crashes, size_t n);

/* The score of the best finding, 0 without any. */
unsigned od_report_score(const struct od_item_report *rep);

#endif
