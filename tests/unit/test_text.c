/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text path below the whole program: prefixes, quotes, repair, reading lines. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "input/lines.h"
#include "input/prefilter.h"
#include "input/probe.h"
#include "model/limits.h"
#include "model/record.h"
#include "symbols/demangle.h"
#include "text/prefix.h"
#include "text/repair.h"

#define NONE OD_TS_NONE
#define T(n) (OD_CALLER_THREAD | (n))
#define C(n) (OD_CALLER_CPU | (n))

static const struct {
	const char *line, *text;
	uint64_t ts;
	uint32_t caller;
	int level; /* -1: none */
	int flags;
	const char *host;
} prefixes[] = {
	{ "[    1.234567] text", "text", 1234567, 0, -1, OD_REC_KERNEL, NULL },
	{ "[12345.000001]  [<ff>] f", " [<ff>] f", 12345000001, 0, -1, OD_REC_KERNEL, NULL },
	{ "[   12.345678 ] text", "text", 12345678, 0, -1, OD_REC_KERNEL, NULL },
	{ "[    1.234567][ T1234] text", "text", 1234567, T(1234), -1, OD_REC_KERNEL, NULL },
	{ "[    1.234567][    C0] text", "text", 1234567, C(0), -1, OD_REC_KERNEL, NULL },
	{ "[    1.234567][    T0] text", "text", 1234567, T(0), -1, OD_REC_KERNEL, NULL },
	{ "[    1.234567 <    0.000012>] text", "text", 1234567, 0, -1, OD_REC_KERNEL, NULL },
	{ "[    1.234567,0] text", "text", 1234567, 0, -1, OD_REC_KERNEL, NULL },
	{ "[    1.234567] [4:  kworker/4:1:  123] text", "text", 1234567, 0, -1, OD_REC_KERNEL, NULL },
	{ "<4>[    1.234567] text", "text", 1234567, 0, 4, OD_REC_KERNEL, NULL },
	{ "<12>text", "text", NONE, 0, 4, 0, NULL },
	{ "<90> 48 8b", "<90> 48 8b", NONE, 0, -1, 0, NULL },
	{ "[Fri Nov 21 03:52:00 2025] text", "text", NONE, 0, -1, OD_REC_KERNEL, NULL },
	{ "[Nov21 03:52] text", "text", NONE, 0, -1, 0, NULL },
	{ "[  +0.000012] text", "text", NONE, 0, -1, OD_REC_KERNEL, NULL },
	{ "[<    0.000001>] text", "text", NONE, 0, -1, OD_REC_KERNEL, NULL },
	{ "Nov 21 03:52:00 box kernel: text", "text", NONE, 0, -1, OD_REC_KERNEL, "box" },
	{ "Nov  1 03:52:00 box kernel: [    1.234567] text", "text", 1234567, 0, -1, OD_REC_KERNEL, "box" },
	{ "Nov  1 03:52:00 box kernel:[    1.234567] text", "text", 1234567, 0, -1, OD_REC_KERNEL, "box" },
	{ "vas. 19 03:52:00 box kernel: text", "text", NONE, 0, -1, OD_REC_KERNEL, "box" },
	{ "listop. 9 03:52:00 box kernel: [    1.234567] text", "text", 1234567, 0, -1, OD_REC_KERNEL, "box" },
	{ "about. 19 03:52:00 box sshd: text", "about. 19 03:52:00 box sshd: text", NONE, 0, -1, 0, NULL },
	{ "[ T1234] text", "text", NONE, T(1234), -1, 0, NULL },
	{ "[T1] text", "[T1] text", NONE, 0, -1, 0, NULL },
	{ "Nov 21 03:52:00 box sshd[12]: text", "text", NONE, 0, -1, OD_REC_FOREIGN, "box" },
	{ "Nov 21 03:52:00 box systemd: text", "text", NONE, 0, -1, OD_REC_FOREIGN, "box" },
	{ "2025-11-21T03:52:00.123456+01:00 box kernel: text", "text", NONE, 0, -1, OD_REC_KERNEL, "box" },
	{ "2025-11-21T03:52:00Z [    1.234567] text", "text", 1234567, 0, -1, OD_REC_KERNEL, NULL },
	{ "2025-11-21T03:52:00Z BUG: unable", "BUG: unable", NONE, 0, -1, 0, NULL },
	{ "[2025-11-21T03:52:00.123] text", "text", NONE, 0, -1, 0, NULL },
	{ "[    1.234567] box kernel: text", "text", 1234567, 0, -1, OD_REC_KERNEL, "box" },
	{ "[    1.234567] invalid opcode: 0000 [#1] SMP", "invalid opcode: 0000 [#1] SMP", 1234567, 0, -1, OD_REC_KERNEL, NULL },
	{ "6,1234,5678901,-;text", "text", 5678901, 0, 6, OD_REC_KERNEL, NULL },
	{ "4,1234,5678901,-,caller=T12;text", "text", 5678901, T(12), 4, OD_REC_KERNEL, NULL },
	{ "kern  :warn  : [    1.234567] text", "text", 1234567, 0, 4, OD_REC_KERNEL, NULL },
	{ "kern.err kernel: text", "text", NONE, 0, 3, OD_REC_KERNEL, NULL },
	{ "03:52:00.123 [    1.234567] text", "text", 1234567, 0, -1, OD_REC_KERNEL, NULL },
	{ "<4>1 2025-11-21T03:52:00Z box kernel - - - text", "text", NONE, 0, 4, OD_REC_KERNEL, "box" },
	{ "    [    1.234567] text", "text", 1234567, 0, -1, OD_REC_KERNEL, NULL },
	{ "** 12 printk messages dropped ** [    1.234567] text", "text", 1234567, 0, -1, OD_REC_KERNEL, NULL },
	{ "    plain text", "    plain text", NONE, 0, -1, 0, NULL },
	{ "[<ffffffff81>] f+0x1/0x2", "[<ffffffff81>] f+0x1/0x2", NONE, 0, -1, 0, NULL },
	{ "22:23:31:481644 tid[142943]", "22:23:31:481644 tid[142943]", NONE, 0, -1, 0, NULL },
	{ "kernel BUG at mm/slub.c:3772!", "kernel BUG at mm/slub.c:3772!", NONE, 0, -1, 0, NULL },
	{ "", "", NONE, 0, -1, 0, NULL },
};

