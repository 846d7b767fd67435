/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The flags word of a struct page. Which bit means what changed several times; the table in
 * pageflags.c has the layouts whose kernel headers were read. A release that may have one of
 * several layouts (distribution kernels with backports) is said to be unknown, never guessed.
 */
#ifndef OD_ANALYZE_PAGEFLAGS_H
#define OD_ANALYZE_PAGEFLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct od_pageflags {
	bool known;	   /* the layout of the release is known: the members below are valid */
	bool slab, reserved, head, tail;
	bool slab_elsewhere; /* since 6.10 page_type says whether a page is slab, not this word */
	bool has_location;
	uint32_t node, zone; /* valid if has_location */
};

/*
 * Decode flags for a kernel release as "uname -r" prints it; release and arch ("x86_64") may be
 * NULL. A phrase for people is added to text (NULL: none): "reserved; node 0, zone 1 (DMA32)",
 * or the candidate readings if the layout is not known.
 */
void od_pageflags_decode(const char *release, const char *arch, uint64_t flags,
			 struct od_pageflags *ret, struct od_buf *text);

#endif
