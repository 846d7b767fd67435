/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in memory a value or a string is. */
#ifndef OD_TARGET_KERNEL_SEARCH_H
#define OD_TARGET_KERNEL_SEARCH_H

#include "target/kernel/kernel.h"

enum { OD_MAX_NEEDLES = 30, OD_MAX_NEEDLE = 256, OD_SEARCH_TEXT = 80 };

struct od_search {
	enum od_space space;
	uint64_t first, last; /* addresses, last inclusive */
	unsigned width;	      /* bytes of a value: 2, 4 or 8; they are looked for where these are aligned. 0: strings */
	uint64_t mask;	      /* bits that may be anything */
	uint64_t value[OD_MAX_NEEDLES];
	const char *string[OD_MAX_NEEDLES]; /* 1 to OD_MAX_NEEDLE - 1 bytes each */
	uint32_t n;
	/* value: what is there; of a string text is what begins there, to the first byte that is no text. */
	bool (*hit)(void *ctx, uint64_t addr, uint64_t value, const char *text, size_t len);
	bool (*stop)(void *ctx); /* asked now and then */
	void *ctx;
};

struct od_search_result {
	uint64_t pages;	   /* that were looked at */
	uint64_t missing;  /* that are mapped, or are in the machine, and not in the dump */
	uint64_t stopped;  /* the address where it was stopped; meaningful if is_stopped */
	bool is_stopped;
};

/*
 * Virtual memory that is not mapped is passed over by the kernel's page tables, so the range may be all of
 * it. Values are in the byte order of the memory. A string may lie over the border of two pages.
 */
void od_kernel_search(struct od_kernel *k, const struct od_search *search, struct od_search_result *ret);
/* All there is: the half of the kernel, or the physical memory. False: not known, a range must be told. */
bool od_search_all(struct od_kernel *k, enum od_space space, uint64_t *first, uint64_t *last);

#endif
