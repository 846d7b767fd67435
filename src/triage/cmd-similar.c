/* SPDX-License-Identifier: GPL-3.0-or-later */
/* similar: tickets with the same crash as one, and with stacks like its. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "front/output.h"
#include "triage/commands.h"
#include "triage/stack.h"
#include "triage/store.h"

struct crash {
	int64_t number;
	char *title, *signature, *stack_hash, *text; /* text: the frames */
	struct od_frames frames;
};

/* A stack of the store, and how like it is. */
struct match {
	char *signature, *stack_hash, *frames;
	struct od_likeness like;
	unsigned n; /* of its frames */
};

static void cell(struct od_buf *buf, const char *s, size_t len)
{
	od_escape(buf, OD_ESCAPE_CELL, s, len);
}

static void name_at(struct od_buf *buf, const struct od_frames *f, unsigned i)
{
	cell(buf, f->name[i], strcspn(f->name[i], "\n"));
}

/* --- the same signature ---------------------------------------------------------------------------------- */

static unsigned same_signature(struct od_store *store, const char *ticket, const struct crash *c,
			       unsigned limit, struct od_buf *buf)
{
	struct od_rows *rows = od_query(store,
					"SELECT name, sum(count) FROM sightings WHERE signature = ? AND name <> ?"
					" GROUP BY name ORDER BY name",
					"ss", c->signature, ticket);
	unsigned n = 0;

	for (; od_rows_next(rows); n++) {
		if (limit && n >= limit)
			continue;
		cell(buf, od_rows_text(rows, 0), strlen(od_rows_text(rows, 0)));
		od_buf_printf(buf, "\t100\tsame signature\t");
		cell(buf, c->signature, strlen(c->signature));
		od_buf_printf(buf, "\tcount %lld\n", (long long)od_rows_int(rows, 1));
	}
	od_rows_end(rows);
	return n;
}

/* --- stacks that are alike -------------------------------------------------------------------------------- */

static int by_likeness(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	if (x->like.percent != y->like.percent)
		return x->like.percent > y->like.percent ? -1 : 1;
	if (strcmp(x->signature, y->signature) != 0)
		return strcmp(x->signature, y->signature);
	return strcmp(x->stack_hash, y->stack_hash);
}

/* Each stack once, however many tickets have it. */
static size_t find_matches(struct od_store *store, const struct crash *c, unsigned threshold,
			   struct match **ret)
{
	struct od_rows *rows = od_query(store,
					"SELECT signature, stack_hash, min(frames) FROM reports"
					" WHERE signature <> ? AND frames <> '' GROUP BY signature, stack_hash",
					"s", c->signature);
	size_t n = 0, cap = 0;

	*ret = NULL;
	while (od_rows_next(rows)) {
		struct od_frames frames;
		struct od_likeness like;
		struct match *m;

		od_frames_parse(od_rows_text(rows, 2), &frames);
		like = od_frames_compare(&c->frames, &frames);
		if (!like.percent || like.percent < threshold)
			continue;
		if (n == cap) {
			cap = cap ? 2 * cap : 64;
			*ret = od_realloc(*ret, cap * sizeof(**ret));
		}
		m = &(*ret)[n++];
		*m = (struct match){ .signature = od_strdup(od_rows_text(rows, 0)),
				     .stack_hash = od_strdup(od_rows_text(rows, 1)),
				     .frames = od_strdup(od_rows_text(rows, 2)),
				     .like = like,
				     .n = frames.n };
	}
	od_rows_end(rows);
	if (n)
		qsort(*ret, n, sizeof(**ret), by_likeness);
	return n;
}

/* "9 of 12 frames; the first that differs is 2, ext4_writepages" */
static void explain(struct od_buf *buf, const struct crash *c, const struct match *m)
{
	const unsigned longer = c->frames.n > m->n ? c->frames.n : m->n;

	od_buf_printf(buf, "%u of %u frames in the same order", m->like.same, longer);
	if (m->like.first < c->frames.n) {
		od_buf_printf(buf, "; the first that is only here is %u, ", m->like.first);
		name_at(buf, &c->frames, m->like.first);
	}
}

