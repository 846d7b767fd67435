/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "pipeline-internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/analyze.h"
#include "analyze/hang.h"
#include "analyze/args.h"
#include "analyze/locate.h"
#include "analyze/rules.h"
#include "base/alloc.h"
#include "input/lines.h"
#include "input/prefilter.h"
#include "input/topic.h"
#include "io/io.h"
#include "target/core/core.h"
#include "target/dump.h"
#include "text/kvm.h"
#include "text/timeline.h"

static bool is_mail(const struct pipeline *p)
{
	return (p->io && od_io_is_mail(p->io)) || od_text_mail_lines(p->text) >= 3;
}

/* Lines that a plugin asked for are kept whether or not they belong to a crash. */
static void on_record(void *ctx, const struct od_record *rec, bool part)
{
	struct pipeline *p = ctx;

	p->active |= part;
	if (p->opts->on_record)
		p->opts->on_record(p->opts->ctx, rec, is_mail(p), part);
	if (!p->in->hostname && rec->host)
		p->in->hostname = od_arena_strdup(&p->in->arena, rec->host);
	if (p->interest && od_prefilter_scan(p->interest, rec->text, rec->len, 0))
		od_input_add_context(p->in, rec);
}

static void on_note(void *ctx, uint32_t lineno, const char *text)
{
	struct pipeline *p = ctx;

	od_input_note(p->in, lineno, "%s", text);
}

/*
 * The same crash again: quoted at another depth, or printed on a second console. The more complete
 * copy stays, in the place of the first.
 */
static bool is_copy(struct pipeline *p, struct od_report *rep)
{
	struct od_input *in = p->in;
	uint32_t from = in->nreports > 64 ? in->nreports - 64 : 0;

	for (uint32_t i = from; i < in->nreports; i++) {
		struct od_report *old = in->reports[i], *keep = old, *drop = rep;

		if (!od_analyze_same(old, rep))
			continue;
		if (!p->opts->on_report && od_analyze_weight(rep) > od_analyze_weight(old)) {
			rep->id = old->id;
			rep->nahead = old->nahead;
			in->reports[i] = keep = rep;
			drop = old;
		}
		od_report_note(keep, drop->lines.first, "another copy of this crash stands on lines %u-%u",
			       drop->lines.first, drop->lines.last);
		od_report_destroy(drop);
		return true;
	}
	return false;
}

void od_pipeline_report(void *ctx, struct od_report *rep)
{
	struct pipeline *p = ctx;
	struct od_timeline *timeline = od_text_timeline(p->text);
	const char *kernel = p->opts->kernel;
	const uint32_t first = rep->lines.first;

	if (!rep->release && !kernel)
		kernel = p->in->release;
	od_analyze_report(rep, kernel);
	/* The frames of a dump are not whole yet, those of a core have all that there is. */
	if (p->opts->locate && !p->target->dump && !p->target->core) {
		od_locate_report(p->opts->locate, p->in, rep);
		od_args_report(p->opts->locate, rep);
	}
	if (is_copy(p, rep)) {
		od_timeline_drop(timeline, first);
		return;
	}
	if (!od_input_add_report(p->in, rep))
		return;
	od_relate_report(p->relate, p->in, rep);
	/* What is no crash does not end what happened before the next. */
	if (rep->severity > OD_SEV_INFO)
		od_timeline_take(timeline, p->in, rep);
	if (!p->opts->on_report)
		return;
	od_rules_run(p->in, rep->id, 1);
	if (p->opts->plugins)
		p->plugin_failed |= !od_plugins_run(p->opts->plugins, p->in, rep->id, 1);
	p->opts->on_report(p->opts->ctx, p->in, rep);
}

static void on_line(void *ctx, const struct od_line *line)
{
	struct pipeline *p = ctx;
	struct od_line placed = *line;

	placed.lineno = od_io_lineno(p->io, line->lineno);
	od_text_line(p->text, &placed);
}

static ssize_t on_read(void *ctx, char *buf, size_t size)
{
	return od_io_read(((struct pipeline *)ctx)->io, buf, size);
}

static bool on_ready(void *ctx)
{
	return od_io_ready(((struct pipeline *)ctx)->io);
}

