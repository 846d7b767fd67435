/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as an input: mail, pages, journals, or none of these. The places of lines never go back
 * and lie in the input; what comes out does not depend on how the bytes come in; text that wears
 * nothing stays as it is. Small ones are also cut short at some places.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "io/io.h"
#include "tests/fuzz/fuzz.h"

enum { BIG = 512 * 1024, CUTS = 16, SMALL = 2048 };

static uint32_t count_lines(const char *s, size_t len)
{
	uint32_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += s[i] == '\n';
	return n;
}

static void on_note(void *ctx, uint32_t lineno, const char *text)
{
	const uint32_t *lines = ctx;

	FUZZ_CHECK(lineno >= 1 && lineno <= *lines + 1 && *text);
}

/* One call of od_io_read(); false at the end. */
static bool read_some(struct od_io *io, struct od_buf *text, uint32_t *place, uint32_t lines, char *buf)
{
	uint32_t lineno = count_lines(od_buf_str(text), text->len);
	ssize_t n = od_io_read(io, buf, BIG);

	FUZZ_CHECK(n >= 0 || errno == EAGAIN);
	for (ssize_t i = 0; i < n; i++) {
		if (!i || buf[i - 1] == '\n') {
			uint32_t at = od_io_lineno(io, lineno + 1);

			FUZZ_CHECK(at >= *place);
			/* The last line may be made up: text after a last newline. */
			FUZZ_CHECK(at <= lines + 1);
			*place = at;
		}
		lineno += buf[i] == '\n';
	}
	if (n > 0)
		od_buf_add(text, buf, (size_t)n);
	return n != 0;
}

/* piece: bytes that come at once; 0: all there are. */
static void run(const char *s, size_t size, size_t piece, struct od_buf *text, char *buf)
{
	uint32_t lines = count_lines(s, size), place = 1;
	struct od_io *io;
	int fds[2];

	if (piece) {
		FUZZ_CHECK(!pipe2(fds, O_NONBLOCK));
	} else {
		fds[0] = memfd_create("fuzz", 0);
		FUZZ_CHECK(write(fds[0], s, size) == (ssize_t)size && !lseek(fds[0], 0, SEEK_SET));
		fds[1] = -1;
	}
	io = od_io_open(fds[0], on_note, &lines);
	for (size_t pos = 0; piece && pos < size; pos += piece) {
		size_t n = size - pos < piece ? size - pos : piece;

		FUZZ_CHECK(write(fds[1], s + pos, n) == (ssize_t)n);
		for (int i = 0; i < 4; i++)
			read_some(io, text, &place, lines, buf);
	}
	if (piece)
		close(fds[1]);
	while (read_some(io, text, &place, lines, buf))
		;
	FUZZ_CHECK(od_io_bytes(io) == size);
	if (od_io_dressed(io))
		FUZZ_CHECK(od_io_lines(io) == lines + (size && s[size - 1] != '\n'));
	else
		FUZZ_CHECK(count_lines(od_buf_str(text), text->len) == lines);
	if (!od_io_dressed(io) && !memchr(s, '\033', size) && !memchr(s, '\r', size) &&
	    !memchr(s, '\0', size) && !memchr(s, '&', size) && (!size || *s != '\xef'))
		FUZZ_CHECK(text->len == size && !memcmp(od_buf_str(text), s, size));
	od_io_close(io);
	close(fds[0]);
}

static void one(const char *s, size_t size, size_t piece, char *buf)
{
	struct od_buf whole = OD_BUF_INIT, pieces = OD_BUF_INIT;

	run(s, size, 0, &whole, buf);
	run(s, size, piece, &pieces, buf);
	FUZZ_CHECK(whole.len == pieces.len && !memcmp(od_buf_str(&whole), od_buf_str(&pieces), whole.len));
	od_buf_deinit(&whole);
	od_buf_deinit(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	char *buf = od_malloc(BIG);

	/* A text that wears nothing is looked at in blocks of the reader's size: small enough for one. */
	if (size <= 64 * 1024) {
		one(s, size, 1 + size / 7, buf);
		for (size_t n = size % CUTS; n < size && size <= SMALL; n += 1 + size / CUTS) {
			char *cut = od_malloc(n);

			if (n)
				memcpy(cut, s, n);
			one(cut, n, 1 + n % 61, buf);
			free(cut);
		}
	}
	free(buf);
	return 0;
}
