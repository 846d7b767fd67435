/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records -> incidents. A trigger that names a new cause opens an incident, unless it only goes on
 * with the same crash: list corruption, then "kernel BUG", then "invalid opcode", then the panic are
 * links of one chain. Several may be open: CPUs that print into each other are told apart by the
 * printk caller id, and where that says nothing by what an incident can still take.
 */
#include "text/split-internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/hw.h"

struct od_split *od_split_create(const struct od_split_ops *ops)
{
	struct od_split *s = od_calloc(1, sizeof(*s));

	s->ops = *ops;
	return s;
}

void od_split_destroy(struct od_split *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->nopen; i++)
		od_report_destroy(s->open[i].rep);
	for (unsigned i = 0; i < s->nwaiting; i++)
		od_report_destroy(s->waiting[i].rep);
	od_iommu_clear(&s->iommu);
	free(s->release);
	free(s->banner);
	free(s);
}

bool od_split_busy(const struct od_split *s)
{
	return s->nopen > 0;
}

bool od_split_took(const struct od_split *s)
{
	return s->took;
}

const char *od_split_release(const struct od_split *s)
{
	return s->release;
}

const char *const *od_split_markers(void)
{
	return od_trigger_markers();
}

/* --- the end of an incident -------------------------------------------------------------- */

/* Is there enough to call it a crash? A lone "cut here" or two stray frames are none. */
static bool worth_telling(const struct od_incident *inc)
{
	const struct od_report *rep = inc->rep;
	uint32_t frames = 0;

	for (uint32_t i = 0; i < rep->nstacks; i++)
		frames += rep->stacks[i].nframes;
	if (inc->info)
		return rep->kind != OD_KIND_NONE && (frames || rep->nlocks);
	if (inc->named && !inc->weak)
		return true;
	return frames >= 3 && (rep->nregisters || inc->trace_seen);
}

/* The lines of a stack are those of its frames; the pc may stand before or after the trace. */
static void span_frames(struct od_stack *stack)
{
	struct od_lines span = { UINT32_MAX, 0 };

	for (uint32_t i = 0; i < stack->nframes; i++) {
		const struct od_lines *l = &stack->frames[i].lines;

		span.first = l->first < span.first ? l->first : span.first;
		span.last = l->last > span.last ? l->last : span.last;
	}
	stack->lines = span;
}

/* Those of the crash itself first, each sort in the order of the text; empty ones go. */
static void finish_stacks(struct od_report *rep)
{
	struct od_stack *sorted = od_arena_alloc(&rep->arena, (rep->nstacks + 1) * sizeof(*sorted));
	uint32_t n = 0;

	for (int aside = 0; aside < 2; aside++) {
		for (uint32_t i = 0; i < rep->nstacks; i++) {
			if (!rep->stacks[i].nframes || rep->stacks[i].aside != aside)
				continue;
			sorted[n] = rep->stacks[i];
			span_frames(&sorted[n++]);
		}
	}
	rep->stacks = sorted;
	rep->nstacks = rep->stacks_cap = n; /* there is no room behind them */
}

/* Reports come out in the order of their beginnings: one that is still open holds the others back. */
static void flush_waiting(struct od_split *s)
{
	unsigned n = 0;

	for (; n < s->nwaiting; n++) {
		bool first = true;

		for (unsigned i = 0; i < s->nopen; i++)
			first &= s->open[i].opened > s->waiting[n].opened;
		for (unsigned i = 0; i < s->iommu.n; i++)
			first &= s->iommu.dev[i].opened > s->waiting[n].opened;
		if (!first && s->nwaiting - n < MAX_WAITING)
			break;
		s->ops.report(s->ops.ctx, s->waiting[n].rep);
	}
	memmove(s->waiting, s->waiting + n, (s->nwaiting - n) * sizeof(*s->waiting));
	s->nwaiting -= n;
}

