/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of a process as those of a report: names, places, variables. */
#include <stdlib.h>
#include <string.h>

#include "analyze/analyze.h"
#include "analyze/args.h"
#include "analyze/data.h"
#include "base/alloc.h"
#include "pipeline-core.h"

enum { MAX_VARIABLES = 4096 }; /* of one stack */

/* --- names ------------------------------------------------------------------------------------- */

/* The symbol at an address of the file, if it is so long. */
static bool symbol_in(struct od_debug *dbg, uint64_t addr, struct od_debug_symbol *ret)
{
	return dbg && od_debug_at(dbg, addr, ret) && (!ret->size || addr - ret->addr < ret->size);
}

/* Of the file with symbols; else of what the dynamic linker needs. */
static bool symbol_at(const struct od_core_object *o, uint64_t addr, struct od_debug_symbol *ret)
{
	return symbol_in(o->debug, addr, ret) || (o->code != o->debug && symbol_in(o->code, addr, ret));
}

bool od_pipeline_core_symbol(struct od_core *core, struct od_find *find, uint64_t addr, struct od_buf *out)
{
	struct od_core_object *o = od_core_object_at(core, addr);
	struct od_debug_symbol sym;

	if (!o)
		return false;
	if (find)
		od_core_files(o, find);
	if (o->has_bias && symbol_at(o, addr - o->bias, &sym)) {
		od_buf_addstr(out, sym.name);
		if (addr - o->bias != sym.addr)
			od_buf_printf(out, "+0x%llx", (unsigned long long)(addr - o->bias - sym.addr));
		if (!o->program)
			od_buf_printf(out, " [%s]", o->name);
	} else {
		od_buf_printf(out, "%s+0x%llx", *o->name ? o->name : "?", (unsigned long long)(addr - o->start));
	}
	return true;
}

/* Of a name in one object. */
static bool find_in(struct od_core_object *o, struct od_find *find, const char *name, uint64_t *ret)
{
	struct od_debug_symbol sym;

	od_core_files(o, find);
	if (!o->has_bias || !((o->debug && od_debug_find(o->debug, name, &sym, 1)) ||
			      (o->code && o->code != o->debug && od_debug_find(o->code, name, &sym, 1))))
		return false;
	*ret = sym.addr + o->bias;
	return true;
}

bool od_pipeline_core_find(struct od_core *core, struct od_find *find, const char *name, uint64_t *ret)
{
	for (int program = 1; program >= 0; program--)
		for (uint32_t i = 0; i < od_core_nobjects(core); i++) {
			struct od_core_object *o = od_core_object(core, i);

			if (o->program == program && find_in(o, find, name, ret))
				return true;
		}
	return false;
}

size_t od_pipeline_core_places(struct od_core *core, struct od_find *find, uint64_t addr, struct od_place *ret,
			       size_t max)
{
	struct od_core_object *o = od_core_object_at(core, addr);

	if (!o)
		return 0;
	od_core_files(o, find);
	return o->has_bias && o->debug ? od_debug_places(o->debug, addr - o->bias, ret, max) : 0;
}

bool od_pipeline_core_extent(struct od_core *core, struct od_find *find, uint64_t addr, uint64_t *start,
			     uint64_t *size)
{
	struct od_core_object *o = od_core_object_at(core, addr);
	struct od_debug_symbol sym;

	if (!o)
		return false;
	od_core_files(o, find);
	if (!o->has_bias || !symbol_at(o, addr - o->bias, &sym))
		return false;
	*start = sym.addr + o->bias;
	*size = sym.size ? sym.size : sym.extent;
	return true;
}

/* A function of the source as reports name it: without parameters. */
static const char *place_name(struct od_report *rep, const struct od_place *p)
{
	return od_arena_strdup(&rep->arena, p->linkage ? p->linkage : p->function);
}

/* --- frames --------------------------------------------------------------------------------------- */

/* The frames of the report that one frame became. */
struct span {
	uint32_t first, n;
};

