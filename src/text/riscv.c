/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * riscv. Sources: arch/riscv/kernel/{process,traps,stacktrace}.c, arch/riscv/mm/fault.c; 4.15 to
 * 6.17. After the registers of a crash the frames come without "Call Trace:".
 */
#include <string.h>

#include "text/arch.h"

static const char *register_name(const char *s, size_t len, char buf[16])
{
	static const char *const names[] = {
		"epc", "ra", "sp", "gp", "tp", "s10", "s11", "status", "badaddr", "cause", "orig_a0",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == len && !memcmp(names[i], s, len))
			return names[i];
	if (len != 2 || !strchr("ats", *s) || s[1] < '0' || s[1] > (*s == 's' ? '9' : '7') ||
	    (*s == 't' && s[1] > '6'))
		return NULL;
	memcpy(buf, s, 2);
	buf[2] = '\0';
	return buf;
}

static const struct od_arch_registers how = { "riscv", register_name, 0, true };

static bool is_riscv(const struct od_incident *inc)
{
	return !inc->rep->arch || !strcmp(inc->rep->arch, "riscv");
}

static bool registers(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	c = od_cursor_init(rec->text, rec->len);
	return is_riscv(inc) && od_arch_register_pairs(inc, rec, c, &how) > 0;
}

/* "epc : f+0x1/0x2 [mod]", then "epc : ffffffff80123456 ra : ffffffff8012344e sp : ff2000000051bd30" */
static bool epc(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;
	struct od_cursor t = c;
	uint64_t v;

	if (!is_riscv(inc))
		return false;
	if (od_arch_word(&t, 0, &v)) {
		if (!od_cur_lit(&t, " ra ") || !registers(inc, rec, c))
			return false;
		frame = (struct od_frame){ .addr = v };
		/* Of user space only the numbers are printed. */
		if (!od_incident_has_pc(inc) && (v >> 31 & 1) == 0 && v >> 63 == 0 && v >= 4096) {
			inc->user_registers = true;
			return true;
		}
	} else if (!od_frame_location(inc->rep, &t, &frame) || !od_cur_end(&t)) {
		return false;
	}
	od_arch_is(inc, "riscv");
	od_arch_pc(inc, rec, &frame, false);
	return true;
}

static bool ra(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	return is_riscv(inc) && od_arch_link_register(inc, rec, c);
}

/* "status: 0000000200000120 badaddr: 0000000000000010 cause: 000000000000000d" */
static bool status(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	static const char *const access[16] = { [1] = "fetch", [5] = "read", [7] = "write",
						[12] = "fetch", [13] = "read", [15] = "write" };
	struct od_report *rep = inc->rep;
	const struct od_register *cause, *bad;

	if (!registers(inc, rec, c))
		return false;
	cause = od_report_register(rep, "cause");
	bad = od_report_register(rep, "badaddr");
	if (!cause || inc->user_registers || inc->aside)
		return true;
	if (od_arch_is_fault(rep) || rep->kind == OD_KIND_ALIGNMENT || rep->kind == OD_KIND_TRAP ||
	    rep->kind == OD_KIND_STACK_GUARD)
		od_arch_error_code(rep, cause->value);
	if (rep->has_error_code && rep->error_code == cause->value && cause->value < 16 &&
	    access[cause->value]) {
		od_arch_access(rep, access[cause->value]);
		if (bad)
			od_arch_fault_address(rep, bad->value);
	}
	return true;
}

/* "Code: 0000 8082 (0023) 00a5": parcels of 2 bytes, little-endian */
static bool code(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	if (!inc->rep->arch || strcmp(inc->rep->arch, "riscv") != 0)
		return false;
	if (inc->rep->ncode || inc->user_registers)
		return true;
	if (!od_arch_code_words(inc, c, OD_ARCH_LITTLE))
		return false;
	od_stack_close(inc);
	return true;
}

static bool page_table(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_arch_is_fault(inc->rep) && od_find(c.p, od_cur_left(&c), " pgtable: ");
}

const struct od_rule od_riscv_rules[] = {
	{ "epc : ", epc },	{ "ra : ", ra },	{ "gp : ", registers },
	{ "t1 : ", registers }, { "s1 : ", registers }, { "a2 : ", registers },
	{ "a5 : ", registers }, { "s2 : ", registers }, { "s5 : ", registers },
	{ "s8 : ", registers }, { "s11: ", registers }, { "t5 : ", registers },
	{ "status: ", status }, { "Code: ", code },	{ "Current ", page_table },
	{ NULL, NULL },
};
