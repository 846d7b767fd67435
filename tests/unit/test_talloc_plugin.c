/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built talloc plugin, run by the real host on what the gdb reader makes of text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/unit/fixture-talloc.h"

static char *read_case(const char *name, size_t *len)
{
	const char *dir = getenv("srcdir");
	char path[512], *text = od_malloc(1 << 20);
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/corpus/%s/input", dir ? dir : ".", name);
	f = fopen(path, "rb");
	assert_non_null(f);
	*len = fread(text, 1, 1 << 20, f);
	fclose(f);
	return text;
}

static struct od_input *run_case(const char *name)
{
	size_t len;
	char *text = read_case(name, &len);
	struct od_input *in = fixture_run(text, len);

	free(text);
	return in;
}

static unsigned count(const struct od_finding *f, const char *text)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < f->nevidence; i++)
		n += strstr(f->evidence[i].text, text) != NULL;
	return n;
}

/* --- the Samba crash ---------------------------------------------------------------- */

static void check_proof(const struct od_finding *f, const char *text, enum od_grade grade,
			uint64_t address)
{
	const struct od_evidence *e = fixture_proof(f, text);

	assert_int_equal(e->grade, grade);
	assert_int_equal(e->address, address);
	assert_int_equal(e->stack, 0);
	assert_true(e->frame >= 0);
	assert_true(e->nlines > 0);
}

static void test_samba(void **state)
{
	static const char *const sites[] = {
		"0x2b5460e90ef0: its destructor is running (tevent_common_timed_destructor); asked "
		"for at ../lib/poll_funcs/poll_funcs_tevent.c:670",
		"0x2b546970dda0: its children are being freed; asked for at "
		"../lib/poll_funcs/poll_funcs_tevent.c:670",
		"0x2b546556f500: its children are being freed; asked for at "
		"../lib/poll_funcs/poll_funcs_tevent.c:670",
		"0x2b546987b400: its destructor is running (poll_funcs_tevent_handle_destructor); "
		"asked for at ../source3/lib/messages_dgm_ref.c:140",
		"0x2b5469928680: its destructor is running (msg_dgm_ref_destructor); asked for at "
		"../source4/lib/messaging/messaging.c:307",
		"0x2b54649f8d30: its destructor is running (imessaging_context_destructor); asked "
		"for "
		"at ../source4/dsdb/samdb/ldb_modules/dns_notify.c:72",
		"0x2b54613ccbb0: its children are being freed; asked for at "
		"../source4/dsdb/samdb/ldb_modules/dns_notify.c:72",
	};
	struct od_input *in = run_case("samba-talloc");
	const struct od_finding *f = fixture_find(in, "talloc/reentrant-teardown");

	(void)state;
	assert_non_null(f);
	assert_int_equal(in->reports[0]->nfindings, 1);
	assert_string_equal(f->title,
			    "re-entrant teardown with a wild jump through a dead tevent context");
	assert_true(f->score >= 90);
	check_proof(f, "0x2b54649f8d30 is being freed (#25, #26, #27:", OD_GRADE_STRONG,
		    0x2b54649f8d30);
	fixture_proof(f, "still held outside of that: #48 msg_ctx, #49 msg_ctx, #50 private_data, #50 msg");
	check_proof(f, "0x2b5469928680 is being freed (#21, #22, #23, #24:", OD_GRADE_STRONG,
		    0x2b5469928680);
	fixture_proof(f, "still held outside of that: #51 r (local)");
	check_proof(f, "0x2b5463676040 was freed just before", OD_GRADE_MEDIUM, 0x2b5463676040);
	check_proof(f, "occurs in no other frame", OD_GRADE_STRONG, 0x2b5462179450);
	check_proof(f, "in 12 frames", OD_GRADE_STRONG, 0x2b545a116dc0);
	check_proof(f, "the program went to 0x2b5460b9e960", OD_GRADE_STRONG, 0x2b5460b9e960);
	check_proof(f, "ev->debug_ops.debug", OD_GRADE_MEDIUM, 0);
	for (size_t i = 0; i < sizeof(sites) / sizeof(*sites); i++)
		assert_int_equal(fixture_proof(f, sites[i])->grade, OD_GRADE_WEAK);
	assert_int_equal(count(f, "in progress, "), 7);
	assert_int_equal(count(f, "held outside"), 2);
	fixture_proof(f, "0x60 bytes apart");
	/* What is harmless is cleared in the cause and nowhere accused. */
	assert_int_equal(count(f, "0x2b545e7e3790"), 0);
	assert_non_null(strstr(f->cause, "Cleared: 0x2b54613ccbb0"));
	assert_non_null(strstr(f->cause, "0x2b545e7e3790"));
	assert_int_equal(f->nreferences, 2);
	assert_non_null(strstr(f->references[0], "12272"));
	od_input_destroy(in);
}

