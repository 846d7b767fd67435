/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "talloc-say.h"

void words_add(struct words *w, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(w->s + w->n, sizeof(w->s) - w->n, fmt, ap);
	va_end(ap);
	if (n > 0)
		w->n = w->n + (size_t)n < sizeof(w->s) ? w->n + (size_t)n : sizeof(w->s) - 1;
}

void words_place(struct words *w, const struct model *m, uint32_t frame)
{
	const struct frame *f = &m->frames[frame];

	words_add(w, "#%u %.100s", f->number, model_name(f));
	if (f->file && f->source_line)
		words_add(w, " (%.150s:%u)", f->file, f->source_line);
}

void words_free_place(struct words *w, const struct model *m, const struct active *a)
{
	const struct frame *f = a->initiator < m->nframes ? &m->frames[a->initiator] : NULL;

	if (a->location)
		words_add(w, "%.*s", (int)a->location_len, a->location);
	else if (f && f->file && f->source_line)
		words_add(w, "%.150s:%u", f->file, f->source_line);
	else if (f)
		words_add(w, "%.100s", model_name(f));
	else
		words_add(w, "a frame that is missing");
}

const char *say_phase(enum phase phase)
{
	return phase == PHASE_DESTRUCTOR ? "its destructor is running"
	       : phase == PHASE_CHILDREN ? "its children are being freed"
					 : "being freed";
}

/* "#48 msg_ctx, #50 private_data" */
static void list_holders(struct words *w, const struct model *m, const struct holders *h)
{
	for (uint32_t i = 0; i < h->nvars; i++) {
		const struct var *v = &m->vars[h->vars[i]];

		words_add(w, "%s#%u %.60s%s", i ? ", " : "", m->frames[v->frame].number, v->name,
			  v->arg ? "" : " (local)");
	}
}

struct where at_frame(const struct model *m, uint32_t frame, uint64_t address)
{
	return (struct where){{m->frames[frame].line}, 0, (int32_t)frame, address};
}

/* Lines of the freeing frames and of the holders, the holders' first. */
static struct where at_holders(const struct model *m, const struct holders *h, uint32_t line,
			       uint64_t object)
{
	const struct var *first = &m->vars[h->vars[0]];
	struct where w = at_frame(m, first->frame, object);
	uint32_t n = 0;

	w.lines[n++] = line;
	for (uint32_t i = 0; i < h->nvars && n < sizeof(w.lines) / sizeof(*w.lines); i++) {
		uint32_t at = m->vars[h->vars[i]].line;

		if (at != w.lines[n - 1])
			w.lines[n++] = at;
	}
	return w;
}

/* --- pieces of evidence ------------------------------------------------------------------ */

/* "#25, #26, #27": the frames inside of the free that show the object. */
static void list_freeing(struct words *w, const struct model *m, const struct active *a)
{
	uint32_t at, end = model_find(m, a->object, &at), last = UINT32_MAX;

	for (; at < end; at++) {
		uint32_t frame = m->vars[m->by_value[at]].frame;

		if (frame == last || frame >= a->initiator)
			continue;
		words_add(w, "%s#%u", last == UINT32_MAX ? "" : ", ", m->frames[frame].number);
		last = frame;
	}
	if (last != UINT32_MAX)
		words_add(w, ": ");
}

void say_overlaps(const struct model *m, const struct teardown *t)
{
	for (uint32_t i = t->nfrees; i-- > 0;) {
		const struct active *a = &t->frees[i];
		struct words w = {.n = 0};

		if (a->outer.held != HELD_OUTSIDE && a->outer.held != HELD_UNCERTAIN)
			continue;
		words_add(&w, "0x%llx is being freed (", HEX(a->object));
		list_freeing(&w, m, a);
		words_add(&w, "%s; freed at ", say_phase(a->phase));
		words_free_place(&w, m, a);
		words_add(&w, ") and is still held outside of that: ");
		list_holders(&w, m, &a->outer);
		if (a->outer.held == HELD_UNCERTAIN)
			words_add(&w, "; not all frames between show their variables");
		evidence(m->c, a->outer.held == HELD_OUTSIDE ? "strong" : "medium",
			 at_holders(m, &a->outer, m->frames[a->frame].line, a->object), "%s", w.s);
	}
	for (uint32_t i = 0; i < t->nstale; i++) {
		const struct stale *s = &t->stale[i];
		const struct var *v = &m->vars[s->var];
		struct words w = {.n = 0};

		if (s->outer.held != HELD_OUTSIDE && s->outer.held != HELD_UNCERTAIN)
			continue;
		words_add(&w,
			  "0x%llx was freed just before: its chunk 0x%llx is left in %s of #%u, "
			  "which is "
			  "not set yet; still held by ",
			  HEX(s->object), HEX(v->number), v->name, m->frames[v->frame].number);
		list_holders(&w, m, &s->outer);
		evidence(m->c, "medium", at_holders(m, &s->outer, v->line, s->object), "%s", w.s);
	}
}