static void on_gap(void *ctx)
{
	od_text_gap(((struct pipeline *)ctx)->text);
}

static bool on_busy(void *ctx)
{
	return od_text_busy(((struct pipeline *)ctx)->text);
}

/* Lines that wait to be judged may be part of an incident; one always waits for the next. */
static bool on_active(void *ctx)
{
	struct pipeline *p = ctx;
	bool waiting = od_text_waiting(p->text) > 1, active = waiting || p->active;

	p->active = false;
	return active;
}

/* Nothing comes for a while: for tail -f, what is there is what there is. */
static void on_idle(void *ctx)
{
	struct pipeline *p = ctx;

	od_io_hurry(p->io);
	if (p->opts->on_report || p->opts->on_idle)
		od_text_finish(p->text);
	if (p->opts->on_idle)
		p->opts->on_idle(p->opts->ctx);
}

static void judge(struct pipeline *p, const struct od_lines_result *res, int error)
{
	struct od_input *in = p->in;

	in->bytes = od_io_bytes(p->io);
	in->lines = od_io_dressed(p->io) ? od_io_lines(p->io) : res->lines;
	if (in->timeline_left)
		od_input_note(in, 0, "more than %u notable lines ahead of crashes: %u are left out",
			      OD_MAX_TIMELINE, in->timeline_left);
	if (od_text_release(p->text) && !in->release)
		in->release = od_arena_strdup(&in->arena, od_text_release(p->text));
	if (!in->release && in->nreports)
		in->release = od_arena_strdup(&in->arena, in->reports[0]->release);
	if (is_mail(p))
		in->kind = OD_INPUT_MAIL;
	else if (in->nreports && (in->reports[0]->kind == OD_KIND_USER_CRASH ||
				  in->reports[0]->kind == OD_KIND_USER_ABORT))
		in->kind = OD_INPUT_GDB;
	else if (in->nreports && in->reports[0]->kind == OD_KIND_KVM_SELFTEST)
		in->kind = OD_INPUT_KVM_SELFTEST;
	else if (in->nreports && (in->reports[0]->kind == OD_KIND_KVM_STALL ||
				  in->reports[0]->kind == OD_KIND_KVM_PROGRESS))
		in->kind = OD_INPUT_KVM_TRACE;
	if (res->end == OD_LINES_MAGIC) {
		in->status = OD_INPUT_UNREADABLE;
		in->error = od_arena_printf(&in->arena, "%s", res->what);
	} else if (res->end == OD_LINES_READ_ERROR) {
		in->status = in->nreports ? OD_INPUT_STOPPED : OD_INPUT_UNREADABLE;
		in->error = od_arena_printf(&in->arena, "read error: %s", strerror(error));
	} else if (res->end == OD_LINES_DEADLINE) {
		in->status = OD_INPUT_STOPPED;
		in->error = od_arena_printf(&in->arena, "stopped at the deadline, after %u lines",
					    res->lines);
	} else if (res->binary && !in->nreports) {
		in->status = OD_INPUT_UNREADABLE;
		in->error = "binary data, neither text nor a format that is known";
	}
}

/* No crash: then perhaps a patch, or a mail about what `decode` can explain. */
static void note_topic(struct od_input *in, int fd)
{
	struct od_buf text = OD_BUF_INIT;
	char *head = od_malloc(OD_TOPIC_BYTES);
	ssize_t len = pread(fd, head, OD_TOPIC_BYTES, 0);

	if (len > 0 && od_topic(head, (size_t)len, &text)) {
		in->topic = od_arena_strndup(&in->arena, text.data, text.len);
		od_input_note(in, 0, "%s", in->topic);
	}
	od_buf_deinit(&text);
	free(head);
}

static struct od_prefilter *make_markers(struct od_plugins *plugins)
{
	const char *const *lists[] = { od_text_markers(), od_timeline_markers, od_kvm_markers, od_rules_interest(),
				       plugins ? od_plugins_interest(plugins) : NULL };

	return od_prefilter_create(lists, lists[4] ? 5 : 4, true);
}

