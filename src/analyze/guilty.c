/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guilty frame: the first one, from the faulting pc outwards, that is not there because it was
 * told to be (skip lists). Frames that the kernel marked '?' count only if nothing else is left.
 */
#include <string.h>

#include "analyze/analyze.h"
#include "analyze/data.h"
#include "base/buf.h"

static bool blames_nobody(const struct od_report *rep)
{
	return rep->kind == OD_KIND_MACHINE_CHECK || rep->kind == OD_KIND_NMI || rep->kind == OD_KIND_OOM;
}

/*
 * A return address at offset 0 is that of a call that never returns, the last instruction of the
 * function before: the name is that of a stranger.
 */
static bool has_name(const struct od_frame *f)
{
	const bool behind = (f->flags & OD_FRAME_HAS_OFFSET) && !f->offset && f->size &&
			    !(f->flags & (OD_FRAME_PC | OD_FRAME_POINTER));

	return f->function && !(f->flags & OD_FRAME_SIGNAL) && !behind;
}

static bool is_category(const struct od_frame *f, const char *category)
{
	return f->skip && !strcmp(od_data_category(f->skip), category);
}

static void mark_skipped(const struct od_report *rep)
{
	for (uint32_t s = 0; s < rep->nstacks; s++)
		for (uint32_t i = 0; i < rep->stacks[s].nframes; i++) {
			struct od_frame *f = &rep->stacks[s].frames[i];

			if (has_name(f))
				f->skip = (uint16_t)od_data_skip(f->function, f->module, rep->kind);
		}
}

/* Rounds of the search, each more modest than the one before. */
enum pass { EXACT, PLAIN, LENIENT, UNRELIABLE, NPASSES };

enum { CUT_LOOK = 4 /* frames at the end of a trace among which its entry into the kernel is */,
       NO_CODE = 4096 };

static bool in_categories(const struct od_frame *f, const char *const *names)
{
	for (; *names; names++)
		if (is_category(f, *names))
			return true;
	return false;
}

/* What never is to blame; and what may be where one place of the source is named. */
static const char *const never[] = { "report", "trap", "interrupt", "watchdog", "idle", "sleep",
				     "abort", "start", NULL };
static const char *const fine_at[] = { "allocator", "memory", "copy", "container", "list", "device",
				       "usb", "crypto", "entry", "irq", "mmio", "print", "network",
				       "atomic", NULL };

/*
 * The first frame that nothing passes over, -1 if there is none. What an interrupt hit is not to
 * blame for what the interrupt did.
 */
static int32_t first_frame(const struct od_stack *stack, enum od_blame_how how, enum pass pass)
{
	bool worked = false;

	for (uint32_t i = 0; i < stack->nframes; i++) {
		const struct od_frame *f = &stack->frames[i];

		if (!has_name(f) || (pass != UNRELIABLE && (f->flags & OD_FRAME_UNRELIABLE)))
			continue;
		if (worked && pass <= PLAIN && is_category(f, "interrupt"))
			return -1;
		worked |= !in_categories(f, never);
		if (pass == LENIENT	   ? in_categories(f, never) :
		    how == OD_BLAME_AT ? f->skip && !in_categories(f, fine_at) :
					   f->skip)
			continue;
		return (int32_t)i;
	}
	return -1;
}

/*
 * A stalled CPU loops somewhere in the work that it was given: the frame just inside of the function
 * that hands work out stays the same, whatever the interrupt hit. The frames of the interrupt itself
 * are left aside.
 */
static int32_t inside_dispatch(const struct od_stack *stack, bool unreliable)
{
	int32_t prev = -1;

	for (uint32_t i = 0; i < stack->nframes; i++) {
		const struct od_frame *f = &stack->frames[i];

		if (!has_name(f) || (!unreliable && (f->flags & OD_FRAME_UNRELIABLE)))
			continue;
		if (is_category(f, "trap") || is_category(f, "interrupt") ||
		    is_category(f, "watchdog") || is_category(f, "report")) {
			prev = -1;
			continue;
		}
		if (od_data_is_dispatch(f->function)) {
			if (prev >= 0)
				return prev;
			continue;
		}
		prev = (int32_t)i;
	}
	return -1;
}

/* A CPU that had nothing to do. */
static bool idle(const struct od_stack *stack)
{
	for (uint32_t i = 0; i < stack->nframes; i++) {
		const struct od_frame *f = &stack->frames[i];

		if (!has_name(f) || (f->flags & OD_FRAME_UNRELIABLE) || is_category(f, "trap") ||
		    is_category(f, "interrupt") || is_category(f, "watchdog") || is_category(f, "report"))
			continue;
		return is_category(f, "idle");
	}
	return false;
}

static bool stack_fits(const struct od_stack *stack, const char *pattern)
{
	size_t len = strlen(pattern);

	if (!strcmp(pattern, "crash"))
		return !stack->aside && strcmp(stack->name, "signal handler") != 0;
	return stack->aside && (pattern[len - 1] == '*' ? !strncmp(stack->name, pattern, len - 1) :
							  !strcmp(stack->name, pattern));
}

