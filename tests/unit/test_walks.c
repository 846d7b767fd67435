/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees, caches of slabs and searches in a made-up memory, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "target/kernel/search.h"
#include "target/kernel/slabs.h"
#include "target/kernel/tree.h"
#include "tests/unit/fixture-btf.h"
#include "tests/unit/fixture-memory.h"

#define BASE 0xffff888000100000u

enum { SIZE = 0x20000, MAX_GOT = 64 };

struct world {
	struct od_fixture_memory m;
	struct od_kernel *k;
};

struct got {
	uint64_t entry[MAX_GOT], first[MAX_GOT], last[MAX_GOT];
	unsigned n, stop_after; /* 0: never */
};

static bool take(void *ctx, uint64_t entry, uint64_t first, uint64_t last)
{
	struct got *g = ctx;

	assert_true(g->n < MAX_GOT);
	g->entry[g->n] = entry;
	g->first[g->n] = first;
	g->last[g->n++] = last;
	return g->n != g->stop_after;
}

/* --- types, in an order that no kernel has --------------------------------------------- */

static void add_tree_types(struct maker *mk, uint32_t word, uint32_t byte)
{
	uint32_t four = maker_array(mk, word, 4), three = maker_array(mk, word, 3);
	uint32_t two = maker_array(mk, word, 2), one = maker_array(mk, word, 1);

	maker_type(mk, "maple_tree", OD_TYPE_STRUCT, false, 1, 16);
	maker_member(mk, "ma_root", word, 64, 0);
	maker_type(mk, "maple_node", OD_TYPE_STRUCT, false, 1, 256);
	maker_member(mk, "parent", word, 0, 0);
	maker_type(mk, "maple_range_64", OD_TYPE_STRUCT, false, 2, 256);
	maker_member(mk, "slot", four, 64, 0);
	maker_member(mk, "pivot", three, 64 * 5, 0);
	maker_type(mk, "maple_arange_64", OD_TYPE_STRUCT, false, 2, 256);
	maker_member(mk, "pivot", one, 64, 0);
	maker_member(mk, "slot", two, 64 * 2, 0);
	maker_type(mk, "xarray", OD_TYPE_STRUCT, false, 1, 16);
	maker_member(mk, "xa_head", word, 64, 0);
	maker_type(mk, "xa_node", OD_TYPE_STRUCT, false, 3, 48);
	maker_member(mk, "slots", four, 0, 0);
	maker_member(mk, "parent", word, 64 * 4, 0);
	maker_member(mk, "shift", byte, 64 * 5 + 8, 0);
}

/* struct list_head counts as two words: only its place matters. */
static void add_slab_types(struct maker *mk, uint32_t word, uint32_t number, uint32_t half)
{
	uint32_t two = maker_array(mk, word, 2);

	maker_type(mk, "kmem_cache", OD_TYPE_STRUCT, false, 9, 96);
	maker_member(mk, "list", two, 0, 0);
	maker_member(mk, "size", number, 128, 0);
	maker_member(mk, "object_size", number, 160, 0);
	maker_member(mk, "oo", number, 192, 0);
	maker_member(mk, "offset", number, 224, 0);
	maker_member(mk, "name", word, 256, 0);
	maker_member(mk, "cpu_slab", word, 320, 0);
	maker_member(mk, "random", word, 384, 0);
	maker_member(mk, "node", two, 448, 0);
	maker_type(mk, "kmem_cache_node", OD_TYPE_STRUCT, false, 3, 32);
	maker_member(mk, "nr_slabs", word, 0, 0);
	maker_member(mk, "total_objects", word, 64, 0);
	maker_member(mk, "partial", two, 128, 0);
	maker_type(mk, "kmem_cache_cpu", OD_TYPE_STRUCT, false, 3, 24);
	maker_member(mk, "slab", word, 0, 0);
	maker_member(mk, "freelist", word, 64, 0);
	maker_member(mk, "partial", word, 128, 0);
	maker_type(mk, "slab", OD_TYPE_STRUCT, false, 5, 48);
	maker_member(mk, "slab_list", two, 0, 0);
	maker_member(mk, "slab_cache", word, 128, 0);
	maker_member(mk, "next", word, 192, 0);
	maker_member(mk, "inuse", half, 256, 0);
	maker_member(mk, "objects", half, 272, 0);
}

