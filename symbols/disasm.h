/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Instructions as text, and what of them a fault can be explained by. x86 through Zydis, other
 * architectures through capstone, each where it was built in. Bytes are a stranger's, and in the
 * order of memory.
 *
 * Architectures are named as reports name them: x86_64, i386, arm64, arm, powerpc, s390, mips.
 * "thumb" is arm in Thumb state, "powerpcle" the little-endian one; mips is taken as big-endian,
 * since that is how the kernel prints its words.
 */
#ifndef OD_SYMBOLS_DISASM_H
#define OD_SYMBOLS_DISASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OD_INSN_TEXT = 96, OD_INSN_OPERANDS = 3, OD_INSN_MAX = 15 /* bytes of the longest */ };

enum od_insn_trap { /* instructions that the kernel traps by on purpose */
	OD_TRAP_NONE,
	OD_TRAP_UD2, /* BUG(), WARN() on x86 */
	OD_TRAP_UD1, /* UBSAN_TRAP on x86; imm is the check that failed */
	OD_TRAP_INT3,
	OD_TRAP_BRK, /* arm64; imm says which */
	OD_TRAP_OTHER, /* BUG(), WARN() of another architecture */
};

struct od_insn_memory {
	const char *base,
		*index; /* registers as reports name them, 64 bits: "rax"; NULL: none. "rip" too */
	const char *segment; /* "gs", "fs"; NULL: none that counts */
	uint8_t scale;	     /* 1, 2, 4, 8 */
	int64_t displacement;
	uint16_t size; /* bytes that are accessed, 0 unknown */
	uint8_t width; /* bytes of the address: what goes beyond is cut off */
	bool read, write;
	bool implied; /* not written down: the stack of push, call and ret; rsi and rdi of strings */
};

struct od_insn {
	uint64_t addr;
	uint8_t len; /* bytes; at least 1 */
	bool bad;    /* no instruction: text is ".byte 0x.." */
	bool cut;    /* bad because the bytes end in the middle of it; len is all that is left */
	enum od_insn_trap trap;
	uint32_t trap_imm;
	bool call, jump, conditional, ret;
	bool has_target; /* of a call or jump */
	uint64_t target;
	const char *reg; /* its first operand, if that is a register: as of memory; NULL */
	uint8_t reg_size; /* bytes of that register that it uses */
	uint8_t nmemory; /* those that are accessed: not that of lea or nop */
	struct od_insn_memory memory[OD_INSN_OPERANDS];
	char text[OD_INSN_TEXT]; /* AT&T syntax on x86, as objdump and the kernel's scripts print it
				  */
};

/* False: this build cannot disassemble arch, or what that takes is not loaded. NULL is accepted. */
bool od_disasm_supported(const char *arch);
/*
 * The instruction at bytes, of which there are len; addr is where it stood. False, and nothing is
 * filled in, if there is nothing to decode: len 0, or an arch that is not supported.
 */
bool od_disasm(const char *arch, const uint8_t *bytes, size_t len, uint64_t addr,
	       struct od_insn *ret);
/*
 * Where to begin so that an instruction starts at `mark`: the bytes ahead of it are from the middle
 * of the code. Of all starts from which decoding meets mark it is that which most starts agree on;
 * mark itself if none does. Returns an index into bytes. At most OD_DISASM_WINDOW bytes ahead of
 * the mark are looked at.
 */
enum { OD_DISASM_WINDOW = 256 };
size_t od_disasm_sync(const char *arch, const uint8_t *bytes, size_t len, size_t mark);
/* Does decoding from an instruction at `from` meet mark? */
bool od_disasm_meets(const char *arch, const uint8_t *bytes, size_t len, size_t from, size_t mark);

/*
 * What bytes there would stop the kernel on purpose, told without any library; text (of the
 * instruction), len and trap are filled in. False: none that is known.
 */
bool od_disasm_trap(const char *arch, const uint8_t *bytes, size_t len, struct od_insn *ret);
/* Why arch is not supported, for people: "built without capstone". Static; NULL: it is. */
const char *od_disasm_why_not(const char *arch);

/* What a build has: "zydis", "capstone". For --version. */
bool od_disasm_has(const char *library);
/*
 * Absolute path of the library that is loaded when code that is not x86 comes; it is all that this
 * must be able to open and to map. NULL: there is none, or it is loaded already.
 */
const char *od_disasm_library(void);
/* Load it now: later that will not be possible. */
void od_disasm_prepare(void);

#endif
