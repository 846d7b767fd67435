/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plugin host without plugins: argsz, the wire format, page flags. tests/abi has the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/pageflags.h"
#include "analyze/plugin-internal.h"
#include "analyze/plugin-wire.h"
#include "analyze/plugins.h"
#include "tests/unit/fixture-gpfs.h"

struct big {
	uint32_t argsz, flags;
	uint64_t a, b, c;
};

static void test_take(void **state)
{
	struct big src = { .argsz = sizeof(src), .flags = 1, .a = 2, .b = 3, .c = 4 }, dst;

	(void)state;
	/* A longer struct of the other side: the front is read. */
	memset(&dst, 0xff, sizeof(dst));
	assert_true(od_plugin_take(&dst, 24, &src, 16));
	assert_int_equal(dst.argsz, 24);
	assert_int_equal(dst.b, 3);
	assert_int_equal(dst.c, UINT64_MAX);
	/* A shorter one: the rest is zero. */
	src.argsz = 16;
	memset(&dst, 0xff, sizeof(dst));
	assert_true(od_plugin_take(&dst, sizeof(dst), &src, 16));
	assert_int_equal(dst.argsz, 16);
	assert_int_equal(dst.a, 2);
	assert_int_equal(dst.b, 0);
	assert_int_equal(dst.c, 0);
	src.argsz = 15;
	assert_false(od_plugin_take(&dst, sizeof(dst), &src, 16));
	src.argsz = OD_PLUGIN_MAX_ARGSZ + 1;
	assert_false(od_plugin_take(&dst, sizeof(dst), &src, 16));
	assert_false(od_plugin_take(&dst, sizeof(dst), NULL, 16));
}

static void test_fill(void **state)
{
	const struct big src = { .argsz = 99, .flags = 1, .a = 2, .b = 3, .c = 4 };
	struct big dst;

	(void)state;
	memset(&dst, 0xff, sizeof(dst));
	dst.argsz = 16;
	assert_true(od_plugin_fill(&dst, &src, sizeof(src), 16));
	assert_int_equal(dst.argsz, 16);
	assert_int_equal(dst.a, 2);
	assert_int_equal(dst.b, UINT64_MAX);
	/* The other side's struct is longer than ours: what we do not know stays as it was. */
	memset(&dst, 0xff, sizeof(dst));
	dst.argsz = 4096;
	assert_true(od_plugin_fill(&dst, &src, 24, 16));
	assert_int_equal(dst.argsz, 4096);
	assert_int_equal(dst.b, 3);
	assert_int_equal(dst.c, UINT64_MAX);
	dst.argsz = 8;
	assert_false(od_plugin_fill(&dst, &src, sizeof(src), 16));
	assert_int_equal(dst.argsz, 8);
}

static void test_first_sizes(void **state)
{
	(void)state;
	/* Version 1 as it is now; when a struct grows, its line here goes. */
	assert_int_equal(sizeof(struct od_plugin_report_info), OD_V1_REPORT_INFO);
	assert_int_equal(sizeof(struct od_plugin_stack), OD_V1_STACK);
	assert_int_equal(sizeof(struct od_plugin_frame), OD_V1_FRAME);
	assert_int_equal(sizeof(struct od_plugin_variable), OD_V1_VARIABLE);
	assert_int_equal(sizeof(struct od_plugin_register), OD_V1_REGISTER);
	assert_int_equal(sizeof(struct od_plugin_record), OD_V1_RECORD);
	assert_int_equal(sizeof(struct od_plugin_module), OD_V1_MODULE);
	assert_int_equal(sizeof(struct od_plugin_pointer), OD_V1_POINTER);
	assert_int_equal(sizeof(struct od_plugin_page), OD_V1_PAGE);
	assert_int_equal(sizeof(struct od_plugin_finding), OD_V1_FINDING);
	assert_int_equal(sizeof(struct od_plugin_evidence), OD_V1_EVIDENCE);
	assert_int_equal(offsetof(struct od_plugin, ask), OD_V1_PLUGIN);
}

