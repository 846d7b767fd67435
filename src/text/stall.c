/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What no longer moves: lockups, RCU stalls, hung tasks, work queues. Sources: kernel/watchdog*.c,
 * kernel/rcu/{tree_stall.h,tasks.h,update.c}, kernel/hung_task.c, kernel/workqueue.c,
 * 2.6.32 to 6.17.
 */
#include <string.h>

#include "text/families.h"

static void lockup(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	od_subject(inc, rec);
	if ((od_past_dec(&c, "CPU#", &n) || od_past_dec(&c, "cpu ", &n) || od_past_dec(&c, "CPU ", &n)) &&
	    n <= INT32_MAX)
		inc->rep->cpu = (int32_t)n;
	if (od_past_dec(&c, "stuck for ", &n))
		od_detail_num(inc->rep, "seconds", n);
	if (od_cur_past(&c, "[")) {
		const char *end = c.end;

		while (end > c.p && end[-1] != ']')
			end--;
		if (end > c.p)
			od_comm_pid(inc, c.p, end - 1, ':');
	}
}

static bool check_hung(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), " blocked for more than ") ||
	       od_find(c.p, od_cur_left(&c), " blocked in I/O wait for more than ") ||
	       od_find(c.p, od_cur_left(&c), " can't die for more than ");
}

static void hung(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *verb = od_find(c.p, od_cur_left(&c), " blocked ");
	uint64_t n;

	od_subject(inc, rec);
	if (!verb) {
		verb = od_find(c.p, od_cur_left(&c), " can't die ");
		inc->rep->subkind = "unkillable";
	} else if (od_find(verb, (size_t)(c.end - verb), "in I/O wait")) {
		inc->rep->subkind = "io-wait";
	}
	if (verb)
		od_comm_pid(inc, c.p, verb, ':');
	if (od_past_dec(&c, "more than ", &n))
		od_detail_num(inc->rep, "seconds", n);
}

/* "INFO: task a:5 <writer> blocked on a mutex likely owned by task b:6.", since 6.14 */
static bool hung_owner(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *on = od_find(c.p, od_cur_left(&c), " blocked on ");
	struct od_cursor t = c;
	const char *s;

	if (!on || !od_kind_is(inc, OD_KIND_HUNG_TASK) || !od_cur_past(&t, "owned by task "))
		return false;
	s = t.p;
	while (!od_cur_end(&t) && *t.p != '.')
		t.p++;
	od_detail_str(inc->rep, "owner", s, (size_t)(t.p - s));
	t = (struct od_cursor){ on + strlen(" blocked on "), c.end };
	od_cur_lit(&t, "a ");
	od_cur_lit(&t, "an ");
	s = t.p;
	while (!od_cur_end(&t) && !od_is_blank(*t.p) && *t.p != '.' && *t.p != ',')
		t.p++;
	od_detail_str(inc->rep, "lock_type", s, (size_t)(t.p - s));
	return od_rule_link(inc, rec, c);
}

/* --- RCU ---------------------------------------------------------------------------- */

static void rcu_stall(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor all = od_cursor_init(rec->text, rec->len);
	const char *s;
	uint64_t n;

	od_subject(inc, rec);
	od_cur_past(&all, "INFO: ");
	s = all.p;
	while (od_is_alnum(od_cur_peek(&all)) || od_cur_peek(&all) == '_')
		all.p++;
	od_detail_str(inc->rep, "flavor", s, (size_t)(all.p - s));
	/* "{ 0-...D } 26 jiffies s: 841 root: 0x1/.": the expedited one says all on one line. */
	if (od_cur_past(&c, "{ ")) {
		while (!od_cur_end(&c) && *c.p != '}') {
			s = c.p;
			while (!od_cur_end(&c) && !od_is_blank(*c.p) && *c.p != '}')
				c.p++;
			for (n = 0; s + n < c.p && od_is_digit(s[n]); n++)
				;
			if (n)
				od_report_detail_item(inc->rep, "cpus", s, n);
			od_cur_blanks(&c);
		}
		if (od_past_dec(&c, "} ", &n))
			od_detail_num(inc->rep, "jiffies", n);
	}
	/* Before 3.x all was on one line: "{ 1}  (t=65000 jiffies)". */
	if (od_past_dec(&c, "(t=", &n))
		od_detail_num(inc->rep, "jiffies", n);
}

