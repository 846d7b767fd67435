/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sources of the forms: printk times and caller ids: kernel/printk/printk.c (print_prefix, 2.6.x to
 * 6.x); /dev/kmsg: Documentation/ABI/testing/dev-kmsg; netconsole: drivers/net/netconsole.c;
 * dmesg -T -d -e -x: util-linux sys-utils/dmesg.c 2.38; syslog: RFC 3164 and RFC 5424; journal:
 * systemd logs-show.c (short, short-iso, short-precise, short-monotonic).
 */
#include "text/prefix.h"

#include <string.h>

#include "base/cursor.h"
#include "model/record.h"
#include "text/prefix-internal.h"

enum { MAX_ROUNDS = 12, MAX_HOST = 255, MAX_PROGRAM = 64 };

static void one_blank(struct od_cursor *c)
{
	od_cur_char(c, ' ');
}

static void set_wall(struct od_prefix *p, const char *s, const char *end)
{
	if (p->wall)
		return;
	p->wall = s;
	p->wall_len = (uint32_t)(end - s);
}

static bool name_of(struct od_cursor *c, const char *const *names, size_t n, size_t *which)
{
	const char first = od_cur_peek(c);

	for (size_t i = 0; i < n; i++) {
		if (*names[i] == first && od_cur_lit(c, names[i])) {
			*which = i;
			return true;
		}
	}
	return false;
}

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* What names of programs and hosts consist of. */
enum { IN_PROGRAM = 1, IN_HOST = 2, IN_BOTH = 3 };
static const uint8_t classes[256] = {
	['0' ... '9'] = IN_BOTH, ['A' ... 'Z'] = IN_BOTH, ['a' ... 'z'] = IN_BOTH,
	['-'] = IN_BOTH, ['.'] = IN_BOTH, ['/'] = IN_BOTH, ['_'] = IN_BOTH,
	['('] = IN_PROGRAM, [')'] = IN_PROGRAM, ['@'] = IN_PROGRAM,
	['%'] = IN_HOST, [':'] = IN_HOST,
};

/*
 * "kernel:", "prog[123]:" or, if loose, "prog:": who wrote the line. Without a host before it a word
 * and a colon may be the kernel's own text ("BUG: ...").
 */
static bool program(struct od_cursor *c, struct od_prefix *p, bool loose)
{
	struct od_cursor t = *c;
	const char *s = t.p;

	if (od_cur_lit(&t, "kernel:")) {
		one_blank(&t);
		p->flags |= OD_REC_KERNEL;
		*c = t;
		return true;
	}
	while (t.p < t.end && t.p - s < MAX_PROGRAM && (classes[(unsigned char)*t.p] & IN_PROGRAM))
		t.p++;
	if (t.p == s)
		return false;
	if (od_cur_char(&t, '[')) {
		uint64_t pid;

		if (!od_cur_dec(&t, &pid) || !od_cur_char(&t, ']'))
			return false;
	} else if (!loose) {
		return false;
	}
	if (!od_cur_char(&t, ':') || (!od_cur_end(&t) && !od_is_blank(*t.p)))
		return false;
	one_blank(&t);
	p->flags |= OD_REC_FOREIGN;
	*c = t;
	return true;
}

static bool host(struct od_cursor *c, struct od_prefix *p)
{
	const char *s = c->p;

	od_cur_lit(c, "(none)"); /* nobody has set a name yet */
	while (c->p < c->end && c->p - s < MAX_HOST && (classes[(unsigned char)*c->p] & IN_HOST))
		c->p++;
	if (c->p == s || c->p[-1] == ':' || !od_is_blank(od_cur_peek(c)))
		return false;
	if (!p->host) {
		p->host = s;
		p->host_len = (uint32_t)(c->p - s);
	}
	one_blank(c);
	return true;
}

