/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What begins an incident, or joins one that has begun. Text of x86 since 3.10; the sources are
 * named in the rows' functions where a wording is not the kernel's own constant.
 */
#include <stdio.h>
#include <string.h>

#include "text/hw.h"
#include "text/incident.h"

static void subject(struct od_incident *inc, const struct od_record *rec)
{
	if (!inc->rep->subject)
		inc->rep->subject =
			od_rest(inc->rep, od_cursor_init(rec->text, rec->len));
}

/* "0000000000000008", "0x..", "           (null)" */
static void fault_address(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	uint64_t v;

	subject(inc, rec);
	if (rep->has_fault_address)
		return;
	if (!od_cur_past(&c, "at "))
		od_cur_past(&c, "address: ");
	od_cur_blanks(&c);
	od_cur_lit(&c, "virtual address ");
	od_cur_lit(&c, "0x");
	if (od_cur_lit(&c, "(null)"))
		v = 0;
	else if (!od_cur_hex(&c, &v, NULL))
		return;
	rep->fault_address = v;
	rep->has_fault_address = true;
}

/* "mm/slub.c:3772!": file and line of a BUG. */
static void bug_location(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	static const struct {
		const char *file;
		enum od_kind kind;
	} kinds[] = {
		{ "lib/list_debug.c", OD_KIND_LIST_CORRUPTION },
		{ "mm/usercopy.c", OD_KIND_USERCOPY },
		{ "lib/string.c", OD_KIND_FORTIFY },
		{ "lib/string_helpers.c", OD_KIND_FORTIFY },
	};
	struct od_report *rep = inc->rep;
	const char *colon = memchr(c.p, ':', od_cur_left(&c));
	const char *slash, *dot;
	struct od_cursor l;
	uint64_t line;

	subject(inc, rec);
	if (rep->bug_file || !colon || colon - c.p > 255)
		return;
	l = (struct od_cursor){ colon + 1, c.end };
	if (!od_cur_dec(&l, &line) || line > UINT32_MAX)
		return;
	rep->bug_file = od_arena_strndup(&rep->arena, c.p, (size_t)(colon - c.p));
	rep->bug_line = (uint32_t)line;
	if (rep->kind != OD_KIND_KERNEL_BUG)
		return;
	slash = strrchr(rep->bug_file, '/');
	slash = slash ? slash + 1 : rep->bug_file;
	dot = strrchr(slash, '.');
	rep->subkind = od_arena_strndup(&rep->arena, slash, dot ? (size_t)(dot - slash) : strlen(slash));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		size_t n = strlen(rep->bug_file), m = strlen(kinds[i].file);

		if (n >= m && !strcmp(rep->bug_file + n - m, kinds[i].file)) {
			rep->kind = kinds[i].kind;
			rep->subkind = NULL;
		}
	}
}

static bool check_bug_location(const struct od_record *rec, struct od_cursor c)
{
	const char *bang = memchr(c.p, '!', od_cur_left(&c));

	(void)rec;
	return bang && memchr(c.p, ':', (size_t)(bang - c.p));
}

/* --- die() headers: "invalid opcode: 0000 [#1] PREEMPT SMP" --------------------- */

static bool check_die(const struct od_record *rec, struct od_cursor c)
{
	const char *hash = c.p - 2; /* c stands after " [#" */
	struct od_cursor n = c;
	uint64_t count;
	int hex = 0;

	if (!od_cur_dec(&n, &count) || !od_cur_char(&n, ']'))
		return false;
	/* Before it: ": hhhh", the error code. */
	for (const char *p = hash - 2; p > rec->text && od_is_hex(*p); p--)
		hex++;
	return hex >= 4 && hex <= 16 && hash - rec->text > hex + 4;
}

