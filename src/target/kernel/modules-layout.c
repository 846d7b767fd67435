/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the parts of a module are: three generations of struct module. */
#include "target/kernel/modules-internal.h"

enum {
	MAX_PART = 1 << 30, /* bytes of one part */
	NPARTS = 7, /* enum mod_mem_type, the order of enum od_kmodule_part up to INIT_RODATA */
};

const char *od_kmodule_part_name(enum od_kmodule_part part)
{
	static const char *const names[] = {
		[OD_PART_TEXT] = "text",	   [OD_PART_DATA] = "data",
		[OD_PART_RODATA] = "rodata",	   [OD_PART_RO_AFTER_INIT] = "ro_after_init",
		[OD_PART_INIT_TEXT] = "init text", [OD_PART_INIT_DATA] = "init data",
		[OD_PART_INIT_RODATA] = "init rodata", [OD_PART_CORE] = "core",
		[OD_PART_INIT] = "init",
	};

	return (unsigned)part < sizeof(names) / sizeof(*names) ? names[part] : "unknown";
}

static void add_range(struct od_kmodule *m, enum od_kmodule_part part, uint64_t base, uint64_t size)
{
	if (!base || !size || size > MAX_PART || base + size < base ||
	    m->nranges == OD_KMODULE_RANGES)
		return;
	m->range[m->nranges++] = (struct od_kmodule_range){ base, size, part };
	m->size += size;
}

/* 6.4 on: mem[MOD_TEXT] ..., struct module_memory. */
static bool from_mem(struct od_kernel *k, struct od_kmodule *m)
{
	static const char *const names[NPARTS] = {
		"MOD_TEXT", "MOD_DATA", "MOD_RODATA", "MOD_RO_AFTER_INIT", "MOD_INIT_TEXT",
		"MOD_INIT_DATA", "MOD_INIT_RODATA",
	};
	struct od_field mem, base_field, size_field;
	uint64_t stride = od_kernel_size(k, "struct module_memory"), base, size;
	int64_t index;

	if (!stride || !od_kernel_field(k, "struct module", "mem", &mem) ||
	    !od_kernel_field(k, "struct module_memory", "base", &base_field) ||
	    !od_kernel_field(k, "struct module_memory", "size", &size_field))
		return false;
	for (unsigned i = 0; i < NPARTS; i++) {
		uint64_t at = m->addr + mem.offset;

		/* Without types the order is that of all kernels so far. */
		index = i;
		if ((k->btf && !od_btf_enumerator(k->btf, names[i], &index)) || index < 0 ||
		    (uint64_t)index >= mem.size / stride)
			continue;
		at += (uint64_t)index * stride;
		if (od_field_read(k, &base_field, at, &base) &&
		    od_field_read(k, &size_field, at, &size))
			add_range(m, (enum od_kmodule_part)i, base, size);
		if (i == OD_PART_TEXT && m->nranges == 1) {
			m->text = base;
			m->text_size = size;
		}
	}
	return true;
}

/* Before: one piece with the text at its beginning, and one that is gone after the module's init.
 */
static const struct {
	const char *base, *size, *text_size;
	enum od_kmodule_part part;
} pieces[] = {
	{ "core_layout.base|module_core", "core_layout.size|core_size",
	  "core_layout.text_size|core_text_size", OD_PART_CORE },
	{ "init_layout.base|module_init", "init_layout.size|init_size", NULL, OD_PART_INIT },
};

bool od_kmodule_layout(struct od_kernel *k, struct od_kmodule *m)
{
	struct od_field f;
	uint64_t base, size, text;

	if (from_mem(k, m))
		return m->text_size > 0;
	for (unsigned i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		if (!od_kernel_field(k, "struct module", pieces[i].base, &f) ||
		    !od_field_read(k, &f, m->addr, &base) ||
		    !od_kernel_field(k, "struct module", pieces[i].size, &f) ||
		    !od_field_read(k, &f, m->addr, &size))
			continue;
		add_range(m, pieces[i].part, base, size);
		if (pieces[i].text_size && m->nranges &&
		    od_kernel_field(k, "struct module", pieces[i].text_size, &f) &&
		    od_field_read(k, &f, m->addr, &text) && text <= size) {
			m->text = base;
			m->text_size = text;
			if (od_kernel_field(k, "struct module", "core_layout.ro_size|core_ro_size",
					    &f))
				od_field_read(k, &f, m->addr, &m->ro_size);
		}
	}
	return m->text_size > 0;
}
