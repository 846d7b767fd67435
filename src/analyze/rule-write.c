/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/rule-write.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static const size_t row_size[OD_RULE_PARTS] = {
	[OD_RULE_ROWS] = sizeof(struct od_rule),
	[OD_RULE_CONDS] = sizeof(struct od_rule_cond),
	[OD_RULE_NAMES] = sizeof(struct od_rule_name),
	[OD_RULE_LISTS] = sizeof(uint32_t),
	[OD_RULE_AFFECTED] = sizeof(struct od_rule_affected),
	[OD_RULE_DISTS] = sizeof(struct od_rule_dist),
	[OD_RULE_VERSIONS] = sizeof(struct od_rule_version),
	[OD_RULE_SAMPLES] = sizeof(struct od_rule_sample),
	[OD_RULE_KEYS] = sizeof(struct od_rule_key),
	[OD_RULE_POSTS] = sizeof(uint32_t),
	[OD_RULE_GRAMS] = sizeof(struct od_rule_gram),
	[OD_RULE_GRAM_BITS] = sizeof(uint32_t),
	[OD_RULE_IDS] = sizeof(struct od_rule_key),
	[OD_RULE_WANTED] = sizeof(uint32_t),
	[OD_RULE_STRINGS] = 1,
};

struct od_rule_writer *od_rule_writer_create(void)
{
	struct od_rule_writer *w = od_calloc(1, sizeof(*w));

	od_buf_addch(&w->parts[OD_RULE_STRINGS], '\0');
	/* Index 0 stands for "none" in a few places: nothing has it. */
	od_rule_rows(w, OD_RULE_CONDS, 1);
	return w;
}

void od_rule_writer_destroy(struct od_rule_writer *w)
{
	if (!w)
		return;
	for (unsigned i = 0; i < OD_RULE_PARTS; i++)
		od_buf_deinit(&w->parts[i]);
	free(w->strings);
	free(w);
}

uint32_t od_rule_count(const struct od_rule_writer *w, enum od_rule_part part)
{
	return (uint32_t)(w->parts[part].len / row_size[part]);
}

uint32_t od_rule_rows(struct od_rule_writer *w, enum od_rule_part part, uint32_t n)
{
	uint32_t first = od_rule_count(w, part);

	od_buf_fill(&w->parts[part], '\0', n * row_size[part]);
	return first;
}

void *od_rule_row(struct od_rule_writer *w, enum od_rule_part part, uint32_t i)
{
	return w->parts[part].data + i * row_size[part];
}

const char *od_rule_str(const struct od_rule_writer *w, uint32_t string)
{
	return w->parts[OD_RULE_STRINGS].data + string;
}

static uint32_t *string_place(struct od_rule_writer *w, const char *s, size_t len)
{
	uint32_t i = od_key_hash(OD_KEY_NONE, s, len) & (w->cap_strings - 1);

	while (w->strings[i]) {
		const char *t = od_rule_str(w, w->strings[i]);

		if (!strncmp(t, s, len) && !t[len])
			break;
		i = (i + 1) & (w->cap_strings - 1);
	}
	return &w->strings[i];
}

static void grow_strings(struct od_rule_writer *w)
{
	uint32_t *old = w->strings, n = w->cap_strings;

	w->cap_strings = n ? n * 2 : 1024;
	w->strings = od_calloc(w->cap_strings, sizeof(*w->strings));
	for (uint32_t i = 0; i < n; i++)
		if (old[i])
			*string_place(w, od_rule_str(w, old[i]), strlen(od_rule_str(w, old[i]))) = old[i];
	free(old);
}

uint32_t od_rule_string(struct od_rule_writer *w, const char *s, size_t len)
{
	struct od_buf *all = &w->parts[OD_RULE_STRINGS];
	uint32_t *place, at;

	if (!len)
		return 0;
	if (w->nstrings >= w->cap_strings / 2)
		grow_strings(w);
	place = string_place(w, s, len);
	if (*place)
		return *place;
	at = *place = (uint32_t)all->len;
	w->nstrings++;
	od_buf_add(all, s, len);
	od_buf_addch(all, '\0');
	return at;
}

uint32_t *od_rule_finish(struct od_rule_writer *w, size_t *n)
{
	struct od_rule_head head = { .magic = OD_RULES_MAGIC, .regexes = w->regexes };
	const size_t head_words = sizeof(head) / sizeof(uint32_t);
	size_t words = head_words;
	uint32_t *block;

	for (unsigned i = 0; i < OD_RULE_PARTS; i++) {
		head.parts[i].at = (uint32_t)words;
		head.parts[i].n = od_rule_count(w, i);
		words += (w->parts[i].len + sizeof(uint32_t) - 1) / sizeof(uint32_t);
	}
	head.words = (uint32_t)words;
	block = od_calloc(words, sizeof(*block));
	memcpy(block, &head, sizeof(head));
	for (unsigned i = 0; i < OD_RULE_PARTS; i++)
		if (w->parts[i].len)
			memcpy(block + head.parts[i].at, w->parts[i].data, w->parts[i].len);
	*n = words;
	return block;
}

bool od_rule_set_init(struct od_rule_set *set, const uint32_t *words, size_t n)
{
	const struct od_rule_head *head = (const struct od_rule_head *)words;

	*set = (struct od_rule_set){ 0 };
	if (n < sizeof(*head) / sizeof(uint32_t) || head->magic != OD_RULES_MAGIC || head->words != n)
		return false;
#define PART(field, part) set->field = (const void *)(words + head->parts[part].at)
	PART(rules, OD_RULE_ROWS);
	PART(conds, OD_RULE_CONDS);
	PART(names, OD_RULE_NAMES);
	PART(lists, OD_RULE_LISTS);
	PART(affected, OD_RULE_AFFECTED);
	PART(dists, OD_RULE_DISTS);
	PART(versions, OD_RULE_VERSIONS);
	PART(samples, OD_RULE_SAMPLES);
	PART(keys, OD_RULE_KEYS);
	PART(posts, OD_RULE_POSTS);
	PART(grams, OD_RULE_GRAMS);
	PART(gram_bits, OD_RULE_GRAM_BITS);
	PART(ids, OD_RULE_IDS);
	PART(wanted, OD_RULE_WANTED);
	PART(strings, OD_RULE_STRINGS);
#undef PART
	set->head = head;
	set->nrules = head->parts[OD_RULE_ROWS].n;
	return true;
}
