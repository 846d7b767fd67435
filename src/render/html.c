/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A report as a piece of a page: verdict, cause and advice first, then the traces, the log with the
 * evidence beside its lines, the material. Who makes the page checks the piece (front/htmlcheck.h) and
 * prefixes its ids.
 */
#include <string.h>

#include "render/formats.h"
#include "render/html-parts.h"
#include "render/page.h"

enum { MAX_STACKS = 3, MAX_STACKS_VERBOSE = 64, MAX_LINKS = 12, PRE_WIDTH = 100 };

void od_html_field(struct od_buf *buf, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	if (*name) {
		od_buf_addstr(buf, "<dt>");
		od_html_text(buf, name);
		od_buf_addstr(buf, "</dt>");
	}
	od_buf_addstr(buf, "<dd>");
	od_html_text(buf, text);
	od_buf_addstr(buf, "</dd>\n");
}

/* --- the verdict ------------------------------------------------------------------------------------------ */

static void related(struct od_buf *buf, const struct od_report *rep)
{
	static const struct {
		const char *relation, *name;
	} rows[] = { { "caused-by", "Caused by" }, { "causes", "Led to" }, { "same-task", "Same task" },
		     { "duplicate", "Again" } };

	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct od_buf text = OD_BUF_INIT;
		unsigned n = 0;

		for (uint32_t i = 0; i < rep->nrelated && n < MAX_LINKS; i++)
			if (!strcmp(rep->related[i].relation, rows[k].relation))
				od_buf_printf(&text, "%sreport %u", n++ ? ", " : "", rep->related[i].id);
		od_html_field(buf, rows[k].name, od_buf_str(&text));
		od_buf_deinit(&text);
	}
}

static void certainty(struct od_buf *buf, const struct od_report *rep)
{
	struct od_buf text = OD_BUF_INIT;

	od_buf_addstr(&text, od_confidence_name(rep->confidence));
	if (rep->confidence != OD_CONF_HIGH && rep->confidence_why)
		od_buf_printf(&text, ": %s", rep->confidence_why);
	od_html_field(buf, "Confidence", od_buf_str(&text));
	od_buf_deinit(&text);
}

static void where(struct od_buf *buf, const struct od_input *in, const struct od_report *rep)
{
	struct od_buf text = OD_BUF_INIT;

	od_buf_addstr(&text, strcmp(in->name, "-") ? in->name : "standard input");
	if (rep->lines.first)
		od_buf_printf(&text, ", lines %u to %u", rep->lines.first, rep->lines.last);
	if (rep->count > 1)
		od_buf_printf(&text, ", %u times", rep->count);
	od_html_field(buf, "Where", od_buf_str(&text));
	od_buf_deinit(&text);
}

static void verdict(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		    const struct od_style *style)
{
	od_buf_printf(buf, "<h2><span class=\"%s\">%s</span> ", od_severity_name(rep->severity),
		      od_severity_name(rep->severity));
	od_html_text(buf, rep->title ? rep->title : od_kind_name(rep->kind));
	od_buf_addstr(buf, "</h2>\n<dl>\n");
	where(buf, in, rep);
	certainty(buf, rep);
	od_text_guilty(buf, rep, style);
	od_html_field(buf, "Signature", rep->signature);
	od_html_field(buf, "Incomplete", rep->truncated);
	related(buf, rep);
	od_buf_addstr(buf, "</dl>\n");
}

/* --- findings ----------------------------------------------------------------------------------------------- */

