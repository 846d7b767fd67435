/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reading a mail needs of the file system is loaded before the process gives that up. */
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "io/decoder.h"
#include "io/io.h"
#include "io/mime.h"

bool od_io_may_be_mail(const char *head, size_t len)
{
	return od_decode_mail.probe(head, len < OD_PROBE_HEAD ? len : OD_PROBE_HEAD) != OD_PROBE_NO;
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
	head = od_malloc(OD_PROBE_HEAD);
	len = pread(fd, head, OD_PROBE_HEAD, at);
	if (len > 0 && od_io_may_be_mail(head, (size_t)len))
		od_mime_prepare();
}
