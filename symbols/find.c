/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The finder: what was asked, what was answered, and which files are open. */
#include "symbols/find.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "symbols/find-internal.h"

struct od_find *od_find_create_below(const char *top, const char *const *paths, size_t n, bool automatic)
{
	struct od_find *find = od_calloc(1, sizeof(*find));

	od_arena_init(&find->arena);
	find->top = top;
	find->paths = paths;
	find->npaths = n;
	find->automatic = automatic;
	return find;
}

struct od_find *od_find_create(const char *const *paths, size_t n, bool automatic)
{
	return od_find_create_below("/", paths, n, automatic);
}

void od_find_destroy(struct od_find *find)
{
	if (!find)
		return;
	for (uint32_t i = 0; i < find->nentries; i++) {
		od_debug_close(find->entries[i]->dbg);
		if (find->entries[i]->fd >= 0)
			close(find->entries[i]->fd);
	}
	for (size_t i = 0; find->given && i < find->npaths; i++)
		od_package_close(find->given[i].package);
	for (uint32_t i = 0; i < find->ntrees; i++) {
		od_tree_deinit(find->trees[i]);
		free(find->trees[i]);
	}
	od_arena_deinit(&find->arena);
	free(find);
}

bool od_find_given(const struct od_find *find)
{
	return find && find->npaths > 0;
}

void od_find_watch(struct od_find *find, const struct od_unpack_watch *watch)
{
	if (find)
		find->watch = watch ? *watch : (struct od_unpack_watch){ 0 };
}

static uint32_t hash_of(const struct od_wanted *wanted)
{
	const char *const words[] = { wanted->release, wanted->module, wanted->build_id };
	uint32_t hash = 2166136261u;

	for (unsigned i = 0; i < 3; i++) {
		for (const char *p = words[i]; p && *p; p++)
			hash = (hash ^ (unsigned char)*p) * 16777619u;
		hash = (hash ^ 0xff) * 16777619u;
	}
	return (hash ^ hash >> 16) % OD_FIND_BUCKETS;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_question(const struct od_wanted *a, const struct od_wanted *b)
{
	return same(a->release, b->release) && same(a->module, b->module) && same(a->build_id, b->build_id) &&
	       a->out_of_tree == b->out_of_tree;
}

struct od_debug *od_find_get(struct od_find *find, const struct od_wanted *wanted, struct od_absent *ret)
{
	/* What is not what it should be is as if the input had not said it. */
	struct od_wanted w = { .out_of_tree = wanted->module && wanted->out_of_tree };
	struct od_find_answer *answer, **bucket;
	char id[OD_HEX_ID];

	*ret = (struct od_absent){ 0 };
	if (!find || (!find->npaths && !find->automatic))
		return NULL;
	if (wanted->module && !od_is_module_name(wanted->module)) {
		ret->why = "what stands for the module is no name of one";
		return NULL;
	}
	w.module = wanted->module;
	w.release = od_is_release(wanted->release) ? wanted->release : NULL;
	w.build_id = od_take_build_id(wanted->build_id, id) ? id : NULL;
	bucket = &find->answers[hash_of(&w)];
	for (answer = *bucket; answer && !same_question(&answer->wanted, &w);)
		answer = answer->next;
	if (!answer && find->nanswers >= OD_FIND_ANSWERS) {
		ret->why = "too many different debug files are asked for";
		return NULL;
	}
	if (!answer) {
		find->nanswers++;
		answer = od_arena_alloc(&find->arena, sizeof(*answer));
		answer->wanted = (struct od_wanted){ od_arena_strdup(&find->arena, w.release),
						     od_arena_strdup(&find->arena, w.module),
						     od_arena_strdup(&find->arena, w.build_id),
						     w.out_of_tree };
		answer->dbg = od_find_search(find, &answer->wanted, &answer->absent);
		answer->next = *bucket;
		*bucket = answer;
	}
	*ret = answer->absent;
	return answer->dbg;
}

static const char *filled(const char *s)
{
	return *s ? s : NULL;
}

bool od_find_nth(const struct od_find *find, size_t n, struct od_find_file *ret)
{
	const struct od_find_entry *e;

	if (!find || n >= find->nentries)
		return false;
	e = find->entries[n];
	*ret = (struct od_find_file){ .name = e->name, .path = e->path, .build_id = filled(e->facts.build_id),
				      .release = filled(e->facts.release), .used = e->used,
				      .lines = e->facts.lines, .why = e->why };
	if (e->facts.kind == OD_FILE_KERNEL || e->facts.kind == OD_FILE_MAP)
		ret->of = "vmlinux";
	else if (e->facts.kind == OD_FILE_MODULE)
		ret->of = filled(e->facts.module);
	return true;
}
