/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ELF as far as debug files need it: sections where they are in the mapped file, checked once, so
 * that whoever reads a section only minds its size. Both classes and byte orders. The format is
 * that of elf(5) and the gABI.
 */
#ifndef OD_SYMBOLS_DEBUG_ELF_H
#define OD_SYMBOLS_DEBUG_ELF_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct od_elf_section {
	const char *name; /* "" if it has none that ends */
	uint64_t addr;	  /* of ET_REL: the place that od_elf_open() gave it */
	uint64_t size;	  /* in memory */
	uint64_t flags;
	uint32_t type, link, info;
	const uint8_t *data; /* what the file has of it; NULL: nothing */
	size_t len;	     /* bytes there, at most size */
};

struct od_elf {
	const uint8_t *data;
	size_t size;
	bool is64, big;
	uint16_t type, machine;
	uint32_t nsections;
	struct od_elf_section *sections;
};

/* The bytes stay the caller's and must outlive it. False: it is no ELF file. */
bool od_elf_open(struct od_elf *elf, const uint8_t *data, size_t size);
void od_elf_close(struct od_elf *elf);
/* The first section of that name, NULL if there is none. */
const struct od_elf_section *od_elf_find(const struct od_elf *elf, const char *name);
/* Descriptor of the GNU build id, of sections or else of segments; its length, 0: none. */
size_t od_elf_build_id(const struct od_elf *elf, const uint8_t **ret);

/* --- debug-inflate.c --- */
/* SHF_COMPRESSED, or the older form of sections ".zdebug_". */
bool od_elf_is_compressed(const struct od_elf *elf, const struct od_elf_section *sec);
/*
 * What is in such a section, *len bytes that the caller frees. NULL: damaged, larger than any
 * debug section is, or compressed in a way that this build lacks (zlib, zstd).
 */
uint8_t *od_elf_decompress(const struct od_elf *elf, const struct od_elf_section *sec, size_t *len);

static inline uint64_t od_elf_swap(uint64_t v, unsigned len)
{
	return len == 8	  ? __builtin_bswap64(v)
	       : len == 4 ? __builtin_bswap32((uint32_t)v)
			  : __builtin_bswap16((uint16_t)v);
}

/* A number of 2, 4 or 8 bytes in the byte order of the file. The caller knows that it is there. */
static inline uint64_t od_elf_number(bool big, const uint8_t *p, unsigned len)
{
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;
	uint64_t v;

	if (len == 8) {
		memcpy(&v64, p, 8);
		v = v64;
	} else if (len == 4) {
		memcpy(&v32, p, 4);
		v = v32;
	} else {
		memcpy(&v16, p, 2);
		v = v16;
	}
	return big == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? v : od_elf_swap(v, len);
}

struct od_elf_symbol {
	uint64_t value, size;
	uint32_t name, section; /* section: SHN_XINDEX stays what it is */
	uint8_t info;
};

/* Bytes of one entry of a symbol table. */
static inline size_t od_elf_symbol_size(const struct od_elf *elf)
{
	return elf->is64 ? 24 : 16;
}

static inline void od_elf_symbol(const struct od_elf *elf, const uint8_t *p,
				 struct od_elf_symbol *ret)
{
	const bool big = elf->big;

	ret->name = (uint32_t)od_elf_number(big, p, 4);
	if (elf->is64) {
		ret->info = p[4];
		ret->section = (uint32_t)od_elf_number(big, p + 6, 2);
		ret->value = od_elf_number(big, p + 8, 8);
		ret->size = od_elf_number(big, p + 16, 8);
	} else {
		ret->value = od_elf_number(big, p + 4, 4);
		ret->size = od_elf_number(big, p + 8, 4);
		ret->info = p[12];
		ret->section = (uint32_t)od_elf_number(big, p + 14, 2);
	}
}

#endif
