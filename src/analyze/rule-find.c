/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/rule-find.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/address.h"
#include "analyze/rules.h"

enum { QUOTED = 160, MAX_VALUE = 128 }; /* bytes of a line, of a capture, that are shown */

/* --- evidence -------------------------------------------------------------------------- */

static void put_frame(struct od_buf *buf, const struct od_frame *f)
{
	od_buf_addstr(buf, f->function ? f->function : f->symbol ? f->symbol : "?");
	if (f->module)
		od_buf_printf(buf, " [%s]", f->module);
}

static const struct od_frame *hit_frame(const struct od_report *rep, const struct od_rule_hit *h, uint32_t i)
{
	return h->stack >= 0 && i < h->nframes ? &rep->stacks[h->stack].frames[h->frames[i]] : NULL;
}

static void put_frames(struct od_buf *buf, const struct od_report *rep, const struct od_rule_hit *h)
{
	const char *between = h->cond->flags == OD_FRAMES_ORDERED  ? ", further out " :
			      h->cond->flags == OD_FRAMES_ADJACENT ? ", called by " :
								     ", ";

	if (rep->stacks[h->stack].name && h->cond->a)
		od_buf_printf(buf, "the stack \"%s\" has ", rep->stacks[h->stack].name);
	else
		od_buf_addstr(buf, "the trace has ");
	for (uint32_t i = 0; i < h->nframes; i++) {
		if (i)
			od_buf_addstr(buf, between);
		put_frame(buf, hit_frame(rep, h, i));
	}
	if (h->cond->n > h->nframes)
		od_buf_printf(buf, " and %u more", h->cond->n - h->nframes);
}

static void put_quoted(struct od_buf *buf, const char *before, const struct od_rule_hit *h)
{
	const char *text = h->text;
	size_t len = h->len;

	for (; len && *text == ' '; text++)
		len--;
	od_buf_addstr(buf, before);
	od_buf_addch(buf, '"');
	od_buf_add(buf, text, len < QUOTED ? len : QUOTED);
	od_buf_addstr(buf, len < QUOTED ? "\"" : "...\"");
}

static void put_register(struct od_buf *buf, const struct od_report *rep, const struct od_rule_hit *h)
{
	struct od_buf what = OD_BUF_INIT;

	od_address_describe(rep, h->value, &what);
	od_buf_printf(buf, "%s is 0x%016" PRIx64 "%s%s", strcmp(h->text, "fault") ? h->text : "the fault address",
		      h->value, what.len ? ": " : "", od_buf_str(&what));
	od_buf_deinit(&what);
}

/* The sentence for a hit, and how much it proves. */
static enum od_grade put_hit(struct od_buf *buf, const struct od_rule_set *set, const struct od_report *rep,
			     const struct od_rule_hit *h)
{
	const char *a = set->strings + h->cond->a;

	switch ((enum od_cond_type)h->cond->type) {
	case OD_COND_PC:
		od_buf_addstr(buf, "stopped in ");
		put_frame(buf, hit_frame(rep, h, 0));
		return OD_GRADE_STRONG;
	case OD_COND_GUILTY:
		od_buf_addstr(buf, rep->guilty_function);
		if (rep->guilty_module)
			od_buf_printf(buf, " [%s]", rep->guilty_module);
		od_buf_addstr(buf, " is to blame");
		return OD_GRADE_MEDIUM;
	case OD_COND_FRAMES:
		put_frames(buf, rep, h);
		return OD_GRADE_STRONG;
	case OD_COND_REGISTER:
		put_register(buf, rep, h);
		return OD_GRADE_MEDIUM;
	case OD_COND_DETAIL:
		od_buf_printf(buf, "%s is ", a);
		if (h->text)
			od_buf_add(buf, h->text, h->len < QUOTED ? h->len : QUOTED);
		else
			od_buf_printf(buf, "%" PRIu64, h->value);
		return OD_GRADE_MEDIUM;
	case OD_COND_MODULE:
		od_buf_printf(buf, "module %.64s is loaded", h->text);
		return OD_GRADE_WEAK;
	case OD_COND_TAINT:
		od_buf_printf(buf, "the kernel is tainted %s", h->text);
		return OD_GRADE_WEAK;
	case OD_COND_TEXT:
		put_quoted(buf, "the kernel said ", h);
		return OD_GRADE_STRONG;
	case OD_COND_CONTEXT:
		put_quoted(buf, "before it the kernel said ", h);
		return OD_GRADE_MEDIUM;
	default:
		return OD_GRADE_WEAK;
	}
}

static void add_evidence(struct od_report *rep, struct od_finding *f, enum od_grade grade, const char *text,
			 size_t len, const struct od_rule_hit *h)
{
	struct od_evidence *e;
	uint32_t *lines;

	if (f->nevidence >= OD_MAX_EVIDENCE)
		return;
	e = od_push(&rep->arena, f->evidence, f->nevidence, f->evidence_cap);
	*e = (struct od_evidence){ .grade = grade, .stack = -1, .frame = -1 };
	e->text = od_arena_strndup(&rep->arena, text, len);
	if (!h)
		return;
	e->stack = h->nframes ? h->stack : -1;
	e->frame = h->nframes && h->stack >= 0 ? (int32_t)h->frames[0] : -1;
	e->has_address = h->cond->type == OD_COND_REGISTER;
	e->address = e->has_address ? h->value : 0;
	lines = od_arena_alloc(&rep->arena, (h->nframes + 1) * sizeof(*lines));
	for (uint32_t i = 0; i < h->nframes; i++) {
		const struct od_frame *frame = hit_frame(rep, h, i);

		if (frame && frame->lines.first)
			lines[e->nlines++] = frame->lines.first;
	}
	if (!e->nlines && h->lineno)
		lines[e->nlines++] = h->lineno;
	e->lines = lines;
}

