/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Debug files that are packed: single ones (vmlinux.xz, ext4.ko.zst) and those in a package. A package
 * takes seconds to read, so it is read on from where the last question left it; what it holds is
 * remembered by name, and only what was asked for, or announced, is taken out of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/unpack.h"
#include "symbols/find-internal.h"

enum { MAX_PASSES = 4 };

struct od_package_item {
	uint32_t hash;		     /* of the key, so that few strings are compared */
	const char *key;	     /* as in od_tree_file */
	const char *name;	     /* the member's */
	struct od_find_entry *entry; /* NULL: it was passed by */
	bool broken;
};

struct od_package {
	int fd;
	struct od_unpack *u;	/* NULL: it is not being read */
	unsigned passes;
	uint32_t place;		/* of the next item in this pass */
	struct od_package_item *pending; /* reached, and not looked at */
	bool whole;		/* all items are known */
	bool of_kernel;		/* a vmlinux is in it */
	bool lost;		/* something in it could not be taken out */
	const char *why;	/* it cannot be read any further; NULL: it can */
	struct od_package_item *items;
	uint32_t nitems, cap;
};

static uint32_t hash_key(const char *s)
{
	uint32_t hash = 2166136261u;

	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 16777619u;
	return hash;
}

/* --- files that stand in memory ---------------------------------------------------------------- */

/* A compressed file: what comes out of it; fd is closed. -1: nothing, and e->why says so. */
static int inflate(struct od_find *find, struct od_find_entry *e, int fd)
{
	od_autoerror err = NULL;
	int out;

	err = od_unpack_stream(fd, &find->watch, &out);
	close(fd);
	if (err)
		e->why = od_arena_printf(&find->arena, "%s: %s", e->name, err->message);
	return out;
}

