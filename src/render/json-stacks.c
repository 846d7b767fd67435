/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "render/json.h"

enum { MAX_FRAME_LINES = 16 };

static void frame_lines(struct od_json *w, struct od_lines l)
{
	od_json_array(w, "lines", true);
	for (uint32_t i = l.first; i && i <= l.last && i - l.first < MAX_FRAME_LINES; i++)
		od_json_num(w, NULL, i);
	od_json_end(w);
}

static void variables(struct od_json *w, const char *key, const struct od_frame *f, bool args)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->nvars; i++)
		n += f->vars[i].is_arg == args;
	if (!n) {
		od_json_null(w, key);
		return;
	}
	od_json_array(w, key, true);
	for (uint32_t i = 0; i < f->nvars; i++) {
		if (f->vars[i].is_arg != args)
			continue;
		od_json_object(w, NULL, true);
		od_json_str(w, "name", f->vars[i].name);
		od_json_str(w, "value", f->vars[i].value);
		od_json_str(w, "inlined", f->vars[i].inlined);
		od_json_str(w, "confidence",
			    f->vars[i].told ? od_confidence_name((enum od_confidence)f->vars[i].confidence) :
					      NULL);
		od_json_end(w);
	}
	od_json_end(w);
}

static void inlined(struct od_json *w, const struct od_frame *f)
{
	od_json_array(w, "inlined", true);
	for (uint32_t i = 0; i < f->ninlined; i++) {
		od_json_object(w, NULL, true);
		od_json_str(w, "function", f->inlined[i].function);
		od_json_str(w, "file", f->inlined[i].file);
		od_json_int(w, "line", f->inlined[i].line ? (int64_t)f->inlined[i].line : -1);
		od_json_end(w);
	}
	od_json_end(w);
}

static void frame(struct od_json *w, const struct od_frame *f)
{
	od_json_object(w, NULL, true);
	od_json_str(w, "symbol", f->symbol);
	od_json_str(w, "demangled", f->demangled);
	od_json_str(w, "function", f->function);
	od_json_str(w, "module", f->module);
	od_json_str(w, "build_id", f->build_id);
	if (f->addr)
		od_json_addr(w, "address", f->addr);
	else
		od_json_null(w, "address");
	if (f->flags & OD_FRAME_HAS_OFFSET) {
		od_json_num(w, "offset", f->offset);
		od_json_int(w, "size", f->size ? (int64_t)f->size : -1);
	} else {
		od_json_null(w, "offset");
		od_json_null(w, "size");
	}
	od_json_bool(w, "pc", f->flags & OD_FRAME_PC);
	od_json_bool(w, "reliable", !(f->flags & OD_FRAME_UNRELIABLE));
	od_json_bool(w, "guessed", f->flags & OD_FRAME_GUESSED);
	frame_lines(w, f->lines);
	variables(w, "args", f, true);
	variables(w, "locals", f, false);
	od_json_null(w, "registers");
	od_json_str(w, "file", f->file);
	od_json_int(w, "line", f->line ? (int64_t)f->line : -1);
	inlined(w, f);
	od_json_int(w, "number", f->flags & OD_FRAME_NUMBERED ? (int64_t)f->number : -1);
	od_json_end(w);
}

void od_json_stacks(struct od_json *w, const struct od_report *rep)
{
	od_json_array(w, "stacks", false);
	for (uint32_t s = 0; s < rep->nstacks; s++) {
		const struct od_stack *stack = &rep->stacks[s];

		od_json_object(w, NULL, false);
		od_json_str(w, "name", stack->name);
		od_json_word(w, "source", stack->from_memory ? "memory" : "log");
		od_json_array(w, "frames", false);
		for (uint32_t i = 0; i < stack->nframes; i++)
			frame(w, &stack->frames[i]);
		od_json_end(w);
		od_json_end(w);
	}
	od_json_end(w);
}

static void evidence(struct od_json *w, const struct od_evidence *e)
{
	od_json_object(w, NULL, true);
	od_json_word(w, "grade", od_grade_name(e->grade));
	od_json_str(w, "text", e->text);
	od_json_array(w, "lines", true);
	for (uint32_t i = 0; i < e->nlines; i++)
		od_json_num(w, NULL, e->lines[i]);
	od_json_end(w);
	od_json_int(w, "stack", e->stack);
	od_json_int(w, "frame", e->frame);
	if (e->has_address)
		od_json_addr(w, "address", e->address);
	else
		od_json_null(w, "address");
	od_json_end(w);
}

static void strings(struct od_json *w, const char *key, const char *const *list, uint32_t n)
{
	od_json_array(w, key, false);
	for (uint32_t i = 0; i < n; i++)
		od_json_str(w, NULL, list[i]);
	od_json_end(w);
}

void od_json_findings(struct od_json *w, const struct od_report *rep)
{
	od_json_array(w, "findings", false);
	for (uint32_t i = 0; i < rep->nfindings; i++) {
		const struct od_finding *f = &rep->findings[i];

		od_json_object(w, NULL, false);
		od_json_str(w, "id", f->id);
		od_json_str(w, "plugin", f->plugin);
		od_json_str(w, "title", f->title);
		od_json_word(w, "severity", od_severity_name(f->severity));
		od_json_num(w, "score", f->score);
		od_json_str(w, "cause", f->cause);
		strings(w, "advice", f->advice, f->nadvice);
		od_json_array(w, "evidence", false);
		for (uint32_t k = 0; k < f->nevidence; k++)
			evidence(w, &f->evidence[k]);
		od_json_end(w);
		strings(w, "references", f->references, f->nreferences);
		if (f->nlisting)
			strings(w, "listing", f->listing, f->nlisting);
		od_json_end(w);
	}
	od_json_end(w);
}
