/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/input.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

const char *od_input_kind_name(enum od_input_kind kind)
{
	static const char *const names[] = { "log", "mail", "gdb", "kvm-trace", "vmcore", "kvm-selftest",
					     "core" };

	return names[kind];
}

const char *od_input_status_name(enum od_input_status status)
{
	static const char *const names[] = { "complete", "cut", "stopped", "unreadable" };

	return names[status];
}

struct od_input *od_input_create(const char *name)
{
	struct od_input *in = od_calloc(1, sizeof(*in));

	od_arena_init(&in->arena);
	in->name = od_arena_strdup(&in->arena, name);
	in->panic_cpu = -1;
	return in;
}

void od_input_destroy(struct od_input *in)
{
	if (!in)
		return;
	for (uint32_t i = 0; i < in->nreports; i++)
		od_report_destroy(in->reports[i]);
	od_arena_deinit(&in->arena);
	free(in);
}

void od_input_missing(struct od_input *in, const char *what, const char *why, const char *build_id,
		      const char *path)
{
	struct od_missing *m;

	if (in->nmissing >= OD_MAX_MISSING)
		return;
	m = od_push(&in->arena, in->missing, in->nmissing, in->missing_cap);
	m->what = od_arena_strdup(&in->arena, what);
	m->why = od_arena_strdup(&in->arena, why);
	m->build_id = od_arena_strdup(&in->arena, build_id);
	m->path = od_arena_strdup(&in->arena, path);
}

void od_input_note(struct od_input *in, uint32_t lineno, const char *fmt, ...)
{
	struct od_buf buf = OD_BUF_INIT;
	struct od_note *note;
	va_list ap;

	if (in->nnotes > OD_MAX_NOTES)
		return;
	note = od_push(&in->arena, in->notes, in->nnotes, in->notes_cap);
	note->lineno = lineno;
	if (in->nnotes > OD_MAX_NOTES) {
		note->text = "more notes than are kept";
		return;
	}
	va_start(ap, fmt);
	od_buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	note->text = od_arena_strndup(&in->arena, od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
}

void od_input_add_context(struct od_input *in, const struct od_record *rec)
{
	struct od_record *copy;

	if (in->ncontext >= OD_MAX_CONTEXT) {
		if (!in->context_full)
			od_input_note(in, rec->lineno, "more than %u lines of interest to plugins",
				      OD_MAX_CONTEXT);
		in->context_full = true;
		return;
	}
	copy = od_push(&in->arena, in->context, in->ncontext, in->context_cap);
	*copy = *rec;
	copy->text = od_arena_strndup(&in->arena, rec->text, rec->len);
	copy->len = (uint32_t)strlen(copy->text);
	copy->raw = NULL;
	copy->raw_len = 0;
	copy->wall = od_arena_strdup(&in->arena, rec->wall);
	copy->host = od_arena_strdup(&in->arena, rec->host);
}

void od_input_add_event(struct od_input *in, const struct od_event *event)
{
	struct od_event *e;

	if (in->ntimeline >= OD_MAX_TIMELINE) {
		struct od_event *worst = in->timeline;

		in->timeline_left++;
		for (uint32_t i = 1; i < in->ntimeline; i++)
			if (in->timeline[i].rank < worst->rank)
				worst = &in->timeline[i];
		if (worst->rank >= event->rank)
			return;
		in->ntimeline--;
		memmove(worst, worst + 1,
			(size_t)(in->timeline + in->ntimeline - worst) * sizeof(*worst));
	}
	e = od_push(&in->arena, in->timeline, in->ntimeline, in->timeline_cap);
	*e = *event;
	e->text = od_arena_strdup(&in->arena, event->text);
}

bool od_input_add_report(struct od_input *in, struct od_report *rep)
{
	if (in->nreports >= OD_MAX_REPORTS) {
		if (in->status != OD_INPUT_STOPPED)
			od_input_note(in, rep->lines.first, "more than %u incidents: the rest is left out",
				      OD_MAX_REPORTS);
		in->status = OD_INPUT_STOPPED;
		in->error = "too many incidents";
		od_report_destroy(rep);
		return false;
	}
	rep->id = in->nreports;
	*od_push(&in->arena, in->reports, in->nreports, in->reports_cap) = rep;
	return true;
}
