/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exceptions, BUG() and panic(). Sources: arch/x86/mm/fault.c, arch/x86/kernel/{traps,dumpstack}.c,
 * lib/bug.c, lib/list_debug.c, mm/usercopy.c, lib/string_helpers.c, kernel/panic.c,
 * rust/kernel/lib.rs; 2.6.32 to 6.17.
 */
#include <string.h>

#include "text/families.h"

/* "0000000000000008", "0x..", "           (null)" */
static void fault_address(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	uint64_t v;

	od_subject(inc, rec);
	if (rep->has_fault_address)
		return;
	if (!od_cur_past(&c, "at ") && !od_cur_past(&c, "address: ")) {
		od_cur_blanks(&c);
		if (od_cur_lit(&c, "at")) /* folded: the address is on the next line */
			return;
	}
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

	od_subject(inc, rec);
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
	uint64_t n;

	if (od_cur_dec(&c, &n) && n <= UINT32_MAX)
		od_detail_num(rep, "oops_count", n);
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
	od_subject(inc, rec);
	/* Since 6.10 every exception's name has "Oops: " before it; alone it is a page fault's. */
	while (od_cur_lit(&t, "Oops: "))
		;
	if (od_is_hex(od_cur_peek(&t)) && od_find(t.p, od_cur_left(&t), " [#") == t.p + 4)
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
		rep->kind = OD_KIND_TRAP;
		rep->subkind = od_kebab(rep, t.p, od_cur_left(&t), ":");
	}
}

/* --- panic ---------------------------------------------------------------------- */

static const struct {
	const char *text;
	enum od_kind kind; /* OD_KIND_NONE: it only follows from something else */
	const char *subkind;
} panics[] = {
	{ "Fatal exception", OD_KIND_NONE, NULL },
	{ "panic_on_warn set", OD_KIND_NONE, NULL },
	{ "panic_on_oops", OD_KIND_NONE, NULL },
	{ "hung_task: blocked tasks", OD_KIND_NONE, "hung-task" },
	{ "softlockup: hung tasks", OD_KIND_NONE, "soft-lockup" },
	{ "Hard LOCKUP", OD_KIND_NONE, "hard-lockup" },
	{ "RCU Stall", OD_KIND_NONE, "rcu-stall" },
	{ "system warned too often", OD_KIND_NONE, NULL },
	{ "Oopsed too often", OD_KIND_NONE, NULL },
	{ "panic_on_taint", OD_KIND_NONE, NULL },
	{ "Oops failed to kill thread", OD_KIND_NONE, NULL },
	{ "stack-protector: ", OD_KIND_STACK_PROTECTOR, NULL },
	{ "stack guard page", OD_KIND_STACK_GUARD, NULL },
	{ "kernel stack overflow", OD_KIND_STACK_GUARD, NULL },
	{ "corrupted stack end detected", OD_KIND_PANIC, "corrupted-stack-end" },
	{ "Attempted to kill init", OD_KIND_PANIC, "init-killed" },
	{ "Attempted to kill the idle task", OD_KIND_PANIC, "idle-killed" },
	{ "killing interrupt handler", OD_KIND_PANIC, "interrupt-killed" },
	{ "nable to mount root fs", OD_KIND_PANIC, "no-root-fs" },
	{ "No working init found", OD_KIND_PANIC, "no-init" },
	{ "No init found", OD_KIND_PANIC, "no-init" },
	{ "Requested init ", OD_KIND_PANIC, "no-init" },
	{ "sysrq triggered crash", OD_KIND_PANIC, "sysrq" },
	{ "Out of memory", OD_KIND_PANIC, "out-of-memory" },
	{ "out of memory", OD_KIND_PANIC, "out-of-memory" },
	{ "System is deadlocked on memory", OD_KIND_PANIC, "out-of-memory" },
	{ "Fatal machine check", OD_KIND_MACHINE_CHECK, NULL },
	{ "Fatal local machine check", OD_KIND_MACHINE_CHECK, NULL },
	{ "Timeout: Not all CPUs entered broadcast exception handler", OD_KIND_MACHINE_CHECK, "timeout" },
	{ "Uncorrected hardware memory error", OD_KIND_MACHINE_CHECK, "memory" },
	{ "Fatal hardware error", OD_KIND_MACHINE_CHECK, "ghes" },
	{ "NMI: Not continuing", OD_KIND_NMI, NULL },
	{ "An NMI occurred", OD_KIND_NMI, NULL },
	{ "Memory failure", OD_KIND_MACHINE_CHECK, "memory" },
};

