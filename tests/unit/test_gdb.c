/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gdb's bt and bt full, whole, folded, quoted, cut; and what only looks like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/gdb.h"

struct fed {
	struct od_report *reports[16];
	unsigned n;
};

static void take(struct fed *fed, struct od_report *rep)
{
	if (!rep)
		return;
	assert_true(fed->n < 16);
	fed->reports[fed->n++] = rep;
}

/* As the text stage does it: a report is fetched after a line that was not taken. */
static void feed_n(struct fed *fed, const char *text, size_t len)
{
	struct od_gdb *gdb = od_gdb_create();
	uint32_t lineno = 0;

	fed->n = 0;
	for (const char *end = text + len, *nl; text < end; text = nl + 1) {
		struct od_record rec = { .text = text, .ts_us = OD_TS_NONE };
		char *copy;

		nl = memchr(text, '\n', (size_t)(end - text));
		if (!nl)
			nl = end;
		rec.len = (uint32_t)(nl - text);
		/* A copy of its own, so that reading past the end is seen. */
		copy = od_malloc(rec.len);
		memcpy(copy, text, rec.len);
		rec.text = copy;
		rec.lineno = rec.lineno_last = ++lineno;
		if (!od_gdb_feed(gdb, &rec))
			take(fed, od_gdb_done(gdb, false));
		free(copy);
	}
	take(fed, od_gdb_done(gdb, true));
	assert_null(od_gdb_done(gdb, true));
	od_gdb_destroy(gdb);
}

static void release(struct fed *fed)
{
	for (unsigned i = 0; i < fed->n; i++)
		od_report_destroy(fed->reports[i]);
	fed->n = 0;
}

/* The one report that the text gives. */
static struct od_report *one(struct fed *fed, const char *text)
{
	feed_n(fed, text, strlen(text));
	assert_int_equal(fed->n, 1);
	return fed->reports[0];
}

static void none(const char *text)
{
	struct fed fed;

	feed_n(&fed, text, strlen(text));
	assert_int_equal(fed.n, 0);
}

static const struct od_var *var(const struct od_frame *f, const char *name)
{
	for (uint32_t i = 0; i < f->nvars; i++)
		if (!strcmp(f->vars[i].name, name))
			return &f->vars[i];
	fail_msg("no variable %s", name);
	return NULL;
}

static void check_value(const struct od_frame *f, const char *name, const char *value)
{
	assert_string_equal(var(f, name)->value, value);
}

static bool noted(const struct od_report *rep, const char *text)
{
	for (uint32_t i = 0; i < rep->nnotes; i++)
		if (strstr(rep->notes[i].text, text))
			return true;
	return false;
}

/* --- forms of heads ---------------------------------------------------------------- */

static void test_forms(void **state)
{
	struct fed fed;
	const struct od_frame *f;
	struct od_report *rep = one(&fed,
		"#0  0x00007f0000001000 in f1 (a=1, b=0x20 \"x)y\", c=...) at ../dir/a b.c:93\n"
		"#1  f2 (n=-5) at x.c:7\n"
		"#2  0x00007f0000003000 in f3 () from /usr/lib/libfoo.so.2\n"
		"#3  0x00007f0000004000 in ?? () from /lib/libbar.so\n"
		"#4  0x00007f0000005000 in ?? ()\n"
		"#5  <signal handler called>\n"
		"#6  0x00007f0000006000 in f6 ()\n"
		"#7  main () at m.c:1\n");
	struct od_stack *h;

	(void)state;
	assert_int_equal(rep->nstacks, 2);
	h = &rep->stacks[1];
	assert_string_equal(h->name, "signal handler");
	assert_int_equal(h->nframes, 6);
	f = h->frames;
	assert_string_equal(f[0].symbol, "f1");
	assert_string_equal(f[0].file, "../dir/a b.c");
	assert_int_equal(f[0].line, 93);
	assert_int_equal(f[0].nvars, 3);
	check_value(&f[0], "b", "0x20 \"x)y\"");
	assert_int_equal(var(&f[0], "b")->number, 0x20);
	assert_false(var(&f[0], "c")->has_number);
	assert_int_equal(f[1].addr, 0);
	assert_true(var(&f[1], "n")->number == (uint64_t)-5);
	assert_string_equal(f[2].module, "libfoo.so.2");
	assert_null(f[3].symbol);
	assert_string_equal(f[3].module, "libbar.so");
	assert_true(f[4].flags & OD_FRAME_NO_SYMBOLS);
	assert_true(f[5].flags & OD_FRAME_SIGNAL);
	assert_string_equal(f[5].symbol, "<signal handler called>");
	assert_string_equal(rep->stacks[0].frames[0].symbol, "f6");
	assert_true(rep->stacks[0].frames[0].flags & OD_FRAME_PC);
	assert_int_equal(rep->stacks[0].frames[1].number, 7);
	release(&fed);
}

