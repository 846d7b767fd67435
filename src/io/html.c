/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A tokenizer of constant size, no tree: tags that begin a line, <pre>, entities and what is never
 * shown. What the kernel prints in angle brackets is text even where a page forgot to escape it.
 */
#include "io/html.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "io/decoder.h"
#include "io/entity.h"
#include "io/out.h"

/* Begin a line of their own, and end it. */
static const char *const blocks[] = { "p",	"div",	"tr",	  "li",	   "ul",     "ol",   "pre",
				      "h1",	"h2",	"h3",	  "h4",	   "h5",     "h6",   "table",
				      "section", "article", "header", "footer", "blockquote", "hr", "dt",
				      "dd",	"dl",	"form",	  "body",  "details", "summary", "main",
				      "textarea", "tbody", "thead", "title", "figure", "nav", "aside" };
/* Nothing inside of them is shown. */
static const char *const hidden[] = { "script", "style", "template", "noscript" };

static bool one_of(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcasecmp(list[i], name))
			return true;
	return false;
}

static void put(struct od_html *h, struct od_out *out, const char *s, size_t len, uint32_t place)
{
	if (h->blank && out->inside)
		od_out_add(out, " ", 1, place);
	h->blank = false;
	od_out_add(out, s, len, place);
}

static void put_char(struct od_html *h, struct od_out *out, char ch, uint32_t place)
{
	bool space = ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' || ch == '\f';

	if (h->c2) {
		h->c2 = false;
		if (ch == '\xa0')
			ch = ' ';
		else
			put(h, out, "\xc2", 1, place);
		put(h, out, &ch, 1, place);
		return;
	}
	if (ch == '\xc2')
		h->c2 = true;
	else if (h->pre && ch != '\r')
		put(h, out, &ch, 1, place);
	else if (space)
		h->blank = true;
	else
		put(h, out, &ch, 1, place);
}

static void end_line(struct od_html *h, struct od_out *out, uint32_t place)
{
	h->blank = false;
	od_out_end_line(out, place);
}

/* hold is a whole tag, or its first bytes. */
static void tag(struct od_html *h, struct od_out *out, uint32_t place)
{
	bool closes = h->nhold > 1 && h->hold[1] == '/';
	size_t from = closes ? 2 : 1, n = 0, word = od_angle_word(h->hold + 1, h->nhold - 1);
	char name[sizeof(h->hold)];

	while (from + n < h->nhold && od_is_alnum(h->hold[from + n])) {
		name[n] = h->hold[from + n];
		n++;
	}
	name[n] = '\0';
	if (word && h->hold[1 + word] == '>') {
		put(h, out, h->hold, h->nhold, place);
	} else if (!strcasecmp(name, "br")) {
		h->blank = false;
		od_out_add(out, "\n", 1, place);
	} else if (one_of(hidden, sizeof(hidden) / sizeof(*hidden), name)) {
		if (!closes)
			strcpy(h->raw, name); /* the longest is shorter than raw */
	} else if (one_of(blocks, sizeof(blocks) / sizeof(*blocks), name)) {
		end_line(h, out, place);
	} else if (!strcasecmp(name, "td") || !strcasecmp(name, "th")) {
		h->blank = true;
	}
	if (!strcasecmp(name, "pre") || !strcasecmp(name, "textarea")) {
		if (!closes)
			h->pre++;
		else if (h->pre)
			h->pre--;
	}
}

/* Nothing became of what was held: it is text. */
static void release(struct od_html *h, struct od_out *out, uint32_t place)
{
	if (!*h->raw)
		put(h, out, h->hold, h->nhold, place);
	h->nhold = 0;
	h->state = HTML_TEXT;
}

static void end_tag(struct od_html *h, struct od_out *out, uint32_t place)
{
	size_t n = strlen(h->raw);

	/* Inside of a script only its own end counts. */
	if (n && h->nhold > n + 1 && h->hold[1] == '/' && !strncasecmp(h->hold + 2, h->raw, n))
		*h->raw = '\0';
	else if (!n)
		tag(h, out, place);
	h->nhold = 0;
	h->state = HTML_TEXT;
}

