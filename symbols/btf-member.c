/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BTF: members, enumerators, sizes, and the way of a path from a struct to a member. */
#include "base/cursor.h"
#include "symbols/btf-internal.h"

void od_btf_nth_member(const struct od_type *type, uint32_t n, struct od_member *ret)
{
	const struct od_btf *btf = type->owner;
	const uint8_t *p = type->more + (size_t)n * OD_BTF_MEMBER;
	uint32_t offset = od_btf_u32(btf, p + 8);
	struct od_type t;

	ret->name = od_btf_string(btf, od_btf_u32(btf, p));
	ret->type = od_btf_u32(btf, p + 4);
	ret->bits = 0;
	ret->bit_offset = offset;
	if (type->flag) {
		ret->bits = offset >> 24;
		ret->bit_offset = offset & 0xffffff;
		if (ret->bits > 64)
			ret->bits = 64;
	} else if (od_btf_resolve(btf, ret->type, &t) && t.bits) {
		/* Before 5.0 the type itself was of so many bits. */
		ret->bits = t.bits > 64 ? 64 : t.bits;
		ret->bit_offset += t.bits_at;
	}
}

const char *od_btf_nth_enumerator(const struct od_type *type, uint32_t n, int64_t *value)
{
	const struct od_btf *btf = type->owner;
	bool wide = type->kind == OD_TYPE_ENUM64;
	const uint8_t *p = type->more + (size_t)n * (wide ? OD_BTF_ENUM64 : OD_BTF_ENUM);
	uint32_t low = od_btf_u32(btf, p + 4);

	if (wide)
		*value = (int64_t)((uint64_t)od_btf_u32(btf, p + 8) << 32 | low);
	else
		*value = type->flag ? (int32_t)low : (int64_t)low;
	return od_btf_string(btf, od_btf_u32(btf, p));
}

const char *od_btf_nth_parameter(const struct od_type *type, uint32_t n, uint32_t *ret)
{
	const struct od_btf *btf = type->owner;
	const uint8_t *p = type->more + (size_t)n * OD_BTF_PARAM;

	*ret = od_btf_u32(btf, p + 4);
	return od_btf_string(btf, od_btf_u32(btf, p));
}

const char *od_btf_enumerator_name(const struct od_btf *btf, uint32_t type, int64_t value)
{
	struct od_type t;
	uint64_t mask;
	int64_t v;

	if (!od_btf_resolve(btf, type, &t) || (t.kind != OD_TYPE_ENUM && t.kind != OD_TYPE_ENUM64))
		return NULL;
	/* Kernels up to 6.0 do not say that an enum is signed. */
	mask = t.size && t.size < 8 ? ((uint64_t)1 << t.size * 8) - 1 : UINT64_MAX;
	for (uint32_t i = 0; i < t.count; i++) {
		const char *name = od_btf_nth_enumerator(&t, i, &v);

		if (!(((uint64_t)v ^ (uint64_t)value) & mask))
			return *name ? name : NULL;
	}
	return NULL;
}

uint64_t od_btf_size(const struct od_btf *btf, uint32_t type)
{
	uint64_t n = 1, size;
	struct od_type t;

	for (unsigned i = 0; i <= OD_MAX_TYPE_DEPTH; i++) {
		if (!od_btf_resolve(btf, type, &t))
			return 0;
		if (t.kind != OD_TYPE_ARRAY) {
			size = t.kind == OD_TYPE_PTR ? btf->pointer_size : t.size;
			return __builtin_mul_overflow(n, size, &size) ? 0 : size;
		}
		if (__builtin_mul_overflow(n, (uint64_t)t.count, &n))
			return 0;
		type = t.type;
	}
	return 0;
}

struct walk {
	const struct od_btf *btf;
	const char *name;
	size_t len;
	uint32_t steps; /* members that may still be looked at */
};

static bool same_name(const struct walk *w, const char *name)
{
	return !strncmp(name, w->name, w->len) && !name[w->len];
}

static bool is_struct(const struct od_type *t)
{
	return t->kind == OD_TYPE_STRUCT || t->kind == OD_TYPE_UNION;
}

/* w->name in a struct, or in its anonymous members; *ret is from the beginning of the struct. */
static bool find_member(struct walk *w, const struct od_type *t, unsigned depth,
			struct od_member *ret)
{
	struct od_type inner;
	uint64_t offset;

