/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text/gdb-internal.h"

bool od_gdb_number(struct od_cursor *c, uint64_t *ret)
{
	struct od_cursor t = *c;

	if (!od_cur_char(&t, '#') || !od_cur_dec(&t, ret) || *ret > OD_GDB_MAX_NUMBER)
		return false;
	if (!od_cur_blanks(&t) && !od_cur_end(&t))
		return false;
	*c = t;
	return true;
}

/* --- the place: what stands behind the arguments ---------------------------------- */

static bool take_place(const char *s, size_t len, struct od_gdb_head *h)
{
	struct od_cursor c = od_cursor_init(s, len), digits;
	uint64_t line;
	const char *p;

	od_cur_blanks(&c);
	if (od_cur_end(&c))
		return true;
	if (od_cur_lit(&c, "from ")) {
		h->lib = c.p;
		h->lib_len = od_cur_left(&c);
		return h->lib_len > 0;
	}
	if (!od_cur_lit(&c, "at "))
		return false;
	for (p = c.end; p > c.p && od_is_digit(p[-1]); p--)
		;
	digits = od_cursor_init(p, (size_t)(c.end - p));
	if (p - c.p < 2 || p[-1] != ':' || !od_cur_dec(&digits, &line) || line > UINT32_MAX)
		return false;
	h->line = line;
	h->file = c.p;
	h->file_len = (size_t)(p - 1 - c.p);
	return true;
}

/* " at", " at FI", " from": the rest stands on the next line. */
static bool cut_place(const char *s, size_t len)
{
	struct od_cursor c = od_cursor_init(s, len);

	od_cur_blanks(&c);
	return od_cur_end(&c) || (od_cur_lit(&c, "at") && (od_cur_end(&c) || *c.p == ' ')) ||
	       (od_cur_lit(&c, "from") && (od_cur_end(&c) || *c.p == ' '));
}

/* --- the arguments ------------------------------------------------------------------ */

/*
 * Do they look like arguments: nothing, "...", name=value? A library or an offset in parentheses
 * (sanitizers, systemd) does not.
 */
static bool args_start(const char *s, size_t len)
{
	struct od_cursor c = od_cursor_init(s, len);

	if (od_cur_end(&c) || *c.p == ')' || *c.p == '=' || od_cur_lit(&c, "..."))
		return true;
	if (!od_is_alpha(*c.p) && !strchr("_~$", *c.p) && (unsigned char)*c.p < 0x80)
		return false;
	while (!od_cur_end(&c) && (od_is_alnum(*c.p) || strchr("_~$.:", *c.p) ||
				   (unsigned char)*c.p >= 0x80))
		c.p++;
	return od_cur_end(&c) || *c.p == '=' || *c.p == '@';
}

/*
 * The arguments are a balanced (...) after a blank, followed by the place or the end. C++ names
 * may hold other such groups before; those are followed by something else.
 */
static bool take_args(const char *s, size_t len, bool partial, struct od_gdb_head *h)
{
	struct od_gdb_scan scan = { 0 };
	size_t open = 0, groups = 0;

	for (size_t i = 0; i < len; i++) {
		bool top = od_gdb_balanced(&scan);

		od_gdb_step(&scan, s[i]);
		if (top && s[i] == '(')
			open = i && s[i - 1] == ' ' ? i : 0;
		if (s[i] != ')' || !open || !od_gdb_balanced(&scan))
			continue;
		/* Each candidate costs a look at the rest: a name has few. */
		if (++groups > 64)
			return false;
		if (!args_start(s + open + 1, i - open) ||
		    !(take_place(s + i + 1, len - i - 1, h) ||
		      (partial && cut_place(s + i + 1, len - i - 1)))) {
			open = 0;
			continue;
		}
		h->fn_len = open - 1;
		h->args = s + open + 1;
		h->args_len = i - open - 1;
		return true;
	}
	if (!partial)
		return false;
	if (open && !od_gdb_balanced(&scan)) {
		if (!args_start(s + open + 1, len - open - 1))
			return false;
		h->fn_len = open - 1;
		h->args = s + open + 1;
		h->args_len = len - open - 1;
		return true;
	}
	h->fn_len = len;
	return h->has_addr;
}

