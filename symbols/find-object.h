/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of programs and shared objects: the one that was mapped, by its build id, and the one with its
 * symbols and lines. A path of an input is only a hint: where it leads must be below a directory that the user
 * named or one of those where systems keep programs, and the file must have the build id.
 */
#ifndef OD_SYMBOLS_FIND_OBJECT_H
#define OD_SYMBOLS_FIND_OBJECT_H

#include "symbols/find.h"

struct od_object_wanted {
	const char *build_id; /* hex; NULL: unknown, then only a file of -s with that name is taken */
	const char *path;     /* as the input has it; NULL: unknown */
};

struct od_object_files {
	struct od_debug *code;	/* it has code and call frame information; NULL: none */
	struct od_debug *debug; /* it has the most of symbols and lines, maybe the same; NULL: none */
	const char *why;	/* of what is NULL, or without lines; as long as the finder. NULL: nothing to say */
};

/* Opened once, kept until the finder goes. Whoever asks twice gets the same files. */
void od_find_object(struct od_find *find, const struct od_object_wanted *wanted, struct od_object_files *ret);

/* Directories of the system that are looked through, NULL-terminated: what a sandbox must let be read. */
extern const char *const od_object_roots[];

#endif
