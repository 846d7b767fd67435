/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built plugins gpfs and slub, run by the real host on reports made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/plugins.h"
#include "tests/unit/fixture-gpfs.h"

static struct od_plugins *plugins;

static int setup(void **state)
{
	const char *dir = getenv("OD_TEST_PLUGINS");
	const char *paths[] = { dir ? dir : "plugins", NULL };
	const struct od_plugin_options opts = { .paths = paths, .paths_only = true };
	struct od_buf messages = OD_BUF_INIT;

	(void)state;
	plugins = od_plugins_load(&opts, &messages);
	od_buf_deinit(&messages);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	od_plugins_destroy(plugins);
	return 0;
}

static struct od_input *run(struct od_report *rep, bool env)
{
	struct od_input *in = od_input_create("-");

	if (env)
		fixture_env_mcr(in);
	od_input_add_report(in, rep);
	assert_true(od_plugins_run(plugins, in, 0, 1));
	return in;
}

static const struct od_finding *find(const struct od_input *in, const char *id)
{
	const struct od_report *rep = in->reports[0];

	for (uint32_t i = 0; i < rep->nfindings; i++)
		if (!strcmp(rep->findings[i].id, id))
			return &rep->findings[i];
	return NULL;
}

/* The piece of evidence that holds text, or NULL. */
static const struct od_evidence *proof(const struct od_finding *f, const char *text)
{
	for (uint32_t i = 0; f && i < f->nevidence; i++)
		if (strstr(f->evidence[i].text, text))
			return &f->evidence[i];
	return NULL;
}

static bool advised(const struct od_finding *f, const char *text)
{
	for (uint32_t i = 0; i < f->nadvice; i++)
		if (strstr(f->advice[i], text))
			return true;
	return false;
}

static void test_mail(void **state)
{
	struct od_input *in = run(fixture_gpfs_report(), true);
	const struct od_finding *f = find(in, "gpfs/kfree-constant-xattr-name");
	const struct od_evidence *e;

	(void)state;
	assert_non_null(f);
	assert_ptr_equal(f, &in->reports[0]->findings[0]);
	assert_int_equal(f->severity, OD_SEV_CRITICAL);
	assert_int_equal(f->score, 97);
	e = proof(f, "link address 0xffffffff81a974bf");
	assert_non_null(e);
	assert_int_equal(e->grade, OD_GRADE_STRONG);
	assert_int_equal(e->lines[0], 243);
	assert_non_null(proof(f, "neither slab nor compound"));
	assert_non_null(proof(f, "= 0x97 and (pointer >> 12) & 0x1ff = 0x97; it implies page frame "
				 "0xb4497, physical 0xb4497000 (below 4 GiB, as zone DMA32 says), "
				 "phys_base 0x77e00000"));
	assert_non_null(proof(f, "r13 0xffffffffc0a1c562"));
	assert_non_null(proof(f, "cxiInitInodeSecurityCleanup [mmfslinux]"));
	e = proof(f, "'<' side of the diff: LINUX_KERNEL_VERSION 31000999, "
		     "LINUX_KERNEL_VERSION_VERBOSE 310001062009001 is right for this kernel");
	assert_non_null(e);
	assert_int_equal(e->nlines, 2);
	assert_int_equal(e->lines[0], 21);
	e = proof(f, "'>' side of the diff: LINUX_KERNEL_VERSION 31001062, "
		     "LINUX_KERNEL_VERSION_VERBOSE 31001062009001 is wrong; fails check a: VERBOSE "
		     "has 14 digits, not 15 and so is below every threshold that the sources test for; "
		     "fails check b: major, minor and patch are 3100 in "
		     "VERBOSE, 31001 in VERSION; fails check c: fix level 1062 of VERBOSE needs 999");
	assert_non_null(e);
	assert_null(strstr(e->text, "check d"));
	assert_true(advised(f, "31000999"));
	assert_true(advised(f, "310001062009001"));
	assert_true(advised(f, "rd -a 0xffffffffbc6974bf"));
	assert_true(advised(f, "mmbuildgpl"));
	f = find(in, "slub/kfree-constant");
	assert_non_null(f);
	assert_true(f->score < 97);
	assert_non_null(strstr(f->title, "cxiInitInodeSecurityCleanup [mmfslinux]"));
	od_input_destroy(in);
}

