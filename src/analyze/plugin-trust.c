/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/*
 * Whose code we are ready to run: that of root and of the user, in places where nobody else could
 * have put it. Every step is taken on descriptors, so that what was checked is what is used.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/plugin-internal.h"
#include "base/cleanup.h"

static bool owner_ok(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

/* Why st is not to be trusted, or NULL. A parent may be a sticky directory of root, as /tmp. */
static const char *distrust(const struct stat *st, bool parent)
{
	if (!owner_ok(st))
		return "belongs to another user";
	if (st->st_mode & (S_IWGRP | S_IWOTH)) {
		if (parent && st->st_uid == 0 && (st->st_mode & S_ISVTX))
			return NULL;
		return "can be written by others";
	}
	return NULL;
}

static bool check_dir(int fd, const char *name, bool parent, struct od_buf *reason)
{
	struct stat st;
	const char *why;

	if (fstat(fd, &st) < 0) {
		od_buf_printf(reason, "%s: %s", name, strerror(errno));
		return false;
	}
	why = distrust(&st, parent);
	if (why)
		od_buf_printf(reason, "%s %s", name, why);
	return !why;
}

int od_plugin_open_dir(const char *path, struct od_buf *reason)
{
	char part[4096];
	size_t len = strlen(path), pos = 1;
	int fd;

	if (path[0] != '/' || len >= sizeof(part)) {
		od_buf_addstr(reason, "not an absolute path of sane length");
		return -1;
	}
	fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && !check_dir(fd, "/", len > 1, reason))
		goto fail;
	while (fd >= 0 && pos < len) {
		size_t end = pos + strcspn(path + pos, "/");
		int next;

		memcpy(part, path + pos, end - pos);
		part[end - pos] = '\0';
		next = openat(fd, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			od_buf_printf(reason, "%.*s: %s", (int)end, path, strerror(errno));
		close(fd);
		fd = next;
		memcpy(part, path, end);
		part[end] = '\0';
		if (fd >= 0 && !check_dir(fd, part, end < len, reason))
			goto fail;
		pos = end + 1;
	}
	return fd;
fail:
	close(fd);
	return -1;
}

int od_plugin_open_file(int dir, const char *name, struct od_buf *reason)
{
	od_autoclose int fd =
		openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	const char *why;
	int ret;

	if (fd < 0) {
		od_buf_addstr(reason, errno == ELOOP ? "it is a symbolic link" : strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		od_buf_addstr(reason, "it is not a regular file");
		return -1;
	}
	why = distrust(&st, false);
	if (why) {
		od_buf_printf(reason, "it %s", why);
		return -1;
	}
	ret = fd;
	fd = -1;
	return ret;
}
