/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* nftw */
/* Finding debug files: in trees made here, laid out as distributions do it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "symbols/find-internal.h"
#include "tests/unit/fixture-pack.h"

#define REL "6.1.0-50-cloud-amd64"
#define ID "bb603a9147d3efe4744bf83c83eee397c591cc20"
#define OTHER "0123456789abcdef0123456789abcdef01234567"

static char top[64];

/* --- files ---------------------------------------------------------------------------------- */

enum { MAX_SECTIONS = 12 };

struct image {
	struct od_buf data, names;
	Elf64_Shdr sections[MAX_SECTIONS];
	unsigned n;
};

static void section(struct image *im, const char *name, uint32_t type, const void *data, size_t len)
{
	Elf64_Shdr *s = &im->sections[im->n++];

	*s = (Elf64_Shdr){ .sh_name = (Elf64_Word)im->names.len, .sh_type = type, .sh_size = len,
			   .sh_offset = im->data.len, .sh_entsize = type == SHT_SYMTAB ? 24 : 0 };
	if (type == SHT_SYMTAB)
		s->sh_link = im->n; /* the next one */
	od_buf_add(&im->names, name, strlen(name) + 1);
	od_buf_add(&im->data, data, len);
	od_buf_fill(&im->data, '\0', -im->data.len & 7);
}

static void note(struct image *im, const char *id)
{
	char desc[16 + OD_MAX_BUILD_ID] = { 4, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U' };
	size_t n = strlen(id) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned byte;

		assert_int_equal(sscanf(id + 2 * i, "%2x", &byte), 1);
		desc[16 + i] = (char)byte;
	}
	desc[4] = (char)n;
	section(im, ".note.gnu.build-id", SHT_NOTE, desc, 16 + n);
}

static void make_dirs(const char *path)
{
	char part[512];

	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(p - path), path);
		mkdir(part, 0755);
	}
}

static const char *below(const char *path)
{
	static char full[4][512];
	static unsigned turn;

	turn = (turn + 1) % 4;
	snprintf(full[turn], sizeof(full[turn]), "%s/%s", top, path);
	return full[turn];
}

static void put(const char *path, const void *data, size_t len)
{
	const char *full = below(path);
	FILE *f;

	make_dirs(full);
	f = fopen(full, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	fclose(f);
}

static void finish(struct image *im, const char *path, uint16_t type, bool lines)
{
	static const Elf64_Sym syms[2];
	Elf64_Ehdr head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			    .e_type = type, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
			    .e_ehsize = sizeof(head), .e_shentsize = sizeof(Elf64_Shdr) };
	struct od_buf out = OD_BUF_INIT;

	section(im, ".symtab", SHT_SYMTAB, syms, sizeof(syms));
	section(im, ".strtab", SHT_STRTAB, "", 1);
	if (lines)
		section(im, ".debug_info", SHT_PROGBITS, "", 1);
	if (lines)
		section(im, ".debug_line", SHT_PROGBITS, "", 1);
	od_buf_add(&im->names, ".shstrtab", 10);
	im->sections[im->n] = (Elf64_Shdr){ .sh_name = (Elf64_Word)im->names.len - 10,
					    .sh_type = SHT_STRTAB, .sh_size = im->names.len,
					    .sh_offset = im->data.len };
	od_buf_add(&im->data, im->names.data, im->names.len);
	head.e_shoff = sizeof(head) + im->data.len;
	head.e_shstrndx = (Elf64_Half)im->n++;
	head.e_shnum = (Elf64_Half)im->n;
	for (unsigned i = 1; i < im->n; i++)
		im->sections[i].sh_offset += sizeof(head);
	od_buf_add(&out, &head, sizeof(head));
	od_buf_add(&out, im->data.data, im->data.len);
	od_buf_add(&out, im->sections, im->n * sizeof(Elf64_Shdr));
	put(path, out.data, out.len);
	od_buf_deinit(&out);
	od_buf_deinit(&im->data);
	od_buf_deinit(&im->names);
}

static void begin(struct image *im, const char *id)
{
	*im = (struct image){ .n = 1 };
	od_buf_addch(&im->names, '\0');
	if (id)
		note(im, id);
}

/* release NULL: it says none. */
static void put_vmlinux(const char *path, const char *id, const char *release, bool lines)
{
	char banner[300] = "...";
	struct image im;

	begin(&im, id);
	section(&im, ".init.text", SHT_PROGBITS, "\x90", 1);
	if (release)
		snprintf(banner, sizeof(banner), "Linux version .\nLinux version %s (gcc)", release);
	section(&im, ".rodata", SHT_PROGBITS, banner, sizeof(banner));
	finish(&im, path, ET_EXEC, lines);
}

/* name NULL: as after objcopy --only-keep-debug, what says what it is has no content. */
static void put_module(const char *path, const char *id, const char *name, const char *release, bool lines)
{
	char info[200];
	struct image im;
	int len = 0;

	begin(&im, id);
	if (name)
		len = snprintf(info, sizeof(info), "license=GPL%cname=%s%cvermagic=%s SMP mod_unload", 0, name,
			       0, release);
	section(&im, ".modinfo", name ? SHT_PROGBITS : SHT_NOBITS, info, (size_t)len);
	finish(&im, path, ET_REL, lines);
}

