/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How rules are found. Of the conditions of a rule that must hold, one is taken that few reports meet: the
 * name of a function, a piece of text, a module; the kind only where there is nothing else. A report then
 * looks its own names up, and all rules that have nothing to do with it cost nothing.
 */
#include "analyze/rule-write.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cursor.h"

/* What finding a rule by a key costs, in candidates that come in vain; to compare. */
enum {
	COST_FUNCTION = 1,
	COST_HEAD = 20,
	COST_FRAME_MODULE = 30,
	COST_LITERAL = 60, /* lines are searched for them, which names are not */
	COST_MODULE = 80,
	COST_KIND = 5000,
	COST_ALWAYS = 100000,
	MAX_KEYS = 256, /* of one rule; with more it is looked at always */
};

struct key {
	enum od_key_type type; /* OD_KEY_NONE: a literal */
	uint32_t string, len;
};

struct keys {
	struct key all[MAX_KEYS];
	unsigned n;
	unsigned cost;
};

struct index {
	struct od_rule_writer *w;
	uint32_t *times;  /* how many rules name the function: by a hash */
	uint32_t *grams;  /* how many literals have those four bytes: by their hash */
	struct keys scratch[OD_RULE_DEPTH + 4];
};

enum { TIMES = 1 << 14 };

static void add_key(struct keys *k, enum od_key_type type, uint32_t string, uint32_t len, unsigned cost)
{
	if (k->n == MAX_KEYS) {
		k->cost = COST_ALWAYS;
		return;
	}
	k->all[k->n++] = (struct key){ type, string, len };
	k->cost += cost;
}

static bool is_wild(const char *s)
{
	return strpbrk(s, "*?") != NULL;
}

static void name_key(const struct index *x, const struct od_rule_name *name, struct keys *k)
{
	const char *function = od_rule_str(x->w, name->function), *module = od_rule_str(x->w, name->module);
	const size_t head = strcspn(function, "*?"), len = strlen(function);

	if (head == len)
		add_key(k, OD_KEY_FUNCTION, name->function, (uint32_t)len,
			COST_FUNCTION + x->times[od_key_hash(OD_KEY_FUNCTION, function, len) % TIMES]);
	else if (head >= OD_KEY_HEAD_LEN)
		add_key(k, OD_KEY_HEAD, name->function, OD_KEY_HEAD_LEN, COST_HEAD);
	else if (*module && !is_wild(module))
		add_key(k, OD_KEY_FRAME_MODULE, name->module, (uint32_t)strlen(module), COST_FRAME_MODULE);
	else
		k->cost = COST_ALWAYS;
}

static void keys_of(struct index *x, const struct od_rule_cond *c, unsigned depth, struct keys *k);

static void strings_keys(const struct index *x, const struct od_rule_cond *c, enum od_key_type type,
			 unsigned cost, struct keys *k)
{
	for (uint32_t i = 0; i < c->n; i++) {
		const uint32_t string = *(uint32_t *)od_rule_row(x->w, OD_RULE_LISTS, c->first + i);
		const char *s = od_rule_str(x->w, string);

		if (is_wild(s))
			k->cost = COST_ALWAYS;
		else
			add_key(k, type, string, (uint32_t)strlen(s), cost);
	}
}

/* The cheapest of those that must all hold. */
static void best_child(struct index *x, const struct od_rule_cond *c, unsigned depth, struct keys *k)
{
	struct keys *child = &x->scratch[depth];

	k->cost = COST_ALWAYS;
	for (uint32_t i = 0; i < c->n; i++) {
		keys_of(x, od_rule_row(x->w, OD_RULE_CONDS, c->first + i), depth + 1, child);
		if (child->cost < k->cost)
			*k = *child;
	}
}

/* All together. */
static void every_child(struct index *x, const struct od_rule_cond *c, unsigned depth, struct keys *k)
{
	struct keys *child = &x->scratch[depth];

	for (uint32_t i = 0; i < c->n && k->cost < COST_ALWAYS; i++) {
		keys_of(x, od_rule_row(x->w, OD_RULE_CONDS, c->first + i), depth + 1, child);
		if (child->cost >= COST_ALWAYS || k->n + child->n > MAX_KEYS) {
			k->cost = COST_ALWAYS;
			return;
		}
		memcpy(k->all + k->n, child->all, child->n * sizeof(*k->all));
		k->n += child->n;
		k->cost += child->cost;
	}
}

static void best_name(const struct index *x, const struct od_rule_cond *c, struct keys *k)
{
	k->cost = COST_ALWAYS;
	for (uint32_t i = 0; i < c->n; i++) {
		struct keys one;

		one.n = one.cost = 0;
		name_key(x, od_rule_row(x->w, OD_RULE_NAMES, c->first + i), &one);
		if (one.cost < k->cost) {
			k->n = one.n;
			k->cost = one.cost;
			k->all[0] = one.all[0];
		}
	}
}

