/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The core of a process becomes the report that the same crash would become as text of gdb: what is
 * concluded from stacks and signals is concluded in the same place (text/gdb-report.c).
 */
#include "pipeline-core.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pipeline-internal.h"
#include "symbols/cfi.h"
#include "text/gdb.h"

enum {
	MAX_THREADS = 1024, /* whose stacks are told */
	CRASH_VARS = 128,   /* frames whose variables are told */
	OTHER_VARS = 16,
	CODE_BEFORE = 43, CODE_BYTES = 64, /* as kernels print them */
	NEAR_STACK = 64 << 10, /* bytes below the stack pointer that a function may have skipped */
};

/* --- what the notes say ------------------------------------------------------------------------ */

/* As gdb words them; the signals that end with a core. */
static const struct {
	int number;
	const char *text;
} signal_texts[] = {
	{ 3, "Quit" }, { 4, "Illegal instruction" }, { 5, "Trace/breakpoint trap" }, { 6, "Aborted" },
	{ 7, "Bus error" }, { 8, "Arithmetic exception" }, { 11, "Segmentation fault" },
	{ 24, "CPU time limit exceeded" }, { 25, "File size limit exceeded" }, { 31, "Bad system call" },
};

/* include/uapi/asm-generic/siginfo.h */
static const struct {
	int signal, code;
	const char *text;
} codes[] = {
	{ 4, 1, "ILL_ILLOPC: illegal opcode" },
	{ 4, 2, "ILL_ILLOPN: illegal operand" },
	{ 4, 5, "ILL_PRVOPC: privileged opcode" },
	{ 5, 1, "TRAP_BRKPT: breakpoint" },
	{ 5, 2, "TRAP_TRACE: single step" },
	{ 7, 1, "BUS_ADRALN: unaligned address" },
	{ 7, 2, "BUS_ADRERR: beyond the end of a mapped file, or no such physical memory" },
	{ 7, 3, "BUS_OBJERR: hardware error of the object" },
	{ 7, 4, "BUS_MCEERR_AR: memory is broken, and was used" },
	{ 7, 5, "BUS_MCEERR_AO: memory is broken" },
	{ 8, 1, "FPE_INTDIV: integer division by zero" },
	{ 8, 2, "FPE_INTOVF: integer overflow" },
	{ 8, 3, "FPE_FLTDIV: floating point division by zero" },
	{ 11, 1, "SEGV_MAPERR: nothing is mapped there" },
	{ 11, 2, "SEGV_ACCERR: the mapping does not allow it" },
	{ 11, 3, "SEGV_BNDERR: out of bounds" },
	{ 11, 4, "SEGV_PKUERR: a protection key does not allow it" },
	{ 11, 8, "SEGV_MTEAERR: wrong memory tag" },
	{ 11, 9, "SEGV_MTESERR: wrong memory tag" },
	{ 11, 10, "SEGV_CPERR: the shadow stack does not agree" },
	{ 31, 1, "SYS_SECCOMP: a filter of system calls" },
};

static const char *code_text(const struct od_core_facts *f)
{
	if (f->signal == 11 && f->si_code == 0x80)
		return "SI_KERNEL: a general protection fault; the address is not known";
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].signal == f->signal && codes[i].code == f->si_code)
			return codes[i].text;
	return NULL;
}

static const char *subject(struct od_report *rep, int signal)
{
	const char *name = od_gdb_signal_name((uint64_t)signal);

	if (!signal)
		return "the core of a process that no signal ended";
	for (size_t i = 0; name && i < sizeof(signal_texts) / sizeof(*signal_texts); i++)
		if (signal_texts[i].number == signal)
			return od_arena_printf(&rep->arena, "Program terminated with signal %s, %s.", name,
					       signal_texts[i].text);
	return name ? od_arena_printf(&rep->arena, "Program terminated with signal %s.", name) :
		      od_arena_printf(&rep->arena, "Program terminated with signal %d.", signal);
}