static void tell(struct od_split *s, struct od_report *rep, uint64_t opened)
{
	unsigned at = s->nwaiting;

	while (at && s->waiting[at - 1].opened > opened)
		at--;
	memmove(&s->waiting[at + 1], &s->waiting[at], (s->nwaiting - at) * sizeof(*s->waiting));
	s->waiting[at] = (struct waiting){ rep, opened };
	s->nwaiting++;
	flush_waiting(s);
}

static void close_incident(struct od_split *s, struct od_incident *open)
{
	struct od_incident inc = *open;
	struct od_report *rep = inc.rep;

	memmove(open, open + 1, (size_t)(s->open + s->nopen - open - 1) * sizeof(*open));
	s->nopen--;
	rep->nrecords = inc.kept < rep->nrecords ? inc.kept : rep->nrecords;
	if (!worth_telling(&inc)) {
		od_report_destroy(rep);
		flush_waiting(s);
		return;
	}
	finish_stacks(rep);
	if (rep->kind == OD_KIND_NONE)
		rep->kind = OD_KIND_OTHER;
	if (!inc.named && !rep->truncated)
		rep->truncated = "the beginning of the report is not in the input";
	if (!rep->release && s->release)
		rep->release = od_arena_strdup(&rep->arena, s->release);
	rep->banner = od_arena_strdup(&rep->arena, s->banner);
	rep->boot = s->boot;
	rep->informational = inc.info;
	tell(s, rep, inc.opened);
}

/* Faults of one device are over. */
static void close_iommu(struct od_split *s, const struct od_iommu_device *d)
{
	struct od_report *rep = d->rep;

	if (s->release)
		rep->release = od_arena_strdup(&rep->arena, s->release);
	rep->boot = s->boot;
	tell(s, rep, d->opened);
}

static void close_all_iommu(struct od_split *s)
{
	struct od_iommu_device d;

	while (od_iommu_next(&s->iommu, &d))
		close_iommu(s, &d);
	od_iommu_clear(&s->iommu);
}

/* The input ends here: what was still to come is lost. */
static void note_cut(struct od_incident *inc)
{
	struct od_report *rep = inc->rep;
	const struct od_stack *last = rep->nstacks ? &rep->stacks[rep->nstacks - 1] : NULL;

	/* One line that nobody understands may be a frame of which only the start is there. */
	if (inc->tail || inc->info || inc->gap > 1)
		return;
	rep->open_end = !inc->trace_over;
	if (rep->truncated || inc->gap)
		return;
	if (inc->message && inc->cut_here)
		rep->truncated = "the input ends before the report does";
	else if (inc->stack >= 0 && last && last->nframes && inc->frame_at + 1 == inc->kept && !inc->aside) {
		rep->truncated = "the input ends inside of the trace";
		rep->ends_in_trace = true;
	}
}

void od_split_finish(struct od_split *s)
{
	while (s->nopen) {
		note_cut(&s->open[0]);
		close_incident(s, &s->open[0]);
	}
	close_all_iommu(s);
}

void od_split_gap(struct od_split *s)
{
	for (unsigned i = 0; i < s->nopen;) {
		s->open[i].gap += TAIL_GAP;
		if (s->open[i].gap > OD_MAX_INCIDENT_GAP)
			close_incident(s, &s->open[i]);
		else
			i++;
	}
}

static struct od_incident *open_incident(struct od_split *s, const struct od_record *rec)
{
	struct od_report *rep = od_report_create();
	struct od_incident *inc;

	if (s->nopen == MAX_OPEN)
		close_incident(s, &s->open[0]);
	inc = &s->open[s->nopen++];
	*inc = (struct od_incident){ .rep = rep, .last_ts = OD_TS_NONE, .stack = -1,
				      .opened = ++s->turn };
	od_split_add_caller(inc, rec->caller);
	rep->kind = OD_KIND_NONE;
	rep->lines.first = rec->lineno;
	rep->lines.last = rec->lineno_last;
	rep->time_us = rec->ts_us;
	rep->wall_time = od_arena_strdup(&rep->arena, rec->wall);
	rep->host = od_arena_strdup(&rep->arena, rec->host);
	return inc;
}

