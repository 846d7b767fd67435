/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is admitted to a page: once in, it is admitted again and stays what it is; it balances; and whatever words are
 * put into a piece, the piece is still one.
 */
#include <string.h>

#include "front/htmlcheck.h"
#include "render/html-writer.h"
#include "tests/fuzz/fuzz.h"

/* The names of attributes; what stands in quotes is no name. */
static void check_attributes(const char *p, const char *end)
{
	bool quoted = false;

	for (; p < end; p++) {
		quoted ^= *p == '"';
		if (!quoted)
			FUZZ_CHECK(strncmp(p, " on", 3) != 0 && strncmp(p, "src=", 4) != 0 &&
				   strncmp(p, "style=", 6) != 0);
	}
	FUZZ_CHECK(!quoted);
}

/* Elements are opened and closed alike, and no tag has what could run or load. */
static void check_page(const struct od_buf *page)
{
	long depth = 0;

	for (const char *p = page->data, *end = p + page->len; p < end && (p = memchr(p, '<', (size_t)(end - p))); p++) {
		const char *close = memchr(p, '>', (size_t)(end - p));

		FUZZ_CHECK(close);
		depth += p[1] == '/' ? -1 : close[-1] == '/' ? 0 : 1;
		FUZZ_CHECK(depth >= 0 && depth <= 32);
		check_attributes(p, close);
		p = close;
	}
	FUZZ_CHECK(depth == 0);
}

/* The same words where a renderer puts words. */
static void check_words(const char *words)
{
	struct od_buf piece = OD_BUF_INIT, page = OD_BUF_INIT;

	od_buf_addstr(&piece, "<p>");
	od_html_text(&piece, words);
	od_buf_addstr(&piece, "</p><pre>");
	od_html_lines(&piece, words);
	od_buf_addstr(&piece, "</pre>");
	od_html_link(&piece, words);
	FUZZ_CHECK(od_html_admit(&page, piece.data, piece.len, "p0-"));
	check_page(&page);
	od_buf_deinit(&piece);
	od_buf_deinit(&page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct od_buf page = OD_BUF_INIT, again = OD_BUF_INIT, words = OD_BUF_INIT;

	if (od_html_admit(&page, (const char *)data, size, "")) {
		FUZZ_CHECK(page.len == size && (!size || !memcmp(page.data, data, size)));
		if (size)
			check_page(&page);
		FUZZ_CHECK(od_html_admit(&again, (const char *)data, size, "r1-"));
	} else {
		FUZZ_CHECK(page.len == 0);
	}
	od_buf_add(&words, data, size);
	check_words(od_buf_str(&words));
	od_buf_deinit(&page);
	od_buf_deinit(&again);
	od_buf_deinit(&words);
	return 0;
}