void od_pipeline_text(struct pipeline *p, int fd)
{
	const struct od_pipeline_options *opts = p->opts;
	const struct od_lines_ops line_ops = { .line = on_line, .gap = on_gap, .busy = on_busy,
					       .read = on_read, .ready = on_ready,
					       .idle = on_idle, .active = on_active, .ctx = p };
	struct od_prefilter *pf = NULL;
	struct od_lines_result res;
	int error;

	/* Whoever wants every record gets every line. */
	if (!opts->on_record)
		pf = opts->filters ? opts->filters->markers : make_markers(opts->plugins);
	p->io = od_io_open(fd, on_note, p);
	if (opts->read)
		od_io_from(p->io, opts->read, opts->read_ctx);
	if (opts->on_bytes)
		od_io_tap(p->io, opts->on_bytes, opts->ctx);
	errno = 0;
	od_lines_read(fd, pf, &opts->deadline_ns, &line_ops, &res);
	error = errno;
	od_text_finish(p->text);
	judge(p, &res, error);
	if (fd >= 0 && !p->in->nreports && p->in->status == OD_INPUT_COMPLETE)
		note_topic(p->in, fd);
	od_io_close(p->io);
	if (!opts->filters)
		od_prefilter_destroy(pf);
}

/* The last file of a dump may be the text of its log. */
static void run_dump(struct pipeline *p, const int *fds, unsigned n)
{
	char head[OD_DUMP_HEAD];
	const ssize_t len = n > 1 ? pread(fds[n - 1], head, sizeof(head), 0) : -1;
	const bool text = n > 1 && (len <= 0 || !od_dump_probe(head, (size_t)len));

	od_pipeline_dump(p, fds, n - text, text ? fds[n - 1] : -1);
}

static struct od_prefilter *make_interest(struct od_plugins *plugins)
{
	const char *const *lists[] = { od_rules_interest(), plugins ? od_plugins_interest(plugins) : NULL };
	const bool both = lists[1] && *lists[1];

	return *lists[0] || both ? od_prefilter_create(lists, both ? 2 : 1, false) : NULL;
}

struct od_pipeline_filters *od_pipeline_prepare(struct od_plugins *plugins)
{
	struct od_pipeline_filters *filters = od_calloc(1, sizeof(*filters));

	filters->markers = make_markers(plugins);
	filters->interest = make_interest(plugins);
	return filters;
}

void od_pipeline_release(struct od_pipeline_filters *filters)
{
	if (!filters)
		return;
	od_prefilter_destroy(filters->markers);
	od_prefilter_destroy(filters->interest);
	free(filters);
}

bool od_pipeline_run(struct od_input *in, const int *fds, unsigned n, const struct od_pipeline_options *opts,
		     struct od_target *target)
{
	struct pipeline p = { .in = in, .opts = opts, .target = target };
	const struct od_text_ops text_ops = { on_record, od_pipeline_report, on_note, &p };
	char head[OD_DUMP_HEAD];
	ssize_t len = n ? pread(fds[0], head, sizeof(head), 0) : 0;
	const char *advice = len > 0 ? od_dump_advice(head, (size_t)len) : NULL;

	p.interest = opts->filters ? opts->filters->interest : make_interest(opts->plugins);
	p.text = od_text_create(&text_ops);
	p.relate = od_relate_create();
	if (n == 1 && len > 0 && od_core_probe(fds[0]))
		od_pipeline_core(&p, fds[0]);
	else if (n > 1 || (len > 0 && od_dump_probe(head, (size_t)len)))
		run_dump(&p, fds, n);
	else
		od_pipeline_text(&p, n ? fds[0] : -1);
	/* There may be the text of a log in it; if not, it can be said what it is. */
	if (advice && in->nreports) {
		od_input_note(in, 0, "%s", advice);
	} else if (advice) {
		in->status = OD_INPUT_UNREADABLE;
		in->error = od_arena_strdup(&in->arena, advice);
	}
	if (!opts->on_report)
		od_hang_input(in);
	if (!opts->on_report)
		od_rules_run(in, 0, in->nreports);
	if (opts->plugins && !opts->on_report && in->nreports)
		p.plugin_failed = !od_plugins_run(opts->plugins, in, 0, in->nreports);
	od_text_destroy(p.text);
	od_relate_destroy(p.relate);
	if (!opts->filters)
		od_prefilter_destroy(p.interest);
	return p.plugin_failed;
}
