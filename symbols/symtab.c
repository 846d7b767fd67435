/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbols/symtab.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "symbols/kallsyms.h"
#include "symbols/modsyms.h"

enum {
	/* If the next symbol is farther than this, a symbol ends earlier, nobody knows where. */
	MAX_TEXT = 4 << 20,
	MAX_DATA = 64 << 20,
	UNKNOWN_SIZE = 4096,  /* bytes that a symbol of unknown size covers */
	MAX_NUMBER = 1 << 24, /* an absolute symbol below is no address but a per-cpu offset ... */
};

struct od_symtab {
	struct od_memory *mem;
	struct od_kallsyms kernel;
	struct od_modsyms *modules; /* a pointer: look-ups sort it */
};

struct od_symtab *od_symtab_create(struct od_memory *mem)
{
	struct od_symtab *tab = od_calloc(1, sizeof(*tab));

	tab->mem = mem;
	tab->modules = od_malloc(sizeof(*tab->modules));
	od_modsyms_init(tab->modules);
	return tab;
}

void od_symtab_destroy(struct od_symtab *tab)
{
	if (!tab)
		return;
	od_kallsyms_deinit(&tab->kernel);
	od_modsyms_deinit(tab->modules);
	free(tab->modules);
	free(tab);
}

struct od_error *od_symtab_load_kernel(struct od_symtab *tab, const struct od_vmcoreinfo *info)
{
	struct od_kallsyms ks = { 0 };
	struct od_error *err = od_kallsyms_load(&ks, tab->mem, info);

	if (err) {
		od_kallsyms_deinit(&ks);
		return err;
	}
	od_kallsyms_deinit(&tab->kernel);
	tab->kernel = ks;
	return NULL;
}

uint32_t od_symtab_add_module(struct od_symtab *tab, const char *name, uint64_t symtab,
			      uint64_t count, uint64_t strtab, uint64_t strtab_size,
			      uint64_t typetab, uint64_t text, uint64_t size)
{
	return od_modsyms_add(tab->modules, tab->mem, name, symtab, count, strtab, strtab_size,
			      typetab, text, size);
}

uint32_t od_symtab_count(const struct od_symtab *tab)
{
	return tab->kernel.n;
}

/* How many of the kernel's symbols are at most at addr. */
static uint32_t up_to(const struct od_kallsyms *ks, uint64_t addr)
{
	uint32_t lo = 0, hi = ks->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (ks->addr[mid] <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint64_t kernel_size(const struct od_kallsyms *ks, uint32_t i, char type)
{
	uint32_t next = up_to(ks, ks->addr[i]);
	uint64_t size = next < ks->n ? ks->addr[next] - ks->addr[i] : 0;

	return size <= (strchr("tTwW", type) ? MAX_TEXT : MAX_DATA) ? size : 0;
}

static void cut_mark(struct od_symbol *sym, size_t len)
{
	if (len >= sizeof(sym->name))
		memcpy(sym->name + sizeof(sym->name) - 4, "...", 3);
}

static void kernel_symbol(const struct od_kallsyms *ks, uint32_t i, struct od_symbol *ret)
{
	ret->addr = ks->addr[i];
	ret->type = od_kallsyms_type(ks, i);
	ret->size = kernel_size(ks, i, ret->type);
	ret->module = NULL;
	cut_mark(ret, od_kallsyms_name(ks, i, ret->name, sizeof(ret->name)));
}

static void module_symbol(struct od_modsyms *ms, uint32_t i, struct od_symbol *ret)
{
	const struct od_modsym *s = &ms->syms[i];
	const char *name = ms->names + s->name;

	ret->addr = s->addr;
	ret->type = s->type;
	ret->size = od_modsyms_size(ms, i);
	ret->module = ms->modules[s->module].name;
	memcpy(ret->name, name, strlen(name) + 1); /* od_modsyms_add() has cut it */
}

/* The last symbol at or below addr, the first of its aliases; OD_INDEX_END: none covers it. */
static uint32_t kernel_at(const struct od_kallsyms *ks, uint64_t addr)
{
	uint32_t i = up_to(ks, addr);
	uint64_t start, size;
	char type;

	if (!i)
		return OD_INDEX_END;
	start = ks->addr[i - 1];
	i = start ? up_to(ks, start - 1) : 0;
	type = od_kallsyms_type(ks, i);
	if ((type == 'A' || type == 'a') && start < MAX_NUMBER)
		return OD_INDEX_END;
	size = kernel_size(ks, i, type);
	return addr - start < (size ? size : UNKNOWN_SIZE) ? i : OD_INDEX_END;
}

bool od_symtab_at(const struct od_symtab *tab, uint64_t addr, struct od_symbol *ret)
{
	uint32_t i = kernel_at(&tab->kernel, addr);
	uint64_t size;

	if (i != OD_INDEX_END) {
		kernel_symbol(&tab->kernel, i, ret);
		return true;
	}
	i = od_modsyms_at(tab->modules, addr, &size);
	if (i == OD_INDEX_END)
		return false;
	module_symbol(tab->modules, i, ret);
	return true;
}

bool od_symtab_find(const struct od_symtab *tab, const char *name, const char *module,
		    struct od_symbol *ret)
{
	uint32_t i = OD_INDEX_END;

	if (!module || !*module)
		i = od_kallsyms_find(&tab->kernel, name);
	if (i != OD_INDEX_END) {
		kernel_symbol(&tab->kernel, i, ret);
		return true;
	}
	if (!module || *module)
		i = od_modsyms_find(tab->modules, name, module);
	if (i == OD_INDEX_END)
		return false;
	module_symbol(tab->modules, i, ret);
	return true;
}

void od_symtab_find_all(const struct od_symtab *tab, const char *const *names, uint64_t *addrs,
			size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t sym = od_kallsyms_find(&tab->kernel, names[i]);

		addrs[i] = sym == OD_INDEX_END ? 0 : tab->kernel.addr[sym];
	}
}

void od_symtab_each(const struct od_symtab *tab, const char *prefix,
		    bool (*fn)(void *ctx, const struct od_symbol *sym), void *ctx)
{
	size_t len = strlen(prefix);
	struct od_symbol sym;

	for (uint32_t i = 0; i < tab->kernel.n; i++) {
		if (len && !od_kallsyms_is(&tab->kernel, i, prefix, len, true))
			continue;
		kernel_symbol(&tab->kernel, i, &sym);
		if (!fn(ctx, &sym))
			return;
	}
	for (uint32_t i = 0; i < tab->modules->n; i++) {
		if (strncmp(tab->modules->names + tab->modules->syms[i].name, prefix, len) != 0)
			continue;
		module_symbol(tab->modules, i, &sym);
		if (!fn(ctx, &sym))
			return;
	}
}
