/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the incidents of one input have to do with each other. */
#ifndef OD_ANALYZE_RELATE_H
#define OD_ANALYZE_RELATE_H

#include "model/input.h"

struct od_relate;

struct od_relate *od_relate_create(void);
/* NULL is accepted. */
void od_relate_destroy(struct od_relate *relate);
/*
 * Relate a report, just added to the input, to those before it: both get an entry in `related`, and
 * the first of a signature counts the others. Constant time on average.
 */
void od_relate_report(struct od_relate *relate, struct od_input *in, struct od_report *rep);

#endif
