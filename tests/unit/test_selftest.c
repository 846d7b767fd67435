/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failed assertions of KVM selftests, by the formats of lib/assert.c and include/ucall_common.h. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "text/selftest.h"

#define HEADER "==== Test Assertion Failure ====\n"

/* The last report of the text; the caller's. NULL: there is none. */
static struct od_report *feed(const char *text)
{
	struct od_selftest *st = od_selftest_create();
	struct od_report *rep = NULL, *next;
	uint32_t lineno = 0;

	while (*text) {
		const char *end = strchrnul(text, '\n');
		const struct od_record rec = { .text = text, .len = (uint32_t)(end - text), .lineno = ++lineno,
					       .ts_us = OD_TS_NONE };

		od_selftest_feed(st, &rec);
		next = od_selftest_done(st, false);
		if (next) {
			od_report_destroy(rep);
			rep = next;
		}
		text = *end ? end + 1 : end;
	}
	next = od_selftest_done(st, true);
	if (next) {
		od_report_destroy(rep);
		rep = next;
	}
	od_selftest_destroy(st);
	return rep;
}

static void is_string(const struct od_report *rep, const char *key, const char *value)
{
	const struct od_detail *d = od_report_detail(rep, key);

	if (!value) {
		assert_null(d);
		return;
	}
	assert_non_null(d);
	assert_string_equal(d->string, value);
}

static void is_number(const struct od_report *rep, const char *key, uint64_t value)
{
	const struct od_detail *d = od_report_detail(rep, key);

	assert_non_null(d);
	assert_int_equal(d->number, value);
}

static const struct {
	const char *task, *message, *subkind, *call, *text, *outcome;
} errnos[] = {
	{ "errno=22 - Invalid argument", "KVM_SET_SREGS failed, rc: -1 errno: 22 (Invalid argument)",
	  "assert", "KVM_SET_SREGS", "Invalid argument", "failed" },
	/* Only a message that names a call that failed gives errno a meaning. */
	{ "errno=4 - Interrupted system call", "rseq CPU = 4, sched CPU = 27", "assert", NULL, NULL, "failed" },
	{ "errno=4 - Interrupted system call", "unexpected exit: KVM_EXIT_IO failed", "assert", NULL, NULL,
	  "failed" },
	{ "errno=11 - Resource temporarily unavailable", "pthread_create halter failed errno=11", "assert",
	  NULL, NULL, "failed" },
	{ "- Cannot allocate memory", "mmap() failed", "assert", "mmap", "Cannot allocate memory", "failed" },
	{ "errno=13 - Permission denied", "open /dev/sgx_vepc failed", "skip", "open", "Permission denied",
	  "skipped" },
	{ "- Permission denied", "KVM_CREATE_VM failed", "skip", "KVM_CREATE_VM", "Permission denied",
	  "skipped" },
	{ "errno=13 - Permission denied", "wrong value", "skip", NULL, NULL, "skipped" },
	{ "errno=13 - Permission denied", "Failed guest assert: x == 1 at a.c:5", "guest-assert", NULL, NULL,
	  "skipped" },
	{ "errno=5 - Input/output error", "KVM killed/bugged the VM, check the kernel log for clues",
	  "vm-bugged", NULL, NULL, "failed" },
};

static void errno_is_paired(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(errnos) / sizeof(*errnos); i++) {
		struct od_buf text = OD_BUF_INIT;
		struct od_report *rep;

		od_buf_printf(&text, HEADER "  x.c:10: ret\n  pid=7 tid=8 %s\n     1\t0x401000: main at x.c:10\n  %s\n",
			      errnos[i].task, errnos[i].message);
		rep = feed(od_buf_str(&text));
		assert_non_null(rep);
		assert_string_equal(rep->subkind, errnos[i].subkind);
		is_string(rep, "call", errnos[i].call);
		is_string(rep, "errno_text", errnos[i].text);
		is_string(rep, "outcome", errnos[i].outcome);
		is_number(rep, "tid", 8);
		assert_int_equal(rep->pid, 7);
		od_report_destroy(rep);
		od_buf_deinit(&text);
	}
}

