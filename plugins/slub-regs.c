/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where each architecture passes arguments, and where a function keeps what it still needs after a
 * call: the registers of its calling convention under the names that reports give them. An argument's
 * register is free for anything once the function runs; of those that are kept the first are what
 * compilers take first.
 */
#include "slub.h"

static const char *const x86_64[] = { "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "rbx", "rbp",
				      "r12", "r13", "r14", "r15", "rip", NULL };
static const char *const i386[] = { "eax", "edx", "ecx", "ebx", "esi", "edi", "ebp", "eip", NULL };
static const char *const riscv[] = { "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4",
				     "t5", "t6", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9",
				     "s10", "s11", NULL };
static const char *const numbered[] = {
	"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
	"r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28", "r29", "r30",
	"r31", NULL };
static const char *const arm64[] = {
	"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
	"x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", NULL };

static const struct slub_regs table[] = {
	{ "x86_64", { "rdi", "rsi" }, { "rbx", "rbp", "r12", "r13", "r14", "r15" }, x86_64 },
	{ "arm64", { "x0", "x1" },
	  { "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28" }, arm64 },
	{ "i386", { "eax", "edx" }, { "ebx", "esi", "edi", "ebp" }, i386 }, /* -mregparm=3 */
	{ "riscv", { "a0", "a1" }, { "s1", "s2", "s3", "s4", "s5" }, riscv },
	{ "arm", { "r0", "r1" }, { "r4", "r5", "r6", "r7", "r8" }, numbered },
	{ "powerpc", { "r3", "r4" }, { "r31", "r30", "r29", "r28", "r27" }, numbered },
	{ "s390", { "r2", "r3" }, { "r11", "r12", "r10", "r9", "r8" }, numbered },
	{ "mips", { "r4", "r5" }, { "r16", "r17", "r18", "r19", "r20" }, numbered },
	{ "loongarch", { "a0", "a1" }, { "s0", "s1", "s2", "s3", "s4" }, riscv },
};

const struct slub_regs *slub_regs(const char *arch)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (same(arch, table[i].arch))
			return &table[i];
	return &table[0];
}
