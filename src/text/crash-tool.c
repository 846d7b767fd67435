/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What crash(8) prints of a dump, pasted: the head that it starts with and that "sys" repeats, and
 * backtraces. "bt" of the task that brought the machine down is a crash; any other task's is not, so the
 * frames say whether there is one. Formats: crash 4 to 9, kernel.c (display_sys_stats), task.c
 * (print_task_header), x86_64.c (x86_64_print_stack_entry, x86_64_display_full_frame,
 * x86_64_exception_frame), arm64.c, ppc64.c, s390x.c.
 */
#include <string.h>

#include "text/families.h"

/* What runs in a task that takes the machine down, and in no other. */
static const char *const enders[] = {
	"machine_kexec", "crash_kexec",	 "__crash_kexec",  "xen_machine_kexec", "panic",
	"vpanic",	 "oops_end",	 "die",		   "sysrq_handle_crash", "crash_save_cpu",
	"default_machine_kexec", "machine_kexec_mask_interrupts",
};

static bool is_header(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), "TASK: ") && od_find(c.p, od_cur_left(&c), "COMMAND: \"");
}

/* What stands between two quotes at c. */
static const char *quoted(struct od_incident *inc, struct od_cursor c)
{
	const char *end = c.end;

	if (!od_cur_char(&c, '"'))
		return NULL;
	while (end > c.p && end[-1] != '"')
		end--;
	return end - c.p > 1 && end - c.p <= 64 ? od_arena_strndup(&inc->rep->arena, c.p, (size_t)(end - c.p - 1)) : NULL;
}

/* No frame said yet that this is the task that brought the machine down. */
static bool is_open_question(const struct od_incident *inc)
{
	return inc->info && inc->rep->kind == OD_KIND_NONE;
}

/* PID: 20771  TASK: ffff8d1c4e2b8000  CPU: 5   COMMAND: "kworker/u32:4" */
static void header(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *comm = NULL;
	uint64_t pid, cpu;
	bool own;

	(void)rec;
	if (!od_cur_dec(&c, &pid) || pid > INT32_MAX)
		return;
	if (!od_past_dec(&c, "CPU: ", &cpu) || cpu > INT32_MAX)
		cpu = INT32_MAX;
	if (od_cur_past(&c, "COMMAND: "))
		comm = quoted(inc, c);
	if (inc->weak && !inc->any_trace) { /* "WARNING: active task .. not found in PID hash", by crash */
		inc->weak = false;
		inc->info = true;
		rep->kind = OD_KIND_NONE;
		rep->subject = NULL;
		rep->nchain = 0;
	}
	if (is_open_question(inc)) {
		/* The tasks ahead of this one only stood around. */
		for (uint32_t i = 0; i < rep->nstacks; i++)
			rep->stacks[i].aside = true;
		rep->pid = -1;
		rep->comm = NULL;
		rep->cpu = -1;
		inc->trace_seen = inc->user_registers = false;
	}
	own = (rep->pid < 0 || rep->pid == (int32_t)pid) && !inc->trace_seen && !od_incident_has_pc(inc);
	od_section_open(inc, own ? NULL : od_arena_printf(&rep->arena, "task %s:%u", comm ? comm : "?", (unsigned)pid), !own);
	inc->headed = !own;
	inc->bare = true;
	if (!own) {
		inc->user_registers = true;
		return;
	}
	rep->pid = (int32_t)pid;
	if (rep->cpu < 0 && cpu != INT32_MAX)
		rep->cpu = (int32_t)cpu;
	if (comm)
		rep->comm = comm;
}

static bool pid(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	if (is_header(rec, c)) {
		header(inc, rec, c);
		return true;
	}
	if (!od_cur_dec(&c, &n) || !od_cur_end(&c))
		return false;
	if (inc->rep->pid < 0 && n <= INT32_MAX)
		inc->rep->pid = (int32_t)n;
	return true;
}

static bool command(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *comm = quoted(inc, c);

	(void)rec;
	if (comm && !inc->rep->comm)
		inc->rep->comm = comm;
	return comm;
}

