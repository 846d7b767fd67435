/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DWARF made by hand: line programs with every opcode, entries that refer to each other in circles,
 * and what is left of both when bytes are lost or changed. Names of source files.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/debug.h"
#include "symbols/dwarf-path.h"

/* --- a file ---------------------------------------------------------------------- */

struct bytes {
	uint8_t p[1024];
	size_t len;
};

static void put(struct bytes *b, const void *p, size_t len)
{
	assert_true(b->len + len <= sizeof(b->p));
	memcpy(b->p + b->len, p, len);
	b->len += len;
}

static void put_n(struct bytes *b, uint64_t v, unsigned len)
{
	for (unsigned i = 0; i < len; i++)
		put(b, &(uint8_t){ (uint8_t)(v >> 8 * i) }, 1);
}

static void put_s(struct bytes *b, const char *s)
{
	put(b, s, strlen(s) + 1);
}

#define PUT(b, ...) put(b, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* The length that a unit begins with, when the rest is there. */
static void set_length(struct bytes *b, size_t at)
{
	uint32_t len = (uint32_t)(b->len - at - 4);

	memcpy(b->p + at, &len, 4);
}

enum { NSECTIONS = 5 };

struct file {
	uint8_t p[4096];
	size_t len;
};

/* A 64-bit ELF file, of this machine's byte order, with three sections of DWARF and code. */
static void make_file(struct file *f, const struct bytes *info, const struct bytes *abbrev,
		      const struct bytes *line)
{
	static const char names[] = "\0.debug_info\0.debug_abbrev\0.debug_line\0.shstrtab";
	static const uint32_t name_at[NSECTIONS] = { 0, 1, 13, 27, 39 };
	const struct bytes *content[NSECTIONS] = { NULL, info, abbrev, line, NULL };
	Elf64_Ehdr head = { .e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
			    .e_ehsize = sizeof(head), .e_shentsize = sizeof(Elf64_Shdr),
			    .e_shnum = NSECTIONS, .e_shstrndx = NSECTIONS - 1 };
	Elf64_Shdr sections[NSECTIONS] = { { 0 } };

	memcpy(head.e_ident, ELFMAG, SELFMAG);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	memset(f, 0, sizeof(*f));
	f->len = sizeof(head);
	for (unsigned i = 1; i < NSECTIONS; i++) {
		const void *p = content[i] ? (const void *)content[i]->p : names;
		size_t len = content[i] ? content[i]->len : sizeof(names);

		sections[i] = (Elf64_Shdr){ .sh_name = name_at[i], .sh_type = SHT_PROGBITS,
					    .sh_offset = f->len, .sh_size = len };
		assert_true(f->len + len <= sizeof(f->p));
		memcpy(f->p + f->len, p, len);
		f->len += len;
	}
	head.e_shoff = f->len;
	assert_true(f->len + sizeof(sections) <= sizeof(f->p));
	memcpy(f->p + f->len, sections, sizeof(sections));
	f->len += sizeof(sections);
	memcpy(f->p, &head, sizeof(head));
}

/* NULL: it is refused. */
static struct od_debug *open_file(const struct file *f)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	struct od_debug *dbg;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, f->p, f->len), (ssize_t)f->len);
	od_error_free(od_debug_open(fd, "test", &dbg));
	return dbg;
}

/* --- units ----------------------------------------------------------------------- */

enum { LOW = 0x800, HIGH = 0x1100 };

/* 1: the unit; 2: a function; 3: a name only; 4: a function of another origin; 5: one inlined. */
static void make_abbrev(struct bytes *b)
{
	PUT(b, 1, 0x11, 1, 0x03, 0x08, 0x1b, 0x08, 0x10, 0x06, 0x11, 0x01, 0x12, 0x01, 0, 0);
	PUT(b, 2, 0x2e, 0, 0x03, 0x08, 0x11, 0x01, 0x12, 0x01, 0, 0);
	PUT(b, 3, 0x2e, 0, 0x31, 0x13, 0, 0);
	PUT(b, 4, 0x2e, 1, 0x31, 0x13, 0x11, 0x01, 0x12, 0x01, 0x01, 0x13, 0, 0);
	PUT(b, 5, 0x1d, 1, 0x31, 0x13, 0x11, 0x01, 0x12, 0x01, 0x59, 0x0b, 0, 0);
	PUT(b, 0);
}

/* Header and first entry of a unit of DWARF 3. */
static void begin_unit(struct bytes *b)
{
	put_n(b, 0, 4);
	put_n(b, 3, 2);
	put_n(b, 0, 4);
	PUT(b, 8, 1);
	put_s(b, "drivers/unit.c");
	put_s(b, "/src");
	put_n(b, 0, 4);
	put_n(b, LOW, 8);
	put_n(b, HIGH, 8);
}

