/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of the cache: written whole or not at all, checked by samples, removed by age. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "front/cache-file.h"

enum {
	ENDS = 64 * 1024,
	PAGE = 4096,
	STEP = 1 << 20,
	CHUNK = 8 << 20,
	MAX_SEEN = 8192,  /* names of the directory that are looked at */
	STALE_S = 3600,	  /* after this a writer is dead */
	IN_USE_S = 60,	  /* so long a file that was just used is not removed */
	SPARE = 64 << 20, /* bytes of the disk that are left to others */
};

const char od_cache_ending[] = ".debug", od_cache_index[] = ".index";
static const char temporary[] = ".new-";

uint64_t od_cache_hash(uint64_t seed, const void *data, size_t len)
{
	const uint64_t prime = 0x9e3779b97f4a7c15ULL;
	const unsigned char *p = data;
	uint64_t hash = seed ^ len * prime, word;

	for (; len >= 8; len -= 8, p += 8) {
		memcpy(&word, p, 8);
		hash = (hash ^ word) * prime;
		hash ^= hash >> 29;
	}
	for (; len > 0; len--, p++)
		hash = (hash ^ *p) * prime;
	hash ^= hash >> 32;
	return hash * prime ^ hash >> 29;
}

static bool add_part(int fd, uint64_t at, size_t len, char *block, uint64_t *hash)
{
	if (pread(fd, block, len, (off_t)at) != (ssize_t)len)
		return false;
	*hash = od_cache_hash(*hash, block, len);
	return true;
}

bool od_cache_sum(int fd, uint64_t size, char *ret)
{
	const size_t ends = size < ENDS ? (size_t)size : ENDS;
	od_autofree char *block = od_malloc(ENDS);
	uint64_t hash = size;

	if (!add_part(fd, 0, ends, block, &hash) || !add_part(fd, size - ends, ends, block, &hash))
		return false;
	for (uint64_t at = STEP; at + PAGE < size; at += STEP)
		if (!add_part(fd, at, PAGE, block, &hash))
			return false;
	snprintf(ret, OD_CACHE_SUM, "%016llx", (unsigned long long)hash);
	return true;
}

int od_cache_open_file(const struct od_cache *cache, const char *name, int flags)
{
	int fd = openat(cache->dir, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022))
		return fd;
	close(fd);
	return -1;
}

bool od_cache_is_whole(const struct od_cache *cache, const char *name, uint64_t size, const char *sum)
{
	od_autoclose int fd = od_cache_open_file(cache, name, O_RDONLY);
	char have[OD_CACHE_SUM];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || (uint64_t)st.st_size != size || !od_cache_sum(fd, size, have) ||
	    strcmp(have, sum) != 0)
		return false;
	futimens(fd, NULL);
	return true;
}

static struct od_error *fill(int to, int from, uint64_t size, const volatile int *stop)
{
	off_t at = 0;

	while ((uint64_t)at < size) {
		ssize_t n = sendfile(to, from, &at, CHUNK);

		if (stop && *stop)
			return od_error_new(OD_ERR_LIMIT, "stopped");
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return od_error_new(OD_ERR_IO, "%s", n < 0 ? strerror(errno) : "it ends early");
	}
	/* Before it has its name: what a power cut leaves is no file at all. */
	if (fdatasync(to) < 0)
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	return NULL;
}

struct od_error *od_cache_copy(const struct od_cache *cache, int fd, uint64_t size, const char *name,
			       const volatile int *stop)
{
	struct od_error *err;
	struct timespec now;
	struct statvfs vfs;
	char temp[OD_CACHE_FILE];
	int out;

	if (fstatvfs(cache->dir, &vfs) == 0 && (uint64_t)vfs.f_bavail * vfs.f_frsize < size + SPARE)
		return od_error_new(OD_ERR_IO, "too little room on the disk");
	/* Two containers may have one directory, and the same number of a process. */
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(temp, sizeof(temp), "%s%lx-%llx%09lx", temporary, (long)getpid(), (unsigned long long)now.tv_sec,
		 now.tv_nsec);
	out = od_cache_open_file(cache, temp, O_WRONLY | O_CREAT | O_EXCL);
	if (out < 0)
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	err = fill(out, fd, size, stop);
	close(out);
	if (!err && renameat(cache->dir, temp, cache->dir, name) < 0)
		err = od_error_new(OD_ERR_IO, "%s", strerror(errno));
	if (err)
		unlinkat(cache->dir, temp, 0);
	return err;
}

struct file {
	char name[OD_CACHE_FILE];
	time_t used;
	uint64_t bytes;
};

static int by_use(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return x->used < y->used ? -1 : x->used > y->used;
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len > n && !strcmp(name + len - n, end);
}

/* Our files, and no others; those that dead writers left are removed. */
static uint32_t list(const struct od_cache *cache, struct file *ret, time_t now)
{
	int fd = openat(cache->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	uint32_t n = 0;
	struct stat st;

	while (dir && n < MAX_SEEN && (entry = readdir(dir)) != NULL) {
		const bool temp = !strncmp(entry->d_name, temporary, strlen(temporary));

		if ((!temp && !ends_in(entry->d_name, od_cache_ending) && !ends_in(entry->d_name, od_cache_index)) ||
		    strlen(entry->d_name) >= OD_CACHE_FILE ||
		    fstatat(cache->dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
			continue;
		if (temp && now - st.st_mtime > STALE_S)
			unlinkat(cache->dir, entry->d_name, 0);
		if (temp)
			continue;
		ret[n] = (struct file){ .used = st.st_mtime, .bytes = (uint64_t)st.st_blocks * 512 };
		strcpy(ret[n++].name, entry->d_name);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return n;
}

void od_cache_trim(const struct od_cache *cache, uint64_t more)
{
	od_autofree struct file *files = od_malloc(MAX_SEEN * sizeof(*files));
	const time_t now = time(NULL);
	uint32_t n = list(cache, files, now), left = n;
	uint64_t sum = more;

	for (uint32_t i = 0; i < n; i++)
		sum += files[i].bytes;
	qsort(files, n, sizeof(*files), by_use);
	for (uint32_t i = 0; i < n && (sum > cache->max || left > OD_CACHE_FILES); i++) {
		/* Somebody may be about to open it. */
		if (now - files[i].used < IN_USE_S && now >= files[i].used)
			break;
		unlinkat(cache->dir, files[i].name, 0);
		sum -= files[i].bytes;
		left--;
	}
}
