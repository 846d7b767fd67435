/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conditions of rules, one function each. They only read; nothing is kept but what they held by. */
#define _GNU_SOURCE
#include "analyze/rule-eval.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/address.h"
#include "analyze/rule-regex.h"
#include "analyze/rule-wildcard.h"
#include "base/alloc.h"
#include "base/cursor.h"

enum {
	MAX_LIMITS = 16, /* matches of a report that are given up; then no more are tried */
};

void od_rule_view_init(struct od_rule_view *view, struct od_input *in, struct od_report *rep)
{
	*view = (struct od_rule_view){ .in = in, .rep = rep };
	view->pc = od_report_pc(rep);
	view->guilty = od_report_guilty(rep);
}

void od_rule_view_deinit(struct od_rule_view *view)
{
	free(view->said);
}

const char *od_rule_release(const struct od_rule_view *view)
{
	return view->rep->release ? view->rep->release : view->in->release;
}

static bool tells_version(const char *s, size_t len)
{
	const char *debian = memmem(s, len, " Debian ", 8);

	return (debian && debian + 8 < s + len && od_is_digit(debian[8])) || memmem(s, len, "(Ubuntu ", 8);
}

/* Where a distribution prints it: in the header line of an oops, behind the release, and in the banner. */
const char *od_rule_said(struct od_rule_view *view)
{
	const struct od_report *rep = view->rep;

	if (view->has_said)
		return view->said;
	view->has_said = true;
	for (uint32_t i = 0; i < rep->nrecords && !view->said; i++) {
		const struct od_record *rec = &rep->records[i];

		if (!tells_version(rec->text, rec->len))
			continue;
		view->said = od_calloc(1, rec->len + 1u);
		memcpy(view->said, rec->text, rec->len);
	}
	/* Of another kernel it says nothing. */
	if (!view->said && rep->banner && rep->release && od_starts(rep->banner, rep->release))
		view->said = od_strdup(rep->banner);
	return view->said;
}

static void hit(struct od_rule_eval *e, const struct od_rule_hit *h)
{
	if (e->nhits < OD_HITS_MAX)
		e->hits[e->nhits++] = *h;
}

static const char *str(const struct od_rule_eval *e, uint32_t string)
{
	return e->set->strings + string;
}

/* One of the list's strings fits s. */
static bool fits_any(const struct od_rule_eval *e, const struct od_rule_cond *c, const char *s)
{
	for (uint32_t i = 0; s && i < c->n; i++)
		if (od_wildcard(str(e, e->set->lists[c->first + i]), s))
			return true;
	return false;
}

static const char *field(const struct od_rule_eval *e, enum od_cond_type type)
{
	const struct od_report *rep = e->view->rep;

	switch (type) {
	case OD_COND_KIND:
		return od_kind_name(rep->kind);
	case OD_COND_SUBKIND:
		return rep->subkind;
	case OD_COND_ARCH:
		return rep->arch;
	case OD_COND_COMM:
		return rep->comm;
	default:
		return od_rule_release(e->view);
	}
}

/* --- functions --------------------------------------------------------------------- */

bool od_rule_name_fits(const struct od_rule_set *set, const struct od_rule_name *name, const char *function,
		       const char *symbol, const char *module)
{
	const char *want = set->strings + name->function, *want_module = set->strings + name->module;

	if (!(function && od_wildcard(want, function)) && !(symbol && symbol != function && od_wildcard(want, symbol)))
		return false;
	if (!*want_module)
		return true;
	/* What is a module here may be part of the kernel there. */
	return module ? od_wildcard(want_module, module) : name->built_in;
}

static bool frame_fits(const struct od_rule_eval *e, const struct od_rule_name *name, const struct od_frame *f)
{
	return od_rule_name_fits(e->set, name, f->function, f->symbol, f->module);
}

static bool pc_holds(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	const struct od_frame *f = e->view->pc;

	for (uint32_t i = 0; f && i < c->n; i++) {
		if (!frame_fits(e, &e->set->names[c->first + i], f))
			continue;
		hit(e, &(struct od_rule_hit){ .cond = c, .stack = 0, .nframes = 1, .lineno = f->lines.first });
		return true;
	}
	return false;
}

