/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked for of single modules: sections, notes, users, types. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "target/kernel/modules-internal.h"

enum {
	MAX_NOTES = 64 * 1024, /* bytes of notes of one module */
	MAX_SECTION_NAME = 128,
	MAX_USERS = 4096,
};

/*
 * Attributes of a module in sysfs: an array of structs behind a counter up to 6.13, then pointers
 * to structs bin_attribute up to a null pointer (kernel/module/sysfs.c).
 */
struct attrs {
	struct od_kernel *k;
	uint64_t first;	  /* of the array of structs, or of pointers */
	uint64_t stride;  /* of structs; 0: pointers */
	uint64_t count;
	struct od_field name, private, size; /* of struct bin_attribute */
	uint64_t bin;	  /* offset of struct bin_attribute in one of the array */
};

static bool attrs_of(struct od_kernel *k, uint64_t addr, const char *type, const char *counter,
		     const char *element, struct attrs *ret)
{
	struct od_field f;
	char name[64];

	*ret = (struct attrs){ .k = k };
	snprintf(name, sizeof(name), "struct %s", type);
	if (!od_kernel_field(k, "struct bin_attribute", "attr.name", &ret->name))
		return false;
	od_kernel_field(k, "struct bin_attribute", "private", &ret->private);
	od_kernel_field(k, "struct bin_attribute", "size", &ret->size);
	if (od_kernel_field(k, name, counter, &f)) {
		ret->stride = od_kernel_size(k, element);
		if (!od_field_read(k, &f, addr, &ret->count) || !ret->stride ||
		    !od_kernel_field(k, name, "attrs", &f))
			return false;
		ret->first = addr + f.offset;
		return true;
	}
	ret->count = OD_MAX_SECTIONS;
	return od_kernel_field(k, name, "grp.bin_attrs", &f) &&
	       od_field_read(k, &f, addr, &ret->first) && ret->first;
}

/* Address of the nth element; 0: the end. */
static uint64_t attr_at(const struct attrs *a, uint64_t i)
{
	uint64_t ret;

	if (i >= a->count || i >= OD_MAX_SECTIONS)
		return 0;
	if (a->stride)
		return a->first + i * a->stride;
	return od_mem_pointer(a->k->mem, a->first + i * a->k->mem->pointer_size, &ret) == OD_MEM_OK
		       ? ret
		       : 0;
}

void od_kmodule_sections(struct od_kernel *k, const struct od_kmodule *m,
			 bool (*fn)(void *ctx, const char *name, uint64_t addr), void *ctx)
{
	struct od_field at, name, address;
	struct attrs a;
	uint64_t table, one, p, value;
	char text[MAX_SECTION_NAME];

	if (!od_kernel_field(k, "struct module", "sect_attrs", &at) ||
	    !od_field_read(k, &at, m->addr, &table) || !table ||
	    !attrs_of(k, table, "module_sect_attrs", "nsections", "struct module_sect_attr", &a))
		return;
	name = a.name;
	address = a.private;
	/* The element has the name itself before 5.8, in a bin_attribute until 6.13. */
	if (a.stride &&
	    (!od_kernel_field(k, "struct module_sect_attr", "battr.attr.name|name", &name) ||
	     !od_kernel_field(k, "struct module_sect_attr", "address", &address)))
		return;
	for (uint64_t i = 0; (one = attr_at(&a, i)) != 0; i++)
		if (!od_field_read(k, &name, one, &p) ||
		    od_mem_string(k->mem, p, text, sizeof(text)) != OD_MEM_OK ||
		    !od_field_read(k, &address, one, &value) || !fn(ctx, text, value))
			return;
}

