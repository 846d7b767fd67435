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
	od_render_findings(out, rep, &style);
	if (out->len == 0)
		od_buf_addstr(out, "Nothing is known of this problem.\n");
	return NULL;
}

const struct od_command od_cmd_findings = {
	.name = "findings",
	.options = "",
	.usage = "findings [N]",
	.help = "Print what is known of a report's problem, with the evidence",
	.needs = OD_NEED_INPUT | OD_NEED_REPORT,
	.max_args = 1,
	.complete = od_session_complete_ids,
	.exec = exec,
};
