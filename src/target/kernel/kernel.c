/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "target/kernel/modules.h"

/*
 * What is asked for of every dump: a look-up by name is a pass over the whole table, this is one
 * for all.
 */
static const char *const wanted[] = {
	"tick_nsec", "__bss_start", "__bss_stop", "__start_init_task", "__end_init_task",
	"__start_init_stack", "__end_init_stack", "init_stack", "__cpu_online_mask",
	"__cpu_possible_mask", "__end_rodata", "__per_cpu_end", "__per_cpu_offset",
	"__per_cpu_start", "__sched_class_highest", "__start_BTF", "__start_notes",
	"__start_orc_header", "__start_orc_unwind", "__start_orc_unwind_ip", "__start_rodata",
	"__stop_BTF", "__stop_notes", "__stop_orc_header", "__stop_orc_unwind",
	"__stop_orc_unwind_ip", "_edata", "_end", "_etext", "_sdata", "_stext",
	"_totalram_pages", "avenrun", "btf_modules", "boot_command_line", "cea_exception_stacks",
	"chrdevs", "cpu_hw_events", "cpu_number", "cpu_tss_rw", "crash_notes", "crashing_cpu",
	"current_task", "entry_stack_storage", "hardirq_stack_ptr", "high_memory", "init_pid_ns",
	"init_task", "init_thread_union", "init_top_pgt", "init_uts_ns",
	"irq_stack_backing_store", "irq_stack_ptr", "irq_stack_union", "jiffies", "jiffies_64",
	"kimage_voffset", "kmalloc_caches", "linux_banner", "log_buf", "log_buf_len",
	"log_first_idx", "log_next_idx", "major_names", "mem_section", "memstart_addr",
	"modules", "nr_cpu_ids", "nr_threads", "orig_ist", "overflow_stack", "page_offset_base",
	"panic_cpu", "pcpu_hot", "phys_base", "prb", "runqueues", "saved_command_line",
	"sdei_stack_normal_ptr", "shadow_timekeeper", "slab_caches", "softirq_stack_ptr",
	"stack_guard_gap", "swapper_pg_dir", "tainted_mask", "this_cpu_off", "timekeeper_data",
	"tk_core", "tk_data", "total_swap_pages", "totalram_pages", "unloaded_tainted_modules",
	"vm_list",
	"vm_node_stat", "vm_stat", "vm_zone_stat", "vmap_area_list", "vmap_area_root",
	"vmap_nodes", "vmalloc_base", "vmemmap_base", "xtime_nsec",
	/* backtraces */
	"__indirect_thunk_end", "__indirect_thunk_start", "__x86_indirect_thunk_rax",
	"__x86_return_thunk", "_einittext", "_text", "arch_rethook_trampoline",
	"kretprobe_trampoline", "__kretprobe_trampoline", "orc_lookup", "orc_lookup_end",
	"return_to_handler",
};

enum { NWANTED = sizeof(wanted) / sizeof(*wanted), SLOTS = 1024, MAX_NAMES = 768 };

/* Answers of od_kernel_symbol(), also that there is no such symbol. */
struct od_kernel_names {
	struct { const char *name; uint64_t addr; } slot[SLOTS];
	uint32_t n;
};

