/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a tree of YAML to rules: keys are rows, and whatever is wrong is said with its place. */
#include "analyze/rule-write.h"

#include <string.h>

#include "analyze/rule-regex.h"
#include "analyze/rule-version.h"
#include "base/cursor.h"

struct read {
	struct od_rule_writer *w;
	struct od_lint *lint;
	struct od_rule *rule;
};

#define COMPLAIN(r, node, ...) od_lint((r)->lint, (node)->line, (node)->column, __VA_ARGS__)

static bool is_text(const struct read *r, const struct od_yaml *node, size_t max)
{
	if (node->type != OD_YAML_TEXT)
		COMPLAIN(r, node, "'%s' is a text", node->key ? node->key : "this");
	else if (!node->len)
		COMPLAIN(r, node, "'%s' is empty", node->key ? node->key : "this");
	else if (node->len > max)
		COMPLAIN(r, node, "'%s' has more than %zu bytes", node->key ? node->key : "this", max);
	else
		return true;
	return false;
}

static uint32_t text(const struct read *r, const struct od_yaml *node, size_t max)
{
	size_t len = node->len;

	if (!is_text(r, node, max))
		return 0;
	while (len && (node->text[len - 1] == '\n' || od_is_blank(node->text[len - 1])))
		len--;
	return od_rule_string(r->w, node->text, len);
}

uint32_t od_rule_list(struct od_rule_writer *w, const struct od_yaml *node, size_t max, uint32_t *first,
		      struct od_lint *lint)
{
	const struct read r = { .w = w, .lint = lint };
	const struct od_yaml *item = node->type == OD_YAML_LIST ? node->first : node;
	uint32_t n = node->type == OD_YAML_LIST ? node->n : 1, i = 0;

	if (node->type == OD_YAML_MAP || !n || n > OD_RULE_ITEMS) {
		od_lint(lint, node->line, node->column,
			n > OD_RULE_ITEMS ? "a list of more than %d" : "a text is needed, or a list of up to %d",
			OD_RULE_ITEMS);
		return 0;
	}
	*first = od_rule_rows(w, OD_RULE_LISTS, n);
	for (; i < n; i++, item = item->next) {
		uint32_t string = text(&r, item, max);

		*(uint32_t *)od_rule_row(w, OD_RULE_LISTS, *first + i) = string;
	}
	return n;
}

/* family/what */
static bool id_ok(const char *s)
{
	const char *slash = strchr(s, '/');

	return strlen(s) <= OD_RULE_ID && slash && slash > s && slash[1] && !strchr(slash + 1, '/') &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-/") == strlen(s);
}

static void read_id(struct read *r, const struct od_yaml *node)
{
	r->rule->id = text(r, node, 1000);
	if (r->rule->id && !id_ok(od_rule_str(r->w, r->rule->id)))
		COMPLAIN(r, node, "an id is family/what, of a-z, 0-9 and '-', up to %d bytes", OD_RULE_ID);
}

static void read_title(struct read *r, const struct od_yaml *node)
{
	r->rule->title = text(r, node, 200);
}

static void read_cause(struct read *r, const struct od_yaml *node)
{
	r->rule->cause = text(r, node, OD_RULE_TEXT);
}

static void read_severity(struct read *r, const struct od_yaml *node)
{
	enum od_severity severity;

	if (is_text(r, node, 16) && !od_severity_by_name(node->text, &severity))
		COMPLAIN(r, node, "'%s' is not info, low, medium, high or critical", node->text);
	else if (node->type == OD_YAML_TEXT && node->len)
		r->rule->severity = severity;
}

static void read_confidence(struct read *r, const struct od_yaml *node)
{
	struct od_cursor c = od_cursor_init(node->text, node->len);
	uint64_t n;

	if (!is_text(r, node, 16))
		return;
	if (!od_cur_dec(&c, &n) || !od_cur_end(&c) || n < 1 || n > 100)
		COMPLAIN(r, node, "'%s' is not a number from 1 to 100", node->text);
	else
		r->rule->confidence = (uint32_t)n;
}

static void read_when(struct read *r, const struct od_yaml *node)
{
	r->rule->when = od_rule_read_when(r->w, node, r->rule, r->lint);
}

