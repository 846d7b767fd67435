/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One event of a trace. All numbers are hex without 0x but where the table says otherwise. */
#include "base/cursor.h"
#include "text/kvm-internal.h"

enum { MAX_AHEAD = 96 }; /* bytes before what makes a line an event: clocks, names, CPUs */

const char *const od_kvm_kind_names[OD_KVM_KINDS] = {
	"FAULTIN", "FAULTIN_RET", "MAP", "MAP_RET", "ITER", "SPTE", "MMIO", "stuck",
	"made it", "MMU seq", "probe error", "kvm_page_fault", "kvm_exit",
};

/* Longer words first: a word is one only if what follows is no letter of it. last: it ends with that. */
static const struct {
	const char *word;
	enum od_kvm_kind kind;
	enum od_kvm_field last;
} words[] = {
	{ "FAULTIN_RET", OD_KVM_FAULTIN_RET, OD_KVM_END },
	{ "FAULTIN", OD_KVM_FAULTIN, OD_KVM_END },
	{ "MAP_RET", OD_KVM_MAP_RET, OD_KVM_RET },
	{ "MAP", OD_KVM_MAP, OD_KVM_PFN },
	{ "ITER", OD_KVM_ITER, OD_KVM_COUNT },
	{ "SPTE", OD_KVM_SPTE, OD_KVM_PFN },
	{ "MMIO", OD_KVM_MMIO, OD_KVM_PFN },
	{ "stuck", OD_KVM_STUCK, OD_KVM_SEQ },
	{ "FAULTIN_ERROR", OD_KVM_PROBE_ERROR, OD_KVM_FIELDS },
	{ "MAP_RET_ERROR", OD_KVM_PROBE_ERROR, OD_KVM_FIELDS },
	{ "MAP_ERROR", OD_KVM_PROBE_ERROR, OD_KVM_FIELDS },
	{ "MMIO_ERROR", OD_KVM_PROBE_ERROR, OD_KVM_FIELDS },
	{ "SPTE_ERROR", OD_KVM_PROBE_ERROR, OD_KVM_FIELDS },
};

static const struct {
	const char *name;
	enum od_kvm_field field;
	bool decimal;
} fields[] = {
	{ "gpa = ", OD_KVM_GPA, false },	 { "hva = ", OD_KVM_HVA, false },
	{ "flags = ", OD_KVM_FLAGS, false },	 { "pfn = ", OD_KVM_PFN, false },
	{ "ret = ", OD_KVM_RET, false },	 { "MMU seq = ", OD_KVM_SEQ, false },
	{ "in-prog = ", OD_KVM_IN_PROG, false }, { "start = ", OD_KVM_START, false },
	{ "end = ", OD_KVM_END, false },	 { "tdp_mmu = ", OD_KVM_TDP, true },
	{ "role = ", OD_KVM_ROLE, false },	 { "count = ", OD_KVM_COUNT, true },
	{ "vcpu = ", OD_KVM_VCPU, false },	 { "pid = ", OD_KVM_PID, true },
};

/* Of the tracepoints; all with 0x but those of 5.10. */
static const struct {
	const char *name;
	enum od_kvm_field field;
	bool decimal;
} point_fields[] = {
	{ "vcpu ", OD_KVM_VCPU, true },
	{ "rip ", OD_KVM_RIP, false },
	{ "address ", OD_KVM_GPA, false },
	{ "info2 ", OD_KVM_FIELDS, false },
	{ "error_code ", OD_KVM_FLAGS, false },
};

static bool is_word(char c)
{
	return od_is_alnum(c) || c == '_';
}

static void set(struct od_kvm_event *e, enum od_kvm_field f, uint64_t v)
{
	if (od_kvm_has(e, f))
		return;
	e->value[f] = v;
	e->has |= 1u << f;
}

static bool number(struct od_cursor *c, bool decimal, uint64_t *ret)
{
	if (decimal)
		return od_cur_dec(c, ret);
	od_cur_lit(c, "0x");
	return od_cur_hex(c, ret, NULL);
}

