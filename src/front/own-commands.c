/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that the front carries out itself: what concerns files and the terminal. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cursor.h"
#include "front/aliases.h"
#include "front/answer.h"
#include "front/front.h"
#include "shell/commands.h"
#include "shell/settings.h"

static struct od_error *set_input(struct od_front *front, uint32_t n)
{
	if (n >= front->ninputs)
		return od_error_new(OD_ERR_USAGE, "there is no input %u", n);
	if (front->inputs[n].closed)
		return od_error_new(OD_ERR_USAGE, "input %u is closed", n);
	front->current = n;
	return NULL;
}

static struct od_error *front_set(struct od_front *front, const struct od_args *args)
{
	const struct od_setting *set = od_setting_find(args->argv[1]);
	uint32_t value;
	struct od_error *err = od_setting_value(set, args->argv[2], &value);

	if (!err && set->id == OD_SET_INPUT)
		err = set_input(front, value);
	if (err)
		return od_error_wrap(err, "set %s", set->name);
	if (set->id == OD_SET_WIDTH) {
		front->width = value;
		front->fixed_width = true;
	} else if (set->id == OD_SET_RADIX) {
		front->hex = value == 16;
	} else if (set->id == OD_SET_COLOUR) {
		front->colour = value;
	} else if (set->id == OD_SET_PAGER) {
		front->pager = value;
	}
	return NULL;
}

static struct od_error *front_quit(struct od_front *front, const struct od_args *args, struct od_buf *out)
{
	(void)args;
	(void)out;
	front->quit = true;
	return NULL;
}

/* --- what takes the rest of the line as it is ----------------------------------------- */

/* The line from its n-th word on, quotes and all. */
static const char *rest(const char *line, const char *end, int n)
{
	char quote = '\0';

	for (;; n--) {
		while (line < end && od_is_blank(*line))
			line++;
		if (n == 0 || line == end)
			return line;
		for (; line < end && (quote || !od_is_blank(*line)); line++) {
			if (*line == '\\' && quote != '\'' && line + 1 < end)
				line++;
			else if (quote)
				quote = *line == quote ? '\0' : quote;
			else if (*line == '\'' || *line == '"')
				quote = *line;
		}
	}
}

static struct od_error *front_alias(const struct od_args *args, const char *line, size_t len, struct od_buf *out)
{
	struct od_buf text = OD_BUF_INIT;
	const char *from;
	struct od_error *err;

	if (args->argc <= 2)
		return od_alias_list(args->argc == 2 ? args->argv[1] : NULL, out);
	/* One word may be quoted as crash wants it; of several all is taken as it stands. */
	if (args->argc == 3) {
		od_buf_addstr(&text, args->argv[2]);
	} else {
		from = rest(line, line + len, 2);
		od_buf_add(&text, from, (size_t)(line + len - from));
	}
	err = od_alias_set(args->argv[1], od_buf_str(&text));
	od_buf_deinit(&text);
	return err;
}

/* Seconds of "-5"; false: the word is none. */
static bool seconds(const char *word, uint64_t *ret)
{
	return word[0] == '-' && od_parse_number(word + 1, ret) && *ret <= 86400;
}

/* Until Ctrl-C, as crash does it. */
static struct od_error *front_repeat(struct od_front *front, const struct od_args *args, const char *line,
				     size_t len)
{
	struct timespec pause = { .tv_sec = 1 };
	uint64_t every = 1;
	const bool timed = args->argc > 1 && seconds(args->argv[1], &every);
	const char *command = rest(line, line + len, timed ? 2 : 1);

	if (!front->interrupted)
		return od_error_new(OD_ERR_USAGE, "it would never end: only the REPL repeats");
	if (args->argc < (timed ? 3 : 2))
		return od_error_new(OD_ERR_USAGE, "which command? usage: %s", od_cmd_repeat.usage);
	if (front->repeating)
		return od_error_new(OD_ERR_USAGE, "repeat does not repeat itself");
	pause.tv_sec = (time_t)every;
	front->repeating = true;
	while (!*front->interrupted && !front->quit && !od_answer_gone()) {
		if (od_front_exec(front, command, (size_t)(line + len - command)) > 1)
			break;
		nanosleep(&pause, NULL);
	}
	front->repeating = false;
	return NULL;
}

/* --- which command it is ------------------------------------------------------------------ */

