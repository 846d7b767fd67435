/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * powerpc. Sources: arch/powerpc/kernel/{process,traps,mce,watchdog}.c, arch/powerpc/mm/fault.c; 2.6
 * to 6.17. Frames stand behind two addresses; registers of exceptions and of user space stand inside
 * of the trace, after "--- interrupt:".
 */
#include <stdio.h>
#include <string.h>

#include "text/arch.h"

static const struct od_arch_name names[] = {
	{ "NIP", "nip" }, { "LR", "lr" },	{ "CTR", "ctr" },   { "MSR", "msr" },
	{ "CR", "cr" },	  { "XER", "xer" },	{ "CFAR", "cfar" }, { "DAR", "dar" },
	{ "DSISR", "dsisr" }, { "DEAR", "dear" }, { "ESR", "esr" },
};

static const char *register_name(const char *s, size_t len, char buf[16])
{
	(void)buf;
	return od_arch_name(names, sizeof(names) / sizeof(*names), s, len);
}

static const struct od_arch_registers how = { "powerpc", register_name, 0, true };

/* "CFAR: c000000000a1 DAR: 0000000000000008 DSISR: 40000000 IRQMASK: 0", "DAR: 0008, DSISR: 4000" */
static bool registers(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const struct od_register *dsisr, *dar;

	c = od_cursor_init(rec->text, rec->len);
	if (!od_arch_register_pairs(inc, rec, c, &how))
		return false;
	dsisr = od_report_register(rep, "dsisr");
	dar = od_report_register(rep, "dar");
	if (dsisr && !inc->user_registers && !inc->aside && od_arch_is_fault(rep)) {
		od_arch_error_code(rep, dsisr->value);
		/* DSISR bit 6 of 32, from the left: a store. */
		od_arch_access(rep, dsisr->value & 0x02000000 ? "write" : "read");
		if (dar)
			od_arch_fault_address(rep, dar->value);
	}
	return true;
}

/* "MSR:  8000000000009033 <SF,EE,ME,IR,DR,RI,LE>  CR: 24002482  XER: 00000000" */
static bool msr(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	if (!registers(inc, rec, c))
		return false;
	if (od_cur_past(&c, ">  CR: "))
		c.p -= 4;
	else if (!od_cur_past(&c, " CR: "))
		return true;
	else
		c.p -= 4;
	od_arch_register_pairs(inc, rec, c, &how);
	return true;
}

/* "NIP [c008000000f10128] f+0x28/0x70 [mod]", after all registers */
static bool nip(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;
	uint64_t v;

	if (!od_arch_word(&c, 0, &v) || !od_cur_char(&c, ']'))
		return false;
	od_cur_lit(&c, ":"); /* "MCE: CPU0: NIP: [c000..] f" */
	od_cur_blanks(&c);
	if (!od_frame_location(inc->rep, &c, &frame))
		frame = (struct od_frame){ 0 };
	frame.addr = v;
	od_arch_is(inc, "powerpc");
	od_arch_pc(inc, rec, &frame, false);
	return true;
}

/* "LR [c000000000a1b2a0] f+0x20/0x70", "LR = .f+0x1/0x2" */
static bool lr(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	if (od_cur_lit(&c, "= "))
		return !od_cur_end(&c);
	if (!od_cur_char(&c, '[') || !od_arch_word(&c, 0, &v) || !od_cur_char(&c, ']'))
		return false;
	od_cur_blanks(&c);
	od_arch_link_register(inc, rec, c);
	return true;
}

/* "GPR00: c008 c000 c008 0000", 8 a line on 32 bits */
static bool general(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t first, v;
	unsigned n = 0;

	if (!od_cur_dec(&c, &first) || first > 28 || first % 4 || !od_cur_lit(&c, ": "))
		return false;
	for (; n < 8 && first + n < 32; n++) {
		char name[8];

		od_cur_blanks(&c);
		if (!od_arch_word(&c, 0, &v))
			break;
		snprintf(name, sizeof(name), "r%u", (unsigned)first + n);
		od_arch_register(inc, rec, name, v);
	}
	return n > 0;
}

