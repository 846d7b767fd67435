/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of a dump's file, flattened or not. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/dump-internal.h"

size_t od_source_pread(int fd, uint64_t offset, void *buf, size_t len)
{
	size_t done = 0;

	if (offset > INT64_MAX || len > INT64_MAX - offset)
		return 0;
	while (done < len) {
		ssize_t n = pread(fd, (char *)buf + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

struct od_error *od_source_open(struct od_source *src, int fd)
{
	char head[16];
	struct stat st;

	*src = (struct od_source){ .fd = fd };
	if (fstat(fd, &st))
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	if (S_ISREG(st.st_mode)) {
		src->size = (uint64_t)st.st_size;
	} else { /* a partition that a dump was written to */
		off_t end = lseek(fd, 0, SEEK_END);

		if (end < 0)
			return od_error_new(OD_ERR_IO, "a dump must be a file that can be read at any place");
		src->size = (uint64_t)end;
	}
	src->file_size = src->size;
	if (od_source_pread(fd, 0, head, sizeof(head)) == sizeof(head) && od_flat_is(head, sizeof(head)))
		return od_flat_open(src);
	return NULL;
}

struct od_error *od_source_open_sealed(struct od_source *src, int fd)
{
	struct od_error *err = od_source_open(src, fd);
	void *p;

	if (err || src->flattened || !src->size)
		return err;
	p = mmap(NULL, (size_t)src->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return od_error_new(OD_ERR_LIMIT, "%s", strerror(errno));
	src->map = p;
	src->fd = -1;
	return NULL;
}

void od_source_close(struct od_source *src)
{
	if (src->map)
		munmap((void *)(uintptr_t)src->map, (size_t)src->size);
	od_extents_free(&src->flat);
}

size_t od_source_read(struct od_source *src, uint64_t offset, void *buf, size_t len)
{
	if (offset >= src->size)
		return 0;
	if (len > src->size - offset)
		len = (size_t)(src->size - offset);
	if (src->map) {
		memcpy(buf, src->map + offset, len);
		return len;
	}
	return src->flattened ? od_flat_read(src, offset, buf, len) :
				od_source_pread(src->fd, offset, buf, len);
}
