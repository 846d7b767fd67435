/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "tests/unit/fixture-dump.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_LZO
#include <lzo/lzo1x.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "base/alloc.h"

int fixture_file(const struct od_buf *buf)
{
	int fd = memfd_create("dump", 0);

	if (fd < 0 || write(fd, buf->data, buf->len) != (ssize_t)buf->len)
		abort();
	return fd;
}

void fixture_put(uint8_t *at, uint64_t value, unsigned size, bool big_endian)
{
	for (unsigned i = 0; i < size; i++)
		at[big_endian ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

void fixture_add(struct od_buf *buf, uint64_t value, unsigned size, bool big_endian)
{
	uint8_t bytes[8];

	fixture_put(bytes, value, size, big_endian);
	od_buf_add(buf, bytes, size);
}

static void pad(struct od_buf *buf, size_t to)
{
	if (buf->len % to)
		od_buf_fill(buf, '\0', to - buf->len % to);
}

void fixture_note(struct od_buf *buf, const char *name, uint32_t type, const void *body, size_t size,
		  bool big_endian)
{
	fixture_add(buf, strlen(name) + 1, 4, big_endian);
	fixture_add(buf, size, 4, big_endian);
	fixture_add(buf, type, 4, big_endian);
	od_buf_add(buf, name, strlen(name) + 1);
	pad(buf, 4);
	od_buf_add(buf, body, size);
	pad(buf, 4);
}

/* --- ELF ---------------------------------------------------------------------------------------- */

static void phdr(struct od_buf *buf, const struct fixture_elf *spec, const struct fixture_segment *s,
		 uint64_t offset)
{
	bool be = spec->big_endian;

	fixture_add(buf, s->type, 4, be);
	if (spec->is32) {
		const uint64_t words[] = { offset, s->vaddr, s->paddr, s->filesz, s->memsz, 0, 0 };

		for (unsigned i = 0; i < 7; i++)
			fixture_add(buf, words[i], 4, be);
	} else {
		const uint64_t words[] = { offset, s->vaddr, s->paddr, s->filesz, s->memsz, 0 };

		fixture_add(buf, 0, 4, be);
		for (unsigned i = 0; i < 6; i++)
			fixture_add(buf, words[i], 8, be);
	}
}

void fixture_elf(struct od_buf *buf, const struct fixture_elf *spec)
{
	const struct fixture_segment none = { .type = PT_NULL };
	unsigned word = spec->is32 ? 4 : 8, ehsize = spec->is32 ? 52 : 64;
	unsigned phsize = spec->is32 ? 32 : 56, shsize = spec->is32 ? 40 : 64;
	uint32_t n = spec->n + spec->empty;
	uint64_t shoff = ehsize + (uint64_t)phsize * n, at = shoff + shsize;
	bool be = spec->big_endian;
	size_t start = buf->len;

	od_buf_add(buf, ELFMAG, SELFMAG);
	od_buf_addch(buf, spec->is32 ? ELFCLASS32 : ELFCLASS64);
	od_buf_addch(buf, be ? ELFDATA2MSB : ELFDATA2LSB);
	od_buf_addch(buf, 1);
	od_buf_fill(buf, '\0', 9);
	fixture_add(buf, ET_CORE, 2, be);
	fixture_add(buf, spec->machine, 2, be);
	fixture_add(buf, 1, 4, be);
	fixture_add(buf, 0, word, be);
	fixture_add(buf, ehsize, word, be);
	fixture_add(buf, shoff, word, be);
	fixture_add(buf, 0, 4, be);
	fixture_add(buf, ehsize, 2, be);
	fixture_add(buf, phsize, 2, be);
	fixture_add(buf, n < PN_XNUM ? n : PN_XNUM, 2, be);
	fixture_add(buf, shsize, 2, be);
	fixture_add(buf, 1, 2, be);
	fixture_add(buf, 0, 2, be);
	for (uint32_t i = 0; i < spec->empty; i++)
		phdr(buf, spec, &none, 0);
	for (uint32_t i = 0; i < spec->n; i++) {
		phdr(buf, spec, &spec->segments[i], at);
		at += spec->segments[i].filesz;
	}
	od_buf_fill(buf, '\0', shsize);
	fixture_put((uint8_t *)buf->data + start + shoff + (spec->is32 ? 28 : 44), n, 4, be);
	for (uint32_t i = 0; i < spec->n; i++)
		od_buf_add(buf, spec->segments[i].data, spec->segments[i].filesz);
}

/* --- kdump-compressed --------------------------------------------------------------------------------- */

void fixture_fill(uint8_t *page, uint32_t size, uint64_t pfn)
{
	for (uint32_t i = 0; i < size; i++)
		page[i] = i % 16 < 8 ? (uint8_t)(pfn >> 8 * (i % 8)) : (uint8_t)(i >> 6);
}

/* The page's length, then for each 64 bytes a literal of 16 and a copy of 48 from 16 before. */
static void snappy_page(const uint8_t *page, uint32_t size, struct od_buf *out)
{
	uint32_t n = size;

	for (; n >= 128; n >>= 7)
		od_buf_addch(out, (char)((n & 127) | 128));
	od_buf_addch(out, (char)n);
	for (uint32_t i = 0; i < size; i += 64) {
		od_buf_addch(out, 15 << 2);
		od_buf_add(out, page + i, 16);
		od_buf_addch(out, (char)(47 << 2 | 2));
		fixture_add(out, 16, 2, false);
	}
}

bool fixture_compress(unsigned method, const uint8_t *page, uint32_t size, struct od_buf *out)
{
	od_buf_reset(out);
	switch (method) {
#ifdef HAVE_ZLIB
	case 0x1: {
		uLongf n = compressBound(size);
		uint8_t *p = od_malloc(n);

		if (compress(p, &n, page, size) != Z_OK)
			abort();
		od_buf_add(out, p, n);
		free(p);
		return true;
	}
#endif
#ifdef HAVE_LZO
	case 0x2: {
		lzo_uint n = size + size / 16 + 64 + 3;
		uint8_t *p = od_malloc(n), *work = od_malloc(LZO1X_1_MEM_COMPRESS);

		if (lzo1x_1_compress(page, size, p, &n, work) != LZO_E_OK)
			abort();
		od_buf_add(out, p, n);
		free(p);
		free(work);
		return true;
	}
#endif
#ifdef SNAPPY_SONAME
	case 0x4:
		snappy_page(page, size, out);
		return true;
#endif
#ifdef HAVE_ZSTD
	case 0x20: {
		size_t n = ZSTD_compressBound(size);
		uint8_t *p = od_malloc(n);

		n = ZSTD_compress(p, n, page, size, 1);
		od_buf_add(out, p, n);
		free(p);
		return true;
	}
#endif
	default:
		return false;
	}
}

struct builder {
	const struct fixture_kdump *spec;
	struct od_buf *buf, *descs, *data, scratch;
	uint64_t data_at, zero_at;
	uint8_t *page;
};

static bool dumped(enum fixture_page page)
{
	return page >= PAGE_DATA;
}

static void desc(struct builder *b, uint64_t offset, uint64_t size, uint32_t flags)
{
	bool be = b->spec->big_endian;

	fixture_add(b->descs, offset, 8, be);
	fixture_add(b->descs, size, 4, be);
	fixture_add(b->descs, flags, 4, be);
	fixture_add(b->descs, 0, 8, be);
}

static void raw(struct builder *b)
{
	desc(b, b->data_at + b->data->len, b->spec->block_size, 0);
	od_buf_add(b->data, b->page, b->spec->block_size);
}

static void one_page(struct builder *b, uint32_t pfn)
{
	uint32_t size = b->spec->block_size;
	uint64_t here = b->data_at + b->data->len;

	fixture_fill(b->page, size, pfn);
	switch (b->spec->pages[pfn]) {
	case PAGE_DATA:
		if (fixture_compress(b->spec->method, b->page, size, &b->scratch) && b->scratch.len <= size) {
			desc(b, here, b->scratch.len, b->spec->method);
			od_buf_add(b->data, b->scratch.data, b->scratch.len);
			break;
		}
		raw(b);
		break;
	case PAGE_RAW: raw(b); break;
	case PAGE_ZERO:
		if (!b->zero_at) {
			b->zero_at = here;
			od_buf_fill(b->data, '\0', size);
		}
		desc(b, b->zero_at, size, 0);
		break;
	case PAGE_NOT_WRITTEN: desc(b, 0, 0, 0); break;
	case PAGE_BEYOND: desc(b, 1ull << 40, 100, 1); break;
	case PAGE_TOO_LARGE: desc(b, here, size + 1, 1); break;
	case PAGE_EMPTY: desc(b, here, 0, 1); break;
	case PAGE_TWO_METHODS: desc(b, here, 100, 3); break;
	case PAGE_SHORT_RAW: desc(b, here, 100, 0); break;
	case PAGE_IN_HEADER: desc(b, 8, size, 0); break;
	case PAGE_GARBAGE:
		desc(b, here, 100, 1);
		od_buf_fill(b->data, 'x', 100);
		break;
	default: break;
	}
}

static void header(const struct fixture_kdump *k, uint8_t *p, uint32_t bitmap_blocks)
{
	unsigned status = k->is32 ? 412 : 424;
	bool be = k->big_endian;

	memcpy(p, "KDUMP   ", 8);
	fixture_put(p + 8, k->version, 4, be);
	if (k->machine) {
		strcpy((char *)p + 12 + 65, "node");
		strcpy((char *)p + 12 + 2 * 65, "6.1.0-test");
		strcpy((char *)p + 12 + 4 * 65, k->machine);
	}
	fixture_put(p + (k->is32 ? 404 : 408), 1700000000, k->is32 ? 4 : 8, be);
	fixture_put(p + status, k->method | k->status, 4, be);
	fixture_put(p + status + 4, k->block_size, 4, be);
	fixture_put(p + status + 8, 1, 4, be); /* blocks of the sub-header, and what goes with it */
	fixture_put(p + status + 12, bitmap_blocks, 4, be);
	fixture_put(p + status + 16, k->npages, 4, be);
}

static void sub_header(const struct fixture_kdump *k, uint8_t *p, uint64_t vmcoreinfo, uint64_t notes)
{
	unsigned word = k->is32 ? 4 : 8;
	bool be = k->big_endian;
	/* phys_base, dump_level, split, start, end, vmcoreinfo, notes, start64, end64, max64 */
	const unsigned char at64[] = { 0, 8, 12, 16, 24, 32, 48, 80, 88, 96 };
	const unsigned char packed[] = { 0, 4, 8, 12, 16, 20, 32, 56, 64, 72 };
	const unsigned char padded[] = { 0, 4, 8, 12, 16, 24, 40, 72, 80, 88 };
	const unsigned char *at = !k->is32 ? at64 : k->padded ? padded : packed;

	fixture_put(p + at[0], 0x1000000, word, be);
	fixture_put(p + at[1], 31, 4, be);
	fixture_put(p + at[2], k->split, 4, be);
	fixture_put(p + at[3], k->start, word, be);
	fixture_put(p + at[4], k->end, word, be);
	if (k->version >= 3 && k->vmcoreinfo) {
		fixture_put(p + at[5], vmcoreinfo, 8, be);
		fixture_put(p + at[5] + 8, strlen(k->vmcoreinfo), word, be);
	}
	if (k->version >= 4 && k->notes) {
		fixture_put(p + at[6], notes, 8, be);
		fixture_put(p + at[6] + 8, k->notes->len, word, be);
	}
	if (k->version >= 6) {
		fixture_put(p + at[7], k->start, 8, be);
		fixture_put(p + at[8], k->end, 8, be);
		fixture_put(p + at[9], k->npages, 8, be);
	}
}

void fixture_kdump(struct od_buf *buf, const struct fixture_kdump *k)
{
	uint32_t block = k->block_size, blocks = (k->npages / 8 + block) / block;
	uint32_t maps = k->one_bitmap ? 1 : 2;
	uint64_t extra = (uint64_t)block * (2 + maps * blocks), from = k->split ? k->start : 0;
	uint64_t to = k->split ? k->end : k->npages;
	struct od_buf descs = OD_BUF_INIT, data = OD_BUF_INIT;
	struct builder b = { .spec = k, .buf = buf, .descs = &descs, .data = &data };
	uint8_t *p;

	b.page = od_malloc(block);
	b.data_at = extra;
	/* What the sub-header refers to lies between the bitmaps and the descriptors' end. */
	for (uint64_t i = from; i < to; i++)
		b.data_at += dumped(k->pages[i]) ? 24 : 0;
	for (uint64_t i = from; i < to; i++)
		one_page(&b, (uint32_t)i);
	od_buf_fill(buf, '\0', extra);
	p = (uint8_t *)buf->data;
	header(k, p, maps * blocks);
	sub_header(k, p + block, b.data_at + data.len, b.data_at + data.len + (k->vmcoreinfo ? strlen(k->vmcoreinfo) : 0));
	for (uint32_t i = 0; i < k->npages; i++) {
		uint8_t *present = p + 2 * block, *map = present + (maps - 1) * (size_t)blocks * block;

		if (k->pages[i] != PAGE_ABSENT && maps == 2)
			present[i / 8] |= (uint8_t)(1 << i % 8);
		if (dumped(k->pages[i]))
			map[i / 8] |= (uint8_t)(1 << i % 8);
	}
	od_buf_add(buf, descs.data, descs.len);
	od_buf_add(buf, data.data, data.len);
	if (k->vmcoreinfo)
		od_buf_addstr(buf, k->vmcoreinfo);
	if (k->notes)
		od_buf_add(buf, k->notes->data, k->notes->len);
	od_buf_deinit(&descs);
	od_buf_deinit(&data);
	od_buf_deinit(&b.scratch);
	free(b.page);
}

/* --- flattened ------------------------------------------------------------------------------------------ */

static void record(struct od_buf *out, const struct od_buf *file, uint64_t at, size_t n, bool wrong)
{
	fixture_add(out, at, 8, true);
	fixture_add(out, n, 8, true);
	for (size_t i = 0; i < n; i++)
		od_buf_addch(out, (char)(wrong ? 0xee : file->data[at + i]));
}

void fixture_flatten(struct od_buf *out, const struct od_buf *file, size_t piece)
{
	size_t n = (file->len + piece - 1) / piece;

	od_buf_add(out, "makedumpfile\0\0\0\0", 16);
	fixture_add(out, 1, 8, true);
	fixture_add(out, 1, 8, true);
	od_buf_fill(out, '\0', 4096 - 32);
	/* First something wrong over a border of pieces: what comes later counts. */
	if (file->len > 2 * piece)
		record(out, file, piece / 2, piece, true);
	for (unsigned odd = 0; odd < 2; odd++)
		for (size_t i = 0; i < n; i++) {
			size_t at = i * piece;

			if (i % 2 == odd)
				record(out, file, at, file->len - at < piece ? file->len - at : piece, false);
		}
	fixture_add(out, UINT64_MAX, 8, true);
	fixture_add(out, UINT64_MAX, 8, true);
}
