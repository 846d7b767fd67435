/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of a process as those of a report: names, places, variables. */
#include <stdlib.h>
#include <string.h>

#include "analyze/args.h"
#include "pipeline-core.h"
#include "symbols/demangle.h"

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

/* A function of the source as reports name it: without parameters. */
static const char *place_name(struct od_report *rep, const struct od_place *p)
{
	return od_arena_strdup(&rep->arena, p->linkage ? p->linkage : p->function);
}

/* --- frames --------------------------------------------------------------------------------------- */

struct filler {
	struct od_core *core;
	struct od_find *find;
	struct od_report *rep;
	struct od_stack *stack;
	const struct od_core_trace *trace;
	bool variables;
	uint32_t first, n; /* of the frame at hand: the frames of the report that it became */
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
	f->n++;
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

	f->first = f->stack->nframes;
	f->n = 0;
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
	}
}

void od_pipeline_core_frames(struct od_core *core, struct od_find *find, const struct od_core_trace *trace,
			     struct od_report *rep, struct od_stack *stack, bool variables)
{
	struct filler f = { core, find, rep, stack, trace, variables, 0, 0 };

	for (uint32_t i = 0; i < trace->n; i++)
		add_frame(&f, &trace->frame[i]);
}
