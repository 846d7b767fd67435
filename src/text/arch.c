/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What architectures print alike: the cause of a fault, headers of die(), registers, code words.
 * Sources: arch/{arm,arm64}/kernel/traps.c, arch/{arm,arm64,riscv,mips,loongarch,s390,powerpc}/mm/
 * fault.c, arch/{riscv,mips,loongarch}/kernel/traps.c; 2.6 to 6.17.
 */
#include "text/arch.h"

#include <string.h>

enum { PAGE = 4096 };

bool od_arch_is_fault(const struct od_report *rep)
{
	return rep->kind == OD_KIND_PAGE_FAULT || rep->kind == OD_KIND_NULL_DEREF;
}

void od_arch_is(struct od_incident *inc, const char *arch)
{
	if (!inc->rep->arch)
		inc->rep->arch = arch;
}

void od_arch_fault_address(struct od_report *rep, uint64_t addr)
{
	if (rep->has_fault_address)
		return;
	rep->fault_address = addr;
	rep->has_fault_address = true;
	if (rep->kind == OD_KIND_PAGE_FAULT && addr < PAGE)
		rep->kind = OD_KIND_NULL_DEREF;
}

void od_arch_access(struct od_report *rep, const char *access)
{
	if (!rep->fault_access)
		rep->fault_access = access;
}

void od_arch_error_code(struct od_report *rep, uint64_t code)
{
	if (rep->has_error_code)
		return;
	rep->error_code = code;
	rep->has_error_code = true;
}

/* --- registers, pc, code ------------------------------------------------------------------- */

bool od_arch_word(struct od_cursor *c, unsigned digits, uint64_t *ret)
{
	struct od_cursor t = *c;
	unsigned n;

	if (!od_cur_hex(&t, ret, &n) || (digits ? n != digits : n != 8 && n != 16) ||
	    od_is_alnum(od_cur_peek(&t)))
		return false;
	*c = t;
	return true;
}

void od_arch_register(struct od_incident *inc, const struct od_record *rec, const char *name,
		      uint64_t value)
{
	if (!inc->user_registers && !inc->aside && !od_report_register(inc->rep, name))
		od_report_add_register(inc->rep, name, strlen(name), value, rec->lineno);
}

const char *od_arch_name(const struct od_arch_name *names, size_t n, const char *s, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(names[i].printed) == len && !memcmp(names[i].printed, s, len))
			return names[i].name;
	return NULL;
}

unsigned od_arch_register_pairs(struct od_incident *inc, const struct od_record *rec,
				struct od_cursor c, const struct od_arch_registers *how)
{
	unsigned n = 0;

	for (;; n++) {
		const char *s, *name;
		char buf[16];
		uint64_t value;
		bool bracket;

		od_cur_blanks(&c);
		s = c.p;
		while (od_is_alnum(od_cur_peek(&c)) || od_cur_peek(&c) == '_')
			c.p++;
		name = how->name(s, (size_t)(c.p - s), buf);
		od_cur_blanks(&c);
		if (!name || (how->colon && !od_cur_char(&c, ':')))
			break;
		od_cur_blanks(&c);
		bracket = od_cur_lit(&c, "[<");
		if (!bracket)
			od_cur_lit(&c, "0x");
		if (!od_arch_word(&c, how->digits, &value) || (bracket && !od_cur_lit(&c, ">]")))
			break;
		od_cur_char(&c, ',');
		od_arch_is(inc, how->arch);
		od_arch_register(inc, rec, name, value);
	}
	return n;
}

/* Of a CPU that is stuck the interrupted pc, inside of the trace, is what matters. */
static bool pc_is_in_trace(const struct od_incident *inc)
{
	return !inc->aside && !od_incident_has_pc(inc) &&
	       (od_kind_is(inc, OD_KIND_SOFT_LOCKUP) || od_kind_is(inc, OD_KIND_HARD_LOCKUP) ||
		od_kind_is(inc, OD_KIND_RCU_STALL) || od_kind_is(inc, OD_KIND_CSD_LOCK));
}

