/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The made-up kernel of tests/unit, patched by the input: whatever its lists, trees, tables and
 * counts say, each walk ends in few reads and what it tells is in bounds. A record of the input is
 * an offset (3 bytes), a length (1 byte: 0 means a pointer to the offset in the next 3 bytes) and
 * so many bytes.
 */
#include <string.h>

#include "target/kernel/devices.h"
#include "target/kernel/kvm.h"
#include "target/kernel/locks.h"
#include "target/kernel/modules.h"
#include "target/kernel/pointer.h"
#include "target/kernel/system.h"
#include "target/kernel/tasks.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/fixture-kernel.h"

enum { MAX_READS = 8 * 1024 * 1024, HEAD = 4 };

/* Counts what the fixture's own reader is asked for. */
struct counter {
	struct od_memory mem;
	struct fixture_kernel *f;
	unsigned long reads;
};

static enum od_mem_status count_reads(struct od_memory *mem, enum od_space space, uint64_t addr,
				      void *buf, size_t len, size_t *got)
{
	struct counter *c = (struct counter *)mem;

	c->reads++;
	return c->f->mem.read(&c->f->mem, space, addr, buf, len, got);
}

static void patch(struct fixture_kernel *f, const uint8_t *p, size_t left)
{
	while (left >= HEAD) {
		uint32_t at = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
		size_t n = p[3] % 64;

		at %= FK_SIZE - 64;
		p += HEAD;
		left -= HEAD;
		if (n == 0 && left >= 3) {
			fk_point(f, at,
				 (p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16) % FK_SIZE);
			n = 3;
		} else {
			n = n < left ? n : left;
			memcpy(f->bytes + at, p, n);
		}
		p += n;
		left -= n;
	}
}

static bool see_section(void *ctx, const char *name, uint64_t addr)
{
	(void)addr;
	FUZZ_CHECK(strlen(name) < 1024);
	return ++*(unsigned *)ctx < 100000;
}

static bool see_user(void *ctx, const char *name)
{
	return see_section(ctx, name, 0);
}

static bool see_device(void *ctx, const struct od_device_major *dev)
{
	return see_section(ctx, dev->name, 0);
}

static void check_tasks(struct od_kernel *k)
{
	const struct od_tasks *tasks = od_kernel_tasks(k);
	struct od_wait wait;
	char name[32];

	/* An image of so many bytes holds no more. */
	FUZZ_CHECK(tasks->n <= FK_SIZE);
	for (uint32_t i = 0; i < tasks->n; i++) {
		const struct od_task *t = &tasks->task[i];

		FUZZ_CHECK(t->comm[OD_COMM] == '\0');
		FUZZ_CHECK(t->cpu >= -1 && t->cpu < OD_MAX_CPUS);
		FUZZ_CHECK(od_task_by_addr(tasks, t->addr) == t);
		od_kernel_thread_name(k, t, name, sizeof(name));
		if (i < 64 && od_kernel_wait(k, t, &wait))
			FUZZ_CHECK(od_lock_kind_name(wait.kind) && wait.lock);
	}
}

static void check_modules(struct od_kernel *k)
{
	const struct od_modules *modules = od_kernel_modules(k);
	unsigned seen = 0;

	FUZZ_CHECK(modules->n <= OD_MAX_KMODULES);
	for (uint32_t i = 0; i < modules->n; i++) {
		const struct od_kmodule *m = &modules->module[i];

		FUZZ_CHECK(m->name && m->nranges <= OD_KMODULE_RANGES);
		FUZZ_CHECK(!m->build_id || strlen(m->build_id) == 40);
		for (uint32_t j = 0; j < m->nranges; j++)
			FUZZ_CHECK(m->range[j].base + m->range[j].size > m->range[j].base);
		if (i < 4) {
			od_kmodule_sections(k, m, see_section, &seen);
			od_kmodule_users(k, m, see_user, &seen);
			od_kmodule_types(k, m);
		}
	}
}

