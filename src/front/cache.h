/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --cache: debug files that were unpacked, kept in $XDG_CACHE_HOME/oopsdiag/debug. A packed file is known by
 * device, inode, size and time of change; for each an index says what it answered to which question
 * (symbols/find.h), a line each, with a check of its own. Files are made whole under another name and then
 * renamed, lines are appended by one write, so writers at the same time, and ends in the middle, do no harm.
 *
 * The checks find damage, not malice: who can write there is the user, or the directory is not used.
 */
#ifndef OD_FRONT_CACHE_H
#define OD_FRONT_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/buf.h"

enum { OD_CACHE_NAME = 128 /* bytes of the name of a file in a package, with its NUL */ };

struct od_cache {
	int dir;	    /* -1: it is not open */
	struct od_buf path; /* of it */
	uint64_t max;	    /* bytes of all that it keeps */
};

/* A packed file as it was when it was looked at. */
struct od_cache_key {
	char identity[96];
	char id[17]; /* the first part of the names of its files: a hash of that */
};

struct od_cache_answer {
	const char *question; /* valid while the caller is told */
	const char *file;     /* path; NULL: there is nothing */
	const char *name;     /* NULL if file is */
};

typedef void od_cache_fn(void *ctx, const struct od_cache_answer *answer);

/*
 * Open it, made if need be. OD_ERR_IO: there is no place for it, or another user owns or may write it, or
 * it is behind a symbolic link. max: bytes.
 */
struct od_error *od_cache_open(struct od_cache *cache, uint64_t max);
/* Also of one that was never opened, if its dir is -1. */
void od_cache_close(struct od_cache *cache);
/* False: path is no regular file that can be looked at. It is not opened. */
bool od_cache_key(const char *path, struct od_cache_key *ret);
/* Tell what that packed file answered, as far as its files are still there and whole: they are now used. */
void od_cache_load(struct od_cache *cache, const struct od_cache_key *key, od_cache_fn *tell, void *ctx);
/*
 * Keep an answer. fd: a sealed file in memory, -1 if there is nothing. name: as in struct od_cache_answer; one
 * that is no plain file name is refused. What was used least recently goes if need be. OD_ERR_IO: no room, or it
 * cannot be written; OD_ERR_LIMIT: it is larger than max, the file is not what it should be, or *stop became set.
 */
struct od_error *od_cache_store(struct od_cache *cache, const struct od_cache_key *key, const char *question,
				int fd, const char *name, const volatile int *stop);

#endif
