/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * WARN() and the checks of subsystems. Sources: kernel/panic.c (__warn), lib/bug.c, lib/refcount.c,
 * lib/debugobjects.c, kernel/sched/core.c, lib/smp_processor_id.c, kernel/locking/spinlock_debug.c,
 * kernel/irq/spurious.c, net/sched/sch_generic.c, net/core/dev.c, kernel/smp.c; 2.6.32 to 6.17.
 */
#include <string.h>

#include "text/families.h"

/*
 * "WARNING: CPU: 1 PID: 5 at mm/slab_common.c:987 f+0x5a/0x80 [mod]"     since 3.11
 * "WARNING: at mm/slub.c:123 f+0x5a/0x80 [mod]()"                         before
 * "WARNING: [cond] mm/slub.c:123 at f+0x5a/0x80, CPU#1: comm/5"           since 6.18
 */
static const char *source_end(const char *s, const char *end)
{
	static const char *const ends[] = { ".c:", ".h:", ".rs:", ".S:", ".cc:", ".cpp:" };
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		const char *p = od_find(s, (size_t)(end - s), ends[i]);

		p = p ? p + strlen(ends[i]) - 1 : NULL;
		if (p && p + 1 < end && od_is_digit(p[1]) && (!first || p < first))
			first = p;
	}
	return first;
}

static bool check_warning(const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor t = c;
	uint64_t n;

	if (!source_end(c.p, c.end)) /* 2.6 and 6.18 without DEBUG_BUGVERBOSE: a function only */
		return od_find(c.p, od_cur_left(&c), " at ") && od_find(c.p, od_cur_left(&c), "+0x") &&
		       od_cur_lit(&t, "CPU: ");
	if (od_cur_lit(&t, "CPU: ") || od_cur_lit(&t, "at ") || od_cur_lit(&t, "["))
		return true;
	/* "WARNING: file.c:1 at f+0x..", not a compiler's "WARNING: file.c:12: ...". */
	t.p = source_end(c.p, c.end) + 1;
	(void)rec;
	return od_cur_dec(&t, &n) && od_cur_lit(&t, " at ");
}

/* Files whose warnings have a name of their own. */
static const struct {
	const char *file, *subkind;
	enum od_kind kind;
} warn_files[] = {
	{ "lib/refcount.c", NULL, OD_KIND_REFCOUNT },
	{ "lib/debugobjects.c", NULL, OD_KIND_ODEBUG },
	{ "lib/list_debug.c", NULL, OD_KIND_LIST_CORRUPTION },
	{ "mm/usercopy.c", NULL, OD_KIND_USERCOPY },
	{ "lib/string_helpers.c", NULL, OD_KIND_FORTIFY },
	{ "net/sched/sch_generic.c", NULL, OD_KIND_NETDEV_WATCHDOG },
	{ "kernel/locking/lockdep.c", "locking", OD_KIND_LOCKDEP },
	{ "kernel/lockdep.c", "locking", OD_KIND_LOCKDEP },
	{ "mm/page_alloc.c", "allocation-size", OD_KIND_WARNING },
	{ "mm/util.c", "allocation-size", OD_KIND_WARNING },
	{ "lib/kobject.c", "kobject", OD_KIND_WARNING },
	{ "fs/proc/generic.c", "proc", OD_KIND_WARNING },
	{ "fs/sysfs/dir.c", "sysfs", OD_KIND_WARNING },
};

