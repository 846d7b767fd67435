/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "talloc-say.h"

/* Crashes that are known, by functions that must all be on the stack. */
static const struct known {
	const char *functions[3];
	const char *advice;
	const char *references[3];
} known[] = {
	{{"poll_funcs_tevent_handle_destructor", "msg_dgm_ref_destructor"},
	 "These are the frames of Samba bug 12272: a slot of poll_funcs was taken for another "
	 "event "
	 "context than its own, so it outlived that context. The search must look for an exact "
	 "match before it takes a free slot; check that the build has that commit.",
	 {"https://bugzilla.samba.org/show_bug.cgi?id=12272",
	  "Samba commit 085542fc93b3 (2016-09-16), lib/poll_funcs"}},
};

/* --- the words around ------------------------------------------------------------------------ */

/* Frames from who frees to who still holds it. */
static uint32_t distance(const struct model *m, const struct active *a)
{
	return m->vars[a->outer.vars[0]].frame - a->initiator;
}

/* Of what is held for sure the one whose holder is nearest: who is far out may be past using it. */
static const struct active *worst(const struct model *m, const struct teardown *t)
{
	const struct active *a = NULL;

	for (uint32_t i = 0; i < t->nfrees; i++) {
		const struct active *f = &t->frees[i];

		if (f->outer.held == HELD_OUTSIDE &&
		    (!a || a->outer.held != HELD_OUTSIDE || distance(m, f) <= distance(m, a)))
			a = f;
		else if (f->outer.held == HELD_UNCERTAIN && !a)
			a = f;
	}
	return a;
}

/* What looks alike and is harmless, so that nobody goes after it. */
static void add_cleared(struct words *w, const struct model *m, const struct teardown *t)
{
	bool any = false;

	for (uint32_t i = 0; i < t->nfrees; i++) {
		const struct active *a = &t->frees[i];

		if (a->outer.held != HELD_CHAIN || a->initiator >= m->nframes)
			continue;
		words_add(w, "%s0x%llx (freed by #%u itself, which holds it)",
			  any ? ", " : " Cleared: ", HEX(a->object),
			  m->frames[a->initiator].number);
		any = true;
	}
	for (uint32_t i = 0; i < t->nstale; i++) {
		if (t->stale[i].outer.held != HELD_CHAIN)
			continue;
		words_add(w, "%s0x%llx (freed just before by the function that it was passed to%s)",
			  any ? ", " : " Cleared: ", HEX(t->stale[i].object),
			  t->stale[i].pool ? "; a request may be freed in its callback" : "");
		any = true;
	}
	if (any)
		words_add(w, ".");
}

static void add_jump(struct words *w, const struct model *m, const struct jump *j)
{
	if (j->wild && j->site)
		words_add(w, " %s then called through %s", model_name(&m->frames[1]),
			  j->site->pointer);
	else if (j->wild)
		words_add(w, " A call through a function pointer then went wrong");
	if (j->wild)
		words_add(w, " and ended at 0x%llx%s.", HEX(m->frames[0].address),
			  j->among_heap ? ", in the middle of the heap" : "");
	if (j->ev)
		words_add(
			w,
			" Its event context 0x%llx is not the one of the running loop (0x%llx) and "
			"occurs "
			"nowhere else: that context is dead, and what was bound to it outlived it.",
			HEX(j->ev->number), HEX(j->loop_ev->number));
}

static void say_known(const struct model *m)
{
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
		bool all = true;

		for (size_t n = 0; n < 3 && known[k].functions[n] && all; n++) {
			all = false;
			for (uint32_t i = 0; i < m->nframes && !all; i++)
				all = same(m->frames[i].function, known[k].functions[n]);
		}
		if (!all)
			continue;
		advice(m->c, "%s", known[k].advice);
		for (size_t n = 0; n < 3 && known[k].references[n]; n++)
			m->c->host->reference(m->c->rep, known[k].references[n]);
	}
}

void say_how_to(const struct model *m)
{
	advice(m->c,
	       "Run with TALLOC_FREE_FILL=0x5a in the environment: what is used after its free is "
	       "then filled with that byte. talloc_report_full() before the free shows what hangs "
	       "below the object, and so what its free takes along.");
	advice(m->c,
	       "Look at the order of the destructors: an object's own destructor runs before its "
	       "children are freed, and children are freed latest first.");
}

