/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/fixture-kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/unit/fixture-btf.h"

/* --- types ----------------------------------------------------------------------- */

/* What a member is: an unsigned number of 1 to 8 bytes, or one of these. */
enum { LIST = 100, NESTED = 101, MEM = 102, ATTR = 103, RB = 104, ATOMIC = 105, HEAD = 106,
       NOTIFIER = 107, TEXT = 200 /* + its length */ };

struct member {
	const char *name;
	unsigned offset, type, bits; /* offset in bytes; bits: of a bit field at the byte's beginning */
};

static const struct type {
	const char *name;
	unsigned size;
	struct member m[24];
} types[] = {
	{ "list_head", 16, { { "next", 0, 8, 0 }, { "prev", 8, 8, 0 } } },
	{ "thread_struct", 16, { { "pad", 0, 8, 0 }, { "sp", 8, 8, 0 } } },
	{ "module_layout", 24, { { "base", 0, 8, 0 }, { "size", 8, 4, 0 }, { "text_size", 12, 4, 0 },
				 { "ro_size", 16, 4, 0 } } },
	{ "module_memory", 16, { { "size", 0, 4, 0 }, { "base", 8, 8, 0 } } },
	{ "rb_node", 24, { { "rb_parent", 0, 8, 0 }, { "rb_right", 8, 8, 0 }, { "rb_left", 16, 8, 0 } } },
	{ "attribute", 8, { { "name", 0, 8, 0 } } },
	{ "atomic", 4, { { "counter", 0, 4, 0 } } },
	{ "hlist_head", 8, { { "first", 0, 8, 0 } } },
	{ "preempt_notifier", 24, { { "ops", 0, 8, 0 }, { "link", 8, 8, 0 } } },
	{ "task_struct", 0x400,
	  { { "__state", 0x10, 4, 0 }, { "stack", 0x18, 8, 0 }, { "flags", 0x24, 4, 0 },
	    { "cpu", 0x28, 4, 0 }, { "tasks", 0x30, LIST, 0 }, { "mm", 0x40, 8, 0 },
	    { "exit_state", 0x50, 4, 0 }, { "pid", 0x60, 4, 0 }, { "tgid", 0x64, 4, 0 },
	    { "real_parent", 0x68, 8, 0 }, { "thread_node", 0x78, LIST, 0 },
	    { "start_time", 0x88, 8, 0 }, { "comm", 0xa0, TEXT + 16, 0 }, { "signal", 0xb8, 8, 0 },
	    { "worker_private", 0x98, 8, 0 }, { "thread", 0x100, NESTED, 0 },
	    { "preempt_notifiers", 0x180, HEAD, 0 } } },
	{ "kvm", 0x80,
	  { { "mm", 8, 8, 0 }, { "vm_list", 0x10, LIST, 0 }, { "users_count", 0x20, ATOMIC, 0 },
	    { "online_vcpus", 0x24, ATOMIC, 0 }, { "created_vcpus", 0x28, 4, 0 },
	    { "mmu_notifier_seq", 0x30, 8, 0 }, { "mmu_notifier_count", 0x38, 8, 0 },
	    { "mmu_notifier_range_start", 0x40, 8, 0 }, { "mmu_notifier_range_end", 0x48, 8, 0 },
	    { "userspace_pid", 0x50, 4, 0 }, { "vm_bugged", 0x54, 1, 0 } } },
	{ "kvm_vcpu", 0x40,
	  { { "kvm", 0, 8, 0 }, { "vcpu_id", 8, 4, 0 }, { "preempt_notifier", 0x10, NOTIFIER, 0 } } },
	{ "signal_struct", 0x40, { { "thread_head", 0x10, LIST, 0 } } },
	{ "kthread", 16, { { "full_name", 8, 8, 0 } } },
	{ "rq", 0x40, { { "curr", 8, 8, 0 }, { "idle", 16, 8, 0 } } },
	{ "cpumask", 8, { { "bits", 0, 8, 0 } } },
	{ "mutex", 0x30, { { "owner", 0, 8, 0 }, { "wait_list", 0x10, LIST, 0 } } },
	{ "mutex_waiter", 0x20, { { "list", 0, LIST, 0 }, { "task", 16, 8, 0 } } },
	{ "rw_semaphore", 0x30, { { "owner", 8, 8, 0 }, { "wait_list", 0x18, LIST, 0 } } },
	{ "rwsem_waiter", 0x20, { { "list", 0, LIST, 0 }, { "task", 16, 8, 0 }, { "type", 24, 4, 0 } } },
	{ "bin_attribute", 32, { { "attr", 0, ATTR, 0 }, { "size", 8, 8, 0 }, { "private", 16, 8, 0 } } },
	{ "module_notes_attrs", 0, { { "notes", 0, 4, 0 }, { "attrs", 8, 1, 0 } } },
	{ "mod_kallsyms", 32, { { "symtab", 0, 8, 0 }, { "num_symtab", 8, 4, 0 }, { "strtab", 16, 8, 0 },
				{ "typetab", 24, 8, 0 } } },
	{ "kmem_cache", 0x60, { { "size", 0, 4, 0 }, { "object_size", 4, 4, 0 }, { "offset", 8, 4, 0 },
				{ "random", 16, 8, 0 }, { "name", 24, 8, 0 }, { "cpu_slab", 32, 8, 0 } } },
	{ "kmem_cache_cpu", 0x20, { { "freelist", 0, 8, 0 }, { "slab", 16, 8, 0 } } },
	{ "slab", 0x40, { { "slab_cache", 8, 8, 0 }, { "freelist", 16, 8, 0 }, { "objects", 26, 4, 15 } } },
	{ "vmap_area", 0x40, { { "va_start", 0, 8, 0 }, { "va_end", 8, 8, 0 }, { "rb_node", 16, RB, 0 },
			       { "vm", 40, 8, 0 } } },
	{ "vm_struct", 0x20, { { "caller", 8, 8, 0 } } },
};

