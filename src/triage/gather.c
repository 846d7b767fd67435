/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "triage/gather.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "front/openfile.h"
#include "input/probe.h"
#include "io/mbox.h"
#include "io/unpack.h"
#include "target/dump.h"

enum { BLOCK = 256 * 1024, HEAD = 4096, HOLE = 64 << 20 };

static uint64_t ns(const struct timespec *ts)
{
	return (uint64_t)ts->tv_sec * 1000000000 + (uint64_t)ts->tv_nsec;
}

static struct od_error *io_error(const char *what)
{
	return od_error_new(OD_ERR_IO, "%s%s%s", what ? what : "", what ? ": " : "", strerror(errno));
}

static void hex(const uint8_t hash[OD_SHA256], char ret[65])
{
	for (unsigned i = 0; i < OD_SHA256; i++)
		snprintf(ret + 2 * i, 3, "%02x", hash[i]);
}

/* --- the files of a directory -------------------------------------------------------------------- */

static void add_file(struct od_gathered *g, const char *name, const struct stat *st)
{
	if (g->nfiles == g->cap) {
		g->cap = g->cap ? 2 * g->cap : 16;
		g->files = od_realloc(g->files, g->cap * sizeof(*g->files));
	}
	g->files[g->nfiles++] = (struct od_gathered_file){ .name = od_strdup(name),
							   .size = (uint64_t)st->st_size,
							   .mtime_ns = ns(&st->st_mtim),
							   .ctime_ns = ns(&st->st_ctim),
							   .inode = st->st_ino };
	g->bytes += (uint64_t)st->st_size;
	if ((uint64_t)st->st_mtim.tv_sec > g->time && st->st_mtim.tv_sec > 0)
		g->time = (uint64_t)st->st_mtim.tv_sec;
}

/*
 * What the kernel makes up as one reads it: it has no end, and reading may do something. By the numbers of
 * linux/magic.h. (pstore is not among them: it holds what one looks for.)
 */
