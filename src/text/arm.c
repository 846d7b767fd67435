/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arm. Sources: arch/arm/kernel/{process,traps,unwind}.c, arch/arm/lib/backtrace.S,
 * arch/arm/mm/{fault,alignment}.c; 2.6 to 6.17. Frames are pairs: the function that ran, and where
 * in its caller it returns to; addresses went away with 5.8.
 */
#include <string.h>

#include "text/arch.h"

static const char *register_name(const char *s, size_t len, char buf[16])
{
	static const char *const names[] = { "pc", "lr", "psr", "sp", "ip", "fp" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == len && !memcmp(names[i], s, len))
			return names[i];
	if ((len != 2 && len != 3) || *s != 'r' || !od_is_digit(s[1]) || (len == 3 && !od_is_digit(s[2])))
		return NULL;
	memcpy(buf, s, len);
	buf[len] = '\0';
	return buf;
}

static const struct od_arch_registers how = { "arm", register_name, 8, true };

static bool is_arm(const struct od_incident *inc)
{
	return !inc->rep->arch || !strcmp(inc->rep->arch, "arm");
}

/* "r10: 00000000  r9 : c0a01f08"; "r7:c0a01f08 r6:00000000" in a backtrace are saved ones. */
static bool registers(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *colon = memchr(rec->text, ':', rec->len);

	if (colon && colon + 1 < c.end && !od_is_blank(colon[1])) {
		uint64_t v;

		c.p = colon + 1;
		return is_arm(inc) && od_arch_word(&c, 8, &v);
	}
	c = od_cursor_init(rec->text, rec->len);
	return is_arm(inc) && od_arch_register_pairs(inc, rec, c, &how) > 0;
}

/* "pc : [<c0101234>]    lr : [<c0101230>]    psr: 60000013" */
static bool pc(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;
	uint64_t v;
	struct od_cursor t = c;

	if (!od_cur_lit(&t, "[<") || !od_arch_word(&t, 8, &v) || !registers(inc, rec, c) ||
	    !od_frame_location(inc->rep, &c, &frame))
		return false;
	od_arch_syndrome(inc->rep);
	od_arch_pc(inc, rec, &frame, false);
	return true;
}

/* "PC is at f+0x10/0x20 [mod]": of arm64 too, up to 4.14 */
static bool pc_is_at(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;

	od_cur_blanks(&c);
	if (!od_frame_location(inc->rep, &c, &frame))
		return false;
	od_arch_pc(inc, rec, &frame, false);
	return true;
}

static bool lr_is_at(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	od_cur_blanks(&c);
	return od_arch_link_register(inc, rec, c);
}

/* "Flags: nZCv  IRQs on  FIQs on  Mode SVC_32  ISA ARM  Segment none" */
static bool flags(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	if (!od_find(c.p, od_cur_left(&c), "IRQs o"))
		return false;
	if (od_find(c.p, od_cur_left(&c), "Mode USER"))
		inc->user_registers = true;
	return true;
}

static bool control(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	return is_arm(inc) && od_arch_word(&c, 8, &v);
}

/* "Register r0 information: slab task_struct start c1a00000 ...", since 5.12 */
static bool register_information(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return is_arm(inc) && od_find(c.p, od_cur_left(&c), " information:");
}

static bool backtrace(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	inc->in_raw_stack = false;
	od_stack_close(inc);
	od_stack_open(inc, "task");
	return true;
}

/* "Unhandled fault: external abort on non-linefetch (0x1028) at 0xb6f6b000" */
static bool fault_line(struct od_incident *inc, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *s = c.p, *paren = od_find(c.p, od_cur_left(&c), " (0x");
	uint64_t code, addr;

	if (!paren)
		return false;
	c.p = paren + 2;
	if (!od_cur_0x(&c, &code) || !od_cur_lit(&c, ") at ") || !od_cur_0x(&c, &addr))
		return false;
	od_detail_str(rep, "fault_reason", s, (size_t)(paren - s));
	od_arch_error_code(rep, code);
	od_arch_fault_address(rep, addr);
	/* With a software PAN the domain forbids what is not mapped: also page 0. */
	if (od_find(s, (size_t)(paren - s), "page domain fault") ||
	    od_find(s, (size_t)(paren - s), "translation fault") ||
	    od_find(s, (size_t)(paren - s), "permission fault")) {
		rep->kind = addr < 4096 ? OD_KIND_NULL_DEREF : OD_KIND_PAGE_FAULT;
		rep->subkind = NULL;
	}
	return true;
}

static bool check_unhandled(const struct od_record *rec, struct od_cursor c)
{
	const char *paren = od_find(c.p, od_cur_left(&c), " (0x");

	(void)rec;
	return paren && od_find(paren, (size_t)(c.end - paren), ") at 0x");
}

/* User space hits these too: a crash only if die() follows. */
static void unhandled(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	od_subject(inc, rec);
	fault_line(inc, c);
	if (od_find(c.p, od_cur_left(&c), "alignment "))
		inc->rep->kind = OD_KIND_ALIGNMENT;
	else if (od_find(c.p, od_cur_left(&c), "translation fault") ||
		 od_find(c.p, od_cur_left(&c), "permission fault"))
		inc->rep->kind = OD_KIND_PAGE_FAULT;
	else
		inc->rep->subkind = od_kebab(inc->rep, c.p, od_cur_left(&c), "(");
}

