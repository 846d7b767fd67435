/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages of a kdump-compressed dump. The nth dumped frame has the nth descriptor, so a frame is found by
 * counting the bits before its own; counts are kept for each 4096 frames. A descriptor is checked when
 * it is used, and only then.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "target/dump-kdump.h"

/* Bits [from, to) of a chunk that are set. */
static unsigned count_bits(const uint8_t *chunk, unsigned from, unsigned to)
{
	unsigned n = 0;

	while (from < to && from % 64) {
		n += chunk[from / 8] >> from % 8 & 1;
		from++;
	}
	for (; from + 64 <= to; from += 64) {
		uint64_t word;

		memcpy(&word, chunk + from / 8, sizeof(word));
		n += (unsigned)__builtin_popcountll(word);
	}
	for (; from < to; from++)
		n += chunk[from / 8] >> from % 8 & 1;
	return n;
}

/* Part of chunk number c (of the whole bitmap) that belongs to this part of a split set. */
static void own_bits(const struct od_kdump_part *p, uint64_t c, unsigned *from, unsigned *to)
{
	uint64_t first = c * OD_KDUMP_CHUNK_BITS;

	*from = p->start > first ? (unsigned)(p->start - first) : 0;
	*to = p->end < first + OD_KDUMP_CHUNK_BITS ? (unsigned)(p->end - first) : OD_KDUMP_CHUNK_BITS;
}

/* Count up to chunk number c; false: the bitmap is cut before that. */
static bool count_to(struct od_kdump_part *p, uint64_t c)
{
	enum { PIECE = 64 * 1024 };
	uint64_t base = p->start / OD_KDUMP_CHUNK_BITS, want = c - base + 1;
	uint8_t *buf;

	if (p->ncounts > want)
		return true;
	buf = od_malloc(PIECE);
	if (!p->ncounts) {
		p->cap = 64;
		p->counts = od_malloc(p->cap * sizeof(*p->counts));
		p->counts[p->ncounts++] = 0;
	}
	while (p->ncounts <= want) {
		uint64_t at = base + p->ncounts - 1;
		size_t have = od_source_read(p->src, p->bitmap + at * OD_KDUMP_CHUNK, buf, PIECE);

		if (have < OD_KDUMP_CHUNK)
			break;
		for (size_t i = 0; i + OD_KDUMP_CHUNK <= have && p->ncounts <= want; i += OD_KDUMP_CHUNK) {
			unsigned from, to;

			own_bits(p, at++, &from, &to);
			if (p->ncounts == p->cap) {
				p->cap *= 2;
				p->counts = od_realloc(p->counts, p->cap * sizeof(*p->counts));
			}
			p->counts[p->ncounts] = p->counts[p->ncounts - 1] +
						(from < to ? count_bits(buf + i, from, to) : 0);
			p->ncounts++;
		}
	}
	free(buf);
	return p->ncounts > want;
}

static const uint8_t *load_chunk(struct od_kdump_part *p, uint64_t c)
{
	if (p->chunk_at != c + 1) {
		p->chunk_at = 0;
		if (od_source_read(p->src, p->bitmap + c * OD_KDUMP_CHUNK, p->chunk, OD_KDUMP_CHUNK) <
		    OD_KDUMP_CHUNK)
			return NULL;
		p->chunk_at = c + 1;
	}
	return p->chunk;
}

/* Why a frame that has no descriptor is not there. */
static enum od_mem_status why_not(struct od_kdump_part *p, uint64_t pfn)
{
	uint8_t byte;

	if (!p->has_present)
		return OD_MEM_ABSENT;
	if (od_source_read(p->src, p->present + pfn / 8, &byte, 1) < 1)
		return OD_MEM_TRUNCATED;
	return byte >> pfn % 8 & 1 ? OD_MEM_EXCLUDED : OD_MEM_ABSENT;
}

/* File offset of the descriptor of a frame. */
static enum od_mem_status find_desc(struct od_kdump_part *p, uint64_t pfn, uint64_t *ret)
{
	uint64_t c = pfn / OD_KDUMP_CHUNK_BITS;
	unsigned bit = (unsigned)(pfn % OD_KDUMP_CHUNK_BITS), from, to;
	const uint8_t *chunk = load_chunk(p, c);

	if (!chunk)
		return OD_MEM_TRUNCATED;
	if (!(chunk[bit / 8] >> bit % 8 & 1))
		return why_not(p, pfn);
	if (pfn >= OD_KDUMP_MAX_BITS + p->start)
		return OD_MEM_DAMAGED;
	if (!count_to(p, c))
		return OD_MEM_TRUNCATED;
	own_bits(p, c, &from, &to);
	*ret = p->descs + OD_KDUMP_DESC * (p->counts[c - p->start / OD_KDUMP_CHUNK_BITS] +
					   count_bits(chunk, from, bit));
	return OD_MEM_OK;
}

