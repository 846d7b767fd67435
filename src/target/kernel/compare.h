/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The trace that the kernel printed against the stack that its memory holds. Both are from
 * unwinders, so where they agree neither is mistaken; where not, one of them is, or the stack was
 * written to since.
 */
#ifndef OD_TARGET_KERNEL_COMPARE_H
#define OD_TARGET_KERNEL_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/report.h"

struct od_comparison {
	uint32_t agree;	  /* frames that both have: function and offset, from the outermost on */
	uint32_t guessed; /* of these: that the unwinder of the dump had to guess */
	uint32_t doubted; /* of these: that the kernel printed with a '?' */
	uint32_t unnamed; /* of these: code of a module without symbols, so it may be */
	uint32_t missing; /* printed as reliable, not in memory, between frames that agree */
	uint32_t extra;	  /* in memory and not guessed, not printed, between frames that agree */
	const struct od_frame *first_missing, *first_extra; /* NULL: none */
	/*
	 * Where both go apart for good: the innermost ones of the two, after which there is no
	 * frame in common. The kernel went on after it had printed its trace: panic() returned from
	 * printing it, and called what makes the dump. NULL: all of that trace agrees.
	 */
	const struct od_frame *printed, *unwound;
};

/*
 * The stacks of the report that are not aside, and what panic() printed: those from memory as one
 * trace, those printed as another; of several printed traces the last counts. False: one of them is
 * not there. What ret points to is the report's. Time is linear in the number of frames.
 */
bool od_compare_stacks(const struct od_report *rep, struct od_comparison *ret);
/*
 * What is to be said of it, a sentence without a newline: always something. Names are as in the
 * report: escape when printing.
 */
void od_compare_say(const struct od_comparison *c, struct od_buf *out);
/* Both at once: a note of the report; nothing if there is only one of the traces. */
void od_compare_note(struct od_report *rep);

#endif