/* Cut anywhere, the plugin neither fails nor claims more frames than there are. */
static void test_prefixes(void **state)
{
	size_t len;
	char *text = read_case("samba-talloc", &len);

	(void)state;
	for (size_t n = 0; n <= len; n += 101)
		od_input_destroy(fixture_run(text, n));
	free(text);
}

/* --- real programs, libtalloc without debug information ------------------------------- */

static void test_lab(void **state)
{
	static const struct {
		const char *name, *id, *text;
	} cases[] = {
		{"lab-talloc-abort-after-free", "talloc/access-after-free", "talloc-lab.c:112"},
		{"lab-talloc-abort-type", "talloc/type-mismatch", "name[struct session]"},
		{"lab-talloc-abort-unknown", "talloc/bad-magic", "abort_unknown"},
		{"lab-talloc-dead-event-context", "talloc/destructor-after-free",
		 "client_destructor crashed in tevent"},
		{"lab-talloc-dead-event-context-timer", "talloc/destructor-after-free",
		 "in _tevent_add_timer"},
		{"lab-talloc-parent-freed", "talloc/access-after-free", "0x5a5a5a5a5a5a5a5a"},
		{"lab-talloc-reentrant", "talloc/reentrant-teardown", "request_destructor"},
	};
	struct od_input *in;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct od_finding *f;

		in = run_case(cases[i].name);
		f = fixture_find(in, cases[i].id);
		assert_non_null(f);
		fixture_proof(f, cases[i].text);
		assert_int_equal(in->reports[0]->nfindings, 1);
		od_input_destroy(in);
	}
	in = run_case("lab-talloc-plain-segv");
	assert_int_equal(in->nreports, 1);
	assert_int_equal(in->reports[0]->nfindings, 0);
	od_input_destroy(in);
}

/* --- made by hand ------------------------------------------------------------------- */

#define SEGV "Program received signal SIGSEGV, Segmentation fault.\n"
#define FREE(n, tc, p, loc)                                                                        \
	"#" n "  0x00007f1000001010 in _tc_free_internal (tc=" tc                                  \
	", location=0x7f1000009000 \"" loc                                                         \
	"\") at talloc.c:1\n        d = 0x400100 <conn_destructor>\n        ptr = " p "\n"

/* An argument handed down from frame to frame is no second owner. */
static void test_passed_down(void **state)
{
	struct od_input *in = fixture_run_text(
		SEGV "#0  0x0000000000400100 in conn_destructor (c=0x611000000060) at a.c:1\nNo "
		     "locals.\n" FREE("1", "0x611000000000", "0x611000000060",
				      "a.c:9") "#2  0x0000000000400200 in conn_close "
					       "(c=0x611000000060) at a.c:9\nNo locals.\n"
					       "#3  0x0000000000400300 in server "
					       "(x=0x611000000060) at a.c:20\nNo locals.\n"
					       "#4  0x0000000000400400 in main () at a.c:30\n      "
					       "  c = 0x611000000060\n");

	(void)state;
	assert_int_equal(in->nreports, 1);
	assert_int_equal(in->reports[0]->nfindings, 0);
	od_input_destroy(in);
}

