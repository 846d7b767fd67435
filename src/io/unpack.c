/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is packed, and one compressed file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "io/unpack-internal.h"

enum { HEAD = 512, TAR_MAGIC = 257 };

/* The first bytes of what may be packed. */
static const struct {
	const char *magic;
	size_t len, at;
	enum od_packing what;
	bool inside; /* a compressed file may hold it too */
} magics[] = {
	{ "\x1f\x8b\x08", 3, 0, OD_PACK_STREAM, false },
	{ "\xfd" "7zXZ", 6, 0, OD_PACK_STREAM, false },
	{ "\x28\xb5\x2f\xfd", 4, 0, OD_PACK_STREAM, false },
	{ "BZh", 3, 0, OD_PACK_STREAM, false },
	{ "\x04\x22\x4d\x18", 4, 0, OD_PACK_STREAM, false },
	{ "!<arch>\ndebian-binary", 21, 0, OD_PACK_ARCHIVE, false },
	{ "\xed\xab\xee\xdb", 4, 0, OD_PACK_ARCHIVE, false },
	{ "ustar", 5, TAR_MAGIC, OD_PACK_ARCHIVE, true },
	{ "070701", 6, 0, OD_PACK_ARCHIVE, true },
	{ "PK\003\004", 4, 0, OD_PACK_ARCHIVE, false },
};

enum { MAGICS = sizeof(magics) / sizeof(*magics) };

static enum od_packing by_magic(const unsigned char *head, size_t len, bool inside)
{
	for (size_t i = 0; i < MAGICS; i++)
		if (magics[i].at + magics[i].len <= len && (magics[i].inside || !inside) &&
		    !memcmp(head + magics[i].at, magics[i].magic, magics[i].len))
			return magics[i].what;
	return OD_PACK_NONE;
}

enum od_packing od_unpack_magic(const void *head, size_t len)
{
	return by_magic(head, len, false);
}

bool od_unpack_load(void)
{
	return od_archive_load();
}

/* What the first bytes of a compressed file become. -1: no codec is built in for it. */
static ssize_t first_bytes(int fd, unsigned char *out, size_t len)
{
	unsigned char in[4096];
	struct od_codec_io io = { in, 0, out, len, false };
	struct od_packed packed;
	struct od_codec *codec;
	ssize_t n;

	od_packed_init(&packed, fd, NULL);
	n = od_packed_read(&packed, in, sizeof(in));
	codec = n > 0 ? od_codec_open(in, (size_t)n) : NULL;
	if (!codec)
		return n > 0 ? -1 : 0;
	io.in_len = (size_t)n;
	/* A block comes as a whole: up to 4 MiB of lz4. */
	while (io.out_len > 0 && packed.at < 5 << 20) {
		if (od_codec_run(codec, &io) != OD_CODEC_MORE)
			break;
		if (io.in_len > 0)
			continue;
		n = od_packed_read(&packed, in, sizeof(in));
		if (n < 0 || io.last)
			break;
		io.last = n == 0;
		io.in = in;
		io.in_len = (size_t)n;
	}
	od_codec_close(codec);
	return (ssize_t)(len - io.out_len);
}

/* Does a package come out of the compressed bytes? */
static bool holds_archive(int fd)
{
	unsigned char out[HEAD] = { 0 };
	ssize_t n = first_bytes(fd, out, sizeof(out));

	return n < 0 ? od_archive_holds_tar(fd) : by_magic(out, (size_t)n, true) == OD_PACK_ARCHIVE;
}

enum od_packing od_unpack_probe(int fd)
{
	unsigned char head[HEAD];
	ssize_t n = pread(fd, head, sizeof(head), 0);
	enum od_packing what = n > 0 ? by_magic(head, (size_t)n, false) : OD_PACK_NONE;

	return what == OD_PACK_STREAM && holds_archive(fd) ? OD_PACK_ARCHIVE : what;
}

