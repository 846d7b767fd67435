/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/escape.h"
#include "render/page.h"
#include "shell/commands.h"
#include "shell/session.h"

/* --- what a session begins with ----------------------------------------------------- */

enum { MAX_TITLES = 4, MAX_GAPS = 3 }; /* lines; 'summary' and 'report' have all */

/* One line, cut to the width. */
static void one_line(const struct od_session *s, enum od_look look, struct od_buf *text, struct od_buf *out)
{
	struct od_buf line = OD_BUF_INIT;

	od_escape(&line, OD_ESCAPE_CELL, od_buf_str(text), text->len);
	if (s->style.width > 1)
		od_page_cut(&line, s->style.width - 1);
	od_page_put(out, &s->style, look, od_buf_str(&line));
	od_buf_addch(out, '\n');
	od_buf_deinit(&line);
	od_buf_reset(text);
}

/* What was loaded. */
static void tell_input(const struct od_session *s, struct od_buf *out)
{
	const struct od_input *in = s->in;
	struct od_buf text = OD_BUF_INIT;

	od_buf_printf(&text, "%s: %s", strcmp(in->name, "-") != 0 ? in->name : "standard input",
		      in->format ? in->format : od_input_kind_name(in->kind));
	if (in->lines)
		od_buf_printf(&text, ", %u lines", in->lines);
	if (in->status != OD_INPUT_COMPLETE)
		od_buf_printf(&text, ", %s", od_input_status_name(in->status));
	if (in->hostname && *in->hostname)
		od_buf_printf(&text, ", %s", in->hostname);
	if (in->release)
		od_buf_printf(&text, ", %s", in->release);
	od_buf_printf(&text, in->nreports == 1 ? ", 1 report" : ", %u reports", in->nreports);
	one_line(s, OD_LOOK_DIM, &text, out);
	od_buf_deinit(&text);
}

/* The verdict: title, how sure, whose fault, what is known, what to do. */
static void tell_verdict(const struct od_session *s, const struct od_report *rep, struct od_buf *out)
{
	const struct od_finding *f = rep->nfindings ? &rep->findings[0] : NULL;
	struct od_buf text = OD_BUF_INIT;

	od_buf_printf(&text, "%u: %s", rep->id, rep->title ? rep->title : rep->subject);
	one_line(s, OD_LOOK_BOLD, &text, out);
	od_buf_printf(&text, "  %s, confidence %s", od_severity_name(rep->severity),
		      od_confidence_name(rep->confidence));
	if (rep->lines.first)
		od_buf_printf(&text, ", lines %u-%u", rep->lines.first, rep->lines.last);
	if (rep->count > 1)
		od_buf_printf(&text, ", %u times", rep->count);
	one_line(s, OD_LOOK_PLAIN, &text, out);
	if (rep->guilty_function) {
		od_buf_printf(&text, "  Guilty   %s", rep->guilty_function);
		if (rep->guilty_module)
			od_buf_printf(&text, " [%s]", rep->guilty_module);
		if (rep->guilty_why)
			od_buf_printf(&text, ": %s", rep->guilty_why);
		one_line(s, OD_LOOK_PLAIN, &text, out);
	}
	if (f) {
		od_buf_printf(&text, "  Known    %s (%s)", f->title, f->id);
		one_line(s, OD_LOOK_PLAIN, &text, out);
	}
	if (f && f->nadvice) {
		od_buf_printf(&text, "  To do    %s", f->advice[0]);
		one_line(s, OD_LOOK_PLAIN, &text, out);
	}
	od_buf_deinit(&text);
}

static void tell_gaps(const struct od_session *s, struct od_buf *out)
{
	const struct od_input *in = s->in;
	struct od_buf text = OD_BUF_INIT;

	for (uint32_t i = 0; i < in->nmissing && i < MAX_GAPS; i++) {
		const struct od_missing *m = &in->missing[i];

		/* Not cut: the file that would help stands at its end. */
		od_buf_printf(&text, "%s: %s", m->what, m->why);
		if (m->path)
			od_buf_printf(&text, "; install or give %s", m->path);
		od_buf_addstr(out, "  Missing  ");
		od_page_wrap(out, &s->style, 11, 11, od_buf_str(&text));
		od_buf_reset(&text);
	}
	if (in->nmissing > MAX_GAPS)
		od_buf_printf(out, "  and %u more that are missing\n", in->nmissing - MAX_GAPS);
	od_buf_deinit(&text);
}

static void banner(const struct od_session *s, struct od_buf *out)
{
	const struct od_report *rep = od_session_current(s);
	struct od_buf text = OD_BUF_INIT;
	uint32_t told = 0, i;

	tell_input(s, out);
	if (rep)
		tell_verdict(s, rep, out);
	for (i = 0; i < s->in->nreports && told < MAX_TITLES; i++) {
		const struct od_report *other = s->in->reports[i];

		if (other == rep)
			continue;
		od_buf_printf(&text, "%u: %s", other->id, other->title ? other->title : other->subject);
		one_line(s, OD_LOOK_PLAIN, &text, out);
		told++;
	}
	if (s->in->nreports > told + (rep != NULL))
		od_buf_printf(out, "and %u more: 'summary' lists all\n", s->in->nreports - told - (rep != NULL));
	tell_gaps(s, out);
	od_buf_deinit(&text);
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	if (od_args_has(args, 'b')) {
		banner(s, out);
		return NULL;
	}
	s->no_crash = s->in->nreports == 0;
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
	.options = "b",
	.usage = "summary [-b]",
	.help = "Print a line for each report: its number and its title",
	.details = "A star marks the report that commands speak of. -b: what the input is, the verdict in a few "
		   "lines and what is missing, as a session begins.",
	.needs = OD_NEED_INPUT,
	.exec = exec,
	.examples = "summary\ta line a report\n"
		    "summary -b\twhat a session begins with\n",
};
