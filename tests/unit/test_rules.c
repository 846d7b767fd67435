/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules: versions, wildcards, literals, complaints, and that looking rules up finds what going through them does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/rule-find.h"
#include "analyze/rule-regex.h"
#include "analyze/rule-version.h"
#include "analyze/rule-wildcard.h"
#include "analyze/rule-write.h"
#include "analyze/rules.h"

static void test_wildcard(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool fits;
	} rows[] = {
		{ "kfree", "kfree", true },    { "kfree", "kfree_skb", false }, { "kfree*", "kfree_skb", true },
		{ "*free*", "xprt_free", true }, { "k?ree", "kfree", true },	 { "k?ree", "kree", false },
		{ "", "", true },	       { "", "x", false },		 { "*", "", true },
		{ "a*b*c", "axxbyybzc", true }, { "a*b*c", "axxbyybz", false }, { "***", "x", true },
		{ "?", "", false },	       { "*?", "x", true },		 { "*.el8*", "4.18.0-372.el8.x86_64", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(od_wildcard(rows[i].pattern, rows[i].text), rows[i].fits);
}

static void test_literal(void **state)
{
	static const struct {
		const char *pattern, *literal;
	} rows[] = {
		{ "NVRM: Xid", "NVRM: Xid" },
		{ "a\\.b\\[c\\]", "a.b[c]" },
		{ "ab+cdef", "cdef" },
		{ "abc?def", "def" },
		{ "abcd*ef", "abc" },
		{ "abc{0,2}defg", "defg" },
		{ "abc{2}defg", "defg" },
		{ "foo (?<dev>\\S+): timed out", ": timed out" },
		{ "^usb .*disconnect$", "disconnect" },
		{ "one|other", "" },
		{ "(one|two) three", " three" },
		{ "(?i)three", "" },
		{ "a(b(?i)c)d", "" },
		{ "[abc]defg[]x]hi", "defg" },
		{ "[[:digit:]]abc", "abc" },
		{ "\\Qa|b\\E", "" },
		{ "\\x41bc", "" },
		{ "\\d+ errors", " errors" },
		{ "(abc)?xyz", "xyz" },
		{ "(*UTF)abc", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char literal[OD_RULE_PATTERN + 1];
		size_t len = od_rule_literal(rows[i].pattern, strlen(rows[i].pattern), literal, sizeof(literal));

		assert_string_equal(literal, rows[i].literal);
		assert_int_equal(len, strlen(rows[i].literal));
	}
}

static void test_release(void **state)
{
	static const char ubuntu[] = "5.15.0-91-generic (buildd@x) (gcc) #101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023 "
				     "(Ubuntu 5.15.0-91.101-generic 5.15.131)";
	static const struct {
		const char *release, *said;
		enum od_version_base base;
		unsigned a, b, c;
	} rows[] = {
		{ "6.1.0-50-cloud-amd64", NULL, OD_BASE_BRANCH, 6, 1, 0 },
		{ "6.1.0-50-cloud-amd64", "Comm: x Not tainted 6.1.0-50-cloud-amd64 #1  Debian 6.1.176-1", OD_BASE_STABLE,
		  6, 1, 176 },
		{ "6.1.0-0.deb11.7-amd64", NULL, OD_BASE_BRANCH, 6, 1, 0 },
		{ "5.10.0-0.bpo.4-rt-amd64", NULL, OD_BASE_BRANCH, 5, 10, 0 },
		{ "6.12.43+deb13-amd64", NULL, OD_BASE_STABLE, 6, 12, 43 },
		/* What is said is of another kernel. */
		{ "6.1.0-50-amd64", "gcc for Debian 12.2.0-14, Debian 5.10.1-1", OD_BASE_BRANCH, 6, 1, 0 },
		{ "5.15.0-91-generic", NULL, OD_BASE_BRANCH, 5, 15, 0 },
		{ "5.15.0-91-generic", ubuntu, OD_BASE_STABLE, 5, 15, 131 },
		{ "5.15.12-051512-generic", NULL, OD_BASE_STABLE, 5, 15, 12 },
		{ "6.5.0-1014-aws", NULL, OD_BASE_BRANCH, 6, 5, 0 },
		{ "3.10.0-1062.9.1.el7.x86_64", NULL, OD_BASE_VENDOR, 3, 10, 0 },
		{ "4.18.0-372.el8", NULL, OD_BASE_VENDOR, 4, 18, 0 },
		{ "5.14.0-427.13.1.el9_4.x86_64", NULL, OD_BASE_VENDOR, 5, 14, 0 },
		{ "6.12.0-55.9.1.el10_0.x86_64", NULL, OD_BASE_VENDOR, 6, 12, 0 },
		{ "2.6.32.el6", NULL, OD_BASE_VENDOR, 2, 6, 32 },
		{ "5.4.17-2136.300.7.el8uek.x86_64", NULL, OD_BASE_VENDOR, 5, 4, 17 },
		{ "5.4.123-1.el7.elrepo.x86_64", NULL, OD_BASE_STABLE, 5, 4, 123 },
		{ "6.5.6-300.fc39.x86_64", NULL, OD_BASE_STABLE, 6, 5, 6 },
		{ "5.14.21-150400.24.46-default", NULL, OD_BASE_VENDOR, 5, 14, 21 },
		{ "4.12.14-122.37-default", NULL, OD_BASE_VENDOR, 4, 12, 14 },
		{ "6.4.6-1-default", NULL, OD_BASE_STABLE, 6, 4, 6 },
		{ "6.6.8-arch1-1", NULL, OD_BASE_STABLE, 6, 6, 8 },
		{ "5.15.108-1-pve", NULL, OD_BASE_STABLE, 5, 15, 108 },
		{ "6.2.0-rc5-00123-gabcdef012345", NULL, OD_BASE_MAINLINE, 6, 2, 0 },
		{ "5.16.0-11615-gfac54e2bfb5b", NULL, OD_BASE_MAINLINE, 5, 16, 0 },
		{ "6.3.0+", NULL, OD_BASE_MAINLINE, 6, 3, 0 },
		{ "6.3.0", NULL, OD_BASE_STABLE, 6, 3, 0 },
		{ "5.10.159-20950-g3963226d9eb4", NULL, OD_BASE_STABLE, 5, 10, 159 },
		{ "6.1", NULL, OD_BASE_STABLE, 6, 1, 0 },
		{ "custom", NULL, OD_BASE_NONE, 0, 0, 0 },
		{ "7", NULL, OD_BASE_NONE, 7, 0, 0 },
		{ "99999999999999999999.1", NULL, OD_BASE_NONE, 0, 0, 0 },
		{ "", NULL, OD_BASE_NONE, 0, 0, 0 },
		{ NULL, NULL, OD_BASE_NONE, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct od_kernel_version v;

		od_kernel_version(rows[i].release, rows[i].said, &v);
		if (v.base != rows[i].base || v.v.a != rows[i].a || v.v.b != rows[i].b || v.v.c != rows[i].c)
			fail_msg("%s: base %d, %u.%u.%u", rows[i].release, v.base, v.v.a, v.v.b, v.v.c);
	}
}

static void test_release_order(void **state)
{
	(void)state;
	assert_true(od_release_cmp("4.18.0-305.el8.x86_64", "4.18.0-372") < 0);
	assert_true(od_release_cmp("4.18.0-372.el8.x86_64", "4.18.0-372") == 0);
	assert_true(od_release_cmp("4.18.0-372.el8.x86_64", "4.18.0-372.9.1") < 0);
	assert_true(od_release_cmp("4.18.0-372.9.1.el8.x86_64", "4.18.0-372.9.1") == 0);
	assert_true(od_release_cmp("4.18.0-1000.el8", "4.18.0-372.9.1") > 0);
	assert_true(od_release_cmp("5.15.0-101-generic", "5.15.0-91") > 0);
	assert_true(od_release_cmp("x", "1") < 0);
}

/* --- rules out of YAML ------------------------------------------------------------------------ */

#define RULE(when, affected)                                                                       \
	"rules:\n- id: a/b\n  title: t\n  severity: high\n  confidence: 80\n  when:\n" when affected \
	"  cause: c\n  advice: a\n  fix: {commit: '0123456789ab', subject: s}\n"                    \
	"  samples: {match: [{from: f, text: x}]}\n"

/* The block of a text; the caller frees it. Complaints to errors. */
static uint32_t *compile(const char *text, struct od_buf *errors, struct od_rule_set *set)
{
	struct od_rule_writer *w = od_rule_writer_create();
	struct od_lint lint = { "f", errors, 0 };
	struct od_arena arena;
	struct od_yaml *root;
	uint32_t *block;
	size_t n;

	od_arena_init(&arena);
	root = od_yaml_read(&arena, text, strlen(text), &lint);
	if (root)
		od_rule_read(w, root, &lint);
	od_arena_deinit(&arena);
	od_rule_index(w);
	block = od_rule_finish(w, &n);
	assert_true(od_rule_set_init(set, block, n));
	assert_false(od_rule_set_init(set, block, n - 1));
	assert_true(od_rule_set_init(set, block, n));
	od_rule_writer_destroy(w);
	return block;
}

static void test_affected(void **state)
{
	static const char text[] = RULE("  - pc: f\n",
		"  affected:\n    since: '5.3'\n    fixed: '5.16'\n    stable: ['5.15.12', '5.10.88']\n"
		"    stable-since: ['4.19.50']\n    distributions:\n"
		"    - {match: '*.el8*', fixed: '4.18.0-372'}\n    - {match: '*-gcp', unaffected: true}\n");
	static const struct {
		const char *release, *said;
		enum od_affected answer;
	} rows[] = {
		{ "5.2.0", NULL, OD_NOT_AFFECTED },	    { "5.3.0", NULL, OD_IS_AFFECTED },
		{ "5.10.87", NULL, OD_IS_AFFECTED },	    { "5.10.88", NULL, OD_NOT_AFFECTED },
		{ "5.15.11", NULL, OD_IS_AFFECTED },	    { "5.15.200", NULL, OD_NOT_AFFECTED },
		{ "5.14.21", NULL, OD_IS_AFFECTED },	    { "5.16.0", NULL, OD_NOT_AFFECTED },
		{ "6.12.3", NULL, OD_NOT_AFFECTED },	    { "5.16.0-rc3", NULL, OD_MAYBE_AFFECTED },
		{ "5.15.0-11615-gfac54e2bfb5b", NULL, OD_MAYBE_AFFECTED },
		{ "5.3.0-rc1", NULL, OD_MAYBE_AFFECTED },   { "5.2.0-500-g0123456789ab", NULL, OD_MAYBE_AFFECTED },
		{ "4.19.40", NULL, OD_NOT_AFFECTED },	    { "4.19.60", NULL, OD_IS_AFFECTED },
		{ "4.18.0-305.el8.x86_64", NULL, OD_IS_AFFECTED },
		{ "4.18.0-372.el8.x86_64", NULL, OD_NOT_AFFECTED },
		{ "5.14.0-70.el9.x86_64", NULL, OD_MAYBE_AFFECTED },
		{ "3.10.0-1160.el7.x86_64", NULL, OD_MAYBE_AFFECTED },
		{ "6.12.0-55.el10.x86_64", NULL, OD_NOT_AFFECTED },
		{ "5.15.0-1051-gcp", NULL, OD_NOT_AFFECTED },
		{ "5.15.0-25-generic", NULL, OD_MAYBE_AFFECTED },
		{ "5.4.0-100-generic", NULL, OD_IS_AFFECTED },
		{ "5.10.0-9-amd64", "x Debian 5.10.70-1", OD_IS_AFFECTED },
		{ "5.10.0-12-amd64", "x Debian 5.10.103-1", OD_NOT_AFFECTED },
		{ "none", NULL, OD_MAYBE_AFFECTED },	    { NULL, NULL, OD_MAYBE_AFFECTED },
	};
	struct od_buf errors = OD_BUF_INIT;
	struct od_rule_set set;
	uint32_t *block = compile(text, &errors, &set);

	(void)state;
	assert_string_equal(od_buf_str(&errors), "");
	assert_int_equal(set.nrules, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct od_buf why = OD_BUF_INIT;
		enum od_affected answer = od_rule_affects(&set, &set.rules[0], rows[i].release, rows[i].said, &why);

		if (answer != rows[i].answer || !why.len)
			fail_msg("%s: %d: %s", rows[i].release, answer, od_buf_str(&why));
		od_buf_deinit(&why);
	}
	free(block);
	od_buf_deinit(&errors);
}

/* Each complaint begins with its place, and there is no other. */
static void test_complaints(void **state)
{
	static const struct {
		const char *text, *complaint;
	} rows[] = {
		{ "rules: [a", "f:2:1: no YAML" },
		{ "x: 1\n", "f:1:1: a file of rules has one key" },
		{ "rules:\n- &a x\n", "f:2:3: anchors are not taken" },
		{ "rules:\n- *a\n", "f:2:3: aliases are not taken" },
		{ "rules:\n- !!str x\n", "f:2:3: tags are not taken" },
		{ "rules: []\n---\nrules: []\n", "f:3:1: a second document" },
		{ "rules:\n- {id: a, id: b}\n", "f:2:11: the key 'id' stands there twice" },
		{ "rules:\n- ? [a]\n  : b\n", "f:2:5: a key is a plain word" },
		{ RULE("  - pcc: f\n", ""), "f:7:5: no condition is named 'pcc'" },
		{ RULE("  - pc: f\n", "  affect: {}\n"), "f:8:3: no key of a rule: 'affect'" },
		{ RULE("  - kind: page-fualt\n  - pc: f\n", ""), "f:7:11: no kind is named" },
		{ RULE("  - kind: gpf\n", ""), "f:7:3: nothing here tells" },
		{ RULE("  - pc: 'f [m'\n", ""), "f:7:9: a name of a function" },
		{ RULE("  - pc: []\n", ""), "f:7:9: a function is needed" },
		{ RULE("  - register: {name: rdi, value: 12x}\n", ""), "f:7:34: '12x' is no number" },
		{ RULE("  - register: {name: rdi, region: moon}\n", ""), "f:7:35: no region" },
		{ RULE("  - taint: oe\n", ""), "f:7:12: letters of taint" },
		{ RULE("  - context: 'a.*b'\n", ""), "f:7:14: 'context' needs" },
		{ RULE("  - pc: f\n", "  affected: {since: '5.16', fixed: '5.3'}\n"), "f:8:13: 'since' is not before" },
		{ RULE("  - pc: f\n", "  affected: {stable: ['5.15']}\n"), "f:8:23: '5.15' is no version" },
		{ RULE("  - pc: f\n", "  affected: {fixed: abc}\n"), "f:8:21: 'abc' is no version" },
		{ "rules:\n- id: a/b\n  title: '${dev}'\n", "f:3:10: no capture is named 'dev'" },
		{ "rules:\n- id: AB\n", "f:2:7: an id is family/what" },
		{ "rules:\n- severity: bad\n", "f:2:13: 'bad' is not info" },
		{ "rules:\n- confidence: 101\n", "f:2:15: '101' is not a number" },
		{ "rules:\n- fix: {commit: xyz, subject: s}\n", "f:2:17: a commit is" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct od_buf errors = OD_BUF_INIT;
		struct od_rule_set set;

		free(compile(rows[i].text, &errors, &set));
		if (!strstr(od_buf_str(&errors), rows[i].complaint))
			fail_msg("%s: %s, not %s", rows[i].text, od_buf_str(&errors), rows[i].complaint);
		assert_int_equal(set.nrules, 0);
		od_buf_deinit(&errors);
	}
}

static void test_regex(void **state)
{
	struct od_buf why = OD_BUF_INIT;
	char line[4096];
	struct od_regex *re;
	size_t start, end;

	(void)state;
	if (!od_regex_prepare())
		skip();
	assert_null(od_regex_compile("(", &why));
	assert_true(why.len > 0);
	assert_null(od_regex_compile("(?C", NULL));
	assert_null(od_regex_compile("(*UTF)x", NULL));
	re = od_regex_compile("timeout on (?<dev>\\w+)( .*)?$", &why);
	assert_non_null(re);
	assert_int_equal(od_regex_match(re, "x", 1), OD_REGEX_NO);
	assert_int_equal(od_regex_match(re, "a timeout on sda", 16), OD_REGEX_YES);
	assert_true(od_regex_capture(re, "dev", &start, &end));
	assert_int_equal(start, 13);
	assert_int_equal(end, 16);
	assert_false(od_regex_capture(re, "other", &start, &end));
	od_regex_free(re);
	/* Backtracking without end ends. */
	re = od_regex_compile("(a+)+[bc]", &why);
	memset(line, 'a', sizeof(line));
	assert_int_equal(od_regex_match(re, line, sizeof(line)), OD_REGEX_LIMIT);
	od_regex_free(re);
	od_buf_deinit(&why);
}

/* --- looking up -------------------------------------------------------------------------------- */

enum { MANY = 600 };

/* Rules of every form by which they are found; the number is in the name. */
static void many_rules(struct od_buf *text)
{
	static const char *const forms[] = {
		"  - pc: func_%u\n",
		"  - guilty: 'wild_%u_* [mod]'\n  - kind: [gpf, kasan]\n",
		"  - frames: [schedule, 'inner_%u [m%u]', outer]\n",
		"  - text: 'device number %u stopped'\n",
		"  - module: mod%u\n",
		"  - any:\n    - pc: one_%u\n    - text: 'or that line %u'\n",
		"  - all:\n    - {kind: gpf}\n    - frames: ['*_tail_%u']\n",
		"  - not: {kind: warning}\n  - text: 'no %u'\n",
		"  - pc: 'x* [lonely%u]'\n",
	};

	od_buf_addstr(text, "rules:\n");
	for (unsigned i = 0; i < MANY; i++) {
		od_buf_printf(text, "- id: a/n%u\n  title: t\n  severity: high\n  confidence: 80\n  when:\n", i);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		od_buf_printf(text, forms[i % (sizeof(forms) / sizeof(*forms))], i, i);
#pragma GCC diagnostic pop
		od_buf_addstr(text, "  cause: c\n  advice: a\n  fix: {commit: '0123456789ab', subject: s}\n"
				    "  samples: {match: [{from: f, text: x}]}\n");
	}
}

static void add_frame(struct od_report *rep, const char *module, const char *fmt, unsigned i)
{
	struct od_frame *f = od_stack_add_frame(rep, &rep->stacks[0]);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	f->symbol = f->function = od_arena_printf(&rep->arena, fmt, i);
#pragma GCC diagnostic pop
	f->module = module;
	if (rep->stacks[0].nframes == 1)
		f->flags |= OD_FRAME_PC;
}

static void add_line(struct od_report *rep, const char *fmt, unsigned i)
{
	struct od_record rec = { .ts_us = OD_TS_NONE, .lineno = 1 };
	char text[128];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	rec.len = (uint32_t)snprintf(text, sizeof(text), fmt, i);
#pragma GCC diagnostic pop
	rec.text = text;
	od_report_add_record(rep, &rec);
}

/* A report that meets a few rules, by what i says. */
static struct od_report *make_report(unsigned i)
{
	static const char *const frames[] = { "func_%u", "wild_%u_more", "inner_%u", "one_%u", "some_tail_%u", "x_%u" };
	struct od_report *rep = od_report_create();

	rep->kind = i % 3 ? OD_KIND_GPF : OD_KIND_WARNING;
	od_report_add_stack(rep, "task");
	add_frame(rep, i % 2 ? od_arena_printf(&rep->arena, "lonely%u", i) : NULL, frames[i % 6], i);
	add_frame(rep, NULL, "schedule", 0);
	add_frame(rep, od_arena_printf(&rep->arena, i % 5 ? "m%u" : "mod", i), frames[(i + 2) % 6], i);
	add_frame(rep, NULL, "outer", 0);
	rep->guilty_stack = 0;
	rep->guilty_frame = 2;
	rep->guilty_function = rep->stacks[0].frames[2].function;
	rep->guilty_module = rep->stacks[0].frames[2].module;
	add_line(rep, "padding of %u bytes", i);
	/* At every distance from the places that are looked at. */
	add_line(rep, &"xxxxthe device number %u stopped"[i % 7], i);
	add_line(rep, &"   or that line %u, no more"[i % 4], i + 1);
	add_line(rep, "no %u", i);
	if (i % 4 == 0)
		od_report_add_module(rep, "mod4", 4);
	return rep;
}

static unsigned count_holding(const struct od_rule_set *set, struct od_input *in, struct od_report *rep)
{
	struct od_rule_view view;
	unsigned n = 0;

	od_rule_view_init(&view, in, rep);
	for (uint32_t i = 0; i < set->nrules; i++) {
		struct od_rule_eval e;

		od_rule_eval_init(&e, set, &view, NULL);
		n += od_rule_holds(&e, &set->conds[set->rules[i].when]);
	}
	od_rule_view_deinit(&view);
	return n;
}

static void test_lookup(void **state)
{
	struct od_buf text = OD_BUF_INIT, errors = OD_BUF_INIT;
	const struct od_rule_set *sets;
	unsigned sum = 0;

	(void)state;
	many_rules(&text);
	od_rules_no_builtin();
	assert_true(od_rules_add("many.yaml", text.data, text.len, &errors));
	assert_true(od_rules_ready(&errors));
	assert_int_equal(od_rule_sets(&sets), 1);
	assert_int_equal(sets->nrules, MANY);
	for (unsigned i = 0; i < 2 * MANY; i++) {
		struct od_input *in = od_input_create("-");
		struct od_report *rep = make_report(i);
		unsigned holding;

		od_input_add_report(in, rep);
		holding = count_holding(sets, in, rep);
		od_rules_run(in, 0, 1);
		if (rep->nfindings != holding)
			fail_msg("report %u: %u findings, %u rules hold", i, rep->nfindings, holding);
		sum += holding;
		od_input_destroy(in);
	}
	/* Each form was met. */
	assert_true(sum > MANY / 2);
	od_buf_deinit(&text);
	od_buf_deinit(&errors);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_wildcard),
		cmocka_unit_test(test_literal),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_release_order),
	};
	const struct CMUnitTest yaml[] = {
		cmocka_unit_test(test_affected),
		cmocka_unit_test(test_complaints),
		cmocka_unit_test(test_regex),
		cmocka_unit_test(test_lookup),
	};
	int failed = cmocka_run_group_tests(all, NULL, NULL);

	/* Without libyaml there are no rules to look at. */
	return od_yaml_built() ? failed + cmocka_run_group_tests(yaml, NULL, NULL) : failed;
}
