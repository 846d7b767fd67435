/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines are kept until their region is over. A region starts at a line with a printk time and goes
 * on over lines without one; a blank line ends it unless what follows it can only be the rest of a
 * record. Each region is judged by itself:
 *
 *   torn     times torn after '[' or several times on lines that also run on: the text was
 *            reflowed. All lines are joined and cut again before each time.
 *   wrapped  lines run on without a time, and each such break lies where a fold at the region's
 *            width would have put it: the rest is joined to its record.
 *   else     each line is a record, as it stands.
 */
#include "text/repair.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "base/terminal.h"
#include "model/limits.h"
#include "model/line.h"
#include "text/prefix.h"
#include "text/repair-internal.h"

enum { DRAIN_LINES = 256 };

struct od_repair {
	struct od_repair_ops ops;
	struct od_buf text;	  /* the kept lines, one after another */
	struct rline *lines;
	uint32_t n, cap;
	struct od_buf joined;	  /* scratch */
	struct od_buf plain;	  /* scratch: a line without its escape sequences */
	uint32_t quoted;
	bool barred;		  /* the line before was quoted with a bar */
	bool in_foreign_block;
};

struct od_repair *od_repair_create(const struct od_repair_ops *ops)
{
	struct od_repair *r = od_calloc(1, sizeof(*r));

	r->ops = *ops;
	return r;
}

void od_repair_destroy(struct od_repair *r)
{
	if (!r)
		return;
	od_buf_deinit(&r->text);
	od_buf_deinit(&r->joined);
	od_buf_deinit(&r->plain);
	free(r->lines);
	free(r);
}

uint32_t od_repair_quoted(const struct od_repair *r)
{
	return r->quoted;
}

uint32_t od_repair_waiting(const struct od_repair *r)
{
	return r->n;
}

/* --- taking a line in --------------------------------------------------------- */

/*
 * "| text": some trackers quote with bars. Log text after the first of them says that these are no
 * table's, and then those on the lines below are quoting too.
 */
static void bars(struct od_repair *r, const char *s, size_t len, struct od_quote *quote)
{
	bool in_trace = false, bar = len && *s == '|' && (len == 1 || s[1] == ' ');

	if (bar && !quote->depth &&
	    (r->barred || (len > 2 && !od_repair_next_opener(s + 2, len - 2, 0, &in_trace))))
		*quote = (struct od_quote){ .len = len > 1 ? 2 : 1, .depth = 1 };
	r->barred = bar && quote->depth;
}

static size_t trimmed(const char *s, size_t len)
{
	while (len && (s[len - 1] == '\r' || od_is_blank(s[len - 1])))
		len--;
	return len;
}

void od_repair_line(struct od_repair *r, const struct od_line *line)
{
	const char *s = line->text;
	size_t len = line->len;
	struct od_quote quote;
	struct rline *l;

	if (memchr(s, '\033', len)) {
		od_buf_reset(&r->plain);
		od_buf_add(&r->plain, s, len);
		s = r->plain.data;
		len = od_strip_escapes(r->plain.data, len);
	}
	while (len && s[len - 1] == '\r')
		len--;
	/* A mail that went through syslog: "host kernel: > > text". */
	if (od_find(s, len < 128 ? len : 128, ": >")) {
		struct od_prefix p;

		od_prefix_parse(s, len, &p);
		if (p.ts_us == OD_TS_NONE && p.len && p.len < len && s[p.len] == '>') {
			s += p.len;
			len -= p.len;
		}
	}
	od_quote_parse(s, len, &quote);
	bars(r, s, len, &quote);
	r->quoted += quote.depth > 0;
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 512;
		r->lines = od_realloc(r->lines, r->cap * sizeof(*r->lines));
	}
	l = &r->lines[r->n++];
	*l = (struct rline){ .start = r->text.len,
			     .len = (uint32_t)(len - quote.len),
			     .lineno = line->lineno,
			     .depth = quote.depth,
			     .cut = line->cut };
	l->full = l->len;
	od_buf_add(&r->text, s + quote.len, len - quote.len);
	l->trim = (uint32_t)trimmed(s + quote.len, len - quote.len);
	if (r->n >= DRAIN_LINES || r->text.len > OD_MAX_REPAIR_BYTES / 2)
		od_repair_drain(r);
}

/* --- letting records out -------------------------------------------------------- */

static void emit(struct od_repair *r, const char *s, size_t len, const struct rline *first,
		 const struct rline *last, bool repaired)
{
	struct od_record rec = { 0 };
	struct od_prefix p;
	char wall[64], host[256];

	od_prefix_parse(s, len, &p);
	rec.raw = s;
	rec.raw_len = (uint32_t)len;
	rec.text = s + p.len;
	rec.len = (uint32_t)(len - p.len);
	rec.lineno = first->lineno;
	rec.lineno_last = last->lineno;
	rec.caller = p.caller;
	rec.ts_us = p.ts_us;
	rec.level = p.level;
	rec.quote_depth = first->depth;
	rec.flags = p.flags | (repaired ? OD_REC_REPAIRED : 0) | (first->cut ? OD_REC_CUT : 0);
	if (p.wall && p.wall_len < sizeof(wall)) {
		memcpy(wall, p.wall, p.wall_len);
		wall[p.wall_len] = '\0';
		rec.wall = wall;
	}
	if (p.host && p.host_len < sizeof(host)) {
		memcpy(host, p.host, p.host_len);
		host[p.host_len] = '\0';
		rec.host = host;
	}
	if (first->cut)
		r->ops.note(r->ops.ctx, first->lineno, "a line longer than 64 KiB was cut");
	r->ops.record(r->ops.ctx, &rec);
}

