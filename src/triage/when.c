/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "triage/when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cursor.h"

/* Exactly n digits. */
static bool digits(struct od_cursor *c, unsigned n, int *ret)
{
	int value = 0;

	if (od_cur_left(c) < n)
		return false;
	for (unsigned i = 0; i < n; i++) {
		if (!od_is_digit(c->p[i]))
			return false;
		value = value * 10 + (c->p[i] - '0');
	}
	c->p += n;
	*ret = value;
	return true;
}

static bool clock_time(struct od_cursor *c, struct tm *tm)
{
	return digits(c, 2, &tm->tm_hour) && od_cur_char(c, ':') && digits(c, 2, &tm->tm_min) &&
	       od_cur_char(c, ':') && digits(c, 2, &tm->tm_sec);
}

/* Minutes east of Greenwich. */
static int zone(struct od_cursor *c)
{
	int hours, minutes, sign = od_cur_peek(c) == '-' ? -1 : 1;

	if (!od_cur_char(c, '+') && !od_cur_char(c, '-'))
		return 0;
	if (!digits(c, 2, &hours))
		return 0;
	od_cur_char(c, ':');
	if (!digits(c, 2, &minutes))
		minutes = 0;
	return sign * (hours * 60 + minutes);
}

static bool iso(struct od_cursor *c, struct tm *tm, int *east)
{
	if (!digits(c, 4, &tm->tm_year) || !od_cur_char(c, '-') || !digits(c, 2, &tm->tm_mon) ||
	    !od_cur_char(c, '-') || !digits(c, 2, &tm->tm_mday) ||
	    (!od_cur_char(c, 'T') && !od_cur_char(c, ' ')) || !clock_time(c, tm))
		return false;
	if (od_cur_char(c, '.') || od_cur_char(c, ','))
		while (od_is_digit(od_cur_peek(c)))
			c->p++;
	tm->tm_mon--;
	*east = zone(c);
	return true;
}

static bool in_words(struct od_cursor *c, struct tm *tm)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char month[4] = "";
	const char *found;

	for (int i = 0; i < 3; i++)
		if (!od_is_alpha(od_cur_peek(c)) || !c->p++)
			return false;
	if (!od_cur_char(c, ' ') || od_cur_left(c) < 4)
		return false;
	memcpy(month, c->p, 3);
	found = strstr(months, month);
	if (!found || (found - months) % 3 != 0)
		return false;
	tm->tm_mon = (int)(found - months) / 3;
	c->p += 3;
	if (!od_cur_char(c, ' '))
		return false;
	if (od_cur_char(c, ' ') ? !digits(c, 1, &tm->tm_mday) : !digits(c, 2, &tm->tm_mday))
		return false;
	return od_cur_char(c, ' ') && clock_time(c, tm) && od_cur_char(c, ' ') &&
	       digits(c, 4, &tm->tm_year);
}

uint64_t od_when_parse(const char *s)
{
	struct od_cursor c = od_cursor_init(s, strlen(s)), d = c;
	struct tm tm = { 0 };
	int east = 0;
	time_t t;

	if (!iso(&c, &tm, &east)) {
		tm = (struct tm){ 0 };
		if (!in_words(&d, &tm))
			return 0;
	}
	if (tm.tm_year < 1970 || tm.tm_mon > 11 || tm.tm_mon < 0 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
	    tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return 0;
	tm.tm_year -= 1900;
	t = timegm(&tm) - (time_t)east * 60;
	return t > 0 ? (uint64_t)t : 0;
}

void od_when_print(uint64_t when, char *ret, size_t size)
{
	time_t t = (time_t)when;
	struct tm tm;

	if (!when || when > 253402300799u || !gmtime_r(&t, &tm) ||
	    !strftime(ret, size, "%Y-%m-%d %H:%M", &tm))
		snprintf(ret, size, "-");
}