static void test_cplusplus(void **state)
{
	struct fed fed;
	const struct od_frame *f;
	struct od_report *rep = one(&fed,
		"#0  0x1 in Foo::operator() (this=0x10, s=\"a, b=(\") at x.cc:1\n"
		"#1  0x2 in ns::f<void (int), (E)1>(std::function<void (int)> const&) (g=...) at x.cc:2\n"
		"#2  0x3 in (anonymous namespace)::h(int) const (i=<optimized out>) at x.cc:3\n"
		"#3  0x4 in Foo::{lambda(int)#1}::operator()(int) const () from libx.so\n"
		"#4  0x5 in operator<< <char> (os=..., c='\\'' <repeats 12 times>, n=1) at x.cc:4\n"
		"#5  0x6 in g (x=x@entry=3, y@entry=0x7 <sym+4>, z=5, z@entry=6) at x.cc:5\n"
		"#6  0x7 in k (e=<error reading variable: can't compute CFA (x) for this frame>, "
		"q=2) at x.cc:6\n");

	(void)state;
	f = rep->stacks[0].frames;
	assert_int_equal(rep->stacks[0].nframes, 7);
	assert_string_equal(f[0].symbol, "Foo::operator()");
	check_value(&f[0], "s", "\"a, b=(\"");
	assert_string_equal(f[1].symbol,
			    "ns::f<void (int), (E)1>(std::function<void (int)> const&)");
	assert_string_equal(f[2].symbol, "(anonymous namespace)::h(int) const");
	assert_string_equal(f[3].symbol, "Foo::{lambda(int)#1}::operator()(int) const");
	assert_string_equal(f[4].symbol, "operator<< <char>");
	check_value(&f[4], "c", "'\\'' <repeats 12 times>");
	check_value(&f[5], "x", "x@entry=3");
	assert_true(var(&f[5], "x")->has_number);
	assert_int_equal(var(&f[5], "x")->number, 3);
	check_value(&f[5], "y", "0x7 <sym+4>");
	assert_int_equal(var(&f[5], "z")->number, 5);
	assert_int_equal(f[5].nvars, 3);
	assert_int_equal(var(&f[6], "q")->number, 2);
	release(&fed);
}

