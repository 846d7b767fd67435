/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symbol tables of modules, as struct mod_kallsyms of the versions has them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/modsyms.h"
#include "symbols/symtab.h"
#include "tests/unit/fixture-kallsyms.h"

enum { SYMTAB = 0x1000, STRTAB = 0x4000, TYPETAB = 0x8000, LEN = 0x20000 };

/* Where nm's letter is. */
enum letter { IN_TYPETAB, IN_INFO, IN_SIZE };

struct builder {
	struct ks_image *im;
	enum letter letter;
	uint32_t n, strings;
	uint64_t top; /* of addresses: kernel space or, on 32 bits, the same as 0 */
};

static struct builder begin(uint8_t pointer_size, bool big_endian, enum letter letter)
{
	uint64_t top = pointer_size == 4 ? 0xbf000000u : 0xffffffffc0000000u;

	/* The first entry of both is empty, as in every ELF file. */
	return (struct builder){ ks_empty(top, LEN, pointer_size, big_endian), letter, 1, 1, top };
}

static void add(struct builder *b, const char *name, char type, uint64_t addr, uint64_t size,
		uint16_t section)
{
	const bool small = b->im->mem.pointer_size == 4;
	const uint64_t p = b->top + SYMTAB + b->n * (small ? 16 : 24);
	const uint8_t info = b->letter == IN_INFO ? (uint8_t)type : 0x12;

	if (b->letter == IN_SIZE)
		size = (uint64_t)type;
	ks_put(b->im, p, b->strings, 4);
	if (small) {
		ks_put(b->im, p + 4, addr, 4);
		ks_put(b->im, p + 8, size, 4);
		ks_put(b->im, p + 12, info, 1);
		ks_put(b->im, p + 14, section, 2);
	} else {
		ks_put(b->im, p + 4, info, 1);
		ks_put(b->im, p + 6, section, 2);
		ks_put(b->im, p + 8, addr, 8);
		ks_put(b->im, p + 16, size, 8);
	}
	ks_put(b->im, b->top + TYPETAB + b->n, (uint64_t)type, 1);
	memcpy(ks_at(b->im, b->top + STRTAB + b->strings, strlen(name) + 1), name,
	       strlen(name) + 1);
	b->strings += (uint32_t)strlen(name) + 1;
	b->n++;
}

static uint32_t finish(struct builder *b, struct od_symtab *tab, const char *name, uint64_t text,
		       uint64_t size)
{
	return od_symtab_add_module(tab, name, b->top + SYMTAB, b->n, b->top + STRTAB, b->strings,
				    b->letter == IN_TYPETAB ? b->top + TYPETAB : 0, text, size);
}

static void at(struct od_symtab *tab, uint64_t addr, const char *name, uint64_t start,
	       uint64_t size)
{
	struct od_symbol sym;

	assert_int_equal(od_symtab_at(tab, addr, &sym), name != NULL);
	if (!name)
		return;
	assert_string_equal(sym.name, name);
	assert_int_equal(sym.addr, start);
	assert_int_equal(sym.size, size);
	assert_non_null(sym.module);
}

