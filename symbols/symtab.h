/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * address <-> name: the kernel's own symbols (kallsyms) and those of its modules, from its memory.
 * The table keeps no copy of the names of the kernel: they are expanded when asked for.
 */
#ifndef OD_SYMBOLS_SYMTAB_H
#define OD_SYMBOLS_SYMTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/memory.h"
#include "symbols/vmcoreinfo.h"

enum { OD_SYMBOL_NAME = 1024 }; /* bytes with the NUL; the kernel's limit is 512 since 6.1 */

struct od_symbol {
	uint64_t addr;	     /* run time */
	uint64_t size; /* bytes to the next symbol, as the kernel's traces print it; 0: unknown */
	char type;	     /* nm's letter: t T d D r R b B A ... */
	const char *module;  /* NULL: the kernel itself */
	char name[OD_SYMBOL_NAME]; /* as in the table, maybe mangled; ends in "..." if it was cut */
};

struct od_symtab;

struct od_symtab *od_symtab_create(struct od_memory *mem);
/* NULL is accepted. */
void od_symtab_destroy(struct od_symtab *tab);

/*
 * Find and check the kernel's table: by the addresses in VMCOREINFO (6.0 and backports), else by a
 * scan of the pages from _stext on for the token table. Whatever encoding reproduces SYMBOL(_stext)
 * is taken. OD_ERR_UNSUPPORTED, and the table stays as it was, says what is missing or makes no
 * sense.
 */
struct od_error *od_symtab_load_kernel(struct od_symtab *tab, const struct od_vmcoreinfo *info);
/*
 * Symbols of one module: count Elf64_Sym (or Elf32_Sym) at symtab, names at strtab, one type letter
 * each at typetab (0: in st_info, before 5.2). name is copied. text and size: where its code is,
 * for the sizes of last symbols. The number that were taken; unreadable ones are passed over.
 */
uint32_t od_symtab_add_module(struct od_symtab *tab, const char *name, uint64_t symtab,
			      uint64_t count, uint64_t strtab, uint64_t strtab_size,
			      uint64_t typetab, uint64_t text, uint64_t size);

/* Number of the kernel's symbols; 0: not loaded. */
uint32_t od_symtab_count(const struct od_symtab *tab);
/*
 * The symbol that addr lies in. False: no table covers it. Of several at one address it is the one
 * that the kernel itself prints, so that a dump and its log agree: the first of the table. (Which
 * is ordered for that: weak ones, section borders and names with more underscores come last;
 * scripts/kallsyms.c.)
 * Numbers that only look like addresses (per-cpu offsets of x86-64) cover nothing.
 */
bool od_symtab_at(const struct od_symtab *tab, uint64_t addr, struct od_symbol *ret);
/*
 * By name; module NULL: the kernel first, then any module; "" the kernel alone. Of several of that
 * name it is the first global one, else the first. Costs a look-up in a hash table.
 */
bool od_symtab_find(const struct od_symtab *tab, const char *name, const char *module,
		    struct od_symbol *ret);
/* Addresses of kernel symbols; missing ones get 0. */
void od_symtab_find_all(const struct od_symtab *tab, const char *const *names, uint64_t *addrs,
			size_t n);
/* Every symbol whose name starts with prefix, for completion and listing; false from fn stops. */
void od_symtab_each(const struct od_symtab *tab, const char *prefix,
		    bool (*fn)(void *ctx, const struct od_symbol *sym), void *ctx);

#endif