static void test_locals(void **state)
{
	struct fed fed;
	const struct od_frame *f;
	struct od_report *rep = one(&fed,
		"#0  0x0000000000001000 in f (b=\"ab\", '\\000' <repeats 15 times>, \" \\000\", n=3) at x.c:1\n"
		"        s = {a = 1, b = {c = \"}\"}}\n"
		"        t = {\n"
		"          x = 1,\n"
		"          y = {\n"
		"            z = 2\n"
		"          }\n"
		"        }\n"
		"        p = (struct foo *) 0x7f00\n"
		"        d = 1.5\n"
		"        o = <optimized out>\n"
		"        c = 65 'A'\n"
		"        r = @0x7ffe: 5\n"
		"#1  0x0000000000002000 in g () at x.c:2\n"
		"No locals.\n"
		"#2  0x0000000000003000 in h () from /l.so\n"
		"No symbol table info available.\n");

	(void)state;
	f = rep->stacks[0].frames;
	check_value(&f[0], "b", "\"ab\", '\\000' <repeats 15 times>, \" \\000\"");
	assert_true(var(&f[0], "b")->is_arg);
	assert_false(var(&f[0], "t")->is_arg);
	check_value(&f[0], "t", "{x = 1, y = {z = 2}}");
	assert_int_equal(var(&f[0], "p")->number, 0x7f00);
	assert_false(var(&f[0], "d")->has_number);
	assert_false(var(&f[0], "o")->has_number);
	assert_int_equal(var(&f[0], "c")->number, 65);
	assert_int_equal(var(&f[0], "r")->number, 0x7ffe);
	assert_int_equal(var(&f[0], "r")->lineno, 13);
	assert_int_equal(f[0].lines.first, 1);
	assert_int_equal(f[0].lines.last, 13);
	assert_int_equal(f[1].lines.last, 15);
	assert_true(f[2].flags & OD_FRAME_NO_SYMBOLS);
	release(&fed);
}

/* --- folds, quotes, sessions ------------------------------------------------------- */

static void test_folded(void **state)
{
	struct fed fed;
	const struct od_frame *f;
	struct od_report *rep = one(&fed,
		"#8  0x00002b5456b10a4b in tevent_debug (ev=0x2b5462179450, level=TEVENT_DEBUG_TRACE,\n"
		"    fmt=0x2b5456b1b638 \"Destroying timer event %p\n"
		"\\\"%s\\\"\\n\") at ../lib/tevent/tevent_debug.c:93\n"
		"        d = 0x2b5456b179b7\n"
		"<tevent_common_timed_destructor>\n"
		"        a_rather_long_name_of_a_local_variable_that_was_folded =\n"
		"0x1234\n"
		"        model = 0x2b545a0f57b0\n"
		"\"standard\"\n"
		"        c = 68\n"
		"'D'\n"
		"        o = <optimized\n"
		"out>\n"
		"        z = '\\000' <repeats 15\n"
		"times>\n"
		"#9  0x00002b5456b17a0d in tevent_common_timed_destructor (te=0x2b5460e90ef0)\n"
		"    at ../lib/tevent/tevent_timed.c:140\n"
		"#10 0x00002b5456b47b5a in a_function_with_a_long_name_that_was_folded\n"
		"(tc=0x1) at\n"
		"../lib/talloc/talloc.c:1055\n"
		"#11 0x00002b5456b47b5b in\n"
		"last () from\n"
		"/usr/lib/libz.so.1\n");

	(void)state;
	f = rep->stacks[0].frames;
	assert_int_equal(rep->stacks[0].nframes, 4);
	check_value(&f[0], "fmt", "0x2b5456b1b638 \"Destroying timer event %p \\\"%s\\\"\\n\"");
	assert_int_equal(f[0].line, 93);
	check_value(&f[0], "d", "0x2b5456b179b7 <tevent_common_timed_destructor>");
	check_value(&f[0], "model", "0x2b545a0f57b0 \"standard\"");
	check_value(&f[0], "c", "68 'D'");
	check_value(&f[0], "o", "<optimized out>");
	check_value(&f[0], "z", "'\\000' <repeats 15 times>");
	assert_int_equal(f[0].nvars, 9);
	assert_string_equal(f[1].file, "../lib/tevent/tevent_timed.c");
	assert_int_equal(f[2].line, 1055);
	assert_string_equal(f[3].symbol, "last");
	assert_string_equal(f[3].module, "libz.so.1");
	assert_true(noted(rep, "innermost frames are missing"));
	release(&fed);
}

