/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finding debug files: vmlinux, modules and programs, by build id first, then by release and name,
 * in the paths that the user gave and in those where distributions put them. Nothing from an input
 * ever becomes a path but a release, a module's name and a build id, each of which is checked to be
 * one.
 */
#ifndef OD_SYMBOLS_FIND_H
#define OD_SYMBOLS_FIND_H

#include <stdbool.h>

#include "symbols/debug.h"

/* What is looked for. All strings may be NULL: unknown. */
struct od_wanted {
	const char *release;  /* "6.1.0-50-cloud-amd64" */
	const char *module;   /* NULL: the kernel itself. '-' and '_' are the same. */
	const char *build_id; /* hex, at least 16 digits; a file with another one is refused */
};

/* What could not be had, for the report's `missing`. Strings live as long as the finder. */
struct od_absent {
	const char *why;  /* "no debug file for module ext4 (build id ...)", "... has another build
			     id" */
	const char *path; /* the package or path that would hold it, or NULL */
};

struct od_find;

/*
 * paths: files and directories given with -s, n of them, not copied; they come first, and each file
 * of them is taken for what it is. automatic: also look where distributions put such files.
 */
struct od_find *od_find_create(const char *const *paths, size_t n, bool automatic);
/* NULL is accepted. Closes all files. */
void od_find_destroy(struct od_find *find);

/*
 * The file with symbols and, if there is one, lines for what is wanted. Opened once, kept until the
 * finder goes; the answer for the same question is remembered, also that there is none. NULL, and
 * *ret says why.
 */
struct od_debug *od_find_get(struct od_find *find, const struct od_wanted *wanted,
			     struct od_absent *ret);

#endif
