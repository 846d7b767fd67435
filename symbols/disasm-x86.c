/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * x86 through Zydis, in the words of objdump: Zydis has Intel's names of instructions also where it
 * writes operands as AT&T does.
 */
#include "config.h"

#include "symbols/disasm-internal.h"

#ifdef HAVE_ZYDIS
#include <stdio.h>
#include <string.h>
#include <Zydis/Zydis.h>

static struct {
	bool ready;
	ZydisDecoder decoder[2]; /* 64 bits, 32 bits */
	ZydisFormatter formatter;
} zydis;

static void prepare(void)
{
	static const struct {
		ZydisFormatterProperty property;
		ZyanUPointer value;
	} style[] = {
		{ ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE },
		{ ZYDIS_FORMATTER_PROP_DISP_PADDING, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_IMM_PADDING, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_IMM_SIGNEDNESS, ZYDIS_SIGNEDNESS_UNSIGNED },
		{ ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_FORCE_RELATIVE_RIPREL, ZYAN_TRUE },
	};

	ZydisDecoderInit(&zydis.decoder[0], ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	ZydisDecoderInit(&zydis.decoder[1], ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
	ZydisFormatterInit(&zydis.formatter, ZYDIS_FORMATTER_STYLE_ATT);
	for (size_t i = 0; i < sizeof(style) / sizeof(*style); i++)
		ZydisFormatterSetProperty(&zydis.formatter, style[i].property, style[i].value);
	zydis.ready = true;
}

static const ZydisDecoder *decoder(bool wide)
{
	if (!zydis.ready)
		prepare();
	return &zydis.decoder[!wide];
}

bool od_x86_built(void)
{
	return true;
}

size_t od_x86_length(bool wide, const uint8_t *bytes, size_t len)
{
	ZydisDecodedInstruction insn;

	if (ZYAN_FAILED(ZydisDecoderDecodeInstruction(decoder(wide), NULL, bytes, len, &insn)))
		return 0;
	return insn.length;
}

/* --- text ------------------------------------------------------------------------ */

/* What Zydis writes -> what objdump writes, in order of the first. */
static const struct {
	const char *from, *to;
} names[] = {
	{ "cbw", "cbtw" },	  { "cdq", "cltd" },	  { "cdqe", "cltq" },
	{ "cmovnb", "cmovae" },	  { "cmovnbe", "cmova" }, { "cmovnl", "cmovge" },
	{ "cmovnle", "cmovg" },	  { "cmovnz", "cmovne" }, { "cmovz", "cmove" },
	{ "cqo", "cqto" },	  { "cwd", "cwtd" },	  { "cwde", "cwtl" },
	{ "jnb", "jae" },	  { "jnbe", "ja" },	  { "jnl", "jge" },
	{ "jnle", "jg" },	  { "jnz", "jne" },	  { "jz", "je" },
	{ "setnb", "setae" },	  { "setnbe", "seta" },	  { "setnl", "setge" },
	{ "setnle", "setg" },	  { "setnz", "setne" },	  { "setz", "sete" },
};

static const char *renamed(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strncmp(names[i].from, name, len) && !names[i].from[len])
			return names[i].to;
	return NULL;
}

static char suffix(unsigned bits)
{
	return bits == 8 ? 'b' : bits == 16 ? 'w' : bits == 32 ? 'l' : 'q';
}

static bool is_mem(const ZydisDecodedOperand *op)
{
	return op->type == ZYDIS_OPERAND_TYPE_MEMORY;
}

/* Names that tell sizes where Zydis does not: "movzbl", "movslq", "decl", "nopw", "movabs". */
static bool sized(const ZydisDecodedInstruction *insn, const ZydisDecodedOperand *ops,
		  const char *text, size_t len, char ret[16])
{
	const bool zero = insn->mnemonic == ZYDIS_MNEMONIC_MOVZX;
	const ZydisInstructionCategory kind = insn->meta.category;

	if (zero || insn->mnemonic == ZYDIS_MNEMONIC_MOVSX || insn->mnemonic == ZYDIS_MNEMONIC_MOVSXD)
		snprintf(ret, 16, "mov%c%c%c", zero ? 'z' : 's', suffix(ops[1].size), suffix(ops[0].size));
	else if (insn->operand_count_visible && is_mem(&ops[0]) && len < 12 &&
		 (insn->mnemonic == ZYDIS_MNEMONIC_NOP || (insn->operand_count_visible == 1 &&
		  (kind == ZYDIS_CATEGORY_BINARY || kind == ZYDIS_CATEGORY_LOGICAL))))
		snprintf(ret, 16, "%.*s%c", (int)len, text, suffix(ops[0].size));
	else if (insn->mnemonic == ZYDIS_MNEMONIC_MOV && insn->raw.imm[0].size == 64)
		snprintf(ret, 16, "movabs");
	else if (kind == ZYDIS_CATEGORY_STRINGOP && len == 5 && !memchr("cm", text[0], 2))
		snprintf(ret, 16, "%.4s", text); /* %rax says how wide "stos" is */
	else
		return false;
	return true;
}

/* Operands of string instructions, which Zydis leaves out. */
static const struct {
	const char *start, *operands;
} strings[] = {
	{ "movs", " %ds:(%Si),%es:(%Di)" }, { "stos", " A,%es:(%Di)" },
	{ "lods", " %ds:(%Si),A" },	    { "scas", " %es:(%Di),A" },
	{ "cmps", " %es:(%Di),%ds:(%Si)" },
};

static void add(char *out, size_t *n, const char *text)
{
	while (*text && *n + 1 < OD_INSN_TEXT)
		out[(*n)++] = *text++;
	out[*n] = '\0';
}

static void string_operands(const ZydisDecodedInstruction *insn, const char *name, size_t len,
			    char *out, size_t *n)
{
	static const char *const accumulators[] = { "%al", "%ax", "%eax", "%rax" };
	const unsigned bits = insn->operand_width;
	const char width = insn->address_width == 64 ? 'r' : 'e';

	if (insn->meta.category != ZYDIS_CATEGORY_STRINGOP || len < 4)
		return;
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
		if (memcmp(name, strings[i].start, 4) != 0)
			continue;
		for (const char *p = strings[i].operands; *p; p++) {
			const char reg[] = { width, *p == 'S' ? 's' : 'd', '\0' }, one[] = { *p, '\0' };

			if (*p == 'A')
				add(out, n, accumulators[bits == 8 ? 0 : bits == 16 ? 1 : bits == 32 ? 2 : 3]);
			else
				add(out, n, *p == 'S' || *p == 'D' ? reg : one);
		}
	}
}

