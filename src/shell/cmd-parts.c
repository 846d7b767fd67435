/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that print one part of a report and do nothing else: a row each. */
#include "analyze/rules.h"
#include "shell/commands.h"
#include "shell/session.h"

typedef void part_fn(struct od_buf *buf, const struct od_report *rep, const struct od_style *style);

static struct od_error *print_part(struct od_session *s, const struct od_args *args,
				   struct od_buf *out, part_fn *render, const char *empty)
{
	const struct od_style style = od_session_text_style(s);
	struct od_report *rep;
	struct od_error *err = od_session_report(s, args, 1, &rep);

	if (err)
		return err;
	if (render == od_render_why)
		od_rules_near(s->in, rep);
	render(out, rep, &style);
	if (out->len == 0)
		od_buf_addstr(out, empty);
	return NULL;
}

static struct od_error *findings(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	return print_part(s, args, out, od_render_findings, "Nothing is known of this problem.\n");
}

const struct od_command od_cmd_findings = {
	.name = "findings",
	.options = "",
	.usage = "findings [N]",
	.help = "Print what is known of a report's problem, with the evidence",
	.needs = OD_NEED_INPUT | OD_NEED_REPORT,
	.max_args = 1,
	.complete = od_session_complete_ids,
	.exec = findings,
	.examples = "findings\tof the current report\n"
		    "findings 1\tof report 1\n",
};

static struct od_error *regs(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	return print_part(s, args, out, od_render_registers, "The report has no registers.\n");
}

const struct od_command od_cmd_regs = {
	.name = "regs",
	.options = "",
	.usage = "regs [N]",
	.help = "Print the registers of a report, and what their values are",
	.needs = OD_NEED_INPUT | OD_NEED_REPORT,
	.max_args = 1,
	.complete = od_session_complete_ids,
	.exec = regs,
	.examples = "regs\tregisters and what they point at\n",
};

static struct od_error *why(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	return print_part(s, args, out, od_render_why, "There is nothing to explain.\n");
}

const struct od_command od_cmd_why = {
	.name = "why",
	.options = "",
	.usage = "why [N]",
	.help = "Say why this kind, this guilty function, this confidence",
	.needs = OD_NEED_INPUT | OD_NEED_REPORT,
	.max_args = 1,
	.complete = od_session_complete_ids,
	.exec = why,
	.examples = "why\twhat the verdict rests on\n",
};