static const struct {
	const char *text;
	enum od_kind kind;
	const char *subkind;
} die_texts[] = {
	{ "general protection fault", OD_KIND_GPF, NULL },
	{ "segment-related general protection fault", OD_KIND_GPF, "segment" },
	{ "invalid opcode", OD_KIND_TRAP, "invalid-opcode" },
	{ "divide error", OD_KIND_TRAP, "divide-error" },
	{ "divide_error", OD_KIND_TRAP, "divide-error" },
	{ "double fault", OD_KIND_DOUBLE_FAULT, NULL },
	{ "stack guard page", OD_KIND_STACK_GUARD, NULL },
	{ "kernel stack overflow", OD_KIND_STACK_GUARD, NULL },
	{ "alignment check", OD_KIND_ALIGNMENT, NULL },
};

static void die_header(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_cursor t = od_cursor_init(rec->text, rec->len);
	const char *end;
	uint64_t n;

	if (od_cur_dec(&c, &n) && n <= UINT32_MAX && !od_report_detail(rep, "oops_count"))
		od_report_detail_num(rep, "oops_count", n);
	/*
	 * "general protection fault, probably for non-canonical address 0x...: 0000 [#1]": the error
	 * code of a fault. After a BUG the exception is only its messenger, and the code is none.
	 */
	if (!rep->has_error_code && (!inc->named || rep->kind == OD_KIND_PAGE_FAULT ||
				     rep->kind == OD_KIND_NULL_DEREF)) {
		const char *p = c.p;
		struct od_cursor code;

		while (p > rec->text && *p != '[')
			p--;
		while (p > rec->text && *p != ':')
			p--;
		code = (struct od_cursor){ p + 1, c.end };
		od_cur_blanks(&code);
		if (od_cur_hex(&code, &rep->error_code, NULL))
			rep->has_error_code = true;
	}
	if (rep->kind != OD_KIND_NONE && inc->named)
		return;
	subject(inc, rec);
	/* Since 6.10 every exception's name has "Oops: " before it; alone it is a page fault's. */
	if (od_cur_lit(&t, "Oops: ") && od_is_hex(od_cur_peek(&t)) &&
	    od_find(t.p, od_cur_left(&t), " [#") == t.p + 4)
		rep->kind = OD_KIND_PAGE_FAULT;
	for (size_t i = 0; i < sizeof(die_texts) / sizeof(*die_texts); i++) {
		struct od_cursor d = t;

		if (od_cur_lit(&d, die_texts[i].text)) {
			rep->kind = die_texts[i].kind;
			rep->subkind = die_texts[i].subkind;
			break;
		}
	}
	if (rep->kind == OD_KIND_GPF) {
		struct od_cursor a = od_cursor_init(rec->text, rec->len);

		if (od_cur_past(&a, "address 0x") && od_cur_hex(&a, &rep->fault_address, NULL))
			rep->has_fault_address = true;
	}
	if (rep->kind == OD_KIND_OTHER || rep->kind == OD_KIND_NONE) {
		/* An exception that has no row: its own words, in kebab case. */
		end = memchr(t.p, ':', od_cur_left(&t));
		rep->kind = OD_KIND_TRAP;
		if (end && end - t.p < 48) {
			char *word = od_arena_strndup(&rep->arena, t.p, (size_t)(end - t.p));

			for (char *p = word; *p; p++)
				*p = od_is_alnum(*p) ? (char)(*p | (*p >= 'A' && *p <= 'Z' ? 0x20 : 0)) : '-';
			rep->subkind = word;
		}
	}
}

/* --- panic ---------------------------------------------------------------------- */

/* Panics that only follow from something else. */
static const char *const secondary[] = {
	"Fatal exception", "panic_on_warn set", "panic_on_oops", "hung_task: blocked tasks",
	"softlockup: hung tasks", "Hard LOCKUP", "RCU Stall", "system warned too often",
	"Oopsed too often", "panic_on_taint", "Oops failed to kill thread",
};

static bool is_secondary(const struct od_record *rec)
{
	for (size_t i = 0; i < sizeof(secondary) / sizeof(*secondary); i++)
		if (od_find(rec->text, rec->len, secondary[i]))
			return true;
	return false;
}

