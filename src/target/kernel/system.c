/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/system.h"

#include <stdio.h>
#include <string.h>

#include "target/kernel/cpuregs.h"
#include "target/kernel/field.h"
#include "target/kernel/percpu.h"

enum {
	UTS_LEN = 65,	      /* include/uapi/linux/utsname.h: six strings of so many bytes */
	UTS_NAME_OFFSET = 4,  /* in struct uts_namespace up to 5.10, behind a struct kref */
	MAX_CMDLINE = 4096,
	FSHIFT = 11,	      /* include/linux/sched/loadavg.h */
	NSEC_PER_SEC = 1000000000,
	INITIAL_SECONDS = 300, /* INITIAL_JIFFIES: the counter wraps five minutes after boot */
};

static const char *string_at(struct od_kernel *k, uint64_t addr, size_t room)
{
	char buf[MAX_CMDLINE];

	if (od_mem_string(k->mem, addr, buf, room < sizeof(buf) ? room : sizeof(buf)) !=
		    OD_MEM_OK ||
	    !*buf)
		return NULL;
	return od_arena_strdup(&k->arena, buf);
}

static void read_names(struct od_kernel *k, struct od_system *ret)
{
	const char **names[] = { &ret->sysname, &ret->nodename, &ret->release, &ret->version,
				 &ret->machine };
	uint64_t addr = od_kernel_symbol(k, "init_uts_ns"), offset;

	if (addr && !od_kernel_offset(k, "struct uts_namespace", "name", &offset))
		offset = UTS_NAME_OFFSET;
	for (size_t i = 0; addr && i < sizeof(names) / sizeof(*names); i++)
		*names[i] = string_at(k, addr + offset + i * UTS_LEN, UTS_LEN);
	if (!ret->release && k->info)
		ret->release = od_vmcoreinfo_release(k->info);
}

struct clock {
	uint64_t xtime_sec, base, nsec, shift, boot;
};

static bool read_clock(struct od_kernel *k, uint64_t timekeeper, struct clock *ret)
{
	static const char type[] = "struct timekeeper";

	*ret = (struct clock){ 0 };
	od_kernel_member(k, timekeeper, type, "offs_boot", &ret->boot);
	return od_kernel_member(k, timekeeper, type, "xtime_sec", &ret->xtime_sec) &&
	       od_kernel_member(k, timekeeper, type, "tkr_mono.base", &ret->base) &&
	       od_kernel_member(k, timekeeper, type, "tkr_mono.xtime_nsec", &ret->nsec) &&
	       od_kernel_member(k, timekeeper, type, "tkr_mono.shift", &ret->shift) &&
	       ret->shift < 64 && ret->xtime_sec < 1ull << 40;
}

/*
 * struct timekeeper of kernel/time/timekeeping.c: a member of struct tk_data since 6.13 (tk_core,
 * or the first of timekeeper_data[]); before, tk_core is of a struct without a name, but its copy
 * shadow_timekeeper, which every tick writes too, is a plain struct timekeeper.
 */
static uint64_t timekeeper(struct od_kernel *k)
{
	uint64_t offset, core = od_kernel_symbol(k, "tk_core");

	if (!core)
		core = od_kernel_symbol(k, "timekeeper_data");
	if (core && od_kernel_offset(k, "struct tk_data", "timekeeper", &offset))
		return core + offset;
	return od_kernel_symbol(k, "shadow_timekeeper");
}

/* tick_nsec says how long a jiffy is; no types are needed. */
static bool from_jiffies(struct od_kernel *k, uint64_t *ret)
{
	uint64_t at = od_kernel_symbol(k, "jiffies_64"), nsec_at = od_kernel_symbol(k, "tick_nsec");
	uint64_t jiffies, nsec, initial;

	if (!at)
		at = od_kernel_symbol(k, "jiffies");
	if (!at || !nsec_at || od_mem_u64(k->mem, at, &jiffies) != OD_MEM_OK ||
	    od_mem_pointer(k->mem, nsec_at, &nsec) != OD_MEM_OK || nsec < 100000 ||
	    nsec > 100000000)
		return false;
	initial = (uint32_t) -
		  (int64_t)((INITIAL_SECONDS * (uint64_t)NSEC_PER_SEC + nsec / 2) / nsec);
	*ret = (jiffies - initial) * nsec;
	return jiffies >= initial && jiffies - initial < UINT64_MAX / nsec;
}

