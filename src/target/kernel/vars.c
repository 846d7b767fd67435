/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/vars.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "target/kernel/modules.h"

enum {
	X86_SP = 7, /* DWARF's numbers */
	ARM64_SP = 31,
	PERCPU_END = 16 << 20, /* addresses below are offsets into per-CPU areas */
	MAX_TRACE_VARS = 4096, /* of all frames of a trace */
};

struct chain {
	struct od_kernel *k;
	const struct od_kernel_code *code;
	const struct od_trace *trace;
	struct od_var_frame *frames;
	uint32_t n;
	od_kernel_var_fn *fn;
	void *ctx;
	uint32_t at; /* the frame whose variables come */
	uint32_t told;
};

/* --- registers --------------------------------------------------------------------------------- */

/* System V ABI, AMD64 supplement, figure 3.36; DWARF for the Arm 64-bit Architecture, 4.1. */
static const uint8_t x86_regs[] = {
	OD_X86_RAX, OD_X86_RDX, OD_X86_RCX, OD_X86_RBX, OD_X86_RSI, OD_X86_RDI, OD_X86_RBP, OD_X86_RSP,
	OD_X86_R8,  OD_X86_R9,	OD_X86_R10, OD_X86_R11, OD_X86_R12, OD_X86_R13, OD_X86_R14, OD_X86_R15,
};

static void to_dwarf(const struct od_regs *regs, struct od_dwarf_regs *ret)
{
	unsigned n = regs->arch == OD_REGS_X86_64 ? sizeof(x86_regs) : ARM64_SP + 1;

	ret->known = 0;
	for (unsigned i = 0; i < n; i++) {
		unsigned from = regs->arch == OD_REGS_X86_64 ? x86_regs[i] : i;

		if (od_regs_has(regs, from))
			od_dwarf_reg_set(ret, i, regs->v[from]);
	}
}

static bool is_call(const struct od_unwound *u)
{
	return u->flags & OD_UW_RETURN && !(u->flags & (OD_UW_GUESSED | OD_UW_TRAMPOLINE));
}

/* Where its code is in a debug file. */
static void find_code(struct chain *c, uint32_t i)
{
	const struct od_unwound *u = &c->trace->frames[i];
	bool returns = u->flags & OD_UW_RETURN;
	struct od_var_frame *f = &c->frames[i];
	struct od_symbol sym;

	if (u->flags & (OD_UW_GUESSED | OD_UW_NO_CODE | OD_UW_TRAMPOLINE) ||
	    !od_symtab_at(c->k->symtab, u->pc - returns, &sym) ||
	    !c->code->find(c->code->ctx, &sym, u->pc - returns - sym.addr, &f->dbg, &f->pc)) {
		f->dbg = NULL;
		return;
	}
	f->return_pc = returns ? f->pc + 1 : 0;
}

/* Frame i was called by frame i + 1: what that one's registers are, and where i ends. */
static void link_caller(struct chain *c, uint32_t i)
{
	const struct od_unwound *next = &c->trace->frames[i + 1];
	struct od_var_frame *f = &c->frames[i], *caller = &c->frames[i + 1];
	unsigned sp = c->k->arm64 ? ARM64_SP : X86_SP;
	uint64_t cfa;

	if (!is_call(next))
		return;
	f->caller = caller;
	/* arm64's frame records do not tell where a stack frame ends. */
	if (!c->k->arm64) {
		f->has_cfa = true;
		f->cfa = next->sp;
	}
	if (next->regs)
		return;
	if (!f->dbg || !od_debug_caller(f, c->k->mem, &caller->regs, &cfa) ||
	    (!c->k->arm64 && cfa != next->sp))
		caller->regs.known = 0;
	if (!c->k->arm64)
		od_dwarf_reg_set(&caller->regs, sp, next->sp);
}

static void walk(struct chain *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		find_code(c, i);
		if (c->trace->frames[i].regs)
			to_dwarf(c->trace->frames[i].regs, &c->frames[i].regs);
	}
	for (uint32_t i = 0; i + 1 < c->n; i++)
		link_caller(c, i);
}

/* --- addresses --------------------------------------------------------------------------------- */

struct section_search {
	struct od_debug *dbg;
	uint64_t file, ret;
	bool found;
};

static bool in_section(void *ctx, const char *name, uint64_t addr)
{
	struct section_search *s = ctx;
	uint64_t begin, size;

	if (!od_debug_section(s->dbg, name, &begin, &size) || s->file < begin || s->file - begin >= size)
		return true;
	s->ret = addr + (s->file - begin);
	s->found = true;
	return false;
}

/* The kernel was moved as a whole; each section of a module has a place of its own. */
static bool address(void *ctx, struct od_debug *dbg, uint64_t file, uint64_t *ret)
{
	const struct chain *c = ctx;
	struct od_debug_symbol text;
	struct section_search s = { .dbg = dbg, .file = file };
	const struct od_kmodule *m;
	uint64_t stext = od_kernel_symbol(c->k, "_stext");

	if (od_debug_find(dbg, "_stext", &text, 1) == 1) {
		*ret = file < PERCPU_END ? file : file + stext - text.addr;
		return stext != 0;
	}
	m = od_kmodule_at(od_kernel_modules(c->k), c->trace->frames[c->at].pc, NULL);
	if (m)
		od_kmodule_sections(c->k, m, in_section, &s);
	*ret = s.ret;
	return s.found;
}

static bool symbol(void *ctx, uint64_t addr, struct od_buf *out)
{
	const struct chain *c = ctx;
	struct od_symbol sym;

	if (!od_symtab_at(c->k->symtab, addr, &sym))
		return false;
	od_buf_addstr(out, sym.name);
	if (addr != sym.addr)
		od_buf_printf(out, "+0x%" PRIx64, addr - sym.addr);
	return true;
}

static void add(void *ctx, const struct od_variable *var)
{
	struct chain *c = ctx;

	c->told++;
	c->fn(c->ctx, c->at, var);
}

void od_kernel_vars(struct od_kernel *k, const struct od_kernel_code *code,
		    const struct od_trace *trace, od_kernel_var_fn *fn, void *ctx)
{
	struct chain c = { .k = k, .code = code, .trace = trace, .fn = fn, .ctx = ctx };
	const struct od_var_world world = { .mem = k->mem, .address = address, .symbol = symbol,
					    .ctx = &c };

	c.n = trace->n < OD_MAX_VAR_FRAMES ? trace->n : OD_MAX_VAR_FRAMES;
	c.frames = od_calloc(c.n ? c.n : 1, sizeof(*c.frames));
	walk(&c);
	for (; c.at < c.n && c.told < MAX_TRACE_VARS; c.at++)
		od_debug_vars(&c.frames[c.at], &world, add, &c);
	free(c.frames);
}