/* "Attempted to kill init! exitcode=0x0000000b": what wait() would say. */
static void exit_code(struct od_report *rep, struct od_cursor c)
{
	uint64_t code;

	if (!od_cur_past(&c, "exitcode=") || !od_cur_0x(&c, &code))
		return;
	od_detail_num(rep, "init_signal", code & 0x7f);
	od_detail_num(rep, "init_exit_status", code >> 8 & 0xff);
}

static void panic(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;

	inc->panicked = true;
	if (inc->named) {
		/* What panic() prints after this is its own trace. */
		if (inc->trace_seen || od_kind_is(inc, OD_KIND_HUNG_TASK) ||
		    (inc->any_trace && od_is_stall(inc))) {
			od_section_open(inc, "panic", true);
			inc->headed = inc->own_cpu = true;
		}
		return;
	}
	od_subject(inc, rec);
	for (size_t i = 0; i < sizeof(panics) / sizeof(*panics); i++) {
		if (!od_find(c.p, od_cur_left(&c), panics[i].text))
			continue;
		rep->subkind = panics[i].subkind;
		if (panics[i].kind == OD_KIND_NONE)
			rep->truncated = "the report that led to this panic is not in the input";
		else
			rep->kind = panics[i].kind;
		break;
	}
	exit_code(rep, c);
	/* "Kernel stack is corrupted in: f+0x1/0x2": the guilty function itself. */
	if (od_cur_past(&c, "is corrupted in: ")) {
		struct od_frame frame;

		if (od_frame_location(rep, &c, &frame) && frame.symbol) {
			od_section_open(inc, "corrupted", true);
			od_stack_push(inc, rec, &frame);
			od_section_close(inc);
		}
	}
}

/* "list_add corruption. prev->next should be next (..), but was .." */
static const char *const list_texts[] = { "list_add", "list_del" };

static void list_corruption(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	for (size_t i = 0; i < sizeof(list_texts) / sizeof(*list_texts); i++)
		if (od_find(rec->text, rec->len, list_texts[i]))
			inc->rep->subkind = i ? "list-del" : "list-add";
	od_subject(inc, rec);
}

/* "Kernel BUG at f+0x1/0x2 [verbose debug info unavailable]", and the location of CFI failures. */
static void bug_at_symbol(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;

	od_subject(inc, rec);
	od_cur_blanks(&c);
	if (od_frame_location(inc->rep, &c, &frame) && frame.symbol && !od_incident_has_pc(inc)) {
		od_incident_set_pc(inc, rec, &frame, false);
		inc->warn_frame = true;
	}
	if (od_cur_past(&c, "(target: ")) {
		const char *s = c.p;

		while (!od_cur_end(&c) && *c.p != ';' && *c.p != ')')
			c.p++;
		od_detail_str(inc->rep, "target", s, (size_t)(c.p - s));
	}
}

/* "rust_kernel: panicked at file.rs:1:2:" and on the next line the message. */
static void rust_panic(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *s = c.p, *colon;
	uint64_t line;

	(void)rec;
	/* Up to 6.6: panicked at 'message', file.rs:1:2; the message may hold quotes of its own. */
	if (od_cur_peek(&c) == '\'') {
		struct od_cursor m = { c.p + 1, c.end };

		while (od_cur_past(&m, "', "))
			s = m.p;
		if (s > c.p + 4) {
			inc->rep->subject = od_arena_strndup(&inc->rep->arena, c.p + 1, (size_t)(s - c.p - 4));
			od_detail_str(inc->rep, "reason", c.p + 1, (size_t)(s - c.p - 4));
		}
	}
	colon = memchr(s, ':', (size_t)(c.end - s));
	if (colon) {
		struct od_cursor l = { colon + 1, c.end };

		inc->rep->bug_file = od_arena_strndup(&inc->rep->arena, s, (size_t)(colon - s));
		if (od_cur_dec(&l, &line) && line <= UINT32_MAX)
			inc->rep->bug_line = (uint32_t)line;
	}
	inc->state = !inc->rep->subject;
}