static void read_advice(struct read *r, const struct od_yaml *node)
{
	r->rule->nadvice = od_rule_list(r->w, node, OD_RULE_TEXT, &r->rule->advice, r->lint);
}

static void read_references(struct read *r, const struct od_yaml *node)
{
	r->rule->nreferences = od_rule_list(r->w, node, 500, &r->rule->references, r->lint);
}

/* --- affected ------------------------------------------------------------------- */

/* 1 + index of a version. */
static uint32_t version(const struct read *r, const struct od_yaml *node, unsigned parts)
{
	struct od_rule_version v;
	uint32_t i;
	unsigned dots = 0;

	if (!is_text(r, node, 32))
		return 0;
	for (const char *p = node->text; *p; p++)
		dots += *p == '.';
	if (!od_version_parse(node->text, node->len, &v) || dots + 1 < parts) {
		COMPLAIN(r, node, "'%s' is no version of the kernel: %s", node->text,
			 parts == 3 ? "5.15.12" : "5.16");
		return 0;
	}
	i = od_rule_rows(r->w, OD_RULE_VERSIONS, 1);
	*(struct od_rule_version *)od_rule_row(r->w, OD_RULE_VERSIONS, i) = v;
	return 1 + i;
}

static void read_branches(const struct read *r, const struct od_yaml *node, uint32_t *first, uint32_t *n)
{
	if (node->type != OD_YAML_LIST || node->n > OD_RULE_ITEMS) {
		COMPLAIN(r, node, "'%s' is a list of releases, one a branch: [\"5.15.12\", \"5.10.88\"]", node->key);
		return;
	}
	*first = od_rule_count(r->w, OD_RULE_VERSIONS);
	for (const struct od_yaml *item = node->first; item; item = item->next)
		*n += version(r, item, 3) != 0;
	for (uint32_t i = 0; i < *n; i++) {
		const struct od_rule_version *v = od_rule_row(r->w, OD_RULE_VERSIONS, *first + i);

		for (uint32_t k = 0; k < i; k++) {
			const struct od_rule_version *u = od_rule_row(r->w, OD_RULE_VERSIONS, *first + k);

			if (u->a == v->a && u->b == v->b)
				COMPLAIN(r, node, "two releases of the branch %u.%u", v->a, v->b);
		}
	}
}

static void read_distribution(const struct read *r, const struct od_yaml *node, struct od_rule_dist *d)
{
	const struct od_yaml *match = od_yaml_get(node, "match"), *fixed = od_yaml_get(node, "fixed");
	const struct od_yaml *un = od_yaml_get(node, "unaffected");

	if (node->type != OD_YAML_MAP || !match || !fixed == !un || node->n != 2) {
		COMPLAIN(r, node, "a distribution is {match: PATTERN, fixed: RELEASE} or {match: PATTERN, "
				  "unaffected: true}");
		return;
	}
	d->match = text(r, match, 100);
	if (un && (!is_text(r, un, 8) || strcmp(un->text, "true") != 0))
		COMPLAIN(r, un, "'unaffected' can only be true");
	if (fixed) {
		d->fixed = text(r, fixed, 100);
		if (d->fixed && !od_is_digit(fixed->text[0]))
			COMPLAIN(r, fixed, "a release begins with a number");
	}
}

static void read_distributions(const struct read *r, const struct od_yaml *node, struct od_rule_affected *a)
{
	if (node->type != OD_YAML_LIST || !node->n || node->n > OD_RULE_ITEMS) {
		COMPLAIN(r, node, "'distributions' is a list of 1 to %d", OD_RULE_ITEMS);
		return;
	}
	a->dists = od_rule_rows(r->w, OD_RULE_DISTS, node->n);
	for (const struct od_yaml *item = node->first; item; item = item->next) {
		struct od_rule_dist d = { 0 };

		read_distribution(r, item, &d);
		*(struct od_rule_dist *)od_rule_row(r->w, OD_RULE_DISTS, a->dists + a->ndists++) = d;
	}
}

