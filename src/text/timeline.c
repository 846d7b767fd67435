/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "text/timeline-internal.h"

enum {
	KEPT = 96,	    /* events that wait for a crash */
	KEPT_CATEGORY = 40, /* of them of one category */
	KEPT_ROW = 12,	    /* of them of one row */
	ROW_TIME = 0xffff,  /* not of the table: the times of the log themselves */
	SECOND = 1000000,   /* microseconds */
	NEAR = 3,	    /* an event of severity info is told only so near to a crash */
	BOOT_SILENCE = 64,  /* records after a start in which "Linux version" tells nothing new */
	RUNNING = 32,	    /* records after which a machine that starts was running before */
};
#define LEAP ((uint64_t)365 * 86400 * SECOND) /* no quiet machine is silent for so long */

struct event {
	struct od_event_kind kind;
	uint32_t lineno, lineno_last, count, boot;
	uint64_t seq; /* of the first record */
	uint64_t ts_us, ts_last_us;
	bool part; /* an incident took it */
	char *text;
};

struct od_timeline {
	struct event ev[KEPT]; /* in the order of the log */
	unsigned n;
	uint64_t seq;	   /* records fed */
	uint64_t mark;	   /* seq of the record that opened the last incident */
	uint32_t boot;	   /* the machine's starts seen in the middle of the log */
	uint64_t boot_seq; /* when the last was seen; 0: none */
	uint64_t last_ts;
	uint32_t mark_boot; /* boot at the mark */
	bool adjacent;	    /* nothing was left out since the record of last_ts */
	uint32_t dropped;   /* lines of events that had no room, since the last crash */
};

struct od_timeline *od_timeline_create(void)
{
	struct od_timeline *tl = od_calloc(1, sizeof(*tl));

	tl->last_ts = OD_TS_NONE;
	return tl;
}

static void remove_event(struct od_timeline *tl, unsigned i)
{
	free(tl->ev[i].text);
	tl->n--;
	memmove(&tl->ev[i], &tl->ev[i + 1], (tl->n - i) * sizeof(*tl->ev));
}

void od_timeline_destroy(struct od_timeline *tl)
{
	if (!tl)
		return;
	while (tl->n)
		remove_event(tl, tl->n - 1);
	free(tl);
}

void od_timeline_gap(struct od_timeline *tl)
{
	tl->adjacent = false;
}

/* How near the last line of an event is to a place of the log: 4 directly before it, 0 far away. */
static unsigned nearness(const struct event *e, uint64_t ts_us, uint32_t lineno, uint32_t boot)
{
	static const uint32_t seconds[] = { 3600, 600, 60, 10 }, lines[] = { 10000, 1000, 100, 20 };
	unsigned near = 0;

	if (e->boot != boot)
		return 0;
	if (ts_us != OD_TS_NONE && e->ts_last_us != OD_TS_NONE && ts_us >= e->ts_last_us) {
		while (near < 4 && ts_us - e->ts_last_us <= (uint64_t)seconds[near] * SECOND)
			near++;
	} else if (lineno >= e->lineno_last) {
		while (near < 4 && lineno - e->lineno_last <= lines[near])
			near++;
	}
	return near;
}

/* Make room: of many events like the new one the worst of them goes, else the worst of all. */
static void make_room(struct od_timeline *tl, const struct od_event_kind *kind,
		      const struct od_record *rec)
{
	unsigned category = 0, row = 0, worst = KEPT, worst_rank = 0;

	for (unsigned i = 0; i < tl->n; i++) {
		category += tl->ev[i].kind.category == kind->category;
		row += tl->ev[i].kind.row == kind->row;
	}
	if (row < KEPT_ROW && category < KEPT_CATEGORY && tl->n < KEPT)
		return;
	for (unsigned i = 0; i < tl->n; i++) {
		const struct event *e = &tl->ev[i];
		unsigned rank =
			2 * e->kind.severity + nearness(e, rec->ts_us, rec->lineno, tl->boot);

		if ((row >= KEPT_ROW && e->kind.row != kind->row) ||
		    (row < KEPT_ROW && category >= KEPT_CATEGORY &&
		     e->kind.category != kind->category))
			continue;
		if (worst == KEPT || rank < worst_rank) {
			worst = i;
			worst_rank = rank;
		}
	}
	tl->dropped += tl->ev[worst].count;
	remove_event(tl, worst);
}