static void put_text(const char *path, const char *text)
{
	put(path, text, strlen(text));
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "/tmp/oopsdiag-find-XXXXXX");
	return mkdtemp(top) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- questions -------------------------------------------------------------------------------- */

static struct od_absent absent;
static char said[1024], name[256];

/* Ask a fresh finder; the name of the file, NULL: none. What it says is in said. */
static const char *ask(const char *path, const char *release, const char *module, const char *id)
{
	const struct od_wanted wanted = { release, module, id, false };
	const char *const paths[] = { path };
	struct od_find *find = od_find_create_below(top, paths, path != NULL, path == NULL);
	struct od_debug *dbg = od_find_get(find, &wanted, &absent);
	struct od_absent again;

	assert_ptr_equal(od_find_get(find, &wanted, &again), dbg);
	assert_ptr_equal(again.why, absent.why);
	snprintf(said, sizeof(said), "%s|%s", absent.why ? absent.why : "", absent.path ? absent.path : "");
	if (dbg)
		snprintf(name, sizeof(name), "%s%s", od_debug_name(dbg),
			 od_debug_has_lines(dbg) ? "" : " without lines");
	od_find_destroy(find);
	return dbg ? name : NULL;
}

static void assert_found(const char *got, const char *expected)
{
	if (!got)
		fail_msg("nothing found: %s", said);
	assert_string_equal(got, expected);
}

static void test_nothing(void **state)
{
	(void)state;
	assert_null(ask(NULL, REL, NULL, ID));
	assert_string_equal(said, "no debug file of the kernel was found|linux-image-" REL "-dbg");
	assert_null(ask(NULL, REL, "ext4", NULL));
	assert_string_equal(said, "no debug file of module ext4 was found|linux-image-" REL "-dbg");
	assert_null(ask(NULL, NULL, NULL, NULL));
	assert_non_null(strstr(said, "neither release nor build id|"));
	assert_null(od_find_get(NULL, &(struct od_wanted){ REL, NULL, ID, false }, &absent));
	assert_null(absent.why);
}

/* Where each distribution has the kernel, alone in an otherwise empty root. */
static void test_kernel_places(void **state)
{
	static const char *const places[] = {
		"usr/lib/debug/.build-id/bb/603a9147d3efe4744bf83c83eee397c591cc20.debug",
		"usr/lib/debug/boot/vmlinux-" REL,
		"usr/lib/debug/lib/modules/" REL "/vmlinux",
		"usr/lib/debug/usr/lib/modules/" REL "/vmlinux.debug",
		"usr/lib/debug/boot/vmlinux-" REL ".debug",
		"lib/modules/" REL "/build/vmlinux",
		"lib/modules/" REL "/vmlinux",
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		put_vmlinux(places[i], ID, NULL, true);
		assert_found(ask(NULL, REL, NULL, ID), strrchr(places[i], '/') + 1);
		assert_string_equal(said, "|");
		/* And in an unpacked package. */
		assert_found(ask(top, REL, NULL, ID), strrchr(places[i], '/') + 1);
		unlink(below(places[i]));
	}
	(void)state;
}

static void test_module_places(void **state)
{
	static const char *const places[] = {
		"usr/lib/debug/.build-id/bb/603a9147d3efe4744bf83c83eee397c591cc20.debug",
		"usr/lib/debug/lib/modules/" REL "/kernel/fs/odd/odd-fs.ko",
		"usr/lib/debug/lib/modules/" REL "/kernel/fs/odd/odd-fs.ko.debug",
		"usr/lib/debug/usr/lib/modules/" REL "/kernel/fs/odd/odd-fs.ko.debug",
		"lib/modules/" REL "/kernel/fs/odd/odd-fs.ko",
		"lib/modules/" REL "/updates/dkms/odd_fs.ko",
	};

	(void)state;
	for (int dep = 0; dep < 2; dep++)
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
			const char *base = strrchr(places[i], '/') + 1;

			if (dep)
				put_text("lib/modules/" REL "/modules.dep",
					 "kernel/fs/odd/odd-fs.ko: kernel/lib/crc.ko\n"
					 "updates/dkms/odd_fs.ko:\n");
			put_module(places[i], ID, "odd_fs", REL, true);
			assert_found(ask(NULL, REL, "odd_fs", ID), base);
			assert_string_equal(said, "|");
			/* What strip left of one is known by its name, or its build id. */
			put_module(places[i], ID, NULL, NULL, true);
			assert_found(ask(NULL, REL, "odd-fs", ID), base);
			assert_found(ask(top, REL, "odd_fs", ID), base);
			unlink(below(places[i]));
			assert_null(ask(NULL, REL, "odd_fs", ID));
		}
}

