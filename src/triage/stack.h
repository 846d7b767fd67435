/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How alike two stacks are. */
#ifndef OD_TRIAGE_STACK_H
#define OD_TRIAGE_STACK_H

#include <stdint.h>

#include "triage/wire.h"

struct od_frames {
	uint64_t hash[OD_FRAMES_MAX]; /* of "function [module]" */
	const char *name[OD_FRAMES_MAX]; /* into the text; ends at a newline or NUL */
	unsigned n;
};

struct od_likeness {
	unsigned percent;
	unsigned same;	/* frames in the same order in both */
	unsigned first; /* index in a of the first frame that has no counterpart; a's length if there is none */
};

/* From the text of od_item_report.frames, which must live as long. */
void od_frames_parse(const char *text, struct od_frames *ret);
/*
 * Frames are aligned in their order (a longest common subsequence) so that what counts is greatest: a frame counts
 * the less the deeper it is, since everything ends in the same few functions, and the less the further it was
 * moved. 100: equal. Symmetric.
 */
struct od_likeness od_frames_compare(const struct od_frames *a, const struct od_frames *b);

#endif
