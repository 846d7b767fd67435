/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames wherever they stand: whoever prints "%pS" or "%pB" (lib/vsprintf.c) has written one, also
 * outside of traces. Only the forms matter here, not what the line is about.
 */
#include <string.h>

#include "base/cursor.h"
#include "model/limits.h"
#include "shell/annotate.h"

enum { MIN_BUILD_ID = 16 }; /* digits */

static bool name_char(char c)
{
	return od_is_alnum(c) || c == '_' || c == '.' || c == '$' || c == '@' || (unsigned char)c >= 0x80;
}

/* What stands ahead of the address of the instruction itself, on one architecture or another. */
static bool tells_pc(const char *s, size_t len)
{
	static const char *const words[] = { "IP:", "IP is at", "PC is at", "pc :", "epc", "NIP",
					     "PSW", "era :", "ERA:", "WARNING:" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (od_find(s, len, words[i]))
			return true;
	return false;
}

/* " [mod]", " [mod 0123abcd]" */
static void module_tag(struct od_cursor c, struct od_token *t)
{
	const char *s;

	if (!od_cur_lit(&c, " ["))
		return;
	s = c.p;
	while (od_is_alnum(od_cur_peek(&c)) || od_cur_peek(&c) == '_' || od_cur_peek(&c) == '-')
		c.p++;
	if (c.p == s || c.p - s > 64)
		return;
	t->module_len = (size_t)(c.p - s);
	if (od_cur_char(&c, ']')) {
		t->module = s;
		return;
	}
	if (!od_cur_char(&c, ' '))
		return;
	t->build_id = c.p;
	while (od_is_hex(od_cur_peek(&c)))
		c.p++;
	t->build_id_len = (size_t)(c.p - t->build_id);
	if (od_cur_peek(&c) == ']' && t->build_id_len >= MIN_BUILD_ID)
		t->module = s;
	else
		t->build_id = NULL;
}

/* " (mm/slub.c:123": somebody was here before. */
static bool has_place(struct od_cursor c)
{
	const char *close;

	if (!od_cur_lit(&c, " ("))
		return false;
	close = memchr(c.p, ')', od_cur_left(&c));
	for (const char *p = c.p; close && p + 1 < close; p++)
		if (*p == ':' && (od_is_digit(p[1]) || p[1] == '?'))
			return true;
	return false;
}

bool od_token_next(const char *s, size_t len, size_t *pos, struct od_token *ret)
{
	const size_t from = *pos;
	struct od_cursor c = od_cursor_init(s + from, len - from);

	while (od_cur_past(&c, "+0x")) {
		const char *plus = c.p - 3, *name = plus;
		struct od_token t = { 0 };
		struct od_cursor at = { plus + 1, c.end };

		while (name > s + from && name_char(name[-1]) && plus - name < OD_MAX_NAME)
			name--;
		if (name == plus || od_is_digit(*name) || !od_cur_0x(&at, &t.offset) ||
		    !od_cur_char(&at, '/') || !od_cur_0x(&at, &t.size) || has_place(at))
			continue;
		t.name = name;
		t.name_len = (size_t)(plus - name);
		t.len = (size_t)(at.p - name);
		t.is_pc = tells_pc(s + from, (size_t)(name - s) - from);
		module_tag(at, &t);
		*pos = (size_t)(at.p - s);
		*ret = t;
		return true;
	}
	return false;
}

static size_t word_len(const struct od_cursor *c)
{
	size_t n = 0;

	while (n < od_cur_left(c) && c->p[n] > ' ' && c->p[n] < 0x7f)
		n++;
	return n;
}

bool od_kernel_line(const char *s, size_t len, struct od_kernel_line *ret)
{
	struct od_cursor c = od_cursor_init(s, len), id;
	const char *end, *start;

	*ret = (struct od_kernel_line){ 0 };
	if (od_cur_past(&c, "Linux version ")) {
		ret->release = c.p;
		ret->release_len = word_len(&c);
		return ret->release_len > 0 && od_is_digit(*c.p);
	}
	/* The release is what stands ahead of "#1", the number of the build. */
	if (!od_cur_past(&c, "ainted") || !od_cur_past(&c, " #") || !od_is_digit(od_cur_peek(&c)))
		return false;
	for (end = c.p - 2; end > s && end[-1] == ' '; end--)
		;
	for (start = end; start > s && start[-1] != ' '; start--)
		;
	if (start == end || !od_is_digit(*start))
		return false;
	ret->release = start;
	ret->release_len = (size_t)(end - start);
	c.p += word_len(&c);
	od_cur_blanks(&c);
	for (id = c; od_is_hex(od_cur_peek(&id)); id.p++)
		;
	if (id.p - c.p >= MIN_BUILD_ID && (od_cur_end(&id) || *id.p <= ' ')) {
		ret->build_id = c.p;
		ret->build_id_len = (size_t)(id.p - c.p);
	}
	return true;
}
