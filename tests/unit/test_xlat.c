/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page tables of x86-64 and arm64, made by hand; and VMCOREINFO that only memory has. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "symbols/vmcoreinfo.h"
#include "target/dump.h"
#include "tests/unit/fixture-dump.h"

enum { MEMORY = 4 << 20 };

struct machine {
	uint8_t *memory; /* MEMORY bytes from physical address base on */
	uint64_t base;
	uint64_t lost, lost_end; /* left out of the dump */
	uint16_t elf;
	char info[1024];
	struct od_dump *d;
	int fd;
};

static void machine_init(struct machine *m, uint16_t elf, uint64_t base)
{
	memset(m, 0, sizeof(*m));
	m->memory = od_calloc(1, MEMORY);
	m->base = base;
	m->elf = elf;
}

static void put(struct machine *m, uint64_t phys, uint64_t value)
{
	assert_true(phys >= m->base && phys + 8 <= m->base + MEMORY);
	fixture_put(m->memory + (phys - m->base), value, 8, false);
}

static void start(struct machine *m)
{
	struct od_buf notes = OD_BUF_INIT, buf = OD_BUF_INIT;
	uint64_t lost = m->lost ? m->lost - m->base : MEMORY, end = m->lost ? m->lost_end - m->base : MEMORY;
	struct fixture_segment segments[] = {
		{ PT_NOTE, 0, 0, 0, 0, NULL },
		{ PT_LOAD, 0, m->base, lost, end, m->memory },
		{ PT_LOAD, 0, m->base + end, MEMORY - end, MEMORY - end, m->memory + end },
	};
	struct fixture_elf spec = { false, false, m->elf, segments, 3, 0 };
	struct od_error *err;

	if (*m->info)
		fixture_note(&notes, "VMCOREINFO", 0, m->info, strlen(m->info), false);
	segments[0].filesz = notes.len;
	segments[0].data = notes.data;
	fixture_elf(&buf, &spec);
	m->fd = fixture_file(&buf);
	err = od_dump_open(&m->fd, 1, &m->d);
	if (err)
		fail_msg("%s", err->message);
	od_buf_deinit(&notes);
	od_buf_deinit(&buf);
}

static void stop(struct machine *m)
{
	od_dump_destroy(m->d);
	close(m->fd);
	m->d = NULL;
}

static struct od_error *translate(struct machine *m)
{
	struct od_vmcoreinfo *info = od_vmcoreinfo_create(m->info, strlen(m->info));
	struct od_error *err = od_dump_translate(m->d, info);

	od_vmcoreinfo_destroy(info);
	return err;
}

static void translated(struct machine *m)
{
	struct od_error *err;

	start(m);
	err = translate(m);
	if (err)
		fail_msg("%s", err->message);
}

/* virt must be at phys, for vtop and for a read alike; lines: levels that are told. */
static void is_at(struct machine *m, uint64_t virt, uint64_t phys, unsigned lines)
{
	struct od_buf out = OD_BUF_INIT;
	uint64_t ret = 0, value = 0;
	unsigned n = 0;

	assert_int_equal(od_dump_vtop(m->d, virt, &ret, &out), OD_MEM_OK);
	assert_int_equal(ret, phys);
	for (const char *s = out.data; (s = strchr(s, '\n')) != NULL; s++)
		n++;
	assert_int_equal(n, lines);
	if (phys >= m->base && phys < m->base + MEMORY) {
		assert_int_equal(od_mem_u64(od_dump_memory(m->d), virt, &value), OD_MEM_OK);
		assert_int_equal(value, 0x1234567800000000 + phys);
	}
	od_buf_deinit(&out);
}

static void is_not(struct machine *m, uint64_t virt, enum od_mem_status why)
{
	uint64_t value;

	assert_int_equal(od_dump_vtop(m->d, virt, &value, NULL), why);
	assert_int_equal(od_mem_u64(od_dump_memory(m->d), virt, &value), why);
	assert_int_equal(value, 0);
}

