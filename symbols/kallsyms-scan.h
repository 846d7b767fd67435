/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two halves of the scan for kallsyms: of its tokens, and of what stands before them. */
#ifndef OD_SYMBOLS_KALLSYMS_SCAN_H
#define OD_SYMBOLS_KALLSYMS_SCAN_H

#include "symbols/kallsyms.h"

struct od_kallsyms_scan {
	struct od_kallsyms *ks;
	struct od_memory *mem;
	const struct od_vmcoreinfo *info;
	uint64_t token_table, token_index;
	unsigned left;	       /* candidates */
	uint64_t bytes_left;   /* of names that all of them may read */
	struct od_error *best; /* why the best one was none; NULL: there was none */
	unsigned best_stage;
	char *block;	      /* memory that is searched */
	char *window;	      /* memory before token_table; OD_KALLSYMS_WINDOW bytes */
	uint64_t window_addr; /* of its first byte */
	size_t window_len;
};

enum { OD_KALLSYMS_WINDOW = 4 << 20 };

static inline uint64_t od_align_up(uint64_t v, uint64_t to)
{
	return (v + to - 1) & ~(to - 1);
}

/* Of each part of the table. */
static inline uint64_t od_kallsyms_alignment(const struct od_kallsyms_scan *s)
{
	return s->mem->pointer_size == 4 ? 4 : 8;
}

/* Tokens were read, from s->token_table on: find all that is before them. */
bool od_kallsyms_scan_back(struct od_kallsyms_scan *s);

#endif
