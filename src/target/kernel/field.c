/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/field.h"

#include <string.h>

#include "target/kernel/infer.h"

enum { MAX_PATH = 128 };

/*
 * BTF counts a bit field's offset from the least significant bit of little-endian memory and from
 * the most significant one of big-endian memory (kernel/bpf/btf.c, btf_bitfield_show()).
 */
static void bit_field(const struct od_kernel *k, const struct od_member *m, struct od_field *ret)
{
	uint32_t first = m->bit_offset % 8;

	ret->size = (first + m->bits + 7) / 8;
	ret->bits = (uint8_t)m->bits;
	ret->shift = (uint8_t)(k->mem->big_endian ? ret->size * 8 - first - m->bits : first);
}

static bool from_types(const struct od_kernel *k, const struct od_btf *btf, uint32_t id,
		       const char *path, struct od_field *ret)
{
	struct od_member m;

	if (!id || !od_btf_member(btf, id, path, &m))
		return false;
	*ret = (struct od_field){ .offset = m.bit_offset / 8, .type = m.type, .known = true };
	if (m.bits && m.bits <= 56)
		bit_field(k, &m, ret);
	else if (!m.bits)
		ret->size = od_btf_size(btf, m.type);
	return true;
}

/* The next of "a|b|c", into path of MAX_PATH bytes. False: there is none, or it is too long. */
static bool next_path(const char **paths, char *path)
{
	size_t len = strcspn(*paths, "|");

	if (!**paths || len >= MAX_PATH)
		return false;
	memcpy(path, *paths, len);
	path[len] = '\0';
	*paths += len + ((*paths)[len] == '|');
	return true;
}

bool od_kernel_field(struct od_kernel *k, const char *type, const char *paths,
		     struct od_field *ret)
{
	const struct od_btf *btf = od_kernel_types(k);
	uint32_t id = btf ? od_btf_find(btf, type) : 0;
	char path[MAX_PATH];

	*ret = (struct od_field){ 0 };
	while (next_path(&paths, path)) {
		if (from_types(k, btf, id, path, ret))
			return true;
		if (od_inferred(k, type, path, &ret->offset, &ret->size))
			return ret->known = true;
		if (!k->btf && od_kernel_offset(k, type, path, &ret->offset))
			return ret->known = true;
	}
	return false;
}

bool od_typed_field(struct od_kernel *k, const struct od_btf *btf, uint32_t type, const char *paths,
		    struct od_field *ret)
{
	char path[MAX_PATH];

	*ret = (struct od_field){ 0 };
	while (next_path(&paths, path))
		if (from_types(k, btf, type, path, ret))
			return true;
	return false;
}

unsigned od_kernel_fields(struct od_kernel *k, const char *type, const struct od_field_row *rows,
			  size_t n, void *out)
{
	unsigned known = 0;

	for (size_t i = 0; i < n; i++)
		known += od_kernel_field(k, type, rows[i].paths,
					 (struct od_field *)((char *)out + rows[i].at));
	return known;
}

static uint64_t value(const struct od_memory *mem, const struct od_field *f, const uint8_t *bytes)
{
	uint64_t ret = od_mem_number(mem, bytes, f->size);

	return f->bits ? ret >> f->shift & ((1ull << f->bits) - 1) : ret;
}

bool od_field_read(struct od_kernel *k, const struct od_field *f, uint64_t addr, uint64_t *ret)
{
	uint8_t bytes[8];

	*ret = 0;
	if (!f->known || f->size == 0 || f->size > sizeof(bytes) ||
	    od_mem_read(k->mem, addr + f->offset, bytes, f->size) != OD_MEM_OK)
		return false;
	*ret = value(k->mem, f, bytes);
	return true;
}

bool od_field_get(const struct od_memory *mem, const struct od_field *f, const uint8_t *bytes,
		  size_t len, uint64_t *ret)
{
	*ret = 0;
	if (!f->known || f->size == 0 || f->size > 8 || f->offset > len ||
	    len - f->offset < f->size)
		return false;
	*ret = value(mem, f, bytes + f->offset);
	return true;
}
