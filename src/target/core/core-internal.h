/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files core*.c share. */
#ifndef OD_TARGET_CORE_INTERNAL_H
#define OD_TARGET_CORE_INTERNAL_H

#include "target/core/core.h"
#include "target/dump-internal.h"

enum {
	OD_CORE_NOTES = 64 << 20,    /* bytes of notes that are read: 4096 threads need 12 MB */
	OD_CORE_SEGMENTS = 1 << 20,
	OD_CORE_CACHE = 256,	     /* pages */
	OD_CORE_PAGE = 4096,	     /* of the cache; whatever pages the machine has */
	OD_CORE_SAID = 32,
	OD_CORE_POWERPC_LINK = 32, /* DWARF says 65: the one number that would not fit */
};

/* --- core-arch.c: what machines differ by --------------------------------------------------- */

struct od_core_reg {
	const char *name;
	int8_t dwarf; /* -1: none */
};

struct od_core_arch {
	uint16_t machine;
	uint8_t bits;	    /* 32 or 64 */
	const char *name;   /* as reports have it */
	const struct od_core_reg *regs; /* in the order of elf_gregset_t, each a word */
	uint8_t nregs;
	uint8_t pc, sp;	    /* indices in regs */
	int8_t fp, link;    /* DWARF's numbers of frame pointer and link register; -1: none */
	bool swapped;	    /* siginfo: si_code stands ahead of si_errno */
};

/* NULL: it is not known. */
const struct od_core_arch *od_core_arch(uint16_t machine, bool is64);

/* --- core-notes.c ------------------------------------------------------------------------------ */

struct od_core_mapping {
	uint64_t start, end, offset; /* bytes; offset: in the file */
	const char *path;
};

/* A note, where it lies. */
struct od_core_note_at {
	uint32_t type;
	const char *name;
	size_t name_len;
	const uint8_t *body;
	size_t size;
};

/* The next one; *p and *size move on. False: there is none. cut (may be NULL): one begins and does not end. */
bool od_core_next_note(const uint8_t **p, size_t *size, bool big_endian, struct od_core_note_at *ret, bool *cut);
/* With its NUL or without. */
bool od_core_note_named(const struct od_core_note_at *n, const char *want);

/* Notes say what this is. */
struct od_core_look {
	bool process, kernel;
};

/* --- core.c ------------------------------------------------------------------------------------- */

struct od_core_segment {
	uint64_t start, end;
	uint32_t flags;
};

struct od_core {
	struct od_memory mem; /* first: what read() gets is the core */
	struct od_arena arena;
	struct od_source src;
	struct od_core_facts facts;
	const struct od_core_arch *arch; /* NULL: unknown */
	struct od_extents data, left_out, cut;
	struct od_core_segment *segments; /* by address */
	uint32_t nsegments, segments_cap;
	uint8_t *notes;
	struct od_core_thread *threads;
	uint32_t nthreads, threads_cap;
	struct od_core_mapping *mappings; /* of NT_FILE, by address */
	uint32_t nmappings, mappings_cap;
	uint64_t page_size;
	uint64_t vdso, entry, phdr, execfn; /* of NT_AUXV; 0: not told */
	struct od_core_object **objects; /* by address */
	uint32_t nobjects, objects_cap;
	uint8_t *cache; /* pages of the file, by place */
	uint64_t *tags; /* place in the file / OD_CORE_PAGE + 1; 0: empty */
	const char *said[OD_CORE_SAID];
	size_t nsaid;
};

void od_core_say(struct od_core *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Take the size bytes of notes at p apart; they stay where they are, and must. */
void od_core_take_notes(struct od_core *c, const uint8_t *p, size_t size);
/* The same, to know what they are of. */
void od_core_look_notes(const uint8_t *p, size_t size, bool big_endian, struct od_core_look *ret);

/* --- core-objects.c ------------------------------------------------------------------------------ */

/* What was mapped, by NT_FILE, the auxiliary vector and the first bytes of segments. */
void od_core_find_objects(struct od_core *c);
/* Bytes at addr of the file that was mapped there, as many as there are. */
size_t od_core_read_file(struct od_core *c, uint64_t addr, void *buf, size_t len);

#endif
