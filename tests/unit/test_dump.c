/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each format of dumps, and each damage to one: what is not there is said by why, never read as zeros. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "symbols/vmcoreinfo.h"
#include "target/dump-internal.h"
#include "tests/unit/fixture-dump.h"

enum { BLOCK = 4096, PAGES = 9000 /* over two of the chunks that are counted */ };

static const char info_text[] = "OSRELEASE=6.1.0-test\nPAGESIZE=4096\nSYMBOL(swapper_pg_dir)=ffffffff82000000\n"
				"NUMBER(phys_base)=16777216\nNUMBER(pgtable_l5_enabled)=0\n";

static struct od_dump *open_bufs(const struct od_buf *bufs, unsigned n, int *fds, struct od_error **err)
{
	struct od_dump *d = NULL;

	for (unsigned i = 0; i < n; i++)
		fds[i] = fixture_file(&bufs[i]);
	*err = od_dump_open(fds, n, &d);
	return d;
}

/* Open or fail; the descriptor stays open until the test ends. */
static struct od_dump *open_one(const struct od_buf *buf)
{
	struct od_error *err;
	int fd;
	struct od_dump *d = open_bufs(buf, 1, &fd, &err);

	if (err)
		fail_msg("%s", err->message);
	return d;
}

static void close_one(struct od_dump *d)
{
	int fd = d->src[0].fd;

	od_dump_destroy(d);
	close(fd);
}

static void has_vmcoreinfo(struct od_dump *d)
{
	size_t len = 0;
	bool scanned;
	const char *text = od_dump_vmcoreinfo(d, &len, &scanned);

	assert_non_null(text);
	assert_int_equal(len, sizeof(info_text) - 1);
	assert_memory_equal(text, info_text, len);
	assert_false(scanned);
}

static void refused(const struct od_buf *buf, const char *words)
{
	struct od_error *err;
	int fd;
	struct od_dump *d = open_bufs(buf, 1, &fd, &err);

	assert_null(d);
	assert_non_null(err);
	if (!strstr(err->message, words))
		fail_msg("\"%s\" does not say \"%s\"", err->message, words);
	od_error_free(err);
	close(fd);
}

static enum od_mem_status page_status(struct od_dump *d, uint64_t pfn, uint8_t *page)
{
	size_t got;

	return d->mem.read(&d->mem, OD_PHYS, pfn * d->block_size, page, d->block_size, &got);
}

/* --- ELF ------------------------------------------------------------------------------------------- */

static void elf_with(struct od_buf *buf, bool is32, bool be, uint16_t machine, uint32_t empty)
{
	static uint8_t low[3 * BLOCK], high[2 * BLOCK];
	struct od_buf notes = OD_BUF_INIT;
	uint8_t prstatus[336] = { 0 };
	/* Unsorted; one that begins and ends within pages, one over half of the other, one with more in memory. */
	const struct fixture_segment segments[] = {
		{ PT_NOTE, 0, 0, 0, 0, NULL },
		{ PT_LOAD, 0, 0x100000, sizeof(high), 4 * BLOCK, high },
		{ PT_LOAD, 0, 0x1800, sizeof(low) - BLOCK - 0x300, sizeof(low) - BLOCK - 0x300, low + 0x800 },
		{ PT_LOAD, 0, 0x101000, BLOCK, BLOCK, high + BLOCK },
	};
	struct fixture_segment all[4];
	struct fixture_elf spec = { is32, be, machine, all, 4, empty };

	for (size_t i = 0; i < sizeof(low) / BLOCK; i++)
		fixture_fill(low + i * BLOCK, BLOCK, 1 + i);
	for (size_t i = 0; i < sizeof(high) / BLOCK; i++)
		fixture_fill(high + i * BLOCK, BLOCK, 0x100 + i);
	memcpy(all, segments, sizeof(all));
	fixture_put(prstatus + (is32 ? 24 : 32), 77, 4, be);
	memset(prstatus + (is32 ? 72 : 112), 0xab, is32 ? 68 : 216);
	fixture_note(&notes, "CORE", NT_PRSTATUS, prstatus, is32 ? 144 : 336, be);
	fixture_put(prstatus + (is32 ? 24 : 32), 78, 4, be);
	fixture_note(&notes, "CORE", NT_PRSTATUS, prstatus, is32 ? 144 : 336, be);
	fixture_note(&notes, "OTHER", 5, "x", 1, be);
	fixture_note(&notes, "QEMU", 0, prstatus, 100, be);
	fixture_note(&notes, "VMCOREINFO", 0, info_text, sizeof(info_text) - 1, be);
	all[0].filesz = notes.len;
	all[0].data = notes.data;
	fixture_elf(buf, &spec);
	od_buf_deinit(&notes);
}