/* The same with a frame between that does not know it; and one that does not show its variables. */
static void test_held_outside(void **state)
{
	static const char *const between[] = {"n=1", "n=<optimized out>"};
	char text[2048];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct od_input *in;
		const struct od_finding *f;

		snprintf(text, sizeof(text),
			 SEGV
			 "#0  0x0000000000400100 in conn_destructor (c=0x611000000060) at "
			 "a.c:1\n" FREE("1", "0x611000000000", "0x611000000060",
					"a.c:9") "#2  0x0000000000400200 in drop_all (%s) at "
						 "a.c:9\nNo locals.\n"
						 "#3  0x0000000000400300 in server "
						 "(x=0x611000000060) at a.c:20\n"
						 "#4  0x0000000000400400 in main () at a.c:30\n",
			 between[i]);
		in = fixture_run_text(text);
		f = fixture_find(in, "talloc/reentrant-teardown");
		assert_non_null(f);
		assert_int_equal(fixture_proof(f, "#3 x")->grade, i ? OD_GRADE_MEDIUM : OD_GRADE_STRONG);
		assert_int_equal(f->nreferences, 0);
		od_input_destroy(in);
	}
}

static void test_double_free(void **state)
{
	struct od_input *in = fixture_run_text(SEGV "#0  0x0000000000400100 in f () at a.c:1\n" FREE(
		"1", "0x611000000000", "0x611000000060",
		"a.c:5") "#2  0x0000000000400110 in conn_destructor (c=0x611000000060) at "
			 "a.c:5\nNo locals.\n" FREE("3", "0x611000000000", "0x611000000060",
						    "a.c:9") "#4  0x0000000000400400 in main () at "
							     "a.c:9\n");
	const struct od_finding *f = fixture_find(in, "talloc/double-free");

	(void)state;
	assert_non_null(f);
	assert_non_null(strstr(f->cause, "a.c:5"));
	od_input_destroy(in);
}

static void test_words(void **state)
{
	struct od_input *in =
		fixture_run_text("#0  0x00007f0000001000 in raise () from /lib/libc.so.6\n"
		    "#1  0x00007f0000002000 in abort () from /lib/libc.so.6\n"
		    "#2  0x00007f1000001000 in talloc_abort (reason=0x7f1000002000 "
		    "\"Type mismatch: name[../a.c:12] expected[struct conn]\") at talloc.c:1\n"
		    "#3  0x00007f1000001100 in _talloc_get_type_abort (ptr=0x611000000060, "
		    "name=0x400 \"x\") at talloc.c:2\n"
		    "#4  0x0000000000400300 in handler (p=0x611000000060) at a.c:20\n");
	const struct od_finding *f = fixture_find(in, "talloc/access-after-free");

	(void)state;
	assert_non_null(f);
	assert_int_equal(fixture_proof(f, "the object is 0x611000000060")->address, 0x611000000060);
	fixture_proof(f, "was called by #4 handler at a.c:20");
	od_input_destroy(in);
	in = fixture_run_text("#0  0x00007f0000001000 in raise () from /lib/libc.so.6\n"
		 "#1  0x00007f0000002000 in abort () from /lib/libc.so.6\n"
		 "#2  0x00007f1000001000 in tevent_abort (ev=0x611000000060, "
		 "reason=0x7f1000002000 \"tevent_timer double free\") at tevent.c:1\n"
		 "#3  0x0000000000400300 in handler () at a.c:20\n");
	assert_non_null(fixture_find(in, "tevent/double-free"));
	od_input_destroy(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samba),	     cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_lab),	     cmocka_unit_test(test_passed_down),
		cmocka_unit_test(test_held_outside), cmocka_unit_test(test_double_free),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, fixture_talloc_setup, fixture_talloc_teardown);
}
