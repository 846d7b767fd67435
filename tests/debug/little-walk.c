// SPDX-License-Identifier: GPL-3.0-or-later
// Inlined calls in inlined calls, a static function whose name another file has too, cold parts.
#include "little.h"

static OD_LEVEL int od_compare(const struct od_item *a, const struct od_item *b)
{
	return od_id_of(a) < od_id_of(b) ? -1 : od_next_id(a) > od_next_id(b);
}

static inline __attribute__((always_inline)) int od_step(struct od_item **at)
{
	struct od_item *item = *at;
	unsigned long sum = od_next_id(item);

	for (int i = 0; i < 3; i++) {
		sum += od_next_id(item->next);
		sum ^= sum << i;
	}
	*at = item->next;
	return (int)sum;
}

static __attribute__((cold, noinline)) int od_little_failed(const struct od_item *item)
{
	return od_little_report(item->name, 1) + 1;
}

OD_LEVEL int od_little_walk(struct od_item *head, int depth)
{
	struct od_item *item = head;
	int n = 0;

	while (item && depth-- > 0) {
		n += od_step(&item);
		if (__builtin_expect(!item, 0)) {
			struct od_item copy = *head;

			return od_little_failed(&copy);
		}
		n += od_compare(head, item);
		if (item->notify)
			n += item->notify(item, n);
	}
	return n + (depth > 0 ? od_little_walk(head->next, depth - 1) : 0) + 1;
}
