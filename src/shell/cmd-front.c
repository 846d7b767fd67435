/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that the front carries out; the rows are here for help and completion. */
#include "shell/commands.h"

const struct od_command od_cmd_open = {
	.name = "open",
	.options = "",
	.usage = "open FILE",
	.help = "Read another input and make it the current one",
	.details = "'set input N' goes back to an earlier one, 'inputs' lists them. A log can also be pasted at the "
		   "prompt of a terminal.",
	.needs = OD_NEED_FRONT,
	.min_args = 1,
	.max_args = 1,
	.examples = "open /var/crash/vmcore\ta dump\n"
		    "open ~/ticket.eml\ta log in a mail\n",
};

const struct od_command od_cmd_close = {
	.name = "close",
	.options = "",
	.usage = "close [N]",
	.help = "Close the current input, or input N, and free what was read of it",
	.details = "Numbers of other inputs and of their reports stay what they are.",
	.needs = OD_NEED_FRONT,
	.max_args = 1,
	.examples = "close\tthe current input\n"
		    "close 1\tinput 1\n",
};

const struct od_command od_cmd_inputs = {
	.name = "inputs",
	.options = "",
	.usage = "inputs",
	.help = "List the inputs; a star marks the one that commands speak of",
	.details = "An input whose analysis died is read again by the next command; what came out of a pipe is "
		   "lost then, and it says so.",
	.needs = OD_NEED_FRONT,
	.examples = "inputs\tlist them\n",
};

const struct od_command od_cmd_export = {
	.name = "export",
	.options = "f",
	.usage = "export [-f] FILE",
	.help = "Write the reports to a file, in the format that its name says",
	.details = ".json: as --json prints them. .txt: the text. .html: a page that needs no network and runs "
		   "nothing. .md: Markdown. A file that exists is left alone; with -f it is written over.",
	.needs = OD_NEED_FRONT,
	.min_args = 1,
	.max_args = 1,
	.examples = "export report.html\ta page for a ticket\n"
		    "export -f crash.json\tJSON, over a file that is there\n",
};

const struct od_command od_cmd_alias = {
	.name = "alias",
	.options = "",
	.usage = "alias [NAME [COMMAND...]]",
	.help = "List the names that stand for beginnings of lines, or make one",
	.details = "An empty COMMAND (\"\") takes the name away. For the session only; a file of -x may hold them.",
	.needs = OD_NEED_FRONT,
	.max_args = OD_MAX_ARGS,
	.examples = "alias l log -a\tl is now \"log -a\"\n"
		    "alias l \"\"\tand no longer\n",
};

const struct od_command od_cmd_repeat = {
	.name = "repeat",
	.options = "",
	.usage = "repeat [-SECONDS] COMMAND...",
	.help = "Run a command again and again until Ctrl-C",
	.details = "Every second, unless told otherwise. It ends too when the command fails.",
	.needs = OD_NEED_FRONT,
	.max_args = OD_MAX_ARGS,
	.examples = "repeat -5 summary\tevery five seconds until Ctrl-C\n",
};

const struct od_command od_cmd_history = {
	.name = "history",
	.options = "",
	.usage = "history [COUNT]",
	.help = "List the lines that were typed, or the last of them",
	.details = "For a session on a terminal: '!N' runs line N again, '!!' the last one. '!COMMAND' lets the shell run "
		   "it, '!' alone is a shell; '< FILE' runs the lines of a file.",
	.needs = OD_NEED_FRONT,
	.max_args = 1,
	.examples = "history 10\tthe last ten\n",
};

const struct od_command od_cmd_quit = {
	.name = "quit",
	.alias = "q",
	.options = "",
	.usage = "quit",
	.help = "Leave the program",
	.needs = OD_NEED_FRONT,
	.examples = "quit\tend the session\n",
};