/* The module that was loaded has symbols; lines are looked for elsewhere, and what they need is told. */
static void test_lines_first(void **state)
{
	(void)state;
	put_module("lib/modules/" REL "/kernel/odd.ko", ID, "odd", REL, false);
	assert_found(ask(NULL, REL, "odd", ID), "odd.ko without lines");
	assert_string_equal(said, "odd.ko has no source lines|linux-image-" REL "-dbg");
	put_module("usr/lib/debug/lib/modules/" REL "/kernel/odd.ko", OTHER, "odd", REL, true);
	assert_found(ask(NULL, REL, "odd", ID), "odd.ko without lines");
	assert_string_equal(said, "odd.ko has build id " OTHER ", the loaded module " ID
				  ": not used|linux-image-" REL "-dbg");
	put_module("usr/lib/debug/lib/modules/" REL "/kernel/odd.ko", ID, "odd", REL, true);
	assert_found(ask(NULL, REL, "odd", ID), "odd.ko");
}

static void test_refused(void **state)
{
	const char *file = below("x/vmlinux");

	(void)state;
	put_vmlinux("x/vmlinux", OTHER, REL, true);
	assert_null(ask(file, REL, NULL, ID));
	assert_string_equal(said, "vmlinux has build id " OTHER ", the crashed kernel " ID
				  ": not used|linux-image-" REL "-dbg");
	/* No build id to compare: the release tells. */
	assert_found(ask(file, REL, NULL, NULL), "vmlinux");
	assert_string_equal(said, "|");
	assert_null(ask(file, "5.10.0-1-amd64", NULL, NULL));
	assert_string_equal(said, "vmlinux is of " REL ", the crashed kernel is 5.10.0-1-amd64: not used|"
				  "linux-image-5.10.0-1-amd64-dbg");
	put_vmlinux("x/vmlinux", NULL, REL, true);
	assert_found(ask(file, REL, NULL, ID), "vmlinux");
	assert_non_null(strstr(said, "by its release: it has no build id"));
	assert_null(ask(file, "5.10.0-1-amd64", NULL, ID));
	/* Nothing to go by. */
	assert_found(ask(file, NULL, NULL, NULL), "vmlinux");
	assert_non_null(strstr(said, "taken as it is"));
	put_vmlinux("x/vmlinux", ID, REL, true);
	assert_found(ask(file, REL, NULL, "BB603A9147D3EFE4"), "vmlinux");
	/* Too few digits, or none: no build id. */
	assert_found(ask(file, REL, NULL, "0123"), "vmlinux");
	assert_found(ask(file, REL, NULL, "0123456789abcdeg"), "vmlinux");
	/* A kernel is no module, and the other way round. */
	assert_null(ask(file, REL, "ext4", ID));
	put_module("x/ext4.ko", NULL, "ext4", REL, true);
	assert_null(ask(below("x/ext4.ko"), REL, NULL, NULL));
	assert_null(ask(below("x/ext4.ko"), REL, "xfs", NULL));
	assert_found(ask(below("x/ext4.ko"), REL, "ext4", NULL), "ext4.ko");
	assert_null(ask(below("x/ext4.ko"), "6.2.0", "ext4", NULL));
}

/* The names of files say nothing where the files do. */
static void test_by_content(void **state)
{
	struct image im;

	(void)state;
	put_vmlinux("kernel.elf", NULL, REL, true);
	assert_found(ask(below("kernel.elf"), REL, NULL, NULL), "kernel.elf");
	put_module("ext4.ko", NULL, "xfs", REL, true);
	assert_null(ask(below("ext4.ko"), REL, "ext4", NULL));
	assert_found(ask(below("ext4.ko"), REL, "xfs", NULL), "ext4.ko");
	put_text("vmlinux", "this is text and no ELF file: at least as long as the header of one is.....");
	assert_null(ask(below("vmlinux"), REL, NULL, NULL));
	/* An ordinary program with the name of a kernel: what a test, or a small machine, has. */
	begin(&im, NULL);
	finish(&im, "vmlinux-6.1", ET_DYN, true);
	assert_found(ask(below("vmlinux-6.1"), "6.1", NULL, NULL), "vmlinux-6.1");
	begin(&im, NULL);
	finish(&im, "a.out", ET_DYN, true);
	assert_null(ask(below("a.out"), NULL, NULL, NULL));
	/* struct module tells the name where .modinfo does not. */
	begin(&im, NULL);
	section(&im, ".gnu.linkonce.this_module", SHT_PROGBITS,
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0old_one\0.", 33);
	finish(&im, "y.o", ET_REL, false);
	assert_found(ask(below("y.o"), NULL, "old_one", NULL), "y.o without lines");
}

/* Of several kernels in a directory the right one, without a build id by release. */
static void test_several(void **state)
{
	static const char *const releases[] = { "5.4.1", "5.4.10", REL, "6.1.0-50-amd64" };
	char path[256];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "d/%u/vmlinux", i);
		put_vmlinux(path, i == 1 ? ID : NULL, releases[i], true);
		snprintf(path, sizeof(path), "d/%u/m/odd.ko.debug", i);
		put_module(path, NULL, "odd", releases[i], true);
	}
	assert_found(ask(below("d"), REL, NULL, NULL), "vmlinux");
	assert_found(ask(below("d"), REL, "odd", NULL), "odd.ko.debug");
	assert_found(ask(below("d"), NULL, NULL, ID), "vmlinux");
	assert_string_equal(said, "|");
	assert_null(ask(below("d"), "6.6.6", NULL, NULL));
	assert_null(ask(below("d"), "6.6.6", "odd", NULL));
}

