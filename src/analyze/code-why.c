/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the trapping instruction proves: which address it accessed by the registers that were
 * printed, and whether that is the one that faulted. Sentences are for the reader, one or two.
 */
#include <stdio.h>
#include <string.h>

#include "analyze/address.h"
#include "analyze/code.h"
#include "base/cursor.h"

enum { NULL_PAGE = 4096 };

/* A word or a sentence of the report: kept in its arena. */
static void because(struct od_report *rep, const struct od_buf *buf)
{
	rep->code_why = od_arena_strndup(&rep->arena, buf->data, buf->len);
}

static bool is(const struct od_report *rep, const char *arch)
{
	return rep->arch && !strcmp(rep->arch, arch);
}

static bool says(const struct od_report *rep, const char *words)
{
	if (rep->subject && strstr(rep->subject, words))
		return true;
	for (uint32_t i = 0; i < rep->nchain; i++)
		if (rep->chain[i].text && strstr(rep->chain[i].text, words))
			return true;
	return false;
}

/* --- traps on purpose -------------------------------------------------------------- */

/* lib/ubsan.h: enum ubsan_checks, the numbers of clang's handlers. */
static const char *const ubsan[] = {
	"an addition that overflows",
	"code that was declared unreachable",
	"a control flow check (CFI)",
	"a division that overflows, or by zero",
	"a dynamic type",
	"a conversion from floating point that overflows",
	"the type of a called function",
	"a conversion that loses a value",
	"an invalid argument of a builtin",
	"an invalid cast of Objective-C",
	"an invalid value of a bool or enum",
	"a function that returns nothing where it must",
	"a multiplication that overflows",
	"a negation that overflows",
	"a NULL argument that must not be one",
	"a NULL result that must not be one",
	"a NULL argument that must not be one",
	"a NULL result that must not be one",
	"an array index out of bounds",
	"pointer arithmetic that overflows",
	"a shift out of bounds",
	"a subtraction that overflows",
	"an object of another type, misaligned or NULL",
	"an assumption about alignment",
	"an array whose length is not positive",
};

static const char *ubsan_text(uint32_t check)
{
	return check < sizeof(ubsan) / sizeof(*ubsan) ? ubsan[check] : "one of its checks";
}

/* arch/arm64/include/asm/brk-imm.h; mask: bits that are the argument. */
static const struct {
	uint32_t imm, mask;
	const char *text;
} brks[] = {
	{ 0x004, 0, "a kprobe" },
	{ 0x005, 0, "a uprobe" },
	{ 0x006, 0, "the single step of a kprobe" },
	{ 0x007, 0, "a kretprobe" },
	{ 0x100, 0, "filling that must never run" },
	{ 0x400, 0, "a breakpoint of kgdb" },
	{ 0x401, 0, "a breakpoint compiled in for kgdb" },
	{ 0x900, 0xff, "a check of KASAN" },
	{ 0x8000, 0x3ff, "a control flow check (CFI)" },
};

/* Who asked for it: the same instruction serves BUG() and WARN(). */
static const char *who(const struct od_report *rep)
{
	if (says(rep, "ernel BUG at") || says(rep, "Kernel bug detected"))
		return "a BUG()";
	if (says(rep, "WARNING: "))
		return "a WARN()";
	if (rep->kind == OD_KIND_CFI || says(rep, "CFI failure"))
		return "a control flow check (CFI)";
	if (rep->kind == OD_KIND_UBSAN)
		return "a check of UBSAN";
	return NULL;
}

static void explain_trap(struct od_report *rep, const struct od_insn *insn, struct od_buf *buf)
{
	const int name = (int)strcspn(insn->text, " ");
	const char *of = who(rep);

	od_buf_printf(buf, "%.*s: ", name, insn->text);
	if (insn->trap == OD_TRAP_INT3) {
		od_buf_addstr(buf, "a breakpoint, or filling between functions that must never run");
		return;
	}
	if (insn->trap == OD_TRAP_UD1) {
		od_buf_printf(buf, "the compiler put it there for a check of UBSAN that failed: %s",
			      ubsan_text(insn->trap_imm));
		return;
	}
	if (insn->trap == OD_TRAP_BRK && insn->trap_imm != 0x800) {
		of = (insn->trap_imm & ~0xffu) == 0x5500 ? ubsan_text(insn->trap_imm & 0xff) : NULL;
		for (size_t i = 0; !of && i < sizeof(brks) / sizeof(*brks); i++)
			if ((insn->trap_imm & ~brks[i].mask) == brks[i].imm)
				of = brks[i].text;
		od_buf_printf(buf, "the kernel stopped itself here on purpose, number 0x%x%s%s",
			      insn->trap_imm, of ? ": " : "", of ? of : "");
		return;
	}
	od_buf_printf(buf, "the kernel stopped itself here on purpose%s%s", of ? ": " : "",
		      of ? of : ", as BUG(), WARN() and checks that a compiler adds do");
}

