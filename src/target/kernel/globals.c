/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/globals.h"

#include <string.h>

#include "target/kernel/modules.h"

/*
 * BTF up to 6.x describes no other variables than per-CPU ones, and none at all if it was made by a
 * pahole before 1.18 (Debian's 5.10). These are declared in include/linux and kernel/; a row whose
 * type a kernel does not have says nothing of it.
 */
static const struct {
	const char *name, *type;
	bool pointer;
} rows[] = {
	{ "boot_cpu_data", "struct cpuinfo_x86", false },
	{ "cgrp_dfl_root", "struct cgroup_root", false },
	{ "clocksource_list", "struct list_head", false },
	{ "console_drivers", "struct console", true },
	{ "console_sem", "struct semaphore", false },
	{ "contig_page_data", "struct pglist_data", false },
	{ "cpu_info", "struct cpuinfo_x86", false },
	{ "cpu_tss_rw", "struct tss_struct", false },
	{ "current_task", "struct task_struct", true },
	{ "file_systems", "struct file_system_type", true },
	{ "hrtimer_bases", "struct hrtimer_cpu_base", false },
	{ "init_cred", "struct cred", false },
	{ "init_css_set", "struct css_set", false },
	{ "init_files", "struct files_struct", false },
	{ "init_fs", "struct fs_struct", false },
	{ "init_ipc_ns", "struct ipc_namespace", false },
	{ "init_mm", "struct mm_struct", false },
	{ "init_net", "struct net", false },
	{ "init_nsproxy", "struct nsproxy", false },
	{ "init_pid_ns", "struct pid_namespace", false },
	{ "init_sighand", "struct sighand_struct", false },
	{ "init_signals", "struct signal_struct", false },
	{ "init_task", "struct task_struct", false },
	{ "init_user_ns", "struct user_namespace", false },
	{ "init_uts_ns", "struct uts_namespace", false },
	{ "iomem_resource", "struct resource", false },
	{ "ioport_resource", "struct resource", false },
	{ "irq_stat", "irq_cpustat_t", false },
	{ "jiffies", "unsigned long", false },
	{ "jiffies_64", "unsigned long long", false },
	{ "kstat", "struct kernel_stat", false },
	{ "modules", "struct list_head", false },
	{ "net_namespace_list", "struct list_head", false },
	{ "nr_cpu_ids", "unsigned int", false },
	{ "oops_in_progress", "int", false },
	{ "panic_cpu", "atomic_t", false },
	{ "panic_on_oops", "int", false },
	{ "panic_on_warn", "int", false },
	{ "panic_timeout", "int", false },
	{ "prb", "struct printk_ringbuffer", true },
	{ "rcu_data", "struct rcu_data", false },
	{ "root_task_group", "struct task_group", false },
	{ "runqueues", "struct rq", false },
	{ "saved_command_line", "char", true },
	{ "slab_caches", "struct list_head", false },
	{ "softnet_data", "struct softnet_data", false },
	{ "super_blocks", "struct list_head", false },
	{ "system_state", "enum system_states", false },
	{ "tainted_mask", "unsigned long", false },
	{ "totalram_pages", "unsigned long", false },
	{ "unloaded_tainted_modules", "struct list_head", false },
	{ "vm_event_states", "struct vm_event_state", false },
	{ "vmap_area_list", "struct list_head", false },
	{ "workqueues", "struct list_head", false },
};

/* The type "pointer to type". False: nothing of the kernel points to one. */
static bool pointer_to(struct od_typed *t)
{
	struct od_type ptr;

	for (uint32_t id = 1; od_btf_type(t->btf, id, &ptr) && ptr.id; id++)
		if (ptr.kind == OD_TYPE_PTR && ptr.type == t->type) {
			t->type = id;
			return true;
		}
	return false;
}

static bool by_hand(struct od_kernel *k, const char *name, struct od_typed *ret)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].name, name)) {
			ret->type = od_btf_find(k->btf, rows[i].type);
			return ret->type && (!rows[i].pointer || pointer_to(ret));
		}
	return false;
}

typedef uint32_t find_fn(const struct od_btf *btf, const char *name);

/* In the kernel's types, then in those that each module has of its own. */
static bool find(struct od_kernel *k, find_fn *fn, const char *name, struct od_typed *ret)
{
	const struct od_modules *modules;

	*ret = (struct od_typed){ .btf = od_kernel_types(k) };
	if (!ret->btf)
		return false;
	ret->type = fn(ret->btf, name);
	if (ret->type)
		return true;
	modules = od_kernel_modules(k);
	for (uint32_t i = 0; i < modules->n; i++) {
		ret->btf = od_kmodule_types(k, &modules->module[i]);
		ret->type = ret->btf ? fn(ret->btf, name) : 0;
		if (ret->type)
			return true;
	}
	ret->btf = NULL;
	return false;
}

bool od_kernel_type(struct od_kernel *k, const char *name, struct od_typed *ret)
{
	return find(k, od_btf_find, name, ret);
}

bool od_kernel_function(struct od_kernel *k, const char *name, struct od_typed *ret)
{
	return find(k, od_btf_function, name, ret);
}

bool od_kernel_variable(struct od_kernel *k, const char *name, struct od_typed *ret)
{
	*ret = (struct od_typed){ .btf = od_kernel_types(k) };
	if (!ret->btf)
		return false;
	ret->type = od_btf_variable(ret->btf, name);
	/* Before the modules: theirs have to be read for that. */
	return ret->type || by_hand(k, name, ret) || find(k, od_btf_variable, name, ret);
}

static uint32_t enum_of(const struct od_btf *btf, const char *name)
{
	int64_t value;

	return od_btf_enumerator_type(btf, name, &value);
}

bool od_kernel_enumerator(struct od_kernel *k, const char *name, struct od_typed *ret,
			  int64_t *value)
{
	return find(k, enum_of, name, ret) && od_btf_enumerator(ret->btf, name, value);
}

bool od_kernel_is_percpu(struct od_kernel *k, uint64_t symbol)
{
	uint64_t start = od_kernel_symbol(k, "__per_cpu_start");
	uint64_t end = od_kernel_symbol(k, "__per_cpu_end");

	return symbol >= start && symbol < end;
}
