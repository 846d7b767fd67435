/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is attached to a mail and is no text: archives, compressed files, dumps. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "io/mime.h"
#include "io/unpack.h"
#include "model/limits.h"
#include "target/dump.h"
#include "triage/ticket.h"

enum { HEAD = 4096 };

struct mail {
	struct od_ticket_reader *t;
	unsigned depth, n;
};

static bool on_file(void *ctx, const char *name, const char *data, size_t len)
{
	struct mail *m = ctx;
	const size_t head = len < HEAD ? len : HEAD;
	od_autoerror err = NULL;
	char number[32];
	int fd;

	m->n++;
	if (!len || (od_unpack_magic(data, head) == OD_PACK_NONE && !od_dump_probe(data, head)))
		return !od_ticket_late(m->t);
	snprintf(number, sizeof(number), "attachment %u", m->n);
	name = name && *name ? name : number;
	err = od_unpack_store(data, len, &fd);
	if (err) {
		od_ticket_note(m->t, "%s: %s", name, err->message);
		return false;
	}
	od_ticket_file(m->t, name, fd, m->depth + 1, true);
	close(fd);
	return !od_ticket_late(m->t);
}

/* Bytes of the file from its beginning, at most size. */
static size_t read_all(int fd, char *buf, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size && (n = pread(fd, buf + done, size - done, (off_t)done)) > 0)
		done += (size_t)n;
	return done;
}

void od_ticket_mail(struct od_ticket_reader *t, int fd, unsigned depth)
{
	struct mail m = { t, depth, 0 };
	od_autofree char *raw = NULL;
	struct stat st;

	/* What is longer is read as text too. */
	if (fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > OD_MAX_MAIL || depth >= OD_TICKET_DEPTH)
		return;
	raw = od_malloc((size_t)st.st_size);
	od_mime_files(raw, read_all(fd, raw, (size_t)st.st_size), on_file, &m);
}