static const struct type module_old = { "module", 0x200, { { "core_layout", 0x90, NESTED, 0 } } };
static const struct type module_new = { "module", 0x200, { { "mem", 0x90, MEM, 0 } } };
static const struct member module_members[] = {
	{ "state", 0, 4, 0 }, { "list", 8, LIST, 0 }, { "name", 0x18, TEXT + 56, 0 },
	{ "srcversion", 0x60, 8, 0 }, { "refcnt", 0x70, 4, 0 },
	{ "notes_attrs", 0x78, 8, 0 }, { "taints", 0xd8, 8, 0 }, { "kallsyms", 0x100, 8, 0 },
};

struct ids {
	uint32_t number[9], list, thread, layout, memory, attribute, node, atomic, head, notifier;
};

static uint32_t type_of(struct maker *mk, const struct ids *id, const char *in, unsigned type)
{
	if (type < 9)
		return id->number[type];
	if (type >= TEXT)
		return maker_array(mk, id->number[1], type - TEXT);
	return type == LIST ? id->list : type == ATTR ? id->attribute : type == RB ? id->node :
	       type == ATOMIC ? id->atomic : type == HEAD ? id->head : type == NOTIFIER ? id->notifier :
	       type == MEM ? maker_array(mk, id->memory, 7) :
	       !strcmp(in, "module") ? id->layout : id->thread;
}

static uint32_t add_struct(struct maker *mk, const struct ids *id, const struct type *t,
			   const struct member *more, unsigned nmore)
{
	uint32_t ids[24], n = 0, ret;

	/* Types of members first: an array is a record of its own. */
	while (n < 24 && t->m[n].name) {
		ids[n] = type_of(mk, id, t->name, t->m[n].type);
		n++;
	}
	for (unsigned i = 0; i < nmore; i++)
		ids[n + i] = type_of(mk, id, t->name, more[i].type);
	ret = maker_type(mk, t->name, OD_TYPE_STRUCT, true, n + nmore, t->size);
	for (unsigned i = 0; i < n; i++)
		maker_member(mk, t->m[i].name, ids[i], t->m[i].offset * 8, t->m[i].bits);
	for (unsigned i = 0; i < nmore; i++)
		maker_member(mk, more[i].name, ids[n + i], more[i].offset * 8, 0);
	return ret;
}

static struct od_btf *make_types(unsigned flags)
{
	static const char *const parts[] = { "MOD_TEXT", "MOD_DATA", "MOD_RODATA" };
	struct maker mk;
	struct ids id = { 0 };
	struct od_btf *ret;

