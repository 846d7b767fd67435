/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * s390. Sources: arch/s390/kernel/{dumpstack,traps,dis,nmi}.c, arch/s390/mm/fault.c; 2.6 to 6.17.
 * Frames in parentheses are unreliable.
 */
#include <stdio.h>
#include <string.h>

#include "text/arch.h"

static bool is_s390(const struct od_incident *inc)
{
	return inc->rep->arch && !strcmp(inc->rep->arch, "s390");
}

/* "Krnl PSW : 0704e00180000000 000000000010a2ca (f+0x12/0x34 [mod])", "User PSW : .. .." */
static bool psw(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;
	uint64_t mask, addr;

	if (!od_arch_word(&c, 16, &mask) || !od_cur_char(&c, ' ') || !od_arch_word(&c, 16, &addr))
		return false;
	od_arch_is(inc, "s390");
	if (*rec->text == 'U') {
		inc->user_registers = true;
		return true;
	}
	od_arch_register(inc, rec, "psw_mask", mask);
	od_arch_register(inc, rec, "psw_addr", addr);
	if (!od_cur_lit(&c, " (") || !od_frame_location(inc->rep, &c, &frame))
		frame = (struct od_frame){ 0 };
	frame.addr = addr;
	od_arch_pc(inc, rec, &frame, false);
	return true;
}

/* "R:0 T:1 IO:0 EX:0 Key:0 M:1 W:0 P:0 AS:3 CC:1 PM:0 RI:0 EA:3": the mask, bit by bit */
static bool psw_bits(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	return is_s390(inc) && od_cur_dec(&c, &v) && od_cur_lit(&c, " T:");
}

/* Four registers; those that follow stand on lines without a name. */
static bool four_words(struct od_incident *inc, const struct od_record *rec, struct od_cursor c,
		       unsigned first)
{
	struct od_cursor t = c;
	uint64_t v[4];
	char name[8];

	for (unsigned i = 0; i < 4; i++) {
		od_cur_blanks(&t);
		if (!od_arch_word(&t, 16, &v[i]))
			return false;
	}
	od_cur_blanks(&t);
	if (!od_cur_end(&t))
		return false;
	for (unsigned i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "r%u", first + i);
		od_arch_register(inc, rec, name, v[i]);
	}
	return true;
}

static bool gprs(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	return is_s390(inc) && four_words(inc, rec, c, 0);
}

/* "000000000010a2c4: e3108f300024        stg     %r1,3888(%r8)", '>' before it: the pc; '#': before */
static bool disassembly(struct od_incident *inc, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const bool pc = od_cur_char(&c, '>');
	uint64_t addr, v;
	unsigned digits;

	if (!pc)
		od_cur_char(&c, '#');
	if (!od_arch_word(&c, 16, &addr) || !od_cur_lit(&c, ": "))
		return false;
	if (!od_cur_hex(&c, &v, &digits) || (digits != 4 && digits != 8 && digits != 12) ||
	    (!od_cur_end(&c) && !od_is_blank(*c.p)))
		return false;
	if (inc->user_registers)
		return true;
	if (pc)
		rep->code_trap = (int32_t)rep->ncode;
	for (unsigned i = digits / 2; i-- > 0;)
		if (!od_arch_code_byte(rep, (uint8_t)(v >> 8 * i)))
			break;
	return true;
}

/* "Krnl Code: 000000000010a2b4: e3108f300024\tstg\t%r1,3888(%r8)", "Krnl Code: Bad PSW." */
static bool code(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	if (od_cur_lit(&c, " Bad PSW."))
		return true;
	od_cur_blanks(&c);
	if (inc->rep->ncode)
		return true;
	if (od_cur_left(&c) > 6 && od_is_hex(c.p[0]) && od_is_hex(c.p[1]) && c.p[2] == ' ') {
		/* 2.6.2x: plain bytes. */
		uint64_t v;
		unsigned digits;

		while (od_cur_blanks(&c), od_cur_hex(&c, &v, &digits) && digits == 2)
			if (!od_arch_code_byte(inc->rep, (uint8_t)v))
				break;
		return true;
	}
	return disassembly(inc, c);
}

/* "Failing address: 0000000000000000 TEID: 0000000000000483", with "ESOP-2 FSI" since 6.9 */
static bool failing_address(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	uint64_t addr, teid;

	(void)rec;
	if (!od_arch_word(&c, 16, &addr))
		return false;
	od_arch_is(inc, "s390");
	od_arch_fault_address(rep, addr);
	if (!od_cur_lit(&c, " TEID: ") || !od_arch_word(&c, 16, &teid))
		return true;
	od_arch_error_code(rep, teid);
	/* Store or fetch indication, where the machine has it. */
	if ((teid & 0xc00) == 0x400)
		od_arch_access(rep, "write");
	else if ((teid & 0xc00) == 0x800)
		od_arch_access(rep, "read");
	return true;
}

static bool fault_in(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_arch_is_fault(inc->rep) && od_find(c.p, od_cur_left(&c), " mode while using ");
}