/* The pc again: what was missing of it. True if it is the same one. */
static bool complete_pc(struct od_incident *inc, const struct od_frame *frame)
{
	struct od_report *rep = inc->rep;
	struct od_stack *stack = NULL;
	struct od_frame *pc = NULL;

	for (uint32_t i = rep->nstacks; i-- > 0 && !pc;) {
		stack = &rep->stacks[i];
		if (stack->aside == inc->aside && stack->nframes && (stack->frames[0].flags & OD_FRAME_PC))
			pc = &stack->frames[0];
	}
	if (!pc || inc->warn_frame || (pc->symbol && frame->symbol && pc->addr != frame->addr) ||
	    (pc->addr && frame->addr && pc->addr != frame->addr))
		return false;
	if (!pc->addr)
		pc->addr = frame->addr;
	if (!pc->symbol && frame->symbol) {
		const struct od_lines lines = pc->lines;
		const uint64_t addr = pc->addr;

		*pc = *frame;
		pc->addr = addr;
		pc->lines = lines;
		pc->flags |= OD_FRAME_PC;
		/* So it is no jump to nowhere. */
		if (stack->nframes == 2 && (stack->frames[1].flags & OD_FRAME_GUESSED))
			stack->nframes = 1;
	}
	return true;
}

void od_arch_pc(struct od_incident *inc, const struct od_record *rec, const struct od_frame *frame,
		bool late)
{
	if (inc->user_registers && !inc->aside)
		return;
	if (od_incident_has_pc(inc) && complete_pc(inc, frame))
		return;
	if (!late && inc->stack >= 0 && (inc->aside ? od_incident_has_pc(inc) : inc->trace_seen) &&
	    !pc_is_in_trace(inc)) {
		/* The code that an exception inside of the trace hit: a frame of it. */
		if (frame->symbol)
			od_stack_push(inc, rec, frame);
		inc->user_registers = true;
		return;
	}
	if (!inc->aside && inc->stack >= 0 && pc_is_in_trace(inc))
		od_stack_close(inc);
	od_incident_set_pc(inc, rec, frame, late);
}

/* Of a jump to nowhere: the pc has no function, so its caller is where it would return to. */
static void caller_of_nowhere(struct od_incident *inc, const struct od_record *rec,
			      const struct od_frame *caller)
{
	struct od_stack *stack = NULL;
	struct od_frame *f;

	for (uint32_t i = 0; i < inc->rep->nstacks && !stack; i++)
		if (!inc->rep->stacks[i].aside)
			stack = &inc->rep->stacks[i];
	if (!stack || stack->nframes != 1 || !(stack->frames[0].flags & OD_FRAME_PC) ||
	    stack->frames[0].symbol)
		return;
	f = od_stack_add_frame(inc->rep, stack);
	if (!f)
		return;
	*f = *caller;
	f->flags |= OD_FRAME_GUESSED;
	f->lines = (struct od_lines){ rec->lineno, rec->lineno_last };
}

bool od_arch_link_register(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;
	struct od_cursor t = c;

	if (!od_frame_location(inc->rep, &t, &frame))
		return false;
	if (!frame.symbol || inc->user_registers || inc->aside)
		return true;
	if (od_detail_str(inc->rep, "link_register", c.p, od_cur_left(&c)))
		caller_of_nowhere(inc, rec, &frame);
	return true;
}

bool od_arch_code_byte(struct od_report *rep, uint8_t byte)
{
	if (!rep->code)
		rep->code = od_arena_alloc(&rep->arena, OD_MAX_CODE);
	if (rep->ncode == OD_MAX_CODE)
		return false;
	rep->code[rep->ncode++] = byte;
	return true;
}