static void read_affected(struct read *r, const struct od_yaml *node)
{
	struct od_rule_affected a = { 0 };
	uint32_t i;

	if (node->type != OD_YAML_MAP) {
		COMPLAIN(r, node, "'affected' has the keys since, fixed, stable, stable-since, distributions");
		return;
	}
	for (const struct od_yaml *child = node->first; child; child = child->next) {
		if (!strcmp(child->key, "since"))
			a.since = version(r, child, 2);
		else if (!strcmp(child->key, "fixed"))
			a.fixed = version(r, child, 2);
		else if (!strcmp(child->key, "stable"))
			read_branches(r, child, &a.stable, &a.nstable);
		else if (!strcmp(child->key, "stable-since"))
			read_branches(r, child, &a.came, &a.ncame);
		else if (!strcmp(child->key, "distributions"))
			read_distributions(r, child, &a);
		else
			od_lint(r->lint, child->key_line, child->key_column, "no key of 'affected': '%s'", child->key);
	}
	if (a.since && a.fixed &&
	    od_version_cmp(od_rule_row(r->w, OD_RULE_VERSIONS, a.since - 1),
			   od_rule_row(r->w, OD_RULE_VERSIONS, a.fixed - 1)) >= 0)
		COMPLAIN(r, node, "'since' is not before 'fixed'");
	i = od_rule_rows(r->w, OD_RULE_AFFECTED, 1);
	*(struct od_rule_affected *)od_rule_row(r->w, OD_RULE_AFFECTED, i) = a;
	r->rule->affected = 1 + i;
}

static void read_fix(struct read *r, const struct od_yaml *node)
{
	const struct od_yaml *commit = od_yaml_get(node, "commit"), *subject = od_yaml_get(node, "subject");
	const struct od_yaml *advisory = od_yaml_get(node, "advisory");

	if (node->type != OD_YAML_MAP || !commit == !advisory || (commit && !subject) ||
	    node->n != 1 + (subject != NULL)) {
		COMPLAIN(r, node, "'fix' is {commit: ID, subject: TEXT} or {advisory: URL}, that with a subject too");
		return;
	}
	if (commit) {
		r->rule->commit = text(r, commit, 40);
		if (r->rule->commit && (commit->len < 12 || strspn(commit->text, "0123456789abcdef") != commit->len))
			COMPLAIN(r, commit, "a commit is 12 to 40 hex digits");
	}
	if (subject)
		r->rule->subject = text(r, subject, 300);
	if (advisory)
		r->rule->advisory = text(r, advisory, 500);
}

/* --- samples -------------------------------------------------------------------- */

static void read_sample(struct read *r, const struct od_yaml *node, bool refuse)
{
	const struct od_yaml *from = od_yaml_get(node, "from"), *what = od_yaml_get(node, "text");
	struct od_rule_sample s = { .refuse = refuse, .line = node->line };
	uint32_t i;

	if (node->type != OD_YAML_MAP || !what || node->n != 1 + (from != NULL)) {
		COMPLAIN(r, node, "a sample is {from: WHERE, text: LINES}");
		return;
	}
	if (!from && !refuse)
		COMPLAIN(r, node, "a sample that must match says where it is from");
	if (from)
		s.from = text(r, from, 500);
	if (!is_text(r, what, OD_RULE_SAMPLE))
		return;
	s.text = od_rule_string(r->w, what->text, what->len);
	s.len = what->len;
	i = od_rule_rows(r->w, OD_RULE_SAMPLES, 1);
	*(struct od_rule_sample *)od_rule_row(r->w, OD_RULE_SAMPLES, i) = s;
	r->rule->nsamples++;
}

static void read_samples(struct read *r, const struct od_yaml *node)
{
	const struct od_yaml *match = od_yaml_get(node, "match");

	r->rule->samples = od_rule_count(r->w, OD_RULE_SAMPLES);
	if (node->type != OD_YAML_MAP || !match) {
		COMPLAIN(r, node, "'samples' has the key match, and refuse");
		return;
	}
	for (const struct od_yaml *list = node->first; list; list = list->next) {
		const bool refuse = !strcmp(list->key, "refuse");

		if (!refuse && list != match)
			od_lint(r->lint, list->key_line, list->key_column, "no key of 'samples': '%s'", list->key);
		else if (list->type != OD_YAML_LIST || !list->n || list->n > OD_RULE_ITEMS)
			COMPLAIN(r, list, "'%s' is a list of 1 to %d samples", list->key, OD_RULE_ITEMS);
		else
			for (const struct od_yaml *s = list->first; s; s = s->next)
				read_sample(r, s, refuse);
	}
}

