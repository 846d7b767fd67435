/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LZ4 frames (lz4_Frame_format.md 1.6, lz4_Block_format.md), as systemd-coredump writes them: so little that a
 * library for it would be more to load than to write. Checksums are passed over; what makes no sense is an error.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "io/unpack-lz4.h"

enum { HISTORY = 64 << 10, MAX_HEAD = 19 };

enum state { HEAD, SIZE, BLOCK, STORED, OUT, TAIL, BETWEEN };

struct od_lz4 {
	enum state state;
	uint8_t *in;	    /* what was gathered of the next thing */
	size_t have, need;
	uint8_t *out;	    /* HISTORY bytes of what came before, then a block */
	size_t history, len; /* bytes of each that there are */
	size_t given;	    /* of the block */
	size_t block_max;
	bool linked, block_sum, content_sum;
	bool cut; /* this is the part of a block that there is */
};

struct od_lz4 *od_lz4_open(void)
{
	struct od_lz4 *z = od_calloc(1, sizeof(*z));

	z->in = od_malloc(MAX_HEAD);
	z->need = 7;
	return z;
}

void od_lz4_close(struct od_lz4 *z)
{
	free(z->in);
	free(z->out);
	free(z);
}

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

/* False: more is needed. */
static bool gather(struct od_lz4 *z, struct od_codec_io *io)
{
	size_t n = z->need - z->have < io->in_len ? z->need - z->have : io->in_len;

	memcpy(z->in + z->have, io->in, n);
	io->in += n;
	io->in_len -= n;
	z->have += n;
	return z->have == z->need;
}

static void expect(struct od_lz4 *z, enum state state, size_t need)
{
	z->state = state;
	z->need = need;
	z->have = 0;
}

static bool take_head(struct od_lz4 *z)
{
	const uint8_t flags = z->in[4], size = z->in[5] >> 4 & 7;
	const size_t need = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);

	if (le32(z->in) != 0x184d2204 || flags >> 6 != 1 || size < 4)
		return false;
	if (z->need < need) { /* the rest of it */
		z->need = need;
		return true;
	}
	/* Made from a dictionary that is not here. */
	if (flags & 1)
		return false;
	z->linked = !(flags & 0x20);
	z->block_sum = flags & 0x10;
	z->content_sum = flags & 4;
	z->block_max = (size_t)1 << (8 + 2 * size);
	z->in = od_realloc(z->in, z->block_max + 4);
	z->out = od_realloc(z->out, HISTORY + z->block_max);
	z->history = z->len = 0;
	expect(z, SIZE, 4);
	return true;
}

/* A length that goes on in bytes of 255. */
static bool more_length(const uint8_t **p, const uint8_t *end, size_t *len)
{
	uint8_t b;

	do {
		if (*p == end || *len > SIZE_MAX / 2)
			return false;
		b = *(*p)++;
		*len += b;
	} while (b == 255);
	return true;
}

static bool decode(struct od_lz4 *z, size_t size)
{
	const uint8_t *p = z->in, *end = p + size;
	uint8_t *base = z->out + HISTORY, *to = base, *const to_end = base + z->block_max;

	while (p < end) {
		const uint8_t token = *p++;
		size_t n = token >> 4, offset;

		z->len = (size_t)(to - base);
		if (n == 15 && !more_length(&p, end, &n))
			return false;
		if (n > (size_t)(end - p) || n > (size_t)(to_end - to))
			return false;
		memcpy(to, p, n);
		to += n;
		p += n;
		if (p == end) /* the last sequence is literals alone */
			break;
		if (end - p < 2)
			return false;
		offset = p[0] | (size_t)p[1] << 8;
		p += 2;
		n = token & 15;
		if ((n == 15 && !more_length(&p, end, &n)) || !offset ||
		    offset > (size_t)(to - base) + z->history || n + 4 > (size_t)(to_end - to))
			return false;
		n += 4;
		if (offset >= n) {
			memcpy(to, to - offset, n);
			to += n;
		} else {
			for (; n; n--, to++)
				*to = to[-(ptrdiff_t)offset];
		}
	}
	z->len = (size_t)(to - base);
	return true;
}

static bool take_size(struct od_lz4 *z)
{
	const uint32_t v = le32(z->in);
	const size_t size = v & 0x7fffffff;

	if (!v) {
		expect(z, z->content_sum ? TAIL : BETWEEN, z->content_sum ? 4 : 7);
		return true;
	}
	if (size > z->block_max)
		return false;
	expect(z, v >> 31 ? STORED : BLOCK, size + (z->block_sum ? 4 : 0));
	return true;
}

static bool take_block(struct od_lz4 *z)
{
	const size_t size = z->need - (z->block_sum ? 4 : 0);

	/* What the next block may refer to. */
	if (z->linked && z->len) {
		const size_t all = z->history + z->len, keep = all < HISTORY ? all : HISTORY;

		memmove(z->out + HISTORY - keep, z->out + HISTORY + z->len - keep, keep);
		z->history = keep;
	}
	if (z->state == STORED) {
		memcpy(z->out + HISTORY, z->in, size);
		z->len = size;
	} else if (!decode(z, size)) {
		return false;
	}
	z->given = 0;
	z->state = OUT;
	return true;
}

static void give(struct od_lz4 *z, struct od_codec_io *io)
{
	size_t n = z->len - z->given < io->out_len ? z->len - z->given : io->out_len;

	memcpy(io->out, z->out + HISTORY + z->given, n);
	io->out += n;
	io->out_len -= n;
	z->given += n;
	if (z->given == z->len)
		expect(z, SIZE, 4);
}

enum od_codec_result od_lz4_run(struct od_lz4 *z, struct od_codec_io *io)
{
	for (;;) {
		bool ok = true;

		if (z->state == OUT) {
			give(z, io);
			if (z->state == OUT)
				return OD_CODEC_MORE;
			continue;
		}
		if (z->state == BETWEEN && !z->have && !io->in_len)
			return io->last ? OD_CODEC_END : OD_CODEC_MORE;
		if (z->cut)
			return OD_CODEC_BAD;
		if (!gather(z, io)) {
			if (!io->last)
				return OD_CODEC_MORE;
			/* Up to 4 MiB lie in a block: what there is of it is better than nothing. */
			z->cut = true;
			z->len = 0;
			if (z->state == BLOCK)
				(void)decode(z, z->have);
			else if (z->state != STORED)
				return OD_CODEC_BAD;
			else
				memcpy(z->out + HISTORY, z->in, z->len = z->have < z->block_max ? z->have : z->block_max);
			z->given = 0;
			z->state = OUT;
			continue;
		}
		switch (z->state) {
		case HEAD:
		case BETWEEN: ok = take_head(z); break;
		case SIZE: ok = take_size(z); break;
		case BLOCK:
		case STORED: ok = take_block(z); break;
		case TAIL: expect(z, BETWEEN, 7); break;
		default: break;
		}
		if (!ok)
			return OD_CODEC_BAD;
	}
}
