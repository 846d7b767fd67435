/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The frees in progress, by the names of functions and never by their lines: _tc_free_internal
 * whose callee is the function in its variable d runs that destructor; one whose callee is
 * _tc_free_children_internal has its own destructor behind it. talloc 2.0 to 2.4 agree on these.
 */
#include "talloc.h"

static bool frees(const char *function)
{
	return has(function, "free") || has(function, "unlink") || has(function, "unreference");
}

/*
 * Static functions of a libtalloc without symbols have no name. But talloc calls out only to
 * destructors, and to what ends the program.
 */
static bool calls_destructor(const struct model *m, uint32_t first)
{
	static const char *const others[] = {"abort", "panic", "log", "raise", "kill", "report"};
	const char *callee = first ? m->frames[first - 1].function : NULL;

	if (!callee || m->frames[first].function || !model_first_arg(m, first - 1))
		return false;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strstr(callee, others[i]))
			return false;
	return true;
}

/* A frame that frees one object: runs its destructor, then its children's. */
static bool is_step(const struct model *m, uint32_t i, uint32_t run_first)
{
	const char *fn = m->frames[i].function;

	if (same(fn, "_tc_free_internal") || same(fn, "tc_free_internal"))
		return true;
	/* Before 2.1 this one did it all; later it only hands over. */
	return same(fn, "_talloc_free_internal") &&
	       (i == run_first || has(m->frames[i - 1].function, "children"));
}

/* --- who else holds it ----------------------------------------------------------------- */

static bool frame_holds(const struct model *m, uint32_t frame, uint64_t object)
{
	const struct frame *f = &m->frames[frame];

	for (uint32_t i = 0; i < f->nvars; i++)
		if (m->vars[f->first_var + i].pointer && m->vars[f->first_var + i].number == object)
			return true;
	return false;
}

/*
 * A pointer in neighbouring frames is an argument on its way and proves nothing. Only who holds
 * the object beyond a frame that does not know it lost it without being asked.
 */
static void find_holders(const struct model *m, uint64_t object, uint32_t initiator,
			 struct holders *h)
{
	uint32_t at, end, chain = initiator;
	bool seen_gap = false;

	*h = (struct holders){.held = HELD_NOT};
	while (chain < m->nframes && frame_holds(m, chain, object))
		chain++;
	if (chain > initiator)
		h->held = HELD_CHAIN;
	end = model_find(m, object, &at);
	for (; at < end; at++) {
		const struct var *v = &m->vars[m->by_value[at]];

		if (v->frame <= chain || m->frames[v->frame].talloc || !model_is_object(m, v) ||
		    h->nvars >= MAX_HOLDERS)
			continue;
		for (uint32_t i = chain; i < v->frame && !h->nvars && !seen_gap; i++)
			seen_gap = !m->frames[i].hidden && !m->frames[i].talloc;
		h->vars[h->nvars++] = m->by_value[at];
		h->held = seen_gap ? HELD_OUTSIDE : HELD_UNCERTAIN;
	}
}

/* --- one call of talloc_free() ------------------------------------------------------------ */

/* 0x... "../lib/x.c:12" -> the text inside. */
static void read_location(const struct var *v, struct active *a)
{
	const char *s = v ? strchr(v->value, '"') : NULL;

	if (!s)
		return;
	a->location = s + 1;
	a->location_len = (uint32_t)strcspn(s + 1, "\"");
	if (a->location_len > 200)
		a->location_len = 200;
}

static uint64_t object_of(const struct model *m, const struct active *a)
{
	const struct var *ptr = model_var(m, a->frame, "ptr"), *tc = model_var(m, a->frame, "tc");
	const struct var *child, *arg;

	if (ptr && ptr->pointer)
		return ptr->number;
	if (a->frame < a->run_last) {
		child = model_var(m, a->frame + 1, "child");
		arg = model_var(m, a->frame + 1, "ptr");
		if (child && child->pointer)
			return child->number;
		if (arg && arg->pointer && !has(m->frames[a->frame + 1].function, "children"))
			return arg->number;
	}
	return tc && tc->pointer && m->header ? tc->number + m->header : 0;
}

