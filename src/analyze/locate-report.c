/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a report as questions, and the answers put into it. */
#include <stdlib.h>
#include <string.h>

#include "analyze/locate.h"
#include "base/alloc.h"
#include "symbols/demangle.h"

enum { MAX_AMBIGUOUS = 4 }; /* symbols of a report of which it is said */

struct asked {
	struct od_spot *spots;
	struct od_frame **frames;
	size_t n, cap;
};

static bool same_place(const struct od_frame *a, const struct od_frame *b)
{
	return a->symbol && b->symbol && a->offset == b->offset && !strcmp(a->symbol, b->symbol);
}

/*
 * On most architectures a trace begins with the instruction that failed, which was told before it
 * already; all below are addresses to return to.
 */
static bool is_return(const struct od_stack *stack, uint32_t i)
{
	const struct od_frame *f = &stack->frames[i];

	if (f->flags & (OD_FRAME_PC | OD_FRAME_POINTER))
		return false;
	return !(i == 1 && (stack->frames[0].flags & OD_FRAME_PC) && same_place(f, &stack->frames[0]));
}

/* The file of a frame's function. */
struct od_wanted od_locate_wanted(const struct od_report *rep, const struct od_frame *f)
{
	struct od_wanted w = { .release = rep->release, .module = f->module, .build_id = f->build_id };

	if (!f->module) {
		w.build_id = rep->kernel_build_id;
		return w;
	}
	for (uint32_t i = 0; i < rep->nmodules; i++) {
		const struct od_module *m = &rep->modules[i];

		if (strcmp(m->name, f->module) != 0)
			continue;
		if (!w.build_id)
			w.build_id = m->build_id;
		w.out_of_tree = m->taint && strchr(m->taint, 'O');
		break;
	}
	return w;
}

/* --- addresses without a name ---------------------------------------------------------------- */

/*
 * How far the running kernel is from where it was linked: as it said, or from an address that it
 * printed with its symbol. arm and i386 before 3.14 never move it.
 */
bool od_locate_shift(struct od_locate *loc, const struct od_report *rep, uint64_t *ret)
{
	const struct od_wanted kernel = { .release = rep->release, .build_id = rep->kernel_build_id };
	struct od_debug_symbol sym;
	struct od_debug *dbg = NULL;

	*ret = rep->kaslr_offset;
	if (rep->has_kaslr_offset)
		return true;
	for (uint32_t s = 0; s < rep->nstacks; s++)
		for (uint32_t i = 0; i < rep->stacks[s].nframes; i++) {
			const struct od_frame *f = &rep->stacks[s].frames[i];

			if (!f->addr || !f->symbol || f->module || !(f->flags & OD_FRAME_HAS_OFFSET) ||
			    !f->size)
				continue;
			if (!dbg)
				dbg = od_locate_file(loc, &kernel, NULL);
			if (!dbg)
				return false;
			if (od_locate_symbols(dbg, f->symbol, f->size, &sym, 1, NULL) != 1)
				continue;
			*ret = f->addr - f->offset - sym.addr;
			return true;
		}
	return rep->arch && !strcmp(rep->arch, "arm");
}

static bool has_bare(const struct od_report *rep)
{
	for (uint32_t s = 0; s < rep->nstacks; s++)
		for (uint32_t i = 0; i < rep->stacks[s].nframes; i++)
			if (!rep->stacks[s].frames[i].symbol && rep->stacks[s].frames[i].addr)
				return true;
	return false;
}

/* --- questions ------------------------------------------------------------------------------ */

static void ask(struct asked *q, const struct od_report *rep, struct od_stack *stack, uint32_t i,
		const uint64_t *shift)
{
	struct od_frame *f = &stack->frames[i];
	struct od_spot spot = { .of = od_locate_wanted(rep, f), .is_return = is_return(stack, i) };

	if (f->file || f->ninlined || (f->flags & OD_FRAME_SIGNAL))
		return;
	if (f->symbol && (f->flags & OD_FRAME_HAS_OFFSET)) {
		spot.symbol = f->symbol;
		spot.offset = f->offset;
		spot.size = f->size;
	} else if (!f->symbol && !f->module && f->addr && shift) {
		spot.addr = f->addr - *shift;
	} else {
		return;
	}
	if (q->n == q->cap) {
		q->cap = q->cap ? q->cap * 2 : 64;
		q->spots = od_realloc(q->spots, q->cap * sizeof(*q->spots));
		q->frames = od_realloc(q->frames, q->cap * sizeof(*q->frames));
	}
	q->spots[q->n] = spot;
	q->frames[q->n++] = f;
}

