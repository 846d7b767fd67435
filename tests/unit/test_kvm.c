/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traces of KVM's page faults: each line of the grammar, what is none, and every verdict. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/kvm.h"
#include "base/alloc.h"
#include "text/kvm-internal.h"
#include "text/kvm.h"

#define HEAD "22:23:31:481644 tid[11] pid[10] "
#define RIP  "@ rip ffffffff814e6ca5 (1196 hits)"
#define SEQ(n) " : MMU seq = " n ", in-prog = 0, start = 7000, end = 8000"

static struct od_kvm_event parsed(const char *text)
{
	struct od_kvm_event e;
	const size_t len = strlen(text);
	char *copy = od_malloc(len);

	memcpy(copy, text, len);
	assert_true(od_kvm_parse(copy, len, &e));
	free(copy);
	return e;
}

static void test_grammar(void **state)
{
	static const struct {
		const char *text;
		enum od_kvm_kind kind;
		bool whole;
		unsigned nfields;
	} rows[] = {
		{ HEAD "FAULTIN " RIP ", gpa = a, hva = b, flags = 0" SEQ("c"), OD_KVM_FAULTIN, true, 10 },
		{ HEAD "FAULTIN_RET " RIP ", gpa = a, hva = b (b), flags = 0, pfn = 5, ret = 0" SEQ("c"),
		  OD_KVM_FAULTIN_RET, true, 12 },
		{ HEAD "FAULTIN_RET " RIP ", gpa = a, hva = b (b), flags = 0, pfn = 5, "
		  "ret = 18446744073709551602" SEQ("c"), OD_KVM_FAULTIN_RET, true, 12 },
		{ HEAD "MAP " RIP ", gpa = a, hva = b, pfn = c", OD_KVM_MAP, true, 6 },
		{ HEAD "MAP_RET " RIP ", gpa = a, hva = b, pfn = c, ret = 4", OD_KVM_MAP_RET, true, 7 },
		{ HEAD "SPTE " RIP ", gpa = a, hva = b, pfn = c", OD_KVM_SPTE, true, 6 },
		{ HEAD "MMIO " RIP ", gpa = a, hva = b, pfn = c", OD_KVM_MMIO, true, 6 },
		{ HEAD "ITER " RIP ", gpa = a (a), hva = b, pfn = 0, tdp_mmu = 1, role = 3784, count = 2",
		  OD_KVM_ITER, true, 9 },
		{ HEAD "FAULTIN_ERROR " RIP ", ret = 5", OD_KVM_PROBE_ERROR, true, 1 },
		{ HEAD "MAP_ERROR vcpu 1 vs. 2, fault 3 vs. 4", OD_KVM_PROBE_ERROR, true, 1 },
		{ HEAD "stuck " RIP ", gpa = a, hva = b : MMU seq = c", OD_KVM_STUCK, true, 6 },
		{ "stuck @ rip ffff (5 hits), gpa = a, hva = b : MMU seq = c", OD_KVM_STUCK, true, 5 },
		{ HEAD "stuck @ rip ffff made it to make_mmio_spte()", OD_KVM_MADE, true, 2 },
		{ "vcpu = ffff888012345678 pid = 77 MMU seq = 80000001", OD_KVM_COUNTER, true, 3 },
		{ HEAD "FAULTIN " RIP ", gpa = a, hva =", OD_KVM_FAULTIN, false, 4 },
		{ HEAD "MAP_RET", OD_KVM_MAP_RET, false, 1 },
		{ "CPU 0/KVM-55 [001] d..1. 8.123456: kvm_page_fault: vcpu 3 rip 0x10 address "
		  "0x0000000000001000 error_code 0x181", OD_KVM_PAGE_FAULT, true, 4 },
		{ "CPU 0/KVM-55 [001] d... 8.123456: kvm_page_fault: address 1000 error_code 181",
		  OD_KVM_PAGE_FAULT, true, 2 },
		{ "CPU 0/KVM 55 [001] 8.123456: kvm:kvm_exit: vcpu 3 reason npf rip 0x10 info1 0x1 info2 0x2 "
		  "intr_info 0x0 error_code 0x0", OD_KVM_EXIT, true, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct od_kvm_event e = parsed(rows[i].text);

		if (e.kind != rows[i].kind || e.whole != rows[i].whole ||
		    (unsigned)__builtin_popcount(e.has) != rows[i].nfields)
			fail_msg("%s: kind %d, whole %d, %d fields", rows[i].text, e.kind, e.whole,
				 __builtin_popcount(e.has));
	}
}

static void test_values(void **state)
{
	struct od_kvm_event e = parsed(HEAD "ITER " RIP ", gpa = a0 (a1), hva = b, pfn = 0, tdp_mmu = 1, "
					    "role = 3784, count = 12");

	(void)state;
	assert_int_equal(e.tid, 11);
	assert_int_equal(e.value[OD_KVM_PID], 10);
	assert_int_equal(e.value[OD_KVM_HITS], 1196);
	assert_int_equal(e.value[OD_KVM_GPA], 0xa0);
	assert_int_equal(e.value[OD_KVM_ROLE], 0x3784);
	assert_int_equal(e.value[OD_KVM_COUNT], 12);
	assert_true(e.value[OD_KVM_RIP] == 0xffffffff814e6ca5);
	assert_true(e.has_clock);
	assert_true(e.clock_us == ((22ull * 60 + 23) * 60 + 31) * 1000000 + 481644);
	/* MAP_RET prints its result in hex, FAULTIN_RET in decimal. */
	e = parsed(HEAD "MAP_RET " RIP ", gpa = a, hva = b, pfn = c, ret = fffffffffffffff2");
	assert_true(e.value[OD_KVM_RET] == (uint64_t)-14);
	e = parsed(HEAD "FAULTIN_RET " RIP ", gpa = a, ret = 18446744073709551602");
	assert_true(e.value[OD_KVM_RET] == (uint64_t)-14);
	e = parsed("CPU 0/KVM-55 [001] d..1. 8.1: kvm_page_fault: vcpu 3 rip 0x10 address 0x2000 error_code 0x181");
	assert_int_equal(e.tid, 55);
	assert_int_equal(e.value[OD_KVM_GPA], 0x2000);
}

static void test_none(void **state)
{
	static const char *const texts[] = {
		"", "tid[", "tid[1] pid[2]", "tid[1] pid[2] ", "tid[1] pid[x] MAP @ rip 1",
		"tid[1] pid[2] MAPPED @ rip 1 (2 hits)", "tid[1] pid[2] hello world",
		"tid[99999999999999999999999] pid[2] MAP @ rip 1 (2 hits), gpa = 1",
		"This vCPU is stuck @ rip whatever", "MMU seq = 8002dc25", "The \"MMU seq = 8002dc25\" value",
		"vcpu = x pid = 1 MMU seq = 2", "vcpu = 1", "@same[3484173]: 92239",
		"@last_rip[3484173]: 18446744071583984805", "Attaching 9 probes...", "Lost 12 events",
		"kvm_page_fault: ", "kvm_exit: vcpu 0", "echo 1 > events/kvm/kvm_page_fault/enable",
	};
	struct od_kvm_event e;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (od_kvm_parse(texts[i], strlen(texts[i]), &e))
			fail_msg("%s is taken for %d", texts[i], e.kind);
}

/* Every prefix of a line is read without reading behind it, and never has more than the line. */
static void test_prefixes(void **state)
{
	static const char text[] = HEAD "FAULTIN_RET " RIP ", gpa = a, hva = b (b), flags = 0, pfn = 5, ret = 0"
				   SEQ("c");
	struct od_kvm_event e;

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		char *copy = od_malloc(len);

		memcpy(copy, text, len);
		if (od_kvm_parse(copy, len, &e))
			assert_true(!e.whole || len > sizeof(text) - 6);
		free(copy);
	}
}

