/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Header, place, task, stack, message, result: in which order the lines of a failure come. */
#include "text/selftest.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "text/selftest-internal.h"

enum state {
	IDLE,
	PLACE,	 /* the header was read */
	TASK,	 /* the place was read; the expression may go on */
	STACK,
	MESSAGE,
	TAIL,	 /* only the result may still come */
};

struct od_selftest {
	enum state state;
	struct od_report *rep;	 /* NULL if IDLE */
	struct od_report *ready; /* finished, not yet fetched */
	struct od_st_facts facts;
	unsigned folds, lines, gap, tail;
	bool tap;	   /* the header was dressed */
	bool kernel;	   /* and so had it the prefix of kernel lines */
	char name[OD_ST_NAME]; /* of the test that runs; "" unknown */
};

struct od_selftest *od_selftest_create(void)
{
	return od_calloc(1, sizeof(struct od_selftest));
}

void od_selftest_destroy(struct od_selftest *st)
{
	if (!st)
		return;
	od_report_destroy(st->rep);
	od_report_destroy(st->ready);
	od_buf_deinit(&st->facts.expr);
	od_buf_deinit(&st->facts.message);
	free(st);
}

bool od_selftest_busy(const struct od_selftest *st)
{
	return st->rep != NULL;
}

static void begin(struct od_selftest *st, const struct od_st_line *l, const struct od_record *rec)
{
	struct od_report *rep = od_report_create();

	rep->lines.first = rec->lineno;
	rep->time_us = rec->ts_us;
	rep->wall_time = od_arena_strdup(&rep->arena, rec->wall);
	rep->host = od_arena_strdup(&rep->arena, rec->host);
	st->rep = rep;
	st->state = PLACE;
	st->folds = st->lines = st->gap = st->tail = 0;
	st->tap = l->tap;
	st->kernel = rec->flags & OD_REC_KERNEL;
	od_buf_deinit(&st->facts.expr);
	od_buf_deinit(&st->facts.message);
	st->facts = (struct od_st_facts){ .name = *st->name ? od_arena_strdup(&rep->arena, st->name) : NULL };
}

static void finish(struct od_selftest *st)
{
	struct od_report *rep = st->rep;
	const bool known = st->state > PLACE;

	st->rep = NULL;
	st->state = IDLE;
	if (!rep)
		return;
	/* The header alone, in prose or a diff. */
	if (!known) {
		od_report_destroy(rep);
		return;
	}
	od_st_conclude(rep, &st->facts);
	od_report_destroy(st->ready);
	st->ready = rep;
}

struct od_report *od_selftest_done(struct od_selftest *st, bool force)
{
	struct od_report *rep;

	if (!st->ready && force)
		finish(st);
	rep = st->ready;
	st->ready = NULL;
	return rep;
}

static void append(struct od_buf *buf, const struct od_st_line *l, char glue)
{
	if (buf->len + l->len >= OD_ST_TEXT)
		return;
	if (buf->len)
		od_buf_addch(buf, glue);
	od_buf_add(buf, l->text, l->len);
}

/* --- the lines ----------------------------------------------------------------------------- */

static bool take_place(struct od_selftest *st, const struct od_st_line *l)
{
	struct od_st_place p;

	if (!od_st_place(l, &p))
		return false;
	st->facts.file = od_arena_strndup(&st->rep->arena, p.file, p.file_len);
	st->facts.line = p.line;
	append(&st->facts.expr, &(struct od_st_line){ .text = p.expr, .len = p.expr_len }, ' ');
	st->state = TASK;
	return true;
}

static bool take_task(struct od_selftest *st, const struct od_st_line *l)
{
	struct od_st_task t;

	if (!od_st_task(l, &t)) {
		if (!l->len || ++st->folds > OD_ST_FOLDS)
			return false;
		append(&st->facts.expr, l, ' ');
		return true;
	}
	st->facts.pid = t.pid;
	st->facts.tid = t.tid;
	st->facts.error = t.error;
	st->facts.has_error = t.has_error;
	st->facts.error_text = od_arena_strndup(&st->rep->arena, t.text, t.text_len);
	st->state = STACK;
	return true;
}

static void add_frame(struct od_selftest *st, const struct od_st_frame *f, uint32_t lineno)
{
	struct od_report *rep = st->rep;
	struct od_stack *stack = rep->nstacks ? rep->stacks : od_report_add_stack(rep, "task");
	struct od_frame *frame;
	struct od_inline *calls;

	if (!stack)
		return;
	stack->lines.last = lineno;
	if (!stack->nframes)
		stack->lines.first = lineno;
	/* The function that was told so far is inlined into this one, which has the address. */
	if (f->inlined && stack->nframes) {
		frame = &stack->frames[stack->nframes - 1];
		if (!f->fn || !frame->symbol || frame->ninlined >= OD_ST_MESSAGE)
			return;
		calls = od_arena_alloc(&rep->arena, (frame->ninlined + 1) * sizeof(*calls));
		if (frame->ninlined)
			memcpy(calls, frame->inlined, frame->ninlined * sizeof(*calls));
		calls[frame->ninlined++] =
			(struct od_inline){ frame->symbol, frame->file, frame->line };
		frame->inlined = calls;
	} else {
		if (stack->nframes >= OD_ST_FRAMES)
			return;
		frame = od_stack_add_frame(rep, stack);
		if (!frame)
			return;
		frame->addr = f->addr;
		frame->lines.first = lineno;
	}
	frame->lines.last = lineno;
	frame->symbol = f->fn ? od_arena_strndup(&rep->arena, f->fn, f->fn_len) : NULL;
	frame->file = f->file ? od_arena_strndup(&rep->arena, f->file, f->file_len) : NULL;
	frame->line = f->line;
	if (!f->fn)
		frame->flags |= OD_FRAME_NO_SYMBOLS;
}

