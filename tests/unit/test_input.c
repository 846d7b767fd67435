/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prefilter and the reader of lines against versions that are too simple to be wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "input/lines.h"
#include "input/prefilter-internal.h"

static uint32_t seed = 1;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)(seed ^ seed >> 15) * n) >> 32);
}

/* --- literals ------------------------------------------------------------------- */

static bool words = true;

static const char *naive_scan(const char *const *lits, const char *s, size_t len, size_t from)
{
	for (size_t i = from; i < len; i++) {
		for (const char *const *l = lits; *l; l++) {
			size_t n = strlen(*l);

			if (n >= 2 && n <= OD_MAX_LITERAL && len - i >= n && !memcmp(s + i, *l, n) &&
			    (!words || !i || !od_is_alnum(**l) || !od_is_alnum(s[i - 1])))
				return s + i;
		}
	}
	return NULL;
}

/* Every hit of a text, on every level, from the exact bytes: a sanitizer sees what is read beyond. */
static void compare(const char *const *lits, const char *text, size_t len)
{
	const char *const *lists[] = { lits };
	struct od_prefilter *pf = od_prefilter_create(lists, 1, words);
	const enum od_scan_level best = pf->level;
	char *s = od_malloc(len + 1);

	memcpy(s, text, len);
	s = od_realloc(s, len ? len : 1);
	for (size_t from = 0; from <= len;) {
		const char *want = naive_scan(lits, s, len, from);

		for (unsigned level = 0; level <= best; level++) {
			pf->level = (enum od_scan_level)level;
			assert_ptr_equal(od_prefilter_scan(pf, s, len, from), want);
		}
		from = want ? (size_t)(want - s) + 1 : len + 1;
	}
	od_prefilter_destroy(pf);
	free(s);
}

static void random_text(char *s, size_t len, const char *alphabet)
{
	for (size_t i = 0; i < len; i++)
		s[i] = alphabet[rnd((uint32_t)strlen(alphabet))];
}

static void test_scan_random(void **state)
{
	static const char *const alphabets[] = { "ab", "aB: [", "abcdefgh []:+#0x\n", "\xe2\x80\xa6z" };
	const char *lits[65];
	char store[64][24], text[700];

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		const char *alphabet = alphabets[round % 4];
		unsigned n = 1 + rnd(round % 3 ? 8 : 64);
		size_t len = rnd(round % 2 ? sizeof(text) : 100);

		for (unsigned i = 0; i < n; i++) {
			unsigned l = 1 + rnd(round % 4 == 0 ? 20 : 8);

			random_text(store[i], l, alphabet);
			store[i][l] = '\0';
			lits[i] = store[i];
		}
		lits[n] = NULL;
		random_text(text, len, alphabet);
		words = round % 5;
		compare(lits, text, len);
	}
	words = true;
}

/* Each literal alone at every place of a text, so at every alignment and border of a block. */
static void test_scan_places(void **state)
{
	static const char *const lits[] = { " [#", "BUG: ", "+0x", "Linux version ", "ab",
					    "terminated with signal ", "\xc3\xa4" "x", NULL };
	char text[170];

	(void)state;
	for (const char *const *l = lits; *l; l++) {
		for (size_t at = 0; at + strlen(*l) <= sizeof(text); at++) {
			memset(text, '.', sizeof(text));
			memcpy(text + at, *l, strlen(*l));
			compare(lits, text, sizeof(text));
			compare(lits, text, at + strlen(*l));
			compare(lits, text, at + strlen(*l) - 1);
			if (at)
				text[at - 1] = 'D';
			compare(lits, text, sizeof(text));
		}
	}
}

/* As many as can be, with windows that all look alike. */
static void test_scan_many(void **state)
{
	const char *lits[OD_MAX_LITERALS + 1];
	char store[OD_MAX_LITERALS][16], text[4000];

	(void)state;
	for (unsigned i = 0; i < OD_MAX_LITERALS; i++) {
		snprintf(store[i], sizeof(store[i]), "w%c%u: e%u", (char)('a' + i % 26), i * 7, i);
		lits[i] = store[i];
	}
	lits[OD_MAX_LITERALS] = NULL;
	for (unsigned round = 0; round < 5; round++) {
		random_text(text, sizeof(text), "wab0123456789: e");
		for (unsigned i = 0; i < 50; i++) {
			const char *l = lits[rnd(OD_MAX_LITERALS)];

			memcpy(text + rnd(sizeof(text) - 16), l, strlen(l));
		}
		compare(lits, text, sizeof(text));
	}
}

static void test_newlines(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 400; round++) {
		size_t len = round < 200 ? round : rnd(40000), want = 0;
		char *s = od_malloc(len + 1);

		random_text(s, len, round % 3 ? "\n\x0b\t\x8a" : "\n");
		for (size_t i = 0; i < len; i++)
			want += s[i] == '\n';
		s = od_realloc(s, len ? len : 1);
		for (unsigned level = 0; level <= od_scan_best(); level++)
			assert_int_equal(od_scan_newlines((enum od_scan_level)level, s, len), want);
		free(s);
	}
}