static void evidence(struct od_buf *buf, const struct od_html_log *log, const struct od_finding *f)
{
	if (!f->nevidence)
		return;
	od_buf_addstr(buf, "<div class=\"wide\"><table><caption>Evidence</caption><thead><tr>"
			   "<th scope=\"col\">grade</th><th scope=\"col\">what</th>"
			   "<th scope=\"col\">lines</th></tr></thead>\n<tbody>\n");
	for (uint32_t i = 0; i < f->nevidence; i++) {
		const struct od_evidence *e = &f->evidence[i];

		od_buf_printf(buf, "<tr><th scope=\"row\"><span class=\"%s\">%s</span></th><td>",
			      e->grade == OD_GRADE_STRONG ? "strong" : "dim", od_grade_name(e->grade));
		od_html_text(buf, e->text);
		od_buf_addstr(buf, "</td><td>");
		for (uint32_t k = 0; k < e->nlines && k < MAX_LINKS; k++) {
			od_buf_addstr(buf, k ? ", " : "");
			od_html_line(buf, log, e->lines[k]);
		}
		od_buf_addstr(buf, e->nlines > MAX_LINKS ? ", …</td></tr>\n" : "</td></tr>\n");
	}
	od_buf_addstr(buf, "</tbody></table></div>\n");
}

static void advice(struct od_buf *buf, const struct od_finding *f)
{
	if (!f->nadvice)
		return;
	od_buf_addstr(buf, "<dt>What to do</dt><dd><ol>\n");
	for (uint32_t i = 0; i < f->nadvice; i++) {
		od_buf_addstr(buf, "<li>");
		od_html_text(buf, f->advice[i]);
		od_buf_addstr(buf, "</li>\n");
	}
	od_buf_addstr(buf, "</ol></dd>\n");
}

static void finding(struct od_buf *buf, const struct od_html_log *log, const struct od_finding *f)
{
	od_buf_addstr(buf, "<h3>Known problem: ");
	od_html_text(buf, f->title ? f->title : f->id);
	od_buf_addstr(buf, "</h3>\n<dl>\n<dt>Rule</dt><dd><code>");
	od_html_text(buf, f->id);
	od_buf_printf(buf, "</code>, score %u</dd>\n", f->score);
	od_html_field(buf, "Cause", f->cause);
	advice(buf, f);
	for (uint32_t i = 0; i < f->nreferences; i++) {
		od_buf_addstr(buf, i ? "<dd>" : "<dt>See</dt><dd>");
		od_html_link(buf, f->references[i]);
		od_buf_addstr(buf, "</dd>\n");
	}
	od_buf_addstr(buf, "</dl>\n");
	evidence(buf, log, f);
	if (!f->nlisting)
		return;
	od_buf_addstr(buf, "<pre>");
	for (uint32_t i = 0; i < f->nlisting; i++) {
		od_html_text(buf, f->listing[i]);
		od_buf_addch(buf, '\n');
	}
	od_buf_addstr(buf, "</pre>\n");
}

/* --- what is told as the text format tells it ------------------------------------------------------------- */

/* A section of the text: an empty line, a heading, then what is behind it. Nothing of nothing. */
static void section(struct od_buf *buf, const struct od_buf *text, bool folded)
{
	const char *s = od_buf_str(text), *end;

	s += *s == '\n';
	if (!*s)
		return;
	end = strchr(s, '\n');
	end = end ? end : s + strlen(s);
	od_buf_addstr(buf, folded ? "<details><summary><h3>" : "<h3>");
	od_html_escaped(buf, s, (size_t)(end - s));
	od_buf_addstr(buf, folded ? "</h3></summary>\n<pre>" : "</h3>\n<pre>");
	end += *end == '\n';
	od_html_escaped(buf, end, strlen(end));
	od_buf_addstr(buf, folded ? "</pre></details>\n" : "</pre>\n");
}

typedef void part_fn(struct od_buf *buf, const struct od_report *rep, const struct od_style *style);

static void material(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	static part_fn *const parts[] = { od_render_registers, od_render_code, od_render_modules };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		struct od_buf text = OD_BUF_INIT;

		parts[i](&text, rep, style);
		section(buf, &text, true);
		od_buf_deinit(&text);
	}
}

static void before(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		   const struct od_style *style)
{
	struct od_buf text = OD_BUF_INIT;

	od_text_before(&text, in, rep, style);
	section(buf, &text, false);
	od_buf_deinit(&text);
}

/* --- the rest ------------------------------------------------------------------------------------------------- */