/* "host kernel: ", "host prog[1]: " or "kernel: " after a time of any form. */
static bool host_program(struct od_cursor *c, struct od_prefix *p, bool loose)
{
	struct od_cursor t = *c;
	struct od_prefix try = *p;

	if (program(c, p, false))
		return true;
	if (!host(&t, &try) || !program(&t, &try, loose))
		return false;
	*p = try;
	*c = t;
	return true;
}

/* --- the rows ---------------------------------------------------------------- */

static bool rfc3164(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;
	const char *s = t.p;
	uint64_t day;
	size_t m;

	if (!name_of(&t, months, COUNT(months), &m) || !od_cur_blanks(&t) || !od_cur_dec(&t, &day) ||
	    day > 31 || !od_cur_blanks(&t))
		return false;
	if (od_cur_left(&t) > 5 && od_digits(&t, 4)) { /* "Nov 21 2025 03:52:00" */
		if (!od_cur_blanks(&t))
			return false;
	}
	if (!od_clock_time(&t))
		return false;
	set_wall(p, s, t.p);
	one_blank(&t);
	if (!host_program(&t, p, true)) {
		struct od_cursor h = t;
		struct od_prefix try = *p;

		/* "host [   12.3] text": a host and then a printk time. */
		if (host(&h, &try) && od_printk_time(h.p, od_cur_left(&h), NULL)) {
			t = h;
			*p = try;
		}
	}
	*c = t;
	return true;
}

/* "vas. 19 10:20:12 host kernel: ", "июл 27 ..", "7月 27 ..": a month in another language; only where the kernel speaks. */
static bool local_month(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;
	const char *s = t.p;
	uint64_t day;

	while (od_is_digit(od_cur_peek(&t)))
		t.p++;
	if (t.p != s && (unsigned char)od_cur_peek(&t) < 0x80)
		return false;
	while (od_is_alpha(od_cur_peek(&t)) || (unsigned char)od_cur_peek(&t) >= 0x80)
		t.p++;
	if (t.p - s < 2 || t.p - s > 24)
		return false;
	od_cur_char(&t, '.');
	if (!od_cur_blanks(&t) || !od_cur_dec(&t, &day) || day > 31)
		return false;
	od_cur_char(&t, '.');
	if (!od_cur_blanks(&t) || !od_clock_time(&t) || !od_cur_blanks(&t))
		return false;
	for (const char *end = t.p; end < t.end && !od_is_blank(*end); end++)
		if (end + 1 < t.end && od_is_blank(end[1])) {
			struct od_cursor k = { end + 2, t.end };
			const char *wall_end = t.p - 1;

			if (!od_cur_lit(&k, "kernel:"))
				return false;
			set_wall(p, s, wall_end);
			return host_program(&t, p, true) && (*c = t, true);
		}
	return false;
}

static bool iso(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;
	const char *s = t.p;

	if (!od_iso_time(&t))
		return false;
	set_wall(p, s, t.p);
	if (!od_cur_end(&t) && !od_cur_blanks(&t) && !od_cur_lit(&t, ": "))
		return false;
	host_program(&t, p, false);
	*c = t;
	return true;
}

/* "03:52:00.123 ": serial loggers. A clock alone at the start of a line is nothing else. */
static bool bare_clock(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;
	const char *s = t.p;

	if (!od_clock_time(&t) || !od_is_blank(od_cur_peek(&t)))
		return false;
	set_wall(p, s, t.p);
	one_blank(&t);
	host_program(&t, p, false);
	*c = t;
	return true;
}

