/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of text and of evidence that the verdicts share. */
#ifndef PLUGIN_TALLOC_SAY_H
#define PLUGIN_TALLOC_SAY_H

#include "talloc.h"

#define HEX(n) ((unsigned long long)(n))

/* Text put together piece by piece; what does not fit is left out. */
struct words {
	char s[6000];
	size_t n;
};

void words_add(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "#31 function (file:line)" */
void words_place(struct words *w, const struct model *m, uint32_t frame);
/* Where the free was asked for, as talloc was told or as the frame says. */
void words_free_place(struct words *w, const struct model *m, const struct active *a);
const char *say_phase(enum phase phase);
/* address 0: none */
struct where at_frame(const struct model *m, uint32_t frame, uint64_t address);

/* Evidence for the finding that was opened last. */
void say_overlaps(const struct model *m, const struct teardown *t);
void say_jump(const struct model *m, const struct jump *j);
void say_frees(const struct model *m, const struct teardown *t);
void say_loops(const struct model *m, const struct jump *j);
/* Advice that is right for any teardown. */
void say_how_to(const struct model *m);

#endif