/* --- operands ---------------------------------------------------------------------- */

struct value {
	uint64_t number;
	bool known;
	const char *name; /* the register that is not known */
};

/* An instruction pointer is that of the next instruction. */
static bool reg_value(const struct od_report *rep, const struct od_insn *insn, const char *name,
		      uint64_t *ret)
{
	const struct od_register *reg;

	if (!strcmp(name, "rip") || (is(rep, "i386") && !strcmp(name, "eip"))) {
		*ret = insn->addr + insn->len;
		reg = od_code_pc(rep);
		return reg && reg->value;
	}
	reg = od_report_register(rep, name);
	if (reg)
		*ret = reg->value;
	return reg != NULL;
}

static void plus(struct od_buf *buf)
{
	if (buf->len)
		od_buf_addstr(buf, " + ");
}

static void take_operand(struct od_report *rep, const struct od_insn *insn,
			 const struct od_insn_memory *m, struct od_code_operand *ret)
{
	struct od_buf text = OD_BUF_INIT;
	uint64_t sum = (uint64_t)m->displacement, v = 0;
	char segment[16];

	ret->has_addr = true;
	if (m->segment) {
		snprintf(segment, sizeof(segment), "%s_base", m->segment);
		od_buf_addstr(&text, segment);
		ret->has_addr = reg_value(rep, insn, segment, &v);
		sum += v;
	}
	if (m->base) {
		plus(&text);
		od_buf_addstr(&text, m->base);
		ret->has_addr &= reg_value(rep, insn, m->base, &v);
		sum += v;
	}
	if (m->index) {
		plus(&text);
		od_buf_printf(&text, m->scale > 1 ? "%s * %u" : "%s", m->index, m->scale);
		ret->has_addr &= reg_value(rep, insn, m->index, &v);
		sum += v * m->scale;
	}
	if (m->displacement || !text.len)
		od_buf_printf(&text, "%s0x%llx", !text.len ? "" : m->displacement < 0 ? " - " : " + ",
			      m->displacement < 0 && text.len ? 0 - (unsigned long long)m->displacement :
			      (unsigned long long)m->displacement);
	/* Segments of 32 bits begin at 0, but for those whose base is not printed. */
	ret->addr = m->width == 4 ? (uint32_t)sum : sum;
	ret->size = m->size;
	ret->access = m->read && m->write ? "read-write" : m->read ? "read" : m->write ? "write" : NULL;
	ret->expression = od_arena_strndup(&rep->arena, text.data, text.len);
	od_buf_deinit(&text);
}

/* Does the access touch the fault address? It may begin on the page before. */
static bool touches(const struct od_report *rep, const struct od_code_operand *op)
{
	const uint64_t size = op->size ? op->size : 1;

	/* s390 tells the page alone (Principles of Operation, translation-exception identification). */
	if (is(rep, "s390"))
		return op->addr / NULL_PAGE == rep->fault_address / NULL_PAGE;
	return rep->fault_address - op->addr < size;
}

static void take_operands(struct od_report *rep, const struct od_insn *insn)
{
	for (unsigned i = 0; i < insn->nmemory && i < OD_CODE_OPERANDS; i++) {
		struct od_code_operand *op = &rep->operands[rep->noperands++];

		take_operand(rep, insn, &insn->memory[i], op);
		if (rep->has_fault_address && op->has_addr)
			op->fault = touches(rep, op) ? OD_FAULT_HERE : OD_FAULT_ELSEWHERE;
	}
}

/* --- sentences --------------------------------------------------------------------- */

