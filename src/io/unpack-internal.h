/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of unpack share. */
#ifndef OD_IO_UNPACK_INTERNAL_H
#define OD_IO_UNPACK_INTERNAL_H

#include <stddef.h>

#include "io/unpack.h"

enum { OD_UNPACK_CHUNK = 256 * 1024 }; /* bytes that are read and written at a time */

/* --- the packed file: read by place, so that nobody else's place in it changes --------------- */
struct od_packed {
	int fd;
	uint64_t at, size; /* size 0: unknown */
	uint64_t out;	   /* bytes that came out of it */
	uint64_t told_ns;  /* when the watch was asked last */
	struct od_unpack_watch watch;
	struct od_error *err; /* what reading failed by, where a library stands between */
};

void od_packed_init(struct od_packed *p, int fd, const struct od_unpack_watch *watch);
void od_packed_deinit(struct od_packed *p);
/* Up to len bytes; 0 at the end, -1 with errno. */
ssize_t od_packed_read(struct od_packed *p, void *buf, size_t len);
/* n more bytes came out: may it go on? An error if the watch says no or it is too much for the input. */
struct od_error *od_packed_account(struct od_packed *p, uint64_t n);

/* --- the file that is written ----------------------------------------------------------------- */
struct od_scratch {
	int fd; /* -1: none */
	uint64_t size; /* without holes that od_scratch_add_sparse() left */
	uint64_t hole; /* zeros that stand at the end, and are not yet there */
};

struct od_error *od_scratch_begin(struct od_scratch *s);
struct od_error *od_scratch_add(struct od_scratch *s, const void *data, size_t len);
/* A hole of n bytes: zeros that cost nothing. */
struct od_error *od_scratch_skip(struct od_scratch *s, uint64_t n);
/* As od_scratch_add(), but pages of zeros become holes. *solid: bytes that did not. */
struct od_error *od_scratch_add_sparse(struct od_scratch *s, const void *data, size_t len, size_t *solid);
/* Sealed, at its beginning; the caller owns the descriptor. */
struct od_error *od_scratch_end(struct od_scratch *s, int *ret);
/* Forget it; after an error, and after od_scratch_end() without effect. */
void od_scratch_drop(struct od_scratch *s);

/* --- one compressed stream, a piece at a time --------------------------------------------------- */
struct od_codec;

enum od_codec_result { OD_CODEC_MORE, OD_CODEC_END, OD_CODEC_BAD };

struct od_codec_io {
	const unsigned char *in;
	size_t in_len;
	unsigned char *out;
	size_t out_len;
	bool last; /* no more input comes after in */
};

/* By the first bytes; NULL: none that is built in. The caller owns it. */
struct od_codec *od_codec_open(const unsigned char *head, size_t len);
void od_codec_close(struct od_codec *c);
/*
 * Take from in, fill out, move both. MORE: out is full, or in is empty. END: a stream ended there, and
 * all that follow it; BAD: damaged, or it needs too much memory.
 */
enum od_codec_result od_codec_run(struct od_codec *c, struct od_codec_io *io);
/* "zstd". Static. */
const char *od_codec_name(const struct od_codec *c);
bool od_codec_has(const char *name);

/* --- libarchive ----------------------------------------------------------------------------------- */
/* Is it loaded, now or before? */
bool od_archive_load(void);
void od_archive_seal(void);
bool od_archive_built(void);
/* A compressed file in a way that only libarchive knows. */
struct od_error *od_archive_stream(struct od_packed *p, struct od_scratch *s);
/* The same: does a package come out of it? */
bool od_archive_holds_tar(int fd);

#endif
