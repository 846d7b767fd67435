/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A made-up kernel: its tasks, modules, locks and objects, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "target/kernel/field.h"
#include "target/kernel/kvm.h"
#include "target/kernel/locks.h"
#include "target/kernel/modules.h"
#include "target/kernel/percpu.h"
#include "target/kernel/pointer.h"
#include "target/kernel/system.h"
#include "target/kernel/tasks.h"
#include "tests/unit/fixture-kernel.h"

/* --- fields, lists, CPUs --------------------------------------------------------- */

static void test_fields(void **state)
{
	struct fixture_kernel f;
	struct od_field field;
	uint64_t value;
	const uint8_t bytes[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xca };

	(void)state;
	fixture_kernel_init(&f, 0);
	assert_true(od_kernel_field(f.k, "struct task_struct", "nothing|state|__state", &field));
	assert_int_equal(field.offset, 0x10);
	assert_false(od_field_get(f.k->mem, &field, bytes, sizeof(bytes), &value));
	field.size = 2;
	assert_true(od_field_get(f.k->mem, &field, bytes, sizeof(bytes), &value));
	assert_int_equal(value, 0xcafe);
	assert_false(od_kernel_field(f.k, "struct task_struct", "nothing|more", &field));
	assert_false(od_field_read(f.k, &field, FK_BASE, &value));
	assert_false(od_kernel_field(f.k, "struct nobody", "x", &field));
	assert_true(
		od_kernel_member(f.k, FK_BASE + FK_SLAB_PAGE, "struct slab", "objects", &value));
	assert_int_equal(value, 16);
	/* 15 bits, and the one above is not one of them */
	fk_put(&f, FK_SLAB_PAGE + 26, 0x8010, 2);
	assert_true(
		od_kernel_member(f.k, FK_BASE + FK_SLAB_PAGE, "struct slab", "objects", &value));
	assert_int_equal(value, 16);
	assert_false(od_kernel_member(f.k, 0x1000, "struct slab", "objects", &value));
	fixture_kernel_deinit(&f);
}

static bool count(void *ctx, uint64_t entry)
{
	(void)entry;
	return ++*(unsigned *)ctx < 1000000;
}

static void test_list(void **state)
{
	struct fixture_kernel f;
	const uint64_t head = 0x3800;
	unsigned n = 0;

	(void)state;
	fixture_kernel_init(&f, 0);
	for (unsigned i = 0; i < 10; i++)
		fk_point(&f, head + i * 16, head + (i + 1) % 10 * 16);
	assert_null(od_kernel_list(f.k, FK_BASE + head, 0, 100, count, &n));
	assert_int_equal(n, 9);
	n = 0;
	assert_string_equal(od_kernel_list(f.k, FK_BASE + head, 0, 5, count, &n),
			    "it has more entries than there can be");
	assert_int_equal(n, 5);
	/* a circle that the head is not in: found in a few rounds, long before the bound */
	n = 0;
	fk_point(&f, head + 9 * 16, head + 4 * 16);
	assert_string_equal(od_kernel_list(f.k, FK_BASE + head, 0, 1u << 30, count, &n),
			    "it runs in a circle past its head");
	assert_true(n < 60);
	fk_put(&f, head + 9 * 16, 0xdead000000000100, 8);
	assert_string_equal(od_kernel_list(f.k, FK_BASE + head, 0, 100, count, &n),
			    "it leads to an entry that was deleted");
	fk_put(&f, head + 9 * 16, 0, 8);
	assert_string_equal(od_kernel_list(f.k, FK_BASE + head, 0, 100, count, &n),
			    "it ends in a null pointer");
	fk_put(&f, head + 9 * 16, 0x1234567890, 8);
	assert_string_equal(od_kernel_list(f.k, FK_BASE + head, 0, 100, count, &n),
			    "an entry cannot be read");
	assert_string_equal(od_kernel_list(f.k, 64, 0, 100, count, &n), "its head cannot be read");
	fixture_kernel_deinit(&f);
}

