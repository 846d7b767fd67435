/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "input/lines.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "input/prefilter.h"
#include "input/probe.h"
#include "model/limits.h"

enum {
	BLOCK = 256 * 1024,
	CONTEXT = 16 * 1024, /* bytes before a hit that are parsed with it */
	OVERLAP = 256,	     /* longest literal: one may straddle two blocks */
	IDLE_MS = 500,
};

struct reader {
	const struct od_prefilter *pf;
	const struct od_lines_ops *ops;
	struct od_lines_result *res;
	char *buf;	 /* CONTEXT + OD_MAX_LINE + BLOCK bytes */
	size_t fill;	 /* bytes in buf */
	size_t next;	 /* start of the first line that was not handed on */
	size_t scanned;	 /* up to here the prefilter has looked */
	uint32_t lineno; /* lines before next */
	bool skipping;	 /* inside a line that was cut: up to its newline */
	bool skipped;	 /* lines were left out since the last one handed on */
};

static void emit(struct reader *r, size_t end, bool cut)
{
	struct od_line line = { .text = r->buf + r->next,
				.len = (uint32_t)(end - r->next),
				.lineno = r->lineno + 1,
				.cut = cut };

	if (r->skipped && r->ops->gap)
		r->ops->gap(r->ops->ctx);
	r->skipped = false;
	r->ops->line(r->ops->ctx, &line);
}

/* Hand on every whole line; at the end of the input also the last, unfinished one. */
static void parse_lines(struct reader *r, bool eof)
{
	while (r->next < r->fill) {
		const char *start = r->buf + r->next;
		size_t left = r->fill - r->next;
		const char *nl = memchr(start, '\n', left);
		size_t len = nl ? (size_t)(nl - start) : left;

		if (r->skipping) {
			r->next += len + (nl != NULL);
			if (nl) {
				r->skipping = false;
				r->lineno++;
			}
			continue;
		}
		if (len > OD_MAX_LINE) {
			emit(r, r->next + OD_MAX_LINE, true);
			r->next += OD_MAX_LINE;
			r->skipping = true;
			continue;
		}
		if (!nl && !eof)
			return;
		emit(r, r->next + len, false);
		r->next += len + (nl != NULL);
		r->lineno++;
	}
}

/* Leave out whole lines up to byte position to, which becomes a start of a line. */
static void skip_to(struct reader *r, size_t to)
{
	const char *nl;

	if (to <= r->next)
		return;
	if (r->skipping) {
		nl = memchr(r->buf + r->next, '\n', to - r->next);
		if (!nl) {
			r->next = to;
			return;
		}
		r->skipping = false;
	}
	nl = memrchr(r->buf + r->next, '\n', to - r->next);
	if (!nl)
		return;
	to = (size_t)(nl + 1 - r->buf);
	r->lineno += (uint32_t)od_count_newlines(r->buf + r->next, to - r->next);
	r->next = to;
	r->skipped = true;
}

static void consume(struct reader *r, bool eof)
{
	bool wanted = !r->pf || r->ops->busy(r->ops->ctx);

	if (!wanted) {
		size_t from = r->scanned > OVERLAP ? r->scanned - OVERLAP : 0;
		const char *hit;

		if (from < r->next)
			from = r->next;
		hit = od_prefilter_scan(r->pf, r->buf + from, r->fill - from);
		if (hit) {
			size_t at = (size_t)(hit - r->buf);

			skip_to(r, at > CONTEXT ? at - CONTEXT : 0);
			wanted = true;
		}
	}
	if (wanted)
		parse_lines(r, eof);
	else
		skip_to(r, r->fill > CONTEXT ? r->fill - CONTEXT : 0);
	if (!wanted && r->fill - r->next > OD_MAX_LINE + CONTEXT) {
		/* One endless line without anything of interest. */
		r->next = r->fill - CONTEXT;
		r->skipping = true;
	}
	memmove(r->buf, r->buf + r->next, r->fill - r->next);
	r->fill -= r->next;
	r->next = 0;
	r->scanned = r->fill;
	if (eof && r->fill && !wanted)
		r->lineno += (uint32_t)od_count_newlines(r->buf, r->fill) +
			     (r->buf[r->fill - 1] != '\n');
	if (eof && r->skipping && wanted)
		r->lineno++;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Wait for input. False if the deadline passed. */
static bool wait_readable(struct reader *r, int fd, const volatile uint64_t *deadline_ns)
{
	bool told = false;

	if (r->ops->ready && r->ops->ready(r->ops->ctx))
		return !*deadline_ns || now_ns() < *deadline_ns;
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int n = poll(&p, 1, told && !*deadline_ns ? -1 : IDLE_MS);

		if (*deadline_ns && now_ns() >= *deadline_ns)
			return false;
		if (n > 0 || (n < 0 && errno != EINTR))
			return true;
		if (n == 0 && !told && r->ops->idle) {
			r->ops->idle(r->ops->ctx);
			told = true;
			if (r->ops->ready && r->ops->ready(r->ops->ctx))
				return true;
		}
	}
}

void od_lines_read(int fd, const struct od_prefilter *pf, const volatile uint64_t *deadline_ns,
		   const struct od_lines_ops *ops, struct od_lines_result *ret)
{
	struct reader r = { .pf = pf, .ops = ops, .res = ret };
	const size_t size = 2 * (CONTEXT + OD_MAX_LINE) + BLOCK;
	bool judged = false;

	memset(ret, 0, sizeof(*ret));
	r.buf = od_malloc(size);
	for (;;) {
		ssize_t n;

		if (!wait_readable(&r, fd, deadline_ns)) {
			ret->end = OD_LINES_DEADLINE;
			break;
		}
		n = size - r.fill < BLOCK ? (ssize_t)(size - r.fill) : BLOCK;
		n = ops->read ? ops->read(ops->ctx, r.buf + r.fill, (size_t)n)
			      : read(fd, r.buf + r.fill, (size_t)n);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0) {
			ret->end = OD_LINES_READ_ERROR;
			break;
		}
		if (n == 0)
			break;
		if (!ret->bytes)
			ret->what = od_probe_magic(r.buf, (size_t)n);
		if (ret->what) {
			ret->bytes = (uint64_t)n;
			ret->end = OD_LINES_MAGIC;
			free(r.buf);
			return;
		}
		if (!judged && (ret->bytes + (uint64_t)n >= 512 || !ret->bytes)) {
			ret->binary = od_probe_binary(r.buf, r.fill + (size_t)n);
			judged = ret->bytes + (uint64_t)n >= 512;
		}
		ret->bytes += (uint64_t)n;
		r.fill += (size_t)n;
		consume(&r, false);
	}
	consume(&r, true);
	ret->lines = r.lineno;
	free(r.buf);
}