static bool canonical(uint64_t addr)
{
	return (uint64_t)((int64_t)(addr << 16) >> 16) == addr;
}

static const char *does(const struct od_code_operand *op)
{
	return !op->access ? "accesses" : !strcmp(op->access, "read") ? "reads" :
	       !strcmp(op->access, "write") ? "writes" : "reads and writes";
}

/* "mov reads 8 bytes at rax + 0x8 = 0x1234" */
static void say_access(const struct od_insn *insn, const struct od_code_operand *op,
		       struct od_buf *buf)
{
	const char *name = insn->text;
	size_t len;

	/* "lock", "rep" are no names. */
	while (len = strcspn(name, " "), len == 4 ? !strncmp(name, "lock", 4) :
	       len >= 3 && len <= 5 && !strncmp(name, "rep", 3) && name[len])
		name += len + 1;
	od_buf_printf(buf, "%.*s %s ", (int)len, name, does(op));
	if (op->size)
		od_buf_printf(buf, "%u byte%s ", op->size, op->size == 1 ? "" : "s");
	od_buf_printf(buf, "at %s", op->expression);
	if (op->has_addr && strncmp(op->expression, "0x", 2) != 0)
		od_buf_printf(buf, " = 0x%llx", (unsigned long long)op->addr);
}

/* A pointer that a string was written over. */
static void say_text(uint64_t value, struct od_buf *buf)
{
	const unsigned n = value >> 32 ? 8 : 4;
	char text[9] = "";

	for (unsigned i = 0; i < n; i++) {
		text[i] = (char)(value >> 8 * i);
		if (text[i] < 0x20 || text[i] > 0x7e)
			return;
	}
	od_buf_printf(buf, ", the text \"%s\"", text);
}

/* "; rax is NULL, 0x8 the offset of a member": what its registers are. */
static void say_base(const struct od_report *rep, const struct od_insn_memory *m, struct od_buf *buf)
{
	const struct od_register *reg = m->base ? od_report_register(rep, m->base) : NULL;

	if (!reg || !strcmp(m->base, "rip"))
		return;
	if (!m->displacement && !m->index && !m->segment && reg->value) {
		/* The address is the register itself. */
		if (reg->note)
			od_buf_printf(buf, ": %s", reg->note);
		else
			say_text(reg->value, buf);
		return;
	}
	if (!reg->value && !m->index && !m->segment) {
		od_buf_printf(buf, "; %s is NULL", m->base);
		if (m->displacement > 0 && m->displacement < NULL_PAGE)
			od_buf_printf(buf, ", 0x%llx the offset of a member",
				      (unsigned long long)m->displacement);
		return;
	}
	od_buf_printf(buf, "; %s is 0x%llx", m->base, (unsigned long long)reg->value);
	if (reg->note)
		od_buf_printf(buf, " (%s)", reg->note);
	else if (reg->value < NULL_PAGE)
		od_buf_addstr(buf, ", which is no pointer");
	else
		say_text(reg->value, buf);
}

/*
 * mm/kasan: the shadow of an address is at (address >> 3) + offset, of x86-64 the same in every build.
 * The check that compilers put before an access has that offset in a register.
 */
static bool say_shadow(const struct od_report *rep, const struct od_insn_memory *m, uint64_t addr,
		       struct od_buf *buf)
{
	const uint64_t offset = 0xdffffc0000000000;
	const struct od_register *base = m->base ? od_report_register(rep, m->base) : NULL;
	const struct od_register *index = m->index ? od_report_register(rep, m->index) : NULL;

	if (!is(rep, "x86_64") || canonical(addr) ||
	    !((base && base->value == offset) || (index && index->value == offset)))
		return false;
	od_buf_printf(buf, ": the shadow that KASAN keeps of 0x%llx, which code is about to access",
		      (unsigned long long)((addr - offset) << 3));
	return true;
}

/* Without its register the fault address tells what that must have been. */
static void say_unknown(const struct od_report *rep, const struct od_insn *insn,
			const struct od_insn_memory *m, struct od_buf *buf)
{
	const uint64_t base = rep->fault_address - (uint64_t)m->displacement;

	if (!m->base || m->index || m->segment || !rep->has_fault_address)
		od_buf_addstr(buf, "; not all of that was printed");
	else if (!strcmp(m->base, "rip"))
		od_buf_printf(buf, ", a fixed place; by the fault address the instruction is at 0x%llx",
			      (unsigned long long)(base - insn->len));
	else
		od_buf_printf(buf, "; %s was not printed, by the fault address it was 0x%llx", m->base,
			      (unsigned long long)base);
}

