/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/aliases.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "base/escape.h"
#include "shell/command.h"

struct alias {
	char *name, *text;
	bool ours; /* not the user's */
};

/* Those of crash whose commands are here: fingers know them. */
static const struct {
	const char *name, *text;
} built_in[] = {
	{ "dmesg", "log -a" },
	{ "exit", "quit" },
	{ "h", "history" },
	{ "hex", "set radix 16" },
	{ "last", "ps -l" },
	{ "man", "help" },
	{ "pd", "p" },
	{ "print", "p" },
	{ "px", "p -x" },
	{ "sf", "set pager off" },
	{ "size", "struct" },
	{ "sn", "set pager on" },
};

static struct alias aliases[OD_MAX_ALIASES];
static size_t naliases;

static void add(const char *name, const char *text, bool ours)
{
	aliases[naliases++] = (struct alias){ od_strdup(name), od_strdup(text), ours };
}

static void prepare(void)
{
	static bool done;

	for (size_t i = 0; !done && i < sizeof(built_in) / sizeof(built_in[0]); i++)
		add(built_in[i].name, built_in[i].text, true);
	done = true;
}

static struct alias *find(const char *name, size_t len)
{
	prepare();
	for (size_t i = 0; i < naliases; i++)
		if (strlen(aliases[i].name) == len && !memcmp(aliases[i].name, name, len))
			return &aliases[i];
	return NULL;
}

char *od_alias_expand(const char *line, size_t len)
{
	struct od_buf buf = OD_BUF_INIT;
	const struct alias *a;
	size_t start = 0, end;
	char *copy;

	while (start < len && od_is_blank(line[start]))
		start++;
	for (end = start; end < len && !od_is_blank(line[end]) && !strchr("|>\r\n", line[end]); end++)
		;
	a = end > start ? find(line + start, end - start) : NULL;
	if (a) {
		od_buf_addstr(&buf, a->text);
		start = end;
	} else {
		start = 0;
	}
	od_buf_add(&buf, line + start, len - start);
	copy = od_malloc(buf.len + 1);
	memcpy(copy, od_buf_str(&buf), buf.len);
	copy[buf.len] = '\0';
	od_buf_deinit(&buf);
	return copy;
}

static bool is_word(const char *name)
{
	if (!od_is_alpha(*name))
		return false;
	for (; *name; name++)
		if (!od_is_alpha(*name) && !od_is_digit(*name) && *name != '_' && *name != '-')
			return false;
	return true;
}

/* A command of exactly that name: an alias would hide it. */
static bool is_command(const char *name)
{
	size_t n;
	const struct od_command *const *cmds = od_commands(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(cmds[i]->name, name) || (cmds[i]->alias && !strcmp(cmds[i]->alias, name)))
			return true;
	return false;
}

struct od_error *od_alias_set(const char *name, const char *text)
{
	struct alias *a = find(name, strlen(name));

	if (is_command(name))
		return od_error_new(OD_ERR_USAGE, "'%s' is a command", name);
	if (!is_word(name))
		return od_error_new(OD_ERR_USAGE, "'%s' is no name: letters, digits, _ and -", name);
	if (!*text && !a)
		return od_error_new(OD_ERR_USAGE, "there is no alias '%s'", name);
	if (a) {
		free(a->name);
		free(a->text);
		*a = aliases[--naliases];
	}
	if (!*text)
		return NULL;
	if (naliases == OD_MAX_ALIASES)
		return od_error_new(OD_ERR_LIMIT, "more than %d aliases", OD_MAX_ALIASES);
	add(name, text, false);
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct alias *)a)->name, ((const struct alias *)b)->name);
}

struct od_error *od_alias_list(const char *name, struct od_buf *out)
{
	bool found = false;

	prepare();
	qsort(aliases, naliases, sizeof(*aliases), by_name);
	for (size_t i = 0; i < naliases; i++) {
		if (name && strcmp(name, aliases[i].name) != 0)
			continue;
		found = true;
		od_buf_printf(out, "%-8s %-12s ", aliases[i].ours ? "built-in" : "yours", aliases[i].name);
		od_escape_str(out, OD_ESCAPE_TEXT, aliases[i].text);
		od_buf_addch(out, '\n');
	}
	return found || !name ? NULL : od_error_new(OD_ERR_USAGE, "there is no alias '%s'", name);
}

void od_alias_complete(const char *word, struct od_buf *words)
{
	prepare();
	for (size_t i = 0; i < naliases; i++)
		od_words_add(words, word, aliases[i].name);
}