static void world_init(struct world *w)
{
	uint32_t word, number, half, byte;
	struct maker mk;

	od_fixture_memory_init(&w->m);
	od_fixture_map(&w->m, BASE, SIZE);
	w->k = od_kernel_create_memory(&w->m.mem, NULL, 0, "x86_64");
	maker_init(&mk, false);
	word = maker_int(&mk, "long unsigned int", 8, false);
	number = maker_int(&mk, "unsigned int", 4, false);
	half = maker_int(&mk, "short unsigned int", 2, false);
	byte = maker_int(&mk, "unsigned char", 1, false);
	add_tree_types(&mk, word, byte);
	add_slab_types(&mk, word, number, half);
	w->k->btf = maker_btf(&mk, NULL);
	w->k->types_tried = true;
	maker_deinit(&mk);
}

static void world_deinit(struct world *w)
{
	od_kernel_destroy(w->k);
	od_fixture_memory_deinit(&w->m);
}

static void put(struct world *w, uint64_t at, uint64_t value)
{
	od_fixture_put(&w->m, BASE + at, value, 8);
}

/* --- red-black trees --------------------------------------------------------------------- */

enum { RB_ROOT = 0x8, RB_FIRST = 0x100, RB_STEP = 0x40, RB_IN = 0x10 };

static uint64_t rb(unsigned i)
{
	return BASE + RB_FIRST + i * RB_STEP;
}

/* Node i of a heap has 2i + 1 and 2i + 2 below it; parents have the colour in their lowest bits. */
static void make_rbtree(struct world *w, unsigned n)
{
	put(w, RB_ROOT, rb(0));
	for (unsigned i = 0; i < n; i++) {
		put(w, RB_FIRST + i * RB_STEP, (i ? rb((i - 1) / 2) : 0) | (i & 1));
		put(w, RB_FIRST + i * RB_STEP + 8, 2 * i + 2 < n ? rb(2 * i + 2) : 0);
		put(w, RB_FIRST + i * RB_STEP + 16, 2 * i + 1 < n ? rb(2 * i + 1) : 0);
	}
}

static const char *walk(struct world *w, enum od_tree_kind kind, uint64_t start, bool sorted, struct got *g)
{
	const struct od_tree tree = { .kind = kind, .start = start, .sorted = sorted, .max = MAX_GOT,
				      .offset = kind == OD_TREE_RBTREE ? RB_IN : 0 };

	*g = (struct got){ .stop_after = g->stop_after };
	return od_kernel_tree(w->k, &tree, take, g);
}

static void test_rbtree(void **state)
{
	static const unsigned before[] = { 0, 1, 3, 4, 2, 5, 6 }, sorted[] = { 3, 1, 4, 0, 5, 2, 6 };
	struct got g = { .stop_after = 0 };
	struct world w;

	(void)state;
	world_init(&w);
	assert_null(walk(&w, OD_TREE_RBTREE, BASE + RB_ROOT, false, &g));
	assert_int_equal(g.n, 0);
	make_rbtree(&w, 7);
	assert_null(walk(&w, OD_TREE_RBTREE, BASE + RB_ROOT, false, &g));
	assert_int_equal(g.n, 7);
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(g.entry[i], rb(before[i]) - RB_IN);
	assert_null(walk(&w, OD_TREE_RBTREE, BASE + RB_ROOT, true, &g));
	assert_int_equal(g.n, 7);
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(g.entry[i], rb(sorted[i]) - RB_IN);
	g.stop_after = 3;
	assert_null(walk(&w, OD_TREE_RBTREE, BASE + RB_ROOT, true, &g));
	assert_int_equal(g.n, 3);
	world_deinit(&w);
}

static void test_rbtree_damaged(void **state)
{
	struct got g = { .stop_after = 0 };
	struct world w;

	(void)state;
	world_init(&w);
	make_rbtree(&w, 7);
	/* Node 3 leads back to the top, to its parent, to itself, and out of memory: the others are told. */
	for (unsigned i = 0; i < 4; i++) {
		put(&w, RB_FIRST + 3 * RB_STEP + 16, i == 3 ? 0x10 : i == 2 ? rb(3) : rb(i));
		assert_non_null(walk(&w, OD_TREE_RBTREE, BASE + RB_ROOT, i & 1, &g));
		assert_int_equal(g.n, 7);
	}
	/* Both sides the same node. */
	put(&w, RB_FIRST + 3 * RB_STEP + 16, 0);
	put(&w, RB_FIRST + 2 * RB_STEP + 8, rb(5));
	assert_string_equal(walk(&w, OD_TREE_RBTREE, BASE + RB_ROOT, false, &g), "it runs in a circle");
	assert_int_equal(g.n, 6);
	world_deinit(&w);
}

