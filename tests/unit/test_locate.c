/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames to places, over debug files made up of tables: which symbol, which byte, which file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/locate.h"

/* --- debug files ------------------------------------------------------------------------------ */

struct line {
	uint64_t from; /* up to the next */
	uint32_t line, inlined; /* inlined: line in a.h of a call that was, 0: none */
};

struct od_debug {
	const char *name, *build_id;
	bool no_lines;
	const char *lacks;
	const struct od_debug_symbol *syms;
	size_t nsyms;
	const struct line *lines;
	size_t nlines;
	uint64_t text, text_size;
};

#define N(a) (sizeof(a) / sizeof(*(a)))

static const struct od_debug_symbol kernel_syms[] = {
	{ "first", 0x1000, 0x13, 0x20, true, true },	  /* 0x20 to the next */
	{ "same", 0x1020, 0x40, 0x40, true, false },	  /* 0x40 */
	{ "caller", 0x1060, 0x30, 0x30, true, true },
	{ "same", 0x1090, 0x1c, 0x20, true, false },	  /* 0x20, as the next */
	{ "twin", 0x10b0, 0x1e, 0x20, true, false },
	{ "twin", 0x10d0, 0x1f, 0x20, true, false },
	{ "noreturn", 0x10f0, 0x10, 0x20, true, true },
	{ "__pfx_late", 0x1110, 0x10, 0x10, true, true }, /* kallsyms does not have it */
	{ "late", 0x1120, 0x11, 0x20, true, true },	  /* last: 0x100 to the end */
};
static const struct line kernel_lines[] = {
	{ 0x1000, 10, 0 }, { 0x1008, 11, 0 }, { 0x1020, 20, 0 }, { 0x1030, 21, 7 },
	{ 0x1060, 30, 0 }, { 0x1070, 31, 0 }, { 0x1090, 40, 0 }, { 0x10b0, 50, 0 },
	{ 0x10d0, 60, 0 }, { 0x10f0, 70, 0 }, { 0x10ff, 71, 0 }, { 0x1100, 99, 0 },
	{ 0x1120, 80, 0 },
};
static struct od_debug kernel = { "vmlinux", NULL, false, "vmlinux lacks a part", kernel_syms, N(kernel_syms),
				  kernel_lines, N(kernel_lines), 0x1000, 0x140 };

static const struct od_debug_symbol module_syms[] = {
	{ "_ZN3lab3runEi", 0x0, 0x20, 0x20, true, true },
	{ "_ZN3lab4walkEi", 0x20, 0x20, 0x20, true, true },
	{ "_ZN3lab4RingIiE3sumEv", 0x50, 0x13, 0x13, true, true }, /* in a section of its own */
};
static const struct line module_lines[] = { { 0x0, 5, 0 }, { 0x10, 6, 3 } };
static struct od_debug module = { "lab.ko", "00112233445566778899aabbccddeeff00112233", false, NULL,
				  module_syms, N(module_syms), module_lines, N(module_lines), 0, 0x40 };

static unsigned nplaces, nopened;
static uint64_t last_asked;
static bool in_order;

const char *od_debug_name(const struct od_debug *dbg)
{
	return dbg->name;
}

const char *od_debug_build_id(const struct od_debug *dbg)
{
	return dbg->build_id;
}

bool od_debug_has_lines(const struct od_debug *dbg)
{
	return !dbg->no_lines;
}

size_t od_debug_find_demangled(struct od_debug *dbg, const char *name, struct od_debug_symbol *ret, size_t max)
{
	return !strcmp(name, "lab::walk(int)") ? od_debug_find(dbg, "_ZN3lab4walkEi", ret, max) : 0;
}

const char *od_debug_lacks(const struct od_debug *dbg)
{
	return dbg->lacks;
}

size_t od_debug_find(struct od_debug *dbg, const char *name, struct od_debug_symbol *ret, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < dbg->nsyms; i++)
		if (!strcmp(dbg->syms[i].name, name) && n++ < max)
			ret[n - 1] = dbg->syms[i];
	return n;
}

bool od_debug_at(struct od_debug *dbg, uint64_t addr, struct od_debug_symbol *ret)
{
	for (size_t i = dbg->nsyms; i > 0; i--)
		if (addr >= dbg->syms[i - 1].addr) {
			*ret = dbg->syms[i - 1];
			return true;
		}
	return false;
}

