/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/cpuregs.h"

#include <string.h>

#include "target/kernel/percpu.h"

enum {
	NOTE_HEADER = 12, /* struct elf64_note: namesz, descsz, type */
	NOTE_NAME = 8,	  /* "CORE", padded */
	NT_PRSTATUS = 1,
	PR_PID = 32,   /* in struct elf_prstatus of 64-bit machines (include/linux/elfcore.h) */
	PR_REG = 112,
};

static enum od_regs_arch arch_of(const struct od_kernel *k)
{
	return k->arm64 ? OD_REGS_ARM64 : OD_REGS_X86_64;
}

static struct od_cpu_regs *add(struct od_kernel *k, struct od_cpu_regs_table *t, uint32_t *cap)
{
	return od_push(&k->arena, t->row, t->n, *cap);
}

/* What crash_save_cpu() (kernel/kexec_core.c, crash_core.c) left for one CPU. */
static bool read_crash_note(struct od_kernel *k, uint64_t addr, struct od_cpu_regs *ret)
{
	uint8_t note[NOTE_HEADER + NOTE_NAME + PR_REG + 8 * OD_NREGS], *desc;
	size_t regs = 8 * (size_t)od_regs_count(arch_of(k));

	if (od_mem_read(k->mem, addr, note, NOTE_HEADER + NOTE_NAME + PR_REG + regs) != OD_MEM_OK)
		return false;
	if (od_mem_number(k->mem, note, 4) != 5 ||
	    od_mem_number(k->mem, note + 4, 4) < PR_REG + regs ||
	    od_mem_number(k->mem, note + 8, 4) != NT_PRSTATUS ||
	    memcmp(note + NOTE_HEADER, "CORE", 5) != 0)
		return false;
	desc = note + NOTE_HEADER + NOTE_NAME;
	ret->pid = (int32_t)od_mem_number(k->mem, desc + PR_PID, 4);
	return od_regs_note(arch_of(k), k->mem, desc + PR_REG, regs, &ret->regs);
}

static void from_crash_notes(struct od_kernel *k, struct od_cpu_regs_table *t)
{
	uint64_t symbol = od_kernel_symbol(k, "crash_notes"), notes, at;
	uint32_t cap = 0, ncpus = od_kernel_ncpus(k);
	struct od_cpu_regs one;

	if (!symbol || od_mem_pointer(k->mem, symbol, &notes) != OD_MEM_OK)
		return;
	for (uint32_t cpu = 0; cpu < ncpus; cpu++) {
		at = od_kernel_percpu(k, notes, cpu);
		if (!at || !read_crash_note(k, at, &one))
			continue;
		one.cpu = cpu;
		*add(k, t, &cap) = one;
	}
	if (t->n)
		t->how = OD_CPU_REGS_CRASH_NOTES;
}

/* QEMU numbers the notes' pids from 1 by CPU (dump/dump.c, cpu_write_elf64_note()). */
static bool numbered_by_cpu(struct od_kernel *k, uint32_t n, uint32_t ncpus)
{
	struct od_prstatus note;
	int32_t last = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (!od_dump_prstatus(k->dump, i, &note) || note.pid <= last ||
		    note.pid > (int32_t)ncpus)
			return false;
		last = note.pid;
	}
	return true;
}

static void from_dump(struct od_kernel *k, struct od_cpu_regs_table *t, bool crashed)
{
	uint32_t n = od_dump_facts(k->dump)->nprstatus, ncpus = od_kernel_ncpus(k);
	uint32_t cap = 0, cpu = 0;
	bool numbered;
	struct od_cpuset online;
	struct od_prstatus note;
	struct od_cpu_regs one;

	if (n > OD_MAX_CPUS)
		n = OD_MAX_CPUS;
	/* Without symbols the number of CPUs is unknown: then there are as many as notes. */
	if (ncpus < n)
		ncpus = n;
	numbered = !crashed && numbered_by_cpu(k, n, ncpus);
	if (!od_kernel_cpus_online(k, &online) || online.count < n)
		memset(online.bits, 0xff, sizeof(online.bits));
	for (uint32_t i = 0; i < n; i++, cpu++) {
		if (!od_dump_prstatus(k->dump, i, &note) ||
		    !od_regs_note(arch_of(k), k->mem, note.regs, note.size, &one.regs))
			continue;
		while (cpu + 1 < OD_MAX_CPUS && !od_cpuset_has(&online, cpu))
			cpu++;
		one.cpu = numbered ? (uint32_t)note.pid - 1 : cpu;
		one.pid = numbered ? -1 : note.pid;
		*add(k, t, &cap) = one;
	}
	if (t->n)
		t->how = numbered ? OD_CPU_REGS_HYPERVISOR : OD_CPU_REGS_ORDER;
}

const struct od_cpu_regs_table *od_kernel_cpu_regs(struct od_kernel *k)
{
	bool crashed = k->info && od_vmcoreinfo_value(k->info, "CRASHTIME");
	struct od_cpu_regs_table *t;

	if (k->cpu_regs)
		return k->cpu_regs;
	t = od_arena_alloc(&k->arena, sizeof(*t));
	k->cpu_regs = t;
	if (!k->x86 && !k->arm64)
		return t;
	if (crashed)
		from_crash_notes(k, t);
	if (!t->n && k->dump)
		from_dump(k, t, crashed);
	return t;
}

const struct od_cpu_regs *od_cpu_regs_find(const struct od_cpu_regs_table *t, uint32_t cpu)
{
	for (uint32_t lo = 0, hi = t->n; lo < hi;) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (t->row[mid].cpu == cpu)
			return &t->row[mid];
		if (t->row[mid].cpu < cpu)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

bool od_kernel_panic_cpu(struct od_kernel *k, uint32_t *ret)
{
	static const char *const names[] = { "panic_cpu", "crashing_cpu" };
	uint64_t symbol;
	uint32_t cpu;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		symbol = od_kernel_symbol(k, names[i]);
		if (symbol && od_mem_u32(k->mem, symbol, &cpu) == OD_MEM_OK &&
		    cpu < od_kernel_ncpus(k)) { /* -1: nobody */
			*ret = cpu;
			return true;
		}
	}
	return false;
}