static void panic(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;

	inc->panicked = true;
	if (inc->named)
		return;
	subject(inc, rec);
	if (is_secondary(rec))
		rep->truncated = "the report that led to this panic is not in the input";
	if (od_cur_lit(&c, "stack-protector: "))
		rep->kind = OD_KIND_STACK_PROTECTOR;
	else if (od_find(c.p, od_cur_left(&c), "stack guard page") ||
		 od_find(c.p, od_cur_left(&c), "kernel stack overflow"))
		rep->kind = OD_KIND_STACK_GUARD;
}

/* --- warnings ------------------------------------------------------------------- */

/*
 * "WARNING: CPU: 1 PID: 5 at mm/slab_common.c:987 f+0x5a/0x80 [mod]"     since 3.11
 * "WARNING: at mm/slub.c:123 f+0x5a/0x80 [mod]()"                         before
 * "WARNING: mm/slub.c:123 at f+0x5a/0x80, CPU#1: comm/5"                  since 6.18
 */
static bool check_warning(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), ".c:") || od_find(c.p, od_cur_left(&c), ".h:") ||
	       od_find(c.p, od_cur_left(&c), ".rs:");
}

static void warning(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_frame frame;
	uint64_t n;
	const char *s, *colon;

	if (rep->kind != OD_KIND_WARNING)
		inc->warn_frame = false;
	if (od_cur_lit(&c, "CPU: ") && od_cur_dec(&c, &n) && n <= INT32_MAX)
		rep->cpu = (int32_t)n;
	od_cur_blanks(&c);
	if (od_cur_lit(&c, "PID: ") && od_cur_dec(&c, &n) && n <= INT32_MAX)
		rep->pid = (int32_t)n;
	od_cur_blanks(&c);
	od_cur_lit(&c, "at ");
	s = c.p;
	while (!od_cur_end(&c) && !od_is_blank(*c.p))
		c.p++;
	colon = memchr(s, ':', (size_t)(c.p - s));
	if (colon && colon > s) {
		struct od_cursor l = { colon + 1, c.p };

		if (od_cur_dec(&l, &n) && n <= UINT32_MAX) {
			rep->bug_file = od_arena_strndup(&rep->arena, s, (size_t)(colon - s));
			rep->bug_line = (uint32_t)n;
		}
	}
	od_cur_blanks(&c);
	od_cur_lit(&c, "at ");
	if (od_frame_location(rep, &c, &frame)) {
		frame.lines = (struct od_lines){ rec->lineno, rec->lineno_last };
		inc->warn_frame = true;
		od_incident_set_pc(inc, &frame, false);
		inc->warn_frame = true;
	}
	subject(inc, rec);
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
	subject(inc, rec);
}

static void lockup(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	subject(inc, rec);
	if (od_cur_past(&c, "CPU#") && od_cur_dec(&c, &n) && n <= INT32_MAX)
		inc->rep->cpu = (int32_t)n;
	if (od_cur_past(&c, "stuck for ") && od_cur_dec(&c, &n) && n <= UINT32_MAX)
		od_report_detail_num(inc->rep, "seconds", n);
	if (od_cur_past(&c, "[")) {
		const char *colon = NULL;

		for (const char *p = c.p; p < c.end && *p != ']'; p++)
			if (*p == ':')
				colon = p;
		if (colon) {
			struct od_cursor pid = { colon + 1, c.end };

			inc->rep->comm = od_arena_strndup(&inc->rep->arena, c.p, (size_t)(colon - c.p));
			if (od_cur_dec(&pid, &n) && n <= INT32_MAX)
				inc->rep->pid = (int32_t)n;
		}
	}
}

static bool check_hung(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), " blocked for more than ") ||
	       od_find(c.p, od_cur_left(&c), " blocked in I/O wait for more than ");
}

static void hung(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *blocked = od_find(c.p, od_cur_left(&c), " blocked "), *colon;
	struct od_cursor t;
	uint64_t n;

	subject(inc, rec);
	for (colon = blocked; colon > c.p && *colon != ':'; colon--)
		;
	t = (struct od_cursor){ colon + 1, c.end };
	if (colon > c.p && od_cur_dec(&t, &n) && n <= INT32_MAX) {
		inc->rep->comm = od_arena_strndup(&inc->rep->arena, c.p, (size_t)(colon - c.p));
		inc->rep->pid = (int32_t)n;
	}
	t = c;
	if (od_cur_past(&t, "more than ") && od_cur_dec(&t, &n) && n <= UINT32_MAX)
		od_report_detail_num(inc->rep, "seconds", n);
}

