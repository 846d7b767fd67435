/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/data.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/patterns.h"
#include "base/alloc.h"
#include "base/cursor.h"

/* Made from plugins/data by the Makefile: one string literal each. */
static const char kinds_text[] =
#include "analyze/data-kinds.h"
	;
static const char skip_text[] =
#include "analyze/data-skip.h"
	;
static const char blame_text[] =
#include "analyze/data-blame.h"
	;

enum { MAX_CATEGORIES = 64, MAX_ROWS = 512 };

/* Scopes of patterns: user space, the kernel, then one for each kind. */
enum { SCOPE_USER, SCOPE_KERNEL, SCOPE_DISPATCH, SCOPE_PREFER, SCOPE_KIND = SCOPE_PREFER + OD_KIND_COUNT + 1 };

static struct kind_row {
	enum od_kind kind;
	const char *subkind; /* NULL: all */
	struct od_kind_data data;
} kinds[MAX_ROWS];
static unsigned nkinds;

static struct blame_row {
	enum od_kind kind;
	const char *subkind;
	struct od_blame blame;
} blames[MAX_ROWS];
static unsigned nblames;

static const char *categories[MAX_CATEGORIES];
static unsigned ncategories;
static struct od_patterns *patterns;
static struct od_buf added = OD_BUF_INIT; /* the text of od_data_add() */
static bool ready;

/* The next word of the line; len 0 at its end. */
static const char *word(struct od_cursor *c, size_t *len)
{
	const char *s;

	od_cur_blanks(c);
	s = c->p;
	while (!od_cur_end(c) && !od_is_blank(*c->p))
		c->p++;
	*len = (size_t)(c->p - s);
	return s;
}

/* Rules live as long as the program. */
static char *dup(const char *s, size_t len)
{
	char *p = od_calloc(1, len + 1);

	return memcpy(p, s, len);
}

/* "kasan" or "kasan/double-free" */
static const char *kind_word(struct od_cursor *c, enum od_kind *kind, const char **subkind)
{
	size_t len;
	const char *s = word(c, &len), *slash = memchr(s, '/', len);
	char *name = dup(s, slash ? (size_t)(slash - s) : len);

	*kind = od_kind_by_name(name);
	free(name);
	*subkind = NULL;
	if (*kind == OD_KIND_NONE)
		return "no such kind";
	if (slash)
		*subkind = dup(slash + 1, len - (size_t)(slash + 1 - s));
	return NULL;
}

static const char *kind_line(struct od_cursor c)
{
	struct kind_row row;
	const char *error = kind_word(&c, &row.kind, &row.subkind), *s;
	size_t len;
	char *sev;
	bool ok;

	if (error)
		return error;
	s = word(&c, &len);
	sev = dup(s, len);
	ok = od_severity_by_name(sev, &row.data.severity);
	free(sev);
	od_cur_blanks(&c);
	if (!ok || od_cur_end(&c))
		return "expected: kind NAME SEVERITY TITLE";
	if (nkinds == MAX_ROWS)
		return "too many rows";
	row.data.title = dup(c.p, od_cur_left(&c));
	kinds[nkinds++] = row;
	return NULL;
}

static const char *blame_line(struct od_cursor c)
{
	static const char *const hows[] = { "first", "dispatch", "at", "none" };
	struct blame_row row = { 0 };
	const char *error = kind_word(&c, &row.kind, &row.subkind), *s;
	size_t len, n = 0;

	if (error)
		return error;
	s = word(&c, &len);
	for (n = 0; n < 4; n++)
		if (strlen(hows[n]) == len && !memcmp(hows[n], s, len))
			break;
	if (n == 4 || nblames == MAX_ROWS)
		return "expected: blame KIND first|dispatch|at|none STACK...";
	row.blame.how = (enum od_blame_how)n;
	for (n = 0; s = word(&c, &len), len; n++) {
		if (n == OD_BLAME_STACKS)
			return "too many stacks";
		row.blame.stacks[n] = dup(s, len);
	}
	if (!n)
		return "no stack is named";
	blames[nblames++] = row;
	return NULL;
}

static const char *pattern_words(struct od_cursor c, unsigned scope, unsigned value)
{
	size_t len;
	const char *s;

	while (s = word(&c, &len), len)
		if (!od_patterns_add(patterns, scope, value, s, len))
			return "too many patterns, or one that is too long";
	return NULL;
}

static const char *skip_line(struct od_cursor c)
{
	static const struct {
		const char *name;
		unsigned scope;
	} scopes[] = { { "kernel", SCOPE_KERNEL }, { "user", SCOPE_USER } };
	struct od_cursor t = c;
	unsigned scope = 0, cat;
	const char *subkind, *s;
	enum od_kind kind;
	size_t len;

	s = word(&t, &len);
	for (; scope < 2; scope++)
		if (strlen(scopes[scope].name) == len && !memcmp(s, scopes[scope].name, len))
			break;
	if (scope < 2) {
		c = t;
		scope = scopes[scope].scope;
	} else {
		if (kind_word(&c, &kind, &subkind) || subkind)
			return "expected: skip kernel|user|KIND CATEGORY PATTERN...";
		scope = SCOPE_KIND + (unsigned)kind;
	}
	s = word(&c, &len);
	if (!len)
		return "no category";
	for (cat = 0; cat < ncategories; cat++)
		if (strlen(categories[cat]) == len && !memcmp(categories[cat], s, len))
			break;
	if (cat == MAX_CATEGORIES)
		return "too many categories";
	if (cat == ncategories)
		categories[ncategories++] = dup(s, len);
	return pattern_words(c, scope, 1 + cat);
}

