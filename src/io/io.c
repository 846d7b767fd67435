/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "io/clean.h"
#include "io/decoder.h"
#include "io/out.h"
#include "model/limits.h"

enum {
	BLOCK = 64 * 1024,
	WINDOW_LINES = 1 << 20, /* more lines than the reader of lines can have in its window */
};

/* The first that says yes is taken. */
static const struct od_decoder *const decoders[] = { &od_decode_json, &od_decode_export, &od_decode_html,
						     &od_decode_mail, &od_decode_utf16 };

struct od_io {
	int fd;
	ssize_t (*read)(void *ctx, void *buf, size_t size); /* NULL: read(2) */
	void *read_ctx;
	enum { PROBING, PLAIN, DRESSED } state;
	bool eof;
	struct od_buf head;	 /* while probing */
	struct od_buf carry;	 /* the start of a line whose end has not come */
	const struct od_decoder *dec;
	void *self;
	char *block;		 /* input that the decoder has not taken yet */
	size_t pos, fill;
	bool work, ended;	 /* step() may have work; end() was called */
	struct od_out out;
	struct od_clean clean;
	uint64_t bytes;
	uint32_t newlines, handed; /* of the input; of the text */
	char last;		 /* byte of the input */
	void (*tap)(void *ctx, const char *s, size_t len);
	void *tap_ctx;
};

struct od_io *od_io_open(int fd, od_io_note_fn note, void *ctx)
{
	struct od_io *io = od_calloc(1, sizeof(*io));

	io->fd = fd;
	io->out.note = note;
	io->out.note_ctx = ctx;
	io->clean.entities = true;
	return io;
}

void od_io_from(struct od_io *io, ssize_t (*from)(void *ctx, void *buf, size_t size), void *ctx)
{
	io->read = from;
	io->read_ctx = ctx;
}

void od_io_tap(struct od_io *io, void (*fn)(void *ctx, const char *s, size_t len), void *ctx)
{
	io->tap = fn;
	io->tap_ctx = ctx;
}

void od_io_close(struct od_io *io)
{
	if (!io)
		return;
	if (io->self)
		io->dec->destroy(io->self);
	od_buf_deinit(&io->head);
	od_buf_deinit(&io->carry);
	od_out_deinit(&io->out);
	free(io->block);
	free(io);
}

