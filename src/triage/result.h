/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worker told of a ticket, into the store. */
#ifndef OD_TRIAGE_RESULT_H
#define OD_TRIAGE_RESULT_H

#include "triage/store.h"
#include "triage/wire.h"

/*
 * Decode, check and keep it all under the analysis, which has nothing yet. False, and nothing was written: it is
 * nonsense, so the worker had been taken over. Within a transaction of the caller.
 */
bool od_result_keep(struct od_store *store, int64_t analysis, const char *items, size_t len);

#endif
