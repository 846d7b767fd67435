/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BTF made by hand, in both byte orders: what is found, how it is written, what it survives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "symbols/typeprint.h"
#include "tests/unit/fixture-btf.h"

struct ids {
	uint32_t u64, s32, ch, list, task, state, word, flags;
};

/*
 *	struct list { struct list *next; };
 *	enum state { RUNNING, DEAD = -1 };
 *	typedef enum { F_A = 1, F_B = 4 } flags_t;
 *	struct task {
 *		word_t pid;				0
 *		struct { int a : 3; int b : 5; };	8, bits
 *		char comm[8];				16
 *		union { word_t u; struct list l; };	24
 *		enum state st;				32
 *		flags_t fl;				36
 *		struct list tab[2][3];			40
 *		int (*fn)(struct task *, const char *);	88
 *		word_t tail[];				96
 *	};
 */
static struct ids make(struct maker *mk)
{
	struct ids id;
	uint32_t bits, u, tab, ptr, proto, cch, cptr, comm, anon, tptr, tail, fptr;

	id.u64 = maker_int(mk, "long unsigned int", 8, false);
	id.s32 = maker_int(mk, "int", 4, true);
	id.ch = maker_int(mk, "char", 1, true);
	id.word = maker_type(mk, "word_t", OD_TYPE_TYPEDEF, false, 0, id.u64);
	ptr = mk->id + 1;
	maker_type(mk, "", OD_TYPE_PTR, false, 0, ptr + 1);
	id.list = maker_type(mk, "list", OD_TYPE_STRUCT, false, 1, 8);
	maker_member(mk, "next", ptr, 0, 0);
	id.state = maker_type(mk, "state", OD_TYPE_ENUM, true, 2, 4);
	maker_pair(mk, "RUNNING", 0);
	maker_pair(mk, "DEAD", (uint32_t)-1);
	anon = maker_type(mk, "", OD_TYPE_ENUM64, false, 2, 4);
	maker_pair(mk, "F_A", 1);
	maker_u32(mk, 0);
	maker_pair(mk, "F_B", 4);
	maker_u32(mk, 0);
	id.flags = maker_type(mk, "flags_t", OD_TYPE_TYPEDEF, false, 0, anon);
	bits = maker_type(mk, "", OD_TYPE_STRUCT, true, 2, 4);
	maker_member(mk, "a", id.s32, 0, 3);
	maker_member(mk, "b", id.s32, 3, 5);
	u = maker_type(mk, "", OD_TYPE_UNION, false, 2, 8);
	maker_member(mk, "u", id.word, 0, 0);
	maker_member(mk, "l", id.list, 0, 0);
	comm = maker_array(mk, id.ch, 8);
	tab = maker_array(mk, maker_array(mk, id.list, 3), 2);
	tail = maker_array(mk, id.word, 0);
	cch = maker_type(mk, "", OD_TYPE_CONST, false, 0, id.ch);
	cptr = maker_type(mk, "", OD_TYPE_PTR, false, 0, cch);
	id.task = mk->id + 4;
	tptr = maker_type(mk, "", OD_TYPE_PTR, false, 0, id.task);
	proto = maker_type(mk, "", OD_TYPE_FUNC_PROTO, false, 2, id.s32);
	maker_pair(mk, "", tptr);
	maker_pair(mk, "", cptr);
	fptr = maker_type(mk, "", OD_TYPE_PTR, false, 0, proto);
	maker_type(mk, "task", OD_TYPE_STRUCT, false, 9, 96);
	maker_member(mk, "pid", id.word, 0, 0);
	maker_member(mk, "", bits, 64, 0);
	maker_member(mk, "comm", comm, 128, 0);
	maker_member(mk, "", u, 192, 0);
	maker_member(mk, "st", id.state, 256, 0);
	maker_member(mk, "fl", id.flags, 288, 0);
	maker_member(mk, "tab", tab, 320, 0);
	maker_member(mk, "fn", fptr, 704, 0);
	maker_member(mk, "tail", tail, 768, 0);
	maker_type(mk, "runq", OD_TYPE_VAR, false, 0, id.task);
	maker_u32(mk, 0);
	maker_type(mk, "wake", OD_TYPE_FUNC, false, 0, proto);
	return id;
}