static void keys_of(struct index *x, const struct od_rule_cond *c, unsigned depth, struct keys *k)
{
	k->n = k->cost = 0;
	switch ((enum od_cond_type)c->type) {
	case OD_COND_ALL:
		best_child(x, c, depth, k);
		break;
	case OD_COND_ANY:
		every_child(x, c, depth, k);
		break;
	case OD_COND_PC:
	case OD_COND_GUILTY:
		for (uint32_t i = 0; i < c->n; i++)
			name_key(x, od_rule_row(x->w, OD_RULE_NAMES, c->first + i), k);
		break;
	case OD_COND_FRAMES:
		best_name(x, c, k);
		break;
	case OD_COND_KIND:
		strings_keys(x, c, OD_KEY_KIND, COST_KIND, k);
		break;
	case OD_COND_MODULE:
		strings_keys(x, c, OD_KEY_MODULE, COST_MODULE, k);
		break;
	case OD_COND_TEXT:
		if (strlen(od_rule_str(x->w, c->b)) >= OD_RULE_LITERAL)
			add_key(k, OD_KEY_NONE, c->b, (uint32_t)strlen(od_rule_str(x->w, c->b)), COST_LITERAL);
		else
			k->cost = COST_ALWAYS;
		break;
	default:
		k->cost = COST_ALWAYS;
		break;
	}
	if (!k->cost)
		k->cost = COST_ALWAYS;
}

/* --- tables ---------------------------------------------------------------------- */

struct post {
	uint32_t hash, rule;
};

static int by_hash(const void *a, const void *b)
{
	const struct post *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static uint32_t table_size(uint32_t n)
{
	uint32_t size = 4;

	while (size < 2 * n)
		size *= 2;
	return size;
}

static void put_key(struct od_rule_key *table, uint32_t size, struct od_rule_key key)
{
	uint32_t i = key.hash & (size - 1);

	while (table[i].hash)
		i = (i + 1) & (size - 1);
	table[i] = key;
}

static void make_keys(struct od_rule_writer *w, struct od_buf *buf)
{
	struct post *posts = (struct post *)buf->data;
	const uint32_t n = (uint32_t)(buf->len / sizeof(*posts)), size = table_size(n);
	struct od_rule_key key = { 0 };
	uint32_t *lists;

	od_rule_rows(w, OD_RULE_KEYS, size);
	od_rule_rows(w, OD_RULE_POSTS, n);
	if (!n)
		return;
	qsort(posts, n, sizeof(*posts), by_hash);
	lists = od_rule_row(w, OD_RULE_POSTS, 0);
	for (uint32_t i = 0; i < n; i++) {
		lists[i] = posts[i].rule;
		if (i && posts[i].hash == key.hash) {
			key.n++;
			continue;
		}
		if (i)
			put_key(od_rule_row(w, OD_RULE_KEYS, 0), size, key);
		key = (struct od_rule_key){ posts[i].hash, i, 1 };
	}
	put_key(od_rule_row(w, OD_RULE_KEYS, 0), size, key);
}

struct literal {
	uint32_t string, len, rule;
};

static uint32_t bytes_at(const char *s)
{
	uint32_t v;

	memcpy(&v, s, sizeof(v));
	return v;
}

/* Where in the literal the four overlapping pieces begin that the fewest others have. */
static uint32_t best_place(const struct index *x, const char *s, uint32_t len)
{
	uint32_t best = 0, least = UINT32_MAX;

	for (uint32_t o = 0; o + OD_RULE_LITERAL <= len; o++) {
		uint32_t sum = 0;

		for (uint32_t i = 0; i < 4; i++)
			sum += x->grams[od_gram_hash(bytes_at(s + o + i))];
		if (sum < least) {
			least = sum;
			best = o;
		}
	}
	return best;
}

/* The text is looked at every four bytes: one of four pieces in a row stands there. */
static void make_grams(struct index *x, const struct od_buf *buf)
{
	const struct literal *all = (const struct literal *)buf->data;
	const uint32_t n = (uint32_t)(buf->len / sizeof(*all)), size = table_size(4 * n);
	struct od_rule_gram *table;
	uint32_t *bits;

	if (!n)
		return;
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t o = 0; o + 4 <= all[i].len; o++)
			x->grams[od_gram_hash(bytes_at(od_rule_str(x->w, all[i].string) + o))]++;
	od_rule_rows(x->w, OD_RULE_GRAMS, size);
	od_rule_rows(x->w, OD_RULE_GRAM_BITS, OD_GRAM_BITS / 32);
	table = od_rule_row(x->w, OD_RULE_GRAMS, 0);
	bits = od_rule_row(x->w, OD_RULE_GRAM_BITS, 0);
	for (uint32_t i = 0; i < n; i++) {
		const char *s = od_rule_str(x->w, all[i].string);
		const uint32_t at = best_place(x, s, all[i].len);

		for (uint32_t k = at; k < at + 4; k++) {
			const uint32_t h = od_gram_hash(bytes_at(s + k));
			uint32_t place = h & (size - 1);

			bits[h / 32] |= 1u << h % 32;
			while (table[place].literal)
				place = (place + 1) & (size - 1);
			table[place] = (struct od_rule_gram){ bytes_at(s + k), all[i].string, k, all[i].rule };
		}
	}
}

