/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever goes in, what comes out is valid for its sink. */
#include "base/escape.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct od_buf *buf, enum od_escape how)
{
	for (size_t i = 0; i < buf->len;) {
		uint32_t cp = 0;
		unsigned n = od_utf8_decode(buf->data + i, buf->len - i, &cp);

		FUZZ_CHECK(n > 0);
		FUZZ_CHECK(cp >= 0x20 || (how == OD_ESCAPE_TEXT && cp == '\t'));
		FUZZ_CHECK(cp < 0x7f || cp >= 0xa0);
		FUZZ_CHECK(cp != 0x202e && cp != 0xfeff && cp != 0x200b && cp != 0x3164 && cp >> 12 != 0xe0);
		if (how == OD_ESCAPE_JSON) {
			FUZZ_CHECK(cp != '"');
			if (cp == '\\') {
				FUZZ_CHECK(i + 1 < buf->len);
				i++; /* the escaped character */
			}
		}
		i += n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int how = OD_ESCAPE_TEXT; how <= OD_ESCAPE_CELL; how++) {
		struct od_buf buf = OD_BUF_INIT;

		od_escape(&buf, (enum od_escape)how, (const char *)data, size);
		check(&buf, (enum od_escape)how);
		od_buf_deinit(&buf);
	}
	return 0;
}
