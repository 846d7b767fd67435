/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ORC tables: the four layouts, searching, and telling which layout it is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "symbols/orc.h"
#include "tests/unit/fixture-memory.h"

enum { N = 40000 };
#define TEXT UINT64_C(0xffffffff81000000)
#define IPS UINT64_C(0xffffffff82000000)
#define ROWS UINT64_C(0xffffffff82100ffe) /* rows that cross pages */
#define LOOKUP UINT64_C(0xffffffff82200000)
#define STEP 32 /* bytes of code a row */

struct fixture {
	struct od_fixture_memory m;
	struct od_orc *orc;
};

static void put_row(struct fixture *f, unsigned i, uint64_t ip, int sp_off, int bp_off,
		    unsigned flags)
{
	od_fixture_put(&f->m, IPS + 4 * i, ip - (IPS + 4 * i), 4);
	od_fixture_put(&f->m, ROWS + 6 * i, (uint64_t)(int64_t)sp_off, 2);
	od_fixture_put(&f->m, ROWS + 6 * i + 2, (uint64_t)(int64_t)bp_off, 2);
	od_fixture_put(&f->m, ROWS + 6 * i + 4, flags, 2);
}

/* Row i: code from TEXT + i * STEP on, sp offset 8 + i % 100, plain flags of the layout. */
static int set_up(void **state)
{
	static struct fixture f;

	od_fixture_memory_init(&f.m);
	od_fixture_map(&f.m, IPS, 4 * N);
	od_fixture_map(&f.m, ROWS, 6 * N);
	/* The pages that the pieces begin and end in must be readable as a whole. */
	od_fixture_map(&f.m, ROWS & ~UINT64_C(4095), ROWS % 4096);
	od_fixture_map(&f.m, IPS + 4 * N, 4096);
	od_fixture_map(&f.m, ROWS + 6 * N, 4096);
	f.orc = od_orc_create(&f.m.mem);
	for (unsigned i = 0; i < N; i++)
		put_row(&f, i, TEXT + i * STEP, 8 + (int)(i % 100), 0, 0x0005);
	od_orc_add(f.orc, IPS, ROWS, N, TEXT, TEXT + N * STEP);
	od_orc_set_version(f.orc, OD_ORC_V1);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	od_orc_destroy(f->orc);
	od_fixture_memory_deinit(&f->m);
	return 0;
}

static void every_address_has_its_row(void **state)
{
	struct fixture *f = *state;
	struct od_orc_row row;

	for (unsigned i = 0; i < N; i++)
		for (unsigned at = 0; at < STEP; at += STEP - 1) {
			assert_true(od_orc_find(f->orc, TEXT + i * STEP + at, &row));
			assert_int_equal(row.sp_offset, 8 + i % 100);
			assert_int_equal(row.sp_reg, OD_ORC_REG_SP);
			assert_int_equal(row.type, OD_ORC_CALL);
			assert_false(row.signal);
		}
	assert_false(od_orc_find(f->orc, TEXT - 1, &row));
	assert_false(od_orc_find(f->orc, TEXT + N * STEP, &row));
	assert_false(od_orc_find(f->orc, 0, &row));
}

static void of_equal_addresses_the_last_counts(void **state)
{
	struct fixture *f = *state;
	struct od_orc_row row;

	put_row(f, 10, TEXT + 11 * STEP, 0, 0, 0); /* a terminator ahead of a function */
	assert_true(od_orc_find(f->orc, TEXT + 11 * STEP, &row));
	assert_int_equal(row.sp_offset, 19);
}

static void a_lookup_only_narrows(void **state)
{
	struct fixture *f = *state;
	struct od_orc_row row;
	unsigned blocks = N * STEP / 256 + 1;
	unsigned long without, with;

	f->m.reads = 0;
	assert_true(od_orc_find(f->orc, TEXT + 7777 * STEP, &row));
	without = f->m.reads;
	od_fixture_map(&f->m, LOOKUP, 32768);
	for (unsigned i = 0; i < blocks; i++)
		od_fixture_put(&f->m, LOOKUP + 4 * i, i * 256 / STEP, 4);
	od_orc_set_lookup(f->orc, LOOKUP, blocks, TEXT);
	every_address_has_its_row(state);
	od_orc_destroy(f->orc);
	f->orc = od_orc_create(&f->m.mem);
	od_orc_add(f->orc, IPS, ROWS, N, TEXT, TEXT + N * STEP);
	od_orc_set_version(f->orc, OD_ORC_V1);
	od_orc_set_lookup(f->orc, LOOKUP, blocks, TEXT);
	f->m.reads = 0;
	assert_true(od_orc_find(f->orc, TEXT + 7777 * STEP, &row));
	with = f->m.reads;
	assert_true(with < without);
	/* Every lie of it is found out. */
	for (unsigned i = 0; i < blocks; i++)
		od_fixture_put(&f->m, LOOKUP + 4 * i, i % 3 ? 0xffffffff - i : i * 5, 4);
	od_orc_destroy(f->orc);
	f->orc = od_orc_create(&f->m.mem);
	od_orc_add(f->orc, IPS, ROWS, N, TEXT, TEXT + N * STEP);
	od_orc_set_version(f->orc, OD_ORC_V1);
	od_orc_set_lookup(f->orc, LOOKUP, blocks, TEXT);
	every_address_has_its_row(state);
}

