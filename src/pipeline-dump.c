/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A dump: its log goes the way of all text; its memory adds what the log does not say. Each step may
 * fail, and then says what is missing, why, and what would help; the others go on.
 */
#include <stdio.h>

#include "analyze/analyze.h"
#include "model/line.h"
#include "pipeline-internal.h"
#include "target/dump.h"
#include "target/kernel/kernel.h"
#include "target/kernel/cpuregs.h"
#include "target/kernel/log.h"
#include "target/kernel/memreport.h"
#include "target/kernel/tasks.h"

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

/* --- the crash, as memory has it ---------------------------------------------------------- */

/*
 * The report of the crash that the dump was made of: the last one of the log, unless that speaks of
 * another CPU's trouble after it.
 */
static struct od_report *crash_report(struct od_input *in, int32_t cpu)
{
	struct od_report *last = NULL;

	for (uint32_t i = in->nreports; i > 0; i--) {
		struct od_report *rep = in->reports[i - 1];

		if (rep->severity <= OD_SEV_INFO)
			continue;
		if (rep->cpu == cpu)
			return rep;
		if (!last)
			last = rep;
	}
	return last;
}

/* The log said nothing of it, or is not there: the task and its stack are what there is. */
static struct od_report *unlogged(struct pipeline *p, const struct od_task *task, int32_t cpu,
				  uint32_t *made)
{
	struct od_report *rep = od_report_create();

	rep->kind = OD_KIND_PANIC;
	rep->subject = "the kernel panicked; what it said of it is not in the dump";
	rep->cpu = cpu;
	rep->pid = task->pid;
	rep->comm = od_arena_strdup(&rep->arena, task->comm);
	rep->release = od_arena_strdup(&rep->arena, p->in->release);
	rep->time_us = OD_TS_NONE;
	*made = 1;
	return rep;
}

/* Stacks of the task that crashed, and of what the other CPUs did meanwhile. */
static void add_stacks(struct od_kernel *k, struct od_report *rep, const struct od_task *task)
{
	const struct od_tasks *tasks = od_kernel_tasks(k);
	struct od_arena arena;
	struct od_trace trace;
	char name[32];
	const char *why;

	od_arena_init(&arena);
	why = od_memreport_trace(k, task, &arena, &trace);
	if (why)
		od_report_note(rep, 0, "no trace from memory: %s", why);
	else
		od_memreport_add_trace(k, rep, &trace, NULL, false);
	for (uint32_t i = 0; i < tasks->n; i++) {
		const struct od_task *t = &tasks->task[i];

		if (!t->running || t->addr == task->addr || t->cpu < 0 ||
		    od_memreport_trace(k, t, &arena, &trace))
			continue;
		snprintf(name, sizeof(name), "cpu %d", t->cpu);
		od_memreport_add_trace(k, rep, &trace, name, true);
	}
	od_arena_deinit(&arena);
}

static void tell_crash(struct pipeline *p, struct od_kernel *k)
{
	struct od_input *in = p->in;
	const struct od_task *task;
	struct od_report *rep;
	uint32_t made = 0, cpu;

	if (!od_kernel_panic_cpu(k, &cpu))
		return;
	in->panic_cpu = (int32_t)cpu;
	task = od_task_by_addr(od_kernel_tasks(k), od_kernel_current(k, cpu));
	if (!task)
		return;
	rep = crash_report(in, in->panic_cpu);
	if (!rep)
		rep = unlogged(p, task, in->panic_cpu, &made);
	add_stacks(k, rep, task);
	if (made)
		od_pipeline_report(p, rep);
	else
		od_analyze_names(rep);
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
	tell_crash(p, t->kernel);
}