/* Is it compressed in a way that needs libarchive? */
static bool needs_archive(int fd)
{
	unsigned char head[HEAD];
	ssize_t n = pread(fd, head, sizeof(head), 0);
	struct od_codec *codec = n > 0 ? od_codec_open(head, (size_t)n) : NULL;

	od_codec_close(codec);
	return !codec;
}

void od_unpack_prepare(int fd)
{
	enum od_packing what = od_unpack_probe(fd);

	if (what == OD_PACK_ARCHIVE || (what == OD_PACK_STREAM && needs_archive(fd)))
		(void)od_archive_load();
}

void od_unpack_seal(void)
{
	od_archive_seal();
}

bool od_unpack_has(const char *name)
{
	return !strcmp(name, "libarchive") ? od_archive_built() : od_codec_has(name);
}

static struct od_error *bad(const struct od_packed *packed)
{
	if (packed->size && packed->at >= packed->size)
		return od_error_new(OD_ERR_UNSUPPORTED, "compressed, and damaged or cut off");
	return od_error_new(OD_ERR_UNSUPPORTED, "compressed, and damaged");
}

/* out is OD_UNPACK_CHUNK bytes to work with, in holds the first io->in_len of the file. */
static struct od_error *run_codec(struct od_codec *codec, struct od_packed *packed, struct od_scratch *s,
				  unsigned char *in, size_t n, unsigned char *out)
{
	struct od_codec_io io = { in, n, out, OD_UNPACK_CHUNK, false };
	struct od_error *err = NULL;

	for (;;) {
		const size_t in_before = io.in_len, out_before = io.out_len;
		enum od_codec_result ret = od_codec_run(codec, &io);
		bool flush = io.out_len == 0 || ret == OD_CODEC_END;

		if (ret == OD_CODEC_BAD)
			return bad(packed);
		if (flush) {
			size_t len = OD_UNPACK_CHUNK - io.out_len;

			err = od_packed_account(packed, len);
			if (!err)
				err = od_scratch_add(s, out, len);
			if (err || ret == OD_CODEC_END)
				return err;
			io.out = out;
			io.out_len = OD_UNPACK_CHUNK;
		}
		/* The end of the input, and nothing comes any more. */
		if (!flush && io.last && io.in_len == in_before && io.out_len == out_before)
			return bad(packed);
		if (io.in_len == 0 && !io.last) {
			ssize_t got = od_packed_read(packed, in, OD_UNPACK_CHUNK);

			if (got < 0)
				return od_error_new(OD_ERR_IO, "%s", strerror(errno));
			io.last = got == 0;
			io.in = in;
			io.in_len = (size_t)got;
		}
	}
}

static struct od_error *unpack(struct od_packed *packed, struct od_scratch *s)
{
	od_autofree unsigned char *in = od_malloc(OD_UNPACK_CHUNK), *out = od_malloc(OD_UNPACK_CHUNK);
	ssize_t n = od_packed_read(packed, in, OD_UNPACK_CHUNK);
	struct od_codec *codec = n > 0 ? od_codec_open(in, (size_t)n) : NULL;
	struct od_error *err;

	if (n < 0)
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	if (!codec) {
		packed->at = 0;
		return od_archive_stream(packed, s);
	}
	err = run_codec(codec, packed, s, in, (size_t)n, out);
	od_codec_close(codec);
	return err;
}

bool od_unpack_is_stream(const void *head, size_t len)
{
	return by_magic(head, len, false) == OD_PACK_STREAM;
}

size_t od_unpack_first(int fd, void *buf, size_t len)
{
	ssize_t n = first_bytes(fd, buf, len < OD_UNPACK_FIRST ? len : OD_UNPACK_FIRST);

	return n > 0 ? (size_t)n : 0;
}

/* Why an image is not whole; it is all the same to whoever reads it. */
static const char *cut_text(const struct od_error *err, const struct od_packed *packed)
{
	if (err->code == OD_ERR_LIMIT)
		return "what is compressed in it is larger than what is allowed (see --max-memory), or took too long";
	return packed->size && packed->at >= packed->size ? "the compressed file is cut off" :
							    "the compressed file is damaged";
}

