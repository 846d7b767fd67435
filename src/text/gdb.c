/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text/gdb.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "text/gdb-internal.h"

struct od_gdb *od_gdb_create(void)
{
	struct od_gdb *g = od_calloc(1, sizeof(*g));

	g->stack = -1;
	g->pending.kind = OD_GDB_BLANK;
	return g;
}

void od_gdb_destroy(struct od_gdb *g)
{
	if (!g)
		return;
	od_report_destroy(g->rep);
	od_report_destroy(g->ready);
	od_buf_deinit(&g->pending.text);
	free(g);
}

bool od_gdb_busy(const struct od_gdb *g)
{
	return g->rep != NULL;
}

/* --- lines that are whole ---------------------------------------------------------------- */

static void add_head(struct od_gdb *g, const struct od_gdb_pending *p)
{
	struct od_gdb_head head;
	struct od_frame *frame;

	if (!od_gdb_head(p->text.data, p->text.len, false, &head)) {
		if (!od_gdb_head(p->text.data, p->text.len, true, &head))
			return;
		od_report_note(g->rep, p->first, "frame #%llu is cut: no closing bracket and place",
			       (unsigned long long)head.number);
	}
	if (g->stack >= 0 && head.number <= g->last_number)
		od_gdb_close_stack(g);
	if (g->stack < 0)
		od_gdb_open_stack(g, p->first);
	else if (head.number > g->last_number + 1)
		od_report_note(g->rep, p->first, "frames #%llu to #%llu are missing",
			       (unsigned long long)g->last_number + 1,
			       (unsigned long long)head.number - 1);
	g->last_number = head.number;
	g->frame_open = false;
	if (g->stack < 0 || g->rep->arena.total >= OD_GDB_MAX_BYTES)
		return;
	frame = od_stack_add_frame(g->rep, &g->rep->stacks[g->stack]);
	if (!frame)
		return;
	g->frame_open = true;
	frame->lines = (struct od_lines){ p->first, p->last };
	g->rep->stacks[g->stack].lines.last = p->last;
	od_gdb_fill_frame(g->rep, frame, &head, p->first);
	g->meta[g->stack].proven |= od_gdb_head_proves(&head);
}

static void touch_frame(struct od_gdb *g, uint32_t lineno)
{
	struct od_frame *frame = od_gdb_last_frame(g);

	if (!frame)
		return;
	frame->lines.last = lineno;
	g->rep->stacks[g->stack].lines.last = lineno;
}

static void flush(struct od_gdb *g)
{
	struct od_gdb_pending *p = &g->pending;
	struct od_frame *frame;

	if (p->kind == OD_GDB_HEAD) {
		add_head(g, p);
	} else if (p->kind == OD_GDB_LOCAL) {
		frame = od_gdb_last_frame(g);
		if (frame)
			od_gdb_add_var(g->rep, frame, p->text.data, p->text.len, false, p->first);
		touch_frame(g, p->last);
		if (!od_gdb_balanced(&p->scan))
			od_report_note(g->rep, p->first,
				       "a value is cut: its brackets or quotes do not close");
	}
	p->kind = OD_GDB_BLANK;
}

static void start_pending(struct od_gdb *g, const struct od_gdb_line *line,
			  const struct od_record *rec)
{
	struct od_gdb_pending *p = &g->pending;

	p->kind = line->kind;
	od_buf_reset(&p->text);
	od_buf_add(&p->text, line->text, line->len);
	p->scan = (struct od_gdb_scan){ 0 };
	od_gdb_scan(&p->scan, line->text, line->len);
	p->first = rec->lineno;
	p->last = rec->lineno_last > rec->lineno ? rec->lineno_last : rec->lineno;
	p->lines = 1;
}

/* --- folded lines -------------------------------------------------------------------------- */

static bool ends_with(const struct od_buf *b, const char *s)
{
	size_t n = strlen(s);

	return b->len >= n && !memcmp(b->data + b->len - n, s, n);
}

static bool head_goes_on(const struct od_gdb_pending *p, const struct od_gdb_line *line)
{
	struct od_cursor c = od_cursor_init(line->text, line->len);
	struct od_gdb_head head;

	if (ends_with(&p->text, " at") || ends_with(&p->text, " from") || ends_with(&p->text, " in"))
		return true;
	if (!od_gdb_head(p->text.data, p->text.len, true, &head) || head.marker)
		return false;
	if (!od_gdb_head_whole(&head))
		return *line->text == '(' || od_cur_lit(&c, "in ");
	return !head.file && !head.lib && (od_cur_lit(&c, "at ") || od_cur_lit(&c, "from "));
}