static void test_find(void **state)
{
	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		struct maker mk;
		struct ids id;
		struct od_btf *btf;
		int64_t v;

		maker_init(&mk, big);
		id = make(&mk);
		btf = maker_btf(&mk, NULL);
		assert_true(od_btf_complete(btf));
		assert_int_equal(od_btf_count(btf), mk.id + 1);
		assert_int_equal(od_btf_find(btf, "struct task"), id.task);
		assert_int_equal(od_btf_find(btf, "task"), id.task);
		assert_int_equal(od_btf_find(btf, "union task"), 0);
		assert_int_equal(od_btf_find(btf, "enum  state"), id.state);
		assert_int_equal(od_btf_find(btf, "unsigned long"), id.u64);
		assert_int_equal(od_btf_find(btf, "pid"), 0);
		assert_int_equal(od_btf_find(btf, ""), 0);
		assert_int_equal(od_btf_variable(btf, "runq"), id.task);
		assert_int_equal(od_btf_variable(btf, "task"), 0);
		assert_true(od_btf_function(btf, "wake") > 0);
		assert_true(od_btf_enumerator(btf, "DEAD", &v) && v == -1);
		assert_true(od_btf_enumerator(btf, "F_B", &v) && v == 4);
		assert_false(od_btf_enumerator(btf, "state", &v));
		assert_string_equal(od_btf_enumerator_name(btf, id.state, 0xffffffff), "DEAD");
		assert_string_equal(od_btf_enumerator_name(btf, id.flags, 4), "F_B");
		assert_null(od_btf_enumerator_name(btf, id.flags, 5));
		assert_int_equal(od_btf_size(btf, id.task), 96);
		assert_int_equal(od_btf_size(btf, 0), 0);
		assert_int_equal(od_btf_size(btf, mk.id + 1), 0);
		od_btf_destroy(btf);
		maker_deinit(&mk);
	}
}

static const struct {
	const char *path;
	uint64_t bit_offset; /* UINT64_MAX: there is no such member */
	uint32_t bits;
} members[] = {
	{ "pid", 0, 0 },
	{ "a", 64, 3 },
	{ "b", 67, 5 },
	{ "comm[7]", 184, 0 },
	{ "u", 192, 0 },
	{ "l.next", 192, 0 },
	{ "tab[1][2].next", 640, 0 },
	{ "tab[0x1]", 512, 0 },
	{ "tail[4]", 1024, 0 },
	{ "comm[8]", UINT64_MAX, 0 },
	{ "pi", UINT64_MAX, 0 },
	{ "pidd", UINT64_MAX, 0 },
	{ "pid.x", UINT64_MAX, 0 },
	{ "pid[0]", UINT64_MAX, 0 },
	{ "tab[1", UINT64_MAX, 0 },
	{ "tab[]", UINT64_MAX, 0 },
	{ "tab[0]next", UINT64_MAX, 0 },
	{ "l.", UINT64_MAX, 0 },
	{ "", UINT64_MAX, 0 },
	{ ".pid", UINT64_MAX, 0 },
	{ "tail[18446744073709551615]", UINT64_MAX, 0 },
	{ "fn.a", UINT64_MAX, 0 },
};

static void test_member(void **state)
{
	struct maker mk;
	struct ids id;
	struct od_btf *btf;
	struct od_member m;
	uint64_t offset;

	(void)state;
	maker_init(&mk, false);
	id = make(&mk);
	btf = maker_btf(&mk, NULL);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		bool found = od_btf_member(btf, id.task, members[i].path, &m);

		if (found != (members[i].bit_offset != UINT64_MAX))
			fail_msg("%s: %d", members[i].path, found);
		if (!found)
			continue;
		assert_int_equal(m.bit_offset, members[i].bit_offset);
		assert_int_equal(m.bits, members[i].bits);
	}
	assert_true(od_btf_offset(btf, "task", "comm", &offset));
	assert_int_equal(offset, 16);
	assert_false(od_btf_offset(btf, "task", "a", &offset));
	assert_false(od_btf_offset(btf, "nothing", "a", &offset));
	od_btf_destroy(btf);
	maker_deinit(&mk);
}

