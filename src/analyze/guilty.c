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

/* Not a stack of the crash itself. */
static bool other_stack(const struct od_stack *stack)
{
	return !strcmp(stack->name, "signal handler");
}

static int32_t first_frame(struct od_report *rep, const struct od_stack *stack, bool user,
			   bool unreliable)
{
	for (uint32_t i = 0; i < stack->nframes; i++) {
		struct od_frame *f = &stack->frames[i];

		if (!f->function || (f->flags & OD_FRAME_SIGNAL))
			continue;
		f->skip = (uint16_t)od_data_skip(f->function, user);
		if (f->skip || (!unreliable && (f->flags & OD_FRAME_UNRELIABLE)))
			continue;
		return (int32_t)i;
	}
	(void)rep;
	return -1;
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
		    bool unreliable)
{
	const struct od_frame *f = &stack->frames[frame];
	struct od_buf skipped = OD_BUF_INIT;

	list_skipped(&skipped, stack, (uint32_t)frame);
	rep->guilty_why = od_arena_printf(
		&rep->arena, "%s%s%s",
		unreliable		 ? "only frames marked '?' are left; the first of these" :
		f->flags & OD_FRAME_PC ? "the faulting function itself" :
		skipped.len		 ? "first reliable frame outside of " :
					   "first reliable frame of the trace",
		unreliable || (f->flags & OD_FRAME_PC) ? "" : od_buf_str(&skipped),
		f->module ? ", in a module" : "");
	od_buf_deinit(&skipped);
}

void od_analyze_guilty(struct od_report *rep)
{
	const bool user = rep->kind == OD_KIND_USER_CRASH || rep->kind == OD_KIND_USER_ABORT;

	if (blames_nobody(rep)) {
		rep->guilty_why = "hardware or memory shortage: no function is to blame";
		return;
	}
	for (int unreliable = 0; unreliable < 2; unreliable++) {
		for (uint32_t s = 0; s < rep->nstacks; s++) {
			const struct od_stack *stack = &rep->stacks[s];
			int32_t i;

			/* Other threads and CPUs are told, but the crashing one decides. */
			if (other_stack(stack) || (user && s > 0))
				continue;
			i = first_frame(rep, stack, user, unreliable);
			if (i < 0)
				continue;
			rep->guilty_stack = (int32_t)s;
			rep->guilty_frame = i;
			rep->guilty_function = stack->frames[i].function;
			rep->guilty_module = stack->frames[i].module;
			explain(rep, stack, i, unreliable);
			return;
		}
	}
	rep->guilty_why = rep->nstacks ? "every frame of the trace only did what it was told to" :
					 "there is no trace in the input";
}