static void test_id(void **state)
{
	static const char *const good[] = { "a/b", "gpfs/kfree-constant", "0/9-" };
	static const char *const bad[] = { "", "a", "/", "a/", "/b", "a//b", "a/b/c", "A/b", "a/b ",
					   "../x", "a/\xc3\xa4" };

	(void)state;
	for (unsigned i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(od_wire_id_ok(good[i], strlen(good[i])));
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(od_wire_id_ok(bad[i], strlen(bad[i])));
}

/* One report's message with a finding, evidence and so on, then the end. */
static void whole_answer(struct od_buf *buf, uint32_t report, int32_t frame)
{
	struct od_buf items = OD_BUF_INIT;

	od_wire_u32(&items, report);
	od_wire_u32(&items, OD_WIRE_FINDING);
	od_wire_str(&items, "a/b");
	od_wire_str(&items, "title \xff");
	od_wire_u32(&items, OD_SEV_HIGH);
	od_wire_u32(&items, 50);
	od_wire_u32(&items, 0);
	od_wire_str(&items, "");
	od_wire_u32(&items, OD_WIRE_EVIDENCE);
	od_wire_u32(&items, OD_GRADE_STRONG);
	od_wire_str(&items, "because");
	od_wire_u32(&items, 1);
	od_wire_u32(&items, 239);
	od_wire_u32(&items, 0);
	od_wire_u32(&items, (uint32_t)frame);
	od_wire_u32(&items, 1);
	od_wire_u64(&items, 0x1234);
	od_wire_u32(&items, OD_WIRE_ADVICE);
	od_wire_str(&items, "do this");
	od_wire_u32(&items, OD_WIRE_REFERENCE);
	od_wire_str(&items, "there");
	od_wire_u32(&items, OD_WIRE_NOTE);
	od_wire_u32(&items, 7);
	od_wire_str(&items, "note");
	od_wire_u32(&items, OD_WIRE_RESULT);
	od_wire_u32(&items, 0);
	od_wire_u32(buf, OD_WIRE_REPORT);
	od_wire_u32(buf, (uint32_t)items.len);
	od_buf_add(buf, items.data, items.len);
	od_wire_u32(buf, OD_WIRE_DONE);
	od_wire_u32(buf, 0);
	od_buf_deinit(&items);
}

static struct od_input *one_report(void)
{
	struct od_input *in = od_input_create("-");

	od_input_add_report(in, fixture_gpfs_report());
	return in;
}

static void test_wire(void **state)
{
	struct od_buf buf = OD_BUF_INIT;
	struct od_input *in = one_report();
	const struct od_finding *f;

	(void)state;
	whole_answer(&buf, 0, 1);
	assert_null(od_wire_apply(in, 0, 1, "p", buf.data, buf.len));
	assert_int_equal(in->reports[0]->nfindings, 1);
	f = &in->reports[0]->findings[0];
	assert_string_equal(f->id, "a/b");
	assert_string_equal(f->plugin, "p");
	assert_string_equal(f->title, "title \xff");
	assert_null(f->cause);
	assert_int_equal(f->evidence[0].lines[0], 239);
	assert_int_equal(f->evidence[0].frame, 1);
	assert_string_equal(f->advice[0], "do this");
	assert_string_equal(f->references[0], "there");
	assert_string_equal(in->reports[0]->notes[0].text, "plugin p: note");
	/* The same id again, of whatever plugin, is one finding. */
	assert_null(od_wire_apply(in, 0, 1, "q", buf.data, buf.len));
	assert_int_equal(in->reports[0]->nfindings, 1);
	assert_int_equal(in->reports[0]->findings[0].nevidence, 1);
	od_input_destroy(in);
	od_buf_deinit(&buf);
}

static void test_wire_refused(void **state)
{
	struct od_buf buf = OD_BUF_INIT;
	struct od_input *in = one_report();

	(void)state;
	whole_answer(&buf, 1, 1);
	assert_string_equal(od_wire_apply(in, 0, 1, "p", buf.data, buf.len),
			    "a report that it was not asked about");
	od_buf_reset(&buf);
	whole_answer(&buf, 0, 100);
	assert_string_equal(od_wire_apply(in, 0, 1, "p", buf.data, buf.len), "a damaged message");
	od_buf_reset(&buf);
	whole_answer(&buf, 0, 1);
	od_wire_u32(&buf, 0);
	assert_string_equal(od_wire_apply(in, 0, 1, "p", buf.data, buf.len),
			    "bytes after its end");
	od_input_destroy(in);
	od_buf_deinit(&buf);
}

/* Every prefix, and a great many damaged answers: nothing breaks, limits hold. */
static void test_wire_damaged(void **state)
{
	struct od_buf buf = OD_BUF_INIT;
	uint64_t x = 88172645463325252ull;
	char *copy;

	(void)state;
	whole_answer(&buf, 0, 1);
	for (size_t len = 0; len < buf.len; len++) {
		struct od_input *in = one_report();

		copy = malloc(len ? len : 1);
		memcpy(copy, buf.data, len);
		assert_non_null(od_wire_apply(in, 0, 1, "p", copy, len));
		free(copy);
		od_input_destroy(in);
	}
	copy = malloc(buf.len);
	for (unsigned round = 0; round < 20000; round++) {
		struct od_input *in = one_report();

		memcpy(copy, buf.data, buf.len);
		for (unsigned i = 0; i <= round % 3; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			copy[x % buf.len] = (char)(x >> 32);
		}
		od_wire_apply(in, 0, 1, "p", copy, buf.len);
		assert_true(in->reports[0]->nfindings <= 1);
		od_input_destroy(in);
	}
	free(copy);
	od_buf_deinit(&buf);
}

static void expect_page(const char *release, uint64_t flags, const char *text)
{
	struct od_buf buf = OD_BUF_INIT;
	struct od_pageflags page;

	od_pageflags_decode(release, "x86_64", flags, &page, &buf);
	assert_string_equal(od_buf_str(&buf), text);
	od_buf_deinit(&buf);
}

static void test_pageflags(void **state)
{
	struct od_pageflags page;

	(void)state;
	expect_page("3.10.0-1062.9.1.el7.x86_64", 0x001fffff00000400,
		    "reserved; node 0, zone 1 (DMA32)");
	expect_page("4.9.0-19-amd64", 0x0017ffffc0004080, "slab|head; node 0, zone 2 (Normal)");
	/* As the kernels of these versions print them themselves. */
	expect_page("4.14.100", 0x0017ffffc0008100, "slab|head");
	expect_page("5.15.0-91-generic", 0x0017ffffc0010200, "slab|head; node 0, zone 2 (Normal)");
	expect_page("6.6.8", 0x0017ffffc0000840, "head|slab");
	expect_page("6.12.5", 0x0017ffffc0000040,
		    "head (this word does not say whether it is slab)");
	expect_page("6.1.0-18-amd64", 0x0017ffffc0000000, "no flags; node 0, zone 2 (Normal)");
	expect_page("6.11.0-rc6", 0x0057ffffc0002000,
		    "reserved (this word does not say whether it is slab)");
	expect_page("4.19.43-300.el7.x86_64", 0x0017ffffc0008100, "slab|head");
	/* Backports, a version before the table, no release at all: candidates, never a guess. */
	od_pageflags_decode("4.18.0-80.el8.x86_64", "x86_64", 0x100, &page, NULL);
	assert_false(page.known);
	od_pageflags_decode("2.6.32", "x86_64", 0x100, &page, NULL);
	assert_false(page.known);
	od_pageflags_decode(NULL, NULL, 0x100, &page, NULL);
	assert_false(page.known);
	assert_false(page.has_location);
	expect_page("6.8.0-1.el9", 0x40, "layout of this release not known; as in 6.6 to 6.9: head, "
		    "in 6.10 to 6.11: head, in 6.12 and later: head; node 0, zone 0 (DMA)");
}

static void test_no_plugins(void **state)
{
	const struct od_plugin_options opts = { .none = true };
	struct od_buf messages = OD_BUF_INIT;
	struct od_plugins *plugins = od_plugins_load(&opts, &messages);
	struct od_input *in = one_report();

	(void)state;
	assert_int_equal(messages.len, 0);
	assert_null(od_plugins_interest(plugins)[0]);
	assert_true(od_plugins_run(plugins, in, 0, 1));
	assert_true(od_plugins_run(plugins, in, 5, 1));
	assert_true(od_plugins_run(NULL, in, 0, 1));
	od_input_destroy(in);
	od_plugins_destroy(plugins);
	od_plugins_destroy(NULL);
	od_buf_deinit(&messages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_first_sizes),
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_wire),
		cmocka_unit_test(test_wire_refused),
		cmocka_unit_test(test_wire_damaged),
		cmocka_unit_test(test_pageflags),
		cmocka_unit_test(test_no_plugins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
