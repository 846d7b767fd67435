/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What front and engine say to each other, whole, cut and as nonsense; command lines too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "front/options.h"
#include "front/protocol.h"
#include "shell/command.h"
#include "shell/commands.h"

static void decode_one(const struct od_buf *buf, struct od_msg *msg)
{
	size_t used;

	for (size_t len = 0; len < buf->len; len++)
		assert_int_equal(od_msg_decode(buf->data, len, msg, &used), OD_DECODE_MORE);
	assert_int_equal(od_msg_decode(buf->data, buf->len, msg, &used), OD_DECODE_OK);
	assert_int_equal(used, buf->len);
}

static void test_run(void **state)
{
	const struct od_run run = { .format = 2, .colour = true, .stream = true, .width = 77,
				    .id_base = 12, .index = 3, .ninputs = 70000,
				    .timeout_ms = 60000, .line = "bt -a", .line_len = 5 };
	struct od_buf buf = OD_BUF_INIT;
	struct od_run got;
	struct od_msg msg;

	(void)state;
	od_run_encode(&buf, &run);
	decode_one(&buf, &msg);
	assert_int_equal(msg.type, OD_MSG_RUN);
	assert_true(od_run_decode(&msg, &got));
	assert_int_equal(got.format, 2);
	assert_true(got.colour && got.stream && !got.explain && !got.verbose);
	assert_int_equal(got.width, 77);
	assert_int_equal(got.id_base, 12);
	assert_int_equal(got.ninputs, 70000);
	assert_int_equal(got.timeout_ms, 60000);
	assert_int_equal(got.line_len, 5);
	assert_memory_equal(got.line, "bt -a", 5);
	msg.len = 10;
	assert_false(od_run_decode(&msg, &got));
	od_buf_deinit(&buf);
}

static void test_answers(void **state)
{
	const struct od_done done = { 3, OD_DONE_LOADED, 7, 4711 };
	struct od_done got;
	struct od_buf buf = OD_BUF_INIT;
	struct od_msg msg;
	enum od_say_level level;
	const char *text;
	uint32_t seq;
	size_t len;

	(void)state;
	od_done_encode(&buf, &done);
	decode_one(&buf, &msg);
	assert_true(od_done_decode(&msg, &got));
	assert_int_equal(got.status, 3);
	assert_int_equal(got.flags, OD_DONE_LOADED);
	assert_int_equal(got.nreports, 7);
	assert_int_equal(got.lines, 4711);
	((char *)msg.payload)[0] = 6;
	assert_false(od_done_decode(&msg, &got));
	od_buf_reset(&buf);
	od_say_encode(&buf, OD_SAY_INPUT, "gone");
	decode_one(&buf, &msg);
	assert_true(od_say_decode(&msg, &level, &text, &len));
	assert_int_equal(level, OD_SAY_INPUT);
	assert_memory_equal(text, "gone", len);
	((char *)msg.payload)[0] = 9;
	assert_false(od_say_decode(&msg, &level, &text, &len));
	od_buf_reset(&buf);
	od_words_encode(&buf, 99, "a\nb\n", 4);
	decode_one(&buf, &msg);
	assert_true(od_words_decode(&msg, &seq, &text, &len));
	assert_int_equal(seq, 99);
	assert_int_equal(len, 4);
	od_buf_deinit(&buf);
}

static void test_nonsense(void **state)
{
	static const char *const bad[] = {
		"\xff\xff\xff\xff\x10\0\0\0", "\1\0\1\0\x10\0\0\0", "\0\0\0\0\0\0\0\0",
		"\0\0\0\0\4\0\0\0",	      "\0\0\0\0\x10\2\0\0", "\0\0\0\0\x10\0\1\0",
		"\0\0\0\0\x63\0\0\0",
	};
	struct od_msg msg;
	size_t used;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(od_msg_decode(bad[i], 8, &msg, &used), OD_DECODE_BAD);
	srand(1);
	for (int round = 0; round < 20000; round++) {
		struct od_completion comp;
		struct od_run run;
		char data[64];

		for (size_t i = 0; i < sizeof(data); i++)
			data[i] = (char)(rand() % 3 ? rand() % 24 : rand());
		memset(data + 1, 0, 3);
		memset(data + 5, 0, 3);
		if (od_msg_decode(data, sizeof(data), &msg, &used) != OD_DECODE_OK)
			continue;
		assert_true(used <= sizeof(data));
		if (od_run_decode(&msg, &run))
			assert_true(run.line + run.line_len <= data + used);
		if (od_completion_decode(&msg, &comp))
			assert_true(comp.point <= comp.line_len);
	}
}

static void check_args(const char *line, int argc, const char *last)
{
	struct od_args args;
	struct od_error *err = od_args_parse(&args, line, strlen(line));

	assert_null(err);
	assert_int_equal(args.argc, argc);
	if (argc)
		assert_string_equal(args.argv[argc - 1], last);
	od_args_deinit(&args);
}

static void test_words(void **state)
{
	struct od_args args;
	struct od_error *err;

	(void)state;
	check_args("", 0, NULL);
	check_args(" \t\r\n", 0, NULL);
	check_args("bt", 1, "bt");
	check_args("  open  'a b'\"c d\"e ", 2, "a bc de");
	check_args("open a\\ b", 2, "a b");
	check_args("open ''", 2, "");
	check_args("open \"\\\"\"", 2, "\"");
	err = od_args_parse(&args, "open 'a", 7);
	assert_non_null(err);
	od_error_free(err);
	od_args_deinit(&args);
	err = od_args_parse(&args, "a\0b", 3);
	assert_non_null(err);
	od_error_free(err);
	od_args_deinit(&args);
}

static void test_names(void **state)
{
	const struct od_command *cmd;
	struct od_error *err;

	(void)state;
	assert_null(od_command_find("bt", &cmd));
	assert_ptr_equal(cmd, &od_cmd_bt);
	assert_null(od_command_find("q", &cmd));
	assert_ptr_equal(cmd, &od_cmd_quit);
	assert_null(od_command_find("dec", &cmd));
	assert_ptr_equal(cmd, &od_cmd_decode);
	err = od_command_find("re", &cmd);
	assert_non_null(err);
	assert_non_null(strstr(err->message, "report, regs"));
	od_error_free(err);
	err = od_command_find("xyzzy", &cmd);
	assert_non_null(err);
	od_error_free(err);
}

/* The tables that help and manual are made of: nothing twice, nothing empty. */
static void test_tables(void **state)
{
	size_t n, m;
	const struct od_option *opts = od_option_table(&n);
	const struct od_command *const *cmds = od_commands(&m);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_true(strlen(opts[i].help) > 10 && od_first_sentence(opts[i].help) < 80);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(opts[i].name, opts[j].name);
			assert_true(!opts[i].shortname || opts[i].shortname != opts[j].shortname);
		}
	}
	for (size_t i = 0; i < m; i++) {
		assert_true(!strncmp(cmds[i]->usage, cmds[i]->name, strlen(cmds[i]->name)));
		assert_true(!cmds[i]->exec == !!(cmds[i]->needs & OD_NEED_FRONT));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(cmds[i]->name, cmds[j]->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run),   cmocka_unit_test(test_answers),
		cmocka_unit_test(test_nonsense), cmocka_unit_test(test_words),
		cmocka_unit_test(test_names), cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