/* .text, or the section that the one symbol behind it has to itself. */
bool od_debug_section_at(struct od_debug *dbg, uint64_t addr, uint64_t *start, uint64_t *size)
{
	const struct od_debug_symbol *last = &dbg->syms[dbg->nsyms - 1];

	*start = addr - dbg->text < dbg->text_size ? dbg->text : last->addr;
	*size = addr - dbg->text < dbg->text_size ? dbg->text_size : last->size;
	return addr - *start < *size;
}

size_t od_debug_places(struct od_debug *dbg, uint64_t addr, struct od_place *ret, size_t max)
{
	size_t n = 0;

	in_order &= addr >= last_asked;
	last_asked = addr;
	nplaces++;
	assert_true(max >= 2);
	for (size_t i = dbg->nlines; i > 0 && !dbg->no_lines; i--) {
		const struct line *l = &dbg->lines[i - 1];

		if (addr < l->from)
			continue;
		if (l->inlined)
			ret[n++] = (struct od_place){ "peek", "_ZN3lab4peekEv", "lib/a.h", l->inlined, 0 };
		ret[n++] = (struct od_place){ "f", NULL, "mm/a.c", l->line, 0 };
		break;
	}
	return n;
}

struct od_debug *od_find_get(struct od_find *find, const struct od_wanted *wanted, struct od_absent *ret)
{
	(void)find;
	nopened++;
	if (!wanted->module)
		return &kernel;
	if (!strcmp(wanted->module, "lab"))
		return &module;
	*ret = (struct od_absent){ "no debug file for module other", "/usr/lib/debug/other.ko" };
	return NULL;
}

void od_find_expect(struct od_find *find, const char *name)
{
	(void)find, (void)name;
}

/* --- spots ------------------------------------------------------------------------------------ */

static struct od_spot spot(const char *symbol, uint64_t offset, uint64_t size, bool is_return)
{
	struct od_spot q = { .symbol = symbol, .offset = offset, .size = size, .is_return = is_return };

	return q;
}

static void test_which_symbol(void **state)
{
	static const struct {
		const char *symbol;
		uint64_t offset, size;
		bool is_return;
		enum od_spot_end end;
		uint32_t line;
	} rows[] = {
		{ "first", 8, 0x20, false, OD_SPOT_FOUND, 11 },
		{ "first", 8, 0x20, true, OD_SPOT_FOUND, 10 }, /* a byte back */
		{ "first", 0, 0x20, true, OD_SPOT_FOUND, 10 }, /* but not into the one before */
		{ "first", 8, 0x13, false, OD_SPOT_FOUND, 11 }, /* st_size itself */
		{ "first", 8, 0, false, OD_SPOT_FOUND, 11 },   /* not printed */
		{ "first", 0x20, 0, false, OD_SPOT_NO_SYMBOL, 0 }, /* beyond it */
		{ "first", 0x21, 0x20, true, OD_SPOT_NO_SYMBOL, 0 },
		{ "same", 4, 0x40, false, OD_SPOT_FOUND, 20 }, /* by size */
		{ "same", 4, 0x20, false, OD_SPOT_FOUND, 40 },
		{ "same", 4, 0, false, OD_SPOT_AMBIGUOUS, 0 },
		{ "twin", 4, 0x20, false, OD_SPOT_AMBIGUOUS, 0 }, /* of one size, in other lines */
		{ "noreturn", 0x10, 0x20, true, OD_SPOT_FOUND, 71 }, /* its last instruction calls */
		{ "noreturn", 0x10, 0x30, true, OD_SPOT_FOUND, 71 }, /* __pfx_ does not count */
		{ "late", 0, 0x100, false, OD_SPOT_FOUND, 80 }, /* what lies behind it is not known */
		{ "nobody", 0, 0x20, false, OD_SPOT_NO_SYMBOL, 0 },
	};
	struct od_locate *loc = od_locate_create(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct od_spot q = spot(rows[i].symbol, rows[i].offset, rows[i].size, rows[i].is_return);

		od_locate_spots(loc, &q, 1);
		assert_int_equal(q.end, rows[i].end);
		assert_int_equal(q.nplaces, rows[i].end == OD_SPOT_FOUND);
		if (q.nplaces)
			assert_int_equal(q.places[0].line, rows[i].line);
	}
	od_locate_destroy(loc);
}

