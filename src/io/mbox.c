/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "io/mbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "io/decoder.h"

enum {
	BLOCK = 256 * 1024,
	LINE_MAX_LEN = 1024, /* bytes of a "From " line that are looked at */
};

bool od_mbox_probe(const void *head, size_t len)
{
	const char *s = head, *nl = memchr(s, '\n', len < LINE_MAX_LEN ? len : LINE_MAX_LEN);

	return nl && len > 5 && !memcmp(s, "From ", 5) && od_mail_from_line(s, (size_t)(nl - s));
}

struct splitter {
	uint64_t start; /* of the message at hand */
	size_t n, max;
	bool stop;
	bool (*found)(void *ctx, uint64_t offset, uint64_t length);
	void *ctx;
};

static void end_message(struct splitter *s, uint64_t end)
{
	if (end > s->start && !s->stop) {
		s->stop = !s->found(s->ctx, s->start, end - s->start);
		s->n++;
	}
	s->start = end;
}

/*
 * Look for boundaries in len bytes at data, which stand at place in the file. keep: bytes at the end that
 * come again, since more of the line is needed.
 */
static size_t look(struct splitter *s, const char *data, size_t len, uint64_t place, bool eof)
{
	const char *p = data, *end = data + len;

	while ((p = memmem(p, (size_t)(end - p), "\nFrom ", 6))) {
		size_t left = (size_t)(end - p - 1);
		const char *nl = memchr(p + 1, '\n', left < LINE_MAX_LEN ? left : LINE_MAX_LEN);
		bool blank = p > data && (p[-1] == '\n' || (p[-1] == '\r' && p - 1 > data && p[-2] == '\n'));

		if (!nl && left < LINE_MAX_LEN && !eof)
			break;
		if (nl && blank && s->n + 1 < s->max &&
		    od_mail_from_line(p + 1, (size_t)(nl - p - 1)))
			end_message(s, place + (uint64_t)(p + 1 - data));
		p += 6;
	}
	/* What stands before a boundary that is not whole yet: two line ends. */
	if (p)
		return (size_t)(end - p) + 2 < len ? (size_t)(end - p) + 2 : len;
	return len < 8 ? len : 8;
}

void od_mbox_split(int fd, size_t max, bool (*found)(void *ctx, uint64_t offset, uint64_t length),
		   void *ctx)
{
	struct splitter s = { .max = max, .found = found, .ctx = ctx };
	od_autofree char *buf = od_malloc(BLOCK);
	size_t have = 0;
	uint64_t at = 0; /* of buf in the file */

	while (!s.stop) {
		ssize_t n = pread(fd, buf + have, BLOCK - have, (off_t)(at + have));
		size_t keep;

		if (n < 0 && errno == EINTR)
			continue;
		have += n > 0 ? (size_t)n : 0;
		keep = look(&s, buf, have, at, n <= 0);
		if (n <= 0) {
			end_message(&s, at + have);
			return;
		}
		memmove(buf, buf + have - keep, keep);
		at += have - keep;
		have = keep;
	}
}
