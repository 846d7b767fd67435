/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One incident is open at a time. A trigger that names a new cause closes it and opens the next,
 * unless it only goes on with the same crash: list corruption, then "kernel BUG", then "invalid
 * opcode", then the panic are links of one chain.
 */
#include "text/split.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/hw.h"
#include "text/incident.h"

enum {
	TAIL_GAP = 24,		 /* unknown records after the end marker before it is really over */
	TIME_GAP_US = 120000000, /* a crash does not pause for two minutes */
};

struct od_split {
	struct od_split_ops ops;
	struct od_incident inc; /* inc.rep NULL: none is open */
	bool took; /* a rule understood the last record */
	char *release;
};

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
	od_report_destroy(s->inc.rep);
	free(s->release);
	free(s);
}

bool od_split_busy(const struct od_split *s)
{
	return s->inc.rep != NULL;
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
	return od_trigger_markers;
}

static void open_incident(struct od_split *s, const struct od_record *rec)
{
	struct od_report *rep = od_report_create();

	s->inc = (struct od_incident){ .rep = rep, .last_ts = OD_TS_NONE };
	rep->kind = OD_KIND_NONE;
	rep->lines.first = rec->lineno;
	rep->lines.last = rec->lineno_last;
	rep->time_us = rec->ts_us;
	rep->wall_time = od_arena_strdup(&rep->arena, rec->wall);
	rep->host = od_arena_strdup(&rep->arena, rec->host);
}

/* Is there enough to call it a crash? A lone "cut here" or two stray frames are none. */
static bool worth_telling(const struct od_incident *inc)
{
	const struct od_report *rep = inc->rep;
	uint32_t frames = 0;

	if (inc->named)
		return true;
	for (uint32_t i = 0; i < rep->nstacks; i++)
		frames += rep->stacks[i].nframes;
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

static void finish_stacks(struct od_report *rep)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < rep->nstacks; i++) {
		if (!rep->stacks[i].nframes)
			continue;
		rep->stacks[n] = rep->stacks[i];
		span_frames(&rep->stacks[n++]);
	}
	rep->nstacks = n;
}

static void close_incident(struct od_split *s)
{
	struct od_incident *inc = &s->inc;
	struct od_report *rep = inc->rep;

	if (!rep)
		return;
	inc->rep = NULL;
	finish_stacks(rep);
	rep->nrecords = inc->kept < rep->nrecords ? inc->kept : rep->nrecords;
	inc->rep = rep;
	if (!worth_telling(inc)) {
		od_report_destroy(rep);
		inc->rep = NULL;
		return;
	}
	inc->rep = NULL;
	if (!inc->named && rep->kind == OD_KIND_NONE) {
		rep->kind = OD_KIND_OTHER;
		if (!rep->truncated)
			rep->truncated = "the beginning of the report is not in the input";
	}
	if (!rep->release && s->release)
		rep->release = od_arena_strdup(&rep->arena, s->release);
	s->ops.report(s->ops.ctx, rep);
}

void od_split_finish(struct od_split *s)
{
	close_incident(s);
}

void od_split_gap(struct od_split *s)
{
	if (s->inc.rep)
		s->inc.gap += TAIL_GAP;
	if (s->inc.rep && s->inc.gap > OD_MAX_INCIDENT_GAP)
		close_incident(s);
}

/* Keep the record with the incident; known: a rule understood it. */
static void keep(struct od_split *s, const struct od_record *rec, bool known)
{
	struct od_incident *inc = &s->inc;

	od_report_add_record(inc->rep, rec);
	if (!known) {
		inc->gap++;
		return;
	}
	s->took = true;
	inc->kept = inc->rep->nrecords;
	inc->gap = 0;
	if (rec->lineno_last > inc->rep->lines.last)
		inc->rep->lines.last = rec->lineno_last;
	if (rec->lineno < inc->rep->lines.first) /* parts of a dump that were put in order */
		inc->rep->lines.first = rec->lineno;
	if (rec->ts_us != OD_TS_NONE)
		inc->last_ts = rec->ts_us;
}

