/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a debug file refers to and has not itself: split DWARF, and what dwz shares. The name in it is a
 * stranger's. Its last parts choose a file below the debug file's own folder and below those that the user
 * named, and whoever asked looks whether it has the right id.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/find-internal.h"

enum { MAX_PATH = 4096, MAX_PARTS = 12 };

struct beside {
	struct od_find *find;
	const char *path, *folder; /* of the debug file; NULL: it is in no folder */
};

/* Counts candidates down to the one that is wanted. */
struct turn {
	unsigned left;
	int fd; /* of it, OD_ASIDE_ABSENT; OD_ASIDE_END: it did not come yet */
};

static bool is_turn(struct turn *t)
{
	return t->fd == OD_ASIDE_END && !t->left--;
}

static int open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return OD_ASIDE_ABSENT;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return OD_ASIDE_ABSENT;
}

/* A file below a folder: root, what is below it, a name. */
static void offer(struct turn *t, const char *root, const char *below, const char *name)
{
	char path[MAX_PATH];

	if (!is_turn(t))
		return;
	t->fd = OD_ASIDE_ABSENT;
	if (snprintf(path, sizeof(path), "%s%s%s", root, below, name) < (int)sizeof(path))
		t->fd = open_regular(path);
}

/* Parts of a path that only go down. */
static bool goes_down(const char *name)
{
	for (const char *p = name; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (p[0] == '.' && (!p[1] || p[1] == '/' || (p[1] == '.' && (!p[2] || p[2] == '/'))))
			return false;
	}
	return *name && *name != '/' && name[strlen(name) - 1] != '/';
}

/* A name below a folder, whole, and with one part after another taken off its front. */
static void offer_ends(struct turn *t, const char *root, const char *below, const char *name)
{
	const char *part = name + strlen(name), *first;
	unsigned n = 0;

	/* The last parts at most: paths may be long. */
	while (part > name && n < MAX_PARTS)
		if (*--part == '/')
			n++;
	first = part + (*part == '/');
	while (first && t->fd == OD_ASIDE_END) {
		if (goes_down(first))
			offer(t, root, below, first);
		first = strchr(first, '/');
		first += first != NULL;
	}
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "vmlinux.dwp" beside the file and in given folders, also of "vmlinux.debug"; then those that are given. */
static void offer_package(const struct beside *b, struct turn *t)
{
	static const char ending[] = ".debug";
	char name[MAX_PATH];
	size_t len = strlen(b->path);

	for (int bare = 0; bare < 2; bare++) {
		if (bare && (len <= sizeof(ending) || strcmp(b->path + len - (sizeof(ending) - 1), ending) != 0))
			break;
		snprintf(name, sizeof(name), "%.*s.dwp", (int)(bare ? len - (sizeof(ending) - 1) : len), b->path);
		if (b->folder)
			offer(t, "", "", name);
		for (size_t i = 0; i < b->find->npaths; i++)
			if (b->find->given && b->find->given[i].dir)
				offer(t, b->find->given[i].path, "/", base_of(name));
	}
	for (size_t i = 0; i < b->find->npaths; i++) {
		const char *path = b->find->paths[i];

		len = strlen(path);
		if (len > 4 && !strcmp(path + len - 4, ".dwp"))
			offer(t, path, "", "");
	}
}

static void offer_unit(const struct beside *b, struct turn *t, const char *name)
{
	size_t len = strlen(name);

	/* Nothing that is not meant to be one. */
	if (len < 5 || strcmp(name + len - 4, ".dwo") != 0)
		return;
	for (size_t i = 0; i < b->find->npaths; i++) {
		if (b->find->given && b->find->given[i].dir)
			offer_ends(t, b->find->given[i].path, "/", name);
		else if (!strcmp(base_of(b->find->paths[i]), base_of(name)))
			offer(t, b->find->paths[i], "", "");
	}
	if (b->folder)
		offer_ends(t, b->folder, "/", name);
}

/* Where distributions put what dwz makes: by build id, or in a folder of its own. */
static void offer_shared_in(struct turn *t, const char *root, const char *name, const char *build_id)
{
	static const char *const folders[] = { "usr/lib/debug/.dwz/", ".dwz/" };
	static const char *const places[] = { "usr/lib/debug/.build-id/%b.debug", ".build-id/%b.debug" };
	const char *below = root[strlen(root) - 1] == '/' ? "" : "/";
	char path[MAX_PATH];

	for (unsigned i = 0; i < 2; i++)
		if (od_place_fill(path, sizeof(path), root, places[i], NULL, build_id))
			offer(t, path, "", "");
	for (unsigned i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s%s", below, folders[i]);
		offer_ends(t, root, path, name);
	}
}

static void offer_shared(const struct beside *b, struct turn *t, const char *name, const char *build_id)
{
	char folder[MAX_PATH];

	for (size_t i = 0; i < b->find->npaths; i++) {
		const struct od_find_given *g = b->find->given ? &b->find->given[i] : NULL;

		if (!g)
			break;
		if (!g->dir && g->entry && !strcmp(g->entry->facts.build_id, build_id))
			offer(t, g->path, "", "");
		if (!g->dir || !*g->path)
			continue;
		offer_shared_in(t, g->path, name, build_id);
		offer(t, g->path, "/", base_of(name));
	}
	if (b->find->automatic)
		offer_shared_in(t, b->find->top, name, build_id);
	if (!b->folder)
		return;
	offer(t, b->folder, "/", base_of(name));
	/* "../../.dwz/name" is how packages say it: folders above have one too. */
	snprintf(folder, sizeof(folder), "%s", b->folder);
	for (unsigned i = 0; i < MAX_PARTS && folder[0]; i++) {
		char *slash = strrchr(folder, '/');

		offer_ends(t, folder, "/.dwz/", name);
		if (!slash)
			break;
		*slash = '\0';
	}
}

static int next_beside(void *ctx, enum od_aside kind, const char *name, const char *build_id, unsigned nth)
{
	const struct beside *b = ctx;
	struct turn t = { nth, OD_ASIDE_END };

	switch (kind) {
	case OD_ASIDE_DWP:
		offer_package(b, &t);
		break;
	case OD_ASIDE_DWO:
		offer_unit(b, &t, name);
		break;
	case OD_ASIDE_ALT:
		offer_shared(b, &t, name, build_id);
		break;
	}
	return t.fd;
}

void od_find_beside(struct od_find *find, struct od_find_entry *e)
{
	struct beside *b = od_arena_alloc(&find->arena, sizeof(*b));
	const char *slash = strrchr(e->path, '/');

	*b = (struct beside){ .find = find, .path = e->path };
	/* What was in a package is in no folder. */
	if (!e->member)
		b->folder = slash ? od_arena_strndup(&find->arena, e->path, (size_t)(slash - e->path)) : ".";
	od_debug_set_aside(e->dbg, next_beside, b);
}
