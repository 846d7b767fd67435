/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/memory-args.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "pipeline-core.h"
#include "shell/core.h"
#include "shell/session.h"
#include "target/kernel/modules.h"
#include "target/kernel/page.h"
#include "target/kernel/percpu.h"

/* The symbol part of word, up to '+' or ':'; name has room for OD_SYMBOL_NAME. */
static bool symbol_address(struct od_kernel *k, const char *word, size_t len, uint64_t *ret)
{
	char name[OD_SYMBOL_NAME];
	struct od_symbol sym;

	if (len == 0 || len >= sizeof(name))
		return false;
	memcpy(name, word, len);
	name[len] = '\0';
	od_kernel_modules(k); /* with their symbols */
	if (!od_symtab_find(k->symtab, name, NULL, &sym))
		return k->info && od_vmcoreinfo_symbol(k->info, name, ret);
	*ret = sym.addr;
	return true;
}

struct od_error *od_memory_address(struct od_kernel *k, const char *word, uint64_t *ret)
{
	size_t len = strcspn(word, "+:");
	uint64_t base, more = 0;
	bool cpu = word[len] == ':', parsed;

	if (!symbol_address(k, word, len, &base)) {
		if (word[len] == ':' || !od_parse_address(word, ret))
			return od_error_new(OD_ERR_USAGE,
					    "'%s' is neither an address nor a symbol of the dump",
					    word);
		return NULL;
	}
	parsed = !word[len] || od_parse_number(word + len + 1, &more);
	if (!parsed || (cpu && more >= od_kernel_ncpus(k)))
		return od_error_new(OD_ERR_USAGE, "'%s' is not %s", word + len,
				    cpu ? ":CPU of a CPU of the dump" : "+NUMBER");
	*ret = cpu ? od_kernel_percpu(k, base, (unsigned)more) : base + more;
	return NULL;
}

const struct od_task *od_memory_task(struct od_kernel *k, const char *word)
{
	const struct od_tasks *tasks = od_kernel_tasks(k);
	const struct od_task *task = NULL;
	uint64_t n;

	if (od_parse_number(word, &n) && n <= INT32_MAX)
		task = od_task_by_pid(tasks, (int32_t)n);
	if (!task && od_parse_address(word, &n))
		task = od_task_by_addr(tasks, n);
	if (!task && od_parse_address(word, &n))
		task = od_task_by_stack(k, tasks, n);
	return task;
}

bool od_memory_symbol(struct od_kernel *k, uint64_t addr, struct od_buf *out)
{
	struct od_symbol sym;

	od_kernel_modules(k);
	if (!od_symtab_at(k->symtab, addr, &sym))
		return false;
	od_escape_str(out, OD_ESCAPE_TEXT, sym.name);
	if (addr != sym.addr)
		od_buf_printf(out, "+0x%" PRIx64, addr - sym.addr);
	if (addr != sym.addr && sym.size)
		od_buf_printf(out, "/0x%" PRIx64, sym.size);
	if (sym.module) {
		od_buf_addstr(out, " [");
		od_escape_str(out, OD_ESCAPE_TEXT, sym.module);
		od_buf_addch(out, ']');
	}
	return true;
}

bool od_memory_cache(struct od_kernel *k, uint64_t addr, struct od_buf *out)
{
	struct od_slab_object object;
	struct od_page page;
	uint64_t phys;

	if (!k->dump || od_dump_vtop(k->dump, addr, &phys, NULL) != OD_MEM_OK || !od_kernel_page(k, phys, &page) ||
	    !page.slab || !od_kernel_slab(k, addr, &page, &object))
		return false;
	od_buf_printf(out, "[%" PRIx64 ":", addr);
	od_escape_str(out, OD_ESCAPE_TEXT, object.name);
	od_buf_addch(out, ']');
	return true;
}

void od_memory_padded(struct od_buf *out, const char *text, size_t width)
{
	size_t before = out->len;

	od_escape_str(out, OD_ESCAPE_TEXT, text);
	if (out->len - before < width)
		od_buf_fill(out, ' ', width - (out->len - before));
}

struct od_error *od_memory_view(struct od_session *s, struct od_memory_view *ret)
{
	struct od_error *err = NULL;
	struct od_kernel *k;

	*ret = (struct od_memory_view){ .session = s };
	k = od_session_kernel(s, &err);
	if (od_session_has_core(s)) {
		od_error_free(err);
		ret->mem = od_core_memory(s->target.core);
		return NULL;
	}
	if (!k)
		return err;
	ret->kernel = k;
	ret->mem = k->mem;
	return NULL;
}

struct od_error *od_view_address(const struct od_memory_view *v, const char *word, uint64_t *ret)
{
	return v->kernel ? od_memory_address(v->kernel, word, ret) : od_core_word(v->session, word, ret);
}

bool od_view_symbol(const struct od_memory_view *v, uint64_t addr, struct od_buf *out)
{
	struct od_buf name = OD_BUF_INIT;
	bool found;

	if (v->kernel)
		return od_memory_symbol(v->kernel, addr, out);
	found = od_pipeline_core_symbol(v->session->target.core, v->session->find, addr, &name);
	if (found)
		od_escape_str(out, OD_ESCAPE_TEXT, od_buf_str(&name));
	od_buf_deinit(&name);
	return found;
}
