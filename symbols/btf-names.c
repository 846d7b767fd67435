/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BTF by name. A table for each class of names, made when the first one is looked for. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "symbols/btf-internal.h"

const uint8_t od_btf_class_of[OD_TYPE_KINDS] = {
	[OD_TYPE_INT] = 1 << OD_BTF_TYPES,
	[OD_TYPE_STRUCT] = 1 << OD_BTF_TYPES,
	[OD_TYPE_UNION] = 1 << OD_BTF_TYPES,
	[OD_TYPE_ENUM] = 1 << OD_BTF_TYPES | 1 << OD_BTF_ENUMERATORS,
	[OD_TYPE_ENUM64] = 1 << OD_BTF_TYPES | 1 << OD_BTF_ENUMERATORS,
	[OD_TYPE_TYPEDEF] = 1 << OD_BTF_TYPES,
	[OD_TYPE_FLOAT] = 1 << OD_BTF_TYPES,
	[OD_TYPE_FUNC] = 1 << OD_BTF_FUNCTIONS,
	[OD_TYPE_VAR] = 1 << OD_BTF_VARIABLES,
};

void od_btf_names_destroy(struct od_btf_names *names)
{
	for (unsigned i = 0; i < OD_BTF_CLASSES; i++) {
		free(names->index[i].heads);
		free(names->index[i].entries);
	}
	free(names);
}

/* FNV-1a. Chains that a dump makes long cost one walk of what is there. */
static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h;
}

static void add(struct od_btf_index *ix, const char *name, uint32_t id, uint32_t nth)
{
	struct od_btf_entry *e = &ix->entries[ix->n];
	uint32_t *head;

	if (!*name)
		return;
	e->hash = hash(name);
	head = &ix->heads[e->hash & ix->mask];
	e->next = *head;
	e->id = id;
	e->nth = nth;
	*head = ++ix->n;
}

static void build(const struct od_btf *btf, enum od_btf_class class, struct od_btf_index *ix)
{
	uint32_t n = btf->candidates[class], size = 16;
	struct od_type t;
	int64_t value;

	while (size < n)
		size *= 2;
	ix->mask = size - 1;
	ix->heads = od_calloc(size, sizeof(*ix->heads));
	ix->entries = od_malloc((n + 1) * sizeof(*ix->entries));
	/* Last id first: each goes to the head of its chain. */
	for (uint32_t i = btf->count; i-- > 0;) {
		uint32_t info = od_btf_u32(btf, btf->types + btf->offsets[i] + 4);

		if (!(od_btf_class_of[od_btf_kind(info)] >> class & 1))
			continue;
		if (class == OD_BTF_ENUMERATORS) {
			od_btf_type(btf, btf->first_id + i, &t);
			for (uint32_t j = t.count; j-- > 0;)
				add(ix, od_btf_nth_enumerator(&t, j, &value), t.id, j);
		} else {
			uint32_t name = od_btf_u32(btf, btf->types + btf->offsets[i]);

			add(ix, od_btf_string(btf, name), btf->first_id + i, 0);
		}
	}
	ix->built = true;
}

static struct od_btf_index *get_index(const struct od_btf *btf, enum od_btf_class class)
{
	struct od_btf_index *ix = &btf->names->index[class];

	if (!ix->built)
		build(btf, class, ix);
	return ix;
}

/* The first entry of btf alone with a name and, if any, one of kinds. */
static bool lookup(const struct od_btf *btf, enum od_btf_class class, const char *name,
		   unsigned kinds, struct od_type *t, uint32_t *nth)
{
	struct od_btf_index *ix = get_index(btf, class);
	uint32_t h = hash(name);
	int64_t value;

	for (uint32_t i = ix->heads[h & ix->mask]; i; i = ix->entries[i - 1].next) {
		const struct od_btf_entry *e = &ix->entries[i - 1];

		if (e->hash != h || !od_btf_type(btf, e->id, t) || !(kinds >> t->kind & 1))
			continue;
		*nth = e->nth;
		if (!strcmp(class == OD_BTF_ENUMERATORS ? od_btf_nth_enumerator(t, e->nth, &value)
							: t->name, name))
			return true;
	}
	return false;
}

