/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stacks, ORC tables and code of an attacker's choice: the walk ends, in few reads, and every frame
 * has what its flags promise. The input is a header and then all the memory there is, from BASE on.
 */
#include <string.h>

#include "target/kernel/unwind.h"
#include "tests/fuzz/fuzz.h"

enum {
	BASE = 0x1000,
	HEADER = 32,
	FUNCTION = 64,
	MAX_READS = 2 * 1024 * 1024, /* far more than any honest stack takes */
};

struct memory {
	struct od_memory mem;
	const uint8_t *data;
	size_t len;
	unsigned long reads;
};

static enum od_mem_status read_input(struct od_memory *mem, enum od_space space, uint64_t addr,
				     void *buf, size_t len, size_t *got)
{
	struct memory *m = (struct memory *)mem;
	size_t left;

	(void)space;
	m->reads++;
	*got = 0;
	if (addr < BASE || addr - BASE >= m->len)
		return OD_MEM_UNMAPPED;
	left = m->len - (size_t)(addr - BASE);
	*got = len < left ? len : left;
	memcpy(buf, m->data + (addr - BASE), *got);
	/* The rest of the last page is zeros, else no table could ever be read. */
	if (*got < len && (addr + *got) / 4096 == (addr + len - 1) / 4096) {
		memset((uint8_t *)buf + *got, 0, len - *got);
		*got = len;
	}
	return *got == len ? OD_MEM_OK : OD_MEM_EXCLUDED;
}

static bool function_at(void *ctx, uint64_t addr, uint64_t *start, uint64_t *size)
{
	(void)ctx;
	*start = addr & ~(uint64_t)(FUNCTION - 1);
	*size = FUNCTION;
	return addr % 7 != 0; /* some code has no symbol */
}

static void check(const struct od_trace *t, const struct memory *m)
{
	FUZZ_CHECK(t->n <= OD_MAX_TRACE);
	FUZZ_CHECK(t->end <= OD_UNWIND_LIMIT);
	FUZZ_CHECK(t->end != OD_UNWIND_USER || (t->user && od_regs_user(t->user)));
	FUZZ_CHECK(m->reads < MAX_READS);
	for (uint32_t i = 0; i < t->n; i++) {
		const struct od_unwound *f = &t->frames[i];

		FUZZ_CHECK(!(f->flags & OD_UW_GUESSED) || (f->flags & OD_UW_CALL_SITE));
		FUZZ_CHECK(!(f->flags & OD_UW_INTERRUPTED) || f->regs);
		FUZZ_CHECK(f->stack < OD_STACK_KINDS);
		FUZZ_CHECK(i == 0 || f->sp != t->frames[i - 1].sp ||
			   f->stack != t->frames[i - 1].stack || (f->flags & OD_UW_CALL_SITE));
	}
}

static uint64_t at(const uint8_t *p, unsigned i)
{
	return BASE + (p[i] | (uint64_t)p[i + 1] << 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory m = { .mem = { .read = read_input, .pointer_size = 8, .page_size = 4096 } };
	struct od_unwinder u = { .mem = &m.mem, .function = function_at, .text_first = BASE };
	struct od_unwind_start start = { .returns = false };
	struct od_stack_ranges stacks = { .n = 0 };
	struct od_arena arena;
	struct od_trace t;

	if (size < HEADER)
		return 0;
	m.data = data + HEADER;
	m.len = size - HEADER;
	u.arch = data[0] & 8 ? OD_REGS_ARM64 : OD_REGS_X86_64;
	u.text_last = at(data, 2);
	u.thunk_first = BASE + data[1];
	u.thunk_last = u.thunk_first + 16;
	u.trampolines[0] = BASE + data[1];
	u.regs_frame = data[1];
	u.orc = data[0] & 16 ? NULL : od_orc_create(&m.mem);
	if (u.orc) {
		uint32_t count = (uint32_t)at(data, 8) - BASE;

		od_orc_add(u.orc, at(data, 4), at(data, 6), count, BASE, u.text_last);
		od_orc_add(u.orc, at(data, 4), at(data, 6), count / 2 + 1, BASE / 2, BASE + 64);
		if (data[0] & 32)
			od_orc_set_lookup(u.orc, at(data, 10), data[12], BASE);
		od_orc_set_version(u.orc, data[0] & 64 ? od_orc_guess_version(u.orc) :
							 (enum od_orc_version)(1 + data[0] % 4));
	}
	od_stacks_add(&stacks, OD_STACK_TASK, at(data, 13), at(data, 15));
	od_stacks_add(&stacks, OD_STACK_IRQ, at(data, 17), at(data, 19));
	start.regs.arch = u.arch;
	for (unsigned i = 0; i < od_regs_count(u.arch); i++)
		od_regs_set(&start.regs, i, at(data, 21 + i % 9));
	start.regs.v[OD_X86_CS] = 0x10;
	start.returns = data[0] >> 7;
	od_arena_init(&arena);
	od_unwind(&u, &start, &stacks, &arena, &t);
	check(&t, &m);
	m.reads = 0;
	if (od_unwind_start_blocked(&u, at(data, 21), 40, 48, &start)) {
		od_unwind(&u, &start, &stacks, &arena, &t);
		check(&t, &m);
	}
	od_arena_deinit(&arena);
	od_orc_destroy(u.orc);
	return 0;
}
