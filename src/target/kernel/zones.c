/* SPDX-License-Identifier: GPL-3.0-or-later */
/* struct pglist_data and struct zone (include/linux/mmzone.h). */
#include "target/kernel/zones.h"

#include "target/kernel/field.h"

enum { MAX_NODES = 1024, MAX_ZONES = 8, MARKS = 3 };

struct layout {
	struct od_field name, spanned, present, managed, marks, counters; /* struct zone */
	struct od_field nr_zones;					  /* pglist_data */
	uint64_t size, zones;
	int64_t free; /* NR_FREE_PAGES; -1: unknown */
};

#define ROW(paths, member) { paths, offsetof(struct layout, member) }
static const struct od_field_row zone_rows[] = {
	ROW("name", name), ROW("spanned_pages", spanned), ROW("present_pages", present),
	ROW("managed_pages", managed), ROW("_watermark|watermark", marks), ROW("vm_stat", counters),
};

static bool find_layout(struct od_kernel *k, struct layout *l)
{
	*l = (struct layout){ .free = -1 };
	if (!od_kernel_types(k))
		return false;
	od_kernel_fields(k, "struct zone", zone_rows, sizeof(zone_rows) / sizeof(*zone_rows), l);
	l->size = od_kernel_size(k, "struct zone");
	if (!od_btf_enumerator(k->btf, "NR_FREE_PAGES", &l->free) || l->free > 1024)
		l->free = -1;
	return l->size && l->name.known && l->spanned.known &&
	       od_kernel_field(k, "struct pglist_data", "nr_zones", &l->nr_zones) &&
	       od_kernel_offset(k, "struct pglist_data", "node_zones", &l->zones);
}

static uint64_t field(struct od_kernel *k, const struct od_field *f, uint64_t addr)
{
	uint64_t ret;

	return od_field_read(k, f, addr, &ret) ? ret : 0;
}

static bool read_zone(struct od_kernel *k, const struct layout *l, struct od_zone *z)
{
	const uint32_t width = k->mem->pointer_size;
	uint64_t name;

	z->spanned = field(k, &l->spanned, z->addr);
	if (!z->spanned)
		return false;
	name = field(k, &l->name, z->addr);
	if (od_mem_string(k->mem, name, z->name, sizeof(z->name)) != OD_MEM_OK)
		z->name[0] = '\0';
	z->present = field(k, &l->present, z->addr);
	z->managed = field(k, &l->managed, z->addr); /* atomic_long_t since 5.0 */
	z->has_marks = l->marks.known;
	for (unsigned i = 0; i < MARKS && z->has_marks; i++)
		z->has_marks = od_mem_pointer(k->mem, z->addr + l->marks.offset + i * width, &z->mark[i]) == OD_MEM_OK;
	z->has_free = l->counters.known && l->free >= 0 &&
		      od_mem_pointer(k->mem, z->addr + l->counters.offset + (uint64_t)l->free * width, &z->free) ==
			      OD_MEM_OK;
	return true;
}

/* node_data[] of NUMA, else the one node there is. 0: there is no such node. */
static uint64_t node_at(struct od_kernel *k, uint32_t node)
{
	uint64_t table = od_kernel_symbol(k, "node_data"), ret = 0;

	if (table)
		od_mem_pointer(k->mem, table + (uint64_t)node * k->mem->pointer_size, &ret);
	else if (node == 0)
		ret = od_kernel_symbol(k, "contig_page_data");
	return ret;
}

const char *od_kernel_zones(struct od_kernel *k, bool (*fn)(void *ctx, const struct od_zone *zone), void *ctx)
{
	uint64_t count_at = od_kernel_symbol(k, "nr_node_ids"), n;
	uint32_t nodes = 1;
	struct layout l;

	if (!find_layout(k, &l))
		return k->why_no_types ? k->why_no_types : "no types describe them";
	if (!od_kernel_symbol(k, "node_data") && !od_kernel_symbol(k, "contig_page_data"))
		return "there is neither a symbol node_data nor contig_page_data";
	if (count_at)
		od_mem_u32(k->mem, count_at, &nodes);
	for (uint32_t node = 0; node < nodes && node < MAX_NODES; node++) {
		uint64_t pgdat = node_at(k, node);

		if (!pgdat)
			continue;
		n = field(k, &l.nr_zones, pgdat);
		for (uint32_t i = 0; i < n && i < MAX_ZONES; i++) {
			struct od_zone z = { .node = node, .index = i, .addr = pgdat + l.zones + i * l.size };

			if (read_zone(k, &l, &z) && !fn(ctx, &z))
				return NULL;
		}
	}
	return NULL;
}