/* --- which lines are handed on ------------------------------------------------------ */

struct trace {
	struct od_buf out;    /* "number:text|", and "~" for a gap */
	unsigned busy_for;    /* lines after an "OPEN" for which everything is wanted */
	unsigned busy;
};

static void on_line(void *ctx, const struct od_line *line)
{
	struct trace *t = ctx;

	od_buf_printf(&t->out, "%u:", line->lineno);
	od_buf_add(&t->out, line->text, line->len < 12 ? line->len : 12);
	od_buf_addch(&t->out, line->cut ? '/' : '|');
	if (t->busy)
		t->busy--;
	if (od_find(line->text, line->len, "OPEN"))
		t->busy = t->busy_for;
}

static void on_gap(void *ctx)
{
	od_buf_addch(&((struct trace *)ctx)->out, '~');
}

static bool on_busy(void *ctx)
{
	return ((struct trace *)ctx)->busy;
}

/* Read text through a pipe whose writer gives `chunk` bytes at a time, 0: as a file. */
static uint32_t read_text(const char *text, size_t len, size_t chunk, const struct od_prefilter *pf,
			  struct trace *t)
{
	static const uint64_t never;
	const struct od_lines_ops ops = { .line = on_line, .gap = on_gap, .busy = on_busy, .ctx = t };
	struct od_lines_result res;
	FILE *file = NULL;
	int fds[2] = { -1, -1 };
	pid_t pid = -1;

	if (!chunk) {
		file = tmpfile();
		assert_non_null(file);
		assert_int_equal(fwrite(text, 1, len, file), len);
		rewind(file);
		fds[0] = fileno(file);
	} else {
		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (!pid) {
			close(fds[0]);
			for (size_t i = 0; i < len; i += chunk)
				if (write(fds[1], text + i, len - i < chunk ? len - i : chunk) < 0)
					break;
			_exit(0);
		}
		close(fds[1]);
	}
	od_lines_read(fds[0], pf, &never, &ops, &res);
	assert_int_equal(res.end, OD_LINES_EOF);
	assert_int_equal(res.bytes, len);
	if (file)
		fclose(file);
	else
		close(fds[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return res.lines;
}

/* A log of about a megabyte with a few places of interest. */
static void make_log(struct od_buf *log, unsigned round)
{
	const unsigned lines = 3000 + rnd(9000);

	for (unsigned i = 0; i < lines; i++) {
		unsigned width = rnd(100) ? rnd(150) : rnd(3000), what = rnd(2500);

		if (round % 4 == 3 && !rnd(1500))
			width = 60000 + rnd(200000);
		od_buf_printf(log, "line %u ", i);
		od_buf_fill(log, "abcdefg."[i % 8], width);
		od_buf_addstr(log, what == 0 ? "OPEN" : what < 3 ? " HIT" : what < 6 ? "xHIT" : "");
		od_buf_addch(log, '\n');
	}
	if (round % 2)
		od_buf_addstr(log, "the last HIT without its newline");
}

/* The same lines whatever the pieces in which the input comes; each literal with what is around it. */
static void test_lines_and_chunks(void **state)
{
	static const size_t chunks[] = { 65536, 4096, 30011 };
	static const char *const lits[] = { "HIT", "OPEN", NULL };
	const char *const *lists[] = { lits };
	struct od_prefilter *pf = od_prefilter_create(lists, 1, words);

	(void)state;
	for (unsigned round = 0; round < 12; round++) {
		struct trace want = { .busy_for = rnd(2000) };
		struct od_buf log = OD_BUF_INIT;
		uint32_t lines, lineno = 1;

		make_log(&log, round);
		lines = read_text(log.data, log.len, 0, pf, &want);
		for (size_t i = 0; i < sizeof(chunks) / sizeof(*chunks); i++) {
			struct trace got = { .busy_for = want.busy_for };

			assert_int_equal(read_text(log.data, log.len, chunks[i], pf, &got), lines);
			assert_string_equal(od_buf_str(&got.out), od_buf_str(&want.out));
			od_buf_deinit(&got.out);
		}
		for (const char *p = log.data, *nl; (nl = strchr(p, '\n')); p = nl + 1, lineno++) {
			char head[64];

			if (nl - p > 60000 || !naive_scan(lits, p, (size_t)(nl - p), 0))
				continue;
			snprintf(head, sizeof(head), "%u:%.12s", lineno, p);
			assert_non_null(strstr(want.out.data, head));
		}
		assert_int_equal(lines, lineno - 1 + round % 2);
		od_buf_deinit(&log);
		od_buf_deinit(&want.out);
	}
	od_prefilter_destroy(pf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan_random),
		cmocka_unit_test(test_scan_places),
		cmocka_unit_test(test_scan_many),
		cmocka_unit_test(test_newlines),
		cmocka_unit_test(test_lines_and_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
