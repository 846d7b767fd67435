/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * KASAN, KFENCE, KMSAN, KCSAN, UBSAN, kmemleak. Sources: mm/kasan/{report,report_generic,
 * report_tags}.c, mm/kfence/report.c, mm/kmsan/report.c, kernel/kcsan/report.c, lib/ubsan.c,
 * mm/kmemleak.c; KASAN since 4.0, the others since they are there.
 */
#include <string.h>

#include "text/families.h"

/* "bug-name in f+0x1/0x2 [mod] at addr ffff..": the words before " in ", and the frame behind. */
static void bug_in(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *in = od_find(c.p, od_cur_left(&c), " in ");
	struct od_report *rep = inc->rep;
	struct od_frame frame;
	uint64_t v;

	od_subject(inc, rec);
	rep->subkind = od_kebab(rep, c.p, in ? (size_t)(in - c.p) : od_cur_left(&c), "");
	if (!in)
		return;
	c.p = in + strlen(" in ");
	if (od_frame_location(rep, &c, &frame) && frame.symbol) {
		od_section_open(inc, "reported", true);
		od_stack_push(inc, rec, &frame);
		od_section_close(inc);
	}
	if (od_cur_past(&c, "at addr ") && od_cur_hex(&c, &v, NULL)) {
		rep->fault_address = v;
		rep->has_fault_address = true;
	}
}

/* "Read of size 8 at addr ffff.. by task comm/123", "Write at addr .. by task" */
static bool access_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	bool write = *rec->text == 'W';
	uint64_t v;

	if (rep->kind != OD_KIND_KASAN ||
	    !(od_cur_lit(&c, "of size ") || od_cur_lit(&c, "at addr ")))
		return false;
	if (!rep->fault_access)
		rep->fault_access = write ? "write" : "read";
	c = od_cursor_init(rec->text, rec->len);
	if (od_past_dec(&c, "of size ", &v))
		od_detail_num(rep, "access_size", v);
	if (od_cur_past(&c, "at addr ") && (od_cur_lit(&c, "0x"), od_cur_hex(&c, &v, NULL))) {
		rep->fault_address = v;
		rep->has_fault_address = true;
	}
	if (od_cur_past(&c, "by task "))
		od_comm_pid(inc, c.p, c.end, '/');
	return true;
}

/* "The buggy address belongs to the object at ffff.." and the lines that go on with it */
static bool buggy(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	if (od_kind_is(inc, OD_KIND_NONE)) /* the head is lost */
		inc->rep->kind = OD_KIND_KASAN;
	if (od_cur_past(&c, "belongs to the object at ") && od_cur_hex(&c, &v, NULL))
		od_detail_addr(inc->rep, "object", v);
	else if (od_cur_past(&c, "is located "))
		od_detail_str(inc->rep, "location", c.p, od_cur_left(&c));
	else if (od_cur_past(&c, "belongs to the variable:") || od_cur_past(&c, "belongs to stack of task "))
		inc->state = 2;
	else if (od_cur_past(&c, "virtual mapping at"))
		od_section_open(inc, "mapping", true);
	return true;
}

/* "which belongs to the cache kmalloc-64 of size 64" */
static bool which_cache(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *s = c.p, *of = od_find(c.p, od_cur_left(&c), " of size ");
	uint64_t v;

	(void)rec;
	od_detail_str(inc->rep, "cache", s, of ? (size_t)(of - s) : od_cur_left(&c));
	if (od_past_dec(&c, " of size ", &v))
		od_detail_num(inc->rep, "object_size", v);
	return true;
}

/* "freed 64-byte region [a, b)": goes on with "is located N bytes inside of" on the line before. */
static bool region(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *end = od_find(rec->text, rec->len, " [");

	(void)c;
	if (rep->kind != OD_KIND_KASAN || !od_find(rec->text, rec->len, "-byte region [") || !end)
		return false;
	for (uint32_t i = 0; i < rep->ndetails; i++) {
		struct od_detail *d = &rep->details[i];

		if (!strcmp(d->key, "location") && !strstr(d->string, "region"))
			d->string = od_arena_printf(&rep->arena, "%s %.*s", d->string,
						    (int)(end - rec->text), rec->text);
	}
	return true;
}