/* All brackets of the value are closed; but it was folded all the same. */
static bool value_goes_on(const struct od_buf *value, const struct od_gdb_line *line)
{
	if (ends_with(value, "=") || ends_with(value, ","))
		return true;
	/* The symbol, the text or the character that a number stands for. */
	if (*line->text == '<' ||
	    ((*line->text == '"' || *line->text == '\'') &&
	     od_is_alnum(value->data[value->len - 1])))
		return true;
	/* "<optimized", "'\000' <repeats 15": the rest has the '>'. */
	for (size_t i = value->len; i-- > 1 && !strchr(">\"", value->data[i]);)
		if (value->data[i] == '<' && value->data[i - 1] == ' ')
			return memchr(line->text, '>', line->len);
	return false;
}

/* Is line the rest of the pending one? */
static bool goes_on(const struct od_gdb *g, const struct od_gdb_line *line)
{
	const struct od_gdb_pending *p = &g->pending;
	bool open = !od_gdb_balanced(&p->scan);

	if (p->kind == OD_GDB_BLANK || p->lines >= OD_MAX_REPAIR_LINES ||
	    p->text.len >= OD_MAX_REPAIR_BYTES)
		return false;
	switch (line->kind) {
	case OD_GDB_LOCAL:
		/* A structure printed over several lines is indented further than a local. */
		return open && line->indent != g->indent + 8;
	case OD_GDB_FOREIGN:
	case OD_GDB_SESSION:
	case OD_GDB_CURRENT:
		/* gdb indents the lines of a structure; a mailer folds a line, not hundreds. */
		if (open)
			return line->indent > g->indent || p->lines < OD_GDB_FOLDS;
		if (p->kind == OD_GDB_HEAD)
			return head_goes_on(p, line);
		return value_goes_on(&p->text, line);
	default:
		return false;
	}
}

static void join(struct od_gdb *g, const struct od_gdb_line *line, const struct od_record *rec)
{
	struct od_gdb_pending *p = &g->pending;

	/* The blank at which the line was folded; gdb prints none inside of brackets. */
	if (!ends_with(&p->text, "(") && !ends_with(&p->text, "{") && !strchr(")}", *line->text)) {
		od_buf_addch(&p->text, ' ');
		od_gdb_step(&p->scan, ' ');
	}
	od_buf_add(&p->text, line->text, line->len);
	od_gdb_scan(&p->scan, line->text, line->len);
	p->last = rec->lineno_last > rec->lineno ? rec->lineno_last : rec->lineno;
	p->lines++;
}

/* --- reports ------------------------------------------------------------------------------- */

static bool is_clothed(const struct od_record *rec)
{
	return rec->ts_us != OD_TS_NONE || (rec->flags & OD_REC_KERNEL);
}

static void begin(struct od_gdb *g, const struct od_gdb_line *line, const struct od_record *rec)
{
	struct od_report *rep = od_report_create();

	g->rep = rep;
	g->facts = (struct od_gdb_facts){ 0 };
	g->next = (struct od_gdb_stack){ 0 };
	g->stack = -1;
	g->gap = g->blanks = 0;
	g->clothed = is_clothed(rec);
	g->indent = line->indent;
	g->frame_open = g->in_frame = false;
	rep->time_us = rec->ts_us;
	rep->lines.first = rec->lineno;
	rep->wall_time = od_arena_strdup(&rep->arena, rec->wall);
	rep->host = od_arena_strdup(&rep->arena, rec->host);
}

static void finish(struct od_gdb *g)
{
	struct od_report *rep = g->rep;
	bool proven = false;

	if (!rep)
		return;
	flush(g);
	od_gdb_close_stack(g);
	g->rep = NULL;
	for (uint32_t i = 0; i < rep->nstacks; i++)
		proven |= g->meta[i].proven;
	/* Words that look like frames, but no address and no place: prose. */
	if (!proven) {
		od_report_destroy(rep);
		return;
	}
	od_gdb_conclude(rep, &g->facts, g->meta);
	od_report_destroy(g->ready);
	g->ready = rep;
}

struct od_report *od_gdb_done(struct od_gdb *g, bool force)
{
	struct od_report *rep;

	if (!g->ready && force)
		finish(g);
	rep = g->ready;
	g->ready = NULL;
	return rep;
}

/* Does this line begin a backtrace of its own, while another one is open? */
static bool is_next(const struct od_gdb *g, const struct od_gdb_line *line)
{
	if (!g->rep->nstacks)
		return false;
	if (line->kind == OD_GDB_SIGNAL || line->kind == OD_GDB_CORE)
		return true;
	/* Comments may stand between frames; after them only the next number goes on. */
	return line->kind == OD_GDB_HEAD && g->gap &&
	       !(g->stack >= 0 && line->number == g->last_number + 1);
}

static void name_thread(struct od_gdb *g, const struct od_gdb_line *line)
{
	struct od_cursor c = od_cursor_init(line->text, line->len), name;
	uint64_t lwp = 0;

	od_gdb_close_stack(g);
	g->next = (struct od_gdb_stack){ .thread = line->number };
	name = c;
	if ((od_cur_past(&c, "LWP ") || od_cur_past(&c, "process ")) && od_cur_dec(&c, &lwp) &&
	    lwp <= INT32_MAX)
		g->next.lwp = (uint32_t)lwp;
	if (od_cur_past(&name, ") \"") && od_cur_left(&name) > 3)
		g->next.thread_name = od_arena_strndup(&g->rep->arena, name.p,
						       od_cur_left(&name) - 3);
}

