/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules in force, and how reports get to those that may concern them. */
#define _GNU_SOURCE
#include "analyze/rules.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/rule-eval.h"
#include "analyze/rule-find.h"
#include "analyze/rule-regex.h"
#include "analyze/rule-write.h"
#include "base/alloc.h"

/* Matches of regular expressions that an input may take to their limits, each about a millisecond. */
enum { MAX_GIVEN_UP = 256 };

/* The user's first: a rule of theirs replaces the built-in one of the same id. */
static struct od_rule_set sets[2];
static unsigned nsets;
static bool no_builtin, ready;
static struct od_rule_writer *writer;

bool od_rules_have_yaml(void)
{
	return od_yaml_built();
}

bool od_rules_have_regex(void)
{
	return od_regex_built();
}

void od_rules_no_builtin(void)
{
	no_builtin = true;
}

bool od_rules_add(const char *name, const char *text, size_t len, struct od_buf *errors)
{
	struct od_lint lint = { name, errors, 0 };
	struct od_arena arena;
	struct od_yaml *root;

	if (!writer)
		writer = od_rule_writer_create();
	od_arena_init(&arena);
	root = od_yaml_read(&arena, text, len, &lint);
	if (root)
		od_rule_read(writer, root, &lint);
	else if (!lint.n)
		od_lint(&lint, 1, 1, "there is nothing in it");
	od_arena_deinit(&arena);
	return !lint.n;
}

static void use(const uint32_t *words, size_t n)
{
	struct od_rule_set *set = &sets[nsets];

	if (!od_rule_set_init(set, words, n))
		return;
	set->regexes = od_calloc(set->head->regexes + 1u, sizeof(*set->regexes));
	nsets++;
}

static bool ids_are_unique(const struct od_rule_set *set, struct od_buf *errors)
{
	bool ok = true;

	for (uint32_t i = 0; i < set->nrules; i++) {
		const struct od_rule *rule = &set->rules[i], *other;
		const uint32_t first = od_rule_find(set, set->strings + rule->id);

		if (first == i || first == UINT32_MAX)
			continue;
		other = &set->rules[first];
		od_buf_printf(errors, "%s:%u:1: the id '%s' is that of %s:%u\n", set->strings + rule->file, rule->line,
			      set->strings + rule->id, set->strings + other->file, other->line);
		ok = false;
	}
	return ok;
}

bool od_rules_ready(struct od_buf *errors)
{
	uint32_t *block;
	size_t n;

	if (!writer)
		return true;
	od_rule_index(writer);
	block = od_rule_finish(writer, &n);
	od_rule_writer_destroy(writer);
	writer = NULL;
	use(block, n);
	return ids_are_unique(&sets[0], errors);
}

/* The built-in ones are only looked at when somebody asks for rules. */
static void prepare(void)
{
	if (ready)
		return;
	ready = true;
	if (od_rules_builtin_n && !no_builtin)
		use(od_rules_builtin, od_rules_builtin_n);
}

void od_rules_prepare(void)
{
	bool needed = false;

	prepare();
	for (unsigned k = 0; k < nsets; k++)
		needed |= sets[k].head->regexes > 0;
	if (needed)
		od_regex_prepare();
}

const char *const *od_rules_interest(void)
{
	static const char *all[2 * OD_RULE_CONTEXTS + 1];
	static bool made;
	unsigned n = 0;

	prepare();
	for (unsigned k = 0; k < nsets && !made; k++)
		for (uint32_t i = 0; i < sets[k].head->parts[OD_RULE_WANTED].n; i++)
			all[n++] = sets[k].strings + sets[k].wanted[i];
	made = true;
	return all;
}

unsigned od_rule_sets(const struct od_rule_set **ret)
{
	prepare();
	*ret = sets;
	return nsets;
}

uint32_t od_rule_find(const struct od_rule_set *set, const char *id)
{
	const uint32_t hash = od_key_hash(OD_KEY_ID, id, strlen(id)), n = set->head->parts[OD_RULE_IDS].n;

	for (uint32_t i = hash & (n - 1); n && set->ids[i].hash; i = (i + 1) & (n - 1))
		if (set->ids[i].hash == hash && !strcmp(set->strings + set->rules[set->ids[i].posts].id, id))
			return set->ids[i].posts;
	return UINT32_MAX;
}