static bool only_kasan(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	return inc->rep->kind == OD_KIND_KASAN;
}

/* "Allocated by task 5:", since 6.9 with " on cpu 1 at 2.5s:": the section is opened already. */
static bool by_task(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	bool freed = *rec->text == 'F' || *rec->text == 'f';
	uint64_t v;

	if (region(inc, rec, c))
		return true;
	if (od_cur_lit(&c, "by task ") && od_cur_dec(&c, &v))
		od_detail_num(inc->rep, freed ? "freed_pid" : "allocated_pid", v);
	return true;
}

/* "PID = 123" below "Allocated:", 4.8 to 4.9 */
static bool old_pid(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	if (inc->section && od_cur_dec(&c, &v))
		od_detail_num(inc->rep, *inc->section == 'f' ? "freed_pid" : "allocated_pid", v);
	return true;
}

/* --- KFENCE ------------------------------------------------------------------------------ */

static void kfence(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;

	bug_in(inc, rec, c);
	if (rep->subkind && strstr(rep->subkind, "-write"))
		rep->fault_access = "write";
	else if (rep->subkind && strstr(rep->subkind, "-read"))
		rep->fault_access = "read";
	inc->bare = true;
}

/* "Out-of-bounds read at 0x.. (1B left of kfence-#72):" */
static bool kfence_at(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	if (inc->rep->kind != OD_KIND_KFENCE || !od_cur_past(&c, " at 0x"))
		return inc->rep->kind == OD_KIND_KFENCE;
	if (od_cur_hex(&c, &v, NULL)) {
		inc->rep->fault_address = v;
		inc->rep->has_fault_address = true;
	}
	if (od_cur_past(&c, "(")) {
		const char *end = memchr(c.p, ')', od_cur_left(&c));

		if (end)
			od_detail_str(inc->rep, "location", c.p, (size_t)(end - c.p));
	}
	inc->bare = true;
	return true;
}

/* "kfence-#72: 0x..-0x.., size=32, cache=kmalloc-32" */
static bool kfence_object(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	if (inc->rep->kind != OD_KIND_KFENCE)
		return false;
	if (od_cur_past(&c, ": 0x") && od_cur_hex(&c, &v, NULL))
		od_detail_addr(inc->rep, "object", v);
	if (od_past_dec(&c, "size=", &v))
		od_detail_num(inc->rep, "object_size", v);
	if (od_cur_past(&c, "cache="))
		od_detail_str(inc->rep, "cache", c.p, od_cur_left(&c));
	return true;
}

/* --- KMSAN ------------------------------------------------------------------------------- */

static void kmsan(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	bug_in(inc, rec, c);
	inc->bare = true;
}

/* "Local variable buf created at:", "Local variable ----buf@f created at:" */
static bool local_variable(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *end = od_find(c.p, od_cur_left(&c), " created at");

	(void)rec;
	if (end)
		od_detail_str(inc->rep, "variable", c.p, (size_t)(end - c.p));
	return true;
}

static bool kmsan_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	if (inc->rep->kind != OD_KIND_KMSAN)
		return false;
	return od_rule_link(inc, rec, c);
}

/* --- KCSAN ------------------------------------------------------------------------------- */

