/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report for a person at 3 a.m.: verdict, cause and advice first, the material after it. */
#include <stdio.h>
#include <string.h>

#include "render/formats.h"
#include "render/page.h"

enum { MAX_STACKS = 3 }; /* in a report that is not verbose */

static const char *lines_text(struct od_buf *buf, struct od_lines l)
{
	od_buf_reset(buf);
	if (l.first == l.last)
		od_buf_printf(buf, "line %u", l.first);
	else
		od_buf_printf(buf, "lines %u-%u", l.first, l.last);
	return od_buf_str(buf);
}

static enum od_look severity_look(enum od_severity s)
{
	return s >= OD_SEV_HIGH ? OD_LOOK_RED : s == OD_SEV_MEDIUM ? OD_LOOK_YELLOW : OD_LOOK_PLAIN;
}

/* What came before and after it, as far as the input shows it. */
static void related(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	static const struct {
		const char *relation, *name;
	} rows[] = { { "caused-by", "Caused by" }, { "causes", "Led to" }, { "same-task", "Same task" } };

	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct od_buf text = OD_BUF_INIT;
		unsigned n = 0;

		for (uint32_t i = 0; i < rep->nrelated; i++)
			if (!strcmp(rep->related[i].relation, rows[k].relation))
				od_buf_printf(&text, "%sreport %u", n++ ? ", " : "", rep->related[i].id);
		if (n)
			od_page_field(buf, style, rows[k].name, od_buf_str(&text));
		od_buf_deinit(&text);
	}
}

/* The same crash again is not told again: the first says when. */
static void again(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		  const struct od_style *style)
{
	enum { SHOWN = 8 };
	struct od_buf text = OD_BUF_INIT;
	uint32_t n = 0;

	for (uint32_t i = 0; i < rep->nrelated && n < SHOWN; i++) {
		const struct od_related *rel = &rep->related[i];

		if (!strcmp(rel->relation, "duplicate") && rel->id > rep->id)
			od_buf_printf(&text, "%s%u", n++ ? ", " : "as report ", rel->id);
	}
	if (rep->count > n + 1 && n)
		od_buf_printf(&text, " and %u more", rep->count - n - 1);
	od_page_field(buf, style, "Again", od_buf_str(&text));
	/* Of another thread the figures matter too. */
	for (uint32_t i = 0; i < rep->nrelated; i++) {
		const struct od_related *rel = &rep->related[i];

		if (!strcmp(rel->relation, "duplicate") && rel->id > rep->id && rel->id < in->nreports &&
		    od_report_detail(in->reports[rel->id], "verdict"))
			od_page_field(buf, style, "", in->reports[rel->id]->subject);
	}
	od_buf_deinit(&text);
}

static void verdict(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		    const struct od_style *style)
{
	struct od_buf text = OD_BUF_INIT, lines = OD_BUF_INIT;

	od_page_bold(buf, style, 2, rep->title ? rep->title : od_kind_name(rep->kind));
	od_page_put(buf, style, severity_look(rep->severity), od_severity_name(rep->severity));
	od_buf_printf(&text, ", confidence %s", od_confidence_name(rep->confidence));
	if (rep->confidence != OD_CONF_HIGH && rep->confidence_why)
		od_buf_printf(&text, " (%s)", rep->confidence_why);
	if (rep->lines.first)
		od_buf_printf(&text, ", %s of", lines_text(&lines, rep->lines));
	else
		od_buf_addstr(&text, ", in"); /* told by memory alone */
	od_buf_printf(&text, " %s", strcmp(in->name, "-") ? in->name : "standard input");
	if (rep->count > 1)
		od_buf_printf(&text, ", %u times", rep->count);
	od_page_wrap(buf, style, (unsigned)strlen(od_severity_name(rep->severity)), 2,
		     od_buf_str(&text));
	od_buf_deinit(&text);
	od_buf_deinit(&lines);
	if (rep->guilty_function || rep->guilty_why || rep->signature || rep->truncated)
		od_buf_addch(buf, '\n');
	od_text_guilty(buf, rep, style);
	od_page_field(buf, style, "Signature", rep->signature);
	od_page_field(buf, style, "Incomplete", rep->truncated);
	related(buf, rep, style);
	again(buf, in, rep, style);
}