static void test_cpus(void **state)
{
	struct fixture_kernel f;
	struct od_cpuset set;

	(void)state;
	fixture_kernel_init(&f, 0);
	assert_int_equal(od_kernel_ncpus(f.k), 2);
	assert_true(od_kernel_cpus_possible(f.k, &set));
	assert_int_equal(set.count, 2);
	assert_true(od_cpuset_has(&set, 1) && !od_cpuset_has(&set, 2) &&
		    !od_cpuset_has(&set, 1 << 20));
	assert_true(od_kernel_percpu(f.k, 0x100, 1) == FK_BASE + FK_PERCPU + 0x1100);
	assert_true(od_kernel_percpu(f.k, 0x100, 2) == 0);
	assert_true(od_kernel_current(f.k, 1) == FK_BASE + FK_TASK5);
	assert_true(od_kernel_current(f.k, 7) == 0);
	fixture_kernel_deinit(&f);
}

/* --- tasks ----------------------------------------------------------------------- */

static void test_tasks(void **state)
{
	struct fixture_kernel f;
	const struct od_tasks *tasks;
	const struct od_task *t;
	char name[64];

	(void)state;
	fixture_kernel_init(&f, 0);
	tasks = od_kernel_tasks(f.k);
	assert_null(tasks->why);
	assert_int_equal(tasks->n, 8);
	assert_true(tasks->task[0].idle && tasks->task[1].idle && !tasks->task[2].idle);
	t = od_task_by_pid(tasks, 31);
	assert_true(t && t->tgid == 30 && t->ppid == 1 && t->state == 'D' && !t->running);
	assert_true(t->sp == FK_BASE + FK_STACKS + 4 * 0x4000 + 0x3000);
	assert_int_equal(t->start_ns, 31000000);
	t = od_task_by_pid(tasks, 32);
	assert_true(t->running && t->cpu == 1 && t->state == 'R');
	t = od_task_by_pid(tasks, 40);
	assert_true(t->state == 'Z' && t->stack == 0 && !t->kthread);
	t = od_task_by_pid(tasks, 2);
	assert_true(t->state == 'I' && t->kthread);
	assert_true(od_kernel_thread_name(f.k, t, name, sizeof(name)));
	assert_string_equal(name, "a_thread_with_a_long_name");
	assert_string_equal(od_task_by_pid(tasks, 30)->comm, "lea\033[31m");
	assert_null(od_task_by_pid(tasks, 99));
	assert_ptr_equal(od_task_by_addr(tasks, FK_BASE + FK_TASK2), t);
	assert_null(od_task_by_addr(tasks, FK_BASE + FK_TASK2 + 8));
	assert_ptr_equal(od_task_around(f.k, tasks, FK_BASE + FK_TASK2 + 8), t);
	assert_ptr_equal(od_task_by_stack(f.k, tasks, t->stack + 0x3fff), t);
	assert_null(od_task_by_stack(f.k, tasks, FK_BASE + FK_STACKS + 8 * 0x4000));
	assert_string_equal(od_task_state_name('D'), "disk sleep");
	fixture_kernel_deinit(&f);
}

/* The list is cut behind its first entry: what is beyond is found from the other end. */
static void test_cut_tasks(void **state)
{
	struct fixture_kernel f;
	const struct od_tasks *tasks;

	(void)state;
	fixture_kernel_init(&f, 0);
	fk_put(&f, FK_TASK1 + 0x30, 0x4242424242424242, 8);
	tasks = od_kernel_tasks(f.k);
	assert_non_null(tasks->why);
	assert_non_null(od_task_by_pid(tasks, 40));
	assert_non_null(od_task_by_pid(tasks, 2));
	assert_int_equal(tasks->n, 8);
	fixture_kernel_deinit(&f);
}