static void kcsan(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *in = od_find(c.p, od_cur_left(&c), " in "), *names[2];
	size_t len[2];
	unsigned n = 0;
	bool swap;

	od_subject(inc, rec);
	rep->subkind = od_kebab(rep, c.p, in ? (size_t)(in - c.p) : od_cur_left(&c), "");
	if (!in)
		return;
	/* Who comes first is chance: in the order of the names, so that both are one crash. */
	for (const char *p = in + 4; p < c.end && n < 2; n++) {
		const char *end = od_find(p, (size_t)(c.end - p), " / ");

		names[n] = p;
		len[n] = (size_t)((end ? end : c.end) - p);
		while (len[n] && od_is_blank(p[len[n] - 1]))
			len[n]--;
		p = end ? end + 3 : c.end;
	}
	swap = n == 2 && strncmp(names[0], names[1], len[0] < len[1] ? len[0] : len[1]) > 0;
	od_section_open(inc, "reported", true);
	for (unsigned i = 0; i < n; i++) {
		const unsigned k = swap ? 1 - i : i;
		struct od_frame frame = { 0 };
		size_t name = 0;

		od_report_detail_item(rep, "functions", names[k], len[k]);
		while (name < len[k] && !strchr("+ /[", names[k][name]))
			name++;
		frame.symbol = od_arena_strndup(&rep->arena, names[k], name);
		if (*frame.symbol)
			od_stack_push(inc, rec, &frame);
	}
	od_section_close(inc);
}

/* "write to 0xffff.. of 8 bytes by task 5 on cpu 0:": one of the two parties, its trace follows. */
static bool kcsan_party(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const bool write = od_find(rec->text, rec->len, "write") != NULL;
	uint64_t v;

	if (rep->kind != OD_KIND_KCSAN || !od_cur_past(&c, "to 0x") || !od_cur_hex(&c, &v, NULL))
		return false;
	if (!rep->has_fault_address) {
		rep->fault_address = v;
		rep->has_fault_address = true;
		rep->fault_access = write ? "write" : "read";
	}
	if (od_past_dec(&c, " of ", &v))
		od_detail_num(rep, "access_size", v);
	od_report_detail_item(rep, "parties", rec->text, rec->len);
	od_section_open(inc, inc->trace_seen ? "other party" : NULL, inc->trace_seen);
	inc->bare = true;
	return true;
}

static bool kcsan_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	if (inc->rep->kind != OD_KIND_KCSAN)
		return false;
	return od_rule_link(inc, rec, c);
}

/* --- UBSAN ------------------------------------------------------------------------------- */

static bool ends_in(const struct od_cursor *c)
{
	return od_cur_left(c) > 4 && !memcmp(c->end - 3, " in", 3);
}

/* "UBSAN: shift-out-of-bounds in f.c:1:2", not "UBSAN: initialized". */
static bool check_ubsan(const struct od_record *rec, struct od_cursor c)
{
	const char *in = od_find(c.p, od_cur_left(&c), " in ");

	(void)rec;
	/* Folded: the place is on the next line. */
	return in ? memchr(in, ':', (size_t)(c.end - in)) != NULL : ends_in(&c);
}

static void ubsan(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *in = od_find(c.p, od_cur_left(&c), " in "), *colon;
	uint64_t n;

	od_subject(inc, rec);
	rep->subkind = od_kebab(rep, c.p, in ? (size_t)(in - c.p) : od_cur_left(&c) - (ends_in(&c) ? 3 : 0), "");
	if (rep->subkind && !strcmp(rep->subkind, "undefined-behaviour"))
		rep->subkind = NULL; /* the next line says which */
	inc->state = 1;
	if (!in)
		return;
	in += 4;
	colon = memchr(in, ':', (size_t)(c.end - in));
	if (!colon)
		return;
	rep->bug_file = od_arena_strndup(&rep->arena, in, (size_t)(colon - in));
	c.p = colon + 1;
	if (od_cur_dec(&c, &n) && n <= UINT32_MAX)
		rep->bug_line = (uint32_t)n;
}

