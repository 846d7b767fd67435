/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kind of a report whose head is not in the input: functions that only run to report say what they
 * reported. Names: those that print it, in lib/, kernel/, mm/ and arch/x86, 2.6.32 to 6.17.
 */
#include <string.h>

#include "analyze/analyze.h"

/* In order of precedence: what is told in the course of something else comes after that. */
static const struct {
	const char *function; /* '*' at its end: any text */
	enum od_kind kind;
	const char *subkind;
} reporters[] = {
	{ "kasan_report*", OD_KIND_KASAN, "unknown" },
	{ "__kasan_report*", OD_KIND_KASAN, "unknown" },
	{ "kfence_report_error", OD_KIND_KFENCE, "unknown" },
	{ "kmsan_report", OD_KIND_KMSAN, "unknown" },
	{ "kcsan_report*", OD_KIND_KCSAN, NULL },
	{ "__ubsan_handle_*", OD_KIND_UBSAN, "unknown" },
	{ "ubsan_epilogue", OD_KIND_UBSAN, "unknown" },
	{ "lockdep_rcu_suspicious", OD_KIND_SUSPICIOUS_RCU, NULL },
	{ "print_circular_bug*", OD_KIND_LOCKDEP, "circular" },
	{ "print_deadlock_bug", OD_KIND_LOCKDEP, "recursive" },
	{ "print_usage_bug*", OD_KIND_LOCKDEP, "inconsistent" },
	{ "print_bad_irq_dependency", OD_KIND_LOCKDEP, "irq-order" },
	{ "refcount_warn_saturate", OD_KIND_REFCOUNT, NULL },
	{ "refcount_error_report", OD_KIND_REFCOUNT, NULL },
	{ "debug_print_object", OD_KIND_ODEBUG, NULL },
	{ "__schedule_bug", OD_KIND_ATOMIC_SLEEP, "scheduling" },
	{ "__might_resched", OD_KIND_ATOMIC_SLEEP, "sleeping" },
	{ "___might_sleep", OD_KIND_ATOMIC_SLEEP, "sleeping" },
	{ "bad_page", OD_KIND_BAD_PAGE, "state" },
	{ "print_bad_pte", OD_KIND_BAD_PAGE, "map" },
	{ "warn_alloc", OD_KIND_ALLOC_FAILURE, NULL },
	{ "warn_alloc_failed", OD_KIND_ALLOC_FAILURE, NULL },
	{ "oom_kill_process", OD_KIND_OOM, NULL },
	{ "object_err", OD_KIND_SLUB, "unknown" },
	{ "slab_err", OD_KIND_SLUB, "unknown" },
	{ "print_trailer", OD_KIND_SLUB, "unknown" },
	{ "usercopy_abort", OD_KIND_USERCOPY, NULL },
	{ "__stack_chk_fail", OD_KIND_STACK_PROTECTOR, NULL },
	{ "fortify_panic", OD_KIND_FORTIFY, NULL },
	{ "__fortify_panic", OD_KIND_FORTIFY, NULL },
	{ "__list_add_valid*", OD_KIND_LIST_CORRUPTION, "list-add" },
	{ "__list_del_entry_valid*", OD_KIND_LIST_CORRUPTION, "list-del" },
	{ "spl_panic", OD_KIND_KERNEL_BUG, "spl" },
	{ "xfs_corruption_error", OD_KIND_FS_ERROR, "xfs" },
	{ "watchdog_overflow_callback", OD_KIND_HARD_LOCKUP, NULL },
	{ "watchdog_hardlockup_check", OD_KIND_HARD_LOCKUP, NULL },
	{ "rcu_dump_cpu_stacks", OD_KIND_RCU_STALL, NULL },
	{ "print_cpu_stall", OD_KIND_RCU_STALL, "self" },
	{ "print_other_cpu_stall", OD_KIND_RCU_STALL, NULL },
	{ "watchdog_timer_fn", OD_KIND_SOFT_LOCKUP, NULL },
	{ "__warn", OD_KIND_WARNING, NULL },
	{ "warn_slowpath_common", OD_KIND_WARNING, NULL },
	{ "warn_slowpath_fmt", OD_KIND_WARNING, NULL },
	{ "warn_slowpath_null", OD_KIND_WARNING, NULL },
	{ "handle_stack_overflow", OD_KIND_STACK_GUARD, NULL },
	{ "exc_double_fault", OD_KIND_DOUBLE_FAULT, NULL },
	{ "do_double_fault", OD_KIND_DOUBLE_FAULT, NULL },
	{ "page_fault_oops", OD_KIND_PAGE_FAULT, NULL },
	{ "no_context", OD_KIND_PAGE_FAULT, NULL },
	{ "die_kernel_fault", OD_KIND_PAGE_FAULT, NULL }, /* arm64, arm */
	{ "__do_kernel_fault", OD_KIND_PAGE_FAULT, NULL },
	{ "exc_general_protection", OD_KIND_GPF, NULL },
	{ "do_general_protection", OD_KIND_GPF, NULL },
	{ "exc_divide_error", OD_KIND_TRAP, "divide-error" },
	{ "exc_invalid_op", OD_KIND_TRAP, "invalid-opcode" },
	{ "do_invalid_op", OD_KIND_TRAP, "invalid-opcode" },
	{ "sysrq_handle_crash", OD_KIND_PANIC, "sysrq" },
	{ "panic", OD_KIND_PANIC, NULL },
};