static void test_without_registers(void **state)
{
	struct od_report *rep = fixture_gpfs_report();
	struct od_input *in;
	const struct od_finding *f;

	(void)state;
	rep->nregisters = 0;
	rep->has_kaslr_offset = false;
	in = run(rep, false);
	f = find(in, "gpfs/kfree-constant-xattr-name");
	assert_non_null(f);
	assert_in_range(f->score, 60, 80);
	assert_null(proof(f, "constant, never allocated"));
	assert_non_null(find(in, "slub/kfree-non-slab"));
	od_input_destroy(in);
}

static void test_without_kaslr(void **state)
{
	struct od_report *rep = fixture_gpfs_report();
	struct od_input *in;
	const struct od_finding *f;

	(void)state;
	rep->has_kaslr_offset = false;
	in = run(rep, false);
	f = find(in, "gpfs/kfree-constant-xattr-name");
	assert_non_null(proof(f, "no KASLR offset is printed"));
	od_input_destroy(in);
}

/* The modules are loaded, as everywhere in such a cluster; the crash is somebody else's. */
static void test_false_positives(void **state)
{
	struct od_report *rep = fixture_gpfs_report();
	struct od_input *in;

	(void)state;
	rep->stacks[0].frames[1].function = rep->stacks[0].frames[1].symbol = "hfi1_free";
	rep->stacks[0].frames[1].module = "hfi1";
	in = run(rep, true);
	assert_null(find(in, "gpfs/kfree-constant-xattr-name"));
	assert_non_null(find(in, "slub/kfree-constant"));
	assert_null(find(in, "gpfs/assert"));
	od_input_destroy(in);

	rep = fixture_gpfs_report();
	rep->stacks[0].frames[0].function = rep->stacks[0].frames[0].symbol = "list_del";
	rep->bug_file = "lib/list_debug.c";
	rep->records[0].text = "kernel BUG at lib/list_debug.c:47!";
	in = run(rep, true);
	assert_int_equal(in->reports[0]->nfindings, 0);
	od_input_destroy(in);
}

static void test_contradicted(void **state)
{
	struct od_report *rep = fixture_gpfs_report();
	struct od_input *in;
	const struct od_finding *f;

	(void)state;
	/* On the stack of the crashing task, as rsp shows. */
	for (uint32_t i = 0; i < rep->nregisters; i++)
		if (!strcmp(rep->registers[i].name, "rdi") || !strcmp(rep->registers[i].name, "rbx"))
			rep->registers[i].value = 0xffff8ae9f7a27300;
	in = run(rep, false);
	f = find(in, "gpfs/kfree-constant-xattr-name");
	assert_non_null(f);
	assert_true(f->score < 70);
	od_input_destroy(in);
}

static void test_old_kernel(void **state)
{
	struct od_report *rep = fixture_gpfs_report();
	struct od_input *in;

	(void)state;
	rep->release = "3.10.0-862.el7.x86_64";
	in = run(rep, false);
	assert_non_null(proof(find(in, "gpfs/kfree-constant-xattr-name"), "speaks against"));
	assert_true(advised(find(in, "gpfs/kfree-constant-xattr-name"), "310000862000000"));
	od_input_destroy(in);
}