/* What stands twice is asked once, and all in order of address. */
static void test_asked_once(void **state)
{
	struct od_locate *loc = od_locate_create(NULL, NULL);
	struct od_spot q[] = { spot("late", 1, 0x100, true), spot("caller", 0x11, 0x30, true),
			       spot("first", 1, 0x20, false), spot("caller", 0x11, 0x30, true) };

	(void)state;
	nplaces = nopened = 0;
	last_asked = 0;
	in_order = true;
	od_locate_spots(loc, q, N(q));
	assert_int_equal(nplaces, 3);
	assert_true(in_order);
	od_locate_spots(loc, q, N(q));
	assert_int_equal(nplaces, 3);
	assert_int_equal(nopened, 1);
	for (size_t i = 0; i < N(q); i++)
		assert_int_equal(q[i].end, OD_SPOT_FOUND);
	assert_int_equal(q[1].places[0].line, 31);
	assert_ptr_equal(q[1].places, q[3].places);
	od_locate_destroy(loc);
}

/* One function of another size, and the whole file is of another kernel; but not against a build id. */
static void test_refused(void **state)
{
	struct od_locate *loc = od_locate_create(NULL, NULL);
	struct od_spot q[] = { spot("first", 1, 0x20, false), spot("caller", 1, 0x50, false) };
	struct od_spot ring = spot("_ZN3lab4RingIiE3sumEv", 1, 0x1030, false);
	struct od_spot mod[] = { spot("_ZN3lab3runEi", 1, 0x20, false),
				 spot("_ZN3lab3runEi", 1, 0x80, false) };
	struct od_absent why;

	(void)state;
	od_locate_spots(loc, q, 1);
	assert_int_equal(q[0].end, OD_SPOT_FOUND);
	od_locate_spots(loc, q, 2);
	assert_int_equal(q[0].end, OD_SPOT_REFUSED);
	assert_int_equal(q[1].end, OD_SPOT_REFUSED);
	/* The loader puts the sections of templates where it likes: their end is not the file's. */
	ring.of.module = "lab";
	od_locate_spots(loc, &ring, 1);
	assert_int_equal(ring.end, OD_SPOT_FOUND);
	ring = spot("lab::walk(int)", 1, 0x20, false);
	ring.of.module = "lab";
	od_locate_spots(loc, &ring, 1);
	assert_int_equal(ring.end, OD_SPOT_FOUND);
	/* Where it prints the last function of a section nothing runs in this file. */
	mod[0].of.module = "lab";
	mod[0].symbol = "_ZN3lab4walkEi";
	mod[0].offset = 0x60;
	mod[0].size = 0x1000;
	od_locate_spots(loc, mod, 1);
	assert_int_equal(mod[0].end, OD_SPOT_REFUSED);
	mod[0] = spot("_ZN3lab3runEi", 1, 0x20, false);
	assert_null(od_locate_file(loc, &q[0].of, &why));
	assert_string_equal(why.why, "the size of caller differs: vmlinux is not of this kernel");
	for (size_t i = 0; i < N(mod); i++) {
		mod[i].of.module = "lab";
		mod[i].of.build_id = module.build_id;
	}
	od_locate_spots(loc, mod, 2);
	assert_int_equal(mod[0].end, OD_SPOT_FOUND);
	assert_int_equal(mod[1].end, OD_SPOT_SIZE);
	od_locate_destroy(loc);
}

/* Answers are forgotten some day; names of modules are not without end. */
static void test_bounds(void **state)
{
	struct od_locate *loc = od_locate_create(NULL, NULL);
	struct od_spot q = spot("first", 0, 0x20, false);
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 70000; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		q.symbol = name;
		od_locate_spots(loc, &q, 1);
		assert_int_equal(q.end, OD_SPOT_NO_SYMBOL);
	}
	nopened = 0;
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		q.of.module = name;
		od_locate_spots(loc, &q, 1);
		assert_int_equal(q.end, OD_SPOT_NO_FILE);
	}
	assert_true(nopened < 4100);
	q = spot("first", 8, 0x20, false);
	od_locate_spots(loc, &q, 1);
	assert_int_equal(q.end, OD_SPOT_FOUND);
	od_locate_destroy(loc);
}

/* --- reports ---------------------------------------------------------------------------------- */