/* "22:23:31:481644" at the end of [s, end), or "1234.567890:" of ftrace. Returns what stands before it. */
static void read_clock(const char *s, const char *end, struct od_kvm_event *e)
{
	uint64_t v[4] = { 0 };

	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (end - s >= 15) {
		struct od_cursor c = od_cursor_init(end - 15, 15);

		if (od_cur_dec(&c, &v[0]) && od_cur_char(&c, ':') && od_cur_dec(&c, &v[1]) &&
		    od_cur_char(&c, ':') && od_cur_dec(&c, &v[2]) && od_cur_char(&c, ':') &&
		    od_cur_dec(&c, &v[3]) && od_cur_end(&c) && v[0] < 24 && v[1] < 60 && v[2] < 61) {
			e->clock_us = ((v[0] * 60 + v[1]) * 60 + v[2]) * 1000000 + v[3];
			e->has_clock = true;
		}
	}
}

/* ", gpa = 1343fa0b0, hva = 7feb409fa000 (7feb409fa000) : MMU seq = ..."; up to what is no field. */
static bool read_fields(struct od_cursor *c, struct od_kvm_event *e)
{
	bool any = true;

	while (any && !od_cur_end(c)) {
		while (!od_cur_end(c) && (*c->p == ' ' || *c->p == ',' || *c->p == ':' || *c->p == '\t'))
			c->p++;
		any = false;
		for (size_t i = 0; !any && i < sizeof(fields) / sizeof(*fields); i++) {
			const enum od_kvm_field f = fields[i].field;
			const bool decimal = fields[i].decimal ||
					     (f == OD_KVM_RET && e->kind == OD_KVM_FAULTIN_RET);
			struct od_cursor t = *c;
			uint64_t v;

			if (od_cur_peek(c) != *fields[i].name || !od_cur_lit(&t, fields[i].name) ||
			    !number(&t, decimal, &v))
				continue;
			if (!od_cur_end(&t) && is_word(*t.p))
				return false;
			set(e, f, v);
			/* The same, got another way. */
			*c = t;
			if (od_cur_lit(&t, " (") && number(&t, false, &v) && od_cur_char(&t, ')'))
				*c = t;
			any = true;
		}
	}
	return od_cur_end(c);
}

static bool read_hits(struct od_cursor *c, struct od_kvm_event *e)
{
	struct od_cursor t = *c;
	uint64_t v;

	if (od_cur_lit(&t, " (") && od_cur_dec(&t, &v) && od_cur_lit(&t, " hits)")) {
		set(e, OD_KVM_HITS, v);
		*c = t;
		return true;
	}
	return false;
}

/* Behind "tid[..] pid[..] ". */
static bool read_bpftrace(struct od_cursor *c, struct od_kvm_event *e)
{
	enum od_kvm_field last = OD_KVM_FIELDS;
	size_t row, n = sizeof(words) / sizeof(*words);
	bool end;
	uint64_t v;

	for (row = 0; row < n; row++) {
		struct od_cursor t = *c;

		if (!od_cur_lit(&t, words[row].word) || is_word(od_cur_peek(&t)))
			continue;
		*c = t;
		break;
	}
	if (row == n)
		return false;
	e->kind = words[row].kind;
	last = words[row].last;
	od_cur_blanks(c);
	if (e->kind == OD_KVM_PROBE_ERROR) {
		e->whole = true;
		return od_cur_lit(c, "@ rip ") || od_cur_lit(c, "vcpu ");
	}
	/* Cut in front of or within the head: the rest is on the next line. */
	if (od_cur_end(c) || !od_cur_lit(c, "@ rip "))
		return od_cur_end(c) || (*c->p == '@' && od_cur_left(c) < 6);
	if (!number(c, false, &v))
		return od_cur_end(c);
	set(e, OD_KVM_RIP, v);
	read_hits(c, e);
	if (od_cur_lit(c, " made it to make_")) {
		e->kind = OD_KVM_MADE;
		e->whole = od_find(c->p, od_cur_left(c), "spte") != NULL;
		return true;
	}
	end = read_fields(c, e);
	e->whole = end && od_kvm_has(e, last) && od_kvm_has(e, OD_KVM_HITS);
	return true;
}