static char *copy_text(const char *s, size_t len)
{
	const bool cut = len > OD_MAX_EVENT_TEXT;
	char *copy;

	while (len && (od_is_blank(*s) || *s == '\r')) {
		s++;
		len--;
	}
	while (len && (od_is_blank(s[len - 1]) || s[len - 1] == '\r'))
		len--;
	if (cut && len > OD_MAX_EVENT_TEXT)
		len = OD_MAX_EVENT_TEXT;
	copy = od_calloc(1, len + 4);
	memcpy(copy, s, len);
	/* The text ends at a NUL of the input as every string of a report does. */
	if (cut)
		memcpy(copy + strlen(copy), "...", 3);
	return copy;
}

static void add(struct od_timeline *tl, const struct od_event_kind *kind,
		const struct od_record *rec, bool part, const char *text, size_t len)
{
	struct event *e;

	for (unsigned i = tl->n; i-- > 0;) {
		e = &tl->ev[i];
		/* What stands ahead of an incident is not added to by what comes after. */
		if (e->seq < tl->mark)
			break;
		if (e->kind.row != kind->row || e->kind.key != kind->key || e->part != part ||
		    e->boot != tl->boot)
			continue;
		e->count++;
		e->lineno_last = rec->lineno_last;
		e->ts_last_us = rec->ts_us;
		if (kind->severity > e->kind.severity)
			e->kind.severity = kind->severity;
		return;
	}
	make_room(tl, kind, rec);
	tl->ev[tl->n++] = (struct event){
		.kind = *kind,
		.lineno = rec->lineno,
		.lineno_last = rec->lineno_last,
		.count = 1,
		.boot = tl->boot,
		.seq = tl->seq,
		.ts_us = rec->ts_us,
		.ts_last_us = rec->ts_us,
		.part = part,
		.text = copy_text(text, len),
	};
}

/* A remark of our own on the times of the log, as an event. */
static void add_remark(struct od_timeline *tl, const struct od_record *rec,
		       enum od_severity severity, const char *what)
{
	const struct od_event_kind kind = { ROW_TIME, tl->seq, OD_EVENT_TIME, severity };
	struct od_buf text = OD_BUF_INIT;

	od_buf_printf(&text, "%s, from %llu.%06llu to %llu.%06llu s", what,
		      (unsigned long long)(tl->last_ts / SECOND),
		      (unsigned long long)(tl->last_ts % SECOND),
		      (unsigned long long)(rec->ts_us / SECOND),
		      (unsigned long long)(rec->ts_us % SECOND));
	add(tl, &kind, rec, false, od_buf_str(&text), text.len);
	od_buf_deinit(&text);
}

static void started_again(struct od_timeline *tl)
{
	tl->boot++;
	tl->boot_seq = tl->seq;
}

/* Do the times of the log run on? Those of several processors differ a little. */
static void check_time(struct od_timeline *tl, const struct od_record *rec, bool part)
{
	const uint64_t last = tl->last_ts, now = rec->ts_us;

	if (now == OD_TS_NONE)
		return;
	if (last != OD_TS_NONE && now + SECOND < last && !part) {
		started_again(tl);
		if (now < 2 * SECOND)
			add_remark(tl, rec, OD_SEV_LOW, "the times of the log start again");
		else
			add_remark(tl, rec, OD_SEV_LOW, "the times of the log go back");
	} else if (last != OD_TS_NONE && tl->adjacent && now > last && now - last > LEAP) {
		add_remark(tl, rec, OD_SEV_MEDIUM, "the times of the log leap");
	}
	tl->last_ts = now;
	tl->adjacent = true;
}