static void what_cannot_be_read_has_no_row(void **state)
{
	struct fixture *f = *state;
	struct od_orc_row row;

	od_orc_add(f->orc, 0x1000, 0x2000, 100, TEXT + 0x10000000, TEXT + 0x10001000);
	assert_false(od_orc_find(f->orc, TEXT + 0x10000010, &row));
	assert_true(od_orc_find(f->orc, TEXT + 5, &row));
	/* Tables that cannot be. */
	od_orc_add(f->orc, IPS, ROWS, 0, 1, 2);
	od_orc_add(f->orc, IPS, ROWS, UINT32_MAX, 1, 2);
	od_orc_add(f->orc, IPS, ROWS, 1, 2, 2);
	assert_false(od_orc_find(f->orc, 1, &row));
	od_orc_set_version(f->orc, OD_ORC_UNKNOWN);
	assert_false(od_orc_find(f->orc, TEXT + 5, &row));
}

static void the_first_table_has_the_word(void **state)
{
	struct fixture *f = *state;
	struct od_orc_row row;

	/* A module that claims the code of the kernel too. */
	od_orc_add(f->orc, IPS, ROWS, 1, TEXT - 0x1000, TEXT + 0x1000);
	assert_true(od_orc_find(f->orc, TEXT + 20 * STEP, &row));
	assert_int_equal(row.sp_offset, 28);
	od_orc_add(f->orc, IPS, ROWS, 1, TEXT + N * STEP - 0x1000, TEXT + N * STEP + 0x1000);
	assert_true(od_orc_find(f->orc, TEXT + (N - 1) * STEP, &row));
	assert_int_equal(row.sp_offset, 8 + (N - 1) % 100);
}

/* flags as the kernels' headers lay them out */
static const struct {
	enum od_orc_version version;
	unsigned flags;
	struct od_orc_row row;
} layouts[] = {
	/* 4.14 to 6.2: type 0 CALL, 1 REGS, 2 REGS_PARTIAL in bits 8-9, end in bit 10 */
	{OD_ORC_V1, 0x0015, {-8, 16, OD_ORC_REG_SP, OD_ORC_REG_PREV_SP, OD_ORC_CALL, false}},
	{OD_ORC_V1, 0x0144, {-8, 16, OD_ORC_REG_BP, OD_ORC_REG_BP, OD_ORC_REGS, true}},
	{OD_ORC_V1,
	 0x0209,
	 {-8, 16, OD_ORC_REG_SP_INDIRECT, OD_ORC_REG_UNDEFINED, OD_ORC_REGS_PARTIAL, true}},
	{OD_ORC_V1,
	 0x0400,
	 {-8, 16, OD_ORC_REG_UNDEFINED, OD_ORC_REG_UNDEFINED, OD_ORC_END, false}},
	{OD_ORC_V1,
	 0x0000,
	 {-8, 16, OD_ORC_REG_UNDEFINED, OD_ORC_REG_UNDEFINED, OD_ORC_NONE, false}},
	{OD_ORC_V1,
	 0x0800,
	 {-8, 16, OD_ORC_REG_UNDEFINED, OD_ORC_REG_UNDEFINED, OD_ORC_NONE, false}},
	/* 6.3: signal in bit 10, end in bit 11 */
	{OD_ORC_V2, 0x0415, {-8, 16, OD_ORC_REG_SP, OD_ORC_REG_PREV_SP, OD_ORC_CALL, true}},
	{OD_ORC_V2, 0x0105, {-8, 16, OD_ORC_REG_SP, OD_ORC_REG_UNDEFINED, OD_ORC_REGS, false}},
	{OD_ORC_V2,
	 0x0800,
	 {-8, 16, OD_ORC_REG_UNDEFINED, OD_ORC_REG_UNDEFINED, OD_ORC_END, false}},
	/* 6.4: types UNDEFINED, END, CALL, REGS, PARTIAL in bits 8-10, signal in bit 11 */
	{OD_ORC_V3, 0x0215, {-8, 16, OD_ORC_REG_SP, OD_ORC_REG_PREV_SP, OD_ORC_CALL, false}},
	{OD_ORC_V3, 0x0b05, {-8, 16, OD_ORC_REG_SP, OD_ORC_REG_UNDEFINED, OD_ORC_REGS, true}},
	{OD_ORC_V3,
	 0x0405,
	 {-8, 16, OD_ORC_REG_SP, OD_ORC_REG_UNDEFINED, OD_ORC_REGS_PARTIAL, false}},
	{OD_ORC_V3,
	 0x0100,
	 {-8, 16, OD_ORC_REG_UNDEFINED, OD_ORC_REG_UNDEFINED, OD_ORC_END, false}},
	{OD_ORC_V3,
	 0x0208,
	 {-8, 16, OD_ORC_REG_BP_INDIRECT, OD_ORC_REG_UNDEFINED, OD_ORC_CALL, false}},
	{OD_ORC_V3,
	 0x0505,
	 {-8, 16, OD_ORC_REG_UNDEFINED, OD_ORC_REG_UNDEFINED, OD_ORC_NONE, false}},
	/* 7.1: other numbers for the registers */
	{OD_ORC_V4, 0x0283, {-8, 16, OD_ORC_REG_SP, OD_ORC_REG_PREV_SP, OD_ORC_CALL, false}},
	{OD_ORC_V4, 0x0244, {-8, 16, OD_ORC_REG_BP, OD_ORC_REG_BP, OD_ORC_CALL, false}},
	{OD_ORC_V4,
	 0x020a,
	 {-8, 16, OD_ORC_REG_BP_INDIRECT, OD_ORC_REG_UNDEFINED, OD_ORC_CALL, false}},
	{OD_ORC_V4, 0x0206, {-8, 16, OD_ORC_REG_R10, OD_ORC_REG_UNDEFINED, OD_ORC_CALL, false}},
	{OD_ORC_V4,
	 0x020f,
	 {-8, 16, OD_ORC_REG_UNDEFINED, OD_ORC_REG_UNDEFINED, OD_ORC_NONE, false}},
};

