/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's symbols in every form that a kernel ever had, whole and damaged. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "symbols/symtab.h"
#include "tests/unit/fixture-kallsyms.h"

enum { COUNT = 1500 };

static struct od_error *load(struct ks_image *im, struct od_symtab **ret)
{
	struct od_vmcoreinfo *info = od_vmcoreinfo_create(im->info.data, im->info.len);
	struct od_error *err;

	*ret = od_symtab_create(&im->mem);
	err = od_symtab_load_kernel(*ret, info);
	od_vmcoreinfo_destroy(info);
	return err;
}

/* --- every form ------------------------------------------------------------------- */

struct expected {
	const struct ks_symbol *syms;
	size_t n, i;
};

static bool same(void *ctx, const struct od_symbol *sym)
{
	struct expected *e = ctx;

	assert_true(e->i < e->n);
	assert_string_equal(sym->name, e->syms[e->i].name);
	assert_int_equal(sym->addr, e->syms[e->i].addr);
	assert_int_equal(sym->type, e->syms[e->i].type);
	assert_null(sym->module);
	e->i++;
	return true;
}

static void check_all(struct od_symtab *tab, const struct ks_symbol *syms, size_t n)
{
	struct expected e = { syms, n, 0 };
	struct od_symbol sym;

	assert_int_equal(od_symtab_count(tab), n);
	od_symtab_each(tab, "", same, &e);
	assert_int_equal(e.i, n);
	for (size_t i = 0; i < n; i++) {
		const bool number = syms[i].addr < 1 << 24;
		bool first = !i || syms[i - 1].addr != syms[i].addr;

		assert_true(od_symtab_find(tab, syms[i].name, NULL, &sym));
		if (strcmp(syms[i].name, "twice") != 0)
			assert_int_equal(sym.addr, syms[i].addr);
		assert_int_equal(od_symtab_at(tab, syms[i].addr, &sym), !number);
		if (!number && first)
			assert_string_equal(sym.name, syms[i].name);
		if (!number && first && i + 1 < n && syms[i + 1].addr != syms[i].addr) {
			assert_int_equal(sym.size, syms[i + 1].addr - syms[i].addr);
			assert_true(od_symtab_at(tab, syms[i + 1].addr - 1, &sym));
			assert_string_equal(sym.name, syms[i].name);
		}
	}
	assert_false(od_symtab_find(tab, "no_such_symbol", NULL, &sym));
	assert_false(od_symtab_find(tab, "", NULL, &sym));
	assert_false(od_symtab_find(tab, "_stex", NULL, &sym));
	assert_false(od_symtab_find(tab, "_stextx", NULL, &sym));
	assert_false(od_symtab_find(tab, "_stext", "module", &sym));
	assert_true(od_symtab_find(tab, "_stext", "", &sym));
}

static void check_shape(const struct ks_shape *shape)
{
	uint64_t base = shape->pointer_size == 4 ? KS_BASE32 : KS_BASE64;
	struct ks_symbol *syms;
	struct ks_image *im;
	struct od_symtab *tab;
	struct od_error *err;
	size_t n;

	syms = ks_symbols(base, COUNT, shape->encoding == OD_KALLSYMS_ABS_PERCPU, &n);
	im = ks_build(base, syms, n, shape);
	err = load(im, &tab);
	if (err)
		print_error("encoding %d uleb %d big %d pointer %d new %d seqs %d long %d no keys "
			    "%d: %s\n",
			    shape->encoding, shape->uleb, shape->big_endian, shape->pointer_size,
			    shape->new_order, shape->seqs, shape->long_words, shape->no_keys,
			    err->message);
	assert_null(err);
	check_all(tab, syms, n);
	od_symtab_destroy(tab);
	ks_free(im);
	free(syms);
}

static void test_shapes(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 4u << 7; bits++) {
		struct ks_shape shape = {
			.encoding = (enum od_kallsyms_encoding)(bits >> 7),
			.uleb = bits & 1,
			.big_endian = bits & 2,
			.pointer_size = bits & 4 ? 4 : 8,
			.new_order = bits & 8,
			.seqs = bits & 16,
			.long_words = bits & 32,
			.no_keys = bits & 64,
			.tables = 128 << 10,
		};

		/*
		 * What no kernel had: the first with the new order were without, and both by keys
		 * only.
		 */
		if (shape.encoding == OD_KALLSYMS_PLACE && !shape.new_order && shape.no_keys)
			continue;
		if (shape.encoding == OD_KALLSYMS_ABSOLUTE && shape.new_order && shape.no_keys)
			continue;
		if (shape.long_words && (shape.uleb || shape.seqs || shape.new_order))
			continue;
		/*
		 * Of an unsigned long the note's readers take 32 bits; big endian has them at its
		 * end.
		 */
		if (shape.long_words && shape.big_endian && !shape.no_keys &&
		    shape.pointer_size == 8)
			continue;
		check_shape(&shape);
	}
}

