/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the parts are by VMCOREINFO, and which encoding of the addresses is the right one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "symbols/kallsyms.h"

enum { MAX_ANCHORS = 256 };

/* A symbol whose address VMCOREINFO tells. */
struct anchor {
	uint32_t i;
	uint64_t addr;
	bool stext;
};

static size_t find_anchors(const struct od_kallsyms *ks, const struct od_vmcoreinfo *info,
			   struct anchor *anchors)
{
	char name[OD_VMCOREINFO_NAME];
	size_t n = 0, line = 0;

	while (n < MAX_ANCHORS && od_vmcoreinfo_each_symbol(info, &line, name, &anchors[n].addr)) {
		anchors[n].i = od_kallsyms_find(ks, name);
		anchors[n].stext = !strcmp(name, "_stext");
		n += anchors[n].i != OD_INDEX_END;
	}
	return n;
}

struct raw {
	const struct od_memory *mem;
	const uint8_t *data; /* of the whole table */
	size_t width;
	struct od_kallsyms_addresses how;
};

static size_t width_of(const struct od_memory *mem, enum od_kallsyms_encoding encoding)
{
	return encoding == OD_KALLSYMS_ABSOLUTE && mem->pointer_size != 4 ? 8 : 4;
}

static uint64_t decode(const struct raw *raw, uint32_t i)
{
	uint64_t v = od_mem_number(raw->mem, raw->data + i * raw->width, raw->width);
	uint64_t offset = (uint64_t)(int64_t)(int32_t)v;

	switch (raw->how.encoding) {
	case OD_KALLSYMS_ABSOLUTE:
		break;
	case OD_KALLSYMS_RELATIVE:
		v += raw->how.base;
		break;
	case OD_KALLSYMS_ABS_PERCPU:
		if (offset >> 63)
			v = raw->how.base - 1 - offset;
		break;
	case OD_KALLSYMS_PLACE:
		v = raw->how.table + 4 * (uint64_t)i + offset;
		break;
	}
	return raw->mem->pointer_size == 4 ? (uint32_t)v : v;
}

/*
 * _stext is in every note and every table, so it must agree. If it is lost, two others must. Not
 * all: a name may be that of a macro (swapper_pg_dir) or of several static variables.
 */
static bool agrees(const struct raw *raw, const struct anchor *anchors, size_t n)
{
	size_t hits = 0;

	for (size_t i = 0; i < n; i++) {
		bool hit = decode(raw, anchors[i].i) == anchors[i].addr;

		if (anchors[i].stext)
			return hit;
		hits += hit;
	}
	return hits >= 2;
}

/*
 * In the kernel the table is sorted (its look-ups need that), but a place that moved alone is not.
 */
static void sort(struct od_kallsyms *ks)
{
	uint32_t n = ks->n, *order, *off, *hash;
	uint64_t *addr;
	uint32_t i = 1;

	while (i < n && ks->addr[i - 1] <= ks->addr[i])
		i++;
	if (i >= n)
		return;
	order = od_malloc(n * sizeof(*order));
	off = od_malloc(n * sizeof(*off));
	hash = od_malloc(n * sizeof(*hash));
	addr = od_malloc(n * sizeof(*addr));
	od_sort_addresses(ks->addr, order, n);
	for (i = 0; i < n; i++) {
		off[i] = ks->off[order[i]];
		hash[i] = ks->index.hash[order[i]];
		addr[i] = ks->addr[order[i]];
	}
	free(order);
	free(ks->off);
	free(ks->index.hash);
	free(ks->addr);
	ks->off = off;
	ks->index.hash = hash;
	ks->addr = addr;
	od_name_index_build(&ks->index, n);
}