static void test_session(void **state)
{
	struct fed fed;
	struct od_report *rep = one(&fed,
		"Reading symbols from ./prog...\n"
		"[New LWP 4242]\n"
		"Core was generated by `./prog --x'.\n"
		"Program terminated with signal SIGSEGV, Segmentation fault.\n"
		"#0  0x0000000000401136 in crash (p=0x0) at t.c:3\n"
		"3\t\t*p = 1;\n"
		"[Current thread is 2 (Thread 0x7ffff7d8a740 (LWP 4242))]\n"
		"(gdb) thread apply all bt\n"
		"\n"
		"Thread 1 (Thread 0x7ffff7d8a741 (LWP 4241) \"main prog\"):\n"
		"#0  0x00007ffff7e5f3c4 in wait () from /lib/libc.so.6\n"
		"#1  0x0000000000401170 in main () at t.c:9\n"
		"\n"
		"Thread 2 (Thread 0x7ffff7d8a740 (LWP 4242) \"worker\"):\n"
		"#0  0x0000000000401136 in crash (p=0x0) at t.c:3\n"
		"#1  0x0000000000401150 in thread (arg=0x0) at t.c:6\n"
		"Backtrace stopped: previous frame identical to this frame (corrupt stack?)\n"
		"(gdb) (gdb) quit\n");

	(void)state;
	assert_int_equal(rep->kind, OD_KIND_USER_CRASH);
	assert_string_equal(rep->subkind, "sigsegv");
	assert_string_equal(rep->subject,
			    "Program terminated with signal SIGSEGV, Segmentation fault.");
	assert_int_equal(rep->nstacks, 2);
	assert_string_equal(rep->stacks[0].name, "thread 2");
	assert_int_equal(rep->stacks[0].nframes, 2);
	assert_string_equal(rep->stacks[1].name, "thread 1");
	assert_string_equal(rep->comm, "worker");
	assert_int_equal(rep->pid, 4242);
	assert_string_equal(od_report_detail(rep, "program")->string, "./prog --x");
	assert_int_equal(od_report_detail(rep, "signal")->number, 11);
	assert_int_equal(od_report_detail(rep, "threads")->number, 2);
	assert_int_equal(rep->ndetails, 4);
	assert_string_equal(rep->details[0].key, "signal");
	assert_string_equal(rep->details[1].key, "signal_name");
	assert_string_equal(rep->details[2].key, "program");
	assert_non_null(strstr(rep->truncated, "corrupt stack?"));
	release(&fed);
}

static void test_threads_named_by_signal(void **state)
{
	struct fed fed;
	struct od_report *rep = one(&fed,
		"Thread 3 \"io worker\" received signal SIGBUS, Bus error.\n"
		"[Switching to Thread 0x7f01 (LWP 9)]\n"
		"Thread 1 (LWP 7):\n"
		"#0  0x0000000000001000 in a () from /l.so\n"
		"Thread 3 (LWP 9):\n"
		"#0  0x0000000000001000 in a () from /l.so\n");

	(void)state;
	assert_int_equal(rep->nstacks, 2);
	assert_string_equal(rep->stacks[0].name, "thread 3");
	assert_string_equal(rep->subkind, "sigbus");
	release(&fed);
	/* gdb before 7.12 says only this. */
	rep = one(&fed,
		"Program received signal SIGBUS, Bus error.\n"
		"[Switching to Thread 0x7f02 (LWP 12)]\n"
		"Thread 1 (Thread 0x7f01 (LWP 11)):\n"
		"#0  0x0000000000001000 in poll () from /l.so\n"
		"Thread 2 (Thread 0x7f02 (LWP 12)):\n"
		"#0  0x0000000000002000 in g () at l.c:1\n");
	assert_string_equal(rep->stacks[0].name, "thread 2");
	release(&fed);
}

/* --- what follows a backtrace ---------------------------------------------------------- */

