/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between timeline.c, which keeps events, and timeline-rows.c, which knows what is one. */
#ifndef OD_TEXT_TIMELINE_INTERNAL_H
#define OD_TEXT_TIMELINE_INTERNAL_H

#include "model/report.h"

/* No category may take more than its share of what is kept. */
enum od_event_category {
	OD_EVENT_STORAGE,
	OD_EVENT_FS,
	OD_EVENT_NETWORK,
	OD_EVENT_DEVICE,
	OD_EVENT_HARDWARE,
	OD_EVENT_TIME,
	OD_EVENT_MEMORY,
	OD_EVENT_MACHINE,
	OD_EVENT_PROGRAM,
};

struct od_event_kind {
	uint16_t row; /* equal rows and keys: the same again */
	uint64_t key; /* hash of the text without its numbers */
	enum od_event_category category;
	enum od_severity severity;
};

/*
 * Is the record an event? One pass over its text, whatever the number of rows. The record's text is
 * read as it is, so that it may hold any byte.
 */
bool od_event_find(const struct od_record *rec, struct od_event_kind *ret);

#endif