static void tell_signal(struct od_report *rep, const struct od_core_facts *f)
{
	const char *text = code_text(f);

	rep->subject = subject(rep, f->signal);
	/* Somebody took the core of what runs: gcore, a debugger. */
	rep->informational = !f->signal;
	if (!f->has_siginfo)
		return;
	if (f->has_address) {
		rep->has_fault_address = true;
		rep->fault_address = f->address;
	}
	if (text)
		od_report_detail_str(rep, "fault_reason", text, strlen(text));
	if (f->si_code >= 0)
		od_report_detail_num(rep, "si_code", (uint64_t)f->si_code);
	if (f->has_sender) {
		od_report_detail_num(rep, "sender_pid", (uint32_t)f->sender_pid);
		od_report_detail_num(rep, "sender_uid", f->sender_uid);
	}
}

static void tell_registers(struct od_core *core, const struct od_core_thread *t, struct od_report *rep)
{
	const char *name;
	uint64_t value;

	for (unsigned i = 0; (name = od_core_register(core, t, i, &value)); i++)
		od_report_add_register(rep, name, strlen(name), value, 0);
}

/* Bytes around the instruction, so that it can be said what it did. */
static void tell_code(struct od_core *core, const struct od_core_thread *t, struct od_report *rep)
{
	struct od_memory *mem = od_core_memory(core);
	uint8_t bytes[CODE_BYTES];
	unsigned before = t->pc < CODE_BEFORE ? (unsigned)t->pc : CODE_BEFORE;
	size_t got;

	if (mem->big_endian || (rep->arch && !strcmp(rep->arch, "arm64")))
		before &= ~3u;
	mem->read(mem, OD_VIRT, t->pc - before, bytes, before, &got);
	if (got < before) {
		/* The page before is not there. */
		before = (unsigned)(t->pc & (mem->page_size - 1)) < before ?
			 (unsigned)(t->pc & (mem->page_size - 1)) : 0;
		if (before && od_mem_read(mem, t->pc - before, bytes, before) != OD_MEM_OK)
			return;
	}
	mem->read(mem, OD_VIRT, t->pc, bytes + before, sizeof(bytes) - before, &got);
	if (!got)
		return;
	rep->code = od_arena_alloc(&rep->arena, before + got);
	memcpy(rep->code, bytes, before + got);
	rep->ncode = (uint32_t)(before + got);
	rep->code_trap = (int32_t)before;
}

/* A fault just beyond the end of the stack, or in the page that guards it. */
static void tell_overflow(struct od_core *core, const struct od_core_thread *t, struct od_report *rep,
			  uint32_t frames)
{
	const struct od_core_facts *f = od_core_facts(core);
	struct od_cfi_machine machine;
	uint64_t sp;

	if (!f->has_address || f->signal != 11 || !od_cfi_machine(f->machine, &machine) ||
	    !(t->regs.known >> machine.sp & 1))
		return;
	sp = t->regs.v[machine.sp];
	if (f->address + NEAR_STACK < sp || f->address > sp + NEAR_STACK ||
	    (od_core_access(core, f->address) & PF_W))
		return;
	od_report_note(rep, 0, "the stack overflowed: the fault is at the stack pointer, %u frames deep%s", frames,
		       frames >= OD_MAX_FRAMES ? " or more" : "");
}

static bool is_late(const struct pipeline *p)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return p->opts->deadline_ns &&
	       (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec >= p->opts->deadline_ns;
}

/* --- threads ------------------------------------------------------------------------------------- */

static void add_thread(struct pipeline *p, struct od_core *core, uint32_t i, struct od_report *rep,
		       struct od_gdb_stack *meta)
{
	const struct od_core_thread *t = od_core_thread(core, i);
	const uint32_t n = rep->nstacks;
	struct od_core_trace trace;
	struct od_stack *stack;
	struct od_arena arena;
	char name[32];

	if (!t->has_regs)
		return;
	snprintf(name, sizeof(name), "thread %u", i + 1);
	stack = od_report_add_stack(rep, name);
	if (!stack)
		return;
	stack->from_memory = true;
	od_arena_init(&arena);
	od_core_unwind(core, t, p->opts->find, &arena, OD_MAX_FRAMES, &trace);
	od_pipeline_core_frames(core, p->opts->find, &trace, rep, stack, i ? OTHER_VARS : CRASH_VARS);
	meta[n] = (struct od_gdb_stack){ .thread = i + 1, .proven = true,
					 .lwp = t->tid > 0 ? (uint32_t)t->tid : 0 };
	for (uint32_t k = 0; k < trace.n && !meta[n].handled; k++)
		meta[n].handled = trace.frame[k].signo;
	if (trace.end != OD_CORE_END_OUTERMOST)
		meta[n].stopped = od_core_end_text(trace.end);
	if (!i)
		tell_overflow(core, t, rep, trace.n);
	od_arena_deinit(&arena);
}