static void check_elf(struct od_dump *d, bool is32, const char *arch)
{
	struct od_prstatus prs;
	uint8_t want[BLOCK], have[3 * BLOCK];
	size_t got;

	assert_string_equal(d->facts.arch, arch);
	assert_int_equal(d->facts.nprstatus, 2);
	assert_true(od_dump_prstatus(d, 1, &prs));
	assert_int_equal(prs.pid, 78);
	assert_int_equal(prs.size, is32 ? 68 : 216);
	assert_int_equal(prs.regs[0], 0xab);
	assert_int_equal(prs.regs[prs.size - 1], 0xab);
	assert_false(od_dump_prstatus(d, 2, &prs));
	has_vmcoreinfo(d);
	assert_non_null(d->qemu);
	assert_false(d->facts.truncated);
	assert_int_equal(d->facts.max_pfn, 0x104);

	fixture_fill(want, BLOCK, 0x101);
	assert_int_equal(page_status(d, 0x101, have), OD_MEM_OK);
	assert_memory_equal(have, want, BLOCK);
	assert_int_equal(page_status(d, 0x102, have), OD_MEM_EXCLUDED);
	assert_int_equal(page_status(d, 0x103, have), OD_MEM_EXCLUDED);
	assert_int_equal(page_status(d, 0x104, have), OD_MEM_ABSENT);
	/* Half pages, byte by byte. */
	fixture_fill(want, BLOCK, 1);
	assert_int_equal(od_dump_phys(d, 0x17ff, have, 2, &got), OD_MEM_ABSENT);
	assert_int_equal(got, 0);
	assert_int_equal(od_dump_phys(d, 0x1800, have, 0x800, &got), OD_MEM_OK);
	assert_memory_equal(have, want + 0x800, 0x800);
	fixture_fill(want, BLOCK, 2);
	assert_int_equal(od_dump_phys(d, 0x2000, have, 2 * BLOCK, &got), OD_MEM_ABSENT);
	assert_int_equal(got, 0x1500);
	assert_memory_equal(have, want, BLOCK);
	assert_int_equal(od_dump_phys(d, 0x100ff8, have, 16, &got), OD_MEM_OK);
	assert_int_equal(od_dump_phys(d, UINT64_MAX - 3, have, 16, &got), OD_MEM_ABSENT);
	assert_int_equal(od_dump_phys(d, 0x100000, have, sizeof(have), &got), OD_MEM_EXCLUDED);
	assert_int_equal(got, 2 * BLOCK);
}

