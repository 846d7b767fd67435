/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report: what the program prints without any command. */
#include <string.h>

#include "analyze/rules.h"
#include "shell/commands.h"
#include "shell/session.h"
#include "shell/wire.h"

/* In text and on a page the same crash again is not told again: the first says when and how often. */
static bool said_before(const struct od_session *s, const struct od_report *rep)
{
	if ((s->style.format != OD_FORMAT_TEXT && s->style.format != OD_FORMAT_HTML) || s->style.verbose || s->style.explain)
		return false;
	for (uint32_t i = 0; i < rep->nrelated; i++)
		if (!strcmp(rep->related[i].relation, "duplicate") && rep->related[i].id < rep->id)
			return true;
	return false;
}

static void send_report(struct od_session *s, struct od_report *rep, bool whole)
{
	struct od_buf buf = OD_BUF_INIT;

	if (!whole && said_before(s, rep))
		return;
	if (s->style.explain && s->style.format == OD_FORMAT_TEXT)
		od_rules_near(s->in, rep);
	od_render_report(&buf, s->in, rep, &s->style);
	s->sink->report(s->sink->ctx, &buf);
	od_buf_deinit(&buf);
}

static void send_input(struct od_session *s, bool whole)
{
	struct od_style style = s->style;
	struct od_buf buf = OD_BUF_INIT;

	if (style.format == OD_FORMAT_TEXT && whole) {
		od_render_input(&buf, s->in, &style);
		/* It begins with an empty line, which sets it off from the reports. */
		if (buf.len)
			s->sink->output(s->sink->ctx, buf.data + !s->in->nreports, buf.len - !s->in->nreports);
		od_buf_deinit(&buf);
	}
	if (style.format == OD_FORMAT_TEXT || style.format == OD_FORMAT_LINE || (style.format == OD_FORMAT_HTML && !whole))
		return;
	if (style.format == OD_FORMAT_JSONL)
		style.format = OD_FORMAT_JSON;
	od_render_input(&buf, s->in, &style);
	s->sink->input(s->sink->ctx, &buf);
	od_buf_deinit(&buf);
}

/* The one report that another engine is to compare. */
static struct od_error *send_wire(struct od_session *s, const struct od_args *args)
{
	struct od_buf buf = OD_BUF_INIT;
	struct od_report *rep;
	struct od_error *err = od_session_report(s, args, 1, &rep);

	if (err)
		return err;
	if (rep)
		od_wire_put(&buf, rep, s->name);
	s->no_crash = !rep;
	s->sink->report(s->sink->ctx, &buf);
	od_buf_deinit(&buf);
	return NULL;
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_report *rep;
	struct od_error *err;

	(void)out;
	s->stream = s->stream && args->argc == 1;
	err = od_session_load(s);
	if (err)
		return err;
	if (s->wire)
		return send_wire(s, args);
	if (args->argc > 1) {
		err = od_session_report(s, args, 1, &rep);
		if (err)
			return err;
		send_report(s, rep, true);
	}
	for (uint32_t i = 0; args->argc == 1 && !s->streamed && i < s->in->nreports; i++) {
		if (s->cancelled)
			break;
		send_report(s, s->in->reports[i], false);
	}
	s->no_crash = s->in->nreports == 0;
	if (s->no_crash && s->in->topic)
		s->sink->say(s->sink->ctx, OD_SINK_NOTE, s->in->topic);
	send_input(s, args->argc == 1);
	return NULL;
}

const struct od_command od_cmd_report = {
	.name = "report",
	.alias = "r",
	.options = "",
	.usage = "report [N]",
	.help = "Print the reports, or report N",
	.details = "This is what the program prints without any command.",
	/* Not OD_NEED_INPUT: it says itself how the input is to be read. */
	.max_args = 1,
	.complete = od_session_complete_ids,
	.exec = exec,
	.examples = "report\tall of them\n"
		    "report 1 > /tmp/report\tone into a file\n",
};
