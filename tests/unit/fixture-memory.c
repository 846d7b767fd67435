/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/fixture-memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static uint8_t *find(struct od_fixture_memory *m, uint64_t addr, size_t *left)
{
	for (unsigned i = 0; i < m->n; i++)
		if (addr >= m->piece[i].addr && addr - m->piece[i].addr < m->piece[i].len) {
			*left = m->piece[i].len - (size_t)(addr - m->piece[i].addr);
			return m->piece[i].data + (addr - m->piece[i].addr);
		}
	return NULL;
}

static enum od_mem_status read_pieces(struct od_memory *mem, enum od_space space, uint64_t addr,
				      void *buf, size_t len, size_t *got)
{
	struct od_fixture_memory *m = (struct od_fixture_memory *)mem;

	(void)space;
	m->reads++;
	for (*got = 0; *got < len;) {
		size_t left, n = len - *got;
		const uint8_t *p = find(m, addr + *got, &left);

		if (!p)
			return OD_MEM_UNMAPPED;
		if (n > left)
			n = left;
		memcpy((uint8_t *)buf + *got, p, n);
		*got += n;
	}
	return OD_MEM_OK;
}

void od_fixture_memory_init(struct od_fixture_memory *m)
{
	*m = (struct od_fixture_memory){ .mem = { .read = read_pieces, .pointer_size = 8,
						  .page_size = 4096 } };
}

void od_fixture_memory_deinit(struct od_fixture_memory *m)
{
	for (unsigned i = 0; i < m->n; i++)
		free(m->piece[i].data);
	m->n = 0;
}

uint8_t *od_fixture_map(struct od_fixture_memory *m, uint64_t addr, size_t len)
{
	if (m->n == OD_FIXTURE_PIECES)
		abort();
	m->piece[m->n].addr = addr;
	m->piece[m->n].len = len;
	m->piece[m->n].data = od_calloc(1, len);
	return m->piece[m->n++].data;
}

void od_fixture_bytes(struct od_fixture_memory *m, uint64_t addr, const void *bytes, size_t len)
{
	size_t left = 0;
	uint8_t *p = find(m, addr, &left);

	if (!p || left < len)
		abort();
	memcpy(p, bytes, len);
}

void od_fixture_put(struct od_fixture_memory *m, uint64_t addr, uint64_t value, unsigned size)
{
	uint8_t b[8];

	for (unsigned i = 0; i < size; i++)
		b[m->mem.big_endian ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
	od_fixture_bytes(m, addr, b, size);
}
