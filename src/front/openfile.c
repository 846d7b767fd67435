/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/openfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What was opened decides, not what the name meant a moment ago. */
static struct od_error *check(int fd)
{
	struct stat st;
	int flags;

	if (fstat(fd, &st) < 0)
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return od_error_new(OD_ERR_IO, "is a directory");
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
		*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*fd < 0)
		return od_error_new(OD_ERR_IO, "%s", strerror(errno));
	err = check(*fd);
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