static unsigned show_match(struct od_store *store, const struct crash *c, const struct match *m,
			   unsigned left, struct od_buf *buf)
{
	struct od_rows *rows = od_query(store,
					"SELECT DISTINCT name FROM sightings WHERE signature = ? AND"
					" stack_hash = ? ORDER BY name",
					"ss", m->signature, m->stack_hash);
	unsigned n = 0;

	for (; n < left && od_rows_next(rows); n++) {
		cell(buf, od_rows_text(rows, 0), strlen(od_rows_text(rows, 0)));
		od_buf_printf(buf, "\t%u\tsimilar stack\t", m->like.percent);
		cell(buf, m->signature, strlen(m->signature));
		od_buf_addch(buf, '\t');
		explain(buf, c, m);
		od_buf_addch(buf, '\n');
	}
	od_rows_end(rows);
	return n;
}

static void similar_stacks(struct od_store *store, const struct od_triage_options *opts,
			   const struct crash *c, unsigned shown, struct od_buf *buf)
{
	const unsigned limit = opts->limit ? opts->limit : UINT32_MAX;
	struct match *matches;
	size_t n = find_matches(store, c, opts->threshold, &matches);

	for (size_t i = 0; i < n; i++) {
		if (shown < limit)
			shown += show_match(store, c, &matches[i], limit - shown, buf);
		free(matches[i].signature);
		free(matches[i].stack_hash);
		free(matches[i].frames);
	}
	free(matches);
}

/* --- the command --------------------------------------------------------------------------------------------- */

static void free_crash(struct crash *c)
{
	free(c->title);
	free(c->signature);
	free(c->stack_hash);
	free(c->text);
}

/* The next crash of the ticket after number. */
static bool next_crash(struct od_store *store, const char *ticket, int64_t number, struct crash *c)
{
	struct od_rows *rows =
		od_query(store,
			 "SELECT number, title, signature, stack_hash, frames FROM sightings"
			 " WHERE name = ? AND number > ? AND severity > 0 ORDER BY number LIMIT 1",
			 "si", ticket, number);
	bool found = od_rows_next(rows);

	if (found)
		*c = (struct crash){ .number = od_rows_int(rows, 0),
				     .title = od_strdup(od_rows_text(rows, 1)),
				     .signature = od_strdup(od_rows_text(rows, 2)),
				     .stack_hash = od_strdup(od_rows_text(rows, 3)),
				     .text = od_strdup(od_rows_text(rows, 4)) };
	od_rows_end(rows);
	if (found)
		od_frames_parse(c->text, &c->frames);
	return found;
}

static int exec(const struct od_triage_options *opts, struct od_error **err)
{
	const char *ticket = opts->args.items[1];
	struct od_buf buf = OD_BUF_INIT;
	struct od_store *store;
	struct crash c = { .number = -1 };
	unsigned n;

	*err = od_triage_open(opts, OD_STORE_READ, &store);
	if (*err)
		return 2;
	if (!od_exec_int(store, 0, "SELECT 1 FROM tickets WHERE name = ?", "s", ticket))
		*err = od_error_new(OD_ERR_USAGE, "the store has no ticket '%s'", ticket);
	while (!*err && next_crash(store, ticket, c.number, &c)) {
		od_buf_addstr(&buf, "# ");
		cell(&buf, c.title, strlen(c.title));
		od_buf_addch(&buf, '\n');
		n = same_signature(store, ticket, &c, opts->limit, &buf);
		similar_stacks(store, opts, &c, n, &buf);
		free_crash(&c);
	}
	od_write_stdout(od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
	od_store_close(store);
	return 0;
}

const struct od_triage_command od_cmd_triage_similar = {
	.name = "similar",
	.usage = "similar TICKET",
	.help = "Show tickets with the same crashes, and with stacks like theirs. A line is ticket, per cent, "
		"how, signature and why, separated by tabs. Frames count the more the nearer they are to the crash.",
	.min = 1,
	.max = 1,
	.run = exec,
};