static const char *dispatch_line(struct od_cursor c)
{
	return pattern_words(c, SCOPE_DISPATCH, 1);
}

static const char *prefer_line(struct od_cursor c)
{
	const char *subkind;
	enum od_kind kind;
	const char *error = kind_word(&c, &kind, &subkind);

	return error ? error : pattern_words(c, SCOPE_PREFER + 1 + (unsigned)kind, 1);
}

static const struct {
	const char *verb;
	const char *(*read)(struct od_cursor c); /* NULL, or what is wrong */
} verbs[] = {
	{ "kind", kind_line },	       { "skip", skip_line },	  { "blame", blame_line },
	{ "dispatch", dispatch_line }, { "prefer", prefer_line },
};

static const char *rule_line(struct od_cursor c)
{
	size_t len;
	const char *s = word(&c, &len);

	if (!len || *s == '#')
		return NULL;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strlen(verbs[i].verb) == len && !memcmp(verbs[i].verb, s, len))
			return verbs[i].read(c);
	return "expected kind, skip, blame, prefer or dispatch";
}

static bool add(const char *name, const char *text, size_t len, struct od_buf *error)
{
	const char *end = text + len;
	unsigned line = 1;

	for (; text < end; line++) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);
		const char *wrong;

		while (n && (text[n - 1] == '\r' || od_is_blank(text[n - 1])))
			n--;
		wrong = memchr(text, '\0', n) ? "not a text" : rule_line(od_cursor_init(text, n));
		if (wrong) {
			od_buf_printf(error, "%s:%u: %s", name, line, wrong);
			return false;
		}
		text = nl ? nl + 1 : end;
	}
	return true;
}

void od_data_init(void)
{
	static const struct {
		const char *name, *text;
	} files[] = { { "kinds", kinds_text }, { "skip", skip_text }, { "blame", blame_text } };
	struct od_buf error = OD_BUF_INIT;

	if (ready)
		return;
	ready = true;
	patterns = od_patterns_create();
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (!add(files[i].name, files[i].text, strlen(files[i].text), &error)) {
			fprintf(stderr, "oopsdiag: built-in rules: %s\n", od_buf_str(&error));
			exit(5);
		}
	}
	for (unsigned k = 0; k < OD_KIND_COUNT; k++) {
		if (!od_data_kind((enum od_kind)k, NULL)) {
			fprintf(stderr, "oopsdiag: built-in rules: nothing for %s\n",
				od_kind_name((enum od_kind)k));
			exit(5);
		}
	}
	od_buf_deinit(&error);
}

bool od_data_add(const char *name, const char *text, size_t len, struct od_buf *error)
{
	od_data_init();
	if (!add(name, text, len, error))
		return false;
	od_buf_printf(&added, "# %s\n", name);
	od_buf_add(&added, text, len);
	return true;
}

void od_data_list(struct od_buf *buf)
{
	od_data_init();
	od_buf_addstr(buf, kinds_text);
	od_buf_addstr(buf, blame_text);
	od_buf_addstr(buf, skip_text);
	od_buf_add(buf, od_buf_str(&added), added.len);
}

/* The last row wins: what --rules adds stands behind what is built in. */
const struct od_kind_data *od_data_kind(enum od_kind kind, const char *subkind)
{
	const struct od_kind_data *found = NULL;

	for (unsigned i = nkinds; i-- > 0;) {
		if (kinds[i].kind != kind)
			continue;
		if (kinds[i].subkind && subkind && !strcmp(kinds[i].subkind, subkind))
			return &kinds[i].data;
		if (!kinds[i].subkind && !found)
			found = &kinds[i].data;
	}
	return found;
}

const struct od_blame *od_data_blame(enum od_kind kind, const char *subkind)
{
	static const struct od_blame fallback = { OD_BLAME_FIRST, { "crash" } };
	const struct od_blame *found = NULL;

	for (unsigned i = nblames; i-- > 0;) {
		if (blames[i].kind != kind)
			continue;
		if (blames[i].subkind && subkind && !strcmp(blames[i].subkind, subkind))
			return &blames[i].blame;
		if (!blames[i].subkind && !found)
			found = &blames[i].blame;
	}
	return found ? found : &fallback;
}

unsigned od_data_skip(const char *function, const char *module, enum od_kind kind)
{
	const bool user = od_kind_is_user(kind);
	unsigned skip = od_patterns_find(patterns, user ? SCOPE_USER : SCOPE_KERNEL, function, !module);

	return skip ? skip :
		      od_patterns_find(patterns, SCOPE_KIND + (unsigned)kind, function, !module);
}

const char *od_data_category(unsigned skip)
{
	return skip && skip <= ncategories ? categories[skip - 1] : "";
}

bool od_data_is_dispatch(const char *function)
{
	return od_patterns_find(patterns, SCOPE_DISPATCH, function, true) != 0;
}

bool od_data_is_preferred(const char *function, enum od_kind kind)
{
	return od_patterns_find(patterns, SCOPE_PREFER + 1 + (unsigned)kind, function, true) != 0;
}
