/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbols/disasm.h"

#include <stdio.h>
#include <string.h>

#include "symbols/disasm-internal.h"

enum kind { NONE, X86, FIXED, THUMB, S390, RISCV };

/* How long instructions are can be told without any library, but for x86. */
static const struct arch {
	const char *name;
	enum kind kind;
	uint8_t unit; /* bytes that every instruction is a multiple of */
} archs[] = {
	{ "x86_64", X86, 1 },	{ "i386", X86, 1 },  { "arm64", FIXED, 4 },	{ "arm", FIXED, 4 },
	{ "thumb", THUMB, 2 },	{ "mips", FIXED, 4 }, { "powerpc", FIXED, 4 }, { "powerpcle", FIXED, 4 },
	{ "s390", S390, 2 },	{ "riscv", RISCV, 2 }, { "loongarch", FIXED, 4 },
};

static const struct arch *find(const char *name)
{
	for (size_t i = 0; name && i < sizeof(archs) / sizeof(*archs); i++)
		if (!strcmp(name, archs[i].name))
			return &archs[i];
	return NULL;
}

static bool is_wide(const char *arch)
{
	return *arch == 'x';
}

bool od_disasm_supported(const char *arch)
{
	const struct arch *a = find(arch);

	if (!a)
		return false;
	return a->kind == X86 ? od_x86_built() : od_capstone_ready(arch);
}

const char *od_disasm_why_not(const char *arch)
{
	const struct arch *a = find(arch);

	if (!a)
		return "unknown architecture";
	if (od_disasm_supported(arch))
		return NULL;
	if (a->kind == X86)
		return "built without Zydis";
	if (!od_capstone_built())
		return "built without capstone";
	return od_capstone_load() ? "nothing here can disassemble this architecture" :
				    "capstone could not be loaded";
}

const char *od_disasm_library(void)
{
	return od_capstone_path();
}

void od_disasm_prepare(void)
{
	od_capstone_load();
}

bool od_disasm_has(const char *library)
{
	return !strcmp(library, "zydis") ? od_x86_built() : od_capstone_built();
}

/*
 * BUG() and WARN(): asm/bug.h of each architecture. The decoders tell those of x86, arm64 and powerpc,
 * of which there are many.
 */
static const struct {
	const char *arch, *text;
	uint8_t len, bytes[4];
} traps[] = {
	{ "arm", "udf #0x12", 4, { 0xf2, 0x01, 0xf0, 0xe7 } },
	{ "thumb", "udf #2", 2, { 0x02, 0xde } },
	{ "mips", "break 0xc", 4, { 0x00, 0x0c, 0x00, 0x0d } },
	{ "s390", "mc 0,0", 4, { 0xaf, 0x00, 0x00, 0x00 } },
	{ "riscv", "ebreak", 4, { 0x73, 0x00, 0x10, 0x00 } },
	{ "riscv", "c.ebreak", 2, { 0x02, 0x90 } },
	{ "loongarch", "break 0x1", 4, { 0x01, 0x00, 0x2a, 0x00 } },
};

bool od_disasm_trap(const char *arch, const uint8_t *bytes, size_t len, struct od_insn *ret)
{
	for (size_t i = 0; arch && i < sizeof(traps) / sizeof(*traps); i++) {
		if (strcmp(arch, traps[i].arch) != 0 || len < traps[i].len ||
		    memcmp(bytes, traps[i].bytes, traps[i].len) != 0)
			continue;
		*ret = (struct od_insn){ .addr = ret->addr, .len = traps[i].len, .trap = OD_TRAP_OTHER };
		snprintf(ret->text, sizeof(ret->text), "%s", traps[i].text);
		return true;
	}
	return false;
}

/* Bytes that the instruction there takes, of at most len; 0: none, or not all of it. */
static size_t length(const struct arch *a, const uint8_t *b, size_t len)
{
	size_t n = a->unit;

	switch (a->kind) {
	case X86:
		return od_x86_length(is_wide(a->name), b, len);
	case THUMB: /* ARM DDI 0406, A6.1: the upper five bits of the first halfword */
		n = len >= 2 && b[1] >> 3 >= 0x1d ? 4 : 2;
		break;
	case S390: /* z/Architecture, instruction formats: the upper two bits */
		n = len && b[0] >> 6 ? b[0] >> 6 == 3 ? 6 : 4 : 2;
		break;
	case RISCV: /* the base of 32 bits has both lowest bits set */
		n = len && (b[0] & 3) == 3 ? 4 : 2;
		break;
	default:
		break;
	}
	return n <= len ? n : 0;
}