static void say_reentrant_advice(const struct model *m, const struct active *a)
{
	const struct var *v = &m->vars[a->outer.vars[0]];
	struct words w = {.n = 0};

	words_add(&w, "Start at the free: ");
	if (a->initiator < m->nframes)
		words_place(&w, m, a->initiator);
	else
		words_free_place(&w, m, a);
	words_add(&w, " must not free what ");
	words_place(&w, m, v->frame);
	words_add(&w,
		  " is still working with. Put the free off (tevent_schedule_immediate()), let the "
		  "caller further out own a reference while it calls out, or have it look whether "
		  "the "
		  "object is still there before it goes on.");
	advice(m->c, "%s", w.s);
}

static int reentrant_score(const struct teardown *t, const struct jump *j)
{
	int strong = 0, uncertain = 0, certain = 0;

	for (uint32_t i = 0; i < t->nfrees; i++) {
		strong += t->frees[i].outer.held == HELD_OUTSIDE;
		uncertain += t->frees[i].outer.held == HELD_UNCERTAIN;
		certain += t->frees[i].outer.held == HELD_OUTSIDE && t->frees[i].certain;
	}
	return (strong ? 65 : 40) + (certain ? 10 : 0) + (strong + uncertain > 1 ? 5 : 0) +
	       (j->wild && j->among_heap ? 8
		: j->wild		 ? 4
					 : 0) +
	       (j->ev ? 7 : 0) + (j->filled ? 5 : 0);
}

void say_reentrant(const struct model *m, const struct teardown *t, const struct jump *j)
{
	const struct active *a = worst(m, t);
	char live[512];
	struct words w = {.n = 0}, title = {.n = 0};
	const struct var *v = &m->vars[a->outer.vars[0]];

	words_add(&title, "re-entrant teardown");
	if (j->wild)
		words_add(&title, j->null ? " with a call of NULL" : " with a wild jump");
	if (j->ev || live_context_dead(m))
		words_add(&title, " through a dead tevent context");
	else if (j->site)
		words_add(&title, " through %s", j->site->pointer);
	words_place(&w, m, v->frame);
	words_add(&w, " works with 0x%llx and, by way of what it called, ", HEX(a->object));
	if (a->initiator < m->nframes)
		words_place(&w, m, a->initiator);
	else
		words_add(&w, "a function whose frame is missing");
	words_add(&w,
		  " freed it underneath: %u frees are nested, and the memory that the functions "
		  "further out go on with is being taken apart.",
		  t->nfrees);
	add_jump(&w, m, j);
	live_cause(m, live, sizeof(live));
	words_add(&w, "%s", live);
	add_cleared(&w, m, t);
	if (!finding(m->c, "talloc/reentrant-teardown", "critical", live_score(m, reentrant_score(t, j)), title.s,
		     w.s))
		return;
	say_jump(m, j);
	say_overlaps(m, t);
	say_frees(m, t);
	say_loops(m, j);
	live_say(m);
	say_reentrant_advice(m, a);
	say_how_to(m);
	say_known(m);
}

/* --- a destructor that used something dead ------------------------------------------------------
 */

/* An object that the crashing side holds and that is dead or dying: its evidence. */
static int say_dead_uses(const struct model *m, const struct teardown *t, uint32_t inner, bool say)
{
	int found = 0;

	for (uint32_t v = 0; v < m->nvars && m->vars[v].frame < inner; v++) {
		const struct var *x = &m->vars[v];
		const struct where w = at_frame(m, x->frame, x->number);

		if (!x->pointer)
			continue;
		for (uint32_t i = 0; i < t->nstale; i++) {
			if (t->stale[i].object != x->number)
				continue;
			found += 2;
			if (say)
				evidence(m->c, "strong", w,
					 "%s of #%u is 0x%llx, which was freed just "
					 "before: its chunk is left in ptr_to_free of #%u",
					 x->name, m->frames[x->frame].number, HEX(x->number),
					 m->frames[m->vars[t->stale[i].var].frame].number);
		}
		for (uint32_t i = 0; i < t->nfrees; i++) {
			if (t->frees[i].object != x->number || t->frees[i].phase != PHASE_CHILDREN)
				continue;
			found++;
			if (say)
				evidence(m->c, "medium", w,
					 "%s of #%u is 0x%llx, whose own destructor "
					 "has already run: only its memory is still there",
					 x->name, m->frames[x->frame].number, HEX(x->number));
		}
	}
	return found;
}