static void evidence(struct od_buf *buf, const struct od_evidence *e, const struct od_style *style)
{
	struct od_buf text = OD_BUF_INIT;
	const char *grade = od_grade_name(e->grade);

	od_buf_addstr(&text, e->text ? e->text : "");
	for (uint32_t i = 0; i < e->nlines && i < 12; i++)
		od_buf_printf(&text, "%s%u", i ? ", " : e->nlines > 1 ? " (lines " : " (line ",
			      e->lines[i]);
	if (e->nlines)
		od_buf_addstr(&text, e->nlines > 12 ? ", ...)" : ")");
	od_buf_addstr(buf, "    ");
	od_page_put(buf, style, e->grade == OD_GRADE_STRONG ? OD_LOOK_BOLD : OD_LOOK_DIM, grade);
	od_buf_fill(buf, ' ', 8 - strlen(grade));
	od_page_wrap(buf, style, 12, 12, od_buf_str(&text));
	od_buf_deinit(&text);
}

/* As the plugin made it: indents are part of it. What goes beyond the width is not cut. */
static void listing(struct od_buf *buf, const struct od_finding *f, const struct od_style *style)
{
	for (uint32_t i = 0; i < f->nlisting; i++) {
		od_buf_addstr(buf, "  ");
		od_page_put(buf, style, OD_LOOK_PLAIN, f->listing[i]);
		od_buf_addch(buf, '\n');
	}
}

static void finding(struct od_buf *buf, const struct od_finding *f, const struct od_style *style,
		    bool whole)
{
	struct od_buf text = OD_BUF_INIT;

	od_buf_printf(&text, "%s: %s (%s, score %u)", whole ? "Known problem" : "Also",
		      f->title ? f->title : f->id, f->id, f->score);
	od_buf_addch(buf, '\n');
	if (!whole) {
		od_page_wrap(buf, style, 0, 2, od_buf_str(&text));
		od_buf_deinit(&text);
		return;
	}
	od_page_bold(buf, style, 2, od_buf_str(&text));
	od_page_field(buf, style, "Cause", f->cause);
	for (uint32_t i = 0; i < f->nadvice; i++) {
		od_buf_reset(&text);
		if (f->nadvice > 1)
			od_buf_printf(&text, "%u. ", i + 1);
		od_buf_addstr(&text, f->advice[i]);
		od_page_field(buf, style, i ? "" : "What to do", od_buf_str(&text));
	}
	if (f->nevidence)
		od_buf_addstr(buf, "  Evidence\n");
	for (uint32_t i = 0; i < f->nevidence; i++)
		evidence(buf, &f->evidence[i], style);
	listing(buf, f, style);
	for (uint32_t i = 0; i < f->nreferences; i++)
		od_page_field(buf, style, i ? "" : "See", f->references[i]);
	od_buf_deinit(&text);
}

void od_render_findings(struct od_buf *buf, const struct od_report *rep,
			const struct od_style *style)
{
	for (uint32_t i = 0; i < rep->nfindings; i++)
		finding(buf, &rep->findings[i], style, !i || style->verbose || style->explain);
}

static void chain(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	if (!rep->nchain)
		return;
	od_page_heading(buf, style, "What the input says");
	for (uint32_t i = 0; i < rep->nchain; i++) {
		char head[32];
		int n = snprintf(head, sizeof(head), "%6u  ", rep->chain[i].lineno);

		od_page_put(buf, style, OD_LOOK_DIM, head);
		od_page_wrap(buf, style, (unsigned)n, (unsigned)n, rep->chain[i].text);
	}
}

static void notes(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	if (!rep->nnotes)
		return;
	od_page_heading(buf, style, "Notes");
	for (uint32_t i = 0; i < rep->nnotes; i++) {
		char head[32] = "        ";
		int n = 8;

		if (rep->notes[i].lineno)
			n = snprintf(head, sizeof(head), "%6u  ", rep->notes[i].lineno);
		od_page_put(buf, style, OD_LOOK_DIM, head);
		od_page_wrap(buf, style, (unsigned)n, (unsigned)n, rep->notes[i].text);
	}
}