/* Keep the record with the incident; known: a rule understood it. */
static void keep(struct od_split *s, struct od_incident *inc, const struct od_record *rec, bool known)
{
	struct od_record *copy = od_report_add_record(inc->rep, rec);

	if (!known) {
		if (copy)
			copy->flags |= OD_REC_UNKNOWN;
		inc->gap++;
		return;
	}
	s->took = true;
	inc->turn = ++s->turn;
	inc->kept = inc->rep->nrecords;
	inc->gap = 0;
	if (inc->ncallers && rec->caller == inc->callers[0])
		inc->own_records++;
	if (rec->lineno_last > inc->rep->lines.last)
		inc->rep->lines.last = rec->lineno_last;
	if (rec->lineno < inc->rep->lines.first) /* parts of a dump that were put in order */
		inc->rep->lines.first = rec->lineno;
	if (rec->ts_us != OD_TS_NONE && (inc->last_ts == OD_TS_NONE || rec->ts_us > inc->last_ts))
		inc->last_ts = rec->ts_us;
}

/* --- triggers ---------------------------------------------------------------------------- */

/* Of the weak ones only a page that is shown is known to lead to a BUG(). */
static bool is_page_dump(const struct od_report *rep)
{
	return rep->subkind && !strcmp(rep->subkind, "page-dump");
}

/* A fault carries what was said of that fault, BUG() and WARN() anything. */
static bool carries(enum od_kind message, enum od_kind carrier)
{
	const bool fault = carrier == OD_KIND_PAGE_FAULT || carrier == OD_KIND_NULL_DEREF;

	return !fault || message == OD_KIND_PAGE_FAULT || message == OD_KIND_NULL_DEREF ||
	       message == OD_KIND_CFI;
}

/*
 * Where WARN() is no trap (up to 4.14, and longer off x86) its message comes behind "WARNING: at ..", with
 * "Hardware name:" in between at most. The file may have told the kind already.
 */
static bool says_of_warning(const struct od_incident *inc, const struct od_trigger *t)
{
	const struct od_report *rep = inc->rep;

	return inc->warned && !inc->gap && (rep->kind == OD_KIND_WARNING || rep->kind == t->kind) &&
	       inc->rep->nrecords <= inc->warned_at + 2 && !inc->message;
}

/* Does a new cause belong to the incident that is open? */
static bool joins(const struct od_incident *inc, const struct od_trigger *t)
{
	const struct od_report *rep = inc->rep;
	const bool body = inc->trace_seen || rep->nregisters || inc->tail;

	if (inc->info)
		return t->role == OD_ROLE_INFO;
	switch ((enum od_trigger_role)t->role) {
	case OD_ROLE_PANIC:
		return !body || !(t->flags & OD_ALONE);
	case OD_ROLE_DIE:
		/* A second die() header with a body of its own is a second oops. */
		return !body || (rep->kind == OD_KIND_WARNING && !inc->tail && !rep->nregisters);
	case OD_ROLE_CUT:
		/* "list_add corruption" stands before it; anything with a trace is another one. */
		return !body && !inc->cut_here &&
		       (inc->message || (inc->weak && is_page_dump(rep)));
	case OD_ROLE_MESSAGE:
		return !body && (!inc->named || says_of_warning(inc, t));
	case OD_ROLE_CARRIER:
		if (!body && inc->gap < 8 &&
		    (!inc->named || (inc->weak && is_page_dump(rep)) || (inc->message && carries(rep->kind, t->kind))))
			return true;
		/* fall through */
	case OD_ROLE_DETECT:
		/* BUG() of old ARM kernels is a store to address 0. */
		return !body && (!inc->named || (rep->kind == OD_KIND_KERNEL_BUG && !inc->gap &&
						 t->kind == OD_KIND_NULL_DEREF));
	case OD_ROLE_WEAK:
	case OD_ROLE_INFO:
	case OD_ROLE_QUIET:
	case OD_ROLE_APART:
		return false;
	}
	return false;
}

