/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registers to CPUs, and the stacks of a CPU, in a kernel made of a few words. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "target/kernel/cpuregs.h"
#include "target/kernel/stacks.h"
#include "tests/unit/fixture-memory.h"

#define DATA UINT64_C(0xffffffff82000000)
#define PERCPU UINT64_C(0xffff888000000000)
#define CPU_SIZE 0x10000
#define NOTES UINT64_C(0x9000) /* of each CPU */

static const char symbols[] = "OSRELEASE=6.1.0\n"
			      "SYMBOL(panic_cpu)=ffffffff82000000\n"
			      "SYMBOL(crash_notes)=ffffffff82000008\n"
			      "SYMBOL(__cpu_possible_mask)=ffffffff82000010\n"
			      "SYMBOL(__cpu_online_mask)=ffffffff82000018\n"
			      "SYMBOL(crashing_cpu)=ffffffff82000020\n"
			      "SYMBOL(__per_cpu_offset)=ffffffff82000100\n"
			      "SYMBOL(hardirq_stack_ptr)=0000000000000040\n"
			      "SYMBOL(orig_ist)=0000000000000080\n";

struct fixture {
	struct od_fixture_memory m;
	struct od_kernel *k;
};

static void set_up(struct fixture *f, bool crashed)
{
	char info[sizeof(symbols) + 32];

	od_fixture_memory_init(&f->m);
	od_fixture_map(&f->m, DATA, 0x1000);
	od_fixture_map(&f->m, PERCPU, 5 * CPU_SIZE);
	od_fixture_put(&f->m, DATA, 3, 4);
	od_fixture_put(&f->m, DATA + 8, NOTES, 8);
	od_fixture_put(&f->m, DATA + 16, 0x1d, 8); /* CPU 1 is not possible */
	od_fixture_put(&f->m, DATA + 24, 0x0d, 8); /* CPU 4 is off */
	for (unsigned cpu = 0; cpu < 5; cpu++)
		od_fixture_put(&f->m, DATA + 0x100 + 8 * cpu, PERCPU + cpu * CPU_SIZE, 8);
	strcpy(info, symbols);
	if (crashed)
		strcat(info, "CRASHTIME=1700000000\n");
	f->k = od_kernel_create_memory(&f->m.mem, info, strlen(info), "x86_64");
}

static void tear_down(struct fixture *f)
{
	od_kernel_destroy(f->k);
	od_fixture_memory_deinit(&f->m);
}

static void save_note(struct fixture *f, unsigned cpu, unsigned pid)
{
	uint64_t at = PERCPU + cpu * CPU_SIZE + NOTES;

	od_fixture_put(&f->m, at, 5, 4);
	od_fixture_put(&f->m, at + 4, 336, 4);
	od_fixture_put(&f->m, at + 8, 1, 4);
	od_fixture_bytes(&f->m, at + 12, "CORE\0\0\0", 8);
	od_fixture_put(&f->m, at + 20 + 32, pid, 4);
	for (unsigned i = 0; i < OD_X86_NREGS; i++)
		od_fixture_put(&f->m, at + 20 + 112 + 8 * i, cpu * 100 + i, 8);
}

static void each_cpu_has_its_own_note(void **state)
{
	struct fixture f;
	const struct od_cpu_regs_table *t;
	uint32_t cpu;

	(void)state;
	set_up(&f, true);
	/* CPU 2 did not answer; CPU 4 was off. Idle tasks all have pid 0. */
	save_note(&f, 0, 0);
	save_note(&f, 3, 0);
	t = od_kernel_cpu_regs(f.k);
	assert_int_equal(t->how, OD_CPU_REGS_CRASH_NOTES);
	assert_int_equal(t->n, 2);
	assert_ptr_equal(od_cpu_regs_find(t, 0), &t->row[0]);
	assert_ptr_equal(od_cpu_regs_find(t, 3), &t->row[1]);
	assert_null(od_cpu_regs_find(t, 2));
	assert_null(od_cpu_regs_find(t, 77));
	assert_int_equal(od_regs_pc(&t->row[1].regs), 300 + OD_X86_RIP);
	assert_int_equal(t->row[1].regs.v[OD_X86_GS], 300 + OD_X86_GS);
	assert_ptr_equal(od_kernel_cpu_regs(f.k), t);
	assert_true(od_kernel_panic_cpu(f.k, &cpu));
	assert_int_equal(cpu, 3);
	tear_down(&f);
}

static void who_panicked_if_anyone(void **state)
{
	struct fixture f;
	uint32_t cpu;

	(void)state;
	set_up(&f, false);
	od_fixture_put(&f.m, DATA, 0xffffffff, 4);
	od_fixture_put(&f.m, DATA + 0x20, 2, 4); /* crashing_cpu */
	assert_true(od_kernel_panic_cpu(f.k, &cpu));
	assert_int_equal(cpu, 2);
	od_fixture_put(&f.m, DATA + 0x20, 0xffffffff, 4);
	assert_false(od_kernel_panic_cpu(f.k, &cpu));
	od_fixture_put(&f.m, DATA, 5, 4); /* there is no such CPU */
	assert_false(od_kernel_panic_cpu(f.k, &cpu));
	/* Without notes, and without CRASHTIME, nothing is known of registers. */
	save_note(&f, 0, 0);
	assert_int_equal(od_kernel_cpu_regs(f.k)->n, 0);
	tear_down(&f);
}

static void notes_that_make_no_sense(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, true);
	save_note(&f, 0, 0);
	od_fixture_put(&f.m, PERCPU + NOTES + 4, 100, 4); /* too short */
	save_note(&f, 2, 0);
	od_fixture_put(&f.m, PERCPU + 2 * CPU_SIZE + NOTES + 8, 3, 4); /* another type */
	save_note(&f, 3, 0);
	od_fixture_put(&f.m, PERCPU + 3 * CPU_SIZE + NOTES + 12, 0, 4); /* another name */
	assert_int_equal(od_kernel_cpu_regs(f.k)->n, 0);
	assert_int_equal(od_kernel_cpu_regs(f.k)->how, OD_CPU_REGS_NONE);
	tear_down(&f);
}

static void stacks_of_a_cpu(void **state)
{
	struct fixture f;
	struct od_stack_ranges s = { .n = 0 };
	uint64_t irq = UINT64_C(0xffffc90000004000), nmi = UINT64_C(0xfffffe0000002000);

	(void)state;
	set_up(&f, false);
	od_fixture_put(&f.m, PERCPU + 2 * CPU_SIZE + 0x40, irq - 8, 8);
	od_fixture_put(&f.m, PERCPU + 2 * CPU_SIZE + 0x80 + 8, nmi, 8); /* ist[1] */
	od_stacks_of_cpu(f.k, 2, &s);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.r[0].kind, OD_STACK_IRQ);
	assert_int_equal(s.r[0].begin, irq - 16 * 1024);
	assert_int_equal(s.r[0].end, irq);
	assert_int_equal(s.r[1].kind, OD_STACK_NMI);
	assert_int_equal(s.r[1].begin, nmi - 4096);
	assert_int_equal(od_stacks_find(&s, nmi - 8, 8), 1);
	assert_int_equal(od_stacks_find(&s, nmi - 4, 8), -1);
	assert_int_equal(od_stacks_find(&s, irq, 1), -1);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cpu_has_its_own_note),
		cmocka_unit_test(who_panicked_if_anyone),
		cmocka_unit_test(notes_that_make_no_sense),
		cmocka_unit_test(stacks_of_a_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
