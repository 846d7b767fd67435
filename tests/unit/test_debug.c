/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Debug files that gcc makes of a source here, in every version of DWARF, as modules are (ET_REL)
 * and linked: labels in the code stand for addresses whose lines and inlined calls are known by
 * marks in the source. Without gcc there is nothing to test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/debug.h"

/* HERE(x) makes a symbol x; the line it is on is found again by its name. */
static const char first_c[] =
	"#define HERE(name) __asm__ volatile(\".globl \" #name \"\\n\" #name \": nop\")\n"
	"#include \"inline.h\"\n"
	"int other(int x);\n"
	"static __attribute__((noinline)) int helper(int x)\n"
	"{\n"
	"	HERE(in_first_helper);\n"
	"	return other(x) + 1;\n"
	"}\n"
	"static inline __attribute__((always_inline)) int middle(int x)\n"
	"{\n"
	"	return leaf(x) + /* CALLS leaf */ 1;\n"
	"}\n"
	"__attribute__((noipa)) int outer(int x)\n"
	"{\n"
	"	if (__builtin_expect(x == 77, 0)) {\n"
	"		HERE(in_cold);\n"
	"		other(x);\n"
	"		__builtin_trap();\n"
	"	}\n"
	"	x = middle(x); /* CALLS middle */\n"
	"	HERE(in_outer);\n"
	"	return helper(x) + x;\n"
	"}\n"
	"__attribute__((section(\".init.text\"))) int start(int x)\n"
	"{\n"
	"	HERE(in_start);\n"
	"	return outer(x);\n"
	"}\n";
static const char inline_h[] =
	"static inline __attribute__((always_inline)) int leaf(int x)\n"
	"{\n"
	"\n"
	"	HERE(in_leaf);\n"
	"	return x * 3;\n"
	"}\n";
static const char second_c[] =
	"#define HERE(name) __asm__ volatile(\".globl \" #name \"\\n\" #name \": nop\")\n"
	"static __attribute__((noinline)) int helper(int x)\n"
	"{\n"
	"	HERE(in_second_helper);\n"
	"	return x ^ 9;\n"
	"}\n"
	"int other(int x)\n"
	"{\n"
	"	return helper(x) - 1;\n"
	"}\n";

static char *dir; /* made where the test runs */
static bool have_gcc;

