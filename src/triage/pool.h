/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keepers, as the program sees them: it hands out tickets and takes results in. */
#ifndef OD_TRIAGE_POOL_H
#define OD_TRIAGE_POOL_H

#include <signal.h>

#include "front/options.h"
#include "triage/wire.h"

struct od_pool;

struct od_pool_ops {
	/* It is known what the ticket is: shall it be analysed? If not, that was all of it. */
	bool (*looked)(void *ctx, const struct od_item *item);
	/* It was; or it could not even be looked at. items: len bytes of what the worker told. */
	void (*result)(void *ctx, const struct od_item *item, const char *items, size_t len);
	/* Its keeper died. */
	void (*lost)(void *ctx, uint64_t ticket);
	void *ctx;
};

/* opts must outlive the pool. Ends the program if there are no processes. */
struct od_pool *od_pool_create(const struct od_options *opts, unsigned jobs, const struct od_pool_ops *ops);
/* Ends all keepers, and with them their workers, and waits until they have. NULL is accepted. */
void od_pool_destroy(struct od_pool *pool);

/* How many tickets are being worked on; and is there a keeper that has none? */
unsigned od_pool_busy(const struct od_pool *pool);
bool od_pool_has_idle(const struct od_pool *pool);
/* Give a job (OD_ITEM_JOB) to one that is idle. */
void od_pool_give(struct od_pool *pool, const struct od_item *job);
/* Wait until something happened, at most timeout ms, and tell it. */
void od_pool_wait(struct od_pool *pool, int timeout);

#endif
