// SPDX-License-Identifier: GPL-3.0-or-later
// The other od_compare.
#include "little.h"

static OD_LEVEL int od_compare(const struct od_item *a, const struct od_item *b)
{
	return a->name[0] - b->name[0];
}

OD_LEVEL int od_little_other(struct od_item *item, int why)
{
	switch (why) {
	case 0: return od_compare(item, item->next) + 1;
	case 1: return (int)od_next_id(item);
	case 2: return od_little_report("two", 2) + 1;
	default: return od_compare(item->next, item) + (int)od_id_of(item);
	}
}

__attribute__((section(".init.text"), noinline)) int od_little_init(struct od_item *item)
{
	return od_little_other(item, 3) + (int)od_next_id(item);
}

__attribute__((section(".text.unlikely"), noinline)) int od_little_unlikely(struct od_item *item)
{
	return od_little_other(item, 2) + 1;
}