/* BUG() in these says one thing only, whatever became of the line ahead of it. */
static const struct {
	const char *function;
	enum od_kind kind;
	const char *subkind;
} checkers[] = {
	{ "__list_add_valid*", OD_KIND_LIST_CORRUPTION, "list-add" },
	{ "__list_del_entry_valid*", OD_KIND_LIST_CORRUPTION, "list-del" },
	{ "usercopy_abort", OD_KIND_USERCOPY, NULL },
	{ "fortify_panic", OD_KIND_FORTIFY, NULL },
	{ "__fortify_panic", OD_KIND_FORTIFY, NULL },
};

static bool fits(const char *name, const char *pattern)
{
	const size_t n = strlen(pattern);

	return pattern[n - 1] == '*' ? !strncmp(name, pattern, n - 1) : !strcmp(name, pattern);
}

/* The place in reporters[] of the first row that a frame of the crash itself fits; their number if none. */
static size_t reported(const struct od_report *rep)
{
	size_t best = sizeof(reporters) / sizeof(*reporters);

	for (uint32_t s = 0; s < rep->nstacks; s++) {
		const bool handles = !strcmp(rep->stacks[s].name, "exception");

		for (uint32_t i = 0; i < rep->stacks[s].nframes && (!rep->stacks[s].aside || handles); i++) {
			const struct od_frame *f = &rep->stacks[s].frames[i];

			for (size_t k = 0; f->function && k < best; k++)
				if (fits(f->function, reporters[k].function))
					best = k;
		}
	}
	return best;
}

/*
 * The unwinder marks what a trap hit with '?', since its address is none that a call left. Where the "RIP:" line is
 * lost that frame is all that is left of it, and as sure.
 */
static void trust_trapped(struct od_report *rep)
{
	static const char *const entries[] = { "asm_exc_*", "invalid_op", "page_fault", "general_protection",
					       "divide_error" };

	for (uint32_t s = 0; s < rep->nstacks; s++) {
		struct od_stack *stack = &rep->stacks[s];

		for (uint32_t i = 0; i + 1 < stack->nframes && !stack->aside; i++)
			for (size_t k = 0; stack->frames[i].function && k < sizeof(entries) / sizeof(*entries); k++)
				if (fits(stack->frames[i].function, entries[k]))
					stack->frames[i + 1].flags &= ~OD_FRAME_UNRELIABLE;
	}
}

static bool has_function(const struct od_report *rep, const char *name)
{
	for (uint32_t s = 0; s < rep->nstacks; s++)
		for (uint32_t i = 0; i < rep->stacks[s].nframes; i++)
			if (rep->stacks[s].frames[i].function && !strcmp(rep->stacks[s].frames[i].function, name))
				return true;
	return false;
}

/* Is function called by caller anywhere in the crash's own stacks? */
static bool called_by(const struct od_report *rep, const char *function, const char *caller)
{
	for (uint32_t s = 0; s < rep->nstacks; s++) {
		const char *callee = NULL;

		for (uint32_t i = 0; i < rep->stacks[s].nframes && !rep->stacks[s].aside; i++) {
			const struct od_frame *f = &rep->stacks[s].frames[i];

			if (!f->function || (f->flags & OD_FRAME_UNRELIABLE))
				continue;
			if (callee && !strcmp(callee, function) && !strcmp(f->function, caller))
				return true;
			callee = f->function;
		}
	}
	return false;
}

void od_analyze_infer(struct od_report *rep)
{
	const struct od_frame *pc = rep->nstacks && rep->stacks[0].nframes ? &rep->stacks[0].frames[0] : NULL;
	size_t k;

	if (rep->kind == OD_KIND_TRAP && rep->subkind && !strcmp(rep->subkind, "invalid-opcode") && pc &&
	    pc->function && (pc->flags & OD_FRAME_PC)) {
		for (k = 0; k < sizeof(checkers) / sizeof(*checkers); k++)
			if (fits(pc->function, checkers[k].function)) {
				rep->kind = checkers[k].kind;
				rep->subkind = checkers[k].subkind;
			}
		return;
	}
	if (rep->kind != OD_KIND_OTHER || rep->subkind || rep->subject || rep->informational)
		return;
	if (has_function(rep, "__do_user_fault")) { /* arm with user_debug: a program's fault, as if it were an oops */
		rep->informational = true;
		rep->subkind = "user-fault";
		return;
	}
	k = reported(rep);
	if (k < sizeof(reporters) / sizeof(*reporters)) {
		rep->kind = reporters[k].kind;
		rep->subkind = reporters[k].subkind;
		trust_trapped(rep);
		if (rep->kind == OD_KIND_PANIC && called_by(rep, "panic", "do_exit"))
			rep->subkind = "init-killed"; /* only for init, and for the idle task, which never exits */
		else if (rep->kind == OD_KIND_PANIC && (called_by(rep, "panic", "watchdog") ||
							called_by(rep, "panic", "check_hung_uninterruptible_tasks")))
			rep->subkind = "hung-task"; /* khungtaskd, 2.6.32 to 6.17 */
	}
}
