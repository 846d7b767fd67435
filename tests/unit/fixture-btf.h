/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes BTF, type by type, in either byte order; and a memory of a few bytes with holes in it. */
#ifndef OD_TESTS_FIXTURE_BTF_H
#define OD_TESTS_FIXTURE_BTF_H

#include "base/buf.h"
#include "model/memory.h"
#include "symbols/btf.h"

struct maker {
	struct od_buf types, strings;
	bool big;	       /* big endian */
	uint32_t first_string; /* of a module: where its base's end */
	uint32_t id;	       /* of the type made last */
};

void maker_init(struct maker *mk, bool big);
void maker_deinit(struct maker *mk);
void maker_u32(struct maker *mk, uint32_t v);
uint32_t maker_string(struct maker *mk, const char *s);
/* A record; its tail follows with maker_u32() and the two below. Its id. */
uint32_t maker_type(struct maker *mk, const char *name, enum od_type_kind kind, bool flag,
		    uint32_t vlen, uint32_t size_or_type);
/* Of a struct (bits 0 and flag off: offset alone), an enum, a function. */
void maker_member(struct maker *mk, const char *name, uint32_t type, uint32_t bit_offset,
		  uint32_t bits);
void maker_pair(struct maker *mk, const char *name, uint32_t value);
uint32_t maker_int(struct maker *mk, const char *name, uint32_t size, bool is_signed);
uint32_t maker_array(struct maker *mk, uint32_t element, uint32_t n);
/* The bytes of it all, from od_malloc(). */
uint8_t *maker_data(const struct maker *mk, size_t *len);
/* The types, which must be read without an error. */
struct od_btf *maker_btf(const struct maker *mk, const struct od_btf *base);

enum { FIXTURE_BASE = 0x10000, FIXTURE_SIZE = 0x4000 };

/* Memory from FIXTURE_BASE on; a page of hole is excluded. */
struct fixture_memory {
	struct od_memory mem;
	uint8_t bytes[FIXTURE_SIZE];
	uint64_t hole; /* its address; 0: none */
};

void fixture_memory_init(struct fixture_memory *fm, bool big);

#endif