static bool guilty_holds(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	const struct od_report *rep = e->view->rep;
	const struct od_frame *f = e->view->guilty;

	for (uint32_t i = 0; rep->guilty_function && i < c->n; i++) {
		struct od_rule_hit h = { .cond = c, .stack = rep->guilty_stack };

		if (!od_rule_name_fits(e->set, &e->set->names[c->first + i], rep->guilty_function,
				       f ? f->symbol : NULL, rep->guilty_module))
			continue;
		if (f) {
			h.frames[0] = (uint32_t)rep->guilty_frame;
			h.nframes = 1;
			h.lineno = f->lines.first;
		}
		hit(e, &h);
		return true;
	}
	return false;
}

struct walk {
	const struct od_rule_eval *e;
	const struct od_rule_cond *c;
	const struct od_stack *stack;
	bool doubtful; /* frames marked '?' count too */
	struct od_rule_hit hit;
	bool marked;   /* one did */
};

static bool counts(const struct walk *w, uint32_t frame)
{
	return w->doubtful || !(w->stack->frames[frame].flags & OD_FRAME_UNRELIABLE);
}

static void take_frame(struct walk *w, uint32_t frame)
{
	if (w->hit.nframes < OD_HIT_FRAMES)
		w->hit.frames[w->hit.nframes++] = frame;
	w->marked |= w->stack->frames[frame].flags & OD_FRAME_UNRELIABLE;
}

static bool walk_ordered(struct walk *w)
{
	uint32_t want = 0;

	for (uint32_t i = 0; i < w->stack->nframes && want < w->c->n; i++) {
		if (!counts(w, i) || !frame_fits(w->e, &w->e->set->names[w->c->first + want], &w->stack->frames[i]))
			continue;
		take_frame(w, i);
		want++;
	}
	return want == w->c->n;
}

static bool walk_adjacent(struct walk *w)
{
	for (uint32_t start = 0; start < w->stack->nframes; start++) {
		uint32_t want = 0;

		if (!counts(w, start))
			continue;
		w->hit.nframes = 0;
		w->marked = false;
		for (uint32_t i = start; i < w->stack->nframes && want < w->c->n; i++) {
			if (!counts(w, i))
				continue;
			if (!frame_fits(w->e, &w->e->set->names[w->c->first + want], &w->stack->frames[i]))
				break;
			take_frame(w, i);
			want++;
		}
		if (want == w->c->n)
			return true;
	}
	return false;
}

static bool walk_unordered(struct walk *w)
{
	for (uint32_t want = 0; want < w->c->n; want++) {
		uint32_t i = 0;

		while (i < w->stack->nframes &&
		       !(counts(w, i) && frame_fits(w->e, &w->e->set->names[w->c->first + want], &w->stack->frames[i])))
			i++;
		if (i == w->stack->nframes)
			return false;
		take_frame(w, i);
	}
	return true;
}

static bool frames_hold(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	static bool (*const walks[])(struct walk *w) = { walk_ordered, walk_adjacent, walk_unordered };
	const struct od_report *rep = e->view->rep;

	/* What the unwinder was sure of first. */
	for (unsigned doubtful = 0; doubtful < 2; doubtful++) {
		for (uint32_t s = 0; s < rep->nstacks; s++) {
			struct walk w = { .e = e, .c = c, .stack = &rep->stacks[s], .doubtful = doubtful,
					  .hit = { .cond = c, .stack = (int32_t)s } };

			if (c->a ? !w.stack->name || !od_wildcard(str(e, c->a), w.stack->name) : w.stack->aside)
				continue;
			if (!walks[c->flags](&w))
				continue;
			w.hit.lineno = w.hit.nframes ? w.stack->frames[w.hit.frames[0]].lines.first : 0;
			e->unreliable |= w.marked;
			hit(e, &w.hit);
			return true;
		}
	}
	return false;
}

/* --- registers, details, modules ---------------------------------------------------- */

static bool value_fits(const struct od_rule_eval *e, const struct od_rule_cond *c, uint64_t value)
{
	const uint64_t want = (uint64_t)c->value_high << 32 | c->value_low;
	struct od_address address;

	if (c->flags == OD_REGISTER_IS)
		return value == want;
	if (c->flags == OD_REGISTER_BELOW)
		return value < want;
	if (c->flags == OD_REGISTER_ABOVE)
		return value > want;
	if (c->flags == OD_REGISTER_BETWEEN)
		return value > want && value < ((uint64_t)c->b << 32 | c->a);
	od_address_classify(e->view->rep, value, &address);
	return address.region == (enum od_region)want;
}

