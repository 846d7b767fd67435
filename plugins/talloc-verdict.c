/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How sure memory makes the verdicts that the stack has led to, and verdicts of its own where the
 * stack led to none.
 */
#include "talloc-live.h"

/* --- how sure
 * --------------------------------------------------------------------------------------- */

/* An event whose destructor is running, or which the innermost frames or a register hold, and is
 * stale. */
static bool stale_in_crash(const struct live *l)
{
	for (uint32_t i = 0; i < l->h.nstale; i++) {
		const struct node *n = &l->h.nodes[l->h.stale[i].node];
		uint32_t at, end = model_find(l->h.m, l->h.stale[i].event, &at);

		if (node_dying(n) ||
		    (at < end && l->h.m->vars[l->h.m->by_value[at]].frame < 2 * INNER))
			return true;
	}
	return false;
}

static const struct use *inner_use(const struct live *l)
{
	const struct use *best = NULL;

	for (uint32_t i = 0; i < l->nuses; i++)
		if (l->uses[i].inner && (!best || (best->member && !l->uses[i].member)))
			best = &l->uses[i];
	return best;
}

bool live_context_dead(const struct model *m)
{
	return m->live && (m->live->dead_ev || stale_in_crash(m->live));
}

int live_score(const struct model *m, int score)
{
	const struct live *l = m->live;
	const struct use *u;

	if (!l || l->h.said)
		return score;
	u = inner_use(l);
	if (live_context_dead(m))
		return score > 97 ? score : 97;
	if (u)
		score += u->state == CHUNK_FREED ? 20 : 12;
	else if (l->h.ndamage)
		score += 10;
	else if (l->dying)
		score += 5;
	return score > 95 ? 95 : score;
}

/* --- verdicts of its own
 * -------------------------------------------------------------------------- */

static bool say_stale_context(const struct model *m, struct live *l)
{
	struct words w = {.n = 0};

	if (l->dead_ev) {
		words_holder(&w, m, (uint32_t)(l->dead_ev - m->vars), "");
		words_add(&w, " is a tevent context that is gone: ");
		words_dead(&w, &l->h, l->dead_state, l->dead_ev->number);
	} else if (l->h.nstale) {
		/* Perhaps not what crashed: it says so by its score. */
		words_chunk(&w, &l->h, &l->h.nodes[l->h.stale[0].node].c);
		words_add(&w, " is bound to a tevent context that is gone: its handler or its "
			      "destructor will "
			      "use it");
	} else {
		return false;
	}
	words_add(&w, ".");
	if (!finding(m->c, "tevent/stale-context", "high", live_context_dead(m) ? 90 : 50,
		     l->dead_ev ? "a tevent context was used after it was freed"
				: "an event outlived its tevent context",
		     w.s))
		return true;
	live_say(m);
	advice(m->c, "An event context must outlive what is bound to it: make the events, and what "
		     "owns them, "
		     "children of the context, or free them first.");
	return true;
}

static bool say_freed(const struct model *m, struct live *l)
{
	const struct use *u = inner_use(l);
	struct words w = {.n = 0};

	if (!u)
		return false;
	words_add(&w, "The crash works with 0x%llx: ", HEX(u->ptr));
	words_dead(&w, &l->h, u->state, u->ptr);
	words_add(&w, ".");
	if (!finding(m->c, "talloc/access-after-free", "high",
		     (u->member ? 55 : 70) + (u->state == CHUNK_FREED ? 10 : 0),
		     "a talloc object was used after its free", w.s))
		return true;
	live_say(m);
	advice(m->c,
	       "Compare the owner of the object, and the place where it was freed, with the frames "
	       "here: the one that goes on with it needs a reference, or must be told.");
	return true;
}

static bool say_corrupt(const struct model *m, struct live *l)
{
	struct words w = {.n = 0};

	if (!l->h.ndamage)
		return false;
	words_damage(&w, &l->h, &l->h.damage[0]);
	words_add(&w, ". Something wrote over the headers of talloc, or a list was changed while "
		      "it was used.");
	if (!finding(m->c, "talloc/corrupt-chunk", "high", 75,
		     "the tree of talloc objects is damaged", w.s))
		return true;
	live_say(m);
	advice(m->c,
	       "Look at the object in front of the damaged one, and run with AddressSanitizer or "
	       "valgrind: a write beyond the end of an object is what does this.");
	return true;
}

/* talloc gave up: the outermost frame of its call, or 0. abort() or somebody's own function is
 * inside. */
