/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Headers of the kdump-compressed format (makedumpfile diskdump_mod.h and IMPLEMENTATION, header
 * versions 1 to 6; QEMU dump/dump.c writes 6): a header, a sub-header, two bitmaps of page frames (those
 * that there were, those that are dumped), a descriptor of 24 bytes for each dumped page, the pages.
 * In the byte order and with the padding of the machine that wrote it.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "symbols/vmcoreinfo.h"
#include "target/dump-kdump.h"

enum {
	SUB_HEADER = 104,
	UTS_LEN = 65,
	UTS_NODE = 12 + UTS_LEN,
	UTS_RELEASE = 12 + 2 * UTS_LEN,
	UTS_VERSION = 12 + 3 * UTS_LEN,
	UTS_MACHINE = 12 + 4 * UTS_LEN,
	HEADER = 464, /* the larger of the two */
	NEWEST = 6,
};

/* struct disk_dump_header of 64- and of 32-bit machines: where status is; what follows is the same. */
static const struct {
	uint8_t pointer_size;
	uint16_t timestamp, status;
} headers[] = { { 8, 408, 424 }, { 4, 404, 412 } };

/* struct kdump_sub_header: 64 bits; 32 bits as i386 packs it; 32 bits with 64-bit numbers aligned. */
static const struct sub_layout {
	uint8_t size; /* of unsigned long */
	uint8_t dump_level, split, start, end, vmcoreinfo, notes, erased, start64, end64, max64;
} subs[] = {
	{ 8, 8, 12, 16, 24, 32, 48, 64, 80, 88, 96 },
	{ 4, 4, 8, 12, 16, 20, 32, 44, 56, 64, 72 },
	{ 4, 4, 8, 12, 16, 24, 40, 56, 72, 80, 88 },
};

struct range {
	uint64_t offset, size;
};

/* What one file's headers say. */
struct header {
	uint8_t raw[HEADER];
	bool big_endian;
	uint8_t pointer_size;
	uint32_t version, status, block_size, sub_blocks, bitmap_blocks;
	uint64_t max_mapnr, timestamp, phys_base;
	bool has_sub, split;
	uint32_t dump_level;
	uint64_t start, end; /* frames, if split */
	struct range vmcoreinfo, notes, erased;
};

bool od_dump_is_kdump(const uint8_t *head, size_t len)
{
	return len >= 8 && !memcmp(head, "KDUMP   ", 8);
}

/* Read it one way; false: that makes no sense. */
static bool try_header(struct header *h, size_t layout, bool be)
{
	const uint8_t *p = h->raw + headers[layout].status;

	h->big_endian = be;
	h->pointer_size = headers[layout].pointer_size;
	h->version = (uint32_t)od_get(h->raw + 8, 4, be);
	h->timestamp = od_get(h->raw + headers[layout].timestamp, h->pointer_size, be);
	h->status = (uint32_t)od_get(p, 4, be);
	h->block_size = (uint32_t)od_get(p + 4, 4, be);
	h->sub_blocks = (uint32_t)od_get(p + 8, 4, be);
	h->bitmap_blocks = (uint32_t)od_get(p + 12, 4, be);
	h->max_mapnr = od_get(p + 16, 4, be);
	return h->version < 256 && h->block_size >= OD_DUMP_MIN_PAGE && h->block_size <= OD_DUMP_MAX_PAGE &&
	       !(h->block_size & (h->block_size - 1)) && h->sub_blocks <= (1u << 20) && h->bitmap_blocks;
}

static bool range_fits(const struct od_source *src, struct range r)
{
	return !r.size || (r.offset <= src->size && r.size <= src->size - r.offset);
}

static void try_sub(struct header *h, const uint8_t *p, const struct sub_layout *l)
{
	bool be = h->big_endian;
	struct range *ranges[] = { &h->vmcoreinfo, &h->notes, &h->erased };
	const uint8_t at[] = { l->vmcoreinfo, l->notes, l->erased };

	h->phys_base = od_get(p, l->size, be);
	h->dump_level = (uint32_t)od_get(p + l->dump_level, 4, be);
	h->split = h->version >= 2 && od_get(p + l->split, 4, be) != 0;
	h->start = od_get(p + l->start, l->size, be);
	h->end = od_get(p + l->end, l->size, be);
	for (unsigned i = 0; i < 3; i++)
		if (h->version >= 3 + i)
			*ranges[i] = (struct range){ od_get(p + at[i], 8, be), od_get(p + at[i] + 8, l->size, be) };
	if (h->version >= 6) {
		h->start = od_get(p + l->start64, 8, be);
		h->end = od_get(p + l->end64, 8, be);
		h->max_mapnr = od_get(p + l->max64, 8, be);
	}
}

