/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of an input as a whole, and the reports found in it. */
#ifndef OD_MODEL_INPUT_H
#define OD_MODEL_INPUT_H

#include "model/report.h"

enum od_input_kind {
	OD_INPUT_LOG,
	OD_INPUT_MAIL,
	OD_INPUT_GDB,
};

enum od_input_status { OD_INPUT_COMPLETE, OD_INPUT_CUT, OD_INPUT_STOPPED, OD_INPUT_UNREADABLE };

const char *od_input_kind_name(enum od_input_kind kind);
const char *od_input_status_name(enum od_input_status status);

/* A notable line, or equal ones, ahead of a crash. */
struct od_event {
	uint32_t lineno, lineno_last; /* of the first, and of the last that was like it */
	uint32_t count;		      /* lines, at least 1 */
	uint32_t report;	      /* index in reports: the crash that it stands ahead of */
	uint32_t rank;		      /* severity and nearness to the crash; of too many the lowest go */
	uint64_t time_us;	      /* of the first; OD_TS_NONE */
	uint64_t before_us;	      /* from the last to the crash; OD_TS_NONE */
	enum od_severity severity;
	const char *text;
};

struct od_input {
	struct od_arena arena;
	const char *name; /* basename; "-" for standard input */
	enum od_input_kind kind;
	enum od_input_status status;
	const char *error; /* NULL unless STOPPED or UNREADABLE */
	const char *release, *hostname, *cmdline;
	uint64_t bytes;	   /* read */
	uint32_t lines;	   /* read */
	struct od_note *notes;
	uint32_t nnotes, notes_cap;
	struct od_report **reports; /* owned */
	uint32_t nreports, reports_cap;
	struct od_record *context; /* records that a plugin asked for by its literals */
	uint32_t ncontext, context_cap;
	bool context_full;
	struct od_event *timeline; /* in the order of the log */
	uint32_t ntimeline, timeline_cap;
	uint32_t timeline_left; /* events that were not kept: more than OD_MAX_TIMELINE */
};

struct od_input *od_input_create(const char *name);
void od_input_destroy(struct od_input *in);
void od_input_note(struct od_input *in, uint32_t lineno, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Keep a copy of rec for plugins; silently full at OD_MAX_CONTEXT but for one note. */
void od_input_add_context(struct od_input *in, const struct od_record *rec);
/* Keep a copy of an event; of more than OD_MAX_TIMELINE those of the lowest rank go. */
void od_input_add_event(struct od_input *in, const struct od_event *event);
/* Takes the report over and numbers it. False, and destroys it, over OD_MAX_REPORTS. */
bool od_input_add_report(struct od_input *in, struct od_report *rep);

#endif