/* Code in a mail is indented like locals. */
static void test_after(void **state)
{
	struct fed fed;
	struct od_report *rep = one(&fed,
		"#0  0x0000000000001000 in f (a=1) at l.c:1\n"
		"        x = 1\n"
		"\n"
		"        y = 2\n"
		"\n"
		"Hope this helps. The patch:\n"
		"\n"
		"        ret = 0;\n"
		"\n"
		"        y = 3\n");

	(void)state;
	assert_int_equal(rep->stacks[0].frames[0].nvars, 3);
	assert_int_equal(rep->lines.last, 4);
	release(&fed);
	rep = one(&fed, "#0  0x0000000000001000 in f () at l.c:1\n"
			"No locals.\n"
			"\n"
			"        ret = 0;\n");
	assert_int_equal(rep->stacks[0].frames[0].nvars, 0);
	assert_int_equal(rep->lines.last, 2);
	release(&fed);
}

/* What gdb said belongs to the frames that follow soon; to none that follow late. */
static void test_remembered(void **state)
{
	(void)state;
	for (int foreign = 40; foreign <= 60; foreign += 20) {
		char text[4096] = "Program terminated with signal SIGSEGV, Segmentation fault.\n";
		struct od_report *rep;
		struct fed fed;

		/* Blank lines between them do not count, either way. */
		for (int i = 0; i < foreign; i++)
			strcat(text, i % 3 ? "something else\n" : "\nsomething else\n");
		strcat(text, "#0  0x0000000000001000 in f () at l.c:1\n");
		rep = one(&fed, text);
		if (foreign == 40)
			assert_string_equal(rep->subkind, "sigsegv");
		else
			assert_null(rep->subkind);
		release(&fed);
	}
}

static bool feed_one(struct od_gdb *gdb, const char *text, uint32_t lineno, bool kernel)
{
	struct od_record rec = { .text = text, .len = (uint32_t)strlen(text), .lineno = lineno,
				 .lineno_last = lineno, .ts_us = kernel ? 5 : OD_TS_NONE,
				 .flags = kernel ? OD_REC_KERNEL : 0 };

	return od_gdb_feed(gdb, &rec);
}

/* However open a bracket is, the lines of the kernel are left to others. */
static void test_kernel_between(void **state)
{
	struct od_gdb *gdb = od_gdb_create();
	struct od_report *rep;

	(void)state;
	assert_true(feed_one(gdb, "#0  0x0000000000001000 in f (a={1,", 1, false));
	assert_false(feed_one(gdb, "BUG: unable to handle page fault", 2, true));
	assert_false(feed_one(gdb, "warning: process `x' did it", 3, true));
	assert_false(feed_one(gdb, "        foo = bar", 4, true));
	assert_true(od_gdb_busy(gdb));
	assert_true(feed_one(gdb, "2}) at x.c:1", 5, false));
	for (uint32_t i = 6; i < 80; i++)
		assert_false(feed_one(gdb, "eth0: link is up", i, true));
	assert_false(od_gdb_busy(gdb));
	rep = od_gdb_done(gdb, false);
	assert_non_null(rep);
	check_value(&rep->stacks[0].frames[0], "a", "{1, 2}");
	assert_int_equal(rep->lines.last, 5);
	assert_int_equal(rep->nrecords, 2);
	od_report_destroy(rep);
	od_gdb_destroy(gdb);
}

static void test_abort(void **state)
{
	struct fed fed;
	struct od_report *rep = one(&fed,
		"#0  __pthread_kill_implementation (threadid=1, signo=6) at ./nptl/pthread_kill.c:44\n"
		"#1  0x00007f0000001000 in raise () from /lib/libc.so.6\n"
		"#2  0x00007f0000002000 in abort () from /lib/libc.so.6\n"
		"#3  0x0000000000401136 in main () at t.c:3\n");

	(void)state;
	assert_int_equal(rep->kind, OD_KIND_USER_ABORT);
	assert_string_equal(rep->subkind, "sigabrt");
	release(&fed);
	/* The handler of another signal ended in abort(). */
	rep = one(&fed,
		"Program terminated with signal SIGABRT, Aborted.\n"
		"#0  0x00007f0000001000 in raise () from /lib/libc.so.6\n"
		"#1  0x00007f0000002000 in fault (signum=11) at f.c:1\n"
		"#2  <signal handler called>\n"
		"#3  0x0000000000401136 in main () at t.c:3\n");
	assert_int_equal(rep->kind, OD_KIND_USER_CRASH);
	assert_string_equal(rep->subkind, "sigsegv");
	assert_string_equal(rep->subject, "signal 11 handled by fault");
	assert_true(noted(rep, "SIGABRT"));
	release(&fed);
}