struct od_error *od_kallsyms_read_addresses(struct od_kallsyms *ks, struct od_memory *mem,
					    const struct od_vmcoreinfo *info,
					    const struct od_kallsyms_addresses *candidates,
					    size_t n)
{
	od_autofree uint8_t *data = od_malloc((size_t)ks->n * 8);
	struct anchor anchors[MAX_ANCHORS];
	size_t nanchors = find_anchors(ks, info, anchors), width = 0;
	od_autoerror err = NULL;
	uint64_t table = 0;

	for (size_t c = 0; c < n; c++) {
		struct raw raw = { mem, data, width_of(mem, candidates[c].encoding),
				   candidates[c] };
		enum od_mem_status status;
		size_t got;

		if (raw.how.table != table || raw.width != width) {
			table = 0;
			status = mem->read(mem, OD_VIRT, raw.how.table, data, ks->n * raw.width,
					   &got);
			if (status != OD_MEM_OK) {
				od_error_free(err);
				err = od_error_new(OD_ERR_UNSUPPORTED,
						   "the addresses of kallsyms at 0x%" PRIx64
						   " are %s",
						   raw.how.table + got, od_mem_status_text(status));
				continue;
			}
			table = raw.how.table;
			width = raw.width;
		}
		if (!agrees(&raw, anchors, nanchors))
			continue;
		ks->addr = od_realloc(ks->addr, ks->n * sizeof(*ks->addr));
		for (uint32_t i = 0; i < ks->n; i++)
			ks->addr[i] = decode(&raw, i);
		sort(ks);
		return NULL;
	}
	if (err)
		return_ptr(err);
	return od_error_new(OD_ERR_UNSUPPORTED,
			    "no way to read the addresses of kallsyms agrees with "
			    "VMCOREINFO%s",
			    nanchors ? "" : ", whose symbols are not among its names");
}

/* Where VMCOREINFO says that the parts are; 0: it does not. */
struct places {
	uint64_t num_syms, names, token_table, token_index, offsets, base, addresses;
};

static void find_places(const struct od_vmcoreinfo *info, struct places *p)
{
	const struct {
		const char *name;
		uint64_t *ret;
	} keys[] = {
		{ "kallsyms_num_syms", &p->num_syms },
		{ "kallsyms_names", &p->names },
		{ "kallsyms_token_table", &p->token_table },
		{ "kallsyms_token_index", &p->token_index },
		{ "kallsyms_offsets", &p->offsets },
		{ "kallsyms_relative_base", &p->base },
		{ "kallsyms_addresses", &p->addresses },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!od_vmcoreinfo_symbol(info, keys[i].name, keys[i].ret))
			*keys[i].ret = 0;
}

static size_t find_candidates(struct od_memory *mem, const struct places *p,
			      struct od_kallsyms_addresses *ret)
{
	uint64_t base;
	size_t n = 0;

	if (p->offsets && p->base && od_mem_pointer(mem, p->base, &base) == OD_MEM_OK) {
		ret[n++] =
			(struct od_kallsyms_addresses){ OD_KALLSYMS_ABS_PERCPU, p->offsets, base };
		ret[n++] = (struct od_kallsyms_addresses){ OD_KALLSYMS_RELATIVE, p->offsets, base };
	}
	if (p->offsets)
		ret[n++] = (struct od_kallsyms_addresses){ OD_KALLSYMS_PLACE, p->offsets, 0 };
	if (p->addresses)
		ret[n++] = (struct od_kallsyms_addresses){ OD_KALLSYMS_ABSOLUTE, p->addresses, 0 };
	return n;
}

static struct od_error *load_at(struct od_kallsyms *ks, struct od_memory *mem,
				const struct od_vmcoreinfo *info, const struct places *p)
{
	struct od_kallsyms_addresses candidates[4];
	size_t ncandidates = find_candidates(mem, p, candidates);
	/* markers and the token table come after the names, in all versions up to now */
	uint64_t limit =
		p->token_table > p->names ? p->token_table - p->names : OD_MAX_KALLSYMS_NAMES;
	od_autoerror first = od_kallsyms_read_tokens(ks, mem, p->token_table, p->token_index);
	enum od_mem_status status;
	uint32_t n;

	if (first)
		return_ptr(first);
	status = od_mem_u32(mem, p->num_syms, &n);
	if (status != OD_MEM_OK)
		return od_error_new(OD_ERR_UNSUPPORTED, "kallsyms_num_syms at 0x%" PRIx64 " is %s",
				    p->num_syms, od_mem_status_text(status));
	for (int uleb = 1; uleb >= 0; uleb--) {
		struct od_error *err = od_kallsyms_read_names(ks, mem, p->names, n, limit, uleb);

		if (!err)
			err = od_kallsyms_read_addresses(ks, mem, info, candidates, ncandidates);
		if (!err)
			return NULL;
		if (!ks->has_long)
			return err;
		if (!first)
			first = err;
		else
			od_error_free(err);
	}
	return_ptr(first);
}

struct od_error *od_kallsyms_load(struct od_kallsyms *ks, struct od_memory *mem,
				  const struct od_vmcoreinfo *info)
{
	struct places p;

	find_places(info, &p);
	if (p.num_syms && p.names && p.token_table && p.token_index && (p.offsets || p.addresses))
		return load_at(ks, mem, info, &p);
	return od_kallsyms_scan(ks, mem, info);
}
