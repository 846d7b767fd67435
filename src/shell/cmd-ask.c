/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "analyze/plugins.h"
#include "shell/commands.h"
#include "shell/session.h"

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_buf question = OD_BUF_INIT;
	struct od_error *err = NULL;

	if (args->argc < 2)
		return od_error_new(OD_ERR_USAGE, "which plugin?");
	if (!od_plugins_takes_questions(s->plugins, args->argv[1]))
		return od_error_new(OD_ERR_USAGE, "no plugin '%s' takes questions", args->argv[1]);
	for (int i = 2; i < args->argc; i++)
		od_buf_printf(&question, "%s%s", i > 2 ? " " : "", args->argv[i]);
	if (!od_plugins_ask(s->plugins, s->in, s->current, args->argv[1],
			    od_buf_str(&question), out)) {
		const char *why = od_buf_str(out);

		err = od_error_new(OD_ERR_USAGE, "%.*s", (int)strcspn(why, "\n"), why);
		od_buf_reset(out);
	}
	od_buf_deinit(&question);
	return err;
}

const struct od_command od_cmd_ask = {
	.name = "ask",
	.options = "",
	.usage = "ask PLUGIN [WORD...]",
	.help = "Ask a plugin about the current report",
	.details = "Which questions a plugin takes is its own matter, and said if it makes nothing of one. "
		   "ask talloc ADDRESS: the tree of talloc objects around an address, in the core of a "
		   "process.",
	.needs = OD_NEED_INPUT | OD_NEED_REPORT,
	.max_args = 8,
	.exec = exec,
	.examples = "ask talloc 0x55d0c8a1e2a0\tthe tree of talloc objects around an address of a core\n",
};