/* Links that lead back up, depth, and what is no file. */
static void test_walk(void **state)
{
	char path[512] = "w";

	(void)state;
	put_module("w/a/odd.ko", NULL, "odd", REL, true);
	assert_int_equal(symlink("..", below("w/a/up")), 0);
	assert_int_equal(symlink("/", below("w/a/root")), 0);
	assert_int_equal(mkfifo(below("w/a/fifo.ko"), 0600), 0);
	assert_int_equal(mkdir(below("w/dir.ko"), 0700), 0);
	assert_found(ask(below("w"), REL, "odd", NULL), "odd.ko");
	assert_null(ask(below("w"), REL, "fifo", NULL));
	assert_null(ask(below("w/a/fifo.ko"), REL, "fifo", NULL));
	assert_null(ask(below("w"), REL, "dir", NULL));
	for (unsigned i = 0; i < OD_TREE_DEPTH + 2; i++)
		strcat(path, "/d");
	strcat(path, "/deep.ko");
	put_module(path, NULL, "deep", REL, true);
	assert_null(ask(below("w"), REL, "deep", NULL));
	assert_non_null(strstr(said, "w holds more than is looked at"));
	/* A list that leads out of its directory. */
	put_text("w/modules.dep", "../../a.ko:\n/etc/a.ko:\na/../b.ko:\n%s.ko:\na/odd.ko:\n");
	assert_found(ask(below("w"), REL, "odd", NULL), "odd.ko");
	assert_null(ask(below("w"), REL, "b", NULL));
}

/* What comes out of an input and is no name never reaches a path. */
static void test_hostile_names(void **state)
{
	static const char *const bad[] = { "", "..", "../../etc", "6.1/../../x", "6.1..2", "/etc", "6.1 2",
					   "6.1\n", "6.1;x", "-6.1", ".6", "6.1%r", "v6.1", "6.", "6.1\xc3\xa4" };
	char longest[OD_RELEASE + 2];
	char path[OD_RELEASE];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(od_is_release(bad[i]));
		assert_int_equal(od_is_module_name(bad[i]), !strcmp(bad[i], "v6.1"));
		assert_null(ask(top, REL, bad[i], NULL));
	}
	memset(longest, '6', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_false(od_is_release(longest));
	longest[OD_RELEASE - 1] = '\0';
	assert_true(od_is_release(longest));
	assert_false(od_place_fill(path, sizeof(path), "/", "%r/x", longest, NULL));
	assert_false(od_place_fill(path, sizeof(path), "/", "%r/x", NULL, ID));
	assert_true(od_place_fill(path, sizeof(path), "/", "%b/%r", "1", ID));
	assert_string_equal(path, "/bb/603a9147d3efe4744bf83c83eee397c591cc20/1");
	assert_true(od_is_release("6.12.48+deb13-amd64"));
	assert_true(od_is_release("5.14.0-427.el9.x86_64+rt"));
	assert_true(od_is_release("6.7.0-rc1~x_y"));
}

static void test_packages(void **state)
{
	static const struct {
		const char *release, *expected;
	} rows[] = {
		{ "6.1.0-50-cloud-amd64", "linux-image-6.1.0-50-cloud-amd64-dbg" },
		{ "6.12.48+deb13-amd64", "linux-image-6.12.48+deb13-amd64-dbg" },
		{ "5.10.0-33-686-pae", "linux-image-5.10.0-33-686-pae-dbg" },
		{ "5.15.0-91-generic", "linux-image-5.15.0-91-generic-dbgsym" },
		{ "5.15.0-1053-azure", "linux-image-5.15.0-1053-azure-dbgsym" },
		{ "3.10.0-1160.el7.x86_64", "kernel-debuginfo-3.10.0-1160.el7.x86_64" },
		{ "5.14.0-427.13.1.el9_4.x86_64+rt", "kernel-rt-debuginfo-5.14.0-427.13.1.el9_4.x86_64" },
		{ "6.5.6-300.fc39.x86_64", "kernel-debuginfo-6.5.6-300.fc39.x86_64" },
		{ "6.4.0-150600.23.25-default", "kernel-default-debuginfo" },
		{ "5.14.21-150500.33.60-azure", "kernel-azure-debuginfo" },
		{ "6.11.8-1-default", "kernel-default-debuginfo" },
		{ "6.6.1", "/usr/lib/debug/boot/vmlinux-6.6.1" },
	};
	struct od_arena arena;

	(void)state;
	od_arena_init(&arena);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(od_find_package(&arena, rows[i].release, NULL, NULL, false),
				    rows[i].expected);
	assert_string_equal(od_find_package(&arena, "6.6.1", NULL, ID, false),
			    "/usr/lib/debug/.build-id/bb/603a9147d3efe4744bf83c83eee397c591cc20.debug");
	assert_non_null(strstr(od_find_package(&arena, REL, "odd", ID, true), "odd.ko"));
	assert_null(od_find_package(&arena, NULL, NULL, NULL, false));
	od_arena_deinit(&arena);
}

