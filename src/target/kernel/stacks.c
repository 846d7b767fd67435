/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/stacks.h"

#include <stddef.h>

const char *od_stack_kind_name(enum od_stack_kind kind)
{
	static const char *const names[OD_STACK_KINDS] = {
		[OD_STACK_UNKNOWN] = "unknown", [OD_STACK_TASK] = "task",
		[OD_STACK_IRQ] = "irq",		[OD_STACK_SOFTIRQ] = "softirq",
		[OD_STACK_ENTRY] = "entry",	[OD_STACK_NMI] = "nmi",
		[OD_STACK_DF] = "df",		[OD_STACK_DB] = "db",
		[OD_STACK_MCE] = "mce",		[OD_STACK_VC] = "vc",
		[OD_STACK_VC2] = "vc2",		[OD_STACK_OVERFLOW] = "overflow",
		[OD_STACK_SDEI] = "sdei",
	};

	return (unsigned)kind < OD_STACK_KINDS ? names[kind] : "unknown";
}

void od_stacks_add(struct od_stack_ranges *stacks, enum od_stack_kind kind, uint64_t begin,
		   uint64_t end)
{
	if (begin >= end || end - begin > OD_MAX_STACK_SIZE || stacks->n >= OD_MAX_STACK_RANGES)
		return;
	stacks->r[stacks->n++] = (struct od_stack_range){ begin, end, kind };
}

int od_stacks_find(const struct od_stack_ranges *stacks, uint64_t addr, uint64_t len)
{
	for (unsigned i = 0; i < stacks->n; i++)
		if (addr >= stacks->r[i].begin && addr < stacks->r[i].end &&
		    len <= stacks->r[i].end - addr)
			return (int)i;
	return -1;
}

bool od_stacks_overrun(struct od_memory *mem, uint64_t stack)
{
	enum { STACK_END_MAGIC = 0x57AC6E9D };
	uint64_t word;

	return od_mem_pointer(mem, stack, &word) == OD_MEM_OK && word != STACK_END_MAGIC;
}
