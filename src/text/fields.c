/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines that every architecture prints around a crash. Sources: lib/dump_stack.c
 * (dump_stack_print_info), kernel/panic.c, kernel/module (print_modules), arch/x86/mm/kaslr and
 * setup.c (dump_kernel_offset), mm/slub.c, mm/slab_common.c; 3.10 to 6.12.
 */
#include <string.h>

#include "text/families.h"

static bool taint_char(char c)
{
	return (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '(' || c == ')';
}

/* "Tainted: G           OE  ------------   3.10.0-..": letters up to the release. */
static void taint_and_release(struct od_report *rep, struct od_cursor c, bool tainted)
{
	char letters[40];
	size_t n = 0;
	const char *s;

	od_cur_blanks(&c);
	while (tainted && taint_char(od_cur_peek(&c))) {
		if (*c.p >= 'A' && *c.p <= 'Z' && n < sizeof(letters))
			letters[n++] = *c.p;
		c.p++;
		od_cur_blanks(&c);
	}
	if (n && !rep->taint)
		rep->taint = od_arena_strndup(&rep->arena, letters, n);
	od_cur_char(&c, '('); /* up to 2.6.31 */
	s = c.p;
	while (!od_cur_end(&c) && !od_is_blank(*c.p))
		c.p++;
	if (c.p - s > 2 && od_is_digit(*s) && memchr(s, '.', (size_t)(c.p - s)) && !rep->release)
		rep->release = od_arena_strndup(&rep->arena, s, (size_t)(c.p - s));
	/* "#1 SMP ..." and, with CONFIG_STACKTRACE_BUILD_ID, the kernel's build-id at the end. */
	od_cur_blanks(&c);
	if (od_cur_past(&c, " ")) {
		s = c.p;
		while (od_is_hex(od_cur_peek(&c)))
			c.p++;
		if (c.p - s == 40 && od_cur_end(&c) && !rep->kernel_build_id)
			rep->kernel_build_id = od_arena_strndup(&rep->arena, s, 40);
	}
}

/* Last occurrence of a literal: a comm may hold anything. */
static const char *find_last(const char *s, const char *end, const char *lit)
{
	const char *found = NULL, *p = s;

	while ((p = od_find(p, (size_t)(end - p), lit)) != NULL)
		found = p++;
	return found;
}

/*
 * "Not tainted 3.2.0 #1", "Tainted: G   W  (2.6.31 #1)" at c or somewhere after it: taint, release;
 * what stands before is the comm, which starts at c, unless the line is of another task (theirs).
 * False if there is no such word.
 */
static bool comm_and_taint(struct od_report *rep, struct od_cursor c, bool theirs)
{
	const char *mark = find_last(c.p, c.end, "Not tainted"), *comm = c.p, *end;
	const bool tainted = !mark;

	if (!mark)
		mark = find_last(c.p, c.end, "Tainted: ");
	if (!mark)
		return false;
	end = mark;
	while (end > comm && od_is_blank(end[-1]))
		end--;
	if (end - comm >= 13 && !memcmp(end - 13, "Kdump: loaded", 13))
		end -= 13;
	while (end > comm && od_is_blank(end[-1]))
		end--;
	if (!rep->comm && end > comm && !theirs)
		rep->comm = od_arena_strndup(&rep->arena, comm, (size_t)(end - comm));
	c.p = mark + strlen(tainted ? "Tainted: " : "Not tainted");
	taint_and_release(rep, c, tainted);
	return true;
}

/* "CPU: 0    Not tainted  (2.6.30 #1)": arm, s390 and i386 of old. */
static bool old_cpu_line(struct od_incident *inc, struct od_cursor c, uint64_t cpu)
{
	if (!od_cur_lit(&c, "Not tainted") && !od_cur_lit(&c, "Tainted: "))
		return false;
	c.p -= 11;
	if (*c.p != 'N')
		c.p += 2;
	if (inc->aside)
		return true;
	if (inc->rep->cpu < 0 && cpu <= INT32_MAX)
		inc->rep->cpu = (int32_t)cpu;
	return comm_and_taint(inc->rep, c, false);
}

/* "Pid: 1, comm: swapper Not tainted 2.6.32 #1 hardware": before 3.8. */
static bool pid_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	uint64_t pid;

	(void)rec;
	if (!od_cur_dec(&c, &pid) || !od_cur_lit(&c, ", comm: "))
		return false;
	if (inc->aside && inc->own_cpu) {
		inc->own_cpu = false;
		return true;
	}
	if (inc->aside)
		od_section_close(inc);
	if (rep->pid < 0 && pid <= INT32_MAX)
		rep->pid = (int32_t)pid;
	od_cur_blanks(&c);
	comm_and_taint(rep, c, false);
	return true;
}

