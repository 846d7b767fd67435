/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the dump reader share. A dump is a backend (ELF, kdump, foreign) that fills pages,
 * a cache of pages before it, and a walk of page tables on top; all bytes of the file come through
 * struct od_source, so that no backend knows of flattened files.
 */
#ifndef OD_TARGET_DUMP_INTERNAL_H
#define OD_TARGET_DUMP_INTERNAL_H

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "target/dump.h"

enum {
	OD_DUMP_MAX_FILES = 256,	/* parts of a split set */
	OD_DUMP_MAX_SEGMENTS = 1 << 20, /* of an ELF file */
	OD_DUMP_MAX_RECORDS = 1 << 22,	/* of a flattened file: 64 GB of QEMU's, 16 TB of makedumpfile's */
	OD_DUMP_MAX_NOTES = 16 << 20,	/* bytes of ELF notes: 8192 CPUs, with those of QEMU, need 6 MB */
	OD_DUMP_MAX_SAID = 64,		/* notes for people */
	OD_DUMP_MIN_PAGE = 1 << 12,
	OD_DUMP_MAX_PAGE = 1 << 18,
};

static inline uint64_t od_get(const void *p, size_t size, bool big_endian)
{
	const uint8_t *b = p;
	uint64_t ret = 0;

	for (size_t i = 0; i < size; i++)
		ret = ret << 8 | b[big_endian ? i : size - 1 - i];
	return ret;
}

/* --- dump-extent.c: which bytes of something stand where in a file --------------------------- */

struct od_extent {
	uint64_t start, end; /* end is exclusive */
	uint64_t pos;	     /* where the byte at start stands */
};

struct od_extents {
	struct od_extent *v;
	size_t n, cap;
	size_t hint; /* index of the last that was found */
};

/* Empty ones, and those that wrap around, are passed over. */
void od_extents_add(struct od_extents *x, uint64_t start, uint64_t size, uint64_t pos);
/* Sort, and cut what overlaps: the one with the greater pos wins. Once, after the last was added. */
void od_extents_sort(struct od_extents *x);
/* The one that holds at, or NULL; *next is then where the next one begins, UINT64_MAX if none does. */
const struct od_extent *od_extents_find(struct od_extents *x, uint64_t at, uint64_t *next);
void od_extents_free(struct od_extents *x);

/* --- dump-source.c, dump-flat.c: the bytes of a file -------------------------------------------- */

struct od_source {
	int fd;		    /* not owned */
	uint64_t size;	    /* bytes of the file, or of what it would be if it were not flattened */
	uint64_t file_size; /* as it is */
	const uint8_t *map; /* of a file that nobody can change: all of it, in memory; NULL */
	bool flattened;
	bool truncated;	    /* flattened, and its end is missing */
	bool limited;	    /* flattened, with more records than OD_DUMP_MAX_RECORDS */
	struct od_extents flat;
};

/* OD_ERR_IO: the file cannot be read. OD_ERR_UNSUPPORTED: flattened in a way nobody knows. */
struct od_error *od_source_open(struct od_source *src, int fd);
/* The same of a sealed file in memory: it stays readable when the descriptor is closed. */
struct od_error *od_source_open_sealed(struct od_source *src, int fd);
void od_source_close(struct od_source *src);
/* Up to len bytes at offset; the number read. Fewer: the file ends, or fails, there. */
size_t od_source_read(struct od_source *src, uint64_t offset, void *buf, size_t len);
/* The same of the file as it is; for od_source_open() alone. */
size_t od_source_pread(int fd, uint64_t offset, void *buf, size_t len);
bool od_flat_is(const void *head, size_t len);
struct od_error *od_flat_open(struct od_source *src);
size_t od_flat_read(struct od_source *src, uint64_t offset, void *buf, size_t len);

/* --- the dump ------------------------------------------------------------------------------------ */

struct od_page_cache {
	uint8_t *pages;
	uint64_t *tags; /* pfn + 1; 0: empty */
	enum od_mem_status *why; /* OK: pages has it; else why there is none */
	uint8_t *older; /* per set: which of its two ways goes next */
	unsigned sets;	/* a power of two */
};

struct od_tlb_entry {
	uint64_t tag; /* virtual page number + 1; 0: empty */
	uint64_t frame;
};

enum { OD_TLB = 512 };

/* How virtual addresses are found. */
struct od_xlat {
	enum od_mem_status (*walk)(struct od_dump *d, uint64_t virt, uint64_t *phys, struct od_buf *out);
	uint64_t root;	     /* physical address of the top table */
	uint64_t mask;	     /* bits of an entry that are an address */
	unsigned levels, page_shift, bits;
	bool lpa2;	     /* arm64: bits 8 and 9 of an entry are 50 and 51 of an address */
	uint64_t text_start, text_end; /* the kernel image, where the tables cannot be read */
	uint64_t text_offset; /* physical = virtual - this, modulo 2^64 */
	uint64_t first;	     /* the lowest address of the kernel's half */
	unsigned span;	     /* the last walk ended at an entry for 2 to the power of this bytes */
	struct od_tlb_entry tlb[OD_TLB];
};