void od_find_inflate(struct od_find *find, struct od_find_entry *e, int fd)
{
	struct stat st;

	/* Once: what is packed twice is no debug file. */
	if (e->facts.kind == OD_FILE_PACKED) {
		fd = inflate(find, e, fd);
		if (fd >= 0)
			od_file_look(fd, &e->facts);
	}
	if (fd >= 0 && (e->facts.kind == OD_FILE_OTHER || e->facts.kind == OD_FILE_PACKED ||
			e->facts.kind == OD_FILE_PACKAGE || find->ninmemory >= OD_FIND_FILES)) {
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		e->broken = true;
	else
		find->ninmemory++;
	if (fd >= 0 && fstat(fd, &st) == 0)
		e->memory_ino = st.st_ino;
	e->fd = fd;
}

/* --- what is wanted ----------------------------------------------------------------------------- */

void od_find_expect(struct od_find *find, const char *module)
{
	char key[OD_MODULE];
	uint32_t hash;

	if (!find || !find->npaths || find->nexpected >= OD_FIND_EXPECTED ||
	    (module && !od_is_module_name(module)))
		return;
	od_find_look(find);
	if (!find->packages)
		return;
	hash = hash_key(od_find_key(module, key));
	if (find->expected[hash / 32 % OD_FIND_BUCKETS] >> hash % 32 & 1)
		return;
	find->expected[hash / 32 % OD_FIND_BUCKETS] |= 1u << hash % 32;
	find->nexpected++;
}

/* Others of the same hash are taken out for nothing, which is no harm. */
static bool is_expected(const struct od_find *find, uint32_t hash)
{
	return find->expected[hash / 32 % OD_FIND_BUCKETS] >> hash % 32 & 1;
}

/* --- packages ----------------------------------------------------------------------------------- */

struct od_package *od_package_open(struct od_find *find, int fd)
{
	struct od_package *p = od_arena_alloc(&find->arena, sizeof(*p));

	p->fd = fd;
	find->packages++;
	return p;
}

void od_package_close(struct od_package *p)
{
	if (!p)
		return;
	od_unpack_close(p->u);
	close(p->fd);
}

bool od_package_is_sound(const struct od_package *p)
{
	return !p->why && !p->lost;
}

static void give_up(struct od_find *find, struct od_package *p, const char *name, const char *why)
{
	p->why = od_arena_printf(&find->arena, "%s: %s", name, why);
	od_unpack_close(p->u);
	p->u = NULL;
}

static bool begin_pass(struct od_find *find, struct od_package *p, const char *name)
{
	od_autoerror err = NULL;

	if (p->u)
		return true;
	if (p->passes >= MAX_PASSES) {
		give_up(find, p, name, "it was read several times already; unpacked it is found faster");
		return false;
	}
	if (find->watch.go_on && !find->watch.go_on(find->watch.ctx, 0, 0, 0)) {
		give_up(find, p, name, "there was no time to read it");
		return false;
	}
	p->passes++;
	p->place = 0;
	p->pending = NULL;
	err = od_unpack_open(p->fd, &find->watch, &p->u);
	if (err)
		give_up(find, p, name, err->message);
	return !err;
}

/* The member's item, new in the first pass; NULL: it is no debug file. */
static struct od_package_item *item_of(struct od_find *find, struct od_package *p, const struct od_packed_file *m)
{
	struct od_package_item *item;
	char key[OD_MODULE];

	if (m->link || !od_key_of_name(strrchr(m->name, '/') ? strrchr(m->name, '/') + 1 : m->name, key))
		return NULL;
	if (p->place < p->nitems) {
		item = &p->items[p->place++];
		return !strcmp(item->name, m->name) ? item : NULL;
	}
	if (p->whole || p->nitems >= OD_TREE_KEPT)
		return NULL;
	item = od_push(&find->arena, p->items, p->nitems, p->cap);
	*item = (struct od_package_item){ .hash = hash_key(key), .key = od_arena_strdup(&find->arena, key),
					  .name = od_arena_strdup(&find->arena, m->name) };
	p->place++;
	return item;
}

static void take_item(struct od_find *find, struct od_package *p, struct od_package_item *item)
{
	od_autoerror err = NULL;
	struct od_find_entry *e;
	int fd = -1;

	e = od_find_new_entry(find, item->name);
	if (e)
		err = od_unpack_take(p->u, &fd);
	item->broken = !e || err;
	if (err)
		e->why = od_arena_printf(&find->arena, "%s: %s", e->name, err->message);
	p->lost |= item->broken || find->ninmemory >= OD_FIND_FILES;
	if (item->broken)
		return;
	od_file_look(fd, &e->facts);
	e->opened = true;
	e->member = true;
	od_find_inflate(find, e, fd);
	/* Not of what was taken out, and is no debug file. */
	p->lost |= e->broken && e->why;
	item->entry = e;
}

/* The next member that is an item; NULL: there is none, and *err says why if that is not the end. */
static struct od_package_item *next_item(struct od_find *find, struct od_package *p, struct od_error **err)
{
	struct od_package_item *item = p->pending;
	struct od_packed_file m;

	*err = NULL;
	p->pending = NULL;
	while (!item && od_unpack_next(p->u, &m, err))
		item = item_of(find, p, &m);
	if (item && !strcmp(item->key, "vmlinux"))
		p->of_kernel = true;
	return item;
}

/* On to the next member that is of that key or expected, which is then taken. NULL: there is none. */
static struct od_package_item *read_on(struct od_find *find, struct od_package *p, const char *name,
				       uint32_t hash, bool foreign)
{
	struct od_package_item *item;
	od_autoerror err = NULL;

	while ((item = next_item(find, p, &err)) != NULL) {
		if (foreign && p->of_kernel) {
			p->pending = item;
			return NULL;
		}
		if (item->entry || item->broken || (item->hash != hash && !is_expected(find, item->hash)))
			continue;
		take_item(find, p, item);
		if (item->entry)
			return item;
	}
	if (err) {
		give_up(find, p, name, err->message);
		return NULL;
	}
	p->whole = true;
	od_unpack_close(p->u);
	p->u = NULL;
	return NULL;
}

/* Is something of that key still in the package? */
static bool is_left(const struct od_package *p, const char *key, uint32_t hash)
{
	if (!p->whole)
		return true;
	for (uint32_t i = 0; i < p->nitems; i++)
		if (p->items[i].hash == hash && !p->items[i].entry && !p->items[i].broken &&
		    !strcmp(p->items[i].key, key))
			return true;
	return false;
}

const char *od_package_search(struct od_find *find, struct od_package *p, const char *name, const char *key,
			      bool foreign, od_package_fn *consider, void *ctx)
{
	const uint32_t hash = hash_key(key);
	struct od_package_item *item;

	for (uint32_t i = 0; i < p->nitems; i++)
		if (p->items[i].entry && p->items[i].hash == hash && !strcmp(p->items[i].key, key) &&
		    consider(ctx, p->items[i].entry))
			return NULL;
	while (!p->why && is_left(p, key, hash) && !(foreign && p->of_kernel) && begin_pass(find, p, name)) {
		while (p->u && (item = read_on(find, p, name, hash, foreign)) != NULL)
			if (!strcmp(item->key, key) && consider(ctx, item->entry))
				return NULL;
	}
	return p->why;
}
