/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The input as it was, byte for byte, with the places of frames written behind them. Bytes are held back
 * until their records are known, since a frame may be folded over lines, and until the kernel is, which
 * a report names after its first lines; then all frames of a piece are looked up at once.
 */
#include "shell/annotate.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/locate.h"
#include "base/alloc.h"
#include "base/cursor.h"
#include "base/escape.h"
#include "shell/session.h"

enum {
	HOLD = 256 * 1024,	   /* bytes that are held back for what comes behind them */
	HOLD_LINES = 256,	   /* lines that always are, while there is more to come */
	HOLD_MOST = 2 * OD_MAX_MAIL, /* bytes after which nothing is waited for */
	OUTPUT_CHUNK = 32 * 1024,
	MAX_SAID = 8,		   /* reasons that are told */
	MAX_UNFINISHED = 1 << 20,  /* bytes of a line whose end has not come */
	MAX_KERNELS = 1024,	   /* changes of the kernel in one piece */
};

/* Something to write into a line. */
struct mark {
	uint32_t line;	 /* of those held, from 0 */
	uint32_t pos;	 /* bytes into the line */
	uint32_t kernel; /* index in kernels; 0: unknown */
	struct od_spot spot;
};

struct kernel {
	uint32_t line;
	const char *release, *build_id;
};

struct annotate {
	struct od_session *s;
	struct od_locate *loc;
	const struct od_target *target;
	struct od_buf raw;  /* what is held back */
	size_t *ends;	    /* of its lines, in raw; the newline included */
	uint32_t nlines, ends_cap;
	uint32_t first;	    /* number of the first of them, from 1 */
	uint32_t reached;   /* records up to that line were seen */
	bool *folded;	    /* by line held: its frames come from its records */
	struct mark *marks;
	uint32_t nmarks, marks_cap;
	struct kernel *kernels; /* [0]: as it was ahead of the piece */
	uint32_t nkernels, kernels_cap;
	struct od_arena arena; /* of what the piece holds */
	struct od_buf out;
	const char *said[MAX_SAID];
	uint32_t nsaid;
	bool unfinished;    /* the input does not end with a newline */
	struct od_arena said_arena;
	char *release, *build_id; /* of the kernel at the end of what was written */
};

static const char *line_of(const struct annotate *a, uint32_t i, size_t *len)
{
	const size_t start = i ? a->ends[i - 1] : 0;

	*len = a->ends[i] - start;
	return a->raw.data + start;
}

static void *grown(void *p, uint32_t n, uint32_t *cap, size_t size)
{
	if (n < *cap)
		return p;
	*cap = *cap ? *cap * 2 : 256;
	return od_realloc(p, *cap * size);
}

/* --- taking in ------------------------------------------------------------------------------- */

static void add_mark(struct annotate *a, uint32_t line, size_t pos, const struct od_token *t)
{
	struct mark *m;

	a->marks = grown(a->marks, a->nmarks, &a->marks_cap, sizeof(*a->marks));
	m = &a->marks[a->nmarks++];
	*m = (struct mark){ .line = line, .pos = (uint32_t)pos };
	m->spot.symbol = od_arena_strndup(&a->arena, t->name, t->name_len);
	if (t->module)
		m->spot.of.module = od_arena_strndup(&a->arena, t->module, t->module_len);
	if (t->build_id)
		m->spot.of.build_id = od_arena_strndup(&a->arena, t->build_id, t->build_id_len);
	m->spot.offset = t->offset;
	m->spot.size = t->size;
	m->spot.is_return = !t->is_pc;
}

static size_t trimmed(const char *s, size_t len)
{
	while (len && (od_is_blank(s[len - 1]) || s[len - 1] == '\r' || s[len - 1] == '\n'))
		len--;
	return len;
}

/* Does the line end as the record does? Then something may be written behind it; not into base64. */
static bool ends_alike(const char *s, size_t len, const struct od_record *rec)
{
	const size_t n = trimmed(rec->text, rec->len);
	size_t tail = 0;

	len = trimmed(s, len);
	while (tail < n && !od_is_blank(rec->text[n - 1 - tail]))
		tail++;
	for (size_t k = 0; k < tail && k < len; k++)
		if (s[len - 1 - k] != rec->text[n - 1 - k])
			return k >= 3 || (k > 0 && od_is_blank(s[len - 1 - k]));
	return tail > 0 && len > 0;
}

