/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rows of several families need. */
#include <string.h>

#include "text/incident.h"

bool od_rule_accept(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)inc;
	(void)rec;
	(void)c;
	return true;
}

bool od_rule_trace_over(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	inc->trace_over = true;
	return od_rule_accept(inc, rec, c);
}

bool od_rule_link(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	od_report_add_link(inc->rep, OD_KIND_OTHER, rec->text, rec->len, rec->lineno);
	return true;
}

const char *od_rest(struct od_report *rep, struct od_cursor c)
{
	od_cur_blanks(&c);
	while (c.end > c.p && od_is_blank(c.end[-1]))
		c.end--;
	return od_arena_strndup(&rep->arena, c.p, od_cur_left(&c));
}

void od_subject(struct od_incident *inc, const struct od_record *rec)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);

	if (inc->rep->subject)
		return;
	/* "**`Kernel panic - not syncing: x`**]": markup that closes around what a person copied. */
	if (memchr(rec->text, '`', rec->len) || od_find(rec->text, rec->len, "**"))
		while (c.end > c.p + 2 && (c.end[-1] == '`' || c.end[-1] == '*' ||
					   (c.end[-1] == ']' && (c.end[-2] == '`' || c.end[-2] == '*'))))
			c.end--;
	inc->rep->subject = od_rest(inc->rep, c);
}

void od_parse_subject(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	od_subject(inc, rec);
}

const char *od_kebab(struct od_report *rep, const char *s, size_t len, const char *stop)
{
	char word[64];
	size_t n = 0;

	for (size_t i = 0; i < len && n < sizeof(word) - 1 && !strchr(stop, s[i]); i++) {
		if (od_is_alnum(s[i]))
			word[n++] = (char)(s[i] | (s[i] >= 'A' && s[i] <= 'Z' ? 0x20 : 0));
		else if (n && word[n - 1] != '-')
			word[n++] = '-';
	}
	while (n && word[n - 1] == '-')
		n--;
	return n ? od_arena_strndup(&rep->arena, word, n) : NULL;
}

bool od_detail_str(struct od_report *rep, const char *key, const char *s, size_t len)
{
	while (len && od_is_blank(s[len - 1]))
		len--;
	if (!len || od_report_detail(rep, key))
		return false;
	od_report_detail_str(rep, key, s, len);
	return true;
}

bool od_detail_num(struct od_report *rep, const char *key, uint64_t v)
{
	if (v >= 1ull << 53 || od_report_detail(rep, key))
		return false;
	od_report_detail_num(rep, key, v);
	return true;
}

bool od_detail_addr(struct od_report *rep, const char *key, uint64_t v)
{
	if (od_report_detail(rep, key))
		return false;
	od_report_detail_addr(rep, key, v);
	return true;
}

bool od_comm_pid(struct od_incident *inc, const char *s, const char *end, char sep)
{
	const char *last = NULL;
	struct od_cursor pid;
	uint64_t n;

	for (const char *p = s; p < end; p++)
		if (*p == sep)
			last = p;
	if (!last || last == s || last - s > 64)
		return false;
	pid = (struct od_cursor){ last + 1, end };
	if (!od_cur_dec(&pid, &n) || n > INT32_MAX)
		return false;
	if (!inc->rep->comm)
		inc->rep->comm = od_arena_strndup(&inc->rep->arena, s, (size_t)(last - s));
	if (inc->rep->pid < 0)
		inc->rep->pid = (int32_t)n;
	return true;
}

bool od_past_dec(struct od_cursor *c, const char *lit, uint64_t *ret)
{
	struct od_cursor t = *c;

	if (!od_cur_past(&t, lit))
		return false;
	od_cur_blanks(&t);
	if (!od_cur_dec(&t, ret))
		return false;
	*c = t;
	return true;
}
