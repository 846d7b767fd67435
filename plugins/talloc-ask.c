/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies at an address, by talloc, and the tree around it: "ask talloc ADDRESS". */
#include <stdlib.h>

#include "talloc-live.h"

static void tell(const struct ctx *c, const struct words *w)
{
	c->host->listing(c->rep, w->s);
}

/* The chunk that the address is the object of, or the header, or lies in; what it is. */
static enum state find_chunk(struct heap *h, uint64_t address, struct chunk *ret)
{
	const uint64_t at[] = {address - h->layout->header, address};
	uint32_t around;

	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
		const enum state state = chunk_state(h, at[i], ret);

		if (state != CHUNK_NONE)
			return state;
	}
	around = heap_around(h, address);
	if (around == NO_NODE)
		return CHUNK_NONE;
	*ret = h->nodes[around].c;
	return CHUNK_LIVE;
}

static void answer(const struct ctx *c, struct heap *h, uint64_t address)
{
	struct words w = {.n = 0};
	struct chunk chunk;
	const enum state state = find_chunk(h, address, &chunk);

	words_add(&w, "0x%llx: ", HEX(address));
	if (state == CHUNK_NONE) {
		words_add(&w, "no object of talloc is known there");
		tell(c, &w);
		return;
	}
	if (state != CHUNK_LIVE) {
		words_dead(&w, h, state, chunk_object(h, &chunk));
		tell(c, &w);
		return;
	}
	if (address > chunk_object(h, &chunk))
		words_add(&w, "%llu bytes into ", HEX(address - chunk_object(h, &chunk)));
	else if (address < chunk_object(h, &chunk))
		words_add(&w, "the header of ");
	words_chunk(&w, h, &chunk);
	tell(c, &w);
	heap_list_around(h, heap_reach(h, &chunk));
}

int32_t talloc_ask(const struct od_plugin_host *host, od_plugin_report *rep, const char *question)
{
	struct model m = {0};
	uint64_t address;
	struct ctx c;
	char *end;

	address = strtoull(question, &end, 16);
	if (!OD_HOST_HAS(host, listing) || !ctx_init(&c, host, rep))
		return OD_PLUGIN_INVALID;
	if (end == question || *end) {
		host->listing(rep, "ask talloc ADDRESS: what lies there, and the objects around it");
		return OD_PLUGIN_INVALID;
	}
	if (model_read(&m, &c)) {
		live_read(&m);
		if (m.live)
			answer(&c, &m.live->h, address);
		else
			host->listing(rep, host->flags & OD_HOST_MEMORY
						   ? "nothing on the stack leads to an object of talloc"
						   : "the input has no memory of the process");
		live_free(&m);
	}
	model_free(&m);
	return OD_PLUGIN_OK;
}