static void write_file(const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int run(const char *command)
{
	char line[4096];

	snprintf(line, sizeof(line), "cd %s && (%s) >/dev/null 2>&1", dir, command);
	return system(line);
}

static int set_up(void **state)
{
	static char name[] = "test_debug.XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(name));
	dir = realpath(name, NULL);
	assert_non_null(dir);
	assert_int_equal(run("mkdir kernel obj"), 0);
	write_file("kernel/first.c", first_c);
	write_file("kernel/inline.h", inline_h);
	write_file("kernel/second.c", second_c);
	have_gcc = run("gcc --version") == 0;
	return 0;
}

static int tear_down(void **state)
{
	char line[512];
	int status;

	(void)state;
	snprintf(line, sizeof(line), "rm -r %s", dir);
	status = system(line);
	free(dir);
	return status != 0;
}

static struct od_debug *open_debug(const char *name)
{
	char path[512];
	struct od_debug *dbg;
	struct od_error *err;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	err = od_debug_open(fd, name, &dbg);
	assert_null(err);
	return dbg;
}

/* The line of a source that has a word. */
static uint32_t line_with(const char *source, const char *word)
{
	const char *at = strstr(source, word);
	uint32_t line = 1;

	assert_non_null(at);
	for (const char *p = source; p < at; p++)
		line += *p == '\n';
	return line;
}

static uint64_t address(struct od_debug *dbg, const char *name)
{
	struct od_debug_symbol sym;

	assert_int_equal(od_debug_find(dbg, name, &sym, 1), 1);
	assert_string_equal(sym.name, name);
	return sym.addr;
}

static void check_place(const struct od_place *place, const char *function, const char *file,
			uint32_t line)
{
	assert_string_equal(place->function, function);
	assert_non_null(place->file);
	assert_string_equal(place->file, file);
	assert_int_equal(place->line, line);
}

/* The one place of a label. */
static void check_label(struct od_debug *dbg, const char *label, const char *function,
			const char *file, const char *source)
{
	char word[64];
	struct od_place place[OD_MAX_PLACES];

	snprintf(word, sizeof(word), "HERE(%s)", label);
	assert_int_equal(od_debug_places(dbg, address(dbg, label), place, OD_MAX_PLACES), 1);
	check_place(&place[0], function, file, line_with(source, word));
}

static void check_inlined(struct od_debug *dbg)
{
	struct od_place place[OD_MAX_PLACES];
	uint64_t addr = address(dbg, "in_leaf");

	assert_int_equal(od_debug_places(dbg, addr, place, OD_MAX_PLACES), 3);
	check_place(&place[0], "leaf", "kernel/inline.h", line_with(inline_h, "HERE(in_leaf)"));
	check_place(&place[1], "middle", "kernel/first.c", line_with(first_c, "CALLS leaf"));
	check_place(&place[2], "outer", "kernel/first.c", line_with(first_c, "CALLS middle"));
	/* Who asks for less gets the innermost. */
	assert_int_equal(od_debug_places(dbg, addr, place, 1), 1);
	check_place(&place[0], "leaf", "kernel/inline.h", line_with(inline_h, "HERE(in_leaf)"));
}

/* Two functions of the same name are two symbols, each with its file. */
static void check_duplicates(struct od_debug *dbg)
{
	struct od_debug_symbol sym[4];
	struct od_place a[OD_MAX_PLACES], b[OD_MAX_PLACES];

	assert_int_equal(od_debug_find(dbg, "helper", sym, 4), 2);
	assert_true(sym[0].addr < sym[1].addr && sym[0].function && !sym[0].global);
	assert_true(sym[0].extent > 0 && sym[0].size > 0);
	assert_int_equal(od_debug_places(dbg, sym[0].addr, a, OD_MAX_PLACES), 1);
	assert_int_equal(od_debug_places(dbg, sym[1].addr, b, OD_MAX_PLACES), 1);
	assert_string_equal(a[0].function, "helper");
	assert_string_equal(b[0].function, "helper");
	assert_string_not_equal(a[0].file, b[0].file);
	check_label(dbg, "in_second_helper", "helper", "kernel/second.c", second_c);
}

static void check_sections(struct od_debug *dbg)
{
	uint64_t text, text_size, init, init_size;
	uint64_t outer = address(dbg, "outer"), start = address(dbg, "start");
	uint8_t code[8];

	assert_true(od_debug_section(dbg, ".text.outer", &text, &text_size) || /* ffunction-sections */
		    od_debug_section(dbg, ".text", &text, &text_size));
	assert_true(od_debug_section(dbg, ".init.text", &init, &init_size));
	assert_true(outer - text < text_size && start - init < init_size);
	assert_true(text + text_size <= init || init + init_size <= text);
	assert_int_equal(od_debug_read(dbg, outer, code, sizeof(code)), sizeof(code));
	assert_int_equal(od_debug_read(dbg, init + init_size - 3, code, sizeof(code)), 3);
	assert_false(od_debug_section(dbg, ".comment", &text, &text_size));
}

static void check_all(struct od_debug *dbg)
{
	struct od_debug_symbol at;
	char path[512];

	assert_true(od_debug_has_symbols(dbg) && od_debug_has_lines(dbg));
	/* Twice: the first answers come from the file, later ones from what was kept of it. */
	for (int pass = 0; pass < 3; pass++) {
		check_label(dbg, "in_outer", "outer", "kernel/first.c", first_c);
		check_label(dbg, "in_cold", "outer", "kernel/first.c", first_c);
		check_label(dbg, "in_start", "start", "kernel/first.c", first_c);
		check_inlined(dbg);
		check_duplicates(dbg);
	}
	check_sections(dbg);
	assert_true(od_debug_at(dbg, address(dbg, "outer") + 1, &at));
	assert_string_equal(at.name, "outer");
	assert_true(od_debug_source_path(dbg, address(dbg, "in_leaf"), path, sizeof(path)));
	assert_string_equal(path, "/src/tree/kernel/inline.h");
	assert_int_equal(od_debug_places(dbg, 0, (struct od_place[1]){ 0 }, 1), 0);
}

static void compile(const char *options, const char *from, const char *prefix, bool link)
{
	char line[2048];

	snprintf(line, sizeof(line),
		 "cd %s && for f in first second; do gcc -O2 -fno-pie -fdebug-prefix-map=%s=/src/tree "
		 "%s -c %skernel/$f.c -o %s/$f.o || exit 1; done && "
		 "ld %s -e outer %s/first.o %s/second.o -o %s/out",
		 from, dir, options, prefix, dir, link ? "" : "-r", dir, dir, dir);
	assert_int_equal(run(line), 0);
}

/* Not version 2: it has no ranges, so the cold part is a function of its own there. */
static const char *const versions[] = {
	"-g -gdwarf-5", "-g -gdwarf-4", "-g -gdwarf-3", "-g -gdwarf-5 -gz",
	"-g -gdwarf-4 -gz=zlib-gnu", "-g -gdwarf-5 -gdwarf64", "-g -ffunction-sections",
	"-g -gno-as-loc-support -gdwarf-5", "-g -gno-as-loc-support -gdwarf-4",
};

static void test_versions(void **state)
{
	(void)state;
	if (!have_gcc)
		skip();
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		for (int link = 0; link < 2; link++) {
			struct od_debug *dbg;

			compile(versions[i], ".", "", link);
			dbg = open_debug("out");
			check_all(dbg);
			od_debug_close(dbg);
		}
	}
}

