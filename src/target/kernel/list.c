/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks of lists that may be torn, poisoned or endless. */
#include "target/kernel/kernel.h"

/* include/linux/poison.h: LIST_POISON1 and 2, with and without the offset of 64-bit kernels. */
static bool is_poison(uint64_t p)
{
	p &= ~0xdead000000000000ull;
	return p == 0x100 || p == 0x122 || p == 0x200;
}

const char *od_kernel_chain(struct od_kernel *k, const struct od_chain *c,
			    bool (*fn)(void *ctx, uint64_t entry), void *ctx)
{
	/* Brent: the hare is compared with a tortoise that jumps to it after 1, 2, 4 ... steps. */
	uint64_t hare = c->first, tortoise = c->end;
	uint32_t steps = 0, lap = 1;

	/* A ring without a head ends where it began. */
	for (uint32_t n = 0; n == 0 ? !c->empty : hare != c->end; n++) {
		if (hare == 0)
			return c->null_ends ? NULL : "it ends in a null pointer";
		if (is_poison(hare))
			return "it leads to an entry that was deleted";
		if (n == c->max)
			return "it has more entries than there can be";
		if (hare == tortoise && n > 0)
			return "it runs in a circle past its head";
		if (steps == lap) {
			tortoise = hare;
			lap *= 2;
			steps = 0;
		}
		steps++;
		if (!fn(ctx, hare - c->offset))
			return NULL;
		if (od_mem_pointer(k->mem, hare + c->delta, &hare) != OD_MEM_OK)
			return "an entry cannot be read";
	}
	return NULL;
}

const char *od_kernel_list(struct od_kernel *k, uint64_t head, uint64_t offset, uint32_t max,
			   bool (*fn)(void *ctx, uint64_t entry), void *ctx)
{
	struct od_chain c = { .end = head, .offset = offset, .max = max };

	if (od_mem_pointer(k->mem, head, &c.first) != OD_MEM_OK)
		return "its head cannot be read";
	if (c.first == 0)
		return "its head was never set up";
	c.empty = c.first == head;
	return od_kernel_chain(k, &c, fn, ctx);
}