static uint32_t abort_call(const struct model *m)
{
	uint32_t first = 0, last;

	while (first < m->nframes && !m->frames[first].talloc)
		first++;
	if (!first || first >= m->nframes ||
	    !(has(m->frames[first - 1].function, "abort") ||
	      has(m->frames[first - 1].function, "panic")))
		return 0;
	for (last = first; last + 1 < m->nframes && m->frames[last + 1].talloc; last++)
		;
	return last;
}

static const struct use *use_of(const struct live *l, uint32_t first, uint32_t last)
{
	for (uint32_t i = 0; i < l->nuses; i++) {
		const struct use *u = &l->uses[i];

		if (!u->member && u->var != NO_VAR && l->h.m->vars[u->var].frame >= first &&
		    l->h.m->vars[u->var].frame <= last)
			return u;
	}
	return NULL;
}

/* Nothing that its caller holds was freed. What has no header of talloc in front may be it. */
static bool say_abort_of(const struct model *m, struct live *l, uint32_t call)
{
	const struct frame *f = call + 1 < m->nframes ? &m->frames[call + 1] : NULL;
	struct words w = {.n = 0};

	words_add(&w, "talloc ended the program, called by ");
	if (f)
		words_place(&w, m, call + 1);
	else
		words_add(&w, "a frame that is missing");
	words_add(&w, ". It does so when a pointer that it is given has no valid header in front, "
		      "or the object is of "
		      "another type than was asked for. Nothing in the memory of the process tells "
		      "which.");
	if (!finding(m->c, "talloc/abort", "high", 50, "talloc called abort()", w.s))
		return true;
	for (uint32_t i = 0, said = 0; f && i < f->nvars && said < MAX_SAID; i++) {
		const struct var *v = &m->vars[f->first_var + i];
		const struct object *o = heap_object(&l->h, v->number);

		if (!model_is_object(m, v) || !o || o->state != CHUNK_NONE)
			continue;
		said++;
		evidence(m->c, "medium", at_var(m, f->first_var + i, v->number),
			 "%.60s of #%u is 0x%llx, and no chunk of talloc is in front of that",
			 v->name, f->number, HEX(v->number));
	}
	live_say(m);
	advice(m->c, "talloc has said the reason on stderr, or to the function of "
		     "talloc_set_log_fn(): look into the "
		     "log of the program.");
	return true;
}

/* abort() within talloc, whose words are lost: what does its caller hold? */
static bool say_abort(const struct model *m, struct live *l)
{
	const uint32_t call = abort_call(m);
	const struct use *u = call ? use_of(l, call + 1, call + 1) : NULL;
	struct words w = {.n = 0};
	bool twice;

	if (!u)
		return false;
	twice = has(m->frames[call].function, "free");
	words_place(&w, m, call + 1);
	words_add(&w, " called talloc with ");
	words_holder(&w, m, u->var, "");
	words_add(&w, ", 0x%llx: ", HEX(u->ptr));
	words_dead(&w, &l->h, u->state, u->ptr);
	words_add(&w, ". talloc checks the header of what it is given, and ends the program.");
	if (!finding(m->c, twice ? "talloc/double-free" : "talloc/access-after-free", "high",
		     u->state == CHUNK_FREED ? 90 : 82,
		     twice ? "a talloc object was freed twice"
			   : "talloc was given an object that had been freed",
		     w.s))
		return true;
	for (uint32_t i = 0; i < l->ntexts; i++)
		evidence(m->c, "strong", NOWHERE, "talloc said: %.*s",
			 (int)(strcspn(l->texts[i], "\n") & 0x1ff), l->texts[i]);
	live_say(m);
	advice(m->c, "Compare the place of the free with the caller here: one of them must not own "
		     "the object, or "
		     "has to set its pointer to NULL (TALLOC_FREE() does).");
	return true;
}

bool live_abort(const struct model *m)
{
	return m->live && say_abort(m, m->live);
}

void live_findings(const struct model *m)
{
	const uint32_t call = abort_call(m);
	struct live *l = m->live;
	char text[256];

	if (!l || l->h.said || (call && say_abort_of(m, l, call)) || say_stale_context(m, l) ||
	    say_freed(m, l) || say_corrupt(m, l))
		return;
	snprintf(text, sizeof(text),
		 "talloc %s: %u chunk%s%s from the objects on the stack were walked, and "
		 "nothing is wrong with them",
		 l->h.version, l->h.nnodes, l->h.nnodes == 1 ? "" : "s",
		 l->h.more  ? " (not all)"
		 : l->h.cut ? " (the core lacks some)"
			    : "");
	m->c->host->note(m->c->rep, 0, text);
}