/* A list that leans to one side is deeper than a tree can be. */
static void test_rbtree_deep(void **state)
{
	struct got g = { .stop_after = 0 };
	struct world w;

	(void)state;
	world_init(&w);
	put(&w, RB_ROOT, rb(0));
	for (unsigned i = 0; i < 1000; i++) {
		put(&w, RB_FIRST + i * RB_STEP, i ? rb(i - 1) : 0);
		put(&w, RB_FIRST + i * RB_STEP + 16, rb(i + 1));
	}
	assert_non_null(walk(&w, OD_TREE_RBTREE, BASE + RB_ROOT, true, &g));
	world_deinit(&w);
}

/* --- maple trees, xarrays ------------------------------------------------------------------- */

enum { MAPLE_TOP = 0x1000, MAPLE_A = 0x1100, MAPLE_B = 0x1200, LEAF = 1 << 3, ARANGE = 3 << 3 };

static void make_maple(struct world *w)
{
	put(w, 8, (BASE + MAPLE_TOP) | ARANGE | 2);
	put(w, MAPLE_TOP, (BASE | 1));
	put(w, MAPLE_TOP + 8, 99);
	put(w, MAPLE_TOP + 16, (BASE + MAPLE_A) | LEAF | 4);
	put(w, MAPLE_TOP + 24, (BASE + MAPLE_B) | LEAF | 4);
	/* 0..9 is empty, 10..19 is 0x111000, 20..99 is empty */
	put(w, MAPLE_A, (BASE + MAPLE_TOP) | 6);
	put(w, MAPLE_A + 16, 0x111000);
	put(w, MAPLE_A + 40, 9);
	put(w, MAPLE_A + 48, 19);
	/* 100 is 0x222000, all above 0x333000 */
	put(w, MAPLE_B, (BASE + MAPLE_TOP) | 14);
	put(w, MAPLE_B + 8, 0x222000);
	put(w, MAPLE_B + 16, 0x333000);
	put(w, MAPLE_B + 40, 100);
	put(w, MAPLE_B + 48, UINT64_MAX);
}

static void test_maple(void **state)
{
	struct got g = { .stop_after = 0 };
	struct world w;

	(void)state;
	world_init(&w);
	make_maple(&w);
	assert_null(walk(&w, OD_TREE_MAPLE, BASE, false, &g));
	assert_int_equal(g.n, 3);
	assert_int_equal(g.entry[0], 0x111000);
	assert_int_equal(g.first[0], 10);
	assert_int_equal(g.last[0], 19);
	assert_int_equal(g.first[1], 100);
	assert_int_equal(g.last[1], 100);
	assert_int_equal(g.entry[2], 0x333000);
	assert_int_equal(g.last[2], UINT64_MAX);
	/* A node of another tree; one below itself; no kind of node. */
	put(&w, MAPLE_A, (BASE + MAPLE_B) | 6);
	assert_string_equal(walk(&w, OD_TREE_MAPLE, BASE, false, &g), "a node has another parent");
	assert_int_equal(g.n, 2);
	put(&w, MAPLE_TOP + 16, (BASE + MAPLE_TOP) | ARANGE | 4);
	assert_non_null(walk(&w, OD_TREE_MAPLE, BASE, false, &g));
	assert_int_equal(g.n, 2);
	put(&w, MAPLE_TOP + 16, (BASE + MAPLE_A) | 9 << 3);
	assert_string_equal(walk(&w, OD_TREE_MAPLE, BASE, false, &g), "a node is of no kind that is known");
	/* One entry alone is no node. */
	put(&w, 8, 0x444000);
	assert_null(walk(&w, OD_TREE_MAPLE, BASE, false, &g));
	assert_int_equal(g.n, 1);
	world_deinit(&w);
}

enum { XA_TOP = 0x2000, XA_LOW = 0x2100 };

static void test_xarray(void **state)
{
	struct got g = { .stop_after = 0 };
	struct world w;

	(void)state;
	world_init(&w);
	put(&w, 8, BASE + XA_TOP + 2);
	put(&w, XA_TOP + 41, 2); /* shift: 4 slots each */
	put(&w, XA_TOP + 8, BASE + XA_LOW + 2);
	put(&w, XA_TOP + 24, 0x555000);
	put(&w, XA_LOW + 32, BASE + XA_TOP);
	put(&w, XA_LOW, 0x666000);
	put(&w, XA_LOW + 8, 2);	    /* its sibling */
	put(&w, XA_LOW + 24, 7 << 1 | 1); /* a number */
	assert_null(walk(&w, OD_TREE_XARRAY, BASE, false, &g));
	assert_int_equal(g.n, 3);
	assert_int_equal(g.first[0], 4);
	assert_int_equal(g.entry[1], 15);
	assert_int_equal(g.first[1], 7);
	assert_int_equal(g.first[2], 12);
	assert_int_equal(g.last[2], 15);
	/* A node below itself, by its shift; one that names another parent. */
	od_fixture_put(&w.m, BASE + XA_LOW + 41, 2, 1);
	assert_string_equal(walk(&w, OD_TREE_XARRAY, BASE, false, &g), "a node is not in order");
	assert_int_equal(g.n, 1);
	od_fixture_put(&w.m, BASE + XA_LOW + 41, 0, 1);
	put(&w, XA_LOW + 32, BASE);
	assert_string_equal(walk(&w, OD_TREE_XARRAY, BASE, false, &g), "a node has another parent");
	world_deinit(&w);
}