static void test_elf(void **state)
{
	static const struct {
		bool is32, be;
		uint16_t machine;
		const char *arch;
	} kinds[] = {
		{ false, false, EM_X86_64, "x86_64" }, { false, true, EM_S390, "s390x" },
		{ true, false, EM_386, "i386" },       { true, true, EM_PPC, "ppc" },
		{ false, false, EM_PPC64, "ppc64le" }, { false, false, EM_AARCH64, "aarch64" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct od_buf buf = OD_BUF_INIT, flat = OD_BUF_INIT;
		struct od_dump *d;

		elf_with(&buf, kinds[i].is32, kinds[i].be, kinds[i].machine, 0);
		d = open_one(&buf);
		check_elf(d, kinds[i].is32, kinds[i].arch);
		assert_false(d->facts.flattened);
		close_one(d);
		fixture_flatten(&flat, &buf, 1000);
		d = open_one(&flat);
		check_elf(d, kinds[i].is32, kinds[i].arch);
		assert_true(d->facts.flattened);
		close_one(d);
		od_buf_deinit(&flat);
		od_buf_deinit(&buf);
	}
}

/* More than 65534 segments: the number is in the first section header. */
static void test_elf_many(void **state)
{
	struct od_buf buf = OD_BUF_INIT;
	struct od_dump *d;

	(void)state;
	elf_with(&buf, false, false, EM_X86_64, 70000);
	d = open_one(&buf);
	check_elf(d, false, "x86_64");
	close_one(d);
	od_buf_deinit(&buf);
}

/* Cut anywhere, it opens or is refused, and what can be read is right. */
static void test_elf_cut(void **state)
{
	struct od_buf buf = OD_BUF_INIT;
	uint8_t want[BLOCK], have[BLOCK];
	size_t whole, got;

	(void)state;
	elf_with(&buf, false, false, EM_X86_64, 0);
	whole = buf.len;
	fixture_fill(want, BLOCK, 0x101);
	for (size_t cut = 64; cut < whole; cut += 61) {
		struct od_error *err;
		struct od_dump *d;
		enum od_mem_status st;
		int fd;

		buf.len = cut;
		d = open_bufs(&buf, 1, &fd, &err);
		if (d) {
			assert_true(d->facts.truncated);
			st = od_dump_phys(d, 0x101000, have, BLOCK, &got);
			assert_true(st == OD_MEM_TRUNCATED || st == OD_MEM_OK || st == OD_MEM_ABSENT);
			assert_int_equal(got == BLOCK, st == OD_MEM_OK);
			assert_memory_equal(have, want, got);
			od_dump_destroy(d);
		}
		od_error_free(err);
		close(fd);
	}
	od_buf_deinit(&buf);
}

static void test_elf_refused(void **state)
{
	struct od_buf buf = OD_BUF_INIT, notes = OD_BUF_INIT;
	struct fixture_segment segments[] = { { PT_NOTE, 0, 0, 0, 0, NULL },
					      { PT_LOAD, 0x400000, 0, 8, 8, "12345678" } };
	struct fixture_elf spec = { false, false, EM_X86_64, segments, 2, 0 };

	(void)state;
	elf_with(&buf, false, false, EM_X86_64, 0);
	fixture_put((uint8_t *)buf.data + 54, 0, 2, false);
	refused(&buf, "program headers have 0 bytes");
	buf.len = 50;
	refused(&buf, "ends in its header");
	od_buf_reset(&buf);
	fixture_note(&notes, "CORE", NT_PRPSINFO, "process", 7, false);
	segments[0].filesz = notes.len;
	segments[0].data = notes.data;
	fixture_elf(&buf, &spec);
	refused(&buf, "of a process");
	od_buf_reset(&buf);
	segments[1].type = PT_NULL;
	segments[0].filesz = 0;
	fixture_elf(&buf, &spec);
	refused(&buf, "without memory");
	od_buf_deinit(&notes);
	od_buf_deinit(&buf);
}

/* A note that claims more than there is ends the notes; what was read before it stays. */
static void test_notes_lie(void **state)
{
	struct od_dump d = { .mem = { .pointer_size = 8 } };
	struct od_buf notes = OD_BUF_INIT;
	static const uint32_t sizes[] = { UINT32_MAX, UINT32_MAX - 3, 0x7fffffff, 64, 13 };
	uint8_t prstatus[392] = { 0 };

	(void)state;
	od_arena_init(&d.arena);
	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(*sizes); i++) {
		uint8_t *copy;

		od_buf_reset(&notes);
		d.facts.nprstatus = 0;
		fixture_note(&notes, "CORE", NT_PRSTATUS, prstatus, sizeof(prstatus), false);
		fixture_add(&notes, i & 1 ? sizes[i / 2] : 4, 4, false);
		fixture_add(&notes, i & 1 ? 4 : sizes[i / 2], 4, false);
		fixture_add(&notes, 1, 4, false);
		od_buf_add(&notes, "CORExxxxx", 9);
		copy = od_malloc(notes.len); /* a sanitizer sees what is read beyond */
		memcpy(copy, notes.data, notes.len);
		od_dump_take_notes(&d, copy, notes.len);
		assert_int_equal(d.facts.nprstatus, 1);
		free(copy);
	}
	od_dump_guess_arch(&d);
	assert_string_equal(d.facts.arch, "aarch64");
	od_buf_deinit(&notes);
	od_arena_deinit(&d.arena);
}

