/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipeline-vars.h"

#include <string.h>

#include "analyze/args.h"
#include "target/kernel/modules.h"
#include "target/kernel/vars.h"

struct filler {
	struct od_locate *loc;
	struct od_kernel *k;
	const char *release;
	struct od_report *rep;
	uint32_t stack, before; /* the stack that frames come to, and how many lie ahead of it */
};

static bool find(void *ctx, const struct od_symbol *sym, uint64_t offset, struct od_debug **dbg,
		 uint64_t *addr)
{
	const struct filler *f = ctx;
	const struct od_kmodule *m = sym->module ? od_kmodule_named(od_kernel_modules(f->k), sym->module) : NULL;
	const struct od_wanted wanted = {
		.release = f->release, .module = sym->module,
		.build_id = m ? m->build_id : sym->module ? NULL : od_kernel_build_id(f->k),
	};

	return od_args_code(f->loc, &wanted, sym->name, sym->size, offset, dbg, addr);
}

/* Frames come in order, and so do the stacks that they were put into. */
static void add(void *ctx, uint32_t frame, const struct od_variable *var)
{
	struct filler *f = ctx;
	struct od_stack *stack;

	while (f->stack < f->rep->nstacks && frame - f->before >= f->rep->stacks[f->stack].nframes) {
		f->before += f->rep->stacks[f->stack].nframes;
		f->stack++;
	}
	if (f->stack == f->rep->nstacks)
		return;
	stack = &f->rep->stacks[f->stack];
	od_args_add(f->rep, &stack->frames[frame - f->before], var);
}

void od_pipeline_vars(struct od_locate *loc, struct od_kernel *k, const char *release, struct od_report *rep,
		      uint32_t first, const struct od_trace *trace)
{
	struct filler f = { loc, k, release, rep, first, 0 };
	const struct od_kernel_code code = { find, &f };
	uint32_t n = 0;

	/* A report has only so many frames: then it is not sure which is which. */
	for (uint32_t i = first; i < rep->nstacks; i++)
		n += rep->stacks[i].nframes;
	if (n == trace->n)
		od_kernel_vars(k, &code, trace, add, &f);
}

void od_pipeline_build_ids(struct od_kernel *k, struct od_report *rep, struct od_stack *stack)
{
	const struct od_kmodule *m = NULL;

	for (uint32_t i = 0; i < stack->nframes; i++) {
		struct od_frame *f = &stack->frames[i];

		if (!f->module || f->build_id)
			continue;
		if (!m || strcmp(m->name, f->module) != 0)
			m = od_kmodule_named(od_kernel_modules(k), f->module);
		if (m)
			f->build_id = od_arena_strdup(&rep->arena, m->build_id);
	}
}
