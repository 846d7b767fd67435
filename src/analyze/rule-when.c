/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the conditions of "when" to rows of struct od_rule_cond. */
#include "analyze/rule-write.h"

#include <string.h>

#include "analyze/rule-regex.h"
#include "base/cursor.h"

/* Bytes of a name, one of them "_", by which it tells its subsystem without the module. */
enum { OD_BUILT_IN = 8 };

struct when {
	struct od_rule_writer *w;
	struct od_lint *lint;
	struct od_rule *rule;
	unsigned depth, conditions;
	bool positive;	   /* not below a "not": what is found there is never shown */
	struct od_buf *vars; /* offsets of the names of captures */
};

#define COMPLAIN(r, node, ...) od_lint((r)->lint, (node)->line, (node)->column, __VA_ARGS__)

static struct od_rule_cond condition(struct when *r, const struct od_yaml *key, const struct od_yaml *node);

static void read_strings(struct when *r, const struct od_yaml *node, struct od_rule_cond *c)
{
	c->n = od_rule_list(r->w, node, 128, &c->first, r->lint);
}

static void read_kinds(struct when *r, const struct od_yaml *node, struct od_rule_cond *c)
{
	const struct od_yaml *item = node->type == OD_YAML_LIST ? node->first : node;

	read_strings(r, node, c);
	for (; c->n && item; item = item == node ? NULL : item->next)
		if (!strpbrk(item->text, "*?") && od_kind_by_name(item->text) == OD_KIND_NONE)
			COMPLAIN(r, item, "no kind is named '%s'", item->text);
}

/* "xprt_* [sunrpc]" */
static bool read_name(struct when *r, const struct od_yaml *node, struct od_rule_name *name)
{
	const char *open = node->type == OD_YAML_TEXT ? strstr(node->text, " [") : NULL;
	size_t len = open ? (size_t)(open - node->text) : node->len;

	if (node->type != OD_YAML_TEXT || !len || node->len > 256 || memchr(node->text, ' ', len) ||
	    (open && (node->text[node->len - 1] != ']' || node->len - len < 4))) {
		COMPLAIN(r, node, "a name of a function is needed: 'name' or 'name [module]', with * and ?");
		return false;
	}
	name->function = od_rule_string(r->w, node->text, len);
	if (open)
		name->module = od_rule_string(r->w, open + 2, node->len - len - 3);
	name->built_in = strcspn(node->text, "*? ") >= OD_BUILT_IN && memchr(node->text, '_', OD_BUILT_IN);
	return true;
}

static void read_names(struct when *r, const struct od_yaml *node, struct od_rule_cond *c)
{
	const struct od_yaml *item = node->type == OD_YAML_LIST ? node->first : node;
	const uint32_t n = node->type == OD_YAML_LIST ? node->n : 1;

	if (node->type == OD_YAML_MAP || !n || n > OD_RULE_ITEMS) {
		COMPLAIN(r, node, "a function is needed, or a list of up to %d", OD_RULE_ITEMS);
		return;
	}
	c->first = od_rule_rows(r->w, OD_RULE_NAMES, n);
	for (c->n = 0; c->n < n; c->n++, item = item->next) {
		struct od_rule_name name = { 0 };

		read_name(r, item, &name);
		*(struct od_rule_name *)od_rule_row(r->w, OD_RULE_NAMES, c->first + c->n) = name;
	}
}

static void read_frames(struct when *r, const struct od_yaml *node, struct od_rule_cond *c)
{
	static const struct {
		const char *key;
		enum od_frames_how how;
	} hows[] = { { "frames", OD_FRAMES_ORDERED },
		     { "frames-adjacent", OD_FRAMES_ADJACENT },
		     { "frames-unordered", OD_FRAMES_UNORDERED } };

	for (size_t i = 0; i < sizeof(hows) / sizeof(*hows); i++)
		if (!strcmp(node->key, hows[i].key))
			c->flags = hows[i].how;
	read_names(r, node, c);
}

static void read_stack(struct when *r, const struct od_yaml *node, struct od_rule_cond *c)
{
	const struct od_yaml *name = od_yaml_get(node, "name"), *frames = NULL;

	for (const struct od_yaml *child = node->first; node->type == OD_YAML_MAP && child; child = child->next)
		if (od_starts(child->key, "frames"))
			frames = child;
	if (!name || name->type != OD_YAML_TEXT || !name->len || name->len > 64 || !frames || node->n != 2) {
		COMPLAIN(r, node, "'stack' is {name: STACK, frames: [...]}");
		return;
	}
	c->a = od_rule_string(r->w, name->text, name->len);
	read_frames(r, frames, c);
}