	maker_init(&mk, false);
	for (unsigned size = 1; size <= 8; size *= 2) {
		char name[8];

		snprintf(name, sizeof(name), "u%u", size * 8);
		id.number[size] = maker_int(&mk, name, size, false);
	}
	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++) {
		uint32_t made = add_struct(&mk, &id, &types[i], NULL, 0);

		if (!strcmp(types[i].name, "list_head"))
			id.list = made;
		else if (!strcmp(types[i].name, "thread_struct"))
			id.thread = made;
		else if (!strcmp(types[i].name, "module_layout"))
			id.layout = made;
		else if (!strcmp(types[i].name, "module_memory"))
			id.memory = made;
		else if (!strcmp(types[i].name, "rb_node"))
			id.node = made;
		else if (!strcmp(types[i].name, "attribute"))
			id.attribute = made;
		else if (!strcmp(types[i].name, "atomic"))
			id.atomic = made;
		else if (!strcmp(types[i].name, "hlist_head"))
			id.head = made;
		else if (!strcmp(types[i].name, "preempt_notifier"))
			id.notifier = made;
	}
	add_struct(&mk, &id, flags & FK_MEM_ARRAY ? &module_new : &module_old, module_members,
		   sizeof(module_members) / sizeof(*module_members));
	maker_type(&mk, "mod_mem_type", OD_TYPE_ENUM, false, 3, 4);
	for (unsigned i = 0; i < 3; i++)
		maker_pair(&mk, parts[i], i);
	maker_type(&mk, "rwsem_waiter_type", OD_TYPE_ENUM, false, 2, 4);
	maker_pair(&mk, "RWSEM_WAITING_FOR_WRITE", 0);
	maker_pair(&mk, "RWSEM_WAITING_FOR_READ", 1);
	ret = maker_btf(&mk, NULL);
	maker_deinit(&mk);
	return ret;
}

/* --- memory ------------------------------------------------------------------------ */

static enum od_mem_status read_image(struct od_memory *mem, enum od_space space, uint64_t addr,
				     void *buf, size_t len, size_t *got)
{
	struct fixture_kernel *f = (struct fixture_kernel *)(void *)mem;
	uint64_t at = addr - FK_BASE, n = at < FK_SIZE ? FK_SIZE - at : 0;

	(void)space;
	if (n > len)
		n = len;
	*got = 0;
	if (f->hole && addr < f->hole + 4096 && addr + n > f->hole) {
		n = addr < f->hole ? f->hole - addr : 0;
		memcpy(buf, f->bytes + at, n);
		*got = n;
		return OD_MEM_EXCLUDED;
	}
	if (n)
		memcpy(buf, f->bytes + at, n);
	*got = n;
	return n == len ? OD_MEM_OK : OD_MEM_UNMAPPED;
}

void fk_put(struct fixture_kernel *f, uint64_t offset, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		f->bytes[offset + i] = (uint8_t)(value >> 8 * i);
}

void fk_point(struct fixture_kernel *f, uint64_t at, uint64_t to)
{
	fk_put(f, at, FK_BASE + to, 8);
}

static void put_text(struct fixture_kernel *f, uint64_t at, const char *s)
{
	memcpy(f->bytes + at, s, strlen(s) + 1);
}

/* A ring of list_heads. */
static void ring(struct fixture_kernel *f, const uint64_t *at, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		fk_point(f, at[i], at[(i + 1) % n]);
		fk_point(f, at[i] + 8, at[(i + n - 1) % n]);
	}
}

static const struct {
	uint64_t at;
	uint32_t pid, tgid, state, exit_state, flags, cpu;
	uint64_t parent;
	const char *comm;
} tasks[] = {
	{ FK_INIT, 0, 0, 0, 0, 0x200000, 0, FK_INIT, "swapper/0" },
	{ FK_TASK1, 1, 1, 1, 0, 0, 0, FK_INIT, "init" },
	{ FK_TASK2, 2, 2, 0x402, 0, 0x200000, 0, FK_INIT, "a_thread_with_a" },
	{ FK_TASK3, 30, 30, 2, 0, 0, 0, FK_TASK1, "lea\033[31m" },
	{ FK_TASK4, 31, 30, 2, 0, 0, 0, FK_TASK1, "second" },
	{ FK_TASK5, 32, 30, 0, 0, 0, 1, FK_TASK1, "third" },
	{ FK_TASK6, 40, 40, 0x80, 0x20, 4, 0, FK_TASK1, "gone" },
	{ FK_IDLE1, 0, 0, 0, 0, 0x200000, 1, FK_INIT, "swapper/1" },
};