bool od_arch_code_words(struct od_incident *inc, struct od_cursor c, enum od_arch_order order)
{
	struct od_report *rep = inc->rep;
	struct od_cursor probe = c;
	unsigned words = 0;

	for (;; words++) {
		uint64_t v;
		unsigned digits;
		char mark;

		od_cur_blanks(&probe);
		if (od_cur_end(&probe))
			break;
		if (od_cur_lit(&probe, "XXXXXXXX"))
			continue;
		/* "bad PC value", "(Bad address in epc)" end it. */
		if (words && (od_cur_lit(&probe, "bad PC") || od_cur_lit(&probe, "(Bad ")))
			break;
		mark = od_cur_peek(&probe);
		if (mark == '(' || mark == '<')
			probe.p++;
		else
			mark = '\0';
		if (!od_cur_hex(&probe, &v, &digits) || (digits != 4 && digits != 8) ||
		    (mark && !od_cur_char(&probe, mark == '(' ? ')' : '>')))
			return false;
		if (!od_cur_end(&probe) && !od_is_blank(*probe.p))
			return false;
	}
	if (!words)
		return false;
	for (;;) {
		uint64_t v;
		unsigned digits;
		bool mark;

		od_cur_blanks(&c);
		mark = od_cur_char(&c, '(') || od_cur_char(&c, '<');
		if (!od_cur_hex(&c, &v, &digits))
			break;
		if (mark) {
			rep->code_trap = (int32_t)rep->ncode;
			c.p++;
		}
		for (unsigned i = 0; i < digits / 2; i++) {
			unsigned shift = 8 * (order == OD_ARCH_LITTLE ? i : digits / 2 - 1 - i);

			if (!od_arch_code_byte(rep, (uint8_t)(v >> shift)))
				return true;
		}
	}
	return true;
}

/* --- "Unable to handle kernel paging request at virtual address 00000008" -------------------- */

/* After "kernel ": the words up to the address, and the address. */
static bool fault_words(struct od_cursor c, const char **end, uint64_t *addr, bool *has_addr)
{
	static const char *const before[] = {
		" at virtual kernel address ", " at virtual user address ", " at virtual address ",
		" for data at address ", " for unaligned access at address ", " at ",
	};
	static const char *const alone[] = {
		" in virtual kernel address space", " in virtual user address space",
		" for instruction fetch", " for unknown fault",
	};

	*has_addr = false;
	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		struct od_cursor t = c;

		if (!od_cur_past(&t, before[i]))
			continue;
		*end = t.p - strlen(before[i]);
		od_cur_lit(&t, "0x");
		*has_addr = od_cur_hex(&t, addr, NULL);
		if (*has_addr)
			return true;
	}
	for (size_t i = 0; i < sizeof(alone) / sizeof(*alone); i++) {
		const char *p = od_find(c.p, od_cur_left(&c), alone[i]);

		if (p) {
			*end = p;
			return true;
		}
	}
	/* The line is cut before or inside of the address. */
	*end = c.end;
	return od_cur_lit(&c, "NULL pointer dereference") || od_cur_lit(&c, "paging request at virtual");
}

/* At the start, or after "CPU 3 ". */
static bool check_unable(const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor t = od_cursor_init(rec->text, rec->len);
	const char *end;
	uint64_t v;
	bool has;

	if (od_cur_lit(&t, "CPU ") && (!od_cur_dec(&t, &v) || !od_cur_char(&t, ' ')))
		return false;
	return od_cur_lit(&t, "Unable to handle kernel ") && t.p == c.p &&
	       fault_words(c, &end, &v, &has);
}

static void unable(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *words = c.p, *end = c.p;
	const size_t left = od_cur_left(&c);
	struct od_cursor t = c;
	uint64_t addr = 0, v;
	bool has;

	od_subject(inc, rec);
	if (!fault_words(c, &end, &addr, &has))
		return;
	if (od_cur_lit(&t, "NULL pointer"))
		rep->kind = OD_KIND_NULL_DEREF;
	else if (od_find(words, (size_t)(end - words), "alignment") ||
		 od_find(end, (size_t)(c.end - end), "unaligned access"))
		rep->kind = OD_KIND_ALIGNMENT;
	else if (!od_cur_lit(&t, "paging request") && !od_cur_lit(&t, "pointer dereference"))
		od_detail_str(rep, "fault_reason", words, (size_t)(end - words));
	if (has)
		od_arch_fault_address(rep, addr);
	/* "[when write]" of arm since 6.2; words of arm64. */
	if (od_find(words, left, "when write") || od_cur_lit(&t, "write to read-only"))
		od_arch_access(rep, "write");
	else if (od_find(words, left, "when read") || od_cur_lit(&t, "read from unreadable"))
		od_arch_access(rep, "read");
	else if (od_find(words, left, "when execute") || od_cur_lit(&t, "execut") ||
		 od_find(words, left, "instruction fetch"))
		od_arch_access(rep, "fetch");
	/* mips: "epc == 80123456, ra == 80123460" */
	if (od_cur_past(&c, ", epc == "))
		od_arch_is(inc, "mips");
	else if (od_cur_past(&c, ", era == "))
		od_arch_is(inc, "loongarch");
	else
		return;
	if (od_cur_hex(&c, &v, NULL)) {
		const struct od_frame frame = { .addr = v };

		od_arch_pc(inc, rec, &frame, false);
	}
}