/* "0-....: (20999 ticks this GP) idle=..", "2-...!: (1 GPs behind) ..", "Tasks blocked on level-1 .." */
static bool rcu_cpu_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor t = od_cursor_init(rec->text, rec->len);
	size_t ndigits = 0;
	const char *s;
	uint64_t n;

	(void)c;
	if (!od_kind_is(inc, OD_KIND_RCU_STALL))
		return false;
	od_cur_lit(&t, "rcu: ");
	od_cur_blanks(&t);
	s = t.p;
	if (!od_cur_dec(&t, &n) || (od_cur_peek(&t) != '-' && od_cur_peek(&t) != ':'))
		return false;
	while (od_cur_peek(&t) == '-' || od_cur_peek(&t) == '.' || od_cur_peek(&t) == '!' ||
	       od_is_alnum(od_cur_peek(&t)))
		t.p++;
	if (!od_cur_lit(&t, ": ("))
		return false;
	while (od_is_digit(s[ndigits]))
		ndigits++;
	od_report_detail_item(inc->rep, "cpus", s, ndigits);
	/* The detail that explains: how long, whether the tick still came. */
	od_report_detail_item(inc->rep, "cpu_details", s, (size_t)(t.end - s));
	return true;
}

/* "(detected by 1, t=21002 jiffies, g=5565, q=12 ncpus=2)", "(t=21000 jiffies g=.. q=..)" */
static bool rcu_summary(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	(void)rec;
	if (!od_kind_is(inc, OD_KIND_RCU_STALL))
		return false;
	if (od_past_dec(&c, "detected by ", &n) && n <= INT32_MAX)
		od_detail_num(inc->rep, "detected_by_cpu", n);
	if (od_past_dec(&c, "t=", &n))
		od_detail_num(inc->rep, "jiffies", n);
	return true;
}

/* "rcu: rcu_preempt kthread starved for 10502 jiffies! g1 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x0 ->cpu=1" */
static bool rcu_starved(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor t = od_cursor_init(rec->text, rec->len);
	uint64_t n;

	if (!od_kind_is(inc, OD_KIND_RCU_STALL))
		return false;
	if (od_past_dec(&t, "kthread starved for ", &n) ||
	    od_past_dec(&t, "timer wakeup didn't happen for ", &n)) {
		od_detail_num(inc->rep, "kthread_starved_jiffies", n);
		if (od_past_dec(&t, "->cpu=", &n))
			od_detail_num(inc->rep, "kthread_cpu", n);
		return od_rule_link(inc, rec, c);
	}
	return false;
}

static bool rcu_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	if (rcu_cpu_line(inc, rec, c) || rcu_starved(inc, rec, c))
		return true;
	od_cur_blanks(&c);
	if (od_cur_peek(&c) == '(')
		return rcu_summary(inc, rec, c);
	return od_kind_is(inc, OD_KIND_RCU_STALL) && od_cur_lit(&c, "Tasks blocked on level-");
}

/* "(t=21000 jiffies g=5565 q=12)" */
static bool check_self_summary(const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor t = od_cursor_init(rec->text, rec->len);
	uint64_t n;

	(void)c;
	od_cur_lit(&t, "rcu: ");
	od_cur_blanks(&t);
	return od_cur_lit(&t, "(t=") && od_cur_dec(&t, &n);
}

static bool check_summary(const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	(void)rec;
	return od_cur_dec(&c, &n) && od_cur_lit(&c, ", t=") && od_cur_dec(&c, &n) && od_cur_lit(&c, " jiffies, g=");
}

static void rcu_tail(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	od_subject(inc, rec);
	inc->rep->truncated = "the beginning of the report is not in the input";
	rcu_summary(inc, rec, od_cursor_init(rec->text, rec->len));
}

/* --- work queues -------------------------------------------------------------------- */

static void workqueue(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	od_subject(inc, rec);
	if (od_past_dec(&c, "cpus=", &n))
		od_detail_num(inc->rep, "pool_cpu", n);
	if (od_past_dec(&c, "stuck for ", &n))
		od_detail_num(inc->rep, "seconds", n);
}