static void check_form(uint8_t pointer_size, bool big_endian, enum letter letter)
{
	struct builder b = begin(pointer_size, big_endian, letter);
	struct od_symtab *tab = od_symtab_create(&b.im->mem);
	const uint64_t text = b.top + 0x10000, data = b.top + 0x18000;
	const uint64_t object = letter == IN_SIZE ? 0 : 0x20;
	struct od_symbol sym;

	add(&b, "printk", 'U', 0, 0, 0);		 /* undefined */
	add(&b, "_ZN3foo3barEv", 't', text + 0x40, 0x30, 1); /* not by address */
	add(&b, "init_one", 't', text, 0x38, 1);
	add(&b, "$x", 't', text, 0, 1);
	add(&b, "$d.17", 't', text + 0x40, 0, 1);
	add(&b, "$dollar", 't', text + 0xa0, 1, 1);
	add(&b, "alias_b", 'T', text + 0x80, 0x10, 1);
	add(&b, "alias_a", 'T', text + 0x80, 0x10, 1);
	add(&b, "table", 'D', data, 0x20, 2);
	add(&b, "table_end", 'D', data + 0x40, 0x20, 2);
	add(&b, "", 't', text + 0x20, 0, 1);
	add(&b, "bad\nname", 't', text + 0x30, 0, 1);
	assert_int_equal(finish(&b, tab, "labfs", text, 0x1000), 7);

	at(tab, text, "init_one", text, 0x40);
	at(tab, text + 0x3f, "init_one", text, 0x40); /* what pads it counts, as in the kernel */
	at(tab, text + 0x40, "_ZN3foo3barEv", text + 0x40, 0x40);
	at(tab, text + 0x8f, "alias_b", text + 0x80, 0x20);
	at(tab, text + 0xfff, "$dollar", text + 0xa0, 0x1000 - 0xa0); /* to the end of the text */
	at(tab, text + 0x1000, NULL, 0, 0);
	at(tab, text - 1, NULL, 0, 0);
	at(tab, data + 0x1f, "table", data, object ? 0x20 : 0x40);
	if (object) {
		at(tab, data + 0x20, NULL, 0, 0);
		at(tab, data + 0x5f, "table_end", data + 0x40, object);
	}
	at(tab, data + 0x40, "table_end", data + 0x40, object);
	at(tab, data + 0x60, NULL, 0, 0);
	assert_true(od_symtab_find(tab, "table", NULL, &sym));
	assert_string_equal(sym.module, "labfs");
	assert_int_equal(sym.type, 'D');
	assert_true(od_symtab_find(tab, "alias_a", "labfs", &sym));
	assert_int_equal(sym.addr, text + 0x80);
	assert_false(od_symtab_find(tab, "alias_a", "labf", &sym));
	assert_false(od_symtab_find(tab, "alias_a", "", &sym));
	assert_false(od_symtab_find(tab, "printk", NULL, &sym));
	od_symtab_destroy(tab);
	ks_free(b.im);
}

static void test_forms(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 12; i++)
		check_form(i & 1 ? 4 : 8, i & 2, (enum letter)(i / 4));
}

/* Two modules: whose symbol is next to an address, and which of one name is found. */
static void test_two(void **state)
{
	struct builder b = begin(8, false, IN_TYPETAB), c;
	struct od_symtab *tab = od_symtab_create(&b.im->mem);
	const uint64_t text = b.top + 0x10000;
	struct od_symbol sym;

	(void)state;
	c = b;
	add(&b, "helper", 't', text, 0x10, 1);
	add(&b, "far_data", 'd', text + 0x3000, 0x10, 2);
	assert_int_equal(finish(&b, tab, "one", text, 0x100), 2);
	at(tab, text + 0x10, "helper", text, 0x100);
	memset(ks_at(c.im, c.top, 0x10000), 0, 0x10000);
	add(&c, "helper", 'T', text + 0x1000, 0x10, 1);
	add(&c, "percpu_count", 'd', 0x2f000, 8, 3);
	assert_int_equal(finish(&c, tab, "two", text + 0x1000, 0x80), 2);

	at(tab, text + 0x10, "helper", text, 0x100);
	at(tab, text + 0x100, NULL, 0, 0);
	at(tab, text + 0x1000, "helper", text + 0x1000, 0x80);
	at(tab, text + 0x1080, NULL, 0, 0);
	at(tab, text + 0x3000, "far_data", text + 0x3000, 0x10);
	assert_true(od_symtab_find(tab, "helper", "one", &sym));
	assert_int_equal(sym.addr, text);
	assert_true(od_symtab_find(tab, "helper", NULL, &sym));
	assert_string_equal(sym.module, "two"); /* the global one */
	/* A per-cpu offset is a number. */
	assert_true(od_symtab_find(tab, "percpu_count", "two", &sym));
	assert_int_equal(sym.addr, 0x2f000);
	at(tab, 0x2f000, NULL, 0, 0);
	od_symtab_destroy(tab);
	ks_free(b.im);
}

