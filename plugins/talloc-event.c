/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tevent's objects are talloc's. Each event points to its context; the context's destructor clears
 * that in all events on its lists. So an event with a context that is gone was never on them, or
 * was made when the context was dead: its handler or destructor will use it.
 */
#include "talloc-live.h"

/*
 * In each of these the context stands behind two links. Facts: tevent_internal.h of 0.9.0 to 0.16.
 */
static const char *const events[] = {
	"struct tevent_timer",
	"struct tevent_fd",
	"struct tevent_immediate",
	"struct tevent_signal",
};
enum { CONTEXT_AT = 2 /* pointers */ };

static bool is_event(const char *name)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (!strcmp(name, events[i]))
			return true;
	return false;
}

/*
 * Programs may rename their contexts. One that is called otherwise, but has the table of functions
 * of one that has its name, is one too.
 */
static bool has_ops_of_another(struct heap *h, uint64_t ptr)
{
	const unsigned width = h->layout->width;
	const uint64_t ops = heap_pointer(h, ptr, width);
	char name[NAME_SIZE];

	for (uint32_t i = 0, n = 0; ops && i < h->nnodes && n < 8; i++) {
		const struct chunk *c = &h->nodes[i].c;

		if (c->size < width || !chunk_name(h, c, name, sizeof(name)) ||
		    strcmp(name, "struct tevent_context") != 0)
			continue;
		n++;
		if (chunk_object(h, c) != ptr && heap_pointer(h, chunk_object(h, c), width) == ops)
			return true;
	}
	return false;
}

bool event_context_dead(struct heap *h, uint64_t ptr, enum state *state)
{
	char name[NAME_SIZE];
	struct chunk c = {0};

	*state = CHUNK_NONE;
	if (ptr < h->layout->header || !h->magic)
		return false;
	h->lacking = false;
	*state = chunk_state(h, ptr - h->layout->header, &c);
	if (*state != CHUNK_LIVE)
		return !h->lacking;
	return chunk_name(h, &c, name, sizeof(name)) && !has(name, "event") &&
	       !has_ops_of_another(h, ptr);
}

void heap_events(struct heap *h)
{
	const unsigned width = h->layout->width;
	char name[NAME_SIZE];

	for (uint32_t i = 0; i < h->nnodes; i++) {
		const struct chunk *c = &h->nodes[i].c;
		const uint64_t ptr = chunk_object(h, c);
		enum state state;
		uint64_t ev;

		if (c->size < (CONTEXT_AT + 1) * width || !chunk_name(h, c, name, sizeof(name)) ||
		    !is_event(name))
			continue;
		h->nevents++;
		ev = heap_pointer(h, ptr + CONTEXT_AT * width, width);
		if (!ev || !event_context_dead(h, ev, &state) || h->nstale >= MAX_STALE_EVENTS)
			continue;
		h->stale[h->nstale++] = (struct stale_event){ptr, ev, i, state};
	}
}
