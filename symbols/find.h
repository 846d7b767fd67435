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

/* --- what was unpacked before (--cache) -------------------------------------------------------- */

enum { OD_QUESTION = 512 /* bytes of a question as text, with its NUL */ };

/* A question as text, no blanks at its ends, nothing in it that an input could choose freely. */
bool od_question_is_valid(const char *text);

/* What a packed file of -s answered to a question once. */
struct od_find_known {
	const char *packed;   /* its path, one of those of -s */
	const char *question; /* as on_wanted was told it */
	const char *file;     /* path of what came out of it; NULL: nothing did */
	const char *name;     /* that file's name in there; NULL if file is */
};

/*
 * n answers, not copied. A packed file whose answer is known is not read for it. To be called before the first
 * question.
 */
void od_find_know(struct od_find *find, const struct od_find_known *known, size_t n);
/*
 * From now on no packed file of -s is read: what would be asked of the nth path of -s is told instead, and
 * the answer is that there is none. wanted NULL: packed files are read (again).
 * find may be NULL.
 */
typedef void od_find_wanted_fn(void *ctx, size_t nth, const char *question);
void od_find_hold(struct od_find *find, od_find_wanted_fn *wanted, void *ctx);

struct od_unpacked {
	uint64_t ino;	  /* of the file in memory; 0: the packed file has no answer */
	const char *name; /* its name in there; as long as the finder */
};

/*
 * The answer of the first path of -s, which is packed, to each of n questions. The files live as long as the
 * finder. False for one that could not be answered, whether there is something or not: the file is damaged, too
 * large, or there was no time.
 */
void od_find_unpack(struct od_find *find, const char *const *questions, size_t n, struct od_unpacked *ret,
		    bool *answered);

#endif
