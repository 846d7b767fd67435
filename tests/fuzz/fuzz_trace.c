/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Readers of lines that come in any order and from many at once: KVM's traces and hypercalls, KVM's selftests, IOMMU
 * faults. The first byte of the input says which; each line is a record of its own, in memory that ends
 * where it ends, so that no reader looks further, and none is repaired or put together before.
 */
#include <stdlib.h>
#include <string.h>

#include "analyze/analyze.h"
#include "base/alloc.h"
#include "model/limits.h"
#include "render/render.h"
#include "tests/fuzz/fuzz.h"
#include "text/kvm-internal.h"
#include "text/kvm.h"
#include "text/selftest.h"
#include "text/split.h"

enum { KVM, SELFTEST, IOMMU, READERS };

struct state {
	uint32_t lines, reports;
	struct od_kvm *kvm;
	struct od_selftest *selftest;
	struct od_split *split;
	struct od_input *in;
};

static void check_details(const struct od_report *rep)
{
	for (uint32_t i = 0; i < rep->ndetails; i++) {
		const struct od_detail *d = &rep->details[i];

		FUZZ_CHECK(d->key && *d->key);
		FUZZ_CHECK(d->type != OD_DETAIL_STRING || d->string);
		FUZZ_CHECK(d->type != OD_DETAIL_NUMBER || d->number < 1ull << 53);
		FUZZ_CHECK(d->type != OD_DETAIL_LIST || d->nitems <= OD_MAX_ITEMS);
		/* Each key is there once. */
		for (uint32_t k = i + 1; k < rep->ndetails; k++)
			FUZZ_CHECK(strcmp(d->key, rep->details[k].key) != 0);
	}
}

static void on_report(void *ctx, struct od_report *rep)
{
	const struct od_style style = { .format = OD_FORMAT_JSON };
	struct state *st = ctx;
	struct od_buf buf = OD_BUF_INIT;

	FUZZ_CHECK(rep->lines.first >= 1 && rep->lines.first <= rep->lines.last && rep->lines.last <= st->lines);
	FUZZ_CHECK(rep->nrecords <= OD_MAX_RECORDS);
	od_analyze_report(rep, NULL);
	FUZZ_CHECK(rep->title && *rep->title && rep->signature);
	check_details(rep);
	if (st->reports++ < 4)
		od_render_report(&buf, st->in, rep, &style);
	for (size_t i = 0; i < buf.len; i++)
		FUZZ_CHECK((unsigned char)buf.data[i] >= ' ' || buf.data[i] == '\n');
	od_buf_deinit(&buf);
	od_report_destroy(rep);
}

/* What is read of a line is read of it with blanks behind it too, and never with fields that it has not. */
static void check_event(const char *s, size_t len)
{
	struct od_kvm_event e;

	if (!od_kvm_parse(s, len, &e))
		return;
	FUZZ_CHECK(e.kind < OD_KVM_KINDS && od_kvm_kind_names[e.kind] && !(e.has >> OD_KVM_FIELDS));
	FUZZ_CHECK(!e.has_clock || e.clock_us < 24ull * 3600 * 1000000);
}

static void feed(struct state *st, unsigned reader, const struct od_record *rec)
{
	struct od_report *rep;

	if (reader == KVM) {
		check_event(rec->text, rec->len);
		od_kvm_feed(st->kvm, rec);
	} else if (reader == SELFTEST) {
		od_selftest_feed(st->selftest, rec);
		while ((rep = od_selftest_done(st->selftest, false)))
			on_report(st, rep);
	} else {
		od_split_feed(st->split, rec);
	}
}

static void finish(struct state *st)
{
	struct od_report *rep;

	while ((rep = od_kvm_next(st->kvm)))
		on_report(st, rep);
	while ((rep = od_selftest_done(st->selftest, true)))
		on_report(st, rep);
	FUZZ_CHECK(!od_selftest_busy(st->selftest));
	od_split_finish(st->split);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state st = { .kvm = od_kvm_create(), .selftest = od_selftest_create(), .in = od_input_create("-") };
	const struct od_split_ops ops = { on_report, &st };
	const unsigned reader = size ? data[0] % READERS : 0;

	st.split = od_split_create(&ops);
	for (size_t at = 1; at < size;) {
		const uint8_t *nl = memchr(data + at, '\n', size - at);
		const size_t len = nl ? (size_t)(nl - (data + at)) : size - at;
		/* Not terminated, and not a byte more than it has. */
		char *line = od_malloc(len ? len : 1);
		const struct od_record rec = { .text = line, .len = (uint32_t)len, .raw = line, .raw_len = (uint32_t)len,
					       .lineno = ++st.lines, .lineno_last = st.lines, .ts_us = OD_TS_NONE,
					       .level = OD_LEVEL_NONE };

		memcpy(line, data + at, len);
		if (len <= OD_MAX_LINE)
			feed(&st, reader, &rec);
		free(line);
		at += len + 1;
	}
	finish(&st);
	od_split_destroy(st.split);
	od_selftest_destroy(st.selftest);
	od_kvm_destroy(st.kvm);
	od_input_destroy(st.in);
	return 0;
}
