/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of a flattened file against a file that they are written to one by one. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "target/dump-internal.h"
#include "tests/fuzz/fuzz.h"

enum { WINDOW = 64 * 1024, HEADER = 4096 };

struct model {
	uint8_t bytes[WINDOW], known[WINDOW];
	bool ended;
};

static void model_read(struct model *m, const uint8_t *p, size_t size)
{
	while (size >= 16) {
		uint64_t at = od_get(p, 8, true), n = od_get(p + 8, 8, true);

		p += 16;
		size -= 16;
		m->ended = at == UINT64_MAX && n == UINT64_MAX;
		if (m->ended || at > INT64_MAX || !n || n > INT64_MAX - at)
			return;
		for (uint64_t i = 0; i < n && i < size; i++)
			if (at + i < WINDOW) {
				m->bytes[at + i] = p[i];
				m->known[at + i] = 1;
			}
		if (n > size)
			return;
		p += n;
		size -= n;
	}
}

static void compare(struct od_source *src, const struct model *m)
{
	static uint8_t buf[WINDOW];

	FUZZ_CHECK(src->truncated == !m->ended);
	for (size_t step = 1; step < WINDOW; step = step * 5 + 1)
		for (size_t at = 0; at < WINDOW; at += 9973) {
			size_t n = od_source_read(src, at, buf, at + step < WINDOW ? step : WINDOW - at);

			for (size_t i = 0; i < n; i++) {
				FUZZ_CHECK(buf[i] == m->bytes[at + i]);
				FUZZ_CHECK(m->ended || m->known[at + i]);
			}
			if (n < step && at + n < WINDOW && at + n < src->size)
				FUZZ_CHECK(!m->ended && !m->known[at + n]);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct model m;
	struct od_buf file = OD_BUF_INIT;
	struct od_source src;
	int fd = memfd_create("flat", 0);

	memset(&m, 0, sizeof(m));
	model_read(&m, data, size);
	od_buf_add(&file, "makedumpfile\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1", 32);
	od_buf_fill(&file, '\0', HEADER - 32);
	od_buf_add(&file, data, size);
	FUZZ_CHECK(fd >= 0 && write(fd, file.data, file.len) == (ssize_t)file.len);
	FUZZ_CHECK(!od_source_open(&src, fd));
	compare(&src, &m);
	od_source_close(&src);
	close(fd);
	od_buf_deinit(&file);
	return 0;
}