/* "BUG kmalloc-64 (Tainted: G  B): Object already free" */
static bool check_slub(const struct od_record *rec, struct od_cursor c)
{
	const char *paren = memchr(c.p, '(', od_cur_left(&c));

	(void)rec;
	return paren && (od_find(paren, (size_t)(c.end - paren), "ainted")) &&
	       od_find(paren, (size_t)(c.end - paren), "): ");
}

static void slub(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *paren = memchr(c.p, '(', od_cur_left(&c));
	struct od_cursor why = c;
	size_t n = 0;
	char *word;

	subject(inc, rec);
	if (paren && paren > c.p + 1)
		od_report_detail_str(rep, "cache", c.p, (size_t)(paren - 1 - c.p));
	if (!od_cur_past(&why, "): "))
		return;
	od_report_detail_str(rep, "reason", why.p, od_cur_left(&why));
	/* The reason's words, without its numbers: "Padding overwritten. 0x...-0x..." */
	while (n < od_cur_left(&why) && n < 40 && why.p[n] != '.' && why.p[n] != '(' &&
	       !(why.p[n] == '0' && n + 1 < od_cur_left(&why) && why.p[n + 1] == 'x'))
		n++;
	while (n && od_is_blank(why.p[n - 1]))
		n--;
	word = od_arena_strndup(&rep->arena, why.p, n);
	for (char *p = word; *p; p++)
		*p = od_is_alnum(*p) ? (char)(*p | (*p >= 'A' && *p <= 'Z' ? 0x20 : 0)) : '-';
	rep->subkind = word;
}

static void only_subject(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	subject(inc, rec);
}

/* "fn: Wrong slab cache. A but object is from B" */
static void wrong_cache(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	subject(inc, rec);
}

