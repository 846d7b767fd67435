/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules that nearly match, and what is missing: all conditions are judged, not only up to the first that
 * fails. Asked for by people (--explain, --test-rules), so that all rules may be looked at.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/data.h"
#include "analyze/rule-find.h"
#include "analyze/rules.h"

enum { SHOWN = 5, SHOWN_ITEMS = 4, SHOWN_LEN = 80 };

/* How much it tells that this is the problem when such a condition holds; a kind alone is no near miss. */
static const uint8_t weights[OD_COND_TYPES] = {
	[OD_COND_PC] = 4, [OD_COND_GUILTY] = 4, [OD_COND_FRAMES] = 5, [OD_COND_REGISTER] = 1, [OD_COND_DETAIL] = 2,
	[OD_COND_MODULE] = 1, [OD_COND_TEXT] = 4, [OD_COND_CONTEXT] = 4,
};

enum { ENOUGH = 4, ALL_BUT_VERSION = 100 };

static const char *item(const struct od_rule_set *set, const struct od_rule_cond *c, uint32_t i)
{
	return set->strings + set->lists[c->first + i];
}

static void put_list(struct od_buf *buf, const struct od_rule_set *set, const struct od_rule_cond *c,
		     const char *between)
{
	for (uint32_t i = 0; i < c->n && i < SHOWN_ITEMS; i++)
		od_buf_printf(buf, "%s%s", i ? between : "", item(set, c, i));
	if (c->n > SHOWN_ITEMS)
		od_buf_addstr(buf, " ...");
}

static void put_names(struct od_buf *buf, const struct od_rule_set *set, const struct od_rule_cond *c,
		      const char *between)
{
	for (uint32_t i = 0; i < c->n && i < SHOWN_ITEMS; i++) {
		const struct od_rule_name *name = &set->names[c->first + i];

		od_buf_printf(buf, "%s%s", i ? between : "", set->strings + name->function);
		if (name->module)
			od_buf_printf(buf, " [%s]", set->strings + name->module);
	}
	if (c->n > SHOWN_ITEMS)
		od_buf_addstr(buf, " ...");
}

static void put_register(struct od_buf *buf, const struct od_rule_set *set, const struct od_rule_cond *c)
{
	static const char *const hows[] = { "is", "below", "above", "in a region", "above" };
	const uint64_t value = (uint64_t)c->value_high << 32 | c->value_low;

	put_list(buf, set, c, " or ");
	od_buf_printf(buf, " %s", hows[c->flags]);
	if (c->flags != OD_REGISTER_REGION)
		od_buf_printf(buf, " 0x%" PRIx64, value);
	if (c->flags == OD_REGISTER_BETWEEN)
		od_buf_printf(buf, " and below 0x%" PRIx64, (uint64_t)c->b << 32 | c->a);
}

