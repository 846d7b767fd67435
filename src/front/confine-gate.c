/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The front's side of the gate: the engine's clone() waits in the kernel until the front, which never
 * saw a byte of the input, has looked how many processes there are; and so does its mmap() of code, until
 * the front has looked of which file.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
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

static bool may_fork(pid_t engine, pid_t asks, unsigned *budget)
{
	int n;

	/* Not its children, so there are no grandchildren to count. */
	if (asks != engine)
		return false;
	n = count_children(engine);
	if (n >= 0)
		return n < OD_MAX_PLUGINS;
	if (*budget == 0)
		return false;
	--*budget;
	return true;
}

/* Does the descriptor of the process stand for that file? */
static bool is_library(pid_t engine, pid_t asks, uint64_t fd, const char *library)
{
	struct stat want, have;
	char path[64];

	/* Its children share nothing with it, but have no reason to load anything either. */
	if (asks != engine || !library || fd > INT_MAX)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)engine, (int)fd);
	return stat(library, &want) == 0 && stat(path, &have) == 0 && S_ISREG(have.st_mode) &&
	       want.st_dev == have.st_dev && want.st_ino == have.st_ino;
}

/* Where mmap() takes its descriptor; s390 and others have it in a struct that nobody may look into. */
enum { MMAP_FD = 4 };

bool od_gate_answer(int gate, pid_t engine, const char *library, unsigned *budget)
{
	union request req;
	union answer ans;
	bool allowed;

	/* The kernel wants zeros. */
	memset(&req, 0, sizeof(req));
	memset(&ans, 0, sizeof(ans));
	/* A signal to the engine takes its question back: ENOENT. It will ask again. */
	if (ioctl(gate, SECCOMP_IOCTL_NOTIF_RECV, &req) < 0)
		return errno == ENOENT || errno == EINTR || errno == EAGAIN;
	ans.msg.id = req.msg.id;
	if (req.msg.data.nr == SYS_mmap)
		allowed = is_library(engine, (pid_t)req.msg.pid, req.msg.data.args[MMAP_FD], library);
	else
		allowed = may_fork(engine, (pid_t)req.msg.pid, budget);
	if (allowed)
		ans.msg.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		ans.msg.error = -EAGAIN;
	return ioctl(gate, SECCOMP_IOCTL_NOTIF_SEND, &ans) == 0 || errno == ENOENT;
}
#else
bool od_gate_answer(int gate, pid_t engine, const char *library, unsigned *budget)
{
	(void)gate, (void)engine, (void)library, (void)budget;
	return false;
}
#endif