/* --- names ------------------------------------------------------------------------- */

static const struct ks_shape usual = { .encoding = OD_KALLSYMS_ABS_PERCPU,
				       .uleb = true,
				       .pointer_size = 8 };

static void test_names(void **state)
{
	size_t n;
	struct ks_symbol *syms = ks_symbols(KS_BASE64, COUNT, true, &n);
	char longest[1000];
	struct ks_image *im;
	struct od_symtab *tab;
	struct od_symbol sym;
	uint64_t addrs[4];

	(void)state;
	/* Of two with that name the global one is found, though it is the second. */
	memset(longest, 'Q', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	syms[100].name = longest;
	im = ks_build(KS_BASE64, syms, n, &usual);
	assert_null(load(im, &tab));
	assert_true(od_symtab_find(tab, "twice", NULL, &sym));
	assert_int_equal(sym.addr, KS_BASE64 + 0x70);
	assert_int_equal(sym.type, 'T');
	assert_true(od_symtab_at(tab, KS_BASE64 + 0x60, &sym));
	assert_string_equal(sym.name, "twice");
	assert_int_equal(sym.size, 0x10);
	/* What the kernel would print: the first of the table. */
	assert_true(od_symtab_at(tab, KS_BASE64 + 0x45, &sym));
	assert_string_equal(sym.name, "a_local");
	assert_true(od_symtab_at(tab, syms[100].addr, &sym));
	assert_string_equal(sym.name, longest);
	assert_true(od_symtab_find(tab, longest, NULL, &sym));
	/* Numbers have a name, but no address has theirs. */
	assert_true(od_symtab_find(tab, "cpu_debug_store", NULL, &sym));
	assert_int_equal(sym.addr, 0x1000);
	assert_false(od_symtab_at(tab, 0x1000, &sym));
	assert_false(od_symtab_at(tab, 0, &sym));
	/* Between the last number and the first address, and beyond the last symbol. */
	assert_false(od_symtab_at(tab, KS_BASE64 - 1, &sym));
	assert_true(od_symtab_at(tab, KS_BASE64 + 0x300100 + 4095, &sym));
	assert_string_equal(sym.name, "_end");
	assert_int_equal(sym.size, 0);
	assert_false(od_symtab_at(tab, KS_BASE64 + 0x300100 + 4096, &sym));
	assert_false(od_symtab_at(tab, UINT64_MAX, &sym));
	od_symtab_find_all(tab, (const char *const[]){ "_end", "nothing", "_stext", "a_local" },
			   addrs, 4);
	assert_int_equal(addrs[0], KS_BASE64 + 0x300100);
	assert_int_equal(addrs[1], 0);
	assert_int_equal(addrs[2], KS_BASE64);
	assert_int_equal(addrs[3], KS_BASE64 + 0x40);
	od_symtab_destroy(tab);
	ks_free(im);
	free(syms);
}

static bool count_names(void *ctx, const struct od_symbol *sym)
{
	unsigned *left = ctx;

	assert_memory_equal(sym->name, "tcp_al", 6);
	return --*left != 0;
}

static void test_prefix(void **state)
{
	size_t n;
	struct ks_symbol *syms = ks_symbols(KS_BASE64, COUNT, true, &n);
	unsigned want = 0, left;
	struct ks_image *im = ks_build(KS_BASE64, syms, n, &usual);
	struct od_symtab *tab;

	(void)state;
	assert_null(load(im, &tab));
	for (size_t i = 0; i < n; i++)
		want += !strncmp(syms[i].name, "tcp_al", 6);
	assert_true(want > 5);
	left = want + 1;
	od_symtab_each(tab, "tcp_al", count_names, &left);
	assert_int_equal(left, 1);
	left = 3;
	od_symtab_each(tab, "tcp_al", count_names, &left);
	assert_int_equal(left, 0);
	od_symtab_destroy(tab);
	ks_free(im);
	free(syms);
}

/* A name cut where struct od_symbol ends says so; the whole name still finds it. */
static void test_cut_name(void **state)
{
	size_t n;
	struct ks_symbol *syms = ks_symbols(KS_BASE64, COUNT, true, &n);
	char name[1400] = "";
	struct ks_image *im;
	struct od_symtab *tab;
	struct od_symbol sym;

	(void)state;
	for (unsigned i = 0; i < 240; i++)
		memcpy(name + 5 * i, "x64_Q", 6);
	syms[50].name = name;
	im = ks_build(KS_BASE64, syms, n, &usual);
	assert_null(load(im, &tab));
	assert_true(od_symtab_at(tab, syms[50].addr, &sym));
	assert_int_equal(strlen(sym.name), OD_SYMBOL_NAME - 1);
	assert_memory_equal(sym.name, name, OD_SYMBOL_NAME - 4);
	assert_string_equal(sym.name + OD_SYMBOL_NAME - 4, "...");
	assert_true(od_symtab_find(tab, name, NULL, &sym));
	assert_int_equal(sym.addr, syms[50].addr);
	od_symtab_destroy(tab);
	ks_free(im);
	free(syms);
}

/* A table that is not sorted: look-ups work all the same. */
static void test_unsorted(void **state)
{
	size_t n;
	struct ks_symbol *syms = ks_symbols(KS_BASE64, COUNT, false, &n);
	struct ks_image *im;
	struct od_symtab *tab;
	struct od_symbol sym;

	(void)state;
	for (size_t i = 20; i < n - 20; i += 7) {
		uint64_t addr = syms[i].addr;

		syms[i].addr = syms[i + 11].addr;
		syms[i + 11].addr = addr;
	}
	im = ks_build(KS_BASE64, syms, n, &usual);
	assert_null(load(im, &tab));
	for (size_t i = 0; i < n; i++) {
		assert_true(od_symtab_find(tab, syms[i].name, NULL, &sym));
		if (strcmp(syms[i].name, "twice") != 0)
			assert_int_equal(sym.addr, syms[i].addr);
		if (syms[i].addr < KS_BASE64 + 0x100) /* aliases */
			continue;
		assert_true(od_symtab_at(tab, syms[i].addr, &sym));
		assert_string_equal(sym.name, syms[i].name);
	}
	od_symtab_destroy(tab);
	ks_free(im);
	free(syms);
}

/* --- damage ------------------------------------------------------------------------ */

struct damage {
	struct ks_image *im;
	struct ks_symbol *syms;
	size_t n;
};

static struct damage undamaged(const struct ks_shape *shape)
{
	struct damage d;

	d.syms = ks_symbols(KS_BASE64, COUNT, true, &d.n);
	d.im = ks_build(KS_BASE64, d.syms, d.n, shape);
	return d;
}

/* It must fail, and say all of what. A table that was loaded before stays. */
static void fails(struct damage d, const char *what, const char *why)
{
	struct od_symtab *tab;
	struct od_error *err = load(d.im, &tab);

	assert_non_null(err);
	if (!strstr(err->message, what) || !strstr(err->message, why))
		print_error("not \"%s ... %s\" but \"%s\"\n", what, why, err->message);
	assert_non_null(strstr(err->message, what));
	assert_non_null(strstr(err->message, why));
	assert_int_equal(err->code, OD_ERR_UNSUPPORTED);
	assert_int_equal(od_symtab_count(tab), 0);
	od_error_free(err);
	od_symtab_destroy(tab);
	ks_free(d.im);
	free(d.syms);
}

static void hole_fails(uint64_t (*where)(struct ks_image *im), const char *what)
{
	struct damage d = undamaged(&usual);

	d.im->hole = where(d.im);
	d.im->hole_len = 1;
	fails(d, what, "excluded from the dump");
}

static uint64_t at_index(struct ks_image *im) { return im->token_index + 100; }
static uint64_t at_tokens(struct ks_image *im) { return im->token_table + 60; }
static uint64_t at_last_token(struct ks_image *im) { return im->token_index - 9; }
static uint64_t at_num(struct ks_image *im) { return im->num_syms; }
static uint64_t at_names(struct ks_image *im) { return im->names + 5000; }
static uint64_t at_last_name(struct ks_image *im) { return im->names_end - 1; }
static uint64_t at_offsets(struct ks_image *im) { return im->offsets + 4 * COUNT; }
static uint64_t at_markers(struct ks_image *im) { return im->markers; }

static void test_holes(void **state)
{
	struct damage d = undamaged(&usual);
	struct od_symtab *tab;

	(void)state;
	hole_fails(at_index, "kallsyms_token_index at 0x");
	hole_fails(at_tokens, "kallsyms_token_table at 0x");
	hole_fails(at_last_token, "kallsyms_token_table at 0x");
	hole_fails(at_num, "kallsyms_num_syms at 0x");
	hole_fails(at_names, "kallsyms_names at 0x");
	hole_fails(at_last_name, "kallsyms_names at 0x");
	hole_fails(at_offsets, "addresses of kallsyms at 0x");
	/* What is not needed may be missing. */
	d.im->hole = at_markers(d.im);
	d.im->hole_len = 8;
	assert_null(load(d.im, &tab));
	check_all(tab, d.syms, d.n);
	od_symtab_destroy(tab);
	ks_free(d.im);
	free(d.syms);
}

static void test_nonsense(void **state)
{
	static const uint32_t counts[] = { 0, 1 << 21, 5 << 20, UINT32_MAX };
	struct damage d;

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		d = undamaged(&usual);
		ks_put(d.im, d.im->num_syms, counts[i], 4);
		fails(d, "kallsyms_num_syms", "make no sense");
	}
	d = undamaged(&usual);
	ks_put(d.im, d.im->num_syms, d.n + 50, 4); /* into the markers */
	fails(d, "kallsyms_names", "makes no sense");
	d = undamaged(&usual);
	ks_put(d.im, d.im->token_index + 2 * 77, 1, 2);
	fails(d, "kallsyms_token_table", "makes no sense at token 77");
	d = undamaged(&usual);
	*ks_at(d.im, d.im->token_table + 3, 1) = '\n';
	fails(d, "kallsyms_token_table", "makes no sense at token 1");
	d = undamaged(&usual);
	*ks_at(d.im, d.im->names, 1) = 0;
	fails(d, "kallsyms_names", "makes no sense");
	d = undamaged(&usual);
	*ks_at(d.im, d.im->names + 1, 1) = '5'; /* no letter of nm's */
	fails(d, "kallsyms_names", "makes no sense");
	d = undamaged(&usual);
	ks_put(d.im, d.im->relative_base, KS_BASE64 + 1, 8);
	fails(d, "no way to read the addresses", "agrees with VMCOREINFO");
}

