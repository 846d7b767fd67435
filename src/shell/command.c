/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines: words, options, names. */
#include "shell/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "shell/crash-words.h"

bool od_line_is_idle(const char *line, size_t len)
{
	while (len > 0 && (od_is_blank(*line) || *line == '\r' || *line == '\n')) {
		line++;
		len--;
	}
	return len == 0 || *line == '#' || (len > 1 && line[0] == '/' && line[1] == '/');
}

static bool is_space(char c)
{
	return od_is_blank(c) || c == '\r' || c == '\n';
}

/* One word from *s to *out, quotes taken off. False: a quote was not closed. */
static bool word(const char **s, const char *end, char **out)
{
	char quote = '\0';

	for (; *s < end && (quote || !is_space(**s)); ++*s) {
		char c = **s;

		if (quote && c == quote) {
			quote = '\0';
		} else if (!quote && (c == '\'' || c == '"')) {
			quote = c;
		} else {
			if (c == '\\' && quote != '\'' && *s + 1 < end)
				c = *++*s;
			*(*out)++ = c;
		}
	}
	*(*out)++ = '\0';
	return !quote;
}

struct od_error *od_args_parse(struct od_args *args, const char *line, size_t len)
{
	const char *end = line + len;
	char *out;
	bool closed = true;

	*args = (struct od_args){ .text = od_malloc(2 * len + 1) };
	out = args->text;
	if (memchr(line, '\0', len))
		return od_error_new(OD_ERR_USAGE, "a command line holds no NUL byte");
	for (;;) {
		while (line < end && is_space(*line))
			line++;
		if (line == end)
			break;
		if (args->argc == OD_MAX_ARGS - 1)
			return od_error_new(OD_ERR_USAGE, "more than %d words", OD_MAX_ARGS - 1);
		args->argv[args->argc++] = out;
		closed = word(&line, end, &out);
		args->open = line == end;
	}
	if (!closed)
		return od_error_new(OD_ERR_USAGE, "a quote is not closed");
	return NULL;
}

void od_args_deinit(struct od_args *args)
{
	free(args->text);
	args->text = NULL;
}

/* "-at", but not "-", "--" and "-22", which is a number. */
static bool is_option(const char *s)
{
	return s[0] == '-' && od_is_alpha(s[1]);
}

static struct od_error *usage(const struct od_command *cmd, const char *what)
{
	return od_error_new(OD_ERR_USAGE, "%s; usage: %s", what, cmd->usage);
}

/* The letters of argv[*i]; the value of the last one may be the word after it. */
static struct od_error *take_options(struct od_args *args, const struct od_command *cmd, int *i)
{
	for (const char *s = args->argv[*i] + 1; *s; s++) {
		const char *row = od_is_alpha(*s) ? strchr(cmd->options, *s) : NULL;

		if (!row && od_crash_option(cmd->name, *s))
			return od_error_new(OD_ERR_USAGE, "%s has no -%c: %s", cmd->name, *s, od_crash_option(cmd->name, *s));
		if (!row)
			return od_error_new(OD_ERR_USAGE, "no option -%c; usage: %s", *s, cmd->usage);
		args->options |= (uint64_t)1 << od_option_bit(*s);
		if (row[1] != ':')
			continue;
		if (!s[1] && *i + 1 == args->argc)
			return od_error_new(OD_ERR_USAGE, "option -%c needs a value; usage: %s", *s,
					    cmd->usage);
		args->values[od_option_bit(*s)] = s[1] ? s + 1 : args->argv[++*i];
		break;
	}
	return NULL;
}

struct od_error *od_args_options(struct od_args *args, const struct od_command *cmd)
{
	struct od_error *err = NULL;
	bool operands = false;
	int n = 1;

	for (int i = 1; i < args->argc && !err; i++) {
		const char *s = args->argv[i];

		if (!operands && !strcmp(s, "--"))
			operands = true;
		else if (!operands && is_option(s))
			err = take_options(args, cmd, &i);
		else
			args->argv[n++] = s;
	}
	if (err)
		return err;
	args->argc = n;
	if (n - 1 < cmd->min_args)
		return usage(cmd, "too few words");
	if (n - 1 > cmd->max_args)
		return usage(cmd, "too many words");
	return NULL;
}

static bool is_name(const struct od_command *cmd, const char *s)
{
	return !strcmp(cmd->name, s) || (cmd->alias && !strcmp(cmd->alias, s));
}

struct od_error *od_command_find(const char *s, const struct od_command **ret)
{
	size_t n, found = 0;
	const struct od_command *const *cmds = od_commands(&n);
	struct od_buf names = OD_BUF_INIT;
	struct od_error *err = NULL;

	*ret = NULL;
	for (size_t i = 0; i < n; i++) {
		if (is_name(cmds[i], s)) {
			od_buf_deinit(&names);
			*ret = cmds[i];
			return NULL;
		}
		if (!od_starts(cmds[i]->name, s))
			continue;
		found++;
		*ret = cmds[i];
		od_buf_printf(&names, "%s%s", found > 1 ? ", " : "", cmds[i]->name);
	}
	if (found == 0 && od_crash_command(s))
		err = od_error_new(OD_ERR_USAGE, "no command '%s' here: %s", s, od_crash_command(s));
	else if (found == 0)
		err = od_error_new(OD_ERR_USAGE, "unknown command '%s'; 'help' lists them", s);
	else if (found > 1)
		err = od_error_new(OD_ERR_USAGE, "'%s' may be %s", s, od_buf_str(&names));
	od_buf_deinit(&names);
	return err;
}

bool od_example_next(const char **p, struct od_example *ret)
{
	if (!*p || !**p)
		return false;
	ret->line = *p;
	ret->line_len = strcspn(*p, "\t\n");
	*p += ret->line_len + ((*p)[ret->line_len] == '\t');
	ret->text = *p;
	ret->text_len = strcspn(*p, "\n");
	*p += ret->text_len + ((*p)[ret->text_len] == '\n');
	return true;
}

bool od_parse_number(const char *s, uint64_t *ret)
{
	struct od_cursor c = od_cursor_init(s, strlen(s));

	return (od_cur_0x(&c, ret) || od_cur_dec(&c, ret)) && od_cur_end(&c);
}

bool od_parse_address(const char *s, uint64_t *ret)
{
	struct od_cursor c = od_cursor_init(s, strlen(s));

	return (od_cur_0x(&c, ret) || od_cur_hex(&c, ret, NULL)) && od_cur_end(&c);
}

void od_words_add(struct od_buf *words, const char *prefix, const char *candidate)
{
	if (od_starts(candidate, prefix))
		od_buf_printf(words, "%s\n", candidate);
}

const char *od_args_word(const struct od_args *args)
{
	return args->open && args->argc > 0 ? args->argv[args->argc - 1] : "";
}