/* --- slabs ------------------------------------------------------------------------------------ */

enum { HEAD = 0x3000, CACHE = 0x3100, NODE = 0x3200, CPU = 0x3300, SLABS = 0x3400, NAME = 0x3800, OBJECTS = 0x4000 };

static void make_slab(struct world *w, unsigned i, unsigned inuse, unsigned objects)
{
	od_fixture_put(&w->m, BASE + SLABS + i * 0x40 + 32, inuse, 2);
	od_fixture_put(&w->m, BASE + SLABS + i * 0x40 + 34, objects, 2);
}

static void make_cache(struct world *w)
{
	od_kernel_add_symbol(w->k, "slab_caches", BASE + HEAD);
	put(w, HEAD, BASE + CACHE);
	put(w, CACHE, BASE + HEAD);
	od_fixture_put(&w->m, BASE + CACHE + 16, 64, 4);
	od_fixture_put(&w->m, BASE + CACHE + 20, 56, 4);
	od_fixture_put(&w->m, BASE + CACHE + 24, 1 << 16 | 128, 4);
	od_fixture_put(&w->m, BASE + CACHE + 28, 32, 4);
	put(w, CACHE + 32, BASE + NAME);
	od_fixture_bytes(&w->m, BASE + NAME, "walnut", 7);
	put(w, CACHE + 40, BASE + CPU);
	put(w, CACHE + 56, BASE + NODE);
	put(w, NODE, 3);
	put(w, NODE + 8, 40);
	put(w, NODE + 16, BASE + SLABS);
	put(w, SLABS, BASE + NODE + 16);
	make_slab(w, 0, 4, 10); /* on the list of the node: 6 are free */
	make_slab(w, 1, 10, 10); /* the CPU allocates from it: 2 on its list */
	make_slab(w, 2, 7, 10); /* and keeps this one: 3 are free */
	put(w, CPU, BASE + SLABS + 0x40);
	put(w, CPU + 8, BASE + OBJECTS);
	put(w, OBJECTS + 32, BASE + OBJECTS + 0x40);
	put(w, CPU + 16, BASE + SLABS + 0x80);
}

static bool keep_cache(void *ctx, const struct od_slab_cache *c)
{
	*(struct od_slab_cache *)ctx = *c;
	return true;
}

static void test_slabs(void **state)
{
	struct od_slab_cache c = { .addr = 0 };
	struct world w;

	(void)state;
	world_init(&w);
	assert_string_equal(od_kernel_slabs(w.k, NULL, keep_cache, &c), "there is no symbol slab_caches");
	world_deinit(&w);
	world_init(&w);
	make_cache(&w);
	assert_null(od_kernel_slabs(w.k, NULL, keep_cache, &c));
	assert_string_equal(c.name, "walnut");
	assert_int_equal(c.size, 56);
	assert_int_equal(c.slab_bytes, 8192);
	assert_true(c.counted);
	assert_int_equal(c.slabs, 3);
	assert_int_equal(c.objects, 40);
	assert_int_equal(c.free, 6 + 2 + 3);
	assert_null(c.damage);
	/* Hidden pointers. */
	put(&w, CACHE + 48, 0x1234567890abcdef);
	put(&w, OBJECTS + 32, (BASE + OBJECTS + 0x40) ^ 0x1234567890abcdef ^ __builtin_bswap64(BASE + OBJECTS + 32));
	put(&w, OBJECTS + 0x60, 0x1234567890abcdef ^ __builtin_bswap64(BASE + OBJECTS + 0x60));
	assert_null(od_kernel_slabs(w.k, "walnut", keep_cache, &c));
	assert_int_equal(c.free, 11);
	/* A list that runs in a circle, and counts that make no sense. */
	put(&w, CACHE + 48, 0);
	put(&w, OBJECTS + 32, BASE + OBJECTS);
	make_slab(&w, 2, 11, 10);
	assert_null(od_kernel_slabs(w.k, NULL, keep_cache, &c));
	assert_non_null(c.damage);
	assert_true(c.free <= c.objects);
	c.addr = 0;
	assert_null(od_kernel_slabs(w.k, "pecan", keep_cache, &c));
	assert_int_equal(c.addr, 0);
	world_deinit(&w);
}

