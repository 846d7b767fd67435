/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Registers, pc and code bytes of x86-64. Sources: arch/x86/kernel/process_64.c (__show_regs),
 * dumpstack.c (show_iret_regs, show_opcodes), 3.10 to 6.12; the doubled address of the pc is 4.8 and
 * older.
 */
#include <string.h>

#include "text/arch.h"
#include "text/families.h"

static const struct od_arch_name names[] = {
	{ "RSP", "rsp" }, { "EFLAGS", "eflags" }, { "RAX", "rax" }, { "RBX", "rbx" },
	{ "RCX", "rcx" }, { "RDX", "rdx" },	  { "RSI", "rsi" }, { "RDI", "rdi" },
	{ "RBP", "rbp" }, { "R08", "r8" },	  { "R09", "r9" },  { "R10", "r10" },
	{ "R8", "r8" },	  { "R9", "r9" }, /* as crash(8) has them */
	{ "R11", "r11" }, { "R12", "r12" },	  { "R13", "r13" }, { "R14", "r14" },
	{ "R15", "r15" }, { "FS", "fs_base" },	  { "GS", "gs_base" }, { "knlGS", "kernel_gs_base" },
	{ "CS", "cs" },	  { "DS", "ds" },	  { "ES", "es" },   { "CR0", "cr0" },
	{ "CR2", "cr2" }, { "CR3", "cr3" },	  { "CR4", "cr4" }, { "DR0", "dr0" },
	{ "DR1", "dr1" }, { "DR2", "dr2" },	  { "DR3", "dr3" }, { "DR6", "dr6" },
	{ "DR7", "dr7" }, { "PKRU", "pkru" },	  { "ORIG_RAX", "orig_rax" },
};

static const char *register_name(const char *s, size_t len)
{
	return od_arch_name(names, sizeof(names) / sizeof(*names), s, len);
}

/* "NAME: value" pairs to the end of the record; seg:value and value(seg) are understood. */
static bool registers(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	bool any = false;

	c = od_cursor_init(rec->text, rec->len);
	for (;;) {
		const char *s, *name;
		uint64_t value, second;

		od_cur_blanks(&c);
		s = c.p;
		while (od_is_alnum(od_cur_peek(&c)) || od_cur_peek(&c) == '_')
			c.p++;
		name = register_name(s, (size_t)(c.p - s));
		if (!name || !od_cur_char(&c, ':'))
			break;
		od_cur_blanks(&c);
		if (!od_cur_hex(&c, &value, NULL))
			break;
		if (od_cur_char(&c, ':')) {
			if (!od_cur_hex(&c, &second, NULL))
				break;
			value = second;
		}
		if (od_cur_char(&c, '(') && (!od_cur_hex(&c, &second, NULL) || !od_cur_char(&c, ')')))
			break;
		any = true;
		if (!inc->user_registers && !od_report_register(inc->rep, name))
			od_report_add_register(inc->rep, name, strlen(name), value, rec->lineno);
	}
	if (any && !inc->rep->arch)
		inc->rep->arch = "x86_64";
	return any;
}

/* Of a CPU that is stuck the interrupted pc, inside of the trace, is what matters. */
static bool pc_is_in_trace(const struct od_incident *inc)
{
	return !inc->aside && !od_incident_has_pc(inc) && od_is_stall(inc);
}

/* "RIP: 0010:[<addr>]  [<addr>] sym+..", "RIP: 0010:sym+..", "RIP: 0033:0x7f..", "RIP  [<..>] sym" */
static bool rip(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_frame frame;
	uint64_t seg = 0x10;
	unsigned digits;
	struct od_cursor t;

	od_cur_blanks(&c);
	t = c;
	if (od_cur_hex(&t, &seg, &digits) && digits == 4 && od_cur_char(&t, ':'))
		c = t;
	else
		seg = 0x10;
	od_cur_blanks(&c);
	if (!od_frame_location(rep, &c, &frame)) {
		uint64_t bad;

		if (!od_cur_hex(&c, &bad, NULL))
			return false;
		frame = (struct od_frame){ .addr = bad };
	}
	rep->arch = "x86_64";
	if (seg == 0x33 || seg == 0x23) {
		/* Where user space entered the kernel: never guilty, and its registers are not ours. */
		inc->user_registers = true;
		if (!inc->trace_seen && !inc->aside && !od_incident_has_pc(inc))
			od_detail_addr(rep, "user_ip", frame.addr);
		od_stack_close(inc);
		return true;
	}
	if (inc->stack >= 0 && (inc->aside ? od_incident_has_pc(inc) : inc->trace_seen) &&
	    !pc_is_in_trace(inc)) {
		/* The code that an interrupt or exception inside the trace hit: a frame of it. */
		if (frame.symbol || frame.addr)
			od_stack_push(inc, rec, &frame);
		inc->user_registers = true; /* its registers are not those of the crash */
		return true;
	}
	if (!inc->aside || !inc->user_registers) {
		/* A stalled CPU: the trace so far is the interrupt's that found it. */
		if (inc->stack >= 0 && pc_is_in_trace(inc))
			od_stack_close(inc);
		if (frame.addr && !od_report_register(rep, "rip") && !inc->user_registers)
			od_report_add_register(rep, "rip", 3, frame.addr, rec->lineno);
	}
	od_incident_set_pc(inc, rec, &frame, rec->text[3] != ':' || inc->tail);
	return true;
}

