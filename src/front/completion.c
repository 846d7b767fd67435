/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/completion.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What a name means in every program. @text is what only the user knows. */
static const struct od_value_words everywhere[] = {
	{ "FILE", "@file" },	{ "SCRIPT", "@file" },	   { "PATH", "@file" },	 { "TICKET", "@file" },
	{ "STORE", "@file" },	{ "DIR", "@dir" },	   { "CMD", "@command" }, { "SEC", "@text" },
	{ "MIB", "@text" },	{ "N", "@text" },	   { "K/N", "@text" },	 { "PERCENT", "@text" },
	{ "RELEASE", "@text" }, { "SIGNATURE", "@text" },  { "URL", "@text" },	 { "TEXT", "@text" },
	{ "WORD", "@text" },	{ NULL, NULL },
};

static const char *find(const struct od_value_words *list, const char *arg, size_t len)
{
	for (; list && list->arg; list++)
		if (strlen(list->arg) == len && !memcmp(list->arg, arg, len))
			return list->words;
	return NULL;
}

/* Is the word one of words? */
static bool has_word(const char *words, const char *word, size_t len)
{
	while (*words) {
		size_t n = strcspn(words, " ");

		if (n == len && !memcmp(words, word, len))
			return true;
		words += n + strspn(words + n, " ");
	}
	return false;
}

static void add(struct od_buf *words, const char *word, size_t len)
{
	if (has_word(od_buf_str(words), word, len))
		return;
	if (words->len > 0)
		od_buf_addch(words, ' ');
	od_buf_add(words, word, len);
}

/* One name, or words with | between. */
static void add_name(struct od_completion *c, const char *name, size_t len, struct od_buf *kind)
{
	const char *words = find(c->values, name, len);

	if (!words)
		words = find(everywhere, name, len);
	for (; words && *words; words += strspn(words, " ")) {
		size_t n = strcspn(words, " ");

		add(kind, words, n);
		words += n;
	}
	if (words)
		return;
	if (len > 0 && islower((unsigned char)*name)) {
		add(kind, name, len);
	} else {
		fprintf(stderr, "completion: nothing says what %.*s is\n", (int)len, name);
		c->failed = true;
	}
}

static void add_names(struct od_completion *c, const char *s, size_t len, struct od_buf *kind)
{
	const char *end = s + len;

	/* "K/N" is a name as it is. */
	while (s < end) {
		const char *bar = memchr(s, '|', (size_t)(end - s));
		size_t n = bar ? (size_t)(bar - s) : (size_t)(end - s);

		add_name(c, s, n, kind);
		s += n + 1;
	}
}

void od_completion_usage(struct od_completion *c, const char *usage, struct od_buf *kind)
{
	const char *s = usage + strcspn(usage, " ");

	while (*s) {
		size_t len;

		s += strspn(s, " [.]");
		len = strcspn(s, " [.]");
		add_names(c, s, len, kind);
		s += len;
	}
}

void od_completion_begin(const struct od_completion *c, const char *name)
{
	printf("\n%s_%s()\n{\n\tkind=\n\tcase $1 in\n", c->prefix, name);
}

void od_completion_case(const char *pattern, const char *kind)
{
	enum { WIDTH = 100 };
	const char *words = kind;
	size_t column = (size_t)printf("\t%s) kind='", pattern) + 7;

	/* Lines of a width that can be read; the shell takes their ends for blanks. */
	while (*kind) {
		size_t len = strcspn(kind, " ");

		if (column + len + 6 > WIDTH) {
			fputs("\n\t\t", stdout);
			column = 16;
		} else if (kind > words) {
			putchar(' ');
			column++;
		}
		column += (size_t)printf("%.*s", (int)len, kind);
		kind += len + (kind[len] == ' ');
	}
	puts("' ;;");
}

void od_completion_end(void)
{
	puts("\tesac\n}");
}

/* Those of one command, or all of them. */
static void option_names(const struct od_option_row *rows, size_t n, const char *command, struct od_buf *words)
{
	for (size_t i = 0; i < n; i++) {
		if (command && rows[i].commands && !has_word(rows[i].commands, command, strlen(command)))
			continue;
		if (words->len > 0)
			od_buf_addch(words, ' ');
		od_buf_printf(words, "--%s%s", rows[i].name, rows[i].arg ? "=" : "");
	}
}

/* A case for each command that some option is for, and one for what is none of these. */
static void options_by_command(const struct od_option_row *rows, size_t n)
{
	struct od_buf commands = { 0 }, words = { 0 };
	char *state, *command;

	for (size_t i = 0; i < n; i++)
		for (const char *s = rows[i].commands; s && *s; s += strspn(s, " ")) {
			add(&commands, s, strcspn(s, " "));
			s += strcspn(s, " ");
		}
	od_buf_addch(&commands, ' ');
	for (command = strtok_r(commands.data, " ", &state); command; command = strtok_r(NULL, " ", &state)) {
		od_buf_reset(&words);
		option_names(rows, n, command, &words);
		od_completion_case(command, od_buf_str(&words));
	}
	od_buf_reset(&words);
	option_names(rows, n, NULL, &words);
	od_completion_case("*", od_buf_str(&words));
	od_buf_deinit(&commands);
	od_buf_deinit(&words);
}

void od_completion_options(struct od_completion *c, const struct od_option_row *rows, size_t n)
{
	struct od_buf kind = { 0 };

	od_completion_begin(c, "options");
	options_by_command(rows, n);
	od_completion_end();
	od_completion_begin(c, "value");
	for (size_t i = 0; i < n; i++) {
		struct od_buf pattern = { 0 };

		od_buf_reset(&kind);
		if (rows[i].arg)
			add_names(c, rows[i].arg, strlen(rows[i].arg), &kind);
		od_buf_printf(&pattern, "--%s", rows[i].name);
		if (rows[i].shortname)
			od_buf_printf(&pattern, " | -%c", rows[i].shortname);
		od_completion_case(od_buf_str(&pattern), od_buf_str(&kind));
		od_buf_deinit(&pattern);
	}
	od_completion_end();
	od_buf_deinit(&kind);
}
