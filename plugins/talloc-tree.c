/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree in words: what the crash touches, the way up from there, and what hangs next to it. */
#include <stdlib.h>

#include "talloc-live.h"

enum {
	WAY_UP = 8,	 /* levels above an object that are shown */
	TOP_LEVELS = 2,	 /* and those at the top */
	CHILDREN = 5,	 /* children that are shown though nothing is known of them */
	INDENT_MAX = 20, /* levels */
};

/* A node to print, or a number of its children that are left out. */
struct step {
	uint32_t node, indent;
	uint32_t left_out;
	bool whole; /* its children are shown too */
};

/* --- which nodes ---------------------------------------------------------------------------- */

static void mark(struct heap *h, uint32_t node)
{
	uint32_t up = 0;

	if (node == NO_NODE)
		return;
	h->nodes[node].told = true;
	for (; node != NO_NODE; node = h->nodes[node].parent, up++) {
		if (up > WAY_UP && h->nodes[node].path && h->nodes[node].depth > TOP_LEVELS)
			break;
		h->nodes[node].path = true;
		if (up <= WAY_UP || h->nodes[node].depth < TOP_LEVELS)
			h->nodes[node].shown = true;
	}
}

static void mark_all(struct heap *h)
{
	for (uint32_t i = 0; i < h->ndamage; i++)
		mark(h, h->damage[i].node);
	for (uint32_t i = 0; i < h->nstale; i++)
		mark(h, h->stale[i].node);
	for (uint32_t i = 0; i < h->nnodes; i++)
		if (node_dying(&h->nodes[i]))
			mark(h, i);
	for (uint32_t i = 0; i < h->nobjects; i++)
		if (!h->objects[i].on_stack)
			mark(h, h->objects[i].node);
}

/* --- one line
 * ------------------------------------------------------------------------------------- */

static void add_name(struct words *w, struct heap *h, const struct chunk *c)
{
	char name[NAME_SIZE];

	if (c->name == 1)
		words_add(w, "reference to 0x%llx",
			  HEX(heap_pointer(h, chunk_object(h, c) + 2 * h->layout->width,
					   h->layout->width)));
	else if (chunk_label(h, c, name, sizeof(name)))
		words_add(w, "%s", name);
	else
		words_add(w, c->name ? "name at 0x%llx" : "no name", HEX(c->name));
}

static void add_marks(struct words *w, struct heap *h, uint32_t node)
{
	const struct node *n = &h->nodes[node];
	const uint64_t ptr = chunk_object(h, &n->c);
	struct chunk was;
	uint32_t at, end;

	if (n->c.flags & FLAG_LOOP)
		words_add(w, "  BEING FREED");
	if ((n->c.flags & FLAG_LOOP) && n->c.parent &&
	    chunk_state(h, n->c.parent, &was) == CHUNK_LIVE) {
		words_add(w, ", was under ");
		add_name(w, h, &was);
	}
	if (destructor_runs(h, &n->c))
		words_add(w, "  DESTRUCTOR RUNNING");
	if (n->c.flags & FLAG_POOL)
		words_add(w, "  POOL");
	if (n->damaged)
		words_add(w, "  DAMAGED");
	for (uint32_t i = 0; i < h->nstale; i++)
		if (h->stale[i].node == node)
			words_add(w, "  STALE EVENT CONTEXT 0x%llx", HEX(h->stale[i].context));
	end = model_find(h->m, ptr, &at);
	for (uint32_t k = at; k < end && k < at + 3; k++) {
		const struct var *v = &h->m->vars[h->m->by_value[k]];

		words_add(w, "%s#%u %.40s", k == at ? "  <- " : ", ", h->m->frames[v->frame].number,
			  v->name);
	}
	if (end > at + 3)
		words_add(w, " and %u more", end - at - 3);
}

static bool print(struct heap *h, const char *line)
{
	return h->m->c->host->listing(h->m->c->rep, line) == OD_PLUGIN_OK;
}

static bool print_node(struct heap *h, const struct step *s)
{
	const struct node *n = &h->nodes[s->node];
	struct words w = {.n = 0};

	words_add(&w, "%*s", (int)(s->indent * 2), "");
	if (s->left_out) {
		words_add(&w, "... %u more", s->left_out);
		return print(h, w.s);
	}
	add_name(&w, h, &n->c);
	words_add(&w, "  0x%llx, %llu bytes", HEX(chunk_object(h, &n->c)), HEX(n->c.size));
	if (n->below)
		words_add(&w, " (%u below, %llu bytes in all)", n->below, HEX(n->bytes));
	add_marks(&w, h, s->node);
	return print(h, w.s);
}

/* --- the tree
 * --------------------------------------------------------------------------------------- */

struct steps {
	struct step *s;
	uint32_t n;
};

/* The children, the last one first: what is pushed last comes first. */
static void push_children(struct heap *h, struct steps *todo, const struct step *s)
{
	const struct node *n = &h->nodes[s->node];
	const uint32_t indent = s->indent + (n->shown && s->indent < INDENT_MAX);
	uint32_t free_ones = n->told ? CHILDREN : 0, shown = 0;
	const uint32_t base = todo->n;

	for (uint32_t i = n->first; i < n->first + n->nchildren; i++) {
		const bool path = h->nodes[i].path;

		if (!path && !free_ones)
			continue;
		free_ones -= !path;
		todo->s[todo->n++] = (struct step){.node = i, .indent = indent};
		h->nodes[i].shown |= !path;
		shown++;
	}
	if (n->shown && shown < n->nchildren && (n->told || shown))
		todo->s[todo->n++] = (struct step){s->node, indent, n->nchildren - shown, false};
	for (uint32_t i = base, k = todo->n; i + 1 < k; i++, k--) {
		const struct step swap = todo->s[i];

		todo->s[i] = todo->s[k - 1];
		todo->s[k - 1] = swap;
	}
}

static void list_trees(struct heap *h)
{
	struct steps todo = {calloc(2 * MAX_NODES + 1, sizeof(*todo.s)), 0};
	uint32_t lines = 1;

	for (uint32_t i = 0; todo.s && i < h->nnodes; i++) {
		if (!h->nodes[i].root || !h->nodes[i].path)
			continue;
		todo.s[0] = (struct step){.node = i, .indent = 1};
		todo.n = 1;
		while (todo.n) {
			const struct step s = todo.s[--todo.n];

			if (lines >= MAX_TREE_LINES) {
				print(h, "  ... the rest is left out");
				free(todo.s);
				return;
			}
			if (s.left_out || h->nodes[s.node].shown) {
				if (!print_node(h, &s))
					break;
				lines++;
			}
			if (!s.left_out)
				push_children(h, &todo, &s);
		}
	}
	free(todo.s);
}

static void list_head(struct heap *h)
{
	struct words w = {.n = 0};

	words_add(&w, "talloc %s, %u chunk%s walked%s:", h->version, h->nnodes,
		  h->nnodes == 1 ? "" : "s",
		  h->more  ? ", there are more"
		  : h->cut ? ", the core lacks some"
			   : "");
	print(h, w.s);
}

void heap_list(struct heap *h)
{
	if (!OD_HOST_HAS(h->m->c->host, listing) || !h->nnodes)
		return;
	mark_all(h);
	list_head(h);
	list_trees(h);
}

void heap_list_around(struct heap *h, uint32_t node)
{
	mark(h, node);
	list_head(h);
	list_trees(h);
}