static void warning(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_frame frame;
	uint64_t n;
	const char *s, *colon;

	if (od_cur_lit(&c, "CPU: ") && od_cur_dec(&c, &n) && n <= INT32_MAX)
		rep->cpu = (int32_t)n;
	od_cur_blanks(&c);
	if (od_cur_lit(&c, "PID: ") && od_cur_dec(&c, &n) && n <= INT32_MAX)
		rep->pid = (int32_t)n;
	od_cur_blanks(&c);
	od_cur_lit(&c, "at ");
	colon = source_end(c.p, c.end);
	if (colon) {
		struct od_cursor l = { colon + 1, c.end };

		s = colon;
		while (s > c.p && !od_is_blank(s[-1]))
			s--;
		if (s > c.p) /* the condition that was not met */
			od_detail_str(rep, "condition", c.p, (size_t)(s - c.p));
		if (od_cur_dec(&l, &n) && n <= UINT32_MAX && !rep->bug_file) {
			rep->bug_file = od_arena_strndup(&rep->arena, s, (size_t)(colon - s));
			rep->bug_line = (uint32_t)n;
		}
		c.p = l.p;
	}
	od_cur_blanks(&c);
	od_cur_lit(&c, "at ");
	if (od_frame_location(rep, &c, &frame) && (frame.symbol || frame.addr)) {
		od_incident_set_pc(inc, rec, &frame, false);
		inc->warn_frame = true;
	}
	if (od_cur_past(&c, "CPU#") && od_cur_dec(&c, &n) && n <= INT32_MAX) {
		rep->cpu = (int32_t)n;
		if (od_cur_lit(&c, ": "))
			od_comm_pid(inc, c.p, c.end, '/');
	}
	od_subject(inc, rec);
	for (size_t i = 0; rep->bug_file && i < sizeof(warn_files) / sizeof(*warn_files); i++) {
		size_t len = strlen(rep->bug_file), m = strlen(warn_files[i].file);

		if (len < m || strcmp(rep->bug_file + len - m, warn_files[i].file) != 0 || inc->named)
			continue;
		rep->kind = warn_files[i].kind;
		rep->subkind = warn_files[i].subkind;
	}
}

static void refcount(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	static const struct {
		const char *text, *subkind;
	} texts[] = { { "underflow", "underflow" },
		      { "saturated", "saturated" },
		      { "addition on 0", "addition-on-zero" },
		      { "decrement hit 0", "decrement-hit-zero" } };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (od_find(c.p, od_cur_left(&c), texts[i].text))
			inc->rep->subkind = texts[i].subkind;
	od_subject(inc, rec);
}

/* "refcount_t hit zero at f+0x2b/0x70 in comm[5], uid/euid: 0/0": 4.13 to 5.4 */
static bool check_refcount_at(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_cur_past(&c, " at ") && od_cur_past(&c, "+0x") && od_cur_past(&c, " in");
}

static void refcount_at(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *s = c.p, *pid;
	struct od_frame frame;
	uint64_t n;

	od_subject(inc, rec);
	if (!od_cur_past(&c, " at "))
		return;
	rep->subkind = od_kebab(rep, s, (size_t)(c.p - 4 - s), ":,");
	if (od_frame_location(rep, &c, &frame) && frame.symbol) {
		od_section_open(inc, "reported", true);
		od_stack_push(inc, rec, &frame);
		od_section_close(inc);
	}
	if (!od_cur_past(&c, " in "))
		return;
	s = c.p;
	if (!od_cur_past(&c, "], uid") && !od_cur_past(&c, "]"))
		return;
	pid = memchr(s, '[', (size_t)(c.p - s));
	if (!pid || rep->comm)
		return;
	rep->comm = od_arena_strndup(&rep->arena, s, (size_t)(pid - s));
	if (od_cur_dec(&(struct od_cursor){ pid + 1, c.end }, &n) && n <= INT32_MAX)
		rep->pid = (int32_t)n;
}

/* "ODEBUG: free active (active state 0) object: ffff.. object type: timer_list hint: f+0x0/0x1" */
static bool check_odebug(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), " object type: ") != NULL;
}

static void odebug(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *s = c.p;

	od_subject(inc, rec);
	rep->subkind = od_kebab(rep, s, od_cur_left(&c), "(");
	if (od_cur_past(&c, "object type: ")) {
		s = c.p;
		while (!od_cur_end(&c) && !od_is_blank(*c.p))
			c.p++;
		od_detail_str(rep, "object_type", s, (size_t)(c.p - s));
	}
	if (od_cur_past(&c, "hint: "))
		od_detail_str(rep, "hint", c.p, od_cur_left(&c));
}

/* "BUG: scheduling while atomic: comm/123/0x00000002" */
static void scheduling(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *end = c.end;

	od_subject(inc, rec);
	while (end > c.p && end[-1] != '/')
		end--;
	if (end > c.p) {
		struct od_cursor count = { end, c.end };
		uint64_t v;

		if (od_cur_0x(&count, &v))
			od_detail_num(inc->rep, "preempt_count", v);
		od_comm_pid(inc, c.p, end - 1, '/');
	}
}

