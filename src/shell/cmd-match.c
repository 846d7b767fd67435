/* SPDX-License-Identifier: GPL-3.0-or-later */
/* match, explain: which signature and rules a report fits, and what all of it rests on. */
#include "analyze/data.h"
#include "analyze/rules.h"
#include "base/escape.h"
#include "shell/commands.h"
#include "shell/session.h"

/* "  key       value", escaped; nothing without a value. */
static void field(struct od_buf *out, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	od_buf_printf(out, "%-12s", key);
	od_escape_str(out, OD_ESCAPE_TEXT, value);
	od_buf_addch(out, '\n');
}

static void print_findings(const struct od_report *rep, struct od_buf *out)
{
	for (uint32_t i = 0; i < rep->nfindings; i++) {
		const struct od_finding *f = &rep->findings[i];

		od_buf_addstr(out, i ? "            " : "matched     ");
		od_escape_str(out, OD_ESCAPE_TEXT, f->id);
		od_buf_printf(out, ", score %u, ", f->score);
		od_escape_str(out, OD_ESCAPE_TEXT, f->plugin);
		od_buf_addstr(out, ": ");
		od_escape_str(out, OD_ESCAPE_TEXT, f->title);
		od_buf_addch(out, '\n');
		for (uint32_t j = 0; j < f->nevidence; j++) {
			od_buf_printf(out, "              %-8s", od_grade_name(f->evidence[j].grade));
			od_escape_str(out, OD_ESCAPE_TEXT, f->evidence[j].text);
			od_buf_addch(out, '\n');
		}
	}
	if (!rep->nfindings)
		od_buf_addstr(out, "matched     no rule and no recognizer\n");
}

/* Frames that the guilty one was looked for behind, and what passed over each. */
static void print_skipped(const struct od_report *rep, struct od_buf *out)
{
	const struct od_stack *st;

	if (rep->guilty_stack < 0 || (uint32_t)rep->guilty_stack >= rep->nstacks)
		return;
	st = &rep->stacks[rep->guilty_stack];
	for (int32_t i = 0; i < rep->guilty_frame && (uint32_t)i < st->nframes; i++) {
		const char *category = st->frames[i].skip ? od_data_category(st->frames[i].skip) : NULL;

		if (!st->frames[i].function || !st->frames[i].skip)
			continue;
		od_buf_addstr(out, "passed over ");
		od_escape_str(out, OD_ESCAPE_TEXT, st->frames[i].function);
		if (category) {
			od_buf_addstr(out, " (");
			od_escape_str(out, OD_ESCAPE_TEXT, category);
			od_buf_addch(out, ')');
		}
		od_buf_addch(out, '\n');
	}
}

static struct od_error *exec_match(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_report *rep;
	struct od_error *err = od_session_report(s, args, 1, &rep);

	if (err)
		return err;
	od_rules_near(s->in, rep);
	field(out, "signature", rep->signature);
	field(out, "stack hash", rep->stack_hash);
	field(out, "kind", od_kind_name(rep->kind));
	if (rep->nchain) {
		od_buf_printf(out, "detector    line %u: ", rep->chain[0].lineno);
		od_escape_str(out, OD_ESCAPE_TEXT, rep->chain[0].text);
		od_buf_addch(out, '\n');
	}
	print_skipped(rep, out);
	print_findings(rep, out);
	for (uint32_t i = 0; i < rep->nnear; i++)
		field(out, i ? "" : "nearly", rep->near[i]);
	return NULL;
}

const struct od_command od_cmd_match = {
	.name = "match",
	.options = "",
	.usage = "match [N]",
	.help = "Say which signature, rules and recognizers a report fits, and which nearly",
	.details = "The signature and the line that decided the kind, frames that the skip list passed over, "
		   "each finding with its score and evidence, and rules that lack little.",
	.needs = OD_NEED_INPUT | OD_NEED_REPORT,
	.max_args = 1,
	.complete = od_session_complete_ids,
	.exec = exec_match,
	.examples = "match\twhich rules the current report fits\n",
};

static struct od_error *exec_explain(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_style style = od_session_text_style(s);
	struct od_report *rep;
	struct od_error *err = od_session_report(s, args, 1, &rep);

	if (err)
		return err;
	style.verbose = s->style.verbose;
	style.explain = true;
	od_rules_near(s->in, rep);
	od_render_report(out, s->in, rep, &style);
	return NULL;
}

const struct od_command od_cmd_explain = {
	.name = "explain",
	.options = "",
	.usage = "explain [N]",
	.help = "Print a report with what each part of it rests on, as --explain does",
	.needs = OD_NEED_INPUT | OD_NEED_REPORT,
	.max_args = 1,
	.complete = od_session_complete_ids,
	.exec = exec_explain,
	.examples = "explain 1\treport 1, and why\n",
};