/* A function of the source as reports name them: without parameters. */
static const char *name_of(struct od_report *rep, const struct od_place *p)
{
	struct od_buf buf = OD_BUF_INIT;
	const char *name = p->function;

	if (p->linkage && od_demangle_style(p->linkage, strlen(p->linkage), OD_DEMANGLE_FUNCTION, &buf))
		name = od_buf_str(&buf);
	name = od_arena_strdup(&rep->arena, name ? name : p->linkage);
	od_buf_deinit(&buf);
	return name;
}

static void fill(struct od_report *rep, struct od_frame *f, const struct od_spot *spot)
{
	const struct od_place *own = &spot->places[spot->nplaces - 1];
	struct od_inline *in;

	f->file = od_arena_strdup(&rep->arena, own->file);
	f->line = own->file ? own->line : 0;
	if (!f->symbol && !f->function)
		f->function = name_of(rep, own);
	if (spot->nplaces < 2)
		return;
	in = od_arena_alloc(&rep->arena, (spot->nplaces - 1) * sizeof(*in));
	for (size_t i = 0; i + 1 < spot->nplaces; i++)
		in[i] = (struct od_inline){ name_of(rep, &spot->places[i]),
					    od_arena_strdup(&rep->arena, spot->places[i].file),
					    spot->places[i].line };
	f->inlined = in;
	f->ninlined = (uint32_t)spot->nplaces - 1;
}

/* --- what is missing ------------------------------------------------------------------------- */

/* Once for each file of an input: the entries themselves tell which were told. */
static bool was_told(const struct od_input *in, const char *why)
{
	for (uint32_t i = 0; i < in->nmissing; i++)
		if (!strcmp(in->missing[i].what, "source lines") && !strcmp(in->missing[i].why, why))
			return true;
	return false;
}

static void tell_missing(struct od_locate *loc, struct od_input *in, const struct od_spot *spot)
{
	struct od_absent absent = { NULL, NULL };
	struct od_debug *dbg = od_locate_file(loc, &spot->of, &absent);
	struct od_buf buf = OD_BUF_INIT;
	const char *why = absent.why;

	if (dbg && od_debug_has_lines(dbg))
		return;
	if (dbg && !why) {
		od_buf_printf(&buf, "%s has no line information", od_debug_name(dbg));
		why = od_buf_str(&buf);
	}
	if (why && !was_told(in, why))
		od_input_missing(in, "source lines", why, spot->of.build_id, absent.path);
	od_buf_deinit(&buf);
}

/* There are places, but a file with a part of them is not there. */
static void tell_lacking(struct od_locate *loc, struct od_input *in, const struct od_spot *spot)
{
	struct od_debug *dbg = od_locate_file(loc, &spot->of, NULL);
	const char *why = dbg ? od_debug_lacks(dbg) : NULL;

	if (why && !was_told(in, why))
		od_input_missing(in, "source lines", why, spot->of.build_id, NULL);
}

static void tell_ambiguous(struct od_report *rep, const struct od_frame *f, uint32_t *told)
{
	if (++*told <= MAX_AMBIGUOUS)
		od_report_note(rep, f->lines.first, "several functions %s have this size: no source line",
			       f->symbol ? f->symbol : "there");
}

/* Is the frame one of the crash itself, so that it matters what is not known of it? */
static bool matters(const struct od_report *rep, const struct od_frame *f)
{
	const struct od_stack *first = rep->nstacks ? &rep->stacks[0] : NULL;

	return first && f >= first->frames && f < first->frames + first->nframes &&
	       !(f->flags & OD_FRAME_UNRELIABLE);
}

void od_locate_report(struct od_locate *loc, struct od_input *in, struct od_report *rep)
{
	struct asked q = { 0 };
	uint64_t shift;
	bool shifted;
	uint32_t told = 0;

	/* gdb has said what there is to say of programs. */
	if (od_kind_is_user(rep->kind))
		return;
	shifted = has_bare(rep) && od_locate_shift(loc, rep, &shift);
	for (uint32_t s = 0; s < rep->nstacks; s++)
		for (uint32_t i = 0; i < rep->stacks[s].nframes; i++)
			ask(&q, rep, &rep->stacks[s], i, shifted ? &shift : NULL);
	od_locate_spots(loc, q.spots, q.n);
	for (size_t i = 0; i < q.n; i++) {
		if (q.spots[i].end == OD_SPOT_FOUND) {
			fill(rep, q.frames[i], &q.spots[i]);
			tell_lacking(loc, in, &q.spots[i]);
		} else if (q.spots[i].end == OD_SPOT_AMBIGUOUS) {
			tell_ambiguous(rep, q.frames[i], &told);
		} else if (matters(rep, q.frames[i])) {
			tell_missing(loc, in, &q.spots[i]);
		}
	}
	free(q.spots);
	free(q.frames);
	if (od_locate_sources(loc))
		od_locate_excerpts(rep, od_locate_sources(loc));
}
