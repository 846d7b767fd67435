/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times as logs write them: printk's own, clocks, ISO 8601. */
#include "base/cursor.h"
#include "text/prefix-internal.h"
#include "text/prefix.h"

size_t od_printk_time(const char *s, size_t len, uint64_t *ts_ret)
{
	struct od_cursor c = od_cursor_init(s, len);
	uint64_t sec, frac;
	const char *f;
	size_t digits;

	if (!od_cur_char(&c, '['))
		return 0;
	od_cur_blanks(&c);
	f = c.p;
	if (!od_cur_dec(&c, &sec) || c.p - f > 9 || !od_cur_char(&c, '.'))
		return 0;
	f = c.p;
	if (!od_cur_dec(&c, &frac))
		return 0;
	digits = (size_t)(c.p - f);
	if (digits < 3 || digits > 9)
		return 0;
	if (od_cur_char(&c, ',')) { /* "[   12.345678,0]": the cpu, some vendors' kernels */
		uint64_t cpu;

		if (!od_cur_dec(&c, &cpu))
			return 0;
	}
	if (od_cur_lit(&c, " / ") && (!od_cur_past(&c, " ") || !od_clock_time(&c)))
		return 0; /* "[   12.345678 / 09-26 13:22:37.707]": Rockchip's kernels */
	if (digits == 6) /* "[   12.345678s]": HiSilicon's; "[0.123s]" is of programs */
		od_cur_char(&c, 's');
	od_cur_blanks(&c);
	if (od_cur_char(&c, '<')) { /* dmesg -d: the time since the line before */
		if (!od_cur_past(&c, ">"))
			return 0;
		od_cur_blanks(&c);
	}
	if (!od_cur_char(&c, ']'))
		return 0;
	for (; digits < 6; digits++)
		frac *= 10;
	for (; digits > 6; digits--)
		frac /= 10;
	if (ts_ret)
		*ts_ret = sec * 1000000 + frac;
	return (size_t)(c.p - s);
}

bool od_digits(struct od_cursor *c, unsigned n)
{
	if (od_cur_left(c) < n)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (!od_is_digit(c->p[i]))
			return false;
	c->p += n;
	return true;
}

bool od_clock_time(struct od_cursor *c)
{
	struct od_cursor t = *c;

	if (!od_digits(&t, 2) || !od_cur_char(&t, ':') || !od_digits(&t, 2) || !od_cur_char(&t, ':') ||
	    !od_digits(&t, 2))
		return false;
	if (od_cur_peek(&t) == '.' || od_cur_peek(&t) == ',') {
		t.p++;
		while (od_is_digit(od_cur_peek(&t)))
			t.p++;
	}
	*c = t;
	return true;
}

/* "2025-11-21", "2025/11/21", and as console servers have it "11/21/2025", "21.11.2025". */
static bool date(struct od_cursor *c)
{
	const char *s = c->p;
	const bool year_first = od_cur_left(c) >= 10 && od_is_digit(s[2]);
	char sep;

	if (!od_digits(c, year_first ? 4 : 2))
		return false;
	sep = od_cur_peek(c);
	return (sep == '-' || sep == '/' || (sep == '.' && !year_first)) && od_cur_char(c, sep) && od_digits(c, 2) &&
	       od_cur_char(c, sep) && od_digits(c, year_first ? 2 : 4);
}

bool od_iso_time(struct od_cursor *c)
{
	struct od_cursor t = *c;

	if (!date(&t) || (!od_cur_char(&t, 'T') && !od_cur_char(&t, ' ')) || !od_clock_time(&t))
		return false;
	if (!od_cur_char(&t, 'Z') && (od_cur_peek(&t) == '+' || od_cur_peek(&t) == '-')) {
		struct od_cursor z = t;

		z.p++;
		if (od_digits(&z, 2) && (od_cur_char(&z, ':'), od_digits(&z, 2)))
			t = z;
	}
	*c = t;
	return true;
}
