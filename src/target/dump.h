/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A vmcore as a file: which format it is, what it says of itself, and its physical pages. ELF and
 * kdump (plain, flattened, split) are read by our own hardened reader; other formats by libkdumpfile.
 */
#ifndef OD_TARGET_DUMP_H
#define OD_TARGET_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/memory.h"

struct od_dump;

/* A CPU's registers at the time of the dump: one NT_PRSTATUS note. */
struct od_prstatus {
	int32_t pid;
	const uint8_t *regs; /* struct pt_regs-like elf_gregset_t as in the note; valid until destroyed */
	size_t size;	     /* bytes */
};

struct od_dump_facts {
	const char *format;	 /* "ELF", "kdump-compressed v6", ... */
	const char *compression; /* "zlib", "lzo", "snappy", "zstd", "several", "none"; NULL: unknown */
	bool flattened, split;
	bool incomplete;	 /* its writer said so, or ran out of space */
	bool truncated;		 /* the file ends before what its headers promise */
	const char *arch;	 /* as in uname -m; found in the headers, notes or VMCOREINFO; NULL */
	const char *release, *nodename, *version; /* of the header's utsname; NULL or "" if empty */
	uint64_t max_pfn;	 /* one more than the highest page frame; 0: unknown */
	uint64_t pages;		 /* pages of data in the dump; 0: unknown */
	int dump_level;		 /* of makedumpfile; -1: unknown */
	int64_t timestamp;	 /* seconds since 1970; 0: unknown */
	uint32_t nprstatus;
};

/* What the first bytes are, if a dump of a kind that we read: its name; NULL: none. Static. */
const char *od_dump_probe(const void *head, size_t len);
/*
 * What the first bytes are, if a dump that must be converted first (VMware .vmss, hibernation
 * image, raw RAM of a hypervisor ...): advice with the command that converts it; NULL: none. Static.
 */
const char *od_dump_advice(const void *head, size_t len);
/*
 * Load the libraries that this dump needs and that are loaded only then, as long as that can be done: call
 * it before the process gives up opening files. fd may be anything, or -1.
 */
void od_dump_prepare(int fd);
/* From now on no file can be opened: what no file that was prepared needed is not there. */
void od_dump_seal(void);
/* "zlib", "lzo", "snappy", "zstd" or "libkdumpfile": was the program built with it? */
bool od_dump_has(const char *library);

/*
 * Open the n files (several: a split set, in any order). The descriptors must stay open and are only
 * read with pread(). OD_ERR_UNSUPPORTED: nothing can be had from it. What is merely missing or damaged is
 * in the facts and notes.
 */
struct od_error *od_dump_open(const int *fds, unsigned n, struct od_dump **ret);
/* NULL is accepted. */
void od_dump_destroy(struct od_dump *dump);

const struct od_dump_facts *od_dump_facts(const struct od_dump *dump);
/* i is below nprstatus; in the order of the notes. */
bool od_dump_prstatus(const struct od_dump *dump, uint32_t i, struct od_prstatus *ret);
/*
 * The VMCOREINFO note, or what a scan of physical memory found (*scanned is then set; that is
 * slow and done only here). NULL: there is none. Valid until destroyed.
 */
const char *od_dump_vmcoreinfo(struct od_dump *dump, size_t *len, bool *scanned);
/* The nth thing that was odd, for people; NULL at the end. */
const char *od_dump_note(const struct od_dump *dump, size_t n);

/* Physical memory alone until od_dump_translate() was told how virtual addresses are found. */
struct od_memory *od_dump_memory(struct od_dump *dump);

struct od_vmcoreinfo;
/*
 * Set up the translation of kernel virtual addresses from VMCOREINFO (x86-64 with 4 and 5 levels,
 * arm64). OD_ERR_UNSUPPORTED names the key that is missing.
 */
struct od_error *od_dump_translate(struct od_dump *dump, const struct od_vmcoreinfo *info);
/* One address, and how it was found, a line a level, for the command vtop; out may be NULL. */
struct od_buf;
enum od_mem_status od_dump_vtop(struct od_dump *dump, uint64_t virt, uint64_t *phys, struct od_buf *out);
/*
 * As above; *span is the number of bytes, a power of two, of the aligned piece of memory around virt that has
 * the same answer: it is mapped as a whole, or nothing of it is.
 */
enum od_mem_status od_dump_span(struct od_dump *dump, uint64_t virt, uint64_t *phys, uint64_t *span);
/* The lowest address of the kernel's half; 0: unknown, and od_dump_span() tells nothing. */
uint64_t od_dump_kernel_half(const struct od_dump *dump);

#endif
