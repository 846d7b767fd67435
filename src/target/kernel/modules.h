/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Modules that are loaded, and tainting ones that were. Layouts come from BTF (struct module; 4.18
 * to 7.x): mem[] since 6.4, core_layout from 4.5, module_core before.
 */
#ifndef OD_TARGET_KERNEL_MODULES_H
#define OD_TARGET_KERNEL_MODULES_H

#include "target/kernel/kernel.h"

enum {
	OD_MAX_KMODULES = 4096,
	OD_KMODULE_RANGES = 8,
	OD_MAX_SECTIONS = 1024, /* of one module */
};

enum od_kmodule_part {
	OD_PART_TEXT, OD_PART_DATA, OD_PART_RODATA, OD_PART_RO_AFTER_INIT, OD_PART_INIT_TEXT,
	OD_PART_INIT_DATA, OD_PART_INIT_RODATA,
	OD_PART_CORE, /* text, read-only data and data in one piece: before 6.4 */
	OD_PART_INIT,
};

struct od_kmodule_range {
	uint64_t base, size;
	enum od_kmodule_part part;
};

struct od_kmodule {
	uint64_t addr;		/* of its struct module */
	const char *name;	/* bytes of the dump, as all strings here: escape when printing */
	const char *version, *srcversion; /* NULL: it has none */
	const char *build_id;	/* hex; NULL: unknown */
	uint64_t taints;	/* mask, bits as in the kernel's own */
	uint64_t text, text_size; /* where its code is; size 0: unknown */
	uint64_t ro_size;	/* OD_PART_CORE: bytes of code and constants at its beginning */
	uint64_t size;		/* bytes of all parts: what lsmod prints */
	int32_t refs;		/* as lsmod prints them; -1: unknown */
	char state;		/* L live, C coming, G going, U unformed, '?' */
	struct od_kmodule_range range[OD_KMODULE_RANGES];
	uint32_t nranges;
	uint64_t percpu, percpu_size; /* of its static per-cpu variables; 0: none */
	struct od_btf *btf;	/* od_kmodule_types() */
	bool btf_tried;
};

struct od_unloaded {
	const char *name;
	uint64_t taints, count;
};

struct od_modules {
	struct od_kmodule *module; /* last loaded first, as in /proc/modules */
	uint32_t n;
	struct od_unloaded *unloaded; /* tainting ones that were unloaded, since 5.18 */
	uint32_t nunloaded;
	const char *why; /* NULL: these are all; else what is wrong, for people */
};

/*
 * Found when first asked for; then their symbols are in k->symtab and their ORC tables in
 * k->orc. Never NULL; without types it is empty and says why.
 */
const struct od_modules *od_kernel_modules(struct od_kernel *k);
/* For od_kernel_destroy(). */
void od_modules_deinit(struct od_kernel *k);

/* The module one of whose parts addr lies in; range may be NULL. NULL: none. */
const struct od_kmodule *od_kmodule_at(const struct od_modules *modules, uint64_t addr,
				       const struct od_kmodule_range **range);
/* '-' and '_' are the same. NULL: none. */
const struct od_kmodule *od_kmodule_named(const struct od_modules *modules, const char *name);
/* "text", "data" ... Static. */
const char *od_kmodule_part_name(enum od_kmodule_part part);

/* Each section's name and address, as in /sys/module/NAME/sections; false from fn stops. */
void od_kmodule_sections(struct od_kernel *k, const struct od_kmodule *m,
			 bool (*fn)(void *ctx, const char *name, uint64_t addr), void *ctx);
/* Modules that use this one: each name; false from fn stops. */
void od_kmodule_users(struct od_kernel *k, const struct od_kmodule *m,
		      bool (*fn)(void *ctx, const char *name), void *ctx);
/* Types of its own, on top of those of the kernel. NULL: none, or unreadable. */
const struct od_btf *od_kmodule_types(struct od_kernel *k, const struct od_kmodule *m);
/* "OE" as the kernel writes it; ret has room for 64 letters. */
void od_taint_letters(uint64_t mask, char ret[65]);

#endif