static void test_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		struct od_prefix p;

		od_prefix_parse(prefixes[i].line, strlen(prefixes[i].line), &p);
		print_message("%s\n", prefixes[i].line);
		assert_string_equal(prefixes[i].line + p.len, prefixes[i].text);
		assert_true(p.ts_us == prefixes[i].ts);
		assert_int_equal(p.caller, prefixes[i].caller);
		assert_int_equal(p.level, prefixes[i].level < 0 ? OD_LEVEL_NONE : prefixes[i].level);
		assert_int_equal(p.flags, prefixes[i].flags);
		if (prefixes[i].host) {
			assert_int_equal(p.host_len, strlen(prefixes[i].host));
			assert_memory_equal(p.host, prefixes[i].host, p.host_len);
		} else {
			assert_null(p.host);
		}
	}
}

/* Every cut of every line, exactly sized: nothing reads beyond its end. */
static void test_prefixes_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		for (size_t n = 0; n <= strlen(prefixes[i].line); n++) {
			char *copy = malloc(n ? n : 1);
			struct od_prefix p;
			struct od_quote q;

			memcpy(copy, prefixes[i].line, n);
			od_prefix_parse(copy, n, &p);
			assert_true(p.len <= n);
			od_quote_parse(copy, n, &q);
			assert_true(q.len <= n);
			free(copy);
		}
	}
}

