/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the memory of a core proves about the crash. The verdicts are the same as with a backtrace alone;
 * here they get the evidence that no backtrace has, and where the stack shows nothing, verdicts of its
 * own.
 */
#include <stdlib.h>

#include "talloc-live.h"

enum {
	INNER = 3,	    /* frames from the crash that use what they hold */
	MEMBERS = 32,	    /* words of an object that are looked at */
	MAX_SAID = 6,	    /* lines of evidence of one sort */
};

/* --- finding ------------------------------------------------------------------------------------ */

static bool is_dead(enum state state)
{
	return state == CHUNK_FREED || state == CHUNK_OVERWRITTEN;
}

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
	static const char *const modules[] = {"libc.so", "libc-", "libpthread", "ld-", "libtalloc", "libtevent"};
	static const char *const functions[] = {"tevent_", "_tevent_", "abort", "raise", "__GI_abort", "__GI_raise",
						"__pthread_kill", "gsignal", "tgkill"};

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

/* The first frame that is neither the libraries' nor abort()'s: it and its callers used the object. */
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
				  .var = o->var, .member = i * width + 1, .inner = inner};

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
				add_use(l, &(struct use){o->ptr, o->var, o->reg, 0, o->state, inner, o->c});
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
 * What talloc says before it gives up is put together as an object of its own, named by itself. What it
 * logs is one too, freed at once, often where the object lay that it speaks of: the text is still there.
 */
