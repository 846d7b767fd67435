/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of oopsdiag-triage that work on memory alone. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sha256-internal.h"
#include "base/sha256.h"
#include "io/mbox.h"
#include "triage/crash.h"
#include "triage/stack.h"
#include "triage/when.h"
#include "triage/wire.h"

/* --- wire ------------------------------------------------------------------------------------------------ */

static struct od_item_report report(uint32_t input, const char *signature, const char *hash, uint64_t time_us)
{
	return (struct od_item_report){ .input = input,
					.severity = OD_SEV_HIGH,
					.line = 1,
					.pid = -1,
					.time_us = time_us,
					.kind = "null-deref",
					.title = "title",
					.signature = signature,
					.stack_hash = hash,
					.function = "f",
					.module = "",
					.release = "",
					.hardware = "",
					.comm = "",
					.frames = "f\ng",
					.findings = "",
					.text = "text",
					.json = "{}",
					.html = "<article></article>" };
}

static void test_wire(void **state)
{
	const struct od_item items[] = {
		{ .kind = OD_ITEM_INPUT, .input = { .number = 7, .name = "a/b", .kind = "log", .status = "complete",
						    .error = NULL, .bytes = 1ull << 40, .lines = 3, .json = "{}" } },
		{ .kind = OD_ITEM_REPORT, .report = report(1, "v1/x/-/f", "1234", 5) },
		{ .kind = OD_ITEM_NOTE, .note = "note" },
		{ .kind = OD_ITEM_TOTAL, .total = { 1, 2, 3, true } },
		{ .kind = OD_ITEM_JOB, .job = { 1, 2, 3, "path", "", false } },
	};
	struct od_buf buf = OD_BUF_INIT;
	struct od_item got;
	size_t at = 0;
	bool bad;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_true(od_item_encode(&buf, &items[i]));
	assert_true(od_item_decode(buf.data, buf.len, &at, &got, &bad));
	assert_int_equal(got.input.number, 7);
	assert_string_equal(got.input.name, "a/b");
	assert_string_equal(got.input.error, "");
	assert_int_equal(got.input.bytes, 1ull << 40);
	assert_int_equal(od_item_length(buf.data, buf.len), at);
	assert_int_equal(od_item_length(buf.data, at - 1), 0);
	assert_true(od_item_decode(buf.data, buf.len, &at, &got, &bad));
	assert_int_equal(got.report.pid, -1);
	assert_string_equal(got.report.frames, "f\ng");
	assert_true(od_item_decode(buf.data, buf.len, &at, &got, &bad));
	assert_true(od_item_decode(buf.data, buf.len, &at, &got, &bad));
	assert_true(got.total.stopped);
	assert_true(od_item_decode(buf.data, buf.len, &at, &got, &bad));
	assert_string_equal(got.job.path, "path");
	assert_false(od_item_decode(buf.data, buf.len, &at, &got, &bad));
	assert_false(bad);
	od_buf_deinit(&buf);
}

/* Each cut and each changed byte gives an item or is refused, and nothing is read beyond the end. */
static void test_wire_nonsense(void **state)
{
	const struct od_item item = { .kind = OD_ITEM_REPORT, .report = report(1, "v1/x/-/f", "1234", 5) };
	struct od_buf buf = OD_BUF_INIT;
	struct od_item got;
	bool bad;

	(void)state;
	od_item_encode(&buf, &item);
	for (size_t len = 1; len < buf.len; len++) {
		char *copy = malloc(len);
		size_t at = 0;

		memcpy(copy, buf.data, len);
		assert_false(od_item_decode(copy, len, &at, &got, &bad));
		assert_true(bad);
		free(copy);
	}
	for (size_t i = 0; i < buf.len; i++) {
		size_t at = 0;

		buf.data[i] ^= (char)0x80;
		if (od_item_decode(buf.data, buf.len, &at, &got, &bad))
			assert_true(at == buf.len && got.report.severity <= OD_SEV_CRITICAL);
		else
			assert_true(bad);
		buf.data[i] ^= (char)0x80;
	}
	od_buf_deinit(&buf);
}

/* --- crashes ----------------------------------------------------------------------------------------------- */

