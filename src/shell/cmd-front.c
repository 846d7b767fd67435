/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that the front carries out; the rows are here for help and completion. */
#include "shell/commands.h"

const struct od_command od_cmd_open = {
	.name = "open",
	.options = "",
	.usage = "open FILE",
	.help = "Read another input and make it the current one",
	.details = "'set input N' goes back to an earlier one.",
	.needs = OD_NEED_FRONT,
	.min_args = 1,
	.max_args = 1,
};

const struct od_command od_cmd_quit = {
	.name = "quit",
	.alias = "q",
	.options = "",
	.usage = "quit",
	.help = "Leave the program",
	.needs = OD_NEED_FRONT,
};