/* --- die(): "Internal error: Oops: 96000045 [#1] SMP", "Oops - BUG [#1]", "Oops[#1]:" ---------- */

static const struct {
	const char *text;
	enum od_kind kind;
	const char *subkind;
} die_texts[] = {
	{ "KASAN", OD_KIND_KASAN, "tag-fault" },
	{ "BUG", OD_KIND_KERNEL_BUG, NULL },
	{ "Kernel BUG", OD_KIND_KERNEL_BUG, NULL },
	{ "Kernel bug detected", OD_KIND_KERNEL_BUG, NULL },
	{ "CFI", OD_KIND_CFI, NULL },
	{ "BTI", OD_KIND_CFI, "bti" },
	{ "FPAC", OD_KIND_CFI, "fpac" },
	{ "GCS", OD_KIND_CFI, "gcs" },
	{ "SP/PC alignment", OD_KIND_ALIGNMENT, "sp-pc" },
	{ "alignment", OD_KIND_ALIGNMENT, NULL },
	{ "load address misaligned", OD_KIND_ALIGNMENT, "load" },
	{ "store (or AMO) address misaligned", OD_KIND_ALIGNMENT, "store" },
	{ "instruction address misaligned", OD_KIND_ALIGNMENT, "instruction" },
	{ "Unhandled kernel unaligned access", OD_KIND_ALIGNMENT, NULL },
	{ "Kernel unaligned instruction access", OD_KIND_ALIGNMENT, "instruction" },
	{ "Kernel ale access", OD_KIND_ALIGNMENT, NULL },
	{ "kernel stack overflow", OD_KIND_STACK_GUARD, NULL },
	{ "Attempting to execute userspace memory", OD_KIND_PAGE_FAULT, NULL },
	{ "Accessing user space memory", OD_KIND_PAGE_FAULT, NULL },
};

static bool ends_with(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && !memcmp(s + len - n, end, n);
}

/* What die() was called with, of an incident that has no name yet. */
static void die_name(struct od_incident *inc, const char *s, size_t len)
{
	struct od_report *rep = inc->rep;
	const struct od_detail *reason = od_report_detail(rep, "fault_reason");
	struct od_cursor c = od_cursor_init(s, len);

	while (od_cur_lit(&c, "Oops - ") || od_cur_lit(&c, "Oops: "))
		;
	if (od_cur_left(&c) == 4 && od_cur_lit(&c, "Oops")) {
		rep->kind = OD_KIND_PAGE_FAULT;
		return;
	}
	/* "Unhandled fault: external abort on linefetch (0x012) at ..", "Internal error: : 12 [#1]" */
	if (od_cur_end(&c) && reason)
		c = od_cursor_init(reason->string, strlen(reason->string));
	if (od_cur_lit(&c, "UBSAN: ")) {
		rep->kind = OD_KIND_UBSAN;
		rep->subkind = od_kebab(rep, c.p, od_cur_left(&c), ":");
		return;
	}
	for (size_t i = 0; i < sizeof(die_texts) / sizeof(*die_texts); i++) {
		struct od_cursor t = c;

		if (od_cur_lit(&t, die_texts[i].text)) {
			rep->kind = die_texts[i].kind;
			rep->subkind = die_texts[i].subkind;
			return;
		}
	}
	if (ends_with(c.p, od_cur_left(&c), "translation fault") ||
	    ends_with(c.p, od_cur_left(&c), "permission fault") ||
	    ends_with(c.p, od_cur_left(&c), "access flag fault")) {
		rep->kind = OD_KIND_PAGE_FAULT;
		return;
	}
	rep->kind = OD_KIND_TRAP;
	rep->subkind = od_kebab(rep, c.p, od_cur_left(&c), "[");
}

