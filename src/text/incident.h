/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An incident while it is being read, and the rules that read it. A rule is a row: a literal and a
 * function. Triggers open or extend an incident, fields fill it, sections say whose trace comes
 * next, frames (frames.c) fill its stacks. The rows stand in one file per family of kinds or
 * architectures, and families.c lists the files: a new kind, field or architecture is a new row.
 */
#ifndef OD_TEXT_INCIDENT_H
#define OD_TEXT_INCIDENT_H

#include "base/cursor.h"
#include "model/report.h"

struct od_incident {
	struct od_report *rep;
	int32_t stack;		  /* index of the stack that frames are added to, -1: none is open */
	const char *section;	  /* name of the trace that comes next, NULL: the crash's own */
	bool aside;		  /* what is read now is not of the crashing context itself */
	bool headed;		  /* "Call Trace:" belongs to the section */
	bool cpu_line;		  /* the crash's own "CPU:" line was read */
	bool own_cpu;		  /* the section has a "CPU:" line of its own, not seen yet */
	bool bare;		  /* frames may come without "Call Trace:" and without addresses */
	bool trace_seen;	  /* a trace header or a frame of the crash was read */
	bool any_trace;		  /* the same, of any section */
	bool user_registers;	  /* these registers are not those of the crash */
	bool in_modules;	  /* the next record may go on with the list of modules */
	bool in_raw_stack;	  /* "Stack:" and words, 3.x */
	bool trace_over;	  /* what was read last comes once the traces are out */
	bool tail;		  /* the end marker was seen: only a panic and its like may follow */
	bool named;		  /* some detector named a kind */
	bool message;		  /* only a message so far: the BUG or WARNING that it leads to may follow */
	bool weak;		  /* told only if a trace follows */
	bool info;		  /* asked for (sysrq, fault injection): no crash */
	bool cut_here;		  /* opened by "cut here" alone */
	bool warned;		  /* "WARNING: at ..": its words may come behind it */
	bool warn_frame;	  /* the frame of a WARNING line stands in for the pc */
	bool panicked;
	char task_state;	  /* of the task whose trace comes next */
	const char *holder;	  /* comm of the task whose locks are listed, NULL: none */
	int32_t holder_pid;
	uint8_t state;		  /* of the family that the incident belongs to, 0 at first */
	uint32_t gap;		  /* records in a row that no rule knew */
	uint32_t kept;		  /* records of rep up to the last one that a rule knew */
	uint32_t warned_at;	  /* records of rep up to that line */
	uint32_t frame_at;	  /* records of rep ahead of the one with the last frame */
	uint64_t last_ts;
	uint32_t callers[16];	  /* printk callers that speak for it */
	uint32_t ncallers;
	uint32_t own_records;	  /* known records by callers[0] */
	bool any_caller;	  /* callers turned out to say nothing */
	uint64_t opened;	  /* its place among all that were opened */
	uint64_t turn;		  /* when it was last fed: order among those that are open */
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
	OD_ROLE_DETECT,	 /* names a cause */
	OD_ROLE_MESSAGE, /* names a cause; the BUG or WARNING that carries it comes next */
	OD_ROLE_CARRIER, /* names a cause, or carries that of the message before it */
	OD_ROLE_CUT,	 /* "cut here": something follows */
	OD_ROLE_DIE,	 /* the header of die(): names a cause only if nothing did before */
	OD_ROLE_PANIC,
	OD_ROLE_WEAK,	 /* told only if a trace follows */
	OD_ROLE_INFO,	 /* traces that somebody asked for: no crash */
	OD_ROLE_QUIET,	 /* the same, and nobody wants to read of it */
	OD_ROLE_APART,	 /* no part of any incident: collected by text/iommu.h */
};

enum od_trigger_flags {
	OD_ANYWHERE = 1 << 0, /* the literal may stand inside the record, not only at its start */
	OD_BARE = 1 << 1,     /* frames follow at once, without "Call Trace:" */
	OD_COMMON = 1 << 3,   /* benign lines begin so too: no marker, more_markers has what check asks for */
	OD_ALONE = 1 << 4,    /* nothing ahead of it leads to it: with a body, what is open is something else */
	OD_INSIDE = 1 << 2,   /* inside of an incident that is open it is only a line of it */
};