static void check_pointers(struct od_kernel *k)
{
	static const uint64_t addrs[] = {
		0,
		FK_BASE + FK_TASK1 + 8,
		FK_BASE + FK_STACKS + 0x4100,
		FK_TEXT + 0x20,
		FK_TEXT + 0x2080,
		0xffffc90000000010,
		0xffffc90000014fff,
		FK_BASE + FK_SLAB,
		FK_BASE + FK_PERCPU + 0x1100,
	};
	struct od_slab_object o;
	struct od_pointer p;

	for (size_t i = 0; i < sizeof(addrs) / sizeof(*addrs); i++) {
		struct od_buf text = OD_BUF_INIT;

		od_kernel_pointer(k, addrs[i], &p);
		od_pointer_text(k, &p, &text);
		FUZZ_CHECK(text.len > 0 && p.string[OD_POINTER_STRING - 1] == '\0');
		for (size_t j = 0; j < text.len; j++)
			FUZZ_CHECK((unsigned char)text.data[j] >= 0x20 || text.data[j] == '\t');
		od_buf_deinit(&text);
	}
	for (unsigned i = 0; i < 20; i++)
		if (od_kernel_slab(k, FK_BASE + FK_SLAB + i * 64,
				   &(struct od_page){.head = FK_BASE + FK_SLAB_PAGE, .slab = true},
				   &o))
			FUZZ_CHECK(o.name[sizeof(o.name) - 1] == '\0' && o.size <= o.stride);
}

enum { VMS = 0x3400, VM = 0x3500, VCPU = 0x3600 };

/* A machine with a vCPU, before the input has its say. */
static void make_vm(struct fixture_kernel *f)
{
	od_kernel_add_symbol(f->k, "vm_list", FK_BASE + VMS);
	fk_point(f, VMS, VM + 0x10);
	fk_point(f, VM + 0x10, VMS);
	fk_put(f, VM + 0x50, 30, 4);
	fk_point(f, VCPU, VM);
	fk_point(f, FK_TASK4 + 0x180, VCPU + 0x18);
}

static void check_vms(struct od_kernel *k)
{
	struct od_kvm_vms vms;
	struct od_arena arena;

	od_arena_init(&arena);
	od_kernel_vms(k, &arena, &vms);
	od_kernel_vcpus(k, &arena, NULL, &vms);
	FUZZ_CHECK(vms.n <= OD_MAX_VMS && vms.nvcpus <= OD_MAX_VCPUS && (vms.present || !vms.n));
	for (uint32_t i = 0; i < vms.n; i++)
		FUZZ_CHECK(vms.vm[i].pid >= -1 && (!vms.vm[i].has_seq || vms.seq_name));
	for (uint32_t i = 0; i < vms.nvcpus; i++)
		FUZZ_CHECK(vms.vcpu[i].vm < vms.n && vms.vcpu[i].task);
	od_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct od_memory_line lines[OD_MEMORY_LINES];
	struct fixture_kernel f;
	struct counter c = { .f = &f };
	struct od_system sys;
	unsigned seen = 0;

	if (size < 1)
		return 0;
	fixture_kernel_init(&f, data[0] & (FK_MEM_ARRAY | FK_NO_TYPES));
	if (data[0] & 4)
		f.hole = FK_BASE + (data[0] >> 3 << 12);
	make_vm(&f);
	patch(&f, data + 1, size - 1);
	c.mem = f.mem;
	c.mem.read = count_reads;
	f.k->mem = &c.mem;
	check_tasks(f.k);
	check_modules(f.k);
	check_pointers(f.k);
	check_vms(f.k);
	od_kernel_system(f.k, &sys);
	FUZZ_CHECK(od_kernel_memory(f.k, lines) <= OD_MEMORY_LINES);
	od_kernel_devices(f.k, see_device, &seen);
	FUZZ_CHECK(c.reads < MAX_READS);
	fixture_kernel_deinit(&f);
	return 0;
}