/* "[Fri Nov 21 03:52:00 2025]", "[2025-11-21T03:52:00]", "[03:52:00.123]", "[Nov21 03:52]". */
static bool bracket_wall(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;
	const char *s;
	uint64_t n;
	size_t i;

	if (!od_cur_char(&t, '['))
		return false;
	s = t.p;
	if (name_of(&t, days, COUNT(days), &i)) {
		if (!od_cur_blanks(&t) || !name_of(&t, months, COUNT(months), &i) ||
		    !od_cur_blanks(&t) || !od_cur_dec(&t, &n) || !od_cur_blanks(&t) ||
		    !od_clock_time(&t) || !od_cur_blanks(&t) || !od_cur_dec(&t, &n))
			return false;
		p->flags |= OD_REC_KERNEL;
	} else if (name_of(&t, months, COUNT(months), &i)) {
		if (!od_cur_dec(&t, &n) || !od_cur_blanks(&t) || !od_digits(&t, 2) ||
		    !od_cur_char(&t, ':') || !od_digits(&t, 2))
			return false;
	} else if (!od_iso_time(&t) && !od_clock_time(&t)) {
		return false;
	}
	if (!od_cur_char(&t, ']'))
		return false;
	set_wall(p, s, t.p - 1);
	one_blank(&t);
	*c = t;
	return true;
}

/* "[  +0.000001]": dmesg -e, the time since the line before. */
static bool bracket_delta(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;
	uint64_t n;

	if (!od_cur_char(&t, '['))
		return false;
	if (od_cur_char(&t, '<')) {
		od_cur_blanks(&t);
		if (!od_cur_dec(&t, &n) || !od_cur_char(&t, '.') || !od_cur_dec(&t, &n) ||
		    !od_cur_char(&t, '>'))
			return false;
	} else {
		od_cur_blanks(&t);
		if (!od_cur_char(&t, '+') || !od_cur_dec(&t, &n) || !od_cur_char(&t, '.') ||
		    !od_cur_dec(&t, &n))
			return false;
	}
	if (!od_cur_char(&t, ']'))
		return false;
	one_blank(&t);
	p->flags |= OD_REC_KERNEL;
	*c = t;
	return true;
}

static bool printk_time(struct od_cursor *c, struct od_prefix *p)
{
	uint64_t ts;
	size_t n = od_printk_time(c->p, od_cur_left(c), &ts);

	/* A second time would belong to a line that quotes another. */
	if (!n || p->ts_us != OD_TS_NONE)
		return false;
	c->p += n;
	one_blank(c);
	p->ts_us = ts;
	p->flags |= OD_REC_KERNEL;
	/* journalctl -o short-monotonic: "[   12.345678] host kernel: text". */
	host_program(c, p, false);
	return true;
}

/*
 * "[ T1234]", "[    C0]" after the time; longer contents are future extensions. Where the time was
 * taken away it stands alone: then only in printk's own width of six.
 */
static bool caller_id(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;
	const char *inside;
	uint64_t n;
	uint32_t tag;

	if (!od_cur_char(&t, '['))
		return false;
	inside = t.p;
	od_cur_blanks(&t);
	if (od_cur_char(&t, 'T'))
		tag = OD_CALLER_THREAD;
	else if (od_cur_char(&t, 'C'))
		tag = OD_CALLER_CPU;
	else
		return false;
	if (!od_cur_dec(&t, &n) || n > OD_CALLER_NUMBER)
		return false;
	for (unsigned i = 0; i < 32 && od_cur_peek(&t) != ']' && !od_cur_end(&t); i++)
		t.p++;
	if (od_cur_peek(&t) != ']' || (p->ts_us == OD_TS_NONE && t.p - inside < 6))
		return false;
	t.p++;
	one_blank(&t);
	if (p->caller == OD_CALLER_NONE)
		p->caller = tag | (uint32_t)n;
	*c = t;
	return true;
}

/* "[4:  kworker/4:1:  123] ": cpu, command and pid, some vendors' kernels. */
static bool vendor_task(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;
	uint64_t cpu, pid;
	const char *close;

	if (p->ts_us == OD_TS_NONE || !od_cur_char(&t, '[') || (od_cur_blanks(&t), !od_cur_dec(&t, &cpu)) ||
	    !od_cur_char(&t, ':'))
		return false;
	close = memchr(t.p, ']', od_cur_left(&t) < 40 ? od_cur_left(&t) : 40);
	if (!close)
		return false;
	t.p = close;
	while (od_is_digit(t.p[-1]))
		t.p--;
	if (!od_cur_dec(&t, &pid) || !od_cur_char(&t, ']'))
		return false;
	one_blank(&t);
	*c = t;
	return true;
}