static void add_step(const struct model *m, struct teardown *t, uint32_t i, uint32_t first,
		     uint32_t last)
{
	const struct var *arg = i == first && i ? model_first_arg(m, i - 1) : NULL;
	struct active *a;

	if (t->nfrees >= MAX_FREES)
		return;
	a = &t->frees[t->nfrees++];
	*a = (struct active){
		.frame = i, .run_first = first, .run_last = last, .initiator = last + 1};
	if (i > first)
		a->phase = PHASE_CHILDREN;
	else if (i > 0)
		a->phase = PHASE_DESTRUCTOR;
	a->object = object_of(m, a);
	a->certain = a->object != 0;
	if (!a->object && a->phase == PHASE_DESTRUCTOR && arg)
		a->object = arg->number;
	read_location(model_var(m, i, "location"), a);
}

/* Without talloc's debug information: the callee of the run is a destructor, and its argument. */
static void add_bare(const struct model *m, struct teardown *t, uint32_t first, uint32_t last)
{
	const struct var *arg = first ? model_first_arg(m, first - 1) : NULL;
	const struct var *root = model_var(m, last, "ptr");

	if (!arg || t->nfrees + 1 >= MAX_FREES)
		return;
	t->frees[t->nfrees++] = (struct active){.object = arg->number,
						.frame = first,
						.run_first = first,
						.run_last = last,
						.initiator = last + 1,
						.phase = PHASE_DESTRUCTOR};
	/* The freed object itself, if that was a child of it. */
	if (root && root->pointer && root->number != arg->number)
		t->frees[t->nfrees++] = (struct active){.object = root->number,
							.frame = last,
							.run_first = first,
							.run_last = last,
							.initiator = last + 1,
							.phase = PHASE_CHILDREN,
							.certain = true};
}

static void add_run(const struct model *m, struct teardown *t, uint32_t first, uint32_t last)
{
	const uint32_t before = t->nfrees;
	bool freeing = calls_destructor(m, first);

	for (uint32_t i = first; i <= last; i++)
		freeing |= frees(m->frames[i].function);
	if (!freeing)
		return;
	for (uint32_t i = first; i <= last; i++)
		if (is_step(m, i, first))
			add_step(m, t, i, first, last);
	if (t->nfrees == before)
		add_bare(m, t, first, last);
}

/* --- slots that are not set yet ------------------------------------------------------------- */

static bool is_active(const struct teardown *t, uint64_t object)
{
	for (uint32_t i = 0; i < t->nfrees; i++)
		if (t->frees[i].object == object)
			return true;
	return false;
}

static bool is_stale(const struct teardown *t, uint64_t object)
{
	for (uint32_t i = 0; i < t->nstale; i++)
		if (t->stale[i].object == object)
			return true;
	return false;
}

/*
 * While a destructor or the children are busy, ptr_to_free is not set: it shows what the call
 * before left there, the chunk freed last. A bare number means nothing; it counts only if an
 * object begins right behind the header that would stand there.
 */
static void add_stale(const struct model *m, struct teardown *t, const struct active *a)
{
	const struct var *v = model_var(m, a->frame, "ptr_to_free");

	if (!v || !v->pointer || !m->header)
		return;
	for (int pool = 0; pool < 2; pool++) {
		struct stale s = {.object = v->number + m->header + (pool ? POOL_HEADER : 0),
				  .var = (uint32_t)(v - m->vars),
				  .pool = pool};

		if (t->nstale >= MAX_STALE || is_active(t, s.object) || is_stale(t, s.object))
			continue;
		find_holders(m, s.object, a->initiator, &s.outer);
		if (s.outer.held != HELD_NOT || frame_holds(m, 0, s.object) ||
		    (a->run_first && frame_holds(m, a->run_first - 1, s.object)))
			t->stale[t->nstale++] = s;
	}
}

void teardown_hold(const struct model *m, struct active *a)
{
	find_holders(m, a->object, a->initiator, &a->outer);
}

void teardown_find(const struct model *m, struct teardown *t)
{
	t->nfrees = t->nstale = 0;
	for (uint32_t i = 0; i < m->nframes; i++) {
		uint32_t last = i;

		if (!m->frames[i].talloc)
			continue;
		while (last + 1 < m->nframes && m->frames[last + 1].talloc)
			last++;
		add_run(m, t, i, last);
		i = last;
	}
	for (uint32_t i = 0; i < t->nfrees; i++) {
		struct active *a = &t->frees[i];

		if (a->object)
			find_holders(m, a->object, a->initiator, &a->outer);
	}
	for (uint32_t i = 0; i < t->nfrees; i++)
		add_stale(m, t, &t->frees[i]);
}
