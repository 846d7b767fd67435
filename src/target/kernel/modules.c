/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/kernel/modules.h"

#include <stdlib.h>
#include <string.h>

#include "model/taint.h"
#include "target/kernel/backtrace.h"
#include "target/kernel/infer.h"
#include "target/kernel/modules-internal.h"

enum {
	MAX_NAME = 128,	   /* MODULE_NAME_LEN is 56 on 64 bit, 60 on 32 */
	MAX_VERSION = 256,
	MAX_SYMBOLS = 1 << 20,
	MODULE_REF_BASE = 1, /* kernel/module/main.c, since 4.0 */
};

#define ROW(paths, member) { paths, offsetof(struct od_module_fields, member) }
static const struct od_field_row module_rows[] = {
	ROW("list", list), ROW("name", name), ROW("state", state), ROW("version", version),
	ROW("srcversion", srcversion), ROW("taints", taints), ROW("refcnt", refcnt),
	ROW("kallsyms", kallsyms), ROW("percpu", percpu), ROW("percpu_size", percpu_size),
	ROW("arch.num_orcs", num_orcs), ROW("arch.orc_unwind_ip", orc_ip),
	ROW("arch.orc_unwind", orc), ROW("source_list", users), ROW("notes_attrs", notes_attrs),
	ROW("sect_attrs", sect_attrs),
};
static const struct od_field_row kallsyms_rows[] = {
	ROW("symtab", symtab), ROW("num_symtab", num_symtab), ROW("strtab", strtab),
	ROW("typetab", typetab),
};
#undef ROW

struct collect {
	struct od_kernel *k;
	struct od_modules *modules;
	const struct od_module_fields *f;
	uint32_t cap;
};

static void find_fields(struct od_kernel *k, struct od_module_fields *f)
{
	*f = (struct od_module_fields){ 0 };
	od_kernel_fields(k, "struct module", module_rows,
			 sizeof(module_rows) / sizeof(*module_rows), f);
	od_kernel_fields(k, "struct mod_kallsyms", kallsyms_rows,
			 sizeof(kallsyms_rows) / sizeof(*kallsyms_rows), f);
	f->known = f->list.known && f->name.known && f->name.size > 1;
}

/* What a member points to, as text; NULL if it is null or cannot be read. */
static const char *text_at(struct od_kernel *k, const struct od_field *f, uint64_t addr)
{
	char buf[MAX_VERSION];
	uint64_t p;

	if (!od_field_read(k, f, addr, &p) || !p ||
	    od_mem_string(k->mem, p, buf, sizeof(buf)) != OD_MEM_OK || !*buf)
		return NULL;
	return od_arena_strdup(&k->arena, buf);
}

static const char *name_at(struct od_kernel *k, const struct od_field *f, uint64_t addr)
{
	char buf[MAX_NAME];
	size_t room = f->size < sizeof(buf) ? f->size + 1 : sizeof(buf);

	if (od_mem_string(k->mem, addr + f->offset, buf, room) != OD_MEM_OK || !*buf)
		return NULL;
	return od_arena_strdup(&k->arena, buf);
}

/* enum module_state: LIVE, COMING, GOING, UNFORMED */
static char state_of(struct od_kernel *k, const struct od_field *f, uint64_t addr)
{
	uint64_t state;

	return od_field_read(k, f, addr, &state) && state < 4 ? "LCGU"[state] : '?';
}

/* Bytes from addr to the end of the part that it lies in; 0: it lies in none. */
static uint64_t left_in(const struct od_kmodule *m, uint64_t addr)
{
	for (uint32_t i = 0; i < m->nranges; i++)
		if (addr - m->range[i].base < m->range[i].size)
			return m->range[i].size - (addr - m->range[i].base);
	return 0;
}

static void add_symbols(struct od_kernel *k, const struct od_module_fields *f,
			const struct od_kmodule *m)
{
	uint64_t tab, symtab, count, strtab, typetab;

	if (!od_field_read(k, &f->kallsyms, m->addr, &tab) || !tab ||
	    !od_field_read(k, &f->symtab, tab, &symtab) ||
	    !od_field_read(k, &f->num_symtab, tab, &count) ||
	    !od_field_read(k, &f->strtab, tab, &strtab) || count > MAX_SYMBOLS)
		return;
	od_field_read(k, &f->typetab, tab, &typetab);
	if (left_in(m, strtab))
		od_symtab_add_module(k->symtab, m->name, symtab, count, strtab, left_in(m, strtab),
				     typetab, m->text, m->text_size);
}

static void add_orc(struct od_kernel *k, const struct od_module_fields *f,
		    const struct od_kmodule *m)
{
	uint64_t count, ips, rows;

	if (od_field_read(k, &f->num_orcs, m->addr, &count) && count &&
	    od_field_read(k, &f->orc_ip, m->addr, &ips) &&
	    od_field_read(k, &f->orc, m->addr, &rows) && count <= left_in(m, ips) / 4 &&
	    count <= left_in(m, rows) / 6)
		od_backtrace_add_module(k, ips, rows, count, m->text, m->text_size);
}

