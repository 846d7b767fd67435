/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the finder share. */
#ifndef OD_SYMBOLS_FIND_INTERNAL_H
#define OD_SYMBOLS_FIND_INTERNAL_H

#include <stdint.h>

#include "base/arena.h"
#include "io/unpack.h"
#include "symbols/find.h"

enum {
	OD_RELEASE = 128,     /* bytes of a release with the NUL; the kernel's own limit is 65 */
	OD_MODULE = 64,	      /* bytes of a module's name with the NUL; MODULE_NAME_LEN is 56 */
	OD_HEX_ID = 2 * OD_MAX_BUILD_ID + 1,
	OD_MIN_ID = 16,	      /* digits: fewer prove nothing */
	OD_TREE_SEEN = 1 << 19, /* names of one tree that are looked at */
	OD_TREE_KEPT = 1 << 16, /* of these, debug files */
	OD_TREE_DEPTH = 24,
	OD_TREE_SECONDS = 8, /* that a walk may take, on a file system far away */
	OD_FIND_FILES = 128,  /* files that are open at the same time, and that are listed */
	OD_FIND_TRIES = 64,   /* files of one tree that are looked at for one question */
	OD_FIND_ANSWERS = 4096, /* remembered */
	OD_FIND_TREES = 64,
};

/* --- find-file.c: what a file is, by its content ------------------------------------------- */

enum od_file_kind {
	OD_FILE_OTHER,
	OD_FILE_KERNEL,
	OD_FILE_MODULE,
	OD_FILE_PROGRAM, /* linked, and no kernel; which one only its name can tell */
	OD_FILE_OBJECT,	 /* ET_REL without what makes it a module: maybe what strip left of one */
	OD_FILE_CORE,
	OD_FILE_MAP,	/* System.map */
	OD_FILE_PACKED, /* compressed */
	OD_FILE_PACKAGE, /* .deb, .rpm, .tar */
};

struct od_file_facts {
	enum od_file_kind kind;
	bool symbols, lines;
	char build_id[OD_HEX_ID]; /* lower case; "": none */
	char release[OD_RELEASE]; /* "": not known, or of a kernel not yet read */
	char module[OD_MODULE];	  /* as the module says, "": it does not */
	uint64_t banner_at, banner_len; /* where in a kernel "Linux version ..." may stand */
};

/* Reads headers, notes and .modinfo of a regular file, no more. Never fails: OTHER. */
void od_file_look(int fd, struct od_file_facts *ret);
/* Fills in the release of a kernel by its banner. Reads up to 32 MiB, usually some KiB. */
void od_file_release(int fd, struct od_file_facts *facts);

/* --- find-names.c: what may become a part of a path, and what paths there are ---------------- */

bool od_is_release(const char *s);
bool od_is_module_name(const char *s);
/* At least OD_MIN_ID hex digits, copied in lower case to ret[OD_HEX_ID]. */
bool od_take_build_id(const char *s, char *ret);
/* a and b are the same name, where - and _ are one. */
bool od_same_module(const char *a, const char *b);
/*
 * A file name "ext4.ko.xz", "ext4.ko.debug", "ext4.ko": the module's name, with _ for -, to
 * ret[OD_MODULE].
 */
bool od_module_of_name(const char *name, char *ret);
/* "vmlinux", "vmlinux-REL", "vmlinux.debug", with what compresses it or without. */
bool od_is_kernel_name(const char *name);
bool od_is_map_name(const char *name);
/* The key of a file of that name, as trees have it, to ret[OD_MODULE]; false: it is no debug file. */
bool od_key_of_name(const char *name, char *ret);
/* The key of what is asked for: of a module, or (NULL) "vmlinux"; key[OD_MODULE] is returned. */
const char *od_find_key(const char *module, char *key);
/* The release in "vmlinux-REL[.debug][.xz]" or "System.map-REL" to ret[OD_RELEASE]; false: none. */
bool od_release_of_name(const char *name, char *ret);

/* Paths with %r the release, %b the build id as xx/yyyy; NULL-terminated. */
extern const char *const od_kernel_places[]; /* below the root, or the root of a package */
extern const char *const od_kernel_places_inside[]; /* of a directory that somebody gave */
extern const char *const od_module_roots[]; /* directories with all modules of a release */
/*
 * root and a place with its marks filled in to path. False: a mark has no value, or it is too long.
 */
bool od_place_fill(char *path, size_t size, const char *root, const char *place,
		   const char *release, const char *build_id);
/* The package that holds debug files of a release, by its form; else a path. May be NULL. */
const char *od_find_package(struct od_arena *arena, const char *release, const char *module,
			    const char *build_id, bool out_of_tree);

/* --- find-tree.c: names of debug files below a directory ------------------------------------- */

struct od_tree_file {
	const char *key;  /* name of a module with _, "vmlinux" or "System.map" */
	const char *path; /* with the root's */
};

struct od_tree {
	struct od_arena arena;
	const char *root;
	bool walked, cut; /* cut: there was more than is looked at */
	struct od_tree_file *files; /* by key, then path */
	uint32_t n, cap;
};

void od_tree_init(struct od_tree *tree, const char *root);
void od_tree_deinit(struct od_tree *tree);
/*
 * The files of that key, *n of them. The first time the tree is walked (directories are opened, no
 * files), or, if there is a modules.dep at its root, that is read.
 */