/* "REGS: c00000000fff7970 TRAP: 0300   Not tainted  (5.10.0)" */
static bool regs(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *paren;
	uint64_t v;

	(void)rec;
	if (!od_arch_word(&c, 0, &v) || !od_cur_lit(&c, " TRAP: ") || !od_cur_hex(&c, &v, NULL))
		return false;
	od_arch_is(inc, "powerpc");
	if (inc->user_registers || inc->aside)
		return true;
	od_detail_addr(rep, "trap", v);
	paren = od_find(c.p, od_cur_left(&c), "  (");
	if (paren && !rep->release && od_is_digit(paren[3])) {
		const char *s = paren + 3, *p = s;

		while (p < c.end && !od_is_blank(*p) && *p != ')')
			p++;
		rep->release = od_arena_strndup(&rep->arena, s, (size_t)(p - s));
	}
	return true;
}

/* "TASK = c00000000f2b4000[1234] 'modprobe' THREAD: c00000000ffa4000 CPU: 1" */
static bool task(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	const char *comm, *quote;
	uint64_t v, pid;

	(void)rec;
	if (!od_arch_word(&c, 0, &v) || !od_cur_char(&c, '[') || !od_cur_dec(&c, &pid) ||
	    !od_cur_lit(&c, "] '"))
		return false;
	comm = c.p;
	quote = od_find(c.p, od_cur_left(&c), "' ");
	if (!quote || inc->user_registers || inc->aside)
		return true;
	if (!rep->comm)
		rep->comm = od_arena_strndup(&rep->arena, comm, (size_t)(quote - comm));
	if (rep->pid < 0 && pid <= INT32_MAX)
		rep->pid = (int32_t)pid;
	if (rep->cpu < 0 && od_past_dec(&c, " CPU: ", &v) && v <= INT32_MAX)
		rep->cpu = (int32_t)v;
	return true;
}

/* "IRQMASK: 0", "SOFTE: 0", "PACATMSCRATCH: 80..": of their own line where CFAR is not there. */
static bool number(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t v;

	(void)rec;
	return inc->rep->arch && od_cur_hex(&c, &v, NULL);
}

/* "LE PAGE_SIZE=64K MMU=Radix SMP NR_CPUS=2048 NUMA pSeries", "SMP NR_CPUS=1024 NUMA pSeries" */
static bool machine(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)c;
	if (!od_find(rec->text, rec->len, "PAGE_SIZE=") && !od_find(rec->text, rec->len, "NR_CPUS="))
		return false;
	od_arch_is(inc, "powerpc");
	if (rec->len > 3 && (!memcmp(rec->text, "LE ", 3) || !memcmp(rec->text, "BE ", 3)))
		od_detail_str(inc->rep, "byte_order", *rec->text == 'L' ? "little" : "big",
			      *rec->text == 'L' ? 6 : 3);
	return true;
}

/* "--- interrupt: 300 at f+0x1/0x2", "--- Exception: 901 at .f+0x1/0x2", "--- interrupt: c00 at 0x7fff" */
static bool interrupt(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_frame frame;
	uint64_t v;

	if (!od_cur_hex(&c, &v, NULL))
		return false;
	/* What follows are its registers. */
	inc->user_registers = true;
	if (!od_cur_lit(&c, " at "))
		return od_cur_end(&c);
	if (od_frame_location(inc->rep, &c, &frame) && frame.symbol && inc->stack >= 0)
		od_stack_push(inc, rec, &frame);
	return true;
}

/* "Instruction dump:", then two lines of eight words */
static bool dump(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	od_arch_is(inc, "powerpc");
	if (!inc->rep->code)
		inc->rep->code = od_arena_alloc(&inc->rep->arena, OD_MAX_CODE);
	od_stack_close(inc);
	od_cur_blanks(&c);
	return od_cur_end(&c);
}

static enum od_arch_order order(const struct od_incident *inc)
{
	const struct od_detail *d = od_report_detail(inc->rep, "byte_order");

	return d && *d->string == 'l' ? OD_ARCH_LITTLE : OD_ARCH_AS_PRINTED;
}

/* "Code: 38600000 4e800020 <81290000> ..": since 6.5 */
static bool code(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	if (!inc->rep->arch || strcmp(inc->rep->arch, "powerpc") != 0)
		return false;
	if (!od_arch_code_words(inc, c, order(inc)))
		return false;
	od_stack_close(inc);
	return true;
}