static void test_long_name(void **state)
{
	static const unsigned lens[] = { 1021, 1022, 1023, 1024, 3000 };
	char name[3001];
	struct od_symbol sym;

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		struct builder b = begin(8, false, IN_TYPETAB);
		struct od_symtab *tab = od_symtab_create(&b.im->mem);
		bool cut = lens[i] >= OD_SYMBOL_NAME;

		memset(name, 'a', lens[i]);
		name[lens[i]] = '\0';
		add(&b, name, 't', b.top + 0x10000, 8, 1);
		add(&b, "next", 't', b.top + 0x10008, 8, 1);
		assert_int_equal(finish(&b, tab, "cxx", b.top + 0x10000, 0x10), 2);
		assert_true(od_symtab_at(tab, b.top + 0x10000, &sym));
		assert_int_equal(strlen(sym.name), cut ? OD_SYMBOL_NAME - 1 : lens[i]);
		assert_int_equal(!strcmp(sym.name + strlen(sym.name) - 3, "..."), cut);
		od_symtab_destroy(tab);
		ks_free(b.im);
	}
}

/* What cannot be read, or cannot be, is passed over; the rest is there. */
static void test_damage(void **state)
{
	struct builder b = begin(8, false, IN_TYPETAB);
	struct od_symtab *tab = od_symtab_create(&b.im->mem);
	const uint64_t text = b.top + 0x10000;
	struct od_symbol sym;
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		snprintf(name, sizeof(name), "function_%u", i);
		add(&b, name, 't', text + 16 * i, 16, 1);
	}
	/* No strtab's size, no end of count: as far as there is memory. */
	assert_int_equal(od_symtab_add_module(tab, "a", b.top + SYMTAB, b.n, b.top + STRTAB, 0,
					      b.top + TYPETAB, text, 0x2000), 400);
	assert_int_equal(od_symtab_add_module(tab, "b", b.top + SYMTAB, UINT64_MAX, b.top + STRTAB,
					      0, 0, text, 0x2000),
			 400);
	assert_int_equal(od_symtab_add_module(tab, "c", 0x1000, 100, b.top + STRTAB, 0, 0, 0, 0),
			 0);
	assert_int_equal(od_symtab_add_module(tab, "d", b.top + SYMTAB, 100, 0x1000, 0, 0, 0, 0),
			 0);
	assert_int_equal(
		od_symtab_add_module(tab, "e", b.top + SYMTAB, 0, b.top + STRTAB, 0, 0, 0, 0), 0);
	assert_int_equal(od_symtab_add_module(tab, "f", UINT64_MAX - 30, 10, UINT64_MAX, UINT64_MAX,
					      UINT64_MAX, UINT64_MAX, UINT64_MAX), 0);
	/* A page of symbols, then one of names, excluded. */
	b.im->hole = b.top + SYMTAB + 0x1000;
	b.im->hole_len = 0x1000;
	assert_in_range(od_symtab_add_module(tab, "g", b.top + SYMTAB, b.n, b.top + STRTAB,
					     b.strings, 0, text, 0x2000),
			400 - 4096 / 24 - 2, 400 - 4096 / 24);
	b.im->hole = b.top + STRTAB;
	assert_in_range(od_symtab_add_module(tab, "h", b.top + SYMTAB, b.n, b.top + STRTAB,
					     b.strings, 0, text, 0x2000),
			50, 200);
	assert_true(od_symtab_find(tab, "function_399", "h", &sym));
	assert_false(od_symtab_find(tab, "function_1", "h", &sym));
	/* Names beyond the end of the table that was told. */
	b.im->hole_len = 0;
	assert_in_range(od_symtab_add_module(tab, "i", b.top + SYMTAB, b.n, b.top + STRTAB, 200, 0,
					     text, 0x2000),
			10, 20);
	od_symtab_destroy(tab);
	ks_free(b.im);
}

/* The same table again and again: memory and time have an end. */
static void test_bounds(void **state)
{
	struct builder b = begin(8, false, IN_TYPETAB);
	struct od_symtab *tab = od_symtab_create(&b.im->mem);
	char name[1001];
	uint64_t total = 0;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (unsigned i = 0; i < 10; i++)
		add(&b, name, 't', b.top + 0x10000 + 16 * i, 16, 1);
	for (unsigned i = 0; i < 10000; i++)
		total += finish(&b, tab, "again", b.top + 0x10000, 0x1000);
	assert_true(total >= 10 * 1000);
	assert_true(total <= 10 * 4096);
	od_symtab_destroy(tab);
	ks_free(b.im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),	  cmocka_unit_test(test_two),
		cmocka_unit_test(test_long_name), cmocka_unit_test(test_damage),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
