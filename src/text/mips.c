/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mips, and what loongarch took over of it up to 6.4. Sources: arch/mips/kernel/traps.c,
 * arch/mips/mm/fault.c, arch/loongarch/kernel/traps.c; 2.6 to 6.17.
 */
#include <stdio.h>
#include <string.h>

#include "text/arch.h"

/* "$ 4   : 00000000 80430000 8fc2be48 00000001", also "$28   : 8fc2a000 8fc2bd90          801234"; */
static bool general(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t first, v;
	unsigned n = 0;

	od_cur_blanks(&c);
	if (!od_cur_dec(&c, &first) || first > 28 || first % 4)
		return false;
	od_cur_blanks(&c);
	if (!od_cur_char(&c, ':'))
		return false;
	for (; n < 4; n++) { /* mips leaves $26 and $27 out */
		char name[8];

		od_cur_blanks(&c);
		if (!od_arch_word(&c, 0, &v))
			break;
		snprintf(name, sizeof(name), "r%u", (unsigned)first + n);
		od_arch_register(inc, rec, name, v);
	}
	return n > 0;
}

/* "epc   : 80123456 f+0x1/0x2 [mod]", "era   : .." */
static bool located(struct od_incident *inc, const struct od_record *rec, struct od_cursor c,
		    const char *arch, const char *name)
{
	struct od_frame frame;
	uint64_t v;

	od_cur_blanks(&c);
	if (!od_cur_lit(&c, ": ") || !od_arch_word(&c, 0, &v))
		return false;
	if (arch)
		od_arch_is(inc, arch);
	od_arch_register(inc, rec, name, v);
	od_cur_blanks(&c);
	if (!arch)
		return od_cur_end(&c) || od_arch_link_register(inc, rec, c) || od_arch_word(&c, 0, &v);
	if (!od_frame_location(inc->rep, &c, &frame))
		frame = (struct od_frame){ 0 };
	frame.addr = v;
	od_arch_pc(inc, rec, &frame, false);
	return true;
}

static bool epc(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	return located(inc, rec, c, "mips", "epc");
}

static bool era(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	return located(inc, rec, c, "loongarch", "era");
}

static bool ra(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	return located(inc, rec, c, NULL, "ra");
}

static const struct od_arch_name others[] = {
	{ "Hi", "hi" },	      { "Lo", "lo" },	    { "Acx", "acx" }, { "Status", "status" },
	{ "Cause", "cause" }, { "BadVA", "badva" }, { "PrId", "prid" },
};

static const char *other_name(const char *s, size_t len, char buf[16])
{
	(void)buf;
	return od_arch_name(others, sizeof(others) / sizeof(*others), s, len);
}

/* "Cause : 00800008 (ExcCode 02)", "BadVA : 00000010", "Status: 1100fc03    KERNEL EXL IE" */
static bool other(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	static const char *const access[8] = { [1] = "write", [3] = "write" };
	const char *arch = inc->rep->arch ? inc->rep->arch : "mips";
	const struct od_arch_registers how = { arch, other_name, 0, true };
	struct od_report *rep = inc->rep;
	const struct od_register *cause;

	c = od_cursor_init(rec->text, rec->len);
	if (!od_arch_register_pairs(inc, rec, c, &how))
		return false;
	cause = od_report_register(rep, "cause");
	if (*rec->text == 'C' && cause &&
	    (od_arch_is_fault(rep) || rep->kind == OD_KIND_TRAP || rep->kind == OD_KIND_ALIGNMENT)) {
		const struct od_register *epc = od_report_register(rep, "epc");
		const uint64_t code = cause->value >> 2 & 0x1f;

		od_arch_error_code(rep, code);
		/* TLB load: of the instruction itself, if that is where the address is. */
		if (od_arch_is_fault(rep) && code < 8 && access[code])
			od_arch_access(rep, access[code]);
		else if (od_arch_is_fault(rep) && code == 2)
			od_arch_access(rep, epc && rep->has_fault_address &&
				       epc->value == rep->fault_address ? "fetch" : "read");
	}
	if (*rec->text == 'B' && !rep->has_fault_address && rep->kind == OD_KIND_ALIGNMENT) {
		const struct od_register *bad = od_report_register(rep, "badva");

		if (bad)
			od_arch_fault_address(rep, bad->value);
	}
	return true;
}

/* "CSR crmd: 000000b0	CSR prmd: ..", "ExcCode : 1 (SubCode 0)" of loongarch up to 6.4 */
static bool csr(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	static const char *const names[] = { "crmd", "prmd", "euen", "ecfg", "estat" };
	unsigned n = 0;

	c = od_cursor_init(rec->text, rec->len);
	for (;;) {
		uint64_t v;
		size_t i;

		od_cur_blanks(&c);
		if (!od_cur_lit(&c, "CSR "))
			break;
		for (i = 0; i < sizeof(names) / sizeof(*names) && !od_cur_lit(&c, names[i]); i++)
			;
		if (i == sizeof(names) / sizeof(*names) || !od_cur_lit(&c, ": ") ||
		    !od_arch_word(&c, 0, &v))
			break;
		od_arch_is(inc, "loongarch");
		od_arch_register(inc, rec, names[i], v);
		n++;
	}
	return n > 0;
}

static bool exccode(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t code;

	(void)rec;
	if (!od_cur_hex(&c, &code, NULL) || !od_cur_lit(&c, " (SubCode "))
		return false;
	od_arch_loongarch_code(inc->rep, code);
	return true;
}

/* "Code: 00000000 <8c820010> 00000000": as printed, the byte order is not known. */
static bool code(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *arch = inc->rep->arch;

	(void)rec;
	if (!arch || (strcmp(arch, "mips") != 0 && strcmp(arch, "loongarch") != 0))
		return false;
	if (inc->rep->ncode || inc->user_registers)
		return true;
	if (!od_arch_code_words(inc, c, *arch == 'm' ? OD_ARCH_AS_PRINTED : OD_ARCH_LITTLE))
		return false;
	od_stack_close(inc);
	return true;
}

/* "Data bus error, epc == 80123456, ra == 80123460": told only if die() follows. */
static bool check_bus(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_cur_lit(&c, ", epc == ");
}

const struct od_trigger od_mips_triggers[] = {
	{ "Data bus error", OD_ROLE_WEAK, 0, OD_KIND_TRAP, "data-bus-error", check_bus, od_parse_subject },
	{ "Instruction bus error", OD_ROLE_WEAK, 0, OD_KIND_TRAP, "instruction-bus-error", check_bus, od_parse_subject },
	{ 0 },
};

const struct od_rule od_mips_rules[] = {
	{ "$", general },	{ "epc ", epc },	{ "era ", era },
	{ "ra ", ra },	{ "Hi    : ", other },	{ "Lo    : ", other },
	{ "Acx    : ", other }, { "Status: ", other },	{ "Cause : ", other },
	{ "BadVA : ", other },	{ "PrId  : ", other },	{ "CSR ", csr },
	{ "ExcCode : ", exccode }, { "Code: ", code },	{ "Code:\t", code },
	{ "*HwTLS: ", od_rule_accept },
	{ NULL, NULL },
};