/* Before 5.0: the bits are those of an INT of its own. */
static void test_old_bit_field(void **state)
{
	struct maker mk;
	struct od_btf *btf;
	struct od_member m;
	uint32_t bit, s;

	(void)state;
	maker_init(&mk, false);
	bit = maker_type(&mk, "unsigned int", OD_TYPE_INT, false, 0, 4);
	maker_u32(&mk, 2u << 16 | 3);
	s = maker_type(&mk, "s", OD_TYPE_STRUCT, false, 1, 4);
	maker_member(&mk, "x", bit, 8, 0);
	btf = maker_btf(&mk, NULL);
	assert_true(od_btf_member(btf, s, "x", &m));
	assert_int_equal(m.bits, 3);
	assert_int_equal(m.bit_offset, 10);
	od_btf_destroy(btf);
	maker_deinit(&mk);
}

static void test_bits(void **state)
{
	const uint8_t p[9] = { 0x81, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x12 };

	(void)state;
	assert_int_equal(od_bits(p, 0, 1, false), 1);
	assert_int_equal(od_bits(p, 7, 5, false), 7);
	assert_int_equal(od_bits(p, 0, 64, false), 0xefcdab8967452381);
	assert_int_equal(od_bits(p, 4, 64, false), 0x2efcdab896745238);
	assert_int_equal(od_bits(p, 7, 64, false), 0x25df9b5712ce8a47);
	assert_int_equal(od_bits(p, 0, 1, true), 1);
	assert_int_equal(od_bits(p, 4, 8, true), 0x12);
	assert_int_equal(od_bits(p, 0, 64, true), 0x8123456789abcdef);
	assert_int_equal(od_bits(p, 4, 64, true), 0x123456789abcdef1);
	assert_int_equal(od_bits(p, 7, 64, true), 0x91a2b3c4d5e6f789);
	assert_int_equal(od_bits(p, 0, 0, true), 0);
}

static void test_declare(void **state)
{
	struct maker mk;
	struct ids id;
	struct od_btf *btf;
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	maker_init(&mk, false);
	id = make(&mk);
	uint32_t cptr = maker_type(&mk, "", OD_TYPE_CONST, false, 0,
				   maker_type(&mk, "", OD_TYPE_PTR, false, 0, id.list));
	uint32_t parray = maker_type(&mk, "", OD_TYPE_PTR, false, 0, maker_array(&mk, cptr, 4));
	uint32_t proto = maker_type(&mk, "", OD_TYPE_FUNC_PROTO, false, 2, parray);

	maker_pair(&mk, "fmt", id.word);
	maker_pair(&mk, "", 0);
	btf = maker_btf(&mk, NULL);
	od_type_declare(btf, proto, "f", &buf);
	assert_string_equal(od_buf_str(&buf),
			    "struct list *const (*f(word_t fmt, ...))[4]");
	od_buf_reset(&buf);
	od_btf_type_name(btf, od_btf_function(btf, "wake"), &buf);
	assert_string_equal(od_buf_str(&buf), "int (struct task *, const char *)");
	od_buf_reset(&buf);
	od_type_define(btf, id.task, &(struct od_layout){ .offsets = true }, &buf);
	assert_string_equal(od_buf_str(&buf),
			    "struct task {\n"
			    "     [0] word_t pid;\n"
			    "         struct {\n"
			    "   [8.0]     int a : 3;\n"
			    "   [8.3]     int b : 5;\n"
			    "         };\n"
			    "    [16] char comm[8];\n"
			    "         union {\n"
			    "    [24]     word_t u;\n"
			    "    [24]     struct list l;\n"
			    "         };\n"
			    "    [32] enum state st;\n"
			    "    [36] flags_t fl;\n"
			    "    [40] struct list tab[2][3];\n"
			    "    [88] int (*fn)(struct task *, const char *);\n"
			    "    [96] word_t tail[];\n"
			    "}\n");
	od_buf_reset(&buf);
	od_type_define(btf, id.flags, &(struct od_layout){ 0 }, &buf);
	assert_string_equal(od_buf_str(&buf),
			    "typedef enum {\n    F_A = 1,\n    F_B = 4\n} flags_t;\n");
	od_buf_deinit(&buf);
	od_btf_destroy(btf);
	maker_deinit(&mk);
}