/* --- kdump ------------------------------------------------------------------------------------------------ */

static void choose_pages(enum fixture_page *pages)
{
	static const enum fixture_page some[] = { PAGE_DATA, PAGE_RAW, PAGE_ZERO, PAGE_EXCLUDED, PAGE_ABSENT };

	memset(pages, 0, PAGES * sizeof(*pages));
	for (unsigned i = 0; i < 300; i++)
		pages[i * 29 % PAGES] = some[i % 5];
	pages[4095] = pages[4096] = pages[8191] = pages[8192] = pages[8999] = PAGE_DATA;
}

static void check_pages(struct od_dump *d, const enum fixture_page *pages, uint64_t from, uint64_t to,
			unsigned method)
{
	uint8_t *want = od_malloc(d->block_size), *have = od_malloc(d->block_size);
	bool available = true;

	if (method)
		od_inflate_name(method, &available);
	for (uint64_t pfn = from; pfn < to; pfn++) {
		enum od_mem_status st = page_status(d, pfn, have);

		switch (pages[pfn]) {
		case PAGE_ABSENT: assert_int_equal(st, OD_MEM_ABSENT); break;
		case PAGE_EXCLUDED: assert_int_equal(st, OD_MEM_EXCLUDED); break;
		case PAGE_DATA: case PAGE_RAW: case PAGE_ZERO:
			if (!available && pages[pfn] == PAGE_DATA)
				break;
			fixture_fill(want, d->block_size, pfn);
			if (pages[pfn] == PAGE_ZERO)
				memset(want, 0, d->block_size);
			assert_int_equal(st, OD_MEM_OK);
			assert_memory_equal(have, want, d->block_size);
			break;
		case PAGE_NOT_WRITTEN: case PAGE_BEYOND: assert_int_equal(st, OD_MEM_TRUNCATED); break;
		default: assert_int_equal(st, OD_MEM_DAMAGED); break;
		}
	}
	assert_int_equal(page_status(d, d->facts.max_pfn, have), OD_MEM_ABSENT);
	free(want);
	free(have);
}

static void check_kdump(const struct fixture_kdump *spec, const struct od_buf *buf)
{
	struct od_dump *d = open_one(buf);
	uint64_t n = 0;

	assert_int_equal(d->mem.big_endian, spec->big_endian);
	assert_int_equal(d->mem.pointer_size, spec->is32 ? 4 : 8);
	assert_int_equal(d->mem.page_size, spec->block_size);
	assert_int_equal(d->facts.timestamp, 1700000000);
	assert_int_equal(d->facts.dump_level, 31);
	assert_int_equal(d->facts.max_pfn, spec->npages);
	assert_string_equal(d->facts.release, spec->machine ? "6.1.0-test" : "");
	assert_string_equal(d->facts.nodename, spec->machine ? "node" : "");
	for (uint32_t i = 0; i < spec->npages; i++)
		n += spec->pages[i] >= PAGE_DATA;
	assert_int_equal(d->facts.pages, n);
	if (spec->vmcoreinfo && spec->version >= 3)
		has_vmcoreinfo(d);
	if (spec->notes && spec->version >= 4)
		assert_int_equal(d->facts.nprstatus, 1);
	/* Forwards, then backwards: what was counted is found again. */
	check_pages(d, spec->pages, 0, spec->npages, spec->method);
	for (uint32_t i = spec->npages; i >= 9; i -= 9)
		check_pages(d, spec->pages, i - 9, i, spec->method);
	close_one(d);
}

