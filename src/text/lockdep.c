/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reports of the lock validator. Source: kernel/locking/lockdep.c (kernel/lockdep.c before 3.13),
 * kernel/rcu/update.c; the brackets "[ INFO: ... ]" are those of 4.10 and older.
 */
#include <string.h>

#include "text/families.h"

static void suspicious(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	od_subject(inc, rec);
}

/* "f.c:123 suspicious rcu_dereference_check() usage!" and its like */
static bool usage_line(struct od_incident *inc, const struct od_record *rec)
{
	struct od_report *rep = inc->rep;
	const char *colon = memchr(rec->text, ':', rec->len);
	struct od_cursor c;
	uint64_t n;

	if (!colon || rep->bug_file || colon - rec->text > 255)
		return false;
	c = (struct od_cursor){ colon + 1, rec->text + rec->len };
	if (!od_cur_dec(&c, &n) || n > UINT32_MAX || !od_cur_char(&c, ' '))
		return false;
	rep->bug_file = od_arena_strndup(&rep->arena, rec->text, (size_t)(colon - rec->text));
	rep->bug_line = (uint32_t)n;
	od_rule_link(inc, rec, c);
	return true;
}

/* "ffff88 (&lock){+.+.}-{3:3}, at: [<pc>] f+0x1/0x2": the lock's name and who took it. */
static bool lock_at(struct od_incident *inc, const struct od_record *rec, const char *key)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);
	const char *open = memchr(c.p, '(', od_cur_left(&c)), *at;
	struct od_frame frame;

	at = od_find(c.p, od_cur_left(&c), " at: ");
	if (!open || (at && open > at))
		return false;
	if (at) {
		c.p = at + strlen(" at: ");
		od_cur_blanks(&c);
		if (od_frame_location(inc->rep, &c, &frame) && frame.symbol)
			od_stack_push(inc, rec, &frame);
		if (at > open && at[-1] == ',')
			at--;
	}
	if (key)
		od_report_detail_item(inc->rep, key, open, (size_t)((at ? at : rec->text + rec->len) - open));
	return true;
}

static const struct heading {
	const char *text;
	const char *section; /* NULL: back to the crash */
	const char *key;     /* of the locks that follow */
	bool same_line;	     /* the lock's name stands on the heading itself */
} headings[] = {
	{ " is trying to acquire lock:", "acquiring", "acquiring", false },
	{ " is trying to acquire:", "acquiring", "acquiring", false },
	{ " is trying to lock:", "acquiring", "acquiring", false },
	{ "but task is already holding lock:", "holding", "holding", false },
	{ "and this task is already holding:", "holding", "holding", false },
	{ "which would create a new lock dependency:", "new dependency", NULL, false },
	{ " is trying to release lock (", "releasing", NULL, true },
	{ " is trying to contend lock (", "releasing", NULL, true },
	{ " is freeing memory ", "freeing", NULL, false },
	{ " locks held by ", "held", "held", false },
	{ " lock held by ", "held", "held", false },
	{ " just changed the state of lock:", "acquiring", "acquiring", false },
	{ " takes:", "acquiring", "acquiring", false },
	{ "but this lock was taken by another, ", "other lock", NULL, false },
	{ "but this lock took another, ", "other lock", NULL, false },
	{ "to a HARDIRQ-irq-unsafe lock:", "dependencies", NULL, false },
	{ "to a SOFTIRQ-irq-unsafe lock:", "dependencies", NULL, false },
	{ "acquiring lock at:", "acquiring", NULL, false },
};

static bool scenario(struct od_incident *inc, const struct od_record *rec)
{
	if (inc->state != 1)
		return false;
	if (od_find(rec->text, rec->len, "*** DEADLOCK ***")) {
		inc->state = 0;
		return true;
	}
	if (od_find(rec->text, rec->len, "lock") || od_find(rec->text, rec->len, "CPU0") ||
	    od_find(rec->text, rec->len, "Interrupt") || *rec->text == '-') {
		od_report_detail_item(inc->rep, "scenario", rec->text, rec->len);
		return true;
	}
	return false;
}

static const char *key_of_section(const struct od_incident *inc)
{
	for (size_t i = 0; inc->section && i < sizeof(headings) / sizeof(*headings); i++)
		if (!strcmp(headings[i].section, inc->section))
			return headings[i].key;
	return inc->section && !strcmp(inc->section, "lock chain") ? NULL : NULL;
}

/* "-> #1 (&lock){+.+.}-{3:3}:": its trace follows. */
static bool chain_lock(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *s;
	uint64_t n;

	(void)rec;
	if (!od_kind_is(inc, OD_KIND_LOCKDEP) || !od_cur_dec(&c, &n))
		return false;
	od_cur_blanks(&c);
	s = c.p;
	while (!od_cur_end(&c) && *c.p != '{')
		c.p++;
	od_report_detail_item(inc->rep, "chain", s, (size_t)(c.p - s));
	od_section_open(inc, od_arena_printf(&inc->rep->arena, "lock chain %llu", (unsigned long long)n), true);
	inc->bare = true;
	return true;
}