/* --- whole traces ---------------------------------------------------------------------- */

struct fed {
	struct od_report *reports[8];
	unsigned n;
};

static void feed(struct fed *fed, const char *text)
{
	struct od_kvm *kvm = od_kvm_create();
	struct od_report *rep;
	uint32_t lineno = 0;

	fed->n = 0;
	for (const char *nl; *text; text = nl + (*nl == '\n')) {
		struct od_record rec = { .ts_us = OD_TS_NONE, .level = OD_LEVEL_NONE };
		char *copy;

		nl = strchrnul(text, '\n');
		rec.len = (uint32_t)(nl - text);
		copy = od_malloc(rec.len);
		memcpy(copy, text, rec.len);
		rec.text = copy;
		rec.lineno = rec.lineno_last = ++lineno;
		od_kvm_feed(kvm, &rec);
		free(copy);
	}
	while ((rep = od_kvm_next(kvm))) {
		assert_true(fed->n < 8);
		fed->reports[fed->n++] = rep;
	}
	od_kvm_destroy(kvm);
}

/* What the text's only thread does: its kind and subkind. */
static void verdict(const char *text, enum od_kind kind, const char *subkind)
{
	struct fed fed;

	feed(&fed, text);
	if (fed.n != 1)
		fail_msg("%u reports of\n%s", fed.n, text);
	if (fed.reports[0]->kind != kind ||
	    strcmp(fed.reports[0]->subkind ? fed.reports[0]->subkind : "", subkind) != 0)
		fail_msg("%s/%s: %s\n%s", od_kind_name(fed.reports[0]->kind),
			 fed.reports[0]->subkind, fed.reports[0]->subject, text);
	od_report_destroy(fed.reports[0]);
}