static bool register_holds(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	const struct od_report *rep = e->view->rep;

	for (uint32_t i = 0; i < c->n; i++) {
		const char *name = str(e, e->set->lists[c->first + i]);
		const struct od_register *reg = od_report_register(rep, name);
		const bool fault = !strcmp(name, "fault") && rep->has_fault_address;
		const uint64_t value = fault ? rep->fault_address : reg ? reg->value : 0;

		if ((!fault && !reg) || !value_fits(e, c, value))
			continue;
		hit(e, &(struct od_rule_hit){ .cond = c, .stack = -1, .text = name, .len = strlen(name), .value = value,
					      .lineno = fault ? 0 : reg->lineno });
		return true;
	}
	return false;
}

static bool detail_holds(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	const struct od_detail *d = od_report_detail(e->view->rep, str(e, c->a));
	char number[32];
	const char *s = NULL;

	if (!d)
		return false;
	if (d->type == OD_DETAIL_STRING)
		s = d->string;
	else if (d->type == OD_DETAIL_NUMBER)
		snprintf(number, sizeof(number), "%llu", (unsigned long long)d->number);
	else if (d->type == OD_DETAIL_ADDRESS)
		snprintf(number, sizeof(number), "0x%llx", (unsigned long long)d->number);
	for (uint32_t i = 0; d->type == OD_DETAIL_LIST && i < d->nitems && !s; i++)
		if (fits_any(e, c, d->items[i]))
			s = d->items[i];
	if (!s && d->type != OD_DETAIL_NUMBER && d->type != OD_DETAIL_ADDRESS)
		return false;
	if (!fits_any(e, c, s ? s : number))
		return false;
	hit(e, &(struct od_rule_hit){ .cond = c, .stack = -1, .text = s, .len = s ? strlen(s) : 0, .value = d->number });
	return true;
}

static bool has_letters(const char *have, const char *want)
{
	for (; *want; want++)
		if (!have || !strchr(have, *want))
			return false;
	return true;
}

static bool module_holds(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	const struct od_report *rep = e->view->rep;

	for (uint32_t i = 0; i < rep->nmodules; i++) {
		const struct od_module *m = &rep->modules[i];

		if (!fits_any(e, c, m->name) || !has_letters(m->taint, str(e, c->a)))
			continue;
		hit(e, &(struct od_rule_hit){ .cond = c, .stack = -1, .text = m->name, .len = strlen(m->name) });
		return true;
	}
	/* A frame of it proves that it is there, too. */
	for (uint32_t s = 0; s < rep->nstacks && !c->a; s++) {
		for (uint32_t i = 0; i < rep->stacks[s].nframes; i++) {
			const struct od_frame *f = &rep->stacks[s].frames[i];

			if (!f->module || !fits_any(e, c, f->module))
				continue;
			hit(e, &(struct od_rule_hit){ .cond = c, .stack = -1, .text = f->module,
						      .len = strlen(f->module), .lineno = f->lines.first });
			return true;
		}
	}
	return false;
}

static bool taint_holds(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	if (!has_letters(e->view->rep->taint, str(e, c->a)))
		return false;
	hit(e, &(struct od_rule_hit){ .cond = c, .stack = -1, .text = str(e, c->a), .len = strlen(str(e, c->a)) });
	return true;
}

/* --- text --------------------------------------------------------------------------- */

static struct od_regex *regex_of(const struct od_rule_eval *e, const struct od_rule_cond *c)
{
	struct od_regex **re = &e->set->regexes[c->flags];

	if (!*re)
		*re = od_regex_compile(str(e, c->a), NULL);
	return *re;
}

static void take_captures(struct od_rule_eval *e, const struct od_regex *re, const struct od_rule *rule,
			  const char *text)
{
	for (uint32_t i = 0; i < rule->nvars; i++) {
		const char *name = str(e, e->set->lists[rule->vars + i]);
		size_t start, end;

		if (!od_regex_capture(re, name, &start, &end) || e->ncaptures == OD_RULE_VARS)
			continue;
		e->captures[e->ncaptures++] = (struct od_rule_capture){ name, text + start, end - start };
	}
}

