/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/backtrace.h"

#include <string.h>

#include "target/kernel/cpuregs.h"

enum {
	BP_OFFSET = 40, /* in struct inactive_task_frame, if nothing tells */
	RET_OFFSET = 48,
	THUNKS = 4096, /* bytes of indirect call thunks, if nothing tells where they end */
	LOOKUP_ENTRY = 4,
	IP_ENTRY = 4,
	ORC_HASH = 20,
};

/* --- putting it together -------------------------------------------------------------------- */

static bool function_at(void *ctx, uint64_t addr, uint64_t *start, uint64_t *size)
{
	struct od_kernel *k = ctx;
	struct od_symbol sym;

	if (!od_symtab_at(k->symtab, addr, &sym) || !strchr("tTwW", sym.type))
		return false;
	*start = sym.addr;
	*size = sym.size;
	return true;
}

/* The first symbol of these that there is; 0: none. */
static uint64_t first_of(struct od_kernel *k, const char *a, const char *b)
{
	uint64_t ret = od_kernel_symbol(k, a);

	return ret ? ret : od_kernel_symbol(k, b);
}

static void choose_layout(struct od_kernel *k)
{
	uint64_t header = od_kernel_symbol(k, "__start_orc_header");
	enum od_orc_version version = OD_ORC_UNKNOWN;
	uint8_t hash[ORC_HASH];

	if (header && od_mem_read(k->mem, header, hash, sizeof(hash)) == OD_MEM_OK)
		version = od_orc_version_of(hash);
	if (version == OD_ORC_UNKNOWN)
		version = od_orc_guess_version(k->orc);
	od_orc_set_version(k->orc, version);
}

/*
 * The kernel's ORC tables. Without them, k->orc stays NULL: the kernel has frame pointers, or
 * nothing.
 */
static void load_orc(struct od_kernel *k)
{
	uint64_t ips = od_kernel_symbol(k, "__start_orc_unwind_ip");
	uint64_t ips_end = od_kernel_symbol(k, "__stop_orc_unwind_ip");
	uint64_t rows = od_kernel_symbol(k, "__start_orc_unwind");
	uint64_t lookup = od_kernel_symbol(k, "orc_lookup");
	uint64_t lookup_end = od_kernel_symbol(k, "orc_lookup_end");
	uint64_t text = first_of(k, "_text", "_stext"), end = first_of(k, "_einittext", "_etext");
	uint64_t n = (ips_end - ips) / IP_ENTRY;

	if (!ips || !rows || ips_end <= ips || n > OD_ORC_ENTRIES || !text || end <= text)
		return;
	k->orc = od_orc_create(k->mem);
	od_orc_add(k->orc, ips, rows, (uint32_t)n, text, end);
	n = (lookup_end - lookup) / LOOKUP_ENTRY;
	if (lookup && lookup_end > lookup && n <= OD_ORC_ENTRIES)
		od_orc_set_lookup(k->orc, lookup, (uint32_t)n, od_kernel_symbol(k, "_stext"));
	choose_layout(k);
	if (od_orc_get_version(k->orc) == OD_ORC_UNKNOWN) {
		od_orc_destroy(k->orc);
		k->orc = NULL;
	}
}

static void set_up_x86(struct od_kernel *k, struct od_unwinder *u)
{
	static const char *const trampolines[] = { "return_to_handler", "arch_rethook_trampoline",
						  "kretprobe_trampoline", "__kretprobe_trampoline" };

	u->arch = OD_REGS_X86_64;
	/* __START_KERNEL_map to the end of the modules' part (Documentation/arch/x86/) */
	u->text_first = UINT64_C(0xffffffff80000000);
	u->text_last = UINT64_C(0xffffffffff000000);
	for (size_t i = 0; i < sizeof(trampolines) / sizeof(*trampolines); i++)
		u->trampolines[i] = od_kernel_symbol(k, trampolines[i]);
	u->thunk_first = first_of(k, "__indirect_thunk_start", "__x86_indirect_thunk_rax");
	u->thunk_last = first_of(k, "__indirect_thunk_end", "__x86_return_thunk");
	if (u->thunk_first && u->thunk_last < u->thunk_first)
		u->thunk_last = u->thunk_first + THUNKS;
	load_orc(k);
	u->orc = k->orc;
}

