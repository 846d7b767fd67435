/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine and its state: what `uname -a`, `uptime` and `free` would say. */
#ifndef OD_TARGET_KERNEL_SYSTEM_H
#define OD_TARGET_KERNEL_SYSTEM_H

#include "target/kernel/kernel.h"

/* Strings are bytes of the dump: escape when printing. NULL: unknown. */
struct od_system {
	const char *sysname, *nodename, *release, *version, *machine; /* init_uts_ns */
	const char *cmdline;	/* saved_command_line; else what the log says, if od_kernel_log() read it */
	bool cmdline_from_log;
	bool uptime_from_log;	/* the time of its last record: no task may have said anything since */
	bool has_uptime, has_time, has_load, has_taint;
	uint64_t uptime_ns;	/* since boot, with time asleep if the kernel tells it */
	int64_t time;		/* seconds since 1970 when the dump was made */
	uint64_t load[3];	/* hundredths, of 1, 5 and 15 minutes */
	uint64_t taint;		/* mask */
	uint32_t cpus_possible, cpus_online; /* 0: unknown */
	int32_t panic_cpu;	/* -1: none, or unknown */
	uint32_t page_size;	/* bytes */
	uint64_t pages;		/* managed ones; 0: unknown */
};

/* Read now; strings are in the kernel's arena. */
void od_kernel_system(struct od_kernel *k, struct od_system *ret);

/* A line of what free would say: pages, or another unit. */
struct od_memory_line {
	const char *name; /* for people; static, as key, which is for JSON */
	const char *key;
	uint64_t bytes;
};
enum { OD_MEMORY_LINES = 20 };
/*
 * Sums of the kernel's own counters (vm_zone_stat, vm_node_stat, since 4.8). What single CPUs did
 * not yet add to them is missing, as in the kernel itself. The number of lines.
 */
unsigned od_kernel_memory(struct od_kernel *k, struct od_memory_line ret[OD_MEMORY_LINES]);

#endif