static void add_modules(const struct od_core *core, struct od_report *rep)
{
	for (uint32_t i = 0; i < od_core_nobjects(core); i++) {
		const struct od_core_object *o = od_core_object(core, i);
		struct od_module *m;

		if (!*o->name || !(m = od_report_add_module(rep, o->name, strlen(o->name))))
			continue;
		m->build_id = od_arena_strdup(&rep->arena, o->build_id);
	}
}

/* --- what is missing ------------------------------------------------------------------------------- */

static void tell_missing_object(struct od_input *in, const struct od_core_object *o)
{
	const char *what = !o->code ? "call frames and code" : !o->debug ? "symbols" : "source lines";
	const char *why;

	if (o->vdso || !o->looked || (o->code && o->debug && od_debug_has_lines(o->debug)))
		return;
	why = od_arena_printf(&in->arena, "%s: %s", *o->name ? o->name : "an object without a name",
			      o->why ? o->why : "no debug files are looked for");
	od_input_missing(in, what, why, o->build_id, NULL);
}

/* Only of objects that a frame lies in: those of the crash first. */
static void tell_missing(struct od_input *in, const struct od_core *core)
{
	for (uint32_t i = 0; i < od_core_nobjects(core); i++)
		if (od_core_object(core, i)->program)
			tell_missing_object(in, od_core_object(core, i));
	for (uint32_t i = 0; i < od_core_nobjects(core); i++)
		if (!od_core_object(core, i)->program)
			tell_missing_object(in, od_core_object(core, i));
}

/* --- all ------------------------------------------------------------------------------------------------ */

static struct od_report *make_report(struct pipeline *p, struct od_core *core)
{
	const struct od_core_facts *f = od_core_facts(core);
	struct od_report *rep = od_report_create();
	struct od_gdb_facts facts = { .signal = f->signal, .crash_thread = 1, .crash_proven = f->signal != 0,
				      .signal_name = od_gdb_signal_name((uint64_t)f->signal) };
	const uint32_t n = od_core_nthreads(core) < MAX_THREADS ? od_core_nthreads(core) : MAX_THREADS;
	struct od_gdb_stack *meta = od_arena_alloc(&rep->arena, (n + 1) * sizeof(*meta));

	rep->time_us = OD_TS_NONE;
	rep->arch = f->arch;
	facts.program = f->args ? f->args : f->comm;
	tell_signal(rep, f);
	if (n)
		tell_registers(core, od_core_thread(core, 0), rep);
	for (uint32_t i = 0; i < n; i++) {
		if (i && is_late(p)) {
			p->in->status = OD_INPUT_STOPPED;
			p->in->error = od_arena_printf(&p->in->arena, "stopped at the deadline, after %u of %u threads",
						       i, od_core_nthreads(core));
			break;
		}
		add_thread(p, core, i, rep, meta);
	}
	if (n < od_core_nthreads(core))
		od_report_note(rep, 0, "%u threads, of which %u are told", od_core_nthreads(core), n);
	if (n && od_core_thread(core, 0)->has_regs)
		tell_code(core, od_core_thread(core, 0), rep);
	add_modules(core, rep);
	if (rep->nstacks) {
		od_gdb_conclude(rep, &facts, meta);
	} else {
		rep->kind = f->signal == 6 ? OD_KIND_USER_ABORT : OD_KIND_USER_CRASH;
		rep->truncated = "no registers of a thread are in the core";
	}
	rep->comm = f->comm ? od_arena_strdup(&rep->arena, f->comm) : rep->comm;
	if (rep->pid < 0)
		rep->pid = f->pid;
	return rep;
}

/* --- values ---------------------------------------------------------------------------------------- */

