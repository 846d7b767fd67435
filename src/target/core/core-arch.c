/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Machines, one row each: the order of elf_gregset_t (arch/ASM/include/asm/elf.h and user_regs_struct or pt_regs
 * of the uapi), and DWARF's numbers of the same registers (the supplements to the System V ABI).
 */
#include <elf.h>

#include "target/core/core-internal.h"

#define R(name, dwarf) { name, dwarf }
#define NO(name) { name, -1 }

static const struct od_core_reg x86_64[] = {
	R("r15", 15), R("r14", 14), R("r13", 13), R("r12", 12), R("rbp", 6), R("rbx", 3), R("r11", 11),
	R("r10", 10), R("r9", 9), R("r8", 8), R("rax", 0), R("rcx", 2), R("rdx", 1), R("rsi", 4), R("rdi", 5),
	NO("orig_rax"), R("rip", 16), NO("cs"), NO("eflags"), R("rsp", 7), NO("ss"), NO("fs_base"),
	NO("gs_base"), NO("ds"), NO("es"), NO("fs"), NO("gs"),
};

static const struct od_core_reg i386[] = {
	R("ebx", 3), R("ecx", 1), R("edx", 2), R("esi", 6), R("edi", 7), R("ebp", 5), R("eax", 0), NO("ds"),
	NO("es"), NO("fs"), NO("gs"), NO("orig_eax"), R("eip", 8), NO("cs"), NO("eflags"), R("esp", 4), NO("ss"),
};

static const struct od_core_reg arm64[] = {
	R("x0", 0), R("x1", 1), R("x2", 2), R("x3", 3), R("x4", 4), R("x5", 5), R("x6", 6), R("x7", 7),
	R("x8", 8), R("x9", 9), R("x10", 10), R("x11", 11), R("x12", 12), R("x13", 13), R("x14", 14),
	R("x15", 15), R("x16", 16), R("x17", 17), R("x18", 18), R("x19", 19), R("x20", 20), R("x21", 21),
	R("x22", 22), R("x23", 23), R("x24", 24), R("x25", 25), R("x26", 26), R("x27", 27), R("x28", 28),
	R("x29", 29), R("x30", 30), R("sp", 31), R("pc", 32), NO("pstate"),
};

static const struct od_core_reg arm[] = {
	R("r0", 0), R("r1", 1), R("r2", 2), R("r3", 3), R("r4", 4), R("r5", 5), R("r6", 6), R("r7", 7),
	R("r8", 8), R("r9", 9), R("r10", 10), R("fp", 11), R("ip", 12), R("sp", 13), R("lr", 14), R("pc", 15),
	NO("cpsr"), NO("orig_r0"),
};

static const struct od_core_reg riscv[] = {
	NO("pc"), R("ra", 1), R("sp", 2), R("gp", 3), R("tp", 4), R("t0", 5), R("t1", 6), R("t2", 7), R("s0", 8),
	R("s1", 9), R("a0", 10), R("a1", 11), R("a2", 12), R("a3", 13), R("a4", 14), R("a5", 15), R("a6", 16),
	R("a7", 17), R("s2", 18), R("s3", 19), R("s4", 20), R("s5", 21), R("s6", 22), R("s7", 23), R("s8", 24),
	R("s9", 25), R("s10", 26), R("s11", 27), R("t3", 28), R("t4", 29), R("t5", 30), R("t6", 31),
};

static const struct od_core_reg powerpc[] = {
	R("r0", 0), R("r1", 1), R("r2", 2), R("r3", 3), R("r4", 4), R("r5", 5), R("r6", 6), R("r7", 7), R("r8", 8),
	R("r9", 9), R("r10", 10), R("r11", 11), R("r12", 12), R("r13", 13), R("r14", 14), R("r15", 15),
	R("r16", 16), R("r17", 17), R("r18", 18), R("r19", 19), R("r20", 20), R("r21", 21), R("r22", 22),
	R("r23", 23), R("r24", 24), R("r25", 25), R("r26", 26), R("r27", 27), R("r28", 28), R("r29", 29),
	R("r30", 30), R("r31", 31), NO("nip"), NO("msr"), NO("orig_gpr3"), NO("ctr"),
	R("link", OD_CORE_POWERPC_LINK), NO("xer"), NO("ccr"),
};

