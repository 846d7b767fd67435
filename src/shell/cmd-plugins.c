/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/plugins.h"
#include "shell/commands.h"
#include "shell/session.h"

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	(void)args;
	if (s->plugins)
		od_plugins_list(s->plugins, out);
	if (out->len == 0)
		od_buf_addstr(out, "No plugins are loaded.\n");
	return NULL;
}

const struct od_command od_cmd_plugins = {
	.name = "plugins",
	.options = "",
	.usage = "plugins",
	.help = "List the plugins, and those that were refused with the reason",
	.exec = exec,
	.examples = "plugins\twhich are loaded, and which refused\n",
};