static void test_bad_tasks(void **state)
{
	struct fixture_kernel f;
	const struct od_tasks *tasks;

	(void)state;
	/* a list of threads that never ends, of a task that is on another's list too */
	fixture_kernel_init(&f, 0);
	fk_point(&f, FK_TASK5 + 0x78, FK_TASK1 + 0x78);
	fk_point(&f, FK_TASK1 + 0x78, FK_TASK4 + 0x78);
	tasks = od_kernel_tasks(f.k);
	assert_int_equal(tasks->n, 8);
	fixture_kernel_deinit(&f);
	/* a pid that cannot be one */
	fixture_kernel_init(&f, 0);
	fk_put(&f, FK_TASK2 + 0x60, 0x7fffffff, 4);
	tasks = od_kernel_tasks(f.k);
	assert_non_null(tasks->why);
	assert_null(od_task_by_addr(tasks, FK_BASE + FK_TASK2));
	assert_non_null(od_task_by_pid(tasks, 1));
	fixture_kernel_deinit(&f);
	/* nothing there */
	fixture_kernel_init(&f, 0);
	f.hole = FK_BASE + (FK_INIT & ~0xfffull);
	assert_non_null(od_kernel_tasks(f.k)->why);
	assert_int_equal(od_kernel_tasks(f.k)->n, 1); /* the idle task of the other CPU */
	fixture_kernel_deinit(&f);
}

/* --- modules --------------------------------------------------------------------- */

static void check_module(unsigned flags)
{
	struct fixture_kernel f;
	const struct od_kmodule_range *range;
	const struct od_modules *modules;
	const struct od_kmodule *m;
	struct od_symbol sym;
	char taints[65];

	fixture_kernel_init(&f, flags);
	modules = od_kernel_modules(f.k);
	assert_null(modules->why);
	assert_int_equal(modules->n, 1);
	m = &modules->module[0];
	assert_string_equal(m->name, "odd-module");
	assert_string_equal(m->srcversion, "0123ABC");
	assert_null(m->version);
	assert_string_equal(m->build_id, "abababababababababababababababababababab");
	assert_true(m->text == FK_TEXT && m->text_size == 0x2000);
	assert_int_equal(m->size, flags & FK_MEM_ARRAY ? 0x3000 : 0x4000);
	assert_int_equal(m->refs, 2);
	assert_int_equal(m->state, 'L');
	od_taint_letters(m->taints, taints);
	assert_string_equal(taints, "OE");
	assert_ptr_equal(od_kmodule_at(modules, FK_TEXT + 0x1fff, &range), m);
	assert_int_equal(range->part, flags & FK_MEM_ARRAY ? OD_PART_TEXT : OD_PART_CORE);
	assert_null(od_kmodule_at(modules, FK_TEXT - 1, NULL));
	assert_ptr_equal(od_kmodule_named(modules, "odd_module"), m);
	assert_null(od_kmodule_named(modules, "odd_modul"));
	assert_null(od_kmodule_named(modules, "odd_modules"));
	/* strtab is only taken from a part of the module: with mem[] it is in its data */
	assert_true(od_symtab_at(f.k->symtab, FK_TEXT + 0x20, &sym));
	assert_string_equal(sym.name, "__mutex_lock");
	assert_string_equal(sym.module, "odd-module");
	fixture_kernel_deinit(&f);
}

static void test_modules(void **state)
{
	(void)state;
	check_module(0);
	check_module(FK_MEM_ARRAY);
}