size_t od_skip_start(const char *s, size_t len)
{
	size_t i = od_probe_lit(s, len, OD_BYTE_ORDER_MARK) == OD_PROBE_YES ? strlen(OD_BYTE_ORDER_MARK) : 0;

	while (i < len && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n'))
		i++;
	return i;
}

enum od_probe od_probe_lit(const char *s, size_t len, const char *lit)
{
	size_t n = strlen(lit);

	if (strncasecmp(s, lit, len < n ? len : n))
		return OD_PROBE_NO;
	return len < n ? OD_PROBE_MORE : OD_PROBE_YES;
}

static ssize_t take(struct od_io *io, char *buf, size_t size)
{
	ssize_t n = io->read ? io->read(io->read_ctx, buf, size) : read(io->fd, buf, size);

	if (n > 0) {
		io->bytes += (uint64_t)n;
		if (io->tap)
			io->tap(io->tap_ctx, buf, (size_t)n);
		io->last = buf[n - 1];
	}
	io->eof = n == 0;
	return n;
}

/* Which clothes? Leaves the state PROBING while that cannot be said. */
static void probe(struct od_io *io)
{
	const char *s = od_buf_str(&io->head);
	/* However much came at once: the answer does not depend on it. */
	size_t len = io->head.len < OD_PROBE_HEAD ? io->head.len : OD_PROBE_HEAD;
	bool more = od_probe_lit(s, len, OD_BYTE_ORDER_MARK) == OD_PROBE_MORE;

	for (size_t i = 0; i < sizeof(decoders) / sizeof(*decoders); i++) {
		enum od_probe p = decoders[i]->probe(s, len);

		if (p == OD_PROBE_YES) {
			io->dec = decoders[i];
			break;
		}
		more |= p == OD_PROBE_MORE;
	}
	if (!io->dec && more && !io->eof && io->head.len < OD_PROBE_HEAD)
		return;
	io->state = PLAIN;
	if (!io->dec)
		return;
	if (io->dec->missing) {
		od_out_note(&io->out, 1, io->dec->missing);
		io->dec = NULL;
		return;
	}
	io->state = DRESSED;
	io->self = io->dec->create();
	io->block = od_malloc(BLOCK);
	io->clean.entities = io->dec->entities;
}

static void count_lines(struct od_io *io, const char *s, size_t len)
{
	for (const char *p = s; (p = memchr(p, '\n', len - (size_t)(p - s))); p++)
		io->newlines++;
}

/* Bytes for the decoder: those read for the probe first. */
static bool refill(struct od_io *io)
{
	io->pos = io->fill = 0;
	if (io->head.len) {
		io->fill = io->head.len < BLOCK ? io->head.len : BLOCK;
		memcpy(io->block, io->head.data, io->fill);
		od_buf_consume(&io->head, io->fill);
	} else if (!io->eof) {
		ssize_t n = take(io, io->block, BLOCK);

		if (n < 0)
			return false;
		io->fill = (size_t)n;
	}
	count_lines(io, io->block, io->fill);
	return true;
}

/* Let the decoder work until there is text, or input would have to be waited for twice. */
static bool decode(struct od_io *io)
{
	/* Whoever was told that fd will not be read relies on it. */
	bool may_read = io->read || !od_io_ready(io);

	for (;;) {
		if (io->out.text.len)
			return true;
		if (io->work) {
			io->work = io->dec->step && io->dec->step(io->self, &io->out);
			if (io->work && !io->out.text.len) {
				errno = EAGAIN; /* the deadline is looked at */
				return false;
			}
			continue;
		}
		if (io->pos < io->fill) {
			io->pos += io->dec->feed(io->self, &io->out, io->block + io->pos,
						 io->fill - io->pos);
			io->work = true;
			continue;
		}
		if (io->eof && !io->head.len) {
			if (io->ended)
				return true;
			io->ended = true;
			io->dec->end(io->self, &io->out);
			io->work = true;
			continue;
		}
		if (!may_read && !io->head.len) {
			errno = EAGAIN;
			return false;
		}
		may_read = false;
		if (!refill(io))
			return false;
	}
}

/* Fill buf with bytes that were not cleaned yet. */
static ssize_t raw(struct od_io *io, char *buf, size_t size)
{
	size_t n;

	if (io->state == PROBING) {
		ssize_t got = take(io, buf, size);

		if (got < 0)
			return -1;
		od_buf_add(&io->head, buf, (size_t)got);
		probe(io);
		if (io->state == PROBING) {
			errno = EAGAIN;
			return -1;
		}
	}
	if (io->state == PLAIN) {
		if (!io->head.len)
			return io->eof ? 0 : take(io, buf, size);
		n = io->head.len < size ? io->head.len : size;
		memcpy(buf, io->head.data, n);
		od_buf_consume(&io->head, n);
		return (ssize_t)n;
	}
	if (!decode(io))
		return -1;
	n = io->out.text.len < size ? io->out.text.len : size;
	if (n)
		memcpy(buf, io->out.text.data, n);
	od_buf_consume(&io->out.text, n);
	return (ssize_t)n;
}

ssize_t od_io_read(struct od_io *io, char *buf, size_t size)
{
	size_t have = io->carry.len, done;
	ssize_t n;

	if (have >= size) { /* no newline in sight: as it is */
		memcpy(buf, io->carry.data, size);
		od_buf_consume(&io->carry, size);
		return (ssize_t)size;
	}
	n = io->clean.hurry ? 0 : raw(io, buf + have, size - have);
	if (n < 0)
		return -1;
	if (have)
		memcpy(buf, io->carry.data, have);
	od_buf_reset(&io->carry);
	have += (size_t)n;
	done = od_clean_text(&io->clean, buf, &have, n == 0 && !io->clean.hurry);
	od_buf_add(&io->carry, buf + done, have - done);
	if (io->state == DRESSED) {
		for (const char *p = buf; (p = memchr(p, '\n', done - (size_t)(p - buf))); p++)
			io->handed++;
		if (io->handed > WINDOW_LINES)
			od_out_forget(&io->out, io->handed - WINDOW_LINES);
	}
	if (!done && (n > 0 || io->clean.hurry)) {
		io->clean.hurry = false;
		errno = EAGAIN;
		return -1;
	}
	io->clean.hurry = false;
	return (ssize_t)done;
}

void od_io_hurry(struct od_io *io)
{
	/* Not for the start of a line, which is of no use. */
	io->clean.hurry = io->carry.len && memchr(io->carry.data, '\n', io->carry.len);
}

bool od_io_ready(const struct od_io *io)
{
	if (io->read)
		return true;
	if (io->state == PROBING)
		return false;
	if (io->clean.hurry)
		return true;
	return io->eof || io->head.len || io->work || io->pos < io->fill || io->out.text.len;
}

uint32_t od_io_lineno(const struct od_io *io, uint32_t lineno)
{
	return io->state == DRESSED ? od_out_place(&io->out, lineno) : lineno;
}

bool od_io_dressed(const struct od_io *io)
{
	return io->state == DRESSED;
}

bool od_io_is_mail(const struct od_io *io)
{
	return io->state == DRESSED && io->dec->mail;
}

uint64_t od_io_bytes(const struct od_io *io)
{
	return io->bytes;
}

uint32_t od_io_lines(const struct od_io *io)
{
	return io->newlines + (io->bytes && io->last != '\n');
}
