/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worker is to do: the files of a ticket, open, and how they belong together. */
#ifndef OD_TRIAGE_JOB_H
#define OD_TRIAGE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OD_TICKET_DEPTH = 4,	     /* archives and mails within each other that are opened: three in the first */
	OD_TICKET_MEMBERS = 100000,  /* files of one ticket that are looked at, those in archives too */
	OD_TICKET_HTML = 8 << 20,    /* bytes of pages of one ticket that are told: then text */
	OD_TICKET_REPORTS = 4096,    /* reports of one ticket that a worker tells */
	OD_MAILBOX_MESSAGES = 100000, /* messages of one mailbox */
};

/* One input: a file, or several that are one (the parts of a dump, a dump and its log). */
struct od_job_unit {
	const char *name; /* within the ticket */
	unsigned first, n; /* of the descriptors */
};

struct od_pipeline_filters;
struct od_plugins;

struct od_job {
	const struct od_job_unit *units;
	size_t nunits;
	uint32_t first_input; /* number of the first unit's input: a large ticket is done in several jobs */
	bool alone;	      /* the ticket is this one file: it is told of whatever it holds */
	bool split;	      /* a mailbox: tell where its messages lie, and do no more */
	struct od_plugins *plugins;
	const struct od_pipeline_filters *filters; /* of these plugins */
};

#endif