static void test_kdump(void **state)
{
	static enum fixture_page pages[PAGES];
	static const struct {
		bool is32, padded, be;
		unsigned version, method, block;
		const char *machine;
	} kinds[] = {
		{ 0, 0, 0, 6, 1, 4096, "x86_64" },    { 0, 0, 0, 6, 2, 4096, "x86_64" },
		{ 0, 0, 0, 6, 4, 4096, "x86_64" },    { 0, 0, 0, 6, 0x20, 4096, "x86_64" },
		{ 0, 0, 0, 6, 0, 4096, NULL },	      { 0, 0, 0, 5, 1, 4096, "x86_64" },
		{ 0, 0, 0, 4, 1, 4096, "x86_64" },    { 0, 0, 0, 3, 1, 4096, "x86_64" },
		{ 0, 0, 0, 2, 1, 4096, "x86_64" },    { 0, 0, 0, 1, 1, 4096, "x86_64" },
		{ 0, 0, 1, 6, 1, 4096, "s390x" },     { 0, 0, 0, 6, 1, 65536, "aarch64" },
		{ 1, 0, 0, 6, 1, 4096, "i686" },      { 1, 0, 0, 3, 1, 4096, "i686" },
		{ 1, 1, 1, 6, 2, 4096, "ppc" },	      { 1, 1, 0, 5, 1, 4096, "armv7l" },
		{ 0, 0, 0, 6, 5, 4096, "x86_64" },
	};
	struct od_buf notes = OD_BUF_INIT;
	uint8_t prstatus[336] = { 0 };

	(void)state;
	choose_pages(pages);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct od_buf buf = OD_BUF_INIT, flat = OD_BUF_INIT;
		struct fixture_kdump spec = {
			.version = kinds[i].version, .method = kinds[i].method, .block_size = kinds[i].block,
			.is32 = kinds[i].is32, .padded = kinds[i].padded, .big_endian = kinds[i].be,
			.machine = kinds[i].machine, .pages = pages,
			.npages = kinds[i].block == 4096 ? PAGES : 3000,
			.vmcoreinfo = info_text, .notes = &notes,
		};

		od_buf_reset(&notes);
		fixture_note(&notes, "CORE", NT_PRSTATUS, prstatus, sizeof(prstatus), kinds[i].be);
		fixture_kdump(&buf, &spec);
		check_kdump(&spec, &buf);
		if (i < 4) {
			fixture_flatten(&flat, &buf, 9999);
			check_kdump(&spec, &flat);
		}
		od_buf_deinit(&flat);
		od_buf_deinit(&buf);
	}
	od_buf_deinit(&notes);
}

static void test_kdump_damage(void **state)
{
	static enum fixture_page pages[64];
	struct od_buf buf = OD_BUF_INIT;
	struct fixture_kdump spec = { .version = 6, .method = 1, .block_size = BLOCK, .machine = "x86_64",
				      .pages = pages, .npages = 64, .vmcoreinfo = info_text };
	struct od_dump *d;

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		pages[i] = i % (PAGE_GARBAGE + 1);
	fixture_kdump(&buf, &spec);
	d = open_one(&buf);
	assert_true(d->facts.truncated);
	assert_true(d->facts.incomplete);
	check_pages(d, pages, 0, 64, 1);
	check_pages(d, pages, 0, 64, 1); /* a page that failed is in no cache */
	close_one(d);
	od_buf_deinit(&buf);
}

/* One bitmap: what is not in it is not known to have been there. */
static void test_kdump_one_bitmap(void **state)
{
	static enum fixture_page pages[64];
	struct od_buf buf = OD_BUF_INIT;
	struct fixture_kdump spec = { .version = 1, .method = 1, .block_size = BLOCK, .machine = "x86_64",
				      .pages = pages, .npages = 64, .one_bitmap = true };
	struct od_dump *d;

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		pages[i] = i % 3 ? PAGE_DATA : PAGE_ABSENT;
	fixture_kdump(&buf, &spec);
	d = open_one(&buf);
	check_pages(d, pages, 0, 64, 1);
	close_one(d);
	od_buf_deinit(&buf);
}

