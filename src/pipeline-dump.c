/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A dump: its log goes the way of all text; its memory adds what the log does not say. Each step may
 * fail, and then says what is missing, why, and what would help; the others go on.
 */
#include <stdio.h>
#include <string.h>

#include "analyze/analyze.h"
#include "analyze/args.h"
#include "analyze/locate.h"
#include "pipeline-internal.h"
#include "pipeline-kvm.h"
#include "pipeline-vars.h"
#include "target/core/core.h"
#include "target/dump.h"
#include "target/kernel/compare.h"
#include "target/kernel/kernel.h"
#include "target/kernel/cpuregs.h"
#include "target/kernel/memreport.h"
#include "target/kernel/modules.h"
#include "target/kernel/pointer.h"
#include "target/kernel/system.h"
#include "target/kernel/tasks.h"
#include "target/kernel/waits.h"

void od_target_close(struct od_target *target)
{
	od_kernel_destroy(target->kernel);
	od_dump_destroy(target->dump);
	od_core_destroy(target->core);
	*target = (struct od_target){ 0 };
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

/* --- pointers --------------------------------------------------------------------------------- */

static enum od_region region_of(const struct od_pointer *p)
{
	switch (p->kind) {
	case OD_POINTER_TEXT:
	case OD_POINTER_RODATA:
	case OD_POINTER_DATA:
		return p->module ? OD_ADDR_MODULES : OD_ADDR_KERNEL_IMAGE;
	case OD_POINTER_STACK:
	case OD_POINTER_CPU_STACK:
		return OD_ADDR_STACK;
	case OD_POINTER_TASK:
	case OD_POINTER_SLAB:
	case OD_POINTER_PAGE:
		return OD_ADDR_DIRECT_MAP;
	case OD_POINTER_VMALLOC:
		return OD_ADDR_VMALLOC;
	default:
		return OD_ADDR_KERNEL;
	}
}

/* What is only guessed from the value itself analysis does as well. */
static bool describe(void *ctx, uint64_t value, struct od_buf *out, enum od_region *region)
{
	struct od_pointer p;

	od_kernel_pointer(ctx, value, &p);
	if (p.kind == OD_POINTER_UNKNOWN || p.kind <= OD_POINTER_NON_CANONICAL)
		return false;
	od_pointer_text(ctx, &p, out);
	if (region)
		*region = region_of(&p);
	return true;
}

/*
 * Registers of the crash, with memory to look into. Those without a note are none of addresses, but
 * where the layout of addresses is not known (od_address_classify: all but x86-64).
 */
static void describe_registers(struct od_kernel *k, struct od_report *rep)
{
	struct od_buf buf = OD_BUF_INIT;

	for (uint32_t i = 0; i < rep->nregisters; i++) {
		struct od_register *reg = &rep->registers[i];

		if (!reg->note && (k->x86 || reg->value < k->mem->page_size))
			continue;
		od_buf_reset(&buf);
		if (describe(k, reg->value, &buf, NULL))
			reg->note = od_arena_strndup(&rep->arena, buf.data, buf.len);
	}
	od_buf_deinit(&buf);
}

/* --- the crash, as memory has it ---------------------------------------------------------- */

/* Does the report end with a panic? */
static bool panicked(const struct od_report *rep)
{
	for (uint32_t i = 0; i < rep->nchain; i++)
		if (rep->chain[i].kind == OD_KIND_PANIC)
			return true;
	return rep->kind == OD_KIND_PANIC;
}

/*
 * The report of the crash that the dump was made of: the last one of that CPU, else the last that
 * ended in a panic, else the last. cpu -1: unknown.
 */
static struct od_report *crash_report(struct od_input *in, int32_t cpu)
{
	struct od_report *last = NULL, *panic = NULL;

	for (uint32_t i = in->nreports; i > 0; i--) {
		struct od_report *rep = in->reports[i - 1];

		if (rep->severity <= OD_SEV_INFO)
			continue;
		if (cpu >= 0 && rep->cpu == cpu)
			return rep;
		if (!panic && panicked(rep))
			panic = rep;
		if (!last)
			last = rep;
	}
	return panic || cpu < 0 ? panic : last;
}

/* The log said nothing of it, or is not there: the task and its stack are what there is. */
static struct od_report *unlogged(struct pipeline *p, const struct od_task *task, int32_t cpu)
{
	struct od_report *rep = od_report_create();

	rep->kind = OD_KIND_PANIC;
	rep->subject = "the kernel panicked; what it said of it is not in the dump";
	rep->cpu = cpu;
	rep->pid = task ? task->pid : -1;
	rep->comm = task ? od_arena_strdup(&rep->arena, task->comm) : NULL;
	rep->release = od_arena_strdup(&rep->arena, p->in->release);
	rep->time_us = OD_TS_NONE;
	return rep;
}

/* What the CPUs did meanwhile. */
static void add_others(struct od_kernel *k, struct od_report *rep, uint32_t cpu, struct od_arena *arena)
{
	const struct od_tasks *tasks = od_kernel_tasks(k);
	struct od_trace trace;
	char name[32];

	for (uint32_t i = 0; i < tasks->n; i++) {
		const struct od_task *t = &tasks->task[i];

		if (!t->running || t->cpu < 0 || (uint32_t)t->cpu == cpu ||
		    od_memreport_trace(k, t, arena, &trace))
			continue;
		snprintf(name, sizeof(name), "cpu %d", t->cpu);
		od_memreport_add_trace(k, rep, &trace, name, true);
	}
}

/* Stacks of the CPU that crashed, and of the others. task: what it ran; NULL: unknown. */
static void add_stacks(struct pipeline *p, struct od_report *rep, uint32_t cpu, const struct od_task *task)
{
	struct od_kernel *k = p->target->kernel;
	const uint32_t first = rep->nstacks;
	struct od_arena arena;
	struct od_trace trace;
	const char *why;

	od_arena_init(&arena);
	why = od_memreport_cpu(k, cpu, task, &arena, &trace);
	if (why) {
		od_input_missing(p->in, "stacks", why, NULL, NULL);
	} else {
		od_memreport_add_trace(k, rep, &trace, NULL, false);
		if (p->opts->locate)
			od_pipeline_vars(p->opts->locate, k, p->in->release, rep, first, &trace);
		if (trace.end != OD_UNWIND_USER && trace.end != OD_UNWIND_START)
			od_report_note(rep, 0, "the trace from memory ends early: %s",
				       od_unwind_end_text(trace.end));
		if (trace.overflow)
			od_report_note(rep, 0, "the stack overflowed: its end was written over, or reached");
		od_compare_note(rep);
		add_others(k, rep, cpu, &arena);
	}
	od_arena_deinit(&arena);
}

static void tell_crash(struct pipeline *p)
{
	struct od_kernel *k = p->target->kernel;
	struct od_input *in = p->in;
	uint32_t cpu;
	bool known = od_kernel_panic_cpu(k, &cpu);
	struct od_report *rep = crash_report(in, known ? (int32_t)cpu : -1), *made = NULL;
	const struct od_task *task;

	/* Without that symbol the log may still tell. */
	if (!known && rep && rep->cpu >= 0) {
		cpu = (uint32_t)rep->cpu;
		known = true;
	}
	if (!known)
		return;
	in->panic_cpu = (int32_t)cpu;
	task = od_task_by_addr(od_kernel_tasks(k), od_kernel_current(k, cpu));
	if (!rep)
		rep = made = unlogged(p, task, in->panic_cpu);
	if (rep->cpu < 0)
		rep->cpu = (int32_t)cpu;
	if (rep->pid < 0 && !rep->comm && task && rep->cpu == (int32_t)cpu) {
		rep->pid = task->pid;
		rep->comm = od_arena_strdup(&rep->arena, task->comm);
	}
	add_stacks(p, rep, cpu, task);
	if (made)
		od_pipeline_report(p, rep);
	else
		od_analyze_names(rep);
	describe_registers(k, rep);
}

/* --- the machine, and what is not there ------------------------------------------------------ */

static void tell_system(struct od_input *in, struct od_kernel *k)
{
	struct od_system sys;

	od_kernel_system(k, &sys);
	if (sys.release)
		in->release = od_arena_strdup(&in->arena, sys.release);
	if (sys.release && sys.version)
		in->banner = od_arena_printf(&in->arena, "%s %s", sys.release, sys.version);
	if (sys.nodename)
		in->hostname = od_arena_strdup(&in->arena, sys.nodename);
	in->cmdline = od_arena_strdup(&in->arena, sys.cmdline);
	in->has_uptime = sys.has_uptime;
	in->uptime_s = sys.uptime_ns / 1000000000;
	if (sys.uptime_from_log || sys.cmdline_from_log)
		od_input_note(in, 0, "from the log, since memory does not tell: %s%s%s",
			      sys.uptime_from_log ? "the uptime (time of the last record)" : "",
			      sys.uptime_from_log && sys.cmdline_from_log ? ", " : "",
			      sys.cmdline_from_log ? "the command line" : "");
	in->memory_bytes = sys.pages * sys.page_size;
}

/* "task 117 (od-inode) waits for a mutex at 0xffff..., held by task 118 (od-extent)" */
static void tell_wait(struct od_input *in, const struct od_wait_edge *e)
{
	struct od_buf buf = OD_BUF_INIT;

	od_buf_printf(&buf, "task %d (%s) waits for a %s at 0x%llx", e->task->pid, e->task->comm,
		      od_lock_kind_name(e->wait.kind), (unsigned long long)e->wait.lock);
	if (e->owner)
		od_buf_printf(&buf, ", %s task %d (%s)", e->wait.reader_owned ? "last read by" : "held by",
			      e->owner->pid, e->owner->comm);
	if (e->in_cycle)
		od_buf_addstr(&buf, ": a deadlock");
	od_input_note(in, 0, "%s", od_buf_str(&buf));
	od_buf_deinit(&buf);
}

/* Those of a deadlock first: it is what all the others wait for. */
static void tell_waits(struct od_input *in, struct od_kernel *k)
{
	enum { TOLD = 12 };
	struct od_arena arena;
	struct od_waits waits;
	uint32_t told = 0;

	od_arena_init(&arena);
	od_kernel_waits(k, &arena, &waits);
	for (int cycle = 1; cycle >= 0; cycle--)
		for (uint32_t i = 0; i < waits.n && told < TOLD; i++)
			if (waits.edge[i].in_cycle == cycle) {
				tell_wait(in, &waits.edge[i]);
				told++;
			}
	if (waits.blocked > told)
		od_input_note(in, 0, "%u %stasks wait and cannot be interrupted: bt -d, ps", waits.blocked - told,
			      told ? "more " : "");
	od_arena_deinit(&arena);
}

/* Each rung of the ladder that was not reached: what, why, and the file that would reach it. */
static void tell_missing(struct pipeline *p)
{
	struct od_kernel *k = p->target->kernel;
	struct od_input *in = p->in;
	const char *id = od_kernel_build_id(k), *release = in->release;
	const struct od_tasks *tasks = od_kernel_tasks(k);
	const char *debug = release ? od_arena_printf(&in->arena, "/usr/lib/debug/boot/vmlinux-%s", release) : NULL;
	const char *map = release ? od_arena_printf(&in->arena, "/boot/System.map-%s", release) : NULL;

	if (!k->info)
		od_input_missing(in, "VMCOREINFO", "the dump has no such note, and no page of it holds the text",
				 NULL, NULL);
	if (k->why_no_symbols)
		od_input_missing(in, "symbols", k->why_no_symbols, id, map);
	if (!od_kernel_types(k))
		od_input_missing(in, "types", k->why_no_types, id, debug);
	else if (tasks->why)
		od_input_missing(in, "tasks", tasks->why, NULL, NULL);
	if (od_kernel_modules(k)->why && od_kernel_types(k))
		od_input_missing(in, "modules", od_kernel_modules(k)->why, NULL, NULL);
	if (!k->why_no_symbols && !p->opts->locate)
		od_input_missing(in, "source lines", "no debug file of the kernel is read", id, debug);
}

static void tell_lines(struct pipeline *p)
{
	struct od_kernel *k = p->target->kernel;
	struct od_input *in = p->in;

	for (uint32_t i = 0; i < in->nreports; i++) {
		struct od_report *rep = in->reports[i];

		if (!rep->release)
			rep->release = od_arena_strdup(&rep->arena, in->release);
		if (!rep->banner)
			rep->banner = od_arena_strdup(&rep->arena, in->banner);
		if (!rep->kernel_build_id)
			rep->kernel_build_id = od_arena_strdup(&rep->arena, od_kernel_build_id(k));
		for (uint32_t s = 0; s < rep->nstacks; s++)
			od_pipeline_build_ids(k, rep, &rep->stacks[s]);
		od_locate_report(p->opts->locate, in, rep);
		od_args_report(p->opts->locate, rep);
	}
}

void od_pipeline_dump(struct pipeline *p, const int *fds, unsigned n, int log)
{
	struct od_input *in = p->in;
	struct od_target *t = p->target;
	od_autoerror err = od_dump_open(fds, n, &t->dump);

	if (err && log >= 0) {
		od_pipeline_saved_log(p, log, err->message);
		return;
	}
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
	in->describe = describe;
	in->describe_ctx = t->kernel;
	od_pipeline_log(p, t->kernel, log);
	tell_crash(p);
	tell_system(in, t->kernel);
	tell_waits(in, t->kernel);
	od_pipeline_kvm(p);
	tell_missing(p);
	if (p->opts->locate)
		tell_lines(p);
}