/* Not "---[ end Kernel panic - ...". */
static bool check_begins_panic(const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	return !od_starts(rec->text, "---[ end ");
}

/* "kernel panic-not syncing", "Kernel Panic -- Not syncing :": as people type it, and trackers mend dashes. */
static bool check_typed_panic(const struct od_record *rec, struct od_cursor c)
{
	const char *p = c.p - strlen("not syncing");
	unsigned n = 0;

	while (p > rec->text && n++ < 8 && (p[-1] == ' ' || p[-1] == '-' || p[-1] == ':' || (unsigned char)p[-1] >= 0x80))
		p--;
	return p - rec->text >= 12 && !memcmp(p - 4, "anic", 4) && (p[-12] | 0x20) == 'k' &&
	       check_begins_panic(rec, c);
}

/* "Kernel panic: Attempted to kill init!", 2.4; people write so too, but not words of panic(). */
static bool check_old_panic(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	if (od_find(c.p, od_cur_left(&c), "trying to sleep"))
		return true;
	for (size_t i = 0; i < sizeof(panics) / sizeof(*panics); i++)
		if (od_find(c.p, od_cur_left(&c), panics[i].text))
			return true;
	return false;
}

static bool check_pf(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_cur_end(&c) || *c.p == ' ' || *c.p == ',';
}

/* What die() prints has its count behind it; somebody may have copied only the words. */
static bool check_no_count(const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	return !od_find(rec->text, rec->len, " [#");
}

static void gpf(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	od_subject(inc, rec);
	if (!inc->rep->has_fault_address && od_cur_hex(&c, &inc->rep->fault_address, NULL))
		inc->rep->has_fault_address = true;
}

/* "PANIC at range_tree.c:436:range_tree_remove_impl()": spl_panic(), the thread stops here. */
static bool check_spl_panic(const struct od_record *rec, struct od_cursor c)
{
	uint64_t line;

	(void)rec;
	return od_cur_past(&c, ".c:") && od_cur_dec(&c, &line) && od_cur_char(&c, ':');
}

static bool check_spl_verify(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), ") failed");
}