struct filler {
	struct od_core *core;
	struct od_find *find;
	struct od_report *rep;
	struct od_stack *stack;
	const struct od_core_trace *trace;
	struct span *spans; /* of each frame of the trace */
	uint32_t at;	    /* which frame is being told */
	uint32_t told;	    /* variables of the stack */
};

/* Only what can be named: as gdb has it, the program's own functions are of no module. */
static void set_module(struct filler *f, struct od_frame *frame, const struct od_core_object *o)
{
	if (!o || o->program || !*o->name)
		return;
	frame->module = od_arena_strdup(&f->rep->arena, o->name);
	frame->build_id = od_arena_strdup(&f->rep->arena, o->build_id);
}

static struct od_frame *new_frame(struct filler *f, const struct od_core_frame *u)
{
	struct od_frame *frame = od_stack_add_frame(f->rep, f->stack);

	if (!frame)
		return NULL;
	frame->number = f->stack->nframes - 1;
	frame->flags = OD_FRAME_NUMBERED | (u->guessed ? OD_FRAME_GUESSED | OD_FRAME_UNRELIABLE : 0);
	f->spans[f->at].n++;
	return frame;
}

/* Places are innermost first; the last is the function that has the frame. */
static void add_places(struct filler *f, const struct od_core_frame *u, const struct od_place *places, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		struct od_frame *frame = new_frame(f, u);

		if (!frame)
			return;
		frame->symbol = place_name(f->rep, &places[i]);
		frame->file = od_arena_strdup(&f->rep->arena, places[i].file);
		frame->line = places[i].file ? places[i].line : 0;
		set_module(f, frame, u->object);
	}
}

static void add_frame(struct filler *f, const struct od_core_frame *u)
{
	const struct od_core_object *o = u->object;
	const uint64_t at = o ? u->pc - u->is_call - o->bias : 0;
	struct od_place places[OD_MAX_PLACES];
	struct od_debug_symbol sym;
	struct od_frame *frame;
	size_t n = 0;

	f->spans[f->at].first = f->stack->nframes;
	if (o && o->has_bias && o->debug && !u->signal)
		n = od_debug_places(o->debug, at, places, OD_MAX_PLACES);
	add_places(f, u, places, n);
	frame = new_frame(f, u);
	if (!frame)
		return;
	frame->addr = u->pc;
	set_module(f, frame, o);
	if (n) {
		frame->file = od_arena_strdup(&f->rep->arena, places[n - 1].file);
		frame->line = places[n - 1].file ? places[n - 1].line : 0;
	}
	if (u->signal) {
		frame->flags |= OD_FRAME_SIGNAL;
		frame->symbol = "<signal handler called>";
		frame->module = frame->build_id = NULL;
	} else if (o && o->has_bias && symbol_at(o, at, &sym)) {
		/* Of several names at one address the source knows which was meant, as debuggers tell it. */
		frame->symbol = n ? place_name(f->rep, &places[n - 1]) : od_arena_strdup(&f->rep->arena, sym.name);
		frame->offset = (uint32_t)(u->pc - o->bias - sym.addr);
		frame->size = (uint32_t)sym.size;
		frame->flags |= OD_FRAME_HAS_OFFSET;
	} else if (n) {
		frame->symbol = place_name(f->rep, &places[n - 1]);
	} else {
		frame->flags |= OD_FRAME_NO_SYMBOLS;
		/* Whose code it is, is all that is known. */
		if (o && *o->name) {
			frame->module = od_arena_strdup(&f->rep->arena, o->name);
			frame->build_id = od_arena_strdup(&f->rep->arena, o->build_id);
		}
	}
}

/* --- variables ------------------------------------------------------------------------------------------ */

static bool address(void *ctx, struct od_debug *dbg, uint64_t file, uint64_t *ret)
{
	const struct filler *f = ctx;
	const struct od_core_object *o = f->trace->frame[f->at].object;

	if (!o || o->debug != dbg)
		return false;
	*ret = file + o->bias;
	return true;
}

