/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --help, the manual pages and the completion of the shell say of an option: the same for every program,
 * whatever else its table has.
 */
#ifndef OD_FRONT_OPTION_ROW_H
#define OD_FRONT_OPTION_ROW_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

struct od_option_row {
	const char *name;     /* without the dashes */
	char shortname;	      /* 0: none */
	const char *arg;      /* what it takes; NULL: nothing */
	const char *help;     /* sentences; the first one is for --help */
	const char *commands; /* that take it, blanks between; NULL: it is for all, or there are none */
};

/* The words that may stand for a name of a value. */
struct od_value_words {
	const char *arg;
	const char *words; /* blanks between */
};

/* The first sentence of a text of a table, without its full stop. */
size_t od_first_sentence(const char *text);
/* Blanks from where a line of --help starts in buf up to the column of explanations. */
void od_help_pad(struct od_buf *buf, size_t start);
/* The line of --help. */
void od_option_row_help(struct od_buf *buf, const struct od_option_row *row);
/* Which of words v is, from 0. OD_ERR_USAGE names them all. */
struct od_error *od_option_word(const char *words, const char *v, unsigned *ret);
/* The entry of the manual page, to standard output. */
void od_option_row_roff(const struct od_option_row *row);

#endif