static void test_bad_modules(void **state)
{
	struct fixture_kernel f;
	const struct od_modules *modules;

	(void)state;
	fixture_kernel_init(&f, 0);
	fk_put(&f, FK_MODULE + 0x98, 0x7fffffff, 4); /* size */
	fk_put(&f, FK_MODULE + 0x9c, 0x7fffffff, 4); /* size of the text */
	fk_put(&f, FK_NOTES, 0xffffffff, 4);
	fk_put(&f, FK_NOTES + 0x84, 0xfffffff0, 4); /* size of the note */
	fk_put(&f, FK_MODULE + 0x110, 0xffffffff, 4); /* symbols */
	fk_put(&f, FK_MODULE + 0x60, 0x10, 8);
	modules = od_kernel_modules(f.k);
	assert_int_equal(modules->n, 1);
	assert_int_equal(modules->module[0].nranges, 0);
	assert_int_equal(modules->module[0].text_size, 0);
	assert_null(modules->module[0].build_id);
	assert_null(modules->module[0].srcversion);
	fixture_kernel_deinit(&f);
	fixture_kernel_init(&f, 0);
	fk_put(&f, FK_MODULE + 8, 0, 8);
	modules = od_kernel_modules(f.k);
	assert_int_equal(modules->n, 1);
	assert_non_null(strstr(modules->why, "null pointer"));
	fixture_kernel_deinit(&f);
}

/* --- a kernel without types ------------------------------------------------------ */

static void test_inferred(void **state)
{
	struct fixture_kernel f;
	const struct od_tasks *tasks;
	const struct od_modules *modules;
	const struct od_task *t;
	struct od_symbol sym;
	char name[64];

	(void)state;
	fixture_kernel_init(&f, FK_NO_TYPES);
	tasks = od_kernel_tasks(f.k);
	assert_null(tasks->why);
	assert_int_equal(tasks->n, 7); /* nothing tells the idle task of the other CPU */
	t = od_task_by_pid(tasks, 31);
	assert_true(t && t->tgid == 30 && t->ppid == 1 && t->state == 'D' && t->cpu == -1);
	assert_true(t->sp == FK_BASE + FK_STACKS + 4 * 0x4000 + 0x3000 && t->start_ns == 31000000);
	assert_true(t->mm == FK_BASE + 0x3f00);
	assert_string_equal(t->comm, "second");
	t = od_task_by_pid(tasks, 2);
	assert_true(t && t->kthread && t->state == 'I' && !t->mm);
	assert_true(od_kernel_thread_name(f.k, t, name, sizeof(name)));
	assert_string_equal(name, "a_thread_with_a_long_name");
	assert_int_equal(od_task_by_pid(tasks, 40)->state, 'Z');
	assert_true(tasks->task[0].idle && tasks->task[0].addr == FK_BASE + FK_INIT);
	modules = od_kernel_modules(f.k);
	assert_null(modules->why);
	assert_int_equal(modules->n, 1);
	assert_true(modules->module[0].text == FK_TEXT && modules->module[0].taints == 0x3000);
	assert_true(od_symtab_at(f.k->symtab, FK_TEXT + 0x120, &sym));
	assert_string_equal(sym.name, "rwsem_down_read_slowpath");
	fixture_kernel_deinit(&f);
}

/* What does not fit is not taken. */
static void test_not_inferred(void **state)
{
	struct fixture_kernel f;

	(void)state;
	/* the ring is open */
	fixture_kernel_init(&f, FK_NO_TYPES);
	fk_point(&f, FK_TASK2 + 0x30, FK_TASK2 + 0x30);
	assert_int_equal(od_kernel_tasks(f.k)->n, 0);
	assert_non_null(strstr(od_kernel_tasks(f.k)->why, "none were made"));
	fixture_kernel_deinit(&f);
	/* one is its own leader nowhere */
	fixture_kernel_init(&f, FK_NO_TYPES);
	fk_put(&f, FK_TASK2 + 0x70, 0, 8);
	assert_int_equal(od_kernel_tasks(f.k)->n, 0);
	fixture_kernel_deinit(&f);
	/* a module that lies in none of its parts, and one whose name is none */
	fixture_kernel_init(&f, FK_NO_TYPES);
	fk_put(&f, FK_MODULE + 0x98, 0x1000, 4);
	assert_int_equal(od_kernel_modules(f.k)->n, 0);
	fixture_kernel_deinit(&f);
	fixture_kernel_init(&f, FK_NO_TYPES);
	fk_put(&f, FK_MODULE + 0x18 + 40, 1, 1);
	assert_int_equal(od_kernel_modules(f.k)->n, 0);
	assert_non_null(od_kernel_modules(f.k)->why);
	fixture_kernel_deinit(&f);
}

