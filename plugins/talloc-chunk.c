/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers of talloc's chunks, by version. Facts: lib/talloc/talloc.c of talloc 2.0.0 to 2.4.2. */
#include <stdlib.h>

#include "talloc-heap.h"

#define MAGIC_2_0 0xe8150c70u /* 0xe814ec70 + (major << 12) + (minor << 4) */
#define MAGIC_2_1 0xe8150c80u

/*
 * struct talloc_chunk began with its links and ended with flags and pool; 2.0.8 put a limit before
 * the pool, 2.1.4 put the flags first and made them random. Headers are rounded up to 16 bytes. Of
 * rows that fit alike the first counts.
 */
/* clang-format off */
static const struct layout rows[] = {
	/*                  flags next prev par chi refs des name size pool */
	{"2.1.4 or later",  8, 0x60, 0,  8, 16, 24, 32, 40, 48, 56, 64, 80, 0x20, 0},
	{"2.0.8 to 2.0.x",  8, 0x60, 64, 0,  8, 16, 24, 32, 40, 48, 56, 80, 0x20, MAGIC_2_0},
	{"2.1.0 to 2.1.3",  8, 0x60, 64, 0,  8, 16, 24, 32, 40, 48, 56, 80, 0x20, MAGIC_2_1},
	{"2.0.0 to 2.0.7",  8, 0x50, 64, 0,  8, 16, 24, 32, 40, 48, 56, 72, 0,    MAGIC_2_0},
	{"2.1.4 or later",  4, 0x30, 0,  4,  8, 12, 16, 20, 24, 28, 32, 40, 0x10, 0},
	{"2.0.8 to 2.0.x",  4, 0x30, 32, 0,  4,  8, 12, 16, 20, 24, 28, 40, 0x10, MAGIC_2_0},
	{"2.1.0 to 2.1.3",  4, 0x30, 32, 0,  4,  8, 12, 16, 20, 24, 28, 40, 0x10, MAGIC_2_1},
};
/* clang-format on */

const struct layout *layouts(size_t *n)
{
	*n = sizeof(rows) / sizeof(*rows);
	return rows;
}

/* --- memory --------------------------------------------------------------------------------- */

static bool read_host(struct heap *h, uint64_t at, void *buf, uint32_t len)
{
	int32_t code;

	if (h->reads >= MAX_READS) {
		h->lacking = true;
		return false;
	}
	h->reads++;
	code = h->m->c->host->read(h->m->c->rep, at, buf, len);
	/* Cut off, or left out of the core: it may have been right. */
	h->lacking = code != OD_PLUGIN_OK && code != OD_PLUGIN_UNMAPPED;
	return code == OD_PLUGIN_OK;
}

/* The page of an address, or NULL: a core may end within one. */
static const uint8_t *page_of(struct heap *h, uint64_t at)
{
	const uint64_t page = at / HEAP_PAGE * HEAP_PAGE;
	const size_t slot = page / HEAP_PAGE % HEAP_PAGES;

	if (h->page_at[slot] != page) {
		h->page_at[slot] = 1;
		if (!h->pages[slot])
			h->pages[slot] = malloc(HEAP_PAGE);
		if (!h->pages[slot] || !read_host(h, page, h->pages[slot], HEAP_PAGE))
			return NULL;
		h->page_at[slot] = page;
	}
	return h->pages[slot];
}

bool heap_read(struct heap *h, uint64_t at, void *buf, size_t len)
{
	uint8_t *to = buf;

	if (!len || len > HEAP_PAGE || at > UINT64_MAX - HEAP_PAGE)
		return false;
	for (size_t done = 0; done < len;) {
		const size_t in = (at + done) % HEAP_PAGE;
		const size_t n = len - done < HEAP_PAGE - in ? len - done : HEAP_PAGE - in;
		const uint8_t *page = page_of(h, at + done);

		if (page)
			memcpy(to + done, page + in, n);
		else if (!read_host(h, at + done, to + done, (uint32_t)n))
			return false;
		done += n;
	}
	return true;
}

static uint64_t number(const struct heap *h, const uint8_t *p, unsigned size)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < size; i++)
		v = v << 8 | p[h->big_endian ? i : size - 1 - i];
	return v;
}

uint64_t heap_pointer(struct heap *h, uint64_t at, unsigned width)
{
	uint8_t raw[8];

	return heap_read(h, at, raw, width) ? number(h, raw, width) : 0;
}

bool heap_is_address(uint64_t v, unsigned width)
{
	return v >= MIN_POINTER && !(v % width) && v < (width == 4 ? 1ull << 32 : 1ull << 56);
}