static void make_tasks(struct fixture_kernel *f)
{
	static const uint64_t leaders[] = { FK_INIT + 0x30, FK_TASK1 + 0x30, FK_TASK2 + 0x30,
					    FK_TASK3 + 0x30, FK_TASK6 + 0x30 };
	static const uint64_t threads[] = { FK_SIGNALS + 3 * 0x40 + 0x10, FK_TASK3 + 0x78,
					    FK_TASK4 + 0x78, FK_TASK5 + 0x78 };

	for (unsigned i = 0; i < sizeof(tasks) / sizeof(*tasks); i++) {
		uint64_t at = tasks[i].at, signal = FK_SIGNALS + i * 0x40;
		uint64_t alone[] = { signal + 0x10, at + 0x78 };

		fk_put(f, at + 0x10, tasks[i].state, 4);
		if (tasks[i].at != FK_TASK6)
			fk_point(f, at + 0x18, FK_STACKS + i * 0x4000);
		fk_put(f, at + 0x24, tasks[i].flags, 4);
		fk_put(f, at + 0x28, tasks[i].cpu, 4);
		if (!tasks[i].flags && !tasks[i].exit_state) {
			fk_point(f, at + 0x40, 0x3f00);
			fk_point(f, at + 0x48, 0x3f00);
		}
		fk_put(f, at + 0x50, tasks[i].exit_state, 4);
		fk_put(f, at + 0x58, tasks[i].pid > 1 ? 17 : 0, 4);
		fk_put(f, at + 0x60, tasks[i].pid, 4);
		fk_put(f, at + 0x64, tasks[i].tgid, 4);
		fk_point(f, at + 0x68, tasks[i].parent);
		fk_point(f, at + 0x70, tasks[i].tgid == 30 ? FK_TASK3 : at);
		fk_put(f, at + 0x88, tasks[i].pid * 1000000ull, 8);
		fk_put(f, at + 0x90, tasks[i].pid * 1000000ull, 8);
		put_text(f, at + 0xa0, tasks[i].comm);
		fk_point(f, at + 0xb8, tasks[i].tgid == 30 ? FK_SIGNALS + 3 * 0x40 : signal);
		fk_point(f, at + 0x108, FK_STACKS + i * 0x4000 + 0x3000);
		ring(f, alone, 2);
	}
	ring(f, leaders, 5);
	ring(f, threads, 4);
	fk_point(f, FK_TASK2 + 0x98, 0x3000);
	fk_point(f, 0x3008, 0x3010);
	put_text(f, 0x3010, "a_thread_with_a_long_name");
	/* struct rq of each CPU */
	fk_point(f, FK_PERCPU + 0x100 + 8, FK_INIT);
	fk_point(f, FK_PERCPU + 0x100 + 16, FK_INIT);
	fk_point(f, FK_PERCPU + 0x1100 + 8, FK_TASK5);
	fk_point(f, FK_PERCPU + 0x1100 + 16, FK_IDLE1);
	fk_put(f, 0x3100, FK_BASE + FK_PERCPU, 8);
	fk_put(f, 0x3108, FK_BASE + FK_PERCPU + 0x1000, 8);
	fk_put(f, 0x3110, 3, 8); /* possible */
}

/* A waiter in the frame of a function whose callee returns to FK_TEXT + into. */
static void make_waiter(struct fixture_kernel *f, unsigned stack, uint64_t task, uint64_t head,
			uint64_t into)
{
	uint64_t sp = FK_STACKS + stack * 0x4000 + 0x3000;
	uint64_t list[] = { head, sp + 0x40 };

	fk_put(f, sp + 0x18, FK_TEXT + into, 8);
	fk_point(f, sp + 0x20, task); /* a word that only looks like it */
	ring(f, list, 2);
	fk_point(f, sp + 0x50, task);
}

static void make_locks(struct fixture_kernel *f)
{
	fk_put(f, FK_MUTEX, FK_BASE + FK_TASK5 + 1, 8);
	make_waiter(f, 3, FK_TASK3, FK_MUTEX + 0x10, 0x20);
	fk_point(f, FK_RWSEM + 8, FK_TASK3);
	make_waiter(f, 4, FK_TASK4, FK_RWSEM + 0x18, 0x120);
	fk_put(f, FK_STACKS + 4 * 0x4000 + 0x3000 + 0x58, 1, 4);
}