static void read_sub(struct header *h, struct od_source *src)
{
	uint8_t p[SUB_HEADER] = { 0 };
	size_t first = h->pointer_size == 8 ? 0 : 1, last = h->pointer_size == 8 ? 0 : 2;

	h->has_sub = h->version >= 1 && h->sub_blocks &&
		     od_source_read(src, h->block_size, p, sizeof(p)) == sizeof(p);
	if (!h->has_sub)
		return;
	if (first != last && h->raw[UTS_MACHINE] && h->raw[UTS_MACHINE] != 'i')
		first = last;
	for (size_t i = first; i <= last; i++) {
		try_sub(h, p, &subs[i]);
		if (range_fits(src, h->vmcoreinfo) && range_fits(src, h->notes))
			break;
	}
}

static struct od_error *read_header(struct header *h, struct od_source *src)
{
	*h = (struct header){ 0 };
	if (od_source_read(src, 0, h->raw, HEADER) < HEADER)
		return od_error_new(OD_ERR_UNSUPPORTED, "a kdump that ends in its header");
	if (!od_dump_is_kdump(h->raw, 8))
		return od_error_new(OD_ERR_UNSUPPORTED, "not all files are parts of a kdump");
	for (size_t layout = 0; layout < 2; layout++)
		for (int be = 0; be < 2; be++)
			if (try_header(h, layout, be)) {
				read_sub(h, src);
				return NULL;
			}
	return od_error_new(OD_ERR_UNSUPPORTED, "a kdump whose header makes no sense in any byte order");
}

static const char *uts(struct od_dump *d, const struct header *h, unsigned at)
{
	const char *s = (const char *)h->raw + at;

	return od_arena_strndup(&d->arena, s, strnlen(s, UTS_LEN));
}

static const char *compression(struct od_dump *d, uint32_t status)
{
	bool available;
	const char *name = od_inflate_name(status & OD_KDUMP_COMPRESSED, &available);

	if (!name)
		return status & OD_KDUMP_COMPRESSED ? "several" : "none";
	if (!available)
		od_dump_say(d, "pages are compressed with %s, which cannot be undone: its library is missing", name);
	return name;
}

/* What is said of the dump as a whole; the first part tells it. */
static void take_facts(struct od_dump *d, const struct header *h)
{
	struct od_dump_facts *f = &d->facts;

	d->mem.big_endian = h->big_endian;
	d->mem.pointer_size = h->pointer_size;
	f->format = od_arena_printf(&d->arena, "kdump-compressed v%u", h->version);
	if (h->version > NEWEST)
		od_dump_say(d, "header version %u is newer than any that is known; read as %u", h->version,
			    (unsigned)NEWEST);
	f->compression = compression(d, h->status);
	f->nodename = uts(d, h, UTS_NODE);
	f->release = uts(d, h, UTS_RELEASE);
	f->version = uts(d, h, UTS_VERSION);
	f->arch = od_dump_arch(uts(d, h, UTS_MACHINE));
	f->timestamp = h->timestamp <= INT64_MAX ? (int64_t)h->timestamp : 0;
	f->max_pfn = h->max_mapnr;
	f->split = h->split;
	f->dump_level = h->has_sub && h->dump_level <= 31 ? (int)h->dump_level : -1;
	d->phys_base = h->phys_base;
	d->has_phys_base = h->has_sub && h->pointer_size == 8;
	if (h->erased.size)
		od_dump_say(d, "makedumpfile erased data in it on demand (--config or --eppic)");
	if (h->status & OD_KDUMP_NO_VMEMMAP)
		od_dump_say(d, "page structs of excluded pages were left out too (makedumpfile -e)");
}

/* Bytes of the file that a header refers to; NULL: there are none. *len gets what could be read. */
static uint8_t *read_range(struct od_dump *d, struct od_source *src, struct range r, size_t max, size_t *len)
{
	size_t n = r.size < max ? (size_t)r.size : max;
	uint8_t *p;

	if (!n || r.offset >= src->size)
		return NULL;
	if (r.size > max)
		od_dump_say(d, "%llu bytes of notes, of which %zu were read", (unsigned long long)r.size, max);
	if (n > src->size - r.offset)
		n = (size_t)(src->size - r.offset);
	p = od_arena_alloc(&d->arena, n);
	*len = od_source_read(src, r.offset, p, n);
	return p;
}

