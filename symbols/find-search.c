/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One question: candidates from the surest place to the least sure one, each looked at and judged, the
 * best of them opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "symbols/find-internal.h"

enum { MAX_PATH = 4096, MAX_REOPENED = 4 };

struct search {
	struct od_find *find;
	const struct od_wanted *wanted;
	struct od_find_entry *best;
	unsigned score; /* of best */
	const char *caveat; /* what speaks against best */
	const char *refused; /* the first that was, and why */
	const char *unreadable;
};

enum { WITH_SYMBOLS = 1, EXACT = 2, WITH_LINES = 4 };

/* Nothing better can come. */
static bool is_enough(const struct search *s)
{
	unsigned all = WITH_LINES | (s->wanted->build_id ? EXACT : 0);

	return (s->score & all) == all;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* --- files, each looked at once ---------------------------------------------------------------- */

struct od_find_entry *od_find_new_entry(struct od_find *find, const char *path)
{
	struct od_find_entry *e;

	if (find->nentries >= OD_FIND_ENTRIES)
		return NULL;
	e = od_arena_alloc(&find->arena, sizeof(*e));
	e->path = od_arena_strdup(&find->arena, path);
	e->name = base_of(e->path);
	e->fd = -1;
	*od_push(&find->arena, find->entries, find->nentries, find->entries_cap) = e;
	return e;
}

static struct od_find_entry *known_entry(const struct od_find *find, const struct stat *st)
{
	for (uint32_t i = 0; i < find->nentries; i++) {
		struct od_find_entry *e = find->entries[i];

		if (e->opened && e->ino == st->st_ino && e->dev == st->st_dev)
			return e;
	}
	return NULL;
}

static int open_path(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* The file, looked at. NULL: there is none (errno), it is no regular file, or they are too many. */
struct od_find_entry *od_find_look_at(struct od_find *find, const char *path, bool inflate)
{
	int fd = open_path(path);
	struct od_find_entry *e = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		errno = ENOENT;
	} else if (!(e = known_entry(find, &st)) && (e = od_find_new_entry(find, path)) != NULL) {
		e->opened = true;
		e->dev = st.st_dev;
		e->ino = st.st_ino;
		od_file_look(fd, &e->facts);
		if (e->facts.kind == OD_FILE_PACKED && inflate) {
			od_find_inflate(find, e, fd);
			return e;
		}
	}
	close(fd);
	return e;
}

/* --- is it the one? ---------------------------------------------------------------------------- */

static void refuse(struct search *s, struct od_find_entry *e, const char *why)
{
	if (!e->used && !e->why)
		e->why = why;
	if (!s->refused)
		s->refused = why;
}

/* Is it of the kind that is wanted? by_id: its path is the build id's, so its name says nothing. */
static bool fits(const struct search *s, const struct od_find_entry *e, bool by_id)
{
	const char *module = s->wanted->module;
	char name[OD_MODULE];

	if (!module)
		return e->facts.kind == OD_FILE_KERNEL || e->facts.kind == OD_FILE_MAP ||
		       (e->facts.kind == OD_FILE_PROGRAM && (by_id || od_is_kernel_name(e->name)));
	if (e->facts.kind != OD_FILE_MODULE && e->facts.kind != OD_FILE_OBJECT)
		return false;
	if (e->facts.module[0])
		return od_same_module(e->facts.module, module);
	return by_id || (od_module_of_name(e->name, name) && od_same_module(name, module));
}

static void learn_release(struct od_find_entry *e)
{
	int fd;

	if (e->facts.release[0])
		return;
	fd = e->facts.kind == OD_FILE_KERNEL ? (e->fd >= 0 ? e->fd : open_path(e->path)) : -1;
	if (fd >= 0)
		od_file_release(fd, &e->facts);
	if (fd >= 0 && fd != e->fd)
		close(fd);
	if (!e->facts.release[0] && !od_release_of_name(e->name, e->facts.release))
		e->facts.release[0] = '\0';
}

/* Of two that are told only to some digits those count. */
static bool same_id(const char *a, const char *b)
{
	size_t x = strlen(a), y = strlen(b);

	return !memcmp(a, b, x < y ? x : y);
}

/* False: it is another one, and that is said. *caveat: nothing proves that it is not. */
static bool judge(struct search *s, struct od_find_entry *e, bool *exact, const char **caveat)
{
	struct od_arena *arena = &s->find->arena;
	const struct od_wanted *w = s->wanted;
	const char *what = w->module ? "the loaded module" : "the crashed kernel";
	const char *id = e->facts.build_id;

	*exact = w->build_id && *id && same_id(id, w->build_id);
	*caveat = NULL;
	if (*exact)
		return true;
	if (w->build_id && *id) {
		refuse(s, e, od_arena_printf(arena, "%s has build id %s, %s %s: not used", e->name, id, what,
					     w->build_id));
		return false;
	}
	learn_release(e);
	if (w->release && e->facts.release[0] && strcmp(w->release, e->facts.release) != 0) {
		refuse(s, e, od_arena_printf(arena, "%s is of %s, the crashed kernel is %s: not used", e->name,
					     e->facts.release, w->release));
		return false;
	}
	/* Inputs without a build id are the rule, and callers look at the sizes of functions. */
	if (w->release && e->facts.release[0] && w->build_id)
		*caveat = od_arena_printf(arena, "%s is taken by its release: it has no build id", e->name);
	else if (!w->release || !e->facts.release[0])
		*caveat = od_arena_printf(arena, "%s is taken as it is: nothing tells whether it is the right one",
					  e->name);
	return true;
}

static void consider_entry(struct search *s, struct od_find_entry *e, bool by_id)
{
	const char *caveat;
	unsigned score;
	bool exact;

	if (e->broken || !fits(s, e, by_id))
		return;
	if (!e->facts.symbols) {
		refuse(s, e, od_arena_printf(&s->find->arena, "%s has no symbols", e->name));
		return;
	}
	if (!judge(s, e, &exact, &caveat))
		return;
	score = WITH_SYMBOLS | (exact ? EXACT : 0) | (e->facts.lines ? WITH_LINES : 0);
	if (score <= s->score)
		return;
	s->best = e;
	s->score = score;
	s->caveat = caveat;
}

static void consider(struct search *s, const char *path, bool by_id)
{
	struct od_find_entry *e = od_find_look_at(s->find, path, true);

	if (e)
		consider_entry(s, e, by_id);
	else if ((errno == EACCES || errno == EPERM || errno == EMFILE) && !s->unreadable)
		s->unreadable = od_arena_printf(&s->find->arena, "%s cannot be opened: %s%s", base_of(path),
						strerror(errno),
						errno == EACCES ? "; -s with its real path may help" : "");
}

/* --- where to look ----------------------------------------------------------------------------- */

static void try_place(struct search *s, const char *root, const char *place)
{
	char path[MAX_PATH];

	if (od_place_fill(path, sizeof(path), root, place, s->wanted->release, s->wanted->build_id))
		consider(s, path, strstr(place, "%b") != NULL);
}

static void try_places(struct search *s, const char *root, const char *const *places)
{
	for (; *places && !is_enough(s); places++)
		try_place(s, root, *places);
}

struct od_tree *od_find_tree(struct od_find *find, const char *root)
{
	struct od_tree *tree;

	for (uint32_t i = 0; i < find->ntrees; i++)
		if (!strcmp(find->trees[i]->root, root))
			return find->trees[i];
	if (find->ntrees >= OD_FIND_TREES)
		return NULL;
	tree = od_malloc(sizeof(*tree));
	od_tree_init(tree, root);
	return find->trees[find->ntrees++] = tree;
}

static void try_tree_key(struct search *s, struct od_tree *tree, const char *key)
{
	const char *release = s->wanted->release;
	uint32_t n, tries = 0;
	const struct od_tree_file *file = od_tree_find(tree, key, &n);

	/* Of many kernels' files those in the folder of this one, or of its name, first. */
	for (int others = release ? 0 : 1; others < 2; others++)
		for (uint32_t i = 0; i < n && tries < OD_FIND_TRIES && !is_enough(s); i++) {
			bool other = !release || !strstr(file[i].path, release);

			/* In the tree of a build: what unpacks the kernel, not the kernel. */
			if ((release && other != others) || strstr(file[i].path, "/boot/compressed/"))
				continue;
			tries++;
			consider(s, file[i].path, false);
		}
	if (tree->cut && !s->best && !s->unreadable)
		s->unreadable = od_arena_printf(&s->find->arena,
						"%s holds more than is looked at: name a directory nearer to the "
						"debug files",
						base_of(tree->root));
}

static void try_tree(struct search *s, const char *root)
{
	struct od_tree *tree = od_find_tree(s->find, root);
	char key[OD_MODULE];

	if (!tree)
		return;
	if (s->wanted->module) {
		try_tree_key(s, tree, od_find_key(s->wanted->module, key));
		return;
	}
	try_tree_key(s, tree, "vmlinux");
	if (!s->best)
		try_tree_key(s, tree, "System.map");
}

static bool is_debug_file(const struct od_find_entry *e)
{
	return e->facts.kind != OD_FILE_OTHER && e->facts.kind != OD_FILE_PACKED &&
	       e->facts.kind != OD_FILE_PACKAGE;
}

/* What -s names: files as what they are, directories when a question comes. */
void od_find_look(struct od_find *find)
{
	struct stat st;
	int fd;

	if (!find || find->looked)
		return;
	find->looked = true;
	find->given = od_arena_alloc(&find->arena, find->npaths * sizeof(*find->given) + 1);
	od_find_look_known(find);
	for (size_t i = 0; i < find->npaths; i++) {
		struct od_find_given *g = &find->given[i];

		g->path = find->paths[i];
		fd = open_path(g->path);
		g->dir = fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
		if (fd >= 0)
			close(fd);
		if (g->dir)
			continue;
		g->entry = od_find_known_stream(find, i);
		if (!g->entry)
			g->entry = od_find_look_at(find, g->path, !od_find_spares_stream(find, i));
		if (!g->entry && (g->entry = od_find_new_entry(find, g->path)) != NULL)
			g->entry->why = od_arena_printf(&find->arena, "%s cannot be opened: %s",
							g->entry->name, strerror(errno));
		else if (g->entry && g->entry->facts.kind == OD_FILE_PACKAGE && (fd = open_path(g->path)) >= 0)
			g->package = od_package_open(find, fd);
		else if (g->entry && !g->entry->why && !is_debug_file(g->entry))
			g->entry->why = od_arena_printf(&find->arena,
							"%s is neither an ELF file nor a System.map",
							g->entry->name);
	}
}

static bool consider_member(void *ctx, struct od_find_entry *e)
{
	struct search *s = ctx;

	consider_entry(s, e, false);
	return s->score & WITH_LINES;
}

/* Seconds: only if nothing else has lines. */
static void try_packages(struct search *s)
{
	char key[OD_MODULE];

	for (size_t i = 0; i < s->find->npaths && !(s->score & WITH_LINES); i++) {
		struct od_find_given *g = &s->find->given[i];
		struct od_find_entry *e;
		const char *why;
		size_t at = 0;

		if (!g->package)
			continue;
		while (!is_enough(s) && (e = od_find_known_member(s->find, i, &at)) != NULL)
			consider_entry(s, e, false);
		if (s->score & WITH_LINES || od_find_spares(s->find, i, s->wanted))
			continue;
		why = od_package_search(s->find, g->package, g->entry->name, od_find_key(s->wanted->module, key),
					s->wanted->out_of_tree, consider_member, s);
		if (why && !s->unreadable)
			s->unreadable = why;
		if (why)
			g->entry->why = why;
	}
}

static void try_given(struct search *s)
{
	struct od_find *find = s->find;

	od_find_look(find);
	for (size_t i = 0; i < find->npaths && !is_enough(s); i++) {
		if (find->given[i].entry && find->given[i].entry->opened)
			consider_entry(s, find->given[i].entry, false);
		else if (find->given[i].entry && !s->unreadable)
			s->unreadable = find->given[i].entry->why;
	}
	for (size_t i = 0; i < find->npaths && !is_enough(s); i++) {
		if (!find->given[i].dir)
			continue;
		if (s->wanted->build_id) {
			try_place(s, find->given[i].path, "usr/lib/debug/.build-id/%b.debug");
			try_place(s, find->given[i].path, ".build-id/%b.debug");
		}
		if (!s->wanted->module && !is_enough(s))
			try_places(s, find->given[i].path, od_kernel_places);
		if (!s->wanted->module && !is_enough(s))
			try_places(s, find->given[i].path, od_kernel_places_inside);
		/* A walk may be long: not if there are lines already. */
		if (!(s->score & WITH_LINES))
			try_tree(s, find->given[i].path);
	}
	try_packages(s);
}

/* Where a module of that path below lib/modules/REL has its debug file below another root. */
static void try_relative(struct search *s, const char *root, const char *rel)
{
	static const char *const endings[] = { "", ".debug" };
	const char *ko = strstr(base_of(rel), ".ko");
	char path[MAX_PATH];
	int len = ko ? (int)(ko + 3 - rel) : 0;

	for (unsigned i = 0; ko && i < 2 && !is_enough(s); i++)
		if (snprintf(path, sizeof(path), "%s/%.*s%s", root, len, rel, endings[i]) < MAX_PATH)
			consider(s, path, false);
}

static bool is_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static void try_module(struct search *s)
{
	char roots[4][MAX_PATH], key[OD_MODULE];
	const struct od_tree_file *file;
	struct od_tree *loaded = NULL;
	unsigned n = 0;
	uint32_t found = 0;

	/* Which of the places there are; the last is that of the modules that were loaded. */
	for (const char *const *place = od_module_roots; *place && n < 4; place++) {
		if (!od_place_fill(roots[n], MAX_PATH, s->find->top, *place, s->wanted->release, NULL) ||
		    !is_dir(roots[n]))
			continue;
		if (!place[1])
			loaded = od_find_tree(s->find, roots[n]);
		else
			n++;
	}
	file = loaded ? od_tree_find(loaded, od_find_key(s->wanted->module, key), &found) : NULL;
	for (unsigned i = 0; i < n && found && !is_enough(s); i++)
		try_relative(s, roots[i], file->path + strlen(loaded->root) + 1);
	for (unsigned i = 0; i < n && !(s->score & WITH_LINES); i++)
		try_tree(s, roots[i]);
	if (loaded && !(s->score & WITH_LINES))
		try_tree(s, loaded->root);
}

static void try_automatic(struct search *s)
{
	if (!s->wanted->module) {
		try_places(s, s->find->top, od_kernel_places);
		return;
	}
	if (s->wanted->build_id)
		try_place(s, s->find->top, "usr/lib/debug/.build-id/%b.debug");
	if (!is_enough(s) && s->wanted->release)
		try_module(s);
}

/* --- the answer --------------------------------------------------------------------------------- */

static const char *say_none(const struct search *s)
{
	const struct od_wanted *w = s->wanted;
	struct od_arena *arena = &s->find->arena;

	if (s->refused)
		return s->refused;
	if (s->unreadable)
		return s->unreadable;
	if (w->module)
		return od_arena_printf(arena, "no debug file of module %s was found", w->module);
	if (!w->release && !w->build_id)
		return "no debug file of the kernel was found: the input tells neither release nor build id";
	return "no debug file of the kernel was found";
}

/* False: it cannot be had, and will not be tried again. */
static bool open_best(struct search *s)
{
	struct od_find_entry *e = s->best;
	od_autoerror err = NULL;
	int fd;

	if (e->dbg)
		return true;
	fd = s->find->nopen >= OD_FIND_FILES ? -1 : e->fd >= 0 ? e->fd : open_path(e->path);
	if (fd == e->fd)
		e->fd = -1;
	if (fd < 0)
		err = od_error_new(OD_ERR_LIMIT, "too many files are open");
	else
		err = od_debug_open(fd, e->name, &e->dbg);
	if (!err) {
		s->find->nopen++;
		od_find_beside(s->find, e);
		e->used = true;
		e->why = s->caveat;
		return true;
	}
	e->dbg = NULL;
	e->broken = true;
	e->why = od_arena_printf(&s->find->arena, "%s: %s", e->name, err->message);
	s->refused = e->why;
	return false;
}

struct od_debug *od_find_search(struct od_find *find, const struct od_wanted *wanted, struct od_absent *ret)
{
	struct search s = { .find = find, .wanted = wanted };

	for (unsigned i = 0; i < MAX_REOPENED; i++) {
		s.best = NULL;
		s.score = 0;
		try_given(&s);
		if (find->automatic && !(s.score & WITH_LINES))
			try_automatic(&s);
		if (!s.best || open_best(&s))
			break;
		s.best = NULL;
	}
	if (!s.best) {
		ret->why = say_none(&s);
	} else if (!(s.score & WITH_LINES)) {
		ret->why = s.refused ? s.refused
				     : od_arena_printf(&find->arena, "%s has no source lines", s.best->name);
	} else {
		ret->why = s.caveat;
	}
	if (!(s.score & WITH_LINES) || !s.best)
		ret->path = od_find_package(&find->arena, wanted->release, wanted->module, wanted->build_id,
					    wanted->out_of_tree);
	return s.best ? s.best->dbg : NULL;
}