/* Names and addresses; what lies below the image is no address, what is no symbol is passed over. */
static void test_system_map(void **state)
{
	static const char text[] = "0000000000000000 D __per_cpu_start\n"
				   "00000000000001ea A kexec_control_code_size\n"
				   "ffffffff81000000 T _text\n"
				   "ffffffff81000000 T _stext\n"
				   "ffffffff81000040 t alpha\n"
				   "rubbish\nffffffff81000080 T with blank\nffffffff8100009 \n"
				   "ffffffff81000100 W beta\n"
				   "ffffffff81000180 T _etext\n"
				   "ffffffff82000000 D table\n"
				   "ffffffff82000010 B _end";
	const struct od_wanted wanted = { REL, NULL, ID, false };
	const char *const paths[] = { below("d/System.map-" REL) };
	struct od_find *find = od_find_create_below(top, paths, 1, false);
	struct od_debug_symbol sym[2];
	struct od_debug *dbg;

	(void)state;
	put_text("d/System.map-" REL, text);
	dbg = od_find_get(find, &wanted, &absent);
	assert_non_null(dbg);
	assert_non_null(strstr(absent.why, "has no source lines"));
	assert_false(od_debug_has_lines(dbg));
	assert_int_equal(od_debug_find(dbg, "alpha", sym, 2), 1);
	assert_true(sym[0].addr == 0xffffffff81000040 && sym[0].extent == 0xc0);
	assert_true(sym[0].function && !sym[0].global);
	assert_true(od_debug_at(dbg, 0xffffffff8100010f, sym));
	assert_string_equal(sym[0].name, "beta");
	assert_true(sym[0].extent == 0x80);
	assert_true(od_debug_at(dbg, 0xffffffff82000008, sym));
	assert_string_equal(sym[0].name, "table");
	assert_false(sym[0].function);
	assert_false(od_debug_at(dbg, 0x10, sym));
	assert_int_equal(od_debug_find(dbg, "with", sym, 2), 0);
	od_find_destroy(find);
	/* In a directory it is what is left, and only of the right release. */
	assert_found(ask(below("d"), REL, NULL, NULL), "System.map-" REL " without lines");
	assert_null(ask(below("d"), "6.1.0-1-amd64", NULL, NULL));
	put_vmlinux("d/vmlinux", ID, REL, true);
	assert_found(ask(below("d"), REL, NULL, ID), "vmlinux");
	/* What Debian has in /boot. */
	put_text("System.map", "ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n");
	assert_null(ask(below("System.map"), REL, NULL, NULL));
	assert_non_null(strstr(said, "System.map: "));
}

/* Damaged files are said, and do not keep the next best from being used. */
static void test_damaged(void **state)
{
	char data[4096];
	size_t len;
	FILE *f;

	(void)state;
	put_vmlinux("v/vmlinux", ID, REL, true);
	f = fopen(below("v/vmlinux"), "rb");
	assert_non_null(f);
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	/* Each prefix: nothing, or a file that fits. */
	for (size_t n = 0; n < len; n += 7) {
		put("v/vmlinux", data, n);
		ask(below("v/vmlinux"), REL, NULL, ID);
	}
	/* Each byte broken. */
	for (size_t n = 0; n < len; n++) {
		data[n] = (char)~data[n];
		put("v/vmlinux", data, len);
		ask(below("v/vmlinux"), REL, NULL, ID);
		ask(below("v/vmlinux"), NULL, NULL, NULL);
		data[n] = (char)~data[n];
	}
}

static void test_list(void **state)
{
	const struct od_wanted wanted = { REL, NULL, ID, false };
	const char *const paths[] = { "/nowhere/vmlinux", below("a/vmlinux"), below("b/vmlinux") };
	struct od_find *find = od_find_create_below(top, paths, 3, false);
	struct od_find_file file;
	unsigned used = 0;

	(void)state;
	put_vmlinux("a/vmlinux", OTHER, REL, true);
	put_vmlinux("b/vmlinux", ID, REL, true);
	assert_non_null(od_find_get(find, &wanted, &absent));
	for (size_t n = 0; n < 3; n++) {
		assert_true(od_find_nth(find, n, &file));
		assert_string_equal(file.name, "vmlinux");
		used += file.used;
		assert_int_equal(file.used, n == 2);
		assert_int_equal(file.why != NULL, n < 2);
	}
	assert_false(od_find_nth(find, 3, &file));
	assert_int_equal(used, 1);
	od_find_destroy(find);
}

/* --- packed ------------------------------------------------------------------------------------- */