static void make_info(struct bytes *b)
{
	begin_unit(b);
	PUT(b, 2);
	put_s(b, "f");
	put_n(b, LOW, 8);
	put_n(b, HIGH, 8);
	PUT(b, 0);
	set_length(b, 0);
}

/* --- line programs --------------------------------------------------------------- */

struct line_header {
	uint8_t version, min_inst, max_ops, line_range, opcode_base;
};

static const struct line_header usual = { 3, 4, 0, 12, 14 };

static void begin_lines(struct bytes *b, const struct line_header *h)
{
	static const uint8_t lengths[] = { 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 2 };
	size_t at;

	put_n(b, 0, 4);
	put_n(b, h->version, 2);
	put_n(b, 0, 4);
	at = b->len;
	PUT(b, h->min_inst);
	if (h->version >= 4)
		PUT(b, h->max_ops);
	PUT(b, 1, (uint8_t)-3, h->line_range, h->opcode_base);
	put(b, lengths, sizeof(lengths));
	put_s(b, "inc");
	PUT(b, 0);
	put_s(b, "drivers/one.c");
	PUT(b, 0, 0, 0);
	put_s(b, "two.h");
	PUT(b, 1, 0, 0);
	PUT(b, 0);
	put_n(b, 0, 0);
	at = b->len - at;
	memcpy(b->p + 6, &(uint32_t){ (uint32_t)at }, 4);
}

static void set_address(struct bytes *b, uint64_t addr)
{
	PUT(b, 0, 9, 2);
	put_n(b, addr, 8);
}

static void every_opcode(struct bytes *b)
{
	begin_lines(b, &usual);
	set_address(b, 0x1000);
	PUT(b, 3, 9, 1);		/* line 10 */
	PUT(b, 31);			/* 1 instruction on, 2 lines: (31 - 14) = 12 + 5 */
	PUT(b, 2, 2, 4, 2, 5, 7, 1);	/* 0x100c, file 2, column 7 */
	PUT(b, 8, 3, 1, 1);		/* (255 - 14) / 12 = 20 instructions: 0x105c, line 13 */
	PUT(b, 9, 0x10, 0);		/* 0x106c */
	PUT(b, 6, 7, 10, 11, 12, 5);	/* nothing that counts */
	PUT(b, 13, 0x81, 1, 2);		/* nobody knows it, it has two operands */
	PUT(b, 3, 0x7f, 1);		/* line 12 */
	PUT(b, 0, 10, 3, 'n', 'e', 'w', '.', 'c', 0, 0, 0, 0, 4, 3, 1);
	PUT(b, 0, 5, 0x80, 1, 2, 3, 4); /* nobody knows it either */
	PUT(b, 2, 1, 0, 1, 1);		/* the end at 0x1070 */
	set_address(b, LOW);
	PUT(b, 3, 0xe3, 0, 1, 2, 16, 0, 1, 1); /* line 100, 64 bytes */
	set_length(b, 0);
}

struct answer {
	uint64_t addr;
	const char *file; /* NULL: no line */
	uint32_t line, column;
};

static void check_answers(const struct bytes *line, const struct answer *a, size_t n)
{
	struct bytes info = { .len = 0 }, abbrev = { .len = 0 };
	struct od_debug *dbg;
	struct file file;

	make_info(&info);
	make_abbrev(&abbrev);
	make_file(&file, &info, &abbrev, line);
	/* Each as the first question, and all of the same file. */
	for (size_t i = 0; i < 2 * n; i++) {
		const struct answer *want = &a[i % n];
		struct od_place place[2];

		if (i <= n)
			dbg = open_file(&file);
		assert_non_null(dbg);
		assert_int_equal(od_debug_places(dbg, want->addr, place, 2), 1);
		assert_string_equal(place[0].function, "f");
		assert_int_equal(place[0].line, want->line);
		assert_int_equal(place[0].column, want->column);
		if (want->file)
			assert_string_equal(place[0].file, want->file);
		else
			assert_null(place[0].file);
		if (i < n)
			od_debug_close(dbg);
	}
	od_debug_close(dbg);
}