/* The piece of memory around virt that is mapped as a whole, or not, has 2 to the power of bits bytes. */
static void spans(struct machine *m, uint64_t virt, enum od_mem_status why, unsigned bits)
{
	uint64_t phys, span;

	assert_int_equal(od_dump_span(m->d, virt, &phys, &span), why);
	assert_int_equal(span, 1ull << bits);
}

/* A mark that is_at() looks for. */
static void mark(struct machine *m, uint64_t phys)
{
	put(m, phys, 0x1234567800000000 + phys);
}

/* --- x86-64 ---------------------------------------------------------------------------------------------- */

enum { P = 1, HUGE = 0x80, RW = 0x62 };
static const uint64_t map = 0xffffffff80000000;

/* The root at 0x1000 is swapper_pg_dir at map + 0x2001000, because phys_base is -0x2000000. */
static void x86_tables(struct machine *m, unsigned levels, uint64_t sme)
{
	uint64_t root = levels == 5 ? 0x9000 : 0x1000;

	if (levels == 5) {
		put(m, 0x9000 + 511 * 8, 0x1000 | P | RW | sme);
		put(m, 0x9000 + 0x111 * 8, 0x8000 | P | RW | sme); /* ff11000000000000... */
		put(m, 0x8000, 0x2000 | P | RW | sme);
	}
	/* ffff888000000000: a page of 1 GB at 0; then a table of 2 MB pages; not present; lost */
	put(m, 0x1000 + 273 * 8, 0x2000 | P | RW | sme);
	put(m, 0x2000 + 0 * 8, 0 | P | RW | HUGE | sme);
	put(m, 0x2000 + 1 * 8, 0x3000 | P | RW | sme);
	put(m, 0x2000 + 2 * 8, 0x3000 | RW | sme);
	put(m, 0x2000 + 3 * 8, 0x300000 | P | sme);
	put(m, 0x3000 + 0 * 8, 0x200000 | P | HUGE | sme | 1ull << 63);
	put(m, 0x3000 + 1 * 8, 0x4000 | P | sme);
	put(m, 0x4000 + 0 * 8, 0x5000 | P | sme | 0x100);
	put(m, 0x4000 + 1 * 8, 0x5000 | 0x100);
	put(m, 0x4000 + 2 * 8, 0x7ffff000 | P | sme);
	/* the kernel's image: its table is lost */
	put(m, 0x1000 + 511 * 8, 0x6000 | P | sme);
	put(m, 0x6000 + 510 * 8, 0x300000 | P | sme);
	put(m, 0x6000 + 511 * 8, 0x300000 | P | sme);
	mark(m, 0x5ff8);
	mark(m, 0x23fff0);
	mark(m, 0x12340);
	snprintf(m->info, sizeof(m->info),
		 "OSRELEASE=6.1\nSYMBOL(swapper_pg_dir)=%llx\nNUMBER(phys_base)=-33554432\n"
		 "NUMBER(pgtable_l5_enabled)=%d\nNUMBER(sme_mask)=%lld\nNUMBER(KERNEL_IMAGE_SIZE)=1073741824\n",
		 (unsigned long long)(map + 0x2000000 + root), levels == 5, (long long)sme);
	m->lost = 0x300000;
	m->lost_end = 0x301000;
}