static void test_kdump_cut(void **state)
{
	static enum fixture_page pages[PAGES];
	struct od_buf buf = OD_BUF_INIT;
	struct fixture_kdump spec = { .version = 6, .method = 1, .block_size = BLOCK, .machine = "x86_64",
				      .pages = pages, .npages = PAGES };
	uint8_t want[BLOCK], have[BLOCK];

	(void)state;
	choose_pages(pages);
	fixture_kdump(&buf, &spec);
	for (size_t cut = buf.len - 1; cut > 464; cut -= 3001 < cut ? 3001 : cut) {
		struct od_dump *d;

		buf.len = cut;
		d = open_one(&buf);
		assert_true(d->facts.truncated || cut < 3 * BLOCK);
		for (unsigned i = 0; i < PAGES; i += 29) {
			enum od_mem_status st = page_status(d, i, have);

			if (st == OD_MEM_OK) {
				fixture_fill(want, BLOCK, i);
				if (pages[i] == PAGE_ZERO)
					memset(want, 0, BLOCK);
				assert_memory_equal(have, want, BLOCK);
			} else if (pages[i] >= PAGE_DATA) {
				assert_true(st == OD_MEM_TRUNCATED || (cut < 2 * BLOCK && st == OD_MEM_ABSENT));
			}
		}
		close_one(d);
	}
	buf.len = 463;
	refused(&buf, "ends in its header");
	od_buf_deinit(&buf);
}

static void test_kdump_refused(void **state)
{
	static enum fixture_page pages[64];
	struct od_buf buf = OD_BUF_INIT;
	struct fixture_kdump spec = { .version = 6, .block_size = BLOCK, .machine = "x86_64",
				      .pages = pages, .npages = 64 };
	static const struct {
		unsigned at;
		uint32_t value;
	} wrong[] = { { 428, 0 }, { 428, 4097 }, { 428, 1 << 30 }, { 428, UINT32_MAX }, { 432, UINT32_MAX },
		      { 436, 0 }, { 8, 1 << 20 } };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		od_buf_reset(&buf);
		fixture_kdump(&buf, &spec);
		fixture_put((uint8_t *)buf.data + wrong[i].at, wrong[i].value, 4, false);
		refused(&buf, "makes no sense");
	}
	od_buf_deinit(&buf);
}

/* --- split -------------------------------------------------------------------------------------------------- */

static void make_parts(struct od_buf bufs[3], const enum fixture_page *pages, uint32_t n)
{
	const uint64_t ends[] = { 0, 4100, 8000, n };

	for (unsigned i = 0; i < 3; i++) {
		struct fixture_kdump spec = {
			.version = 6, .method = 1, .block_size = BLOCK, .machine = "x86_64", .pages = pages,
			.npages = n, .split = true, .start = ends[i], .end = ends[i + 1],
			.vmcoreinfo = i == 1 ? info_text : NULL,
		};

		fixture_kdump(&bufs[i], &spec);
	}
}

static void close_all(struct od_dump *d, const int *fds, unsigned n)
{
	od_dump_destroy(d);
	for (unsigned i = 0; i < n; i++)
		close(fds[i]);
}

static void test_split(void **state)
{
	static enum fixture_page pages[PAGES];
	static const unsigned orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 } };
	struct od_buf bufs[3] = { OD_BUF_INIT, OD_BUF_INIT, OD_BUF_INIT };
	struct od_error *err;
	struct od_dump *d;
	int fds[3];

	(void)state;
	choose_pages(pages);
	make_parts(bufs, pages, PAGES);
	for (unsigned i = 0; i < 3; i++) {
		struct od_buf in_order[3] = { bufs[orders[i][0]], bufs[orders[i][1]], bufs[orders[i][2]] };

		d = open_bufs(in_order, 3, fds, &err);
		assert_null(err);
		assert_true(d->facts.split);
		assert_null(od_dump_note(d, 0));
		has_vmcoreinfo(d);
		check_pages(d, pages, 0, PAGES, 1);
		close_all(d, fds, 3);
	}
	/* The one in the middle is missing. */
	bufs[1].len ^= bufs[2].len, bufs[2].len ^= bufs[1].len, bufs[1].len ^= bufs[2].len;
	{
		struct od_buf two[2] = { bufs[0], { .data = bufs[2].data, .len = bufs[1].len } };
		uint8_t page[BLOCK];

		d = open_bufs(two, 2, fds, &err);
		assert_null(err);
		assert_string_equal(od_dump_note(d, 0), "the part with page frames 4100 to 7999 is missing");
		check_pages(d, pages, 0, 4100, 1);
		check_pages(d, pages, 8000, PAGES, 1);
		for (unsigned i = 4100; i < 8000; i++)
			assert_int_equal(page_status(d, i, page), pages[i] >= PAGE_DATA ? OD_MEM_TRUNCATED :
					 pages[i] == PAGE_EXCLUDED ? OD_MEM_EXCLUDED : OD_MEM_ABSENT);
		close_all(d, fds, 2);
	}
	for (unsigned i = 0; i < 3; i++)
		od_buf_deinit(&bufs[i]);
}

