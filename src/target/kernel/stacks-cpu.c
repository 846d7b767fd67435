/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stacks that each CPU has for interrupts and exceptions: names by version, as the symbols
 * tell.
 */
#include "target/kernel/field.h"
#include "target/kernel/percpu.h"
#include "target/kernel/stacks.h"

enum {
	TASK_STACK = 16 * 1024,
	IRQ_STACK = 16 * 1024,
	EXCEPTION_STACK = 4096,
	DEBUG_STACK = 8192,
	OVERFLOW_STACK = 4096,
};

/* Tops are at the end of a page, or (5.12 on) a word below. */
static void add_top(struct od_stack_ranges *ret, enum od_stack_kind kind, uint64_t top,
		    uint64_t size)
{
	top = (top + 4095) & ~(uint64_t)4095;
	if (top > size)
		od_stacks_add(ret, kind, top - size, top);
}

/* 6.2 to 6.14 it is in struct pcpu_hot; 5.1 on a variable of its own; before, irq_stack_ptr. */
static void x86_irq(struct od_kernel *k, unsigned cpu, struct od_stack_ranges *ret)
{
	uint64_t size = od_kernel_size(k, "struct irq_stack"), hot, top = 0;

	if (!size)
		size = od_kernel_size(k, "union irq_stack_union");
	if (!size)
		size = IRQ_STACK;
	hot = od_kernel_symbol(k, "hardirq_stack_ptr");
	if (!hot)
		hot = od_kernel_symbol(k, "irq_stack_ptr");
	if (hot)
		top = od_kernel_percpu_pointer(k, hot, cpu);
	else if ((hot = od_kernel_symbol(k, "pcpu_hot")) != 0)
		od_kernel_member(k, od_kernel_percpu(k, hot, cpu), "struct pcpu_hot",
				 "hardirq_stack_ptr", &top);
	if (top)
		add_top(ret, OD_STACK_IRQ, top, size);
}

static const struct {
	enum od_stack_kind kind;
	const char *member; /* of struct cea_exception_stacks, 5.1 on */
	uint8_t ist;	    /* 1 + index into struct orig_ist before that; 0: there was none */
	uint16_t size;	    /* before that */
} exceptions[] = {
	{ OD_STACK_DF, "DF_stack", 1, EXCEPTION_STACK },
	{ OD_STACK_NMI, "NMI_stack", 2, EXCEPTION_STACK },
	{ OD_STACK_DB, "DB_stack", 3, DEBUG_STACK },
	{ OD_STACK_MCE, "MCE_stack", 4, EXCEPTION_STACK },
	{ OD_STACK_VC, "VC_stack", 0, 0 },
	{ OD_STACK_VC2, "VC2_stack", 0, 0 },
};

static void x86_exceptions(struct od_kernel *k, unsigned cpu, struct od_stack_ranges *ret)
{
	uint64_t symbol = od_kernel_symbol(k, "cea_exception_stacks"), at, top;
	struct od_field f;

	if (symbol) {
		at = od_kernel_percpu_pointer(k, symbol, cpu);
		for (size_t i = 0; at && i < sizeof(exceptions) / sizeof(*exceptions); i++)
			if (od_kernel_field(k, "struct cea_exception_stacks", exceptions[i].member,
					    &f))
				od_stacks_add(ret, exceptions[i].kind, at + f.offset,
					      at + f.offset + f.size);
		return;
	}
	symbol = od_kernel_symbol(k, "orig_ist");
	at = symbol ? od_kernel_percpu(k, symbol, cpu) : 0;
	for (size_t i = 0; at && i < sizeof(exceptions) / sizeof(*exceptions); i++)
		if (exceptions[i].ist &&
		    od_mem_pointer(k->mem, at + 8 * (exceptions[i].ist - 1u), &top) == OD_MEM_OK &&
		    top)
			add_top(ret, exceptions[i].kind, top, exceptions[i].size);
}

/* Pointers to the lowest address, each of as many bytes as a task's stack. */
static void arm64_stacks(struct od_kernel *k, unsigned cpu, struct od_stack_ranges *ret)
{
	static const struct {
		enum od_stack_kind kind;
		const char *symbol;
	} pointers[] = {
		{ OD_STACK_IRQ, "irq_stack_ptr" },
		{ OD_STACK_SDEI, "sdei_stack_normal_ptr" },
	};
	uint64_t symbol, at, size = od_stacks_task_size(k);

	for (size_t i = 0; i < sizeof(pointers) / sizeof(*pointers); i++) {
		symbol = od_kernel_symbol(k, pointers[i].symbol);
		at = symbol ? od_kernel_percpu_pointer(k, symbol, cpu) : 0;
		if (at)
			od_stacks_add(ret, pointers[i].kind, at, at + size);
	}
	symbol = od_kernel_symbol(k, "overflow_stack");
	at = symbol ? od_kernel_percpu(k, symbol, cpu) : 0;
	if (at)
		od_stacks_add(ret, OD_STACK_OVERFLOW, at, at + OVERFLOW_STACK);
}

uint64_t od_stacks_task_size(struct od_kernel *k)
{
	uint64_t size = od_kernel_size(k, "union thread_union");

	return size && size <= OD_MAX_STACK_SIZE ? size : TASK_STACK;
}

void od_stacks_of_cpu(struct od_kernel *k, unsigned cpu, struct od_stack_ranges *ret)
{
	if (k->arm64) {
		arm64_stacks(k, cpu, ret);
	} else if (k->x86) {
		x86_irq(k, cpu, ret);
		x86_exceptions(k, cpu, ret);
	}
}