/* Slot of name, or the free one where it belongs: fewer than SLOTS are used. */
static uint32_t slot_of(const struct od_kernel_names *names, const char *name)
{
	uint32_t hash = 2166136261u;

	for (const char *p = name; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	for (hash %= SLOTS; names->slot[hash].name && strcmp(names->slot[hash].name, name) != 0;)
		hash = (hash + 1) % SLOTS;
	return hash;
}

static void keep(struct od_kernel *k, const char *name, uint64_t addr)
{
	uint32_t slot = slot_of(k->names, name);

	if (k->names->slot[slot].name && !k->names->slot[slot].addr)
		k->names->slot[slot].addr = addr;
	if (k->names->slot[slot].name || k->names->n == MAX_NAMES)
		return;
	k->names->slot[slot].name = od_arena_strdup(&k->arena, name);
	k->names->slot[slot].addr = addr;
	k->names->n++;
}

static void look_up_wanted(struct od_kernel *k)
{
	uint64_t *addrs = od_calloc(NWANTED, sizeof(*addrs));

	k->names = od_arena_alloc(&k->arena, sizeof(*k->names));
	od_symtab_find_all(k->symtab, wanted, addrs, NWANTED);
	for (size_t i = 0; i < NWANTED; i++)
		keep(k, wanted[i], addrs[i]);
	free(addrs);
}

uint64_t od_kernel_symbol(struct od_kernel *k, const char *name)
{
	struct od_symbol sym;
	uint64_t addr = 0;
	uint32_t slot;

	if (k->info && od_vmcoreinfo_symbol(k->info, name, &addr))
		return addr;
	if (od_symtab_count(k->symtab) == 0 && !k->names)
		return 0;
	if (!k->names)
		look_up_wanted(k);
	slot = slot_of(k->names, name);
	if (k->names->slot[slot].name)
		return k->names->slot[slot].addr;
	addr = od_symtab_find(k->symtab, name, "", &sym) ? sym.addr : 0;
	keep(k, name, addr);
	return addr;
}

void od_kernel_add_symbol(struct od_kernel *k, const char *name, uint64_t addr)
{
	if (!k->names)
		look_up_wanted(k);
	keep(k, name, addr);
}

static const char *why(struct od_kernel *k, struct od_error *err)
{
	const char *ret = od_arena_strdup(&k->arena, err->message);

	od_error_free(err);
	return ret;
}

static void find_arch(struct od_kernel *k, const char *arch)
{
	int64_t number;
	uint64_t addr;

	k->x86 = arch && !strcmp(arch, "x86_64");
	k->arm64 = arch && (!strcmp(arch, "aarch64") || !strcmp(arch, "arm64"));
	if (arch || !k->info)
		return;
	/* Keys that only these write: arch/.../kernel/vmcore_info.c, before machine_kexec.c. */
	k->x86 = od_vmcoreinfo_number(k->info, "phys_base", &number) ||
		 od_vmcoreinfo_symbol(k->info, "phys_base", &addr);
	k->arm64 = od_vmcoreinfo_number(k->info, "kimage_voffset", &number);
}

struct od_kernel *od_kernel_create_memory(struct od_memory *mem, const char *vmcoreinfo, size_t len,
					  const char *arch)
{
	struct od_kernel *k = od_calloc(1, sizeof(*k));

	od_arena_init(&k->arena);
	k->mem = mem;
	k->symtab = od_symtab_create(mem);
	k->why_no_symbols = "there is no VMCOREINFO, so nothing says where anything is";
	if (vmcoreinfo)
		k->info = od_vmcoreinfo_create(vmcoreinfo, len);
	find_arch(k, arch);
	return k;
}

struct od_kernel *od_kernel_create(struct od_dump *dump)
{
	size_t len = 0;
	bool scanned;
	const char *note = od_dump_vmcoreinfo(dump, &len, &scanned);
	struct od_kernel *k = od_kernel_create_memory(od_dump_memory(dump), note, len,
						      od_dump_facts(dump)->arch);
	struct od_error *err;

	k->dump = dump;
	if (!k->info)
		return k;
	k->why_no_symbols = NULL;
	err = od_dump_translate(dump, k->info);
	if (!err)
		err = od_symtab_load_kernel(k->symtab, k->info);
	if (err)
		k->why_no_symbols = why(k, err);
	return k;
}

void od_kernel_destroy(struct od_kernel *k)
{
	if (!k)
		return;
	od_modules_deinit(k);
	od_orc_destroy(k->orc);
	od_btf_destroy(k->btf);
	od_symtab_destroy(k->symtab);
	od_vmcoreinfo_destroy(k->info);
	od_arena_deinit(&k->arena);
	free(k);
}
