/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The front's gate: what gets through, and that chunk boundaries make no difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "front/filter.h"
#include "front/htmlcheck.h"
#include "front/jsoncheck.h"

static bool ascii; /* what the next filter is for */

static char *filtered(const char *s, size_t len, size_t chunk, bool colour)
{
	struct od_filter filter = { .colour = colour, .ascii = ascii };
	struct od_buf out = OD_BUF_INIT;

	for (size_t i = 0; i < len; i += chunk)
		od_filter_add(&filter, &out, s + i, len - i < chunk ? len - i : chunk);
	od_filter_end(&filter, &out);
	od_buf_addstr(&out, "");
	return out.data ? out.data : strdup("");
}

struct row {
	const char *in, *out;
};

static void check_rows(const struct row *rows, size_t n, bool colour)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t chunk = 1; chunk <= strlen(rows[i].in) + 1; chunk++) {
			char *out = filtered(rows[i].in, strlen(rows[i].in), chunk, colour);

			assert_string_equal(out, rows[i].out);
			free(out);
		}
	}
}

static void test_colour(void **state)
{
	static const struct row rows[] = {
		{ "\033[31mred\033[0m", "\033[31mred\033[0m" },
		{ "\033[m\033[1;38;5;17m", "\033[m\033[1;38;5;17m" },
		{ "\033[2J", "\\x1b[2J" },
		{ "\033[31", "\\x1b[31" },
		{ "\033", "\\x1b" },
		{ "\033[31;\033[0m", "\\x1b[31;\033[0m" },
		{ "\033\033[0m", "\\x1b\033[0m" },
		{ "\033[?25l\033]0;x\a", "\\x1b[?25l\\x1b]0;x\\x07" },
		{ "\033[00000000000000000000m", "\\x1b[00000000000000000000m" },
		{ "\033[0:1m", "\\x1b[0:1m" },
	};

	(void)state;
	check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
}

/* For a terminal of another charset: nothing is left that it might take for something else. */
static void test_ascii(void **state)
{
	static const struct row rows[] = {
		{ "plain\tand\n", "plain\tand\n" },
		{ "(\xe2\x80\xa6)", "(~)" },
		{ "caf\xc3\xa9", "caf\\u{e9}" },
		{ "\xf0\x9f\x98\x80", "\\u{1f600}" },
		{ "\xff", "?" },
		{ "\xef\xbf\xbd", "?" },
		{ "\xc2\x9b" "2J", "\\x9b2J" },
		{ "\033[31mred\033[0m", "\033[31mred\033[0m" },
	};

	(void)state;
	ascii = true;
	check_rows(rows, sizeof(rows) / sizeof(rows[0]), true);
	ascii = false;
}

