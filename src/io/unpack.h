/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is packed, as files: one compressed file (vmlinux.xz, ext4.ko.zst), and packages (.deb, .rpm,
 * .zip, .tar with or without compression). What comes out are sealed files in memory that nobody can
 * change any more; nothing is ever written to a path, and a member's name is only text.
 *
 * A package is read once, from its beginning to its end: whoever asks for members takes them as they
 * come by. What is packed is a stranger's, so everything has a bound: bytes of one file and of all,
 * entries, what one byte may become, nesting. What goes beyond is an error, never a part of a file.
 */
#ifndef OD_IO_UNPACK_H
#define OD_IO_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

enum {
	OD_UNPACK_ENTRIES = 1 << 20,  /* of one package */
	OD_UNPACK_NAME = 1024,	      /* bytes of a member's name, with its NUL */
	OD_UNPACK_FILES = 256,	      /* that one engine makes in its life */
	OD_UNPACK_RATIO = 256,	      /* what a byte may become at most, in the long run */
	OD_UNPACK_PEEK = 4096,	      /* bytes of a member that can be looked at ahead */
	OD_UNPACK_FD = 128,	      /* the file being written has this number: the sandbox lets no other
					 be written. Whoever closes descriptors keeps it in use */
};

/* Bytes of one file, and of all those of a process, that are unpacked at most. */
#define OD_UNPACK_BYTES ((uint64_t)4 << 30)

enum od_packing {
	OD_PACK_NONE,	 /* a file as it is, or nothing that is known */
	OD_PACK_STREAM,	 /* one file, compressed */
	OD_PACK_ARCHIVE, /* a package */
};

/* By the first bytes, never by a name; the place in fd does not matter and does not change. */
enum od_packing od_unpack_probe(int fd);
/* The same by the first len bytes alone: what is compressed is STREAM, whatever comes out of it. */
enum od_packing od_unpack_magic(const void *head, size_t len);
/*
 * Load what fd would need later, while libraries can be had: libarchive is 2 to 6 ms at every start
 * if it is linked. Once od_unpack_seal() was called nothing is loaded any more.
 */
void od_unpack_prepare(int fd);
void od_unpack_seal(void);
/* Load libarchive now, whatever comes. False: there is none. */
bool od_unpack_load(void);
/*
 * Bytes that all files of this process may have from now on, at most OD_UNPACK_BYTES: memory that no
 * resource limit counts.
 */
void od_unpack_set_budget(uint64_t bytes);
/* "gzip", "xz", "zstd", "libarchive": is it built in? */
bool od_unpack_has(const char *name);

/*
 * Told of progress, several times a second: of the bytes of the packed file, and how many came out of
 * it. False: stop, the answer is OD_ERR_LIMIT. NULL as a watch: nobody is told.
 */
struct od_unpack_watch {
	bool (*go_on)(void *ctx, uint64_t done, uint64_t size, uint64_t out);
	void *ctx;
};

/*
 * A compressed file: *ret becomes a sealed file in memory, which the caller closes, at its beginning.
 * fd stays the caller's. OD_ERR_UNSUPPORTED: damaged, ends early, or compressed in a way that this
 * build lacks; OD_ERR_LIMIT: a bound, or stopped; OD_ERR_IO: it cannot be read.
 */
struct od_error *od_unpack_stream(int fd, const struct od_unpack_watch *watch, int *ret);

/* --- memory images: cores ------------------------------------------------------------------------ */

enum { OD_UNPACK_FIRST = 4096 };
/* Bytes of one image, holes and all. */
#define OD_UNPACK_IMAGE ((uint64_t)1 << 40)

struct od_unpacked_image {
	int fd;		 /* sealed, pages of zeros are holes; the caller closes it */
	const char *how; /* "zstd" ...; static */
	bool cut;	 /* not all of it could be unpacked: it ends early */
	const char *why; /* then; static */
};

/* Do these first bytes say that it is compressed? Nothing is decoded: for whoever is not in the sandbox yet. */
bool od_unpack_is_stream(const void *head, size_t len);
/*
 * The first bytes of what a compressed file holds, at most len and OD_UNPACK_FIRST; their number, 0: it is not
 * compressed in a way that is built in.
 */
size_t od_unpack_first(int fd, void *buf, size_t len);
/*
 * As od_unpack_stream(), but what can be had of a damaged or too large one is had. An error: nothing can.
 */
struct od_error *od_unpack_image(int fd, const struct od_unpack_watch *watch, struct od_unpacked_image *ret);

/*
 * Raw deflate, without a header (RFC 1951): the bytes that it becomes, at most max of them. 0: it is damaged, becomes
 * more, or there is no zlib.
 */
size_t od_unpack_deflated(const void *data, size_t len, void *ret, size_t max);
/* Bytes that are at hand become a sealed file in memory. */
struct od_error *od_unpack_store(const void *data, size_t len, int *ret);

struct od_unpack;

struct od_packed_file {
	/*
	 * The path without "./" and "/" at its beginning and without empty parts. Members whose
	 * name has a part "..", no name or too long a one do not exist. Valid until the next member.
	 */
	const char *name;
	const char *link; /* where a link points to, as it is written; NULL: a regular file */
	uint64_t size;	  /* bytes, as the package claims; 0 for a link */
};

/*
 * Begin to read a package; fd stays the caller's and must outlive *ret. The watch is copied.
 * OD_ERR_UNSUPPORTED: no package, or a build without libarchive (or a sandbox that closed before
 * it was loaded).
 */
struct od_error *od_unpack_open(int fd, const struct od_unpack_watch *watch, struct od_unpack **ret);
/* NULL is accepted. */
void od_unpack_close(struct od_unpack *u);
/*
 * The next regular file or link. false: there is none, and *err says why if that is not the end. In
 * a .deb these are the members of its data.tar.
 */
bool od_unpack_next(struct od_unpack *u, struct od_packed_file *ret, struct od_error **err);
/*
 * The bytes of the member that od_unpack_next() told last, once: *ret becomes a sealed file in
 * memory, which the caller closes. A member that is itself compressed is handed out as it is: see
 * od_unpack_stream().
 */
struct od_error *od_unpack_take(struct od_unpack *u, int *ret);
/*
 * Instead of taking it, read that member: its first bytes, at most OD_UNPACK_PEEK, without passing
 * them (it can still be taken, or read from its beginning); and up to size bytes that come next: 0 at
 * its end, and also where it is damaged or a limit is reached: od_unpack_error() then tells. Holes are zeros.
 */
size_t od_unpack_peek(struct od_unpack *u, const void **head);
size_t od_unpack_read(struct od_unpack *u, void *buf, size_t size);
/* Why reading the member ended early; NULL: it did not. The caller owns it, and is told once. */
struct od_error *od_unpack_error(struct od_unpack *u);

#endif
