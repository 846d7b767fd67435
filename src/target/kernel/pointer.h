/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a pointer is: whatever the memory of a dead kernel tells of an address. */
#ifndef OD_TARGET_KERNEL_POINTER_H
#define OD_TARGET_KERNEL_POINTER_H

#include "base/buf.h"
#include "target/kernel/modules.h"
#include "target/kernel/page.h"
#include "target/kernel/stacks.h"
#include "target/kernel/tasks.h"

enum od_pointer_kind {
	OD_POINTER_UNKNOWN,	  /* an address of the kernel of which nothing is known */
	OD_POINTER_NULL,	  /* in the first page */
	OD_POINTER_ERROR,	  /* ERR_PTR() of an errno */
	OD_POINTER_USER,
	OD_POINTER_NON_CANONICAL, /* no CPU takes it for an address */
	OD_POINTER_TASK,	  /* in a task_struct */
	OD_POINTER_STACK,	  /* on a task's stack */
	OD_POINTER_CPU_STACK,	  /* on a stack of a CPU: interrupts, exceptions */
	OD_POINTER_TEXT,	  /* code of the kernel or a module */
	OD_POINTER_RODATA,	  /* their constants */
	OD_POINTER_DATA,	  /* their variables */
	OD_POINTER_PERCPU,	  /* a static per-cpu variable of a CPU */
	OD_POINTER_SLAB,
	OD_POINTER_VMALLOC,
	OD_POINTER_PAGE,	  /* of the direct map, with a struct page */
	OD_POINTER_KINDS,
};

enum { OD_POINTER_STRING = 128 };

/* Which members count is told by kind; what is unknown is 0, "" or NULL. */
struct od_pointer {
	uint64_t addr;
	enum od_pointer_kind kind;
	enum od_mem_status status; /* of the byte at addr */
	int error;		 /* ERROR: errno */
	const struct od_task *task; /* TASK, STACK */
	uint64_t offset;	 /* TASK: in its task_struct; STACK: from its lowest address */
	int32_t cpu;		 /* PERCPU, CPU_STACK; else -1 */
	enum od_stack_kind stack; /* CPU_STACK */
	const struct od_kmodule *module; /* TEXT, RODATA, DATA: NULL is the kernel itself */
	enum od_kmodule_part part;
	bool has_symbol;	 /* TEXT, RODATA, DATA, PERCPU */
	struct od_symbol symbol; /* what addr lies in; its addr is of the image for PERCPU */
	bool has_page;		 /* SLAB, PAGE */
	struct od_page page;
	struct od_slab_object slab;
	struct od_vmalloc vmalloc;
	char string[OD_POINTER_STRING]; /* RODATA: the text that begins there, if it is text */
	bool string_cut;
};

/* Always fills in ret; strings of tasks and modules live as long as k. */
void od_kernel_pointer(struct od_kernel *k, uint64_t addr, struct od_pointer *ret);
/* One phrase for people, escaped, without the address itself. */
void od_pointer_text(struct od_kernel *k, const struct od_pointer *p, struct od_buf *out);
/* "slab", "task-stack" ...: for JSON. Static. */
const char *od_pointer_kind_name(enum od_pointer_kind kind);

#endif
