/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a line must hold for a regular expression to fit, so that the expression itself is tried on few
 * lines. Cautious: what is not understood ends the search, and a shorter literal is no fault.
 */
#include "analyze/rule-write.h"

#include <string.h>

#include "base/cursor.h"

struct scan {
	struct od_cursor c;
	char run[OD_RULE_PATTERN]; /* the literal that is being read */
	size_t len;
	char *best;
	size_t best_len, size;
	unsigned depth;
	bool unsure; /* nothing that was found counts */
};

static void end_run(struct scan *s)
{
	if (s->len > s->best_len && s->len < s->size) {
		memcpy(s->best, s->run, s->len);
		s->best_len = s->len;
	}
	s->len = 0;
}

/* How often what stands before may be missing or repeated: '?', '*', '{0,'; then it is no part of a run. */
enum repeat { ONCE, OPTIONAL, REPEATED };

static enum repeat quantifier(struct scan *s)
{
	enum repeat ret = ONCE;
	const char q = od_cur_peek(&s->c);

	if (q == '?' || q == '*')
		ret = OPTIONAL;
	else if (q == '+')
		ret = REPEATED;
	else if (q == '{' && od_cur_left(&s->c) > 1 && (od_is_digit(s->c.p[1]) || s->c.p[1] == ','))
		ret = s->c.p[1] == '0' || s->c.p[1] == ',' ? OPTIONAL : REPEATED;
	if (ret == ONCE)
		return ONCE;
	if (q == '{')
		while (!od_cur_end(&s->c) && *s->c.p != '}')
			s->c.p++;
	if (!od_cur_end(&s->c))
		s->c.p++;
	/* Lazy or possessive. */
	if (od_cur_peek(&s->c) == '?' || od_cur_peek(&s->c) == '+')
		s->c.p++;
	return ret;
}

static void literal(struct scan *s, char ch)
{
	if (s->len < sizeof(s->run))
		s->run[s->len++] = ch;
	switch (quantifier(s)) {
	case OPTIONAL:
		s->len--;
		end_run(s);
		break;
	case REPEATED:
		end_run(s);
		break;
	case ONCE:
		break;
	}
}

static void skip_class(struct scan *s)
{
	od_cur_char(&s->c, '^');
	od_cur_char(&s->c, ']');
	while (!od_cur_end(&s->c) && *s->c.p != ']') {
		if (*s->c.p == '\\' && od_cur_left(&s->c) > 1)
			s->c.p++;
		/* [[:digit:]] */
		if (od_cur_lit(&s->c, "[:"))
			od_cur_past(&s->c, ":]");
		else
			s->c.p++;
	}
	od_cur_char(&s->c, ']');
	end_run(s);
	quantifier(s);
}

static void escape(struct scan *s)
{
	const char ch = od_cur_peek(&s->c);

	if (od_cur_end(&s->c))
		return;
	s->c.p++;
	if (!od_is_alnum(ch)) {
		literal(s, ch);
		return;
	}
	/* One character of a sort, or a place; all others (\Q, \x, references) could hide anything. */
	if (!strchr("dDwWsSbBAZzhHvVRN", ch))
		s->unsure = true;
	end_run(s);
	quantifier(s);
}

/* What is in parentheses is passed over: it may have alternatives. */
static void skip_group(struct scan *s)
{
	unsigned depth = 1;

	/* Options change how all that follows is read: (?i), (?x). */
	if (od_cur_left(&s->c) > 1 && *s->c.p == '?' && !strchr(":<=!P|>#'", s->c.p[1]))
		s->unsure = true;
	/* Verbs. */
	if (od_cur_peek(&s->c) == '*')
		s->unsure = true;
	end_run(s);
	while (!od_cur_end(&s->c) && depth) {
		const char ch = *s->c.p++;

		if (ch == '\\' && !od_cur_end(&s->c)) {
			s->unsure |= *s->c.p == 'Q';
			s->c.p++;
		} else if (ch == '[') {
			skip_class(s);
		} else if (ch == '(') {
			if (od_cur_left(&s->c) > 1 && *s->c.p == '?' && !strchr(":<=!P|>#'", s->c.p[1]))
				s->unsure = true;
			depth++;
		} else if (ch == ')') {
			depth--;
		}
	}
	s->len = 0;
	quantifier(s);
}

size_t od_rule_literal(const char *pattern, size_t len, char *ret, size_t size)
{
	struct scan s = { .c = od_cursor_init(pattern, len), .best = ret, .size = size };

	while (!od_cur_end(&s.c) && !s.unsure) {
		const char ch = *s.c.p++;

		switch (ch) {
		case '\\':
			escape(&s);
			break;
		case '[':
			skip_class(&s);
			break;
		case '(':
			skip_group(&s);
			break;
		case '|':
			s.unsure = true;
			break;
		case '.':
		case '^':
		case '$':
			end_run(&s);
			quantifier(&s);
			break;
		default:
			literal(&s, ch);
			break;
		}
	}
	end_run(&s);
	if (s.unsure || s.best_len >= size)
		s.best_len = 0;
	ret[s.best_len] = '\0';
	return s.best_len;
}
