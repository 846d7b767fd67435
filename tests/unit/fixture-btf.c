/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/fixture-btf.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static uint32_t order32(bool big, uint32_t v)
{
	uint8_t b[4];

	for (unsigned i = 0; i < 4; i++)
		b[big ? 3 - i : i] = (uint8_t)(v >> 8 * i);
	memcpy(&v, b, 4);
	return v;
}

void maker_init(struct maker *mk, bool big)
{
	*mk = (struct maker){ .big = big };
	od_buf_addch(&mk->strings, '\0');
}

void maker_deinit(struct maker *mk)
{
	od_buf_deinit(&mk->types);
	od_buf_deinit(&mk->strings);
}

void maker_u32(struct maker *mk, uint32_t v)
{
	v = order32(mk->big, v);
	od_buf_add(&mk->types, &v, 4);
}

uint32_t maker_string(struct maker *mk, const char *s)
{
	uint32_t at = (uint32_t)mk->strings.len;

	if (!*s)
		return 0;
	od_buf_add(&mk->strings, s, strlen(s) + 1);
	return at + mk->first_string;
}

uint32_t maker_type(struct maker *mk, const char *name, enum od_type_kind kind, bool flag,
		    uint32_t vlen, uint32_t size_or_type)
{
	maker_u32(mk, maker_string(mk, name));
	maker_u32(mk, (uint32_t)flag << 31 | (uint32_t)kind << 24 | vlen);
	maker_u32(mk, size_or_type);
	return ++mk->id;
}

void maker_member(struct maker *mk, const char *name, uint32_t type, uint32_t bit_offset,
		  uint32_t bits)
{
	maker_pair(mk, name, type);
	maker_u32(mk, bits << 24 | bit_offset);
}

void maker_pair(struct maker *mk, const char *name, uint32_t value)
{
	maker_u32(mk, maker_string(mk, name));
	maker_u32(mk, value);
}

uint32_t maker_int(struct maker *mk, const char *name, uint32_t size, bool is_signed)
{
	uint32_t id = maker_type(mk, name, OD_TYPE_INT, false, 0, size);

	maker_u32(mk, (uint32_t)is_signed << 24 | size * 8);
	return id;
}

uint32_t maker_array(struct maker *mk, uint32_t element, uint32_t n)
{
	uint32_t id = maker_type(mk, "", OD_TYPE_ARRAY, false, 0, 0);

	maker_u32(mk, element);
	maker_u32(mk, 1);
	maker_u32(mk, n);
	return id;
}

uint8_t *maker_data(const struct maker *mk, size_t *len)
{
	uint32_t head[6] = { 0, 24, 0, (uint32_t)mk->types.len, (uint32_t)mk->types.len,
			     (uint32_t)mk->strings.len };
	uint8_t *data;

	*len = sizeof(head) + mk->types.len + mk->strings.len;
	data = od_malloc(*len);
	for (unsigned i = 1; i < 6; i++)
		head[i] = order32(mk->big, head[i]);
	memcpy(data, head, sizeof(head));
	memcpy(data, mk->big ? "\xeb\x9f\x01" : "\x9f\xeb\x01", 4);
	memcpy(data + sizeof(head), mk->types.data, mk->types.len);
	memcpy(data + sizeof(head) + mk->types.len, mk->strings.data, mk->strings.len);
	return data;
}

struct od_btf *maker_btf(const struct maker *mk, const struct od_btf *base)
{
	size_t len;
	uint8_t *data = maker_data(mk, &len);
	struct od_btf *btf;
	struct od_error *err = od_btf_create(data, len, base, &btf);

	if (err)
		abort();
	return btf;
}

static enum od_mem_status read_bytes(struct od_memory *mem, enum od_space space, uint64_t addr,
				     void *buf, size_t len, size_t *got)
{
	struct fixture_memory *fm = (struct fixture_memory *)(void *)mem;
	uint8_t *out = buf;

	(void)space;
	for (*got = 0; *got < len; ++*got, addr++) {
		if (addr < FIXTURE_BASE || addr >= FIXTURE_BASE + FIXTURE_SIZE)
			return OD_MEM_UNMAPPED;
		if (fm->hole && addr >= fm->hole && addr - fm->hole < 4096)
			return OD_MEM_EXCLUDED;
		out[*got] = fm->bytes[addr - FIXTURE_BASE];
	}
	return OD_MEM_OK;
}

void fixture_memory_init(struct fixture_memory *fm, bool big)
{
	*fm = (struct fixture_memory){
		.mem = { .read = read_bytes, .big_endian = big, .pointer_size = 8,
			 .page_size = 4096 },
	};
}
