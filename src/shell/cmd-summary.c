/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/escape.h"
#include "shell/commands.h"
#include "shell/session.h"

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	(void)args;
	for (uint32_t i = 0; i < s->in->nreports; i++) {
		const struct od_report *rep = s->in->reports[i];

		od_buf_printf(out, "%u: ", rep->id);
		od_escape_str(out, OD_ESCAPE_TEXT, rep->title ? rep->title : rep->subject);
		if (rep->lines.first)
			od_buf_printf(out, " (lines %u-%u)", rep->lines.first, rep->lines.last);
		if (i == s->current && s->in->nreports > 1)
			od_buf_addstr(out, " *");
		od_buf_addch(out, '\n');
	}
	return NULL;
}

const struct od_command od_cmd_summary = {
	.name = "summary",
	.options = "",
	.usage = "summary",
	.help = "Print a line for each report: its number and its title",
	.details = "A star marks the report that commands speak of.",
	.needs = OD_NEED_INPUT | OD_NEED_REPORT,
	.exec = exec,
};