/* --- locks ----------------------------------------------------------------------- */

static bool waits(struct fixture_kernel *f, int32_t pid, struct od_wait *ret)
{
	od_kernel_modules(f->k); /* has the functions that make waiters */
	return od_kernel_wait(f->k, od_task_by_pid(od_kernel_tasks(f->k), pid), ret);
}

static void check_locks(unsigned flags)
{
	struct fixture_kernel f;
	struct od_wait w;

	fixture_kernel_init(&f, flags);
	assert_true(waits(&f, 30, &w));
	assert_int_equal(w.kind, OD_LOCK_MUTEX);
	assert_true(w.lock == FK_BASE + FK_MUTEX && w.owner == FK_BASE + FK_TASK5 &&
		    !w.reader_owned);
	assert_true(waits(&f, 31, &w));
	assert_int_equal(w.kind, OD_LOCK_RWSEM_READ);
	assert_true(w.lock == FK_BASE + FK_RWSEM && w.owner == FK_BASE + FK_TASK3);
	if (!(flags & FK_NO_TYPES))
		assert_false(waits(&f, 32, &w)); /* runs */
	assert_false(waits(&f, 1, &w));
	assert_false(waits(&f, 40, &w));
	/* the list does not lead back: nothing is told */
	fk_point(&f, FK_MUTEX + 0x18, FK_MUTEX + 0x10);
	assert_false(waits(&f, 30, &w));
	/* an owner that is no task */
	fk_put(&f, FK_RWSEM + 8, 0x4141414141414141, 8);
	assert_int_equal(waits(&f, 31, &w),
			 !(flags & FK_NO_TYPES)); /* then it is no proof of the layout */
	assert_true(w.owner == 0);
	fixture_kernel_deinit(&f);
}

static void test_locks(void **state)
{
	(void)state;
	check_locks(0);
	check_locks(FK_NO_TYPES);
}

/* --- pointers -------------------------------------------------------------------- */

static void says(struct fixture_kernel *f, uint64_t addr, enum od_pointer_kind kind,
		 const char *text)
{
	struct od_buf out = OD_BUF_INIT;
	struct od_pointer p;

	od_kernel_pointer(f->k, addr, &p);
	od_pointer_text(f->k, &p, &out);
	assert_int_equal(p.kind, kind);
	assert_string_equal(od_buf_str(&out), text);
	od_buf_deinit(&out);
}

static void test_pointers(void **state)
{
	struct fixture_kernel f;

	(void)state;
	fixture_kernel_init(&f, 0);
	strcpy((char *)f.bytes + 0x32080, "selinux");
	says(&f, 0, OD_POINTER_NULL, "a null pointer");
	says(&f, 0x18, OD_POINTER_NULL, "0x18 bytes off a null pointer");
	says(&f, (uint64_t)-12, OD_POINTER_ERROR, "an error pointer: -12");
	says(&f, 0x7ffd12345678, OD_POINTER_USER, "an address of user space");
	says(&f, 0xdead000000000122, OD_POINTER_NON_CANONICAL, "no address: it is not canonical");
	says(&f, FK_BASE + FK_TASK3 + 0xa0, OD_POINTER_TASK,
	     "task_struct+0xa0 of task 30 (lea\\x1b[31m)");
	says(&f, FK_BASE + FK_STACKS + 0x4000 + 0x10, OD_POINTER_STACK,
	     "0x10 bytes into the stack of task 1 (init)");
	says(&f, FK_TEXT + 0x120, OD_POINTER_TEXT,
	     "code of module odd-module: rwsem_down_read_slowpath+0x20");
	says(&f, FK_TEXT + 0x2080, OD_POINTER_RODATA,
	     "the constant \"selinux\" in read-only data of module odd-module");
	says(&f, FK_TEXT + 0x3000, OD_POINTER_DATA, "data of module odd-module");
	says(&f, 0xffffc90000000010, OD_POINTER_VMALLOC,
	     "vmalloc area 0xffffc90000000000-0xffffc90000005000, allocated by "
	     "rwsem_down_read_slowpath+0x20 (not mapped)");
	says(&f, 0xffffc90000014fff, OD_POINTER_VMALLOC,
	     "vmalloc area 0xffffc90000010000-0xffffc90000015000 (not mapped)");
	says(&f, 0xffffc90000005000, OD_POINTER_UNKNOWN, "an address of the kernel, not mapped");
	/* a tree that is a circle */
	fk_point(&f, FK_VMAP + 0x40 + 16 + 8, FK_VMAP + 0x40 + 16);
	says(&f, 0xffffc90000015000, OD_POINTER_UNKNOWN, "an address of the kernel, not mapped");
	fixture_kernel_deinit(&f);
}

