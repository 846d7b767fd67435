/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kind of a report whose head is not in the input: functions that only run to report say what they
 * reported. Names: those that print it, in lib/, kernel/, mm/ and arch/x86, 2.6.32 to 6.17.
 */
#include <string.h>

#include "analyze/analyze.h"
#include "analyze/rule-wildcard.h"

/* In order of precedence: what is told in the course of something else comes after that. */
static const struct {
	const char *function; /* '*' at its end: any text */
	enum od_kind kind;
	const char *subkind;
	bool stops; /* BUG() in it says this and nothing else, whatever became of the line ahead of it */
} reporters[] = {
	{ "kasan_report*", OD_KIND_KASAN, "unknown", false },
	{ "__kasan_report*", OD_KIND_KASAN, "unknown", false },
	{ "kfence_report_error", OD_KIND_KFENCE, "unknown", false },
	{ "kmsan_report", OD_KIND_KMSAN, "unknown", false },
	{ "kcsan_report*", OD_KIND_KCSAN, NULL, false },
	{ "__ubsan_handle_*", OD_KIND_UBSAN, "unknown", false },
	{ "ubsan_epilogue", OD_KIND_UBSAN, "unknown", false },
	{ "lockdep_rcu_suspicious", OD_KIND_SUSPICIOUS_RCU, NULL, false },
	{ "print_circular_bug*", OD_KIND_LOCKDEP, "circular", false },
	{ "print_deadlock_bug", OD_KIND_LOCKDEP, "recursive", false },
	{ "print_usage_bug*", OD_KIND_LOCKDEP, "inconsistent", false },
	{ "print_bad_irq_dependency", OD_KIND_LOCKDEP, "irq-order", false },
	{ "refcount_warn_saturate", OD_KIND_REFCOUNT, NULL, false },
	{ "refcount_error_report", OD_KIND_REFCOUNT, NULL, false },
	{ "debug_print_object", OD_KIND_ODEBUG, NULL, false },
	{ "__schedule_bug", OD_KIND_ATOMIC_SLEEP, "scheduling", false },
	{ "__might_resched", OD_KIND_ATOMIC_SLEEP, "sleeping", false },
	{ "___might_sleep", OD_KIND_ATOMIC_SLEEP, "sleeping", false },
	{ "bad_page", OD_KIND_BAD_PAGE, "state", false },
	{ "print_bad_pte", OD_KIND_BAD_PAGE, "map", false },
	{ "warn_alloc", OD_KIND_ALLOC_FAILURE, NULL, false },
	{ "warn_alloc_failed", OD_KIND_ALLOC_FAILURE, NULL, false },
	{ "oom_kill_process", OD_KIND_OOM, NULL, false },
	{ "object_err", OD_KIND_SLUB, "unknown", false },
	{ "slab_err", OD_KIND_SLUB, "unknown", false },
	{ "print_trailer", OD_KIND_SLUB, "unknown", false },
	{ "usercopy_abort", OD_KIND_USERCOPY, NULL, true },
	{ "__stack_chk_fail", OD_KIND_STACK_PROTECTOR, NULL, false },
	{ "fortify_panic", OD_KIND_FORTIFY, NULL, true },
	{ "__fortify_panic", OD_KIND_FORTIFY, NULL, true },
	{ "__list_add_valid*", OD_KIND_LIST_CORRUPTION, "list-add", true },
	{ "__list_del_entry_valid*", OD_KIND_LIST_CORRUPTION, "list-del", true },
	{ "spl_panic", OD_KIND_KERNEL_BUG, "spl", false },
	{ "xfs_corruption_error", OD_KIND_FS_ERROR, "xfs", false },
	{ "watchdog_overflow_callback", OD_KIND_HARD_LOCKUP, NULL, false },
	{ "watchdog_hardlockup_check", OD_KIND_HARD_LOCKUP, NULL, false },
	{ "rcu_dump_cpu_stacks", OD_KIND_RCU_STALL, NULL, false },
	{ "print_cpu_stall", OD_KIND_RCU_STALL, "self", false },
	{ "print_other_cpu_stall", OD_KIND_RCU_STALL, NULL, false },
	{ "watchdog_timer_fn", OD_KIND_SOFT_LOCKUP, NULL, false },
	{ "__warn", OD_KIND_WARNING, NULL, false },
	{ "warn_slowpath_common", OD_KIND_WARNING, NULL, false },
	{ "warn_slowpath_fmt", OD_KIND_WARNING, NULL, false },
	{ "warn_slowpath_null", OD_KIND_WARNING, NULL, false },
	{ "handle_stack_overflow", OD_KIND_STACK_GUARD, NULL, false },
	{ "exc_double_fault", OD_KIND_DOUBLE_FAULT, NULL, false },
	{ "do_double_fault", OD_KIND_DOUBLE_FAULT, NULL, false },
	{ "page_fault_oops", OD_KIND_PAGE_FAULT, NULL, false },
	{ "no_context", OD_KIND_PAGE_FAULT, NULL, false },
	{ "die_kernel_fault", OD_KIND_PAGE_FAULT, NULL, false }, /* arm64, arm */
	{ "__do_kernel_fault", OD_KIND_PAGE_FAULT, NULL, false },
	{ "exc_general_protection", OD_KIND_GPF, NULL, false },
	{ "do_general_protection", OD_KIND_GPF, NULL, false },
	{ "exc_divide_error", OD_KIND_TRAP, "divide-error", false },
	{ "exc_invalid_op", OD_KIND_TRAP, "invalid-opcode", false },
	{ "do_invalid_op", OD_KIND_TRAP, "invalid-opcode", false },
	{ "sysrq_handle_crash", OD_KIND_PANIC, "sysrq", false },
	{ "panic", OD_KIND_PANIC, NULL, false },
};

/* The place in reporters[] of the first row that a frame of the crash itself fits; their number if none. */
static size_t reported(const struct od_report *rep)
{
	size_t best = sizeof(reporters) / sizeof(*reporters);

	for (uint32_t s = 0; s < rep->nstacks; s++) {
		const bool handles = !strcmp(rep->stacks[s].name, OD_STACK_EXCEPTION);

		for (uint32_t i = 0; i < rep->stacks[s].nframes && (!rep->stacks[s].aside || handles); i++) {
			const struct od_frame *f = &rep->stacks[s].frames[i];

			for (size_t k = 0; f->function && k < best; k++)
				if (od_wildcard(reporters[k].function, f->function))
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
				if (od_wildcard(entries[k], stack->frames[i].function))
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
		for (k = 0; k < sizeof(reporters) / sizeof(*reporters); k++)
			if (reporters[k].stops && od_wildcard(reporters[k].function, pc->function)) {
				rep->kind = reporters[k].kind;
				rep->subkind = reporters[k].subkind;
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