/* Text of the shell that should have run addr2line. */
static bool no_addr2line(const struct od_st_line *l)
{
	return od_find(l->text, l->len, "addr2line: ") && od_find(l->text, l->len, "not found");
}

static bool take_message(struct od_selftest *st, const struct od_st_line *l);

static bool take_stack(struct od_selftest *st, const struct od_st_line *l, uint32_t lineno)
{
	struct od_cursor c = od_cursor_init(l->text, l->len);
	struct od_st_frame f;

	if (od_st_frame(l, &f)) {
		add_frame(st, &f, lineno);
		return true;
	}
	if (od_cur_lit(&c, "(stack trace empty)")) {
		st->facts.empty_stack = true;
		return true;
	}
	if (no_addr2line(l)) {
		st->facts.no_addr2line = true;
		return true;
	}
	st->state = MESSAGE;
	return take_message(st, l);
}

static bool take_tail(struct od_selftest *st, const struct od_st_line *l);

/* The first line has two blanks; what follows only if the message says that more must follow. */
static bool goes_on(const struct od_selftest *st, const struct od_st_line *l)
{
	const struct od_buf *m = &st->facts.message;
	static const char guest[] = "Failed guest assert: ";
	const char end = m->len ? m->data[m->len - 1] : '\0';

	if (!m->len)
		return true;
	if (l->tap != st->tap || st->lines >= OD_ST_MESSAGE)
		return false;
	return l->indent >= 2 || end == ',' || end == ':' ||
	       (st->lines == 1 && od_find(m->data, m->len, guest));
}

static bool take_message(struct od_selftest *st, const struct od_st_line *l)
{
	struct od_st_result r;

	if (od_find(l->text, l->len, "Access denied - Exiting") || !l->len ||
	    od_st_result(l, &r) || !goes_on(st, l)) {
		st->state = TAIL;
		return take_tail(st, l);
	}
	append(&st->facts.message, l, '\n');
	st->lines++;
	return true;
}

static bool take_tail(struct od_selftest *st, const struct od_st_line *l)
{
	struct od_st_result r;

	if (od_find(l->text, l->len, "Access denied - Exiting")) {
		st->facts.denied = true;
		return true;
	}
	if (!od_st_result(l, &r))
		return false;
	/* That of another test says nothing of this one. */
	if (st->facts.name && (strlen(st->facts.name) != r.name_len ||
			       memcmp(st->facts.name, r.name, r.name_len) != 0)) {
		st->tail = OD_ST_GAP;
		return false;
	}
	st->facts.result = r;
	st->facts.has_result = true;
	st->facts.name = od_arena_strndup(&st->rep->arena, r.name, r.name_len);
	return true;
}

static bool take(struct od_selftest *st, const struct od_st_line *l, uint32_t lineno)
{
	switch (st->state) {
	case PLACE:
		return take_place(st, l);
	case TASK:
		return take_task(st, l);
	case STACK:
		return take_stack(st, l, lineno);
	case MESSAGE:
		return take_message(st, l);
	case TAIL:
		return take_tail(st, l);
	default:
		return false;
	}
}

static bool is_header(const struct od_st_line *l)
{
	return l->len == strlen(OD_SELFTEST_HEADER) && !memcmp(l->text, OD_SELFTEST_HEADER, l->len);
}

static void keep(struct od_selftest *st, const struct od_record *rec)
{
	od_report_add_record(st->rep, rec);
	st->rep->lines.last = rec->lineno_last > rec->lineno ? rec->lineno_last : rec->lineno;
}

static void note_name(struct od_selftest *st, const struct od_st_line *l)
{
	const char *name;
	size_t len;

	if (!od_st_started(l, &name, &len))
		return;
	memcpy(st->name, name, len);
	st->name[len] = '\0';
}

bool od_selftest_feed(struct od_selftest *st, const struct od_record *rec)
{
	struct od_st_line l;

	od_st_strip(rec->text, rec->len, &l);
	if (is_header(&l)) {
		finish(st);
		begin(st, &l, rec);
		keep(st, rec);
		return true;
	}
	if (!st->rep) {
		note_name(st, &l);
		return false;
	}
	/* What the kernel wrote in between, on a console. */
	if ((rec->flags & OD_REC_KERNEL) && !st->kernel) {
		if (++st->gap > OD_ST_BETWEEN)
			finish(st);
		return false;
	}
	if (take(st, &l, rec->lineno)) {
		keep(st, rec);
		if (st->facts.has_result)
			finish(st);
		return true;
	}
	note_name(st, &l);
	/* Nothing of a failure may be missing before the message; behind it others may print. */
	if (st->state < TAIL || ++st->tail > OD_ST_GAP)
		finish(st);
	return false;
}