static enum od_object_state object(struct fixture_kernel *f, unsigned offset,
				   struct od_slab_object *ret)
{
	const struct od_page page = { .head = FK_BASE + FK_SLAB_PAGE, .slab = true };

	assert_true(od_kernel_slab(f->k, FK_BASE + FK_SLAB + offset, &page, ret));
	return ret->state;
}

static void test_slab(void **state)
{
	struct fixture_kernel f;
	struct od_slab_object o;

	(void)state;
	fixture_kernel_init(&f, 0);
	assert_int_equal(object(&f, 7 * 64 + 5, &o), OD_OBJECT_FREE);
	assert_string_equal(o.name, "odd-cache");
	assert_true(o.object == FK_BASE + FK_SLAB + 7 * 64 && o.index == 7 && o.count == 16);
	assert_int_equal(object(&f, 5 * 64, &o), OD_OBJECT_FREE);
	assert_int_equal(object(&f, 9 * 64, &o), OD_OBJECT_FREE); /* on the list of a CPU */
	assert_int_equal(object(&f, 8 * 64, &o), OD_OBJECT_ALLOCATED);
	assert_null(o.damage);
	assert_int_equal(object(&f, 8 * 64 + 62, &o), OD_OBJECT_NONE);
	assert_int_equal(object(&f, 16 * 64, &o), OD_OBJECT_NONE);
	/* written to after it was freed */
	fk_put(&f, FK_SLAB + 7 * 64 + 32, 0x6b6b6b6b6b6b6b6b, 8);
	assert_int_equal(object(&f, 8 * 64, &o), OD_OBJECT_UNKNOWN);
	assert_string_equal(o.damage, "it leads out of the slab");
	assert_int_equal(object(&f, 3 * 64, &o), OD_OBJECT_FREE);
	/* 7 leads back to 3 */
	fk_put(&f, FK_SLAB + 7 * 64 + 32,
	       (FK_BASE + FK_SLAB + 3 * 64) ^ 0x1122334455667788 ^
		       __builtin_bswap64(FK_BASE + FK_SLAB + 7 * 64 + 32), 8);
	assert_int_equal(object(&f, 8 * 64, &o), OD_OBJECT_UNKNOWN);
	assert_string_equal(o.damage, "it has a circle");
	/* sizes that make no sense */
	fk_put(&f, FK_CACHE, 0, 4);
	assert_false(od_kernel_slab(f.k, FK_BASE + FK_SLAB,
				    &(struct od_page){ .head = FK_BASE + FK_SLAB_PAGE }, &o));
	fixture_kernel_deinit(&f);
}

/* --- the machine ----------------------------------------------------------------- */

