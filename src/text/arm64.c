/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arm64. Sources: arch/arm64/mm/fault.c (mem_abort_decode, show_pte), arch/arm64/kernel/traps.c
 * (die, panic_bad_stack, arm64_serror_panic), process.c (__show_regs), entry-common.c; 3.7 to 6.17.
 * "PC is at", "pc : [<..>]" and two registers a line are 4.14 and older.
 */
#include <string.h>

#include "text/arch.h"

static const char *register_name(const char *s, size_t len, char buf[16])
{
	static const char *const names[] = { "pc", "lr", "sp", "pstate", "pmr_save" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == len && !memcmp(names[i], s, len))
			return names[i];
	if ((len != 2 && len != 3) || *s != 'x' || !od_is_digit(s[1]) || (len == 3 && !od_is_digit(s[2])))
		return NULL;
	memcpy(buf, s, len);
	buf[len] = '\0';
	return buf;
}

/* pstate and pmr_save have 8 digits, everything else 16. */
static const struct od_arch_registers how = { "arm64", register_name, 16, true };
static const struct od_arch_registers how_short = { "arm64", register_name, 8, true };

static bool registers(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	c = od_cursor_init(rec->text, rec->len);
	return od_arch_register_pairs(inc, rec, c, &how) > 0;
}

static bool short_registers(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	c = od_cursor_init(rec->text, rec->len);
	return od_arch_register_pairs(inc, rec, c, &how_short) > 0;
}

/* "pc : f+0x1/0x2 [mod]", "pc : 0x0", "pc : [<ffff000008081234>] lr : [<..>] pstate: 60000145" */
static bool pc(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;
	struct od_cursor t = c;
	uint64_t v;

	if (od_cur_lit(&t, "[<")) {
		if (!od_arch_word(&t, 16, &v) || !registers(inc, rec, c))
			return false;
		if (od_cur_past(&t, "pstate: ") && od_arch_word(&t, 8, &v))
			od_arch_register(inc, rec, "pstate", v);
		t = c;
		if (!od_frame_location(inc->rep, &t, &frame))
			return false;
	} else if (od_frame_location(inc->rep, &t, &frame) && od_cur_end(&t)) {
		od_arch_is(inc, "arm64");
		if (!frame.symbol)
			od_arch_register(inc, rec, "pc", frame.addr);
	} else if (od_arch_word(&c, 16, &v)) {
		/* Of user space: "pc : 0000ffff9a1b2c3d". */
		od_detail_addr(inc->rep, "user_ip", v);
		inc->user_registers = true;
		return true;
	} else {
		return false;
	}
	od_arch_syndrome(inc->rep);
	od_arch_pc(inc, rec, &frame, false);
	return true;
}

static bool lr(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	return od_arch_link_register(inc, rec, c) || (inc->rep->arch && registers(inc, rec, c)) ||
	       (inc->user_registers && od_arch_word(&c, 16, &v));
}

/* --- "Mem abort info:" ---------------------------------------------------------------------- */

static bool fault_of(const struct od_incident *inc)
{
	return od_arch_is_fault(inc->rep) || od_kind_is(inc, OD_KIND_ALIGNMENT);
}

/* "ESR = 0x0000000096000004", "ESR: 0x0000000096000047 -- DABT (current EL)" */
static bool esr(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	if ((!od_cur_lit(&c, " = ") && !od_cur_lit(&c, ": ")) || !od_cur_0x(&c, &v))
		return false;
	if (!fault_of(inc) && !od_kind_is(inc, OD_KIND_STACK_GUARD))
		return false;
	od_arch_is(inc, "arm64");
	od_arch_error_code(inc->rep, v);
	return true;
}

static bool far(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	if (!od_cur_0x(&c, &v) || !od_kind_is(inc, OD_KIND_STACK_GUARD))
		return false;
	od_arch_fault_address(inc->rep, v);
	return true;
}

/* "EC = 0x25: DABT (current EL), IL = 32 bits", "Exception class = DABT (current EL), ..." of 4.x */
static bool class(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	if (!fault_of(inc))
		return false;
	if (od_find(c.p, od_cur_left(&c), "IABT"))
		od_arch_access(inc->rep, "fetch");
	return true;
}

