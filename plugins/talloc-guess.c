/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be said where libtalloc shows no variables, or is not on the stack any more. */
#include "talloc-say.h"

/* What the frames around the outer free hold: one of these may be what was freed. */
static uint32_t add_candidates(struct words *w, const struct model *m, const struct active *outer)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->nvars && n < 6; i++) {
		const struct var *v = &m->vars[i];

		if (v->frame < outer->initiator || v->number == outer->object ||
		    !model_is_object(m, v))
			continue;
		words_add(w, "%s#%u %.60s", n ? ", " : "", m->frames[v->frame].number, v->name);
		n++;
	}
	return n;
}

bool say_nested(const struct model *m, const struct teardown *t, const struct jump *j)
{
	const struct active *in = &t->frees[0], *out = &t->frees[t->nfrees - 1];
	struct words w = {.n = 0}, title = {.n = 0}, held = {.n = 0};
	uint32_t n;

	/* Where talloc's variables are shown, they decide. */
	if (in->certain || in->phase != PHASE_DESTRUCTOR || !in->run_first ||
	    in->run_first == out->run_first || in->initiator >= m->nframes)
		return false;
	words_add(&title, "a teardown that entered itself: crash in %.100s, freed inside of %.100s",
		  model_name(&m->frames[in->run_first - 1]), model_name(&m->frames[in->initiator]));
	words_place(&w, m, in->initiator);
	words_add(&w, " runs because ");
	words_free_place(&w, m, out);
	words_add(
		&w,
		" frees its object, and frees something else from there; the destructor of that, ");
	words_place(&w, m, in->run_first - 1);
	words_add(
		&w,
		", crashed. Part of what it uses may have been torn down already. libtalloc has no "
		"debug information here, so what exactly was freed is not shown.");
	if (!finding(m->c, "talloc/reentrant-teardown", "high", live_score(m, 45), title.s, w.s))
		return true;
	evidence(m->c, "medium", at_frame(m, in->initiator, 0),
		 "%s, itself called by talloc, called "
		 "talloc again",
		 model_name(&m->frames[in->initiator]));
	n = add_candidates(&held, m, out);
	if (n)
		evidence(m->c, "weak",
			 at_frame(m, out->initiator < m->nframes ? out->initiator : 0, 0),
			 "further out these are still held, and may be what is torn down: %s",
			 held.s);
	say_jump(m, j);
	say_frees(m, t);
	say_loops(m, j);
	live_say(m);
	advice(m->c,
	       "Take the backtrace again with the debug symbols of libtalloc (its -dbgsym or "
	       "-debuginfo package, or DEBUGINFOD_URLS): its frames then name every object and the "
	       "line of every free.");
	say_how_to(m);
	return true;
}

/* A plain fill is no proof of talloc: something else must speak of it. */
static bool speaks_of_talloc(const struct model *m)
{
	struct od_plugin_record rec;

	for (uint32_t i = 0; i < m->nframes; i++)
		if (m->frames[i].talloc || has(m->frames[i].function, "tevent") ||
		    has(m->frames[i].module, "tevent") || has(m->frames[i].file, "talloc") ||
		    has(m->frames[i].file, "tevent"))
			return true;
	return find_record(m->c, "talloc", &rec);
}

void say_filled(const struct model *m, const struct jump *j)
{
	struct words w = {.n = 0};

	if (!speaks_of_talloc(m))
		return;
	words_add(&w, "%s of ", j->filled->name);
	words_place(&w, m, j->filled->frame);
	words_add(&w,
		  " is one byte over and over: it was read from memory that was filled when it was "
		  "freed. TALLOC_FREE_FILL does that, and so do other allocators when they are "
		  "told to. "
		  "Whoever freed it has returned and is not on the stack.");
	if (!finding(m->c, "talloc/access-after-free", "medium", live_score(m, 50),
		     "a pointer was read from memory that was freed and filled", w.s))
		return;
	say_jump(m, j);
	live_say(m);
	advice(m->c,
	       "Look at what the calling frames called just before: a destructor that frees the "
	       "parent of its object, or a callback that frees what its caller goes on with.");
	advice(m->c, "Run under valgrind or AddressSanitizer: they name the free.");
}
