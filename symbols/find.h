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

#include "io/unpack.h"
#include "symbols/debug.h"

/* What is looked for. All strings may be NULL: unknown. What is no release, name or id is too. */
struct od_wanted {
	const char *release;  /* "6.1.0-50-cloud-amd64" */
	const char *module;   /* NULL: the kernel itself. '-' and '_' are the same. */
	const char *build_id; /* hex, at least 16 digits; a file with another one is refused */
	bool out_of_tree;     /* of a module (taint O): no package of the kernel holds it */
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
 * of them is taken for what it is. automatic: also look where distributions put such files. Opens
 * nothing yet.
 */
struct od_find *od_find_create(const char *const *paths, size_t n, bool automatic);
/* NULL is accepted. Closes all files. */
void od_find_destroy(struct od_find *find);
/* Were files or directories named, so that whoever asks expects an answer? */
bool od_find_given(const struct od_find *find);

/*
 * Packed files take seconds: whom to tell, who may stop it. The watch is copied; NULL: nobody. If
 * stopped, files count as missing.
 */
void od_find_watch(struct od_find *find, const struct od_unpack_watch *watch);
/*
 * The file of that module (NULL: of the kernel) will be asked for: a package is then read once for all
 * that were announced. Costs next to nothing.
 */
void od_find_expect(struct od_find *find, const char *module);

/*
 * The file with symbols and, if there is one, lines for what is wanted. Opened once, kept until the
 * finder goes; the answer for the same question is remembered, also that there is none. NULL, and
 * *ret says why. With a file *ret says what speaks against it or what it lacks: it has no lines, or
 * nothing proves that it is the right one; why is NULL if there is nothing to say. find may be
 * NULL: there is nothing, and why is NULL too.
 */
struct od_debug *od_find_get(struct od_find *find, const struct od_wanted *wanted,
			     struct od_absent *ret);

/* A file that was looked at. */
struct od_find_file {
	const char *name;     /* basename */
	const char *path;     /* where it was found, for the user's own screen only */
	const char *of;	      /* "vmlinux", or the module's name; NULL: it is neither */
	const char *build_id; /* hex, NULL: it has none */
	const char *release;  /* NULL: it does not say */
	bool used, lines;
	const char *why; /* it is not used, or what speaks against it; NULL: nothing */
};

/* Files in use, refused ones and those of -s that are neither, in the order they were seen. */
bool od_find_nth(const struct od_find *find, size_t n, struct od_find_file *ret);
/*
 * Names of modules in directories given with -s that have a symbol of that name, at most max; they live as
 * long as the finder. What takes longer than 3 seconds, and what is compressed, is not looked at.
 */
size_t od_find_modules_with(struct od_find *find, const char *symbol, const char **ret, size_t max);
/* Look at the files that were given with -s, as the first question does; for a list of them. */
void od_find_look(struct od_find *find);

#endif