static void test_x86(void **state)
{
	static const uint64_t smes[] = { 0, 1ull << 47, 1ull << 51 };

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		unsigned levels = 4 + i % 2;
		uint64_t direct = levels == 5 ? 0xff11000000000000 : 0xffff888000000000;
		struct machine m;

		machine_init(&m, EM_X86_64, 0);
		x86_tables(&m, levels, smes[i / 2]);
		translated(&m);
		is_at(&m, direct + 0x12340, 0x12340, levels - 2);
		is_at(&m, direct + 0x3fffffff, 0x3fffffff, levels - 2);
		is_at(&m, direct + (1 << 30) + 0x3fff0, 0x23fff0, levels - 1);
		is_at(&m, direct + (1 << 30) + (2 << 20) + 0xff8, 0x5ff8, levels);
		is_at(&m, direct + (1 << 30) + (2 << 20) + 0x2010, 0x7ffff010, levels);
		is_not(&m, direct + (1 << 30) + (2 << 20) + 0x1000, OD_MEM_UNMAPPED);
		is_not(&m, direct + (2ull << 30), OD_MEM_UNMAPPED);
		is_not(&m, direct + (3ull << 30), OD_MEM_EXCLUDED); /* the table is not there */
		is_not(&m, direct - (1ull << 39), OD_MEM_UNMAPPED);
		is_not(&m, 0x400000, OD_MEM_UNMAPPED);
		is_not(&m, levels == 5 ? 0x0100000000000000 : 0x0000800000000000, OD_MEM_UNMAPPED);
		spans(&m, direct + 0x12340, OD_MEM_OK, 30);
		spans(&m, direct + (1 << 30) + 0x3fff0, OD_MEM_OK, 21);
		spans(&m, direct + (1 << 30) + (2 << 20) + 0xff8, OD_MEM_OK, 12);
		spans(&m, direct + (1 << 30) + (2 << 20) + 0x1000, OD_MEM_UNMAPPED, 12);
		spans(&m, direct + (2ull << 30), OD_MEM_UNMAPPED, 30);
		spans(&m, direct + (3ull << 30), OD_MEM_EXCLUDED, 21);
		spans(&m, direct - (1ull << 39), OD_MEM_UNMAPPED, levels == 5 ? 48 : 39);
		spans(&m, levels == 5 ? 0x0100000000000000 : 0x0000800000000000, OD_MEM_UNMAPPED, levels == 5 ? 56 : 47);
		assert_int_equal(od_dump_kernel_half(m.d), levels == 5 ? 0xff00000000000000 : 0xffff800000000000);
		/* By the linear map, since the walk cannot tell: four lines of a walk, one of that. */
		is_at(&m, map + 0x2005ff8, 0x5ff8, levels);
		is_not(&m, map + (1ull << 30), OD_MEM_EXCLUDED);
		stop(&m);
		free(m.memory);
	}
}

/* A read over pages that are not next to each other, up to where it ends. */
static void test_x86_read(void **state)
{
	struct machine m;
	uint8_t buf[3 * 4096];
	size_t got;

	(void)state;
	machine_init(&m, EM_X86_64, 0);
	x86_tables(&m, 4, 0);
	memset(m.memory + 0x10000, 'a', 4096);
	memset(m.memory + 0x12000, 'b', 4096);
	put(&m, 0x4000 + 8 * 8, 0x10000 | P);
	put(&m, 0x4000 + 9 * 8, 0x12000 | P);
	translated(&m);
	assert_int_equal(m.d ? od_dump_memory(m.d)->read(od_dump_memory(m.d), OD_VIRT,
							 0xffff888040208ff0, buf, sizeof(buf), &got) : 0,
			 OD_MEM_UNMAPPED);
	assert_int_equal(got, 16 + 4096);
	assert_int_equal(buf[15], 'a');
	assert_int_equal(buf[16], 'b');
	assert_int_equal(buf[16 + 4095], 'b');
	assert_int_equal(od_dump_memory(m.d)->read(od_dump_memory(m.d), OD_VIRT, UINT64_MAX - 2, buf, 8, &got),
			 OD_MEM_EXCLUDED);
	stop(&m);
	free(m.memory);
}