/* What a sent signal interrupted is not to blame, nor if a library has names only for what it exports. */
static void test_sent(void **state)
{
	static const char *const interrupted[] = {
		"__pthread_kill_implementation () from /lib/libc.so.6", "?? () from /lib/libc.so.6",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct fed fed;
		char text[1024];
		struct od_report *rep;

		/* In a function without a name of another library anything may have gone wrong. */
		snprintf(text, sizeof(text),
			 "Program terminated with signal SIGSEGV, Segmentation fault.\n"
			 "#0  0x0000000000401146 in touch (p=0x0) at t.c:3\n"
			 "#1  0x0000000000401156 in on () at t.c:4\n"
			 "#2  <signal handler called>\n"
			 "#3  0x00007f0000001000 in %s\n"
			 "#4  0x00007f0000002000 in raise () from /lib/libc.so.6\n"
			 "#5  0x0000000000401136 in main () at t.c:5\n",
			 i < 2 ? interrupted[i] : "?? () from /lib/libother.so.1");
		rep = one(&fed, text);
		assert_string_equal(rep->stacks[0].frames[0].symbol ? rep->stacks[0].frames[0].symbol : "none",
				    i < 2 ? "touch" : "none");
		release(&fed);
	}
}

static void test_copies(void **state)
{
	static const char bt[] =
		"#5  0x0000000000001000 in sig (sig=11) at f.c:1\n"
		"#6  <signal handler called>\n"
		"#7  0x0000000000003000 in f () at f.c:3\n"
		"        x = 1\n"
		"#8  0x0000000000004000 in g () at f.c:4\n";
	struct fed fed;
	char text[2048];
	struct od_report *rep;

	(void)state;
	snprintf(text, sizeof(text), "%s\n%s", bt, bt);
	rep = one(&fed, text);
	assert_int_equal(rep->nstacks, 2);
	assert_int_equal(rep->stacks[0].nframes, 2);
	assert_true(noted(rep, "repeat a backtrace"));
	release(&fed);
	/* Prose between them: two reports, and the second is not lost. */
	snprintf(text, sizeof(text), "%s\nAnd again:\n%s", bt, bt);
	feed_n(&fed, text, strlen(text));
	assert_int_equal(fed.n, 2);
	assert_int_equal(fed.reports[1]->stacks[0].nframes, 2);
	assert_int_equal(fed.reports[1]->lines.first, 8);
	release(&fed);
	/* A comment inside: the next number goes on. */
	rep = one(&fed, "#0  0x0000000000001000 in f () at f.c:3\n\nThis one is odd:\n\n"
			"#1  0x0000000000004000 in g () at f.c:4\n");
	assert_int_equal(rep->stacks[0].nframes, 2);
	release(&fed);
}

static void test_no_backtrace(void **state)
{
	(void)state;
	none("#1 issue is that main (see below) fails\n#2 issue\n");
	none("#1 fix (a=b) and more\n");
	none("#define FOO (1)\n#include <stdio.h>\n#1  main ()\n");
	none("Program terminated with signal SIGSEGV, Segmentation fault.\nthat is all\n");
	/* sanitizers, PHP, systemd */
	none("    #0 0x4f5d2f in main /tmp/x.c:3:5\n    #1 0x7f3c in f (/lib/libc.so.6+0x2d0a)\n");
	none("#0 0x00007f3c2a1b6e1f in __interceptor_free_with_a_name (/usr/lib/libasan.so.5+0x10)\n");
	none("#0 /var/www/index.php(12): Foo->bar()\n#1 {main}\n");
	none("#0  0x00007f3c2a1b6e1f raise (libc.so.6 + 0x3c)\n");
	none(" #0 [ffff88001234] schedule at ffffffff81234567\n");
}