/* Decimal, or hex behind 0x. */
static bool number(const char *s, uint64_t *ret)
{
	struct od_cursor c = od_cursor_init(s, strlen(s));

	return (od_cur_0x(&c, ret) || od_cur_dec(&c, ret)) && od_cur_end(&c);
}

static const struct {
	const char *name;
	enum od_region region;
} regions[] = {
	{ "user", OD_ADDR_USER },	    { "kernel-image", OD_ADDR_KERNEL_IMAGE },
	{ "modules", OD_ADDR_MODULES },	    { "direct-map", OD_ADDR_DIRECT_MAP },
	{ "vmalloc", OD_ADDR_VMALLOC },	    { "non-canonical", OD_ADDR_NONCANONICAL },
	{ "poison", OD_ADDR_POISON },	    { "null-page", OD_ADDR_SMALL },
	{ "error-pointer", OD_ADDR_ERR_PTR }, { "stack", OD_ADDR_STACK },
};

static bool region(const char *s, uint64_t *ret)
{
	for (size_t i = 0; i < sizeof(regions) / sizeof(*regions); i++) {
		if (strcmp(s, regions[i].name) != 0)
			continue;
		*ret = regions[i].region;
		return true;
	}
	return false;
}

/* above and below may stand together; both ends are outside. */
static void read_register(struct when *r, const struct od_yaml *node, struct od_rule_cond *c)
{
	static const char *const hows[] = { "value", "below", "above", "region" };
	const struct od_yaml *name = od_yaml_get(node, "name"), *below = od_yaml_get(node, "below"), *what = NULL;
	uint64_t value = 0, end = 0;
	bool range = below && od_yaml_get(node, "above");

	for (uint32_t i = 0; i < 4; i++) {
		const struct od_yaml *one = od_yaml_get(node, hows[i]);

		if (one) {
			what = one;
			c->flags = i;
		}
	}
	if (!name || !what || node->n != 2u + range || (range && c->flags != OD_REGISTER_ABOVE)) {
		COMPLAIN(r, node, "'register' is {name: NAME, value: NUMBER}, {name: NAME, above: NUMBER, below: NUMBER} (or "
				  "one of these), or {name: NAME, region: REGION}");
		return;
	}
	read_strings(r, name, c);
	if (c->flags == OD_REGISTER_REGION && !region(what->text, &value))
		COMPLAIN(r, what, "no region is named '%s'", what->text);
	if (c->flags != OD_REGISTER_REGION && !number(what->text, &value))
		COMPLAIN(r, what, "'%s' is no number", what->text);
	if (range && (!number(below->text, &end) || end <= value))
		COMPLAIN(r, below, "'%s' is no number above the other", below->text);
	if (range)
		c->flags = OD_REGISTER_BETWEEN;
	c->value_low = (uint32_t)value;
	c->value_high = (uint32_t)(value >> 32);
	c->a = (uint32_t)end;
	c->b = (uint32_t)(end >> 32);
}

static void read_detail(struct when *r, const struct od_yaml *node, struct od_rule_cond *c)
{
	if (node->type != OD_YAML_MAP || node->n != 1) {
		COMPLAIN(r, node, "'detail' is {KEY: VALUE}, a key of doc/json.md");
		return;
	}
	c->a = od_rule_string(r->w, node->first->key, strlen(node->first->key));
	read_strings(r, node->first, c);
}