bool od_gdb_head(const char *s, size_t len, bool partial, struct od_gdb_head *h)
{
	struct od_cursor c = od_cursor_init(s, len), t;

	*h = (struct od_gdb_head){ 0 };
	if (!od_gdb_number(&c, &h->number))
		return false;
	h->fn = "";
	h->marker = od_cur_lit(&c, "<signal handler called>");
	if (h->marker || od_cur_lit(&c, "<function called from gdb>"))
		return od_cur_end(&c);
	t = c;
	if (od_cur_0x(&t, &h->addr)) {
		od_cur_blanks(&t);
		h->has_addr = true;
		if (!od_cur_lit(&t, "in ") && !(partial && (od_cur_end(&t) ||
							    (od_cur_lit(&t, "in") && od_cur_end(&t)))))
			return false;
		c = t;
	}
	od_cur_blanks(&c);
	h->fn = c.p;
	if (od_cur_end(&c))
		return partial && h->has_addr;
	if (!od_is_alpha(*c.p) && !strchr("_?~:<*(.$@{", *c.p) && (unsigned char)*c.p < 0x80)
		return false;
	if (!take_args(c.p, od_cur_left(&c), partial, h) || !h->fn_len)
		return false;
	/* Without an address, a name with blanks needs a place: else it is prose. */
	return h->has_addr || h->file || h->lib || !memchr(h->fn, ' ', h->fn_len);
}

bool od_gdb_head_whole(const struct od_gdb_head *h)
{
	return h->marker || h->args;
}

bool od_gdb_head_proves(const struct od_gdb_head *h)
{
	return h->has_addr || h->file || h->lib;
}

/* --- into the model ----------------------------------------------------------------- */

bool od_gdb_leading_number(const char *s, size_t len, uint64_t *ret)
{
	struct od_cursor c = od_cursor_init(s, len);
	bool negative;

	/* (struct foo *) 0x..., @0x... of a C++ reference */
	if (od_cur_char(&c, '(') && !od_cur_past(&c, ") "))
		return false;
	od_cur_char(&c, '@');
	if (od_cur_0x(&c, ret))
		return true;
	negative = od_cur_char(&c, '-');
	if (!od_cur_dec(&c, ret))
		return false;
	if (od_cur_peek(&c) == '.' || (od_cur_peek(&c) | 0x20) == 'e')
		return false;
	if (negative)
		*ret = 0 - *ret;
	return true;
}

static bool full(struct od_report *rep, uint32_t lineno)
{
	static const char text[] = "the backtrace is larger than what is kept: the rest is left out";

	if (rep->arena.total < OD_GDB_MAX_BYTES)
		return false;
	if (!rep->nnotes || strcmp(rep->notes[rep->nnotes - 1].text, text) != 0)
		od_report_note(rep, lineno, "%s", text);
	return true;
}

static struct od_var *find_arg(struct od_frame *frame, const char *name, size_t len)
{
	for (uint32_t i = 0; i < frame->nvars; i++)
		if (frame->vars[i].is_arg && strlen(frame->vars[i].name) == len &&
		    !memcmp(frame->vars[i].name, name, len))
			return &frame->vars[i];
	return NULL;
}