/* Lines that are told by their middle: the family's frame function, since rules go by the start. */
bool od_lockdep_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;

	if (!od_kind_is(inc, OD_KIND_LOCKDEP) && !od_kind_is(inc, OD_KIND_SUSPICIOUS_RCU) &&
	    !od_find(c.p, od_cur_left(&c), " held by ") && *rec->text != '#')
		return false;
	if (*rec->text == '#' && od_held_lock(inc, rec) &&
	    !od_kind_is(inc, OD_KIND_LOCKDEP) && !od_kind_is(inc, OD_KIND_SUSPICIOUS_RCU))
		return true;
	for (size_t i = 0; i < sizeof(headings) / sizeof(*headings); i++) {
		const struct heading *h = &headings[i];
		struct od_cursor t = c;

		if (!od_cur_past(&t, h->text))
			continue;
		if (!strcmp(h->section, "held") && !od_locks_held_by(inc, rec, t))
			continue;
		if (!inc->rep->comm && *h->text == ' ' && strcmp(h->section, "held") != 0) {
			const char *end = od_find(c.p, od_cur_left(&c), h->text);
			const char *bracket = od_find(c.p, (size_t)(end - c.p), " [");

			od_comm_pid(inc, c.p, bracket ? bracket : end, '/');
		}
		od_section_open(inc, h->section, true);
		inc->bare = true;
		if (h->same_line) {
			const char *s = t.p - 1;

			while (!od_cur_end(&t) && *t.p != ')')
				t.p++;
			od_report_detail_item(inc->rep, "acquiring", s, (size_t)(t.p - s) + !od_cur_end(&t));
			if (od_cur_past(&t, "at:")) {
				od_cur_blanks(&t);
				if (od_frame_location(inc->rep, &t, &frame) && frame.symbol)
					od_stack_push(inc, rec, &frame);
			}
		}
		return true;
	}
	if (!od_kind_is(inc, OD_KIND_LOCKDEP) && !od_kind_is(inc, OD_KIND_SUSPICIOUS_RCU))
		return false;
	if (od_find(rec->text, rec->len, "ossible unsafe locking scenario") ||
	    od_find(rec->text, rec->len, "ossible interrupt unsafe locking scenario")) {
		inc->state = 1;
		return true;
	}
	if (scenario(inc, rec))
		return true;
	if (inc->section && inc->aside && strncmp(inc->section, "lock chain", 10) != 0 &&
	    lock_at(inc, rec, key_of_section(inc)))
		return true;
	return od_release_line(inc, rec, c) || usage_line(inc, rec);
}

/* "inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage." */
static bool inconsistent(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *end = od_find(c.p, od_cur_left(&c), " usage");

	if (!od_kind_is(inc, OD_KIND_LOCKDEP) || !end)
		return false;
	od_detail_str(inc->rep, "usage", c.p, (size_t)(end - c.p));
	return od_rule_link(inc, rec, c);
}

static bool only_lockdep(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	return od_kind_is(inc, OD_KIND_LOCKDEP) || od_kind_is(inc, OD_KIND_SUSPICIOUS_RCU);
}

/* "INFO: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected": its own words, not a sentence's. */
static bool check_order(const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	return od_find(rec->text, rec->len, "-safe -> ") != NULL;
}

#define LOCKDEP(text, subkind)                                                                     \
	{ text, OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_LOCKDEP, subkind, NULL, od_parse_subject }

const struct od_trigger od_lockdep_triggers[] = {
	LOCKDEP("possible circular locking dependency detected", "circular"),
	LOCKDEP("possible recursive locking detected", "recursive"),
	LOCKDEP("possible irq lock inversion dependency detected", "inversion"),
	{ "-unsafe lock order detected", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_LOCKDEP, "irq-order", check_order, od_parse_subject },
	LOCKDEP("inconsistent lock state", "inconsistent"),
	LOCKDEP("bad unlock balance detected", "bad-unlock"),
	LOCKDEP("bad contention detected", "bad-contention"),
	LOCKDEP("held lock freed", "held-lock-freed"),
	LOCKDEP(" still has locks held", "locks-held"),
	LOCKDEP("lock held when returning to user space", "returning-to-user"),
	LOCKDEP("lock held at task exit time", "locks-held"),
	LOCKDEP("Nested lock was not taken", "nested"),
	LOCKDEP("Invalid wait context", "wait-context"),
	LOCKDEP("chain_key collision", "chain-key"),
	LOCKDEP("INFO: trying to register non-static key", "non-static-key"),
	LOCKDEP("BUG: MAX_LOCKDEP_", "limit"),
	LOCKDEP("BUG: MAX_LOCK_DEPTH too low", "limit"),
	LOCKDEP("BUG: MAX_STACK_TRACE_ENTRIES too low", "limit"),
	{ "suspicious RCU usage", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_SUSPICIOUS_RCU, NULL, NULL, suspicious },
	{ "suspicious rcu_dereference_check() usage", OD_ROLE_DETECT, OD_ANYWHERE | OD_INSIDE, OD_KIND_SUSPICIOUS_RCU, NULL, NULL, suspicious },
	{ 0 },
};

const struct od_rule od_lockdep_rules[] = {
	{ "-> #", chain_lock },
	{ "which lock already depends on the new lock", od_rule_accept },
	{ "Chain exists of:", od_rule_accept },
	{ "----", od_rule_accept },
	{ "====", od_rule_accept },
	{ "inconsistent ", inconsistent },
	{ "rcu_scheduler_active = ", od_rule_accept },
	{ "no locks held by ", od_rule_accept },
	{ "but there are no more locks to release!", od_rule_accept },
	{ "INFO: lockdep is turned off", od_rule_accept },
	{ "the code is fine but needs lockdep annotation", only_lockdep },
	{ "turning off the locking correctness validator", only_lockdep },
	{ "INFO: Are you sure ", only_lockdep },
	{ "you didn't initialize this object before use?", only_lockdep },
	{ NULL, NULL },
};
