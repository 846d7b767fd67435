/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bounded cursor over DWARF. Reading beyond the end gives 0 and is remembered, so that a reader
 * may look at `bad` once for many reads; what it read by then it must not trust.
 */
#ifndef OD_SYMBOLS_DWARF_READ_H
#define OD_SYMBOLS_DWARF_READ_H

#include "symbols/debug-elf.h"

struct od_dw {
	const uint8_t *p, *end; /* p is never beyond end */
	bool big, bad;
};

static inline struct od_dw od_dw_init(const uint8_t *p, size_t len, bool big)
{
	/* A section that is not there has no bytes, but a place: NULL + 0 is undefined. */
	if (!p)
		p = (const uint8_t *)"";
	return (struct od_dw){ p, p + len, big, false };
}

static inline size_t od_dw_left(const struct od_dw *r)
{
	return (size_t)(r->end - r->p);
}

static inline void od_dw_fail(struct od_dw *r)
{
	r->p = r->end;
	r->bad = true;
}

static inline bool od_dw_skip(struct od_dw *r, uint64_t n)
{
	if (n > od_dw_left(r)) {
		od_dw_fail(r);
		return false;
	}
	r->p += n;
	return true;
}

static inline uint8_t od_dw_u8(struct od_dw *r)
{
	if (r->p < r->end)
		return *r->p++;
	r->bad = true;
	return 0;
}

/* 2, 4 or 8 bytes. */
static inline uint64_t od_dw_number(struct od_dw *r, unsigned len)
{
	const uint8_t *p = r->p;

	return od_dw_skip(r, len) ? od_elf_number(r->big, p, len) : 0;
}

static inline uint32_t od_dw_u16(struct od_dw *r)
{
	return (uint32_t)od_dw_number(r, 2);
}

static inline uint32_t od_dw_u32(struct od_dw *r)
{
	return (uint32_t)od_dw_number(r, 4);
}

/* 1 to 8 bytes: addresses of any size, and the three of strx3. */
static inline uint64_t od_dw_sized(struct od_dw *r, unsigned len)
{
	uint64_t v = 0;

	if (len == 4 || len == 8 || len == 2)
		return od_dw_number(r, len);
	if (len > 8 || len > od_dw_left(r)) {
		od_dw_fail(r);
		return 0;
	}
	for (unsigned i = 0; i < len; i++)
		v |= (uint64_t)r->p[i] << 8 * (r->big ? len - 1 - i : i);
	r->p += len;
	return v;
}

/* What does not fit into 64 bits loses its upper ones; at most 16 bytes belong to a number. */
static inline uint64_t od_dw_uleb(struct od_dw *r)
{
	uint64_t v;
	uint8_t b;

	if (r->p < r->end && *r->p < 0x80)
		return *r->p++;
	v = 0;
	for (unsigned shift = 0; shift < 7 * 16; shift += 7) {
		b = od_dw_u8(r);
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
	od_dw_fail(r);
	return 0;
}

static inline int64_t od_dw_sleb(struct od_dw *r)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 7 * 16; shift += 7) {
		uint8_t b = od_dw_u8(r);

		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		if (b & 0x80)
			continue;
		if (shift + 7 < 64 && b & 0x40)
			v |= ~UINT64_C(0) << (shift + 7);
		return (int64_t)v;
	}
	od_dw_fail(r);
	return 0;
}

/* A string that ends inside; NULL: it does not. */
static inline const char *od_dw_string(struct od_dw *r)
{
	const uint8_t *p = r->p, *nul = memchr(p, '\0', od_dw_left(r));

	if (!nul) {
		od_dw_fail(r);
		return NULL;
	}
	r->p = nul + 1;
	return (const char *)p;
}

/* unit_length: 4 bytes, or 12 for the 64-bit format; *offset_size says which. */
static inline uint64_t od_dw_length(struct od_dw *r, unsigned *offset_size)
{
	uint64_t len = od_dw_u32(r);

	*offset_size = 4;
	if (len == 0xffffffff) {
		*offset_size = 8;
		return od_dw_number(r, 8);
	}
	if (len >= 0xfffffff0)
		od_dw_fail(r);
	return len;
}

#endif