static void test_x86_refused(void **state)
{
	static const char *const infos[][2] = {
		{ "OSRELEASE=6.1\n", "SYMBOL(swapper_pg_dir)" },
		{ "SYMBOL(swapper_pg_dir)=ffffffff82001000\n", "NUMBER(phys_base)" },
		{ "SYMBOL(swapper_pg_dir)=82001000\nNUMBER(phys_base)=0\n", "makes no sense" },
		{ "SYMBOL(swapper_pg_dir)=ffffffff82001001\nNUMBER(phys_base)=0\n", "makes no sense" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(infos) / sizeof(*infos); i++) {
		struct machine m;
		struct od_error *err;
		uint64_t value;

		machine_init(&m, EM_X86_64, 0);
		strcpy(m.info, infos[i][0]);
		start(&m);
		err = translate(&m);
		assert_non_null(err);
		assert_non_null(strstr(err->message, infos[i][1]));
		od_error_free(err);
		assert_int_equal(od_mem_u64(od_dump_memory(m.d), map, &value), OD_MEM_UNMAPPED);
		stop(&m);
		free(m.memory);
	}
}

/* --- arm64 --------------------------------------------------------------------------------------------------- */

struct arm {
	unsigned shift, va_bits, t1sz, levels;
};

/*
 * Tables from 0x40010000 on, one a level, each in a page of its own; the top entry of the last page of
 * the address space leads through all of them to 0x40200000. Beside it a block at the level above.
 */
static void arm_tables(struct machine *m, const struct arm *a, uint64_t virt)
{
	unsigned step = a->shift - 3;
	uint64_t page = 1ull << a->shift, table = m->base + page, next;

	for (unsigned level = a->levels; level; level--) {
		unsigned shift = a->shift + step * (level - 1);
		unsigned bits = a->shift == 16 ? a->va_bits : 64 - a->t1sz;
		unsigned width = level == a->levels ? bits - shift : step;
		uint64_t index = virt >> shift & ((1ull << width) - 1);

		next = level == 1 ? m->base + 0x200000 : table + page;
		put(m, table + index * 8, next | 3 | 0x0040000000000000);
		if (level == 2) /* a block: not a table */
			put(m, table + (index ^ 1) * 8, 1);
		table = next;
	}
	snprintf(m->info, sizeof(m->info),
		 "OSRELEASE=6.1\nPAGESIZE=%u\nSYMBOL(swapper_pg_dir)=%llx\nNUMBER(VA_BITS)=%u\n"
		 "NUMBER(TCR_EL1_T1SZ)=0x%x\nNUMBER(kimage_voffset)=0xffff7fffc8000000\n"
		 "SYMBOL(_stext)=%llx\n", 1u << a->shift,
		 (unsigned long long)(m->base + page + 0xffff7fffc8000000), a->va_bits, a->t1sz,
		 (unsigned long long)(m->base + 0xffff7fffc8000000));
}

static void test_arm64(void **state)
{
	static const struct arm kinds[] = {
		{ 12, 48, 16, 4 }, { 12, 39, 25, 3 }, { 12, 52, 12, 5 }, { 12, 52, 16, 4 },
		{ 14, 47, 17, 3 }, { 14, 48, 16, 4 }, { 16, 42, 22, 2 }, { 16, 48, 16, 3 },
		{ 16, 52, 12, 3 }, { 16, 52, 16, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		unsigned bits = kinds[i].shift == 16 ? kinds[i].va_bits : 64 - kinds[i].t1sz;
		unsigned block = kinds[i].shift + kinds[i].shift - 3;
		uint64_t page = 1ull << kinds[i].shift;
		uint64_t virt = UINT64_MAX - 8 * (1ull << block) - 5 * page + 1;
		struct machine m;

		machine_init(&m, EM_AARCH64, 0x40000000);
		mark(&m, m.base + 0x200ff8);
		arm_tables(&m, &kinds[i], virt);
		translated(&m);
		assert_int_equal(od_dump_memory(m.d)->page_size, page);
		is_at(&m, virt + 0xff8, m.base + 0x200ff8, kinds[i].levels);
		is_not(&m, virt + page, OD_MEM_UNMAPPED);
		/* A block at 0, where there is no memory. */
		is_at(&m, ((virt >> block ^ 1) << block) + 0x123458, 0x123458 & ((1ull << block) - 1),
		      kinds[i].levels - 1);
		is_not(&m, virt & ((1ull << bits) - 1), OD_MEM_UNMAPPED); /* the user's half */
		stop(&m);
		free(m.memory);
	}
}

/* The top of an address is elsewhere in an entry. */
static void test_arm64_high(void **state)
{
	static const struct {
		struct arm arm;
		uint64_t entry, phys;
	} rows[] = {
		{ { 16, 52, 12, 3 }, 0x0000123456780000 | 0xf000, 0x000f123456780000 },
		{ { 12, 52, 12, 5 }, 0x0002123456789000 | 0x300, 0x000e123456789000 },
		{ { 12, 48, 16, 4 }, 0x0000123456789000 | 0x300, 0x0000123456789000 },
		{ { 14, 48, 16, 4 }, 0x0000123456788000 | 0x300, 0x0000123456788000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct arm *a = &rows[i].arm;
		uint64_t page = 1ull << a->shift, virt = UINT64_MAX - 3 * page + 1;
		struct machine m;

		machine_init(&m, EM_AARCH64, 0x40000000);
		arm_tables(&m, a, virt);
		put(&m, m.base + a->levels * page + (virt >> a->shift & (page / 8 - 1)) * 8, rows[i].entry | 3);
		translated(&m);
		is_at(&m, virt + 8, rows[i].phys + 8, a->levels);
		stop(&m);
		free(m.memory);
	}
}

/* --- VMCOREINFO in memory only ------------------------------------------------------------------------------- */

static void test_scan(void **state)
{
	/* At a page, within one, over the border of the pieces that are read, of an old kernel before. */
	static const uint64_t places[] = { 0x100000, 0x234567, 0x200000 - 100, 0x3ff000 - 200 };

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct machine m;
		char text[4096];
		const char *found;
		bool scanned = false;
		size_t len = 0;

		machine_init(&m, EM_X86_64, 0);
		x86_tables(&m, 4, 0);
		m.lost = m.lost_end = 0;
		put(&m, 0x6000 + 510 * 8, 0x7000 | P);
		put(&m, 0x7000 + 16 * 8, 0 | P | HUGE); /* map + 0x2000000 is at 0 */
		snprintf(text, sizeof(text), "%sPAGESIZE=4096\nSYMBOL(init_uts_ns)=ffffffff82020000\n"
			 "OFFSET(uts_namespace.name)=0\nCRASHTIME=1\n", m.info);
		m.info[0] = '\0';
		strcpy((char *)m.memory + 0x20000 + 130, i == 7 ? "6.9" : "6.1");
		memcpy(m.memory + places[i % 4], text, strlen(text));
		/* What only looks like it. */
		strcpy((char *)m.memory + 0x50000, "OSRELEASE=%s\n");
		strcpy((char *)m.memory + 0x51000, "OSRELEASE=5.0\nPAGESIZE=4096\nSYMBOL(x)=1");
		if (i >= 4) { /* of the kernel that ran before: another release */
			text[strlen("OSRELEASE=")] = '5';
			memcpy(m.memory + 0x80000, text, strlen(text));
			text[strlen("OSRELEASE=")] = '6';
		}
		start(&m);
		found = od_dump_vmcoreinfo(m.d, &len, &scanned);
		assert_true(scanned);
		assert_non_null(found);
		if (i == 7) { /* none fits: the first, and it is said */
			assert_memory_equal(found, "OSRELEASE=5.1\n", 14);
			assert_non_null(strstr(od_dump_note(m.d, 0), "not in memory"));
		} else {
			assert_int_equal(len, strlen(text));
			assert_memory_equal(found, text, len);
			assert_null(od_dump_note(m.d, 0));
			strcpy(m.info, text);
			assert_null(translate(&m));
		}
		stop(&m);
		free(m.memory);
	}
}

static void test_scan_nothing(void **state)
{
	struct machine m;
	bool scanned = false;
	size_t len = 1;

	(void)state;
	machine_init(&m, EM_X86_64, 0);
	start(&m);
	assert_null(od_dump_vmcoreinfo(m.d, &len, &scanned));
	assert_true(scanned);
	assert_int_equal(len, 0);
	stop(&m);
	free(m.memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_x86),	     cmocka_unit_test(test_x86_read),
		cmocka_unit_test(test_x86_refused),  cmocka_unit_test(test_arm64),
		cmocka_unit_test(test_arm64_high),   cmocka_unit_test(test_scan),
		cmocka_unit_test(test_scan_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