#define FAULT(hits, gpa, hva, seq, prog, range)                                                     \
	"tid[11] pid[10] FAULTIN @ rip f00 (" hits " hits), gpa = " gpa ", hva = " hva                  \
	", flags = 0 : MMU seq = " seq ", in-prog = " prog ", " range "\n"
#define GOT(hits, gpa, hva, seq, ret)                                                               \
	"tid[11] pid[10] FAULTIN_RET @ rip f00 (" hits " hits), gpa = " gpa ", hva = " hva " (" hva         \
	"), flags = 0, pfn = 1, ret = " ret " : MMU seq = " seq ", in-prog = 0, start = 1000, end = 2000\n"
#define FAR "start = 1000, end = 2000"

static void test_verdicts(void **state)
{
	(void)state;
	verdict(FAULT("1001", "a000", "5000", "80000005", "0", FAR) GOT("1002", "a000", "5000", "80000005", "0"),
		OD_KIND_KVM_STALL, "stuck");
	/* The count of hits stands still; one event; no count of invalidations. */
	verdict(FAULT("1001", "a000", "5000", "80000005", "0", FAR) GOT("1001", "a000", "5000", "80000005", "0"),
		OD_KIND_KVM_STALL, "undecided");
	verdict(FAULT("1001", "a000", "5000", "80000005", "0", FAR), OD_KIND_KVM_STALL, "undecided");
	/* It did not get the page each time. */
	verdict(FAULT("1001", "a000", "5000", "80000005", "0", FAR) GOT("1002", "a000", "5000", "80000005", "1"),
		OD_KIND_KVM_STALL, "undecided");
	/* Another page, another rip. */
	verdict(FAULT("1001", "a000", "5000", "80000005", "0", FAR) GOT("1002", "b000", "5000", "80000005", "0"),
		OD_KIND_KVM_PROGRESS, "");
	/* The count changes, an invalidation runs, the page is in its range. */
	verdict(FAULT("1001", "a000", "5000", "5", "0", FAR) GOT("1002", "a000", "5000", "6", "0"),
		OD_KIND_KVM_STALL, "invalidation-storm");
	verdict(FAULT("1001", "a000", "5000", "5", "1", FAR) FAULT("1002", "a000", "5000", "5", "1", FAR),
		OD_KIND_KVM_STALL, "invalidation-storm");
	verdict(FAULT("1001", "a000", "1000", "5", "0", FAR) FAULT("1002", "a000", "1fff", "5", "0", FAR),
		OD_KIND_KVM_STALL, "invalidation-storm");
	/* The end of the range is no part of it. */
	verdict(FAULT("1001", "a000", "2000", "5", "0", FAR) FAULT("1002", "a000", "2000", "5", "0", FAR),
		OD_KIND_KVM_STALL, "stuck");
}

#define SAW(what, hits, rest) "tid[11] pid[10] " what " @ rip f00 (" hits " hits), gpa = a000, hva = 5000, pfn = 1" rest "\n"