static const struct {
	const struct od_command *cmd;
	struct od_error *(*run)(struct od_front *front, const struct od_args *args, struct od_buf *out);
} rows[] = {
	{ &od_cmd_open, od_front_open_command },     { &od_cmd_close, od_front_close_command },
	{ &od_cmd_inputs, od_front_inputs_command }, { &od_cmd_export, od_front_export_command },
	{ &od_cmd_history, od_front_history_command },
	{ &od_cmd_quit, front_quit },
};

static struct od_error *run(struct od_front *front, const struct od_command *cmd, struct od_args *args,
			    const char *line, size_t len)
{
	struct od_buf out = OD_BUF_INIT;
	struct od_error *err = NULL;

	/* Options behind them are those of the command that they name. */
	if (cmd == &od_cmd_alias)
		err = front_alias(args, line, len, &out);
	else if (cmd == &od_cmd_repeat)
		err = front_repeat(front, args, line, len);
	else
		err = od_args_options(args, cmd);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !err; i++)
		if (rows[i].cmd == cmd)
			err = rows[i].run(front, args, &out);
	od_front_answer(front, line, len, &out);
	od_buf_deinit(&out);
	return err;
}

static bool is_pager(const char *name)
{
	const struct od_setting *set = od_setting_find(name);

	return set && set->id == OD_SET_PAGER;
}

bool od_front_run_here(struct od_front *front, const char *line, size_t len,
		       struct od_error **err)
{
	const struct od_command *cmd = NULL;
	struct od_args args;
	bool mine = false;
	od_autoerror bad = od_args_parse(&args, line, len);

	/* What is wrong with it otherwise, the engine will say. */
	if (!bad && args.argc > 0)
		bad = od_command_find(args.argv[0], &cmd);
	if (bad || !cmd)
		goto out;
	if (cmd == &od_cmd_set && args.argc == 3) {
		const struct od_setting *set = od_setting_find(args.argv[1]);

		mine = set && set->front;
		*err = mine ? front_set(front, &args) : NULL;
	} else if (cmd == &od_cmd_set && args.argc == 2 && is_pager(args.argv[1])) {
		struct od_buf out = OD_BUF_INIT;

		/* No engine knows. */
		od_buf_printf(&out, "%s\n", front->pager ? "on" : "off");
		od_front_answer(front, line, len, &out);
		od_buf_deinit(&out);
		mine = true;
	} else if (cmd == &od_cmd_set && args.argc == 1) {
		struct od_buf out = OD_BUF_INIT;

		/* Nor of this one; it lists the others. */
		od_setting_print("pager", front->pager ? "on" : "off", &out);
		od_front_answer(front, line, len, &out);
		od_buf_deinit(&out);
	} else if (cmd->needs & OD_NEED_FRONT) {
		mine = true;
		*err = run(front, cmd, &args, line, len);
	}
out:
	od_args_deinit(&args);
	return mine;
}

/* The command of a line, and how many words it has with its name; NULL: there is none of that name. */
static const struct od_command *command_of(const char *line, size_t len, int *words)
{
	const struct od_command *cmd = NULL;
	struct od_args args;
	od_autoerror err = od_args_parse(&args, line, len);

	if (!err && args.argc > 0)
		err = od_command_find(args.argv[0], &cmd);
	*words = args.argc;
	od_args_deinit(&args);
	return err ? NULL : cmd;
}

bool od_front_prints_input(const char *line, size_t len)
{
	int words;
	const struct od_command *cmd = command_of(line, len, &words);

	return cmd && cmd->needs & OD_PRINTS_INPUT;
}

bool od_front_needs_no_input(const struct od_front *front, const char *line, size_t len)
{
	int words;
	const struct od_command *cmd = command_of(line, len, &words);

	/* They ask debug files, where there are some: an input adds to that, but is not waited for. */
	if (front && front->symbols.n && words > 1 && (cmd == &od_cmd_sym || cmd == &od_cmd_dis))
		return true;
	/* Both reports are named: whose turn it is does not matter. */
	if (!front && cmd == &od_cmd_diff && words == 3)
		return true;
	if (cmd && cmd->needs & OD_NEED_FRONT)
		return cmd == &od_cmd_alias || cmd == &od_cmd_inputs;
	return cmd && (cmd == &od_cmd_help || cmd == &od_cmd_plugins || cmd == &od_cmd_rules || cmd == &od_cmd_decode);
}
