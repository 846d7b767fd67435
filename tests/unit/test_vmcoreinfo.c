/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VMCOREINFO: the keys of real notes, and lines that are none. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "symbols/vmcoreinfo.h"

static struct od_vmcoreinfo *info_of(const char *text)
{
	/* Exactly sized: the text need not be terminated. */
	size_t len = strlen(text);
	char *copy = od_malloc(len);
	struct od_vmcoreinfo *info;

	memcpy(copy, text, len);
	info = od_vmcoreinfo_create(copy, len);
	free(copy);
	return info;
}

static const char note[] =
	"OSRELEASE=6.1.0-50-cloud-amd64\n"
	"BUILD-ID=0123456789abcdef0123456789abcdef01234567\n"
	"PAGESIZE=4096\n"
	"SYMBOL(init_uts_ns)=ffffffff9b81b2c0\n"
	"OFFSET(uts_namespace.name)=0\n"
	"SYMBOL(_stext)=ffffffff9a000000\n"
	"SIZE(page)=64\n"
	"LENGTH(free_area.free_list)=5\n"
	"OFFSET(page.flags)=-1\n"
	"NUMBER(phys_base)=-335544320\n"
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n"
	"NUMBER(KERNELPACMASK)=0xff80000000000000\n"
	"KERNELOFFSET=19000000\n"
	"CRASHTIME=1700000000";

static void test_values(void **state)
{
	struct od_vmcoreinfo *info = info_of(note);
	uint64_t u;
	int64_t n;

	(void)state;
	assert_string_equal(od_vmcoreinfo_release(info), "6.1.0-50-cloud-amd64");
	assert_string_equal(od_vmcoreinfo_value(info, "CRASHTIME"), "1700000000");
	assert_null(od_vmcoreinfo_value(info, "CRASHTIM"));
	assert_null(od_vmcoreinfo_value(info, "_stext"));
	assert_string_equal(od_vmcoreinfo_value(info, "SYMBOL(_stext)"), "ffffffff9a000000");
	assert_true(od_vmcoreinfo_symbol(info, "_stext", &u));
	assert_true(u == 0xffffffff9a000000u);
	assert_false(od_vmcoreinfo_symbol(info, "stext", &u));
	assert_true(od_vmcoreinfo_offset(info, "uts_namespace.name", &u));
	assert_int_equal(u, 0);
	assert_false(od_vmcoreinfo_offset(info, "page.flags", &u)); /* negative */
	assert_true(od_vmcoreinfo_size(info, "page", &u));
	assert_int_equal(u, 64);
	assert_false(od_vmcoreinfo_size(info, "_stext", &u));
	assert_true(od_vmcoreinfo_length(info, "free_area.free_list", &u));
	assert_int_equal(u, 5);
	assert_true(od_vmcoreinfo_number(info, "phys_base", &n));
	assert_int_equal(n, -335544320);
	assert_true(od_vmcoreinfo_number(info, "KERNELPACMASK", &n));
	assert_true((uint64_t)n == 0xff80000000000000u);
	assert_false(od_vmcoreinfo_number(info, "VA_BITS", &n));
	assert_true(od_vmcoreinfo_kaslr(info, &u));
	assert_int_equal(u, 0x19000000);
	od_vmcoreinfo_destroy(info);
	od_vmcoreinfo_destroy(NULL);
}

static void test_order(void **state)
{
	struct od_vmcoreinfo *info = info_of(note);
	const char *key, *value;
	char name[OD_VMCOREINFO_NAME];
	size_t n = 0;
	uint64_t addr;

	(void)state;
	assert_true(od_vmcoreinfo_line(info, 0, &key, &value));
	assert_string_equal(key, "OSRELEASE");
	assert_true(od_vmcoreinfo_line(info, 13, &key, &value));
	assert_string_equal(key, "CRASHTIME"); /* without a newline, too */
	assert_string_equal(value, "1700000000");
	assert_false(od_vmcoreinfo_line(info, 14, &key, &value));
	assert_false(od_vmcoreinfo_line(info, SIZE_MAX, &key, &value));
	assert_true(od_vmcoreinfo_each_symbol(info, &n, name, &addr));
	assert_string_equal(name, "init_uts_ns");
	assert_true(od_vmcoreinfo_each_symbol(info, &n, name, &addr));
	assert_string_equal(name, "_stext");
	assert_true(addr == 0xffffffff9a000000u);
	assert_false(od_vmcoreinfo_each_symbol(info, &n, name, &addr));
	assert_false(od_vmcoreinfo_each_symbol(info, &n, name, &addr));
	od_vmcoreinfo_destroy(info);
}

static void test_no_numbers(void **state)
{
	static const char *const bad[] = { "",
					   " 12",
					   "-1",
					   "+1",
					   "12x",
					   "1 2",
					   "0x",
					   "123456789abcdef01",
					   "99999999999999999999999" };
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct od_vmcoreinfo *info;
		uint64_t u;
		size_t n = 0;
		char name[OD_VMCOREINFO_NAME];

		snprintf(text, sizeof(text), "SYMBOL(x)=%s\nSIZE(x)=%s\nKERNELOFFSET=%s\n", bad[i],
			 bad[i], bad[i]);
		info = info_of(text);
		assert_false(od_vmcoreinfo_symbol(info, "x", &u));
		assert_false(od_vmcoreinfo_size(info, "x", &u));
		assert_false(od_vmcoreinfo_kaslr(info, &u));
		assert_false(od_vmcoreinfo_each_symbol(info, &n, name, &u));
		od_vmcoreinfo_destroy(info);
	}
}