/* --- without the keys --------------------------------------------------------------- */

static const struct ks_shape old = { .encoding = OD_KALLSYMS_ABS_PERCPU,
				     .pointer_size = 8,
				     .no_keys = true };

static void test_scan_damage(void **state)
{
	struct damage d = undamaged(&old);
	char *digits;

	(void)state;
	od_buf_reset(&d.im->info);
	od_buf_addstr(&d.im->info, "OSRELEASE=5.10.0\n");
	fails(d, "neither SYMBOL(kallsyms_names)", "nor SYMBOL(_stext)");

	d = undamaged(&old);
	d.im->hole = d.im->token_table;
	d.im->hole_len = 4096;
	fails(d, "no token table is within 64 MB of _stext", "");

	d = undamaged(&old);
	digits = memmem(ks_at(d.im, d.im->token_table, 2000), 2000, "0\0001", 4);
	assert_non_null(digits);
	*digits = 'o';
	fails(d, "no token table is within 64 MB of _stext", "");

	d = undamaged(&old);
	ks_put(d.im, d.im->num_syms, 10, 4);
	fails(d, "tokens of kallsyms are at 0x", "names are not found");

	d = undamaged(&old);
	ks_at(d.im, d.im->markers + 8, 1)[0] ^= 1;
	fails(d, "names and markers", "do not fit");

	d = undamaged(&old);
	d.im->hole = d.im->offsets + 8;
	d.im->hole_len = 8;
	fails(d, "addresses of kallsyms", "excluded from the dump");

	d = undamaged(&old);
	ks_put(d.im, d.im->relative_base, KS_BASE64 + 16, 8);
	fails(d, "no way to read the addresses", "agrees with VMCOREINFO");
}