/* Tracepoints: "kvm_page_fault: vcpu 0 rip 0x.. address 0x.. error_code 0x..". */
static bool read_point(struct od_cursor c, struct od_kvm_event *e)
{
	static const char *const faults[] = { "reason EPT_VIOLATION", "reason EPT_MISCONFIG", "reason npf" };

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		e->page_exit |= e->kind == OD_KVM_EXIT && od_find(c.p, od_cur_left(&c), faults[i]) != NULL;
	for (size_t i = 0; i < sizeof(point_fields) / sizeof(*point_fields); i++) {
		struct od_cursor t = c;
		uint64_t v;

		if (point_fields[i].field != OD_KVM_FIELDS && od_cur_past(&t, point_fields[i].name) &&
		    number(&t, point_fields[i].decimal, &v))
			set(e, point_fields[i].field, v);
	}
	e->whole = true;
	return od_kvm_has(e, OD_KVM_RIP) || od_kvm_has(e, OD_KVM_GPA);
}

uint64_t od_kvm_task(const char *s, const char *end)
{
	const char *p = od_find(s, (size_t)(end - s), " [");
	struct od_cursor c;
	uint64_t tid;

	while (p && p > s && p[-1] == ' ')
		p--;
	while (p && p > s && od_is_digit(p[-1]))
		p--;
	if (!p || p == s || (p[-1] != '-' && p[-1] != ' '))
		return 0;
	c = od_cursor_init(p, (size_t)(end - p));
	return od_cur_dec(&c, &tid) ? tid : 0;
}

/* A word of the grammar at the name of a tracepoint: "kvm_exit: ", after a blank or "kvm:". */
static bool parse_point(const char *s, size_t len, struct od_kvm_event *e)
{
	static const struct {
		const char *mark;
		enum od_kvm_kind kind;
	} points[] = { { "kvm_page_fault: ", OD_KVM_PAGE_FAULT }, { "kvm_exit: ", OD_KVM_EXIT } };
	struct od_cursor c = od_cursor_init(s, len < 2 * MAX_AHEAD ? len : 2 * MAX_AHEAD);

	/* Names of tasks may hold the word too. */
	while (od_cur_past(&c, "kvm_")) {
		const char *name = c.p - strlen("kvm_");

		for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++) {
			struct od_cursor t = od_cursor_init(name, (size_t)(s + len - name));

			if (!od_cur_lit(&t, points[i].mark))
				continue;
			e->kind = points[i].kind;
			e->tid = od_kvm_task(s, name);
			return read_point(t, e);
		}
	}
	return false;
}

/* Behind lit, which stands in the first MAX_AHEAD bytes: no need to search long lines for what is not theirs. */
static bool past_near(const char *s, size_t len, const char *lit, struct od_cursor *ret)
{
	struct od_cursor c = od_cursor_init(s, len < MAX_AHEAD ? len : MAX_AHEAD);

	if (!od_cur_past(&c, lit))
		return false;
	*ret = (struct od_cursor){ c.p, s + len };
	return true;
}

bool od_kvm_parse(const char *s, size_t len, struct od_kvm_event *e)
{
	struct od_cursor c;
	uint64_t pid;

	*e = (struct od_kvm_event){ .kind = OD_KVM_KINDS };
	while (len && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\r'))
		len--;
	if (past_near(s, len, "tid[", &c)) {
		read_clock(s, c.p - 4, e);
		if (!od_cur_dec(&c, &e->tid) || !od_cur_lit(&c, "] pid[") || !od_cur_dec(&c, &pid) ||
		    !od_cur_char(&c, ']'))
			return false;
		set(e, OD_KVM_PID, pid);
		od_cur_blanks(&c);
		return read_bpftrace(&c, e);
	}
	if (past_near(s, len, "stuck @ rip ", &c)) {
		c.p -= strlen("stuck @ rip ");
		read_clock(s, c.p, e);
		return read_bpftrace(&c, e) && od_kvm_has(e, OD_KVM_RIP);
	}
	if (past_near(s, len, "vcpu = ", &c)) {
		c.p -= strlen("vcpu = ");
		read_clock(s, c.p, e);
		e->kind = OD_KVM_COUNTER;
		e->whole = read_fields(&c, e) && od_kvm_has(e, OD_KVM_SEQ);
		return od_kvm_has(e, OD_KVM_VCPU) && od_kvm_has(e, OD_KVM_PID) && od_kvm_has(e, OD_KVM_SEQ);
	}
	return parse_point(s, len, e);
}