static void test_families(void **state)
{
	struct od_report *rep = od_report_create();
	struct od_input *in;

	(void)state;
	rep->kind = OD_KIND_PANIC;
	fixture_record(rep, "Kernel panic - not syncing: GPFS Deadman Switch timer has expired, and "
			    "there are still outstanding I/O requests", 7);
	in = run(rep, false);
	assert_non_null(find(in, "gpfs/deadman-switch"));
	od_input_destroy(in);

	rep = od_report_create();
	rep->kind = OD_KIND_SOFT_LOCKUP;
	rep->comm = "mmfsd";
	rep->subject = "BUG: soft lockup - CPU#1 stuck for 22s! [mmfsd:4242]";
	fixture_frame(rep, od_report_add_stack(rep, "task"), "kxFoo", "mmfs26", 0, 0, 9);
	fixture_reg(rep, "cr4", 0x3606e0, 8);
	in = run(rep, false);
	assert_non_null(find(in, "gpfs/soft-lockup-smap"));
	od_input_destroy(in);

	rep = od_report_create();
	rep->kind = OD_KIND_PANIC;
	fixture_frame(rep, od_report_add_stack(rep, "task"), "logAssertFailed", "mmfs26", 0, 0, 9);
	in = run(rep, false);
	fixture_context(in, "mmfslinux: disagrees about version of symbol foo", 3, 0);
	assert_non_null(find(in, "gpfs/assert"));
	assert_null(find(in, "gpfs/module-mismatch"));
	od_input_destroy(in);
}

/* What each text, line and register proves; the frame that called is always foo [bar]. */
struct slub_case {
	const char *record, *pc, *id;
	enum od_kind kind;
	uint32_t bug_line;
	uint64_t rdi, fault;
	const char *release;
};

static const struct slub_case slub_cases[] = {
	{ "kernel BUG at mm/slub.c:305!", "__slab_free", "slub/double-free", OD_KIND_KERNEL_BUG, 305,
	  0xffff888004567800, 0, "5.10.0-8-amd64" },
	{ "kernel BUG at mm/slub.c:3941!", "kfree", "slub/kfree-constant", OD_KIND_KERNEL_BUG, 3941,
	  0xffffffff82001234, 0, "4.19.0-5-amd64" },
	{ "kernel BUG at mm/slub.c:3941!", "kfree", "slub/kfree-module-data", OD_KIND_KERNEL_BUG,
	  3941, 0xffffffffc0001230, 0, "4.19.0-5-amd64" },
	{ "kernel BUG at mm/slub.c:4117!", "kfree", "slub/kfree-non-slab", OD_KIND_KERNEL_BUG, 4117,
	  0, 0, "5.10.7" },
	{ "object pointer: 0x00000000a1b2c3d4", "free_large_kmalloc", "slub/kfree-non-slab",
	  OD_KIND_WARNING, 0, 0, 0, "6.1.0-18-amd64" },
	{ "cache_from_obj: Wrong slab cache. kmalloc-64 but object is from kmalloc-32",
	  "kmem_cache_free", "slub/wrong-cache", OD_KIND_WARNING, 0, 0, 0, "4.19.1" },
	{ "BUG kmalloc-64 (Tainted: G    B      O     ): Object already free", NULL,
	  "slub/double-free", OD_KIND_SLUB, 0, 0, 0, "6.1.0" },
	{ "BUG kmalloc-64 (Not tainted): Poison overwritten", NULL, "slub/use-after-free",
	  OD_KIND_SLUB, 0, 0, 0, "6.1.0" },
	{ "BUG kmalloc-64 (Not tainted): Right Redzone overwritten", NULL, "slub/redzone",
	  OD_KIND_SLUB, 0, 0, 0, "6.1.0" },
	{ "BUG kmalloc-64 (Not tainted): Freechain corrupt", NULL, "slub/freelist-corrupt",
	  OD_KIND_SLUB, 0, 0, 0, "6.1.0" },
	{ "general protection fault: 0000 [#1] SMP", "foo_use", "slub/use-after-free", OD_KIND_GPF,
	  0, 0x6b6b6b6b6b6b6b6b, 0, "5.10.0" },
	{ "general protection fault", "foo_use", "slub/use-after-free", OD_KIND_GPF, 0, 0,
	  0x6b6b6b6b6b6b6b73, "5.10.0" },
	{ "general protection fault", "__kmalloc", "slub/freelist-corrupt", OD_KIND_GPF, 0, 0, 0,
	  "5.10.0" },
	{ "general protection fault", "foo_use", NULL, OD_KIND_GPF, 0, 0xdead, 0, "5.10.0" },
	{ "BUG: KASAN: double-free or invalid-free in kfree+0x1/0x2", "kfree", NULL, OD_KIND_KASAN,
	  0, 0, 0, "5.10.0" },
	{ "kernel BUG at fs/inode.c:500!", "kfree", NULL, OD_KIND_KERNEL_BUG, 0, 0, 0, "5.10.0" },
};