static bool name_char(char ch)
{
	return ch > ' ' && ch < 0x7f && !strchr("+[](){}\"'<>,;", ch);
}

/* "kfree+0x4c", "kfree+316": the offset is decimal unless it says otherwise. */
static bool symbol(struct od_incident *inc, struct od_cursor *c, struct od_frame *f)
{
	const char *s = c->p;
	uint64_t off;

	while (name_char(od_cur_peek(c)))
		c->p++;
	if (c->p == s || c->p - s > OD_MAX_NAME || od_is_digit(*s))
		return false;
	f->symbol = od_arena_strndup(&inc->rep->arena, s, (size_t)(c->p - s));
	if (od_cur_char(c, '+')) {
		if (!od_cur_0x(c, &off) && !od_cur_dec(c, &off))
			return false;
		if (off <= UINT32_MAX) {
			f->offset = (uint32_t)off;
			f->flags |= OD_FRAME_HAS_OFFSET;
		}
	}
	return true;
}

/* crash says no module of the pc; where the next frame is of the same function, it does. */
static void name_module(struct od_stack *stack)
{
	enum { NEAR = 1 << 20 };
	struct od_frame *pc = &stack->frames[0], *next = pc + 1;

	if (stack->nframes != 2 || !(pc->flags & OD_FRAME_PC) || pc->module || !pc->symbol || !pc->addr)
		return;
	if (!strcmp(pc->symbol, next->symbol) &&
	    (pc->addr > next->addr ? pc->addr - next->addr : next->addr - pc->addr) < NEAR)
		pc->module = next->module;
}

/* "arch/x86/kernel/dumpstack.c: 380" of "bt -l": where the frame of the line before stands. */
static bool place(struct od_incident *inc, struct od_cursor c)
{
	struct od_stack *stack = inc->stack >= 0 ? &inc->rep->stacks[inc->stack] : NULL;
	struct od_frame *f = stack && stack->nframes ? &stack->frames[stack->nframes - 1] : NULL;
	const char *s = c.p, *end;
	uint64_t line;

	if (!f || f->file || inc->frame_at + 1 != inc->rep->nrecords || !f->addr)
		return false;
	while (!od_cur_end(&c) && *c.p > ' ' && *c.p < 0x7f && *c.p != ':')
		c.p++;
	end = c.p;
	if (end - s < 3 || end - s > OD_MAX_NAME || !memchr(s, '.', (size_t)(end - s)) || !od_cur_lit(&c, ": ") ||
	    !od_cur_dec(&c, &line) || line > INT32_MAX || !od_cur_end(&c))
		return false;
	f->file = od_arena_strndup(&inc->rep->arena, s, (size_t)(end - s));
	f->line = (uint32_t)line;
	return true;
}

/* "#8 [ffffa5d80e7b7d60] walnut_writeback+0x1a at ffffffffc0b1d0aa [walnut]" */
bool od_crash_tool_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame = { 0 };
	uint64_t n, sp;
	unsigned digits;

	if (place(inc, c))
		return true;
	if (!od_cur_char(&c, '#') || !od_cur_dec(&c, &n) || !od_cur_blanks(&c) || !od_cur_char(&c, '[') ||
	    !od_cur_hex(&c, &sp, &digits) || digits < 6 || !od_cur_char(&c, ']') || !od_cur_blanks(&c) ||
	    !symbol(inc, &c, &frame) || !od_cur_lit(&c, " at ") || !od_cur_hex(&c, &frame.addr, &digits) || digits < 4)
		return false;
	od_frame_module(inc->rep, &c, &frame);
	if (!od_cur_end(&c))
		return false;
	for (size_t i = 0; is_open_question(inc) && i < sizeof(enders) / sizeof(*enders); i++)
		if (!strcmp(frame.symbol, enders[i])) {
			inc->info = false;
			inc->rep->kind = OD_KIND_OTHER;
		}
	if (od_stack_push(inc, rec, &frame))
		name_module(&inc->rep->stacks[inc->stack]);
	return true;
}