/* A line, if the expression fits it. */
static bool line_holds(struct od_rule_eval *e, const struct od_rule_cond *c, const char *text, size_t len,
		       uint32_t lineno)
{
	const char *literal = str(e, c->b);
	const size_t literal_len = strlen(literal);
	struct od_regex *re;
	enum od_regex_result result;

	if (literal_len && !memmem(text, len, literal, literal_len))
		return false;
	re = e->view->limits < MAX_LIMITS && !e->view->no_regex ? regex_of(e, c) : NULL;
	if (!re)
		return false;
	result = od_regex_match(re, text, len);
	e->view->limits += result == OD_REGEX_LIMIT;
	if (result != OD_REGEX_YES)
		return false;
	if (e->rule)
		take_captures(e, re, e->rule, text);
	hit(e, &(struct od_rule_hit){ .cond = c, .stack = -1, .text = text, .len = len, .lineno = lineno });
	return true;
}

static bool text_holds(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	const struct od_report *rep = e->view->rep;

	for (uint32_t i = 0; i < rep->nrecords; i++)
		if (line_holds(e, c, rep->records[i].text, rep->records[i].len, rep->records[i].lineno))
			return true;
	return false;
}

static bool context_holds(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	const struct od_input *in = e->view->in;
	const uint32_t first = e->view->rep->lines.first;

	for (uint32_t i = in->ncontext; i-- > 0;)
		if (in->context[i].lineno < first &&
		    line_holds(e, c, in->context[i].text, in->context[i].len, in->context[i].lineno))
			return true;
	for (uint32_t i = in->ntimeline; i-- > 0;)
		if (in->timeline[i].lineno < first &&
		    line_holds(e, c, in->timeline[i].text, strlen(in->timeline[i].text), in->timeline[i].lineno))
			return true;
	return false;
}

/* --- all of it ---------------------------------------------------------------------- */

/* Conditions are tried in this order: texts, which cost most, when all else holds. */
static unsigned cost(const struct od_rule_cond *c)
{
	if (c->type <= OD_COND_NOT)
		return 2;
	return c->type >= OD_COND_TEXT ? 3 : c->type >= OD_COND_FRAMES ? 1 : 0;
}

static bool all_hold(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	for (unsigned pass = 0; pass < 4; pass++)
		for (uint32_t i = 0; i < c->n; i++)
			if (cost(&e->set->conds[c->first + i]) == pass && !od_rule_holds(e, &e->set->conds[c->first + i]))
				return false;
	return true;
}

static bool any_holds(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (od_rule_holds(e, &e->set->conds[c->first + i]))
			return true;
	return false;
}

static bool holds(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	switch ((enum od_cond_type)c->type) {
	case OD_COND_ALL:
		return all_hold(e, c);
	case OD_COND_ANY:
		return any_holds(e, c);
	case OD_COND_NOT:
		return !od_rule_holds(e, &e->set->conds[c->first]);
	case OD_COND_KIND:
	case OD_COND_SUBKIND:
	case OD_COND_ARCH:
	case OD_COND_COMM:
	case OD_COND_RELEASE:
		return fits_any(e, c, field(e, c->type));
	case OD_COND_PC:
		return pc_holds(e, c);
	case OD_COND_GUILTY:
		return guilty_holds(e, c);
	case OD_COND_FRAMES:
		return frames_hold(e, c);
	case OD_COND_REGISTER:
		return register_holds(e, c);
	case OD_COND_DETAIL:
		return detail_holds(e, c);
	case OD_COND_MODULE:
		return module_holds(e, c);
	case OD_COND_TAINT:
		return taint_holds(e, c);
	case OD_COND_TEXT:
		return text_holds(e, c);
	case OD_COND_CONTEXT:
		return context_holds(e, c);
	case OD_COND_TYPES:
		break;
	}
	return false;
}

bool od_rule_holds(struct od_rule_eval *e, const struct od_rule_cond *c)
{
	const unsigned nhits = e->nhits, ncaptures = e->ncaptures;
	const bool unreliable = e->unreliable, ok = holds(e, c);

	/* What a part held by says nothing if the whole does not; nor what is below a "not". */
	if (!ok || c->type == OD_COND_NOT) {
		e->nhits = nhits;
		e->ncaptures = ncaptures;
		e->unreliable = unreliable;
	}
	return ok;
}