static void test_quotes(void **state)
{
	static const struct {
		const char *line, *text;
		int depth;
	} rows[] = {
		{ "> text", "text", 1 },
		{ ">text", "text", 1 },
		{ ">>>> text", "text", 4 },
		{ "> > >> text", "text", 4 },
		{ "> >   indented", "  indented", 2 },
		{ ">", "", 1 },
		{ "text > more", "text > more", 0 },
		{ ">ffff88801234abcd: 00 00 fb fb", ">ffff88801234abcd: 00 00 fb fb", 0 },
		{ "| [    1.000000] text", "[    1.000000] text", 1 },
		{ "|| \\\\UTGERS", "|| \\\\UTGERS", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct od_quote q;

		od_quote_parse(rows[i].line, strlen(rows[i].line), &q);
		assert_string_equal(rows[i].line + q.len, rows[i].text);
		assert_int_equal(q.depth, rows[i].depth);
	}
}

/* --- repair ---------------------------------------------------------------------- */

struct seen {
	struct od_buf text; /* records, one a line; repaired ones with their time */
	unsigned notes;
};

static void on_record(void *ctx, const struct od_record *rec)
{
	struct seen *seen = ctx;

	if (rec->flags & OD_REC_REPAIRED) {
		if (rec->ts_us != OD_TS_NONE)
			od_buf_printf(&seen->text, "[%5llu.%06llu] ",
				      (unsigned long long)rec->ts_us / 1000000,
				      (unsigned long long)rec->ts_us % 1000000);
		od_buf_add(&seen->text, rec->text, rec->len);
	} else {
		od_buf_add(&seen->text, rec->raw, rec->raw_len);
	}
	od_buf_addch(&seen->text, '\n');
}

static void on_note(void *ctx, uint32_t lineno, const char *text)
{
	struct seen *seen = ctx;

	(void)lineno;
	(void)text;
	seen->notes++;
}

static void mend(const char *text, struct seen *seen)
{
	const struct od_repair_ops ops = { on_record, on_note, seen };
	struct od_repair *r = od_repair_create(&ops);
	uint32_t lineno = 0;

	*seen = (struct seen){ 0 };
	while (*text) {
		const char *nl = strchr(text, '\n');
		size_t len = nl ? (size_t)(nl - text) : strlen(text);
		struct od_line line = { text, (uint32_t)len, ++lineno, false };

		od_repair_line(r, &line);
		text += len + (nl != NULL);
	}
	od_repair_flush(r);
	od_repair_destroy(r);
}

static char *read_file(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];
	char *text = calloc(1, 1 << 20);
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", srcdir ? srcdir : ".", name);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return text;
}

/* Runs of blanks become one. */
static void squeeze(char *s)
{
	char *out = s;

	for (; *s; s++)
		if (*s != ' ' || out[-1] != ' ')
			*out++ = *s;
	*out = '\0';
}

static void test_repair_mail(void **state)
{
	char *mail = read_file("tests/corpus/gpfs-slub-mail/input");
	char *want = read_file("tests/corpus/gpfs-slub-repaired/input");
	struct seen seen;
	char *start;

	(void)state;
	mend(mail, &seen);
	start = strstr(seen.text.data, "[  156.733477]");
	assert_non_null(start);
	squeeze(start);
	squeeze(want);
	/* 55 records, and after them what else the mail holds. */
	assert_memory_equal(start, want, strlen(want));
	free(mail);
	free(want);
	od_buf_deinit(&seen.text);
}

/* Text that nobody damaged comes out as it went in. */
static void test_repair_leaves_alone(void **state)
{
	static const char *const texts[] = {
		"[    1.000000] a line\n[    1.000001] another\n\n[    1.000002] after a blank one\n",
		"[    1.000000] a line of some length that is the longest of them all here\n"
		"a line of a program on the console\n[    1.000001] another\nshort\n",
		"prose that goes on\nover several lines, and mentions [    1.000000] no\n",
		"Nov 21 03:52:00 box kernel: a\nNov 21 03:52:00 box sshd[1]: b\n",
		"Call Trace:\n f+0x1/0x2\n g+0x1/0x2\n ? h+0x1/0x2\n\nmore text\n",
		"[    1.000000] Modules linked in: a b c\n[    1.000001] CPU: 0 PID: 1 Comm: x\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct seen seen;

		mend(texts[i], &seen);
		if (i != 2)
			assert_string_equal(seen.text.data, texts[i]);
		od_buf_deinit(&seen.text);
	}
	for (unsigned i = 0; i < 2; i++) {
		char *text = read_file(i ? "tests/corpus/lab-null-deref/input" :
					   "tests/corpus/gpfs-slub-repaired/input");
		struct seen seen;

		mend(text, &seen);
		assert_string_equal(seen.text.data, text);
		free(text);
		od_buf_deinit(&seen.text);
	}
}