/* Order matters where one literal is the start of another: the longer one first. */
const struct od_trigger od_oops_triggers[] = {
	{ "list_add corruption", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_LIST_CORRUPTION, NULL, NULL, list_corruption },
	{ "list_add double add", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_LIST_CORRUPTION, NULL, NULL, list_corruption },
	{ "list_del corruption", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_LIST_CORRUPTION, NULL, NULL, list_corruption },
	{ "usercopy: Kernel memory ", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_USERCOPY, NULL, NULL, od_parse_subject },
	{ "usercopy: kernel memory ", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_USERCOPY, NULL, NULL, od_parse_subject },
	{ "detected buffer overflow", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_FORTIFY, NULL, NULL, od_parse_subject },
	{ "kernel tried to execute NX-protected page", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_PAGE_FAULT, "nx", NULL, od_parse_subject },
	{ "unable to execute userspace code (SMEP?)", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_PAGE_FAULT, "smep", NULL, od_parse_subject },
	{ "CFI failure at ", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_CFI, NULL, NULL, bug_at_symbol },
	{ "CFI failure (target: ", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_CFI, NULL, NULL, od_parse_subject },
	{ "no CFI hash found at", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_CFI, NULL, NULL, bug_at_symbol },
	{ "Missing ENDBR: ", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_CFI, "missing-endbr", NULL, bug_at_symbol },
	{ "rust_kernel: panicked at ", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_RUST_PANIC, NULL, NULL, rust_panic },
	{ "------------[ cut here ]------------", OD_ROLE_CUT, 0, OD_KIND_NONE, NULL, NULL, NULL },
	{ "kernel BUG at ", OD_ROLE_CARRIER, OD_ANYWHERE, OD_KIND_KERNEL_BUG, NULL, check_bug_location, bug_location },
	{ "Kernel BUG at ", OD_ROLE_CARRIER, 0, OD_KIND_KERNEL_BUG, NULL, NULL, bug_at_symbol },
	{ "BUG: unable to handle page fault for address: ", OD_ROLE_CARRIER, OD_ANYWHERE, OD_KIND_PAGE_FAULT, NULL, NULL, fault_address },
	{ "BUG: unable to handle kernel paging request", OD_ROLE_CARRIER, OD_ANYWHERE, OD_KIND_PAGE_FAULT, NULL, NULL, fault_address },
	{ "BUG: kernel NULL pointer dereference", OD_ROLE_CARRIER, OD_ANYWHERE, OD_KIND_NULL_DEREF, NULL, NULL, fault_address },
	{ "BUG: unable to handle kernel NULL pointer dereference", OD_ROLE_CARRIER, OD_ANYWHERE, OD_KIND_NULL_DEREF, NULL, check_pf, fault_address },
	/* As people type it off a screen. */
	{ "BUG unable to handle page fault", OD_ROLE_CARRIER, OD_ANYWHERE, OD_KIND_PAGE_FAULT, NULL, NULL, fault_address },
	{ "BUG unable to handle kernel paging request", OD_ROLE_CARRIER, OD_ANYWHERE, OD_KIND_PAGE_FAULT, NULL, NULL, fault_address },
	{ "BUG unable to handle kernel NULL pointer dereference", OD_ROLE_CARRIER, OD_ANYWHERE, OD_KIND_NULL_DEREF, NULL, NULL, fault_address },
	{ "stack guard page was hit at ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_STACK_GUARD, NULL, NULL, od_parse_subject },
	{ "PANIC: double fault", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_DOUBLE_FAULT, NULL, NULL, od_parse_subject },
	{ "BUG: double fault, gdt at", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_DOUBLE_FAULT, NULL, NULL, od_parse_subject },
	/* Somebody asked for it, perhaps because of what stands before; that did not do it. */
	{ "Kernel panic - not syncing: sysrq triggered crash", OD_ROLE_PANIC, OD_ANYWHERE | OD_ALONE, OD_KIND_PANIC, "sysrq", check_begins_panic, panic },
	{ "Kernel panic - not syncing: ", OD_ROLE_PANIC, OD_ANYWHERE, OD_KIND_PANIC, NULL, NULL, panic },
	{ "not syncing", OD_ROLE_PANIC, OD_ANYWHERE, OD_KIND_PANIC, NULL, check_typed_panic, panic },
	{ "Kernel panic: ", OD_ROLE_PANIC, 0, OD_KIND_PANIC, NULL, check_old_panic, panic },
	{ "VERIFY", OD_ROLE_MESSAGE, 0, OD_KIND_KERNEL_BUG, "spl", check_spl_verify, od_parse_subject },
	{ "ASSERT", OD_ROLE_MESSAGE, 0, OD_KIND_KERNEL_BUG, "spl", check_spl_verify, od_parse_subject },
	{ "PANIC at ", OD_ROLE_CARRIER, 0, OD_KIND_KERNEL_BUG, "spl", check_spl_panic, bug_location },
	{ "PANIC: zfs: ", OD_ROLE_CARRIER, 0, OD_KIND_KERNEL_BUG, "spl", NULL, od_parse_subject },
	{ "PANIC: blkptr at ", OD_ROLE_CARRIER, 0, OD_KIND_KERNEL_BUG, "spl", NULL, od_parse_subject },
	{ "general protection fault, probably for non-canonical address 0x", OD_ROLE_CARRIER, 0, OD_KIND_GPF, NULL,
	  check_no_count, gpf },
	{ " [#", OD_ROLE_DIE, OD_ANYWHERE, OD_KIND_OTHER, NULL, check_die, die_header },
	{ 0 },
};
