/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/ticket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/analyze.h"
#include "base/alloc.h"
#include "base/escape.h"
#include "front/serve.h"
#include "io/decoder.h"
#include "io/unpack.h"
#include "pipeline.h"
#include "render/render.h"
#include "triage/when.h"

enum { WIDTH = 100, MAIL_HEAD = 64 * 1024, MAX_HTML = 512 * 1024 /* bytes of one report as a page */ };

bool od_ticket_late(struct od_ticket_reader *t)
{
	t->stopped |= t->deadline_ns && od_now_ns() >= t->deadline_ns;
	return t->stopped;
}

void od_ticket_note(struct od_ticket_reader *t, const char *fmt, ...)
{
	struct od_buf buf = OD_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	od_buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	t->tell(t->ctx, &(struct od_item){ .kind = OD_ITEM_NOTE, .note = od_buf_str(&buf) });
	od_buf_deinit(&buf);
}

/* --- one report ---------------------------------------------------------------------------------- */

/* The stack that the guilty frame is in, or the crashing one. */
static const struct od_stack *main_stack(const struct od_report *rep)
{
	uint32_t i = rep->guilty_stack >= 0 ? (uint32_t)rep->guilty_stack : 0;

	return i < rep->nstacks ? &rep->stacks[i] : NULL;
}

static bool counts(const struct od_frame *frame, bool any_reliable)
{
	return (frame->function || frame->symbol) &&
	       !(any_reliable && frame->flags & OD_FRAME_UNRELIABLE) &&
	       !(frame->flags & (OD_FRAME_POINTER | OD_FRAME_SIGNAL));
}

static void put_frames(struct od_buf *buf, const struct od_stack *stack)
{
	bool any = false;
	unsigned n = 0;

	for (uint32_t i = 0; stack && i < stack->nframes; i++)
		any |= counts(&stack->frames[i], true);
	for (uint32_t i = 0; stack && i < stack->nframes && n < OD_FRAMES_MAX; i++) {
		const struct od_frame *frame = &stack->frames[i];

		if (!counts(frame, any))
			continue;
		od_buf_addstr(buf, n++ ? "\n" : "");
		od_escape_str(buf, OD_ESCAPE_CELL, frame->function ? frame->function : frame->symbol);
		if (frame->module) {
			od_buf_addstr(buf, " [");
			od_escape_str(buf, OD_ESCAPE_CELL, frame->module);
			od_buf_addstr(buf, "]");
		}
	}
}

static void put_findings(struct od_buf *buf, const struct od_report *rep)
{
	for (uint32_t i = 0; i < rep->nfindings; i++) {
		const struct od_finding *f = &rep->findings[i];

		od_buf_addstr(buf, i ? "\n" : "");
		od_escape_str(buf, OD_ESCAPE_CELL, f->id);
		od_buf_printf(buf, "\t%u\t%s\t", f->score, od_severity_name(f->severity));
		od_escape_str(buf, OD_ESCAPE_CELL, f->title);
	}
}

