/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the verdicts ask of the memory of a core. */
#ifndef PLUGIN_TALLOC_LIVE_H
#define PLUGIN_TALLOC_LIVE_H

#include "talloc-heap.h"
#include "talloc-say.h"

enum {
	INNER = 3,    /* frames from the crash that use what they hold */
	MAX_SAID = 6, /* lines of evidence of one sort */
	MAX_USES = 6,
	MAX_TEXTS = 4,
};

/* A pointer to a freed object that the crash may have gone through. */
struct use {
	uint64_t ptr;
	uint32_t var; /* that holds it, or holds the object whose member does; NO_VAR: a register */
	const char *reg;
	uint32_t member; /* offset + 1; 0: the variable itself */
	enum state state;
	bool inner; /* by one of the innermost frames, or a register */
	struct chunk c;
};

struct live {
	struct heap h;
	struct use uses[MAX_USES];
	uint32_t nuses;
	const struct var *dead_ev; /* event context that the crash works with, and that is gone */
	enum state dead_state;
	uint32_t dying; /* nodes */
	char texts[MAX_TEXTS][512];
	uint32_t ntexts;
};

/* talloc puts -1 there while the destructor runs. */
static inline bool destructor_runs(const struct heap *h, const struct chunk *c)
{
	return c->destructor == (h->layout->width == 4 ? UINT32_MAX : UINT64_MAX);
}

static inline bool node_dying(const struct node *n)
{
	return (n->c.flags & FLAG_LOOP) || n->c.destructor == UINT64_MAX ||
	       n->c.destructor == UINT32_MAX;
}

/* --- talloc-prove.c: what memory says, in words --------------------------------------------- */
/* "0x.. (struct conn, 40 bytes)" */
void words_chunk(struct words *w, struct heap *h, const struct chunk *c);
/* What lies at the address of something that was freed. */
void words_dead(struct words *w, struct heap *h, enum state state, uint64_t ptr);
/* "c of #3 conn_process"; var NO_VAR: the register */
void words_holder(struct words *w, const struct model *m, uint32_t var, const char *reg);
void words_damage(struct words *w, struct heap *h, const struct damage *d);
struct where at_var(const struct model *m, uint32_t var, uint64_t address);

static inline bool is_dead(enum state state)
{
	return state == CHUNK_FREED || state == CHUNK_OVERWRITTEN;
}

#endif