static struct od_frame *add(struct od_report *rep, const char *symbol, uint32_t offset, uint32_t size,
			    const char *mod)
{
	struct od_stack *stack = rep->nstacks ? rep->stacks : od_report_add_stack(rep, "task");
	struct od_frame *f = od_stack_add_frame(rep, stack);

	f->symbol = od_arena_strdup(&rep->arena, symbol);
	f->module = od_arena_strdup(&rep->arena, mod);
	f->offset = offset;
	f->size = size;
	f->flags = symbol ? OD_FRAME_HAS_OFFSET : 0;
	return f;
}

static void test_report(void **state)
{
	struct od_input *in = od_input_create("-");
	struct od_report *rep = od_report_create();
	struct od_locate *loc = od_locate_create(NULL, NULL);
	const struct od_frame *f;

	(void)state;
	add(rep, "first", 8, 0x20, NULL)->flags |= OD_FRAME_PC;
	add(rep, "first", 8, 0x20, NULL); /* once more, as arm64 does: no return address */
	add(rep, "first", 8, 0x20, NULL);
	add(rep, "_ZN3lab3runEi", 0x12, 0x20, "lab");
	add(rep, "twin", 4, 0x20, NULL);
	add(rep, "gone", 4, 0x20, "other");
	add(rep, "gone2", 4, 0x20, "other");
	add(rep, "caller", 4, 0x30, NULL)->file = "kept.c";
	od_locate_report(loc, in, rep);
	f = rep->stacks[0].frames;
	assert_int_equal(f[0].line, 11);
	assert_string_equal(f[0].file, "mm/a.c");
	assert_int_equal(f[1].line, 11);
	assert_int_equal(f[2].line, 10);
	assert_int_equal(f[3].line, 6);
	assert_int_equal(f[3].ninlined, 1);
	assert_int_equal(f[3].inlined[0].line, 3);
	assert_string_equal(f[3].inlined[0].file, "lib/a.h");
	assert_null(f[4].file);
	assert_null(f[5].file);
	assert_string_equal(f[7].file, "kept.c");
	assert_int_equal(in->nmissing, 2);
	assert_string_equal(in->missing[0].what, "source lines");
	assert_string_equal(in->missing[0].why, "vmlinux lacks a part");
	assert_string_equal(in->missing[1].path, "/usr/lib/debug/other.ko");
	assert_int_equal(rep->nnotes, 1);
	assert_non_null(strstr(rep->notes[0].text, "twin"));
	od_report_destroy(rep);
	od_locate_destroy(loc);
	od_input_destroy(in);
}

/* An address alone: where the kernel stands is told by one that has a name. */
static void test_bare(void **state)
{
	struct od_input *in = od_input_create("-");
	struct od_report *rep = od_report_create();
	struct od_locate *loc = od_locate_create(NULL, NULL);
	struct od_frame *f;

	(void)state;
	add(rep, NULL, 0, 0, NULL)->addr = 0x801061;
	od_locate_report(loc, in, rep);
	assert_null(rep->stacks[0].frames[0].file);
	f = add(rep, "first", 8, 0x20, NULL);
	f->addr = 0x801008;
	od_locate_report(loc, in, rep);
	f = rep->stacks[0].frames;
	assert_int_equal(f[0].line, 30);
	assert_string_equal(f[0].function, "f");
	od_report_destroy(rep);
	rep = od_report_create();
	rep->has_kaslr_offset = true;
	rep->kaslr_offset = 0x600000;
	add(rep, NULL, 0, 0, NULL)->addr = 0x601071;
	od_locate_report(loc, in, rep);
	assert_int_equal(rep->stacks[0].frames[0].line, 31);
	od_report_destroy(rep);
	od_locate_destroy(loc);
	od_input_destroy(in);
}

/* A file without lines is told as one that is missing. */
static void test_no_lines(void **state)
{
	struct od_input *in = od_input_create("-");
	struct od_report *rep = od_report_create();
	struct od_locate *loc = od_locate_create(NULL, NULL);

	(void)state;
	kernel.no_lines = true;
	add(rep, "first", 8, 0x20, NULL);
	od_locate_report(loc, in, rep);
	kernel.no_lines = false;
	assert_null(rep->stacks[0].frames[0].file);
	assert_int_equal(in->nmissing, 1);
	assert_string_equal(in->missing[0].why, "vmlinux has no line information");
	od_report_destroy(rep);
	od_locate_destroy(loc);
	od_input_destroy(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_symbol), cmocka_unit_test(test_asked_once),
		cmocka_unit_test(test_refused),	     cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_report),	     cmocka_unit_test(test_bare),
		cmocka_unit_test(test_no_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
