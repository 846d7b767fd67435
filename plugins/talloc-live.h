/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the verdicts ask of the memory of a core. */
#ifndef PLUGIN_TALLOC_LIVE_H
#define PLUGIN_TALLOC_LIVE_H

#include "talloc-heap.h"
#include "talloc-say.h"

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

#endif
