/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/data.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cursor.h"

/* Made from plugins/data by the Makefile: one string literal each. */
static const char kinds_text[] =
#include "analyze/data-kinds.h"
	;
static const char skip_text[] =
#include "analyze/data-skip.h"
	;

enum { MAX_CATEGORIES = 64, BUCKETS = 1024, MAX_PATTERNS = 2048 };

struct pattern {
	const char *text;
	uint32_t len;
	uint8_t category;
	bool user;
	uint16_t next; /* in its bucket, 1 + index */
};

static struct od_kind_data kinds[OD_KIND_COUNT + 1];
static char *categories[MAX_CATEGORIES];
static unsigned ncategories;
static struct pattern patterns[MAX_PATTERNS];
static unsigned npatterns;
static uint16_t exact[BUCKETS];	 /* whole names, by hash */
static uint16_t wild[256];	 /* patterns with a '*', by their first byte */
static bool ready;

static void broken(const char *file, const char *line, size_t len)
{
	fprintf(stderr, "oopsdiag: built-in data %s: cannot read \"%.*s\"\n", file, (int)len, line);
	exit(5);
}

static unsigned hash(const char *s, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h % BUCKETS;
}

/* The next word of the line: up to a tab or, with blanks, a blank. */
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

static char *dup(const char *s, size_t len)
{
	char *p = od_calloc(1, len + 1);

	return memcpy(p, s, len);
}

static void kind_line(struct od_cursor c)
{
	const char *start = c.p;
	size_t len;
	const char *name = word(&c, &len);
	char *copy = dup(name, len);
	enum od_kind kind = od_kind_by_name(copy);
	char *sev;

	free(copy);
	name = word(&c, &len);
	sev = dup(name, len);
	if (kind == OD_KIND_NONE || !od_severity_by_name(sev, &kinds[kind].severity))
		broken("kinds", start, (size_t)(c.end - start));
	free(sev);
	od_cur_blanks(&c);
	kinds[kind].title = dup(c.p, od_cur_left(&c));
}

static unsigned category(const char *s, size_t len)
{
	for (unsigned i = 0; i < ncategories; i++)
		if (strlen(categories[i]) == len && !memcmp(categories[i], s, len))
			return i;
	if (ncategories == MAX_CATEGORIES)
		broken("skip", s, len);
	categories[ncategories] = dup(s, len);
	return ncategories++;
}

static void skip_line(struct od_cursor c)
{
	const char *start = c.p;
	size_t len;
	const char *s = word(&c, &len);
	bool user = len == 4 && !memcmp(s, "user", 4);
	unsigned cat;

	if (!user && (len != 6 || memcmp(s, "kernel", 6) != 0))
		broken("skip", start, (size_t)(c.end - start));
	s = word(&c, &len);
	cat = category(s, len);
	while (s = word(&c, &len), len) {
		struct pattern *p = &patterns[npatterns];
		uint16_t *head = memchr(s, '*', len) ? &wild[(unsigned char)*s] :
						     &exact[hash(s, len)];

		if (npatterns == MAX_PATTERNS)
			broken("skip", s, len);
		*p = (struct pattern){ dup(s, len), (uint32_t)len, (uint8_t)cat, user, *head };
		*head = (uint16_t)++npatterns;
	}
}

static void each_line(const char *text, void (*fn)(struct od_cursor line))
{
	while (*text) {
		const char *nl = strchr(text, '\n');
		size_t len = nl ? (size_t)(nl - text) : strlen(text);

		if (len && *text != '#')
			fn(od_cursor_init(text, len));
		text += len + (nl != NULL);
	}
}

void od_data_init(void)
{
	if (ready)
		return;
	ready = true;
	each_line(kinds_text, kind_line);
	each_line(skip_text, skip_line);
	for (unsigned i = 0; i < OD_KIND_COUNT; i++)
		if (!kinds[i].title)
			broken("kinds", od_kind_name((enum od_kind)i), strlen(od_kind_name((enum od_kind)i)));
	kinds[OD_KIND_COUNT] = kinds[OD_KIND_OTHER];
}

const struct od_kind_data *od_data_kind(enum od_kind kind)
{
	return &kinds[(unsigned)kind < OD_KIND_COUNT ? kind : OD_KIND_COUNT];
}

/* One '*' in a pattern stands for any text. */
static bool fits(const struct pattern *p, const char *s, size_t len)
{
	const char *star = memchr(p->text, '*', p->len);
	size_t head = (size_t)(star - p->text), tail = p->len - head - 1;

	return len >= head + tail && !memcmp(s, p->text, head) &&
	       !memcmp(s + len - tail, star + 1, tail);
}

/* The last of a chain of wild patterns that fits: 1 + its index, 0: none. */
static unsigned fitting(unsigned i, const char *s, size_t len, bool user)
{
	while (i && (patterns[i - 1].user != user || !fits(&patterns[i - 1], s, len)))
		i = patterns[i - 1].next;
	return i;
}

unsigned od_data_skip(const char *function, bool user)
{
	size_t len = strlen(function);
	unsigned same, star;

	for (unsigned i = exact[hash(function, len)]; i; i = patterns[i - 1].next) {
		const struct pattern *p = &patterns[i - 1];

		if (p->user == user && p->len == len && !memcmp(p->text, function, len))
			return 1u + p->category;
	}
	/* Of several that fit the one that stands last in the file counts. */
	same = fitting(wild[(unsigned char)*function], function, len, user);
	star = fitting(wild['*'], function, len, user);
	same = same > star ? same : star;
	return same ? 1u + patterns[same - 1].category : 0;
}

const char *od_data_category(unsigned skip)
{
	return skip && skip <= ncategories ? categories[skip - 1] : "";
}