/* "Code: 49 8b <0f> 0b": the marked byte is where the pc stands. */
static bool code(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	uint8_t bytes[OD_MAX_CODE];
	int32_t trap = -1;
	uint32_t n = 0;

	(void)rec;
	if (rep->ncode || inc->user_registers)
		return true;
	for (;;) {
		uint64_t v;
		unsigned digits;
		bool mark;

		od_cur_blanks(&c);
		mark = od_cur_char(&c, '<');
		if (!od_cur_hex(&c, &v, &digits) || digits != 2)
			break;
		if (n == OD_MAX_CODE) {
			od_report_note(rep, rec->lineno, "more than %u code bytes", OD_MAX_CODE);
			break;
		}
		if (mark) {
			trap = (int32_t)n;
			od_cur_char(&c, '>');
		}
		bytes[n++] = (uint8_t)v;
	}
	if (!n) {
		/* "Code:  Bad RIP value.", "Code: Unable to access opcode bytes at RIP 0x..": as said. */
		return od_cur_left(&c) > 0;
	}
	rep->code = od_arena_alloc(&rep->arena, n);
	memcpy(rep->code, bytes, n);
	rep->ncode = n;
	rep->code_trap = trap;
	od_stack_close(inc);
	return true;
}

/* "IP: [<addr>] sym+.." and "IP: sym+..": 5.1 and older, before the registers. */
static bool ip(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;

	od_cur_blanks(&c);
	if (!od_frame_location(inc->rep, &c, &frame))
		return od_find(c.p, od_cur_left(&c), "null") != NULL;
	if (!inc->trace_seen && !inc->aside)
		od_incident_set_pc(inc, rec, &frame, false);
	return true;
}

/* "#PF: supervisor read access in kernel mode", "#PF: error_code(0x0000) - not-present page" */
static bool pf(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;

	(void)rec;
	od_cur_blanks(&c);
	if (od_cur_lit(&c, "error_code(")) {
		if (od_cur_0x(&c, &rep->error_code))
			rep->has_error_code = true;
		if (od_cur_past(&c, "- "))
			od_report_detail_str(rep, "fault_reason", c.p, od_cur_left(&c));
		return true;
	}
	if (od_find(c.p, od_cur_left(&c), "read access"))
		rep->fault_access = "read";
	else if (od_find(c.p, od_cur_left(&c), "write access"))
		rep->fault_access = "write";
	else if (od_find(c.p, od_cur_left(&c), "instruction fetch"))
		rep->fault_access = "fetch";
	return true;
}

/* "CR2: 0000000000000008" is a register, and of a page fault the address. */
static bool cr2(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const struct od_register *reg;
	uint64_t v;

	if (!registers(inc, rec, c))
		return false;
	/* Alone on its line it is the address of a page fault: the head may be lost. */
	if (rec->len == strlen("CR2: ") + 16 && od_cur_hex(&c, &v, NULL) && !rep->has_fault_address &&
	    (rep->kind == OD_KIND_NONE || rep->kind == OD_KIND_PAGE_FAULT)) {
		rep->kind = v < 4096 ? OD_KIND_NULL_DEREF : OD_KIND_PAGE_FAULT;
		rep->fault_address = v;
		rep->has_fault_address = true;
	}
	reg = od_report_register(rep, "cr2");
	if (reg && !rep->has_fault_address &&
	    (rep->kind == OD_KIND_PAGE_FAULT || rep->kind == OD_KIND_NULL_DEREF ||
	     rep->kind == OD_KIND_DOUBLE_FAULT)) {
		rep->fault_address = reg->value;
		rep->has_fault_address = true;
	}
	return true;
}

const struct od_rule od_x86_rules[] = {
	{ "RIP: ", rip },	{ "RIP  ", rip },	{ "RIP [<", od_rule_accept },
	{ "RSP: ", registers }, { "RSP <", od_rule_accept },	{ "RAX: ", registers },
	{ "RDX: ", registers }, { "RBP: ", registers }, { "R10: ", registers },
	{ "R13: ", registers }, { "FS: ", registers },	{ "CS: ", registers },
	{ "CR2: ", cr2 },	{ "DR0: ", registers }, { "DR3: ", registers },
	{ "PKRU: ", registers }, { "ORIG_RAX: ", registers }, { "Code: ", code },
	{ "IP: ", ip },		{ "#PF: ", pf },	{ "PGD ", od_rule_accept },
	{ NULL, NULL },
};
