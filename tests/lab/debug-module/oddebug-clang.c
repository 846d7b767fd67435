// SPDX-License-Identifier: GPL-3.0-or-later
// What only clang's checks find (KMSAN, control flow), and a stack pointer that leads nowhere.
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "oddebug.h"

struct od_header {
	u32 magic;
	u32 length;
	char name[24];
};

/* KMSAN: reads of what nobody wrote */

static noinline struct od_header *od_header_new(gfp_t flags)
{
	struct od_header *h = kmalloc(sizeof(*h), flags);

	if (h)
		h->magic = 0x6f64;
	return h;
}

static noinline int od_header_check(const struct od_header *h)
{
	if (h->length > 4096)
		return -EINVAL;
	return 0;
}

static noinline void od_uninit_heap(void)
{
	struct od_header *h = od_header_new(GFP_KERNEL);

	pr_info("oddebug: %d\n", od_header_check(h));
	kfree(h);
}

static noinline void od_header_fill(struct od_header *h, int kind)
{
	if (kind > 1)
		h->length = 12;
}

static noinline void od_uninit_stack(void)
{
	struct od_header h;
	int kind = 1;

	OPTIMIZER_HIDE_VAR(kind);
	od_header_fill(&h, kind);
	pr_info("oddebug: %d\n", od_header_check(&h));
}

static noinline void od_uninit_freed(void)
{
	struct od_header *h = od_header_new(GFP_KERNEL | __GFP_ZERO);

	kfree(h);
	OPTIMIZER_HIDE_VAR(h);
	pr_info("oddebug: %d\n", od_header_check(h));
}

/* Bytes of the kernel's that a program gets to see. */
static noinline void od_uninit_leak(void)
{
	struct od_header *h = od_header_new(GFP_KERNEL);
	unsigned long user = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, 0);

	if (h && !IS_ERR_VALUE(user) && copy_to_user((void __user *)user, h, sizeof(*h)))
		pr_info("oddebug: not copied\n");
	kfree(h);
}

/* CFI: a function is called as what it is not */

struct od_ops {
	int (*complete)(struct od_header *h, int status);
};

static noinline void od_wrong_complete(unsigned long *count)
{
	*count += 1;
}

static noinline int od_ops_complete(const struct od_ops *ops, struct od_header *h, int status)
{
	return ops->complete(h, status) + 1;
}

static noinline void od_cfi_call(void)
{
	struct od_header h = { .length = 1 };
	struct od_ops ops = { .complete = (void *)od_wrong_complete };

	OPTIMIZER_HIDE_VAR(ops.complete);
	pr_info("oddebug: %d\n", od_ops_complete(&ops, &h, 0));
}

#ifdef CONFIG_X86
/* The processor cannot push the frame of the page fault: a double fault. */
static noinline void od_double_fault(void)
{
	unsigned long lost = PAGE_OFFSET - 0x200000;

	asm volatile("mov %0, %%" _ASM_SP "\n\tpush %0" : : "r"(lost) : "memory");
	barrier();
}
#endif

const struct od_fault od_clang_faults[] = {
	{ "uninit_heap", od_uninit_heap },
	{ "uninit_stack", od_uninit_stack },
	{ "uninit_freed", od_uninit_freed },
	{ "uninit_leak", od_uninit_leak },
	{ "cfi_call", od_cfi_call },
#ifdef CONFIG_X86
	{ "double_fault", od_double_fault },
#endif
	{ NULL, NULL },
};