static void test_system(void **state)
{
	struct fixture_kernel f;
	struct od_system sys;

	(void)state;
	fixture_kernel_init(&f, 0);
	fk_put(&f, 0x3200, 12288, 8);
	fk_put(&f, 0x3210, 2048 + 512, 8);
	fk_put(&f, 0x3218, 10, 8);
	fk_put(&f, 0x3238, 4000000, 8);
	fk_put(&f, 0x3230, (uint32_t)-75000 + 2500ull, 8);
	strcpy((char *)f.bytes + 0x3304, "Linux");
	strcpy((char *)f.bytes + 0x3304 + 65, "host");
	strcpy((char *)f.bytes + 0x3304 + 130, "6.1.0");
	fk_point(&f, 0x3240, 0x3248);
	strcpy((char *)f.bytes + 0x3248, "quiet");
	od_kernel_system(f.k, &sys);
	assert_string_equal(sys.release, "6.1.0");
	assert_string_equal(sys.nodename, "host");
	assert_string_equal(sys.cmdline, "quiet");
	assert_true(sys.has_uptime && sys.uptime_ns == 10000000000);
	assert_true(sys.has_load && sys.load[0] == 125 && sys.load[1] == 0);
	assert_true(sys.has_taint && sys.taint == 12288);
	assert_true(!sys.has_time && sys.panic_cpu == -1 && sys.cpus_possible == 2);
	/* a length of a jiffy that is none */
	fk_put(&f, 0x3238, 3, 8);
	od_kernel_system(f.k, &sys);
	assert_false(sys.has_uptime);
	fixture_kernel_deinit(&f);
}

/* --- virtual machines ------------------------------------------------------------ */

enum { VMS = 0x3400, VM1 = 0x3500, VM2 = 0x3600, VCPU = 0x3700 };

/* Two of them: of task 30, the thread 31 of which runs a vCPU; and of whoever has the memory 0x5000. */
static void make_vms(struct fixture_kernel *f)
{
	od_kernel_add_symbol(f->k, "vm_list", FK_BASE + VMS);
	fk_point(f, VMS, VM1 + 0x10);
	fk_point(f, VM1 + 0x10, VM2 + 0x10);
	fk_point(f, VM2 + 0x10, VMS);
	fk_put(f, VM1 + 0x20, 3, 4);
	fk_put(f, VM1 + 0x24, 1, 4);
	fk_put(f, VM1 + 0x30, 0x8002dc25, 8);
	fk_put(f, VM1 + 0x38, 1, 8);
	fk_put(f, VM1 + 0x40, 0x7f0000001000, 8);
	fk_put(f, VM1 + 0x48, 0x7f0000002000, 8);
	fk_put(f, VM1 + 0x50, 30, 4);
	fk_put(f, VM2 + 0x54, 1, 1);
	fk_put(f, VM2 + 8, FK_BASE + 0x5000, 8);
	fk_point(f, FK_TASK1 + 0x40, 0x5000);
	fk_point(f, VCPU, VM1);
	fk_put(f, VCPU + 8, 7, 4);
	fk_point(f, FK_TASK4 + 0x180, VCPU + 0x10 + 8);
	/* somebody else's notifier */
	fk_point(f, FK_TASK3 + 0x180, 0x3800);
}