static void test_repair_cases(void **state)
{
	static const struct {
		const char *what, *in, *out;
	} rows[] = {
		{ "a prompt before a time", "box login: [    1.000000] BUG: x\n",
		  "box login:\n[    1.000000] BUG: x\n" },
		{ "soft fold at 60",
		  "[    1.000000] Modules linked in: alpha beta gamma delta eps\n"
		  "zeta eta theta\n"
		  "[    1.000001] CPU: 0 PID: 1 Comm: x Not tainted 6.1.0-1 #1 xyz\n",
		  "[    1.000000] Modules linked in: alpha beta gamma delta eps zeta eta theta\n"
		  "[    1.000001] CPU: 0 PID: 1 Comm: x Not tainted 6.1.0-1 #1 xyz\n" },
		{ "size below offset: the fold cut the size",
		  "[    1.000000] [<ffffffffc0b6cf40>] ?  _Z8gpfsLinkP13gp+0x6c0/0x6\n"
		  "c0\n[    1.000001] [<ffffffffc0b6cf40>] ? d_alloc+0x60/0x70\n",
		  "[    1.000000] [<ffffffffc0b6cf40>] ?  _Z8gpfsLinkP13gp+0x6c0/0x6c0\n"
		  "[    1.000001] [<ffffffffc0b6cf40>] ? d_alloc+0x60/0x70\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct seen seen;

		mend(rows[i].in, &seen);
		print_message("%s\n", rows[i].what);
		assert_string_equal(seen.text.data, rows[i].out);
		od_buf_deinit(&seen.text);
	}
}

/* --- reading lines ---------------------------------------------------------------- */

struct counted {
	unsigned lines, gaps, cut;
	uint32_t last;
	size_t longest;
	char keep[64];
};

static void count_line(void *ctx, const struct od_line *line)
{
	struct counted *c = ctx;

	assert_true(line->lineno > c->last);
	c->last = line->lineno;
	c->lines++;
	c->cut += line->cut;
	if (line->len > c->longest)
		c->longest = line->len;
	if (line->len < sizeof(c->keep) && line->len) {
		memcpy(c->keep, line->text, line->len);
		c->keep[line->len] = '\0';
	}
}

static void count_gap(void *ctx)
{
	((struct counted *)ctx)->gaps++;
}

static bool not_busy(void *ctx)
{
	(void)ctx;
	return false;
}

static void read_text(const char *text, size_t len, const struct od_prefilter *pf,
		      struct counted *c, struct od_lines_result *res)
{
	const struct od_lines_ops ops = { .line = count_line, .gap = count_gap, .busy = not_busy, .ctx = c };
	const volatile uint64_t forever = 0;
	FILE *f = tmpfile();

	*c = (struct counted){ 0 };
	assert_int_equal(fwrite(text, 1, len, f), len);
	rewind(f);
	od_lines_read(fileno(f), pf, &forever, &ops, res);
	fclose(f);
}

static void test_lines(void **state)
{
	const size_t len = 3 << 20;
	char *text = malloc(len);
	struct od_lines_result res;
	struct counted c;

	(void)state;
	read_text("a\nb\0c\r\nlast", 11, NULL, &c, &res);
	assert_int_equal(c.lines, 3);
	assert_int_equal(res.lines, 3);
	assert_string_equal(c.keep, "last");
	read_text("", 0, NULL, &c, &res);
	assert_int_equal(res.lines, 0);
	read_text("\n\n", 2, NULL, &c, &res);
	assert_int_equal(res.lines, 2);

	/* One line of 3 MiB and one after it: cut once, counted once. */
	memset(text, 'x', len);
	memcpy(text + len - 5, "\nend\n", 5);
	read_text(text, len, NULL, &c, &res);
	assert_int_equal(c.lines, 2);
	assert_int_equal(c.cut, 1);
	assert_int_equal(c.longest, OD_MAX_LINE);
	assert_int_equal(res.lines, 2);
	assert_string_equal(c.keep, "end");
	free(text);
}

/* Lines that the prefilter leaves out are counted; a marker is found wherever it lies. */
static void test_prefilter(void **state)
{
	static const char *const markers[] = { "BUG: ", "kernel BUG at ", NULL };
	const char *const *lists[] = { markers };
	struct od_prefilter *pf = od_prefilter_create(lists, 1, true);
	const size_t len = 2 << 20;
	char *text = malloc(len);
	static const size_t places[] = { 0, 1, 262140, 262143, 262144, 262145, 524288, 2097100 };

	(void)state;
	assert_null(od_prefilter_scan(pf, "a DEBUG: line\n", 14, 0));
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct od_lines_result res;
		struct counted c;
		size_t at = places[i];

		for (size_t k = 0; k < len; k++)
			text[k] = k % 64 == 63 ? '\n' : '.';
		memcpy(text + at, "BUG: x\n", 7);
		read_text(text, len, pf, &c, &res);
		assert_true(c.lines > 0 && c.lines < 7000);
		assert_int_equal(res.lines, od_count_newlines(text, len) + (text[len - 1] != '\n'));
	}
	free(text);
	od_prefilter_destroy(pf);
}

