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
	AFTER = 16 * 1024,   /* and after it, if nobody waits for more */
	STEP = 16 * 1024,    /* then so many more before we ask again */
	OVERLAP = 256,	     /* longest literal: one may straddle two blocks */
};

struct reader {
	const struct od_prefilter *pf;
	const struct od_lines_ops *ops;
	struct od_lines_result *res;
	char *buf;	 /* CONTEXT + OD_MAX_LINE + BLOCK bytes */
	size_t fill;	 /* bytes in buf */
	size_t next;	 /* start of the first line that was not handed on */
	size_t looked;	 /* literals that start before it were found */
	size_t wanted;	 /* lines that start before it are handed on */
	uint32_t lineno; /* lines before next */
	bool skipping;	 /* inside a line that was cut: up to its newline */
	bool skipped;	 /* lines were left out since the last one handed on */
	bool told;	 /* idle() was called, and no byte has come since */
	uint64_t active_ns; /* when something of interest came, or idle() was called */
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

/*
 * Hand on whole lines that start before byte position to; at the end of the input also the last,
 * unfinished one. False: more input is needed for that.
 */
static bool parse_lines(struct reader *r, size_t to, bool eof)
{
	while (r->next < to) {
		const char *start = r->buf + r->next;
		size_t left = r->fill - r->next;
		const char *nl = memchr(start, '\n', left);
		size_t len = nl ? (size_t)(nl - start) : left;

		if (!left)
			return false;
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
			return false;
		emit(r, r->next + len, false);
		r->next += len + (nl != NULL);
		r->lineno++;
	}
	return true;
}

/*
 * Leave out whole lines up to byte position to, which becomes a start of a line. If its line is
 * endless the rest of it is left out, too.
 */
static void skip_to(struct reader *r, size_t to)
{
	const char *nl;
	size_t start;

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
	start = nl ? (size_t)(nl + 1 - r->buf) : r->next;
	r->lineno += (uint32_t)od_count_newlines(r->buf + r->next, start - r->next);
	r->skipping = to - start > OD_MAX_LINE;
	if (r->skipping)
		start = to;
	r->skipped |= start > r->next;
	r->next = start;
}

/* Where the search for literals goes on: one far back in lines that were handed on is no matter. */
static size_t look_from(const struct reader *r)
{
	return r->next > AFTER && r->looked < r->next - AFTER ? r->next - AFTER : r->looked;
}

/* The next literal makes the lines around it wanted. False: there is none in the buffer. */
static bool next_hit(struct reader *r)
{
	size_t from = look_from(r), at;
	const char *hit;

	hit = from < r->fill ? od_prefilter_scan(r->pf, r->buf, r->fill, from) : NULL;
	if (!hit) {
		/* One that begins near the end may end in the next block. */
		r->looked = r->fill > OVERLAP ? r->fill - OVERLAP : 0;
		if (r->looked < from)
			r->looked = from;
		return false;
	}
	at = (size_t)(hit - r->buf);
	skip_to(r, at > CONTEXT ? at - CONTEXT : 0);
	r->looked = at + 1;
	/* Literals that stand close together are not asked about line by line. */
	r->wanted = at < r->next ? r->next + STEP : at + AFTER;
	return true;
}

/* Forget what was looked at and handed on or left out. */
static void drop_done(struct reader *r)
{
	const size_t from = look_from(r), n = r->next < from ? r->next : from;

	memmove(r->buf, r->buf + n, r->fill - n);
	r->fill -= n;
	r->next -= n;
	r->looked = from - n;
	r->wanted = r->wanted > n ? r->wanted - n : 0;
}

static void consume(struct reader *r, bool eof)
{
	bool want_more = false;

	while (!want_more) {
		if (r->next < r->wanted || !r->pf)
			want_more = !parse_lines(r, r->pf ? r->wanted : SIZE_MAX, eof);
		else if (r->ops->busy(r->ops->ctx))
			r->wanted = r->next + STEP;
		else if (!next_hit(r))
			break;
	}
	if (!want_more)
		skip_to(r, r->looked > CONTEXT ? r->looked - CONTEXT : 0);
	drop_done(r);
	if (eof && r->next < r->fill)
		r->lineno += (uint32_t)od_count_newlines(r->buf + r->next, r->fill - r->next) +
			     (r->buf[r->fill - 1] != '\n');
	else if (eof && r->skipping)
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
	const uint64_t ms = 1000000;

	if (r->ops->ready && r->ops->ready(r->ops->ctx))
		return !*deadline_ns || now_ns() < *deadline_ns;
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		uint64_t quiet = (now_ns() - r->active_ns) / ms;
		int timeout = *deadline_ns ? OD_IDLE_MS : -1, n;

		if (!r->told && r->ops->idle)
			timeout = quiet < OD_IDLE_MS ? OD_IDLE_MS - (int)quiet : 0;
		n = poll(&p, 1, timeout);

		if (*deadline_ns && now_ns() >= *deadline_ns)
			return false;
		if (n > 0 || (n < 0 && errno != EINTR))
			return true;
		if (n == 0 && !r->told && r->ops->idle) {
			r->ops->idle(r->ops->ctx);
			r->told = true;
			r->active_ns = now_ns();
			if (r->ops->ready && r->ops->ready(r->ops->ctx))
				return true;
		}
	}
}

void od_lines_read(int fd, const struct od_prefilter *pf, const volatile uint64_t *deadline_ns,
		   const struct od_lines_ops *ops, struct od_lines_result *ret)
{
	struct reader r = { .pf = pf, .ops = ops, .res = ret, .active_ns = now_ns() };
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
		r.told = false;
		if (ops->idle && (!ops->active || ops->active(ops->ctx)))
			r.active_ns = now_ns();
	}
	consume(&r, true);
	ret->lines = r.lineno;
	free(r.buf);
}