/* A frame of a record that was put together: in place if it is whole on a line, else at the end. */
static void mark_folded(struct annotate *a, const struct od_record *rec, uint32_t from, uint32_t to,
			const struct od_token *t)
{
	char *text = od_arena_strndup(&a->arena, t->name, t->len);
	const char *s, *found;
	size_t len;

	for (uint32_t i = from; i <= to; i++) {
		s = line_of(a, i, &len);
		found = od_find(s, len, text);
		if (!found)
			continue;
		add_mark(a, i, (size_t)(found - s) + t->len, t);
		return;
	}
	s = line_of(a, to, &len);
	if (ends_alike(s, len, rec))
		add_mark(a, to, trimmed(s, len), t);
}

static void take_folded(struct annotate *a, const struct od_record *rec)
{
	struct od_token t;
	uint32_t from, to;
	size_t pos = 0;

	if (rec->lineno < a->first || rec->lineno_last < rec->lineno ||
	    rec->lineno_last - a->first >= a->nlines)
		return;
	from = rec->lineno - a->first;
	to = rec->lineno_last - a->first;
	for (uint32_t i = from; i <= to; i++)
		a->folded[i] = true;
	while (od_token_next(rec->text, rec->len, &pos, &t))
		mark_folded(a, rec, from, to, &t);
}

static void add_bytes(struct annotate *a, const char *s, size_t len)
{
	size_t at = a->raw.len;

	od_buf_add(&a->raw, s, len);
	for (const char *p; (p = memchr(a->raw.data + at, '\n', a->raw.len - at));) {
		if (a->nlines == a->ends_cap) {
			a->ends = grown(a->ends, a->nlines, &a->ends_cap, sizeof(*a->ends));
			a->folded = od_realloc(a->folded, a->ends_cap * sizeof(*a->folded));
		}
		at = (size_t)(p - a->raw.data) + 1;
		a->folded[a->nlines] = false;
		a->ends[a->nlines++] = at;
	}
}

/* --- letting out ----------------------------------------------------------------------------- */

static void set_kernel(struct annotate *a, uint32_t line, const struct od_kernel_line *k)
{
	struct kernel *last;

	if (a->nkernels == MAX_KERNELS)
		return;
	a->kernels = grown(a->kernels, a->nkernels, &a->kernels_cap, sizeof(*a->kernels));
	last = &a->kernels[a->nkernels++];
	*last = (struct kernel){ line, od_arena_strndup(&a->arena, k->release, k->release_len), NULL };
	if (k->build_id)
		last->build_id = od_arena_strndup(&a->arena, k->build_id, k->build_id_len);
	else if (a->nkernels > 1 && last[-1].release && last[-1].build_id &&
		 !strcmp(last->release, last[-1].release))
		last->build_id = last[-1].build_id;
}

/* Frames of the lines that are whole, and what is said of the kernel in all that is held. */
static void scan(struct annotate *a, uint32_t n)
{
	const struct kernel before = { 0, od_arena_strdup(&a->arena, a->release),
				       od_arena_strdup(&a->arena, a->build_id) };

	a->kernels = grown(a->kernels, 0, &a->kernels_cap, sizeof(*a->kernels));
	a->kernels[0] = before;
	a->nkernels = 1;
	for (uint32_t i = 0; i < a->nlines; i++) {
		struct od_kernel_line k;
		struct od_token t;
		size_t len, pos = 0;
		const char *s = line_of(a, i, &len);

		if (od_kernel_line(s, len, &k))
			set_kernel(a, i, &k);
		while (i < n && !a->folded[i] && od_token_next(s, len, &pos, &t))
			add_mark(a, i, pos, &t);
	}
}

static int by_place(const void *x, const void *y)
{
	const struct mark *a = x, *b = y;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->pos < b->pos ? -1 : a->pos > b->pos;
}

/* The kernel that a line is of: as said last, or, if nobody has said it yet, as said next. */
static void assign_kernels(struct annotate *a, uint32_t n)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct od_spot *spot = &a->marks[i].spot;
		const struct kernel *of;

		while (k + 1 < a->nkernels && a->kernels[k + 1].line <= a->marks[i].line)
			k++;
		of = &a->kernels[k];
		if (!of->release && k + 1 < a->nkernels)
			of++;
		spot->of.release = of->release ? of->release : a->s->kernel;
		if (!spot->of.module)
			spot->of.build_id = of->build_id;
	}
}