const char *od_kmodule_build_id(struct od_kernel *k, const struct od_module_fields *f,
				uint64_t addr)
{
	const char *ret = NULL;
	uint64_t table, one, where, size;
	struct attrs a;

	if (!od_field_read(k, &f->notes_attrs, addr, &table) || !table ||
	    !attrs_of(k, table, "module_notes_attrs", "notes", "struct bin_attribute", &a))
		return NULL;
	for (uint64_t i = 0; !ret && (one = attr_at(&a, i)) != 0; i++) {
		uint8_t *notes;

		if (!od_field_read(k, &a.private, one, &where) ||
		    !od_field_read(k, &a.size, one, &size) || size > MAX_NOTES)
			break;
		notes = od_malloc(size);
		if (od_mem_read(k->mem, where, notes, size) == OD_MEM_OK)
			ret = od_build_id_in(k, notes, size);
		free(notes);
	}
	return ret;
}

struct users {
	struct od_kernel *k;
	struct od_field source, name;
	bool (*fn)(void *ctx, const char *name);
	void *ctx;
};

static bool one_user(void *ctx, uint64_t use)
{
	struct users *u = ctx;
	char name[MAX_SECTION_NAME];
	uint64_t source;

	if (!od_field_read(u->k, &u->source, use, &source) ||
	    od_mem_string(u->k->mem, source + u->name.offset, name, sizeof(name)) != OD_MEM_OK)
		return false;
	return u->fn(u->ctx, name);
}

/* module.source_list has a struct module_use for each module that uses this one. */
void od_kmodule_users(struct od_kernel *k, const struct od_kmodule *m,
		      bool (*fn)(void *ctx, const char *name), void *ctx)
{
	struct users u = { .k = k, .fn = fn, .ctx = ctx };
	uint64_t head, link;

	if (od_kernel_offset(k, "struct module", "source_list", &head) &&
	    od_kernel_offset(k, "struct module_use", "source_list", &link) &&
	    od_kernel_field(k, "struct module_use", "source", &u.source) &&
	    od_kernel_field(k, "struct module", "name", &u.name))
		od_kernel_list(k, m->addr + head, link, MAX_USERS, one_user, &u);
}

struct find_btf {
	struct od_kernel *k;
	uint64_t module, btf; /* the struct module that is looked for, and its struct btf */
	struct od_field owner, data;
};

static bool is_btf_of(void *ctx, uint64_t entry)
{
	struct find_btf *f = ctx;
	uint64_t owner;

	if (!od_field_read(f->k, &f->owner, entry, &owner) || owner != f->module)
		return true;
	od_field_read(f->k, &f->data, entry, &f->btf);
	return false;
}

/* kernel/bpf/btf.c: btf_modules, struct btf_module. module->btf_data is of no use: it is cleared.
 */
static struct od_btf *load_btf(struct od_kernel *k, const struct od_kmodule *m)
{
	struct find_btf f = { .k = k, .module = m->addr };
	uint64_t head = od_kernel_symbol(k, "btf_modules"), list, at, size;
	struct od_btf *ret = NULL;
	struct od_field field;
	uint8_t *data;

	if (!head || !od_kernel_offset(k, "struct btf_module", "list", &list) ||
	    !od_kernel_field(k, "struct btf_module", "module", &f.owner) ||
	    !od_kernel_field(k, "struct btf_module", "btf", &f.data))
		return NULL;
	od_kernel_list(k, head, list, OD_MAX_KMODULES, is_btf_of, &f);
	if (!f.btf || !od_kernel_field(k, "struct btf", "data", &field) ||
	    !od_field_read(k, &field, f.btf, &at) ||
	    !od_kernel_field(k, "struct btf", "data_size", &field) ||
	    !od_field_read(k, &field, f.btf, &size) || !size || size > (16u << 20))
		return NULL;
	data = od_malloc(size);
	if (od_mem_read(k->mem, at, data, size) != OD_MEM_OK)
		free(data);
	else
		od_error_free(od_btf_create(data, size, k->btf, &ret));
	return ret;
}

const struct od_btf *od_kmodule_types(struct od_kernel *k, const struct od_kmodule *m)
{
	struct od_kmodule *own = &k->modules->module[m - k->modules->module];

	if (!own->btf_tried) {
		own->btf_tried = true;
		own->btf = load_btf(k, m);
	}
	return own->btf;
}