bool od_rule_in_force(unsigned nth, const struct od_rule *rule)
{
	return !nth || od_rule_find(&sets[0], sets[nth].strings + rule->id) == UINT32_MAX;
}

/* --- candidates ------------------------------------------------------------------------ */

struct search {
	const struct od_rule_set *set;
	uint8_t *seen; /* a bit a rule */
	uint32_t *found, nfound;
};

static void candidate(struct search *s, uint32_t rule)
{
	if (s->seen[rule / 8] >> rule % 8 & 1)
		return;
	s->seen[rule / 8] |= (uint8_t)(1u << rule % 8);
	s->found[s->nfound++] = rule;
}

static void look_up(struct search *s, enum od_key_type type, const char *name, size_t len)
{
	const uint32_t hash = od_key_hash(type, name, len), n = s->set->head->parts[OD_RULE_KEYS].n;

	for (uint32_t i = hash & (n - 1); n && s->set->keys[i].hash; i = (i + 1) & (n - 1)) {
		const struct od_rule_key *key = &s->set->keys[i];

		if (key->hash != hash)
			continue;
		for (uint32_t k = 0; k < key->n; k++)
			candidate(s, s->set->posts[key->posts + k]);
		return;
	}
}

static void look_up_name(struct search *s, const char *name)
{
	const size_t len = strnlen(name, OD_MAX_NAME);

	look_up(s, OD_KEY_FUNCTION, name, len);
	if (len >= OD_KEY_HEAD_LEN)
		look_up(s, OD_KEY_HEAD, name, OD_KEY_HEAD_LEN);
}

static void look_up_frames(struct search *s, const struct od_report *rep)
{
	const char *module = NULL;

	for (uint32_t k = 0; k < rep->nstacks; k++) {
		for (uint32_t i = 0; i < rep->stacks[k].nframes; i++) {
			const struct od_frame *f = &rep->stacks[k].frames[i];

			if (f->function)
				look_up_name(s, f->function);
			if (f->symbol && (!f->function || f->suffix || strcmp(f->symbol, f->function) != 0))
				look_up_name(s, f->symbol);
			if (f->module && (!module || strcmp(module, f->module) != 0)) {
				module = f->module;
				look_up(s, OD_KEY_FRAME_MODULE, module, strlen(module));
				look_up(s, OD_KEY_MODULE, module, strlen(module));
			}
		}
	}
	if (rep->guilty_function && rep->guilty_frame < 0)
		look_up_name(s, rep->guilty_function);
}

static void look_up_text(struct search *s, const char *text, size_t len)
{
	const uint32_t *bits = s->set->gram_bits, mask = s->set->head->parts[OD_RULE_GRAMS].n - 1;

	for (size_t at = 0; at + 4 <= len; at += 4) {
		uint32_t bytes, h;

		memcpy(&bytes, text + at, sizeof(bytes));
		h = od_gram_hash(bytes);
		if (!(bits[h / 32] >> h % 32 & 1))
			continue;
		for (uint32_t i = h & mask; s->set->grams[i].literal; i = (i + 1) & mask) {
			const struct od_rule_gram *g = &s->set->grams[i];
			const char *literal = s->set->strings + g->literal;
			size_t n;

			if (g->bytes != bytes || g->at > at)
				continue;
			n = strlen(literal);
			if (at - g->at + n <= len && !memcmp(text + at - g->at, literal, n))
				candidate(s, g->rule);
		}
	}
}

