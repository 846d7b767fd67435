/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames and kernels in a line: in order, inside of it, and of their form. */
#include <string.h>

#include "fuzz.h"
#include "shell/annotate.h"

static void inside(const char *s, size_t len, const char *p, size_t n)
{
	FUZZ_CHECK(!p || (p >= s && n <= len && (size_t)(p - s) <= len - n));
}

static void one_line(const char *s, size_t len)
{
	struct od_kernel_line k;
	struct od_token t;
	size_t pos = 0, last = 0;

	if (od_kernel_line(s, len, &k)) {
		inside(s, len, k.release, k.release_len);
		inside(s, len, k.build_id, k.build_id_len);
		FUZZ_CHECK(k.release_len);
	}
	while (od_token_next(s, len, &pos, &t)) {
		inside(s, len, t.name, t.len);
		inside(s, len, t.module, t.module_len);
		inside(s, len, t.build_id, t.build_id_len);
		FUZZ_CHECK(pos > last && t.name + t.len == s + pos);
		FUZZ_CHECK(t.name_len && t.name_len < t.len && t.name[t.name_len] == '+');
		last = pos;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data, *end = s + size;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		size_t len = nl ? (size_t)(nl - s) : (size_t)(end - s);
		/* A copy, so that a byte too far is seen. */
		char *copy = malloc(len ? len : 1);

		memcpy(copy, s, len);
		one_line(copy, len);
		free(copy);
		s += len + (nl != NULL);
	}
	return 0;
}
