/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/infer.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "target/kernel/infer-internal.h"

enum { CHUNK = 256 * 1024, BEYOND = 4 << 20, MAX_IMAGE = OD_MAX_SCAN };

struct od_inferred *od_infer_state(struct od_kernel *k)
{
	if (!k->inferred)
		k->inferred = od_arena_alloc(&k->arena, sizeof(*k->inferred));
	return k->inferred;
}

void od_infer_add(struct od_kernel *k, const char *type, const char *member, uint64_t offset,
		  uint64_t size)
{
	struct od_inferred *state = od_infer_state(k);
	struct od_inferred_member *m = od_push(&k->arena, state->member, state->n, state->cap);

	*m = (struct od_inferred_member){ type, member, offset, size };
}

bool od_inferred(const struct od_kernel *k, const char *type, const char *member, uint64_t *offset,
		 uint64_t *size)
{
	for (uint32_t i = 0; k->inferred && i < k->inferred->n; i++) {
		const struct od_inferred_member *m = &k->inferred->member[i];

		if (strcmp(m->type, type) != 0 || strcmp(m->member, member) != 0)
			continue;
		*offset = m->offset;
		*size = m->size;
		return true;
	}
	return false;
}

/*
 * Variables are behind the code. How far they go no symbol tells: a little further than those that
 * VMCOREINFO names.
 */
static void find_range(struct od_kernel *k, uint64_t *first, uint64_t *last)
{
	static const char *const symbols[] = {
		"init_uts_ns",	  "node_online_map", "prb",
		"swapper_pg_dir", "vmap_area_list",  "printk_rb_static",
		"clear_seq",	  "log_buf",	     "mem_section"};
	uint64_t stext = od_kernel_symbol(k, "_stext"), addr;

	*first = od_kernel_symbol(k, "_etext");
	*last = 0;
	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++) {
		addr = od_kernel_symbol(k, symbols[i]);
		if (addr > stext && addr - stext < MAX_IMAGE && addr + BEYOND > *last)
			*last = addr + BEYOND;
	}
	if (!*first)
		*first = stext;
}

void od_infer_scan(struct od_kernel *k,
		   bool (*fn)(void *ctx, uint64_t addr, const uint8_t *bytes, size_t len),
		   void *ctx, uint64_t *first, uint64_t *last)
{
	uint8_t *bytes;
	bool more = true;

	find_range(k, first, last);
	if (!*first || *last <= *first)
		return;
	bytes = od_malloc(CHUNK + OD_INFER_OVERLAP);
	for (uint64_t at = *first & ~4095ull; at < *last && more;) {
		size_t got = 0;

		k->mem->read(k->mem, OD_VIRT, at, bytes, CHUNK + OD_INFER_OVERLAP, &got);
		if (got >= OD_INFER_OVERLAP)
			more = fn(ctx, at, bytes, got);
		/* Over a hole, page by page. */
		at += got > CHUNK ? CHUNK : (got & ~4095ull) + 4096;
	}
	free(bytes);
}
