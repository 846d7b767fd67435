/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "shell/commands.h"
#include "shell/session.h"

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const struct od_style style = od_session_text_style(s);
	od_autofree struct od_module *modules = NULL;
	struct od_report *rep, view;
	struct od_error *err = od_session_report(s, args, 1, &rep);

	if (err)
		return err;
	/* A view of the report with fewer modules: rendering only reads. */
	view = *rep;
	modules = od_calloc(rep->nmodules, sizeof(*modules));
	view.modules = modules;
	view.nmodules = 0;
	for (uint32_t i = 0; i < rep->nmodules; i++)
		if (rep->modules[i].taint || !od_args_has(args, 't'))
			modules[view.nmodules++] = rep->modules[i];
	if (view.nmodules > 0)
		od_render_modules(out, &view, &style);
	else if (rep->nmodules > 0)
		od_buf_addstr(out, "No module taints the kernel.\n");
	else
		od_buf_addstr(out, "The report names no modules.\n");
	return NULL;
}

const struct od_command od_cmd_mod = {
	.name = "mod",
	.alias = "lsmod",
	.options = "t",
	.usage = "mod [-t] [N]",
	.help = "Print the modules of a report",
	.details = "With -t only those that taint the kernel.",
	.needs = OD_NEED_INPUT | OD_NEED_REPORT,
	.max_args = 1,
	.complete = od_session_complete_ids,
	.exec = exec,
};