/* Strings of a report may hold bytes that no text has: one line of printable UTF-8 each. */
static const char *clean(struct od_report *rep, const char *s)
{
	struct od_buf buf = OD_BUF_INIT;
	const char *ret;

	if (!s)
		return "";
	od_escape_str(&buf, OD_ESCAPE_CELL, s);
	ret = od_arena_strndup(&rep->arena, od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
	return ret;
}

static bool is_consequence(const struct od_report *rep)
{
	for (uint32_t i = 0; i < rep->nrelated; i++)
		if (!strcmp(rep->related[i].relation, "caused-by"))
			return true;
	return false;
}

static void tell_report(struct od_ticket_reader *t, const struct od_input *in, struct od_report *rep,
			uint32_t number)
{
	const struct od_style text_style = { .format = OD_FORMAT_TEXT, .width = WIDTH };
	const struct od_style json_style = { .format = OD_FORMAT_JSON, .width = WIDTH };
	const struct od_style html_style = { .format = OD_FORMAT_HTML, .width = WIDTH };
	struct od_buf frames = OD_BUF_INIT, findings = OD_BUF_INIT, text = OD_BUF_INIT,
		      json = OD_BUF_INIT, html = OD_BUF_INIT;
	struct od_item item = { .kind = OD_ITEM_REPORT };

	od_render_report(&text, in, rep, &text_style);
	od_render_report(&json, in, rep, &json_style);
	od_render_report(&html, in, rep, &html_style);
	if (html.len <= MAX_HTML && t->html + html.len <= OD_TICKET_HTML)
		t->html += html.len;
	else
		od_buf_reset(&html);
	put_frames(&frames, main_stack(rep));
	put_findings(&findings, rep);
	item.report = (struct od_item_report){
		.input = number,
		.severity = (uint8_t)rep->severity,
		.confidence = (uint8_t)rep->confidence,
		.consequence = is_consequence(rep),
		.weight = od_analyze_weight(rep),
		.line = rep->lines.first,
		.pid = rep->pid,
		.time_us = rep->time_us,
		.seen = rep->wall_time ? od_when_parse(rep->wall_time) : 0,
		.kind = od_kind_name(rep->kind),
		.title = clean(rep, rep->title),
		.signature = clean(rep, rep->signature),
		.stack_hash = rep->stack_hash,
		.function = clean(rep, rep->guilty_function),
		.module = clean(rep, rep->guilty_module),
		.release = clean(rep, rep->release ? rep->release : in->release),
		.hardware = clean(rep, rep->hardware),
		.comm = clean(rep, rep->comm),
		.frames = od_buf_str(&frames),
		.findings = od_buf_str(&findings),
		.text = od_buf_str(&text),
		.json = od_buf_str(&json),
		.html = od_buf_str(&html),
	};
	t->tell(t->ctx, &item);
	od_buf_deinit(&frames);
	od_buf_deinit(&findings);
	od_buf_deinit(&text);
	od_buf_deinit(&json);
	od_buf_deinit(&html);
}

/* --- one input ------------------------------------------------------------------------------------- */

static void tell_input(struct od_ticket_reader *t, const struct od_input *in, uint32_t number)
{
	const struct od_style style = { .format = OD_FORMAT_JSON, .width = WIDTH };
	struct od_buf json = OD_BUF_INIT;

	od_render_input(&json, in, &style);
	t->tell(t->ctx, &(struct od_item){ .kind = OD_ITEM_INPUT,
					   .input = { .number = number,
						      .name = in->name,
						      .kind = od_input_kind_name(in->kind),
						      .status = od_input_status_name(in->status),
						      .error = in->error,
						      .bytes = in->bytes,
						      .lines = in->lines,
						      .json = od_buf_str(&json) } });
	od_buf_deinit(&json);
}

/* Worth a row of its own? Of the thousands of files of a sosreport few are. */
static bool is_worth_telling(const struct od_input *in, bool quiet)
{
	return !quiet || in->nreports > 0 || in->kind == OD_INPUT_VMCORE ||
	       in->status == OD_INPUT_STOPPED || in->status == OD_INPUT_CUT;
}

void od_ticket_input(struct od_ticket_reader *t, const char *name, const int *fds, unsigned n,
		     ssize_t (*read)(void *ctx, void *buf, size_t size), void *read_ctx, bool quiet)
{
	const uint32_t number = t->job->first_input + t->inputs;
	struct od_pipeline_options opts = { .kernel = t->kernel,
					    .plugins = t->job->plugins,
					    .deadline_ns = t->deadline_ns,
					    .read = read,
					    .read_ctx = read_ctx,
					    .filters = t->job->filters };
	struct od_target target = { 0 };
	struct od_input *in = od_input_create(name);

	od_pipeline_run(in, fds, n, &opts, &target);
	t->bytes += in->bytes;
	t->members++;
	if (is_worth_telling(in, quiet)) {
		t->inputs++;
		tell_input(t, in, number);
	}
	for (uint32_t i = 0; i < in->nreports && !t->full; i++) {
		t->full = t->reports == OD_TICKET_REPORTS;
		if (t->full) {
			od_ticket_note(t, "more than %d reports: the others are left out",
				       OD_TICKET_REPORTS);
			break;
		}
		t->reports++;
		in->reports[i]->input = number;
		tell_report(t, in, in->reports[i], number);
	}
	od_target_close(&target);
	od_input_destroy(in);
	od_ticket_late(t);
}

/* --- the files of a ticket -------------------------------------------------------------------------- */

static bool go_on(void *ctx, uint64_t done, uint64_t size, uint64_t out)
{
	(void)done, (void)size, (void)out;
	return !od_ticket_late(ctx);
}

static void read_stream(struct od_ticket_reader *t, const char *name, int fd, unsigned depth, bool quiet)
{
	const struct od_unpack_watch watch = { go_on, t };
	od_autoerror err = NULL;
	int out;

	err = od_unpack_stream(fd, &watch, &out);
	if (err) {
		od_ticket_note(t, "%s: %s", name, err->message);
		return;
	}
	od_ticket_file(t, name, out, depth + 1, quiet);
	close(out);
}

static void read_plain(struct od_ticket_reader *t, const char *name, int fd, unsigned depth, bool quiet)
{
	char head[MAIL_HEAD];
	ssize_t n;

	od_ticket_input(t, name, &fd, 1, NULL, NULL, quiet);
	n = pread(fd, head, sizeof(head), 0);
	if (n > 0 && od_decode_mail.probe(head, (size_t)n) == OD_PROBE_YES)
		od_ticket_mail(t, fd, depth);
	else if (n > 0 && od_ticket_is_apport(head, (size_t)n))
		od_ticket_apport(t, fd, depth);
}

void od_ticket_file(struct od_ticket_reader *t, const char *name, int fd, unsigned depth, bool quiet)
{
	const enum od_packing packing = od_unpack_probe(fd);

	if (packing != OD_PACK_NONE && depth >= OD_TICKET_DEPTH)
		od_ticket_note(t, "%s: packed more than %d times: not opened", name, OD_TICKET_DEPTH);
	else if (packing == OD_PACK_ARCHIVE)
		od_ticket_archive(t, name, fd, depth);
	else if (packing == OD_PACK_STREAM)
		read_stream(t, name, fd, depth, quiet);
	else
		read_plain(t, name, fd, depth, quiet);
}

void od_ticket_read(struct od_ticket_reader *t, const int *fds)
{
	const struct od_job *job = t->job;

	for (size_t i = 0; i < job->nunits && !od_ticket_late(t); i++) {
		const struct od_job_unit *unit = &job->units[i];

		if (unit->n > 1)
			od_ticket_input(t, unit->name, fds + unit->first, unit->n, NULL, NULL, false);
		else if (!od_ticket_part(t, unit->name, fds[unit->first], false))
			od_ticket_file(t, unit->name, fds[unit->first], 0, !job->alone);
	}
	od_ticket_parts_end(t);
	t->tell(t->ctx, &(struct od_item){ .kind = OD_ITEM_TOTAL,
					   .total = { .inputs = t->members,
						      .reports = t->reports,
						      .bytes = t->bytes,
						      .stopped = t->stopped } });
}