static void trigger(struct od_split *s, struct od_incident *inc, const struct od_record *rec,
		    const struct od_trigger *t, struct od_cursor c)
{
	const enum od_hw_place place = od_hw_place(inc, t, rec, c);
	bool fresh = false;

	if (place == OD_HW_IGNORE) {
		keep(s, inc, rec, od_incident_field(inc, rec));
		return;
	}
	if (!inc || place == OD_HW_OPEN || (place == OD_HW_ANY && !joins(inc, t))) {
		/* What is not whole yet may still go on, if it is another CPU's. */
		if (inc && (inc->tail || inc->any_trace || inc->cut_here || inc->info || inc->weak ||
			    place == OD_HW_OPEN))
			close_incident(s, inc);
		inc = open_incident(s, rec);
		fresh = true;
	}
	if (t->role == OD_ROLE_CUT) {
		inc->cut_here = true;
		keep(s, inc, rec, true);
		return;
	}
	if (!fresh && inc->named && t->role == OD_ROLE_MESSAGE && inc->warned) {
		inc->rep->subject = NULL; /* the words, as where they come first */
		inc->rep->kind = t->kind;
		inc->rep->subkind = t->subkind;
	}
	if ((!inc->named || inc->weak) && t->role != OD_ROLE_DIE) {
		inc->rep->kind = t->kind;
		inc->rep->subkind = t->subkind;
		if (inc->weak && t->role != OD_ROLE_WEAK) {
			inc->weak = inc->named = false;
			inc->rep->subject = NULL;
		}
	}
	if (t->flags & OD_BARE)
		inc->bare = true;
	inc->info |= t->role == OD_ROLE_INFO || t->role == OD_ROLE_QUIET;
	if (t->role == OD_ROLE_QUIET)
		inc->rep->kind = OD_KIND_NONE;
	if (t->parse)
		t->parse(inc, rec, c);
	od_hw_name(inc);
	if (t->role != OD_ROLE_INFO || fresh)
		od_report_add_link(inc->rep, inc->named && t->role == OD_ROLE_DIE ? OD_KIND_TRAP :
				   inc->named ? t->kind : inc->rep->kind,
				   rec->text, rec->len, rec->lineno);
	inc->message = t->role == OD_ROLE_MESSAGE && !inc->warned;
	inc->weak = !inc->named && t->role == OD_ROLE_WEAK;
	inc->named = true;
	keep(s, inc, rec, true);
	if (t->role == OD_ROLE_CARRIER && t->kind == OD_KIND_WARNING && !inc->warned) {
		inc->warned = true;
		inc->warned_at = inc->rep->nrecords;
	}
}

/*
 * Nobody knows the caller of this trigger. A panic is for all. What goes on with an incident that has
 * just begun is taken for its own: had another CPU begun one, that would know its caller.
 */
static struct od_incident *stranger(struct od_split *s, const struct od_trigger *t)
{
	struct od_incident *last = od_split_latest(s);

	if (!last || t->role == OD_ROLE_PANIC)
		return last;
	if (last->own_records >= SURE_CALLER || !joins(last, t))
		return NULL;
	last->any_caller = true;
	return last;
}

static bool over(const struct od_incident *inc, const struct od_record *rec)
{
	uint32_t most = inc->tail || inc->weak ? TAIL_GAP : OD_MAX_INCIDENT_GAP;

	if (inc->gap > most)
		return true;
	/*
	 * Only forward: a CPU that was stuck with interrupts off tells the time at which its clock
	 * stopped. A boot is known by its own line.
	 */
	return rec->ts_us != OD_TS_NONE && inc->last_ts != OD_TS_NONE &&
	       rec->ts_us > inc->last_ts + TIME_GAP_US;
}