struct od_trigger {
	const char *literal;
	uint8_t role;  /* enum od_trigger_role */
	uint8_t flags; /* enum od_trigger_flags */
	enum od_kind kind;
	const char *subkind;
	/* Says whether the record really is one, without side effects; NULL: the literal is enough. */
	bool (*check)(const struct od_record *rec, struct od_cursor c);
	/* Fills the report; kind and subkind are already set from the row. May be NULL. */
	void (*parse)(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
};

/* The rows of one family; each list ends with a NULL literal and may be NULL itself. */
struct od_family {
	const struct od_trigger *triggers;
	const struct od_rule *rules;
	/* A frame in the family's own grammar. True if it was one, and was added. May be NULL. */
	bool (*frame)(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
};

/* families.c: in order of precedence; ends with an empty row. */
extern const struct od_family od_families[];

/* The first trigger, in the order of the tables, that rec is; *at: the cursor after its literal. */
const struct od_trigger *od_trigger_find(const struct od_record *rec, struct od_cursor *at);
/* Literals for the prefilter: all triggers, and what shows a crash whose head is lost. */
const char *const *od_trigger_markers(void);

/* Try sections, field rules, then frames. True if the record was understood. */
bool od_incident_field(struct od_incident *inc, const struct od_record *rec);

/* sections.c: "Allocated by task 5:" and its like: the next trace is not that of the crash. */
bool od_section_line(struct od_incident *inc, const struct od_record *rec);
/* What comes next belongs to the section name; aside false: to the crash itself. */
void od_section_open(struct od_incident *inc, const char *name, bool aside);
/* Back to the crash itself. */
void od_section_close(struct od_incident *inc);

/* frames.c */
bool od_frame_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
/*
 * "sym+0x12/0x20 [mod buildid]", "[<addr>] sym+..", "0xaddr": one frame without its '?'. False, and
 * the cursor unmoved, if it is none. frame's strings are put into the report's arena.
 */
bool od_frame_location(struct od_report *rep, struct od_cursor *c, struct od_frame *frame);
/* " [mod]", " [mod 0123abcd]" behind a frame, into its module and build id; if it is none, c stays where it is. */
void od_frame_module(struct od_report *rep, struct od_cursor *c, struct od_frame *frame);
/* A trace begins; name is used where no section gave it one. */
void od_stack_open(struct od_incident *inc, const char *name);
/* The trace is over: frames that come now need a new header. */
void od_stack_close(struct od_incident *inc);
/* Add a frame to the open stack, opening one if none is; lines are taken from rec. */
struct od_frame *od_stack_push(struct od_incident *inc, const struct od_record *rec,
			       const struct od_frame *frame);
/*
 * Make the faulting pc the first frame of the crash's own stack, or of the section that is being
 * read. late: it is printed after the trace that it belongs to (3.x x86-64, i386, s390).
 */
void od_incident_set_pc(struct od_incident *inc, const struct od_record *rec,
			const struct od_frame *frame, bool late);
/* Has the crash itself, or the section being read, its pc already? */
bool od_incident_has_pc(const struct od_incident *inc);

/* --- helpers for rows ------------------------------------------------------------- */

/* A rule for a line that is understood and says nothing more. */
bool od_rule_accept(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
/* The same, for a line that is printed once all traces are out. */
bool od_rule_trace_over(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
/* A rule for a line worth showing: it becomes a link of the chain. */
bool od_rule_link(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
/* The record is the subject, unless there is one. */
void od_subject(struct od_incident *inc, const struct od_record *rec);
/* A parse function that does only this. */
void od_parse_subject(struct od_incident *inc, const struct od_record *rec, struct od_cursor c);
/* "BUG: Bad thing" -> "bad-thing": at most len bytes, up to the first byte of stop. */
const char *od_kebab(struct od_report *rep, const char *s, size_t len, const char *stop);
/* The report's kind is, or is not yet, one of these. */
static inline bool od_kind_is(const struct od_incident *inc, enum od_kind kind)
{
	return inc->rep->kind == kind;
}
/* A CPU does not move on: what it was doing matters, not what found it. */
static inline bool od_is_stall(const struct od_incident *inc)
{
	return od_kind_is(inc, OD_KIND_SOFT_LOCKUP) || od_kind_is(inc, OD_KIND_HARD_LOCKUP) ||
	       od_kind_is(inc, OD_KIND_RCU_STALL) || od_kind_is(inc, OD_KIND_CSD_LOCK);
}
/* Details that are only set once: false if the report has the key. */
bool od_detail_str(struct od_report *rep, const char *key, const char *s, size_t len);
bool od_detail_num(struct od_report *rep, const char *key, uint64_t v);
bool od_detail_addr(struct od_report *rep, const char *key, uint64_t v);
/* "name:1234" at c up to end: a comm may hold ':' and blanks, the pid is behind the last ':'. */
bool od_comm_pid(struct od_incident *inc, const char *s, const char *end, char sep);
/* od_cur_past(), then a decimal number. */
bool od_past_dec(struct od_cursor *c, const char *lit, uint64_t *ret);
/* Copy of the rest of a record, blanks at both ends cut. */
const char *od_rest(struct od_report *rep, struct od_cursor c);

#endif