/* "Process swapper (pid: 1, stack limit = 0xc0a)", "(pid: 1, ti=c0 task=c0)", "(pid: 1, threadinfo=": */
static bool process_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *paren = find_last(c.p, c.end, " (pid: ");
	struct od_cursor t;
	uint64_t pid;

	(void)rec;
	if (!paren || paren == c.p || paren - c.p > 32)
		return false;
	t = (struct od_cursor){ paren + 7, c.end };
	if (!od_cur_dec(&t, &pid) || pid > INT32_MAX || !od_cur_lit(&t, ", "))
		return false;
	if (inc->aside)
		return true;
	if (!inc->rep->comm)
		inc->rep->comm = od_arena_strndup(&inc->rep->arena, c.p, (size_t)(paren - c.p));
	if (inc->rep->pid < 0)
		inc->rep->pid = (int32_t)pid;
	return true;
}

static bool cpu_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	uint64_t cpu, pid, uid;
	bool theirs;

	(void)rec;
	od_cur_blanks(&c);
	if (!od_cur_dec(&c, &cpu))
		return false;
	od_cur_blanks(&c);
	if (od_cur_peek(&c) == 'N' || od_cur_peek(&c) == 'T')
		return old_cpu_line(inc, c, cpu);
	if (od_cur_lit(&c, "UID: ")) { /* since 6.11 */
		if (!od_cur_dec(&c, &uid))
			return false;
		od_cur_blanks(&c);
	}
	if (!od_cur_lit(&c, "PID: ") || (od_cur_blanks(&c), !od_cur_dec(&c, &pid)))
		return false;
	od_cur_blanks(&c);
	/* Another CPU tells of itself; or the section before this line is over. */
	theirs = inc->aside && inc->own_cpu;
	inc->own_cpu = false;
	if (inc->aside && !theirs)
		od_section_close(inc);
	/* A second one, after the trace: another CPU is stopped, or asked what it does. */
	if (!theirs && inc->cpu_line && inc->trace_seen) {
		od_section_open(inc, od_arena_printf(&rep->arena, "cpu %llu", (unsigned long long)cpu), true);
		inc->headed = inc->bare = inc->user_registers = theirs = true;
	}
	inc->cpu_line |= !theirs;
	if (rep->cpu < 0 && cpu <= INT32_MAX && !theirs)
		rep->cpu = (int32_t)cpu;
	if (rep->pid < 0 && pid <= INT32_MAX && !theirs)
		rep->pid = (int32_t)pid;
	if (!od_cur_lit(&c, "Comm: "))
		return true;
	comm_and_taint(rep, c, theirs);
	return true;
}

/* "name(OE)", "name(OE-)": one word of the module list. */
static bool module_word(struct od_report *rep, const char *s, size_t len)
{
	const char *paren = memchr(s, '(', len);
	size_t name = paren ? (size_t)(paren - s) : len;
	struct od_module *mod;

	if (!name || name > 64)
		return false;
	for (size_t i = 0; i < name; i++)
		if (!od_is_alnum(s[i]) && s[i] != '_' && s[i] != '-')
			return false;
	if (paren && s[len - 1] != ')')
		return false;
	mod = od_report_add_module(rep, s, name);
	if (mod && paren && len - name > 2)
		mod->taint = od_arena_strndup(&rep->arena, paren + 1, len - name - 2);
	return true;
}

/* Words of the list, from "Modules linked in:" or a record that goes on with it. */
bool od_module_words(struct od_incident *inc, struct od_cursor c, bool continued)
{
	struct od_cursor probe = c;

	/* A record that goes on holds nothing but module names. */
	while (continued && (od_cur_blanks(&probe), !od_cur_end(&probe))) {
		const char *s = probe.p;

		if (*s == '[')
			break;
		while (!od_cur_end(&probe) && !od_is_blank(*probe.p)) {
			if (!od_is_alnum(*probe.p) && !strchr("_-()+", *probe.p))
				return false;
			probe.p++;
		}
	}
	while (od_cur_blanks(&c), !od_cur_end(&c)) {
		const char *s = c.p;

		if (od_cur_lit(&c, "[last unloaded:")) {
			inc->in_modules = false;
			return true;
		}
		while (!od_cur_end(&c) && !od_is_blank(*c.p))
			c.p++;
		if (!module_word(inc->rep, s, (size_t)(c.p - s)))
			return !continued;
	}
	inc->in_modules = true;
	return true;
}

static bool modules(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	if (inc->rep->nmodules)
		return true; /* printed again: the first list is the one of the crash */
	return od_module_words(inc, c, false);
}

static bool hardware(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	if (!inc->rep->hardware)
		inc->rep->hardware = od_rest(inc->rep, c);
	return true;
}

static bool workqueue(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	if (!inc->rep->workqueue && !inc->aside)
		inc->rep->workqueue = od_rest(inc->rep, c);
	return true;
}

