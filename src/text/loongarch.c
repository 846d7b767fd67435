/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loongarch since 6.5; before that it printed what mips does (mips.c). Source:
 * arch/loongarch/kernel/traps.c (__show_regs, print_estat).
 */
#include <string.h>

#include "text/arch.h"

static const char *register_name(const char *s, size_t len, char buf[16])
{
	static const char *const names[] = { "pc", "ra", "tp", "sp", "u0" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == len && !memcmp(names[i], s, len))
			return names[i];
	if (len != 2 || !strchr("ats", *s) || !od_is_digit(s[1]) || (*s == 'a' && s[1] > '7') ||
	    (*s == 't' && s[1] > '8'))
		return NULL;
	memcpy(buf, s, 2);
	buf[2] = '\0';
	return buf;
}

static const struct od_arch_registers how = { "loongarch", register_name, 16, false };

static bool registers(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor t = c;
	uint64_t v;

	/* All or nothing: four of them on a line. */
	for (unsigned i = 0; i < 4; i++) {
		if (i) {
			od_cur_blanks(&t);
			t.p += od_cur_left(&t) < 3 ? od_cur_left(&t) : 3;
		}
		if (!od_arch_word(&t, 16, &v))
			return false;
	}
	if (!od_cur_end(&t))
		return false;
	c = od_cursor_init(rec->text, rec->len);
	return od_arch_register_pairs(inc, rec, c, &how) == 4;
}

/* "pc 9000000002f4e1c8 ra 9000000002f4e1a0 tp .. sp .." */
static bool pc(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame = { 0 };

	if (!registers(inc, rec, c) || !od_cur_hex(&c, &frame.addr, NULL))
		return false;
	if (!(frame.addr >> 63) && frame.addr >= 4096) {
		inc->user_registers = true;
		return true;
	}
	od_arch_pc(inc, rec, &frame, false);
	return true;
}

/* "   ra: 9000000002f4e1a0 f+0x1/0x2", "  ERA: 9000000002f4e1c8 g+0x1/0x2 [mod]" */
static bool location(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;
	uint64_t v;

	if (!od_arch_word(&c, 16, &v))
		return false;
	od_cur_blanks(&c);
	if (od_cur_end(&c))
		return true;
	if (*rec->text == 'r')
		return od_arch_link_register(inc, rec, c);
	if (!od_frame_location(inc->rep, &c, &frame))
		return od_arch_word(&c, 16, &v);
	od_arch_is(inc, "loongarch");
	frame.addr = v;
	od_arch_pc(inc, rec, &frame, false);
	return true;
}

void od_arch_loongarch_code(struct od_report *rep, uint64_t code)
{
	static const char *const access[16] = { [1] = "read", [2] = "write", [3] = "fetch",
						[4] = "write", [5] = "read", [6] = "fetch" };

	if (!od_arch_is_fault(rep) && rep->kind != OD_KIND_TRAP && rep->kind != OD_KIND_ALIGNMENT)
		return;
	od_arch_error_code(rep, code);
	if (od_arch_is_fault(rep) && code < 16 && access[code])
		od_arch_access(rep, access[code]);
}

/* " CRMD: 000000b0 (PLV0 -IE -DA +PG DACF=CC DACM=CC -WE)", "ESTAT: 00010000 [PIL] (IS= ECode=1 ..)" */
static bool control(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *colon = memchr(rec->text, ':', rec->len);
	char name[8];
	uint64_t v;
	size_t n = 0;

	if (!od_arch_word(&c, 0, &v) || (!od_cur_end(&c) && !od_cur_lit(&c, " (") && !od_cur_lit(&c, " [")))
		return false;
	for (const char *p = rec->text; p < colon && n < sizeof(name) - 1; p++)
		name[n++] = (char)(*p | 0x20);
	name[n] = '\0';
	od_arch_is(inc, "loongarch");
	od_arch_register(inc, rec, name, v);
	if (!strcmp(name, "estat") && !inc->user_registers && !inc->aside)
		od_arch_loongarch_code(inc->rep, v >> 16 & 0x3f);
	if (!strcmp(name, "badv") && !inc->user_registers && inc->rep->kind == OD_KIND_ALIGNMENT)
		od_arch_fault_address(inc->rep, v);
	return true;
}

const struct od_rule od_loongarch_rules[] = {
	{ "pc ", pc },		{ "a0 ", registers },  { "a4 ", registers }, { "t0 ", registers },
	{ "t4 ", registers },	{ "t8 ", registers },  { "s1 ", registers }, { "s5 ", registers },
	{ "ra: ", location },	{ "ERA: ", location }, { "CRMD: ", control }, { "PRMD: ", control },
	{ "EUEN: ", control },	{ "ECFG: ", control }, { "ESTAT: ", control }, { "BADV: ", control },
	{ "PRID: ", control },	{ "syscall restart flag: ", od_rule_accept },
	{ NULL, NULL },
};