/* Until an error, or the end: what came out by then is in s. */
static struct od_error *run_image(struct od_codec *codec, struct od_packed *packed, struct od_scratch *s,
				  unsigned char *in, size_t n, unsigned char *out)
{
	struct od_codec_io io = { in, n, out, OD_UNPACK_CHUNK, false };
	struct od_error *err = NULL;

	for (;;) {
		const size_t in_before = io.in_len, out_before = io.out_len;
		const enum od_codec_result ret = od_codec_run(codec, &io);
		const bool stuck = io.last && io.in_len == in_before && io.out_len == out_before;
		size_t solid;

		if (ret != OD_CODEC_MORE || !io.out_len || stuck) {
			err = od_scratch_add_sparse(s, out, OD_UNPACK_CHUNK - io.out_len, &solid);
			if (!err)
				err = od_packed_account(packed, solid);
			if (!err && s->size + s->hole > OD_UNPACK_IMAGE)
				err = od_error_new(OD_ERR_LIMIT, "too large");
			if (!err && (ret == OD_CODEC_BAD || (stuck && io.out_len == OD_UNPACK_CHUNK)))
				err = bad(packed);
			if (err || ret == OD_CODEC_END)
				return err;
			io.out = out;
			io.out_len = OD_UNPACK_CHUNK;
		}
		if (io.in_len == 0 && !io.last) {
			ssize_t got = od_packed_read(packed, in, OD_UNPACK_CHUNK);

			if (got < 0)
				return od_error_new(OD_ERR_IO, "%s", strerror(errno));
			io.last = got == 0;
			io.in = in;
			io.in_len = (size_t)got;
		}
	}
}

struct od_error *od_unpack_image(int fd, const struct od_unpack_watch *watch, struct od_unpacked_image *ret)
{
	od_autofree unsigned char *in = od_malloc(OD_UNPACK_CHUNK), *out = od_malloc(OD_UNPACK_CHUNK);
	struct od_packed packed;
	struct od_codec *codec;
	struct od_scratch s;
	struct od_error *err;
	ssize_t n;

	*ret = (struct od_unpacked_image){ .fd = -1 };
	od_packed_init(&packed, fd, watch);
	n = od_packed_read(&packed, in, OD_UNPACK_CHUNK);
	codec = n > 0 ? od_codec_open(in, (size_t)n) : NULL;
	if (!codec)
		return od_error_new(OD_ERR_UNSUPPORTED, "compressed in a way that this build lacks");
	ret->how = od_codec_name(codec);
	err = od_scratch_begin(&s);
	if (!err) {
		err = run_image(codec, &packed, &s, in, (size_t)n, out);
		if (err && (s.size || s.hole)) {
			ret->cut = true;
			ret->why = cut_text(err, &packed);
			od_error_free(err);
			err = NULL;
		}
		if (!err)
			err = od_scratch_end(&s, &ret->fd);
		od_scratch_drop(&s);
	}
	od_codec_close(codec);
	od_packed_deinit(&packed);
	return err;
}

struct od_error *od_unpack_stream(int fd, const struct od_unpack_watch *watch, int *ret)
{
	struct od_packed packed;
	struct od_scratch s;
	struct od_error *err;

	*ret = -1;
	od_packed_init(&packed, fd, watch);
	err = od_scratch_begin(&s);
	if (!err)
		err = unpack(&packed, &s);
	if (!err)
		err = od_scratch_end(&s, ret);
	od_scratch_drop(&s);
	od_packed_deinit(&packed);
	return err;
}

struct od_error *od_unpack_store(const void *data, size_t len, int *ret)
{
	struct od_scratch s;
	struct od_error *err;

	*ret = -1;
	err = od_scratch_begin(&s);
	if (!err)
		err = od_scratch_add(&s, data, len);
	if (!err)
		err = od_scratch_end(&s, ret);
	od_scratch_drop(&s);
	return err;
}
