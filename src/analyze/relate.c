/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A crash has consequences: the task that died held locks, what it corrupted crashes others, a panic
 * ends it all. Only what the text shows is said: the order, the task, the taint, the boot.
 */
#include "analyze/relate.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/iommu.h"
#include "base/alloc.h"

enum {
	LOOK_BACK = 32,		  /* reports that a consequence is sought for */
	MAX_RELATED = 64,	  /* entries of one report */
	SOON_US = 600 * 1000000, /* a consequence shows within ten minutes */
};

struct od_relate {
	uint32_t *slots; /* 1 + id of the first report of a signature, by hash */
	uint32_t nslots, used;
};

struct od_relate *od_relate_create(void)
{
	struct od_relate *r = od_calloc(1, sizeof(*r));

	r->nslots = 256;
	r->slots = od_calloc(r->nslots, sizeof(*r->slots));
	return r;
}

void od_relate_destroy(struct od_relate *r)
{
	if (!r)
		return;
	free(r->slots);
	free(r);
}

static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u;

	while (*s)
		h = (h ^ (unsigned char)*s++) * 16777619u;
	return h ^ h >> 15;
}

static uint32_t *slot_of(struct od_relate *r, const struct od_input *in, const char *signature)
{
	uint32_t i = hash(signature) & (r->nslots - 1);

	while (r->slots[i] && strcmp(in->reports[r->slots[i] - 1]->signature, signature) != 0)
		i = (i + 1) & (r->nslots - 1);
	return &r->slots[i];
}

static void grow(struct od_relate *r, const struct od_input *in)
{
	uint32_t *old = r->slots, n = r->nslots;

	r->nslots *= 2;
	r->slots = od_calloc(r->nslots, sizeof(*r->slots));
	for (uint32_t i = 0; i < n; i++)
		if (old[i])
			*slot_of(r, in, in->reports[old[i] - 1]->signature) = old[i];
	free(old);
}

static void relate(struct od_report *rep, uint32_t id, const char *relation)
{
	struct od_related *rel;

	if (rep->nrelated >= MAX_RELATED)
		return;
	rel = od_push(&rep->arena, rep->related, rep->nrelated, rep->related_cap);
	rel->id = id;
	rel->relation = relation;
}

/* An exception or BUG() that ends its task, or corrupts what others use. */
static bool is_cause(const struct od_report *rep)
{
	switch (rep->kind) {
	case OD_KIND_PAGE_FAULT:
	case OD_KIND_NULL_DEREF:
	case OD_KIND_GPF:
	case OD_KIND_TRAP:
	case OD_KIND_KERNEL_BUG:
	case OD_KIND_LIST_CORRUPTION:
	case OD_KIND_USERCOPY:
	case OD_KIND_FORTIFY:
	case OD_KIND_CFI:
	case OD_KIND_ALIGNMENT:
	case OD_KIND_STACK_GUARD:
	case OD_KIND_KASAN:
	case OD_KIND_KFENCE:
	case OD_KIND_SLUB:
	case OD_KIND_BAD_PAGE:
	case OD_KIND_RUST_PANIC:
	case OD_KIND_MACHINE_CHECK:
		return true;
	default:
		return false;
	}
}

/* Troubles that a task that died, or memory that was corrupted, leaves behind. */
static bool is_consequence(const struct od_report *rep)
{
	switch (rep->kind) {
	case OD_KIND_ATOMIC_SLEEP:
	case OD_KIND_SOFT_LOCKUP:
	case OD_KIND_HARD_LOCKUP:
	case OD_KIND_RCU_STALL:
	case OD_KIND_HUNG_TASK:
	case OD_KIND_WORKQUEUE_LOCKUP:
	case OD_KIND_CSD_LOCK:
	case OD_KIND_LOCKDEP:
		return true;
	default:
		return false;
	}
}

static bool soon(const struct od_report *before, const struct od_report *after)
{
	if (before->boot != after->boot || before->severity == OD_SEV_INFO)
		return false;
	if (before->time_us == OD_TS_NONE || after->time_us == OD_TS_NONE)
		return true;
	return after->time_us >= before->time_us && after->time_us - before->time_us <= SOON_US;
}

static bool same_task(const struct od_report *a, const struct od_report *b)
{
	return a->pid > 0 && a->pid == b->pid && a->comm && b->comm && !strcmp(a->comm, b->comm);
}

/* "D": an oops happened before this one. */
static bool died_before(const struct od_report *rep)
{
	return rep->taint && strchr(rep->taint, 'D');
}

/* A panic that says itself that something else led to it. */
static bool is_only_the_end(const struct od_report *rep)
{
	return rep->kind == OD_KIND_PANIC && rep->truncated &&
	       strstr(rep->truncated, "led to this panic") != NULL;
}

static const char *relation_to(const struct od_report *rep, const struct od_report *before)
{
	if (!soon(before, rep))
		return NULL;
	if (is_only_the_end(rep))
		return "caused-by";
	if (is_cause(before) &&
	    ((is_consequence(rep) && (same_task(before, rep) || died_before(rep))) ||
	     (same_task(before, rep) && (died_before(rep) || before->kind == OD_KIND_KASAN ||
					 before->kind == OD_KIND_SLUB))))
		return "caused-by";
	if (same_task(before, rep))
		return "same-task";
	return NULL;
}

void od_relate_report(struct od_relate *r, struct od_input *in, struct od_report *rep)
{
	uint32_t *slot = slot_of(r, in, rep->signature);
	uint32_t from = rep->id > LOOK_BACK ? rep->id - LOOK_BACK : 0;

	if (*slot && *slot - 1 != rep->id) {
		struct od_report *first = in->reports[*slot - 1];

		if (od_iommu_differ(first, rep))
			return;
		first->count += rep->iommu ? rep->count : 1;
		relate(rep, first->id, "duplicate");
		relate(first, rep->id, "duplicate");
	} else if (!*slot) {
		*slot = rep->id + 1;
		if (++r->used * 2 > r->nslots)
			grow(r, in);
	}
	for (uint32_t i = rep->id; i-- > from;) {
		struct od_report *before = in->reports[i];
		const char *relation = relation_to(rep, before);

		if (!relation)
			continue;
		relate(rep, before->id, relation);
		relate(before, rep->id, relation[0] == 'c' ? "causes" : relation);
		break;
	}
}
