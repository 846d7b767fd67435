/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/htmlcheck.h"

#include <stdint.h>
#include <string.h>

#include "base/cursor.h"
#include "base/escape.h"
#include "base/utf8.h"

enum { MAX_DEPTH = 32, MAX_WORD = 64 };

static const char *const elements[] = {
	"a",	"article", "br", "caption", "code", "dd",	"details", "div", "dl",	   "dt",    "em", "h2",
	"h3",	"h4",	   "li", "ol",	    "p",    "pre",	"section", "span", "strong", "summary", "table", "tbody",
	"td",	"th",	   "thead", "tr",   "ul",
};

enum { NO_ELEMENT = -1 };

typedef bool value_fn(const char *s, size_t len);

/* Of our own words: classes, ids. */
static bool is_words(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!od_is_alnum(s[i]) && s[i] != '-' && s[i] != ' ')
			return false;
	return len > 0 && len <= MAX_WORD;
}

static bool is_id(const char *s, size_t len)
{
	return is_words(s, len) && !memchr(s, ' ', len);
}

static bool is_scope(const char *s, size_t len)
{
	return (len == 3 && !memcmp(s, "row", 3)) || (len == 3 && !memcmp(s, "col", 3));
}

static bool is_rel(const char *s, size_t len)
{
	return len == 10 && !memcmp(s, "noreferrer", 10);
}

/* An id of the piece, or a place in the web. */
static bool is_href(const char *s, size_t len)
{
	struct od_cursor c = od_cursor_init(s, len);

	if (len > 1 && *s == '#')
		return is_id(s + 1, len - 1);
	return od_cur_lit(&c, "https://") || od_cur_lit(&c, "http://");
}

static const struct {
	const char *name, *element; /* NULL: any */
	value_fn *is_good;
	bool prefixed;
} attributes[] = {
	{ "class", NULL, is_words, false },  { "id", NULL, is_id, true },
	{ "href", "a", is_href, true },	     { "rel", "a", is_rel, false },
	{ "scope", "th", is_scope, false },
};

enum { NATTRIBUTES = sizeof(attributes) / sizeof(*attributes) };

struct check {
	struct od_cursor c;
	struct od_buf *out;
	const char *copied; /* all before is in out */
	const char *prefix;
	int open[MAX_DEPTH];
	unsigned depth;
};

static bool word(struct od_cursor *c, const char **ret, size_t *len)
{
	const char *from = c->p;

	while (c->p < c->end && (od_is_alnum(*c->p)))
		c->p++;
	*ret = from;
	*len = (size_t)(c->p - from);
	return *len > 0;
}

static int element(const char *s, size_t len)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(*elements); i++)
		if (strlen(elements[i]) == len && !memcmp(elements[i], s, len))
			return (int)i;
	return NO_ELEMENT;
}

static bool entity(struct od_cursor *c)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (od_cur_lit(c, known[i]))
			return true;
	return false;
}

/* What neither ends a tag nor begins one, nor makes text look like other text. */
static bool character(struct od_cursor *c)
{
	struct od_buf same = OD_BUF_INIT;
	uint32_t cp;
	unsigned n;
	bool good;

	if (*c->p >= 0x20 && *c->p < 0x7f) {
		if (*c->p == '&')
			return entity(c);
		return !strchr("<>\"'", *c->p++);
	}
	if (*c->p == '\n' || *c->p == '\t') {
		c->p++;
		return true;
	}
	n = od_utf8_decode(c->p, od_cur_left(c), &cp);
	if (!n || cp == 0xfffe || cp == 0xffff)
		return false;
	od_escape_plain(&same, OD_ESCAPE_TEXT, c->p, n);
	good = same.len == n && !memcmp(od_buf_str(&same), c->p, n);
	od_buf_deinit(&same);
	c->p += n;
	return good;
}

/* All that was read and not yet copied, then the prefix. */
static void put_prefix(struct check *k)
{
	od_buf_add(k->out, k->copied, (size_t)(k->c.p - k->copied));
	od_buf_addstr(k->out, k->prefix);
	k->copied = k->c.p;
}

/* name="value", after the blank. Each at most once. */
static bool attribute(struct check *k, int of, unsigned *seen)
{
	const char *s;
	size_t len, i = 0;
	struct od_cursor value;

	if (!word(&k->c, &s, &len) || !od_cur_lit(&k->c, "=\""))
		return false;
	while (i < NATTRIBUTES && (strlen(attributes[i].name) != len || memcmp(attributes[i].name, s, len) != 0))
		i++;
	if (i == NATTRIBUTES || *seen & 1u << i ||
	    (attributes[i].element && strcmp(attributes[i].element, elements[of]) != 0))
		return false;
	*seen |= 1u << i;
	value = k->c;
	while (!od_cur_end(&value) && *value.p != '"')
		if (*value.p == '\n' || *value.p == '\t' || !character(&value))
			return false;
	if (od_cur_end(&value) || !attributes[i].is_good(k->c.p, (size_t)(value.p - k->c.p)))
		return false;
	if (attributes[i].prefixed && (*k->c.p == '#' || attributes[i].is_good == is_id)) {
		k->c.p += *k->c.p == '#';
		put_prefix(k);
	}
	k->c.p = value.p + 1;
	return true;
}

static bool tag(struct check *k)
{
	const bool end = od_cur_char(&k->c, '/');
	const char *s;
	unsigned seen = 0;
	size_t len;
	int which;

	if (!word(&k->c, &s, &len))
		return false;
	which = element(s, len);
	if (which == NO_ELEMENT)
		return false;
	if (end)
		return k->depth && k->open[--k->depth] == which && od_cur_char(&k->c, '>');
	if (!strcmp(elements[which], "br"))
		return od_cur_lit(&k->c, "/>");
	while (od_cur_char(&k->c, ' '))
		if (!attribute(k, which, &seen))
			return false;
	if (k->depth == MAX_DEPTH)
		return false;
	k->open[k->depth++] = which;
	return od_cur_char(&k->c, '>');
}

bool od_html_admit(struct od_buf *page, const char *s, size_t len, const char *prefix)
{
	struct od_buf out = OD_BUF_INIT;
	struct check k = { .c = od_cursor_init(s, len), .out = &out, .copied = s, .prefix = prefix };
	bool good = true;

	while (good && !od_cur_end(&k.c))
		good = od_cur_char(&k.c, '<') ? tag(&k) : character(&k.c);
	good = good && !k.depth;
	if (good) {
		od_buf_add(page, od_buf_str(&out), out.len);
		od_buf_add(page, k.copied, (size_t)(k.c.end - k.copied));
	}
	od_buf_deinit(&out);
	return good;
}