static void read_time(struct od_kernel *k, struct od_system *ret)
{
	uint64_t at = timekeeper(k);
	struct clock c;

	if (at && read_clock(k, at, &c)) {
		ret->time = (int64_t)c.xtime_sec;
		ret->uptime_ns = c.base + (c.nsec >> c.shift) + c.boot;
		ret->has_time = ret->has_uptime = true;
	} else {
		ret->has_uptime = from_jiffies(k, &ret->uptime_ns);
	}
	if (!ret->has_time && k->info) {
		const char *crash = od_vmcoreinfo_value(k->info, "CRASHTIME");
		long long seconds;

		ret->has_time = crash && sscanf(crash, "%lld", &seconds) == 1;
		if (ret->has_time)
			ret->time = seconds;
	}
}

static void read_load(struct od_kernel *k, struct od_system *ret)
{
	uint64_t at = od_kernel_symbol(k, "avenrun"), value;

	ret->has_load = at != 0;
	for (unsigned i = 0; at && i < 3; i++) {
		if (od_mem_pointer(k->mem, at + (uint64_t)i * k->mem->pointer_size, &value) !=
		    OD_MEM_OK)
			ret->has_load = false;
		/* As loadavg_proc_show() rounds. */
		value += (1 << FSHIFT) / 200;
		ret->load[i] = (value >> FSHIFT) * 100 +
			       ((value & ((1 << FSHIFT) - 1)) * 100 >> FSHIFT);
	}
}

static const char *read_cmdline(struct od_kernel *k)
{
	uint64_t at = od_kernel_symbol(k, "saved_command_line"), p;
	const char *ret = NULL;

	if (at && od_mem_pointer(k->mem, at, &p) == OD_MEM_OK && p)
		ret = string_at(k, p, MAX_CMDLINE);
	at = od_kernel_symbol(k, "boot_command_line");
	return ret || !at ? ret : string_at(k, at, MAX_CMDLINE);
}

void od_kernel_system(struct od_kernel *k, struct od_system *ret)
{
	uint64_t at, value;
	uint32_t cpu;
	struct od_cpuset set;

	*ret = (struct od_system){ .panic_cpu = -1, .page_size = k->mem->page_size };
	read_names(k, ret);
	read_time(k, ret);
	read_load(k, ret);
	ret->cmdline = read_cmdline(k);
	if (!ret->has_uptime && k->log_last_ns) {
		ret->has_uptime = ret->uptime_from_log = true;
		ret->uptime_ns = k->log_last_ns;
	}
	if (!ret->cmdline && k->log_cmdline) {
		ret->cmdline = k->log_cmdline;
		ret->cmdline_from_log = true;
	}
	if (od_kernel_cpus_possible(k, &set))
		ret->cpus_possible = set.count;
	if (od_kernel_cpus_online(k, &set))
		ret->cpus_online = set.count;
	if (od_kernel_panic_cpu(k, &cpu) && cpu < OD_MAX_CPUS)
		ret->panic_cpu = (int32_t)cpu;
	at = od_kernel_symbol(k, "tainted_mask");
	ret->has_taint = at && od_mem_pointer(k->mem, at, &ret->taint) == OD_MEM_OK;
	/* An atomic_long_t since 5.0, an unsigned long before: the same bytes. */
	at = od_kernel_symbol(k, "_totalram_pages");
	if (!at)
		at = od_kernel_symbol(k, "totalram_pages");
	if (at && od_mem_pointer(k->mem, at, &value) == OD_MEM_OK)
		ret->pages = value;
}