static void test_mapped(void **state)
{
	(void)state;
	/* 3 is FIXED to 5.17 and INVALID later: SPTE of the same fault decides. */
	verdict(SAW("SPTE", "7", "") SAW("MAP_RET", "7", ", ret = 3"), OD_KIND_KVM_PROGRESS, "");
	verdict(SAW("SPTE", "6", "") SAW("MAP_RET", "7", ", ret = 3"), OD_KIND_KVM_STALL, "undecided");
	verdict(SAW("MAP", "7", "") SAW("MAP_RET", "7", ", ret = 4"), OD_KIND_KVM_PROGRESS, "");
	verdict(SAW("MAP", "7", "") SAW("MAP_RET", "7", ", ret = 1"), OD_KIND_KVM_STALL, "undecided");
	verdict(SAW("MAP", "7", ""), OD_KIND_KVM_STALL, "undecided");
}

static void test_groups(void **state)
{
	static const char text[] =
		"10:00:00:000001 tid[12] pid[10] FAULTIN @ rip f00 (1 hits), gpa = a, hva = b, flags = 0" SEQ("c") "\n"
		"10:00:00:000002 tid[13] pid[10] FAULTIN @ rip f00 (1 hits), gpa = a, hva = b, flags = 0" SEQ("c") "\n"
		"10:00:00:000001 tid[12] pid[10] FAULTIN @ rip f00 (1 hits), gpa = a, hva = b, flags = 0" SEQ("c") "\n"
		"10:00:00:000003 tid[12] pid[10] FAULTIN @ rip f00 (2 hits),\n"
		"gpa = a, hva = b, flags = 0 :\n"
		"MMU seq = c, in-prog = 0, start = 7000, end = 8000\n"
		"Some words of the writer.\n";
	struct fed fed;

	(void)state;
	feed(&fed, text);
	assert_int_equal(fed.n, 2);
	/* The third line is a copy of the first; the fourth is folded over three. */
	assert_int_equal(od_report_detail(fed.reports[0], "kvm_events")->number, 2);
	assert_int_equal(fed.reports[0]->pid, 12);
	assert_int_equal(fed.reports[0]->lines.first, 1);
	assert_int_equal(fed.reports[0]->lines.last, 6);
	assert_string_equal(fed.reports[0]->subkind, "stuck");
	assert_int_equal(fed.reports[0]->nnotes, 2);
	assert_int_equal(fed.reports[1]->pid, 13);
	od_report_destroy(fed.reports[0]);
	od_report_destroy(fed.reports[1]);
}

/* More threads than are kept: the rest is counted and said. */
static void test_many(void **state)
{
	struct od_kvm *kvm = od_kvm_create();
	struct od_report *rep;
	unsigned n = 0, notes = 0;

	(void)state;
	for (unsigned i = 0; i < OD_KVM_THREADS + 10; i++) {
		char text[128];
		struct od_record rec = { .text = text, .ts_us = OD_TS_NONE, .lineno = i + 1 };

		rec.len = (uint32_t)snprintf(text, sizeof(text), "tid[%u] pid[1] MAP @ rip f00 (1 hits), "
					     "gpa = a, hva = b, pfn = c", i + 1);
		assert_true(od_kvm_feed(kvm, &rec));
	}
	for (; (rep = od_kvm_next(kvm)); n++) {
		for (uint32_t i = 0; i < rep->nnotes; i++)
			notes += strstr(rep->notes[i].text, "10 events of others") != NULL;
		od_report_destroy(rep);
	}
	assert_int_equal(n, OD_KVM_THREADS);
	assert_int_equal(notes, 1);
	od_kvm_destroy(kvm);
}

/* --- words ----------------------------------------------------------------------------- */

static void says(void (*fn)(const char *, uint64_t, struct od_buf *), const char *release, uint64_t v,
		 const char *text)
{
	struct od_buf buf = OD_BUF_INIT;

	fn(release, v, &buf);
	assert_string_equal(od_buf_str(&buf), text);
	od_buf_deinit(&buf);
}

static void role(const char *release, uint64_t v, struct od_buf *out)
{
	od_kvm_role(release, (uint32_t)v, out);
}