static void put(struct fixture_memory *fm, uint32_t at, uint64_t v, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		fm->bytes[at + (fm->mem.big_endian ? size - 1 - i : i)] = (uint8_t)(v >> 8 * i);
}

static bool symbol(void *ctx, uint64_t addr, struct od_buf *out)
{
	(void)ctx;
	if (addr != 0xffff0010)
		return false;
	od_buf_addstr(out, "wake+0x10");
	return true;
}

static void test_value(void **state)
{
	static struct fixture_memory fm;
	const struct od_value_style style = { .symbol = symbol };

	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		struct maker mk;
		struct ids id;
		struct od_btf *btf;
		struct od_buf buf = OD_BUF_INIT;

		maker_init(&mk, big);
		id = make(&mk);
		btf = maker_btf(&mk, NULL);
		fixture_memory_init(&fm, big);
		put(&fm, 0, 4711, 8);
		fm.bytes[8] = big ? 0x7e : 0xf3; /* a = 3, b = -2 */
		memcpy(fm.bytes + 16, "a\0\"\x1bz", 5);
		put(&fm, 24, 0xffff0010, 8);
		put(&fm, 32, 0xffffffff, 4);
		put(&fm, 36, 13, 4);
		put(&fm, 72, 1, 8);
		put(&fm, 88, 0xffff0010, 8);
		assert_int_equal(od_value_print(btf, &fm.mem, FIXTURE_BASE,
						&(struct od_member){ .type = id.task }, 0, &style,
						&buf),
				 OD_MEM_OK);
		assert_string_equal(od_buf_str(&buf),
				    "{\n"
				    "  pid = 4711,\n"
				    "  {\n"
				    "    a = 3,\n"
				    "    b = -2\n"
				    "  },\n"
				    "  comm = \"a\\000\\\"\\x1bz\",\n"
				    "  {\n"
				    "    u = 4294901776,\n"
				    "    l = {\n"
				    "      next = 0xffff0010 <wake+0x10>\n"
				    "    }\n"
				    "  },\n"
				    "  st = DEAD,\n"
				    "  fl = (F_A | F_B | 0x8),\n"
				    "  tab = {{{\n"
				    "        next = 0x0\n"
				    "      }, {\n"
				    "        next = 0x0\n"
				    "      }, {\n"
				    "        next = 0x0\n"
				    "      }}, {{\n"
				    "        next = 0x0\n"
				    "      }, {\n"
				    "        next = 0x1\n"
				    "      }, {\n"
				    "        next = 0x0\n"
				    "      }}},\n"
				    "  fn = 0xffff0010 <wake+0x10>,\n"
				    "  tail = 0x10060\n"
				    "}");
		od_buf_deinit(&buf);
		od_btf_destroy(btf);
		maker_deinit(&mk);
	}
}

/* Equal elements are told once; pages that are missing say so where they are, and only there. */
static void test_holes(void **state)
{
	static struct fixture_memory fm;
	const struct od_value_style style = { .hex = true };
	struct maker mk;
	struct ids id;
	struct od_btf *btf;
	struct od_buf buf = OD_BUF_INIT;
	struct od_member m = { 0 };

	(void)state;
	maker_init(&mk, false);
	id = make(&mk);
	m.type = maker_array(&mk, id.u64, 1024);
	uint32_t text = maker_array(&mk, id.ch, 600);
	btf = maker_btf(&mk, NULL);
	fixture_memory_init(&fm, false);
	fm.hole = FIXTURE_BASE + 4096;
	put(&fm, 8, 10, 8);
	assert_int_equal(od_value_print(btf, &fm.mem, FIXTURE_BASE + 8, &m, 0, &style, &buf),
			 OD_MEM_OK);
	assert_string_equal(od_buf_str(&buf),
			    "{0xa, 0x0 <repeats 510 times>, "
			    "<excluded from the dump> <repeats 512 times>, 0x0}");
	od_buf_reset(&buf);
	assert_int_equal(od_value_print(btf, &fm.mem, fm.hole,
					&(struct od_member){ .type = id.task },
					0, &style, &buf),
			 OD_MEM_EXCLUDED);
	assert_int_equal(buf.len, 0);
	assert_int_equal(od_value_print(btf, &fm.mem, UINT64_MAX - 8,
					&(struct od_member){ .type = id.task }, 0, &style, &buf),
			 OD_MEM_UNMAPPED);
	memset(fm.bytes, 'x', 300);
	od_value_print(btf, &fm.mem, FIXTURE_BASE, &(struct od_member){ .type = text }, 0,
		       &(struct od_value_style){ .elements = 3 }, &buf);
	assert_string_equal(od_buf_str(&buf), "\"xxx\"...");
	od_buf_deinit(&buf);
	od_btf_destroy(btf);
	maker_deinit(&mk);
}

