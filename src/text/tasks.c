/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tasks that a kernel shows, asked or not: sysrq-t, -w and -l, the task of a hung-task report, the
 * locks that everybody holds. Sources: kernel/sched/core.c (sched_show_task), kernel/locking/
 * lockdep.c (debug_show_all_locks), drivers/tty/sysrq.c, lib/nmi_backtrace.c, lib/fault-inject.c;
 * 2.6.32 to 6.17.
 */
#include <string.h>

#include "text/families.h"

static const char task_states[] = "RSDTtXZPIWKx";

/* A task's trace follows: that of the hung task, or one more. */
static void open_task(struct od_incident *inc, const char *comm, size_t len, char state, uint64_t pid)
{
	struct od_report *rep = inc->rep;
	const char *name;

	while (len && od_is_blank(comm[len - 1]))
		len--;
	if (len > 64)
		len = 64;
	if (od_kind_is(inc, OD_KIND_HUNG_TASK) && !inc->trace_seen) {
		od_section_close(inc);
		inc->bare = true;
		return;
	}
	if (inc->section && !strcmp(inc->section, "rcu kthread"))
		name = "rcu kthread";
	else
		name = od_arena_printf(&rep->arena, pid ? "task %.*s:%llu" : "task %.*s", (int)len, comm,
				       (unsigned long long)pid);
	od_section_open(inc, name, true);
	inc->headed = true;
	inc->bare = true;
	inc->task_state = state;
}

/* "task:comm state:D stack:0 pid:5 tgid:5 ppid:2 flags:0x00004000", since 5.10 */
static bool task_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *s = c.p, *end = od_find(c.p, od_cur_left(&c), " state:");
	struct od_cursor t;
	uint64_t pid = 0;

	(void)rec;
	if (!end)
		return false;
	t = (struct od_cursor){ end + strlen(" state:"), c.end };
	od_past_dec(&t, " pid:", &pid);
	t = (struct od_cursor){ end + strlen(" state:"), c.end };
	open_task(inc, s, (size_t)(end - s), od_cur_peek(&t), pid);
	return true;
}

/*
 * "comm            D    0     5      2 0x00004000", "comm R running task 0 5 2 0x0", with the saved pc
 * after the state before 4.14: the comm is padded to 15.
 */
bool od_task_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	enum { COMM = 15 };
	const char *p = c.end, *words[4];
	unsigned n = 0;
	uint64_t pid;
	struct od_cursor t;

	if (rec->len < 30 || c.p[COMM] != ' ' || !strchr(task_states, c.p[COMM + 1]) ||
	    !(c.p[COMM + 2] == ' ' || od_is_digit(c.p[COMM + 2])))
		return false;
	/* From the end: flags, ppid, pid. */
	while (n < 4 && p > c.p + COMM + 2) {
		while (p > c.p + COMM + 2 && od_is_blank(p[-1]))
			p--;
		while (p > c.p + COMM + 2 && !od_is_blank(p[-1]))
			p--;
		words[n++] = p;
	}
	if (n < 4 || words[0][0] != '0' || words[0][1] != 'x')
		return false;
	t = (struct od_cursor){ words[2], c.end };
	if (!od_cur_dec(&t, &pid) || !od_is_blank(od_cur_peek(&t)))
		return false;
	open_task(inc, c.p, COMM, c.p[COMM + 1], pid);
	return true;
}

static bool check_task(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), " state:") && od_find(c.p, od_cur_left(&c), " pid:");
}

static void first_task(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	task_line(inc, rec, c);
}

static void first_cpu(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	od_section_line(inc, rec);
}

static void sysrq(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	if (od_find(c.p, od_cur_left(&c), "acktrace"))
		inc->rep->subkind = "cpu-dump";
	od_subject(inc, rec);
	inc->bare = true;
}

/* "2 locks held by comm/5:", "1 lock held by comm/5:", "no locks held by comm/5." */
bool od_locks_held_by(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *end = c.end;
	const char *slash = NULL;
	uint64_t pid;

	(void)rec;
	for (const char *p = c.p; p < c.end; p++)
		if (*p == '/')
			slash = p;
	if (!slash)
		return false;
	c.end = end;
	inc->holder = od_arena_strndup(&inc->rep->arena, c.p, (size_t)(slash - c.p));
	c.p = slash + 1;
	inc->holder_pid = od_cur_dec(&c, &pid) && pid <= INT32_MAX ? (int32_t)pid : -1;
	return true;
}

/* "#0: ffff8880 (name){+.+.}-{3:3}, at: f+0x1/0x2" */
bool od_held_lock(struct od_incident *inc, const struct od_record *rec)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);
	const char *open = memchr(c.p, '(', od_cur_left(&c)), *close;
	struct od_frame frame = { 0 };
	struct od_lock *lock;
	uint64_t v, addr = 0;

	if (!inc->holder || !od_cur_char(&c, '#') || !od_cur_dec(&c, &v) || !od_cur_char(&c, ':'))
		return false;
	od_cur_blanks(&c);
	od_cur_hex(&c, &addr, NULL);
	if (!open)
		return false;
	close = memchr(open, '{', (size_t)(c.end - open));
	lock = od_report_add_lock(inc->rep);
	if (!lock)
		return true;
	lock->comm = inc->holder;
	lock->pid = inc->holder_pid;
	lock->addr = addr;
	lock->name = od_arena_strndup(&inc->rep->arena, open, (size_t)((close ? close : c.end) - open));
	lock->lineno = rec->lineno;
	if (od_cur_past(&c, " at: ") && od_frame_location(inc->rep, &c, &frame))
		lock->function = frame.symbol;
	return true;
}

const struct od_trigger od_task_triggers[] = {
	{ "sysrq: Show ", OD_ROLE_INFO, OD_ANYWHERE, OD_KIND_OTHER, "task-dump", NULL, sysrq },
	{ "SysRq : Show ", OD_ROLE_INFO, OD_ANYWHERE, OD_KIND_OTHER, "task-dump", NULL, sysrq },
	{ "Showing all locks held in the system:", OD_ROLE_INFO, OD_INSIDE, OD_KIND_OTHER, "task-dump", NULL, sysrq },
	{ "sysrq: SysRq : Show ", OD_ROLE_INFO, OD_ANYWHERE, OD_KIND_OTHER, "task-dump", NULL, sysrq },
	{ "task:", OD_ROLE_INFO, OD_INSIDE, OD_KIND_OTHER, "task-dump", check_task, first_task },
	{ "NMI backtrace for cpu ", OD_ROLE_INFO, OD_INSIDE, OD_KIND_OTHER, "cpu-dump", NULL, first_cpu },
	{ "FAULT_INJECTION: forcing a failure", OD_ROLE_QUIET, OD_ANYWHERE, OD_KIND_OTHER, NULL, NULL, NULL },
	{ 0 },
};

const struct od_rule od_task_rules[] = {
	{ "task:", task_line },
	{ "Sending NMI from CPU ", od_rule_accept },
	{ "Sending NMI to ", od_rule_accept },
	{ "Showing all locks held in the system:", od_rule_accept },
	{ NULL, NULL },
};