static void put_symbol(struct fixture_kernel *f, unsigned i, uint32_t name, uint64_t value,
		       uint64_t size)
{
	uint64_t at = FK_MODULE + 0x600 + i * 24ull;

	fk_put(f, at, name, 4);
	fk_put(f, at + 4, 2, 1); /* STT_FUNC */
	fk_put(f, at + 6, 1, 2);
	fk_put(f, at + 8, value, 8);
	fk_put(f, at + 16, size, 8);
}

static void make_module(struct fixture_kernel *f, unsigned flags)
{
	static const uint64_t list[] = { FK_MODULES, FK_MODULE + 8 };
	static const uint64_t bugs[] = { FK_MODULES + 0x20, FK_MODULE + 0xe8 };
	static const char names[] = "\0__mutex_lock\0rwsem_down_read_slowpath";
	static const uint8_t note[] = { 4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0 };

	ring(f, list, 2);
	put_text(f, FK_MODULE + 0x18, "odd-module");
	fk_put(f, FK_MODULE + 0xd8, 1u << 12 | 1u << 13, 8);
	ring(f, bugs, 2);
	fk_put(f, FK_MODULE + 0x70, 3, 4);
	if (flags & FK_MEM_ARRAY) {
		fk_put(f, FK_MODULE + 0x90, 0x2000, 4);
		fk_put(f, FK_MODULE + 0x98, FK_TEXT, 8);
		fk_put(f, FK_MODULE + 0xa0, 0x1000, 4);
		fk_put(f, FK_MODULE + 0xa8, FK_BASE + FK_MODULE, 8);
	} else {
		fk_put(f, FK_MODULE + 0x90, FK_TEXT, 8);
		fk_put(f, FK_MODULE + 0x98, 0x4000, 4);
		fk_put(f, FK_MODULE + 0x9c, 0x2000, 4);
		fk_put(f, FK_MODULE + 0xa0, 0x3000, 4);
	}
	fk_point(f, FK_MODULE + 0x60, FK_MODULE + 0x500);
	put_text(f, FK_MODULE + 0x500, "0123ABC");
	/* notes */
	fk_point(f, FK_MODULE + 0x78, FK_NOTES);
	fk_put(f, FK_NOTES, 1, 4);
	fk_put(f, FK_NOTES + 8 + 8, 36, 8);
	fk_point(f, FK_NOTES + 8 + 16, FK_NOTES + 0x80);
	memcpy(f->bytes + FK_NOTES + 0x80, note, sizeof(note));
	memset(f->bytes + FK_NOTES + 0x90, 0xab, 20);
	/* symbols */
	fk_point(f, FK_MODULE + 0x100, FK_MODULE + 0x108);
	fk_point(f, FK_MODULE + 0x108, FK_MODULE + 0x600);
	fk_put(f, FK_MODULE + 0x110, 3, 4);
	fk_point(f, FK_MODULE + 0x118, FK_MODULE + 0x700);
	fk_point(f, FK_MODULE + 0x120, FK_MODULE + 0x780);
	memcpy(f->bytes + FK_MODULE + 0x700, names, sizeof(names));
	memcpy(f->bytes + FK_MODULE + 0x780, "\0tt", 3);
	put_symbol(f, 1, 1, FK_TEXT, 0x100);
	put_symbol(f, 2, 14, FK_TEXT + 0x100, 0x100);
}

