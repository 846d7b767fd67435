/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of an input as a whole, and the reports found in it. */
#ifndef OD_MODEL_INPUT_H
#define OD_MODEL_INPUT_H

#include "base/buf.h"
#include "model/region.h"
#include "model/report.h"

enum od_input_kind {
	OD_INPUT_LOG,
	OD_INPUT_MAIL,
	OD_INPUT_GDB,
	OD_INPUT_KVM_TRACE,
	OD_INPUT_VMCORE,
	OD_INPUT_KVM_SELFTEST,
	OD_INPUT_CORE,
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

/* What would have made the answer better, and is not there. */
struct od_missing {
	const char *what, *why; /* "types": "the dump excludes them" */
	const char *build_id;	/* of the file that would help; NULL */
	const char *path;	/* where that file usually is; NULL */
};

struct od_memory;

struct od_input {
	struct od_arena arena;
	const char *name; /* basename; "-" for standard input */
	enum od_input_kind kind;
	enum od_input_status status;
	const char *error; /* NULL unless STOPPED or UNREADABLE */
	const char *topic; /* what a text without a crash is about, NULL if that is not known */
	const char *release, *hostname, *cmdline;
	const char *banner; /* release and version of the kernel in memory, NULL */
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

	/* of an input with memory: a vmcore, or the core of a process */
	const char *format;    /* "kdump-compressed v6, zlib": for people */
	bool has_uptime;
	uint64_t uptime_s;
	uint64_t memory_bytes; /* of the machine; 0: unknown */
	int32_t panic_cpu;     /* -1: unknown, or there was no panic */
	struct od_missing *missing;
	uint32_t nmissing, missing_cap;
	bool symbols_given;    /* -s: whoever gave files wants to know what became of them */
	struct od_memory *memory; /* not owned; NULL: the input has none */
	/*
	 * What a value is, by looking into memory: a phrase into out, and the region (may be NULL). False:
	 * nothing better than the value itself tells. NULL where there is no memory.
	 */
	bool (*describe)(void *ctx, uint64_t value, struct od_buf *out, enum od_region *region);
	void *describe_ctx;
};

struct od_input *od_input_create(const char *name);
void od_input_destroy(struct od_input *in);
void od_input_note(struct od_input *in, uint32_t lineno, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Copies its strings; build_id and path may be NULL. */
void od_input_missing(struct od_input *in, const char *what, const char *why, const char *build_id,
		      const char *path);
/* Keep a copy of rec for plugins; silently full at OD_MAX_CONTEXT but for one note. */
void od_input_add_context(struct od_input *in, const struct od_record *rec);
/* Keep a copy of an event; of more than OD_MAX_TIMELINE those of the lowest rank go. */
void od_input_add_event(struct od_input *in, const struct od_event *event);
/* Takes the report over and numbers it. False, and destroys it, over OD_MAX_REPORTS. */
bool od_input_add_report(struct od_input *in, struct od_report *rep);

#endif