/* "kfree is passed over (allocator), vfs_x (lock)": at most a few, each function once. */
static void list_skipped(struct od_buf *buf, const struct od_stack *stack, uint32_t until)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < until && n < 6; i++) {
		const struct od_frame *f = &stack->frames[i];

		if (!f->skip || (f->flags & OD_FRAME_UNRELIABLE))
			continue;
		od_buf_printf(buf, "%s%s (%s)", n ? ", " : "", f->function, od_data_category(f->skip));
		n++;
	}
}

static void explain(struct od_report *rep, const struct od_stack *stack, int32_t frame,
		    bool unreliable, const char *how)
{
	const struct od_frame *f = &stack->frames[frame];
	struct od_buf skipped = OD_BUF_INIT;

	list_skipped(&skipped, stack, (uint32_t)frame);
	rep->guilty_why = od_arena_printf(
		&rep->arena, "%s%s%s%s",
		how			 ? how :
		unreliable		 ? "only frames marked '?' are left; the first of these" :
		f->flags & OD_FRAME_PC ? "the faulting function itself" :
		skipped.len		 ? "first reliable frame outside of " :
					   "first reliable frame of the trace",
		how || unreliable || (f->flags & OD_FRAME_PC) ? "" : od_buf_str(&skipped),
		stack->aside ? od_arena_printf(&rep->arena, " (stack: %s)", stack->name) : "",
		f->module && rep->kind != OD_KIND_KVM_SELFTEST ? ", in a module" : "");
	od_buf_deinit(&skipped);
}

static void blame(struct od_report *rep, uint32_t stack, int32_t frame, bool unreliable,
		  const char *how)
{
	const struct od_frame *f = &rep->stacks[stack].frames[frame];

	rep->guilty_stack = (int32_t)stack;
	rep->guilty_frame = frame;
	rep->guilty_function = f->function;
	rep->guilty_module = od_blamed_module(rep, f);
	explain(rep, &rep->stacks[stack], frame, unreliable, how);
}

/* Functions that are the answer wherever they stand. */
static bool blame_preferred(struct od_report *rep)
{
	for (uint32_t s = 0; s < rep->nstacks && !rep->stacks[s].aside; s++)
		for (uint32_t i = 0; i < rep->stacks[s].nframes; i++) {
			const struct od_frame *f = &rep->stacks[s].frames[i];

			if (!has_name(f) || (f->flags & OD_FRAME_UNRELIABLE) ||
			    !od_data_is_preferred(f->function, rep->kind))
				continue;
			blame(rep, s, (int32_t)i, false, "what the task waits for, by name");
			return true;
		}
	return false;
}

/*
 * Of a stalled CPU only its NMI backtrace may be there: then that is the crashing stack, and as
 * such the first one.
 */
static void promote(struct od_report *rep)
{
	struct od_stack guilty;

	if (rep->guilty_stack < 0 || !rep->stacks[rep->guilty_stack].aside || !rep->stacks[0].aside)
		return;
	guilty = rep->stacks[rep->guilty_stack];
	guilty.aside = false;
	memmove(rep->stacks + 1, rep->stacks, (size_t)rep->guilty_stack * sizeof(guilty));
	rep->stacks[0] = guilty;
	rep->guilty_stack = 0;
}

/*
 * The trace in which the input ended: the last one, if it does not reach the way into the kernel, or
 * what is no code. NULL: all are whole.
 */
static const struct od_stack *cut_stack(const struct od_report *rep)
{
	const struct od_stack *stack = rep->nstacks ? &rep->stacks[0] : NULL;

	for (uint32_t s = 1; s < rep->nstacks && !od_kind_is_user(rep->kind); s++)
		if (rep->stacks[s].lines.last >= stack->lines.last)
			stack = &rep->stacks[s];
	if (!rep->open_end || !stack || !stack->nframes)
		return NULL;
	for (uint32_t i = stack->nframes; i > 0 && i + CUT_LOOK > stack->nframes; i--) {
		const struct od_frame *f = &stack->frames[i - 1];

		if (has_name(f) ? is_category(f, "entry") || is_category(f, "idle") :
				  !f->symbol && f->addr < NO_CODE)
			return NULL;
	}
	return stack;
}

/* A trace that shows nothing but one function that calls itself: what is cut off is more of that. */
static bool only_recursion(const struct od_report *rep, const struct od_stack *stack)
{
	const char *first = NULL;

	if (rep->kind != OD_KIND_STACK_GUARD)
		return false;
	for (uint32_t i = 0; i < stack->nframes; i++) {
		const struct od_frame *f = &stack->frames[i];

		if (!has_name(f) || f->skip || (f->flags & OD_FRAME_UNRELIABLE))
			continue;
		if (first && strcmp(first, f->function) != 0)
			return false;
		first = f->function;
	}
	return first;
}

/*
 * What would be the answer for want of a better one is none where the better one may be what is cut
 * off. A CPU's trace may come in two parts: that of the interrupt, and what it interrupted.
 */
