/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Title, signature and confidence: what a person reads first and a script sorts by. */
#include <string.h>

#include "analyze/analyze.h"
#include "analyze/data.h"
#include "analyze/kvm.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "base/sha256.h"

enum { HASH_FRAMES = 8, MAX_TITLE_NAME = 120 };

static void add_name(struct od_buf *buf, const char *function, const char *module)
{
	size_t len = strlen(function);

	od_buf_add(buf, function, len > MAX_TITLE_NAME ? MAX_TITLE_NAME : len);
	if (len > MAX_TITLE_NAME)
		od_buf_addstr(buf, "...");
	if (module)
		od_buf_printf(buf, " [%s]", module);
}

/* " in kfree, called by cxiInitInodeSecurityCleanup [mmfslinux]" */
static void add_in(struct od_buf *buf, const struct od_report *rep)
{
	const struct od_frame *pc = od_report_pc(rep), *guilty = od_report_guilty(rep);

	if (!guilty && !pc)
		return;
	if (guilty && (!pc || pc == guilty)) {
		od_buf_addstr(buf, " in ");
		add_name(buf, guilty->function, od_blamed_module(rep, guilty));
		return;
	}
	if (pc->function) {
		od_buf_addstr(buf, " in ");
		add_name(buf, pc->function, od_blamed_module(rep, pc));
	} else {
		/* The address itself changes from boot to boot: it is no part of a title. */
		od_buf_addstr(buf, pc->addr < 4096 ? " by a jump to NULL" :
						     " at an address without a symbol");
	}
	if (guilty) {
		bool direct = rep->guilty_stack == 0 && rep->guilty_frame == 1;

		od_buf_addstr(buf, direct ? ", called by " : ", called from ");
		add_name(buf, guilty->function, od_blamed_module(rep, guilty));
	}
}

/* " in walnut::crack [walnut]": where the faulting function is always the same one */
static void add_guilty(struct od_buf *buf, const struct od_report *rep)
{
	const struct od_frame *guilty = od_report_guilty(rep);

	if (!guilty) {
		add_in(buf, rep);
		return;
	}
	od_buf_addstr(buf, " in ");
	add_name(buf, guilty->function, od_blamed_module(rep, guilty));
}

/* The panic's own words, without numbers that change. */
static void add_subject(struct od_buf *buf, const struct od_report *rep)
{
	static const char *const marks[] = { "not syncing", "Kernel panic" }; /* the second: 2.4 */
	const char *s = NULL;

	for (size_t i = 0; rep->subject && !s && i < sizeof(marks) / sizeof(*marks); i++) {
		s = strstr(rep->subject, marks[i]);
		s = s ? s + strlen(marks[i]) : NULL;
	}
	while (s && (*s == ' ' || *s == ':'))
		s++;
	if (!s || !*s)
		return;
	od_buf_addstr(buf, ": ");
	for (; *s && buf->len < 200; s++) {
		if (s[0] == '0' && s[1] == 'x') {
			od_buf_addstr(buf, "ADDR");
			for (s += 2; od_is_hex(*s); s++)
				;
			s--;
		} else {
			od_buf_addch(buf, *s);
		}
	}
}