static void test_opcodes(void **state)
{
	static const struct answer answers[] = {
		{ 0x1000, "drivers/one.c", 10, 0 }, { 0x1003, "drivers/one.c", 10, 0 },
		{ 0x1004, "drivers/one.c", 12, 0 }, { 0x100b, "drivers/one.c", 12, 0 },
		{ 0x100c, "inc/two.h", 12, 7 },	    { 0x105b, "inc/two.h", 12, 7 },
		{ 0x105c, "inc/two.h", 13, 7 },	    { 0x106c, "new.c", 12, 7 },
		{ 0x106f, "new.c", 12, 7 },	    { 0x1070, NULL, 0, 0 },
		{ LOW, "drivers/one.c", 100, 0 },   { LOW + 63, "drivers/one.c", 100, 0 },
		{ LOW + 64, NULL, 0, 0 },	    { 0xfff, NULL, 0, 0 },
	};
	struct bytes line = { .len = 0 };

	(void)state;
	every_opcode(&line);
	check_answers(&line, answers, sizeof(answers) / sizeof(answers[0]));
}

/* Three operations an instruction of 16 bytes. */
static void test_operations(void **state)
{
	static const struct line_header h = { 4, 16, 3, 12, 14 };
	static const struct answer answers[] = {
		{ 0x1000, "drivers/one.c", 1, 0 },
		{ 0x1010, "drivers/one.c", 2, 0 },
		{ 0x1020, "drivers/one.c", 3, 0 },
		{ 0x102f, "drivers/one.c", 3, 0 },
		{ 0x1030, NULL, 0, 0 },
	};
	struct bytes line = { .len = 0 };

	(void)state;
	begin_lines(&line, &h);
	set_address(&line, 0x1000);
	PUT(&line, 1, 2, 4, 3, 1, 1); /* 4 = 1 instruction and 1 operation */
	PUT(&line, 2, 2, 3, 1, 1);    /* 1 + 2 = the next instruction */
	PUT(&line, 2, 3, 0, 1, 1);
	set_length(&line, 0);
	check_answers(&line, answers, sizeof(answers) / sizeof(answers[0]));
}

/* Headers that make no sense give no lines; the function is told all the same. */
static void test_bad_headers(void **state)
{
	static const struct line_header bad[] = {
		{ 3, 4, 0, 0, 14 }, { 3, 4, 0, 12, 0 }, { 3, 4, 0, 12, 255 }, { 1, 4, 0, 12, 14 },
		{ 6, 4, 1, 12, 14 },
	};
	static const struct answer none = { 0x1000, NULL, 0, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bytes line = { .len = 0 };

		begin_lines(&line, &bad[i]);
		set_address(&line, 0x1000);
		PUT(&line, 1, 2, 4, 0, 1, 1);
		set_length(&line, 0);
		check_answers(&line, &none, 1);
	}
}

/* --- entries --------------------------------------------------------------------- */

static size_t places_of(const struct bytes *info, uint64_t addr, struct od_place *ret, size_t max)
{
	static struct od_debug *dbg; /* of the last question: its strings are looked at */
	struct bytes line = { .len = 0 }, abbrev = { .len = 0 };
	struct file file;

	od_debug_close(dbg);
	dbg = NULL;
	if (!info)
		return 0;
	every_opcode(&line);
	make_abbrev(&abbrev);
	make_file(&file, info, &abbrev, &line);
	dbg = open_file(&file);
	return dbg ? od_debug_places(dbg, addr, ret, max) : 0;
}

/* Two entries name each other as their origin, and a third itself. */
static void test_origin_circle(void **state)
{
	struct od_place place[OD_MAX_PLACES];
	struct bytes b = { .len = 0 };
	uint32_t first;

	(void)state;
	begin_unit(&b);
	first = (uint32_t)b.len;
	PUT(&b, 3);
	put_n(&b, first + 5, 4);
	PUT(&b, 3);
	put_n(&b, first, 4);
	PUT(&b, 4);
	put_n(&b, first, 4);
	put_n(&b, LOW, 8);
	put_n(&b, HIGH, 8);
	put_n(&b, first, 4); /* a sibling that goes backwards */
	PUT(&b, 0, 0);
	set_length(&b, 0);
	assert_int_equal(places_of(&b, 0x1004, place, OD_MAX_PLACES), 1);
	assert_null(place[0].function);
	assert_int_equal(place[0].line, 12);
}

/* More is inlined into each other than there is room for: the innermost count. */
static void test_deep(void **state)
{
	struct od_place place[OD_MAX_PLACES];
	struct bytes b = { .len = 0 };
	unsigned depth = 0;

	(void)state;
	begin_unit(&b);
	PUT(&b, 4);
	put_n(&b, 0, 4);
	put_n(&b, LOW, 8);
	put_n(&b, HIGH, 8);
	put_n(&b, 0, 4);
	for (; depth < OD_MAX_PLACES + 4; depth++) {
		PUT(&b, 5);
		put_n(&b, 0, 4);
		put_n(&b, LOW, 8);
		put_n(&b, HIGH - depth, 8);
		PUT(&b, (uint8_t)(depth + 1)); /* the line of the call */
	}
	set_length(&b, 0);
	assert_int_equal(places_of(&b, 0x1004, place, OD_MAX_PLACES), OD_MAX_PLACES);
	assert_int_equal(place[1].line, depth);
	assert_int_equal(place[2].line, depth - 1);
	places_of(NULL, 0, NULL, 0);
}

