/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines that every architecture prints around a crash. Sources: lib/dump_stack.c
 * (dump_stack_print_info), kernel/panic.c, kernel/module (print_modules), arch/x86/mm/kaslr and
 * setup.c (dump_kernel_offset), mm/slub.c, mm/slab_common.c; 3.10 to 6.12.
 */
#include <string.h>

#include "text/hw.h"
#include "text/incident.h"

const char *od_rest(struct od_report *rep, struct od_cursor c)
{
	od_cur_blanks(&c);
	while (c.end > c.p && od_is_blank(c.end[-1]))
		c.end--;
	return od_arena_strndup(&rep->arena, c.p, od_cur_left(&c));
}

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

bool od_cpu_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *mark, *comm, *end;
	uint64_t cpu, pid, uid;
	bool tainted;

	(void)rec;
	od_cur_blanks(&c);
	if (!od_cur_dec(&c, &cpu))
		return false;
	od_cur_blanks(&c);
	if (od_cur_lit(&c, "UID: ")) { /* since 6.11 */
		if (!od_cur_dec(&c, &uid))
			return false;
		od_cur_blanks(&c);
	}
	if (!od_cur_lit(&c, "PID: ") || (od_cur_blanks(&c), !od_cur_dec(&c, &pid)))
		return false;
	od_cur_blanks(&c);
	if (rep->cpu < 0 && cpu <= INT32_MAX)
		rep->cpu = (int32_t)cpu;
	if (rep->pid < 0 && pid <= INT32_MAX)
		rep->pid = (int32_t)pid;
	if (!od_cur_lit(&c, "Comm: "))
		return true;
	comm = c.p;
	mark = find_last(c.p, c.end, "Not tainted");
	tainted = !mark;
	if (!mark)
		mark = find_last(c.p, c.end, "Tainted: ");
	if (!mark)
		return true;
	end = mark;
	while (end > comm && od_is_blank(end[-1]))
		end--;
	if (end - comm >= 13 && !memcmp(end - 13, "Kdump: loaded", 13))
		end -= 13;
	while (end > comm && od_is_blank(end[-1]))
		end--;
	if (!rep->comm)
		rep->comm = od_arena_strndup(&rep->arena, comm, (size_t)(end - comm));
	c.p = mark + strlen(tainted ? "Tainted: " : "Not tainted");
	taint_and_release(rep, c, tainted);
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
static bool module_words(struct od_incident *inc, struct od_cursor c, bool continued)
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
	return module_words(inc, c, false);
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
	if (!inc->rep->workqueue)
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
	inc->stack = NULL;
	return true;
}

static bool end_panic(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	inc->tail = true;
	inc->stack = NULL;
	return true;
}

static bool call_trace(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;

	inc->in_raw_stack = false;
	od_stack_open(inc, "task");
	/* Some kernels of old print the first frame on the same line. */
	od_cur_blanks(&c);
	if (!od_cur_end(&c) && od_frame_location(inc->rep, &c, &frame))
		return od_frame_line(inc, rec, od_cursor_init(rec->text + 11, rec->len - 11));
	return true;
}

static bool raw_stack(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	inc->in_raw_stack = true;
	return true;
}

static bool accept(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)inc;
	(void)rec;
	(void)c;
	return true;
}

static bool fault_range(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	od_report_add_link(inc->rep, OD_KIND_OTHER, rec->text, rec->len, rec->lineno);
	return true;
}

static bool taint_words(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)inc;
	return od_cur_peek(&c) == '[';
}

const struct od_rule od_field_rules[] = {
	{ "CPU: ", od_cpu_line },
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
	{ "KASAN: ", fault_range },
	{ "Rebooting in ", accept },
	{ "Dumping ftrace buffer:", accept },
	{ "(ftrace buffer empty)", accept },
	{ "note: ", accept },
	{ "Fixing recursive fault but reboot is needed!", accept },
	{ "object pointer: 0x", fault_range },
	{ "irq event stamp: ", accept },
	{ "hardirqs last ", accept },
	{ "softirqs last ", accept },
	{ "Thread overran stack, or stack corrupted", fault_range },
	{ "last sysfs file: ", accept },
	{ "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\"", accept },
	{ "INFO: Allocated in ", fault_range },
	{ "Allocated in ", fault_range },
	{ "INFO: Freed in ", fault_range },
	{ "Freed in ", fault_range },
	{ "INFO: Slab 0x", fault_range },
	{ "Slab 0x", fault_range },
	{ "INFO: Object 0x", fault_range },
	{ "Object 0x", fault_range },
	{ "INFO: 0x", fault_range },
	{ "FIX ", fault_range },
	{ NULL, NULL },
};

bool od_rules_run(const struct od_rule *rules, struct od_incident *inc, const struct od_record *rec)
{
	for (const struct od_rule *r = rules; r->literal; r++) {
		struct od_cursor c = od_cursor_init(rec->text, rec->len);

		if (*r->literal == od_cur_peek(&c) && od_cur_lit(&c, r->literal) &&
		    r->parse(inc, rec, c))
			return true;
	}
	return false;
}

/* "ffff8ae9f7a27278 0000000000000000 ...": words of the raw stack. */
static bool raw_words(const struct od_record *rec)
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

bool od_incident_field(struct od_incident *inc, const struct od_record *rec)
{
	struct od_cursor c = od_cursor_init(rec->text, rec->len);
	bool was_in_modules = inc->in_modules;

	inc->in_modules = false;
	if (od_cur_end(&c))
		return false;
	if (od_hw_field(inc, rec) || od_rules_run(od_field_rules, inc, rec) ||
	    od_rules_run(od_x86_rules, inc, rec)) {
		return true;
	}
	if (inc->in_raw_stack && raw_words(rec))
		return true;
	if (!inc->tail && od_frame_line(inc, rec, c))
		return true;
	return was_in_modules && module_words(inc, c, true);
}
