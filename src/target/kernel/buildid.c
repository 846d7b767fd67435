/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Build ids: which file the kernel, or a module, was made from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "target/kernel/modules-internal.h"

enum { NT_GNU_BUILD_ID = 3, BUILD_ID = 20, MAX_NOTES = 64 * 1024 };

const char *od_build_id_in(struct od_kernel *k, const uint8_t *notes, uint64_t len)
{
	for (uint64_t at = 0; at + 12 <= len;) {
		uint64_t name = od_mem_number(k->mem, notes + at, 4);
		uint64_t desc = od_mem_number(k->mem, notes + at + 4, 4);
		uint64_t type = od_mem_number(k->mem, notes + at + 8, 4);
		uint64_t data = at + 12 + ((name + 3) & ~3ull);

		if (data > len || desc > len - data)
			return NULL;
		if (type == NT_GNU_BUILD_ID && name == 4 && !memcmp(notes + at + 12, "GNU", 4) &&
		    desc == BUILD_ID) {
			char *hex = od_arena_alloc(&k->arena, 2 * BUILD_ID + 1);

			for (unsigned i = 0; i < BUILD_ID; i++)
				snprintf(hex + (size_t)2 * i, 3, "%02x", notes[data + i]);
			return hex;
		}
		at = data + ((desc + 3) & ~3ull);
	}
	return NULL;
}

const char *od_kernel_build_id(struct od_kernel *k)
{
	uint64_t first = od_kernel_symbol(k, "__start_notes"), last = od_kernel_symbol(k, "__stop_notes");
	od_autofree uint8_t *notes = NULL;
	const char *id = NULL;

	if (first && last > first && last - first <= MAX_NOTES) {
		notes = od_malloc(last - first);
		if (od_mem_read(k->mem, first, notes, last - first) == OD_MEM_OK)
			id = od_build_id_in(k, notes, last - first);
	}
	return id || !k->info ? id : od_vmcoreinfo_build_id(k->info);
}