/* --- causes --------------------------------------------------------------------------------- */

/* "BUG: Kernel NULL pointer dereference on read at 0x00000008", "BUG: Unable to handle kernel .." */
static void bug(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	uint64_t v;

	od_subject(inc, rec);
	od_arch_is(inc, "powerpc");
	if (od_find(c.p, od_cur_left(&c), "on write"))
		od_arch_access(rep, "write");
	else if (od_find(c.p, od_cur_left(&c), "on read"))
		od_arch_access(rep, "read");
	else if (od_find(c.p, od_cur_left(&c), "instruction fetch"))
		od_arch_access(rep, "fetch");
	if (od_find(c.p, od_cur_left(&c), "NULL pointer?"))
		rep->kind = OD_KIND_NULL_DEREF;
	else if (od_find(c.p, od_cur_left(&c), "unaligned access"))
		rep->kind = OD_KIND_ALIGNMENT;
	if (od_cur_past(&c, " at ") && od_cur_0x(&c, &v))
		od_arch_fault_address(rep, v);
}

/* "Kernel attempted to read user page (8) - exploit attempt? (uid: 0)": the BUG line follows. */
static bool check_attempt(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), " user page (") != NULL;
}

static bool check_tried(const struct od_record *rec, struct od_cursor c)
{
	(void)rec;
	return (od_cur_lit(&c, "exec-protected ") || od_cur_lit(&c, "user ")) &&
	       od_cur_lit(&c, "page (");
}

static const struct {
	const char *text;
	enum od_kind kind;
	const char *subkind;
} die_texts[] = {
	{ "Kernel access of bad area", OD_KIND_PAGE_FAULT, NULL },
	{ "Kernel stack overflow", OD_KIND_STACK_GUARD, NULL },
	{ "Machine check", OD_KIND_MACHINE_CHECK, NULL },
	{ "Unrecoverable nested Machine check", OD_KIND_MACHINE_CHECK, NULL },
	{ "Unrecoverable Machine check", OD_KIND_MACHINE_CHECK, NULL },
	{ "Bad kernel stack pointer", OD_KIND_TRAP, "bad-kernel-stack-pointer" },
};

/* "Oops: Kernel access of bad area, sig: 11 [#1]" */
static bool check_die(const struct od_record *rec, struct od_cursor c)
{
	struct od_cursor t = od_cursor_init(rec->text, rec->len);
	uint64_t n;

	return od_cur_lit(&t, "Oops: ") && od_cur_dec(&c, &n) && od_cur_lit(&c, " [#") &&
	       od_cur_dec(&c, &n) && od_cur_char(&c, ']');
}

static void die(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_cursor t = od_cursor_init(rec->text, rec->len);
	uint64_t signal = 0, n;

	od_arch_is(inc, "powerpc");
	if (od_cur_dec(&c, &signal) && od_cur_lit(&c, " [#") && od_cur_dec(&c, &n))
		od_detail_num(rep, "oops_count", n);
	if (inc->named && rep->kind != OD_KIND_NONE)
		return;
	od_subject(inc, rec);
	od_cur_lit(&t, "Oops: ");
	rep->kind = OD_KIND_TRAP;
	rep->subkind = od_kebab(rep, t.p, od_cur_left(&t), ",");
	/* A trap instruction that no bug table knows, an instruction that there is not. */
	if (od_cur_lit(&t, "Exception in kernel mode"))
		rep->subkind = signal == 4 ? "illegal-instruction" : signal == 5 ? "trap" :
			       signal == 7 ? "bus-error" : signal == 8 ? "floating-point" : rep->subkind;
	for (size_t i = 0; i < sizeof(die_texts) / sizeof(*die_texts); i++)
		if (od_cur_lit(&t, die_texts[i].text)) {
			rep->kind = die_texts[i].kind;
			rep->subkind = die_texts[i].subkind;
			break;
		}
}

/* "watchdog: CPU 3 self-detected hard LOCKUP @ f+0x1/0x2" */
static void hard_lockup(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	od_subject(inc, rec);
	c = od_cursor_init(rec->text, rec->len);
	if (od_past_dec(&c, "CPU ", &n) && n <= INT32_MAX)
		inc->rep->cpu = (int32_t)n;
}