/* Data of VMCOREINFO lies behind the table: what is between _stext and the table is not read. */
static void test_scan_reads_little(void **state)
{
	struct damage d = undamaged(&old);
	struct od_symtab *tab;
	uint64_t little;

	(void)state;
	assert_null(load(d.im, &tab));
	little = d.im->read_bytes;
	od_symtab_destroy(tab);
	/* Without them all is read, once. */
	od_buf_reset(&d.im->info);
	od_buf_printf(&d.im->info, "SYMBOL(_stext)=%llx\n", (unsigned long long)d.im->base);
	d.im->read_bytes = 0;
	assert_null(load(d.im, &tab));
	assert_true(little + (3 << 19) < d.im->read_bytes);
	od_symtab_destroy(tab);
	/* Holes in the text do not matter; what comes after the hole is searched. */
	d.im->hole = d.im->base + 0x100000;
	d.im->hole_len = 0x100000;
	assert_null(load(d.im, &tab));
	check_all(tab, d.syms, d.n);
	od_symtab_destroy(tab);
	ks_free(d.im);
	free(d.syms);
}

/* At the end of all addresses: found if it is there, and an end if not. */
static void test_top(void **state)
{
	static const uint64_t stexts[] = { UINT64_MAX, UINT64_MAX - 4095, UINT64_MAX - (70 << 20),
					   0, 4096 };
	const uint64_t base = UINT64_MAX - (5 << 20) + 1;
	struct damage d;
	struct od_symtab *tab;
	struct od_error *err;

	(void)state;
	d.syms = ks_symbols(base, COUNT, false, &d.n);
	d.im = ks_build(base, d.syms, d.n, &old);
	assert_null(load(d.im, &tab));
	check_all(tab, d.syms, d.n);
	od_symtab_destroy(tab);
	for (size_t i = 0; i < sizeof(stexts) / sizeof(*stexts); i++) {
		od_buf_reset(&d.im->info);
		od_buf_printf(&d.im->info, "SYMBOL(_stext)=%llx\n", (unsigned long long)stexts[i]);
		err = load(d.im, &tab);
		assert_non_null(err);
		od_error_free(err);
		od_symtab_destroy(tab);
	}
	ks_free(d.im);
	free(d.syms);
}