static const struct {
	const char *key;
	bool needed;
	void (*read)(struct read *r, const struct od_yaml *node);
} keys[] = {
	{ "id", true, read_id },
	{ "title", true, read_title },
	{ "severity", true, read_severity },
	{ "confidence", true, read_confidence },
	{ "when", true, read_when },
	{ "affected", false, read_affected },
	{ "cause", true, read_cause },
	{ "advice", true, read_advice },
	{ "references", false, read_references },
	{ "fix", true, read_fix },
	{ "samples", true, read_samples },
};

enum { KEYS = sizeof(keys) / sizeof(*keys) };


static bool has_var(const struct read *r, const char *name, size_t len)
{
	static const char *const own[] = { "function", "module", "pc", "comm", "release" };

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (strlen(own[i]) == len && !memcmp(own[i], name, len))
			return true;
	for (uint32_t i = 0; i < r->rule->nvars; i++) {
		const uint32_t *at = od_rule_row(r->w, OD_RULE_LISTS, r->rule->vars + i);
		const char *var = od_rule_str(r->w, *at);

		if (strlen(var) == len && !memcmp(var, name, len))
			return true;
	}
	return false;
}

static void check_vars(const struct read *r, const struct od_yaml *node)
{
	const struct od_yaml *item = node && node->type == OD_YAML_LIST ? node->first : node;

	for (; item; item = item == node ? NULL : item->next) {
		const char *s = item->text;

		while ((s = strstr(s, "${")) != NULL) {
			size_t len = strcspn(s += 2, "}");

			if (s[len] && !has_var(r, s, len))
				COMPLAIN(r, item, "no capture is named '%.*s'", len > 64 ? 64 : (int)len, s);
		}
	}
}

static void read_rule(struct od_rule_writer *w, const struct od_yaml *node, uint32_t file,
		      struct od_lint *lint)
{
	struct od_rule rule = { .file = file, .line = node->line };
	struct read r = { w, lint, &rule };
	unsigned n = lint->n;
	uint32_t i;

	if (node->type != OD_YAML_MAP) {
		COMPLAIN(&r, node, "a rule has keys: id, title, severity, confidence, when, cause, advice, fix, samples");
		return;
	}
	for (const struct od_yaml *child = node->first; child; child = child->next) {
		for (i = 0; i < KEYS && strcmp(child->key, keys[i].key) != 0; i++)
			;
		if (i == KEYS)
			od_lint(lint, child->key_line, child->key_column, "no key of a rule: '%s'", child->key);
		else
			keys[i].read(&r, child);
	}
	for (i = 0; i < KEYS; i++)
		if (keys[i].needed && !od_yaml_get(node, keys[i].key))
			COMPLAIN(&r, node, "the rule has no '%s'", keys[i].key);
	check_vars(&r, od_yaml_get(node, "title"));
	check_vars(&r, od_yaml_get(node, "cause"));
	check_vars(&r, od_yaml_get(node, "advice"));
	/* A rule with a fault is not used, so that nothing half understood ever matches. */
	if (lint->n != n)
		return;
	if (od_rule_count(w, OD_RULE_ROWS) == OD_RULES_MAX) {
		COMPLAIN(&r, node, "more than %d rules", OD_RULES_MAX);
		return;
	}
	i = od_rule_rows(w, OD_RULE_ROWS, 1);
	*(struct od_rule *)od_rule_row(w, OD_RULE_ROWS, i) = rule;
}

void od_rule_read(struct od_rule_writer *w, const struct od_yaml *root, struct od_lint *lint)
{
	const struct od_yaml *rules = od_yaml_get(root, "rules");
	const uint32_t file = od_rule_string(w, lint->name, strlen(lint->name));

	if (!rules || rules->type != OD_YAML_LIST || root->n != 1) {
		od_lint(lint, root->line, root->column, "a file of rules has one key, 'rules', with a list");
		return;
	}
	for (const struct od_yaml *node = rules->first; node; node = node->next) {
		read_rule(w, node, file, lint);
		if (lint->n > OD_YAML_COMPLAINTS)
			return;
	}
}