/*
 * Who printed, as kernels of makers of phones have it behind the time: "[2][662][comm] ", "[pid:662,cpu2,comm]",
 * "(2)[662:comm]" with a '-' or '.' ahead.
 */
static bool vendor_tags(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;
	const char *close;
	uint64_t n;

	if (p->ts_us == OD_TS_NONE)
		return false;
	if (od_cur_lit(&t, "[pid:")) {
		if (!od_cur_dec(&t, &n) || !od_cur_lit(&t, ",cpu"))
			return false;
	} else if (od_cur_char(&t, '[')) {
		if (!od_cur_dec(&t, &n) || !od_cur_lit(&t, "][") || !od_cur_dec(&t, &n) || !od_cur_lit(&t, "]["))
			return false;
	} else {
		if (od_cur_peek(&t) == '-' || od_cur_peek(&t) == '.')
			t.p++;
		if (!od_cur_char(&t, '(') || !od_cur_dec(&t, &n) || !od_cur_lit(&t, ")[") || !od_cur_dec(&t, &n) ||
		    !od_cur_char(&t, ':'))
			return false;
	}
	close = memchr(t.p, ']', od_cur_left(&t) < 32 ? od_cur_left(&t) : 32);
	if (!close)
		return false;
	t.p = close + 1;
	one_blank(&t);
	*c = t;
	return true;
}

static bool angle_level(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;
	uint64_t n;

	if (!od_cur_char(&t, '<') || !od_cur_dec(&t, &n) || n > 191 || !od_cur_char(&t, '>'))
		return false;
	/* "<90> 48 8b" is the middle of a Code line. */
	if (od_cur_left(&t) >= 3 && od_is_blank(t.p[0]) && od_is_hex(t.p[1]) && od_is_hex(t.p[2]) &&
	    (od_cur_left(&t) == 3 || od_is_blank(t.p[3])))
		return false;
	p->level = (uint8_t)(n & 7);
	if (od_cur_lit(&t, "1 ")) { /* RFC 5424: version, time, host, program, pid, msgid, data */
		struct od_cursor r = t;
		const char *s = r.p;

		if (od_iso_time(&r)) {
			set_wall(p, s, r.p);
			one_blank(&r);
			host(&r, p);
			if (od_cur_lit(&r, "kernel "))
				p->flags |= OD_REC_KERNEL;
			else if (od_cur_past(&r, " "))
				p->flags |= OD_REC_FOREIGN;
			for (int i = 0; i < 3; i++)
				od_cur_past(&r, " ");
			t = r;
		}
	}
	*c = t;
	return true;
}

/* "6,1234,5678901,-[,caller=T12];text": /dev/kmsg and netconsole's extended form. */
static bool kmsg(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;
	uint64_t level, seq, usec, n;
	const char *semi;

	if (!od_cur_dec(&t, &level) || level > 191 || !od_cur_char(&t, ',') || !od_cur_dec(&t, &seq) ||
	    !od_cur_char(&t, ',') || !od_cur_dec(&t, &usec) || !od_cur_char(&t, ','))
		return false;
	semi = memchr(t.p, ';', od_cur_left(&t) < 128 ? od_cur_left(&t) : 128);
	if (!semi)
		return false;
	for (struct od_cursor f = { t.p, semi }; od_cur_past(&f, ",caller=");) {
		char tag = od_cur_peek(&f);

		f.p += f.p < f.end;
		if ((tag == 'T' || tag == 'C') && od_cur_dec(&f, &n) && n <= OD_CALLER_NUMBER)
			p->caller = (tag == 'T' ? OD_CALLER_THREAD : OD_CALLER_CPU) | (uint32_t)n;
	}
	t.p = semi + 1;
	p->level = (uint8_t)(level & 7);
	p->ts_us = usec;
	p->flags |= level < 8 ? OD_REC_KERNEL : OD_REC_FOREIGN;
	*c = t;
	return true;
}

