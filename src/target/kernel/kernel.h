/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A dead kernel: what is needed to look into it, found once and lazily. Everything may be missing;
 * why_no_symbols and why_no_types say so.
 */
#ifndef OD_TARGET_KERNEL_KERNEL_H
#define OD_TARGET_KERNEL_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/memory.h"
#include "symbols/btf.h"
#include "symbols/orc.h"
#include "symbols/symtab.h"
#include "symbols/vmcoreinfo.h"
#include "target/dump.h"

enum {
	OD_MAX_CPUS = 8192,
	OD_MAX_SCAN = 64 << 20, /* bytes from _stext on that are searched for what has no symbol */
};

struct od_kernel_names;
struct od_cpu_regs_table;
struct od_unwinder;

struct od_kernel {
	struct od_arena arena;
	struct od_dump *dump;		/* not owned; NULL: memory from elsewhere (tests) */
	struct od_memory *mem;		/* of the dump */
	struct od_vmcoreinfo *info;	/* NULL: there is none */
	struct od_symtab *symtab;	/* never NULL; may be empty */
	struct od_btf *btf;		/* NULL: none, or not looked for yet: od_kernel_types() */
	struct od_orc *orc;		/* NULL: not x86-64, or not looked for yet */
	bool types_tried, modules_tried;
	const char *why_no_symbols, *why_no_types; /* NULL: there are some */
	bool x86, arm64;		/* which architecture; neither: another */

	/* found when first asked for; in the arena */
	struct od_kernel_names *names;	/* kernel.c */
	uint64_t *cpu_offsets;		/* percpu.c: __per_cpu_offset[], ncpus of them */
	uint32_t ncpus; /* percpu.c: one more than the highest possible CPU; 0: unknown yet */
	struct od_modules *modules;	/* modules.c */
	struct od_tasks *tasks;		/* tasklist.c */
	struct od_task_fields *task_fields; /* tasks.c */
	uint64_t stack_size;		/* tasks.c */
	struct od_inferred *inferred;	/* infer.c */
	uint64_t *current;		/* tasks.c: the task of each CPU, ncpus of them */
	struct od_cpu_regs_table *cpu_regs; /* cpuregs.c */
	struct od_unwinder *unwinder;	/* backtrace.c */
	uint64_t log_last_ns;		/* log.c: time of the latest record that was read; 0: none was */
	const char *log_cmdline;	/* log.c: what the log says the kernel was booted with; NULL: nothing */
};

struct od_kernel *od_kernel_create(struct od_dump *dump);
/* As above from memory and a note (NULL: none) of len bytes; arch as in uname -m, or NULL. */
struct od_kernel *od_kernel_create_memory(struct od_memory *mem, const char *vmcoreinfo, size_t len,
					  const char *arch);
/* NULL is accepted. */
void od_kernel_destroy(struct od_kernel *k);

/* BTF of the kernel, read when first asked for. NULL: k->why_no_types says why. */
const struct od_btf *od_kernel_types(struct od_kernel *k);
/*
 * Address of a kernel symbol, from VMCOREINFO or kallsyms; 0: unknown. Answers are kept. The names
 * in wanted[] of kernel.c are looked up in one pass; any other costs a pass of its own.
 */
uint64_t od_kernel_symbol(struct od_kernel *k, const char *name);
/*
 * The kernel's GNU build id in hex: from its notes in memory, else what VMCOREINFO says if that can
 * be one (some releases write garbage there). NULL: unknown.
 */
const char *od_kernel_build_id(struct od_kernel *k);
/* From now on that symbol is there, unless it is known already. name is copied. */
void od_kernel_add_symbol(struct od_kernel *k, const char *name, uint64_t addr);
/* Byte offset of a member, from VMCOREINFO's OFFSET() or BTF. False: neither tells. */
bool od_kernel_offset(struct od_kernel *k, const char *type, const char *member, uint64_t *ret);
/* Bytes of a type, from VMCOREINFO's SIZE() or BTF; 0: neither tells. type: "struct x". */
uint64_t od_kernel_size(struct od_kernel *k, const char *type);
/* Unsigned value of a member (bit fields too) of a struct at addr: any size up to 8 bytes. */
bool od_kernel_member(struct od_kernel *k, uint64_t addr, const char *type, const char *member,
		      uint64_t *ret);

/* Per-cpu address of a symbol on a CPU; 0: unknown. Zero-based and other layouts alike. */
uint64_t od_kernel_percpu(struct od_kernel *k, uint64_t symbol, unsigned cpu);

/*
 * Walk a struct list_head from head, which is not an entry. fn gets each entry's address (minus
 * offset); false from fn stops. Returns NULL at its proper end, else what is wrong with it. At most
 * max entries; a cycle is found.
 */
const char *od_kernel_list(struct od_kernel *k, uint64_t head, uint64_t offset, uint32_t max,
			   bool (*fn)(void *ctx, uint64_t entry), void *ctx);

/* What hangs together by pointers. */
struct od_chain {
	uint64_t first;	 /* where it begins: the first that fn gets */
	bool empty;	 /* it has not even that */
	uint64_t delta;	 /* of the pointer to the next one, from the beginning of one */
	uint64_t end;	 /* a pointer to this ends it; may be first: a ring without a head */
	bool null_ends;	 /* and so does a null pointer */
	uint64_t offset; /* taken from what fn gets */
	uint32_t max;
};
/* As od_kernel_list(). */
const char *od_kernel_chain(struct od_kernel *k, const struct od_chain *c,
			    bool (*fn)(void *ctx, uint64_t entry), void *ctx);

#endif
