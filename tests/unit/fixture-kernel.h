/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A made-up kernel: an image of memory with tasks, a module, locks, a slab and a vmalloc area, the
 * types that describe it, and symbols by VMCOREINFO. Its layouts are nobody's, so only code that
 * asks BTF, or finds them out, finds its way. Little endian, 64 bits.
 */
#ifndef OD_TESTS_FIXTURE_KERNEL_H
#define OD_TESTS_FIXTURE_KERNEL_H

#include "target/kernel/kernel.h"

#define FK_BASE 0xffff888000000000u
#define FK_TEXT (FK_BASE + 0x30000) /* code of the module, and of the kernel as far as locks go */

enum {
	FK_SIZE = 0x40000,
	/* offsets in the image */
	FK_INIT = 0x1000,    /* init_task: swapper/0 */
	FK_TASK1 = 0x1400,   /* 1, init; S */
	FK_TASK2 = 0x1800,   /* 2, a kernel thread with a long name; I */
	FK_TASK3 = 0x1c00,   /* 30, leader of 3 threads; D, waits for the mutex */
	FK_TASK4 = 0x2000,   /* 31, its thread; D, waits for the rw_semaphore */
	FK_TASK5 = 0x2400,   /* 32, its thread; runs on CPU 1 */
	FK_TASK6 = 0x2800,   /* 40, a zombie */
	FK_IDLE1 = 0x2c00,   /* swapper/1 */
	FK_SIGNALS = 0x4000, /* struct signal_struct of each of these, 0x40 bytes apart */
	FK_MUTEX = 0x5000,   /* held by task 32 */
	FK_RWSEM = 0x5100,   /* held by task 30 */
	FK_PERCPU = 0x6000,  /* per-cpu memory: of CPU 0 here, of CPU 1 at + 0x1000 */
	FK_STACKS = 0x10000, /* of each task, 0x4000 bytes */
	FK_MODULES = 0x8000, /* the head of the list */
	FK_MODULE = 0x33000, /* its struct module */
	FK_NOTES = 0x33400,
	FK_SLAB_PAGE = 0x9000,
	FK_SLAB = 0xa000,    /* 16 objects of 64 bytes */
	FK_CACHE = 0x9100,
	FK_VMAP = 0x9800,
};

struct fixture_kernel {
	struct od_memory mem; /* first: the reader finds the rest by it */
	uint8_t *bytes;	      /* FK_SIZE */
	uint64_t hole;	      /* address of a page that is excluded; 0: none */
	struct od_kernel *k;
};

enum {
	FK_MEM_ARRAY = 1, /* struct module has mem[] (6.4 on), else core_layout */
	FK_NO_TYPES = 2,  /* nothing describes it; the order of its members is the usual one */
};

void fixture_kernel_init(struct fixture_kernel *f, unsigned flags);
void fixture_kernel_deinit(struct fixture_kernel *f);
/* size bytes at an offset of the image. */
void fk_put(struct fixture_kernel *f, uint64_t offset, uint64_t value, unsigned size);
/* The address of an offset, written at another one. */
void fk_point(struct fixture_kernel *f, uint64_t at, uint64_t to);

#endif