/* "task: ffff8aec ti: ffff8ae9 task.ti: ffff8ae9" (3.x), "task: .. task.stack: .." (4.x) */
static bool task(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	if (!od_cur_hex(&c, &v, NULL))
		return false;
	od_report_detail_addr(inc->rep, "task", v);
	od_cur_blanks(&c);
	if ((od_cur_lit(&c, "ti: ") || od_cur_lit(&c, "task.stack: ")) && od_cur_hex(&c, &v, NULL))
		od_report_detail_addr(inc->rep, "stack_base", v);
	return true;
}

static bool kernel_offset(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	uint64_t v;

	(void)rec;
	inc->trace_over = true;
	if (od_cur_0x(&c, &v)) {
		rep->kaslr_offset = v;
		rep->has_kaslr_offset = true;
	} else if (od_cur_lit(&c, "disabled")) {
		rep->kaslr_offset = 0;
		rep->has_kaslr_offset = true;
	}
	return true;
}

static bool end_trace(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *s = c.p;

	(void)rec;
	while (od_is_hex(od_cur_peek(&c)))
		c.p++;
	/* A random number up to 5.16: a perfect detector of copies. */
	if (c.p - s == 16 && memcmp(s, "0000000000000000", 16) != 0)
		od_report_detail_str(inc->rep, "end_trace", s, 16);
	inc->tail = true;
	od_section_close(inc);
	return true;
}

static bool end_panic(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	inc->tail = true;
	od_section_close(inc);
	return true;
}

static bool call_trace(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	inc->in_raw_stack = false;
	if (inc->aside && !inc->headed)
		od_section_close(inc);
	od_stack_close(inc);
	od_stack_open(inc, "task");
	/* Some kernels of old print the first frame on the same line. */
	od_cur_blanks(&c);
	if (!od_cur_end(&c))
		od_frame_line(inc, rec, c);
	return true;
}

static bool raw_stack(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	inc->in_raw_stack = true;
	return true;
}

/* "Not tainted 5.1.0-rc3 #1" below the first line of a hung task, "Tainted: G  W  6.1.0 #1". */
static bool not_tainted(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	taint_and_release(inc->rep, c, false);
	return true;
}

/* "5.10.2 #14 Not tainted": the second line of the lock validator's reports. */
bool od_release_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *mark = od_find(c.p, od_cur_left(&c), "ainted");
	const char *s = c.p;
	struct od_cursor t;

	(void)rec;
	if (!mark || !od_is_digit(od_cur_peek(&c)))
		return false;
	while (!od_cur_end(&c) && !od_is_blank(*c.p))
		c.p++;
	if (c.p - s < 3 || !memchr(s, '.', (size_t)(c.p - s)))
		return false;
	if (!inc->rep->release)
		inc->rep->release = od_arena_strndup(&inc->rep->arena, s, (size_t)(c.p - s));
	t = (struct od_cursor){ mark, c.end };
	if (od_cur_lit(&t, "ainted: ") && !inc->rep->taint)
		taint_and_release(inc->rep, t, true);
	return true;
}

static bool taint_words(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	if (od_cur_peek(&c) != '[')
		taint_and_release(inc->rep, c, true);
	return true;
}

const struct od_rule od_field_rules[] = {
	{ "CPU: ", cpu_line },
	{ "Pid: ", pid_line },
	{ "Process ", process_line },
	{ "Modules linked in:", modules },
	{ "Hardware name: ", hardware },
	{ "Workqueue: ", workqueue },
	{ "task: ", task },
	{ "Kernel Offset: ", kernel_offset },
	{ "---[ end trace ", end_trace },
	{ "---[ end Kernel panic", end_panic },
	{ "Call Trace:", call_trace },
	{ "Call trace:", call_trace },
	{ "Stack:", raw_stack },
	{ "Tainted: ", taint_words },
	{ "Not tainted ", not_tainted },
	{ "KASAN: ", od_rule_link },
	{ "Rebooting in ", od_rule_trace_over },
	{ "Dumping ftrace buffer:", od_rule_trace_over },
	{ "(ftrace buffer empty)", od_rule_accept },
	{ "note: ", od_rule_accept },
	{ "Fixing recursive fault but reboot is needed!", od_rule_accept },
	{ "irq event stamp: ", od_rule_accept },
	{ "hardirqs last ", od_rule_accept },
	{ "softirqs last ", od_rule_accept },
	{ "Thread overran stack, or stack corrupted", od_rule_link },
	{ "last sysfs file: ", od_rule_accept },
	{ NULL, NULL },
};

/* "ffff8ae9f7a27278 0000000000000000 ...": words of the raw stack. */
bool od_raw_words(const struct od_record *rec)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);
	uint64_t v;
	unsigned n = 0, digits;

	while (od_cur_blanks(&c), od_cur_hex(&c, &v, &digits)) {
		if (digits != 16 && digits != 8)
			return false;
		n++;
	}
	return n > 0 && od_cur_end(&c);
}