static bool symbol(void *ctx, uint64_t addr, struct od_buf *out)
{
	const struct filler *f = ctx;

	return od_pipeline_core_symbol(f->core, f->find, addr, out);
}

/*
 * Those of a function that was inlined belong to its frame. Nested calls of one function have one name: then the
 * outermost, which is where they are told first.
 */
static struct od_frame *frame_of(const struct filler *f, const struct od_variable *v)
{
	const struct span *s = &f->spans[f->at];
	struct od_frame *own = &f->stack->frames[s->first + s->n - 1];

	for (uint32_t i = s->n - 1; v->function && i > 0; i--) {
		struct od_frame *frame = &f->stack->frames[s->first + i - 1];

		if (frame->function && !strcmp(frame->function, v->function))
			return frame;
	}
	return own;
}

static void add_variable(void *ctx, const struct od_variable *v)
{
	struct filler *f = ctx;
	struct od_frame *frame;
	struct od_variable own = *v;

	if (!f->spans[f->at].n || f->told >= MAX_VARIABLES)
		return;
	frame = frame_of(f, v);
	if (v->function && frame != &f->stack->frames[f->spans[f->at].first + f->spans[f->at].n - 1])
		own.function = NULL;
	od_args_add(f->rep, frame, &own);
	f->told++;
}

/*
 * Frames of the C library between the program and its end, or its beginning: nobody asks for their variables, and
 * inflating the debug sections of the library takes longer than all the rest.
 */
static bool is_worth(const struct filler *f, uint32_t i)
{
	static const char *const dull[] = { "abort", "memory", "start" };
	const struct span *s = &f->spans[i];
	const struct od_frame *frame = s->n ? &f->stack->frames[s->first + s->n - 1] : NULL;
	unsigned rule = frame && frame->function && frame->module ?
			od_data_skip(frame->function, frame->module, OD_KIND_USER_CRASH) : 0;

	for (size_t k = 0; rule && k < sizeof(dull) / sizeof(*dull); k++)
		if (!strcmp(od_data_category(rule), dull[k]))
			return false;
	return frame;
}

static void add_variables(struct filler *f, uint32_t n, bool all)
{
	const struct od_var_world world = { .mem = od_core_memory(f->core), .address = address, .symbol = symbol,
					    .ctx = f };
	struct od_var_frame *frames = od_calloc(n + 1, sizeof(*frames));

	for (uint32_t i = 0; i < n; i++) {
		const struct od_core_frame *u = &f->trace->frame[i];

		frames[i].regs = u->regs;
		frames[i].has_cfa = u->has_cfa && !u->guessed;
		frames[i].cfa = u->cfa;
		if (u->object && u->object->has_bias && u->object->debug && !u->signal && !u->guessed) {
			frames[i].dbg = u->object->debug;
			frames[i].pc = u->pc - u->is_call - u->object->bias;
			frames[i].return_pc = u->is_call ? u->pc - u->object->bias : 0;
		}
		/* Of what a handler interrupted nobody called the handler. */
		if (i && u->is_call)
			frames[i - 1].caller = &frames[i];
	}
	od_data_init();
	od_analyze_names(f->rep);
	for (f->at = 0; f->at < n && f->told < MAX_VARIABLES; f->at++)
		if (frames[f->at].dbg && (all || is_worth(f, f->at)))
			od_debug_vars(&frames[f->at], &world, add_variable, f);
	free(frames);
}

void od_pipeline_core_frames(struct od_core *core, struct od_find *find, const struct od_core_trace *trace,
			     struct od_report *rep, struct od_stack *stack, uint32_t variables)
{
	struct filler f = { core, find, rep, stack, trace, NULL, 0, 0 };

	f.spans = od_calloc(trace->n + 1, sizeof(*f.spans));
	for (f.at = 0; f.at < trace->n; f.at++)
		add_frame(&f, &trace->frame[f.at]);
	add_variables(&f, trace->n < variables ? trace->n : variables, variables == UINT32_MAX);
	free(f.spans);
}
