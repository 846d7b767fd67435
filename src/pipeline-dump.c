/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A dump: its log goes the way of all text; its memory adds what the log does not say. Each step may
 * fail, and then says what is missing, why, and what would help; the others go on.
 */
#include "model/line.h"
#include "pipeline-internal.h"
#include "target/dump.h"
#include "target/kernel/kernel.h"
#include "target/kernel/log.h"

void od_target_close(struct od_target *target)
{
	od_kernel_destroy(target->kernel);
	od_dump_destroy(target->dump);
	*target = (struct od_target){ 0 };
}

struct feed {
	struct pipeline *p;
	uint32_t lineno;
};

static void on_log_line(void *ctx, const char *s, size_t len)
{
	struct feed *f = ctx;
	struct od_line line = { .text = s, .lineno = ++f->lineno };

	line.cut = len > OD_MAX_LINE;
	line.len = line.cut ? OD_MAX_LINE : (uint32_t)len;
	f->p->in->bytes += len + 1;
	od_text_line(f->p->text, &line);
}

static void read_log(struct pipeline *p, struct od_kernel *k)
{
	struct od_input *in = p->in;
	struct feed feed = { p, 0 };
	struct od_kernel_log log;
	const char *why = od_kernel_log(k, on_log_line, &feed, &log);

	od_text_finish(p->text);
	in->lines = feed.lineno;
	if (why)
		od_input_missing(in, "log", why, NULL, NULL);
	else if (log.unreadable)
		od_input_note(in, 0, "%u records of the log cannot be read: they are %s", log.unreadable,
			      od_mem_status_text(log.why));
}

/* What the file says of itself, before anything of its memory is looked at. */
static void tell_file(struct od_input *in, struct od_dump *dump)
{
	const struct od_dump_facts *facts = od_dump_facts(dump);
	const char *note;

	in->kind = OD_INPUT_VMCORE;
	in->format = od_arena_printf(&in->arena, "%s%s%s%s%s", facts->format ? facts->format : "unknown",
				     facts->compression ? ", " : "",
				     facts->compression ? facts->compression : "",
				     facts->flattened ? ", flattened" : "", facts->split ? ", split" : "");
	if (facts->release && *facts->release)
		in->release = od_arena_strdup(&in->arena, facts->release);
	if (facts->nodename && *facts->nodename)
		in->hostname = od_arena_strdup(&in->arena, facts->nodename);
	for (size_t i = 0; (note = od_dump_note(dump, i)); i++)
		od_input_note(in, 0, "%s", note);
	if (facts->truncated || facts->incomplete) {
		in->status = OD_INPUT_CUT;
		od_input_note(in, 0, facts->truncated ? "the file ends before what its headers promise" :
							"whoever wrote the dump could not finish it");
	}
}

void od_pipeline_dump(struct pipeline *p, const int *fds, unsigned n)
{
	struct od_input *in = p->in;
	struct od_target *t = p->target;
	od_autoerror err = od_dump_open(fds, n, &t->dump);

	if (err) {
		in->kind = OD_INPUT_VMCORE;
		in->status = OD_INPUT_UNREADABLE;
		in->error = od_arena_strdup(&in->arena, err->message);
		return;
	}
	tell_file(in, t->dump);
	t->kernel = od_kernel_create(t->dump);
	if (!in->release && t->kernel->info)
		in->release = od_arena_strdup(&in->arena, od_vmcoreinfo_release(t->kernel->info));
	in->memory = t->kernel->mem;
	read_log(p, t->kernel);
}
