/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/regs.h"

static const char *const x86_names[OD_X86_NREGS] = {
	"r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9",
	"r8", "rax", "rcx", "rdx", "rsi", "rdi", "orig_rax", "rip", "cs",
	"eflags", "rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs",
};

static const char *const arm64_names[OD_ARM64_NREGS] = {
	"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
	"x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23",
	"x24", "x25", "x26", "x27", "x28", "x29", "lr", "sp", "pc", "pstate",
};

/* Where the pc, sp and frame pointer are, and how many a note and struct pt_regs have. */
static const struct {
	const char *const *names;
	uint8_t count, saved, pc, sp, fp;
} archs[] = {
	[OD_REGS_X86_64] = { x86_names, OD_X86_NREGS, OD_X86_PT_REGS, OD_X86_RIP, OD_X86_RSP,
			     OD_X86_RBP },
	[OD_REGS_ARM64] = { arm64_names, OD_ARM64_NREGS, OD_ARM64_NREGS, OD_ARM64_PC, OD_ARM64_SP,
			    OD_ARM64_FP },
};

unsigned od_regs_count(enum od_regs_arch arch)
{
	return archs[arch].count;
}

const char *od_regs_name(enum od_regs_arch arch, unsigned i)
{
	return i < archs[arch].count ? archs[arch].names[i] : NULL;
}

static uint64_t value(const struct od_regs *regs, unsigned i)
{
	return od_regs_has(regs, i) ? regs->v[i] : 0;
}

uint64_t od_regs_pc(const struct od_regs *regs)
{
	return value(regs, archs[regs->arch].pc);
}

uint64_t od_regs_sp(const struct od_regs *regs)
{
	return value(regs, archs[regs->arch].sp);
}

uint64_t od_regs_fp(const struct od_regs *regs)
{
	return value(regs, archs[regs->arch].fp);
}

bool od_regs_user(const struct od_regs *regs)
{
	if (regs->arch == OD_REGS_X86_64)
		return (value(regs, OD_X86_CS) & 3) == 3;
	/* PSR_MODE32_BIT, or exception level 0 */
	return od_regs_has(regs, OD_ARM64_PSTATE) &&
	       ((regs->v[OD_ARM64_PSTATE] & 0x10) || !(regs->v[OD_ARM64_PSTATE] & 0xf));
}

static void take(enum od_regs_arch arch, const struct od_memory *mem, const uint8_t *p, unsigned n,
		 struct od_regs *ret)
{
	*ret = (struct od_regs){ .arch = arch };
	for (unsigned i = 0; i < n; i++)
		od_regs_set(ret, i, od_mem_number(mem, p + 8 * i, 8));
}

bool od_regs_note(enum od_regs_arch arch, const struct od_memory *mem, const uint8_t *gregs,
		  size_t len, struct od_regs *ret)
{
	if (len < 8 * (size_t)archs[arch].count)
		return false;
	take(arch, mem, gregs, archs[arch].count, ret);
	return true;
}

bool od_regs_read(enum od_regs_arch arch, struct od_memory *mem, uint64_t addr, struct od_regs *ret)
{
	uint8_t bytes[8 * OD_NREGS];

	if (od_mem_read(mem, addr, bytes, 8 * (size_t)archs[arch].saved) != OD_MEM_OK)
		return false;
	take(arch, mem, bytes, archs[arch].saved, ret);
	ret->at = addr;
	if (arch == OD_REGS_X86_64) { /* the upper half of the slots is FRED's, or not written */
		ret->v[OD_X86_CS] &= 0xffff;
		ret->v[OD_X86_SS] &= 0xffff;
	}
	return true;
}

bool od_regs_read_iret(struct od_memory *mem, uint64_t addr, struct od_regs *ret)
{
	uint8_t bytes[8 * 5];

	if (od_mem_read(mem, addr, bytes, sizeof(bytes)) != OD_MEM_OK)
		return false;
	*ret = (struct od_regs){ .arch = OD_REGS_X86_64, .at = addr - 8 * OD_X86_RIP };
	for (unsigned i = 0; i < 5; i++)
		od_regs_set(ret, OD_X86_RIP + i, od_mem_number(mem, bytes + 8 * i, 8));
	ret->v[OD_X86_CS] &= 0xffff;
	ret->v[OD_X86_SS] &= 0xffff;
	return true;
}