/* What the undefined behaviour is: of old kernels the kind as well. */
static const struct {
	const char *text, *subkind;
} ubsan_texts[] = {
	{ "index ", "array-index-out-of-bounds" },
	{ "shift exponent ", "shift-out-of-bounds" },
	{ "left shift of ", "shift-out-of-bounds" },
	{ "signed integer overflow", "signed-integer-overflow" },
	{ "unsigned integer overflow", "unsigned-integer-overflow" },
	{ "negation of ", "negation-overflow" },
	{ "division by zero", "division-overflow" },
	{ "division of ", "division-overflow" },
	{ "load of value ", "invalid-load" },
	{ "load of address ", "object-size-mismatch" },
	{ "store to address ", "object-size-mismatch" },
	{ "member access within ", "misaligned-access" },
	{ "null pointer ", "null-ptr-deref" },
	{ "load of misaligned address", "misaligned-access" },
	{ "execution reached ", "unreachable" },
	{ "calling ", "unreachable" },
	{ "variable length array bound ", "vla-bound" },
	{ "assumption of ", "alignment-assumption" },
};

/* The second line of a report, whatever it begins with: the family's frame function. */
bool od_sanitizer_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;

	if (inc->state != 1 || (rep->kind != OD_KIND_UBSAN && rep->kind != OD_KIND_RUST_PANIC))
		return false;
	inc->state = 0;
	if (rep->kind == OD_KIND_RUST_PANIC) {
		rep->subject = od_rest(rep, c);
		od_detail_str(rep, "reason", rec->text, rec->len);
		od_report_add_link(rep, OD_KIND_OTHER, rec->text, rec->len, rec->lineno);
		return true;
	}
	for (size_t i = 0; i < sizeof(ubsan_texts) / sizeof(*ubsan_texts); i++) {
		if (strncmp(rec->text, ubsan_texts[i].text, strlen(ubsan_texts[i].text)) != 0)
			continue;
		if (!rep->subkind)
			rep->subkind = ubsan_texts[i].subkind;
		od_detail_str(rep, "reason", rec->text, rec->len);
		return od_rule_link(inc, rec, c);
	}
	return false;
}

/* --- kmemleak ---------------------------------------------------------------------------- */

static void leak_object(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	od_subject(inc, rec);
	if (od_cur_hex(&c, &v, NULL))
		od_detail_addr(inc->rep, "object", v);
	if (od_past_dec(&c, "(size ", &v))
		od_detail_num(inc->rep, "object_size", v);
}

/* 'comm "x", pid 5, jiffies 4294937330 (age 13.740s)' */
static bool leak_comm(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *end = od_find(c.p, od_cur_left(&c), "\", pid ");
	uint64_t v;

	(void)rec;
	if (inc->rep->kind != OD_KIND_MEMORY_LEAK || !end)
		return false;
	if (!inc->rep->comm)
		inc->rep->comm = od_arena_strndup(&inc->rep->arena, c.p, (size_t)(end - c.p));
	if (od_past_dec(&c, ", pid ", &v) && v <= INT32_MAX && inc->rep->pid < 0)
		inc->rep->pid = (int32_t)v;
	if (od_past_dec(&c, "(age ", &v))
		od_detail_num(inc->rep, "seconds", v);
	return true;
}

static bool leak_trace(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	(void)c;
	if (inc->rep->kind != OD_KIND_MEMORY_LEAK)
		return false;
	od_stack_close(inc);
	inc->bare = true;
	return true;
}

/* "=====" opens a report and closes it. */
static bool double_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	for (uint32_t i = 0; i < rec->len; i++)
		if (rec->text[i] != '=')
			return false;
	if (inc->trace_seen && (inc->rep->kind == OD_KIND_KASAN || inc->rep->kind == OD_KIND_KMSAN ||
				inc->rep->kind == OD_KIND_KCSAN || inc->rep->kind == OD_KIND_UBSAN ||
				inc->rep->kind == OD_KIND_KFENCE)) {
		inc->tail = true;
		od_section_close(inc);
	}
	return true;
}

static bool check_kasan_old(const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	return !od_find(rec->text, rec->len, "panic_on_warn");
}