/* The page that a descriptor (page_desc_t: offset, size, flags, page_flags) describes. */
static enum od_mem_status read_desc(struct od_dump *d, struct od_kdump_part *p, const uint8_t *desc,
				    uint8_t *page)
{
	struct od_kdump *k = d->backend;
	uint64_t offset = od_get(desc, 8, d->mem.big_endian), size = od_get(desc + 8, 4, d->mem.big_endian);
	unsigned flags = (unsigned)od_get(desc + 12, 4, d->mem.big_endian) & OD_KDUMP_COMPRESSED;

	if (!offset) /* its writer was stopped before it came to this page */
		return OD_MEM_TRUNCATED;
	if (offset < p->descs || !size || size > d->block_size || (flags & (flags - 1)) ||
	    (!flags && size != d->block_size))
		return OD_MEM_DAMAGED;
	if (!flags)
		return od_source_read(p->src, offset, page, size) == size ? OD_MEM_OK : OD_MEM_TRUNCATED;
	if (!k->in)
		k->in = od_malloc(d->block_size);
	if (od_source_read(p->src, offset, k->in, size) < size)
		return OD_MEM_TRUNCATED;
	return od_inflate(flags, k->in, size, page, d->block_size) ? OD_MEM_OK : OD_MEM_DAMAGED;
}

static struct od_kdump_part *part_of(struct od_kdump *k, uint64_t pfn)
{
	for (unsigned i = 0; i < k->nparts; i++)
		if (pfn >= k->parts[i].start && pfn < k->parts[i].end)
			return &k->parts[i];
	return NULL;
}

/* No part has that frame: each has the bitmaps of all, so what is missing can be told. */
static enum od_mem_status of_no_part(struct od_kdump *k, uint64_t pfn)
{
	struct od_kdump_part *p = &k->parts[0];
	uint64_t c = pfn / OD_KDUMP_CHUNK_BITS;
	const uint8_t *chunk;

	if (pfn >= p->bits)
		return OD_MEM_ABSENT;
	chunk = load_chunk(p, c);
	if (!chunk || chunk[pfn / 8 % OD_KDUMP_CHUNK] >> pfn % 8 & 1)
		return OD_MEM_TRUNCATED;
	return why_not(p, pfn);
}

static enum od_mem_status kdump_page(struct od_dump *d, uint64_t pfn, uint8_t *page)
{
	struct od_kdump *k = d->backend;
	struct od_kdump_part *p = part_of(k, pfn);
	uint8_t desc[OD_KDUMP_DESC];
	enum od_mem_status status;
	uint64_t at = 0;

	if (pfn >= d->facts.max_pfn)
		return OD_MEM_ABSENT;
	if (!p)
		return of_no_part(k, pfn);
	status = find_desc(p, pfn, &at);
	if (status != OD_MEM_OK)
		return status;
	if (od_source_read(p->src, at, desc, sizeof(desc)) < sizeof(desc))
		return OD_MEM_TRUNCATED;
	return read_desc(d, p, desc, page);
}

static uint64_t kdump_next(struct od_dump *d, uint64_t pfn)
{
	struct od_kdump *k = d->backend;
	uint64_t c = pfn / OD_KDUMP_CHUNK_BITS;
	struct od_kdump_part *p = NULL;

	for (unsigned i = 0; i < k->nparts && !p; i++)
		if (pfn < k->parts[i].end)
			p = &k->parts[i];
	if (!p)
		return UINT64_MAX;
	if (pfn < p->start)
		return p->start;
	if (pfn - p->start >= OD_KDUMP_MAX_BITS || !count_to(p, c))
		return UINT64_MAX;
	c -= p->start / OD_KDUMP_CHUNK_BITS;
	return p->counts[c + 1] > p->counts[c] ? pfn : (pfn / OD_KDUMP_CHUNK_BITS + 1) * OD_KDUMP_CHUNK_BITS;
}

/* Do the last descriptors point into the file? Pages are written in their order. */
static void look_at_end(struct od_dump *d, struct od_kdump_part *p, uint64_t n)
{
	enum { LAST = 256 };
	uint64_t first = n > LAST ? n - LAST : 0;
	uint8_t *descs = od_malloc(LAST * OD_KDUMP_DESC);
	size_t len = (size_t)(n - first) * OD_KDUMP_DESC;

	if (od_source_read(p->src, p->descs + first * OD_KDUMP_DESC, descs, len) < len)
		d->facts.truncated = true;
	else
		for (size_t i = 0; i < len; i += OD_KDUMP_DESC) {
			uint64_t offset = od_get(descs + i, 8, d->mem.big_endian);
			uint64_t size = od_get(descs + i + 8, 4, d->mem.big_endian);

			d->facts.incomplete |= !offset;
			d->facts.truncated |= offset > p->src->size || size > p->src->size - offset;
		}
	free(descs);
}

void od_kdump_survey(struct od_dump *d)
{
	enum { CHEAP = 1 << 22 }; /* frames: 16 GB of pages of 4 KiB, half a megabyte of bitmap */
	struct od_kdump *k = d->backend;
	uint64_t n = 0;

	if (d->facts.max_pfn > CHEAP)
		return;
	for (unsigned i = 0; i < k->nparts; i++) {
		struct od_kdump_part *p = &k->parts[i];
		uint64_t own;

		if (p->start >= p->end)
			continue;
		if (!count_to(p, (p->end - 1) / OD_KDUMP_CHUNK_BITS))
			return;
		own = p->counts[(p->end - 1) / OD_KDUMP_CHUNK_BITS - p->start / OD_KDUMP_CHUNK_BITS + 1];
		if (own)
			look_at_end(d, p, own);
		n += own;
	}
	d->facts.pages = n;
}

static void kdump_destroy(struct od_dump *d)
{
	struct od_kdump *k = d->backend;

	for (unsigned i = 0; i < k->nparts; i++)
		free(k->parts[i].counts);
	free(k->parts);
	free(k->in);
	free(k);
}

const struct od_dump_ops od_kdump_ops = {
	.page = kdump_page,
	.next = kdump_next,
	.destroy = kdump_destroy,
};