/* "BUG: sleeping function called from invalid context at mm/slab.h:494" */
static void sleeping(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *colon;
	uint64_t n;

	od_subject(inc, rec);
	if (!od_cur_past(&c, " at "))
		return;
	colon = memchr(c.p, ':', od_cur_left(&c));
	if (colon) {
		struct od_cursor l = { colon + 1, c.end };

		rep->bug_file = od_arena_strndup(&rep->arena, c.p, (size_t)(colon - c.p));
		if (od_cur_dec(&l, &n) && n <= UINT32_MAX)
			rep->bug_line = (uint32_t)n;
	}
}

/* "BUG: using smp_processor_id() in preemptible [00000000] code: comm/123" */
static bool check_preemptible(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), " in preemptible ") != NULL;
}

static void preemptible(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *s = c.p;
	const char *paren = memchr(s, '(', od_cur_left(&c));

	od_subject(inc, rec);
	if (paren)
		od_detail_str(inc->rep, "accessor", s, (size_t)(paren - s));
	if (od_cur_past(&c, "code: "))
		od_comm_pid(inc, c.p, c.end, '/');
	inc->bare = true;
}

/* "caller is f+0x1/0x2": who did it, before the trace. */
static bool caller_is(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;

	if (!od_kind_is(inc, OD_KIND_ATOMIC_SLEEP) || !od_frame_location(inc->rep, &c, &frame) ||
	    !frame.symbol)
		return false;
	od_section_open(inc, "caller", true);
	od_stack_push(inc, rec, &frame);
	od_section_close(inc);
	return true;
}

/* "in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 5, name: comm" */
static bool in_atomic(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	(void)rec;
	if (od_cur_dec(&c, &n))
		od_detail_num(inc->rep, "in_atomic", n);
	if (od_past_dec(&c, "irqs_disabled(): ", &n))
		od_detail_num(inc->rep, "irqs_disabled", n);
	if (od_past_dec(&c, "pid: ", &n) && n <= INT32_MAX && inc->rep->pid < 0)
		inc->rep->pid = (int32_t)n;
	if (od_cur_past(&c, "name: ") && !inc->rep->comm)
		inc->rep->comm = od_rest(inc->rep, c);
	return true;
}

/* "BUG: spinlock bad magic on CPU#1, comm/123" */
static bool check_spinlock(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), " on CPU#") || od_find(c.p, od_cur_left(&c), " on UP on CPU#");
}

static void spinlock(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *on = od_find(c.p, od_cur_left(&c), " on ");
	uint64_t n;

	od_subject(inc, rec);
	if (on)
		inc->rep->subkind = od_kebab(inc->rep, c.p, (size_t)(on - c.p), ":,");
	if (od_cur_past(&c, "CPU#") && od_cur_dec(&c, &n) && n <= INT32_MAX)
		inc->rep->cpu = (int32_t)n;
	if (od_cur_past(&c, ", "))
		od_comm_pid(inc, c.p, c.end, '/');
}

/* "lock: sym+0x0/0x40, .magic: 00000000, .owner: comm/5, .owner_cpu: 0" */
static bool lock_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	if (!od_kind_is(inc, OD_KIND_SPINLOCK))
		return false;
	od_detail_str(inc->rep, "lock", c.p, od_cur_left(&c));
	return od_rule_link(inc, rec, c);
}

/* "irq 16: nobody cared (try booting with the "irqpoll" option)" */
static bool check_irq(const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	(void)rec;
	return od_cur_dec(&c, &n) && od_cur_lit(&c, ": nobody cared");
}

static void irq(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	od_subject(inc, rec);
	if (od_cur_dec(&c, &n))
		od_detail_num(inc->rep, "irq", n);
	inc->state = 1;
}

/* "handlers:" and then "[<addr>] f threaded [<addr>] g [mod]" */
static bool handlers(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	if (!od_kind_is(inc, OD_KIND_IRQ_NOBODY_CARED))
		return false;
	od_section_open(inc, "handlers", true);
	inc->bare = true;
	return true;
}

