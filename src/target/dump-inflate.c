/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages of kdump-compressed dumps: one row a method. The only file that includes the compression
 * libraries. Decompressors keep their state between pages: the engine is one thread.
 */
#include "config.h"

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_LZO
#include <lzo/lzo1x.h>
#endif
#ifdef SNAPPY_SONAME
#include <dlfcn.h>
#include <snappy-c.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "target/dump-internal.h"

#ifdef HAVE_ZLIB
static bool inflate_zlib(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len)
{
	static z_stream z;
	static bool ready;

	if (!ready)
		ready = inflateInit(&z) == Z_OK;
	else
		inflateReset(&z);
	if (!ready)
		return false;
	z.next_in = (Bytef *)(uintptr_t)in; /* zlib's own const depends on ZLIB_CONST */
	z.avail_in = (uInt)in_len;
	z.next_out = out;
	z.avail_out = (uInt)out_len;
	return inflate(&z, Z_FINISH) == Z_STREAM_END && !z.avail_out;
}
#endif

#ifdef HAVE_LZO
static bool inflate_lzo(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len)
{
	lzo_uint n = out_len;

	return lzo1x_decompress_safe(in, in_len, out, &n, NULL) == LZO_E_OK && n == out_len;
}
#endif

#ifdef SNAPPY_SONAME
/*
 * Loaded when the first page of snappy comes: libsnappy needs libstdc++, which would cost every start of
 * the program more than the whole analysis of a log takes.
 */
static struct {
	bool tried;
	__typeof__(&snappy_uncompress) uncompress;
	__typeof__(&snappy_uncompressed_length) length;
} snappy;

static bool load_snappy(void)
{
	void *lib;

	if (!snappy.tried && !od_dump_sealed) {
		snappy.tried = true;
		lib = dlopen(SNAPPY_SONAME, RTLD_NOW | RTLD_LOCAL);
		if (lib) {
			*(void **)&snappy.length = dlsym(lib, "snappy_uncompressed_length");
			*(void **)&snappy.uncompress = dlsym(lib, "snappy_uncompress");
		}
	}
	return snappy.length && snappy.uncompress;
}

static bool inflate_snappy(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len)
{
	size_t n = 0;

	return load_snappy() && snappy.length((const char *)in, in_len, &n) == SNAPPY_OK && n == out_len &&
	       snappy.uncompress((const char *)in, in_len, (char *)out, &n) == SNAPPY_OK && n == out_len;
}
#endif

#ifdef HAVE_ZSTD
static bool inflate_zstd(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len)
{
	static ZSTD_DCtx *ctx;

	if (!ctx)
		ctx = ZSTD_createDCtx();
	return ctx && ZSTD_decompressDCtx(ctx, out, out_len, in, in_len) == out_len;
}
#endif

static const struct {
	unsigned flag;
	const char *name;
	bool (*inflate)(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len);
	bool (*load)(void); /* NULL: always there */
} methods[] = {
#ifdef HAVE_ZLIB
	{ OD_KDUMP_ZLIB, "zlib", inflate_zlib, NULL },
#else
	{ OD_KDUMP_ZLIB, "zlib", NULL, NULL },
#endif
#ifdef HAVE_LZO
	{ OD_KDUMP_LZO, "lzo", inflate_lzo, NULL },
#else
	{ OD_KDUMP_LZO, "lzo", NULL, NULL },
#endif
#ifdef SNAPPY_SONAME
	{ OD_KDUMP_SNAPPY, "snappy", inflate_snappy, load_snappy },
#else
	{ OD_KDUMP_SNAPPY, "snappy", NULL, NULL },
#endif
#ifdef HAVE_ZSTD
	{ OD_KDUMP_ZSTD, "zstd", inflate_zstd, NULL },
#else
	{ OD_KDUMP_ZSTD, "zstd", NULL, NULL },
#endif
};

enum { METHODS = sizeof(methods) / sizeof(*methods) };

const char *od_inflate_name(unsigned flag, bool *available)
{
	for (size_t i = 0; i < METHODS; i++)
		if (methods[i].flag == flag) {
			*available = methods[i].inflate && (!methods[i].load || methods[i].load());
			return methods[i].name;
		}
	return NULL;
}

bool od_inflate_built(const char *name)
{
	for (size_t i = 0; i < METHODS; i++)
		if (!strcmp(methods[i].name, name))
			return methods[i].inflate != NULL;
	return false;
}

void od_inflate_prepare(unsigned flags)
{
	for (size_t i = 0; i < METHODS; i++)
		if (methods[i].flag & flags && methods[i].load)
			(void)methods[i].load();
}

bool od_inflate(unsigned flag, const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len)
{
	for (size_t i = 0; i < METHODS; i++)
		if (methods[i].flag == flag)
			return methods[i].inflate && methods[i].inflate(in, in_len, out, out_len);
	return false;
}