static uint32_t letters(struct when *r, const struct od_yaml *node)
{
	if (node->type == OD_YAML_TEXT && node->len && node->len < 16 &&
	    strspn(node->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == node->len)
		return od_rule_string(r->w, node->text, node->len);
	COMPLAIN(r, node, "letters of taint are needed: OE");
	return 0;
}

static void read_module(struct when *r, const struct od_yaml *node, struct od_rule_cond *c)
{
	const struct od_yaml *name = od_yaml_get(node, "name"), *taint = od_yaml_get(node, "taint");

	if (node->type != OD_YAML_MAP) {
		read_strings(r, node, c);
		return;
	}
	if (!name || node->n != 1 + (taint != NULL)) {
		COMPLAIN(r, node, "'module' is NAME or {name: NAME, taint: LETTERS}");
		return;
	}
	read_strings(r, name, c);
	if (taint)
		c->a = letters(r, taint);
}

static void read_taint(struct when *r, const struct od_yaml *node, struct od_rule_cond *c)
{
	c->a = letters(r, node);
}

/* "(?<name>", "(?P<name>", "(?'name'" */
static void find_captures(struct when *r, const struct od_yaml *node)
{
	for (const char *s = node->text; (s = strstr(s, "(?")) != NULL;) {
		size_t len;

		s += 2;
		s += *s == 'P';
		if (*s != '<' && *s != '\'')
			continue;
		s++;
		len = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
		if (len && len <= 32 && r->vars->len / sizeof(uint32_t) < OD_RULE_VARS) {
			uint32_t string = od_rule_string(r->w, s, len);

			od_buf_add(r->vars, &string, sizeof(string));
		} else if (len) {
			COMPLAIN(r, node, "more than %d captures, or one with a name of more than 32 bytes", OD_RULE_VARS);
		}
	}
}

static void read_regex(struct when *r, const struct od_yaml *node, struct od_rule_cond *c)
{
	char literal[OD_RULE_PATTERN + 1];
	struct od_buf why = OD_BUF_INIT;
	struct od_regex *re;
	size_t len;

	if (node->type != OD_YAML_TEXT || !node->len || node->len > OD_RULE_PATTERN) {
		COMPLAIN(r, node, "a regular expression of up to %d bytes is needed", OD_RULE_PATTERN);
		return;
	}
	re = od_regex_built() ? od_regex_compile(node->text, &why) : NULL;
	if (!re && od_regex_built())
		COMPLAIN(r, node, "no regular expression: %s", od_buf_str(&why));
	od_buf_deinit(&why);
	od_regex_free(re);
	len = od_rule_literal(node->text, node->len, literal, sizeof(literal));
	if (!strcmp(node->key, "context") && len < OD_RULE_LITERAL)
		COMPLAIN(r, node, "'context' needs %d bytes in one piece that stand in every line it fits: such lines are "
				  "kept", OD_RULE_LITERAL);
	c->a = od_rule_string(r->w, node->text, node->len);
	c->b = od_rule_string(r->w, literal, len);
	c->flags = r->w->regexes++;
	if (r->positive)
		find_captures(r, node);
}

/* A list of conditions below any, all. */
static void read_group(struct when *r, const struct od_yaml *node, struct od_rule_cond *c)
{
	uint32_t n = 0;

	if (node->type != OD_YAML_LIST || !node->n || node->n > OD_RULE_ITEMS) {
		COMPLAIN(r, node, "a list of 1 to %d conditions is needed", OD_RULE_ITEMS);
		return;
	}
	if (r->depth == OD_RULE_DEPTH) {
		COMPLAIN(r, node, "conditions in each other, more than %d deep", OD_RULE_DEPTH);
		return;
	}
	r->depth++;
	c->first = od_rule_rows(r->w, OD_RULE_CONDS, node->n);
	for (const struct od_yaml *item = node->first; item; item = item->next) {
		struct od_rule_cond child = { .type = OD_COND_ALL };

		if (item->type != OD_YAML_MAP || item->n != 1)
			COMPLAIN(r, item, "a condition is one key with its value");
		else
			child = condition(r, item->first, item);
		*(struct od_rule_cond *)od_rule_row(r->w, OD_RULE_CONDS, c->first + n++) = child;
	}
	c->n = n;
	r->depth--;
}

/* One condition, or several of which not all may hold. */
static void read_not(struct when *r, const struct od_yaml *node, struct od_rule_cond *c)
{
	const bool positive = r->positive;
	struct od_rule_cond child = { .type = OD_COND_ALL };

	r->positive = false;
	c->n = 1;
	c->first = od_rule_rows(r->w, OD_RULE_CONDS, 1);
	if (node->type == OD_YAML_LIST) {
		read_group(r, node, &child);
	} else if (node->type == OD_YAML_MAP && node->n == 1 && r->depth < OD_RULE_DEPTH) {
		r->depth++;
		child = condition(r, node->first, node);
		r->depth--;
	} else {
		COMPLAIN(r, node, "'not' has one condition, or a list, at most %d deep", OD_RULE_DEPTH);
	}
	*(struct od_rule_cond *)od_rule_row(r->w, OD_RULE_CONDS, c->first) = child;
	r->positive = positive;
}

static const struct {
	const char *key;
	enum od_cond_type type;
	void (*read)(struct when *r, const struct od_yaml *node, struct od_rule_cond *c);
} rows[] = {
	{ "kind", OD_COND_KIND, read_kinds },
	{ "subkind", OD_COND_SUBKIND, read_strings },
	{ "arch", OD_COND_ARCH, read_strings },
	{ "comm", OD_COND_COMM, read_strings },
	{ "release", OD_COND_RELEASE, read_strings },
	{ "pc", OD_COND_PC, read_names },
	{ "guilty", OD_COND_GUILTY, read_names },
	{ "frames", OD_COND_FRAMES, read_frames },
	{ "frames-adjacent", OD_COND_FRAMES, read_frames },
	{ "frames-unordered", OD_COND_FRAMES, read_frames },
	{ "stack", OD_COND_FRAMES, read_stack },
	{ "register", OD_COND_REGISTER, read_register },
	{ "detail", OD_COND_DETAIL, read_detail },
	{ "module", OD_COND_MODULE, read_module },
	{ "taint", OD_COND_TAINT, read_taint },
	{ "text", OD_COND_TEXT, read_regex },
	{ "context", OD_COND_CONTEXT, read_regex },
	{ "any", OD_COND_ANY, read_group },
	{ "all", OD_COND_ALL, read_group },
	{ "not", OD_COND_NOT, read_not },
};

static struct od_rule_cond condition(struct when *r, const struct od_yaml *key, const struct od_yaml *node)
{
	struct od_rule_cond c = { .type = OD_COND_ALL, .line = node->line };

	if (++r->conditions == OD_RULE_CONDITIONS + 1)
		COMPLAIN(r, node, "more than %d conditions", OD_RULE_CONDITIONS);
	if (r->conditions > OD_RULE_CONDITIONS)
		return c;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(key->key, rows[i].key) != 0)
			continue;
		c.type = rows[i].type;
		rows[i].read(r, key, &c);
		return c;
	}
	od_lint(r->lint, key->key_line, key->key_column, "no condition is named '%s'", key->key);
	return c;
}