static bool is_prefix(const char *p, size_t len)
{
	static const char *const prefixes[] = { "lock", "rep",	"repe",	   "repne",   "repz",
						"repnz", "bnd", "notrack", "xacquire", "xrelease" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (!strncmp(prefixes[i], p, len) && !prefixes[i][len])
			return true;
	return false;
}

/* Operands without blanks; "0x0(%rbp)" where there is a displacement of zero; "*%rax" of a jump. */
static void add_operands(const ZydisDecodedInstruction *insn, const ZydisDecodedOperand *ops,
			 const char *text, char *out, size_t *n)
{
	const bool jumps = insn->meta.category == ZYDIS_CATEGORY_CALL ||
			   insn->meta.category == ZYDIS_CATEGORY_UNCOND_BR;
	const bool nop = insn->mnemonic == ZYDIS_MNEMONIC_NOP;
	const bool padded = insn->raw.disp.size && !insn->raw.disp.value;
	bool within = false;

	if (!*text)
		return;
	add(out, n, jumps && ops[0].type != ZYDIS_OPERAND_TYPE_IMMEDIATE ? " *" : " ");
	for (const char *p = text; *p; p++) {
		const char one[] = { *p, '\0' };

		if (*p == '(' && padded && !memchr("0123456789abcdef", p[-1], 16))
			add(out, n, "0x0");
		within |= *p == '(';
		if (nop && *p == ')') {
			/* The other operand of a nop means nothing. */
			add(out, n, one);
			return;
		}
		if (nop && !within && *p == '%') {
			for (; p[1] && *p != ','; p++)
				;
			continue;
		}
		if (*p != ' ')
			add(out, n, one);
	}
}

/* Its prefixes as they are, its name and operands as objdump has them. */
static void rewrite(const ZydisDecodedInstruction *insn, const ZydisDecodedOperand *ops,
		    const char *text, char *out)
{
	size_t n = 0, len;
	char name[16];
	const char *other;

	out[0] = '\0';
	while (len = strcspn(text, " "), text[len] && is_prefix(text, len)) {
		for (; len-- && n + 2 < OD_INSN_TEXT; text++)
			out[n++] = *text;
		out[n++] = *text++;
	}
	other = sized(insn, ops, text, len, name) ? name : renamed(text, len);
	if (other) {
		add(out, &n, other);
	} else {
		for (size_t i = 0; i < len && n + 1 < OD_INSN_TEXT; i++)
			out[n++] = text[i];
		out[n] = '\0';
	}
	string_operands(insn, text, len, out, &n);
	add_operands(insn, ops, text + len + (text[len] == ' '), out, &n);
}

/* --- operands -------------------------------------------------------------------- */

static const char *reg_name(bool wide, ZydisRegister reg)
{
	ZydisRegister whole;

	if (reg == ZYDIS_REGISTER_NONE)
		return NULL;
	whole = ZydisRegisterGetLargestEnclosing(wide ? ZYDIS_MACHINE_MODE_LONG_64 :
						 ZYDIS_MACHINE_MODE_LEGACY_32, reg);
	return ZydisRegisterGetString(whole == ZYDIS_REGISTER_NONE ? reg : whole);
}

static void take_memory(const ZydisDecodedOperand *op, unsigned width, bool wide,
			struct od_insn *ret)
{
	struct od_insn_memory *m;
	const ZydisRegister segment = op->mem.segment;

	if (op->mem.type != ZYDIS_MEMOP_TYPE_MEM || ret->nmemory == OD_INSN_OPERANDS)
		return;
	m = &ret->memory[ret->nmemory++];
	m->base = reg_name(wide, op->mem.base);
	m->index = reg_name(wide, op->mem.index);
	m->segment = segment == ZYDIS_REGISTER_GS ? "gs" : segment == ZYDIS_REGISTER_FS ? "fs" : NULL;
	m->scale = m->index ? op->mem.scale : 1;
	m->displacement = op->mem.disp.has_displacement ? op->mem.disp.value : 0;
	m->size = op->size / 8;
	m->width = (uint8_t)width;
	m->read = op->actions & ZYDIS_OPERAND_ACTION_MASK_READ;
	m->write = op->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;
	m->implied = op->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN;
	/* push writes below where the stack pointer is, and call. */
	if (m->implied && m->write && m->base && !strcmp(m->base + 1, "sp"))
		m->displacement -= m->size;
}

static void take_operands(const ZydisDecodedInstruction *insn, const ZydisDecodedOperand *ops,
			  bool wide, struct od_insn *ret)
{
	/* Neither touches memory: the long nops, and the trap whose operand is a number. */
	const bool none = insn->meta.category == ZYDIS_CATEGORY_NOP ||
			  insn->meta.category == ZYDIS_CATEGORY_WIDENOP || ret->trap;

	if (insn->operand_count && ops[0].type == ZYDIS_OPERAND_TYPE_REGISTER) {
		ret->reg = reg_name(wide, ops[0].reg.value);
		ret->reg_size = (uint8_t)(ops[0].size / 8);
	}
	for (unsigned i = 0; i < insn->operand_count && !none; i++)
		if (ops[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
			take_memory(&ops[i], insn->address_width / 8, wide, ret);
	if ((ret->call || ret->jump) && insn->operand_count &&
	    ops[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
		ret->has_target =
			ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(insn, &ops[0], ret->addr, &ret->target));
}

static void take_kind(const ZydisDecodedInstruction *insn, const ZydisDecodedOperand *ops,
		      struct od_insn *ret)
{
	switch (insn->mnemonic) {
	case ZYDIS_MNEMONIC_UD2:
		ret->trap = OD_TRAP_UD2;
		break;
	case ZYDIS_MNEMONIC_UD1: /* arch/x86/include/asm/bug.h: the displacement tells the check */
		ret->trap = OD_TRAP_UD1;
		for (unsigned i = 0; i < insn->operand_count; i++)
			if (ops[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
				ret->trap_imm = (uint32_t)ops[i].mem.disp.value;
		break;
	case ZYDIS_MNEMONIC_INT3:
		ret->trap = OD_TRAP_INT3;
		break;
	default:
		break;
	}
	ret->call = insn->meta.category == ZYDIS_CATEGORY_CALL;
	ret->ret = insn->meta.category == ZYDIS_CATEGORY_RET;
	ret->conditional = insn->meta.category == ZYDIS_CATEGORY_COND_BR;
	ret->jump = ret->conditional || insn->meta.category == ZYDIS_CATEGORY_UNCOND_BR;
}

bool od_x86_decode(bool wide, const uint8_t *bytes, size_t len, struct od_insn *ret)
{
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction insn;
	char text[2 * OD_INSN_TEXT];
	ZyanStatus status = ZydisDecoderDecodeFull(decoder(wide), bytes, len, &insn, ops);

	if (ZYAN_FAILED(status)) {
		ret->cut = status == ZYDIS_STATUS_NO_MORE_DATA;
		return false;
	}
	ret->len = insn.length;
	take_kind(&insn, ops, ret);
	take_operands(&insn, ops, wide, ret);
	if (ZYAN_FAILED(ZydisFormatterFormatInstruction(&zydis.formatter, &insn, ops,
							insn.operand_count_visible, text,
							sizeof(text), ret->addr, NULL)))
		return false;
	rewrite(&insn, ops, text, ret->text);
	return true;
}
#else
bool od_x86_built(void)
{
	return false;
}

size_t od_x86_length(bool wide, const uint8_t *bytes, size_t len)
{
	(void)wide, (void)bytes, (void)len;
	return 0;
}

bool od_x86_decode(bool wide, const uint8_t *bytes, size_t len, struct od_insn *ret)
{
	(void)wide, (void)bytes, (void)len, (void)ret;
	return false;
}
#endif