/* --- the Samba crash, whole and cut at every byte ------------------------------------ */

static char *read_case(const char *name, size_t *len)
{
	const char *dir = getenv("srcdir");
	char path[512];
	char *text = od_malloc(1 << 20);
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/corpus/%s/input", dir ? dir : ".", name);
	f = fopen(path, "rb");
	assert_non_null(f);
	*len = fread(text, 1, 1 << 20, f);
	fclose(f);
	return text;
}

static void test_samba(void **state)
{
	size_t len;
	char *text = read_case("samba-talloc", &len);
	const struct od_frame *f;
	struct od_report *rep;
	struct fed fed;

	(void)state;
	feed_n(&fed, text, len);
	assert_int_equal(fed.n, 1);
	rep = fed.reports[0];
	assert_int_equal(rep->nstacks, 2);
	assert_string_equal(rep->subject, "signal 11 handled by sig_fault");
	assert_string_equal(rep->stacks[0].name, "thread 1");
	assert_int_equal(rep->stacks[0].nframes, 62);
	assert_int_equal(rep->stacks[1].nframes, 2);
	f = rep->stacks[0].frames;
	assert_int_equal(f[0].number, 7);
	assert_int_equal(f[0].addr, 0x2b5460b9e960);
	assert_true(f[0].flags & OD_FRAME_PC);
	assert_int_equal(f[3].nvars, 5);
	check_value(&f[3], "d", "0x2b5456b179b7 <tevent_common_timed_destructor>");
	assert_int_equal(f[50 - 7].nvars, 5 + 11);
	assert_int_equal(f[61].number, 68);
	assert_int_equal(rep->nnotes, 0);
	release(&fed);
	free(text);
}

static void check_shape(const struct od_report *rep)
{
	assert_true(rep->nstacks > 0 && rep->nstacks <= OD_MAX_STACKS);
	for (uint32_t s = 0; s < rep->nstacks; s++) {
		const struct od_stack *stack = &rep->stacks[s];
		uint32_t last = 0;

		assert_true(stack->nframes > 0 && stack->nframes <= OD_MAX_FRAMES);
		for (uint32_t i = 0; i < stack->nframes; i++) {
			const struct od_frame *f = &stack->frames[i];

			assert_true(f->lines.first > last && f->lines.first <= f->lines.last);
			assert_true(f->nvars <= OD_MAX_VARS);
			assert_true(!i || f->number > f[-1].number);
			for (uint32_t v = 0; v < f->nvars; v++)
				assert_true(f->vars[v].name && f->vars[v].value);
			last = f->lines.last;
		}
		assert_true(stack->lines.first <= stack->lines.last);
		assert_true(rep->lines.first <= stack->lines.first);
		assert_true(rep->lines.last >= stack->lines.last);
	}
}

static void test_every_prefix(void **state)
{
	size_t len;
	char *text = read_case("samba-talloc", &len);
	struct fed fed;

	(void)state;
	for (size_t n = 0; n <= len; n++) {
		feed_n(&fed, text, n);
		for (unsigned i = 0; i < fed.n; i++)
			check_shape(fed.reports[i]);
		release(&fed);
	}
	free(text);
}