/* Built in a directory of its own: make O=obj. */
static void test_build_directory(void **state)
{
	struct od_debug *dbg;

	(void)state;
	if (!have_gcc)
		skip();
	compile("-g", "obj", "../", true);
	dbg = open_debug("out");
	check_all(dbg);
	od_debug_close(dbg);
}

static void test_no_lines(void **state)
{
	struct od_place place;
	struct od_debug *dbg;

	(void)state;
	if (!have_gcc)
		skip();
	compile("-g0 -Wl,--build-id", ".", "", true);
	dbg = open_debug("out");
	assert_true(od_debug_has_symbols(dbg));
	assert_false(od_debug_has_lines(dbg));
	assert_int_equal(od_debug_places(dbg, address(dbg, "in_outer"), &place, 1), 0);
	od_debug_close(dbg);
}

static void test_build_id(void **state)
{
	static const char id[] = "00112233445566778899aabbccddeeff00112233";
	struct od_debug *dbg;

	(void)state;
	if (!have_gcc)
		skip();
	compile("-g", ".", "", false);
	dbg = open_debug("out");
	assert_null(od_debug_build_id(dbg));
	od_debug_close(dbg);
	assert_int_equal(run("ld --build-id=0x00112233445566778899aabbccddeeff00112233 -e outer "
			     "first.o second.o -o with"),
			 0);
	dbg = open_debug("with");
	assert_string_equal(od_debug_build_id(dbg), id);
	assert_string_equal(od_debug_name(dbg), "with");
	od_debug_close(dbg);
}

static void test_no_elf(void **state)
{
	struct od_debug *dbg;
	struct od_error *err;
	char path[512];

	(void)state;
	snprintf(path, sizeof(path), "%s/kernel/first.c", dir);
	err = od_debug_open(open(path, O_RDONLY | O_CLOEXEC), "first.c", &dbg);
	assert_non_null(err);
	assert_int_equal(err->code, OD_ERR_UNSUPPORTED);
	assert_null(dbg);
	od_error_free(err);
	err = od_debug_open(open(dir, O_RDONLY | O_CLOEXEC), "dir", &dbg);
	assert_non_null(err);
	od_error_free(err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_build_directory),
		cmocka_unit_test(test_no_lines),
		cmocka_unit_test(test_build_id),
		cmocka_unit_test(test_no_elf),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