enum unit { PAGES, KIB };

static const struct {
	const char *name, *key;
	const char
		*item; /* enumerators of zone_stat_item and node_stat_item, alternatives by '|' */
	enum unit unit;
} counters[] = {
	{ "free", "free", "NR_FREE_PAGES", PAGES },
	{ "file pages", "file_pages", "NR_FILE_PAGES", PAGES },
	{ "anonymous, mapped", "anonymous_mapped", "NR_ANON_MAPPED", PAGES },
	{ "file, mapped", "file_mapped", "NR_FILE_MAPPED", PAGES },
	{ "shared memory", "shared_memory", "NR_SHMEM", PAGES },
	{ "dirty", "dirty", "NR_FILE_DIRTY", PAGES },
	{ "writeback", "writeback", "NR_WRITEBACK", PAGES },
	{ "unevictable", "unevictable", "NR_UNEVICTABLE", PAGES },
	{ "active anon", "active_anon", "NR_ACTIVE_ANON", PAGES },
	{ "inactive anon", "inactive_anon", "NR_INACTIVE_ANON", PAGES },
	{ "active file", "active_file", "NR_ACTIVE_FILE", PAGES },
	{ "inactive file", "inactive_file", "NR_INACTIVE_FILE", PAGES },
	/* Named _B since 5.9, but the sum is in pages before and after. */
	{ "slab, reclaimable", "slab_reclaimable", "NR_SLAB_RECLAIMABLE_B|NR_SLAB_RECLAIMABLE",
	 PAGES},
	{ "slab, unreclaimable", "slab_unreclaimable",
	 "NR_SLAB_UNRECLAIMABLE_B|NR_SLAB_UNRECLAIMABLE", PAGES},
	{ "kernel stacks", "kernel_stacks", "NR_KERNEL_STACK_KB", KIB },
	{ "page tables", "page_tables", "NR_PAGETABLE", PAGES },
};

/* The value of the first enumerator of the list that there is. */
static bool item_index(const struct od_btf *btf, const char *items, int64_t *ret)
{
	char name[64];

	for (const char *p = items; *p;) {
		size_t len = strcspn(p, "|");

		snprintf(name, sizeof(name), "%.*s", (int)len, p);
		if (od_btf_enumerator(btf, name, ret))
			return *ret >= 0 && *ret < 1024;
		p += len + (p[len] == '|');
	}
	return false;
}

/* Some counters moved from one array to the other: the enumeration says in which one they are. */
static bool in_zone(const struct od_btf *btf, const char *items)
{
	size_t len = strcspn(items, "|");
	struct od_type type;
	int64_t value;

	if (!od_btf_type(btf, od_btf_find(btf, "enum zone_stat_item"), &type))
		return false;
	for (uint32_t i = 0; i < type.count; i++) {
		const char *s = od_btf_nth_enumerator(&type, i, &value);

		if (!strncmp(s, items, len) && !s[len])
			return true;
	}
	return false;
}

unsigned od_kernel_memory(struct od_kernel *k, struct od_memory_line ret[OD_MEMORY_LINES])
{
	const struct od_btf *btf = od_kernel_types(k);
	uint32_t width = k->mem->pointer_size;
	unsigned n = 0;

	for (size_t i = 0; btf && i < sizeof(counters) / sizeof(*counters); i++) {
		const char *array =
			in_zone(btf, counters[i].item) ? "vm_zone_stat" : "vm_node_stat";
		uint64_t at = od_kernel_symbol(k, array), value;
		int64_t index;

		if (!at || !item_index(btf, counters[i].item, &index) ||
		    od_mem_pointer(k->mem, at + (uint64_t)index * width, &value) != OD_MEM_OK ||
		    value >> (width * 8 - 1))
			continue;
		ret[n].name = counters[i].name;
		ret[n].key = counters[i].key;
		ret[n++].bytes = value * (counters[i].unit == PAGES ? k->mem->page_size : 1024);
	}
	return n;
}
