/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A command is one const row, in a file of its own; commands.c lists them. Running, help,
 * completion, the man page and the JSON of commands all come from the rows.
 */
#ifndef OD_SHELL_COMMAND_H
#define OD_SHELL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct od_session;

enum { OD_MAX_ARGS = 32 };

/* A command line taken apart: words by blanks; '...' and "..." hold blanks, \ the next byte. */
struct od_args {
	char *text;		       /* owned: the words point into it */
	int argc;		       /* words, with the command's name */
	const char *argv[OD_MAX_ARGS]; /* after od_args_options(): without the options */
	uint64_t options;	       /* a bit for each that was given: od_args_has() */
	const char *values[52];	       /* of options that take one: od_args_value() */
	bool open;		       /* the line ends inside a word: what completion works on */
};

enum od_needs {
	OD_NEED_NONE = 0,
	OD_NEED_INPUT = 1 << 0,	 /* the input must have been read */
	OD_NEED_REPORT = 1 << 1, /* and hold a report */
	OD_NEED_FRONT = 1 << 2,	 /* carried out by the front, which owns files and the terminal */
	OD_PRINTS_INPUT = 1 << 3, /* its answer is as long as the input */
	OD_TAKES_RADIX = 1 << 4, /* 'set radix 16' is as if its -x were given */
};

struct od_command {
	const char *name;
	const char *alias;   /* NULL: none */
	const char *options; /* letters it takes, "" for none; one that takes a value has a : after it */
	const char *usage;   /* "bt [-a] [N]" */
	const char *help;    /* one line, no full stop */
	const char *details; /* sentences; NULL: the one line says all */
	const char *examples; /* a line each: what to type, a tab, what that does */
	unsigned needs;	     /* enum od_needs */
	int min_args, max_args; /* words after the name, options not counted */
	/* Add candidates for the last word, one a line. NULL: there are none. */
	void (*complete)(struct od_session *s, const struct od_args *args, struct od_buf *words);
	/* What goes to standard output is put into out. NULL with OD_NEED_FRONT. */
	struct od_error *(*exec)(struct od_session *s, const struct od_args *args,
				 struct od_buf *out);
};

/* All rows, in the order of the help; n is their number. */
const struct od_command *const *od_commands(size_t *n);
/*
 * By name, alias or unique prefix. An error if there is none, or several: it lists them; *ret is NULL if
 * there is none. OD_ERR_USAGE.
 */
struct od_error *od_command_find(const char *word, const struct od_command **ret);

/* The next of a row's examples; *p begins as its examples. False: there is none. */
struct od_example {
	const char *line, *text; /* not terminated */
	size_t line_len, text_len;
};
bool od_example_next(const char **p, struct od_example *ret);

/* Split a line. Release with od_args_deinit(), also after an error. */
struct od_error *od_args_parse(struct od_args *args, const char *line, size_t len);
void od_args_deinit(struct od_args *args);
/* Take the row's options out of argv, and check the number of words. */
struct od_error *od_args_options(struct od_args *args, const struct od_command *cmd);
static inline unsigned od_option_bit(char option)
{
	return (unsigned)(option >= 'a' ? option - 'a' : 26 + option - 'A');
}
static inline bool od_args_has(const struct od_args *args, char option)
{
	return args->options >> od_option_bit(option) & 1;
}
/* What was given with an option, "-o 8" or "-o8"; the last one counts. NULL: it was not given. */
static inline const char *od_args_value(const struct od_args *args, char option)
{
	return args->values[od_option_bit(option)];
}
/* True for an empty line and a comment (# or //): nothing to run. */
bool od_line_is_idle(const char *line, size_t len);

/* Decimal, or hex with 0x; a sign is refused. */
bool od_parse_number(const char *s, uint64_t *ret);
/* As od_parse_number(), and hex without 0x: addresses as kernels print them. */
bool od_parse_address(const char *s, uint64_t *ret);

/* Add one candidate if word is a prefix of it. */
void od_words_add(struct od_buf *words, const char *word, const char *candidate);
/* The last word of args: what is being completed; "" at the start of a new one. */
const char *od_args_word(const struct od_args *args);

#endif
