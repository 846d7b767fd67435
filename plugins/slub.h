/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the slab plugin: slub.c finds the proof, slub-say.c puts it into words, slub-regs.c knows
 * the registers. */
#ifndef PLUGIN_SLUB_H
#define PLUGIN_SLUB_H

#include "plugin-util.h"

/* The last three are noticed by whoever comes along: see slub-say.c. */
enum slub_kind {
	KFREE_CONSTANT,
	KFREE_STACK,
	KFREE_VMALLOC,
	KFREE_MODULE,
	KFREE_NON_SLAB,
	DOUBLE_FREE,
	WRONG_CACHE,
	USE_AFTER_FREE,
	REDZONE,
	FREELIST,
};

struct slub_class {
	const char *id, *severity, *title, *cause, *advice;
};
extern const struct slub_class slub_classes[];

/* Registers of an architecture; lists end with NULL. */
struct slub_regs {
	const char *arch;
	const char *arg[2];   /* the first two arguments of a call */
	const char *kept[11]; /* what a call leaves as it was */
	const char *const *all;
};
/* Of one that is not known: those of x86-64, which such a report then does not have. */
const struct slub_regs *slub_regs(const char *arch);

struct proof {
	const struct slub_regs *regs;
	enum slub_kind kind;
	int score;
	const char *hint;		/* a weak reason, or NULL */
	struct od_plugin_record record; /* text NULL: none */
	struct od_plugin_frame pc;
	bool has_pc;
	bool has_object;
	const char *copy;		/* register that holds the object as well; NULL: none */
	struct od_plugin_register object_reg;
	struct od_plugin_pointer object;
	uint64_t poison;
	const char *poison_name;	/* NULL: none */
	uint32_t poison_line;
	uint64_t page;			/* struct page that was looked up in vain; 0: none */
	uint32_t page_line;
};

/* What freeing value proves, value being what region says. */
enum slub_kind slub_kind_of_region(uint32_t region, uint64_t value);
void slub_say(const struct ctx *c, const struct proof *p);

#endif