/* After "8<--- cut here ---" it opens nothing. */
static bool unhandled_rule(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	return !inc->trace_seen && fault_line(inc, c) && od_rule_link(inc, rec, c);
}

const struct od_trigger od_arm_triggers[] = {
	{ "Unhandled fault: ", OD_ROLE_WEAK, 0, OD_KIND_TRAP, NULL, check_unhandled, unhandled },
	{ "Unhandled prefetch abort: ", OD_ROLE_WEAK, 0, OD_KIND_TRAP, NULL, check_unhandled, unhandled },
	{ 0 },
};

const struct od_rule od_arm_rules[] = {
	{ "pc : ", pc },
	{ "PC is at ", pc_is_at },
	{ "LR is at ", lr_is_at },
	{ "sp : ", registers },
	{ "r", registers },
	{ "Flags: ", flags },
	{ "xPSR: ", control },
	{ "Control: ", control },
	{ "Register ", register_information },
	{ "Backtrace:", backtrace },
	{ "Unhandled fault: ", unhandled_rule },
	{ "Unhandled prefetch abort: ", unhandled_rule },
	{ NULL, NULL },
};

/* --- frames: "[<c0101234>] (f) from [<c0105678>] (g+0x10/0x20 [mod])", " f from g+0x10/0x20" ---- */

/* "name" or "name [mod]": a function without an offset. */
static bool plain_name(struct od_report *rep, struct od_cursor *c, struct od_frame *frame)
{
	const char *s = c->p, *mod;

	while (!od_cur_end(c) && *c->p && (od_is_alnum(*c->p) || strchr("_.$", *c->p)))
		c->p++;
	if (c->p == s || od_is_digit(*s))
		return false;
	*frame = (struct od_frame){ .symbol = od_arena_strndup(&rep->arena, s, (size_t)(c->p - s)) };
	if (!od_cur_lit(c, " ["))
		return true;
	mod = c->p;
	while (od_is_alnum(od_cur_peek(c)) || od_cur_peek(c) == '_')
		c->p++;
	if (c->p == mod || !od_cur_char(c, ']'))
		return false;
	frame->module = od_arena_strndup(&rep->arena, mod, (size_t)(c->p - 1 - mod));
	return true;
}

/* One half: "[<addr>] (name)", "[<addr>] (name+0x1/0x2 [mod])", "name", "name+0x1/0x2 [mod]" */
static bool half(struct od_report *rep, struct od_cursor *c, struct od_frame *frame)
{
	uint64_t addr = 0;
	bool paren;

	if (od_cur_lit(c, "[<")) {
		if (!od_arch_word(c, 8, &addr) || !od_cur_lit(c, ">]"))
			return false;
		od_cur_blanks(c);
		paren = od_cur_char(c, '(');
		if (!paren) {
			/* "Function entered at [<c0101234>] from [<c0105678>]" */
			*frame = (struct od_frame){ .addr = addr };
			return true;
		}
	} else {
		paren = false;
	}
	if (!od_frame_location(rep, c, frame) || !frame->symbol) {
		if (!plain_name(rep, c, frame))
			return false;
	}
	frame->addr = addr;
	return !paren || od_cur_char(c, ')');
}

/* "1f00:                   00000000 c0a01f08 ????????": memory of a stack. */
static bool dump_row(const struct od_incident *inc, struct od_cursor c)
{
	unsigned digits, words = 0;
	uint64_t v;

	if (!inc->in_raw_stack || !od_cur_hex(&c, &v, &digits) || digits != 4 || !od_cur_char(&c, ':'))
		return false;
	while (od_cur_blanks(&c) && (od_cur_lit(&c, "????????") || od_arch_word(&c, 0, &v)))
		words++;
	return words && od_cur_end(&c);
}

bool od_arm_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *from = od_find(c.p, od_cur_left(&c), " from ");
	struct od_report *rep = inc->rep;
	const struct od_stack *stack;
	struct od_frame where, caller;
	struct od_cursor t, u;

	if (!from)
		return dump_row(inc, c);
	if (!is_arm(inc))
		return false;
	od_cur_lit(&c, "Function entered at ");
	t = (struct od_cursor){ c.p, from };
	u = (struct od_cursor){ from + 6, c.end };
	if (!half(rep, &t, &where) || !od_cur_end(&t) || !half(rep, &u, &caller))
		return false;
	od_cur_blanks(&u);
	if (!od_cur_end(&u) || (!(caller.flags & OD_FRAME_HAS_OFFSET) && caller.symbol))
		return false;
	od_arch_is(inc, "arm");
	inc->in_raw_stack = false;
	if (inc->stack < 0)
		od_stack_open(inc, "task");
	if (inc->stack < 0)
		return true;
	/* The first half is known from the line before, or from the pc. */
	stack = &rep->stacks[inc->stack];
	if (!stack->nframes || !where.symbol || !stack->frames[stack->nframes - 1].symbol ||
	    strcmp(stack->frames[stack->nframes - 1].symbol, where.symbol) != 0) {
		if (where.symbol || !stack->nframes)
			od_stack_push(inc, rec, &where);
	}
	od_stack_push(inc, rec, &caller);
	return true;
}