static void guest_places(void **state)
{
	struct od_report *rep;

	(void)state;
	rep = feed(HEADER "  x86/t.c:120: a == b\n  pid=1 tid=1 errno=0 - Success\n"
		   "     1\t0x401000: vcpu_run at kvm_util.c:9\n     2\t (inlined by) main at t.c:175\n"
		   "     3\t0x401009: _start at ??:?\n  0x1 != 0x2 (a != b)\n");
	assert_string_equal(rep->subkind, "guest-assert");
	assert_string_equal(rep->bug_file, "x86/t.c");
	assert_int_equal(rep->bug_line, 120);
	is_string(rep, "host_file", "kvm_util.c");
	assert_int_equal(rep->stacks[0].nframes, 2);
	assert_string_equal(rep->stacks[0].frames[0].symbol, "main");
	assert_int_equal(rep->stacks[0].frames[0].line, 175);
	assert_int_equal(rep->stacks[0].frames[0].ninlined, 1);
	assert_string_equal(rep->stacks[0].frames[0].inlined[0].function, "vcpu_run");
	assert_null(rep->stacks[0].frames[1].file);
	od_report_destroy(rep);
	/* A macro of the host over several lines is no guest. */
	rep = feed(HEADER "  lib/kvm_util.c:824: n\n  pid=1 tid=1 errno=0 - Success\n"
		   "     1\t0x401000: f at kvm_util.c:822\n  no\n");
	assert_string_equal(rep->subkind, "assert");
	od_report_destroy(rep);
	rep = feed(HEADER "  t.c:5: Unconditional guest failure\n  pid=1 tid=1 errno=0 - Success\n"
		   "  (stack trace empty)\n  Bad\n");
	assert_string_equal(rep->subkind, "guest-assert");
	assert_int_equal(rep->nstacks, 0);
	od_report_destroy(rep);
	rep = feed(HEADER "  lib/x86_64/processor.c:1:\n  pid=1 tid=1 errno=0 - Success\n"
		   "  Unhandled exception '0xd' at guest RIP '0x401234'\n");
	assert_string_equal(rep->subkind, "guest-exception");
	is_number(rep, "vector", 13);
	is_string(rep, "exception", "#GP");
	is_number(rep, "guest_rip", 0x401234);
	od_report_destroy(rep);
}

static void tap(void **state)
{
	struct od_report *rep;

	(void)state;
	rep = feed("# selftests: kvm: first\n# " HEADER "#   t.c:5: x\n#   pid=1 tid=1 errno=0 - Success\n"
		   "#      1\t0x401000: main at t.c:5\n#   no\nnot ok 3 selftests: kvm: first # exit=254\n");
	is_string(rep, "test", "first");
	is_number(rep, "exit_status", 254);
	assert_int_equal(rep->lines.last, 7);
	assert_string_equal(rep->stacks[0].frames[0].module, "first");
	od_report_destroy(rep);
	/* The result of another test is not its. */
	rep = feed("# selftests: kvm: first\n# " HEADER "#   t.c:5: x\n#   pid=1 tid=1 errno=0 - Success\n"
		   "#   no\nnot ok 4 selftests: kvm: second # exit=1\n");
	assert_null(od_report_detail(rep, "exit_status"));
	od_report_destroy(rep);
}

static void no_failures(void **state)
{
	static const char *const texts[] = {
		HEADER, HEADER "and so on\n", "+" HEADER "  x.c:1: y\n", "  x.c:1: y\n  pid=1 tid=1 - Success\n",
		"not ok 1 selftests: kvm: x # exit=1\n", "1..0 # SKIP - Requirement not met: kvm_has_cap(1)\n",
		"\t\tfprintf(stderr, \"==== Test Assertion Failure ====\\n\"\n\t\t\t\"  %s:%u: %s\\n\"\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_null(feed(texts[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errno_is_paired), cmocka_unit_test(guest_places), cmocka_unit_test(tap),
		cmocka_unit_test(no_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
