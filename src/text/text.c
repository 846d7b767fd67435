/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "text/gdb.h"
#include "text/kvm.h"
#include "text/pstore.h"
#include "text/repair.h"
#include "text/selftest.h"
#include "text/split.h"
#include "text/timeline.h"

struct od_text {
	struct od_text_ops ops;
	struct od_repair *repair;
	struct od_split *split;
	struct od_gdb *gdb;
	struct od_selftest *selftest;
	struct od_kvm *kvm;
	struct od_pstore *pstore;
	struct od_timeline *timeline;
	uint32_t mail_headers;
	uint32_t reports;
};

static void on_report(void *ctx, struct od_report *rep)
{
	struct od_text *t = ctx;

	t->reports++;
	t->ops.report(t->ops.ctx, rep);
}

static void note_header(struct od_text *t, const struct od_record *rec)
{
	static const char *const headers[] = { "From: ", "Subject: ", "Message-ID: ", "To: ",
					       "In-Reply-To: ", "Date: " };

	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		if (rec->len > strlen(headers[i]) &&
		    !memcmp(rec->text, headers[i], strlen(headers[i])))
			t->mail_headers++;
}

static void on_record(void *ctx, const struct od_record *rec)
{
	struct od_text *t = ctx;
	struct od_report *rep;
	bool part, opened = false;

	note_header(t, rec);
	part = od_gdb_feed(t->gdb, rec);
	/* The first line of a second backtrace ends the first and is taken with it. */
	rep = od_gdb_done(t->gdb, false);
	if (rep)
		on_report(t, rep);
	if (!part)
		part = od_kvm_feed(t->kvm, rec);
	if (!part) {
		part = od_selftest_feed(t->selftest, rec);
		rep = od_selftest_done(t->selftest, false);
		if (rep)
			on_report(t, rep);
	}
	if (!part) {
		const bool busy = od_split_busy(t->split);
		const uint32_t reports = t->reports;

		od_split_feed(t->split, rec);
		part = od_split_took(t->split);
		opened = od_split_busy(t->split) && (!busy || t->reports != reports);
	}
	od_timeline_feed(t->timeline, rec, part, opened);
	if (t->ops.record)
		t->ops.record(t->ops.ctx, rec, part);
}

static void on_note(void *ctx, uint32_t lineno, const char *text)
{
	struct od_text *t = ctx;

	t->ops.note(t->ops.ctx, lineno, text);
}

static void on_part_line(void *ctx, const struct od_line *line)
{
	od_repair_line(((struct od_text *)ctx)->repair, line);
}

struct od_text *od_text_create(const struct od_text_ops *ops)
{
	struct od_text *t = od_calloc(1, sizeof(*t));
	const struct od_repair_ops repair_ops = { on_record, on_note, t };
	const struct od_split_ops split_ops = { on_report, t };

	t->ops = *ops;
	t->repair = od_repair_create(&repair_ops);
	t->split = od_split_create(&split_ops);
	t->gdb = od_gdb_create();
	t->selftest = od_selftest_create();
	t->kvm = od_kvm_create();
	t->pstore = od_pstore_create(on_part_line, t);
	t->timeline = od_timeline_create();
	return t;
}

void od_text_destroy(struct od_text *t)
{
	if (!t)
		return;
	od_repair_destroy(t->repair);
	od_split_destroy(t->split);
	od_gdb_destroy(t->gdb);
	od_selftest_destroy(t->selftest);
	od_kvm_destroy(t->kvm);
	od_pstore_destroy(t->pstore);
	od_timeline_destroy(t->timeline);
	free(t);
}

void od_text_line(struct od_text *t, const struct od_line *line)
{
	if (!od_pstore_line(t->pstore, line))
		od_repair_line(t->repair, line);
}

/* Is the outermost frame one that a thread begins with? */
static bool is_whole(const struct od_report *rep)
{
	static const char *const roots[] = { "main", "_start", "__libc_start_main", "__libc_start_call_main",
					     "start_thread", "clone", "clone3", "__clone", "__clone3" };
	const struct od_stack *s = rep->nstacks ? &rep->stacks[0] : NULL;
	const char *name = s && s->nframes ? s->frames[s->nframes - 1].symbol : NULL;

	for (size_t i = 0; name && i < sizeof(roots) / sizeof(*roots); i++)
		if (!strcmp(name, roots[i]))
			return true;
	return !name;
}

/* What no line can go on any more. end: it is that of the input. */
static void finish_others(struct od_text *t, bool end)
{
	struct od_report *rep = od_gdb_done(t->gdb, true);

	if (rep) {
		rep->open_end = end && !is_whole(rep);
		on_report(t, rep);
	}
	/* One may be ready, and another one open. */
	while ((rep = od_selftest_done(t->selftest, true))) {
		rep->open_end = end && !is_whole(rep);
		on_report(t, rep);
	}
}

void od_text_gap(struct od_text *t)
{
	od_pstore_flush(t->pstore);
	od_repair_flush(t->repair);
	od_split_gap(t->split);
	od_timeline_gap(t->timeline);
	finish_others(t, false);
}

void od_text_finish(struct od_text *t)
{
	struct od_report *rep;

	od_pstore_flush(t->pstore);
	od_repair_flush(t->repair);
	finish_others(t, true);
	od_split_finish(t->split);
	while ((rep = od_kvm_next(t->kvm))) {
		rep->release = od_arena_strdup(&rep->arena, od_split_release(t->split));
		on_report(t, rep);
	}
}

bool od_text_busy(struct od_text *t)
{
	od_repair_drain(t->repair);
	return od_pstore_busy(t->pstore) || od_split_busy(t->split) || od_gdb_busy(t->gdb) ||
	       od_selftest_busy(t->selftest);
}

uint32_t od_text_waiting(struct od_text *t)
{
	od_repair_drain(t->repair);
	return od_repair_waiting(t->repair);
}

const char *od_text_release(const struct od_text *t)
{
	return od_split_release(t->split);
}

struct od_timeline *od_text_timeline(struct od_text *t)
{
	return t->timeline;
}

uint32_t od_text_mail_lines(const struct od_text *t)
{
	return od_repair_quoted(t->repair) + (t->mail_headers >= 3 ? t->mail_headers : 0);
}

const char *const *od_text_markers(void)
{
	return od_split_markers();
}