/* The head is cut off: only KASAN says so. */
static bool check_by_task(const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	(void)rec;
	return od_cur_dec(&c, &n) && (od_cur_char(&c, ':') || od_cur_lit(&c, " on cpu "));
}

static void kasan_tail(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	od_subject(inc, rec);
	inc->rep->truncated = "the beginning of the report is not in the input";
	od_section_line(inc, rec);
}

const struct od_trigger od_sanitizer_triggers[] = {
	{ "Freed by task ", OD_ROLE_DETECT, OD_INSIDE, OD_KIND_KASAN, "unknown", check_by_task, kasan_tail },
	{ "Memory state around the buggy address:", OD_ROLE_DETECT, OD_INSIDE, OD_KIND_KASAN, "unknown", NULL, kasan_tail },
	{ "The buggy address belongs to ", OD_ROLE_DETECT, OD_INSIDE, OD_KIND_KASAN, "unknown", NULL, kasan_tail },
	{ "BUG: KASAN: ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_KASAN, NULL, check_kasan_old, bug_in },
	{ "BUG: KASan: ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_KASAN, NULL, NULL, bug_in },
	{ "BUG KASAN: ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_KASAN, NULL, NULL, bug_in },
	{ "BUG: KFENCE: ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_KFENCE, NULL, NULL, kfence },
	{ "BUG: KMSAN: ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_KMSAN, NULL, NULL, kmsan },
	{ "BUG: KCSAN: ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_KCSAN, NULL, NULL, kcsan },
	{ "UBSAN: ", OD_ROLE_DETECT, 0, OD_KIND_UBSAN, NULL, check_ubsan, ubsan },
	{ "BUG: memory leak", OD_ROLE_MESSAGE, OD_ANYWHERE, OD_KIND_MEMORY_LEAK, NULL, NULL, NULL },
	{ "unreferenced object 0x", OD_ROLE_CARRIER, 0, OD_KIND_MEMORY_LEAK, NULL, NULL, leak_object },
	{ 0 },
};

const struct od_rule od_sanitizer_rules[] = {
	{ "Read ", access_line },
	{ "Write ", access_line },
	{ "The buggy address ", buggy },
	{ "which belongs to the cache ", which_cache },
	{ "Allocated ", by_task },
	{ "allocated ", by_task },
	{ "Freed ", by_task },
	{ "freed ", by_task },
	{ "PID = ", old_pid },
	{ "Memory state around the buggy address:", only_kasan },
	{ "Pointer tag: [", only_kasan },
	{ "and is located at offset ", only_kasan },
	{ "this frame has ", only_kasan },
	{ "The freed ", only_kasan },
	{ "Disabling lock debugging due to kernel taint", od_rule_accept },
	{ "Out-of-bounds ", kfence_at },
	{ "Use-after-free ", kfence_at },
	{ "Corrupted memory at ", kfence_at },
	{ "Invalid ", kfence_at },
	{ "kfence-#", kfence_object },
	{ "Local variable ", local_variable },
	{ "Bytes ", kmsan_line },
	{ "Byte ", kmsan_line },
	{ "Memory access of size ", kmsan_line },
	{ "Data copied to user address ", kmsan_line },
	{ "write ", kcsan_party },
	{ "read ", kcsan_party },
	{ "read-write ", kcsan_party },
	{ "race at unknown origin, with ", kcsan_party },
	{ "assert no ", kcsan_party },
	{ "value changed: ", kcsan_line },
	{ "Reported by Kernel Concurrency Sanitizer on:", kcsan_line },
	{ "comm \"", leak_comm },
	{ "hex dump (first ", od_rule_accept },
	{ "backtrace", leak_trace },
	{ "====", double_line },
	{ "1", region }, { "2", region }, { "3", region }, { "4", region }, { "5", region },
	{ "6", region }, { "7", region }, { "8", region }, { "9", region },
	{ NULL, NULL },
};