/* --- search ----------------------------------------------------------------------------------- */

struct hits {
	uint64_t addr[MAX_GOT], value[MAX_GOT];
	char text[OD_SEARCH_TEXT + 1];
	unsigned n, stops;
};

static bool keep_hit(void *ctx, uint64_t addr, uint64_t value, const char *text, size_t len)
{
	struct hits *h = ctx;

	assert_true(h->n < MAX_GOT);
	h->addr[h->n] = addr;
	h->value[h->n++] = value;
	assert_true(len < sizeof(h->text));
	if (text)
		memcpy(h->text, text, len);
	h->text[len] = '\0';
	return true;
}

static bool stop_search(void *ctx)
{
	return ((struct hits *)ctx)->stops != 0;
}

static void test_search(void **state)
{
	struct od_search q = { .first = BASE, .last = BASE + SIZE - 1, .width = 8, .n = 1, .hit = keep_hit,
			       .stop = stop_search };
	struct od_search_result r;
	struct hits h = { .n = 0 };
	struct world w;

	(void)state;
	world_init(&w);
	q.ctx = &h;
	q.value[0] = 0xdeadbeef12345678;
	put(&w, 0x1000, q.value[0]);
	put(&w, SIZE - 8, q.value[0]);
	put(&w, 0x2001, q.value[0]); /* not aligned */
	od_kernel_search(w.k, &q, &r);
	assert_int_equal(h.n, 2);
	assert_int_equal(h.addr[0], BASE + 0x1000);
	assert_int_equal(h.addr[1], BASE + SIZE - 8);
	assert_int_equal(r.pages, SIZE / 4096);
	assert_false(r.is_stopped);
	/* A mask; half as wide. */
	put(&w, 0x3000, q.value[0] ^ 0xff);
	q.mask = 0xff;
	h.n = 0;
	od_kernel_search(w.k, &q, &r);
	assert_int_equal(h.n, 3);
	assert_int_equal(h.value[1], q.value[0] ^ 0xff);
	q.mask = 0;
	q.width = 4;
	q.value[0] = 0xdeadbeef;
	h.n = 0;
	od_kernel_search(w.k, &q, &r);
	assert_int_equal(h.n, 3);
	assert_int_equal(h.addr[0], BASE + 0x1004);
	/* What is not there is passed over. */
	q.first = BASE - 0x3000;
	q.last = BASE + SIZE + 0x2fff;
	od_kernel_search(w.k, &q, &r);
	assert_int_equal(r.missing, 0);
	assert_int_equal(r.pages, SIZE / 4096);
	assert_int_equal(h.n, 6);
	world_deinit(&w);
}

static void test_search_text(void **state)
{
	struct od_search q = { .first = BASE, .last = BASE + SIZE - 1, .n = 2, .hit = keep_hit, .stop = stop_search,
			       .string = { "selinux", "aa" } };
	struct od_search_result r;
	struct hits h = { .n = 0 };
	struct world w;

	(void)state;
	world_init(&w);
	q.ctx = &h;
	od_fixture_bytes(&w.m, BASE + 0xffc, "selinux.name", 13); /* over the border of two pages */
	od_kernel_search(w.k, &q, &r);
	assert_int_equal(h.n, 1);
	assert_int_equal(h.addr[0], BASE + 0xffc);
	assert_string_equal(h.text, "selinux.name");
	/* At the end of one page: once, not again with the next. */
	od_fixture_bytes(&w.m, BASE + 0x4ffd, "aaa", 4);
	h.n = 0;
	od_kernel_search(w.k, &q, &r);
	assert_int_equal(h.n, 3);
	assert_int_equal(h.addr[1], BASE + 0x4ffd);
	assert_int_equal(h.addr[2], BASE + 0x4ffe);
	/* All of an address space: it ends when it is told to. */
	q.last = UINT64_MAX;
	h.stops = 1;
	od_kernel_search(w.k, &q, &r);
	assert_true(r.is_stopped);
	assert_true(r.stopped > BASE + SIZE);
	world_deinit(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rbtree), cmocka_unit_test(test_rbtree_damaged),
		cmocka_unit_test(test_rbtree_deep), cmocka_unit_test(test_maple), cmocka_unit_test(test_xarray),
		cmocka_unit_test(test_slabs), cmocka_unit_test(test_search), cmocka_unit_test(test_search_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
