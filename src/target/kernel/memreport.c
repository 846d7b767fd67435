/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/memreport.h"

#include "target/kernel/backtrace.h"
#include "target/kernel/modules.h"
#include "target/kernel/percpu.h"

static void add_frame(struct od_kernel *k, struct od_report *rep, struct od_stack *stack,
		      const struct od_unwound *u)
{
	struct od_frame *f = od_stack_add_frame(rep, stack);
	struct od_symbol sym;

	if (!f)
		return;
	f->addr = u->pc;
	f->flags = (u->flags & OD_UW_GUESSED ? OD_FRAME_GUESSED | OD_FRAME_UNRELIABLE : 0) |
		   (u->flags & OD_UW_RETURN ? 0 : OD_FRAME_PC);
	/* Behind the last instruction of a function that does not return another one may begin. */
	if (!od_symtab_at(k->symtab, u->pc - !!(u->flags & OD_UW_RETURN), &sym))
		return;
	f->symbol = od_arena_strdup(&rep->arena, sym.name);
	f->module = od_arena_strdup(&rep->arena, sym.module);
	f->offset = (uint32_t)(u->pc - sym.addr);
	f->size = (uint32_t)sym.size;
	f->flags |= OD_FRAME_HAS_OFFSET;
}

uint32_t od_memreport_add_trace(struct od_kernel *k, struct od_report *rep, const struct od_trace *trace,
				const char *name, bool aside)
{
	enum od_stack_kind kind = OD_STACK_KINDS;
	struct od_stack *stack = NULL;
	uint32_t n = 0;

	for (uint32_t i = 0; i < trace->n; i++) {
		if (!stack || (!name && trace->frames[i].stack != kind)) {
			kind = trace->frames[i].stack;
			stack = od_report_add_stack(rep, name ? name : od_stack_kind_name(kind));
			if (!stack)
				break;
			stack->from_memory = true;
			stack->aside = aside;
			n++;
		}
		add_frame(k, rep, stack, &trace->frames[i]);
	}
	return n;
}

const char *od_memreport_cpu(struct od_kernel *k, uint32_t cpu, const struct od_task *task,
			     struct od_arena *arena, struct od_trace *ret)
{
	if (!od_kernel_unwinder(k))
		return "stacks of this architecture cannot be walked";
	od_kernel_modules(k); /* their symbols, and how to step out of them */
	if (!od_backtrace_cpu(k, cpu, task ? task->stack : 0, arena, ret))
		return "the dump has no registers of the CPU";
	return NULL;
}

const char *od_memreport_trace(struct od_kernel *k, const struct od_task *task, struct od_arena *arena,
			       struct od_trace *ret)
{
	if (task->running && task->cpu >= 0)
		return od_memreport_cpu(k, (uint32_t)task->cpu, task, arena, ret);
	if (!od_kernel_unwinder(k))
		return "stacks of this architecture cannot be walked";
	od_kernel_modules(k);
	if (!task->stack || !task->sp)
		return "it has no stack";
	if (!od_backtrace_blocked(k, task->stack, task->sp, task->fp, task->pc, arena, ret))
		return "its stack cannot be read";
	return NULL;
}
