/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that the front carries out itself: what concerns files and the terminal. */
#include <stdlib.h>

#include "front/front.h"
#include "shell/command.h"
#include "shell/commands.h"
#include "shell/settings.h"

static struct od_error *front_open(struct od_front *front, const struct od_args *args)
{
	size_t before = front->current;

	front->current = od_front_add(front, args->argv[1], false);
	if (od_front_open(front, &front->inputs[front->current]))
		return NULL;
	front->ninputs--;
	free(front->inputs[front->ninputs].path);
	front->current = before;
	return od_error_new(OD_ERR_IO, "nothing was opened");
}

static struct od_error *front_set(struct od_front *front, const struct od_args *args)
{
	const struct od_setting *set = od_setting_find(args->argv[1]);
	uint32_t value;
	struct od_error *err = od_setting_value(set, args->argv[2], &value);

	if (err)
		return od_error_wrap(err, "set %s", set->name);
	if (set->id == OD_SET_WIDTH)
		front->width = value;
	else if (set->id == OD_SET_COLOUR)
		front->colour = value;
	else if (set->id == OD_SET_INPUT && value >= front->ninputs)
		return od_error_new(OD_ERR_USAGE, "there is no input %u", value);
	else if (set->id == OD_SET_INPUT)
		front->current = value;
	return NULL;
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
	} else if (cmd->needs & OD_NEED_FRONT) {
		mine = true;
		*err = od_args_options(&args, cmd);
		if (!*err && cmd == &od_cmd_open)
			*err = front_open(front, &args);
		else if (!*err && cmd == &od_cmd_quit)
			front->quit = true;
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
	return cmd && (cmd == &od_cmd_help || cmd == &od_cmd_plugins || cmd == &od_cmd_rules || cmd == &od_cmd_decode);
}
