/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A memory made of pieces; what is in none of them is not mapped. */
#ifndef OD_TESTS_FIXTURE_MEMORY_H
#define OD_TESTS_FIXTURE_MEMORY_H

#include "model/memory.h"

enum { OD_FIXTURE_PIECES = 16 };

struct od_fixture_memory {
	struct od_memory mem; /* first: the reader finds the rest by it */
	struct {
		uint64_t addr;
		size_t len;
		uint8_t *data;
	} piece[OD_FIXTURE_PIECES];
	unsigned n;
	unsigned long reads;
};

/* Little endian, 64 bits, pages of 4 KiB; nothing is mapped. */
void od_fixture_memory_init(struct od_fixture_memory *m);
void od_fixture_memory_deinit(struct od_fixture_memory *m);
/* len bytes of zeros at addr; valid until deinit. */
uint8_t *od_fixture_map(struct od_fixture_memory *m, uint64_t addr, size_t len);
/* Write into what is mapped; anything else ends the test. */
void od_fixture_put(struct od_fixture_memory *m, uint64_t addr, uint64_t value, unsigned size);
void od_fixture_bytes(struct od_fixture_memory *m, uint64_t addr, const void *bytes, size_t len);

#endif