bool od_gdb_add_var(struct od_report *rep, struct od_frame *frame, const char *s, size_t len,
		    bool arg, uint32_t lineno)
{
	static const char entry[] = "@entry";
	const char *eq = memchr(s, '=', len), *value, *number;
	size_t name;
	struct od_var *var;

	if (!eq || full(rep, lineno))
		return eq != NULL;
	value = eq + 1;
	for (name = (size_t)(eq - s); name && od_is_blank(s[name - 1]); name--)
		;
	while (value < s + len && od_is_blank(*value))
		value++;
	number = value;
	/* The value at entry stands in for the value itself only where that is not printed. */
	if (arg && name > strlen(entry) && !memcmp(s + name - strlen(entry), entry, strlen(entry))) {
		name -= strlen(entry);
		if (find_arg(frame, s, name))
			return true;
	}
	if (name > OD_GDB_MAX_VAR_NAME)
		return false;
	var = od_frame_add_var(rep, frame);
	if (!var)
		return true;
	var->name = od_arena_strndup(&rep->arena, s, name);
	var->value = od_arena_strndup(&rep->arena, value, (size_t)(s + len - value));
	/* "x=x@entry=3": it still has the value that it had at entry. */
	if (arg && (size_t)(s + len - value) > name + strlen("@entry=") &&
	    !memcmp(value, s, name) && !memcmp(value + name, "@entry=", strlen("@entry=")))
		number = value + name + strlen("@entry=");
	var->has_number = od_gdb_leading_number(number, (size_t)(s + len - number), &var->number);
	if (!var->has_number)
		var->number = 0;
	var->is_arg = arg;
	var->lineno = lineno;
	return true;
}

/* "ab", '\000' <repeats 15 times>, "c" is one value: a comma ends it only before "name=". */
static bool next_arg(const char *s, size_t len)
{
	struct od_cursor c = od_cursor_init(s, len);
	const char *start;

	od_cur_blanks(&c);
	start = c.p;
	while (!od_cur_end(&c) && (od_is_alnum(*c.p) || strchr("_~$.:@", *c.p) ||
				   (unsigned char)*c.p >= 0x80) &&
	       c.p - start <= OD_GDB_MAX_VAR_NAME)
		c.p++;
	return !od_cur_end(&c) && *c.p == '=' && (c.p == start || !od_is_digit(*start));
}

static void add_args(struct od_report *rep, struct od_frame *frame, const char *s, size_t len,
		     uint32_t lineno)
{
	struct od_gdb_scan scan = { 0 };
	size_t start = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i == len || (s[i] == ',' && od_gdb_balanced(&scan) &&
				 next_arg(s + i + 1, len - i - 1))) {
			while (start < i && od_is_blank(s[start]))
				start++;
			if (start < i && memchr(s + start, '=', i - start))
				od_gdb_add_var(rep, frame, s + start, i - start, true, lineno);
			start = i + 1;
		}
		if (i < len)
			od_gdb_step(&scan, s[i]);
	}
}

static const char *base_name(struct od_report *rep, const char *s, size_t len)
{
	for (size_t i = len; i > 0; i--)
		if (s[i - 1] == '/')
			return od_arena_strndup(&rep->arena, s + i, len - i);
	return od_arena_strndup(&rep->arena, s, len);
}

void od_gdb_fill_frame(struct od_report *rep, struct od_frame *frame, const struct od_gdb_head *h,
		       uint32_t lineno)
{
	size_t len = h->fn_len > OD_MAX_NAME ? OD_MAX_NAME : h->fn_len;

	if (len < h->fn_len)
		od_report_note(rep, lineno, "the name of frame #%u is cut at %u bytes",
			       (unsigned)h->number, OD_MAX_NAME);
	frame->number = (uint32_t)h->number;
	frame->flags |= OD_FRAME_NUMBERED;
	frame->addr = h->addr;
	if (h->marker) {
		frame->flags |= OD_FRAME_SIGNAL;
		frame->symbol = od_arena_strdup(&rep->arena, "<signal handler called>");
	} else if (!len || (len == 2 && !memcmp(h->fn, "??", 2))) {
		frame->flags |= OD_FRAME_NO_SYMBOLS;
	} else {
		frame->symbol = od_arena_strndup(&rep->arena, h->fn, len);
	}
	if (h->file)
		frame->file = od_arena_strndup(&rep->arena, h->file, h->file_len);
	frame->line = (uint32_t)h->line;
	if (h->lib)
		frame->module = base_name(rep, h->lib, h->lib_len);
	if (h->args)
		add_args(rep, frame, h->args, h->args_len, lineno);
}
