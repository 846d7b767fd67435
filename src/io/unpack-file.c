/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What both ends of unpacking are: the packed file, and the file in memory that is written. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/unpack-internal.h"

enum { TELL_NS = 100 * 1000 * 1000, FREE_OUT = 16 << 20, PAGE = 4096 };

static uint64_t budget = OD_UNPACK_BYTES;

void od_unpack_set_budget(uint64_t bytes)
{
	budget = bytes < OD_UNPACK_BYTES ? bytes : OD_UNPACK_BYTES;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void od_packed_init(struct od_packed *p, int fd, const struct od_unpack_watch *watch)
{
	struct stat st;

	*p = (struct od_packed){ .fd = fd, .told_ns = now_ns() };
	if (watch)
		p->watch = *watch;
	if (fstat(fd, &st) == 0 && st.st_size > 0)
		p->size = (uint64_t)st.st_size;
}

void od_packed_deinit(struct od_packed *p)
{
	od_error_free(p->err);
	p->err = NULL;
}

ssize_t od_packed_read(struct od_packed *p, void *buf, size_t len)
{
	ssize_t n;

	do
		n = pread(p->fd, buf, len, (off_t)p->at);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		p->at += (uint64_t)n;
	return n;
}

struct od_error *od_packed_account(struct od_packed *p, uint64_t n)
{
	uint64_t now;

	p->out += n;
	if (p->out > FREE_OUT && p->out / OD_UNPACK_RATIO > p->at)
		return od_error_new(OD_ERR_LIMIT, "a byte of it becomes more than %d: no debug file does",
				    OD_UNPACK_RATIO);
	if (!p->watch.go_on)
		return NULL;
	now = now_ns();
	if (now - p->told_ns < TELL_NS)
		return NULL;
	p->told_ns = now;
	if (p->watch.go_on(p->watch.ctx, p->at, p->size, p->out))
		return NULL;
	return od_error_new(OD_ERR_LIMIT, "unpacking was stopped");
}

/*
 * In the sandbox the limit for files is 0 but for us, so that nothing else is ever written by mistake.
 * Where it was left open (the tests, other programs) it stays.
 */
static void allow_writing(bool allow)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_FSIZE, &lim) < 0 || lim.rlim_max == RLIM_INFINITY)
		return;
	lim.rlim_cur = allow ? lim.rlim_max : 0;
	setrlimit(RLIMIT_FSIZE, &lim);
}

struct od_error *od_scratch_begin(struct od_scratch *s)
{
	*s = (struct od_scratch){ .fd = memfd_create("debug", MFD_CLOEXEC | MFD_ALLOW_SEALING) };
	if (s->fd < 0)
		return od_error_new(OD_ERR_LIMIT, "no file in memory can be had: %s", strerror(errno));
	if (dup3(s->fd, OD_UNPACK_FD, O_CLOEXEC) < 0) {
		od_scratch_drop(s);
		return od_error_new(OD_ERR_LIMIT, "no file in memory can be had: %s", strerror(errno));
	}
	allow_writing(true);
	return NULL;
}

static struct od_error *check_budget(const struct od_scratch *s, uint64_t n)
{
	if (n <= budget && s->size <= budget - n)
		return NULL;
	return od_error_new(OD_ERR_LIMIT, "unpacked it is larger than what is allowed (see --max-memory)");
}

struct od_error *od_scratch_add(struct od_scratch *s, const void *data, size_t len)
{
	struct od_error *err = check_budget(s, len);
	const char *p = data;

	if (err)
		return err;
	s->size += len;
	while (len > 0) {
		ssize_t n = write(OD_UNPACK_FD, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return od_error_new(OD_ERR_LIMIT, "no memory to unpack it to: %s", strerror(errno));
		p += n;
		len -= (size_t)n;
	}
	return NULL;
}

struct od_error *od_scratch_skip(struct od_scratch *s, uint64_t n)
{
	struct od_error *err;

	if (!n)
		return NULL;
	err = check_budget(s, n);
	if (err)
		return err;
	/* The last byte is written, so that the file ends there. */
	if (lseek(OD_UNPACK_FD, (off_t)(n - 1), SEEK_CUR) < 0)
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	s->size += n - 1;
	return od_scratch_add(s, "", 1);
}

static bool is_zero(const char *p, size_t len)
{
	return !*p && !memcmp(p, p + 1, len - 1);
}

static struct od_error *put_hole(struct od_scratch *s)
{
	if (s->hole && lseek(OD_UNPACK_FD, (off_t)s->hole, SEEK_CUR) < 0)
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	s->hole = 0;
	return NULL;
}

struct od_error *od_scratch_add_sparse(struct od_scratch *s, const void *data, size_t len, size_t *solid)
{
	const char *p = data;

	*solid = 0;
	while (len) {
		size_t n = len < PAGE ? len : PAGE;
		struct od_error *err;

		if (is_zero(p, n)) {
			s->hole += n;
		} else {
			err = put_hole(s);
			if (!err)
				err = od_scratch_add(s, p, n);
			if (err)
				return err;
			*solid += n;
		}
		p += n;
		len -= n;
	}
	return NULL;
}

/* Its number stays in use, by something that cannot be written: see OD_UNPACK_FD. */
static void close_writer(void)
{
	if (dup3(STDIN_FILENO, OD_UNPACK_FD, O_CLOEXEC) < 0)
		close(OD_UNPACK_FD);
	allow_writing(false);
}

struct od_error *od_scratch_end(struct od_scratch *s, int *ret)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
	struct od_error *err;

	if (s->hole) {
		s->hole--; /* the last byte is written, so that the file ends there */
		err = put_hole(s);
		if (!err)
			err = od_scratch_add(s, "", 1);
		if (err)
			return err;
	}
	close_writer();
	if (fcntl(s->fd, F_ADD_SEALS, seals) < 0 || lseek(s->fd, 0, SEEK_SET) < 0) {
		close(s->fd);
		s->fd = -1;
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	}
	budget -= s->size;
	*ret = s->fd;
	s->fd = -1;
	return NULL;
}

void od_scratch_drop(struct od_scratch *s)
{
	if (s->fd < 0)
		return;
	close_writer();
	close(s->fd);
	s->fd = -1;
}
