/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compressed streams, one row a method, with the libraries that the program has anyway. What these
 * are not, libarchive may be.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "base/alloc.h"
#include "io/unpack-internal.h"
#include "io/unpack-lz4.h"

struct method {
	const char *name;
	unsigned char magic[6];
	size_t magic_len;
	bool (*open)(struct od_codec *c);
	enum od_codec_result (*run)(struct od_codec *c, struct od_codec_io *io);
	void (*close)(struct od_codec *c);
};

struct od_codec {
	const struct method *method;
	bool between; /* a stream ended, another one may begin */
	union {
#ifdef HAVE_ZLIB
		z_stream z;
#endif
#ifdef HAVE_LZMA
		lzma_stream lzma;
#endif
#ifdef HAVE_ZSTD
		ZSTD_DStream *zstd;
#endif
		struct od_lz4 *lz4;
	} u;
};

#ifdef HAVE_ZLIB
static bool gzip_open(struct od_codec *c)
{
	c->u.z = (z_stream){ 0 };
	return inflateInit2(&c->u.z, 15 + 16) == Z_OK; /* the largest window; a gzip header */
}

/* Files may be put together; what follows and is none is no part of it, as gzip sees it. */
static enum od_codec_result gzip_run(struct od_codec *c, struct od_codec_io *io)
{
	z_stream *z = &c->u.z;
	int ret;

	if (c->between) {
		if (!io->in_len)
			return io->last ? OD_CODEC_END : OD_CODEC_MORE;
		if (io->in[0] != 0x1f)
			return OD_CODEC_END;
		if (inflateReset(z) != Z_OK)
			return OD_CODEC_BAD;
		c->between = false;
	}
	z->next_in = (Bytef *)(uintptr_t)io->in; /* zlib's own const depends on ZLIB_CONST */
	z->avail_in = (uInt)io->in_len;
	z->next_out = io->out;
	z->avail_out = (uInt)io->out_len;
	ret = inflate(z, Z_NO_FLUSH);
	io->in = z->next_in;
	io->in_len = z->avail_in;
	io->out = z->next_out;
	io->out_len = z->avail_out;
	if (ret == Z_STREAM_END)
		c->between = true;
	else if (ret != Z_OK && ret != Z_BUF_ERROR)
		return OD_CODEC_BAD;
	return OD_CODEC_MORE;
}

static void gzip_close(struct od_codec *c)
{
	inflateEnd(&c->u.z);
}

size_t od_unpack_deflated(const void *data, size_t len, void *ret, size_t max)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)data,
		       .avail_in = (uInt)len,
		       .next_out = ret,
		       .avail_out = (uInt)max };
	bool whole;

	if (len > UINT32_MAX || max > UINT32_MAX || inflateInit2(&z, -15) != Z_OK)
		return 0;
	whole = inflate(&z, Z_FINISH) == Z_STREAM_END;
	inflateEnd(&z);
	return whole ? max - z.avail_out : 0;
}
#else
size_t od_unpack_deflated(const void *data, size_t len, void *ret, size_t max)
{
	(void)data, (void)len, (void)ret, (void)max;
	return 0;
}
#endif

#ifdef HAVE_LZMA
static bool xz_open(struct od_codec *c)
{
	/* The largest window that xz makes (-9) is 64 MiB. */
	const uint64_t memory = (uint64_t)160 << 20;

	c->u.lzma = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&c->u.lzma, memory, LZMA_CONCATENATED) == LZMA_OK;
}

static enum od_codec_result xz_run(struct od_codec *c, struct od_codec_io *io)
{
	lzma_stream *s = &c->u.lzma;
	lzma_ret ret;

	s->next_in = io->in;
	s->avail_in = io->in_len;
	s->next_out = io->out;
	s->avail_out = io->out_len;
	ret = lzma_code(s, io->last && !io->in_len ? LZMA_FINISH : LZMA_RUN);
	io->in = s->next_in;
	io->in_len = s->avail_in;
	io->out = s->next_out;
	io->out_len = s->avail_out;
	if (ret == LZMA_STREAM_END)
		return OD_CODEC_END;
	return ret == LZMA_OK || ret == LZMA_BUF_ERROR ? OD_CODEC_MORE : OD_CODEC_BAD;
}

static void xz_close(struct od_codec *c)
{
	lzma_end(&c->u.lzma);
}
#endif

#ifdef HAVE_ZSTD
static bool zstd_open(struct od_codec *c)
{
	c->u.zstd = ZSTD_createDStream();
	/* Windows up to 128 MiB (--ultra, --long=27), which is the default of the tool too. */
	return c->u.zstd && !ZSTD_isError(ZSTD_initDStream(c->u.zstd));
}

static enum od_codec_result zstd_run(struct od_codec *c, struct od_codec_io *io)
{
	ZSTD_inBuffer in = { io->in, io->in_len, 0 };
	ZSTD_outBuffer out = { io->out, io->out_len, 0 };
	size_t ret;

	if (c->between && !io->in_len)
		return io->last ? OD_CODEC_END : OD_CODEC_MORE;
	ret = ZSTD_decompressStream(c->u.zstd, &out, &in);
	if (ZSTD_isError(ret))
		return OD_CODEC_BAD;
	c->between = ret == 0;
	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->out_len -= out.pos;
	return OD_CODEC_MORE;
}

static void zstd_close(struct od_codec *c)
{
	ZSTD_freeDStream(c->u.zstd);
}
#endif

static bool lz4_open(struct od_codec *c)
{
	c->u.lz4 = od_lz4_open();
	return true;
}

static enum od_codec_result lz4_run(struct od_codec *c, struct od_codec_io *io)
{
	return od_lz4_run(c->u.lz4, io);
}

static void lz4_close(struct od_codec *c)
{
	od_lz4_close(c->u.lz4);
}

static const struct method methods[] = {
#ifdef HAVE_ZLIB
	{ "gzip", "\x1f\x8b\x08", 3, gzip_open, gzip_run, gzip_close },
#endif
#ifdef HAVE_LZMA
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, xz_open, xz_run, xz_close },
#endif
#ifdef HAVE_ZSTD
	{ "zstd", "\x28\xb5\x2f\xfd", 4, zstd_open, zstd_run, zstd_close },
#endif
	{ "lz4", "\x04\x22\x4d\x18", 4, lz4_open, lz4_run, lz4_close },
	{ NULL, "", 0, NULL, NULL, NULL },
};

struct od_codec *od_codec_open(const unsigned char *head, size_t len)
{
	for (const struct method *m = methods; m->name; m++) {
		struct od_codec *c;

		if (len < m->magic_len || memcmp(head, m->magic, m->magic_len) != 0)
			continue;
		c = od_calloc(1, sizeof(*c));
		c->method = m;
		if (m->open(c))
			return c;
		free(c);
		return NULL;
	}
	return NULL;
}

void od_codec_close(struct od_codec *c)
{
	if (!c)
		return;
	c->method->close(c);
	free(c);
}

enum od_codec_result od_codec_run(struct od_codec *c, struct od_codec_io *io)
{
	return c->method->run(c, io);
}

const char *od_codec_name(const struct od_codec *c)
{
	return c->method->name;
}

bool od_codec_has(const char *name)
{
	for (const struct method *m = methods; m->name; m++)
		if (!strcmp(m->name, name))
			return true;
	return false;
}
