/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/percpu.h"

#include <string.h>

/* A struct cpumask is an array of unsigned long: bit n of it in the memory's byte order. */
static bool read_mask(struct od_kernel *k, const char *name, const char *old_name,
		      struct od_cpuset *ret)
{
	uint64_t addr = od_kernel_symbol(k, name), size = od_kernel_size(k, "struct cpumask");
	uint32_t width = k->mem->pointer_size;

	memset(ret, 0, sizeof(*ret));
	if (!addr)
		addr = od_kernel_symbol(k, old_name);
	/* Without types one word must do: bits beyond it would be of the next variable. */
	if (size == 0)
		size = width;
	if (!addr || width == 0)
		return false;
	for (uint32_t at = 0; at < size && at < OD_MAX_CPUS / 8; at += width) {
		uint64_t word;

		if (od_mem_pointer(k->mem, addr + at, &word) != OD_MEM_OK)
			return false;
		ret->bits[at / 8] |= word << at % 8 * 8;
		ret->count += (uint32_t)__builtin_popcountll(word);
	}
	return ret->count > 0;
}

bool od_kernel_cpus_possible(struct od_kernel *k, struct od_cpuset *ret)
{
	return read_mask(k, "__cpu_possible_mask", "cpu_possible_bits", ret);
}

bool od_kernel_cpus_online(struct od_kernel *k, struct od_cpuset *ret)
{
	return read_mask(k, "__cpu_online_mask", "cpu_online_bits", ret);
}

static uint32_t count_cpus(struct od_kernel *k)
{
	struct od_cpuset set;
	uint32_t n = 1;

	/* Without symbols: as many as the dump has registers of. */
	if (!od_kernel_cpus_possible(k, &set) && k->dump)
		n = od_dump_facts(k->dump)->nprstatus;
	if (n < 1 || n > OD_MAX_CPUS)
		n = 1;
	for (uint32_t i = 0; i < OD_MAX_CPUS / 64; i++)
		if (set.bits[i])
			n = i * 64 + 64 - (uint32_t)__builtin_clzll(set.bits[i]);
	return n;
}

uint32_t od_kernel_ncpus(struct od_kernel *k)
{
	uint64_t table;

	if (k->ncpus)
		return k->ncpus;
	k->ncpus = count_cpus(k);
	table = od_kernel_symbol(k, "__per_cpu_offset");
	if (!table)
		return k->ncpus;
	k->cpu_offsets = od_arena_alloc(&k->arena, k->ncpus * sizeof(*k->cpu_offsets));
	for (uint32_t i = 0; i < k->ncpus; i++)
		od_mem_pointer(k->mem, table + (uint64_t)i * k->mem->pointer_size,
			       &k->cpu_offsets[i]);
	return k->ncpus;
}

/*
 * Symbols count from 0 (x86-64 before 6.15) or from where the image has the section; the offset of
 * a CPU accounts for it either way, so the sum is the address. Without __per_cpu_offset there is
 * one CPU.
 */
uint64_t od_kernel_percpu(struct od_kernel *k, uint64_t symbol, unsigned cpu)
{
	if (cpu >= od_kernel_ncpus(k))
		return 0;
	if (!k->cpu_offsets)
		return symbol;
	return k->cpu_offsets[cpu] ? symbol + k->cpu_offsets[cpu] : 0;
}

uint64_t od_kernel_percpu_pointer(struct od_kernel *k, uint64_t symbol, unsigned cpu)
{
	uint64_t addr = od_kernel_percpu(k, symbol, cpu), ret = 0;

	if (addr)
		od_mem_pointer(k->mem, addr, &ret);
	return ret;
}
