/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The front's side of the gate: the engine's clone(), memfd_create() and mmap() of code wait in the kernel
 * until the front, which never saw a byte of the input, has looked how many processes and how much memory
 * there are, and of which file the code is. A file in memory is made by the front, which so can always see
 * how large it became.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "front/confine.h"
#include "model/limits.h"

#if defined(__has_include) && __has_include(<linux/seccomp.h>)
#include <linux/seccomp.h>
#endif

#ifdef SECCOMP_IOCTL_NOTIF_RECV
/* The kernel's structs may be longer than those of the headers we were built with. */
union request {
	struct seccomp_notif msg;
	char room[512];
};

union answer {
	struct seccomp_notif_resp msg;
	char room[512];
};

#ifndef SECCOMP_USER_NOTIF_FLAG_CONTINUE
#define SECCOMP_USER_NOTIF_FLAG_CONTINUE 1
#endif

/* How many children the process has, ended ones that it did not wait for included; -1: not known. */
static int count_children(pid_t pid)
{
	char path[64], text[4096];
	od_autoclose int fd = -1;
	ssize_t len;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
	if (len < 0)
		return -1;
	/* A list that fills the buffer is too long in any case. */
	for (ssize_t i = 0; i < len; i++)
		n += text[i] == ' ';
	return n;
}

static bool may_fork(struct od_gate *gate)
{
	int n = count_children(gate->engine);

	if (n >= 0)
		return n < OD_MAX_PLUGINS;
	if (gate->forks_left == 0)
		return false;
	gate->forks_left--;
	return true;
}

/* A file in memory of the engine's, which we have too; its number there, or an errno below 0. */
static int give_file(struct od_gate *gate, uint64_t id)
{
#ifdef SECCOMP_IOCTL_NOTIF_ADDFD
	struct seccomp_notif_addfd add = { .id = id, .newfd_flags = O_CLOEXEC };
	int fd, n;

	if (gate->nfiles >= OD_UNPACK_FILES)
		return -EMFILE;
	fd = memfd_create("debug", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	add.srcfd = (uint32_t)fd;
	n = ioctl(gate->fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	if (n >= 0) {
		gate->files[gate->nfiles++] = fd;
		return n;
	}
	n = -errno;
	close(fd);
	return n;
#else
	(void)gate, (void)id;
	return -ENOSYS;
#endif
}

/* Does the descriptor of the process stand for that file? */
static bool is_library(const struct od_gate *gate, uint64_t fd)
{
	struct stat want, have;
	char path[64];

	if (!gate->library || fd > INT_MAX)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)gate->engine, (int)fd);
	return stat(gate->library, &want) == 0 && stat(path, &have) == 0 && S_ISREG(have.st_mode) &&
	       want.st_dev == have.st_dev && want.st_ino == have.st_ino;
}

/* Where mmap() takes its descriptor; s390 and others have it in a struct that nobody may look into. */
enum { MMAP_FD = 4 };

static void decide(struct od_gate *gate, const struct seccomp_notif *asked, struct seccomp_notif_resp *ret)
{
	int n = -EAGAIN;
	bool allowed = false;

	/* Not its children, so there are no grandchildren to count; nor have they anything to load. */
	if ((pid_t)asked->pid != gate->engine) {
		ret->error = n;
		return;
	}
	if (asked->data.nr == SYS_memfd_create) {
		n = give_file(gate, asked->id);
		ret->val = n >= 0 ? n : 0;
		/* Linux before 5.9 cannot hand one over: it makes its own, which nobody counts. */
		if ((n == -ENOTTY || n == -EINVAL || n == -ENOSYS) && gate->forks_left > 0) {
			gate->forks_left--;
			allowed = true;
		}
	} else if (asked->data.nr == SYS_mmap) {
		allowed = is_library(gate, asked->data.args[MMAP_FD]);
	} else {
		allowed = may_fork(gate);
	}
	if (allowed) {
		ret->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		n = 0;
	}
	ret->error = n < 0 ? n : 0;
}

bool od_gate_answer(struct od_gate *gate)
{
	union request req;
	union answer ans;

	/* The kernel wants zeros. */
	memset(&req, 0, sizeof(req));
	memset(&ans, 0, sizeof(ans));
	/* A signal to the engine takes its question back: ENOENT. It will ask again. */
	if (ioctl(gate->fd, SECCOMP_IOCTL_NOTIF_RECV, &req) < 0)
		return errno == ENOENT || errno == EINTR || errno == EAGAIN;
	ans.msg.id = req.msg.id;
	decide(gate, &req.msg, &ans.msg);
	return ioctl(gate->fd, SECCOMP_IOCTL_NOTIF_SEND, &ans) == 0 || errno == ENOENT;
}
#else
bool od_gate_answer(struct od_gate *gate)
{
	(void)gate;
	return false;
}
#endif

uint64_t od_gate_memory(const struct od_gate *gate)
{
	uint64_t sum = 0;
	struct stat st;

	for (unsigned i = 0; i < gate->nfiles; i++)
		if (fstat(gate->files[i], &st) == 0)
			sum += (uint64_t)st.st_blocks * 512;
	return sum;
}

void od_gate_close(struct od_gate *gate)
{
	if (gate->fd >= 0)
		close(gate->fd);
	gate->fd = -1;
}

void od_gate_deinit(struct od_gate *gate)
{
	od_gate_close(gate);
	while (gate->nfiles)
		close(gate->files[--gate->nfiles]);
}