static void test_copies(void **state)
{
	struct od_item_report reports[] = {
		report(0, "v1/a", "1", 5000000),     report(1, "v1/a", "1", 5000200),
		report(2, "v1/a", "9", 5000100), /* damaged: another stack */
		report(3, "v1/a", "1", OD_TS_NONE),  report(0, "v1/a", "1", 90000000),
		report(1, "v1/a", "1", 90000000),    report(0, "v1/b", "2", OD_TS_NONE),
		report(0, "v1/b", "3", OD_TS_NONE),  report(4, "v1/b", "3", OD_TS_NONE),
	};
	struct od_crash *crashes;
	size_t n;

	(void)state;
	reports[1].weight = 5;
	reports[6].severity = reports[7].severity = reports[8].severity = OD_SEV_MEDIUM;
	n = od_crashes_find(reports, 9, &crashes);
	assert_int_equal(n, 3);
	assert_ptr_equal(crashes[0].report, &reports[1]);
	assert_int_equal(crashes[0].count, 2);
	assert_int_equal(crashes[0].copies, 4);
	assert_int_equal(crashes[0].ninputs, 4);
	assert_int_equal(crashes[0].inputs[3], 3);
	assert_string_equal(crashes[1].report->stack_hash, "2");
	assert_int_equal(crashes[2].ninputs, 2);
	assert_int_equal(crashes[2].count, 1);
	od_crashes_free(crashes, n);
}

/* Two of one input, or of two processes, are never one. */
static void test_no_copies(void **state)
{
	struct od_item_report reports[] = { report(0, "v1/a", "1", 5000000), report(0, "v1/a", "1", 5000001),
					    report(1, "v1/a", "1", 5000000) };
	struct od_crash *crashes;
	size_t n;

	(void)state;
	reports[0].pid = 1;
	reports[1].pid = 2;
	reports[2].pid = 3;
	n = od_crashes_find(reports, 3, &crashes);
	assert_int_equal(n, 1);
	assert_int_equal(crashes[0].count, 3);
	assert_int_equal(crashes[0].copies, 0);
	od_crashes_free(crashes, n);
	n = od_crashes_find(reports, 0, &crashes);
	assert_int_equal(n, 0);
	od_crashes_free(crashes, n);
}

static void test_rank(void **state)
{
	struct od_item_report reports[] = { report(0, "v1/a", "1", 1), report(0, "v1/b", "1", 1),
					    report(1, "v1/c", "1", 1), report(0, "v1/d", "1", 1) };
	struct od_crash *crashes;
	size_t n;

	(void)state;
	reports[0].severity = OD_SEV_CRITICAL;
	reports[0].consequence = true;
	reports[2].findings = "x/y\t90\thigh\ttitle\nx/z\t95\thigh\tother";
	reports[3].line = 9;
	n = od_crashes_find(reports, 4, &crashes);
	assert_int_equal(n, 4);
	assert_string_equal(crashes[0].report->signature, "v1/c");
	assert_string_equal(crashes[1].report->signature, "v1/b");
	assert_string_equal(crashes[2].report->signature, "v1/d");
	assert_string_equal(crashes[3].report->signature, "v1/a");
	od_crashes_free(crashes, n);
}

/* --- stacks -------------------------------------------------------------------------------------------------- */

static struct od_likeness compare(const char *a, const char *b)
{
	struct od_frames x, y;
	struct od_likeness ab, ba;

	od_frames_parse(a, &x);
	od_frames_parse(b, &y);
	ab = od_frames_compare(&x, &y);
	ba = od_frames_compare(&y, &x);
	assert_int_equal(ab.percent, ba.percent);
	assert_int_equal(ab.same, ba.same);
	return ab;
}

static void test_stacks(void **state)
{
	(void)state;
	assert_int_equal(compare("a\nb\nc", "a\nb\nc").percent, 100);
	assert_int_equal(compare("a\nb\nc", "a\nb\nc").first, 3);
	assert_int_equal(compare("a\nb\nc", "x\ny").percent, 0);
	assert_int_equal(compare("", "a").percent, 0);
	assert_int_equal(compare("", "").percent, 0);
	/* What differs at the top differs more. */
	assert_true(compare("a\nb\nc\nd", "x\nb\nc\nd").percent < compare("a\nb\nc\nd", "a\nb\nc\nx").percent);
	assert_int_equal(compare("a\nb\nc\nd", "x\nb\nc\nd").first, 0);
	assert_int_equal(compare("a\nb\nc\nd", "x\nb\nc\nd").same, 3);
	/* One more on top of it. */
	assert_true(compare("n\na\nb\nc\nd", "a\nb\nc\nd").percent > 60);
	assert_int_equal(compare("a [m]\nb", "a\nb").same, 1);
}

/* --- hashes ------------------------------------------------------------------------------------------------- */