static void set_up_arm64(struct od_kernel *k, struct od_unwinder *u)
{
	int64_t mask;

	u->arch = OD_REGS_ARM64;
	/* The upper half of the addresses: where modules are depends on too much. */
	u->text_first = UINT64_C(0xff00000000000000);
	u->text_last = UINT64_MAX;
	if (k->info && od_vmcoreinfo_number(k->info, "KERNELPACMASK", &mask))
		u->pac_mask = (uint64_t)mask;
	od_kernel_offset(k, "struct pt_regs", "stackframe", &u->regs_frame);
	u->trampolines[0] = od_kernel_symbol(k, "return_to_handler");
	u->trampolines[1] = od_kernel_symbol(k, "arch_rethook_trampoline");
}

struct od_unwinder *od_kernel_unwinder(struct od_kernel *k)
{
	struct od_unwinder *u;

	if (k->unwinder || (!k->x86 && !k->arm64))
		return k->unwinder;
	u = od_arena_alloc(&k->arena, sizeof(*u));
	u->mem = k->mem;
	u->function = function_at;
	u->ctx = k;
	if (k->x86)
		set_up_x86(k, u);
	else
		set_up_arm64(k, u);
	k->unwinder = u;
	return u;
}

void od_backtrace_add_module(struct od_kernel *k, uint64_t ips, uint64_t rows, uint64_t count,
			     uint64_t text, uint64_t size)
{
	if (od_kernel_unwinder(k) && k->orc && count <= OD_ORC_ENTRIES && size <= UINT32_MAX)
		od_orc_add(k->orc, ips, rows, (uint32_t)count, text, text + size);
}

/* --- traces --------------------------------------------------------------------------------- */

static void add_task_stack(struct od_kernel *k, uint64_t stack, struct od_stack_ranges *ret)
{
	if (stack)
		od_stacks_add(ret, OD_STACK_TASK, stack, stack + od_stacks_task_size(k));
}

bool od_backtrace_cpu(struct od_kernel *k, uint32_t cpu, uint64_t stack, struct od_arena *arena,
		      struct od_trace *ret)
{
	struct od_unwinder *u = od_kernel_unwinder(k);
	const struct od_cpu_regs *regs = od_cpu_regs_find(od_kernel_cpu_regs(k), cpu);
	struct od_stack_ranges stacks = { .n = 0 };
	struct od_unwind_start start = { .returns = false };

	*ret = (struct od_trace){ 0 };
	if (!u || !regs)
		return false;
	start.regs = regs->regs;
	add_task_stack(k, stack, &stacks);
	od_stacks_of_cpu(k, cpu, &stacks);
	od_unwind(u, &start, &stacks, arena, ret);
	if (stack && od_stacks_overrun(k->mem, stack))
		ret->overflow = true;
	return true;
}

bool od_backtrace_blocked(struct od_kernel *k, uint64_t stack, uint64_t sp, uint64_t fp,
			  uint64_t pc, struct od_arena *arena, struct od_trace *ret)
{
	struct od_unwinder *u = od_kernel_unwinder(k);
	struct od_stack_ranges stacks = { .n = 0 };
	struct od_unwind_start start;
	uint64_t bp = BP_OFFSET, ra = RET_OFFSET;

	*ret = (struct od_trace){ 0 };
	if (!u)
		return false;
	add_task_stack(k, stack, &stacks);
	if (u->arch == OD_REGS_ARM64) {
		od_unwind_start_context(fp, sp, pc, &start);
	} else {
		od_kernel_offset(k, "struct inactive_task_frame", "bp", &bp);
		od_kernel_offset(k, "struct inactive_task_frame", "ret_addr", &ra);
		if (!od_unwind_start_blocked(u, sp, bp, ra, &start))
			return false;
	}
	od_unwind(u, &start, &stacks, arena, ret);
	return true;
}