static bool is_made_up(int fd)
{
	static const uint32_t magics[] = {
		0x9fa0,	    /* proc */
		0x62656572, /* sysfs */
		0x64626720, /* debugfs */
		0x74726163, /* tracefs */
		0x73636673, /* securityfs */
		0x27e0eb,   /* cgroup */
		0x63677270, /* cgroup2 */
		0xcafe4a11, /* bpf */
		0xf97cff8c, /* selinuxfs */
		0x5a3c69f0, /* apparmorfs */
		0x1cd1,	    /* devpts */
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return true;
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if ((uint32_t)fs.f_type == magics[i])
			return true;
	return false;
}

/* dirfd is closed. prefix: the names so far, ending in '/' or empty. */
static void walk(struct od_gathered *g, int dirfd, const char *prefix, unsigned depth)
{
	DIR *dir = is_made_up(dirfd) ? NULL : fdopendir(dirfd);
	const struct dirent *entry;

	if (!dir) {
		close(dirfd);
		return;
	}
	while (!g->cut && (entry = readdir(dir)) != NULL) {
		struct od_buf name = OD_BUF_INIT;
		struct stat st;
		int sub;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    fstatat(dirfd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (g->nfiles >= OD_GATHER_FILES || g->names++ >= OD_GATHER_NAMES) {
			g->cut = true;
			break;
		}
		od_buf_printf(&name, "%s%s", prefix, entry->d_name);
		if (S_ISREG(st.st_mode)) {
			add_file(g, od_buf_str(&name), &st);
		} else if (S_ISDIR(st.st_mode) && depth < OD_GATHER_DEPTH) {
			sub = openat(dirfd, entry->d_name,
				     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			od_buf_addch(&name, '/');
			if (sub >= 0)
				walk(g, sub, od_buf_str(&name), depth + 1);
		}
		od_buf_deinit(&name);
	}
	closedir(dir);
}

static int by_name(const void *a, const void *b)
{
	const struct od_gathered_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* --- what the ticket is ------------------------------------------------------------------------------ */

static void add_number(struct od_sha256 *sha, uint64_t value)
{
	uint8_t raw[8];

	for (unsigned i = 0; i < 8; i++)
		raw[i] = (uint8_t)(value >> (8 * i));
	od_sha256_add(sha, raw, sizeof(raw));
}

static void make_stamp(struct od_gathered *g, const struct stat *st, const struct od_item *job)
{
	uint8_t hash[OD_SHA256];
	struct od_sha256 sha;

	od_sha256_begin(&sha);
	add_number(&sha, job->job.offset);
	add_number(&sha, job->job.length);
	if (g->what != OD_TICKET_DIRECTORY) {
		add_number(&sha, (uint64_t)st->st_size);
		add_number(&sha, ns(&st->st_mtim));
		add_number(&sha, ns(&st->st_ctim));
		add_number(&sha, st->st_ino);
	}
	for (size_t i = 0; i < g->nfiles; i++) {
		const struct od_gathered_file *f = &g->files[i];

		od_sha256_add(&sha, f->name, strlen(f->name) + 1);
		add_number(&sha, f->size);
		add_number(&sha, f->mtime_ns);
		add_number(&sha, f->ctime_ns);
		add_number(&sha, f->inode);
	}
	od_sha256_end(&sha, hash);
	hex(hash, g->stamp);
}

/* A part of the file as one of its own. */
static struct od_error *copy_message(struct od_gathered *g, uint64_t offset, uint64_t length)
{
	od_autofree char *buf = od_malloc(BLOCK);
	od_autoclose int fd = g->fd;

	g->fd = memfd_create("message", MFD_CLOEXEC);
	if (g->fd < 0)
		return io_error(NULL);
	while (length > 0) {
		ssize_t n = pread(fd, buf, length < BLOCK ? (size_t)length : BLOCK, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (n > 0 && write(g->fd, buf, (size_t)n) != n))
			return io_error(NULL);
		if (n == 0)
			break;
		offset += (uint64_t)n;
		length -= (uint64_t)n;
	}
	if (lseek(g->fd, 0, SEEK_SET) < 0)
		return io_error(NULL);
	return NULL;
}

static struct od_error *gather_file(const struct od_item *job, struct od_gathered *g, const struct stat *st)
{
	char head[HEAD];
	ssize_t n;

	g->what = st->st_size > 0 ? OD_TICKET_FILE : OD_TICKET_EMPTY;
	g->time = st->st_mtim.tv_sec > 0 ? (uint64_t)st->st_mtim.tv_sec : 0;
	g->bytes = job->job.length ? job->job.length : (uint64_t)st->st_size;
	if (job->job.message)
		return copy_message(g, job->job.offset, job->job.length);
	n = pread(g->fd, head, sizeof(head), 0);
	if (n < 0)
		return io_error(NULL);
	if (od_mbox_probe(head, (size_t)n))
		g->what = OD_TICKET_MAILBOX;
	return NULL;
}

struct od_error *od_gather(const struct od_item *job, struct od_gathered *g)
{
	struct od_error *err = NULL;
	struct stat st;

	*g = (struct od_gathered){ .path = od_strdup(job->job.path), .dir = -1 };
	/* No part of it was a link when it was found. */
	g->fd = od_open_real(g->path);
	if (g->fd < 0 || fstat(g->fd, &st) < 0)
		return io_error(NULL);
	if (S_ISDIR(st.st_mode)) {
		g->what = OD_TICKET_DIRECTORY;
		g->dir = g->fd;
		g->fd = -1;
		walk(g, fcntl(g->dir, F_DUPFD_CLOEXEC, 0), "", 0);
		if (g->nfiles)
			qsort(g->files, g->nfiles, sizeof(*g->files), by_name);
		else
			g->what = OD_TICKET_EMPTY;
	} else if (S_ISREG(st.st_mode)) {
		err = gather_file(job, g, &st);
	} else {
		return od_error_new(OD_ERR_IO, "neither a file nor a directory");
	}
	make_stamp(g, &st, job);
	return err;
}

/* --- its bytes ------------------------------------------------------------------------------------- */

static bool may_hold_crash(const char *head, size_t n)
{
	if (!n)
		return false;
	if (od_unpack_magic(head, n) != OD_PACK_NONE || od_dump_probe(head, n) || od_dump_advice(head, n))
		return true;
	return !od_probe_magic(head, n) && !od_probe_binary(head, n);
}

/*
 * Where the bytes at *at are a large hole, behind it, and how long it was: dumps are sparse, and what says
 * that it has 8 EiB is not read for years.
 */
static uint64_t pass_hole(int fd, uint64_t *at, uint64_t size)
{
	const off_t data = lseek(fd, (off_t)*at, SEEK_DATA);
	const uint64_t end = data >= 0 ? (uint64_t)data : errno == ENXIO ? size : *at;
	const uint64_t hole = end > *at ? end - *at : 0;

	if (lseek(fd, 0, SEEK_SET) < 0 || hole < HOLE)
		return 0;
	*at += hole;
	return hole;
}

static void add_hole(struct od_sha256 *sha, uint64_t len)
{
	if (!len)
		return;
	od_sha256_add(sha, "hole", sizeof("hole"));
	add_number(sha, len);
}

/* As much as there was when the file was found: what is written to without end would be read without end. */
static struct od_error *hash_fd(int fd, uint64_t size, uint8_t ret[OD_SHA256], bool *wanted)
{
	od_autofree char *buf = od_malloc(BLOCK);
	struct od_sha256 sha;
	uint64_t at = 0;

	od_sha256_begin(&sha);
	while (at < size) {
		const size_t want = size - at < BLOCK ? (size_t)(size - at) : BLOCK;
		ssize_t n = pread(fd, buf, want, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_error(NULL);
		if (!at)
			*wanted = may_hold_crash(buf, (size_t)(n < HEAD ? n : HEAD));
		if (n == 0)
			break;
		od_sha256_add(&sha, buf, (size_t)n);
		at += (uint64_t)n;
		/* Only zeros, a while: is it worth asking? */
		if (size - at >= HOLE && !buf[0] && !buf[n - 1])
			add_hole(&sha, pass_hole(fd, &at, size));
	}
	od_sha256_end(&sha, ret);
	return NULL;
}

static struct od_error *hash_directory(struct od_gathered *g, uint8_t ret[OD_SHA256])
{
	struct od_sha256 sha;

	od_sha256_begin(&sha);
	od_sha256_add(&sha, "directory", sizeof("directory"));
	for (size_t i = 0; i < g->nfiles; i++) {
		struct od_gathered_file *f = &g->files[i];
		od_autoclose int fd = od_open_below(g->dir, f->name);
		od_autoerror err = NULL;
		uint8_t hash[OD_SHA256] = { 0 };

		/* One that cannot be read counts by its name. */
		err = fd < 0 ? io_error(NULL) : hash_fd(fd, f->size, hash, &f->wanted);
		f->wanted = !err && (f->wanted || od_is_packed_part(f->name));
		od_sha256_add(&sha, f->name, strlen(f->name) + 1);
		od_sha256_add(&sha, hash, sizeof(hash));
	}
	od_sha256_end(&sha, ret);
	return NULL;
}

struct od_error *od_gather_hash(struct od_gathered *g, char content[65])
{
	uint8_t hash[OD_SHA256] = { 0 };
	struct od_error *err;
	bool wanted;

	err = g->what == OD_TICKET_DIRECTORY ? hash_directory(g, hash) :
	      g->fd >= 0		     ? hash_fd(g->fd, g->bytes, hash, &wanted) :
					       NULL;
	hex(hash, content);
	return err;
}

void od_gathered_deinit(struct od_gathered *g)
{
	for (size_t i = 0; i < g->nfiles; i++)
		free(g->files[i].name);
	free(g->files);
	free(g->path);
	if (g->fd >= 0)
		close(g->fd);
	if (g->dir >= 0)
		close(g->dir);
	*g = (struct od_gathered){ .fd = -1, .dir = -1 };
}
