/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log of a dump, and the text of it that kdump saved beside the dump (vmcore-dmesg.txt): the dump's own
 * is read, and the text stands in where that is damaged or was left out. Else they are compared only.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "model/line.h"
#include "pipeline-internal.h"
#include "target/kernel/log.h"

enum { MAX_SAVED = 64 << 20, BLOCK = 1 << 16 };

struct feed {
	struct pipeline *p;
	uint32_t lineno;
};

static void on_log_line(void *ctx, const char *s, size_t len)
{
	struct feed *f = ctx;
	struct od_line line = { .text = s, .lineno = ++f->lineno };

	line.cut = len > OD_MAX_LINE;
	line.len = line.cut ? OD_MAX_LINE : (uint32_t)len;
	f->p->in->bytes += len + 1;
	od_text_line(f->p->text, &line);
}

static void read_own(struct pipeline *p, struct od_kernel *k)
{
	struct od_input *in = p->in;
	struct feed feed = { p, 0 };
	struct od_kernel_log log;
	const char *why = od_kernel_log(k, on_log_line, &feed, &log);

	od_text_finish(p->text);
	in->lines = feed.lineno;
	if (why)
		od_input_missing(in, "log", why, NULL, NULL);
	else if (log.unreadable)
		od_input_note(in, 0, "%u records of the log cannot be read: they are %s", log.unreadable,
			      od_mem_status_text(log.why));
}

/* --- what both have ------------------------------------------------------------------------ */

/* The lines of a log, each as a number: what it says, without level, time and caller. */
struct lines {
	uint64_t *hash;
	size_t n, cap;
};

static void skip_bracket(struct od_cursor *c)
{
	const char *end = od_cur_peek(c) == '[' ? memchr(c->p, ']', od_cur_left(c)) : NULL;

	if (end && end - c->p < 24)
		c->p = end + 1;
	od_cur_blanks(c);
}

static void add_line(void *ctx, const char *s, size_t len)
{
	struct lines *l = ctx;
	struct od_cursor c = od_cursor_init(s, len);
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	while (c.end > c.p && (od_is_blank(c.end[-1]) || c.end[-1] == '\r'))
		c.end--;
	if (od_cur_peek(&c) == '<' && od_cur_left(&c) > 3 && c.p[2] == '>')
		c.p += 3;
	od_cur_blanks(&c);
	skip_bracket(&c); /* time */
	skip_bracket(&c); /* caller */
	if (od_cur_end(&c))
		return;
	for (; c.p < c.end; c.p++)
		hash = (hash ^ (unsigned char)*c.p) * 1099511628211u;
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 1024;
		l->hash = od_realloc(l->hash, l->cap * sizeof(*l->hash));
	}
	l->hash[l->n++] = hash;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The lines of a file, of its first MAX_SAVED bytes. */
static void file_lines(int fd, struct lines *ret)
{
	struct od_buf buf = OD_BUF_INIT;
	char block[BLOCK];
	off_t at = 0;
	ssize_t n;

	while (at < MAX_SAVED && (n = pread(fd, block, sizeof(block), at)) > 0) {
		od_buf_add(&buf, block, (size_t)n);
		at += n;
	}
	for (const char *p = buf.data, *end = p + buf.len; buf.len && p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		add_line(ret, p, (size_t)((nl ? nl : end) - p));
		p = nl ? nl + 1 : end;
	}
	od_buf_deinit(&buf);
}

/* How many of the saved lines are not in the dump's log? Sorts own. */
static size_t count_strange(struct lines *own, const struct lines *saved)
{
	size_t strange = 0;

	if (own->n)
		qsort(own->hash, own->n, sizeof(*own->hash), by_value);
	for (size_t i = 0; i < saved->n; i++)
		strange += !own->n || !bsearch(&saved->hash[i], own->hash, own->n, sizeof(*own->hash), by_value);
	return strange;
}

/* --- which is read --------------------------------------------------------------------------- */

static void read_saved(struct pipeline *p, int fd)
{
	struct od_input *in = p->in;
	const enum od_input_status status = in->status;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return;
	od_pipeline_text(p, fd);
	if (in->status != OD_INPUT_UNREADABLE)
		return;
	in->status = status;
	od_input_note(in, 0, "the log that was saved beside the dump is no text: %s", in->error);
	in->error = NULL;
}

void od_pipeline_log(struct pipeline *p, struct od_kernel *k, int saved_fd)
{
	struct lines own = { 0 }, saved = { 0 };
	struct od_kernel_log log;
	const char *why;
	size_t strange;

	if (saved_fd < 0) {
		read_own(p, k);
		return;
	}
	why = od_kernel_log(k, add_line, &own, &log);
	file_lines(saved_fd, &saved);
	strange = count_strange(&own, &saved);
	/* Of a log that is not whole some lines are strange; of another crash's all but the boot's. */
	if (own.n && strange * 2 > saved.n)
		od_input_note(p->in, 0, "the log that was saved beside the dump is of another crash: %zu of its "
			      "%zu lines are not in the dump's; it is not used", strange, saved.n);
	else if (!why && !log.unreadable && strange)
		od_input_note(p->in, 0, "%zu of %zu lines of the log that was saved beside the dump are not in the "
			      "dump's", strange, saved.n);
	else if (!why && !log.unreadable)
		od_input_note(p->in, 0, "the log that was saved beside the dump says the same (%zu lines)", saved.n);
	if (saved.n && (why || log.unreadable) && !(own.n && strange * 2 > saved.n)) {
		od_input_note(p->in, 0, "the log is the text that was saved beside the dump; its own cannot be read: %s",
			      why ? why : od_mem_status_text(log.why));
		read_saved(p, saved_fd);
	} else {
		read_own(p, k);
	}
	free(own.hash);
	free(saved.hash);
}

void od_pipeline_saved_log(struct pipeline *p, int saved_fd, const char *why)
{
	struct od_input *in = p->in;

	in->kind = OD_INPUT_LOG;
	od_input_note(in, 0, "the dump cannot be read (%s): this is from the log that was saved beside it", why);
	if (lseek(saved_fd, 0, SEEK_SET) == 0)
		od_pipeline_text(p, saved_fd);
}