/* Folded by a mailer at any width, it says the same. */
static void test_refolded(void **state)
{
	size_t len;
	char *text = read_case("samba-talloc", &len);
	char *out = od_malloc(2 * len);

	(void)state;
	for (unsigned width = 40; width < 120; width++) {
		const struct od_frame *f;
		struct fed fed;
		size_t n = 0, column = 0;

		for (size_t i = 0; i < len; i++) {
			size_t word = 1;

			while (i + word < len && text[i + word] != ' ' && text[i + word] != '\n')
				word++;
			if (text[i] == ' ' && column > 12 && column + word > width) {
				out[n++] = '\n';
				column = 0;
				continue;
			}
			out[n++] = text[i];
			column = text[i] == '\n' ? 0 : column + 1;
		}
		feed_n(&fed, out, n);
		assert_int_equal(fed.n, 1);
		check_shape(fed.reports[0]);
		f = fed.reports[0]->stacks[0].frames;
		assert_int_equal(fed.reports[0]->stacks[0].nframes, 62);
		for (unsigned i = 1; i < 62; i++)
			assert_true(f[i].line && f[i].file);
		assert_int_equal(f[1].nvars, 4);
		check_value(&f[1], "ap", "{{gp_offset = 24, fp_offset = 48, overflow_arg_area = "
					 "0x7ffc371c4ef0, reg_save_area = 0x7ffc371c4e30}}");
		check_value(&f[3], "d", "0x2b5456b179b7 <tevent_common_timed_destructor>");
		assert_int_equal(f[60].nvars, 17);
		release(&fed);
	}
	free(out);
	free(text);
}

static void test_limits(void **state)
{
	const size_t size = 1 << 20;
	char *text = od_malloc(size);
	struct od_report *rep;
	struct fed fed;
	size_t len = 0;

	(void)state;
	for (unsigned i = 0; i < OD_MAX_FRAMES + 10; i++)
		len += (size_t)snprintf(text + len, size - len,
					"#%-3u 0x%016x in f () at x.c:1\n", i, i + 1);
	rep = one(&fed, text);
	assert_int_equal(rep->stacks[0].nframes, OD_MAX_FRAMES);
	check_shape(rep);
	release(&fed);
	for (unsigned i = len = 0; i < OD_MAX_STACKS + 10; i++)
		len += (size_t)snprintf(text + len, size - len,
					"Thread %u (LWP %u):\n#0  0x%016x in f () at x.c:1\n",
					i + 1, i + 1, i + 1);
	rep = one(&fed, text);
	assert_int_equal(rep->nstacks, OD_MAX_STACKS);
	check_shape(rep);
	release(&fed);
	/* No room to cut the handler off: then its frame #0 is not taken for the fault. */
	for (unsigned i = len = 0; i < OD_MAX_STACKS + 10; i++)
		len += (size_t)snprintf(text + len, size - len,
					"Thread %u (LWP %u):\n#0  0x%016x in h (sig=11) at x.c:1\n"
					"#1  <signal handler called>\n#2  0x%016x in f () at x.c:1\n",
					i + 1, i + 1, i + 1, i + 5000);
	rep = one(&fed, text);
	assert_int_equal(rep->nstacks, OD_MAX_STACKS);
	assert_null(od_report_pc(rep));
	assert_string_equal(rep->subkind, "sigsegv");
	check_shape(rep);
	release(&fed);
	/* Prose behind an open bracket is not all of the mail. */
	len = (size_t)snprintf(text, size, "#0  0x0000000000001000 in f (a={1,\n");
	for (unsigned i = 0; i < 1000; i++)
		len += (size_t)snprintf(text + len, size - len, "word\n");
	rep = one(&fed, text);
	assert_true(rep->lines.last <= 300);
	release(&fed);
	/* A value that never closes takes no more than its share. */
	len = (size_t)snprintf(text, size, "#0  0x0000000000001000 in f () at x.c:1\n        s = {\n");
	for (unsigned i = 0; i < OD_MAX_REPAIR_LINES + 100; i++)
		len += (size_t)snprintf(text + len, size - len, "            junk %u,\n", i);
	rep = one(&fed, text);
	assert_true(noted(rep, "do not close"));
	release(&fed);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_cplusplus),
		cmocka_unit_test(test_locals),
		cmocka_unit_test(test_folded),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_threads_named_by_signal),
		cmocka_unit_test(test_after),
		cmocka_unit_test(test_remembered),
		cmocka_unit_test(test_kernel_between),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_sent),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_no_backtrace),
		cmocka_unit_test(test_samba),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_refolded),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
