/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/entity.h"

#include <stdint.h>
#include <string.h>

#include "base/cursor.h"
#include "base/utf8.h"

/* Those that text with kernel logs in it has; the other two thousand stay as they are. */
static const struct {
	const char *name; /* case matters */
	uint32_t cp;
} names[] = {
	{ "lt;", '<' },	       { "gt;", '>' },	       { "amp;", '&' },	       { "quot;", '"' },
	{ "apos;", '\'' },     { "nbsp;", ' ' },       { "LT;", '<' },	       { "GT;", '>' },
	{ "AMP;", '&' },       { "QUOT;", '"' },       { "lsquo;", 0x2018 },   { "rsquo;", 0x2019 },
	{ "ldquo;", 0x201c },  { "rdquo;", 0x201d },   { "ndash;", 0x2013 },   { "mdash;", 0x2014 },
	{ "hellip;", 0x2026 }, { "copy;", 0xa9 },      { "reg;", 0xae },       { "middot;", 0xb7 },
	{ "bull;", 0x2022 },   { "times;", 0xd7 },     { "laquo;", 0xab },     { "raquo;", 0xbb },
	{ "lowbar;", '_' },    { "lsqb;", '[' },       { "rsqb;", ']' },       { "lbrack;", '[' },
	{ "rbrack;", ']' },    { "lpar;", '(' },       { "rpar;", ')' },       { "num;", '#' },
	{ "colon;", ':' },     { "plus;", '+' },       { "sol;", '/' },	       { "ensp;", ' ' },
	{ "emsp;", ' ' },      { "Tab;", '\t' },       { "NewLine;", '\n' },   { "auml;", 0xe4 },
	{ "ouml;", 0xf6 },     { "uuml;", 0xfc },      { "Auml;", 0xc4 },      { "Ouml;", 0xd6 },
	{ "Uuml;", 0xdc },     { "szlig;", 0xdf },     { "eacute;", 0xe9 },
};

/* "&#39;", "&#x27;": 1 to 7 digits. */
static size_t numeric(const char *s, size_t len, uint32_t *cp)
{
	bool hex = len > 2 && (s[2] == 'x' || s[2] == 'X');
	size_t i = hex ? 3 : 2, from = i;

	*cp = 0;
	for (; i < len && i - from < 7 && (hex ? od_is_hex(s[i]) : od_is_digit(s[i])); i++) {
		uint32_t digit = od_is_digit(s[i]) ? (uint32_t)(s[i] - '0')
						   : (uint32_t)((s[i] | 0x20) - 'a' + 10);

		*cp = *cp * (hex ? 16 : 10) + digit;
	}
	if (i == from || i == len || s[i] != ';')
		return 0;
	if (!*cp || *cp > 0x10ffff || (*cp >= 0xd800 && *cp < 0xe000))
		return 0;
	if (*cp == 0xa0)
		*cp = ' ';
	return i + 1;
}

size_t od_entity(const char *s, size_t len, char utf8[4], size_t *n)
{
	uint32_t cp;
	size_t used;

	*n = 0;
	if (len < 4 || s[0] != '&')
		return 0;
	if (s[1] == '#') {
		used = numeric(s, len, &cp);
		if (used)
			*n = od_utf8_encode(cp, utf8);
		return used;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		used = strlen(names[i].name);
		if (len - 1 < used || memcmp(s + 1, names[i].name, used))
			continue;
		*n = od_utf8_encode(names[i].cp, utf8);
		return 1 + used;
	}
	return 0;
}

size_t od_angle_word(const char *s, size_t len)
{
	static const char *const words[] = { "TASK", "IRQ", "NMI", "SOFTIRQ", "EOI", "EOE", "UNK", "#DF",
					     "#DB",  "#MC", "#VC", "ENTRY_TRAMPOLINE", "SYSENTER" };
	struct od_cursor c = od_cursor_init(s, len);
	const char *start;
	bool digit = false;

	od_cur_char(&c, '/');
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct od_cursor t = c;

		if (od_cur_lit(&t, words[i]) && !od_is_alnum(od_cur_peek(&t)))
			return (size_t)(t.p - s);
	}
	start = c.p;
	while (c.p < c.end && od_is_hex(*c.p))
		digit |= od_is_digit(*c.p++);
	/* "eb" is a byte of code; longer words need a digit not to be words. */
	return (digit || c.p - start == 2) && start == s && c.p - start <= 16 ? (size_t)(c.p - s) : 0;
}