void say_jump(const struct model *m, const struct jump *j)
{
	const struct frame *f = &m->frames[0];
	const struct var *below = &m->vars[j->below], *above = &m->vars[j->above];

	if (j->null)
		evidence(m->c, "strong", at_frame(m, 0, 0),
			 "a function pointer was NULL: the program "
			 "went to 0x%llx",
			 HEX(f->address));
	else if (j->wild && j->among_heap)
		evidence(m->c, "strong", at_frame(m, 0, f->address),
			 "the program went to 0x%llx, which "
			 "lies among objects on the heap (0x%llx %s of #%u, 0x%llx %s of #%u) and "
			 "in the "
			 "text of no function that is named: a function pointer was overwritten",
			 HEX(f->address), HEX(below->number), below->name,
			 m->frames[below->frame].number, HEX(above->number), above->name,
			 m->frames[above->frame].number);
	else if (j->wild)
		evidence(m->c, "medium", at_frame(m, 0, f->address),
			 "the program went to 0x%llx, in the "
			 "text of no function that is named",
			 HEX(f->address));
	if (j->site)
		evidence(m->c, "medium", at_frame(m, 1, 0),
			 "its caller %s calls through %s: what %s "
			 "points to was no longer what it should be",
			 j->site->function, j->site->pointer, j->site->object);
	if (j->ev) {
		evidence(m->c, "strong", at_frame(m, j->ev->frame, j->ev->number),
			 "the event context "
			 "0x%llx used in the crash occurs in no other frame",
			 HEX(j->ev->number));
		evidence(m->c, "strong", at_frame(m, j->loop_ev->frame, j->loop_ev->number),
			 "the loop that is running has another one, 0x%llx, in %u frames",
			 HEX(j->loop_ev->number), j->loop_frames);
	}
	if (j->filled)
		evidence(m->c, "strong", at_frame(m, j->filled->frame, j->filled->number),
			 "%s of #%u is 0x%llx: read from memory that was filled when it was freed",
			 j->filled->name, m->frames[j->filled->frame].number,
			 HEX(j->filled->number));
}

/* In progress is no fault by itself: weak. Together they are the way that led there. */
void say_frees(const struct model *m, const struct teardown *t)
{
	for (uint32_t i = 0; i < t->nfrees; i++) {
		const struct active *a = &t->frees[i];
		struct words w = {.n = 0};

		words_add(&w, "free %u of %u in progress, ", i + 1, t->nfrees);
		if (a->object)
			words_add(&w, "0x%llx", HEX(a->object));
		else
			words_add(&w, "an object that is not shown");
		words_add(&w, ": %s", say_phase(a->phase));
		if (a->phase == PHASE_DESTRUCTOR && a->frame)
			words_add(&w, " (%.100s)", model_name(&m->frames[a->frame - 1]));
		words_add(&w, "; asked for at ");
		words_free_place(&w, m, a);
		if (!a->certain)
			words_add(&w, "; libtalloc shows no variables, the object is the "
				      "destructor's argument");
		evidence(m->c, "weak", at_frame(m, a->frame, a->object), "%s", w.s);
	}
	if (m->header_seen)
		evidence(m->c, "weak", NOWHERE,
			 "chunk and object are 0x%llx bytes apart in %u frames: "
			 "talloc %s, 64 bits",
			 HEX(m->header), m->header_seen,
			 m->header == 0x50 ? "2.0.0 to 2.0.7" : "2.0.8 or later");
}

void say_loops(const struct model *m, const struct jump *j)
{
	if (j->loops > 1)
		evidence(m->c, "weak", NOWHERE,
			 "%u event loops are nested: handlers run inside of "
			 "handlers",
			 j->loops);
}