static void test_hashes(void **state)
{
	/* FIPS 180-4, and a million times "a" of its examples. */
	static const struct {
		const char *text;
		size_t times;
		uint8_t start[4];
	} rows[] = {
		{ "", 1, { 0xe3, 0xb0, 0xc4, 0x42 } },
		{ "abc", 1, { 0xba, 0x78, 0x16, 0xbf } },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, { 0x24, 0x8d, 0x6a, 0x61 } },
		{ "a", 1000000, { 0xcd, 0xc7, 0x6e, 0x5c } },
	};
	uint8_t data[1000], one[OD_SHA256], other[OD_SHA256];
	uint32_t h[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, k[8];
	struct od_sha256 s;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		od_sha256_begin(&s);
		for (size_t n = 0; n < rows[i].times; n++)
			od_sha256_add(&s, rows[i].text, strlen(rows[i].text));
		od_sha256_end(&s, one);
		assert_memory_equal(one, rows[i].start, 4);
	}
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + (i >> 3));
	for (size_t len = 0; len < sizeof(data); len++) {
		od_sha256(data, len, one);
		od_sha256_begin(&s);
		od_sha256_add(&s, data, len / 3);
		od_sha256_add(&s, data + len / 3, len - len / 3);
		od_sha256_end(&s, other);
		assert_memory_equal(one, other, sizeof(one));
	}
	if (!od_sha256_has_x86())
		return;
	memcpy(k, h, sizeof(k));
	od_sha256_blocks_c(h, data, sizeof(data) / 64);
	od_sha256_blocks_x86(k, data, sizeof(data) / 64);
	assert_memory_equal(h, k, sizeof(h));
}

/* --- dates -------------------------------------------------------------------------------------------------- */

static void test_when(void **state)
{
	static const struct {
		const char *text;
		uint64_t when;
	} rows[] = {
		{ "2024-03-01T12:00:00+01:00", 1709290800 },
		{ "2024-03-01T11:00:00.123456Z", 1709290800 },
		{ "2024-03-01 11:00:00,5", 1709290800 },
		{ "Fri Mar  1 11:00:00 2024", 1709290800 },
		{ "Fri Mar 01 11:00:00 2024", 1709290800 },
		{ "2024-03-01T05:30:00-0530", 1709290800 },
		{ "Mar  1 11:00:00", 0 },
		{ "2024-13-01T11:00:00", 0 },
		{ "2024-03-01T25:00:00", 0 },
		{ "Fri arM  1 11:00:00 2024", 0 },
		{ "", 0 },
		{ "1969-12-31T23:59:59Z", 0 },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(od_when_parse(rows[i].text), rows[i].when);
	od_when_print(1709290800, text, sizeof(text));
	assert_string_equal(text, "2024-03-01 11:00");
	od_when_print(0, text, sizeof(text));
	assert_string_equal(text, "-");
	od_when_print(UINT64_MAX, text, sizeof(text));
	assert_string_equal(text, "-");
}

/* --- mailboxes ------------------------------------------------------------------------------------------------ */

struct found {
	uint64_t end;
	unsigned n, stop;
};

static bool on_message(void *ctx, uint64_t offset, uint64_t length)
{
	struct found *f = ctx;

	assert_int_equal(offset, f->end);
	assert_true(length > 0);
	f->end = offset + length;
	return ++f->n != f->stop;
}

static struct found split(const char *text, size_t len, size_t max, unsigned stop)
{
	struct found f = { .stop = stop };
	int fd = memfd_create("mbox", 0);

	assert_int_equal(write(fd, text, len), len);
	od_mbox_split(fd, max, on_message, &f);
	close(fd);
	return f;
}

static void test_mailbox(void **state)
{
	static const char one[] = "From a@b Thu Jan  1 00:00:00 1970\nSubject: x\n\nFrom here on it is text\n\n"
				  "From there too\n\n";
	struct od_buf box = OD_BUF_INIT;
	struct found f;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		od_buf_addstr(&box, one);
		/* Boundaries fall on every place of a block. */
		od_buf_fill(&box, 'x', (size_t)(i % 300));
		od_buf_addstr(&box, i % 2 ? "\r\n\r\n" : "\n\n");
	}
	f = split(box.data, box.len, 1 << 20, 0);
	assert_int_equal(f.n, 5000);
	assert_int_equal(f.end, box.len);
	f = split(box.data, box.len, 10, 0);
	assert_int_equal(f.n, 10);
	assert_int_equal(f.end, box.len);
	assert_int_equal(split(box.data, box.len, 1 << 20, 3).n, 3);
	assert_int_equal(split("no mailbox", 10, 10, 0).n, 1);
	assert_int_equal(split("", 0, 10, 0).n, 0);
	assert_true(od_mbox_probe(one, sizeof(one) - 1));
	assert_false(od_mbox_probe("From here", 9));
	assert_false(od_mbox_probe("From here on\n", 13));
	od_buf_deinit(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wire),	cmocka_unit_test(test_wire_nonsense),
		cmocka_unit_test(test_copies),	cmocka_unit_test(test_no_copies),
		cmocka_unit_test(test_rank),	cmocka_unit_test(test_stacks),
		cmocka_unit_test(test_when),	cmocka_unit_test(test_mailbox),
		cmocka_unit_test(test_hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