static const struct od_core_reg s390[] = {
	NO("psw_mask"), NO("psw_addr"), R("r0", 0), R("r1", 1), R("r2", 2), R("r3", 3), R("r4", 4), R("r5", 5),
	R("r6", 6), R("r7", 7), R("r8", 8), R("r9", 9), R("r10", 10), R("r11", 11), R("r12", 12), R("r13", 13),
	R("r14", 14), R("r15", 15),
};

static const struct od_core_reg loongarch[] = {
	NO("zero"), R("ra", 1), R("tp", 2), R("sp", 3), R("a0", 4), R("a1", 5), R("a2", 6), R("a3", 7), R("a4", 8),
	R("a5", 9), R("a6", 10), R("a7", 11), R("t0", 12), R("t1", 13), R("t2", 14), R("t3", 15), R("t4", 16),
	R("t5", 17), R("t6", 18), R("t7", 19), R("t8", 20), R("u0", 21), R("fp", 22), R("s0", 23), R("s1", 24),
	R("s2", 25), R("s3", 26), R("s4", 27), R("s5", 28), R("s6", 29), R("s7", 30), R("s8", 31),
	NO("orig_a0"), NO("era"), NO("badv"),
};

static const struct od_core_reg mips[] = {
	NO("zero"), R("at", 1), R("v0", 2), R("v1", 3), R("a0", 4), R("a1", 5), R("a2", 6), R("a3", 7), R("a4", 8),
	R("a5", 9), R("a6", 10), R("a7", 11), R("t0", 12), R("t1", 13), R("t2", 14), R("t3", 15), R("s0", 16),
	R("s1", 17), R("s2", 18), R("s3", 19), R("s4", 20), R("s5", 21), R("s6", 22), R("s7", 23), R("t8", 24),
	R("t9", 25), NO("k0"), NO("k1"), R("gp", 28), R("sp", 29), R("fp", 30), R("ra", 31), NO("lo"), NO("hi"),
	NO("epc"), NO("badvaddr"), NO("status"), NO("cause"),
};

#define REGS(list) list, sizeof(list) / sizeof(*(list))

static const struct od_core_arch archs[] = {
	{ EM_X86_64, 64, "x86_64", REGS(x86_64), 16, 19, 6, -1, false },
	{ EM_386, 32, "i386", REGS(i386), 12, 15, 5, -1, false },
	{ EM_AARCH64, 64, "arm64", REGS(arm64), 32, 31, 29, 30, false },
	{ EM_ARM, 32, "arm", REGS(arm), 15, 13, 11, 14, false },
	{ EM_RISCV, 64, "riscv", REGS(riscv), 0, 2, 8, 1, false },
	{ EM_RISCV, 32, "riscv", REGS(riscv), 0, 2, 8, 1, false },
	{ EM_PPC64, 64, "powerpc", REGS(powerpc), 32, 1, -1, OD_CORE_POWERPC_LINK, false },
	{ EM_PPC, 32, "powerpc", REGS(powerpc), 32, 1, -1, OD_CORE_POWERPC_LINK, false },
	{ EM_S390, 64, "s390", REGS(s390), 1, 17, -1, 14, false },
	{ 258 /* EM_LOONGARCH, which older headers lack */, 64, "loongarch", REGS(loongarch), 33, 3, 22, 1, false },
	{ EM_MIPS, 64, "mips", REGS(mips), 34, 29, 30, 31, true },
};

const struct od_core_arch *od_core_arch(uint16_t machine, bool is64)
{
	for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++)
		if (archs[i].machine == machine && archs[i].bits == (is64 ? 64 : 32))
			return &archs[i];
	return NULL;
}

const char *od_core_register(const struct od_core *c, const struct od_core_thread *t, unsigned n, uint64_t *value)
{
	const unsigned word = c->mem.pointer_size;

	if (!c->arch || n >= c->arch->nregs || (size_t)(n + 1) * word > t->raw_size)
		return NULL;
	*value = od_get(t->raw + (size_t)n * word, word, c->mem.big_endian);
	return c->arch->regs[n].name;
}
