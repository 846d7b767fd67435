/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/option-row.h"

#include <stdio.h>
#include <string.h>

#include "front/roff.h"

size_t od_first_sentence(const char *text)
{
	const char *stop = strstr(text, ". ");

	return stop ? (size_t)(stop - text) : strlen(text) - (text[strlen(text) - 1] == '.');
}

void od_help_pad(struct od_buf *buf, size_t start)
{
	enum { COLUMN = 28 };

	if (buf->len - start < COLUMN)
		od_buf_fill(buf, ' ', COLUMN - (buf->len - start));
}

void od_option_row_help(struct od_buf *buf, const struct od_option_row *row)
{
	size_t start = buf->len;

	if (row->shortname)
		od_buf_printf(buf, "  -%c, --%s", row->shortname, row->name);
	else
		od_buf_printf(buf, "      --%s", row->name);
	if (row->arg)
		od_buf_printf(buf, "=%s", row->arg);
	od_help_pad(buf, start);
	od_buf_printf(buf, " %.*s\n", (int)od_first_sentence(row->help), row->help);
}

static struct od_error *not_one_of(const char *words, const char *v)
{
	struct od_buf text = { 0 };
	struct od_error *err;

	while (*words) {
		size_t len = strcspn(words, " ");

		if (text.len > 0)
			od_buf_addstr(&text, words[len] ? ", " : " or ");
		od_buf_add(&text, words, len);
		words += len + strspn(words + len, " ");
	}
	err = od_error_new(OD_ERR_USAGE, "'%s' is not %s", v, od_buf_str(&text));
	od_buf_deinit(&text);
	return err;
}

struct od_error *od_option_word(const char *words, const char *v, unsigned *ret)
{
	unsigned n = 0;

	for (const char *s = words; *s; s += strspn(s, " "), n++) {
		size_t len = strcspn(s, " ");

		if (strlen(v) == len && !memcmp(s, v, len)) {
			*ret = n;
			return NULL;
		}
		s += len;
	}
	return not_one_of(words, v);
}

void od_option_row_roff(const struct od_option_row *row)
{
	fputs(".TP\n", stdout);
	if (row->shortname)
		printf("\\fB\\-%c\\fR, ", row->shortname);
	fputs("\\fB\\-\\-", stdout);
	od_roff_text(row->name, strlen(row->name));
	fputs("\\fR", stdout);
	if (row->arg)
		printf("=\\fI%s\\fR", row->arg);
	if (row->commands)
		printf(" (%s)", row->commands);
	putchar('\n');
	od_roff_sentences(row->help);
}
