/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's own symbol table as it lies in its memory (scripts/kallsyms.c, kernel/kallsyms.c;
 * 2.6.10 to 7.x): names as strings of tokens, addresses in one of four encodings. Of symbols alone.
 */
#ifndef OD_SYMBOLS_KALLSYMS_H
#define OD_SYMBOLS_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/memory.h"
#include "symbols/index.h"
#include "symbols/vmcoreinfo.h"

enum {
	OD_MAX_KALLSYMS = 4 << 20,	 /* symbols; big kernels have 300,000 */
	OD_MAX_KALLSYMS_NAMES = 64 << 20, /* bytes of all names, compressed; 200,000 need 2.5 MB */
	OD_MAX_KALLSYM = 4096,		 /* bytes of one name with its type; kernels: up to 512 */
};

/* One of 256 strings that names are made of. */
struct od_kallsyms_token {
	uint64_t hash, power; /* of the polynomial of index.h */
	uint64_t tail;	      /* hash without its first byte */
	uint32_t len;	      /* bytes; 0: not used */
	uint32_t pos;	      /* in token_text */
};

struct od_kallsyms {
	uint32_t n;
	bool uleb;	  /* lengths of 128 and more take two bytes (6.1 and later) */
	bool has_long;	  /* there are such */
	uint8_t *names;	  /* per symbol: number of tokens, tokens; the text begins with nm's type */
	char *token_text; /* NUL-terminated strings */
	struct od_kallsyms_token tokens[256];
	uint32_t *off;	/* of each symbol in names */
	uint64_t *addr; /* ascending */
	struct od_name_index index;
};

/* How and where addresses are stored. */
enum od_kallsyms_encoding {
	OD_KALLSYMS_ABSOLUTE,	/* pointers (before 4.6; without BASE_RELATIVE up to 6.10) */
	OD_KALLSYMS_RELATIVE,	/* u32 from a base (4.6 to 6.19) */
	OD_KALLSYMS_ABS_PERCPU, /* s32: a number, or if negative base - 1 - it (4.6 to 6.14) */
	OD_KALLSYMS_PLACE,	/* s32 from the place where it stands (7.0) */
};

struct od_kallsyms_addresses {
	enum od_kallsyms_encoding encoding;
	uint64_t table, base; /* base: of RELATIVE and ABS_PERCPU */
};

/* Frees what ks holds, not ks. */
void od_kallsyms_deinit(struct od_kallsyms *ks);

/*
 * The steps of loading, in this order. Each fills its part of ks, which begins as zeros; the error
 * says what cannot be read or makes no sense, and ks is then only good for deinit.
 */
struct od_error *od_kallsyms_read_tokens(struct od_kallsyms *ks, struct od_memory *mem,
					 uint64_t table, uint64_t index);
/* n symbols at addr in at most limit bytes. May be called again, with another uleb. */
struct od_error *od_kallsyms_read_names(struct od_kallsyms *ks, struct od_memory *mem,
					uint64_t addr, uint32_t n, uint64_t limit, bool uleb);
/* Takes the first of the candidates that agrees with the addresses in VMCOREINFO. */
struct od_error *od_kallsyms_read_addresses(struct od_kallsyms *ks, struct od_memory *mem,
					    const struct od_vmcoreinfo *info,
					    const struct od_kallsyms_addresses *candidates,
					    size_t n);

/* All of them, by the addresses in VMCOREINFO, or by a scan where it names none. */
struct od_error *od_kallsyms_load(struct od_kallsyms *ks, struct od_memory *mem,
				  const struct od_vmcoreinfo *info);
/* Look for the table from SYMBOL(_stext) on. */
struct od_error *od_kallsyms_scan(struct od_kallsyms *ks, struct od_memory *mem,
				  const struct od_vmcoreinfo *info);

/* nm's letter of symbol i, which is below n. */
char od_kallsyms_type(const struct od_kallsyms *ks, uint32_t i);
/*
 * The name of symbol i into buf, terminated; at most size - 1 bytes. Returns the length of the
 * whole name, so size or more if it was cut.
 */
size_t od_kallsyms_name(const struct od_kallsyms *ks, uint32_t i, char *buf, size_t size);
/* Whether the name of symbol i is the len bytes at name, or begins with them. */
bool od_kallsyms_is(const struct od_kallsyms *ks, uint32_t i, const char *name, size_t len,
		    bool prefix);
/*
 * The symbol of that name: the first global one in the table, else the first; OD_INDEX_END: none.
 */
uint32_t od_kallsyms_find(const struct od_kallsyms *ks, const char *name);

#endif
