/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/terminal.h"

#include <stdbool.h>
#include <string.h>

enum { MAX_STRING = 4096 }; /* bytes of an OSC, DCS, ... string; longer ones are text */

static bool in(char c, char lo, char hi)
{
	return c >= lo && c <= hi;
}

/*
 * Length of a control string up to its BEL or ST; i: after the introducer. 0: it does not end. clear: nothing ends
 * before it, as strings have found that began earlier; a log of nothing but beginnings is read once.
 */
static size_t string_end(const char *s, size_t len, size_t i, const char **clear)
{
	const size_t max = len - i > MAX_STRING ? i + MAX_STRING : len;

	if (*clear > s + i)
		i = (size_t)(*clear - s);
	for (; i < max; i++) {
		if (s[i] == '\a')
			return i + 1;
		if (s[i] == '\033' && i + 1 < len && s[i + 1] == '\\')
			return i + 2;
	}
	*clear = s + i;
	return 0;
}

/* Length of the sequence that starts with the ESC at s. moves: the cursor does not stay. */
static size_t sequence(const char *s, size_t len, const char **clear, bool *moves)
{
	size_t i = 1;

	*moves = false;
	if (len < 2)
		return 1;
	switch (s[1]) {
	case '[':
		for (i = 2; i < len && in(s[i], '0', '?'); i++)
			;
		for (; i < len && in(s[i], ' ', '/'); i++)
			;
		if (i == len) /* the line was cut inside of it */
			return len;
		if (!in(s[i], '@', '~'))
			return 1;
		*moves = strchr("ABCDEFGHJIZdf`", s[i]);
		return i + 1;
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		i = string_end(s, len, 2, clear);
		return i ? i : 1;
	default:
		while (i < len && in(s[i], ' ', '/'))
			i++;
		if (i == len || !in(s[i], '0', '~'))
			return 1;
		*moves = i == 1 && strchr("cDEM", s[1]);
		return i + 1;
	}
}

size_t od_strip_escapes(char *s, size_t len)
{
	const char *clear = s;
	size_t to = 0;

	for (size_t i = 0; i < len;) {
		bool moves;

		if (s[i] != '\033') {
			s[to++] = s[i++];
			continue;
		}
		i += sequence(s + i, len - i, &clear, &moves);
		if (moves && to && s[to - 1] != ' ' && i < len)
			s[to++] = ' ';
	}
	return to;
}