/* "kern  :warn  : " of dmesg -x, "kern.warn kernel: " of syslogd. */
static bool facility_level(struct od_cursor *c, struct od_prefix *p)
{
	static const char *const facilities[] = { "kern", "user", "mail", "daemon", "auth", "syslog",
						  "lpr", "news", "uucp", "cron", "authpriv", "ftp",
						  "local" };
	/* Longer spellings first: the first that fits is taken. */
	static const struct {
		const char *name;
		uint8_t level;
	} levels[] = { { "emerg", 0 }, { "panic", 0 }, { "alert", 1 },	 { "crit", 2 },
		       { "error", 3 }, { "err", 3 },   { "warning", 4 }, { "warn", 4 },
		       { "notice", 5 }, { "info", 6 }, { "debug", 7 } };
	struct od_cursor t = *c;
	bool dot;
	size_t i;

	if (!name_of(&t, facilities, COUNT(facilities), &i))
		return false;
	while (od_is_digit(od_cur_peek(&t)))
		t.p++;
	dot = od_cur_char(&t, '.');
	if (!dot && (od_cur_blanks(&t), !od_cur_char(&t, ':')))
		return false;
	for (i = 0; i < COUNT(levels); i++)
		if (od_cur_lit(&t, levels[i].name))
			break;
	if (i == COUNT(levels))
		return false;
	if (dot && !od_is_blank(od_cur_peek(&t)))
		return false;
	if (!dot && (od_cur_blanks(&t), !od_cur_char(&t, ':')))
		return false;
	one_blank(&t);
	p->level = levels[i].level;
	if (dot)
		host_program(&t, p, false);
	*c = t;
	return true;
}

static bool kernel_word(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;

	if (!od_cur_lit(&t, "kernel:") || (!od_is_blank(od_cur_peek(&t)) && od_cur_peek(&t) != '['))
		return false;
	return program(c, p, false);
}

/* Told after a gap; it may stand before the time of the next line. */
static bool dropped_messages(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;

	(void)p;
	if (!od_cur_lit(&t, "** "))
		return false;
	if (!od_cur_lit(&t, "replaying previous printk message **")) {
		uint64_t n;

		if (!od_cur_dec(&t, &n) || !od_cur_lit(&t, " printk messages dropped") ||
		    !od_cur_past(&t, "**"))
			return false;
	}
	one_blank(&t);
	if (!od_printk_time(t.p, od_cur_left(&t), NULL))
		return false;
	*c = t;
	return true;
}

/*
 * "{noformat}[   12.345678] text", "```console": what trackers fence logs with, on a line of its own
 * or not. A word after "```" names a language.
 */
static bool fence(struct od_cursor *c, struct od_prefix *p)
{
	static const char *const tags[] = { "{noformat}", "{code}", "{quote}", "<pre>", "<code>",
					    "[code]", "{code:", "{noformat:", "{panel:", "<pre ",
					    "[code=" };
	struct od_cursor t = *c;
	size_t i;

	(void)p;
	if (od_cur_lit(&t, "```") || od_cur_lit(&t, "~~~")) {
		struct od_cursor word = t;

		while (od_is_alnum(od_cur_peek(&word)) || od_cur_peek(&word) == '-')
			word.p++;
		if (od_cur_end(&word))
			t = word;
		else if (od_cur_peek(&t) != '[' && od_cur_peek(&t) != '<' &&
			 !od_find(t.p, od_cur_left(&t), ": "))
			return false;
	} else if (!name_of(&t, tags, COUNT(tags), &i)) {
		return false;
	} else if (!strchr("}>]", t.p[-1])) {
		const char *stop = memchr(t.p, "}>]"[*c->p == '<' ? 1 : *c->p == '[' ? 2 : 0],
					  od_cur_left(&t) < MAX_PROGRAM ? od_cur_left(&t) : MAX_PROGRAM);

		if (!stop)
			return false;
		t.p = stop + 1;
	}
	*c = t;
	return true;
}