/* The stack that the remark follows. */
static void note_stopped(struct od_gdb *g, const char *why, size_t len)
{
	if (g->stack >= 0)
		g->meta[g->stack].stopped = od_arena_strndup(&g->rep->arena, why, len);
}

static void take_line(struct od_gdb *g, const struct od_gdb_line *line,
		      const struct od_record *rec)
{
	static const char more[] = "gdb was told to print no more frames";
	struct od_frame *frame;

	switch (line->kind) {
	case OD_GDB_HEAD:
		if (g->stack < 0)
			g->indent = line->indent;
		start_pending(g, line, rec);
		break;
	case OD_GDB_LOCAL:
		start_pending(g, line, rec);
		break;
	case OD_GDB_NO_SYMBOLS:
		frame = od_gdb_last_frame(g);
		if (frame)
			frame->flags |= OD_FRAME_NO_SYMBOLS;
		touch_frame(g, rec->lineno);
		g->frame_open = false;
		break;
	case OD_GDB_NO_LOCALS:
		touch_frame(g, rec->lineno);
		g->frame_open = false;
		break;
	case OD_GDB_BLANK:
		if (++g->blanks > OD_GDB_BLANKS)
			g->frame_open = false;
		break;
	case OD_GDB_SESSION:
		od_gdb_lwp_line(&g->facts, line);
		break;
	case OD_GDB_CURRENT:
		g->facts.crash_thread = g->facts.crash_thread ? g->facts.crash_thread : line->number;
		name_thread(g, line);
		break;
	case OD_GDB_THREAD:
		name_thread(g, line);
		break;
	case OD_GDB_SIGNAL:
		od_gdb_signal_line(g->rep, &g->facts, line);
		break;
	case OD_GDB_CORE:
		od_gdb_program_line(g->rep, &g->facts, line);
		break;
	case OD_GDB_STOPPED:
		note_stopped(g, line->text, line->len);
		break;
	case OD_GDB_MORE:
		note_stopped(g, more, strlen(more));
		break;
	default:
		break;
	}
	g->in_frame = line->kind == OD_GDB_HEAD || line->kind == OD_GDB_LOCAL;
}

static void keep(struct od_gdb *g, const struct od_gdb_line *line, const struct od_record *rec)
{
	/* The blank lines between paragraphs do not make them gdb's. */
	if (line->kind == OD_GDB_BLANK)
		return;
	g->gap = g->blanks = 0;
	od_report_add_record(g->rep, rec);
	g->rep->lines.last = rec->lineno_last > rec->lineno ? rec->lineno_last : rec->lineno;
}

/* A line that is none of gdb's; after many of them nothing more will come. */
static void pass_over(struct od_gdb *g)
{
	const bool waits = !g->rep->nstacks && g->pending.kind == OD_GDB_BLANK;

	if (++g->gap > (waits ? OD_GDB_WAIT : OD_GDB_GAP))
		finish(g);
}

static bool opens(const struct od_gdb_line *line)
{
	return line->kind == OD_GDB_HEAD || line->kind == OD_GDB_THREAD ||
	       line->kind == OD_GDB_SIGNAL || line->kind == OD_GDB_CORE;
}

bool od_gdb_feed(struct od_gdb *g, const struct od_record *rec)
{
	/* A head or a value that is pending opens its frame. */
	const struct od_gdb_around around = {
		.busy = g->rep != NULL,
		.in_frame = g->in_frame,
		.frame_open = g->frame_open || g->pending.kind == OD_GDB_HEAD,
		.indent = g->indent,
	};
	struct od_gdb_line line;
	bool next = false;

	od_gdb_classify(rec->text, rec->len, &around, &line);
	/* Whatever bracket is open: what the kernel wrote in between is not gdb's. */
	if (g->rep && !g->clothed && is_clothed(rec) && line.kind != OD_GDB_HEAD) {
		pass_over(g);
		return false;
	}
	if (g->rep && goes_on(g, &line)) {
		join(g, &line, rec);
		keep(g, &line, rec);
		return true;
	}
	if (g->rep) {
		flush(g);
		next = is_next(g, &line);
		if (next)
			finish(g);
	}
	if (!g->rep) {
		if (!opens(&line))
			return false;
		begin(g, &line, rec);
	}
	if (line.kind == OD_GDB_FOREIGN) {
		g->in_frame = g->frame_open = false;
		pass_over(g);
		return false;
	}
	take_line(g, &line, rec);
	keep(g, &line, rec);
	/*
	 * The finished report is fetched only after a line that was not taken; so this one is said
	 * not to be, although the new backtrace has begun with it.
	 */
	return !(next && g->ready);
}
