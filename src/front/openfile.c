/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "front/openfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/cursor.h"

enum { HOW = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK };

static struct {
	int dir;
	const char *path;
	size_t len;
} within = { .dir = -1 };

void od_open_within(int dir, const char *path)
{
	within.dir = dir;
	within.path = path;
	within.len = path ? strlen(path) : 0;
}

/* A FIFO that has taken the place of a file would be waited for. */
static int only_regular(int fd)
{
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

/*
 * A part at a time: openat2() does it in one call, but not where an older sandbox forbids it. Of directories on the
 * way no more is needed than that one may pass.
 */
static int open_without_links(int dir, const char *name)
{
	od_autoclose int above = -1;

	for (;;) {
		const size_t len = strcspn(name, "/");
		char part[NAME_MAX + 1];
		int fd;

		if (!len || len > NAME_MAX || (len == 2 && !memcmp(name, "..", 2))) {
			errno = len > NAME_MAX ? ENAMETOOLONG : ENOENT;
			return -1;
		}
		memcpy(part, name, len);
		part[len] = '\0';
		fd = openat(dir, part, name[len] ? O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW : HOW | O_NOFOLLOW);
		if (fd < 0 || !name[len])
			return fd;
		if (above >= 0)
			close(above);
		dir = above = fd;
		name += len + 1;
	}
}

int od_open_below(int dir, const char *name)
{
	return only_regular(open_without_links(dir, name));
}

int od_open_real(const char *path)
{
	od_autoclose int root = -1;

	if (*path != '/') {
		errno = EINVAL;
		return -1;
	}
	if (!path[1])
		return open(path, HOW);
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -1 : open_without_links(root, path + 1);
}

/* NULL: it is to be opened by its name. */
static const char *name_within(const char *path)
{
	if (within.dir < 0 || strncmp(path, within.path, within.len) != 0 || path[within.len] != '/')
		return NULL;
	return path + within.len + 1;
}

static int open_file(const char *path)
{
	const char *name = name_within(path);

	return name ? od_open_below(within.dir, name) : open(path, HOW);
}

/* What was opened decides, not what the name meant a moment ago. */
static struct od_error *check(int fd)
{
	struct stat st;
	int flags;

	if (fstat(fd, &st) < 0)
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return od_error_new(OD_ERR_IO, "is a directory");
	/* It may fail, as for a pipe: only a hint to read ahead. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	/* O_NONBLOCK was only to get past the opening of a FIFO or a modem line. */
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	return NULL;
}

struct od_error *od_open_input(const char *path, int *fd)
{
	const int stdin_path = !strcmp(path, "-");
	struct od_error *err;

	if (stdin_path)
		*fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		*fd = open_file(path);
	if (*fd < 0)
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	err = check(*fd);
	if (err) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

/* What is behind the number, "" for nothing; NULL: it has no such name. */
static const char *behind_part(const char *path)
{
	const char *p = od_basename(path);

	if (!od_starts(p, "dmesg-"))
		return NULL;
	for (p += strlen("dmesg-"); od_is_alpha(*p) || *p == '_'; p++)
		;
	if (p[0] != '-' || !od_is_digit(p[1]))
		return NULL;
	for (p++; od_is_digit(*p) || ((*p == '.' || *p == '-') && !od_is_alpha(p[1])); p++)
		;
	return p;
}

bool od_is_part(const char *path)
{
	const char *end = behind_part(path);

	return end && !*end;
}

bool od_is_packed_part(const char *path)
{
	const char *end = behind_part(path);

	return end && !strcmp(end, ".enc.z");
}

/* A number of 4 bytes is small in one byte order alone. */
static uint32_t either_order(const unsigned char *p)
{
	uint32_t little = p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
	uint32_t big = p[3] | p[2] << 8 | p[1] << 16 | (uint32_t)p[0] << 24;

	return little < big ? little : big;
}

bool od_is_split(const char *path)
{
	/* struct disk_dump_header: signature, block_size; the next block, kdump_sub_header: split */
	enum { BLOCK_SIZE = 428, SPLIT = 12, MAX_BLOCK = 1 << 20 };
	unsigned char head[BLOCK_SIZE + 4], split[4];
	od_autoclose int fd = -1;
	struct stat st;
	uint32_t block;

	/* Whoever writes to a FIFO would lose its reader when we close it again. */
	if (!name_within(path) && (stat(path, &st) < 0 || !S_ISREG(st.st_mode)))
		return false;
	fd = open_file(path);
	if (fd < 0 || pread(fd, head, sizeof(head), 0) != sizeof(head) || memcmp(head, "KDUMP   ", 8) != 0)
		return false;
	block = either_order(head + BLOCK_SIZE);
	return block <= MAX_BLOCK && pread(fd, split, sizeof(split), block + SPLIT) == sizeof(split) &&
	       either_order(split) == 1;
}

bool od_is_dump(const char *path)
{
	static const char *const magics[] = { "KDUMP   ", "DISKDUMP", "\177ELF", "makedumpfile" };
	const char *name = od_basename(path);
	char head[16] = "";
	od_autoclose int fd = -1;

	if (!od_starts(name, "vmcore") && !od_starts(name, "dump"))
		return false;
	fd = open_file(path);
	if (fd < 0 || pread(fd, head, sizeof(head) - 1, 0) < (ssize_t)sizeof(head) - 1)
		return false;
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (od_starts(head, magics[i]))
			return true;
	return false;
}

bool od_is_dump_log(const char *path)
{
	const char *name = od_basename(path);

	if (od_starts(name, "vmcore-dmesg") || od_starts(name, "vmcore.dmesg") || !strcmp(name, "dmesg") ||
	    !strcmp(name, "dmesg.txt"))
		return true;
	return od_starts(name, "dmesg.") && od_is_digit(name[6]);
}

bool od_same_directory(const char *a, const char *b)
{
	const size_t la = (size_t)(od_basename(a) - a), lb = (size_t)(od_basename(b) - b);

	return la == lb && !memcmp(a, b, la);
}

/* Append a file to out; *left is what may still be written. */
static struct od_error *append(const char *path, int out, size_t *left)
{
	od_autoclose int fd = -1;
	struct od_error *err = od_open_input(path, &fd);
	char block[65536];
	ssize_t n;

	while (!err && (n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || write(out, block, (size_t)n) != n)
			err = od_error_new(OD_ERR_IO, "%s", strerror(errno));
		else if ((size_t)n > *left)
			err = od_error_new(OD_ERR_LIMIT, "the parts hold more than 64 MiB");
		else
			*left -= (size_t)n;
	}
	return od_error_wrap(err, "%s", od_basename(path));
}

struct od_error *od_open_parts(char *const *paths, size_t n, int *fd)
{
	size_t left = 64u << 20;
	struct od_error *err = NULL;

	*fd = memfd_create("pstore", MFD_CLOEXEC);
	if (*fd < 0)
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	for (size_t i = 0; i < n && !err; i++)
		err = append(paths[i], *fd, &left);
	if (!err && lseek(*fd, 0, SEEK_SET) < 0)
		err = od_error_new(OD_ERR_IO, "%s", strerror(errno));
	if (err) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

const char *od_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}