static void test_no_lines(void **state)
{
	struct od_vmcoreinfo *info =
		info_of("nothing\n=value\n\n\nA=\nB=1=2\n()=3\nSYMBOL()=4\nSYMBOL(=5\n");
	const char *key, *value;
	char name[OD_VMCOREINFO_NAME], text[600];
	uint64_t u;
	size_t n = 0;

	(void)state;
	assert_true(od_vmcoreinfo_line(info, 0, &key, &value));
	assert_string_equal(key, "A");
	assert_string_equal(value, "");
	assert_true(od_vmcoreinfo_line(info, 1, &key, &value));
	assert_string_equal(key, "B");
	assert_string_equal(value, "1=2");
	assert_false(od_vmcoreinfo_each_symbol(info, &n, name, &u));
	assert_null(od_vmcoreinfo_release(info));
	od_vmcoreinfo_destroy(info);
	/* A NUL byte ends the note, as the zeros after it in its page do. */
	info = od_vmcoreinfo_create("A=1\n\0B=2\n", 9);
	assert_non_null(od_vmcoreinfo_value(info, "A"));
	assert_null(od_vmcoreinfo_value(info, "B"));
	od_vmcoreinfo_destroy(info);
	info = od_vmcoreinfo_create("", 0);
	assert_false(od_vmcoreinfo_line(info, 0, &key, &value));
	od_vmcoreinfo_destroy(info);
	/* A name that has no room is passed over, not cut. */
	snprintf(text, sizeof(text), "SYMBOL(%0*d)=1\nSYMBOL(%0*d)=2\n", OD_VMCOREINFO_NAME, 0,
		 OD_VMCOREINFO_NAME - 1, 0);
	info = info_of(text);
	n = 0;
	assert_true(od_vmcoreinfo_each_symbol(info, &n, name, &u));
	assert_int_equal(u, 2);
	assert_int_equal(strlen(name), OD_VMCOREINFO_NAME - 1);
	od_vmcoreinfo_destroy(info);
}

static void test_bounds(void **state)
{
	size_t len = 3 * OD_MAX_VMCOREINFO;
	char *big = od_malloc(len);
	struct od_vmcoreinfo *info;
	const char *key, *value;
	size_t lines = 0;

	(void)state;
	for (size_t i = 0; i < len; i++)
		big[i] = "a=\n"[i % 3];
	info = od_vmcoreinfo_create(big, len);
	while (od_vmcoreinfo_line(info, lines, &key, &value))
		lines++;
	assert_in_range(lines, 1000, OD_MAX_VMCOREINFO / 3);
	od_vmcoreinfo_destroy(info);
	memset(big, 'x', len);
	big[OD_MAX_VMCOREINFO + 5] = '=';
	info = od_vmcoreinfo_create(big, len);
	assert_false(od_vmcoreinfo_line(info, 0, &key, &value));
	od_vmcoreinfo_destroy(info);
	free(big);
}

static void test_build_id(void **state)
{
	static const struct {
		const char *release;
		bool good;
	} releases[] = {
		{ "6.1.112", true },   { "6.1.113-x", false }, { "6.1.118", false },
		{ "6.1.119", true },   { "6.6.54", true },     { "6.6.55", false },
		{ "6.6.63", true },    { "6.11.3", false },    { "6.11.10", true },
		{ "6.10.13", true },   { "6.10.99", false },   { "5.15.167", true },
		{ "5.15.200", false }, { "6.12.0", true },     { "6.1", true },
		{ "", true },
	};
	static const char id[] = "BUILD-ID=0123456789abcdef0123456789abcdef01234567";
	static const char *const bad[] = { "BUILD-ID=\n",
					   "BUILD-ID=0123456789ABCDEF0123456789abcdef01234567\n",
					   "BUILD-ID=0123456789abcdef0123456789abcdef0123456\n",
					   "BUILD-ID=0000000000000000000000000000000000000000\n",
					   "BUILD-ID=0123456789abcdef0123456789abcdef012345678\n",
					   "OSRELEASE=6.12.1\n" };
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(releases) / sizeof(*releases); i++) {
		struct od_vmcoreinfo *info;

		snprintf(text, sizeof(text), "OSRELEASE=%s\n%s\n", releases[i].release, id);
		info = info_of(text);
		assert_int_equal(od_vmcoreinfo_build_id(info) != NULL, releases[i].good);
		od_vmcoreinfo_destroy(info);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct od_vmcoreinfo *info = info_of(bad[i]);

		assert_null(od_vmcoreinfo_build_id(info));
		od_vmcoreinfo_destroy(info);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	   cmocka_unit_test(test_order),
		cmocka_unit_test(test_no_numbers), cmocka_unit_test(test_no_lines),
		cmocka_unit_test(test_bounds),	   cmocka_unit_test(test_build_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