struct od_dump_ops {
	/* Fill all of frame pfn (block_size bytes) or say why not. */
	enum od_mem_status (*page)(struct od_dump *d, uint64_t pfn, uint8_t *page);
	/*
	 * May be NULL. Bytes over any borders, for frames that are there in part and for big reads; *got is
	 * set.
	 */
	enum od_mem_status (*range)(struct od_dump *d, uint64_t addr, void *buf, size_t len, size_t *got);
	/* May be NULL: kernel virtual addresses by a library. */
	enum od_mem_status (*virt)(struct od_dump *d, uint64_t addr, void *buf, size_t len, size_t *got);
	/*
	 * May be NULL: the first frame from pfn on that has data, for scans; UINT64_MAX: none. May say one
	 * that has none, never passes one over.
	 */
	uint64_t (*next)(struct od_dump *d, uint64_t pfn);
	void (*destroy)(struct od_dump *d);
};

struct od_dump {
	struct od_memory mem; /* first: what read() gets is the dump */
	struct od_arena arena;
	struct od_dump_facts facts;
	const struct od_dump_ops *ops;
	void *backend; /* of ops */
	struct od_source *src;
	unsigned nsrc;
	uint32_t block_size; /* bytes of a frame of ops; mem.page_size may be smaller */
	unsigned block_shift;
	uint64_t phys_base; /* x86-64, from the headers; meaningful if has_phys_base */
	bool has_phys_base;
	struct od_page_cache cache;
	struct od_xlat xlat;

	uint8_t *notes; /* ELF notes, as in the file */
	struct od_prstatus *prstatus;
	uint32_t prstatus_cap;
	const uint8_t *qemu; /* state of the first CPU by QEMU, or NULL */
	size_t qemu_size;
	bool process; /* the notes are those of a process */
	const char *vmcoreinfo;
	size_t vmcoreinfo_len;
	bool scanned;

	const char *said[OD_DUMP_MAX_SAID];
	size_t nsaid;
};

void od_dump_say(struct od_dump *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* False: no power of two, too small or too large. */
bool od_dump_set_block(struct od_dump *d, uint64_t size);
/* Physical memory through the cache; as od_memory.read. */
enum od_mem_status od_dump_phys(struct od_dump *d, uint64_t addr, void *buf, size_t len, size_t *got);

/* --- dump-notes.c ---------------------------------------------------------------------------------- */

/* Take the size bytes of notes at p apart; they stay where they are, and must. */
void od_dump_take_notes(struct od_dump *d, const uint8_t *p, size_t size);
/* What the arch is, if the headers do not say: by VMCOREINFO, else by the size of a PRSTATUS. */
void od_dump_guess_arch(struct od_dump *d);
/* arch, if it is one that we know (as in uname -m), as a static string; else NULL. */
const char *od_dump_arch(const char *machine);

/* --- backends: each takes over the dump's sources ---------------------------------------------------- */

struct od_error *od_dump_open_elf(struct od_dump *d);
struct od_error *od_dump_open_kdump(struct od_dump *d);
struct od_error *od_dump_open_foreign(struct od_dump *d, const int *fds, unsigned n);
/* od_dump_seal() was called: no library can be loaded any more. */
extern bool od_dump_sealed;
bool od_foreign_built(void);
/* False: libkdumpfile is not there. */
bool od_foreign_prepare(void);
bool od_dump_is_elf(const uint8_t *head, size_t len);
/* An ELF file without segments: as Xen writes them, with all memory in sections. */
bool od_dump_is_xen(const uint8_t *head, size_t len);
bool od_dump_is_kdump(const uint8_t *head, size_t len);

/* --- dump-inflate.c ------------------------------------------------------------------------------------ */

/* Flags of a kdump-compressed header and of its page descriptors (makedumpfile diskdump_mod.h). */
enum {
	OD_KDUMP_ZLIB = 0x1,
	OD_KDUMP_LZO = 0x2,
	OD_KDUMP_SNAPPY = 0x4,
	OD_KDUMP_INCOMPLETE = 0x8,
	OD_KDUMP_NO_VMEMMAP = 0x10,
	OD_KDUMP_ZSTD = 0x20,
	OD_KDUMP_COMPRESSED = OD_KDUMP_ZLIB | OD_KDUMP_LZO | OD_KDUMP_SNAPPY | OD_KDUMP_ZSTD,
};

/* "zlib" ...; NULL: no such flag. *available: this build, on this machine, can undo it. */
const char *od_inflate_name(unsigned flag, bool *available);
/* Is it in this build? And load what is loaded late. */
bool od_inflate_built(const char *name);
void od_inflate_prepare(unsigned flags);
/* Exactly out_len bytes must come out; false: they do not. flag is one of OD_KDUMP_COMPRESSED. */
bool od_inflate(unsigned flag, const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len);

#endif