/* A start in the middle of the log. At its beginning it is only where the log begins. */
static void check_start(struct od_timeline *tl, const struct od_record *rec)
{
	const struct od_event_kind kind = { ROW_TIME, tl->seq, OD_EVENT_MACHINE, OD_SEV_MEDIUM };
	struct od_cursor c = od_cursor_init(rec->text, rec->len);

	od_cur_blanks(&c);
	if (!od_cur_lit(&c, "Linux version ") || !od_is_digit(od_cur_peek(&c)) || tl->seq < RUNNING)
		return;
	if (!tl->boot_seq || tl->seq - tl->boot_seq > BOOT_SILENCE)
		started_again(tl);
	/* It says more than the times. */
	if (tl->n && tl->ev[tl->n - 1].kind.row == ROW_TIME && tl->ev[tl->n - 1].boot == tl->boot)
		remove_event(tl, tl->n - 1);
	add(tl, &kind, rec, false, c.p - strlen("Linux version "),
	    od_cur_left(&c) + strlen("Linux version "));
}

/*
 * "prog[12]: segfault at 0 ip .." of the kernel looks like a line that prog wrote. With its name
 * back it is a record of the kernel's.
 */
static bool is_segfault(struct od_record *rec)
{
	const char *s = rec->text;

	if (!rec->raw || s < rec->raw || s > rec->raw + rec->raw_len ||
	    od_find(s, rec->len, "segfault at ") != s || !od_find(s, rec->len, " ip "))
		return false;
	while (s > rec->raw && od_is_blank(s[-1]))
		s--;
	while (s > rec->raw && !od_is_blank(s[-1]))
		s--;
	rec->len += (uint32_t)(rec->text - s);
	rec->text = s;
	return true;
}

void od_timeline_feed(struct od_timeline *tl, const struct od_record *rec, bool part, bool opened)
{
	struct od_event_kind kind;
	struct od_record r = *rec;

	tl->seq++;
	if (opened)
		tl->mark = tl->seq;
	if ((r.flags & OD_REC_FOREIGN) && !is_segfault(&r))
		return;
	check_time(tl, &r, part);
	check_start(tl, &r);
	if (od_event_find(&r, &kind))
		add(tl, &kind, &r, part, r.text, r.len);
	if (opened)
		tl->mark_boot = tl->boot;
}

static void give(const struct event *e, struct od_input *in, struct od_report *rep, uint32_t boot)
{
	const bool timed = rep->time_us != OD_TS_NONE && e->ts_last_us != OD_TS_NONE &&
			   e->boot == boot && rep->time_us >= e->ts_last_us;
	const unsigned near = nearness(e, rep->time_us, rep->lines.first, boot);
	const struct od_event event = {
		.lineno = e->lineno,
		.lineno_last = e->lineno_last,
		.count = e->count,
		.report = in->nreports - 1,
		.rank = 2 * e->kind.severity + near,
		.time_us = e->ts_us,
		.before_us = timed ? rep->time_us - e->ts_last_us : OD_TS_NONE,
		.severity = e->kind.severity,
		.text = e->text,
	};

	if (e->kind.severity == OD_SEV_INFO && near < NEAR)
		return;
	rep->nahead += e->count;
	od_input_add_event(in, &event);
}

/* Of a crash whose first line is this. Parts of a dump are put in order: lines are not all. */
static bool ahead(const struct od_timeline *tl, const struct event *e, uint32_t lineno)
{
	return e->seq < tl->mark || e->lineno_last < lineno;
}

void od_timeline_take(struct od_timeline *tl, struct od_input *in, struct od_report *rep)
{
	rep->nahead = tl->dropped;
	tl->dropped = 0;
	for (unsigned i = 0; i < tl->n;) {
		const struct event *e = &tl->ev[i];
		bool own = e->part && e->lineno >= rep->lines.first &&
			   e->lineno_last <= rep->lines.last;

		if (ahead(tl, e, rep->lines.first))
			give(e, in, rep, tl->mark_boot);
		else if (!own) {
			i++;
			continue;
		}
		remove_event(tl, i);
	}
}

void od_timeline_drop(struct od_timeline *tl, uint32_t lineno)
{
	for (unsigned i = 0; i < tl->n;) {
		if (ahead(tl, &tl->ev[i], lineno))
			remove_event(tl, i);
		else
			i++;
	}
}