static void say_elsewhere(const struct od_report *rep, const struct od_code_operand *op,
			  struct od_buf *buf)
{
	const uint64_t differ = op->addr ^ rep->fault_address;

	od_buf_printf(buf, ": not the fault address 0x%llx", (unsigned long long)rep->fault_address);
	if (!(differ & (differ - 1)))
		od_buf_printf(buf, ", but for bit %d: damaged memory or a damaged register",
			      __builtin_ctzll(differ));
	else if (!canonical(op->addr) && is(rep, "x86_64"))
		od_buf_addstr(buf, ", and no canonical one");
	else
		od_buf_addstr(buf, "; the registers are not those of the fault, or another "
				   "instruction faulted");
}

/* Which operand speaks: the one that faulted, else the first that is written down. */
static int choose(const struct od_report *rep, const struct od_insn *insn)
{
	int best = -1;

	for (uint32_t i = 0; i < rep->noperands; i++) {
		if (rep->operands[i].fault == OD_FAULT_HERE)
			return (int)i;
		if (best < 0 || (insn->memory[best].implied && !insn->memory[i].implied))
			best = (int)i;
	}
	return best;
}

static bool explain_access(struct od_report *rep, const struct od_insn *insn, struct od_buf *buf)
{
	int which = choose(rep, insn);
	const struct od_code_operand *op;

	if (which < 0)
		return false;
	op = &rep->operands[which];
	say_access(insn, op, buf);
	if (!op->has_addr) {
		say_unknown(rep, insn, &insn->memory[which], buf);
	} else if (say_shadow(rep, &insn->memory[which], op->addr, buf)) {
		return true;
	} else if (op->fault == OD_FAULT_ELSEWHERE) {
		say_elsewhere(rep, op, buf);
	} else {
		if (op->fault == OD_FAULT_HERE)
			od_buf_addstr(buf, ", the fault address");
		else if (rep->kind == OD_KIND_GPF && is(rep, "x86_64") && !canonical(op->addr))
			od_buf_addstr(buf, ", which is no canonical address");
		say_base(rep, &insn->memory[which], buf);
	}
	return true;
}

/* --- general protection, divisions --------------------------------------------------- */

/* Intel SDM volume 2: what else than an address #GP is for, by how the name begins. */
static const struct {
	const char *name, *text;
} protections[] = {
	{ "wrmsr", "the processor has no such MSR, or refuses that value (rcx, and rdx:rax)" },
	{ "rdmsr", "the processor has no such MSR (rcx)" },
	{ "iret", "the frame that it returns to is damaged" },
	{ "xsetbv", "the processor refuses that value (rdx:rax)" },
	{ "lldt", "the selector or its descriptor is bad" },
	{ "ltr", "the selector or its descriptor is bad" },
	{ "hlt", "privileged" },
	{ "movaps", "the address must be a multiple of the operand's size" },
	{ "movapd", "the address must be a multiple of the operand's size" },
	{ "movdqa", "the address must be a multiple of the operand's size" },
	{ "movnt", "the address must be a multiple of the operand's size" },
};

static bool explain_protection(const struct od_report *rep, const struct od_insn *insn,
			       struct od_buf *buf)
{
	uint64_t v;

	if (rep->kind != OD_KIND_GPF || !is(rep, "x86_64"))
		return false;
	if ((insn->call || insn->jump) && insn->reg && reg_value(rep, insn, insn->reg, &v) &&
	    !canonical(v)) {
		od_buf_printf(buf, "%s goes to %s = 0x%llx, which is no canonical address",
			      insn->call ? "the call" : "the jump", insn->reg, (unsigned long long)v);
		return true;
	}
	if (insn->ret) {
		od_buf_addstr(buf, "ret takes from the stack where to return to, and that is no canonical "
				   "address: the stack is damaged, or rsp is wrong");
		return true;
	}
	for (size_t i = 0; i < sizeof(protections) / sizeof(*protections); i++)
		if (od_starts(insn->text, protections[i].name) &&
		    (!rep->noperands || canonical(rep->operands[0].addr))) {
			od_buf_printf(buf, "%.*s: %s", (int)strcspn(insn->text, " "), insn->text,
				      protections[i].text);
			return true;
		}
	return false;
}