/* crash(8) quotes the line of the log: PANIC: "Oops: 0002 [#1] SMP NOPTI" (check log for details) */
static bool unquote_panic(struct od_record *rec)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);

	if (!od_cur_lit(&c, "PANIC: \""))
		return false;
	while (c.end > c.p && c.end[-1] != '"')
		c.end--;
	if (c.end - c.p < 2)
		return false;
	rec->text = c.p;
	rec->len = (uint32_t)(c.end - c.p) - 1;
	return true;
}

/* Did inc begin with these words? */
static bool said_before(const struct od_incident *inc, const struct od_record *rec)
{
	return inc->rep->nchain && od_starts(rec->text, inc->rep->chain[0].text);
}

/* The word at c is the release. */
static void take_release(struct od_split *s, struct od_cursor c)
{
	const char *start = c.p;

	while (!od_cur_end(&c) && *c.p > ' ' && c.p - start < 128)
		c.p++;
	free(s->release);
	s->release = od_calloc(1, (size_t)(c.p - start) + 1);
	memcpy(s->release, start, (size_t)(c.p - start));
}

/* "RELEASE: 4.18.0-372.9.1.el8.x86_64", of crash(8): unless the log itself said so. */
static void note_release(struct od_split *s, const struct od_record *rec)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);

	if (!s->release && od_cur_lit(&c, "RELEASE: ") && od_is_digit(od_cur_peek(&c)) &&
	    od_cur_left(&c) <= 128 && !memchr(c.p, ' ', od_cur_left(&c)))
		take_release(s, c);
}

static void note_version(struct od_split *s, const struct od_record *rec)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);
	size_t len;

	if (!od_cur_lit(&c, "Linux version ") || !od_is_digit(od_cur_peek(&c)))
		return;
	s->boot++;
	while (s->nopen)
		close_incident(s, &s->open[0]);
	close_all_iommu(s);
	take_release(s, c);
	free(s->banner);
	len = od_cur_left(&c) < MAX_BANNER ? od_cur_left(&c) : MAX_BANNER;
	s->banner = od_calloc(1, len + 1);
	memcpy(s->banner, c.p, len);
}

/* "[<addr>] f+0x1/0x2 [mod]" or "? f+0x1/0x2 [mod]", and nothing else on the line. */
static bool lone_frame(const struct od_record *rec)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);
	uint64_t v;

	if (od_cur_lit(&c, "[<") && (!od_cur_hex(&c, &v, NULL) || !od_cur_lit(&c, ">]")))
		return false;
	od_cur_blanks(&c);
	od_cur_lit(&c, "? ");
	while (!od_cur_end(&c) && !od_is_blank(*c.p) && *c.p != '+')
		c.p++;
	if (!od_cur_char(&c, '+') || !od_cur_0x(&c, &v) || !od_cur_char(&c, '/') || !od_cur_0x(&c, &v))
		return false;
	od_cur_blanks(&c);
	return od_cur_end(&c) || (*c.p == '[' && c.end[-1] == ']');
}

/* A record that no trigger claims, for the incidents that are open. True if one understood it. */
static bool field(struct od_split *s, const struct od_record *rec)
{
	struct od_incident *inc = od_split_by_grammar(s, rec, od_split_owner(s, rec->caller)), *last = od_split_latest(s);

	if (inc) {
		if (od_incident_field(inc, rec)) {
			keep(s, inc, rec, true);
			return true;
		}
		keep(s, inc, rec, false);
		return false;
	}
	if (!last)
		return false;
	/*
	 * Nobody knows this caller. Right after an incident began its ids may mean nothing (faked, or
	 * those of whoever holds the console); and another CPU may have been asked to speak.
	 */
	if (last->own_records < SURE_CALLER || (od_starts(rec->text, "NMI backtrace for cpu")) ||
	    rec->caller & OD_CALLER_CPU) {
		const bool asked = last->own_records >= SURE_CALLER;

		if (asked && !od_starts(rec->text, "NMI backtrace for cpu")) {
			last->gap++;
			return false;
		}
		if (od_incident_field(last, rec)) {
			if (asked)
				od_split_add_caller(last, rec->caller);
			else
				last->any_caller = true;
			keep(s, last, rec, true);
			return true;
		}
	}
	last->gap++;
	return false;
}