/* Append a file made here. */
static void get(const char *path, struct od_buf *ret)
{
	FILE *f = fopen(below(path), "rb");
	char block[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		od_buf_add(ret, block, n);
	fclose(f);
}

/* path becomes what packer makes of it; false: this build cannot. */
static bool pack(const char *path, bool (*packer)(struct od_buf *buf, const void *data, size_t len),
		 const char *to)
{
	struct od_buf raw = OD_BUF_INIT, packed = OD_BUF_INIT;
	bool can;

	get(path, &raw);
	can = packer(&packed, raw.data, raw.len);
	if (can)
		put(to, packed.data, packed.len);
	od_buf_deinit(&raw);
	od_buf_deinit(&packed);
	return can;
}

static void test_compressed(void **state)
{
	(void)state;
	put_vmlinux("plain/vmlinux", ID, REL, true);
	put_module("plain/ext4.ko", ID, "ext4", REL, true);
	put_text("plain/junk", "neither an ELF file nor a map: far too short, and text");
	if (pack("plain/vmlinux", pack_xz, "a/vmlinux-" REL ".xz")) {
		assert_found(ask(below("a/vmlinux-" REL ".xz"), REL, NULL, ID), "vmlinux-" REL ".xz");
		assert_null(ask(below("a/vmlinux-" REL ".xz"), REL, NULL, OTHER));
		assert_found(ask(below("a"), REL, NULL, ID), "vmlinux-" REL ".xz");
		/* Packed twice is no debug file. */
		pack("a/vmlinux-" REL ".xz", pack_xz, "twice/vmlinux.xz");
		assert_null(ask(below("twice/vmlinux.xz"), REL, NULL, ID));
	}
	if (pack("plain/ext4.ko", pack_gzip, "lib/modules/" REL "/kernel/fs/ext4.ko.gz")) {
		assert_found(ask(NULL, REL, "ext4", ID), "ext4.ko.gz");
		assert_null(ask(NULL, REL, "ext4", OTHER));
	}
	if (pack("plain/ext4.ko", pack_zstd, "b/fs/ext4.ko.zst"))
		assert_found(ask(below("b"), REL, "ext4", ID), "ext4.ko.zst");
	if (pack("plain/junk", pack_gzip, "c/vmlinux.gz"))
		assert_null(ask(below("c/vmlinux.gz"), REL, NULL, NULL));
}

static void add_member(struct od_buf *tar, const char *path)
{
	struct od_buf raw = OD_BUF_INIT;
	char member[256];

	get(path, &raw);
	snprintf(member, sizeof(member), "./%s", path);
	pack_tar_file(tar, member, raw.data, raw.len);
	od_buf_deinit(&raw);
}

#define DEBUG "usr/lib/debug/"
#define MODULES DEBUG "lib/modules/" REL "/kernel/"

/* As Debian's: a kernel and modules; one of them is compressed in it, one is a link. */
static void put_deb(const char *path)
{
	struct od_buf tar = OD_BUF_INIT, deb = OD_BUF_INIT;

	put_vmlinux(DEBUG "boot/vmlinux-" REL, ID, REL, true);
	put_module(MODULES "fs/ext4.ko", ID, "ext4", REL, true);
	put_module(MODULES "fs/nls-utf8.ko", ID, "nls_utf8", REL, true);
	put_module(MODULES "fs/xfs.ko", ID, "xfs", REL, true);
	add_member(&tar, MODULES "fs/ext4.ko");
	add_member(&tar, DEBUG "boot/vmlinux-" REL);
	pack_tar_header(&tar, "./vmlinux", '2', DEBUG "boot/vmlinux-" REL, 0);
	add_member(&tar, MODULES "fs/nls-utf8.ko");
	if (pack(MODULES "fs/xfs.ko", pack_gzip, MODULES "fs/xfs.ko.gz"))
		add_member(&tar, MODULES "fs/xfs.ko.gz");
	else
		add_member(&tar, MODULES "fs/xfs.ko");
	pack_tar_end(&tar);
	pack_deb(&deb, "data.tar", &tar);
	put(path, deb.data, deb.len);
	od_buf_deinit(&tar);
	od_buf_deinit(&deb);
}

/* Longer than below() remembers it. */
static const char *kept(const char *path)
{
	static char full[2][512];
	static unsigned turn;

	snprintf(full[++turn % 2], sizeof(full[0]), "%s/%s", top, path);
	return full[turn % 2];
}

static struct od_debug *get_module(struct od_find *find, const char *module, const char *id, bool out_of_tree)
{
	const struct od_wanted wanted = { REL, module, id, out_of_tree };

	return od_find_get(find, &wanted, &absent);
}

static bool count_passes(void *ctx, uint64_t done, uint64_t size, uint64_t out)
{
	(void)out;
	*(unsigned *)ctx += !done && !size;
	return true;
}

/* In another order than the package has them, announced or not. */
static void test_package(void **state)
{
	const char *const paths[] = { kept("x.deb") };

	(void)state;
	if (!od_unpack_has("libarchive"))
		skip();
	put_deb("x.deb");
	for (int announced = 0; announced < 2; announced++) {
		struct od_find *find = od_find_create_below(top, paths, 1, false);
		unsigned passes = 0;
		const struct od_unpack_watch watch = { count_passes, &passes };

		od_find_watch(find, &watch);
		for (int i = 0; announced && i < 3; i++)
			od_find_expect(find, i == 0 ? NULL : i == 1 ? "nls_utf8" : "ext4");
		assert_non_null(get_module(find, "nls_utf8", ID, false));
		assert_non_null(get_module(find, NULL, ID, false));
		assert_non_null(get_module(find, "ext4", ID, false));
		assert_string_equal(od_debug_name(get_module(find, "ext4", NULL, false)), "ext4.ko");
		assert_int_equal(passes, announced ? 1 : 3);
		assert_non_null(get_module(find, "xfs", ID, false));
		assert_null(get_module(find, "none", ID, false));
		assert_null(get_module(find, "xfs", OTHER, false));
		assert_non_null(strstr(absent.why, "has build id"));
		assert_in_range(passes, 1, 3);
		od_find_destroy(find);
	}
}

/* A module from elsewhere: not looked for behind the kernel. */
static void test_package_foreign(void **state)
{
	const char *const paths[] = { kept("x.deb") };
	struct od_find *find = od_find_create_below(top, paths, 1, false);

	(void)state;
	if (od_unpack_has("libarchive")) {
		put_deb("x.deb");
		assert_null(get_module(find, "mmfslinux", NULL, true));
		assert_null(get_module(find, "xfs", NULL, true));
		assert_non_null(get_module(find, NULL, ID, false));
		assert_non_null(get_module(find, "xfs", NULL, false));
		assert_non_null(get_module(find, "ext4", NULL, false));
	}
	od_find_destroy(find);
}

static bool no_time(void *ctx, uint64_t done, uint64_t size, uint64_t out)
{
	(void)ctx, (void)done, (void)size, (void)out;
	return false;
}

static void test_package_broken(void **state)
{
	const char *const paths[] = { kept("x.deb"), kept("cut.deb") };
	const struct od_unpack_watch watch = { no_time, NULL };
	struct od_buf deb = OD_BUF_INIT;
	struct od_find *find;

	(void)state;
	if (!od_unpack_has("libarchive"))
		skip();
	put_deb("x.deb");
	get("x.deb", &deb);
	put("cut.deb", deb.data, deb.len / 2);
	find = od_find_create_below(top, paths + 1, 1, false);
	assert_null(get_module(find, "xfs", NULL, false));
	assert_non_null(strstr(absent.why, "cut.deb: a package that is damaged or cut off"));
	od_find_destroy(find);
	find = od_find_create_below(top, paths, 1, false);
	od_find_watch(find, &watch);
	assert_null(get_module(find, "xfs", NULL, false));
	assert_non_null(strstr(absent.why, "x.deb: there was no time to read it"));
	od_find_destroy(find);
	od_buf_deinit(&deb);
}

/* --- what was unpacked before --------------------------------------------------------------------- */

static char asked[4][OD_QUESTION];
static unsigned nasked;

static void note_question(void *ctx, size_t nth, const char *question)
{
	(void)ctx;
	assert_int_equal(nth, 0);
	assert_true(od_question_is_valid(question));
	assert_in_range(nasked, 0, 3);
	snprintf(asked[nasked++], OD_QUESTION, "%s", question);
}

/* The questions are told, and nothing is read. */
static void hold(const char *const *paths)
{
	struct od_find *find = od_find_create_below(top, paths, 1, false);
	unsigned passes = 0;
	const struct od_unpack_watch watch = { count_passes, &passes };

	nasked = 0;
	od_find_watch(find, &watch);
	od_find_hold(find, note_question, NULL);
	assert_null(get_module(find, NULL, ID, false));
	assert_null(get_module(find, "none", NULL, false));
	assert_int_equal(passes, 0);
	od_find_destroy(find);
}

static void test_questions(void **state)
{
	static const char *const good[] = { "*", "? ? ? 0", "ext4 " REL " " ID " 1", "nls_utf8 ? ? 0" };
	static const char *const bad[] = { "", " ", "**", "* ", "? ? ?", "? ? ? 2", "? ? ? 0 ", "?  ? ? 0", "? ? ? 00",
					   "../x ? ? 0", "a/b ? ? 0", "? ../1 ? 0", "? 6/1 ? 0", "? x ? 0",
					   "? ? 0123 0", "? ? 0123456789abcdeg 0", "? ? 0123456789ABCDEF 0",
					   "? ? ? 0 0", "a\tb ? ? 0", "? ? ?\n0" };
	char text[OD_QUESTION + 100];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(od_question_is_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (od_question_is_valid(bad[i]))
			fail_msg("taken: %s", bad[i]);
	snprintf(text, sizeof(text), "%0*d ? ? 0", OD_QUESTION + 50, 0);
	assert_false(od_question_is_valid(text));
}

static void test_known(void **state)
{
	const char *const paths[] = { kept("x.deb") };
	const char *const questions[] = { asked[0], asked[1], "xfs ? ? 0" };
	struct od_unpacked ret[3];
	bool answered[3];
	struct od_find *find;
	unsigned passes = 0;
	const struct od_unpack_watch watch = { count_passes, &passes };

	(void)state;
	if (!od_unpack_has("libarchive"))
		skip();
	put_deb("x.deb");
	hold(paths);
	assert_int_equal(nasked, 2);
	assert_string_equal(asked[0], "? " REL " " ID " 0");
	assert_string_equal(asked[1], "none " REL " ? 0");

	find = od_find_create_below(top, paths, 1, false);
	od_find_watch(find, &watch);
	od_find_unpack(find, questions, 3, ret, answered);
	assert_true(answered[0] && answered[1] && answered[2]);
	assert_true(ret[0].ino && !ret[1].ino && ret[2].ino && ret[0].ino != ret[2].ino);
	assert_string_equal(ret[0].name, "vmlinux-" REL);
	assert_int_equal(passes, 1);
	od_find_destroy(find);

	put_vmlinux("cache/1", ID, REL, true);
	for (int there = 1; there >= 0; there--) {
		char file[512];
		struct od_find_known known[] = { { paths[0], asked[0], file, "vmlinux-" REL },
						 { paths[0], asked[1], NULL, NULL },
						 { "another", "xfs " REL " ? 0", NULL, NULL } };

		snprintf(file, sizeof(file), "%s", below(there ? "cache/1" : "cache/2"));
		passes = 0;
		find = od_find_create_below(top, paths, 1, false);
		od_find_watch(find, &watch);
		od_find_know(find, known, 3);
		assert_null(get_module(find, "none", NULL, false));
		assert_int_equal(passes, 0);
		/* If its file is gone, the package is read for it. */
		assert_string_equal(od_debug_name(get_module(find, NULL, ID, false)), "vmlinux-" REL);
		assert_int_equal(passes, !there);
		/* It is judged as any other file. */
		assert_null(get_module(find, NULL, OTHER, false));
		assert_non_null(get_module(find, "xfs", NULL, false));
		od_find_destroy(find);
	}
}

static void test_known_stream(void **state)
{
	const char *const paths[] = { kept("vmlinux.gz") };
	const char *const questions[] = { "*" };
	const struct od_find_known known[] = { { paths[0], "*", kept("cache/1"), "vmlinux.gz" } };
	struct od_unpacked ret;
	struct od_find *find;
	bool answered;

	(void)state;
	put_vmlinux("cache/1", ID, REL, true);
	if (!pack("cache/1", pack_gzip, "vmlinux.gz"))
		skip();
	hold(paths);
	assert_int_equal(nasked, 1);
	assert_string_equal(asked[0], "*");
	find = od_find_create_below(top, paths, 1, false);
	od_find_unpack(find, questions, 1, &ret, &answered);
	assert_true(answered && ret.ino);
	assert_string_equal(ret.name, "vmlinux.gz");
	od_find_destroy(find);
	put_text("vmlinux.gz", "what is there now is not looked at");
	find = od_find_create_below(top, paths, 1, false);
	od_find_know(find, known, 1);
	assert_string_equal(od_debug_name(get_module(find, NULL, ID, false)), "vmlinux.gz");
	od_find_destroy(find);
	find = od_find_create_below(top, paths, 1, false);
	od_find_unpack(find, questions, 1, &ret, &answered);
	assert_false(answered);
	od_find_destroy(find);
}

/* "There is nothing" is an answer only of a package that was read as far as that can be said. */
static void test_known_not(void **state)
{
	const char *const paths[] = { kept("cut.deb") };
	const char *const questions[] = { "ext4 ? ? 0", "none ? ? 0", "*" };
	struct od_buf deb = OD_BUF_INIT;
	struct od_unpacked ret[3];
	bool answered[3];
	struct od_find *find;

	(void)state;
	if (!od_unpack_has("libarchive"))
		skip();
	put_deb("x.deb");
	get("x.deb", &deb);
	put("cut.deb", deb.data, deb.len / 2);
	find = od_find_create_below(top, paths, 1, false);
	od_find_unpack(find, questions, 3, ret, answered);
	assert_true(answered[0] && ret[0].ino);
	assert_false(answered[1] || answered[2]);
	od_find_destroy(find);
	/* Nor if there was no memory for what is in it. */
	put("cut.deb", deb.data, deb.len);
	od_unpack_set_budget(100);
	find = od_find_create_below(top, paths, 1, false);
	od_find_unpack(find, questions, 3, ret, answered);
	assert_false(answered[0] || answered[2]);
	od_find_destroy(find);
	od_unpack_set_budget(OD_UNPACK_BYTES);
	od_buf_deinit(&deb);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_nothing), TEST(test_kernel_places), TEST(test_module_places),
		TEST(test_lines_first), TEST(test_refused), TEST(test_by_content), TEST(test_several),
		TEST(test_walk), TEST(test_hostile_names), TEST(test_packages), TEST(test_damaged),
		TEST(test_list), TEST(test_system_map), TEST(test_compressed), TEST(test_package),
		TEST(test_package_foreign), TEST(test_package_broken),
		TEST(test_questions), TEST(test_known), TEST(test_known_stream), TEST(test_known_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
