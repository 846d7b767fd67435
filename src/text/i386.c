/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * i386. Sources: arch/x86/kernel/process_32.c (__show_regs), dumpstack{,_32}.c, arch/x86/mm/fault.c
 * (show_fault_oops, dump_pagetable), arch/i386/kernel/traps.c; 2.6.9 to 6.17. The causes and headers
 * are those of x86-64 (oops.c).
 */
#include <string.h>

#include "text/arch.h"

static const char *register_name(const char *s, size_t len, char buf[16])
{
	static const char *const names[] = { "eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp",
					     "ds", "es", "fs", "gs", "ss", "eflags", "cr0", "cr2", "cr3",
					     "cr4", "dr0", "dr1", "dr2", "dr3", "dr6", "dr7" };

	if (len < 2 || len > 6)
		return NULL;
	for (size_t i = 0; i < len; i++)
		buf[i] = (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] | 0x20 : s[i]);
	buf[len] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], buf))
			return names[i];
	return NULL;
}

/* Segments have 4 digits, everything else 8: "DS: 007b ES: 007b EFLAGS: 00010246" */
static bool registers(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	unsigned n = 0;

	c = od_cursor_init(rec->text, rec->len);
	for (;; n++) {
		const char *s, *name;
		char buf[16];
		uint64_t v;

		od_cur_blanks(&c);
		s = c.p;
		while (od_is_alnum(od_cur_peek(&c)))
			c.p++;
		name = register_name(s, (size_t)(c.p - s), buf);
		if (!name || !od_cur_char(&c, ':'))
			break;
		od_cur_blanks(&c);
		if (!od_arch_word(&c, strlen(name) == 2 ? 4 : 8, &v))
			break;
		od_arch_register(inc, rec, name, v);
	}
	if (n)
		od_arch_is(inc, "i386");
	return n > 0;
}

/* Error code of a page fault: bit 1 write, bit 4 fetch. */
static void access_of(struct od_report *rep)
{
	if (od_arch_is_fault(rep) && rep->has_error_code)
		od_arch_access(rep, rep->error_code & 16 ? "fetch" : rep->error_code & 2 ? "write" : "read");
}

static bool user_eip(struct od_incident *inc, uint64_t addr)
{
	inc->user_registers = true;
	if (!inc->trace_seen && !inc->aside && !od_incident_has_pc(inc))
		od_detail_addr(inc->rep, "user_ip", addr);
	od_stack_close(inc);
	return true;
}

/*
 * "EIP: f+0x1/0x2 [mod]" since 4.9, "EIP: 0060:[<c0123456>] EFLAGS: 00010246 CPU: 0" before it,
 * "EIP: [<c0123456>] f+0x1/0x2 SS:ESP 0068:c0a01f08" after the trace of these, "EIP: 0xb7f2a549",
 * "EIP:    0060:[<c0145ab3>]    Not tainted VLI" up to 2.6.24.
 */
static bool eip(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_cursor t;
	struct od_frame frame;
	uint64_t segment = 0x60, v;
	unsigned digits;
	bool late;

	od_cur_blanks(&c);
	t = c;
	if (od_cur_hex(&t, &segment, &digits) && digits == 4 && od_cur_char(&t, ':'))
		c = t;
	else
		segment = 0x60;
	if (!od_frame_location(rep, &c, &frame))
		return false;
	od_arch_is(inc, "i386");
	late = od_cur_past(&c, "SS:ESP");
	if ((segment & 3) == 3)
		return user_eip(inc, frame.addr);
	if (!frame.symbol && !late && inc->trace_seen && inc->stack >= 0)
		return user_eip(inc, frame.addr);
	if (late) {
		od_cur_char(&c, ':');
		od_cur_blanks(&c);
		if (!inc->user_registers && od_cur_hex(&c, &v, &digits) && od_cur_char(&c, ':') &&
		    od_cur_hex(&c, &v, &digits))
			od_arch_register(inc, rec, "esp", v);
	}
	if (od_cur_past(&c, "EFLAGS: ") && od_arch_word(&c, 8, &v)) {
		od_arch_register(inc, rec, "eflags", v);
		if (rep->cpu < 0 && od_past_dec(&c, "CPU: ", &v) && v <= INT32_MAX)
			rep->cpu = (int32_t)v;
	}
	if (frame.addr)
		od_arch_register(inc, rec, "eip", frame.addr);
	access_of(rep);
	od_arch_pc(inc, rec, &frame, late);
	return true;
}

/* "EIP is at f+0x1/0x2 [mod]" */
static bool eip_is_at(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;

	od_cur_blanks(&c);
	if (!od_frame_location(inc->rep, &c, &frame))
		return false;
	od_arch_is(inc, "i386");
	access_of(inc->rep);
	od_arch_pc(inc, rec, &frame, false);
	return true;
}

/* "EFLAGS: 00010246 CPU: 0", "EFLAGS: 00010246   (2.6.18-6-686 #1)" */
static bool eflags(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	uint64_t v;

	if (!od_arch_word(&c, 8, &v))
		return false;
	od_arch_is(inc, "i386");
	od_arch_register(inc, rec, "eflags", v);
	if (rep->cpu < 0 && od_past_dec(&c, "CPU: ", &v) && v <= INT32_MAX)
		rep->cpu = (int32_t)v;
	od_cur_blanks(&c);
	if (od_cur_char(&c, '(') && od_is_digit(od_cur_peek(&c)) && !rep->release) {
		const char *s = c.p;

		while (!od_cur_end(&c) && !od_is_blank(*c.p) && *c.p != ')')
			c.p++;
		rep->release = od_arena_strndup(&rep->arena, s, (size_t)(c.p - s));
	}
	return true;
}

/* "*pde = 00000000", "*pdpt = 0000000000000000 *pde = 0000000000000000" */
static bool page_table(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	return od_arch_is_fault(inc->rep) && od_arch_word(&c, 0, &v);
}

const struct od_rule od_i386_rules[] = {
	{ "EIP: ", eip },	{ "EIP is at", eip_is_at }, { "EFLAGS: ", eflags },
	{ "EAX: ", registers }, { "eax: ", registers },	    { "ESI: ", registers },
	{ "esi: ", registers }, { "DS: ", registers },	    { "ds: ", registers },
	{ "CR0: ", registers }, { "DR6: ", registers },	    { "*pde = ", page_table },
	{ "*pdpt = ", page_table }, { "printing eip:", od_rule_accept },
	{ NULL, NULL },
};
