/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What memory proves, in words and as evidence. */
#include "talloc-live.h"

/* --- words
 * ---------------------------------------------------------------------------------------- */

void words_chunk(struct words *w, struct heap *h, const struct chunk *c)
{
	char name[NAME_SIZE];

	words_add(w, "0x%llx (", HEX(chunk_object(h, c)));
	if (chunk_label(h, c, name, sizeof(name)))
		words_add(w, "%s, ", name);
	words_add(w, "%llu bytes)", HEX(c->size));
}

static bool ends_in_talloc(const char *place)
{
	const char *slash = strrchr(place, '/');

	return starts(slash ? slash + 1 : place, "talloc.c:");
}

void words_dead(struct words *w, struct heap *h, enum state state, uint64_t ptr)
{
	const uint32_t around = heap_around(h, ptr);
	char name[NAME_SIZE];
	struct chunk c;

	if (state == CHUNK_LIVE) {
		words_add(w, "its memory has been given out again");
		if (chunk_state(h, ptr - h->layout->header, &c) == CHUNK_LIVE &&
		    chunk_label(h, &c, name, sizeof(name)))
			words_add(w, ": now it is a %s of %llu bytes", name, HEX(c.size));
	} else if (is_dead(state) && chunk_state(h, ptr - h->layout->header, &c) == state &&
		   chunk_name(h, &c, name, sizeof(name))) {
		/* talloc itself has used the memory since, for what it had to say. */
		if (ends_in_talloc(name)) {
			words_add(w, "it was freed before (the place is lost, talloc's own "
				     "messages lay there "
				     "since)");
			return;
		}
		words_add(w, "it was freed at %s", name);
		words_add(w, state == CHUNK_FREED
				     ? " (its chunk has talloc's mark of a freed one)"
				     : " (malloc() has put its links over the mark; the "
				       "place of the free is still in the header)");
	} else if (around != NO_NODE) {
		words_add(w, "its memory has been given out again, and lies within ");
		words_chunk(w, h, &h->nodes[around].c);
	} else {
		words_add(w, "there is no talloc chunk any more");
	}
}

void words_holder(struct words *w, const struct model *m, uint32_t var, const char *reg)
{
	if (var == NO_VAR)
		words_add(w, "register %s", reg);
	else
		words_add(w, "%.60s of #%u %.100s", m->vars[var].name,
			  m->frames[m->vars[var].frame].number,
			  model_name(&m->frames[m->vars[var].frame]));
}

struct where at_var(const struct model *m, uint32_t var, uint64_t address)
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
	words_add(w, " any more: there is the text \"%.*s\"",
		  (int)strspn(text, " !#$%&'()*+,-./"
				    "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`"
				    "abcdefghijklmnopqrstuvwxyz{|}~"),
		  text);
}

void words_damage(struct words *w, struct heap *h, const struct damage *d)
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

/* --- evidence
 * ---------------------------------------------------------------------------------------- */

static void say_uses(const struct model *m, struct live *l)
{
	for (uint32_t i = 0; i < l->nuses; i++) {
		const struct use *u = &l->uses[i];
		struct words w = {.n = 0};

		words_holder(&w, m, u->var, u->reg);
		if (u->member)
			words_add(&w, " has at offset %u the pointer 0x%llx: ", u->member - 1,
				  HEX(u->ptr));
		else
			words_add(&w, " is 0x%llx: ", HEX(u->ptr));
		words_dead(&w, &l->h, u->state, u->ptr);
		evidence(m->c,
			 u->state == CHUNK_FREED && u->inner ? "strong"
			 : u->inner			     ? "medium"
							     : "weak",
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
			  n->c.flags & FLAG_LOOP ? say_phase(PHASE_CHILDREN)
						 : say_phase(PHASE_DESTRUCTOR));
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
		words_add(&w, " is bound to the event context 0x%llx, which is dead: ",
			  HEX(s->context));
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
		evidence(m->c, i ? "medium" : "strong", at_var(m, NO_VAR, damage_at(&l->h, d)),
			 "%s", w.s);
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
		if (l->h.nodes[i].c.at < at &&
		    (best == NO_NODE || l->h.nodes[i].c.at > l->h.nodes[best].c.at))
			best = i;
	if (best == NO_NODE ||
	    at - l->h.nodes[best].c.at > 4096 + l->h.layout->header + l->h.nodes[best].c.size)
		return;
	words_add(&w, "the object in front of it in memory is ");
	words_chunk(&w, &l->h, &l->h.nodes[best].c);
	words_add(&w, ": what is written beyond its end lands there");
	evidence(m->c, "weak", at_var(m, NO_VAR, chunk_object(&l->h, &l->h.nodes[best].c)), "%s",
		 w.s);
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

		if (o->var == NO_VAR || o->state != CHUNK_LIVE ||
		    !chunk_name(&l->h, &o->c, has_name, sizeof(has_name)) ||
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
		words_add(&w, " is bound to the event context 0x%llx, which is dead: ",
			  HEX(l->h.stale[0].context));
		words_dead(&w, &l->h, l->h.stale[0].state, l->h.stale[0].context);
		words_add(&w, ".");
	}
	snprintf(buf, size, "%s", w.s);
}