static const char *text_of(const struct od_repair *r, const struct rline *l)
{
	return r->text.data + l->start;
}

/* A line as it stands; but text glued in front of a time (a login prompt) is cut off. */
static void emit_line(struct od_repair *r, const struct rline *l)
{
	const char *s = text_of(r, l);

	if (l->mid && !l->stamped) {
		size_t at = l->mid;

		emit(r, s, trimmed(s, at), l, l, true);
		emit(r, s + at, l->len - at, l, l, true);
		return;
	}
	emit(r, s, l->len, l, l, false);
}

/* The record texts of a joined region: cut before each time, or each start of a record. */
static void emit_recut(struct od_repair *r, const struct rline *lines, uint32_t n,
		       const uint32_t *starts)
{
	const char *s = r->joined.data;
	size_t len = r->joined.len, pos = 0;
	uint32_t first = 0;
	bool in_trace = false;

	if (lines[0].opener)
		od_repair_next_opener(s, len, 0, &in_trace);
	while (pos < len) {
		size_t next = od_repair_next_time(s, len, pos + 1);
		uint32_t last;

		if (lines[0].opener)
			next = od_repair_next_opener(s, next, pos + 1, &in_trace);

		while (first + 1 < n && starts[first + 1] <= pos)
			first++;
		for (last = first; last + 1 < n && starts[last + 1] < next; last++)
			;
		while (last > first && !lines[last].trim)
			last--;
		if (trimmed(s + pos, next - pos))
			emit(r, s + pos, trimmed(s + pos, next - pos), &lines[first], &lines[last], true);
		pos = next;
	}
}

/* Join lines of a region: each with what the plan says before it. */
static void join(struct od_repair *r, const struct rline *lines, uint32_t n, uint32_t *starts)
{
	od_buf_reset(&r->joined);
	for (uint32_t i = 0; i < n; i++) {
		const struct rline *l = &lines[i];
		const char *s = text_of(r, l);
		uint32_t from = 0;

		starts[i] = (uint32_t)r->joined.len;
		if (!l->trim)
			continue;
		if (r->joined.len && l->glue != GLUE_NONE) {
			/* The fold took the place of blanks. */
			while (from < l->trim && od_is_blank(s[from]))
				from++;
			od_buf_addch(&r->joined, ' ');
		}
		starts[i] = (uint32_t)r->joined.len;
		od_buf_add(&r->joined, s + from, l->trim - from);
	}
}

static void emit_region(struct od_repair *r, struct rline *lines, uint32_t n)
{
	enum damage damage = od_repair_judge(r->text.data, lines, n);
	uint32_t *starts;

	if (damage == DAMAGE_NONE) {
		for (uint32_t i = 0; i < n; i++)
			emit_line(r, &lines[i]);
		return;
	}
	starts = od_malloc(n * sizeof(*starts));
	if (damage == DAMAGE_TORN) {
		join(r, lines, n, starts);
		emit_recut(r, lines, n, starts);
	} else {
		for (uint32_t i = 0; i < n;) {
			uint32_t end = i + 1, last;

			while (end < n && lines[end].glue != GLUE_RECORD)
				end++;
			for (last = end - 1; last > i && !lines[last].trim; last--)
				;
			if (last == i) {
				emit_line(r, &lines[i]);
			} else {
				join(r, lines + i, last + 1 - i, starts);
				emit(r, od_buf_str(&r->joined), r->joined.len, &lines[i],
				     &lines[last], true);
			}
			i = last + 1;
		}
	}
	free(starts);
}

/* Forget the first n lines. */
static void drop(struct od_repair *r, uint32_t n)
{
	size_t bytes = n < r->n ? r->lines[n].start : r->text.len;

	if (!n)
		return;
	memmove(r->lines, r->lines + n, (r->n - n) * sizeof(*r->lines));
	r->n -= n;
	for (uint32_t i = 0; i < r->n; i++)
		r->lines[i].start -= bytes;
	od_buf_consume(&r->text, bytes);
}

static void let_out(struct od_repair *r, bool all)
{
	uint32_t i = 0;

	od_repair_classify(r->text.data, r->lines, r->n);
	while (i < r->n) {
		uint32_t end;
		bool closed;

		if (!od_repair_opens(&r->lines[i])) {
			emit_line(r, &r->lines[i++]);
			continue;
		}
		end = od_repair_region_end(r->text.data, r->lines, i, r->n, &closed);
		if (!closed && !all && end - i < OD_MAX_REPAIR_LINES) {
			/* What follows may belong to it: let out what is surely undamaged. */
			uint32_t safe = od_repair_safe_prefix(r->lines, i, end);

			while (i < safe)
				emit_line(r, &r->lines[i++]);
			break;
		}
		emit_region(r, r->lines + i, end - i);
		i = end;
	}
	drop(r, i);
}

void od_repair_drain(struct od_repair *r)
{
	let_out(r, false);
}

void od_repair_flush(struct od_repair *r)
{
	let_out(r, true);
}
