/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the memory of a core proves about the crash. The verdicts are the same as with a backtrace
 * alone; here they get the evidence that no backtrace has, and where the stack shows nothing,
 * verdicts of its own.
 */
#include <stdlib.h>

#include "talloc-live.h"

enum { MEMBERS = 32 }; /* words of an object that are looked at */

/* --- finding -------------------------------------------------------------------------------- */

static void add_use(struct live *l, const struct use *use)
{
	for (uint32_t i = 0; i < l->nuses; i++)
		if (l->uses[i].ptr == use->ptr)
			return;
	if (l->nuses < MAX_USES)
		l->uses[l->nuses++] = *use;
}

static bool is_library(const struct frame *f)
{
	static const char *const modules[] = {"libc.",   "libc-",     "libpthread",
					      "ld-",	 "libtalloc", "libtevent"};
	static const char *const functions[] = {"tevent_",	  "_tevent_",	"abort",
						"raise",	  "__GI_abort", "__GI_raise",
						"__pthread_kill", "gsignal",	"tgkill"};

	if (f->talloc || (!f->function && !f->module))
		return true;
	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++)
		if (starts(f->module, modules[i]))
			return true;
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (starts(f->function, functions[i]))
			return true;
	return false;
}

/*
 * The first frame that is neither the libraries' nor abort()'s: it and its callers used the object.
 */
static uint32_t first_own(const struct model *m)
{
	uint32_t i = 0;

	while (i < m->nframes && is_library(&m->frames[i]))
		i++;
	return i < m->nframes ? i : 0;
}

/* Members of a live object that point to a dead one. */
static void find_members(struct live *l, const struct object *o, bool inner)
{
	struct heap *h = &l->h;
	const unsigned width = h->layout->width;

	for (uint32_t i = 0; i < MEMBERS && (i + 1) * width <= o->c.size; i++) {
		struct use use = {.ptr = heap_pointer(h, o->ptr + i * width, width),
				  .var = o->var,
				  .member = i * width + 1,
				  .inner = inner};

		if (!heap_is_address(use.ptr, width) || use.ptr < h->layout->header)
			continue;
		use.state = chunk_state(h, use.ptr - h->layout->header, &use.c);
		if (is_dead(use.state))
			add_use(l, &use);
	}
}

static void find_uses(struct live *l)
{
	struct heap *h = &l->h;
	const uint32_t own = first_own(h->m);

	for (int members = 0; members < 2; members++) {
		for (uint32_t i = 0; i < h->nobjects; i++) {
			const struct object *o = &h->objects[i];
			const struct var *v = o->var == NO_VAR ? NULL : &h->m->vars[o->var];
			const bool inner = v ? v->frame < own + INNER : o->reg[0] != '\0';

			if (o->on_stack)
				continue;
			if (!members && is_dead(o->state))
				add_use(l, &(struct use){o->ptr, o->var, o->reg, 0, o->state, inner,
							 o->c});
			else if (members && inner && v && o->state == CHUNK_LIVE)
				find_members(l, o, true);
		}
	}
}

/* Where the code of the crash passes an event context around, it is one. */
static void find_dead_ev(struct live *l)
{
	const struct model *m = l->h.m;

	for (uint32_t f = 0; f < m->nframes && !l->dead_ev; f++) {
		if (has(m->frames[f].function, "loop_once") && f > INNER)
			break;
		for (uint32_t i = 0; i < m->frames[f].nvars && !l->dead_ev; i++) {
			const struct var *v = &m->vars[m->frames[f].first_var + i];

			if (v->pointer && is_event_context_name(v->name) &&
			    event_context_dead(&l->h, v->number, &l->dead_state))
				l->dead_ev = v;
		}
	}
}

/*
 * What talloc says before it gives up is put together as an object of its own, named by itself.
 * What it logs is one too, freed at once, often where the object lay that it speaks of: the text is
 * still there.
 */
static void find_text(struct live *l, uint64_t at)
{
	struct heap *h = &l->h;
	char *text = l->texts[l->ntexts];

	if (l->ntexts < MAX_TEXTS &&
	    h->m->c->host->read_string(h->m->c->rep, at, text, sizeof(l->texts[0])) ==
		    OD_PLUGIN_OK &&
	    (has(text, "talloc: ") || has(text, "Type mismatch") || has(text, "talloc magic")))
		l->ntexts++;
}

static void find_texts(struct live *l)
{
	struct heap *h = &l->h;

	for (uint32_t i = 0; i < h->nnodes; i++)
		if (h->nodes[i].c.name == chunk_object(h, &h->nodes[i].c))
			find_text(l, h->nodes[i].c.name);
	for (uint32_t i = 0; i < h->nobjects; i++)
		if (is_dead(h->objects[i].state))
			find_text(l, h->objects[i].ptr);
}

const char *live_text(const struct model *m, uint32_t i)
{
	return m->live && i < m->live->ntexts ? m->live->texts[i] : NULL;
}

void live_read(struct model *m)
{
	struct live *l;

	if (!(m->c->host->flags & OD_HOST_MEMORY))
		return;
	l = calloc(1, sizeof(*l));
	if (!l)
		return;
	m->live = l;
	l->h.m = m;
	for (size_t i = 0; i < HEAP_PAGES; i++)
		l->h.page_at[i] = 1;
	l->h.objects = calloc(MAX_OBJECTS, sizeof(*l->h.objects));
	if (!l->h.objects || !heap_find(&l->h)) {
		live_free(m);
		return;
	}
	heap_walk(&l->h);
	heap_events(&l->h);
	find_uses(l);
	find_dead_ev(l);
	find_texts(l);
	if (!m->header)
		m->header = l->h.layout->header;
	for (uint32_t i = 0; i < l->h.nnodes; i++)
		l->dying += node_dying(&l->h.nodes[i]);
}

void live_free(struct model *m)
{
	if (!m->live)
		return;
	for (size_t i = 0; i < HEAP_PAGES; i++)
		free(m->live->h.pages[i]);
	free(m->live->h.objects);
	free(m->live->h.nodes);
	free(m->live->h.seen);
	free(m->live);
	m->live = NULL;
}
