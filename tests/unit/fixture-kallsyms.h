/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A made-up kernel image with a symbol table, in whatever form a kernel may have it. */
#ifndef OD_TESTS_FIXTURE_KALLSYMS_H
#define OD_TESTS_FIXTURE_KALLSYMS_H

#include "base/buf.h"
#include "model/memory.h"
#include "symbols/kallsyms.h"

#define KS_BASE64 0xffffffff9a000000u
#define KS_BASE32 0xc1000000u

struct ks_symbol {
	uint64_t addr;
	char type;
	const char *name;
};

struct ks_shape {
	enum od_kallsyms_encoding encoding;
	bool uleb, big_endian;
	uint8_t pointer_size;
	bool new_order;	    /* of 6.4 and later */
	bool seqs;	    /* seqs_of_names (6.2) */
	bool long_words;    /* num_syms and markers are unsigned long */
	bool no_keys;	    /* VMCOREINFO tells _stext and one symbol of data alone */
	uint32_t tables;    /* bytes from base to the tables, with nothing after them; 0: 2.5 MB */
};

/* An image of memory; whoever uses it may change its bytes and punch a hole into it. */
struct ks_image {
	struct od_memory mem; /* first: its read() knows the image by that */
	uint64_t base;	      /* of data[0] */
	uint8_t *data;
	size_t len;
	uint64_t hole, hole_len; /* excluded; hole_len 0: none */
	uint64_t reads, read_bytes;
	/* addresses; those that a shape has not are 0 */
	uint64_t num_syms, names, names_end, markers, token_table, token_index, offsets,
		relative_base, addresses;
	struct od_buf info; /* text of VMCOREINFO */
};

/*
 * Symbols as a kernel has them, and then count made-up ones; sorted. With per-cpu numbers at the
 * beginning if numbers. One block, names and all: release with free().
 */
struct ks_symbol *ks_symbols(uint64_t base, size_t count, bool numbers, size_t *n);
/* _stext is base. */
struct ks_image *ks_build(uint64_t base, const struct ks_symbol *syms, size_t n,
			  const struct ks_shape *shape);
void ks_free(struct ks_image *image);
/* The bytes at an address of the image; NULL: outside. */
uint8_t *ks_at(struct ks_image *image, uint64_t addr, size_t len);
/* An image without a table, zeroed. */
struct ks_image *ks_empty(uint64_t base, size_t len, uint8_t pointer_size, bool big_endian);
void ks_put(struct ks_image *image, uint64_t addr, uint64_t value, size_t width);

#endif