/* "NETDEV WATCHDOG: eth0 (e1000): transmit queue 0 timed out", since 6.8 with "CPU: 1: " */
static void netdev(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const struct od_detail *driver;
	const char *s = c.p;
	uint64_t n;

	od_subject(inc, rec);
	if (od_cur_lit(&c, "CPU: ") && od_cur_dec(&c, &n) && od_cur_lit(&c, ": "))
		s = c.p;
	while (!od_cur_end(&c) && !od_is_blank(*c.p) && *c.p != ':')
		c.p++;
	/*
	 * Since 6.6 the device stands before: "eth0 (e1000): NETDEV WATCHDOG: CPU: 1: transmit queue", or
	 * "e1000 0000:00:03.0 eth0: NETDEV WATCHDOG: ..".
	 */
	if (!od_starts(rec->text, "NETDEV ")) {
		const char *colon = od_find(rec->text, rec->len, ": NETDEV");
		const char *word = s = rec->text;
		unsigned words = 1;

		for (const char *p = s; colon && p < colon; p++)
			if (*p == ' ') {
				words++;
				word = p + 1;
			}
		if (words == 3) {
			c.p = memchr(s, ' ', (size_t)(colon - s));
			od_detail_str(rep, "driver", s, (size_t)(c.p - s));
			s = word;
		}
		c.p = s;
		while (!od_cur_end(&c) && !od_is_blank(*c.p) && *c.p != ':')
			c.p++;
	}
	od_detail_str(rep, "device", s, (size_t)(c.p - s));
	od_cur_blanks(&c);
	if (od_cur_char(&c, '(')) {
		s = c.p;
		while (!od_cur_end(&c) && *c.p != ')')
			c.p++;
		od_detail_str(rep, "driver", s, (size_t)(c.p - s));
	}
	if (od_past_dec(&c, "queue ", &n))
		od_detail_num(rep, "queue", n);
	if (od_past_dec(&c, "timed out ", &n))
		od_detail_num(rep, "milliseconds", n);
	driver = od_report_detail(rep, "driver");
	rep->subkind = driver ? driver->string : NULL;
}

/* "unregister_netdevice: waiting for lo to become free. Usage count = 1" */
static void unregister(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *end = od_find(c.p, od_cur_left(&c), " to become free");
	uint64_t n;

	od_subject(inc, rec);
	if (end)
		od_detail_str(inc->rep, "device", c.p, (size_t)(end - c.p));
	if (od_past_dec(&c, "count = ", &n))
		od_detail_num(inc->rep, "usage_count", n);
}

/* "Assertion failure in jbd2_journal_commit() at fs/jbd2/commit.c:12: \"expr\"" */
static void assertion(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	od_subject(inc, rec);
	od_detail_str(inc->rep, "condition", c.p, od_cur_left(&c));
}

/* "smp: csd: Detected non-responsive CSD lock (#1) on CPU#0, waiting 5000000032 ns for CPU#01 f+0x0/0x1(..)." */
static void csd(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	od_subject(inc, rec);
	if (od_past_dec(&c, "on CPU#", &n) && n <= INT32_MAX)
		inc->rep->cpu = (int32_t)n;
	if (od_past_dec(&c, "for CPU#", &n)) {
		struct od_frame frame;

		od_detail_num(inc->rep, "waits_for_cpu", n);
		od_cur_blanks(&c);
		if (od_frame_location(inc->rep, &c, &frame) && frame.symbol) {
			frame.flags |= OD_FRAME_POINTER;
			od_section_open(inc, "called function", true);
			od_stack_push(inc, rec, &frame);
			od_section_close(inc);
		}
	}
}

/* "[<addr>] f [mod] threaded [<addr>] g": a handler has no offset. */
bool od_check_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	bool any = false;

	if (!inc->section || strcmp(inc->section, "handlers") != 0)
		return false;
	while (od_cur_past(&c, ">] ")) {
		struct od_frame frame = { 0 };
		const char *s = c.p;

		while (od_is_alnum(od_cur_peek(&c)) || od_cur_peek(&c) == '_' || od_cur_peek(&c) == '.')
			c.p++;
		if (c.p == s)
			break;
		frame.symbol = od_arena_strndup(&inc->rep->arena, s, (size_t)(c.p - s));
		if (od_cur_lit(&c, " [") && od_cur_peek(&c) != '<') {
			s = c.p;
			while (!od_cur_end(&c) && *c.p != ']' && *c.p != ' ')
				c.p++;
			frame.module = od_arena_strndup(&inc->rep->arena, s, (size_t)(c.p - s));
		}
		any |= od_stack_push(inc, rec, &frame) != NULL;
	}
	return any;
}