const struct od_tree_file *od_tree_find(struct od_tree *tree, const char *key, uint32_t *n);
/* Instead of a walk: the files that a modules.dep of len bytes names, which is written into. */
void od_tree_take_dep(struct od_tree *tree, char *text, size_t len);
/* --- find-search.c: one question ------------------------------------------------------------- */

/* A file that was looked at; kept, so that no file is looked at twice. */
struct od_find_entry {
	const char *path, *name;  /* name: its end */
	uint64_t dev, ino;
	bool opened, used, broken; /* opened: facts are known */
	bool member;		   /* of a package: path is no path of the file system */
	const char *why;	  /* see od_find_file */
	struct od_file_facts facts;
	struct od_debug *dbg; /* NULL: not in use */
	int fd;		      /* what was unpacked, in memory; -1: path is the file */
	uint64_t memory_ino;  /* of what was unpacked; 0: nothing was */
};

struct od_find_given {
	const char *path;
	bool dir;
	struct od_find_entry *entry; /* of a file */
	struct od_package *package;  /* NULL: it is none */
};

struct od_find_answer {
	struct od_find_answer *next; /* in the same bucket */
	struct od_wanted wanted;     /* as it was asked, copied */
	struct od_debug *dbg;
	struct od_absent absent;
};

enum { OD_FIND_BUCKETS = 1024, OD_FIND_ENTRIES = 1024, OD_FIND_EXPECTED = 512 };

struct od_find {
	struct od_arena arena;
	const char *const *paths;
	size_t npaths;
	bool automatic, looked;
	const char *top; /* "/"; tests have another one */
	struct od_find_given *given;
	struct od_tree *trees[OD_FIND_TREES];
	uint32_t ntrees, nopen, nanswers;
	struct od_find_entry **entries;
	uint32_t nentries, entries_cap;
	struct od_find_answer *answers[OD_FIND_BUCKETS];
	struct od_unpack_watch watch;
	uint32_t packages, ninmemory, nexpected;
	uint32_t expected[OD_FIND_BUCKETS]; /* bits: hashes of keys that will be asked for */
	const struct od_find_known *known;
	struct od_find_entry **known_entries; /* of each; NULL: it has no file, or none that is of use */
	size_t nknown;
	od_find_wanted_fn *wanted; /* NULL: packed files are read */
	void *wanted_ctx;
};

/* The table of that directory, not yet walked if it is new. NULL: there are too many. */
struct od_tree *od_find_tree(struct od_find *find, const char *root);
/* NULL: there are too many. */
struct od_find_entry *od_find_new_entry(struct od_find *find, const char *path);

/* --- find-packed.c: what is compressed or in a package --------------------------------------- */

/*
 * e was looked at in fd, which is in memory or packed, and becomes e's: a compressed file is inflated
 * and looked at. e is broken if nothing can be made of it; e->why may say why.
 */
void od_find_inflate(struct od_find *find, struct od_find_entry *e, int fd);
/* fd becomes the package's. Nothing is read. */
struct od_package *od_package_open(struct od_find *find, int fd);
/* NULL is accepted. */
void od_package_close(struct od_package *p);
typedef bool od_package_fn(void *ctx, struct od_find_entry *e);
/*
 * Files of that key (see od_tree_file) are put to consider until that is content (true), then the
 * rest of the package. name: the package's. foreign: a module from outside of the kernel's tree; no package
 * with a vmlinux has it, so that is not read to its end. NULL, or why it could not be read any further.
 */
const char *od_package_search(struct od_find *find, struct od_package *p, const char *name, const char *key,
			      bool foreign, od_package_fn *consider, void *ctx);

/* Has the package been read as far as was asked, and was all that was wanted of it taken out? */
bool od_package_is_sound(const struct od_package *p);

/* --- find-known.c: what was unpacked before --------------------------------------------------- */

/* Look at the files that came out of packed ones. */
void od_find_look_known(struct od_find *find);
/* The file that the nth path of -s was unpacked to; NULL: it was not. */
struct od_find_entry *od_find_known_stream(struct od_find *find, size_t nth);
/* Files that came out of that package, one after the other; from *at, which is moved. NULL: no more. */
struct od_find_entry *od_find_known_member(const struct od_find *find, size_t nth, size_t *at);
/* Need the package not be read: because the answer is known, or because that is only noted? */
bool od_find_spares(struct od_find *find, size_t nth, const struct od_wanted *wanted);
/* The same of a compressed file. */
bool od_find_spares_stream(struct od_find *find, size_t nth);
/* find-search.c: the file at path, looked at once; NULL: see there. packed: inflate what is compressed. */
struct od_find_entry *od_find_look_at(struct od_find *find, const char *path, bool inflate);

/* --- find-aside.c: what a debug file refers to ----------------------------------------------- */

/* e->dbg was opened: what it has not itself is looked for beside it, and in the places that were given. */
void od_find_beside(struct od_find *find, struct od_find_entry *e);

/* As od_find_create(), below another root than "/"; for tests. */
struct od_find *od_find_create_below(const char *top, const char *const *paths, size_t n, bool automatic);
/* od_find_get() of what was not asked yet. wanted was checked: what is in it is of its form. */
struct od_debug *od_find_search(struct od_find *find, const struct od_wanted *wanted, struct od_absent *ret);

#endif