static bool one_module(void *ctx, uint64_t addr)
{
	struct collect *c = ctx;
	struct od_kernel *k = c->k;
	struct od_kmodule m = { .addr = addr, .refs = -1 };
	uint64_t refs;

	m.name = name_at(k, &c->f->name, addr);
	if (!m.name) {
		c->modules->why =
			"the list of modules leads to what cannot be read, or is no module";
		return false;
	}
	m.version = text_at(k, &c->f->version, addr);
	m.srcversion = text_at(k, &c->f->srcversion, addr);
	m.state = state_of(k, &c->f->state, addr);
	od_field_read(k, &c->f->taints, addr, &m.taints);
	if (od_field_read(k, &c->f->refcnt, addr, &refs) && refs <= INT32_MAX)
		m.refs = (int32_t)refs - MODULE_REF_BASE;
	if (od_field_read(k, &c->f->percpu_size, addr, &m.percpu_size) && m.percpu_size)
		od_field_read(k, &c->f->percpu, addr, &m.percpu);
	od_kmodule_layout(k, &m);
	m.build_id = od_kmodule_build_id(k, c->f, addr);
	/* One that is still being loaded has tables that are not set up. */
	if (m.state == 'L' || m.state == 'C' || m.state == 'G') {
		add_symbols(k, c->f, &m);
		add_orc(k, c->f, &m);
	}
	*od_push(&k->arena, c->modules->module, c->modules->n, c->cap) = m;
	return true;
}

struct unloaded {
	struct od_kernel *k;
	struct od_modules *modules;
	struct od_field name, taints, count;
	uint32_t cap;
};

static bool one_unloaded(void *ctx, uint64_t addr)
{
	struct unloaded *u = ctx;
	struct od_unloaded one = { .name = name_at(u->k, &u->name, addr) };

	if (!one.name)
		return false;
	od_field_read(u->k, &u->taints, addr, &one.taints);
	od_field_read(u->k, &u->count, addr, &one.count);
	*od_push(&u->k->arena, u->modules->unloaded, u->modules->nunloaded, u->cap) = one;
	return true;
}

/* kernel/module/tracking.c: struct mod_unload_taint */
static void find_unloaded(struct od_kernel *k, struct od_modules *modules)
{
	struct unloaded u = { .k = k, .modules = modules };
	uint64_t head = od_kernel_symbol(k, "unloaded_tainted_modules"), list;

	if (!head || !od_kernel_field(k, "struct mod_unload_taint", "name", &u.name) ||
	    !od_kernel_offset(k, "struct mod_unload_taint", "list", &list))
		return;
	od_kernel_field(k, "struct mod_unload_taint", "taints", &u.taints);
	od_kernel_field(k, "struct mod_unload_taint", "count", &u.count);
	od_kernel_list(k, head, list, OD_MAX_KMODULES, one_unloaded, &u);
}

static const char *collect(struct od_kernel *k, struct od_modules *modules)
{
	struct od_module_fields f;
	struct collect c = { .k = k, .modules = modules, .f = &f };
	const char *why;
	uint64_t head;

	od_infer_modules(k);
	head = od_kernel_symbol(k, "modules");
	find_fields(k, &f);
	if (!f.known && !k->btf)
		return od_arena_printf(&k->arena,
				       "the layout of modules is not known: no types: %s",
				       k->why_no_types);
	if (!f.known)
		return "the types of the kernel do not tell the layout of modules";
	if (!head)
		return "there is no symbol modules";
	why = od_kernel_list(k, head, f.list.offset, OD_MAX_KMODULES, one_module, &c);
	find_unloaded(k, modules);
	return why ? od_arena_printf(&k->arena, "the list of modules is damaged: %s", why) :
		     modules->why;
}

const struct od_modules *od_kernel_modules(struct od_kernel *k)
{
	if (!k->modules) {
		k->modules = od_arena_alloc(&k->arena, sizeof(*k->modules));
		k->modules_tried = true;
		k->modules->why = collect(k, k->modules);
	}
	return k->modules;
}

void od_modules_deinit(struct od_kernel *k)
{
	for (uint32_t i = 0; k->modules && i < k->modules->n; i++)
		od_btf_destroy(k->modules->module[i].btf);
}

const struct od_kmodule *od_kmodule_at(const struct od_modules *modules, uint64_t addr,
				       const struct od_kmodule_range **range)
{
	for (uint32_t i = 0; i < modules->n; i++) {
		const struct od_kmodule *m = &modules->module[i];

		for (uint32_t j = 0; j < m->nranges; j++) {
			if (addr - m->range[j].base >= m->range[j].size)
				continue;
			if (range)
				*range = &m->range[j];
			return m;
		}
	}
	return NULL;
}

static bool same_name(const char *a, const char *b)
{
	for (; *a && (*a == *b || (strchr("-_", *a) && *b && strchr("-_", *b))); a++)
		b++;
	return !*a && !*b;
}

const struct od_kmodule *od_kmodule_named(const struct od_modules *modules, const char *name)
{
	for (uint32_t i = 0; i < modules->n; i++)
		if (same_name(modules->module[i].name, name))
			return &modules->module[i];
	return NULL;
}

void od_taint_letters(uint64_t mask, char ret[65])
{
	unsigned n = 0;

	for (unsigned bit = 0; bit < 64; bit++)
		if (mask >> bit & 1)
			ret[n++] = od_taint_letter(bit) ? od_taint_letter(bit) : '?';
	ret[n] = '\0';
}