const struct od_trigger od_check_triggers[] = {
	{ "refcount_t: ", OD_ROLE_MESSAGE, 0, OD_KIND_REFCOUNT, NULL, NULL, refcount },
	{ "refcount_t ", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_REFCOUNT, NULL, check_refcount_at, refcount_at },
	{ "ODEBUG: ", OD_ROLE_MESSAGE, 0, OD_KIND_ODEBUG, NULL, check_odebug, odebug },
	{ "NETDEV WATCHDOG: ", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_NETDEV_WATCHDOG, NULL, NULL, netdev },
	{ "WARNING: ", OD_ROLE_CARRIER, 0, OD_KIND_WARNING, NULL, check_warning, warning },
	{ "Badness at ", OD_ROLE_CARRIER, 0, OD_KIND_WARNING, NULL, NULL, warning },
	{ "WARNING: kernel stack regs at ", OD_ROLE_DETECT, 0, OD_KIND_WARNING, "unwinder", NULL, od_parse_subject },
	{ "WARNING: kernel stack frame pointer at ", OD_ROLE_DETECT, 0, OD_KIND_WARNING, "unwinder", NULL, od_parse_subject },
	{ "WARNING: can't dereference registers at ", OD_ROLE_DETECT, 0, OD_KIND_WARNING, "unwinder", NULL, od_parse_subject },
	{ "WARNING: stack recursion on stack type", OD_ROLE_DETECT, 0, OD_KIND_WARNING, "unwinder", NULL, od_parse_subject },
	{ "RTNL: assertion failed at ", OD_ROLE_DETECT, 0, OD_KIND_WARNING, "rtnl", NULL, od_parse_subject },
	{ "proc_dir_entry '", OD_ROLE_MESSAGE, 0, OD_KIND_WARNING, "proc", NULL, od_parse_subject },
	{ "sysfs: cannot create duplicate filename ", OD_ROLE_MESSAGE, 0, OD_KIND_WARNING, "sysfs", NULL, od_parse_subject },
	{ "BUG: scheduling while atomic: ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_ATOMIC_SLEEP, "scheduling", NULL, scheduling },
	{ "BUG: sleeping function called from invalid context", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_ATOMIC_SLEEP, "sleeping", NULL, sleeping },
	{ "BUG: using ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_ATOMIC_SLEEP, "preemptible", check_preemptible, preemptible },
	{ "BUG: assuming non migratable context", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_ATOMIC_SLEEP, "migratable", NULL, od_parse_subject },
	{ "BUG: assuming atomic context at ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_ATOMIC_SLEEP, "not-atomic", NULL, sleeping },
	{ "BUG: spinlock ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_SPINLOCK, NULL, check_spinlock, spinlock },
	{ "BUG: rwlock ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_SPINLOCK, NULL, check_spinlock, spinlock },
	{ "BUG: rwlock-", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_SPINLOCK, NULL, check_spinlock, spinlock },
	{ "irq ", OD_ROLE_DETECT, 0, OD_KIND_IRQ_NOBODY_CARED, NULL, check_irq, irq },
	{ "unregister_netdevice: waiting for ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_UNREGISTER_NETDEVICE, NULL, NULL, unregister },
	{ "Assertion failure in ", OD_ROLE_MESSAGE, 0, OD_KIND_KERNEL_BUG, "assertion", NULL, assertion },
	{ "csd: Detected non-responsive CSD lock", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_CSD_LOCK, NULL, NULL, csd },
	{ "page dumped because: ", OD_ROLE_WEAK, OD_INSIDE, OD_KIND_OTHER, "page-dump", NULL, od_parse_subject },
	{ "BUG: ", OD_ROLE_WEAK, OD_INSIDE, OD_KIND_OTHER, NULL, NULL, od_parse_subject },
	{ "WARNING: ", OD_ROLE_WEAK, OD_INSIDE, OD_KIND_OTHER, NULL, NULL, od_parse_subject },
	{ "INFO: ", OD_ROLE_WEAK, OD_INSIDE, OD_KIND_OTHER, NULL, NULL, od_parse_subject },
	{ 0 },
};

const struct od_rule od_check_rules[] = {
	{ "caller is ", caller_is },
	{ "in_atomic(): ", in_atomic },
	{ "lock: ", lock_line },
	{ "handlers:", handlers },
	{ "RCU nest depth: ", od_rule_accept },
	{ "preempt_count: ", od_rule_accept },
	{ "Disabling IRQ #", od_rule_link },
	{ NULL, NULL },
};