/* Its own names first: a module may have a struct of the same name as the kernel. */
static bool find(const struct od_btf *btf, enum od_btf_class class, const char *name,
		 unsigned kinds, struct od_type *t, uint32_t *nth)
{
	for (; btf; btf = btf->base)
		if (lookup(btf, class, name, kinds, t, nth))
			return true;
	return false;
}

#define ANY_KIND (~0u)

static const struct {
	const char *word;
	unsigned kinds;
} tags[] = {
	{ "struct ", 1u << OD_TYPE_STRUCT },
	{ "union ", 1u << OD_TYPE_UNION },
	{ "enum ", 1u << OD_TYPE_ENUM | 1u << OD_TYPE_ENUM64 },
};

/* Names of C as compilers write them into debugging information; the first one stays so. */
static const struct {
	const char *c, *dwarf;
} spelled[] = {
	{ "unsigned", "unsigned int" },
	{ "unsigned long", "long unsigned int" },
	{ "unsigned long long", "long long unsigned int" },
	{ "unsigned short", "short unsigned int" },
	{ "long", "long int" },
	{ "long long", "long long int" },
	{ "short", "short int" },
	{ "bool", "_Bool" },
};

const char *od_btf_c_name(const char *name)
{
	for (size_t i = 1; i < sizeof(spelled) / sizeof(spelled[0]); i++)
		if (!strcmp(spelled[i].dwarf, name))
			return spelled[i].c;
	return name;
}

uint32_t od_btf_find(const struct od_btf *btf, const char *name)
{
	unsigned kinds = ANY_KIND;
	struct od_type t;
	uint32_t nth;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (!od_starts(name, tags[i].word))
			continue;
		kinds = tags[i].kinds;
		name += strlen(tags[i].word);
		while (od_is_blank(*name))
			name++;
		break;
	}
	if (find(btf, OD_BTF_TYPES, name, kinds, &t, &nth))
		return t.id;
	for (size_t i = 0; i < sizeof(spelled) / sizeof(spelled[0]); i++)
		if (!strcmp(spelled[i].c, name) &&
		    find(btf, OD_BTF_TYPES, spelled[i].dwarf, kinds, &t, &nth))
			return t.id;
	return 0;
}

uint32_t od_btf_variable(const struct od_btf *btf, const char *name)
{
	struct od_type t;
	uint32_t nth;

	return find(btf, OD_BTF_VARIABLES, name, ANY_KIND, &t, &nth) ? t.type : 0;
}

uint32_t od_btf_function(const struct od_btf *btf, const char *name)
{
	struct od_type t;
	uint32_t nth;

	return find(btf, OD_BTF_FUNCTIONS, name, ANY_KIND, &t, &nth) ? t.type : 0;
}

uint32_t od_btf_enumerator_type(const struct od_btf *btf, const char *name, int64_t *value)
{
	struct od_type t;
	uint32_t nth;

	if (!find(btf, OD_BTF_ENUMERATORS, name, ANY_KIND, &t, &nth))
		return 0;
	od_btf_nth_enumerator(&t, nth, value);
	return t.id;
}

bool od_btf_enumerator(const struct od_btf *btf, const char *name, int64_t *ret)
{
	return od_btf_enumerator_type(btf, name, ret) != 0;
}

void od_btf_each(const struct od_btf *btf, const char *prefix,
		 bool (*fn)(void *ctx, const char *name, uint32_t id), void *ctx)
{
	for (; btf; btf = btf->base)
		for (uint32_t i = 0; i < btf->count; i++) {
			struct od_type t;

			od_btf_type(btf, btf->first_id + i, &t);
			if (od_btf_class_of[t.kind] & 1 << OD_BTF_TYPES && *t.name &&
			    od_starts(t.name, prefix) && !fn(ctx, t.name, t.id))
				return;
		}
}
