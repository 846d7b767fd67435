/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dumps made by tests: every format, and every damage to one. */
#ifndef OD_TESTS_FIXTURE_DUMP_H
#define OD_TESTS_FIXTURE_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* A file in memory with the bytes of buf; the caller closes it. */
int fixture_file(const struct od_buf *buf);
void fixture_put(uint8_t *at, uint64_t value, unsigned size, bool big_endian);
void fixture_add(struct od_buf *buf, uint64_t value, unsigned size, bool big_endian);
/* An ELF note, padded. */
void fixture_note(struct od_buf *buf, const char *name, uint32_t type, const void *body, size_t size,
		  bool big_endian);

struct fixture_segment {
	uint32_t type; /* PT_LOAD, PT_NOTE */
	uint64_t vaddr, paddr, filesz, memsz;
	const void *data; /* filesz bytes */
};

struct fixture_elf {
	bool is32, big_endian;
	uint16_t machine;
	const struct fixture_segment *segments;
	uint32_t n;
	uint32_t empty; /* segments of nothing ahead of these */
};

void fixture_elf(struct od_buf *buf, const struct fixture_elf *spec);

/* What becomes of a page. */
enum fixture_page {
	PAGE_ABSENT,
	PAGE_EXCLUDED,
	PAGE_DATA,	  /* in the method of the dump */
	PAGE_RAW,
	PAGE_ZERO,	  /* they share a page */
	PAGE_NOT_WRITTEN, /* its writer stopped before it */
	PAGE_BEYOND,	  /* its descriptor points behind the end */
	PAGE_TOO_LARGE, PAGE_EMPTY, PAGE_TWO_METHODS, PAGE_SHORT_RAW, PAGE_IN_HEADER, PAGE_GARBAGE,
};

struct fixture_kdump {
	unsigned version, method, block_size; /* method: as in the status word */
	uint32_t status;		      /* more of it */
	bool is32, padded, big_endian, one_bitmap;
	const char *machine;		      /* NULL: empty utsname */
	const enum fixture_page *pages;
	uint32_t npages;
	bool split;
	uint64_t start, end; /* of this part */
	const char *vmcoreinfo;
	const struct od_buf *notes;
};

void fixture_kdump(struct od_buf *buf, const struct fixture_kdump *spec);
/* What a page of data holds. */
void fixture_fill(uint8_t *page, uint32_t size, uint64_t pfn);
/* Compress by method; false: this build cannot. */
bool fixture_compress(unsigned method, const uint8_t *page, uint32_t size, struct od_buf *out);

/* The same file flattened: pieces of the given size, in odd order, some written twice. */
void fixture_flatten(struct od_buf *out, const struct od_buf *file, size_t piece);

#endif
