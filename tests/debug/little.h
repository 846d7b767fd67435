/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the sources of the little debug files. They are compiled, never run. */
#ifndef OD_LITTLE_H
#define OD_LITTLE_H

#define OD_LEVEL __attribute__((noinline, noclone))

struct od_item {
	struct od_item *next;
	unsigned long id;
	const char *name;
	int (*notify)(struct od_item *item, int why);
};

static inline __attribute__((always_inline)) unsigned long od_id_of(const struct od_item *item)
{
	return item->id;
}

static inline __attribute__((always_inline)) unsigned long od_next_id(const struct od_item *item)
{
	return od_id_of(item->next) + 1;
}

#ifdef __cplusplus
extern "C" {
#endif
int od_little_walk(struct od_item *head, int depth);
int od_little_other(struct od_item *item, int why);
int od_little_meta(struct od_item *item, int n);
int od_little_report(const char *what, int n);
#ifdef __cplusplus
}
#endif
#endif