static void test_not_a_set(void **state)
{
	static enum fixture_page pages[64];
	struct od_buf bufs[2] = { OD_BUF_INIT, OD_BUF_INIT };
	struct fixture_kdump spec = { .version = 6, .block_size = BLOCK, .machine = "x86_64",
				      .pages = pages, .npages = 64 };
	struct od_error *err;
	int fds[2];

	(void)state;
	fixture_kdump(&bufs[0], &spec);
	spec.npages = 32;
	fixture_kdump(&bufs[1], &spec);
	assert_null(open_bufs(bufs, 2, fds, &err));
	assert_non_null(strstr(err->message, "not parts of one"));
	od_error_free(err);
	close_all(NULL, fds, 2);
	od_buf_deinit(&bufs[0]);
	od_buf_deinit(&bufs[1]);
}

/* --- flattened ------------------------------------------------------------------------------------------------ */

static void flat_head(struct od_buf *buf)
{
	od_buf_add(buf, "makedumpfile\0\0\0\0", 16);
	fixture_add(buf, 1, 8, true);
	fixture_add(buf, 1, 8, true);
	od_buf_fill(buf, '\0', 4096 - 32);
}

static void flat_record(struct od_buf *buf, uint64_t at, uint64_t size, const char *data)
{
	fixture_add(buf, at, 8, true);
	fixture_add(buf, size, 8, true);
	if (data)
		od_buf_add(buf, data, strlen(data));
}

static void flat_is(const struct od_buf *buf, const char *want, size_t len, bool truncated)
{
	struct od_source src;
	char have[64] = { 0 };
	int fd = fixture_file(buf);

	assert_null(od_source_open(&src, fd));
	assert_int_equal(src.truncated, truncated);
	assert_int_equal(od_source_read(&src, 0, have, sizeof(have)), len);
	assert_memory_equal(have, want, len);
	od_source_close(&src);
	close(fd);
}

static void test_flat(void **state)
{
	struct od_buf buf = OD_BUF_INIT;
	size_t whole;

	(void)state;
	flat_head(&buf);
	flat_record(&buf, 8, 4, "late");
	flat_record(&buf, 0, 6, "begins");
	flat_record(&buf, 4, 3, "nig"); /* over the one before, and into a hole */
	flat_record(&buf, 20, 3, "end");
	flat_record(&buf, 20, 1, "E");
	whole = buf.len;
	flat_record(&buf, UINT64_MAX, UINT64_MAX, NULL);
	flat_is(&buf, "beginig\0late\0\0\0\0\0\0\0\0End", 23, false);
	/* Without its end a hole may be what is lost. */
	buf.len = whole;
	flat_is(&buf, "beginig", 7, true);
	flat_record(&buf, UINT64_MAX - 1, 8, "negative");
	flat_is(&buf, "beginig", 7, true);
	buf.len = whole;
	flat_record(&buf, INT64_MAX, 8, "overflow");
	flat_is(&buf, "beginig", 7, true);
	buf.len = whole;
	flat_record(&buf, 7, 1, "!");
	flat_record(&buf, 12, 100, "cut");
	flat_is(&buf, "beginig!latecut", 15, true);
	od_buf_reset(&buf);
	flat_head(&buf);
	fixture_put((uint8_t *)buf.data + 24, 2, 8, true);
	refused(&buf, "unknown type or version");
	od_buf_deinit(&buf);
}