/* --- one chunk ------------------------------------------------------------------------------ */

bool chunk_read(struct heap *h, const struct layout *l, uint64_t at, struct chunk *ret)
{
	uint8_t raw[0x60];

	/* malloc() aligns to two pointers, and so do pools. */
	if (at % (2 * l->width) || !heap_is_address(at, l->width) ||
	    !heap_read(h, at, raw, l->header))
		return false;
	*ret = (struct chunk){
		.at = at,
		.flags = (uint32_t)number(h, raw + l->flags, 4),
		.next = number(h, raw + l->next, l->width),
		.prev = number(h, raw + l->prev, l->width),
		.parent = number(h, raw + l->parent, l->width),
		.child = number(h, raw + l->child, l->width),
		.refs = number(h, raw + l->refs, l->width),
		.destructor = number(h, raw + l->destructor, l->width),
		.name = number(h, raw + l->name, l->width),
		.size = number(h, raw + l->size, l->width),
		.pool = number(h, raw + l->pool, l->width),
	};
	return true;
}

/* 2.1.11 and later: 0xe814ec70 + (major << 24) + (minor << 16) + (release << 8). */
bool stamp_version(uint32_t flags, unsigned *minor, unsigned *release)
{
	const uint32_t left = (flags & ~FLAG_MASK) - 0xea14ec70u;

	*minor = left >> 16;
	*release = left >> 8 & 0xff;
	return (flags & FLAG_FREE) && !(left & 0xff) && *minor >= 1 && *minor < 32 && *release < 64;
}

bool chunk_name(struct heap *h, const struct chunk *c, char *buf, size_t size)
{
	size_t n = 0;
	char ch = 1;

	/* A name may stand at the end of what is mapped: byte by byte, from kept pages. */
	while (c->name >= MIN_POINTER && n + 1 < size && heap_read(h, c->name + n, &ch, 1) &&
	       ch >= ' ' && ch <= '~')
		buf[n++] = ch;
	/* What is longer is cut; anything else than a NUL at the end is no name. */
	if (!n || (n + 1 < size && ch))
		n = 0;
	buf[n] = '\0';
	return n > 0;
}

bool chunk_label(struct heap *h, const struct chunk *c, char *buf, size_t size)
{
	enum { TOLD = 16 };
	char name[NAME_SIZE];

	if (!chunk_name(h, c, name, sizeof(name)) || c->name != chunk_object(h, c))
		return snprintf(buf, size, "%s", name) > 0;
	snprintf(buf, size, "the string \"%.*s%s\"", TOLD, name, strlen(name) > TOLD ? "..." : "");
	return true;
}

bool is_place(const char *s)
{
	const char *colon = strrchr(s, ':'), *p;

	if (!colon || colon == s || !colon[1] || strchr(s, ' '))
		return false;
	for (p = colon + 1; *p; p++)
		if (*p < '0' || *p > '9')
			return false;
	return memchr(s, '.', (size_t)(colon - s)) != NULL;
}

static bool sane_link(uint64_t v, const struct layout *l)
{
	return !v || heap_is_address(v, l->width);
}

/*
 * free() of the C library keeps its lists in the first two words of what it is given, which
 * since 2.1.4 is the mark and a link. The rest stays until the memory is given out again: above all
 * the name, which talloc_free() has set to the place of the free.
 */
static bool is_overwritten(struct heap *h, const struct chunk *c)
{
	const struct layout *l = h->layout;
	char name[NAME_SIZE];

	return !l->flags && sane_link(c->prev, l) && !c->child && sane_link(c->parent, l) &&
	       sane_link(c->pool, l) && c->size < TALLOC_MAX_SIZE &&
	       chunk_name(h, c, name, sizeof(name)) && is_place(name);
}

enum state chunk_state(struct heap *h, uint64_t at, struct chunk *ret)
{
	unsigned minor, release;
	uint32_t magic;

	if (!h->layout || !chunk_read(h, h->layout, at, ret))
		return CHUNK_NONE;
	magic = ret->flags & ~FLAG_MASK;
	if (h->magic && magic == h->magic)
		return ret->flags & FLAG_FREE ? CHUNK_FREED : CHUNK_LIVE;
	if (!h->layout->magic && stamp_version(ret->flags, &minor, &release)) {
		if (!h->stamped)
			snprintf(h->version, sizeof(h->version), "2.%u.%u", minor, release);
		h->stamped = true;
		return CHUNK_FREED;
	}
	return is_overwritten(h, ret) ? CHUNK_OVERWRITTEN : CHUNK_NONE;
}
