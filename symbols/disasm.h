/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Instructions as text, and what of them a fault can be explained by. x86 through Zydis, other
 * architectures through capstone where that was built in.
 */
#ifndef OD_SYMBOLS_DISASM_H
#define OD_SYMBOLS_DISASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OD_INSN_TEXT = 96, OD_INSN_OPERANDS = 3 };

enum od_insn_trap { /* instructions that the kernel traps by on purpose */
		    OD_TRAP_NONE,
		    OD_TRAP_UD2, /* BUG(), WARN() on x86 */
		    OD_TRAP_UD1, /* UBSAN_TRAP on x86 */
		    OD_TRAP_INT3,
		    OD_TRAP_BRK, /* arm64; imm says which */
		    OD_TRAP_OTHER,
};

struct od_insn_memory {
	const char *base,
		*index; /* registers as reports name them, 64 bits: "rax"; NULL: none. "rip" too */
	const char *segment; /* "gs", "fs"; NULL: none that counts */
	uint8_t scale;	     /* 1, 2, 4, 8 */
	int64_t displacement;
	uint16_t size; /* bytes that are accessed, 0 unknown */
	bool read, write;
};

struct od_insn {
	uint64_t addr;
	uint8_t len; /* bytes; at least 1 */
	bool bad;    /* no instruction: text is ".byte 0x.." */
	enum od_insn_trap trap;
	uint32_t trap_imm;
	bool call, jump, conditional, ret;
	bool has_target; /* of a call or jump */
	uint64_t target;
	uint8_t nmemory; /* explicit memory operands */
	struct od_insn_memory memory[OD_INSN_OPERANDS];
	char text[OD_INSN_TEXT]; /* AT&T syntax on x86, as objdump and the kernel's scripts print it
				  */
};

/* arch as reports name it: x86_64, i386, arm64 ... False: it cannot be disassembled by this build.
 */
bool od_disasm_supported(const char *arch);
/* One instruction of len bytes at most; false if there is nothing to decode (len 0, unknown arch).
 */
bool od_disasm(const char *arch, const uint8_t *bytes, size_t len, uint64_t addr,
	       struct od_insn *ret);
/*
 * Where to begin so that an instruction starts at `mark`: the bytes ahead of it are from the middle
 * of the code. Of all starts from which decoding meets mark it is that which most starts agree on;
 * mark itself if none does. Returns an index into bytes.
 */
size_t od_disasm_sync(const char *arch, const uint8_t *bytes, size_t len, size_t mark);

#endif
