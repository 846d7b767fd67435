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
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "front/openfile.h"
#include "input/probe.h"
#include "io/mbox.h"
#include "io/unpack.h"
#include "target/dump.h"

enum { BLOCK = 256 * 1024, HEAD = 4096 };

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

/* dirfd is closed. prefix: the names so far, ending in '/' or empty. */
static void walk(struct od_gathered *g, int dirfd, const char *prefix, unsigned depth)
{
	DIR *dir = fdopendir(dirfd);
	const struct dirent *entry;

	if (!dir) {
		close(dirfd);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		struct od_buf name = OD_BUF_INIT;
		struct stat st;
		int sub;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    fstatat(dirfd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (g->nfiles >= OD_GATHER_FILES) {
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

	*g = (struct od_gathered){ .path = od_strdup(job->job.path) };
	g->fd = open(g->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (g->fd < 0 || fstat(g->fd, &st) < 0)
		return io_error(NULL);
	if (S_ISDIR(st.st_mode)) {
		g->what = OD_TICKET_DIRECTORY;
		walk(g, g->fd, "", 0);
		g->fd = -1;
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

static struct od_error *hash_fd(int fd, uint8_t ret[OD_SHA256], bool *wanted)
{
	od_autofree char *buf = od_malloc(BLOCK);
	struct od_sha256 sha;
	uint64_t at = 0;

	od_sha256_begin(&sha);
	for (;;) {
		ssize_t n = pread(fd, buf, BLOCK, (off_t)at);

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
	}
	od_sha256_end(&sha, ret);
	return NULL;
}

static struct od_error *hash_directory(struct od_gathered *g, uint8_t ret[OD_SHA256])
{
	od_autoclose int dir = open(g->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct od_sha256 sha;

	if (dir < 0)
		return io_error(NULL);
	od_sha256_begin(&sha);
	od_sha256_add(&sha, "directory", sizeof("directory"));
	for (size_t i = 0; i < g->nfiles; i++) {
		struct od_gathered_file *f = &g->files[i];
		od_autoclose int fd = openat(dir, f->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
								    O_NOCTTY);
		od_autoerror err = NULL;
		uint8_t hash[OD_SHA256] = { 0 };

		/* One that cannot be read counts by its name. */
		err = fd < 0 ? io_error(NULL) : hash_fd(fd, hash, &f->wanted);
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
	      g->fd >= 0		     ? hash_fd(g->fd, hash, &wanted) :
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
	*g = (struct od_gathered){ .fd = -1 };
}