static struct od_report *slub_report(const struct slub_case *t)
{
	struct od_report *rep = od_report_create();
	struct od_stack *s = od_report_add_stack(rep, "task");

	rep->kind = t->kind;
	rep->release = t->release;
	rep->arch = "x86_64";
	rep->bug_file = t->bug_line ? "mm/slub.c" : NULL;
	rep->bug_line = t->bug_line;
	rep->has_fault_address = t->fault != 0;
	rep->fault_address = t->fault;
	fixture_record(rep, t->record, 10);
	if (t->pc)
		fixture_frame(rep, s, t->pc, NULL, 0xffffffff81234567, OD_FRAME_PC, 11);
	fixture_frame(rep, s, "kfree", NULL, 0xffffffff81234500, 0, 12);
	fixture_frame(rep, s, "guess", "wrong", 0, OD_FRAME_UNRELIABLE, 13);
	fixture_frame(rep, s, "foo", "bar", 0xffffffffc0000010, 0, 14);
	if (t->rdi)
		fixture_reg(rep, "rdi", t->rdi, 15);
	return rep;
}

static void test_slub(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(slub_cases) / sizeof(*slub_cases); i++) {
		const struct slub_case *t = &slub_cases[i];
		struct od_input *in = run(slub_report(t), false);
		const struct od_report *rep = in->reports[0];

		if (t->id ? rep->nfindings != 1 || strcmp(rep->findings[0].id, t->id) :
			    rep->nfindings != 0)
			fail_msg("%s in %s: %s, not %s", t->record, t->pc ? t->pc : "-",
				 rep->nfindings ? rep->findings[0].id : "nothing",
				 t->id ? t->id : "nothing");
		/* Who notices damage to an object seldom did it. */
		if (t->id && (strstr(t->id, "free-") || strstr(t->id, "-free") ||
			      strstr(t->id, "cache")) &&
		    strcmp(t->id, "slub/use-after-free") != 0)
			assert_non_null(strstr(rep->findings[0].title, "foo [bar]"));
		od_input_destroy(in);
	}
}