static bool explain_division(const struct od_report *rep, const struct od_insn *insn,
			     struct od_buf *buf)
{
	const int name = (int)strcspn(insn->text, " ");
	uint64_t v;

	if (rep->kind != OD_KIND_TRAP || (!od_starts(insn->text, "div") && !od_starts(insn->text, "idiv")))
		return false;
	if (!insn->reg) {
		od_buf_printf(buf, "%.*s divides by what is at %s: that is zero, or the result too large",
			      name, insn->text, rep->noperands ? rep->operands[0].expression : "?");
		return true;
	}
	if (!reg_value(rep, insn, insn->reg, &v))
		return false;
	if (insn->reg_size && insn->reg_size < 8)
		v &= (1ull << 8 * insn->reg_size) - 1;
	if (!v)
		od_buf_printf(buf, "%.*s divides by %s, which is 0", name, insn->text, insn->reg);
	else
		od_buf_printf(buf, "%.*s divides by %s = 0x%llx: the result does not fit", name, insn->text,
			      insn->reg, (unsigned long long)v);
	return true;
}

/* --- all of it ----------------------------------------------------------------------- */

/* Kinds that say where a CPU was, not what went wrong there. */
static bool is_fault(const struct od_report *rep)
{
	static const enum od_kind faults[] = { OD_KIND_PAGE_FAULT, OD_KIND_NULL_DEREF, OD_KIND_GPF,
					       OD_KIND_DOUBLE_FAULT, OD_KIND_STACK_GUARD, OD_KIND_TRAP,
					       OD_KIND_ALIGNMENT, OD_KIND_MACHINE_CHECK,
					       OD_KIND_USER_CRASH, OD_KIND_KASAN, OD_KIND_KFENCE };

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (rep->kind == faults[i])
			return true;
	return rep->has_fault_address;
}

/* invalid-opcode, undefined-instruction, illegal-operation */
static bool is_refused(const struct od_report *rep)
{
	return rep->kind == OD_KIND_TRAP && rep->subkind && !rep->has_fault_address &&
	       (strstr(rep->subkind, "opcode") || strstr(rep->subkind, "instruction") ||
		strstr(rep->subkind, "operation"));
}

static bool is_fetch(const struct od_report *rep)
{
	const struct od_register *pc = od_code_pc(rep);

	return rep->has_fault_address && pc && pc->value == rep->fault_address;
}

void od_code_explain_nothing(struct od_report *rep)
{
	const struct od_register *pc = od_code_pc(rep);
	struct od_buf buf = OD_BUF_INIT;

	if (!is_fetch(rep))
		return;
	od_buf_printf(&buf, "no code could be read: the CPU went to 0x%llx, which is the fault address",
		      (unsigned long long)pc->value);
	if (pc->value < NULL_PAGE)
		od_buf_addstr(&buf, pc->value ? "" : "; a NULL function was called");
	because(rep, &buf);
	od_buf_deinit(&buf);
}

void od_code_explain(struct od_report *rep, const struct od_insn *insn)
{
	struct od_buf buf = OD_BUF_INIT;

	if (is_fetch(rep)) {
		od_buf_addstr(&buf, "the fault address is that of the instruction itself: the CPU went to "
				    "memory that is no code, and these bytes are data");
	} else if (insn->trap) {
		explain_trap(rep, insn, &buf);
	} else if (is_fault(rep)) {
		take_operands(rep, insn);
		if (insn->cut)
			od_buf_addstr(&buf, "the bytes end within the instruction that trapped");
		else if (insn->bad)
			od_buf_addstr(&buf, "the bytes where it stopped are no instruction");
		else if (is_refused(rep))
			od_buf_printf(&buf, "%.*s: the processor refuses this instruction",
				      (int)strcspn(insn->text, " "), insn->text);
		else if (!explain_division(rep, insn, &buf) && !explain_protection(rep, insn, &buf))
			explain_access(rep, insn, &buf);
	}
	if (buf.len)
		because(rep, &buf);
	od_buf_deinit(&buf);
}