	for (uint32_t i = 0; i < t->count && w->steps; i++) {
		w->steps--;
		od_btf_nth_member(t, i, ret);
		if (*ret->name) {
			if (same_name(w, ret->name))
				return true;
			continue;
		}
		offset = ret->bit_offset;
		if (depth < OD_MAX_TYPE_DEPTH && od_btf_resolve(w->btf, ret->type, &inner) &&
		    is_struct(&inner) && find_member(w, &inner, depth + 1, ret)) {
			ret->bit_offset += offset;
			return true;
		}
	}
	return false;
}

static bool step_name(struct walk *w, struct od_cursor *c, struct od_member *ret)
{
	uint64_t offset = ret->bit_offset;
	struct od_type t;

	w->name = c->p;
	while (!od_cur_end(c) && *c->p != '.' && *c->p != '[')
		c->p++;
	w->len = (size_t)(c->p - w->name);
	if (!w->len || !od_btf_resolve(w->btf, ret->type, &t) || !is_struct(&t) ||
	    !find_member(w, &t, 0, ret))
		return false;
	return !__builtin_add_overflow(ret->bit_offset, offset, &ret->bit_offset);
}

/* What stands in [ ]. An array without a length is as long as one likes. */
static bool step_index(const struct walk *w, struct od_cursor *c, struct od_member *ret)
{
	uint64_t n, bits;
	struct od_type t;

	if (!(od_cur_0x(c, &n) || od_cur_dec(c, &n)) || !od_cur_char(c, ']'))
		return false;
	if (!od_btf_resolve(w->btf, ret->type, &t) || t.kind != OD_TYPE_ARRAY ||
	    (t.count && n >= t.count))
		return false;
	if (__builtin_mul_overflow(od_btf_size(w->btf, t.type), n, &bits) ||
	    __builtin_mul_overflow(bits, 8, &bits) ||
	    __builtin_add_overflow(ret->bit_offset, bits, &ret->bit_offset))
		return false;
	ret->type = t.type;
	ret->bits = 0;
	ret->name = "";
	return true;
}

bool od_btf_member(const struct od_btf *btf, uint32_t type, const char *path, struct od_member *ret)
{
	struct walk w = { .btf = btf, .steps = OD_MAX_MEMBER_STEPS };
	struct od_cursor c = od_cursor_init(path, strlen(path));

	*ret = (struct od_member){ .type = type, .name = "" };
	/* A path may begin with an index: of an array that is no member of anything. */
	if (od_cur_end(&c) || (od_cur_peek(&c) != '[' && !step_name(&w, &c, ret)))
		return false;
	while (!od_cur_end(&c)) {
		if (od_cur_char(&c, '.') ? !step_name(&w, &c, ret)
					 : !od_cur_char(&c, '[') || !step_index(&w, &c, ret))
			return false;
	}
	return true;
}

bool od_btf_offset(const struct od_btf *btf, const char *type, const char *path, uint64_t *ret)
{
	uint32_t id = od_btf_find(btf, type);
	struct od_member m;

	*ret = 0;
	if (!id || !od_btf_member(btf, id, path, &m) || m.bits)
		return false;
	*ret = m.bit_offset / 8;
	return true;
}

uint64_t od_bits(const uint8_t *p, unsigned at, unsigned bits, bool big_endian)
{
	unsigned n = od_bits_bytes(at, bits), last = n - 1;
	uint64_t v = 0;

	if (!bits)
		return 0;
	/* Up to nine bytes: the one with the fewest bits of it goes in last, shifted. */
	if (big_endian) {
		unsigned spare = n * 8 - at - bits; /* unused bits of the last byte */

		for (unsigned i = 0; i < last; i++)
			v = v << 8 | p[i];
		v = (n > 1 ? v << (8 - spare) : 0) | p[last] >> spare;
	} else {
		unsigned first = 8 - at; /* bits of it in the first byte */

		for (unsigned i = last; i > 0; i--)
			v = v << 8 | p[i];
		v = (n > 1 ? v << first : 0) | p[0] >> at;
	}
	return bits < 64 ? v & (((uint64_t)1 << bits) - 1) : v;
}