void od_analyze_title(struct od_report *rep)
{
	const char *t = od_data_kind(rep->kind, rep->subkind)->title;
	struct od_buf buf = OD_BUF_INIT;

	while (*t) {
		struct od_cursor c = od_cursor_init(t, strlen(t));

		if (od_cur_lit(&c, "{in}")) {
			add_in(&buf, rep);
		} else if (od_cur_lit(&c, "{guilty}")) {
			add_guilty(&buf, rep);
		} else if (od_cur_lit(&c, "{subkind}")) {
			od_buf_addstr(&buf, rep->subkind ? rep->subkind : od_kind_name(rep->kind));
		} else if (od_cur_lit(&c, "{words}")) {
			const char *s = rep->subkind ? rep->subkind : od_kind_name(rep->kind);

			for (; *s; s++)
				od_buf_addch(&buf, *s == '-' ? ' ' : *s);
		} else if (od_cur_lit(&c, "{paren}")) {
			if (rep->subkind) {
				od_buf_addstr(&buf, " (");
				for (const char *s = rep->subkind; *s; s++)
					od_buf_addch(&buf, *s == '-' ? ' ' : *s);
				od_buf_addch(&buf, ')');
			}
		} else if (od_cur_lit(&c, "{SUBKIND}")) {
			const char *s = rep->subkind ? rep->subkind : "crash";

			for (; *s; s++)
				od_buf_addch(&buf, *s >= 'a' && *s <= 'z' ? (char)(*s - 32) : *s);
		} else if (od_cur_lit(&c, "{access}")) {
			if (rep->fault_access)
				od_buf_printf(&buf, " (%s)", rep->fault_access);
		} else if (od_cur_lit(&c, "{subject}")) {
			add_subject(&buf, rep);
		} else {
			od_buf_addch(&buf, *t);
			c.p++;
		}
		t = c.p;
	}
	rep->title = od_arena_strndup(&rep->arena, od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
}

/* Behind the '>' that belongs to the '<' at s, or NULL. */
static const char *past_bracket(const char *s)
{
	for (int depth = 0; *s; s++) {
		depth += *s == '<';
		if (*s == '>' && s[-1] != '-' && !--depth)
			return s + 1;
	}
	return NULL;
}

/*
 * A part of a signature: template arguments dropped, separators written as %XX. Of Rust's
 * "<walnut::Shell<u8> as Nut>::crack" the type stays: walnut::Shell::crack.
 */
static void add_part(struct od_buf *buf, const char *s)
{
	const char *self_end = NULL, *rest = s && *s == '<' ? past_bracket(s) : NULL;
	int depth = 0;

	if (rest && rest[0] == ':' && rest[1] == ':') {
		self_end = rest - 1;
		s++;
	}

	if (!s || !*s) {
		od_buf_addch(buf, '-');
		return;
	}
	for (; *s; s++) {
		if (self_end && (s == self_end || (!depth && !strncmp(s, " as ", 4)))) {
			s = rest;
			self_end = NULL;
		}
		/* "operator<" and "->" are no template brackets. */
		if (*s == '<' && s[1] && strchr(s, '>') && s[1] != '<' && s[1] != '=')
			depth++;
		if (!depth) {
			if (strchr("/@%", *s) || (unsigned char)*s <= ' ' || *s == 0x7f)
				od_buf_printf(buf, "%%%02X", (unsigned)(unsigned char)*s);
			else
				od_buf_addch(buf, *s);
		}
		if (*s == '>' && depth)
			depth--;
	}
}

static void stack_hash(struct od_report *rep)
{
	const bool user = od_kind_is_user(rep->kind);
	struct od_buf buf = OD_BUF_INIT;
	uint8_t digest[32];
	unsigned n = 0;

	for (uint32_t s = 0; s < rep->nstacks && (!s || !user) && n < HASH_FRAMES; s++) {
		const struct od_stack *stack = &rep->stacks[s];

		for (uint32_t i = 0; i < stack->nframes && n < HASH_FRAMES; i++) {
			const struct od_frame *f = &stack->frames[i];
			const char *module;

			if (!f->function || (f->flags & OD_FRAME_UNRELIABLE) ||
			    od_data_skip(f->function, f->module, rep->kind))
				continue;
			module = od_blamed_module(rep, f);
			od_buf_printf(&buf, "%s@%s\n", f->function, module ? module : "");
			n++;
		}
	}
	if (n) {
		od_sha256(buf.data, buf.len, digest);
		for (unsigned i = 0; i < 8; i++) {
			rep->stack_hash[2 * i] = "0123456789abcdef"[digest[i] >> 4];
			rep->stack_hash[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
		}
	}
	od_buf_deinit(&buf);
}

void od_analyze_signature(struct od_report *rep)
{
	struct od_buf buf = OD_BUF_INIT;
	const char *function = rep->guilty_function;
	const struct od_frame *pc = od_report_pc(rep);

	/* Nobody is guilty: the faulting function still tells one crash from another. */
	if (!function && pc)
		function = pc->function;
	od_buf_printf(&buf, "v1/%s/", od_kind_name(rep->kind));
	add_part(&buf, rep->subkind);
	od_buf_addch(&buf, '/');
	add_part(&buf, function);
	if (rep->guilty_module) {
		od_buf_addch(&buf, '@');
		add_part(&buf, rep->guilty_module);
	}
	rep->signature = od_arena_strndup(&rep->arena, od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
	stack_hash(rep);
}

void od_analyze_confidence(struct od_report *rep)
{
	const struct od_frame *guilty = od_report_guilty(rep);

	if (rep->informational) {
		rep->confidence = OD_CONF_HIGH;
		rep->confidence_why = "somebody asked for it: it is no crash";
	} else if (rep->kind == OD_KIND_KVM_STALL || rep->kind == OD_KIND_KVM_PROGRESS) {
		od_kvm_confidence(rep);
	} else if (rep->kind == OD_KIND_OTHER) {
		rep->confidence = OD_CONF_LOW;
		rep->confidence_why = "no line says what happened; only a trace is left";
	} else if (!guilty && od_data_blame(rep->kind, rep->subkind)->how == OD_BLAME_NONE) {
		rep->confidence = OD_CONF_HIGH;
		rep->confidence_why = "the message says it all";
	} else if (!guilty) {
		rep->confidence = rep->nstacks ? OD_CONF_LOW : OD_CONF_MEDIUM;
		rep->confidence_why = rep->guilty_why;
	} else if (guilty->flags & OD_FRAME_UNRELIABLE) {
		rep->confidence = OD_CONF_LOW;
		rep->confidence_why = "the guilty frame is one that the kernel was not sure of";
	} else if (rep->truncated) {
		rep->confidence = OD_CONF_MEDIUM;
		rep->confidence_why = rep->truncated;
	} else if (rep->nstacks && !rep->stacks[0].frames[0].symbol) {
		rep->confidence = OD_CONF_MEDIUM;
		rep->confidence_why = "the faulting address has no symbol; its callers do";
	} else {
		rep->confidence = OD_CONF_HIGH;
		rep->confidence_why = "a detector named the problem and the trace is whole";
	}
}