/* --- damage ---------------------------------------------------------------------- */

static void ask_all(const struct file *f)
{
	static const uint64_t addrs[] = { LOW, 0x1004, 0x106c, 0, UINT64_MAX };
	struct od_debug *dbg = open_file(f);
	struct od_place place[4];

	for (size_t i = 0; dbg && i < sizeof(addrs) / sizeof(addrs[0]); i++)
		assert_true(od_debug_places(dbg, addrs[i], place, 4) <= 4);
	od_debug_close(dbg);
}

/* Every byte changed, and the file cut everywhere: an answer, or none. */
static void test_damage(void **state)
{
	static const uint8_t flips[] = { 0xff, 0x80, 0x01, 0x7f };
	struct bytes info = { .len = 0 }, abbrev = { .len = 0 }, line = { .len = 0 };
	struct file good, bad;

	(void)state;
	make_info(&info);
	make_abbrev(&abbrev);
	every_opcode(&line);
	make_file(&good, &info, &abbrev, &line);
	for (size_t i = 0; i < good.len; i++) {
		for (size_t k = 0; k < sizeof(flips); k++) {
			bad = good;
			bad.p[i] ^= flips[k];
			ask_all(&bad);
		}
		bad = good;
		bad.len = i;
		ask_all(&bad);
	}
}

/* --- names ----------------------------------------------------------------------- */

static void test_names(void **state)
{
	static const struct {
		const char *root, *comp_dir, *unit, *dir, *file, *want;
	} rows[] = {
		{ NULL, "/src/linux", "mm/slub.c", "", "mm/slub.c", "mm/slub.c" },
		{ NULL, "/src/linux", "mm/slub.c", "./include/linux", "mm.h", "include/linux/mm.h" },
		{ NULL, "/src/linux", "mm/slub.c", "/src/linux/include", "a.h", "include/a.h" },
		{ NULL, "/src/linux", "mm/slub.c", "/usr/include", "a.h", "/usr/include/a.h" },
		{ NULL, "/src/linux", "a.c", "arch/x86/kvm/../../../virt/kvm", "m.c", "virt/kvm/m.c" },
		/* make O=obj */
		{ NULL, "/src/linux/obj", "../mm/slub.c", "..", "mm/slab.h", "mm/slab.h" },
		{ NULL, "/src/linux/obj", "../mm/slub.c", "include/generated", "a.h",
		  "obj/include/generated/a.h" },
		/* Debian: the compiler was told to leave the directory out, but not the assembler */
		{ NULL, "debian/build/b", "mm/slub.c", "mm", "slub.c", "mm/slub.c" },
		{ NULL, "/b/linux-6.1/debian/build/b", "/b/linux-6.1/arch/x86/a.S",
		  "/b/linux-6.1/arch/x86", "a.S", "arch/x86/a.S" },
		/* built elsewhere: only init/main.c tells where the tree is */
		{ "/src/linux", "/obj", "/src/linux/mm/slub.c", "/src/linux/mm", "slub.c", "mm/slub.c" },
		{ NULL, "/obj", "/src/linux/mm/slub.c", "/src/linux/mm", "slub.c",
		  "/src/linux/mm/slub.c" },
		/* a module of somebody's own */
		{ NULL, "/usr/src/headers", "/home/me/mod/drv.c", "/home/me/mod", "drv.c",
		  "/home/me/mod/drv.c" },
		{ NULL, "/usr/src/headers", "/usr/src/mod/drv.c", "", "/usr/src/mod/drv.c",
		  "/usr/src/mod/drv.c" },
		{ NULL, "", "", "", "a.c", "a.c" },
		{ NULL, "/", "a.c", "", "../../a.c", "/a.c" },
		{ NULL, "", "", "", "../../a.c", "../../a.c" },
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(od_source_relative(rows[i].root, rows[i].comp_dir, rows[i].unit,
					       rows[i].dir, rows[i].file, buf, sizeof(buf)));
		assert_string_equal(buf, rows[i].want);
	}
	assert_false(od_source_relative(NULL, "/src", "a.c", "", "", buf, sizeof(buf)));
	for (size_t size = 0; size < sizeof("/src/a.c"); size++)
		assert_false(od_source_full("/src", "", "a.c", buf, size));
	assert_true(od_source_full("/src", "", "a.c", buf, sizeof("/src/a.c") + 1));
	assert_string_equal(buf, "/src/a.c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opcodes),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_origin_circle),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