/* Why a frame has no place, each reason once. */
static void tell(struct annotate *a, const struct od_spot *spot)
{
	struct od_absent absent = { NULL, NULL };
	struct od_buf buf = OD_BUF_INIT;

	if (a->nsaid == MAX_SAID)
		return;
	od_locate_file(a->loc, &spot->of, &absent);
	for (uint32_t i = 0; absent.why && i < a->nsaid; i++)
		if (!strcmp(a->said[i], absent.why))
			return;
	if (!absent.why)
		return;
	a->said[a->nsaid++] = od_arena_strdup(&a->said_arena, absent.why);
	od_buf_addstr(&buf, "no source lines: ");
	od_escape_str(&buf, OD_ESCAPE_TEXT, absent.why);
	if (absent.path)
		od_buf_printf(&buf, " (%s)", absent.path);
	a->s->sink->say(a->s->sink->ctx, OD_SINK_NOTE, od_buf_str(&buf));
	od_buf_deinit(&buf);
}

/* Names of files are a stranger's, and the line may be in quotes of JSON. */
static void put_file(struct od_buf *out, const char *s)
{
	for (; *s; s++)
		od_buf_addch(out, *s > ' ' && *s < 0x7f && !strchr("\"\\()<>&", *s) ? *s : '?');
}

static void put_places(struct od_buf *out, const struct od_spot *spot)
{
	const char *sep = " (";

	for (size_t i = 0; i < spot->nplaces; i++) {
		const struct od_place *p = &spot->places[i];

		if (!p->file)
			continue;
		od_buf_addstr(out, sep);
		put_file(out, p->file);
		od_buf_printf(out, p->line ? ":%u" : ":?", p->line);
		sep = " ";
	}
	if (*sep == ' ' && !sep[1])
		od_buf_addch(out, ')');
}

static void put_bytes(struct annotate *a, const char *s, size_t len)
{
	/* Whoever has names replaced does not want the bytes. */
	if (a->s->redact)
		od_escape(&a->out, OD_ESCAPE_TEXT, s, len);
	else
		od_buf_add(&a->out, s, len);
}

static void flush(struct annotate *a)
{
	a->s->sink->output(a->s->sink->ctx, od_buf_str(&a->out), a->out.len);
	od_buf_reset(&a->out);
}

static void put_line(struct annotate *a, uint32_t i, const struct mark **m, const struct mark *end)
{
	size_t len, at = 0;
	const char *s = line_of(a, i, &len);

	for (; *m < end && (*m)->line == i; ++*m) {
		/* Folded records that share a line may name the same frame. */
		if ((*m)->spot.end != OD_SPOT_FOUND || (*m)->pos < at || (*m)->pos > len ||
		    (at && (*m)->pos == at))
			continue;
		put_bytes(a, s + at, (*m)->pos - at);
		at = (*m)->pos;
		put_places(&a->out, &(*m)->spot);
	}
	/* The newline of the last line may be ours. */
	put_bytes(a, s + at, len - at - (a->unfinished && i + 1 == a->nlines));
	if (a->out.len >= OUTPUT_CHUNK)
		flush(a);
}

static void look_up(struct annotate *a, uint32_t n)
{
	struct od_spot *spots = od_malloc((n ? n : 1) * sizeof(*spots));

	for (uint32_t i = 0; i < n; i++)
		spots[i] = a->marks[i].spot;
	od_locate_spots(a->loc, spots, n);
	for (uint32_t i = 0; i < n; i++) {
		a->marks[i].spot = spots[i];
		if (spots[i].end != OD_SPOT_FOUND)
			tell(a, &spots[i]);
	}
	free(spots);
}

static void keep_kernel(struct annotate *a, uint32_t n)
{
	uint32_t k = a->nkernels - 1;

	while (k > 0 && a->kernels[k].line >= n)
		k--;
	if (k == 0)
		return;
	free(a->release);
	free(a->build_id);
	a->release = od_strdup(a->kernels[k].release);
	a->build_id = a->kernels[k].build_id ? od_strdup(a->kernels[k].build_id) : NULL;
}

/* Only the marks that stay still need their strings. */
static void renew_arena(struct annotate *a)
{
	struct od_arena old = a->arena;

	od_arena_init(&a->arena);
	for (uint32_t i = 0; i < a->nmarks; i++) {
		struct od_spot *spot = &a->marks[i].spot;

		spot->symbol = od_arena_strdup(&a->arena, spot->symbol);
		spot->of.module = od_arena_strdup(&a->arena, spot->of.module);
		spot->of.build_id = od_arena_strdup(&a->arena, spot->of.build_id);
	}
	od_arena_deinit(&old);
}