/* --- texts with variables ------------------------------------------------------------------ */

static void put_own(struct od_buf *buf, const struct od_rule_view *view, const char *name, size_t len)
{
	const struct od_report *rep = view->rep;
	const char *release = od_rule_release(view);
	const struct {
		const char *name, *value;
	} own[] = {
		{ "function", rep->guilty_function },
		{ "module", rep->guilty_module },
		{ "pc", view->pc ? view->pc->function : NULL },
		{ "comm", rep->comm },
		{ "release", release },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (strlen(own[i].name) != len || memcmp(own[i].name, name, len) != 0)
			continue;
		od_buf_addstr(buf, own[i].value ? own[i].value : "(unknown)");
		return;
	}
	od_buf_addstr(buf, "(unknown)");
}

static void put_variable(struct od_buf *buf, const struct od_rule_eval *e, const char *name, size_t len)
{
	for (unsigned i = 0; i < e->ncaptures; i++) {
		const struct od_rule_capture *c = &e->captures[i];

		if (strlen(c->name) != len || memcmp(c->name, name, len) != 0)
			continue;
		od_buf_add(buf, c->text, c->len < MAX_VALUE ? c->len : MAX_VALUE);
		return;
	}
	put_own(buf, e->view, name, len);
}

static const char *fill_in(const struct od_rule_eval *e, uint32_t string)
{
	const char *s = e->set->strings + string;
	struct od_arena *arena = &e->view->rep->arena;
	struct od_buf buf = OD_BUF_INIT;
	const char *at, *ret;

	/* What has none stands in the block, which lives as long as we do. */
	if (!string || !strstr(s, "${"))
		return string ? s : NULL;
	while ((at = strstr(s, "${")) != NULL) {
		const size_t len = strcspn(at + 2, "}");

		if (!at[2 + len])
			break;
		od_buf_add(&buf, s, (size_t)(at - s));
		put_variable(&buf, e, at + 2, len);
		s = at + 3 + len;
	}
	od_buf_addstr(&buf, s);
	ret = od_arena_strndup(arena, buf.data, buf.len);
	od_buf_deinit(&buf);
	return ret;
}

/* --- the finding ------------------------------------------------------------------------------ */

static void add_texts(const struct od_rule_eval *e, const struct od_rule *rule, struct od_finding *f)
{
	struct od_report *rep = e->view->rep;
	const char *s = e->set->strings;

	for (uint32_t i = 0; i < rule->nadvice; i++)
		*od_push(&rep->arena, f->advice, f->nadvice, f->advice_cap) =
			fill_in(e, e->set->lists[rule->advice + i]);
	if (rule->commit)
		*od_push(&rep->arena, f->references, f->nreferences, f->references_cap) =
			od_arena_printf(&rep->arena, "fixed by commit %.12s (\"%s\")", s + rule->commit, s + rule->subject);
	else
		*od_push(&rep->arena, f->references, f->nreferences, f->references_cap) = s + rule->advisory;
	for (uint32_t i = 0; i < rule->nreferences; i++) {
		const char *reference = s + e->set->lists[rule->references + i];

		if (strcmp(reference, s + rule->advisory) != 0)
			*od_push(&rep->arena, f->references, f->nreferences, f->references_cap) = reference;
	}
}

static bool known(const struct od_report *rep, const char *id)
{
	for (uint32_t i = 0; i < rep->nfindings; i++)
		if (!strcmp(rep->findings[i].id, id))
			return true;
	return false;
}

static void add_finding(struct od_rule_eval *e, const struct od_rule *rule, enum od_affected affected,
			const struct od_buf *why)
{
	struct od_report *rep = e->view->rep;
	struct od_buf text = OD_BUF_INIT;
	struct od_finding f = { .id = e->set->strings + rule->id, .plugin = "rules" };

	f.title = fill_in(e, rule->title);
	f.severity = (enum od_severity)rule->severity;
	f.score = rule->confidence;
	if (affected == OD_MAYBE_AFFECTED)
		f.score = f.score * 3 / 4;
	if (e->unreliable)
		f.score = f.score > 10 ? f.score - 10 : 1;
	f.cause = fill_in(e, rule->cause);
	for (unsigned i = 0; i < e->nhits; i++) {
		enum od_grade grade;

		od_buf_reset(&text);
		grade = put_hit(&text, e->set, rep, &e->hits[i]);
		if (text.len)
			add_evidence(rep, &f, grade, text.data, text.len, &e->hits[i]);
	}
	if (why->len)
		add_evidence(rep, &f, affected == OD_IS_AFFECTED ? OD_GRADE_MEDIUM : OD_GRADE_WEAK, why->data, why->len,
			     NULL);
	add_texts(e, rule, &f);
	*od_push(&rep->arena, rep->findings, rep->nfindings, rep->findings_cap) = f;
	od_buf_deinit(&text);
}

void od_rule_try(const struct od_rule_set *set, const struct od_rule *rule, struct od_rule_view *view)
{
	struct od_rule_eval e;
	struct od_buf why = OD_BUF_INIT;
	enum od_affected affected;

	od_rule_eval_init(&e, set, view, rule);
	if (!od_rule_holds(&e, &set->conds[rule->when]) || known(view->rep, set->strings + rule->id))
		return;
	affected = od_rule_affects(set, rule, od_rule_release(view), rule->affected ? od_rule_said(view) : NULL, &why);
	if (affected != OD_NOT_AFFECTED && view->rep->nfindings < 4 * OD_MAX_FINDINGS)
		add_finding(&e, rule, affected, &why);
	od_buf_deinit(&why);
}