/* A module's types go on where those of the kernel end, and have a say of their own first. */
static void test_split(void **state)
{
	struct maker mk, mod;
	struct ids id;
	struct od_btf *base, *btf, *third = NULL;
	struct od_error *err;
	struct od_member m;
	uint32_t own, list;
	uint8_t *data;
	size_t len;

	(void)state;
	maker_init(&mk, false);
	id = make(&mk);
	base = maker_btf(&mk, NULL);
	maker_init(&mod, false);
	mod.id = mk.id;
	mod.first_string = (uint32_t)mk.strings.len;
	own = maker_type(&mod, "labfs", OD_TYPE_STRUCT, false, 2, 104);
	maker_member(&mod, "t", id.task, 0, 0);
	maker_member(&mod, "st", id.state, 768, 0);
	list = maker_type(&mod, "list", OD_TYPE_STRUCT, false, 0, 1);
	btf = maker_btf(&mod, base);
	assert_int_equal(od_btf_find(btf, "labfs"), own);
	assert_int_equal(od_btf_find(btf, "list"), list);
	assert_int_equal(od_btf_find(base, "list"), id.list);
	assert_int_equal(od_btf_find(btf, "task"), id.task);
	assert_true(od_btf_member(btf, own, "t.tab[1][1].next", &m));
	assert_int_equal(m.bit_offset, 576);
	assert_string_equal(m.name, "next");
	assert_int_equal(od_btf_size(btf, own), 104);
	assert_int_equal(od_btf_find(base, "labfs"), 0);
	data = maker_data(&mod, &len);
	err = od_btf_create(data, len, btf, &third);
	assert_non_null(err);
	assert_null(third);
	od_error_free(err);
	od_btf_destroy(btf);
	od_btf_destroy(base);
	maker_deinit(&mod);
	maker_deinit(&mk);
}

/* Everything that may be asked, of every type. */
static void ask_all(const struct od_btf *btf, struct od_buf *buf)
{
	static struct fixture_memory fm;
	const struct od_layout layout = { .offsets = true };
	const struct od_value_style style = { 0 };
	struct od_member m;
	int64_t v;

	fixture_memory_init(&fm, false);
	od_btf_find(btf, "task");
	od_btf_variable(btf, "runq");
	od_btf_function(btf, "wake");
	od_btf_enumerator(btf, "DEAD", &v);
	for (uint32_t id = 0; id <= od_btf_count(btf); id++) {
		od_btf_member(btf, id, "tab[1][2].next", &m);
		od_btf_size(btf, id);
		od_buf_reset(buf);
		od_type_define(btf, id, &layout, buf);
		assert_true(buf->len <= 2 * OD_MAX_TYPE_TEXT);
		od_buf_reset(buf);
		od_value_print(btf, &fm.mem, FIXTURE_BASE, &(struct od_member){ .type = id }, 0,
			       &style, buf);
		assert_true(buf->len <= 2 * OD_MAX_TYPE_TEXT);
	}
}

