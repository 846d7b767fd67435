/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/commands.h"
#include "shell/session.h"

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const struct od_style style = od_session_text_style(s);
	struct od_report *rep;
	struct od_error *err = od_session_report(s, args, 1, &rep);

	if (err)
		return err;
	for (uint32_t i = 0; i < rep->nstacks; i++) {
		if (i > 0 && !od_args_has(args, 'a'))
			break;
		if (i > 0)
			od_buf_addch(out, '\n');
		od_render_stack(out, rep, i, &style);
	}
	if (rep->nstacks == 0)
		od_buf_addstr(out, "The report has no stack.\n");
	return NULL;
}

const struct od_command od_cmd_bt = {
	.name = "bt",
	.options = "a",
	.usage = "bt [-a] [N]",
	.help = "Print the crashing stack of a report",
	.details = "With -a all its stacks. N is the number of a report; without it the current "
		   "one is meant.",
	.needs = OD_NEED_INPUT | OD_NEED_REPORT,
	.max_args = 1,
	.complete = od_session_complete_ids,
	.exec = exec,
};