/* Order matters where one literal is the start of another: the longer one first. */
static const struct od_trigger triggers[] = {
	{ "list_add corruption", OD_ROLE_DETECT, false, OD_KIND_LIST_CORRUPTION, "list-add", NULL, only_subject },
	{ "list_add double add", OD_ROLE_DETECT, false, OD_KIND_LIST_CORRUPTION, "list-add", NULL, only_subject },
	{ "list_del corruption", OD_ROLE_DETECT, false, OD_KIND_LIST_CORRUPTION, "list-del", NULL, only_subject },
	{ "usercopy: Kernel memory ", OD_ROLE_DETECT, false, OD_KIND_USERCOPY, NULL, NULL, only_subject },
	{ "detected buffer overflow in ", OD_ROLE_DETECT, true, OD_KIND_FORTIFY, NULL, NULL, only_subject },
	{ "refcount_t: ", OD_ROLE_DETECT, false, OD_KIND_REFCOUNT, NULL, NULL, refcount },
	{ "Wrong slab cache. ", OD_ROLE_DETECT, true, OD_KIND_SLUB, "wrong-cache", NULL, wrong_cache },
	{ "Object is not a Slab page!", OD_ROLE_DETECT, true, OD_KIND_SLUB, "not-a-slab-page", NULL, only_subject },
	{ "------------[ cut here ]------------", OD_ROLE_CUT, false, OD_KIND_NONE, NULL, NULL, NULL },
	{ "kernel BUG at ", OD_ROLE_DETECT, true, OD_KIND_KERNEL_BUG, NULL, check_bug_location, bug_location },
	{ "BUG: unable to handle page fault for address: ", OD_ROLE_DETECT, true, OD_KIND_PAGE_FAULT, NULL, NULL, fault_address },
	{ "BUG: unable to handle kernel paging request", OD_ROLE_DETECT, true, OD_KIND_PAGE_FAULT, NULL, NULL, fault_address },
	{ "BUG: kernel NULL pointer dereference", OD_ROLE_DETECT, true, OD_KIND_NULL_DEREF, NULL, NULL, fault_address },
	{ "BUG: unable to handle kernel NULL pointer dereference", OD_ROLE_DETECT, true, OD_KIND_NULL_DEREF, NULL, NULL, fault_address },
	{ "stack guard page was hit at ", OD_ROLE_DETECT, true, OD_KIND_STACK_GUARD, NULL, NULL, only_subject },
	{ "PANIC: double fault", OD_ROLE_DETECT, true, OD_KIND_DOUBLE_FAULT, NULL, NULL, only_subject },
	{ "BUG: soft lockup", OD_ROLE_DETECT, true, OD_KIND_SOFT_LOCKUP, NULL, NULL, lockup },
	{ "Watchdog detected hard LOCKUP on cpu ", OD_ROLE_DETECT, true, OD_KIND_HARD_LOCKUP, NULL, NULL, only_subject },
	{ "BUG: scheduling while atomic: ", OD_ROLE_DETECT, true, OD_KIND_ATOMIC_SLEEP, "scheduling", NULL, only_subject },
	{ "BUG: sleeping function called from invalid context", OD_ROLE_DETECT, true, OD_KIND_ATOMIC_SLEEP, "sleeping", NULL, only_subject },
	{ "BUG: Bad page state in process ", OD_ROLE_DETECT, true, OD_KIND_BAD_PAGE, "state", NULL, only_subject },
	{ "self-detected stall on CPU", OD_ROLE_DETECT, true, OD_KIND_RCU_STALL, "self", NULL, only_subject },
	{ "detected stalls on CPUs/tasks:", OD_ROLE_DETECT, true, OD_KIND_RCU_STALL, NULL, NULL, only_subject },
	{ "detected expedited stalls on CPUs/tasks:", OD_ROLE_DETECT, true, OD_KIND_RCU_STALL, "expedited", NULL, only_subject },
	{ "INFO: task ", OD_ROLE_DETECT, false, OD_KIND_HUNG_TASK, NULL, check_hung, hung },
	{ "BUG ", OD_ROLE_DETECT, false, OD_KIND_SLUB, NULL, check_slub, slub },
	{ "WARNING: ", OD_ROLE_DETECT, false, OD_KIND_WARNING, NULL, check_warning, warning },
	{ "Kernel panic - not syncing: ", OD_ROLE_PANIC, true, OD_KIND_PANIC, NULL, NULL, panic },
	{ " [#", OD_ROLE_DIE, true, OD_KIND_OTHER, NULL, check_die, die_header },
};
enum { NTRIGGERS = sizeof(triggers) / sizeof(*triggers) };

/* The same literals for the prefilter, and those that show a crash whose head is lost. */
const char *const od_trigger_markers[] = {
	"list_add ", "list_del ", "usercopy: Kernel", "detected buffer overflow", "refcount_t: ",
	"Wrong slab cache", "not a Slab page!", "[ cut here ]", "kernel BUG at ", "BUG: ",
	"stack guard page", "PANIC: ", "BUG ", "hard LOCKUP", "INFO: task ", "detected stall", "expedited stall", "WARNING: ",
	"Kernel panic", " [#", "Call Trace", "+0x", "end trace", "RIP: ", "Linux version ",
	"self-detected", "#1 Part", "#2 Part", "<signal handler called>", " in ?? (",
	"#0  ", "#1  ", "#2  ", "received signal SIG", "terminated with signal ", NULL,
};

const struct od_trigger *od_trigger_find(const struct od_record *rec, struct od_cursor *at)
{
	const struct od_trigger *hw = od_hw_trigger_find(rec, at);

	if (hw)
		return hw;
	for (size_t i = 0; i < NTRIGGERS; i++) {
		const struct od_trigger *t = &triggers[i];
		struct od_cursor c = od_cursor_init(rec->text, rec->len);

		if (!(t->anywhere ? od_cur_past(&c, t->literal) :
		      od_cur_peek(&c) == *t->literal && od_cur_lit(&c, t->literal)))
			continue;
		if (t->check && !t->check(rec, c))
			continue;
		*at = c;
		return t;
	}
	return NULL;
}
