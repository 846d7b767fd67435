/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reading a mail needs of the file system is loaded before the process gives that up. */
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/alloc.h"
#include "io/io.h"
#include "io/mime.h"

enum { HEAD = 64 * 1024 };

/* Is lit, in whatever case, somewhere in s? */
static bool holds(const char *s, size_t len, const char *lit)
{
	const size_t n = strlen(lit);
	const char *p = s;

	/* By its dash or equals sign, which neither case nor a log has many of. */
	const size_t mark = strcspn(lit, "-=");

	while (len >= n && (p = memchr(p, lit[mark], len - (size_t)(p - s))) != NULL) {
		size_t at = (size_t)(p - s);

		if (at >= mark && at - mark + n <= len && !strncasecmp(p - mark, lit, n))
			return true;
		p++;
	}
	return false;
}

void od_io_prepare(int fd)
{
	od_autofree char *head = NULL;
	off_t at;
	ssize_t len;

	if (fd < 0)
		return;
	at = lseek(fd, 0, SEEK_CUR);
	if (at < 0) {
		/* A pipe: looking would be taking. */
		od_mime_prepare();
		return;
	}
	head = od_malloc(HEAD);
	len = pread(fd, head, HEAD, at);
	if (len > 5 && (!memcmp(head, "From ", 5) || holds(head, (size_t)len, "mime-version") ||
			holds(head, (size_t)len, "charset=")))
		od_mime_prepare();
}
