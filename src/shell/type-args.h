/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of commands that speak of types, and values as these commands print them. */
#ifndef OD_SHELL_TYPE_ARGS_H
#define OD_SHELL_TYPE_ARGS_H

#include "shell/command.h"
#include "shell/memory-args.h"
#include "symbols/typeprint.h"
#include "target/kernel/globals.h"

enum {
	OD_TYPE_NAME = 512,	   /* bytes of the name of a type in a command, with the NUL */
	OD_TYPE_OUTPUT = 16 << 20, /* bytes of values that a command prints before it stops */
};

/* "task_struct.comm,pid": a type and paths of members. */
struct od_type_word {
	struct od_typed type;
	char name[OD_TYPE_NAME]; /* of the type, as it was given */
	const char *paths;	 /* in the word; NULL: the whole type */
};

/*
 * tag: "struct ", "union " or "": what is looked for first, but any type will do. OD_ERR_USAGE:
 * there is no such type, or none at all.
 */
struct od_error *od_type_word(struct od_kernel *k, const char *word, const char *tag,
			      struct od_type_word *ret);
/* NULL if the dump has types, else an error that says why not. */
struct od_error *od_type_need(struct od_kernel *k);
/* The next path, copied to path (OD_TYPE_NAME bytes). False: there is none, or it is too long. */
bool od_type_next_path(const char **paths, char *path);
/* The member of a path, or an error that names it. */
struct od_error *od_type_member(const struct od_type_word *w, const char *path,
				struct od_member *ret);
/* "24", "0x18" or "task_struct.tasks": bytes. is_list: the member is a struct list_head. */
struct od_error *od_type_offset(struct od_kernel *k, const char *word, uint64_t *ret,
				bool *is_list);

/*
 * Print what the word says at addr, in the style of crash: "struct x {...}", or one line a member.
 * What cannot be read is said. The paths were found to be right by od_type_check().
 */
void od_type_print(struct od_kernel *k, const struct od_type_word *w, uint64_t addr, bool hex,
		   struct od_buf *out);
/* Every path leads to a member. */
struct od_error *od_type_check(const struct od_type_word *w);
/*
 * In the object of an entry: "text", the same as od_type_print() prints, or null without a type. Then how a list of
 * such ends: the array, "wrong" (why it is not whole, or null), and the object.
 */
struct od_json;
void od_type_json(struct od_json *w, struct od_kernel *k, const struct od_type_word *type, uint64_t addr, bool hex);
void od_type_json_end(struct od_json *w, const char *wrong);
/* Print a value of a type with symbols for pointers. What cannot be read is said. */
void od_type_print_value(struct od_kernel *k, const struct od_btf *btf, uint64_t addr,
			 const struct od_member *m, unsigned indent, bool hex, struct od_buf *out);
/* False, and the output says so: it is long enough. */
bool od_type_room(struct od_buf *out);

/*
 * The addresses that a word stands for: one; for a per-CPU variable without ":CPU", and with ":a",
 * one for each CPU. fn gets them in order; cpu is -1 if it was none of these.
 */
struct od_error *od_type_addresses(struct od_kernel *k, const char *word,
				   void (*fn)(void *ctx, int cpu, uint64_t addr), void *ctx);

#endif