/* "AS:0000000001e14007 R3:000000000000000b ..": page tables */
static bool tables(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	return od_arch_is_fault(inc->rep) && od_arch_word(&c, 16, &v);
}

/* One line follows that is no frame of the stack. */
static bool last_breaking(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	od_section_open(inc, "last breaking event", true);
	return true;
}

static bool held(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	return is_s390(inc);
}

/* --- headers of die(): "Oops: 0004 ilc:2 [#1] SMP", "illegal operation: 0001 ilc:1 [#1] PREEMPT SMP" - */

static bool check_die(const struct od_record *rec, struct od_cursor c)
{
	const char *p = c.p - 5; /* before " ilc:" */
	uint64_t n;
	int digits = 0;

	while (p > rec->text && od_is_hex(p[-1]) && digits < 5)
		p--, digits++;
	return digits == 4 && p - rec->text > 2 && p[-1] == ' ' && p[-2] == ':' &&
	       od_cur_dec(&c, &n) && od_cur_lit(&c, " [#") && od_cur_dec(&c, &n) && od_cur_char(&c, ']');
}

static void die(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_cursor t = od_cursor_init(rec->text, rec->len);
	struct od_cursor number = { c.p - 9, c.p - 5 };
	uint64_t n, code = 0;

	od_arch_is(inc, "s390");
	if (od_cur_past(&c, " [#") && od_cur_dec(&c, &n))
		od_detail_num(rep, "oops_count", n);
	od_cur_hex(&number, &code, NULL);
	if (!inc->named || rep->kind == OD_KIND_NONE) {
		od_subject(inc, rec);
		if (od_cur_lit(&t, "Oops: ")) {
			rep->kind = OD_KIND_PAGE_FAULT;
		} else {
			rep->kind = OD_KIND_TRAP;
			rep->subkind = od_kebab(rep, t.p, od_cur_left(&t), ":");
		}
	}
	if (od_arch_is_fault(rep) || rep->kind == OD_KIND_TRAP) {
		od_detail_addr(rep, "interruption_code", code);
		if (rep->kind == OD_KIND_TRAP)
			od_arch_error_code(rep, code);
	}
}

/* "Kernel stack overflow." and nothing else. */
static bool check_overflow(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_cur_end(&c);
}

const struct od_trigger od_s390_triggers[] = {
	{ " ilc:", OD_ROLE_DIE, OD_ANYWHERE, OD_KIND_OTHER, NULL, check_die, die },
	{ "Kernel stack overflow.", OD_ROLE_DETECT, 0, OD_KIND_STACK_GUARD, NULL, check_overflow, od_parse_subject },
	{ "mcck: Terminating task because of machine malfunction", OD_ROLE_DETECT, 0, OD_KIND_MACHINE_CHECK, NULL, NULL, od_parse_subject },
	{ 0 },
};

const struct od_rule od_s390_rules[] = {
	{ "Krnl PSW : ", psw },	{ "User PSW : ", psw },	   { "R:", psw_bits },
	{ "Krnl GPRS: ", gprs }, { "User GPRS: ", gprs },  { "Krnl Code:", code },
	{ "User Code:", code },	{ "Failing address: ", failing_address },
	{ "Fault in ", fault_in }, { "AS:", tables },
	{ "Last Breaking-Event-Address:", last_breaking },
	{ "INFO: lockdep is turned off.", held },
	{ NULL, NULL },
};

/* --- frames: "[<000000000010a2ca>] f+0x1/0x2", "([<000000000010a2ca>] f+0x1/0x2)" ------------------ */

bool od_s390_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_frame frame;
	struct od_cursor t = c;

	if (inc->section && !strcmp(inc->section, "last breaking event")) {
		od_section_close(inc);
		if (!od_frame_location(rep, &t, &frame))
			return false;
		if (frame.symbol && od_cur_lit(&c, "[<") && od_cur_past(&c, ">] "))
			od_detail_str(rep, "last_breaking_event", c.p, od_cur_left(&c));
		else if (frame.addr)
			od_detail_addr(rep, "last_breaking_event", frame.addr);
		return true;
	}
	if (is_s390(inc)) {
		static const unsigned firsts[] = { 4, 8, 12 };

		for (size_t i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
			char name[8];

			snprintf(name, sizeof(name), "r%u", firsts[i]);
			if (od_report_register(rep, "r0") && !od_report_register(rep, name) &&
			    four_words(inc, rec, c, firsts[i]))
				return true;
		}
		if (disassembly(inc, c))
			return true;
	}
	if (!od_cur_lit(&t, "([<"))
		return false;
	t = (struct od_cursor){ c.p + 1, c.end };
	if (!od_frame_location(rep, &t, &frame) || !od_cur_char(&t, ')') || !od_cur_end(&t))
		return false;
	frame.flags |= OD_FRAME_UNRELIABLE;
	od_stack_push(inc, rec, &frame);
	return true;
}
