/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bt -f, -F and -e: what lies on the stack. */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "shell/memory-args.h"
#include "shell/task-print.h"
#include "target/kernel/modules.h"

enum { MAX_FRAME = 16384, PER_LINE = 2 }; /* bytes of one frame that are shown, words */

static void put_word(struct od_kernel *k, uint64_t value, bool symbols, struct od_buf *out)
{
	struct od_symbol sym;

	od_buf_addch(out, ' ');
	/* Small numbers are no addresses, whatever per-cpu symbols there are. */
	if (symbols && value >> (k->mem->pointer_size * 8 - 1) && od_symtab_at(k->symtab, value, &sym)) {
		od_escape_str(out, OD_ESCAPE_TEXT, sym.name);
		if (value != sym.addr)
			od_buf_printf(out, "+0x%" PRIx64, value - sym.addr);
		return;
	}
	if (symbols && value >> (k->mem->pointer_size * 8 - 1) && od_memory_cache(k, value, out))
		return;
	od_buf_printf(out, "%0*" PRIx64, 2 * k->mem->pointer_size, value);
}

static void put_range(struct od_kernel *k, uint64_t from, uint64_t to, bool symbols, struct od_buf *out)
{
	uint32_t width = k->mem->pointer_size, n = 0;
	uint64_t value;

	for (uint64_t at = from; at < to && at - from < MAX_FRAME; at += width, n++) {
		if (n % PER_LINE == 0)
			od_buf_printf(out, "%s    %016" PRIx64 ":", n ? "\n" : "", at);
		if (od_mem_pointer(k->mem, at, &value) == OD_MEM_OK)
			put_word(k, value, symbols, out);
		else
			od_buf_addstr(out, " ?");
	}
	if (n)
		od_buf_addch(out, '\n');
}

/* Where the words of frame i end: where the next one begins, if that is further out on the same stack. */
static uint64_t frame_end(struct od_kernel *k, const struct od_task *task, const struct od_trace *trace, uint32_t i)
{
	const struct od_unwound *u = &trace->frames[i];
	const uint64_t top = task->stack + od_kernel_stack_size(k);

	if (i + 1 < trace->n && trace->frames[i + 1].stack == u->stack && trace->frames[i + 1].sp > u->sp)
		return trace->frames[i + 1].sp;
	if (i + 1 == trace->n && task->stack && u->sp >= task->stack && u->sp < top)
		return top;
	return u->sp;
}

void od_bt_words(struct od_kernel *k, const struct od_task *task, const struct od_trace *trace, bool symbols,
		 struct od_buf *out)
{
	od_kernel_modules(k); /* with their symbols */
	for (uint32_t i = 0; i < trace->n; i++) {
		const struct od_unwound *u = &trace->frames[i];

		od_buf_printf(out, "%3s%-3u [%016" PRIx64 "] ", u->flags & OD_UW_GUESSED ? "? " : "#", i, u->sp);
		if (!od_memory_symbol(k, u->pc, out))
			od_buf_printf(out, "%016" PRIx64, u->pc);
		od_buf_addch(out, '\n');
		put_range(k, u->sp & ~(uint64_t)(k->mem->pointer_size - 1), frame_end(k, task, trace, i), symbols, out);
	}
}

static void put_regs(const struct od_regs *regs, const char *what, struct od_buf *out)
{
	unsigned n = od_regs_count(regs->arch), shown = 0;

	od_buf_printf(out, "\n  %s", what);
	if (regs->at)
		od_buf_printf(out, " at %016" PRIx64, regs->at);
	for (unsigned i = 0; i < n; i++) {
		const char *name = od_regs_name(regs->arch, i);

		if (name && od_regs_has(regs, i))
			od_buf_printf(out, "%s%8s: %016" PRIx64, shown++ % 3 ? "  " : "\n  ", name, regs->v[i]);
	}
	od_buf_addch(out, '\n');
}

void od_bt_exceptions(const struct od_trace *trace, struct od_buf *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < trace->n; i++)
		if (trace->frames[i].flags & OD_UW_INTERRUPTED && trace->frames[i].regs) {
			put_regs(trace->frames[i].regs, "interrupted in the kernel, registers", out);
			n++;
		}
	if (trace->user) {
		put_regs(trace->user, "came from user mode, registers", out);
		n++;
	}
	if (!n)
		od_buf_addstr(out, "  nothing interrupted it\n");
}
