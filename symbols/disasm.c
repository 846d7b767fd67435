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

bool od_disasm_has(const char *library)
{
	return !strcmp(library, "zydis") ? od_x86_built() : od_capstone_built();
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
	for (size_t i = first; i < mark; i++)
		step[i - first] = (uint8_t)length(a, bytes + i, len - i);
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