static void test_probe(void **state)
{
	static const char logged[] = "text\t\r\n\0\0\0\0 more \303\244";
	char noise[4096];
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)((seed = seed * 1664525 + 1013904223) >> 24);
	assert_true(od_probe_binary(noise, sizeof(noise)));
	assert_false(od_probe_binary(logged, sizeof(logged) - 1));
	assert_non_null(od_probe_magic("\x89PNG\r\n\x1a\n....", 12));
	assert_null(od_probe_magic("[    0.0", 8));
}

/* --- names ------------------------------------------------------------------------- */

static void test_names(void **state)
{
	static const struct {
		const char *name, *base, *suffix;
	} rows[] = {
		{ "foo.isra.0", "foo", ".isra.0" },
		{ "foo.constprop.0.isra.1", "foo", ".constprop.0.isra.1" },
		{ "foo.cold", "foo", ".cold" },
		{ "foo.llvm.1234", "foo", ".llvm.1234" },
		{ "__pfx_foo.part.0", "foo", ".part.0" },
		{ "foo.bar", "foo.bar", "" },
		{ "_ZN3fooEv.cold", "_ZN3fooEv", ".cold" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct od_name_parts p;

		od_name_split(rows[i].name, strlen(rows[i].name), &p);
		assert_int_equal(p.base_len, strlen(rows[i].base));
		assert_memory_equal(p.base, rows[i].base, p.base_len);
		assert_string_equal(p.base + p.base_len, rows[i].suffix);
	}
}

static void test_demangle(void **state)
{
	static const char *const rows[][2] = {
		{ "_Z17newInodeInitLinuxP15KernelOperationP13gpfsVfsData_tPP8OpenFilePPvPP10gpfsNode_tP7FileUIDS6_N5LkObj12LockModeEnumE",
		  "newInodeInitLinux(KernelOperation*, gpfsVfsData_t*, OpenFile**, void**, gpfsNode_t**, FileUID*, void*, LkObj::LockModeEnum)" },
		{ "_Z9gpfsMkdirP13gpfsVfsData_tP15KernelOperationP9cxiNode_tPPvPS4_PyS5_PcjjjP10ext_cred_t",
		  "gpfsMkdir(gpfsVfsData_t*, KernelOperation*, cxiNode_t*, void**, cxiNode_t**, unsigned long long*, void*, char*, unsigned int, unsigned int, unsigned int, ext_cred_t*)" },
		{ "_ZN14BaseMutexClass15releaseLockHeldEP16KernelSynchState.cold",
		  "BaseMutexClass::releaseLockHeld(KernelSynchState*)" },
		{ "_Z33gpfsIsCifsBypassTraversalCheckingv", "gpfsIsCifsBypassTraversalChecking()" },
		{ "_RNvC6_123foo3bar", "123foo::bar" },
		{ "_ZN4core3fmt9Formatter3pad17h1234567890abcdefE", "core::fmt::Formatter::pad" },
	};
	struct od_buf buf = OD_BUF_INIT;

	(void)state;
	if (!od_demangle_available())
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		od_buf_reset(&buf);
		assert_true(od_demangle(rows[i][0], strlen(rows[i][0]), &buf));
		assert_string_equal(buf.data, rows[i][1]);
	}
	assert_false(od_demangle("kfree", 5, &buf));
	assert_false(od_demangle("_Znot a name", 12, &buf));
	od_buf_deinit(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefixes),     cmocka_unit_test(test_prefixes_cut),
		cmocka_unit_test(test_quotes),	     cmocka_unit_test(test_repair_mail),
		cmocka_unit_test(test_repair_leaves_alone), cmocka_unit_test(test_repair_cases),
		cmocka_unit_test(test_lines),	     cmocka_unit_test(test_prefilter),
		cmocka_unit_test(test_probe),	     cmocka_unit_test(test_names),
		cmocka_unit_test(test_demangle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