static void read_notes(struct od_dump *d, struct od_source *src, const struct header *h)
{
	size_t len = 0;
	uint8_t *p = read_range(d, src, h->notes, OD_DUMP_MAX_NOTES, &len);

	if (p && !d->prstatus)
		od_dump_take_notes(d, p, len);
	p = d->vmcoreinfo ? NULL : read_range(d, src, h->vmcoreinfo, OD_MAX_VMCOREINFO, &len);
	if (p && len) {
		d->vmcoreinfo = (const char *)p;
		d->vmcoreinfo_len = len;
	}
}

static void make_part(struct od_kdump_part *part, const struct header *h, struct od_source *src)
{
	uint64_t block = h->block_size, bitmap = block * h->bitmap_blocks;
	uint64_t one = (h->max_mapnr / 8 + (h->max_mapnr % 8 != 0) + block - 1) / block;

	part->src = src;
	part->bitmap = block * (1 + (uint64_t)h->sub_blocks);
	part->descs = part->bitmap + bitmap;
	part->present = part->bitmap;
	/* Old dumps have one bitmap, all others two; only the second says what has a descriptor. */
	if (h->bitmap_blocks / 2 >= one) {
		part->bitmap += bitmap / 2;
		part->has_present = true;
		bitmap /= 2;
	}
	part->bits = bitmap * 8;
	part->end = h->max_mapnr < part->bits ? h->max_mapnr : part->bits;
	if (h->split) {
		part->start = h->start;
		if (h->end < part->end)
			part->end = h->end;
	}
	if (part->start > part->end)
		part->start = part->end;
}

static int by_start(const void *a, const void *b)
{
	const struct od_kdump_part *l = a, *r = b;

	return l->start < r->start ? -1 : l->start > r->start;
}

/* Parts in the order of their frames; what none of them has is said. */
static void sort_parts(struct od_dump *d, struct od_kdump *k)
{
	uint64_t at = 0;

	qsort(k->parts, k->nparts, sizeof(*k->parts), by_start);
	for (unsigned i = 0; i < k->nparts; i++) {
		if (k->parts[i].start > at)
			od_dump_say(d, "the part with page frames %llu to %llu is missing",
				    (unsigned long long)at, (unsigned long long)k->parts[i].start - 1);
		if (k->parts[i].end > at)
			at = k->parts[i].end;
	}
	if (at < d->facts.max_pfn)
		od_dump_say(d, d->facts.split ? "the part with page frames %llu to %llu is missing" :
						"its bitmap has no room for page frames %llu to %llu",
			    (unsigned long long)at, (unsigned long long)d->facts.max_pfn - 1);
}

/* Where the last thing that the headers name ends: a file that ends before it was cut. */
static bool is_cut(const struct header *h, const struct od_kdump_part *part)
{
	return part->descs > part->src->size || !range_fits(part->src, h->notes) ||
	       !range_fits(part->src, h->vmcoreinfo);
}

struct od_error *od_dump_open_kdump(struct od_dump *d)
{
	struct od_kdump *k = od_calloc(1, sizeof(*k));
	struct header h, first;

	d->backend = k;
	d->ops = &od_kdump_ops;
	k->parts = od_calloc(d->nsrc, sizeof(*k->parts));
	for (unsigned i = 0; i < d->nsrc; i++) {
		struct od_error *err = read_header(&h, &d->src[i]);

		if (err)
			return err;
		if (!i) {
			first = h;
			take_facts(d, &h);
			od_dump_set_block(d, h.block_size);
		} else if (!h.split || !first.split || h.big_endian != first.big_endian ||
			   h.block_size != first.block_size || h.max_mapnr != first.max_mapnr ||
			   memcmp(h.raw + 12, first.raw + 12, 6 * UTS_LEN)) {
			return od_error_new(OD_ERR_UNSUPPORTED, "the files are not parts of one split dump");
		}
		d->facts.incomplete |= (h.status & OD_KDUMP_INCOMPLETE) != 0;
		make_part(&k->parts[k->nparts++], &h, &d->src[i]);
		d->facts.truncated |= is_cut(&h, &k->parts[i]);
		read_notes(d, &d->src[i], &h);
	}
	sort_parts(d, k);
	od_kdump_survey(d);
	return NULL;
}