static void find_candidates(struct search *s, const struct od_report *rep)
{
	const char *kind = od_kind_name(rep->kind);

	look_up(s, OD_KEY_ALWAYS, "", 0);
	look_up(s, OD_KEY_KIND, kind, strlen(kind));
	look_up_frames(s, rep);
	for (uint32_t i = 0; i < rep->nmodules; i++)
		look_up(s, OD_KEY_MODULE, rep->modules[i].name, strlen(rep->modules[i].name));
	for (uint32_t i = 0; s->set->head->parts[OD_RULE_GRAMS].n && i < rep->nrecords; i++)
		look_up_text(s, rep->records[i].text, rep->records[i].len);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void run_set(unsigned nth, struct od_rule_view *view)
{
	static struct search s; /* its memory is kept from report to report */
	static uint32_t room;

	s.set = &sets[nth];
	if (!s.seen || room < s.set->nrules) {
		room = s.set->nrules;
		s.seen = od_realloc(s.seen, room / 8 + 1u);
		s.found = od_realloc(s.found, room * sizeof(*s.found));
	}
	memset(s.seen, 0, s.set->nrules / 8 + 1u);
	s.nfound = 0;
	find_candidates(&s, view->rep);
	/* The same order whatever they were found by. */
	if (s.nfound > 1)
		qsort(s.found, s.nfound, sizeof(*s.found), by_number);
	for (uint32_t i = 0; i < s.nfound; i++) {
		const struct od_rule *rule = &s.set->rules[s.found[i]];

		if (od_rule_in_force(nth, rule))
			od_rule_try(s.set, rule, view);
	}
}

void od_rules_run(struct od_input *in, uint32_t first, uint32_t n)
{
	unsigned sum = 0;

	prepare();
	if (first > in->nreports || n > in->nreports - first)
		return;
	for (uint32_t i = first; i < first + n && nsets; i++) {
		struct od_rule_view view;

		od_rule_view_init(&view, in, in->reports[i]);
		view.no_regex = sum >= MAX_GIVEN_UP;
		for (unsigned k = 0; k < nsets; k++)
			run_set(k, &view);
		if (view.limits)
			od_report_note(in->reports[i], 0, "rules: %u matches of regular expressions took too long and were "
							  "given up", view.limits);
		if (view.no_regex)
			od_report_note(in->reports[i], 0, "rules: no more regular expressions were tried on this input");
		sum += view.limits;
		od_rule_view_deinit(&view);
		od_report_sort_findings(in->reports[i]);
	}
}

/* --- what there is ------------------------------------------------------------------------- */

void od_rules_list(struct od_buf *out)
{
	prepare();
	for (unsigned k = 0; k < nsets; k++) {
		for (uint32_t i = 0; i < sets[k].nrules; i++) {
			const struct od_rule *rule = &sets[k].rules[i];
			const char *s = sets[k].strings;

			if (!od_rule_in_force(k, rule))
				continue;
			od_buf_printf(out, "rule %s %u %s", s + rule->id, rule->confidence, s + rule->title);
			if (rule->commit)
				od_buf_printf(out, " (%.12s \"%s\")\n", s + rule->commit, s + rule->subject);
			else
				od_buf_printf(out, " (%s)\n", s + rule->advisory);
		}
	}
}

size_t od_rules_samples(size_t *rules)
{
	size_t n = 0;

	prepare();
	*rules = 0;
	for (unsigned k = 0; k < nsets; k++) {
		n += sets[k].head->parts[OD_RULE_SAMPLES].n;
		*rules += sets[k].nrules;
	}
	return n;
}

/* The rule whose samples begin last before the i-th; they stand in the order of the rules. */
static const struct od_rule *rule_of_sample(const struct od_rule_set *set, size_t i)
{
	uint32_t low = 0, high = set->nrules;

	while (high - low > 1) {
		const uint32_t middle = low + (high - low) / 2;

		if (set->rules[middle].samples <= i)
			low = middle;
		else
			high = middle;
	}
	/* Those of a rule that was left out are nobody's. */
	return set->nrules && i >= set->rules[low].samples && i - set->rules[low].samples < set->rules[low].nsamples ?
		       &set->rules[low] : NULL;
}

void od_rules_sample(size_t i, struct od_rule_case *ret)
{
	*ret = (struct od_rule_case){ 0 };
	for (unsigned k = 0; k < nsets; k++) {
		const struct od_rule_set *set = &sets[k];
		const struct od_rule_sample *sample;
		const struct od_rule *rule;

		if (i >= set->head->parts[OD_RULE_SAMPLES].n) {
			i -= set->head->parts[OD_RULE_SAMPLES].n;
			continue;
		}
		sample = &set->samples[i];
		rule = rule_of_sample(set, i);
		/* Nor those of one that the user's replaced. */
		if (rule && od_rule_in_force(k, rule))
			*ret = (struct od_rule_case){ set->strings + rule->id, set->strings + rule->file,
						      set->strings + sample->from, set->strings + sample->text,
						      sample->line, sample->len, sample->refuse };
		return;
	}
}