/* What the condition wants. */
static void put_wanted(struct od_buf *buf, const struct od_rule_set *set, const struct od_rule_cond *c,
		       unsigned depth)
{
	static const char *const words[OD_COND_TYPES] = {
		[OD_COND_ALL] = "all of ", [OD_COND_ANY] = "one of ", [OD_COND_NOT] = "not ",
		[OD_COND_KIND] = "kind ", [OD_COND_SUBKIND] = "subkind ", [OD_COND_ARCH] = "arch ",
		[OD_COND_COMM] = "comm ", [OD_COND_RELEASE] = "release ", [OD_COND_PC] = "pc ",
		[OD_COND_GUILTY] = "guilty ", [OD_COND_FRAMES] = "frames ", [OD_COND_REGISTER] = "register ",
		[OD_COND_DETAIL] = "detail ", [OD_COND_MODULE] = "module ", [OD_COND_TAINT] = "taint ",
		[OD_COND_TEXT] = "a line with ", [OD_COND_CONTEXT] = "a line before it with ",
	};

	od_buf_addstr(buf, words[c->type]);
	switch ((enum od_cond_type)c->type) {
	case OD_COND_ALL:
	case OD_COND_ANY:
	case OD_COND_NOT:
		for (uint32_t i = 0; i < c->n && i < SHOWN_ITEMS && depth < 3; i++) {
			od_buf_addstr(buf, i ? "; " : c->n > 1 ? "(" : "");
			put_wanted(buf, set, &set->conds[c->first + i], depth + 1);
		}
		od_buf_addstr(buf, c->n > SHOWN_ITEMS ? "; ...)" : c->n > 1 ? ")" : "");
		break;
	case OD_COND_PC:
	case OD_COND_GUILTY:
		put_names(buf, set, c, " or ");
		break;
	case OD_COND_FRAMES:
		put_names(buf, set, c, ", ");
		if (c->a)
			od_buf_printf(buf, " in the stack \"%s\"", set->strings + c->a);
		break;
	case OD_COND_REGISTER:
		put_register(buf, set, c);
		break;
	case OD_COND_DETAIL:
		od_buf_printf(buf, "%s ", set->strings + c->a);
		put_list(buf, set, c, " or ");
		break;
	case OD_COND_TAINT:
		od_buf_addstr(buf, set->strings + c->a);
		break;
	case OD_COND_TEXT:
	case OD_COND_CONTEXT:
		od_buf_printf(buf, "/%.*s/", SHOWN_LEN, set->strings + c->a);
		break;
	default:
		put_list(buf, set, c, " or ");
		if (c->a)
			od_buf_printf(buf, " (%s)", set->strings + c->a);
		break;
	}
}

/* And what the report has instead, where that is one word. */
static void put_found(struct od_buf *buf, const struct od_rule_cond *c, const struct od_rule_view *view)
{
	const struct od_report *rep = view->rep;
	const char *release = od_rule_release(view);
	const char *have = NULL;

	switch ((enum od_cond_type)c->type) {
	case OD_COND_KIND:
		have = od_kind_name(rep->kind);
		break;
	case OD_COND_SUBKIND:
		have = rep->subkind ? rep->subkind : "not known";
		break;
	case OD_COND_ARCH:
		have = rep->arch ? rep->arch : "not known";
		break;
	case OD_COND_COMM:
		have = rep->comm ? rep->comm : "not known";
		break;
	case OD_COND_RELEASE:
		have = release ? release : "not known";
		break;
	case OD_COND_PC:
		have = view->pc && view->pc->function ? view->pc->function : "not known";
		break;
	case OD_COND_GUILTY:
		have = rep->guilty_function ? rep->guilty_function : "not known";
		break;
	default:
		return;
	}
	od_buf_printf(buf, " (it is %.*s)", SHOWN_LEN, have);
}

/* What a rule lacks. */
struct near {
	const struct od_rule_set *set;
	const struct od_rule *rule;
	unsigned failed;
	unsigned weight; /* of what holds */
	const struct od_rule_cond *first; /* that failed */
};

/* Functions that many traces have tell nothing: those that are passed over in the search for the guilty one. */
static bool is_common(const struct od_report *rep, const struct od_rule_hit *h)
{
	for (uint32_t i = 0; i < h->nframes && h->stack >= 0; i++) {
		const struct od_frame *f = &rep->stacks[h->stack].frames[h->frames[i]];

		if (f->function && !od_data_skip(f->function, f->module, rep->kind) && !od_data_is_dispatch(f->function))
			return false;
	}
	return h->nframes > 0;
}

static struct near judge(const struct od_rule_set *set, const struct od_rule *rule, struct od_rule_view *view)
{
	const struct od_rule_cond *when = &set->conds[rule->when];
	struct near n = { .set = set, .rule = rule };
	struct od_rule_eval e;

	od_rule_eval_init(&e, set, view, NULL);
	for (uint32_t i = 0; i < when->n; i++) {
		const struct od_rule_cond *c = &set->conds[when->first + i];

		if (!od_rule_holds(&e, c) && !n.failed++)
			n.first = c;
	}
	for (unsigned i = 0; i < e.nhits; i++)
		if (!is_common(view->rep, &e.hits[i]))
			n.weight += weights[e.hits[i].cond->type];
	return n;
}