/* What ran when the exception came: the trace up to here is how the kernel dealt with it. */
static bool trapped(struct od_incident *inc, const struct od_record *rec, const struct od_frame *frame)
{
	if (inc->aside)
		return true;
	if (od_incident_has_pc(inc)) {
		/* One more, of what an interrupt came into. */
		inc->user_registers = true;
		if (frame->symbol)
			od_stack_push(inc, rec, frame);
		return true;
	}
	if (inc->stack >= 0) {
		inc->rep->stacks[inc->stack].aside = true;
		inc->rep->stacks[inc->stack].name = OD_STACK_EXCEPTION;
	}
	od_incident_set_pc(inc, rec, frame, false);
	return true;
}

/*
 * "[exception RIP: walnut_flush_extent+0x4c]", "[exception RIP: unknown or invalid address]" of a jump to nowhere;
 * with "no symbolic reference" crash took something for an exception that is none.
 */
static bool exception(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame = { 0 };

	if (od_find(c.p, od_cur_left(&c), "no symbolic")) {
		inc->user_registers = true;
		return true;
	}
	if (!symbol(inc, &c, &frame) || !od_cur_char(&c, ']'))
		frame = (struct od_frame){ 0 };
	od_frame_module(inc->rep, &c, &frame);
	return trapped(inc, rec, &frame);
}

/* "PC: ffff800010b1c4dc  [walnut_flush_extent+76]": arm64 */
static bool arm64_pc(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame = { 0 };
	unsigned digits;
	uint64_t addr;

	if (!od_cur_hex(&c, &addr, &digits) || digits != 16 || !od_cur_blanks(&c) || !od_cur_char(&c, '[') ||
	    !symbol(inc, &c, &frame) || !od_cur_char(&c, ']'))
		return false;
	frame.addr = addr;
	inc->rep->arch = "arm64";
	return trapped(inc, rec, &frame);
}

/* "RIP: ffffffffc0b1c4dc  RSP: ffffa5d80e7b7d48  RFLAGS: 00010246": of the exception, or of user space. */
static bool rip(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	static const char *const names[] = { "rip", "rsp", "eflags" };
	struct od_report *rep = inc->rep;
	struct od_frame *pc = NULL;
	uint64_t v[3];

	if (!od_cur_hex(&c, &v[0], NULL) || !od_cur_blanks(&c) || !od_cur_lit(&c, "RSP: ") ||
	    !od_cur_hex(&c, &v[1], NULL) || !od_cur_blanks(&c) || !od_cur_lit(&c, "RFLAGS: ") ||
	    !od_cur_hex(&c, &v[2], NULL))
		return false;
	rep->arch = "x86_64";
	for (uint32_t i = 0; i < rep->nstacks && !inc->aside; i++)
		if (!rep->stacks[i].aside && rep->stacks[i].nframes && rep->stacks[i].frames[0].flags & OD_FRAME_PC)
			pc = &rep->stacks[i].frames[0];
	if (!pc || pc->addr || inc->user_registers || od_report_register(rep, "rip")) {
		inc->user_registers = true;
		return true;
	}
	pc->addr = v[0];
	for (size_t i = 0; i < 3; i++)
		od_report_add_register(rep, names[i], strlen(names[i]), v[i], rec->lineno);
	return true;
}

/* "--- <NMI exception stack> ---": the trace goes on. */
static bool other_stack(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)inc;
	(void)rec;
	return od_find(c.p, od_cur_left(&c), "> ---");
}

const struct od_trigger od_crash_tool_triggers[] = {
	{ "PID: ", OD_ROLE_QUIET, OD_INSIDE | OD_COMMON, OD_KIND_OTHER, NULL, is_header, header },
	{ NULL, 0, 0, 0, NULL, NULL, NULL },
};

const struct od_rule od_crash_tool_rules[] = {
	{ "PID: ", pid },
	{ "COMMAND: ", command },
	{ "TASK: ", od_rule_accept },
	{ "STATE: TASK_", od_rule_accept },
	{ "[exception RIP: ", exception },
	{ "RIP: ", rip },
	{ "PC: ", arm64_pc },
	{ "--- <", other_stack },
	{ NULL, NULL },
};