/* Which thread's stack an address lies in: the mapping that its stack pointer is in. 0: in none. */
static uint32_t stack_of(const struct od_core *core, uint64_t value, const struct od_cfi_machine *machine)
{
	uint64_t start, end;

	if (!od_core_segment(core, value, &start, &end))
		return 0;
	for (uint32_t i = 0; i < od_core_nthreads(core) && i < MAX_THREADS; i++) {
		const struct od_core_thread *t = od_core_thread(core, i);
		const uint64_t sp = t->regs.v[machine->sp];

		if (t->regs.known >> machine->sp & 1 && sp >= start && sp < end)
			return i + 1;
	}
	return 0;
}

/*
 * What a value is: code or data of a file, a stack, or at least memory of the process. Plugins ask it too, whose
 * processes may open nothing: so only files that were found before count.
 */
static bool describe(void *ctx, uint64_t value, struct od_buf *out, enum od_region *region)
{
	struct od_core *core = ctx;
	struct od_buf name = OD_BUF_INIT;
	struct od_cfi_machine machine;
	const unsigned access = od_core_access(core, value);
	uint32_t thread = 0;

	if (!access)
		return false;
	if (od_cfi_machine(od_core_facts(core)->machine, &machine))
		thread = stack_of(core, value, &machine);
	if (region)
		*region = thread ? OD_ADDR_STACK : access & PF_X ? OD_ADDR_TEXT : OD_ADDR_USER;
	if (thread)
		od_buf_printf(out, "the stack of thread %u", thread);
	else if (od_pipeline_core_symbol(core, NULL, value, &name))
		od_buf_printf(out, "%s %s", access & PF_X ? "code," : access & PF_W ? "data," : "read-only data,",
			      od_buf_str(&name));
	else
		od_buf_printf(out, "%smemory of the process", access & PF_W ? "" : "read-only ");
	od_buf_deinit(&name);
	return true;
}

static void describe_registers(struct od_core *core, struct od_report *rep)
{
	struct od_buf buf = OD_BUF_INIT;

	for (uint32_t i = 0; i < rep->nregisters; i++) {
		od_buf_reset(&buf);
		if (describe(core, rep->registers[i].value, &buf, NULL))
			rep->registers[i].note = od_arena_strndup(&rep->arena, buf.data, buf.len);
	}
	od_buf_deinit(&buf);
}

static void tell_file(struct od_input *in, const struct od_core *core)
{
	const struct od_core_facts *f = od_core_facts(core);
	const char *note;

	in->kind = OD_INPUT_CORE;
	in->format = od_arena_printf(&in->arena, "ELF core of a process%s%s%s%s", f->arch ? ", " : "",
				     f->arch ? f->arch : "", f->packed ? ", " : "", f->packed ? f->packed : "");
	for (size_t i = 0; (note = od_core_note(core, i)); i++)
		od_input_note(in, 0, "%s", note);
	if (!f->truncated)
		return;
	in->status = OD_INPUT_CUT;
	if (f->why_cut)
		od_input_note(in, 0, "%s: memory at the end of the core is missing", f->why_cut);
	else
		od_input_note(in, 0, "the core ends before what its headers promise: memory at its end is missing");
}

/* While a compressed core is unpacked. */
static bool go_on(void *ctx, uint64_t done, uint64_t size, uint64_t out)
{
	(void)done;
	(void)size;
	(void)out;
	return !is_late(ctx);
}

void od_pipeline_core(struct pipeline *p, int fd)
{
	struct od_input *in = p->in;
	const struct od_unpack_watch watch = { go_on, p };
	od_autoerror err = od_core_open(fd, &watch, &p->target->core);
	struct od_core *core = p->target->core;
	struct od_report *rep;

	in->kind = OD_INPUT_CORE;
	if (err) {
		in->status = OD_INPUT_UNREADABLE;
		in->error = od_arena_strdup(&in->arena, err->message);
		return;
	}
	tell_file(in, core);
	in->memory = od_core_memory(core);
	in->describe = describe;
	in->describe_ctx = core;
	rep = make_report(p, core);
	describe_registers(core, rep);
	od_pipeline_report(p, rep);
	tell_missing(in, core);
}
