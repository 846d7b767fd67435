/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbols/dwarf-path.h"

#include <string.h>

enum { MAX_PATH = 4096 };

struct path {
	char *buf;
	size_t len, size; /* size: with the NUL */
	bool failed;
};

static void add_part(struct path *path, const char *part, size_t len)
{
	if (path->len + len + 2 > path->size) {
		path->failed = true;
		return;
	}
	if (path->len && path->buf[path->len - 1] != '/')
		path->buf[path->len++] = '/';
	memcpy(path->buf + path->len, part, len);
	path->len += len;
}

/* Take the last part away; false: there is none that can be. */
static bool go_up(struct path *path)
{
	size_t at = path->len;

	while (at && path->buf[at - 1] != '/')
		at--;
	if (path->len == at)		      /* empty, or "/" */
		return path->len && at == 1;  /* the root is its own parent */
	if (path->len - at == 2 && !memcmp(path->buf + at, "..", 2))
		return false;
	path->len = at > 1 ? at - 1 : at;
	return true;
}

/* Append a name part by part; an absolute one begins anew. */
static void add(struct path *path, const char *name)
{
	if (*name == '/') {
		path->buf[0] = '/';
		path->len = 1;
	}
	while (*name) {
		size_t len = strcspn(name, "/");

		if (len == 2 && !memcmp(name, "..", 2)) {
			if (!go_up(path))
				add_part(path, "..", 2);
		} else if (len && !(len == 1 && *name == '.')) {
			add_part(path, name, len);
		}
		name += len;
		name += *name == '/';
	}
}

static bool finish(struct path *path)
{
	path->buf[path->len] = '\0';
	return path->len && !path->failed;
}

bool od_source_full(const char *comp_dir, const char *dir, const char *file, char *buf, size_t size)
{
	struct path path = { .buf = buf, .size = size };

	if (size < 2 || !*file)
		return false;
	add(&path, comp_dir);
	add(&path, dir);
	add(&path, file);
	return finish(&path);
}

/* What the kernel's tree has at its top. */
static bool is_top(const char *name)
{
	static const char *const tops[] = {
		"arch", "block",  "certs", "crypto",  "drivers",  "fs",	      "include", "init",
		"ipc",	"kernel", "lib",   "io_uring", "mm",	  "net",      "rust",	 "samples",
		"scripts", "security", "sound", "tools", "usr",	  "virt",
	};
	size_t len = strcspn(name, "/");

	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++)
		if (strlen(tops[i]) == len && !memcmp(tops[i], name, len))
			return true;
	return false;
}

/* The directory that both paths are in, of which buf is one and becomes it. */
static bool shared(char *buf, const char *name)
{
	size_t at = 0, slash = 0;

	while (buf[at] && buf[at] == name[at]) {
		if (buf[at] == '/')
			slash = at;
		at++;
	}
	if (!buf[at] && name[at] == '/')
		slash = at;
	buf[slash] = '\0';
	return slash > 0 && is_top(name + slash + 1);
}

/* The root of the tree, by how a unit is named; false: cannot be told. */
static bool find_root(const char *comp_dir, const char *unit, char *buf, size_t size)
{
	struct path path = { .buf = buf, .size = size };
	char name[MAX_PATH];

	add(&path, comp_dir);
	if (*unit && *unit != '/')
		while (!strncmp(unit, "../", 3) && go_up(&path))
			unit += 3;
	if (!finish(&path) || path.len < 2)
		return false;
	return *unit != '/' || (od_source_full("", "", unit, name, sizeof(name)) &&
				shared(buf, name));
}

static bool strip(char *path, const char *root)
{
	const size_t len = strlen(root);

	if (strncmp(path, root, len) != 0 || path[len] != '/' || !path[len + 1])
		return false;
	memmove(path, path + len + 1, strlen(path + len + 1) + 1);
	return true;
}

bool od_source_relative(const char *root, const char *comp_dir, const char *unit, const char *dir,
			const char *file, char *buf, size_t size)
{
	char own[MAX_PATH];

	if (!od_source_full(comp_dir, dir, file, buf, size))
		return false;
	if ((!root || !strip(buf, root)) && find_root(comp_dir, unit, own, sizeof(own)))
		strip(buf, own);
	return true;
}