static void put_near(struct od_buf *buf, const struct near *n, struct od_rule_view *view)
{
	const char *s = n->set->strings;

	od_buf_printf(buf, "%s: ", s + n->rule->id);
	if (n->first) {
		od_buf_addstr(buf, "all but ");
		put_wanted(buf, n->set, n->first, 0);
		put_found(buf, n->first, view);
	} else {
		od_buf_addstr(buf, "all but the version: ");
		od_rule_affects(n->set, n->rule, od_rule_release(view), od_rule_said(view), buf);
	}
}

static int by_weight(const void *a, const void *b)
{
	const struct near *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return strcmp(x->set->strings + x->rule->id, y->set->strings + y->rule->id);
}

static void add_near(struct near *best, unsigned *n, const struct near *one)
{
	best[(*n)++] = *one;
	qsort(best, *n, sizeof(*best), by_weight);
	if (*n > SHOWN)
		*n = SHOWN;
}

void od_rules_near(struct od_input *in, struct od_report *rep)
{
	struct near best[SHOWN + 1];
	struct od_rule_view view;
	const struct od_rule_set *sets;
	const unsigned nsets = od_rule_sets(&sets);
	unsigned n = 0;

	if (rep->near_done)
		return;
	rep->near_done = true;
	od_rule_view_init(&view, in, rep);
	for (unsigned k = 0; k < nsets; k++) {
		for (uint32_t i = 0; i < sets[k].nrules; i++) {
			struct near one = judge(&sets[k], &sets[k].rules[i], &view);
			struct od_buf why = OD_BUF_INIT;

			if (!one.failed && one.rule->affected &&
			    od_rule_affects(&sets[k], one.rule, od_rule_release(&view), od_rule_said(&view), &why) ==
				    OD_NOT_AFFECTED)
				one.weight += ALL_BUT_VERSION;
			else if (one.failed != 1 || one.weight < ENOUGH)
				one.weight = 0;
			od_buf_deinit(&why);
			if (one.weight && od_rule_in_force(k, one.rule))
				add_near(best, &n, &one);
		}
	}
	for (unsigned i = 0; i < n; i++) {
		struct od_buf text = OD_BUF_INIT;

		put_near(&text, &best[i], &view);
		*od_push(&rep->arena, rep->near, rep->nnear, rep->near_cap) =
			od_arena_strndup(&rep->arena, text.data, text.len);
		od_buf_deinit(&text);
	}
	od_rule_view_deinit(&view);
}

void od_rules_why_not(const char *id, struct od_input *in, struct od_buf *out)
{
	const struct od_rule_set *sets;
	const unsigned nsets = od_rule_sets(&sets);
	uint32_t at = UINT32_MAX;
	unsigned k = 0;

	for (; k < nsets && (at = od_rule_find(&sets[k], id)) == UINT32_MAX; k++)
		;
	if (at == UINT32_MAX)
		return;
	if (!in->nreports)
		od_buf_addstr(out, "    no report was found in the sample\n");
	for (uint32_t i = 0; i < in->nreports; i++) {
		const struct od_rule *rule = &sets[k].rules[at];
		const struct od_rule_cond *when = &sets[k].conds[rule->when];
		struct od_rule_view view;
		struct od_rule_eval e;

		od_rule_view_init(&view, in, in->reports[i]);
		od_buf_printf(out, "    report \"%s\":", in->reports[i]->title);
		od_rule_eval_init(&e, &sets[k], &view, NULL);
		if (!judge(&sets[k], rule, &view).failed) {
			od_buf_addstr(out, " all conditions hold; ");
			od_rule_affects(&sets[k], rule, od_rule_release(&view), od_rule_said(&view), out);
		}
		for (uint32_t c = 0; c < when->n; c++) {
			if (od_rule_holds(&e, &sets[k].conds[when->first + c]))
				continue;
			od_buf_addstr(out, "\n      missing: ");
			put_wanted(out, &sets[k], &sets[k].conds[when->first + c], 0);
			put_found(out, &sets[k].conds[when->first + c], &view);
		}
		od_buf_addch(out, '\n');
		od_rule_view_deinit(&view);
	}
}