static bool better_is_lost(const struct od_report *rep, const struct od_stack *cut,
			   const struct od_stack *stack, enum od_blame_how how, enum pass pass)
{
	if (!cut || only_recursion(rep, stack))
		return false;
	return pass > PLAIN || (how == OD_BLAME_DISPATCH && !strcmp(cut->name, stack->name));
}

/* What is left is the way to what happened: who only handed work out on it says nothing. */
static bool head_is_lost(const struct od_report *rep)
{
	return (rep->kind == OD_KIND_OTHER && !rep->subject) ||
	       (rep->truncated && strstr(rep->truncated, "beginning of the report"));
}

static bool blame_stack(struct od_report *rep, const struct od_stack *cut, uint32_t s,
			enum od_blame_how how, enum pass pass)
{
	const bool unreliable = pass == UNRELIABLE;
	const struct od_stack *stack = &rep->stacks[s];
	int32_t i = -1;

	if (how == OD_BLAME_DISPATCH) {
		if (idle(stack))
			return false;
		i = inside_dispatch(stack, unreliable);
		if (i >= 0) {
			blame(rep, s, i, unreliable,
			      "the work that the CPU was given: the frame just inside of what hands it out");
			return true;
		}
	}
	if (better_is_lost(rep, cut, stack, how, pass))
		return false;
	/* With a pc it is the stack of the CPU that stalled, even where nothing on it is known. */
	if (how != OD_BLAME_DISPATCH || pass != EXACT ||
	    (!stack->aside && (stack->frames[0].flags & OD_FRAME_PC)))
		i = first_frame(stack, how, pass);
	if (i < 0 || (pass >= LENIENT && head_is_lost(rep) &&
		      (unreliable || is_category(&stack->frames[i], "entry"))))
		return false;
	blame(rep, s, i, unreliable, NULL);
	return true;
}

/* Are there frames of which nobody knows what they are? */
static bool is_nameless(const struct od_stack *stack)
{
	for (uint32_t i = 0; i < stack->nframes; i++)
		if (!stack->frames[i].function && !(stack->frames[i].flags & OD_FRAME_SIGNAL))
			return true;
	return false;
}

/* The input ends behind a frame, but that is where traces end: nothing of it is missing. */
static void not_cut(struct od_report *rep)
{
	static const char *const roots[] = { "ret_from_", "entry_", "system_call", "ret_fast_syscall", "el0t_",
					     "el0_svc", "ret_fast_", "sysenter_", "ia32_sysret", "secondary_start",
					     "kernel_thread_helper", "x86_64_start_", "ret_to_user" };
	const struct od_stack *stack = rep->nstacks ? &rep->stacks[0] : NULL;
	const struct od_frame *last;

	if (!rep->ends_in_trace || !rep->truncated || !stack || !stack->nframes)
		return;
	last = &stack->frames[stack->nframes - 1];
	for (size_t i = 0; last->function && i < sizeof(roots) / sizeof(*roots); i++)
		if (!strncmp(last->function, roots[i], strlen(roots[i])))
			rep->truncated = NULL;
}

void od_analyze_guilty(struct od_report *rep)
{
	const bool user = od_kind_is_user(rep->kind);
	const struct od_blame *rule = od_data_blame(rep->kind, rep->subkind);
	const struct od_stack *cut;

	not_cut(rep);
	if (blames_nobody(rep)) {
		rep->guilty_why = "hardware or memory shortage: no function is to blame";
		return;
	}
	if (rep->kind == OD_KIND_KVM_STALL || rep->kind == OD_KIND_KVM_PROGRESS) {
		rep->guilty_why = od_report_detail(rep, "kvm_defect") ?
					  "the count of the VM is the matter, not what its threads do at the moment" :
					  "a trace of events, not of calls: what KVM did is in the verdict";
		return;
	}
	mark_skipped(rep);
	if (rule->how == OD_BLAME_NONE) {
		rep->guilty_why = "what the message says; the trace only shows how the end came";
		return;
	}
	if (blame_preferred(rep))
		return;
	cut = cut_stack(rep);
	for (enum pass pass = EXACT; pass < NPASSES; pass++) {
		for (unsigned p = 0; rule->stacks[p]; p++) {
			for (uint32_t s = 0; s < rep->nstacks; s++) {
				/* Other threads are told, but the crashing one decides. */
				if (!stack_fits(&rep->stacks[s], rule->stacks[p]) || (user && s > 0))
					continue;
				if (blame_stack(rep, cut, s, rule->how, pass)) {
					promote(rep);
					return;
				}
			}
		}
	}
	if (cut) {
		rep->guilty_why = "the input ends ahead of a frame that deserves the blame";
		if (!rep->truncated)
			rep->truncated = "the input ends inside of the trace";
		return;
	}
	if (user && rep->nstacks && is_nameless(&rep->stacks[0])) {
		rep->guilty_why = "what could be to blame has no name: symbols of it are missing";
		return;
	}
	rep->guilty_why = rep->nstacks ? "every frame of the trace only did what it was told to" :
					 "there is no trace in the input";
}
