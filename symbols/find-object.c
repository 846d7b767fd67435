/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Candidates for the files of a program or shared object, from the surest place on; whatever has its build
 * id is it. Nothing is walked: each candidate is one path.
 */
#include "symbols/find-object.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/find-internal.h"

enum { MAX_PATH = 4096 };

const char *const od_object_roots[] = {
	"/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/local/bin",
	"/usr/local/sbin", "/usr/local/lib", "/usr/local/lib64", "/bin", "/sbin", "/lib", "/lib32", "/lib64", NULL,
};

/* Where a file is looked for by its name alone: the core may be of another distribution. */
static const char *const name_roots[] = {
	"/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
	"/usr/lib/i386-linux-gnu", "/lib64", NULL,
};

struct search {
	struct od_find *find;
	const char *id; /* "": unknown */
	const char *path, *name;
	struct od_object_files *ret;
	const char *refused;
};

static bool enough(const struct search *s)
{
	return s->ret->code && s->ret->debug && od_debug_has_lines(s->ret->debug);
}

static bool open_entry(struct search *s, struct od_find_entry *e)
{
	od_autoerror err = NULL;
	int fd;

	if (e->dbg)
		return true;
	if (e->broken || s->find->nopen >= OD_FIND_FILES)
		return false;
	fd = e->fd >= 0 ? e->fd : open(e->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return false;
	e->fd = -1;
	err = od_debug_open(fd, e->name, &e->dbg);
	if (err) {
		e->dbg = NULL;
		e->broken = true;
		e->why = s->refused = od_arena_printf(&s->find->arena, "%s: %s", e->name, err->message);
		return false;
	}
	s->find->nopen++;
	od_find_beside(s->find, e);
	return true;
}

/* The better of two for symbols: one with lines, then one with a whole table. */
static unsigned worth(const struct od_debug *dbg)
{
	return (od_debug_has_lines(dbg) ? 4 : 0) | (od_debug_has_symtab(dbg) ? 2 : 0) |
	       (od_debug_has_symbols(dbg) ? 1 : 0);
}

static bool same_name(const struct od_find_entry *e, const char *name)
{
	const size_t len = strlen(name);

	return !strncmp(e->name, name, len) && (!e->name[len] || !strcmp(e->name + len, ".debug"));
}

static bool is_it(struct search *s, struct od_find_entry *e, bool given)
{
	if (e->facts.kind != OD_FILE_PROGRAM && e->facts.kind != OD_FILE_KERNEL && e->facts.kind != OD_FILE_OBJECT)
		return false;
	if (*s->id && e->facts.build_id[0]) {
		if (!strcmp(s->id, e->facts.build_id))
			return true;
		if (s->name && same_name(e, s->name) && !s->refused)
			s->refused = od_arena_printf(&s->find->arena,
						     "%s has build id %s, what was mapped %s: not used", e->name,
						     e->facts.build_id, s->id);
		if (given && !e->used && !e->why)
			e->why = "no program or object of the core has its build id";
		return false;
	}
	/* Linked without one: whoever names the file must know. */
	return given && !*s->id && !e->facts.build_id[0] && s->name && same_name(e, s->name);
}

static void take(struct search *s, struct od_find_entry *e, bool given)
{
	if (!e || !is_it(s, e, given) || !open_entry(s, e))
		return;
	if (!s->ret->code && od_debug_has_code(e->dbg)) {
		s->ret->code = e->dbg;
		e->used = true;
	}
	if (!s->ret->debug || worth(e->dbg) > worth(s->ret->debug)) {
		s->ret->debug = e->dbg;
		e->used = true;
	}
	if (e->used)
		e->why = NULL;
}

static void try_path(struct search *s, const char *root, const char *rel)
{
	char path[MAX_PATH];
	const char *slash = *rel == '/' || !strcmp(root, "/") ? "" : "/";

	if (!enough(s) && snprintf(path, sizeof(path), "%s%s%s", strcmp(root, "/") ? root : "", slash, rel) < MAX_PATH)
		take(s, od_find_look_at(s->find, path, true), true);
}

static void try_place(struct search *s, const char *root, const char *place)
{
	char path[MAX_PATH];

	if (*s->id && !enough(s) && od_place_fill(path, sizeof(path), root, place, NULL, s->id))
		take(s, od_find_look_at(s->find, path, true), false);
}

static void try_given(struct search *s)
{
	static const char *const places[] = { ".build-id/%b.debug", "usr/lib/debug/.build-id/%b.debug",
					      ".build-id/%b", "usr/lib/.build-id/%b", NULL };
	struct od_find *find = s->find;

	od_find_look(find);
	for (size_t i = 0; i < find->npaths && !enough(s); i++)
		if (find->given[i].entry && find->given[i].entry->opened)
			take(s, find->given[i].entry, true);
	for (size_t i = 0; i < find->npaths && !enough(s); i++) {
		if (!find->given[i].dir)
			continue;
		for (const char *const *p = places; *p; p++)
			try_place(s, find->given[i].path, *p);
		if (!s->name)
			continue;
		try_path(s, find->given[i].path, s->name);
		/* A root of another system: the path as it was there. */
		if (s->path)
			try_path(s, find->given[i].path, s->path);
	}
}

static bool is_below(const char *path, const char *root)
{
	const size_t len = strlen(root);

	return !strncmp(path, root, len) && path[len] == '/';
}

static void try_automatic(struct search *s)
{
	const char *top = s->find->top;
	char root[MAX_PATH];

	try_place(s, top, "usr/lib/debug/.build-id/%b.debug");
	if (s->ret->code || !*s->id)
		return;
	for (const char *const *r = od_object_roots; *r && s->path; r++)
		if (is_below(s->path, *r)) {
			try_path(s, top, s->path);
			break;
		}
	if (!s->ret->code)
		try_place(s, top, "usr/lib/.build-id/%b");
	for (const char *const *r = name_roots; *r && s->name && !s->ret->code; r++)
		if (snprintf(root, sizeof(root), "%s%s", strcmp(top, "/") ? top : "", *r) < MAX_PATH)
			try_path(s, root, s->name);
}

/* Absolute, and nothing in it leads back or hides. */
static bool is_plain(const char *path)
{
	if (!path || *path != '/' || strlen(path) >= MAX_PATH / 2 || strstr(path, "/../"))
		return false;
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return true;
}

static bool is_name(const char *name)
{
	return name && *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

void od_find_object(struct od_find *find, const struct od_object_wanted *wanted, struct od_object_files *ret)
{
	static const char deleted[] = " (deleted)";
	struct search s = { .find = find, .ret = ret };
	char id[OD_HEX_ID] = "", path[MAX_PATH] = "";
	size_t len;

	*ret = (struct od_object_files){ NULL, NULL, NULL };
	if (!find)
		return;
	if (wanted->build_id && !od_take_build_id(wanted->build_id, id))
		id[0] = '\0';
	s.id = id;
	if (is_plain(wanted->path)) {
		snprintf(path, sizeof(path), "%s", wanted->path);
		len = strlen(path);
		if (len >= sizeof(deleted) && !strcmp(path + len + 1 - sizeof(deleted), deleted))
			path[len + 1 - sizeof(deleted)] = '\0';
		s.path = path;
		s.name = strrchr(path, '/') + 1;
		if (!is_name(s.name))
			s.path = s.name = NULL;
	}
	try_given(&s);
	if (find->automatic && !enough(&s))
		try_automatic(&s);
	if (!ret->code || !ret->debug)
		ret->why = s.refused ? s.refused : *id ? "no file with its build id was found" :
				       "it has no build id in the core: only a file of that name given with -s is taken";
	else if (!od_debug_has_lines(ret->debug))
		ret->why = od_arena_printf(&find->arena, "%s has no source lines", od_debug_name(ret->debug));
}