static uint64_t next_random(void)
{
	static uint64_t x = 88172645463325252ull;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/* A report as a hostile or half-readable input leaves it: anything may be missing or absurd. */
static struct od_report *damaged_report(void)
{
	static const uint64_t values[] = { 0, 1, 0x6b6b6b6b6b6b6b6b, 0xffffffffc0a01000,
					   0xffffffffbc6974bf, UINT64_MAX, 0xffff8ae9f7a27300 };
	static const char *const texts[] = { "", "3.10.0-", "3.10.0-99999999999999.el7", "BUG ): ",
					     "BUG x (Not tainted): ", "Freed in ", "Allocated in +",
					     "Freed in f [", "kfree", "slub.c", "free_large_kmalloc",
					     "logAssertFailed", "99999999999999999999.1" };
	const size_t ntexts = sizeof(texts) / sizeof(*texts);
	struct od_report *rep = fixture_gpfs_report();
	const char **fields[] = { &rep->release, &rep->arch, &rep->comm, &rep->subject,
				  &rep->bug_file, &rep->stacks[0].frames[0].function,
				  &rep->stacks[0].frames[1].function,
				  &rep->stacks[0].frames[0].symbol,
				  &rep->stacks[0].frames[1].module, &rep->records[0].text };

	for (unsigned i = 0; i < 4; i++) {
		const uint64_t r = next_random();

		*fields[r % 10] = r >> 8 & 1 && r % 10 != 9 ? NULL : texts[(r >> 16) % ntexts];
	}
	for (uint32_t i = 0; i < rep->nregisters; i++)
		if (next_random() & 1)
			rep->registers[i].value = values[next_random() % 7];
	rep->kind = (enum od_kind)(next_random() % OD_KIND_USER_CRASH);
	rep->bug_line = (uint32_t)(next_random() % 1000);
	fixture_record(rep, texts[next_random() % ntexts], 230);
	if (next_random() % 8 == 0)
		rep->nstacks = 0;
	return rep;
}

static void test_damaged(void **state)
{
	struct od_input *in = od_input_create("-");

	(void)state;
	fixture_context(in, "#define LINUX_KERNEL_VERSION", 1, 0);
	fixture_context(in, "> # define LINUX_KERNEL_VERSION_VERBOSE = 123456789012345678901", 2, 0);
	fixture_context(in, "LINUX_KERNEL_VERSION 0", 3, 9);
	fixture_context(in, "LINUX_KERNEL_VERSION_VERBOSE 1", 4, 9);
	for (unsigned i = 0; i < 2000; i++)
		od_input_add_report(in, damaged_report());
	assert_true(od_plugins_run(plugins, in, 0, 2000));
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(in->reports[i]->nnotes, 0);
	od_input_destroy(in);
}

/* What a plugin may answer is bounded for a batch, not for an input. */
static void test_many(void **state)
{
	struct od_input *in = od_input_create("-");

	(void)state;
	fixture_env_mcr(in);
	for (unsigned i = 0; i < 1000; i++)
		od_input_add_report(in, fixture_gpfs_report());
	assert_true(od_plugins_run(plugins, in, 0, 1000));
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(in->reports[i]->nfindings, 2);
		assert_int_equal(in->reports[i]->nnotes, 0);
	}
	od_input_destroy(in);
}

static void test_tracks(void **state)
{
	const struct slub_case t = { "BUG kmalloc-64 (Not tainted): Poison overwritten", NULL,
				     NULL, OD_KIND_SLUB, 0, 0, 0, "6.1.0" };
	struct od_report *rep = slub_report(&t);
	struct od_input *in;

	(void)state;
	fixture_record(rep, "INFO: Allocated in owner+0x1/0x2 [alice] age=3 cpu=1 pid=4", 20);
	fixture_record(rep, "Freed in giver+0x1/0x2 [carol] age=3 cpu=1 pid=4", 21);
	in = run(rep, false);
	assert_string_equal(in->reports[0]->findings[0].title,
			    "freed memory was used, freed by giver [carol]");
	assert_true(advised(&in->reports[0]->findings[0], "carol"));
	od_input_destroy(in);
}

static void test_large(void **state)
{
	const struct slub_case t = { "WARNING: at mm/slab_common.c:985", "free_large_kmalloc",
				     NULL, OD_KIND_WARNING, 0, 0xffffea0000001000, 0, "6.1.0" };
	struct od_report *rep = slub_report(&t);
	struct od_input *in;

	(void)state;
	fixture_reg(rep, "rsi", 0xffffffffc0a01000, 15);
	in = run(rep, false);
	assert_non_null(find(in, "slub/kfree-module-data"));
	od_input_destroy(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_without_registers),
		cmocka_unit_test(test_without_kaslr),
		cmocka_unit_test(test_false_positives),
		cmocka_unit_test(test_contradicted),
		cmocka_unit_test(test_old_kernel),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_slub),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_tracks),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
