/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text/selftest-internal.h"

static struct od_cursor cursor(const struct od_st_line *l)
{
	return od_cursor_init(l->text, l->len);
}

static bool small(struct od_cursor *c, uint32_t *ret)
{
	uint64_t n;

	if (!od_cur_dec(c, &n) || n > UINT32_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

void od_st_strip(const char *s, size_t len, struct od_st_line *ret)
{
	struct od_cursor c = od_cursor_init(s, len);
	bool tap = false;
	size_t indent;

	while (!od_cur_end(&c) && (od_is_blank(c.end[-1]) || c.end[-1] == '\r' || c.end[-1] == '\n'))
		c.end--;
	indent = od_cur_blanks(&c);
	/* Nested runners put it there more than once. gdb's "#1  0x" has no blank behind the #. */
	while (od_cur_left(&c) && *c.p == '#' && (c.p + 1 == c.end || c.p[1] == ' ')) {
		c.p += c.p + 1 == c.end ? 1 : 2;
		tap = true;
		indent = od_cur_blanks(&c);
	}
	*ret = (struct od_st_line){ c.p, od_cur_left(&c), tap, (uint32_t)indent };
}

/* "FILE:LINE", the file without blanks. The cursor moves behind it. */
static bool file_line(struct od_cursor *c, const char **file, size_t *len, uint32_t *line)
{
	struct od_cursor at = *c;

	while (!od_cur_end(&at) && *at.p != ':' && !od_is_blank(*at.p))
		at.p++;
	*file = c->p;
	*len = (size_t)(at.p - c->p);
	if (!*len || !od_cur_char(&at, ':') || !small(&at, line))
		return false;
	*c = at;
	return true;
}

bool od_st_place(const struct od_st_line *l, struct od_st_place *ret)
{
	struct od_cursor c = cursor(l);

	if (!file_line(&c, &ret->file, &ret->file_len, &ret->line) || !od_cur_char(&c, ':'))
		return false;
	od_cur_blanks(&c);
	ret->expr = c.p;
	ret->expr_len = od_cur_left(&c);
	return true;
}

bool od_st_task(const struct od_st_line *l, struct od_st_task *ret)
{
	struct od_cursor c = cursor(l);

	*ret = (struct od_st_task){ 0 };
	if (!od_cur_lit(&c, "pid=") || !small(&c, &ret->pid) || !od_cur_lit(&c, " tid=") ||
	    !small(&c, &ret->tid))
		return false;
	if (od_cur_lit(&c, " errno="))
		ret->has_error = small(&c, &ret->error);
	if (!od_cur_lit(&c, " - "))
		return false;
	ret->text = c.p;
	ret->text_len = od_cur_left(&c);
	return true;
}

/* "FN at FILE:LINE (discriminator N)", "FN at :?", "?? ??:0" */
static bool place_of_frame(struct od_cursor c, struct od_st_frame *f)
{
	struct od_cursor at = c;
	size_t len;

	if (od_cur_lit(&at, "??"))
		return od_cur_end(&at) || od_is_blank(*at.p);
	if (!od_cur_past(&at, " at "))
		return false;
	f->fn = c.p;
	f->fn_len = (size_t)(at.p - c.p) - 4;
	if (!f->fn_len)
		return false;
	if (file_line(&at, &f->file, &len, &f->line) && f->line)
		f->file_len = len;
	else
		f->file = NULL;
	return true;
}

bool od_st_frame(const struct od_st_line *l, struct od_st_frame *ret)
{
	struct od_cursor c = cursor(l);
	uint32_t number;

	*ret = (struct od_st_frame){ 0 };
	if (!small(&c, &number) || !od_cur_blanks(&c))
		return false;
	ret->inlined = od_cur_lit(&c, "(inlined by) ");
	if (!ret->inlined && (!od_cur_0x(&c, &ret->addr) || !od_cur_lit(&c, ": ")))
		return false;
	return place_of_frame(c, ret);
}

/* "selftests: kvm: NAME", the folder maybe kvm/x86 */
static bool test_name(struct od_cursor *c, const char **name, size_t *len)
{
	if (!od_cur_lit(c, "selftests: kvm"))
		return false;
	while (!od_cur_end(c) && *c->p != ':' && !od_is_blank(*c->p))
		c->p++;
	if (!od_cur_lit(c, ": "))
		return false;
	*name = c->p;
	while (!od_cur_end(c) && !od_is_blank(*c->p))
		c->p++;
	*len = (size_t)(c->p - *name);
	return *len > 0 && *len < OD_ST_NAME;
}

bool od_st_started(const struct od_st_line *l, const char **name, size_t *len)
{
	struct od_cursor c = cursor(l);

	return test_name(&c, name, len) && od_cur_end(&c);
}

bool od_st_result(const struct od_st_line *l, struct od_st_result *ret)
{
	struct od_cursor c = cursor(l);
	uint32_t number;

	*ret = (struct od_st_result){ 0 };
	ret->ok = !od_cur_lit(&c, "not ok ");
	if ((ret->ok && !od_cur_lit(&c, "ok ")) || !small(&c, &number))
		return false;
	od_cur_blanks(&c);
	if (!test_name(&c, &ret->name, &ret->name_len))
		return false;
	od_cur_blanks(&c);
	if (od_cur_char(&c, '#'))
		od_cur_blanks(&c);
	ret->skip = od_cur_lit(&c, "SKIP");
	ret->has_exit = od_cur_lit(&c, "exit=") && od_cur_dec(&c, &ret->exit) && ret->exit <= 255;
	return true;
}