/* Does a new cause belong to the incident that is open? */
static bool joins(const struct od_incident *inc, const struct od_trigger *t)
{
	const struct od_report *rep = inc->rep;

	if (!rep)
		return false;
	switch (t->role) {
	case OD_ROLE_PANIC:
		return true;
	case OD_ROLE_DIE:
		/* A second die() header with a body of its own is a second oops. */
		return !inc->tail && !rep->nregisters && !inc->trace_seen;
	case OD_ROLE_CUT:
		/* "list_add corruption" stands before it; anything with a trace is another one. */
		return !inc->tail && !inc->trace_seen && !rep->nregisters && !inc->cut_here;
	case OD_ROLE_DETECT:
		return !inc->tail && !inc->trace_seen && !rep->nregisters && inc->gap < 8 &&
		       rep->nchain < 4;
	}
	return false;
}

static void trigger(struct od_split *s, const struct od_record *rec, const struct od_trigger *t,
		    struct od_cursor c)
{
	struct od_incident *inc = &s->inc;
	const enum od_hw_place place = od_hw_place(inc, t, rec, c);

	if (place == OD_HW_IGNORE) {
		keep(s, rec, od_incident_field(inc, rec));
		return;
	}
	if (place == OD_HW_OPEN || (place == OD_HW_ANY && !joins(inc, t))) {
		close_incident(s);
		open_incident(s, rec);
	}
	if (t->role == OD_ROLE_CUT) {
		inc->cut_here = true;
		keep(s, rec, true);
		return;
	}
	if (!inc->named && t->role != OD_ROLE_DIE) {
		inc->rep->kind = t->kind;
		inc->rep->subkind = t->subkind;
	}
	if (t->parse)
		t->parse(inc, rec, c);
	od_hw_name(inc);
	od_report_add_link(inc->rep, inc->named && t->role == OD_ROLE_DIE ? OD_KIND_TRAP :
			   inc->named ? t->kind : inc->rep->kind,
			   rec->text, rec->len, rec->lineno);
	inc->named = true;
	keep(s, rec, true);
}

static bool over(const struct od_incident *inc, const struct od_record *rec)
{
	uint32_t most = inc->tail ? TAIL_GAP : OD_MAX_INCIDENT_GAP;

	if (inc->gap > most)
		return true;
	return rec->ts_us != OD_TS_NONE && inc->last_ts != OD_TS_NONE &&
	       (rec->ts_us > inc->last_ts + TIME_GAP_US || rec->ts_us + 1000000 < inc->last_ts);
}

static void note_version(struct od_split *s, const struct od_record *rec)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);
	const char *start;

	if (!od_cur_lit(&c, "Linux version ") || !od_is_digit(od_cur_peek(&c)))
		return;
	start = c.p;
	while (!od_cur_end(&c) && *c.p > ' ' && c.p - start < 128)
		c.p++;
	free(s->release);
	s->release = od_calloc(1, (size_t)(c.p - start) + 1);
	memcpy(s->release, start, (size_t)(c.p - start));
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

void od_split_feed(struct od_split *s, const struct od_record *rec)
{
	struct od_record r = *rec;
	const struct od_trigger *t;
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
	if (!r.len)
		return;
	note_version(s, &r);
	if (s->inc.rep && over(&s->inc, &r))
		close_incident(s);
	t = od_trigger_find(&r, &at);
	if (t) {
		trigger(s, &r, t, at);
		return;
	}
	if (s->inc.rep) {
		keep(s, &r, od_incident_field(&s->inc, &r));
		return;
	}
	/* A trace whose head is lost: registers, "Call Trace:", frames open one without a name. */
	at = od_cursor_init(r.text, r.len);
	if (od_cur_lit(&at, "Call Trace:") || od_cur_lit(&at, "RIP: 0010:") || lone_frame(&r)) {
		open_incident(s, &r);
		s->inc.trace_seen = lone_frame(&r);
		if (!od_incident_field(&s->inc, &r)) {
			od_report_destroy(s->inc.rep);
			s->inc.rep = NULL;
			return;
		}
		keep(s, &r, true);
	}
}