/* Something must hold that tells one problem from another. */
static bool tells(const struct when *r, const struct od_rule_cond *c)
{
	bool all = c->n > 0, any = false;

	if (c->type == OD_COND_ALL || c->type == OD_COND_ANY) {
		for (uint32_t i = 0; i < c->n; i++) {
			const struct od_rule_cond *child = od_rule_row(r->w, OD_RULE_CONDS, c->first + i);
			const bool yes = tells(r, child);

			all &= yes;
			any |= yes;
		}
		return c->type == OD_COND_ALL ? any : all;
	}
	return c->type == OD_COND_PC || c->type == OD_COND_GUILTY || c->type == OD_COND_FRAMES ||
	       c->type == OD_COND_TEXT || c->type == OD_COND_CONTEXT || c->type == OD_COND_DETAIL ||
	       c->type == OD_COND_REGISTER || c->type == OD_COND_MODULE;
}

uint32_t od_rule_read_when(struct od_rule_writer *w, const struct od_yaml *when, struct od_rule *rule,
			   struct od_lint *lint)
{
	struct od_buf vars = OD_BUF_INIT;
	struct when r = { .w = w, .lint = lint, .rule = rule, .positive = true, .vars = &vars };
	struct od_rule_cond c = { .type = OD_COND_ALL, .line = when->line };
	unsigned before = lint->n;
	uint32_t i;

	read_group(&r, when, &c);
	if (lint->n == before && !tells(&r, &c))
		COMPLAIN(&r, when, "nothing here tells one problem from another: a function, a text, a register, a module");
	rule->nvars = (uint32_t)(vars.len / sizeof(uint32_t));
	rule->vars = od_rule_rows(w, OD_RULE_LISTS, rule->nvars);
	if (vars.len)
		memcpy(od_rule_row(w, OD_RULE_LISTS, rule->vars), vars.data, vars.len);
	od_buf_deinit(&vars);
	i = od_rule_rows(w, OD_RULE_CONDS, 1);
	*(struct od_rule_cond *)od_rule_row(w, OD_RULE_CONDS, i) = c;
	return i;
}