/* Kernel texts change: lines of the report that no rule knew are shown, so that nothing rots. */
static void not_understood(struct od_buf *buf, const struct od_report *rep,
			   const struct od_style *style)
{
	enum { SHOWN = 12 };
	struct od_buf text = OD_BUF_INIT;
	uint32_t n = 0;

	for (uint32_t i = 0; i < rep->nrecords; i++)
		n += (rep->records[i].flags & OD_REC_UNKNOWN) != 0;
	od_buf_printf(&text, "%u of %u lines%s", n, rep->nrecords, n ? ":" : "");
	od_page_field(buf, style, "Unknown", od_buf_str(&text));
	n = 0;
	for (uint32_t i = 0; i < rep->nrecords && n < SHOWN; i++) {
		if (!(rep->records[i].flags & OD_REC_UNKNOWN))
			continue;
		od_buf_reset(&text);
		od_buf_printf(&text, "%u: %s", rep->records[i].lineno, rep->records[i].text);
		od_page_field(buf, style, "", od_buf_str(&text));
		n++;
	}
	od_buf_deinit(&text);
}

void od_render_why(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	struct od_buf text = OD_BUF_INIT;

	od_page_heading(buf, style, "Why");
	if (rep->nchain)
		od_buf_printf(&text, "%s: the first detector is line %u, \"%s\"",
			      od_kind_name(rep->kind), rep->chain[0].lineno, rep->chain[0].text);
	else
		od_buf_printf(&text, "%s: no line names a problem, only a trace is there",
			      od_kind_name(rep->kind));
	od_page_field(buf, style, "Kind", od_buf_str(&text));
	od_text_guilty(buf, rep, style);
	od_buf_reset(&text);
	if (rep->guilty_stack >= 0) {
		const struct od_stack *s = &rep->stacks[rep->guilty_stack];
		unsigned n = 0;

		for (int32_t i = 0; i < rep->guilty_frame && n < 16; i++) {
			const struct od_frame *f = &s->frames[i];

			if (!f->function)
				continue;
			od_buf_printf(&text, "%s%s (%s)", n++ ? ", " : "", f->function,
				      f->skip ? "skip list" : f->flags & OD_FRAME_UNRELIABLE ?
				      "marked '?'" : "not to blame");
		}
	}
	od_page_field(buf, style, "Passed over", od_buf_str(&text));
	od_buf_reset(&text);
	od_buf_addstr(&text, od_confidence_name(rep->confidence));
	if (rep->confidence_why)
		od_buf_printf(&text, ": %s", rep->confidence_why);
	od_page_field(buf, style, "Confidence", od_buf_str(&text));
	od_buf_reset(&text);
	for (uint32_t i = 0; i < rep->nfindings; i++)
		od_buf_printf(&text, "%s%s (score %u, %u pieces of evidence)", i ? ", " : "",
			      rep->findings[i].id, rep->findings[i].score, rep->findings[i].nevidence);
	od_page_field(buf, style, "Findings", text.len ? od_buf_str(&text) : "none");
	for (uint32_t i = 0; i < rep->nnear; i++)
		od_page_field(buf, style, i ? "" : "Nearly", rep->near[i]);
	od_page_field(buf, style, "Stack hash", rep->stack_hash);
	not_understood(buf, rep, style);
	od_buf_deinit(&text);
}

void od_text_report(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		    const struct od_style *style)
{
	const uint32_t most = style->verbose ? UINT32_MAX : MAX_STACKS;
	uint32_t shown = 0, left = 0;

	verdict(buf, in, rep, style);
	od_text_before(buf, in, rep, style);
	od_render_findings(buf, rep, style);
	if (style->explain)
		od_render_why(buf, rep, style);
	chain(buf, rep, style);
	od_text_facts(buf, rep, style);
	for (uint32_t i = 0; i < rep->nstacks; i++) {
		/* Where the log has the trace, memory tells it once more: the same, or a note says so. */
		bool again = rep->stacks[i].from_memory && !rep->stacks[0].from_memory && !style->verbose;

		if (again || shown == most) {
			left++;
			continue;
		}
		od_render_stack(buf, rep, i, style);
		shown++;
	}
	if (left)
		od_buf_printf(buf, "\n%u more trace%s: -v or the command bt -a\n", left, left == 1 ? "" : "s");
	od_render_registers(buf, rep, style);
	od_render_code(buf, rep, style);
	od_render_modules(buf, rep, style);
	notes(buf, rep, style);
}