/* "FSC = 0x04: level 0 translation fault" */
static bool fsc(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	if (!fault_of(inc) || !od_cur_0x(&c, &v) || !od_cur_lit(&c, ": "))
		return false;
	od_detail_str(inc->rep, "fault_reason", c.p, od_cur_left(&c));
	return true;
}

/* "CM = 0, WnR = 1" */
static bool wnr(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	if (!fault_of(inc) || !od_past_dec(&c, "WnR =", &v))
		return false;
	od_arch_access(inc->rep, v ? "write" : "read");
	return true;
}

static bool abort_info(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	return fault_of(inc);
}

/* --- code, and what is not a fault ----------------------------------------------------------- */

/* "Code: f9400001 b4000041 (f9400021)": of arm64 always little-endian; of arm as good as always. */
static bool code(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	if (!inc->rep->arch || (strcmp(inc->rep->arch, "arm64") != 0 && strcmp(inc->rep->arch, "arm") != 0))
		return false;
	if (inc->rep->ncode || inc->user_registers)
		return true;
	if (!od_arch_code_words(inc, c, OD_ARCH_LITTLE))
		return false;
	od_stack_close(inc);
	return true;
}

/* "SError Interrupt on CPU0, code 0x00000000bf000002 -- SError" */
static bool check_serror(const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	return od_cur_dec(&c, &v) && od_cur_lit(&c, ", code 0x");
}

static void serror(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	od_subject(inc, rec);
	od_arch_is(inc, "arm64");
	if (od_cur_dec(&c, &v) && v <= INT32_MAX)
		inc->rep->cpu = (int32_t)v;
	if ((od_cur_past(&c, "code ") || od_cur_past(&c, "ESR ")) && od_cur_0x(&c, &v))
		od_arch_error_code(inc->rep, v);
}

/* "Bad mode in Error handler detected on CPU0, code 0xbf000000 -- SError": 5.18 and older */
static bool check_bad_mode(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), " handler detected on CPU") != NULL;
}

/* "Unhandled 64-bit el1h sync exception on CPU0, ESR 0x0000000002000000 -- Unknown/Uncategorized" */
static bool check_unhandled(const struct od_record *rec, struct od_cursor c)
{
	const char *p = od_find(c.p, od_cur_left(&c), " exception on CPU");

	(void)rec;
	return p && od_find(p, (size_t)(c.end - p), ", ESR 0x");
}

static void unhandled(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	if (od_cur_past(&c, " on CPU"))
		serror(inc, rec, c);
}

const struct od_trigger od_arm64_triggers[] = {
	{ "SError Interrupt on CPU", OD_ROLE_DETECT, 0, OD_KIND_MACHINE_CHECK, "serror", check_serror, serror },
	{ "Bad mode in ", OD_ROLE_DETECT, 0, OD_KIND_TRAP, "bad-mode", check_bad_mode, unhandled },
	{ "Unhandled ", OD_ROLE_DETECT, 0, OD_KIND_TRAP, "unhandled-exception", check_unhandled, unhandled },
	{ 0 },
};

const struct od_rule od_arm64_rules[] = {
	{ "pc : ", pc },
	{ "lr : ", lr },
	{ "sp : ", registers },
	{ "x", registers },
	{ "pstate: ", short_registers },
	{ "pmr_save: ", short_registers },
	{ "Code: ", code },
	{ "Mem abort info:", abort_info },
	{ "Data abort info:", abort_info },
	{ "ESR", esr },
	{ "FAR: ", far },
	{ "EC = 0x", class },
	{ "Exception class = ", class },
	{ "SET = ", abort_info },
	{ "EA = ", abort_info },
	{ "FSC = ", fsc },
	{ "ISV = ", abort_info },
	{ "Access size = ", abort_info },
	{ "SSE = ", abort_info },
	{ "SF = ", abort_info },
	{ "CM = ", wnr },
	{ "GCS = ", abort_info },
	{ "swapper pgtable: ", abort_info },
	{ "user pgtable: ", abort_info },
	{ "SMP: stopping secondary CPUs", od_rule_trace_over },
	{ "SMP: failed to stop secondary CPUs", od_rule_trace_over },
	{ "PHYS_OFFSET: 0x", od_rule_trace_over },
	{ "CPU features: 0x", od_rule_trace_over },
	{ "Memory Limit: ", od_rule_trace_over },
	{ NULL, NULL },
};