static void notes(struct od_buf *buf, const struct od_html_log *log, const struct od_note *note, uint32_t n)
{
	if (!n)
		return;
	od_buf_addstr(buf, "<h3>Notes</h3>\n<ul>\n");
	for (uint32_t i = 0; i < n; i++) {
		od_buf_addstr(buf, "<li>");
		if (note[i].lineno) {
			od_buf_addstr(buf, "line ");
			od_html_line(buf, log, note[i].lineno);
			od_buf_addstr(buf, ": ");
		}
		od_html_text(buf, note[i].text);
		od_buf_addstr(buf, "</li>\n");
	}
	od_buf_addstr(buf, "</ul>\n");
}

static void stacks(struct od_buf *buf, const struct od_html_log *log, const struct od_report *rep,
		   const struct od_style *style)
{
	const uint32_t most = style->verbose ? MAX_STACKS_VERBOSE : MAX_STACKS;
	uint32_t shown = 0, left = 0;

	for (uint32_t i = 0; i < rep->nstacks; i++) {
		/* Where the log has the trace, memory tells it once more: the same, or a note says so. */
		const bool again = rep->stacks[i].from_memory && !rep->stacks[0].from_memory && !style->verbose;

		if (again || shown == most) {
			left++;
			continue;
		}
		od_html_stack(buf, log, rep, i, style);
		shown++;
	}
	if (left)
		od_buf_printf(buf, "<p class=\"dim\">%u more trace%s</p>\n", left, left == 1 ? "" : "s");
}

static void circumstances(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	struct od_buf fields = OD_BUF_INIT;

	od_text_fields(&fields, rep, style);
	if (fields.len)
		od_buf_printf(buf, "<h3>Circumstances</h3>\n<dl>\n%s</dl>\n", od_buf_str(&fields));
	od_buf_deinit(&fields);
}

void od_html_report(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		    const struct od_style *style)
{
	struct od_style plain = *style;
	struct od_html_log log;

	plain.format = OD_FORMAT_TEXT;
	plain.colour = false;
	plain.width = PRE_WIDTH;
	od_html_log_init(&log, rep);
	od_buf_addstr(buf, "<article>\n");
	verdict(buf, in, rep, style);
	for (uint32_t i = 0; i < rep->nfindings; i++)
		finding(buf, &log, &rep->findings[i]);
	before(buf, in, rep, &plain);
	circumstances(buf, rep, style);
	stacks(buf, &log, rep, style);
	od_html_log(buf, &log, rep);
	material(buf, rep, &plain);
	notes(buf, &log, rep->notes, rep->nnotes);
	od_buf_addstr(buf, "</article>\n");
	od_html_log_deinit(&log);
}

void od_html_input(struct od_buf *buf, const struct od_input *in, const struct od_style *style)
{
	const struct od_html_log none = { 0 };
	struct od_style plain = *style;
	struct od_buf text = OD_BUF_INIT;

	plain.format = OD_FORMAT_TEXT;
	plain.colour = false;
	plain.width = PRE_WIDTH;
	od_buf_addstr(buf, "<section>\n<h2>");
	od_html_text(buf, strcmp(in->name, "-") ? in->name : "standard input");
	od_buf_printf(buf, "</h2>\n<p>%s, %s, ", od_input_kind_name(in->kind), od_input_status_name(in->status));
	if (in->nreports)
		od_buf_printf(buf, "%u report%s", in->nreports, in->nreports == 1 ? "" : "s");
	else
		od_buf_addstr(buf, "no crash found");
	od_buf_addstr(buf, "</p>\n");
	if (in->error) {
		od_buf_addstr(buf, "<p>");
		od_html_text(buf, in->error);
		od_buf_addstr(buf, "</p>\n");
	}
	od_text_input(&text, in, &plain);
	section(buf, &text, false);
	/* Of a dump its notes are among them. */
	if (!text.len)
		notes(buf, &none, in->notes, in->nnotes);
	od_buf_addstr(buf, "</section>\n");
	od_buf_deinit(&text);
}
