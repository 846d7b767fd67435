/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/*
 * A directory of debug files as a table of names: one walk that opens directories and nothing else. What
 * is in a file is looked at only if its name is asked for.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "symbols/find-internal.h"

enum { MAX_DEP = 32 << 20 }; /* bytes of modules.dep; distributions have 0.5 MB */

void od_tree_init(struct od_tree *tree, const char *root)
{
	*tree = (struct od_tree){ 0 };
	od_arena_init(&tree->arena);
	tree->root = od_arena_strdup(&tree->arena, root);
}

void od_tree_deinit(struct od_tree *tree)
{
	od_arena_deinit(&tree->arena);
}

struct walk {
	struct od_tree *tree;
	uint32_t seen;
	int64_t until; /* now_s() */
	char path[4096]; /* of what is looked at */
};

static void keep(struct walk *w, const char *name)
{
	struct od_tree *tree = w->tree;
	struct od_tree_file *file;
	char key[OD_MODULE];

	if (!od_key_of_name(name, key))
		return;
	if (tree->n >= OD_TREE_KEPT) {
		tree->cut = true;
		return;
	}
	file = od_push(&tree->arena, tree->files, tree->n, tree->cap);
	file->key = od_arena_strdup(&tree->arena, key);
	file->path = od_arena_strdup(&tree->arena, w->path);
}

static DIR *open_dir(const char *path, unsigned depth)
{
	/* A link below the root may lead anywhere, also back up; the root is what the user meant. */
	int more = depth ? O_NOFOLLOW : 0;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | more);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (fd >= 0 && !dir)
		close(fd);
	return dir;
}

static int64_t now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void walk_dir(struct walk *w, unsigned depth);

/* One entry of the directory whose path is the first len bytes of w->path. */
static void walk_entry(struct walk *w, const struct dirent *entry, size_t len, unsigned depth)
{
	size_t n = strlen(entry->d_name);

	/* ".", "..", ".git", ".tmp_versions" */
	if (entry->d_name[0] == '.' || len + 1 + n >= sizeof(w->path))
		return;
	w->path[len] = '/';
	memcpy(w->path + len + 1, entry->d_name, n + 1);
	if (entry->d_type != DT_DIR)
		keep(w, entry->d_name);
	/* Some file systems do not say: trying is asking. */
	if (entry->d_type == DT_DIR || (entry->d_type == DT_UNKNOWN && !strchr(entry->d_name, '.')))
		walk_dir(w, depth + 1);
}

static void walk_dir(struct walk *w, unsigned depth)
{
	size_t len = strlen(w->path);
	const struct dirent *entry;
	DIR *dir;

	if (depth > OD_TREE_DEPTH || now_s() > w->until) {
		w->tree->cut = true;
		return;
	}
	dir = open_dir(w->path, depth);
	while (dir && (entry = readdir(dir)) != NULL) {
		if (w->seen++ >= OD_TREE_SEEN) {
			w->tree->cut = true;
			break;
		}
		walk_entry(w, entry, len, depth);
		w->path[len] = '\0';
	}
	if (dir)
		closedir(dir);
}

/* --- modules.dep ------------------------------------------------------------------------------- */

/* All of a small text file; NULL: it is not there, or is no such file. */
static char *read_text(const char *path, size_t *len)
{
	od_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char *text;
	ssize_t n;

	*len = 0;
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MAX_DEP)
		return NULL;
	text = od_malloc((size_t)st.st_size + 1);
	while (*len < (size_t)st.st_size && (n = read(fd, text + *len, (size_t)st.st_size - *len)) > 0)
		*len += (size_t)n;
	text[*len] = '\0';
	return text;
}

/* A relative path that goes down only. */
static bool goes_down(const char *path)
{
	return path[0] && path[0] != '/' && path[0] != '.' && !strstr(path, "/.") && !strchr(path, '%');
}

static int by_key(const void *a, const void *b)
{
	const struct od_tree_file *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	return order ? order : strcmp(x->path, y->path);
}

static void sort(struct od_tree *tree)
{
	tree->walked = true;
	if (tree->n)
		qsort(tree->files, tree->n, sizeof(*tree->files), by_key);
}

/* The root to path, without slashes at its end. False: it is too long. */
static bool begin(struct walk *w)
{
	size_t len = strlen(w->tree->root);

	if (len >= sizeof(w->path))
		return false;
	memcpy(w->path, w->tree->root, len + 1);
	while (len > 1 && w->path[len - 1] == '/')
		w->path[--len] = '\0';
	return true;
}

void od_tree_take_dep(struct od_tree *tree, char *text, size_t len)
{
	struct walk w = { .tree = tree };
	size_t root;

	if (!begin(&w))
		return;
	root = strlen(w.path);
	/* "kernel/fs/ext4/ext4.ko.xz: kernel/lib/crc16.ko.xz ..." */
	for (char *line = text, *end = text + len, *next; line < end; line = next) {
		char *colon;

		next = memchr(line, '\n', (size_t)(end - line));
		next = next ? next + 1 : end;
		colon = memchr(line, ':', (size_t)(next - line));
		if (!colon || root + 2 + (size_t)(colon - line) > sizeof(w.path))
			continue;
		*colon = '\0';
		if (!goes_down(line))
			continue;
		w.path[root] = '/';
		memcpy(w.path + root + 1, line, strlen(line) + 1);
		keep(&w, strrchr(w.path, '/') + 1);
	}
	sort(tree);
}

/* The names of a directory of modules by depmod's list in it, which spares the walk. */
static bool read_dep(struct od_tree *tree)
{
	od_autofree char *text = NULL;
	char path[4096];
	size_t len;

	if (snprintf(path, sizeof(path), "%s/modules.dep", tree->root) < (int)sizeof(path))
		text = read_text(path, &len);
	if (text)
		od_tree_take_dep(tree, text, len);
	return text != NULL;
}

static void walk(struct od_tree *tree)
{
	struct walk w = { .tree = tree, .until = now_s() + OD_TREE_SECONDS };

	if (begin(&w))
		walk_dir(&w, 0);
	sort(tree);
}

const struct od_tree_file *od_tree_find(struct od_tree *tree, const char *key, uint32_t *n)
{
	uint32_t low = 0, high;

	if (!tree->walked && !read_dep(tree))
		walk(tree);
	high = tree->n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (strcmp(tree->files[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (*n = 0; low + *n < tree->n && !strcmp(tree->files[low + *n].key, key);)
		++*n;
	return *n ? tree->files + low : NULL;
}