static void test_words(void **state)
{
	(void)state;
	says(od_kvm_ret_pf, "5.15.100", 3, "FIXED");
	says(od_kvm_ret_pf, "6.1.38", 0, "CONTINUE");
	says(od_kvm_ret_pf, "6.1.38", 4, "FIXED");
	says(od_kvm_ret_pf, "6.12.1", 4, "INVALID");
	says(od_kvm_ret_pf, "6.12.1", 5, "FIXED");
	says(od_kvm_ret_pf, "6.10.0", 4, "FIXED (5.18 to 6.8), INVALID (6.12 and later)");
	says(od_kvm_ret_pf, NULL, 5, "SPURIOUS (5.18 to 6.8), FIXED (6.12 and later)");
	says(od_kvm_ret_pf, "6.1.38", 6, "not a known result");
	says(od_kvm_ret_pf, "6.1.38", (uint64_t)-14, "an error of the kernel");
	says(role, "6.1.38", 0x3784, "level 4, direct, access rwx, valid, efer.nx, cr0.wp, not nested");
	says(role, "6.1.38", 0xec8, "level 8 (there is no such level), quadrant 2, direct, access rw-, INVALID, "
				    "not nested");
	says(role, "5.10.0", 0x3794, "level 4, 8-byte guest entries, direct, access rwx, valid, efer.nx, "
				     "cr0.wp, not nested");
	says(role, "6.1.38", 0x1060001, "level 1, shadows a guest table, access ---, valid, of a nested guest, "
					"passthrough, in SMM");
	says(role, "6.1.38", 0x80004, "level 4, shadows a guest table, access ---, valid, not nested, "
				      "unknown bits 0x80000");
}

/* Exactly where (u64)(s64)(s32)seq differs from seq. */
static void test_sign(void **state)
{
	(void)state;
	assert_true(od_kvm_seq_as_int(0x7fffffff) == 0x7fffffff);
	assert_true(od_kvm_seq_as_int(0x80000000) == 0xffffffff80000000);
	assert_true(od_kvm_seq_as_int(0x8002dc25) == 0xffffffff8002dc25);
	assert_true(od_kvm_seq_as_int(0x100000000) == 0);
	assert_true(od_kvm_seq_as_int(0xffffffff7fffffff) == 0x7fffffff);
	assert_true(od_kvm_seq_as_int(0xffffffff80000000) == 0xffffffff80000000);
	for (uint64_t seq = 1; seq; seq <<= 1)
		assert_true(od_kvm_seq_as_int(seq - 1) == (uint64_t)(int64_t)(int32_t)(uint32_t)(seq - 1));
}

/* --- hypercalls -------------------------------------------------------------------- */

static struct od_report *hypercalls(const char *const *lines)
{
	struct od_kvm *k = od_kvm_create();
	struct od_report *rep;
	uint32_t n = 0;

	for (; lines[n]; n++) {
		const struct od_record rec = { .text = lines[n], .len = (uint32_t)strlen(lines[n]), .lineno = n + 1,
					       .lineno_last = n + 1, .ts_us = OD_TS_NONE };

		od_kvm_feed(k, &rec);
	}
	rep = od_kvm_next(k);
	if (rep)
		assert_null(od_kvm_next(k));
	od_kvm_destroy(k);
	return rep;
}

static void has_item(const struct od_report *rep, const char *key, const char *text)
{
	const struct od_detail *d = od_report_detail(rep, key);
	bool found = false;

	assert_non_null(d);
	for (uint32_t i = 0; i < d->nitems; i++)
		found |= !strcmp(d->items[i], text);
	if (!found)
		fail_msg("no \"%s\", but \"%s\"", text, d->nitems ? d->items[0] : "nothing");
}

#define IPI_OK "1 x HvCallSendSyntheticClusterIpi fast; answered: 1 x status 0 HV_STATUS_SUCCESS"

