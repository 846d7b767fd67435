/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks of lists that may be torn, poisoned or endless. */
#include "target/kernel/kernel.h"

/* include/linux/poison.h: LIST_POISON1 and 2, with and without the offset of 64-bit kernels. */
static bool is_poison(uint64_t p)
{
	p &= ~0xdead000000000000ull;
	return p == 0x100 || p == 0x122 || p == 0x200;
}

const char *od_kernel_list(struct od_kernel *k, uint64_t head, uint64_t offset, uint32_t max,
			   bool (*fn)(void *ctx, uint64_t entry), void *ctx)
{
	/* Brent: the hare is compared with a tortoise that jumps to it after 1, 2, 4 ... steps. */
	uint64_t hare, tortoise = head;
	uint32_t steps = 0, lap = 1;

	if (od_mem_pointer(k->mem, head, &hare) != OD_MEM_OK)
		return "its head cannot be read";
	if (hare == 0)
		return "its head was never set up";
	for (uint32_t n = 0; hare != head; n++) {
		if (hare == 0)
			return "it ends in a null pointer";
		if (is_poison(hare))
			return "it leads to an entry that was deleted";
		if (n == max)
			return "it has more entries than there can be";
		if (hare == tortoise)
			return "it runs in a circle past its head";
		if (steps == lap) {
			tortoise = hare;
			lap *= 2;
			steps = 0;
		}
		steps++;
		if (!fn(ctx, hare - offset))
			return NULL;
		if (od_mem_pointer(k->mem, hare, &hare) != OD_MEM_OK)
			return "an entry cannot be read";
	}
	return NULL;
}
