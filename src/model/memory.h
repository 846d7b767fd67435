/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory of the dead. Who has some (a vmcore, a core) fills in struct od_memory; symbols, target,
 * analysis and plugins read through it and know nothing of formats. What cannot be read is said by
 * why, never read as zeros.
 */
#ifndef OD_MODEL_MEMORY_H
#define OD_MODEL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum od_mem_status {
	OD_MEM_OK,
	OD_MEM_EXCLUDED,  /* the dump left that page out */
	OD_MEM_TRUNCATED, /* the dump ends before that page */
	OD_MEM_DAMAGED,	  /* its descriptor, or what it was compressed to, makes no sense */
	OD_MEM_ABSENT,	  /* there was no such physical page */
	OD_MEM_UNMAPPED,  /* no such virtual address */
};

/* "excluded from the dump" ...: a phrase for people. Static. */
const char *od_mem_status_text(enum od_mem_status status);

enum od_space {
	OD_VIRT, /* of the kernel, or of the process that a core is of */
	OD_PHYS,
};

/*
 * Where the engine keeps the descriptors of its input; if memory is read from them they stay open in the
 * children that run plugins.
 */
enum { OD_MEM_FD = 64, OD_MEM_FDS = 64 };

struct od_memory {
	/*
	 * Read len bytes at addr, over page borders. *got is how many bytes at its beginning are
	 * valid, len with OD_MEM_OK; else the status says why the next byte could not be read.
	 */
	enum od_mem_status (*read)(struct od_memory *mem, enum od_space space, uint64_t addr,
				   void *buf, size_t len, size_t *got);
	bool big_endian;
	uint8_t pointer_size; /* bytes: 4 or 8 */
	uint32_t page_size;   /* bytes, a power of two */
};

/* All len bytes of virtual memory, or the reason; buf is untouched beyond what could be read. */
enum od_mem_status od_mem_read(struct od_memory *mem, uint64_t addr, void *buf, size_t len);
enum od_mem_status od_mem_phys(struct od_memory *mem, uint64_t addr, void *buf, size_t len);
/* Unsigned numbers in the byte order of the memory; *ret is 0 on failure. */
enum od_mem_status od_mem_u8(struct od_memory *mem, uint64_t addr, uint8_t *ret);
enum od_mem_status od_mem_u16(struct od_memory *mem, uint64_t addr, uint16_t *ret);
enum od_mem_status od_mem_u32(struct od_memory *mem, uint64_t addr, uint32_t *ret);
enum od_mem_status od_mem_u64(struct od_memory *mem, uint64_t addr, uint64_t *ret);
/* A pointer, or an unsigned long: pointer_size bytes. */
enum od_mem_status od_mem_pointer(struct od_memory *mem, uint64_t addr, uint64_t *ret);
/*
 * A NUL-terminated string, cut at size - 1 bytes; buf is always terminated (size is at least 1).
 * OD_MEM_OK also if it was cut. Reads no page beyond the one where the string ends.
 */
enum od_mem_status od_mem_string(struct od_memory *mem, uint64_t addr, char *buf, size_t size);
/* The size bytes (1, 2, 4 or 8) at p as a number in the memory's byte order. */
uint64_t od_mem_number(const struct od_memory *mem, const void *p, size_t size);

#endif
