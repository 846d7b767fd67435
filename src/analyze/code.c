/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/code.h"

#include <string.h>

enum { THUMB_STATE = 1 << 5 }; /* of the psr of arm */

const char *od_code_arch(const struct od_report *rep)
{
	const struct od_detail *order = od_report_detail(rep, "byte_order");
	const struct od_register *psr;

	if (!rep->arch)
		return NULL;
	if (!strcmp(rep->arch, "powerpc"))
		return order && order->string && *order->string == 'l' ? "powerpcle" : rep->arch;
	psr = strcmp(rep->arch, "arm") ? NULL : od_report_register(rep, "psr");
	return psr && psr->value & THUMB_STATE ? "thumb" : rep->arch;
}

const struct od_register *od_code_pc(const struct od_report *rep)
{
	static const char *const names[] = { "rip", "eip", "pc", "epc", "nip", "psw_addr" };
	const struct od_register *reg = NULL;

	for (size_t i = 0; !reg && i < sizeof(names) / sizeof(*names); i++)
		reg = od_report_register(rep, names[i]);
	return reg;
}

/*
 * Where the marked byte stood: by its address, else in its function; else counted from itself, and
 * then nothing is an address.
 */
struct place {
	uint64_t trap;
	enum { BY_ADDRESS, IN_FUNCTION, BY_ITSELF } kind;
	const struct od_frame *pc; /* NULL: its function is not known */
	uint64_t start;		   /* of that function, in the numbers of trap */
};

static struct place place_of(const struct od_report *rep)
{
	const struct od_register *reg = od_code_pc(rep);
	const struct od_frame *pc = od_report_pc(rep);
	struct place p = { .kind = BY_ITSELF };

	if (rep->code_trap < 0)
		return p;
	if (pc && pc->symbol && pc->flags & OD_FRAME_HAS_OFFSET)
		p.pc = pc;
	/* i386 prints its segment instead of the register's upper half, 6.x of others no number. */
	if (reg && reg->value) {
		p.kind = BY_ADDRESS;
		p.trap = reg->value;
	} else if (pc && pc->addr) {
		p.kind = BY_ADDRESS;
		p.trap = pc->addr;
	} else if (p.pc) {
		p.kind = IN_FUNCTION;
		p.trap = pc->offset;
	}
	if (p.pc)
		p.start = p.trap - pc->offset;
	return p;
}

static const char *target_name(struct od_report *rep, const struct place *p, uint64_t target)
{
	if (!p->pc || target - p->start >= p->pc->size)
		return NULL;
	return od_arena_printf(&rep->arena, "%s+0x%llx",
			       p->pc->function ? p->pc->function : p->pc->symbol,
			       (unsigned long long)(target - p->start));
}

void od_code_text(const struct od_insn *insn, const char *name, struct od_buf *buf)
{
	od_buf_addstr(buf, insn->text);
	if (insn->has_target && name)
		od_buf_printf(buf, " <%s>", name);
}

/* Without an address the number of the target means nothing: its place, or how far it is. */
static void text_without_address(const struct od_insn *insn, const char *name, struct od_buf *buf)
{
	const char *number = strstr(insn->text, "0x");
	const int64_t far = (int64_t)(insn->target - insn->addr);

	while (number && strstr(number + 1, "0x"))
		number = strstr(number + 1, "0x");
	if (!insn->has_target || !number) {
		od_buf_addstr(buf, insn->text);
		return;
	}
	if (number > insn->text && number[-1] == '#')
		number--;
	od_buf_add(buf, insn->text, (size_t)(number - insn->text));
	if (name)
		od_buf_printf(buf, "<%s>", name);
	else
		od_buf_printf(buf, ".%c0x%llx", far < 0 ? '-' : '+',
			      (unsigned long long)(far < 0 ? 0 - (uint64_t)far : (uint64_t)far));
}

static void take_text(struct od_report *rep, const struct place *p, const struct od_insn *insn,
		      struct od_buf *buf)
{
	const char *name = insn->has_target ? target_name(rep, p, insn->target) : NULL;