/* If _stext is lost, two others must agree. */
static void test_without_stext(void **state)
{
	struct damage d;
	struct od_symtab *tab;
	char name[64];

	(void)state;
	for (unsigned hits = 0; hits < 4; hits++) {
		d = undamaged(&usual);
		for (char *p = d.im->info.data; (p = strstr(p, "_stext")) != NULL; p++)
			memcpy(p, "_Stext", 6);
		memcpy(strstr(d.im->info.data, "init_uts_ns"), "init_uts_xx", 11);
		for (unsigned i = 0; i < hits; i++) {
			snprintf(name, sizeof(name), "SYMBOL(%s)=%llx\n", d.syms[20 + i].name,
				 (unsigned long long)d.syms[20 + i].addr);
			od_buf_addstr(&d.im->info, name);
		}
		if (hits < 2) {
			fails(d, "no way to read the addresses", "agrees with VMCOREINFO");
			continue;
		}
		assert_null(load(d.im, &tab));
		check_all(tab, d.syms, d.n);
		od_symtab_destroy(tab);
		ks_free(d.im);
		free(d.syms);
	}
}

/* --- order and hashes ---------------------------------------------------------------- */

static void test_sort(void **state)
{
	enum { N = 5000 };
	uint64_t *addr = od_malloc(N * sizeof(*addr)), seed = 1;
	uint32_t *order = od_malloc(N * sizeof(*order));

	(void)state;
	for (unsigned round = 0; round < 8; round++) {
		for (unsigned i = 0; i < N; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			addr[i] = round & 1 ? seed >> (8 * round) : KS_BASE64 + (seed >> 50);
		}
		od_sort_addresses(addr, order, N);
		for (unsigned i = 1; i < N; i++)
			assert_true(
				addr[order[i - 1]] < addr[order[i]] ||
				(addr[order[i - 1]] == addr[order[i]] && order[i - 1] < order[i]));
	}
	od_sort_addresses(addr, order, 0);
	free(addr);
	free(order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),	      cmocka_unit_test(test_names),
		cmocka_unit_test(test_prefix),	      cmocka_unit_test(test_cut_name),
		cmocka_unit_test(test_unsorted),      cmocka_unit_test(test_holes),
		cmocka_unit_test(test_nonsense),      cmocka_unit_test(test_scan_damage),
		cmocka_unit_test(test_scan_reads_little), cmocka_unit_test(test_top),
		cmocka_unit_test(test_without_stext),
		cmocka_unit_test(test_sort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
