/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is attached to a mail and is no text: archives, compressed files, dumps, other mails, what apport writes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "io/decoder.h"
#include "io/mbox.h"
#include "io/mime.h"
#include "io/unpack.h"
#include "model/limits.h"
#include "target/dump.h"
#include "triage/ticket.h"

struct mail {
	struct od_ticket_reader *t;
	int fd;
	unsigned depth;
	unsigned message; /* of a mailbox, from 1 on */
	unsigned n;	  /* files of the message so far */
};

/* Is there anything in it for us? */
static bool is_wanted(const char *data, size_t len)
{
	const size_t head = len < OD_PROBE_HEAD ? len : OD_PROBE_HEAD;

	return len && (od_unpack_magic(data, head) != OD_PACK_NONE || od_dump_probe(data, head) ||
		       od_decode_mail.probe(data, head) == OD_PROBE_YES || od_ticket_is_apport(data, head));
}

static bool on_file(void *ctx, const char *name, const char *data, size_t len)
{
	struct mail *m = ctx;
	struct od_buf path = OD_BUF_INIT;
	od_autoerror err = NULL;
	int fd;

	m->n++;
	if (!is_wanted(data, len))
		return !od_ticket_late(m->t);
	if (m->message > 1)
		od_buf_printf(&path, "message %u/", m->message);
	if (name && *name)
		od_buf_addstr(&path, name);
	else
		od_buf_printf(&path, "attachment %u", m->n);
	err = od_unpack_store(data, len, &fd);
	if (err) {
		od_ticket_note(m->t, "%s: %s", od_buf_str(&path), err->message);
	} else {
		od_ticket_file(m->t, od_buf_str(&path), fd, m->depth + 1, true);
		close(fd);
	}
	od_buf_deinit(&path);
	return !err && !od_ticket_late(m->t);
}

/* Bytes of the file from offset on, at most size. */
static size_t read_all(int fd, uint64_t offset, char *buf, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size && (n = pread(fd, buf + done, size - done, (off_t)(offset + done))) > 0)
		done += (size_t)n;
	return done;
}

static bool on_message(void *ctx, uint64_t offset, uint64_t length)
{
	struct mail *m = ctx;
	od_autofree char *raw = NULL;
	size_t len, from = 0;
	const char *nl;

	m->message++;
	m->n = 0;
	/* What is longer is read as text too. */
	if (!length || length > OD_MAX_MAIL)
		return true;
	raw = od_malloc((size_t)length);
	len = read_all(m->fd, offset, raw, (size_t)length);
	/* The line that begins it in a mailbox is none of its own. */
	nl = len > 5 && !memcmp(raw, "From ", 5) ? memchr(raw, '\n', len) : NULL;
	if (nl)
		from = (size_t)(nl + 1 - raw);
	od_mime_files(raw + from, len - from, on_file, m);
	return !od_ticket_late(m->t);
}

void od_ticket_mail(struct od_ticket_reader *t, int fd, unsigned depth)
{
	struct mail m = { .t = t, .fd = fd, .depth = depth };

	/* A file that is no mailbox is one message. */
	if (depth < OD_TICKET_DEPTH)
		od_mbox_split(fd, OD_MAILBOX_MESSAGES, on_message, &m);
}