/* What is no instruction: a byte of x86, else as much as one would take. */
static void bytes_as_data(const struct arch *a, const uint8_t *bytes, size_t len, struct od_insn *ret)
{
	size_t n = ret->cut ? len : a->kind == X86 ? 1 : length(a, bytes, len), at;

	ret->bad = true;
	if (!n) {
		ret->cut = a->kind != X86;
		n = len;
	}
	if (n > OD_INSN_MAX)
		n = OD_INSN_MAX;
	ret->len = (uint8_t)n;
	at = (size_t)snprintf(ret->text, sizeof(ret->text), ".byte ");
	for (size_t i = 0; i < n && at + 6 < sizeof(ret->text); i++)
		at += (size_t)snprintf(ret->text + at, sizeof(ret->text) - at, i ? ",0x%02x" : "0x%02x",
				       bytes[i]);
}

bool od_disasm(const char *arch, const uint8_t *bytes, size_t len, uint64_t addr,
	       struct od_insn *ret)
{
	const struct arch *a = find(arch);
	bool ok;

	if (!len || !a || !od_disasm_supported(arch))
		return false;
	*ret = (struct od_insn){ .addr = addr };
	if (od_disasm_trap(arch, bytes, len, ret))
		return true;
	if (a->kind == X86)
		ok = od_x86_decode(is_wide(arch), bytes, len, ret);
	else
		ok = od_capstone_decode(arch, bytes, len, ret);
	if (ok && ret->len && ret->len <= len)
		return true;
	*ret = (struct od_insn){ .addr = addr, .cut = !ok && ret->cut };
	bytes_as_data(a, bytes, len, ret);
	return true;
}

/*
 * As length(), for a place that need not be one of an instruction: "00 00", which is one of x86, is in
 * code always the end of a number.
 */
static size_t likely_length(const struct arch *a, const uint8_t *b, size_t len)
{
	return a->kind == X86 && len > 1 && !b[0] && !b[1] ? 0 : length(a, b, len);
}

/*
 * From the mark back: of the instructions that end where the next begins, that through which most
 * ways lead. A way that begins in the middle of an instruction falls into step within a few, so the
 * right ones collect them. Ties go to the longer one: a prefix is more likely a prefix than the end
 * of what came before.
 */
size_t od_disasm_sync(const char *arch, const uint8_t *bytes, size_t len, size_t mark)
{
	uint8_t step[OD_DISASM_WINDOW];
	uint16_t ways[OD_DISASM_WINDOW] = { 0 };
	const struct arch *a = find(arch);
	size_t first = mark > OD_DISASM_WINDOW ? mark - OD_DISASM_WINDOW : 0, at = mark;

	if (!a || mark >= len)
		return mark;
	/* s390 lists whole instructions. */
	if (a->kind == S390 && !first && od_disasm_meets(arch, bytes, len, 0, mark))
		return 0;
	for (size_t i = first; i < mark; i++)
		step[i - first] = (uint8_t)likely_length(a, bytes + i, len - i);
	for (size_t i = first; i < mark; i++) {
		ways[i - first]++;
		if (step[i - first] && i + step[i - first] < mark)
			ways[i + step[i - first] - first] += ways[i - first];
	}
	while (at > first) {
		size_t best = at;

		for (size_t i = at; i-- > first && at - i <= OD_INSN_MAX;)
			if (step[i - first] && i + step[i - first] == at &&
			    (best == at || ways[i - first] >= ways[best - first]))
				best = i;
		if (best == at)
			break;
		at = best;
	}
	return at;
}

bool od_disasm_meets(const char *arch, const uint8_t *bytes, size_t len, size_t from, size_t mark)
{
	const struct arch *a = find(arch);
	size_t n;

	while (a && from < mark && mark <= len && (n = length(a, bytes + from, len - from)))
		from += n;
	return a && from == mark;
}
