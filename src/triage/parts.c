/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pstore: a crash in as many files as its backend had records, "dmesg-efi-170000000001001" and so on. They are one
 * input, wherever they come from; in which order, their headers say (text/pstore). Where the kernel could not unpack
 * a record its name ends in ".enc.z" and it is as it was stored: raw deflate, in most kernels and in all
 * since 6.6 (fs/pstore/platform.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "front/openfile.h"
#include "io/unpack.h"
#include "triage/ticket.h"

enum {
	MAX_PART = 1 << 20,  /* bytes of one; backends have 1 to 64 KiB */
	MAX_PARTS = 64 << 20, /* of all that are one input */
};

static ssize_t read_part(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size && (n = pread(fd, buf + len, size - len, (off_t)len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* Append it as text. */
static void add(struct od_ticket_reader *t, const char *name, const char *data, size_t len)
{
	od_autofree char *text = NULL;

	if (od_is_packed_part(name)) {
		text = od_malloc(MAX_PART);
		len = od_unpack_deflated(data, len, text, MAX_PART);
		data = text;
		if (!len) {
			od_ticket_note(t, "%s: a record of pstore that is not packed by deflate, or damaged", name);
			return;
		}
	}
	od_buf_add(&t->parts, data, len);
	if (len && data[len - 1] != '\n')
		od_buf_addch(&t->parts, '\n');
}

bool od_ticket_part(struct od_ticket_reader *t, const char *name, int fd, bool quiet)
{
	od_autofree char *data = NULL;
	ssize_t len;

	if (!od_is_part(name) && !od_is_packed_part(name))
		return false;
	if (t->parts_name && (!od_same_directory(name, t->parts_name) || t->parts.len > MAX_PARTS))
		od_ticket_parts_end(t);
	/* What is longer is no single record: all of a directory's, put together by who opened them. */
	data = od_malloc(MAX_PART + 1);
	len = read_part(fd, data, MAX_PART + 1);
	if (len < 0 || len > MAX_PART)
		return false;
	t->parts_quiet = quiet;
	if (!t->parts_name)
		t->parts_name = od_strdup(name);
	add(t, name, data, (size_t)len);
	return true;
}

void od_ticket_parts_end(struct od_ticket_reader *t)
{
	od_autoerror err = NULL;
	int fd;

	if (t->parts.len) {
		err = od_unpack_store(t->parts.data, t->parts.len, &fd);
		if (err) {
			od_ticket_note(t, "%s: %s", t->parts_name, err->message);
		} else {
			od_ticket_input(t, t->parts_name, &fd, 1, NULL, NULL, t->parts_quiet);
			close(fd);
		}
	}
	od_buf_deinit(&t->parts);
	free(t->parts_name);
	t->parts_name = NULL;
}