static void find_text(struct live *l, uint64_t at)
{
	struct heap *h = &l->h;
	char *text = l->texts[l->ntexts];

	if (l->ntexts < MAX_TEXTS &&
	    h->m->c->host->read_string(h->m->c->rep, at, text, sizeof(l->texts[0])) == OD_PLUGIN_OK &&
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
	free(m->live->h.objects);
	free(m->live->h.nodes);
	free(m->live->h.seen);
	free(m->live);
	m->live = NULL;
}

/* --- words ---------------------------------------------------------------------------------------- */

/* "0x.. (struct conn, 40 bytes)" */
static void words_chunk(struct words *w, struct heap *h, const struct chunk *c)
{
	char name[NAME_SIZE];

	words_add(w, "0x%llx (", HEX(chunk_object(h, c)));
	if (chunk_name(h, c, name, sizeof(name)))
		words_add(w, "%s, ", name);
	words_add(w, "%llu bytes)", HEX(c->size));
}

static bool ends_in_talloc(const char *place)
{
	const char *slash = strrchr(place, '/');

	return starts(slash ? slash + 1 : place, "talloc.c:");
}

/* What lies at the address of something that was freed. */
static void words_dead(struct words *w, struct heap *h, enum state state, uint64_t ptr)
{
	const uint32_t around = heap_around(h, ptr);
	char name[NAME_SIZE];
	struct chunk c;

	if (state == CHUNK_LIVE) {
		words_add(w, "its memory has been given out again");
		if (chunk_state(h, ptr - h->layout->header, &c) == CHUNK_LIVE &&
		    chunk_name(h, &c, name, sizeof(name)))
			words_add(w, ": now it is a %s of %llu bytes", name, HEX(c.size));
	} else if (is_dead(state) && chunk_state(h, ptr - h->layout->header, &c) == state &&
		   chunk_name(h, &c, name, sizeof(name))) {
		/* talloc itself has used the memory since, for what it had to say. */
		if (ends_in_talloc(name)) {
			words_add(w, "it was freed before (the place is lost, talloc's own messages lay there "
				     "since)");
			return;
		}
		words_add(w, "it was freed at %s", name);
		words_add(w, state == CHUNK_FREED ? " (its chunk has talloc's mark of a freed one)"
						  : " (malloc() has put its links over the mark; the "
						    "place of the free is still in the header)");
	} else if (around != NO_NODE) {
		words_add(w, "its memory has been given out again, and lies within ");
		words_chunk(w, h, &h->nodes[around].c);
	} else {
		words_add(w, "there is no talloc chunk any more");
	}
}

static void words_holder(struct words *w, const struct model *m, uint32_t var, const char *reg)
{
	if (var == NO_VAR)
		words_add(w, "register %s", reg);
	else
		words_add(w, "%.60s of #%u %.100s", m->vars[var].name, m->frames[m->vars[var].frame].number,
			  model_name(&m->frames[m->vars[var].frame]));
}

static struct where at_var(const struct model *m, uint32_t var, uint64_t address)
{
	struct where w = NOWHERE;

	w.address = address;
	if (var != NO_VAR)
		w = (struct where){{m->vars[var].line}, 0, (int32_t)m->vars[var].frame, address};
	return w;
}

/* A header that reads as text was overwritten by it. */
static void words_text(struct words *w, struct heap *h, uint64_t at)
{
	char text[25] = "";

	if (!heap_read(h, at, text, sizeof(text) - 1))
		return;
	for (size_t i = 0; i < 8; i++)
		if (text[i] < ' ' || text[i] > '~')
			return;
	words_add(w, " any more: there is the text \"%.*s\"", (int)strspn(text,
		  " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"),
		  text);
}

static void words_damage(struct words *w, struct heap *h, const struct damage *d)
{
	static const char *const says[] = {
		[DAMAGE_UNREADABLE] = "leads to memory that is not there",
		[DAMAGE_MAGIC] = "leads to something that is no talloc chunk",
		[DAMAGE_FREED] = "leads to a chunk that was freed",
		[DAMAGE_CIRCLE] = "leads back to a chunk that it comes from",
		[DAMAGE_PARENT] = "is not the chunk that has it as its first child",
		[DAMAGE_PREV] = "is not the chunk before it in the list",
		[DAMAGE_SIZE] = "is more than talloc gives out",
		[DAMAGE_REFERENCE] = "is no reference to it",
		[DAMAGE_POOL] = "is not the pool that it lies in",
		[DAMAGE_UP] = "leads to a chunk that does not lead back",
	};
	char name[NAME_SIZE];
	struct chunk c;

	if (d->node < h->nnodes) {
		words_add(w, "the header of ");
		words_chunk(w, h, &h->nodes[d->node].c);
		words_add(w, " is wrong: ");
	}
	words_add(w, "%s, 0x%llx, %s", d->member, HEX(d->value), says[d->kind]);
	if (d->kind == DAMAGE_FREED && is_dead(chunk_state(h, d->value, &c)) &&
	    chunk_name(h, &c, name, sizeof(name)))
		words_add(w, " at %s", name);
	else if (d->want && d->kind != DAMAGE_SIZE)
		words_add(w, " (that is 0x%llx)", HEX(d->want));
	if (d->kind == DAMAGE_MAGIC)
		words_text(w, h, d->value);
}

/* Where the damage is: in the header of who says so, or in the one that it leads to. */
static uint64_t damage_at(const struct heap *h, const struct damage *d)
{
	if (d->kind == DAMAGE_MAGIC || d->kind == DAMAGE_FREED || d->node >= h->nnodes)
		return d->value;
	return h->nodes[d->node].c.at;
}

/* --- evidence ---------------------------------------------------------------------------------------- */

static void say_uses(const struct model *m, struct live *l)
{
	for (uint32_t i = 0; i < l->nuses; i++) {
		const struct use *u = &l->uses[i];
		struct words w = {.n = 0};

		words_holder(&w, m, u->var, u->reg);
		if (u->member)
			words_add(&w, " has at offset %u the pointer 0x%llx: ", u->member - 1, HEX(u->ptr));
		else
			words_add(&w, " is 0x%llx: ", HEX(u->ptr));
		words_dead(&w, &l->h, u->state, u->ptr);
		evidence(m->c, u->state == CHUNK_FREED && u->inner ? "strong" : u->inner ? "medium" : "weak",
			 at_var(m, u->var, u->ptr), "%s", w.s);
	}
}

static void say_dying(const struct model *m, struct live *l)
{
	uint32_t said = 0;

	for (uint32_t i = 0; i < l->h.nnodes && said < MAX_SAID; i++) {
		const struct node *n = &l->h.nodes[i];
		struct words w = {.n = 0};

		if (!node_dying(n) || n->listed)
			continue;
		said++;
		words_chunk(&w, &l->h, &n->c);
		words_add(&w, " is being freed, as its header says: %s",
			  n->c.flags & FLAG_LOOP ? say_phase(PHASE_CHILDREN) : say_phase(PHASE_DESTRUCTOR));
		evidence(m->c, "medium", at_var(m, NO_VAR, chunk_object(&l->h, &n->c)), "%s", w.s);
	}
}

static void say_events(const struct model *m, struct live *l)
{
	if (l->dead_ev) {
		const uint32_t var = (uint32_t)(l->dead_ev - m->vars);
		struct words w = {.n = 0};

		words_add(&w, "the event context 0x%llx, ", HEX(l->dead_ev->number));
		words_holder(&w, m, var, "");
		words_add(&w, ", is dead: ");
		words_dead(&w, &l->h, l->dead_state, l->dead_ev->number);
		evidence(m->c, "strong", at_var(m, var, l->dead_ev->number), "%s", w.s);
	}
	for (uint32_t i = 0; i < l->h.nstale && i < MAX_SAID; i++) {
		const struct stale_event *s = &l->h.stale[i];
		struct words w = {.n = 0};

		words_chunk(&w, &l->h, &l->h.nodes[s->node].c);
		words_add(&w, " is bound to the event context 0x%llx, which is dead: ", HEX(s->context));
		words_dead(&w, &l->h, s->state, s->context);
		evidence(m->c, "strong", at_var(m, NO_VAR, s->event), "%s", w.s);
	}
}

static void say_damage(const struct model *m, struct live *l)
{
	for (uint32_t i = 0; i < l->h.ndamage && i < MAX_SAID; i++) {
		const struct damage *d = &l->h.damage[i];
		struct words w = {.n = 0};

		if (!i)
			words_add(&w, "the first damage: ");
		words_damage(&w, &l->h, d);
		evidence(m->c, i ? "medium" : "strong",
			 at_var(m, NO_VAR, damage_at(&l->h, d)), "%s", w.s);
	}
}

/* Who lies right before what was damaged wrote beyond its end, more often than not. */
static void say_neighbour(const struct model *m, struct live *l)
{
	const struct damage *d = &l->h.damage[0];
	const uint64_t at = damage_at(&l->h, d);
	uint32_t best = NO_NODE;
	struct words w = {.n = 0};

	for (uint32_t i = 0; i < l->h.nnodes; i++)
		if (l->h.nodes[i].c.at < at && (best == NO_NODE || l->h.nodes[i].c.at > l->h.nodes[best].c.at))
			best = i;
	if (best == NO_NODE || at - l->h.nodes[best].c.at > 4096 + l->h.layout->header + l->h.nodes[best].c.size)
		return;
	words_add(&w, "the object in front of it in memory is ");
	words_chunk(&w, &l->h, &l->h.nodes[best].c);
	words_add(&w, ": what is written beyond its end lands there");
	evidence(m->c, "weak", at_var(m, NO_VAR, chunk_object(&l->h, &l->h.nodes[best].c)), "%s", w.s);
}

void live_say(const struct model *m)
{
	struct live *l = m->live;

	if (!l || l->h.said)
		return;
	l->h.said = true;
	say_events(m, l);
	say_uses(m, l);
	say_dying(m, l);
	say_damage(m, l);
	if (l->h.ndamage)
		say_neighbour(m, l);
	heap_list(&l->h);
}

void live_say_named(const struct model *m, const char *name, size_t len)
{
	struct live *l = m->live;
	char has_name[NAME_SIZE];

	for (uint32_t i = 0; l && i < l->h.nobjects; i++) {
		const struct object *o = &l->h.objects[i];
		struct words w = {.n = 0};

		if (o->var == NO_VAR || o->state != CHUNK_LIVE || !chunk_name(&l->h, &o->c, has_name, sizeof(has_name)) ||
		    strlen(has_name) != len || strncmp(has_name, name, len) != 0)
			continue;
		words_holder(&w, m, o->var, "");
		words_add(&w, " is ");
		words_chunk(&w, &l->h, &o->c);
		evidence(m->c, "strong", at_var(m, o->var, o->ptr), "%s", w.s);
		return;
	}
}

void live_cause(const struct model *m, char *buf, size_t size)
{
	struct live *l = m->live;
	struct words w = {.n = 0};

	if (l && l->dead_ev) {
		words_add(&w, " The event context 0x%llx is dead: ", HEX(l->dead_ev->number));
		words_dead(&w, &l->h, l->dead_state, l->dead_ev->number);
		words_add(&w, ".");
	} else if (l && live_context_dead(m)) {
		words_add(&w, " ");
		words_chunk(&w, &l->h, &l->h.nodes[l->h.stale[0].node].c);
		words_add(&w, " is bound to the event context 0x%llx, which is dead: ", HEX(l->h.stale[0].context));
		words_dead(&w, &l->h, l->h.stale[0].state, l->h.stale[0].context);
		words_add(&w, ".");
	}
	snprintf(buf, size, "%s", w.s);
}

/* --- how sure --------------------------------------------------------------------------------------- */

/* An event whose destructor is running, or which the innermost frames or a register hold, and is stale. */
static bool stale_in_crash(const struct live *l)
{
	for (uint32_t i = 0; i < l->h.nstale; i++) {
		const struct node *n = &l->h.nodes[l->h.stale[i].node];
		uint32_t at, end = model_find(l->h.m, l->h.stale[i].event, &at);

		if (node_dying(n) || (at < end && l->h.m->vars[l->h.m->by_value[at]].frame < 2 * INNER))
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

/* --- verdicts of its own -------------------------------------------------------------------------- */

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
		words_add(&w, " is bound to a tevent context that is gone: its handler or its destructor will "
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
	advice(m->c, "An event context must outlive what is bound to it: make the events, and what owns them, "
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
	advice(m->c, "Compare the owner of the object, and the place where it was freed, with the frames "
		     "here: the one that goes on with it needs a reference, or must be told.");
	return true;
}

static bool say_corrupt(const struct model *m, struct live *l)
{
	struct words w = {.n = 0};

	if (!l->h.ndamage)
		return false;
	words_damage(&w, &l->h, &l->h.damage[0]);
	words_add(&w, ". Something wrote over the headers of talloc, or a list was changed while it was used.");
	if (!finding(m->c, "talloc/corrupt-chunk", "high", 75, "the tree of talloc objects is damaged", w.s))
		return true;
	live_say(m);
	advice(m->c, "Look at the object in front of the damaged one, and run with AddressSanitizer or "
		     "valgrind: a write beyond the end of an object is what does this.");
	return true;
}

/* talloc gave up: the outermost frame of its call, or 0. abort() or somebody's own function is inside. */
static uint32_t abort_call(const struct model *m)
{
	uint32_t first = 0, last;

	while (first < m->nframes && !m->frames[first].talloc)
		first++;
	if (!first || first >= m->nframes ||
	    !(has(m->frames[first - 1].function, "abort") || has(m->frames[first - 1].function, "panic")))
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
	words_add(&w, ". It does so when a pointer that it is given has no valid header in front, or the object is of "
		      "another type than was asked for. Nothing in the memory of the process tells which.");
	if (!finding(m->c, "talloc/abort", "high", 50, "talloc called abort()", w.s))
		return true;
	for (uint32_t i = 0, said = 0; f && i < f->nvars && said < MAX_SAID; i++) {
		const struct var *v = &m->vars[f->first_var + i];
		const struct object *o = heap_object(&l->h, v->number);

		if (!model_is_object(m, v) || !o || o->state != CHUNK_NONE)
			continue;
		said++;
		evidence(m->c, "medium", at_var(m, f->first_var + i, v->number),
			 "%.60s of #%u is 0x%llx, and no chunk of talloc is in front of that", v->name, f->number,
			 HEX(v->number));
	}
	live_say(m);
	advice(m->c, "talloc has said the reason on stderr, or to the function of talloc_set_log_fn(): look into the "
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
		     twice ? "a talloc object was freed twice" : "talloc was given an object that had been freed", w.s))
		return true;
	for (uint32_t i = 0; i < l->ntexts; i++)
		evidence(m->c, "strong", NOWHERE, "talloc said: %.*s", (int)(strcspn(l->texts[i], "\n") & 0x1ff),
			 l->texts[i]);
	live_say(m);
	advice(m->c, "Compare the place of the free with the caller here: one of them must not own the object, or "
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

	if (!l || l->h.said || (call && say_abort_of(m, l, call)) || say_stale_context(m, l) || say_freed(m, l) || say_corrupt(m, l))
		return;
	snprintf(text, sizeof(text), "talloc %s: %u chunk%s%s from the objects on the stack were walked, and "
		 "nothing is wrong with them", l->h.version, l->h.nnodes, l->h.nnodes == 1 ? "" : "s",
		 l->h.more ? " (not all)" : "");
	m->c->host->note(m->c->rep, 0, text);
}