/* "BUG: workqueue leaked lock or atomic: comm/0x00000000/5" "     last function: f" */
static bool last_function(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *s = c.p;
	struct od_frame frame = { 0 };

	while (!od_cur_end(&c) && !od_is_blank(*c.p) && *c.p != '+')
		c.p++;
	if (c.p == s)
		return false;
	frame.symbol = od_arena_strndup(&inc->rep->arena, s, (size_t)(c.p - s));
	od_section_open(inc, "last function", true);
	od_stack_push(inc, rec, &frame);
	od_section_close(inc);
	return true;
}

/* "in-flight: 5:work_fn [mod]": the work that holds a pool. */
static bool in_flight(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *colon;
	struct od_frame frame = { 0 };
	const char *s;

	if (!od_kind_is(inc, OD_KIND_WORKQUEUE_LOCKUP))
		return true;
	od_cur_blanks(&c);
	od_report_detail_item(inc->rep, "in_flight", c.p, od_cur_left(&c));
	colon = memchr(c.p, ':', od_cur_left(&c));
	if (!colon)
		return true;
	s = ++colon;
	while (colon < c.end && (od_is_alnum(*colon) || *colon == '_' || *colon == '.'))
		colon++;
	if (colon == s)
		return true;
	frame.symbol = od_arena_strndup(&inc->rep->arena, s, (size_t)(colon - s));
	od_section_open(inc, "in flight", true);
	od_stack_push(inc, rec, &frame);
	od_section_close(inc);
	return true;
}

const struct od_trigger od_stall_triggers[] = {
	{ "BUG: soft lockup", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_SOFT_LOCKUP, NULL, NULL, lockup },
	{ "Watchdog detected hard LOCKUP on cpu ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_HARD_LOCKUP, NULL, NULL, lockup },
	{ " detected hard LOCKUP on other CPUs", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_HARD_LOCKUP, NULL, NULL, lockup },
	{ " Hard LOCKUP", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_HARD_LOCKUP, NULL, NULL, lockup },
	{ " self-detected stall on CPU", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_RCU_STALL, "self", NULL, rcu_stall },
	{ " self-detected stalls on CPU", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_RCU_STALL, "self", NULL, rcu_stall },
	{ " detected stalls on CPUs/tasks:", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_RCU_STALL, NULL, NULL, rcu_stall },
	{ " detected stall on CPU ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_RCU_STALL, NULL, NULL, rcu_stall },
	{ " detected stalls on CPUs", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_RCU_STALL, NULL, NULL, rcu_stall },
	{ " detected expedited stalls on CPUs", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_RCU_STALL, "expedited", NULL, rcu_stall },
	{ " detected stalls on tasks:", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_RCU_STALL, "tasks", NULL, rcu_stall },
	/* The head is cut off: these lines are of nothing else. */
	{ " jiffies g=", OD_ROLE_DETECT, OD_ANYWHERE | OD_INSIDE, OD_KIND_RCU_STALL, "self", check_self_summary, rcu_tail },
	{ "(detected by ", OD_ROLE_DETECT, OD_ANYWHERE | OD_INSIDE, OD_KIND_RCU_STALL, NULL, check_summary, rcu_tail },
	{ "INFO: task ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_HUNG_TASK, NULL, check_hung, hung },
	{ "BUG: workqueue lockup", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_WORKQUEUE_LOCKUP, NULL, NULL, workqueue },
	{ "BUG: workqueue leaked ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_ATOMIC_SLEEP, "workqueue-leaked", NULL, od_parse_subject },
	{ 0 },
};

const struct od_rule od_stall_rules[] = {
	{ "INFO: task ", hung_owner },
	{ "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\"", od_rule_accept },
	{ "rcu: ", rcu_line },
	{ "rcu_", rcu_starved },
	{ "(detected by ", rcu_summary },
	{ "(t=", rcu_summary },
	{ "last function: ", last_function },
	{ "in-flight:", in_flight },
	{ "Showing busy workqueues and worker pools:", od_rule_accept },
	{ "workqueue ", od_rule_accept },
	{ "pwq ", od_rule_accept },
	{ "pool ", od_rule_accept },
	{ "pending: ", od_rule_accept },
	{ "0-", rcu_cpu_line }, { "1", rcu_cpu_line }, { "2", rcu_cpu_line }, { "3", rcu_cpu_line },
	{ "4", rcu_cpu_line },	{ "5", rcu_cpu_line }, { "6", rcu_cpu_line }, { "7", rcu_cpu_line },
	{ "8", rcu_cpu_line },	{ "9", rcu_cpu_line },
	{ NULL, NULL },
};