static void die_header(struct od_incident *inc, const struct od_record *rec, const char *s, size_t len)
{
	if (inc->named && inc->rep->kind != OD_KIND_NONE)
		return;
	od_subject(inc, rec);
	die_name(inc, s, len);
}

/* "N] ...": the count of die(); *rest stands after it. */
static bool die_count(struct od_cursor c, uint64_t *count, struct od_cursor *rest)
{
	if (!od_cur_dec(&c, count) || !od_cur_char(&c, ']'))
		return false;
	*rest = c;
	return true;
}

/* "Oops: 96000045 [#1] PREEMPT SMP", ": 1028 [#1] SMP ARM" after "Internal error: " */
static bool internal_parts(struct od_cursor c, struct od_cursor *name, uint64_t *code,
			   uint64_t *count, struct od_cursor *rest)
{
	const char *hash = od_find(c.p, od_cur_left(&c), " [#"), *p = hash;
	struct od_cursor t;

	if (!hash || !die_count((struct od_cursor){ hash + 3, c.end }, count, rest))
		return false;
	while (p > c.p && od_is_hex(p[-1]))
		p--;
	if (p == hash || p - c.p < 2 || p[-1] != ' ' || p[-2] != ':')
		return false;
	t = (struct od_cursor){ p, hash };
	*name = (struct od_cursor){ c.p, p - 2 };
	return od_cur_hex(&t, code, NULL);
}

static bool check_internal(const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor name, rest;
	uint64_t code, count;

	(void)rec;
	return internal_parts(c, &name, &code, &count, &rest);
}

void od_arch_syndrome(struct od_report *rep)
{
	const uint64_t code = rep->error_code;
	const unsigned class = (unsigned)(code >> 26) & 0x3f;

	if (!od_arch_is_fault(rep) || !rep->arch || !rep->has_error_code)
		return;
	if (!strcmp(rep->arch, "arm"))
		od_arch_access(rep, code >> 31 & 1 ? "fetch" : code >> 11 & 1 ? "write" : "read");
	else if (!strcmp(rep->arch, "arm64") && (class == 0x20 || class == 0x21))
		od_arch_access(rep, "fetch");
	else if (!strcmp(rep->arch, "arm64") && (class == 0x24 || class == 0x25))
		od_arch_access(rep, code >> 6 & 1 ? "write" : "read");
}

static void internal_error(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_cursor name, rest;
	uint64_t code, count;

	if (!internal_parts(c, &name, &code, &count, &rest))
		return;
	od_detail_num(rep, "oops_count", count);
	if (ends_with(rest.p, od_cur_left(&rest), " ARM") ||
	    ends_with(rest.p, od_cur_left(&rest), " THUMB2"))
		od_arch_is(inc, "arm");
	else if (code >> 26 == 0x25 || code >> 26 == 0x21)
		od_arch_is(inc, "arm64");
	die_header(inc, rec, name.p, od_cur_left(&name));
	if (od_arch_is_fault(rep) || rep->kind == OD_KIND_TRAP || rep->kind == OD_KIND_ALIGNMENT)
		od_arch_error_code(rep, code);
	od_arch_syndrome(rep);
}

/* "Oops - illegal instruction [#1]": nothing after it, and no error code before it. */
static bool check_bare_die(const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor t = od_cursor_init(rec->text, rec->len), rest;
	uint64_t n;

	return die_count(c, &n, &rest) && od_cur_end(&rest) && !memchr(rec->text, ':', rec->len) &&
	       (od_cur_lit(&t, "Oops") || od_cur_lit(&t, "Kernel BUG"));
}