/* Forget the first n lines; marks of folded records behind them stay. */
static void drop(struct annotate *a, uint32_t n, uint32_t nmarks)
{
	const size_t bytes = n ? a->ends[n - 1] : 0;

	keep_kernel(a, n);
	memmove(a->ends, a->ends + n, (a->nlines - n) * sizeof(*a->ends));
	memmove(a->folded, a->folded + n, (a->nlines - n) * sizeof(*a->folded));
	a->nlines -= n;
	a->first += n;
	for (uint32_t i = 0; i < a->nlines; i++)
		a->ends[i] -= bytes;
	od_buf_consume(&a->raw, bytes);
	if (nmarks)
		memmove(a->marks, a->marks + nmarks, (a->nmarks - nmarks) * sizeof(*a->marks));
	a->nmarks -= nmarks;
	for (uint32_t i = 0; i < a->nmarks; i++)
		a->marks[i].line -= n;
	renew_arena(a);
}

/* Write the first n lines of what is held. */
static void let_out(struct annotate *a, uint32_t n)
{
	const struct mark *m, *end;
	uint32_t due = 0;

	if (!n)
		return;
	scan(a, n);
	if (a->nmarks)
		qsort(a->marks, a->nmarks, sizeof(*a->marks), by_place);
	while (due < a->nmarks && a->marks[due].line < n)
		due++;
	assign_kernels(a, due);
	if (a->loc)
		look_up(a, due);
	else
		for (uint32_t i = 0; i < due; i++)
			a->marks[i].spot.end = OD_SPOT_NO_FILE;
	m = a->marks;
	end = a->marks + due;
	for (uint32_t i = 0; i < n; i++)
		put_line(a, i, &m, end);
	drop(a, n, due);
}

/* Lines whose records were seen, but for those that something may still be said behind. */
static uint32_t ready(const struct annotate *a)
{
	const uint32_t seen = a->reached >= a->first ? a->reached - a->first : 0;

	if (a->raw.len > HOLD_MOST)
		return a->nlines;
	if (a->raw.len < HOLD || seen <= HOLD_LINES)
		return 0;
	return seen - HOLD_LINES < a->nlines ? seen - HOLD_LINES : a->nlines;
}

/* A line without end is no log's: what there is of it goes out, and its number comes with its end. */
static void pass_through(struct annotate *a)
{
	let_out(a, a->nlines);
	put_bytes(a, od_buf_str(&a->raw), a->raw.len);
	od_buf_reset(&a->raw);
	flush(a);
}

static void on_bytes(void *ctx, const char *s, size_t len)
{
	struct annotate *a = ctx;

	add_bytes(a, s, len);
	let_out(a, ready(a));
	if (a->raw.len - (a->nlines ? a->ends[a->nlines - 1] : 0) > MAX_UNFINISHED)
		pass_through(a);
}

static void on_record(void *ctx, const struct od_record *rec, bool mail, bool part)
{
	struct annotate *a = ctx;

	(void)mail;
	(void)part;
	if (a->target->dump) { /* it has no text of its own */
		struct od_buf line = OD_BUF_INIT;

		od_session_put_record(&line, rec, true);
		on_bytes(a, od_buf_str(&line), line.len);
		od_buf_deinit(&line);
		a->reached = a->first + a->nlines - 1;
		return;
	}
	if (rec->flags & OD_REC_REPAIRED)
		take_folded(a, rec);
	if (rec->lineno_last > a->reached)
		a->reached = rec->lineno_last;
}

static void on_idle(void *ctx)
{
	struct annotate *a = ctx;

	let_out(a, a->nlines);
	flush(a);
}

static void on_done(void *ctx, const struct od_input *in)
{
	struct annotate *a = ctx;
	bool whole = !a->raw.len || a->raw.data[a->raw.len - 1] == '\n';

	/* A dump's own release, where its log does not hold the line any more. */
	if (!a->release && in->kind == OD_INPUT_VMCORE && in->release)
		a->release = od_strdup(in->release);
	if (!whole)
		add_bytes(a, "\n", 1);
	a->unfinished = !whole;
	let_out(a, a->nlines);
	flush(a);
	if (!a->loc)
		a->s->sink->say(a->s->sink->ctx, OD_SINK_NOTE, "no source lines: no debug files are looked for");
}

struct od_error *od_session_annotate(struct od_session *s)
{
	struct annotate a = { .s = s, .loc = od_session_locate(s), .first = 1 };
	const struct od_session_pass pass = { on_record, on_bytes, on_idle, on_done, &a };
	struct od_error *err;

	od_arena_init(&a.arena);
	od_arena_init(&a.said_arena);
	err = od_session_pass(s, &pass, &a.target);
	od_arena_deinit(&a.arena);
	od_arena_deinit(&a.said_arena);
	od_buf_deinit(&a.raw);
	od_buf_deinit(&a.out);
	free(a.ends);
	free(a.folded);
	free(a.marks);
	free(a.kernels);
	free(a.release);
	free(a.build_id);
	return err;
}