static void make_ids(struct od_rule_writer *w)
{
	const uint32_t n = od_rule_count(w, OD_RULE_ROWS), size = table_size(n);

	od_rule_rows(w, OD_RULE_IDS, size);
	for (uint32_t i = 0; i < n; i++) {
		const struct od_rule *rule = od_rule_row(w, OD_RULE_ROWS, i);
		const char *id = od_rule_str(w, rule->id);

		put_key(od_rule_row(w, OD_RULE_IDS, 0), size,
			(struct od_rule_key){ od_key_hash(OD_KEY_ID, id, strlen(id)), i, 1 });
	}
}

/* The filter of lines takes a word for a whole one, and nobody knows whether the literal begins with one. */
static uint32_t behind_word(const char *literal)
{
	uint32_t n = 0;

	while (od_is_alnum(literal[n]))
		n++;
	return strlen(literal + n) >= 2 * OD_RULE_LITERAL ? n : 0;
}

/* Lines that "context" looks at must be kept while nobody knows yet of which crash they will stand ahead. */
static void make_wanted(struct od_rule_writer *w)
{
	for (uint32_t i = 0; i < od_rule_count(w, OD_RULE_CONDS); i++) {
		const struct od_rule_cond *c = od_rule_row(w, OD_RULE_CONDS, i);
		const uint32_t n = od_rule_count(w, OD_RULE_WANTED);
		uint32_t k = 0, literal = c->b;

		if (c->type != OD_COND_CONTEXT || n == OD_RULE_CONTEXTS)
			continue;
		literal += behind_word(od_rule_str(w, literal));
		while (k < n && *(uint32_t *)od_rule_row(w, OD_RULE_WANTED, k) != literal)
			k++;
		if (k < n)
			continue;
		od_rule_rows(w, OD_RULE_WANTED, 1);
		*(uint32_t *)od_rule_row(w, OD_RULE_WANTED, n) = literal;
	}
}

static void count_names(struct index *x)
{
	for (uint32_t i = 0; i < od_rule_count(x->w, OD_RULE_NAMES); i++) {
		const struct od_rule_name *name = od_rule_row(x->w, OD_RULE_NAMES, i);
		const char *s = od_rule_str(x->w, name->function);

		x->times[od_key_hash(OD_KEY_FUNCTION, s, strlen(s)) % TIMES]++;
	}
}

void od_rule_index(struct od_rule_writer *w)
{
	struct index *x = od_calloc(1, sizeof(*x));
	struct od_buf posts = OD_BUF_INIT, literals = OD_BUF_INIT;
	struct keys *k = &x->scratch[OD_RULE_DEPTH + 3];

	x->w = w;
	x->times = od_calloc(TIMES, sizeof(*x->times));
	x->grams = od_calloc(OD_GRAM_BITS, sizeof(*x->grams));
	count_names(x);
	for (uint32_t i = 0; i < od_rule_count(w, OD_RULE_ROWS); i++) {
		const struct od_rule *rule = od_rule_row(w, OD_RULE_ROWS, i);

		keys_of(x, od_rule_row(w, OD_RULE_CONDS, rule->when), 0, k);
		if (k->cost >= COST_ALWAYS) {
			k->n = 1;
			k->all[0] = (struct key){ OD_KEY_ALWAYS, 0, 0 };
		}
		for (unsigned n = 0; n < k->n; n++) {
			const struct key *key = &k->all[n];
			const char *s = od_rule_str(w, key->string);
			const struct literal literal = { key->string, key->len, i };
			const struct post post = { od_key_hash(key->type, s, key->len), i };

			if (key->type == OD_KEY_NONE)
				od_buf_add(&literals, &literal, sizeof(literal));
			else
				od_buf_add(&posts, &post, sizeof(post));
		}
	}
	make_keys(w, &posts);
	make_grams(x, &literals);
	make_ids(w);
	make_wanted(w);
	od_buf_deinit(&posts);
	od_buf_deinit(&literals);
	free(x->times);
	free(x->grams);
	free(x);
}