static void tag_byte(struct od_html *h, struct od_out *out, char ch, uint32_t place)
{
	if (h->nhold < sizeof(h->hold))
		h->hold[h->nhold++] = ch;
	if (h->nhold == 4 && !memcmp(h->hold, "<!--", 4)) {
		h->state = HTML_COMMENT;
		h->dashes = 0;
	} else if (h->quote) {
		if (ch == h->quote)
			h->quote = '\0';
	} else if ((ch == '"' || ch == '\'') && !*h->raw && h->hold[1] != '!') {
		h->quote = ch;
	} else if (ch == '>') {
		end_tag(h, out, place);
	}
}

static void entity_byte(struct od_html *h, struct od_out *out, char ch, uint32_t place)
{
	char utf8[4];
	size_t n;

	h->hold[h->nhold++] = ch;
	if (ch == ';' && od_entity(h->hold, h->nhold, utf8, &n)) {
		put(h, out, utf8, n, place);
		h->nhold = 0;
		h->state = HTML_TEXT;
	} else if ((!od_is_alnum(ch) && ch != '#') || h->nhold > 12) {
		/* No entity; its last byte may start something else. */
		h->nhold--;
		release(h, out, place);
		od_html_feed(h, out, &ch, 1, place);
	}
}

static void html_byte(struct od_html *h, struct od_out *out, char ch, uint32_t place)
{
	switch (h->state) {
	case HTML_TEXT:
		if (ch == '<' || (ch == '&' && !*h->raw)) {
			h->hold[0] = ch;
			h->nhold = 1;
			h->quote = '\0';
			h->state = ch == '<' ? HTML_OPEN : HTML_ENTITY;
		} else if (!*h->raw) {
			put_char(h, out, ch, place);
		}
		break;
	case HTML_OPEN:
		/* "<" before anything but a letter is text. */
		if (od_is_alpha(ch) || ch == '/' || ch == '!' || ch == '?') {
			h->state = HTML_TAG;
			tag_byte(h, out, ch, place);
		} else {
			release(h, out, place);
			html_byte(h, out, ch, place);
		}
		break;
	case HTML_TAG:
		tag_byte(h, out, ch, place);
		break;
	case HTML_ENTITY:
		entity_byte(h, out, ch, place);
		break;
	case HTML_COMMENT:
		if (ch == '>' && h->dashes >= 2) {
			h->nhold = 0;
			h->state = HTML_TEXT;
		}
		h->dashes = ch == '-' ? h->dashes + 1 : 0;
		break;
	}
}

void od_html_feed(struct od_html *h, struct od_out *out, const char *s, size_t len, uint32_t place)
{
	for (size_t i = 0; i < len; i++)
		html_byte(h, out, s[i], place);
}

void od_html_end(struct od_html *h, struct od_out *out, uint32_t place)
{
	if (h->state == HTML_OPEN || h->state == HTML_ENTITY)
		release(h, out, place);
	end_line(h, out, place);
	*h = (struct od_html){ 0 };
}

/* --- a page saved as a file -------------------------------------------------------- */

struct page {
	struct od_html html;
	uint32_t lineno;
};

static enum od_probe page_probe(const char *s, size_t len)
{
	size_t i = od_skip_start(s, len);
	enum od_probe ret = OD_PROBE_NO;
	static const char *const starts[] = { "<!doctype html", "<html" };

	if (i == len)
		return OD_PROBE_MORE;
	for (size_t k = 0; k < sizeof(starts) / sizeof(*starts); k++) {
		enum od_probe p = od_probe_lit(s + i, len - i, starts[k]);

		if (p > ret)
			ret = p;
	}
	if (ret == OD_PROBE_NO && od_probe_lit(s + i, len - i, "<?xml ") != OD_PROBE_NO)
		ret = od_find(s + i, len - i, "<html") ? OD_PROBE_YES : OD_PROBE_MORE;
	return ret;
}

static void *page_create(void)
{
	struct page *p = od_calloc(1, sizeof(*p));

	p->lineno = 1;
	return p;
}

static size_t page_feed(void *self, struct od_out *out, const char *s, size_t len)
{
	struct page *p = self;

	for (size_t i = 0; i < len; i++) {
		html_byte(&p->html, out, s[i], p->lineno);
		p->lineno += s[i] == '\n';
	}
	return len;
}

static void page_end(void *self, struct od_out *out)
{
	struct page *p = self;

	od_html_end(&p->html, out, p->lineno);
}

const struct od_decoder od_decode_html = {
	.probe = page_probe,
	.create = page_create,
	.destroy = free,
	.feed = page_feed,
	.end = page_end,
};