/* "`Feb 20 22:59:46 host kernel: text": inline code of Markdown around a whole paste. */
static bool inline_code(struct od_cursor *c, struct od_prefix *p)
{
	struct od_cursor t = *c;

	if (!od_cur_char(&t, '`') || od_cur_peek(&t) == '`' ||
	    !(printk_time(&t, p) || rfc3164(&t, p) || iso(&t, p) || bracket_wall(&t, p)))
		return false;
	*c = t;
	return true;
}

/* Stands in the rows for any byte that is not ASCII. */
#define OTHER_SCRIPT "\x7f"

/* first: the bytes that a prefix of that form can start with; "0" stands for any digit. */
static const struct {
	const char *first;
	bool (*parse)(struct od_cursor *c, struct od_prefix *p);
} rows[] = {
	{ "[", printk_time },
	{ "[", caller_id },
	{ "[", vendor_task },
	{ "[(-.", vendor_tags },
	{ "[", bracket_wall },
	{ "[", bracket_delta },
	{ "<", angle_level },
	{ "k", kernel_word },
	{ "JFMASOND", rfc3164 },
	{ "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0" OTHER_SCRIPT, local_month },
	{ "0", iso },
	{ "0", bare_clock },
	{ "0", kmsg },
	{ "kumdaslnucf", facility_level },
	{ "*", dropped_messages },
	{ "`~{<[", fence },
	{ "`", inline_code },
};

static bool one_prefix(struct od_cursor *c, struct od_prefix *p)
{
	char first = od_cur_peek(c);

	if (!first)
		return false;
	if (od_is_digit(first))
		first = '0';
	else if ((unsigned char)first >= 0x80)
		first = *OTHER_SCRIPT;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (const char *f = rows[i].first; *f; f++)
			if (*f == first && rows[i].parse(c, p))
				return true;
	return false;
}

void od_prefix_parse(const char *s, size_t len, struct od_prefix *ret)
{
	struct od_cursor c = od_cursor_init(s, len);

	*ret = (struct od_prefix){ .ts_us = OD_TS_NONE, .level = OD_LEVEL_NONE };
	for (unsigned i = 0; i < MAX_ROUNDS; i++) {
		struct od_cursor t = c;

		od_cur_blanks(&t);
		if (!one_prefix(&t, ret))
			break;
		c = t;
		/* After the kernel's own word nothing of another program can follow. */
		if (ret->flags & OD_REC_FOREIGN)
			break;
	}
	ret->len = (uint32_t)(c.p - s);
}

void od_quote_parse(const char *s, size_t len, struct od_quote *ret)
{
	size_t i = 0, end = 0;

	*ret = (struct od_quote){ 0 };
	while (i < len && ret->depth < UINT16_MAX) {
		size_t j = i;

		while (j < len && j - i < 3 && s[j] == ' ')
			j++;
		if (j < len && s[j] == '>') {
			size_t h = j + 1;

			/* ">ffff8880: 00 fb" marks a row of KASAN's shadow memory. */
			while (h < len && od_is_hex(s[h]))
				h++;
			if (h - j > 8 && h < len && s[h] == ':')
				break;
		} else if (j < len && s[j] == '|' && j + 2 < len && s[j + 1] == ' ' &&
			   (s[j + 2] == '>' || s[j + 2] == '|' || s[j + 2] == '[')) {
			/* Some clients quote with bars; only where log text or more quoting follows. */
		} else {
			break;
		}
		ret->depth++;
		i = end = j + 1;
	}
	if (ret->depth && end < len && s[end] == ' ')
		end++;
	ret->len = (uint32_t)end;
}