/* Against an array of bytes. */
static void test_extents(void **state)
{
	enum { SPACE = 300 };
	uint32_t seed = 7;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		uint64_t want[SPACE] = { 0 };
		struct od_extents x = { 0 };
		unsigned n = round % 12;

		for (unsigned i = 0; i < n; i++) {
			uint64_t start, size, pos = 1000 * (i + 1);

			seed = seed * 1664525u + 1013904223u;
			start = seed >> 16 & 0xff;
			size = seed >> 24 & (round & 1 ? 0x3f : 7);
			if (start + size > SPACE)
				size = SPACE - start;
			od_extents_add(&x, start, size, pos);
			for (uint64_t k = 0; k < size; k++)
				want[start + k] = pos + k;
		}
		od_extents_sort(&x);
		for (uint64_t at = 0; at < SPACE; at++) {
			uint64_t next = 0, first = at;
			const struct od_extent *e = od_extents_find(&x, at, &next);

			assert_int_equal(e ? e->pos + (at - e->start) : 0, want[at]);
			while (first < SPACE && !want[first])
				first++;
			if (!e)
				assert_true(next == (first < SPACE ? first : UINT64_MAX));
		}
		od_extents_free(&x);
	}
}

/* --- what a file is --------------------------------------------------------------------------------------------- */

static void test_probe(void **state)
{
	static const struct {
		const char *head;
		size_t len;
		const char *name, *advice;
	} rows[] = {
		{ "KDUMP   \6", 9, "kdump-compressed", NULL },
		{ "makedumpfile\0\0\0\0\0", 17, "flattened dump", NULL },
		{ "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\4\0", 18, "ELF core", NULL },
		{ "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0", 18, NULL, NULL },
		{ "KDUMP", 5, NULL, NULL },
		{ "\xd2\xbe\xd2\xbe\0\0\0\0", 8, NULL, "vmss2core" },
		{ "\177VirtualBox SavedState V2.0\n", 28, NULL, "dumpvmcore" },
		{ "LibvirtQemudSave", 16, NULL, "virsh dump" },
		{ "PAGEDU64", 8, NULL, "Windows" },
		{ "[    0.000000] Linux version", 28, NULL, NULL },
		{ "", 0, NULL, NULL },
	};
	uint8_t ram[4096] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *name = od_dump_probe(rows[i].head, rows[i].len);
		const char *advice = od_dump_advice(rows[i].head, rows[i].len);

		assert_int_equal(!name, !rows[i].name);
		if (name)
			assert_string_equal(name, rows[i].name);
		assert_int_equal(!advice, !rows[i].advice);
		if (advice)
			assert_non_null(strstr(advice, rows[i].advice));
	}
	assert_null(od_dump_advice(ram, sizeof(ram)));
	memcpy(ram + 4086, "S1SUSPEND", 9);
	assert_non_null(strstr(od_dump_advice(ram, sizeof(ram)), "hibernation"));
	memset(ram, 0, sizeof(ram));
	for (unsigned i = 0; i < 40; i++)
		fixture_put(ram + 4 * i, i % 16 ? 0xf000ff53 : 0xc0000152, 4, false);
	assert_non_null(strstr(od_dump_advice(ram, sizeof(ram)), "raw memory"));
	assert_null(od_dump_advice(ram, 64));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elf),	      cmocka_unit_test(test_elf_many),
		cmocka_unit_test(test_elf_cut),	      cmocka_unit_test(test_elf_refused),
		cmocka_unit_test(test_notes_lie),     cmocka_unit_test(test_kdump),
		cmocka_unit_test(test_kdump_damage),  cmocka_unit_test(test_kdump_one_bitmap),
		cmocka_unit_test(test_kdump_cut),     cmocka_unit_test(test_kdump_refused),
		cmocka_unit_test(test_split),	      cmocka_unit_test(test_not_a_set),
		cmocka_unit_test(test_flat),	      cmocka_unit_test(test_extents),
		cmocka_unit_test(test_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
