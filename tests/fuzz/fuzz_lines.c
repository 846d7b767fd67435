/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes -> lines -> reports as the program reads them. However the bytes come in, the same lines are
 * handed on, and the same reports come out.
 */
#include <string.h>

#include "analyze/analyze.h"
#include "base/buf.h"
#include "input/lines.h"
#include "input/prefilter.h"
#include "tests/fuzz/fuzz.h"
#include "text/text.h"

struct run {
	const char *data;
	size_t size, pos, chunk; /* chunk 0: all at once */
	struct od_text *text;
	struct od_buf seen;
	struct od_buf reports;
};

static ssize_t on_read(void *ctx, char *buf, size_t size)
{
	struct run *r = ctx;
	size_t n = r->size - r->pos;

	if (n > size)
		n = size;
	if (r->chunk && n > r->chunk)
		n = r->chunk;
	memcpy(buf, r->data + r->pos, n);
	r->pos += n;
	return (ssize_t)n;
}

static bool on_ready(void *ctx)
{
	(void)ctx;
	return true;
}

static void on_line(void *ctx, const struct od_line *line)
{
	struct run *r = ctx;

	od_buf_printf(&r->seen, "%u:%u:", line->lineno, line->len);
	od_text_line(r->text, line);
}

static void on_gap(void *ctx)
{
	struct run *r = ctx;

	od_buf_addstr(&r->seen, "gap ");
	od_text_gap(r->text);
}

static bool on_busy(void *ctx)
{
	return od_text_busy(((struct run *)ctx)->text);
}

static void on_report(void *ctx, struct od_report *rep)
{
	struct run *r = ctx;

	od_analyze_report(rep, NULL);
	od_buf_printf(&r->reports, "%s %u-%u\n", rep->signature, rep->lines.first, rep->lines.last);
	od_report_destroy(rep);
}

static void on_note(void *ctx, uint32_t lineno, const char *text)
{
	(void)ctx;
	(void)lineno;
	(void)text;
}

static void read_all(struct run *r, const struct od_prefilter *pf)
{
	const struct od_text_ops text_ops = { NULL, on_report, on_note, r };
	const struct od_lines_ops ops = { .line = on_line, .gap = on_gap, .busy = on_busy,
					  .read = on_read, .ready = on_ready, .ctx = r };
	static const uint64_t never;
	struct od_lines_result res;

	r->text = od_text_create(&text_ops);
	od_lines_read(-1, pf, &never, &ops, &res);
	od_text_finish(r->text);
	od_text_destroy(r->text);
	FUZZ_CHECK(res.bytes == r->size || res.end != OD_LINES_EOF);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct od_prefilter *pf;
	const char *const *lists[] = { od_text_markers() };
	struct run whole = { .data = (const char *)data, .size = size };
	struct run parts = { .data = (const char *)data, .size = size };

	if (!pf)
		pf = od_prefilter_create(lists, 1, true);
	/* The first byte is data too: it says how large the pieces are. */
	parts.chunk = size ? 1 + data[0] * (size_t)(1 + size % 7) : 1;
	read_all(&whole, pf);
	read_all(&parts, pf);
	FUZZ_CHECK(whole.reports.len == parts.reports.len);
	FUZZ_CHECK(!memcmp(od_buf_str(&whole.reports), od_buf_str(&parts.reports), whole.reports.len));
	FUZZ_CHECK(whole.seen.len == parts.seen.len &&
		   !memcmp(od_buf_str(&whole.seen), od_buf_str(&parts.seen), whole.seen.len));
	od_buf_deinit(&whole.seen);
	od_buf_deinit(&whole.reports);
	od_buf_deinit(&parts.seen);
	od_buf_deinit(&parts.reports);
	return 0;
}
