/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the cache are: sums, names, and room for them. Only for cache*.c. */
#ifndef OD_FRONT_CACHE_FILE_H
#define OD_FRONT_CACHE_FILE_H

#include "front/cache.h"

enum {
	OD_CACHE_FILES = 1024,	 /* kept at most */
	OD_CACHE_SUM = 17,	 /* bytes of a sum as text */
	OD_CACHE_FILE = 64,	 /* bytes of a file's name */
};

extern const char od_cache_ending[]; /* ".debug" */
extern const char od_cache_index[];  /* ".index" */

/* 64 bits of what bytes are, going on from seed. No cryptography. */
uint64_t od_cache_hash(uint64_t seed, const void *data, size_t len);
/*
 * The sum of a file of that size: its first and last 64 KiB and a page of each MiB between them, some
 * milliseconds for any size. False: it cannot be read, or is shorter.
 */
bool od_cache_sum(int fd, uint64_t size, char *ret);
/* A regular file of ours that nobody else can write; -1: there is none. */
int od_cache_open_file(const struct od_cache *cache, const char *name, int flags);
/* Is name a file of that sum and size? It is then marked as used. */
bool od_cache_is_whole(const struct od_cache *cache, const char *name, uint64_t size, const char *sum);
/* Copy fd (size bytes) to a new file of that name. */
struct od_error *od_cache_copy(const struct od_cache *cache, int fd, uint64_t size, const char *name,
			       const volatile int *stop);
/* Remove what was used least recently until `more` bytes have room, and what was left by writers that died. */
void od_cache_trim(const struct od_cache *cache, uint64_t more);

#endif