/* What stands in front of a trace, or of the registers, and nowhere else. */
static bool heads_trace(const struct od_record *rec)
{
	static const char *const heads[] = { "Call Trace:", "Call trace:", "RIP: 0010:", "pc : ",
					     "PC is at ",   "epc : ",	   "NIP [",	  "Krnl PSW : ",
					     "EIP: ",	    "ERA: " };
	struct od_cursor c = od_cursor_init(rec->text, rec->len);

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (*heads[i] == *rec->text && od_cur_lit(&c, heads[i]))
			return true;
	return false;
}

/* Faults that an IOMMU tells of stand beside whatever is open. True if rec is of one. */
static bool iommu(struct od_split *s, const struct od_record *rec, const struct od_trigger *t, struct od_cursor at)
{
	struct od_iommu_device full = { 0 };

	if (t && t->role == OD_ROLE_APART) {
		od_iommu_take(&s->iommu, t, rec, at, ++s->turn, &full);
		s->took = true;
	} else if (!t) {
		s->took = od_iommu_more(&s->iommu, rec, ++s->turn, &full);
	}
	if (full.rep)
		close_iommu(s, &full);
	return s->took;
}

void od_split_feed(struct od_split *s, const struct od_record *rec)
{
	struct od_record r = *rec;
	const struct od_trigger *t;
	struct od_incident *inc;
	struct od_cursor at;

	s->took = false;
	if (r.flags & OD_REC_FOREIGN)
		return;
	while (r.len && od_is_blank(*r.text)) {
		r.text++;
		r.len--;
	}
	while (r.len && (od_is_blank(r.text[r.len - 1]) || r.text[r.len - 1] == '\r'))
		r.len--;
	if (r.len > 1 && r.text[r.len - 1] == '`') /* the end of what Markdown was told is code */
		r.len--;
	if (!r.len)
		return;
	note_version(s, &r);
	note_release(s, &r);
	if (unquote_panic(&r) && s->nopen && said_before(od_split_latest(s), &r))
		return; /* "sys" once more */
	for (unsigned i = 0; i < s->nopen;) {
		if (over(&s->open[i], &r))
			close_incident(s, &s->open[i]);
		else
			i++;
	}
	t = od_trigger_find(&r, &at);
	if (iommu(s, &r, t, at))
		return;
	if (t) {
		inc = od_split_owner(s, r.caller);
		/* A sentence that only sounds like one, inside of a report that is sure. */
		if ((t->flags & OD_INSIDE) && s->nopen && !od_split_latest(s)->tail) {
			field(s, &r);
			return;
		}
		if (t->role == OD_ROLE_QUIET && inc && !inc->tail) {
			od_section_open(inc, "fault injection", true);
			inc->own_cpu = inc->headed = true;
			keep(s, inc, &r, true);
			return;
		}
		if (!inc)
			inc = stranger(s, t);
		trigger(s, inc, &r, t, at);
		return;
	}
	if (s->nopen && (field(s, &r) || !r.caller || od_split_owner(s, r.caller)))
		return;
	/* A trace whose head is lost: registers, "Call Trace:", frames open one without a name. */
	if (heads_trace(&r) || lone_frame(&r)) {
		inc = open_incident(s, &r);
		inc->bare = lone_frame(&r);
		if (!od_incident_field(inc, &r)) {
			od_report_destroy(inc->rep);
			s->nopen--;
			return;
		}
		keep(s, inc, &r, true);
	}
}
