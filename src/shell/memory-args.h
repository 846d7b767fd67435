/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of commands that look into memory: addresses, symbols, tasks; and how they are printed. */
#ifndef OD_SHELL_MEMORY_ARGS_H
#define OD_SHELL_MEMORY_ARGS_H

#include "shell/command.h"
#include "target/kernel/kernel.h"
#include "target/kernel/tasks.h"

struct od_session;

/*
 * "0xffff...", "ffff...", "symbol", "symbol+0x10", "symbol+16", "symbol:CPU" (a per-cpu variable).
 * A name that is a symbol wins over digits. OD_ERR_USAGE.
 */
struct od_error *od_memory_address(struct od_kernel *k, const char *word, uint64_t *ret);
/* A pid, the address of a task_struct or of anything on its stack. NULL: there is none. */
const struct od_task *od_memory_task(struct od_kernel *k, const char *word);
/* "name+0x10/0x40 [module]" of an address, escaped. False: no symbol covers it. */
bool od_memory_symbol(struct od_kernel *k, uint64_t addr, struct od_buf *out);
/* "[ffff888003c4a000:kmalloc-64]" of an address in a slab object, escaped. False: it is in none. */
bool od_memory_cache(struct od_kernel *k, uint64_t addr, struct od_buf *out);
/* text, escaped and then filled with blanks to width bytes: a cell of a table. */
void od_memory_padded(struct od_buf *out, const char *text, size_t width);

/* Memory that commands look into, of a dump or of a core. */
struct od_memory_view {
	struct od_memory *mem;
	struct od_kernel *kernel; /* NULL: it is a core */
	struct od_session *session;
};

/* OD_ERR_USAGE: the input has none. */
struct od_error *od_memory_view(struct od_session *s, struct od_memory_view *ret);
/* A word as an address; see od_memory_address() and od_core_word(). */
struct od_error *od_view_address(const struct od_memory_view *v, const char *word, uint64_t *ret);
/* The symbol at an address, escaped. */
bool od_view_symbol(const struct od_memory_view *v, uint64_t addr, struct od_buf *out);

#endif
