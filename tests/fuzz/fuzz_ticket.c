/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* memfd_create */
/*
 * By the first byte: what a worker that was taken over may say, a mailbox that is to be split, or a ticket.
 * Items that are decoded are encoded to the same bytes; of a mailbox no byte is lost; of a ticket, whatever it
 * is, each report belongs to an input that was told, and the total comes last.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "front/jsoncheck.h"
#include "io/mbox.h"
#include "io/unpack.h"
#include "pipeline.h"
#include "target/dump.h"
#include "tests/fuzz/fuzz.h"
#include "triage/crash.h"
#include "triage/stack.h"
#include "triage/ticket.h"
#include "triage/when.h"

enum { MAX_REPORTS = 256, BUDGET = 16 << 20 };

static void check_crashes(const struct od_item_report *reports, size_t n)
{
	struct od_crash *crashes;
	const size_t found = od_crashes_find(reports, n, &crashes);
	uint64_t all = 0;

	for (size_t i = 0; i < found; i++) {
		FUZZ_CHECK(crashes[i].count && crashes[i].ninputs);
		for (uint32_t k = 1; k < crashes[i].ninputs; k++)
			FUZZ_CHECK(crashes[i].inputs[k - 1] < crashes[i].inputs[k]);
		all += crashes[i].count + crashes[i].copies;
	}
	/* Each report is somewhere. */
	FUZZ_CHECK(all == n);
	od_crashes_free(crashes, found);
}

static void check_stacks(const struct od_item_report *a, const struct od_item_report *b)
{
	struct od_frames x, y;
	struct od_likeness xy, yx;

	od_frames_parse(a->frames, &x);
	od_frames_parse(b->frames, &y);
	xy = od_frames_compare(&x, &y);
	yx = od_frames_compare(&y, &x);
	FUZZ_CHECK(xy.percent == yx.percent && xy.percent <= 100 && xy.same <= x.n && xy.first <= x.n);
	FUZZ_CHECK(od_frames_compare(&x, &x).percent == (x.n ? 100 : 0));
}

static void check_items(const char *data, size_t size)
{
	struct od_item_report *reports = od_calloc(MAX_REPORTS, sizeof(*reports));
	struct od_item item;
	size_t at = 0, before = 0, n = 0;
	bool bad;

	for (; od_item_decode(data, size, &at, &item, &bad); before = at) {
		struct od_buf buf = OD_BUF_INIT;

		FUZZ_CHECK(od_item_length(data + before, size - before) == at - before);
		FUZZ_CHECK(od_item_encode(&buf, &item));
		FUZZ_CHECK(buf.len == at - before && !memcmp(buf.data, data + before, buf.len));
		od_buf_deinit(&buf);
		if (item.kind == OD_ITEM_REPORT && n < MAX_REPORTS)
			reports[n++] = item.report;
		if (item.kind == OD_ITEM_NOTE)
			(void)od_when_parse(item.note);
	}
	FUZZ_CHECK(bad || at == size);
	check_crashes(reports, n);
	for (size_t i = 1; i < n && i < 8; i++)
		check_stacks(&reports[i - 1], &reports[i]);
	free(reports);
}

static bool on_message(void *ctx, uint64_t offset, uint64_t length)
{
	uint64_t *end = ctx;

	FUZZ_CHECK(offset == *end && length > 0);
	*end += length;
	return true;
}

struct told {
	uint32_t inputs, reports;
	bool over;
};

static void on_item(void *ctx, const struct od_item *item)
{
	struct told *told = ctx;
	struct od_buf buf = OD_BUF_INIT;
	struct od_item got;
	size_t at = 0;
	bool bad;

	FUZZ_CHECK(!told->over);
	FUZZ_CHECK(od_item_encode(&buf, item) && od_item_decode(buf.data, buf.len, &at, &got, &bad));
	if (item->kind == OD_ITEM_INPUT)
		FUZZ_CHECK(item->input.number == told->inputs++ && od_json_check(item->input.json, strlen(item->input.json)));
	if (item->kind == OD_ITEM_REPORT) {
		FUZZ_CHECK(item->report.input + 1 == told->inputs && *item->report.signature);
		FUZZ_CHECK(od_json_check(item->report.json, strlen(item->report.json)));
		told->reports++;
	}
	told->over = item->kind == OD_ITEM_TOTAL;
	if (told->over)
		FUZZ_CHECK(item->total.reports == told->reports && !item->total.stopped);
	od_buf_deinit(&buf);
}

static void check_ticket(int fd)
{
	static struct od_pipeline_filters *filters;
	const struct od_job_unit unit = { "ticket", 0, 1 };
	struct told told = { 0 };
	struct od_job job = { .units = &unit, .nunits = 1, .alone = true };
	struct od_ticket_reader reader = { .job = &job, .tell = on_item, .ctx = &told };

	if (!filters) {
		filters = od_pipeline_prepare(NULL);
		/* Our own code is what is tried: libkdumpfile loses memory on nonsense. */
		od_dump_seal();
	}
	job.filters = filters;
	od_unpack_set_budget(BUDGET);
	od_ticket_read(&reader, &fd);
	FUZZ_CHECK(told.over);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t end = 0;
	int fd;

	if (size < 1)
		return 0;
	if (*data & 1) {
		check_items((const char *)data + 1, size - 1);
		return 0;
	}
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_CHECK(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
	if (*data & 2) {
		check_ticket(fd);
	} else {
		od_mbox_split(fd, 100, on_message, &end);
		FUZZ_CHECK(end == size - 1);
	}
	close(fd);
	return 0;
}
