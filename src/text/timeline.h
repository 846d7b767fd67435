/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happened before: notable lines of the log are kept until a crash comes that they stand
 * ahead of, then the best of them become the input's timeline. Repeats are one event with a count.
 */
#ifndef OD_TEXT_TIMELINE_H
#define OD_TEXT_TIMELINE_H

#include "model/input.h"

struct od_timeline;

struct od_timeline *od_timeline_create(void);
/* NULL is accepted. */
void od_timeline_destroy(struct od_timeline *tl);
/*
 * Look at the next record of the log. part: an incident took it; opened: it opened one, so that
 * what was fed before stands ahead of that incident.
 */
void od_timeline_feed(struct od_timeline *tl, const struct od_record *rec, bool part, bool opened);
/* Lines were left out between the last record and the next. */
void od_timeline_gap(struct od_timeline *tl);
/*
 * rep is a crash and the last report of in: what stands ahead of it and is worth telling is copied
 * into the timeline of in, and forgotten here.
 */
void od_timeline_take(struct od_timeline *tl, struct od_input *in, struct od_report *rep);
/* The report that starts on this line is not told (a copy): forget what stands ahead of it. */
void od_timeline_drop(struct od_timeline *tl, uint32_t lineno);

/* Literals for the prefilter: NULL-terminated. */
extern const char *const od_timeline_markers[];

#endif
