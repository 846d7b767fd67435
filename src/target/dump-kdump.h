/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kdump-compressed: what its headers (dump-kdump.c) and its pages (dump-kdump-pages.c) share. */
#ifndef OD_TARGET_DUMP_KDUMP_H
#define OD_TARGET_DUMP_KDUMP_H

#include "target/dump-internal.h"

enum {
	OD_KDUMP_CHUNK = 512,		    /* bytes of bitmap that one count is kept for */
	OD_KDUMP_CHUNK_BITS = 8 * OD_KDUMP_CHUNK,
	OD_KDUMP_DESC = 24,		    /* bytes of a page descriptor */
};

/* 32 TB of pages of 4 KiB: counts of more would not fit into 16 MB. */
#define OD_KDUMP_MAX_BITS (1ull << 33)

/* One file. */
struct od_kdump_part {
	struct od_source *src;
	uint64_t bitmap;     /* file offset of the bitmap of dumped frames */
	uint64_t present;    /* of the one of all frames that there were, if has_present */
	bool has_present;
	uint64_t bits;	     /* in a bitmap */
	uint64_t descs;	     /* file offset of the first descriptor, that of the first dumped frame from start on */
	uint64_t start, end; /* frames; end is exclusive */
	/*
	 * counts[i]: dumped frames of this part before the ith chunk from the one with start on. Made as
	 * far as it is needed.
	 */
	uint64_t *counts;
	size_t ncounts, cap;
	uint64_t chunk_at; /* which chunk is in chunk, + 1 */
	uint8_t chunk[OD_KDUMP_CHUNK];
};

struct od_kdump {
	struct od_kdump_part *parts; /* sorted by start */
	unsigned nparts;
	uint8_t *in; /* a compressed page */
};

extern const struct od_dump_ops od_kdump_ops;

/* How many pages are dumped, and whether the last of them are there: if that is cheap to know. */
void od_kdump_survey(struct od_dump *d);

#endif