static void test_vms(void **state)
{
	struct fixture_kernel f;
	struct od_kvm_vms vms;
	struct od_arena arena;

	(void)state;
	fixture_kernel_init(&f, 0);
	make_vms(&f);
	od_arena_init(&arena);
	od_kernel_vms(f.k, &arena, &vms);
	assert_true(vms.present && !vms.why && vms.n == 2);
	assert_string_equal(vms.seq_name, "mmu_notifier_seq");
	assert_true(vms.vm[0].addr == FK_BASE + VM1 && vms.vm[0].has_seq && vms.vm[0].seq == 0x8002dc25);
	assert_true(vms.vm[0].pid == 30 && vms.vm[0].task && vms.vm[0].task->pid == 30);
	assert_true(vms.vm[0].users == 3 && vms.vm[0].online == 1 && vms.vm[0].created == 0);
	assert_true(vms.vm[0].running == 1 && vms.vm[0].has_range && vms.vm[0].end == 0x7f0000002000);
	assert_true(!vms.vm[0].bugged && vms.vm[1].bugged && !vms.vm[1].dead);
	assert_true(vms.vm[1].pid == 1 && vms.vm[1].task && vms.vm[1].task->pid == 1);
	assert_true(!vms.snapshot_known && !vms.snapshot_long);
	od_kernel_vcpus(f.k, &arena, NULL, &vms);
	assert_int_equal(vms.nvcpus, 1);
	assert_true(vms.vcpu[0].task->pid == 31 && vms.vcpu[0].vm == 0 && vms.vcpu[0].id == 7);
	assert_false(vms.vcpu[0].has_faults);
	od_kernel_vcpus(f.k, &arena, od_task_by_pid(od_kernel_tasks(f.k), 30), &vms);
	assert_int_equal(vms.nvcpus, 0);
	od_kernel_vcpus(f.k, &arena, od_task_by_pid(od_kernel_tasks(f.k), 31), &vms);
	assert_int_equal(vms.nvcpus, 1);
	/* a list that is torn: what came before is told */
	fk_put(&f, VM1 + 0x10, 0xdead000000000100, 8);
	od_kernel_vms(f.k, &arena, &vms);
	assert_int_equal(vms.n, 1);
	assert_string_equal(vms.why, "it leads to an entry that was deleted");
	/* and one in a circle, with VMs whose owner nobody knows */
	fk_point(&f, VM1 + 0x10, VM1 + 0x10);
	fk_put(&f, VM1 + 0x50, 0xffffffff, 4);
	od_kernel_vms(f.k, &arena, &vms);
	assert_true(vms.why && vms.n >= 1 && vms.n < 10 && vms.vm[0].pid == -1 && !vms.vm[0].task);
	od_arena_deinit(&arena);
	fixture_kernel_deinit(&f);
}

static void test_no_vms(void **state)
{
	struct fixture_kernel f;
	struct od_kvm_vms vms;
	struct od_arena arena;

	(void)state;
	od_arena_init(&arena);
	fixture_kernel_init(&f, 0);
	od_kernel_vms(f.k, &arena, &vms);
	assert_true(!vms.present && !vms.n && !vms.why);
	od_kernel_vcpus(f.k, &arena, NULL, &vms);
	assert_int_equal(vms.nvcpus, 0);
	od_kernel_add_symbol(f.k, "vm_list", FK_BASE + VMS);
	fk_point(&f, VMS, VMS);
	od_kernel_vms(f.k, &arena, &vms);
	assert_true(vms.present && !vms.n && !vms.why);
	fixture_kernel_deinit(&f);
	fixture_kernel_init(&f, FK_NO_TYPES);
	od_kernel_add_symbol(f.k, "vm_list", FK_BASE + VMS);
	fk_point(&f, VMS, VM1 + 0x10);
	od_kernel_vms(f.k, &arena, &vms);
	assert_true(vms.present && !vms.n);
	assert_string_equal(vms.why, "no types describe struct kvm");
	fixture_kernel_deinit(&f);
	od_arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),	  cmocka_unit_test(test_list),
		cmocka_unit_test(test_cpus),	  cmocka_unit_test(test_tasks),
		cmocka_unit_test(test_cut_tasks), cmocka_unit_test(test_bad_tasks),
		cmocka_unit_test(test_modules),	  cmocka_unit_test(test_bad_modules),
		cmocka_unit_test(test_inferred),  cmocka_unit_test(test_not_inferred),
		cmocka_unit_test(test_locks),	  cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_slab),	  cmocka_unit_test(test_system),
		cmocka_unit_test(test_vms),	  cmocka_unit_test(test_no_vms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