/* Cut anywhere it holds what is before the cut; with any bit changed it stays in its bounds. */
static void test_damaged(void **state)
{
	struct maker mk;
	struct ids id;
	struct od_btf *btf;
	struct od_error *err;
	struct od_buf buf = OD_BUF_INIT;
	uint8_t *whole, *data;
	size_t len;

	(void)state;
	maker_init(&mk, false);
	id = make(&mk);
	whole = maker_data(&mk, &len);
	for (size_t n = 0; n < len; n++) {
		data = od_malloc(n);
		memcpy(data, whole, n);
		err = od_btf_create(data, n, NULL, &btf);
		if (err) {
			assert_true(n < 24 + 16);
			od_error_free(err);
			continue;
		}
		assert_false(od_btf_complete(btf));
		assert_true(n < 24 + mk.types.len || od_btf_size(btf, id.task) == 96);
		ask_all(btf, &buf);
		od_btf_destroy(btf);
	}
	for (size_t i = 0; i < len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			data = od_malloc(len);
			memcpy(data, whole, len);
			data[i] ^= (uint8_t)(1u << bit);
			err = od_btf_create(data, len, NULL, &btf);
			if (!err)
				ask_all(btf, &buf);
			else
				assert_true(i < 24 || i - 24 < 12);
			od_error_free(err);
			od_btf_destroy(btf);
		}
	free(whole);
	od_buf_deinit(&buf);
	maker_deinit(&mk);
}

/* What goes round in circles, or grows without bound, ends. */
static void test_endless(void **state)
{
	struct maker mk;
	struct od_btf *btf;
	struct od_type t;
	struct od_member m;
	struct od_buf buf = OD_BUF_INIT;
	uint32_t loop, deep, wide, proto;

	(void)state;
	maker_init(&mk, false);
	maker_int(&mk, "int", 4, true);
	loop = maker_type(&mk, "loop", OD_TYPE_TYPEDEF, false, 0, 3);
	maker_type(&mk, "pool", OD_TYPE_TYPEDEF, false, 0, 2);
	deep = maker_type(&mk, "deep", OD_TYPE_STRUCT, false, 2, 8);
	maker_member(&mk, "", deep, 0, 0);
	maker_member(&mk, "", deep, 0, 0);
	wide = maker_array(&mk, mk.id + 2, UINT32_MAX);
	maker_array(&mk, wide, UINT32_MAX);
	proto = maker_type(&mk, "", OD_TYPE_FUNC_PROTO, false, 3, mk.id + 1);
	maker_pair(&mk, "x", proto);
	maker_pair(&mk, "y", proto);
	maker_pair(&mk, "z", proto);
	maker_type(&mk, "far", OD_TYPE_STRUCT, false, 1, UINT32_MAX);
	maker_member(&mk, "x", 1, UINT32_MAX, 0);
	btf = maker_btf(&mk, NULL);
	assert_false(od_btf_resolve(btf, loop, &t));
	assert_int_equal(t.kind, OD_TYPE_VOID);
	assert_int_equal(od_btf_size(btf, loop), 0);
	assert_int_equal(od_btf_size(btf, wide), 0);
	assert_false(od_btf_member(btf, deep, "x", &m));
	ask_all(btf, &buf);
	od_buf_deinit(&buf);
	od_btf_destroy(btf);
	maker_deinit(&mk);
}

/* A kind that is not known ends it; what was before stays. */
static void test_unknown_kind(void **state)
{
	struct maker mk;
	struct ids id;
	struct od_btf *btf;
	uint32_t before;

	(void)state;
	maker_init(&mk, false);
	id = make(&mk);
	before = mk.id;
	maker_type(&mk, "new", (enum od_type_kind)OD_TYPE_KINDS, false, 0, 0);
	maker_int(&mk, "later", 4, false);
	btf = maker_btf(&mk, NULL);
	assert_false(od_btf_complete(btf));
	assert_int_equal(od_btf_count(btf), before + 1);
	assert_int_equal(od_btf_find(btf, "task"), id.task);
	assert_int_equal(od_btf_find(btf, "later"), 0);
	od_btf_destroy(btf);
	maker_deinit(&mk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),	    cmocka_unit_test(test_member),
		cmocka_unit_test(test_old_bit_field), cmocka_unit_test(test_bits),
		cmocka_unit_test(test_declare),	    cmocka_unit_test(test_value),
		cmocka_unit_test(test_holes),	    cmocka_unit_test(test_split),
		cmocka_unit_test(test_damaged),	    cmocka_unit_test(test_endless),
		cmocka_unit_test(test_unknown_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
