/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The core of a process: threads and their registers, what was mapped, and its memory. Written by the
 * kernel (fs/binfmt_elf.c), by gdb's gcore, or by others after their manner; of any machine whose notes
 * core-arch.c has a row for. What a core leaves out (text of files) is read from the files themselves,
 * once it is proven that they are the ones that were mapped.
 */
#ifndef OD_TARGET_CORE_H
#define OD_TARGET_CORE_H

#include "base/arena.h"
#include "base/error.h"
#include "io/unpack.h"
#include "model/memory.h"
#include "symbols/vars.h"

struct od_core;
struct od_find;

enum {
	OD_CORE_THREADS = 4096,	 /* that are read of one core */
	OD_CORE_OBJECTS = 4096,	 /* executable, shared objects, vdso */
	OD_CORE_MAPPINGS = 1 << 16,
};

struct od_core_thread {
	int32_t tid;
	int signal;		   /* that it was stopped by; 0: none */
	struct od_dwarf_regs regs; /* in DWARF's numbers */
	uint64_t pc;
	bool has_regs;		   /* the note was whole, of a machine that is known */
	const uint8_t *raw;	   /* elf_gregset_t as in the note */
	size_t raw_size;
};

/* What the notes say of the process. Strings are the input's: escape them. */
struct od_core_facts {
	const char *arch;    /* as reports name it: x86_64, arm64 ...; NULL: unknown */
	uint16_t machine;    /* EM_* */
	int32_t pid, ppid;   /* -1: unknown */
	uint32_t uid;
	const char *comm;    /* NULL: unknown */
	const char *args;    /* the command line as far as the note has it, 80 bytes; NULL */
	int signal;	     /* that ended it; 0: unknown, or it was alive */
	bool has_siginfo;
	int si_code;
	bool has_address;    /* siginfo holds one */
	uint64_t address;
	bool has_sender;     /* kill(), tgkill(): who sent it */
	int32_t sender_pid;
	uint32_t sender_uid;
	bool truncated;	     /* the file ends before what its headers promise */
	const char *packed;  /* "zstd": how the file was compressed; NULL */
	const char *why_cut; /* why what was compressed is truncated; NULL */
};

/* A file, or the vdso, as it was mapped. */
struct od_core_object {
	const char *name;     /* basename; "" unknown */
	const char *path;     /* as the core has it; NULL unknown. Never to be opened as it is */
	uint64_t start, end;  /* of all its segments in memory */
	uint64_t bias;	      /* memory = file + this, modulo 2^64 */
	bool has_bias;
	const char *build_id; /* hex; NULL: it has none, or its first page is not in the core */
	bool program;	      /* the executable */
	bool vdso;
	struct od_debug *code;	/* the file that was mapped; NULL: not found. After od_core_files() */
	struct od_debug *debug; /* where its symbols and lines are, maybe the same; NULL: none */
	const char *why;      /* of what is NULL; also what speaks against it */
	bool looked;	      /* od_core_files() was called */
};

/*
 * By the first bytes alone, for whoever must decide before anything is parsed: an ELF core of whatever, or something
 * compressed, which may be one.
 */
bool od_core_may_be(int fd);
/*
 * Is the file at fd the core of a process, and no dump of a kernel? By its headers and notes; of a compressed one by
 * its beginning alone.
 */
bool od_core_probe(int fd);
/*
 * Open it. fd stays the caller's and must stay open; it is read with pread() alone. What is compressed is unpacked
 * to memory; watch: of that, may be NULL.
 * OD_ERR_UNSUPPORTED: nothing can be had from it.
 */
struct od_error *od_core_open(int fd, const struct od_unpack_watch *watch, struct od_core **ret);
/* NULL is accepted. */
void od_core_destroy(struct od_core *core);

const struct od_core_facts *od_core_facts(const struct od_core *core);
/* The thread that crashed is the first. */
uint32_t od_core_nthreads(const struct od_core *core);
const struct od_core_thread *od_core_thread(const struct od_core *core, uint32_t i);
/* By ascending address. */
uint32_t od_core_nobjects(const struct od_core *core);
struct od_core_object *od_core_object(const struct od_core *core, uint32_t i);
/* Look for its files, once. find may be NULL. They stay the finder's, which must live as long. */
void od_core_files(struct od_core_object *object, struct od_find *find);
/* The one that addr lies in, or NULL. */
struct od_core_object *od_core_object_at(const struct od_core *core, uint64_t addr);
/* Flags of the segment that addr lies in (PF_R, PF_W, PF_X); 0: in none. */
unsigned od_core_access(const struct od_core *core, uint64_t addr);
/* The segment that addr lies in; end exclusive. False: in none. */
bool od_core_segment(const struct od_core *core, uint64_t addr, uint64_t *start, uint64_t *end);
/* The next odd thing that was seen, for people; NULL at the end. */
const char *od_core_note(const struct od_core *core, size_t n);

/* Memory of the process. Valid as long as the core is open. */
struct od_memory *od_core_memory(struct od_core *core);

/* The nth register of a thread as its note has it; NULL at the end. */
const char *od_core_register(const struct od_core *core, const struct od_core_thread *thread, unsigned n,
			     uint64_t *value);

#endif