static void test_text(void **state)
{
	static const struct row rows[] = {
		{ "", "" },
		{ "plain\ttext\n", "plain\ttext\n" },
		{ "\033[31mred", "\\x1b[31mred" },
		{ "gr\303\274n \342\202\254 \360\237\230\200", "gr\303\274n \342\202\254 \360\237\230\200" },
		{ "a\rb\bc\x7f", "a\\x0db\\x08c\\x7f" },
		{ "\302\233" "2J", "\\x9b2J" },
		{ "\342\200\256x", "\\u{202e}x" },
		{ "\xff\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe2\x82x", "\xef\xbf\xbd\xef\xbf\xbdx" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	};

	(void)state;
	check_rows(rows, sizeof(rows) / sizeof(rows[0]), false);
}

/* Bytes that make trouble, more often than chance would have it. */
static char noise(void)
{
	static const char spice[] = "\033\033[[;;0123m\n\x9b\xe2\x80\xae\xf0\x9f\x98\x80\xc3\xbc\xed\xa0";

	return (char)(rand() % 4 ? spice[(size_t)rand() % (sizeof(spice) - 1)] : rand());
}

/* Whatever comes in: the same in any chunks, and nothing but text and colour goes out. */
static void test_random(void **state)
{
	(void)state;
	srand(4711);
	for (int round = 0; round < 3000; round++) {
		char in[64];
		size_t len = (size_t)rand() % sizeof(in);
		char *whole, *split;
		uint32_t cp;

		for (size_t i = 0; i < len; i++)
			in[i] = noise();
		whole = filtered(in, len, sizeof(in), true);
		split = filtered(in, len, 1 + (size_t)rand() % 5, true);
		assert_string_equal(whole, split);
		for (const char *p = whole; *p;) {
			unsigned n = od_utf8_decode(p, strlen(p), &cp);

			assert_true(n > 0);
			if (cp == 0x1b)
				assert_true(p[1] == '[' && p[2 + strspn(p + 2, "0123456789;")] == 'm');
			else
				assert_true(cp == '\n' || cp == '\t' || (cp >= 0x20 && cp < 0x7f) ||
					    cp >= 0xa0);
			p += n;
		}
		free(whole);
		free(split);
	}
}

static void test_json(void **state)
{
	static const char *const good[] = {
		"{}", " {\n} ", "{\"a\":1}", "{\"a\":[],\"b\":{}}", "{\"a\":[1,-0.5e+3,true,null]}",
		"{\"a\":\"\\u00e4\\n\\\"\xc3\xa4\"}", "{\"a\":[[[{\"b\":[0]}]]]}",
	};
	static const char *const bad[] = {
		"", "[]", "1", "{", "}", "{}{}", "{},", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}",
		"{\"a\":[1,]}", "{\"a\":[}", "{\"a\":]}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":+1}",
		"{\"a\":.5}", "{\"a\":1e}", "{\"a\":tru}", "{\"a\":\"\n\"}", "{\"a\":\"\x1b\"}",
		"{\"a\":\"\x7f\"}", "{\"a\":\"\xc2\x9b\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\\x\"}",
		"{\"a\":\"\\u12\"}", "{\"a\":\"", "{\"a\":\"\\", "{\"a\":1 \"b\":2}", "{\"a\":1]",
		"{\"a\":NaN}", "{\"a\":1}x", "{,}", "{\"a\":[,1]}", "{\"a\"::1}",
	};
	char deep[400];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(od_json_check(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(od_json_check(bad[i], strlen(bad[i])));
	assert_false(od_json_check("{\"a\":1}\0", 8));
	memcpy(deep, "{\"a\":", 5);
	memset(deep + 5, '[', 100);
	memset(deep + 105, ']', 100);
	deep[205] = '}';
	assert_false(od_json_check(deep, 206));
	memset(deep + 5, '[', 60);
	memset(deep + 65, ']', 60);
	deep[125] = '}';
	assert_true(od_json_check(deep, 126));
}

static bool admitted(const char *s, size_t len, const char *wanted)
{
	struct od_buf page = OD_BUF_INIT;
	const bool good = od_html_admit(&page, s, len, "p1-");

	assert_true(good || page.len == 0);
	if (good && wanted)
		assert_string_equal(od_buf_str(&page), wanted);
	od_buf_deinit(&page);
	return good;
}

static void test_html(void **state)
{
	static const struct row good[] = {
		{ "", "" },
		{ "<p>a &lt; b &amp; &#39;c&#39;<br/>\td\n</p>", "<p>a &lt; b &amp; &#39;c&#39;<br/>\td\n</p>" },
		{ "<tr class=\"mark n\" id=\"l12\"></tr>", "<tr class=\"mark n\" id=\"p1-l12\"></tr>" },
		{ "<a href=\"#l12\">12</a><a href=\"#l3\">3</a>", "<a href=\"#p1-l12\">12</a><a href=\"#p1-l3\">3</a>" },
		{ "<a rel=\"noreferrer\" href=\"https://x/?a&amp;b\">x</a>",
		  "<a rel=\"noreferrer\" href=\"https://x/?a&amp;b\">x</a>" },
		{ "<th scope=\"row\">\xc3\xa9</th>", "<th scope=\"row\">\xc3\xa9</th>" },
	};
	static const char *const bad[] = {
		"<script>x</script>", "<SCRIPT></SCRIPT>", "<p", "<p>", "</p>", "<p></div>", "<p></p", "<p></p></p>", "<",
		"<p ></p>", "<p onclick=\"x\"></p>", "<p style=\"x\"></p>", "<p class='x'></p>", "<p class=x></p>",
		"<p class=\"a\" class=\"b\"></p>", "<p class=\"\"></p>", "<p class=\"a&quot;\"></p>", "<p id=\"a b\"></p>",
		"<p href=\"#x\"></p>", "<a href=\"javascript:x\"></a>", "<a href=\"data:x\"></a>", "<a href=\"//x\"></a>",
		"<a href=\"#\"></a>", "<a href=\"#a b\"></a>", "<a href=\" https://x\"></a>", "<a href=\"https://x\ny\"></a>",
		"<a href=\"https://x\"y></a>", "<a target=\"x\"></a>", "<img/>", "<br>", "<br class=\"x\"/>", "<!-- x -->",
		"<!DOCTYPE html>", "<?x?>", "<![CDATA[x]]>", "&", "&nbsp;", "&#x3c;", "&#60;", "a > b", "\"", "'", "\033[0m", "\r",
		"\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xff", "\xe2\x80", "\xef\xbf\xbe", "<style></style>", "<svg></svg>",
		"<iframe></iframe>", "<meta/>", "<link/>", "<base/>", "<form></form>", "<main></main>", "<h1></h1>",
		"<th scope=\"x\"></th>", "<a rel=\"x\"></a>", "</>", "<>", "< p></p>", "<p\n></p>", "<p/>",
	};
	struct od_buf deep = OD_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(admitted(good[i].in, strlen(good[i].in), good[i].out));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(admitted(bad[i], strlen(bad[i]), NULL));
	assert_false(admitted("<p>\0</p>", 8, NULL));
	for (unsigned depth = 32; depth <= 33; depth++) {
		od_buf_reset(&deep);
		for (unsigned i = 0; i < depth; i++)
			od_buf_addstr(&deep, "<div>");
		for (unsigned i = 0; i < depth; i++)
			od_buf_addstr(&deep, "</div>");
		assert_int_equal(admitted(deep.data, deep.len, NULL), depth == 32);
	}
	od_buf_deinit(&deep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_colour),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_html),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