static void the_four_layouts(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
		struct od_orc_row row;
		const struct od_orc_row *want = &layouts[i].row;

		put_row(f, 3, TEXT + 3 * STEP, -8, 16, layouts[i].flags);
		/* The page that was read before is kept: another table, another search. */
		od_orc_destroy(f->orc);
		f->orc = od_orc_create(&f->m.mem);
		od_orc_add(f->orc, IPS, ROWS, N, TEXT, TEXT + N * STEP);
		od_orc_set_version(f->orc, layouts[i].version);
		assert_true(od_orc_find(f->orc, TEXT + 3 * STEP, &row));
		assert_int_equal(row.type, want->type);
		assert_int_equal(row.sp_offset, want->sp_offset);
		assert_int_equal(row.bp_offset, want->bp_offset);
		if (want->type == OD_ORC_NONE)
			continue;
		assert_int_equal(row.sp_reg, want->sp_reg);
		assert_int_equal(row.bp_reg, want->bp_reg);
		assert_int_equal(row.signal, want->signal);
	}
}

static void the_layout_is_told_by_the_rows(void **state)
{
	static const struct {
		enum od_orc_version version;
		unsigned call, saved, end;
	} kinds[] = {
		{ OD_ORC_V1, 0x0005, 0x0015, 0x0400 },
		{ OD_ORC_V2, 0x0005, 0x0015, 0x0800 },
		{ OD_ORC_V3, 0x0205, 0x0215, 0x0100 },
		{ OD_ORC_V4, 0x0203, 0x0283, 0x0100 },
	};
	struct fixture *f = *state;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		for (unsigned i = 0; i < N; i++)
			put_row(f, i, TEXT + i * STEP, i % 7 ? 8 : 0, -16,
				i == 3 || i == 9 ? kinds[k].end : i % 7 == 0 ? 0 :
				i % 2 ? kinds[k].call : kinds[k].saved);
		od_orc_destroy(f->orc);
		f->orc = od_orc_create(&f->m.mem);
		od_orc_add(f->orc, IPS, ROWS, N, TEXT, TEXT + N * STEP);
		assert_int_equal(od_orc_guess_version(f->orc), kinds[k].version);
	}
	/* Random bytes are none of them. */
	for (unsigned i = 0; i < N; i++)
		put_row(f, i, TEXT + i * STEP, -8, 0, i * 2654435761u >> 8);
	od_orc_destroy(f->orc);
	f->orc = od_orc_create(&f->m.mem);
	assert_int_equal(od_orc_guess_version(f->orc), OD_ORC_UNKNOWN);
	od_orc_add(f->orc, IPS, ROWS, N, TEXT, TEXT + N * STEP);
	assert_int_equal(od_orc_guess_version(f->orc), OD_ORC_UNKNOWN);
}

static void the_layout_is_told_by_the_header(void **state)
{
	uint8_t hash[20] = { 0xfe, 0x5d, 0x32, 0xbf, 0x58, 0x1b, 0xd6, 0x3b, 0x2c, 0xa9,
			     0xa5, 0xc6, 0x5b, 0xa5, 0xa6, 0x25, 0xea, 0xb3, 0xfe, 0x24 };

	(void)state;
	assert_int_equal(od_orc_version_of(hash), OD_ORC_V3);
	hash[19] ^= 1;
	assert_int_equal(od_orc_version_of(hash), OD_ORC_UNKNOWN);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_address_has_its_row),
		TEST(of_equal_addresses_the_last_counts),
		TEST(a_lookup_only_narrows),
		TEST(what_cannot_be_read_has_no_row),
		TEST(the_first_table_has_the_word),
		TEST(the_four_layouts),
		TEST(the_layout_is_told_by_the_rows),
		TEST(the_layout_is_told_by_the_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