bool say_destructor(const struct model *m, const struct teardown *t, const struct jump *j)
{
	const struct active *a = t->nfrees ? &t->frees[0] : NULL;
	const char *destructor;
	char live[512];
	bool in_tevent;
	struct words w = {.n = 0}, title = {.n = 0};
	int uses, score;

	/* The crash must be in the destructor, not somewhere before or in talloc itself. */
	if (!a || a->phase != PHASE_DESTRUCTOR || !a->run_first)
		return false;
	uses = say_dead_uses(m, t, a->run_first, false);
	in_tevent = j->tevent && j->tevent + 1 == a->run_first;
	if (!uses && !j->wild && !j->ev && !j->filled && !in_tevent)
		return false;
	score = 30 +
		(uses > 1 ? 35
		 : uses	  ? 20
			  : 0) +
		(j->among_heap ? 20
		 : j->wild     ? 12
			       : 0) +
		(j->ev ? 15 : 0) + (j->filled ? 30 : 0) + (in_tevent ? 30 : 0);
	destructor = model_name(&m->frames[a->run_first - 1]);
	words_add(&title, "the destructor %.100s used something that was freed", destructor);
	words_place(&w, m, a->run_first - 1);
	words_add(&w, " runs because 0x%llx is freed at ", HEX(a->object));
	words_free_place(&w, m, a);
	words_add(&w, ", and reached for memory that is no longer what it was.");
	add_jump(&w, m, j);
	live_cause(m, live, sizeof(live));
	words_add(&w, "%s", live);
	if (!finding(m->c, "talloc/destructor-after-free", "high", live_score(m, score > 90 ? 90 : score), title.s,
		     w.s))
		return true;
	say_dead_uses(m, t, a->run_first, true);
	if (in_tevent)
		evidence(m->c, "medium", at_frame(m, j->tevent - 1, 0),
			 "%s crashed in tevent, in %s: the "
			 "event context or the event that it handed over is dead, or was never set",
			 destructor, model_name(&m->frames[j->tevent - 1]));
	say_jump(m, j);
	say_frees(m, t);
	say_loops(m, j);
	live_say(m);
	advice(m->c,
	       "%s may touch only its own object and what is sure to outlive it: siblings may be "
	       "freed before it, and the destructor of its parent has run before.",
	       destructor);
	say_how_to(m);
	say_known(m);
	return true;
}

/* --- the same object freed again
 * ------------------------------------------------------------------ */

void say_double_free(const struct model *m, const struct teardown *t)
{
	for (uint32_t i = 0; i < t->nfrees; i++) {
		for (uint32_t k = i + 1; k < t->nfrees; k++) {
			const struct active *in = &t->frees[i], *out = &t->frees[k];
			struct words w = {.n = 0};

			if (!in->object || in->object != out->object ||
			    in->run_first == out->run_first)
				continue;
			words_add(&w, "0x%llx is freed at ", HEX(in->object));
			words_free_place(&w, m, in);
			words_add(&w, " while its free from ");
			words_free_place(&w, m, out);
			words_add(&w, " is still in progress.");
			if (!finding(m->c, "talloc/double-free", "medium", live_score(m, 60),
				     "an object is freed while it is being freed", w.s))
				return;
			evidence(m->c, "strong", at_frame(m, in->frame, in->object),
				 "the inner free: %s", say_phase(in->phase));
			evidence(m->c, "strong", at_frame(m, out->frame, out->object),
				 "the outer free: %s", say_phase(out->phase));
			live_say(m);
			advice(m->c,
			       "talloc refuses the second free while the destructor runs; but who "
			       "asked for it believes that the object is gone.");
			return;
		}
	}
}
