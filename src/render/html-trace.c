/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stack as a table: a row a frame. */
#include "render/html-parts.h"

enum { MAX_ARGS = 12 }; /* arguments shown with a frame */

static void name(struct od_buf *buf, const struct od_frame *f)
{
	const char *s = f->demangled ? f->demangled : f->symbol;

	if (s)
		od_html_text(buf, s);
	else if (f->addr)
		od_buf_printf(buf, "0x%llx", (unsigned long long)f->addr);
	else
		od_buf_addstr(buf, "??");
	if (!s && f->function) {
		od_buf_addstr(buf, " in ");
		od_html_text(buf, f->function);
	}
}

static void args(struct od_buf *buf, const struct od_frame *f)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->nvars && n < MAX_ARGS; i++) {
		const struct od_var *v = &f->vars[i];

		/* Of what a debug file tells, "<optimized out>" and the like only take room. */
		if (!v->is_arg || (v->told && v->value[0] == '<'))
			continue;
		od_buf_addstr(buf, n++ ? ", " : "<br/><span class=\"dim\">");
		od_html_text(buf, v->name);
		od_buf_addstr(buf, " = ");
		od_html_text(buf, v->value);
	}
	if (n)
		od_buf_addstr(buf, "</span>");
}

static void source(struct od_buf *buf, const char *file, uint32_t line)
{
	od_html_text(buf, file);
	if (file && line)
		od_buf_printf(buf, ":%u", line);
}

static void inlined(struct od_buf *buf, const struct od_frame *f)
{
	for (uint32_t i = f->ninlined; i > 0; i--) {
		const struct od_inline *in = &f->inlined[i - 1];

		od_buf_addstr(buf, "<tr><td></td><td><span class=\"dim\">inlined</span> <code>");
		od_html_text(buf, in->function ? in->function : "call");
		od_buf_addstr(buf, "</code></td><td></td><td><code>");
		source(buf, in->file, in->line);
		od_buf_addstr(buf, "</code></td><td></td></tr>\n");
	}
}

static void frame(struct od_buf *buf, const struct od_html_log *log, const struct od_frame *f, uint32_t i,
		  bool guilty)
{
	od_buf_printf(buf, "<tr%s><th scope=\"row\" class=\"n\">%u</th><td>", guilty ? " class=\"mark\"" : "",
		      f->flags & OD_FRAME_NUMBERED ? f->number : i);
	if (guilty)
		od_buf_addstr(buf, "<span class=\"strong\">guilty</span> ");
	else if (f->flags & OD_FRAME_PC)
		od_buf_addstr(buf, "<span class=\"dim\">pc</span> ");
	if (f->flags & (OD_FRAME_UNRELIABLE | OD_FRAME_GUESSED))
		od_buf_addstr(buf, f->flags & OD_FRAME_GUESSED ? "<span class=\"dim\">guessed</span> " :
								  "<span class=\"dim\">?</span> ");
	od_buf_addstr(buf, "<code>");
	name(buf, f);
	args(buf, f);
	od_buf_addstr(buf, "</code></td><td class=\"place\"><code>");
	if (f->flags & OD_FRAME_HAS_OFFSET)
		od_buf_printf(buf, "+0x%x", f->offset);
	if (f->flags & OD_FRAME_HAS_OFFSET && f->size)
		od_buf_printf(buf, "/0x%x", f->size);
	if (f->module) {
		od_buf_addstr(buf, f->flags & OD_FRAME_HAS_OFFSET ? " [" : "[");
		od_html_text(buf, f->module);
		od_buf_addch(buf, ']');
	}
	od_buf_addstr(buf, "</code></td><td><code>");
	source(buf, f->file, f->line);
	od_buf_addstr(buf, "</code></td><td class=\"n\">");
	if (f->lines.first)
		od_html_line(buf, log, f->lines.first);
	od_buf_addstr(buf, "</td></tr>\n");
	inlined(buf, f);
}

static void excerpt(struct od_buf *buf, const struct od_excerpt *e)
{
	od_buf_addstr(buf, "<p><code>");
	source(buf, e->file, e->marked);
	od_buf_addstr(buf, "</code></p>\n<pre>");
	for (uint32_t i = 0; i < e->n; i++) {
		const bool marked = e->first + i == e->marked;

		od_buf_printf(buf, "%s%5u  ", marked ? "<span class=\"mark\">" : "", e->first + i);
		od_html_text(buf, e->text[i]);
		od_buf_addstr(buf, marked ? "</span>\n" : "\n");
	}
	od_buf_addstr(buf, "</pre>\n");
}

void od_html_stack(struct od_buf *buf, const struct od_html_log *log, const struct od_report *rep,
		   uint32_t stack, const struct od_style *style)
{
	const struct od_stack *s = &rep->stacks[stack];

	(void)style;
	od_buf_addstr(buf, "<h3>Trace");
	if (s->name) {
		od_buf_addstr(buf, ", ");
		od_html_text(buf, s->name);
	}
	od_buf_addstr(buf, s->from_memory ? ", from memory" : "");
	od_buf_addstr(buf, "</h3>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\" class=\"n\">#</th>"
			   "<th scope=\"col\">function</th><th scope=\"col\">place</th>"
			   "<th scope=\"col\">source</th><th scope=\"col\" class=\"n\">line</th></tr></thead>\n"
			   "<tbody>\n");
	for (uint32_t i = 0; i < s->nframes; i++)
		frame(buf, log, &s->frames[i], i,
		      rep->guilty_stack == (int32_t)stack && rep->guilty_frame == (int32_t)i);
	od_buf_addstr(buf, "</tbody></table></div>\n");
	for (uint32_t i = 0; i < rep->nexcerpts; i++)
		if (rep->excerpts[i].stack == stack)
			excerpt(buf, &rep->excerpts[i]);
}