static bool check_mce(const struct od_record *rec, struct od_cursor c)
{
	uint64_t n;

	(void)rec;
	return od_cur_dec(&c, &n) && od_cur_lit(&c, ": machine check (Severe)");
}

const struct od_trigger od_power_triggers[] = {
	{ "BUG: Kernel NULL pointer dereference", OD_ROLE_CARRIER, 0, OD_KIND_NULL_DEREF, NULL, NULL, bug },
	{ "BUG: Unable to handle kernel ", OD_ROLE_CARRIER, 0, OD_KIND_PAGE_FAULT, NULL, NULL, bug },
	{ "BUG: Unable to handle unknown paging fault", OD_ROLE_CARRIER, 0, OD_KIND_PAGE_FAULT, NULL, NULL, bug },
	{ "Kernel attempted to ", OD_ROLE_WEAK, 0, OD_KIND_PAGE_FAULT, NULL, check_attempt, od_parse_subject },
	{ "kernel tried to execute ", OD_ROLE_WEAK, 0, OD_KIND_PAGE_FAULT, NULL, check_tried, od_parse_subject },
	{ ", sig: ", OD_ROLE_DIE, OD_ANYWHERE, OD_KIND_OTHER, NULL, check_die, die },
	{ "self-detected hard LOCKUP @ ", OD_ROLE_DETECT, OD_ANYWHERE, OD_KIND_HARD_LOCKUP, NULL, NULL, hard_lockup },
	{ "MCE: CPU", OD_ROLE_DETECT, 0, OD_KIND_MACHINE_CHECK, NULL, check_mce, od_parse_subject },
	{ "Severe Machine check interrupt [", OD_ROLE_DETECT, 0, OD_KIND_MACHINE_CHECK, NULL, NULL, od_parse_subject },
	{ "Machine check in kernel mode.", OD_ROLE_DETECT, 0, OD_KIND_MACHINE_CHECK, NULL, NULL, od_parse_subject },
	{ 0 },
};

const struct od_rule od_power_rules[] = {
	{ "NIP [", nip },	{ "NIP:", registers },	{ "LR ", lr },
	{ "MSR:", msr },	{ "CFAR: ", registers }, { "DAR: ", registers },
	{ "DEAR: ", registers }, { "GPR", general },	{ "REGS: ", regs },
	{ "TASK = ", task },	{ "IRQMASK: ", number }, { "SOFTE: ", number },
	{ "PACATMSCRATCH: ", number }, { "LE ", machine }, { "BE ", machine },
	{ "PREEMPT ", machine }, { "SMP NR_CPUS=", machine }, { "PAGE_SIZE=", machine },
	{ "--- interrupt: ", interrupt }, { "--- Exception: ", interrupt },
	{ "Instruction dump:", dump }, { "Code: ", code },
	{ "Faulting instruction address: 0x", od_rule_accept },
	{ NULL, NULL },
};

/* --- frames: "[c00000000fff7c10] [c00000000049bd54] f+0x54/0x80 [mod] (unreliable)" -------------- */

bool od_power_frame(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_frame frame;
	uint64_t sp, ip;

	/* Rows of the instruction dump. */
	if (rep->code && rep->arch && !strcmp(rep->arch, "powerpc") && inc->stack < 0 &&
	    (od_is_hex(od_cur_peek(&c)) || od_cur_peek(&c) == '<' || od_cur_peek(&c) == 'X'))
		return od_arch_code_words(inc, c, order(inc));
	if (!od_cur_char(&c, '[') || !od_arch_word(&c, 0, &sp) || !od_cur_lit(&c, "] [") ||
	    !od_arch_word(&c, 0, &ip) || !od_cur_char(&c, ']'))
		return false;
	od_cur_blanks(&c);
	if (!od_frame_location(rep, &c, &frame))
		frame = (struct od_frame){ 0 };
	frame.addr = ip;
	if (od_find(c.p, od_cur_left(&c), "(unreliable)"))
		frame.flags |= OD_FRAME_UNRELIABLE;
	od_arch_is(inc, "powerpc");
	od_stack_push(inc, rec, &frame);
	return true;
}