	od_buf_reset(buf);
	if (p->kind == BY_ADDRESS)
		od_code_text(insn, name, buf);
	else
		text_without_address(insn, name, buf);
	if (insn->cut)
		od_buf_addstr(buf, " (the bytes end here)");
}

/* The beginning of the function, if it is among the bytes, is one of an instruction. */
static uint32_t first_insn(const struct od_report *rep, const char *arch, const struct place *p,
			   uint32_t mark)
{
	const uint32_t start = p->pc && p->pc->offset <= mark ? mark - p->pc->offset : mark;

	if (!od_disasm_meets(arch, rep->code, rep->ncode, start, mark))
		return (uint32_t)od_disasm_sync(arch, rep->code, rep->ncode, mark);
	return (uint32_t)od_disasm_sync(arch, rep->code, rep->ncode, start);
}

enum { CAUSE_BD = 31 };

/*
 * The instruction that trapped, of which the mark is not always the first byte: mips marks the branch
 * whose delay slot faulted (Cause.BD), s390 what comes after an instruction that was carried out.
 */
static uint32_t trap_at(const struct od_report *rep, const char *arch, uint32_t mark, uint32_t first)
{
	const struct od_register *cause = od_report_register(rep, "cause");
	struct od_insn insn = { 0 };
	uint32_t before = first;

	if (!strcmp(arch, "mips") && cause && cause->value >> CAUSE_BD & 1 && mark + 4 < rep->ncode)
		return mark + 4;
	if (strcmp(arch, "s390") != 0 || rep->has_fault_address || first >= mark)
		return mark;
	for (uint32_t at = first; at < mark; at += insn.len) {
		before = at;
		if (!od_disasm(arch, rep->code + at, rep->ncode - at, 0, &insn))
			return mark;
	}
	return insn.trap || rep->kind == OD_KIND_TRAP ? before : mark;
}

/* Without a decoder only the trap itself can be told. */
static void undecoded(struct od_report *rep, const char *arch, bool marked)
{
	struct od_insn insn = { 0 };

	rep->code_not = od_disasm_why_not(arch);
	if (marked && od_disasm_trap(arch, rep->code + rep->code_trap,
				     rep->ncode - (uint32_t)rep->code_trap, &insn))
		od_code_explain(rep, &insn);
}

void od_analyze_code(struct od_report *rep)
{
	const char *arch = od_code_arch(rep);
	const bool marked = rep->code_trap >= 0 && (uint32_t)rep->code_trap < rep->ncode;
	const uint32_t mark = marked ? (uint32_t)rep->code_trap : 0;
	const struct place place = place_of(rep);
	struct od_code_insn *list;
	struct od_insn insn;
	struct od_buf buf = OD_BUF_INIT;
	uint32_t at = 0, trap = 0;

	if (!rep->ncode) {
		od_code_explain_nothing(rep);
		return;
	}
	if (!od_disasm_supported(arch)) {
		undecoded(rep, arch, marked);
		return;
	}
	list = od_arena_alloc(&rep->arena, rep->ncode * sizeof(*list));
	rep->insns = list;
	rep->code_has_addr = place.kind == BY_ADDRESS;
	if (marked) {
		at = first_insn(rep, arch, &place, mark);
		trap = trap_at(rep, arch, mark, at);
	}
	for (; at < rep->ncode; at += insn.len) {
		struct od_code_insn *one = &list[rep->ninsns];

		if (!od_disasm(arch, rep->code + at, rep->ncode - at, place.trap - mark + at, &insn))
			break;
		take_text(rep, &place, &insn, &buf);
		*one = (struct od_code_insn){ .addr = insn.addr,
					      .text = od_arena_strndup(&rep->arena, buf.data, buf.len),
					      .at = (uint16_t)at,
					      .len = insn.len,
					      .trap = marked && at == trap,
					      .bad = insn.bad,
					      .cut = insn.cut };
		if (one->trap)
			od_code_explain(rep, &insn);
		rep->ninsns++;
	}
	od_buf_deinit(&buf);
}
