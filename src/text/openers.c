/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a record begins in text that lost its line ends and has no times to cut at: at words that
 * only ever stand at the start of a line of a crash. x86 so far; another architecture is more rows.
 */
#include <string.h>

#include "base/cursor.h"
#include "text/repair-internal.h"

static const char *const openers[] = {
	"kernel BUG at ",   "invalid opcode: ", "general protection fault", "BUG: unable to handle ",
	"BUG: kernel NULL ", "Oops: ",		"#PF: ",    "PGD ",	   "IP: [<",
	"Modules linked in:", "CPU: ",		"Hardware name: ", "Workqueue: ", "task: ffff",
	"RIP: 00",	    "RIP [<",		"RSP: 00",  "RSP <",	   "RAX: ",
	"RDX: ",	    "RBP: ",		"R10: ",    "R13: ",	   "FS: ",
	"CS: ",		    "CR2: ",		"DR0: ",    "DR3: ",	   "Stack:",
	"Call Trace:",	    "Code: ",		"---[ end ", "Kernel panic - not syncing",
	"Kernel Offset: ",  "------------[ cut here", "WARNING: ", "<TASK>", "</TASK>",
	"<IRQ>",	    "</IRQ>",		"list_add ", "list_del ",  "refcount_t: ",
};

enum { NOPENERS = sizeof(openers) / sizeof(*openers), BUCKETS = 512 };
_Static_assert(NOPENERS < UINT8_MAX, "rows are counted in a byte");

/* "sym+0x12/0x34" or "[<ffffffffc0a1c562>]" at s, maybe after "? ". */
static bool frame_at(const char *s, size_t len)
{
	struct od_cursor c = od_cursor_init(s, len);
	uint64_t v;
	unsigned n;

	if (od_cur_lit(&c, "[<"))
		return od_cur_hex(&c, &v, &n) && n >= 8 && od_cur_lit(&c, ">]");
	while (!od_cur_end(&c) && !od_is_blank(*c.p) && *c.p != '+')
		c.p++;
	return c.p > s && od_cur_char(&c, '+') && od_cur_0x(&c, &v) && od_cur_char(&c, '/') &&
	       od_cur_0x(&c, &v);
}

/* By their first two bytes: a look at each word of the text, not forty. */
static struct {
	bool ready;
	uint8_t first[BUCKETS]; /* 1 + a row of openers[] */
	uint8_t next[NOPENERS], len[NOPENERS];
} table;

static unsigned bucket(const char *s)
{
	return ((unsigned)(uint8_t)s[0] * 31 + (uint8_t)s[1]) & (BUCKETS - 1);
}

static void make_table(void)
{
	for (unsigned i = 0; i < NOPENERS; i++) {
		const unsigned h = bucket(openers[i]);

		table.len[i] = (uint8_t)strlen(openers[i]);
		table.next[i] = table.first[h];
		table.first[h] = (uint8_t)(i + 1);
	}
	table.ready = true;
}

static bool literal_at(const char *s, size_t len)
{
	if (!table.ready)
		make_table();
	for (unsigned i = len < 2 ? 0 : table.first[bucket(s)]; i; i = table.next[i - 1])
		if (len >= table.len[i - 1] && !memcmp(s, openers[i - 1], table.len[i - 1]))
			return true;
	return false;
}

size_t od_repair_next_opener(const char *s, size_t len, size_t from, bool *in_trace)
{
	for (size_t i = from; i < len; i++) {
		size_t left = len - i;

		if (od_is_blank(s[i]) || (i && !od_is_blank(s[i - 1])))
			continue;
		if (literal_at(s + i, left)) {
			*in_trace = *s && left >= 11 && (!memcmp(s + i, "Call Trace:", 11) ||
				    (*in_trace && s[i] == '<'));
			return i;
		}
		if (!*in_trace)
			continue;
		if (left > 2 && s[i] == '?' && s[i + 1] == ' ' && frame_at(s + i + 2, left - 2) &&
		    !(i >= 2 && s[i - 2] == ']'))
			return i;
		/* The name after "[<addr>]" belongs to it; a '?' before it was the start. */
		if (frame_at(s + i, left) &&
		    !(s[i] != '[' && i >= 2 && (s[i - 2] == ']' || s[i - 2] == '?') &&
		      (s[i - 2] == '?' || (i >= 3 && s[i - 3] == '>'))))
			return i;
	}
	return len;
}
