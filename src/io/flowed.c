/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/flowed.h"

#include <string.h>

#include "base/cursor.h"
#include "io/out.h"
#include "model/limits.h"

static void put_text(struct od_flowed *f, struct od_out *out)
{
	if (!f->open)
		return;
	od_buf_addch(&f->text, '\n');
	od_out_add(out, f->text.data, f->text.len, f->text_place);
	od_buf_reset(&f->text);
	f->open = false;
}

/*
 * "[   12.345678]", "<4>": kernel logs have lines that end in a blank, and not every mailer takes it
 * away; where a record starts, nothing goes on.
 */
static bool starts_record(const char *s, size_t len)
{
	struct od_cursor c = od_cursor_init(s, len);
	uint64_t n;

	if (od_cur_char(&c, '<'))
		return od_cur_dec(&c, &n) && od_cur_char(&c, '>');
	if (!od_cur_char(&c, '['))
		return false;
	od_cur_blanks(&c);
	return od_cur_dec(&c, &n) && od_cur_char(&c, '.');
}

static void take_line(struct od_flowed *f, struct od_out *out)
{
	const char *s = od_buf_str(&f->line);
	size_t len = f->line.len, quotes = 0;
	bool soft, signature;

	while (len && s[len - 1] == '\r')
		len--;
	while (quotes < len && s[quotes] == '>')
		quotes++;
	s += quotes;
	len -= quotes;
	/* Stuffed by the sender. */
	if (len && *s == ' ') {
		s++;
		len--;
	}
	signature = len == 3 && !memcmp(s, "-- ", 3);
	soft = len && s[len - 1] == ' ' && !signature;
	if (f->open && (!f->soft || f->depth != quotes || signature || starts_record(s, len) ||
			f->text.len + len > OD_MAX_LINE))
		put_text(f, out);
	if (!f->open) {
		f->open = true;
		f->depth = (unsigned)quotes;
		f->text_place = f->line_place;
		od_buf_fill(&f->text, '>', quotes);
		if (quotes)
			od_buf_addch(&f->text, ' ');
	}
	od_buf_add(&f->text, s, soft && f->delsp ? len - 1 : len);
	f->soft = soft;
	od_buf_reset(&f->line);
}

void od_flowed_feed(struct od_flowed *f, struct od_out *out, const char *s, size_t len,
		    uint32_t place)
{
	const char *end = s + len;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		size_t n = nl ? (size_t)(nl - s) : (size_t)(end - s);

		if (!f->line.len)
			f->line_place = place;
		if (f->line.len < 2 * OD_MAX_LINE) /* longer lines are cut anyway */
			od_buf_add(&f->line, s, n);
		if (!nl)
			break;
		take_line(f, out);
		s = nl + 1;
	}
}

void od_flowed_end(struct od_flowed *f, struct od_out *out)
{
	if (f->line.len)
		take_line(f, out);
	put_text(f, out);
	od_buf_deinit(&f->line);
	od_buf_deinit(&f->text);
	*f = (struct od_flowed){ .delsp = f->delsp };
}
