/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Symbols of modules: what struct mod_kallsyms points to (kernel/module/kallsyms.c), of all
 * modules.
 */
#ifndef OD_SYMBOLS_MODSYMS_H
#define OD_SYMBOLS_MODSYMS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/memory.h"
#include "symbols/index.h"

/* Bounds over all modules; what is beyond is passed over. */
enum {
	OD_MAX_MODSYMS = 2 << 20,	/* symbols; 200 modules have some 100,000 */
	OD_MAX_MODSYM_NAMES = 64 << 20, /* bytes */
	OD_MAX_MODSYM_READ = 256 << 20, /* bytes of tables read */
};

struct od_modsym {
	uint64_t addr, size; /* size: of the ELF symbol; 0: unknown */
	uint32_t name;	     /* in names */
	uint16_t module;
	char type;
	bool number; /* no address: a per-cpu offset */
};

struct od_module_text {
	char *name;
	uint64_t start, size; /* of its code; 0: unknown */
};

struct od_modsyms {
	struct od_modsym *syms; /* as they were added */
	uint32_t n, cap;
	struct od_module_text *modules;
	uint32_t nmodules, modules_cap;
	char *names; /* NUL-terminated */
	uint32_t names_len, names_cap;
	uint64_t bytes_left; /* of OD_MAX_MODSYM_READ */
	/* Built by the first look-up after a change: */
	bool ready;
	uint32_t *order; /* by address */
	struct od_name_index index;
};

void od_modsyms_init(struct od_modsyms *ms);
void od_modsyms_deinit(struct od_modsyms *ms);
/* As od_symtab_add_module(). */
uint32_t od_modsyms_add(struct od_modsyms *ms, struct od_memory *mem, const char *name,
			uint64_t symtab, uint64_t count, uint64_t strtab, uint64_t strtab_size,
			uint64_t typetab, uint64_t text, uint64_t size);
/* The symbol that covers addr, and its size as the kernel would print it; OD_INDEX_END: none. */
uint32_t od_modsyms_at(struct od_modsyms *ms, uint64_t addr, uint64_t *size);
/* module NULL: any; the first global one of that name, else the first. OD_INDEX_END: none. */
uint32_t od_modsyms_find(struct od_modsyms *ms, const char *name, const char *module);
/* The size of symbol i, which is below n. */
uint64_t od_modsyms_size(struct od_modsyms *ms, uint32_t i);

#endif
