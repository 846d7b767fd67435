/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * General registers of a CPU: from a note of the dump, or where the kernel saved them on a stack.
 * x86-64's struct pt_regs (arch/x86/include/asm/ptrace.h) is the beginning of elf_gregset_t,
 * arm64's struct pt_regs begins with struct user_pt_regs, which is its elf_gregset_t: so one order
 * each.
 */
#ifndef OD_TARGET_KERNEL_REGS_H
#define OD_TARGET_KERNEL_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/memory.h"

enum od_regs_arch { OD_REGS_X86_64, OD_REGS_ARM64 };

enum od_x86_reg {
	OD_X86_R15, OD_X86_R14, OD_X86_R13, OD_X86_R12, OD_X86_RBP, OD_X86_RBX, OD_X86_R11,
	OD_X86_R10, OD_X86_R9, OD_X86_R8, OD_X86_RAX, OD_X86_RCX, OD_X86_RDX, OD_X86_RSI,
	OD_X86_RDI, OD_X86_ORIG_RAX, OD_X86_RIP, OD_X86_CS, OD_X86_EFLAGS, OD_X86_RSP, OD_X86_SS,
	OD_X86_PT_REGS, /* so many are in struct pt_regs */
	OD_X86_FS_BASE = OD_X86_PT_REGS, OD_X86_GS_BASE, OD_X86_DS, OD_X86_ES, OD_X86_FS, OD_X86_GS,
	OD_X86_NREGS,
};

/* x0 to x30 are 0 to 30 */
enum od_arm64_reg { OD_ARM64_FP = 29, OD_ARM64_LR, OD_ARM64_SP, OD_ARM64_PC, OD_ARM64_PSTATE,
		    OD_ARM64_NREGS };

enum { OD_NREGS = 34 };

struct od_regs {
	enum od_regs_arch arch;
	uint64_t v[OD_NREGS];
	uint64_t known; /* bit i: v[i] is known */
	uint64_t at;	/* where the struct pt_regs is in memory; 0: not from memory */
};

/* Number of registers of the architecture, and their names in lower case; NULL: no such. */
unsigned od_regs_count(enum od_regs_arch arch);
const char *od_regs_name(enum od_regs_arch arch, unsigned i);

static inline bool od_regs_has(const struct od_regs *regs, unsigned i)
{
	return regs->known >> i & 1;
}

static inline void od_regs_set(struct od_regs *regs, unsigned i, uint64_t value)
{
	regs->v[i] = value;
	regs->known |= UINT64_C(1) << i;
}

/* 0 if unknown. */
uint64_t od_regs_pc(const struct od_regs *regs);
uint64_t od_regs_sp(const struct od_regs *regs);
uint64_t od_regs_fp(const struct od_regs *regs);
/* Did the CPU run a process's own code? By cs of x86, pstate of arm64. */
bool od_regs_user(const struct od_regs *regs);

/*
 * The registers of a note: len bytes of elf_gregset_t. False: too short. mem tells the byte order
 * only.
 */
bool od_regs_note(enum od_regs_arch arch, const struct od_memory *mem, const uint8_t *gregs,
		  size_t len, struct od_regs *ret);
/*
 * struct pt_regs at addr. False: unreadable. x86-64: what follows ss (FRED) is not looked at.
 */
bool od_regs_read(enum od_regs_arch arch, struct od_memory *mem, uint64_t addr,
		  struct od_regs *ret);
/* x86-64: what the CPU alone pushes (rip, cs, eflags, rsp, ss) at addr; the rest stays unknown. */
bool od_regs_read_iret(struct od_memory *mem, uint64_t addr, struct od_regs *ret);

#endif
