/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a run is, on standard error: a line that changes on a terminal, else one now and then. */
#ifndef OD_TRIAGE_PROGRESS_H
#define OD_TRIAGE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct od_progress {
	uint64_t done, total; /* tickets */
	bool quiet, terminal;
	uint64_t begun_ns, shown_ns;
	bool line; /* of the terminal: something stands on it */
};

void od_progress_init(struct od_progress *p, bool quiet);
/* Costs next to nothing where it is not yet time. last: the end, whatever the time. */
void od_progress_show(struct od_progress *p, bool last);

#endif
