/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An incident while it is being read, and the rules that read it. A rule is a row: a literal and a
 * function. Triggers (triggers.c) open or extend an incident; fields (fields.c, x86.c) fill it;
 * frames (frames.c) fill its stacks. A new kind, field or architecture is a new row.
 */
#ifndef OD_TEXT_INCIDENT_H
#define OD_TEXT_INCIDENT_H

#include "base/cursor.h"
#include "model/report.h"

struct od_incident {
	struct od_report *rep;
	struct od_stack *stack;	  /* that frames are added to, NULL outside of a trace */
	bool trace_seen;	  /* a trace header or a frame was read */
	bool registers_seen;	  /* the registers of the crash are complete: what follows is older */
	bool user_registers;	  /* reading the registers of user space at the bottom of a trace */
	bool in_modules;	  /* the next record may go on with the list of modules */
	bool in_raw_stack;	  /* "Stack:" and words, 3.x */
	bool tail;		  /* the end marker was seen: only a panic and its like may follow */
	bool named;		  /* some detector named a kind */
	bool cut_here;		  /* opened by "cut here" alone */
	bool warn_frame;	  /* the frame of a WARNING line stands in for the pc */
	bool panicked;
	uint32_t gap;		  /* records in a row that no rule knew */
	uint32_t kept;		  /* records of rep up to the last one that a rule knew */
	uint64_t last_ts;
};

struct od_rule {
	const char *literal;
	/*
	 * c stands after the literal. True if the record was understood. rec->text is the whole
	 * record without leading blanks.
	 */
	bool (*parse)(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
};

enum od_trigger_role {
	OD_ROLE_DETECT, /* names a cause */
	OD_ROLE_CUT,	/* "cut here": something follows */
	OD_ROLE_DIE,	/* the header of die(): names a cause only if nothing did before */
	OD_ROLE_PANIC,
};

struct od_trigger {
	const char *literal;
	enum od_trigger_role role;
	bool anywhere; /* the literal may stand inside the record, not only at its start */
	enum od_kind kind;
	const char *subkind;
	/* Says whether the record really is one, without side effects; NULL: the literal is enough. */
	bool (*check)(const struct od_record *rec, struct od_cursor c);
	/* Fills the report; kind and subkind are already set from the row. May be NULL. */
	void (*parse)(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
};

/* The trigger that rec is, and *at: the cursor after its literal. NULL if none. */
const struct od_trigger *od_trigger_find(const struct od_record *rec, struct od_cursor *at);
extern const char *const od_trigger_markers[];

/* Try all field rules, then frames. True if the record was understood. */
bool od_incident_field(struct od_incident *inc, const struct od_record *rec);
extern const struct od_rule od_field_rules[]; /* ends with a NULL literal */
extern const struct od_rule od_x86_rules[];   /* the same */
bool od_rules_run(const struct od_rule *rules, struct od_incident *inc, const struct od_record *rec);

/* frames.c */
bool od_frame_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
/*
 * "sym+0x12/0x20 [mod buildid]", "[<addr>] sym+..", "0xaddr": one frame without its '?'. False, and
 * the cursor unmoved, if it is none. frame's strings are put into the report's arena.
 */
bool od_frame_location(struct od_report *rep, struct od_cursor *c, struct od_frame *frame);
/* Like it, but a bare name without offset is accepted ("RIP: 0010:kfree"). */
void od_stack_open(struct od_incident *inc, const char *name);
/*
 * Make the faulting pc frames[0] of stacks[0]. late: it is printed after the trace that it belongs to
 * (3.x x86-64, i386, s390).
 */
void od_incident_set_pc(struct od_incident *inc, const struct od_frame *frame, bool late);

/* Copy of the rest of a record, trailing blanks cut. */
const char *od_rest(struct od_report *rep, struct od_cursor c);
/* "CPU: 3 PID: 11826 Comm: x Tainted: G OE 3.10.0-... #1", the cursor before "CPU:". */
bool od_cpu_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);

#endif