/* 16 objects; 3, 7 and 5 are free in that order, and 9 is on the list of CPU 1. */
static void make_slab(struct fixture_kernel *f)
{
	static const unsigned order[] = { 3, 7, 5 };
	const uint64_t random = 0x1122334455667788;
	uint64_t at;

	fk_put(f, FK_CACHE, 64, 4);
	fk_put(f, FK_CACHE + 4, 60, 4);
	fk_put(f, FK_CACHE + 8, 32, 4);
	fk_put(f, FK_CACHE + 16, random, 8);
	fk_point(f, FK_CACHE + 24, FK_CACHE + 0x50);
	put_text(f, FK_CACHE + 0x50, "odd-cache");
	fk_put(f, FK_CACHE + 32, 0x200, 8); /* per-cpu */
	fk_point(f, FK_SLAB_PAGE + 8, FK_CACHE);
	fk_point(f, FK_SLAB_PAGE + 16, FK_SLAB + 3 * 64);
	fk_put(f, FK_SLAB_PAGE + 26, 16, 2);
	for (unsigned i = 0; i < 3; i++) {
		at = FK_BASE + FK_SLAB + order[i] * 64 + 32;
		fk_put(f, at - FK_BASE,
		       (i < 2 ? FK_BASE + FK_SLAB + order[i + 1] * 64 : 0) ^ random ^ __builtin_bswap64(at), 8);
	}
	at = FK_BASE + FK_SLAB + 9 * 64 + 32;
	fk_put(f, at - FK_BASE, random ^ __builtin_bswap64(at), 8);
	fk_point(f, FK_PERCPU + 0x1200, FK_SLAB + 9 * 64);
	fk_point(f, FK_PERCPU + 0x1210, FK_SLAB_PAGE);
}

/* Two areas, the second on the left of the first. */
static void make_vmap(struct fixture_kernel *f)
{
	fk_point(f, FK_VMAP, FK_VMAP + 0x40 + 16);
	fk_put(f, FK_VMAP + 0x40, 0xffffc90000010000, 8);
	fk_put(f, FK_VMAP + 0x48, 0xffffc90000015000, 8);
	fk_point(f, FK_VMAP + 0x40 + 16 + 16, FK_VMAP + 0x80 + 16);
	fk_put(f, FK_VMAP + 0x80, 0xffffc90000000000, 8);
	fk_put(f, FK_VMAP + 0x88, 0xffffc90000005000, 8);
	fk_point(f, FK_VMAP + 0x80 + 40, FK_VMAP + 0xc0);
	fk_put(f, FK_VMAP + 0xc0 + 8, FK_TEXT + 0x120, 8);
}

static const struct {
	const char *name;
	uint64_t offset;
} symbols[] = {
	{ "init_task", FK_INIT }, { "modules", FK_MODULES }, { "__per_cpu_offset", 0x3100 },
	{ "__cpu_possible_mask", 0x3110 }, { "__cpu_online_mask", 0x3110 },
	{ "_stext", 0x30000 }, { "_etext", 0x32000 }, { "vmap_area_root", FK_VMAP },
	{ "tainted_mask", 0x3200 }, { "avenrun", 0x3210 }, { "jiffies_64", 0x3230 },
	{ "tick_nsec", 0x3238 }, { "init_uts_ns", 0x3300 }, { "saved_command_line", 0x3240 },
};

/* Symbols: all, or few, of which the last says how far variables go. */
static void add_symbols(struct od_buf *info, unsigned flags)
{
	for (unsigned i = 0; !(flags & FK_NO_TYPES) && i < sizeof(symbols) / sizeof(*symbols); i++)
		od_buf_printf(info, "SYMBOL(%s)=%llx\n", symbols[i].name,
			      (unsigned long long)(FK_BASE + symbols[i].offset));
	if (flags & FK_NO_TYPES)
		od_buf_printf(info, "SYMBOL(_stext)=%llx\nSYMBOL(modules)=%llx\nSYMBOL(prb)=%llx\n",
			      (unsigned long long)FK_BASE, (unsigned long long)(FK_BASE + FK_MODULES),
			      (unsigned long long)(FK_BASE + 0x3800));
	else
		od_buf_addstr(info, "SYMBOL(runqueues)=100\n");
}

void fixture_kernel_init(struct fixture_kernel *f, unsigned flags)
{
	struct od_buf info = OD_BUF_INIT;

	*f = (struct fixture_kernel){
		.mem = { .read = read_image, .pointer_size = 8, .page_size = 4096 },
		.bytes = od_calloc(1, FK_SIZE),
	};
	make_tasks(f);
	make_locks(f);
	make_module(f, flags);
	make_slab(f);
	make_vmap(f);
	add_symbols(&info, flags);
	f->k = od_kernel_create_memory(&f->mem, info.data, info.len, "x86_64");
	f->k->types_tried = true;
	f->k->btf = flags & FK_NO_TYPES ? NULL : make_types(flags);
	f->k->why_no_types = f->k->btf ? NULL : "none were made";
	od_buf_deinit(&info);
}

void fixture_kernel_deinit(struct fixture_kernel *f)
{
	od_kernel_destroy(f->k);
	free(f->bytes);
}