/* One call and its result, of every kernel and tool. */
static void test_hv_forms(void **state)
{
	static const char *const forms[][4] = {
		{ " CPU 0/KVM-5120 [000] d..1. 812.099995: kvm_hv_hypercall: code 0xb fast var_cnt 0x0 rep_cnt 0x0 idx 0x0 "
		  "in 0xfb out 0x6",
		  " CPU 0/KVM-5120 [000] d..1. 812.099998: kvm_hv_hypercall_done: result 0x0" },
		/* up to 5.16 */
		{ " CPU 0/KVM-5120 [000] .... 812.099995: kvm_hv_hypercall: code 0xb fast cnt 0x0 idx 0x0 in 0xfb out 0x6",
		  " CPU 0/KVM-5120 [000] .... 812.099998: kvm_hv_hypercall_done: result 0x0" },
		/* trace-cmd report */
		{ "           <...>-5120  [000]   812.099995: kvm_hv_hypercall:     code 0xb fast var_cnt 0x0 rep_cnt 0x0 idx "
		  "0x0 in 0xfb out 0x6",
		  "           <...>-5120  [000]   812.099998: kvm_hv_hypercall_done: result 0x0" },
		/* perf script, and perf trace with the fields in the order of the event */
		{ "CPU 0/KVM  5120 [000]   812.099995: kvm:kvm_hv_hypercall: code 0xb fast var_cnt 0x0 rep_cnt 0x0 idx 0x0 "
		  "in 0xfb out 0x6",
		  "CPU 0/KVM  5120 [000]   812.099998: kvm:kvm_hv_hypercall_done: result 0x0" },
		{ "     0.000 CPU 0/KVM/5120 kvm:kvm_hv_hypercall(rep_cnt: 0, rep_idx: 0, ingpa: 251, outgpa: 6, code: 11, "
		  "var_cnt: 0, fast: 1)",
		  "     0.003 CPU 0/KVM/5120 kvm:kvm_hv_hypercall_done(result: 0)" },
		/* folded by a mailer */
		{ "CPU 0/KVM-5120 [000] d..1. 812.099995: kvm_hv_hypercall: code 0xb fast var_cnt 0x0", "rep_cnt 0x0 idx 0x0 "
		  "in 0xfb out 0x6",
		  "CPU 0/KVM-5120 [000] d..1. 812.099998: kvm_hv_hypercall_done: result 0x0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct od_report *rep = hypercalls(forms[i]);

		assert_non_null(rep);
		assert_int_equal(rep->kind, OD_KIND_KVM_PROGRESS);
		assert_string_equal(rep->subkind, "hypercalls");
		has_item(rep, "hypercalls", IPI_OK);
		od_report_destroy(rep);
	}
}

/* What KVM read of the input of a call says what it must answer, whichever registers held it. */
static void test_hv_expected(void **state)
{
	static const char *const trace[] = {
		"a-1 [000] d..1. 1.000001: kvm_hv_hypercall: code 0x15 slow var_cnt 0x1 rep_cnt 0x0 idx 0x0 in 0x1000 out 0x0",
		"b-2 [001] d..1. 1.000002: kvm_hv_hypercall: code 0xb slow var_cnt 0x0 rep_cnt 0x0 idx 0x0 in 0x1000 out 0x0",
		"a-1 [000] d..1. 1.000003: kvm_hv_send_ipi_ex: vector e1 format 0 valid_bank_mask 0x2",
		"b-2 [001] d..1. 1.000004: kvm_hv_send_ipi: vector f processor_mask 0x1",
		"a-1 [000] d..1. 1.000005: kvm_hv_hypercall_done: result 0x0",
		"b-2 [001] d..1. 1.000006: kvm_hv_hypercall_done: result 0x3",
		/* never answered, and refused for its control word alone; and one that KVM does answer otherwise */
		"c-3 [001] d..1. 1.000007: kvm_hv_hypercall: code 0x2 slow var_cnt 0x1 rep_cnt 0x0 idx 0x0 in 0x1000 out 0x0",
		"d-4 [001] d..1. 1.000008: kvm_hv_hypercall: code 0xb fast var_cnt 0x0 rep_cnt 0x0 idx 0x0 in 0xfb out 0x1",
		"d-4 [001] d..1. 1.000009: kvm_hv_hypercall_done: result 0x6",
		/* a result without a call, and flushes */
		"e-5 [001] d..1. 1.000010: kvm_hv_hypercall_done: result 0x3",
		"e-5 [001] d..1. 1.000011: kvm_hv_flush_tlb: processor_mask 0x8000000000000003 address_space 0x0 flags 0x3 (L2)",
		"e-5 [001] d..1. 1.000012: kvm_hv_flush_tlb_ex: valid_bank_mask 0x1 format 0x1 address_space 0x0 flags 0x10 ",
		NULL,
	};
	struct od_report *rep = hypercalls(trace);

	(void)state;
	assert_non_null(rep);
	assert_string_equal(rep->subkind, "hypercalls-refused");
	has_item(rep, "hypercalls", "1 x HvCallSendSyntheticClusterIpiEx slow, variable header 1; answered: 1 x status 0 "
				    "HV_STATUS_SUCCESS");
	has_item(rep, "hypercalls", "1 x HvCallSendSyntheticClusterIpi slow; KVM refuses it with status 3: the vector is not in "
				    "0x10 to 0xff; answered: 1 x status 3 HV_STATUS_INVALID_HYPERCALL_INPUT");
	has_item(rep, "hypercalls", "1 x HvCallFlushVirtualAddressSpace slow, variable header 1; KVM refuses it with status 3: "
				    "the call has no variable header");
	has_item(rep, "hypercall_effects", "1 x kvm_hv_send_ipi_ex: vector 0xe1, banks 1 (VPs 64-127)");
	has_item(rep, "hypercall_effects", "1 x kvm_hv_send_ipi: vector 0xf (out of range), VPs 0");
	has_item(rep, "hypercall_effects", "1 x kvm_hv_flush_tlb: flags 0x3, all processors, all address spaces, VPs 0-1 63");
	has_item(rep, "hypercall_effects", "1 x kvm_hv_flush_tlb_ex: flags 0x10, other flags 0x10, all VPs");
	assert_int_equal(rep->nnotes, 1);
	assert_non_null(strstr(rep->notes[0].text, "KVM answered 6 where 0 was expected"));
	assert_int_equal(rep->lines.last, 12);
	od_report_destroy(rep);
}

static void test_hv_none(void **state)
{
	static const char *const none[] = {
		"RIP: 0010:kvm_hv_hypercall+0x12/0x340 [kvm]", "a-1 [0] 1.000001: kvm_hv_hypercall: code 0xb", "x",
		"my_kvm_hv_hypercall: code 0xb fast cnt 0x0 idx 0x0 in 0xfb out 0x6",
		"kvm_hv_hypercall: code 0x10000 fast cnt 0x0 idx 0x0 in 0xfb out 0x6",
		"kvm_hv_hypercalls: code 0xb fast cnt 0x0 idx 0x0 in 0xfb out 0x6", "kvm_hv_", "kvm_hv_hypercall(", NULL,
	};
	struct od_kvm *k = od_kvm_create();
	struct od_report *rep;
	char text[600][128];

	(void)state;
	assert_null(hypercalls(none));
	/* more sorts and threads than are told apart */
	for (unsigned i = 0; i < 600; i++) {
		struct od_record rec = { .text = text[i], .lineno = i + 1, .lineno_last = i + 1, .ts_us = OD_TS_NONE };

		rec.len = (uint32_t)snprintf(text[i], sizeof(text[i]), "t-%u [000] 1.%06u: kvm_hv_hypercall: code 0x%x slow cnt "
					     "0x0 idx 0x0 in 0x0 out 0x0", i + 1, i, 0x100 + i);
		assert_true(od_kvm_feed(k, &rec));
	}
	rep = od_kvm_next(k);
	assert_non_null(rep);
	assert_non_null(strstr(rep->notes[0].text, "more than 64 sorts of calls"));
	assert_int_equal(od_report_detail(rep, "hypercalls")->nitems, 64);
	od_report_destroy(rep);
	od_kvm_destroy(k);
}

static void fate(const char *release, const char *version, enum od_kvm_fate wanted, const char *says)
{
	const struct od_kvm_host host = { .release = release, .version = version };
	struct od_buf why = OD_BUF_INIT;

	assert_int_equal(od_kvm_seq_fate(&host, &why), wanted);
	assert_non_null(strstr(od_buf_str(&why), says));
	od_buf_deinit(&why);
}

static void test_fates(void **state)
{
	struct od_kvm_host host = { .release = "6.2.0-26-generic", .snapshot_known = true };
	struct od_buf why = OD_BUF_INIT;

	(void)state;
	fate(NULL, NULL, OD_KVM_UNKNOWN, "not known");
	fate("nonsense", "Debian 6.1.38-4", OD_KVM_UNKNOWN, "not known");
	fate("4.18.0", NULL, OD_KVM_BEFORE, "5.16");
	fate("5.15.217", NULL, OD_KVM_BEFORE, "5.15.218");
	fate("5.15.218", NULL, OD_KVM_UNKNOWN, "5.15.218");
	fate("5.15.0-91-generic", NULL, OD_KVM_UNKNOWN, "5.15.218");
	fate("5.16.0", NULL, OD_KVM_AFFECTED, "5.16");
	fate("5.19.17", NULL, OD_KVM_AFFECTED, "5.16");
	fate("6.0.19", NULL, OD_KVM_AFFECTED, "5.16");
	fate("6.1.49", NULL, OD_KVM_AFFECTED, "6.1.49");
	fate("6.1.50", NULL, OD_KVM_FIXED, "6.1.50");
	fate("6.2.0-26-generic", "#26~22.04.1-Ubuntu SMP PREEMPT_DYNAMIC", OD_KVM_AFFECTED, "6.2");
	fate("6.3.0", NULL, OD_KVM_FIXED, "6.3");
	fate("7.1.2", NULL, OD_KVM_FIXED, "6.3");
	/* numbered by the first of a series: what it is made from stands elsewhere, if at all */
	fate("6.1.0-11-amd64", NULL, OD_KVM_UNKNOWN, "6.1.49");
	fate("6.1.0-11-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.38-4 (2023-08-08)", OD_KVM_AFFECTED, "6.1.38");
	fate("6.1.0-50-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-02)", OD_KVM_FIXED, "6.1.176");
	fate("6.1.0-50-amd64", "#1 SMP gcc 12.2.0 6.0.200", OD_KVM_UNKNOWN, "6.1.49");
	/* its own types say more than its number */
	assert_int_equal(od_kvm_seq_fate(&host, &why), OD_KVM_AFFECTED);
	host.snapshot_long = true;
	assert_int_equal(od_kvm_seq_fate(&host, &why), OD_KVM_FIXED);
	host = (struct od_kvm_host){ .release = "6.5.0-1", .snapshot_known = true };
	assert_int_equal(od_kvm_seq_fate(&host, &why), OD_KVM_UNKNOWN);
	host = (struct od_kvm_host){ .release = "4.18.0-553.el8.x86_64", .snapshot_known = true };
	assert_int_equal(od_kvm_seq_fate(&host, &why), OD_KVM_UNKNOWN);
	host.snapshot_known = false;
	assert_int_equal(od_kvm_seq_fate(&host, &why), OD_KVM_BEFORE);
	od_buf_deinit(&why);
}

static void test_levels(void **state)
{
	(void)state;
	assert_int_equal(od_kvm_seq_level(0x6fffffff), OD_KVM_LEVEL_FINE);
	assert_int_equal(od_kvm_seq_level(0x70000000), OD_KVM_LEVEL_NEAR);
	assert_int_equal(od_kvm_seq_level(0x7fffffff), OD_KVM_LEVEL_NEAR);
	assert_int_equal(od_kvm_seq_level(0x80000000), OD_KVM_LEVEL_BEYOND);
	assert_int_equal(od_kvm_seq_level(0x100000000), OD_KVM_LEVEL_BEYOND);
	assert_int_equal(od_kvm_seq_level(0xffffffff7fffffff), OD_KVM_LEVEL_BEYOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grammar),	 cmocka_unit_test(test_values),
		cmocka_unit_test(test_none),	 cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_verdicts), cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_groups),	 cmocka_unit_test(test_many),
		cmocka_unit_test(test_words),	 cmocka_unit_test(test_sign),
		cmocka_unit_test(test_hv_forms), cmocka_unit_test(test_hv_expected),
		cmocka_unit_test(test_hv_none),
		cmocka_unit_test(test_fates),	 cmocka_unit_test(test_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