static void bare_die(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	const char *end = c.p - 2;
	uint64_t n;

	if (od_cur_dec(&c, &n))
		od_detail_num(inc->rep, "oops_count", n);
	if (end > rec->text && end[-1] == ' ')
		end--;
	die_header(inc, rec, rec->text, (size_t)(end - rec->text));
}

/* "Oops[#1]:", "Reserved instruction in kernel code[#2]:" */
static bool check_glued_die(const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor rest;
	uint64_t n;

	return c.p - rec->text >= 6 && od_is_alpha(*rec->text) && !od_is_blank(c.p[-3]) &&
	       die_count(c, &n, &rest) && od_cur_char(&rest, ':') && od_cur_end(&rest);
}

/* "Insufficient stack space to handle exception!" */
static void no_stack(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	od_subject(inc, rec);
}

const struct od_trigger od_arch_triggers[] = {
	{ "Unable to handle kernel ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_PAGE_FAULT, NULL, check_unable, unable },
	{ "Insufficient stack space to handle exception!", OD_ROLE_DETECT, 0, OD_KIND_STACK_GUARD, NULL, NULL, no_stack },
	{ "8<--- cut here ---", OD_ROLE_CUT, 0, OD_KIND_NONE, NULL, NULL, NULL },
	{ "Internal error: ", OD_ROLE_DIE, 0, OD_KIND_OTHER, NULL, check_internal, internal_error },
	{ " [#", OD_ROLE_DIE, OD_ANYWHERE, OD_KIND_OTHER, NULL, check_bare_die, bare_die },
	{ "[#", OD_ROLE_DIE, OD_ANYWHERE, OD_KIND_OTHER, NULL, check_glued_die, bare_die },
	{ 0 },
};

/* "Task stack:     [0xffff800008000000..0xffff800008004000]" */
static bool stack_range(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t from, to;

	od_cur_blanks(&c);
	if (!od_cur_char(&c, '[') || !od_cur_0x(&c, &from) || !od_cur_lit(&c, "..") ||
	    !od_cur_0x(&c, &to) || !od_cur_char(&c, ']'))
		return false;
	if (*rec->text == 'T')
		od_detail_addr(inc->rep, "stack_base", from);
	return true;
}

/* "[0000000000000010] pgd=0000000000000000", "[00000000] *pgd=00000000": page tables. */
static bool page_table(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)inc;
	(void)rec;
	if (!od_arch_word(&c, 0, &v) || !od_cur_lit(&c, "] "))
		return false;
	return od_cur_lit(&c, "pgd=") || od_cur_lit(&c, "*pgd=") ||
	       od_cur_lit(&c, "user address but active_mm is swapper") ||
	       od_cur_lit(&c, "address between user and kernel address ranges") ||
	       od_cur_lit(&c, "virtual address with bits");
}

/* "pgd = ee1ec000": arm and arm64, up to 4.14 */
static bool pgd(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	return od_arch_is_fault(inc->rep) && od_arch_word(&c, 0, &v) && od_cur_end(&c);
}

/* "Stack : 8f83 ..", "Stack: (0xc0a01f08 to 0xc0a02000)", "Exception stack(0xc0a0 to 0xc0a0)" */
static bool raw_stack(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	od_cur_blanks(&c);
	if (c.p[-1] == ' ' && c.p[-2] == ':' && c.p[-3] == ' ') {
		if (!od_arch_word(&c, 0, &v))
			return false;
	} else if (!od_cur_lit(&c, "(0x") || !od_cur_hex(&c, &v, NULL) || !od_cur_lit(&c, " to 0x")) {
		return false;
	}
	inc->in_raw_stack = true;
	return true;
}

const struct od_rule od_arch_rules[] = {
	{ "Task stack:", stack_range },
	{ "IRQ stack:", stack_range },
	{ "Overflow stack:", stack_range },
	{ "[", page_table },
	{ "Stack : ", raw_stack },
	{ "Stack: ", raw_stack },
	{ "Exception stack", raw_stack },
	{ "pgd = ", pgd },
	{ NULL, NULL },
};
