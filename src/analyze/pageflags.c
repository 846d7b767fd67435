/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/pageflags.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_BITS = 24 };

#define VERSION(major, minor) ((major) * 1000u + (minor))

/*
 * enum pageflags of include/linux/page-flags.h, bit 0 first, as far as no configuration option
 * moves a bit. Versions are inclusive.
 */
static const struct layout {
	unsigned from, to;
	const char *range;
	const char *bits[MAX_BITS];
} layouts[] = {
	{ VERSION(3, 0), VERSION(4, 3), "3.0 to 4.3",
	  { "locked", "error", "referenced", "uptodate", "dirty", "lru", "active", "slab",
	    "owner_priv_1", "arch_1", "reserved", "private", "private_2", "writeback", "head",
	    "tail", "swapcache", "mappedtodisk", "reclaim", "swapbacked", "unevictable",
	    "mlocked" } },
	{ VERSION(4, 4), VERSION(4, 9), "4.4 to 4.9",
	  { "locked", "error", "referenced", "uptodate", "dirty", "lru", "active", "slab",
	    "owner_priv_1", "arch_1", "reserved", "private", "private_2", "writeback", "head",
	    "swapcache", "mappedtodisk", "reclaim", "swapbacked", "unevictable", "mlocked" } },
	{ VERSION(4, 10), VERSION(4, 19), "4.10 to 4.19",
	  { "locked", "error", "referenced", "uptodate", "dirty", "lru", "active", "waiters",
	    "slab", "owner_priv_1", "arch_1", "reserved", "private", "private_2", "writeback",
	    "head", "mappedtodisk", "reclaim", "swapbacked", "unevictable", "mlocked" } },
	{ VERSION(4, 20), VERSION(6, 5), "4.20 to 6.5",
	  { "locked", "referenced", "uptodate", "dirty", "lru", "active", "workingset", "waiters",
	    "error", "slab", "owner_priv_1", "arch_1", "reserved", "private", "private_2",
	    "writeback", "head", "mappedtodisk", "reclaim", "swapbacked", "unevictable",
	    "mlocked" } },
	{ VERSION(6, 6), VERSION(6, 9), "6.6 to 6.9",
	  { "locked", "writeback", "referenced", "uptodate", "dirty", "lru", "head", "waiters",
	    "active", "workingset", "error", "slab", "owner_priv_1", "arch_1", "reserved",
	    "private", "private_2", "mappedtodisk", "reclaim", "swapbacked", "unevictable",
	    "mlocked" } },
	/* PG_slab had gone, PG_error went later: the two bits that this moved are not named. */
	{ VERSION(6, 10), VERSION(6, 11), "6.10 to 6.11",
	  { "locked", "writeback", "referenced", "uptodate", "dirty", "lru", "head", "waiters",
	    "active", "workingset", "bit10", "bit11", "arch_1", "reserved", "private",
	    "private_2" } },
	{ VERSION(6, 12), VERSION(6, 999), "6.12 and later",
	  { "locked", "writeback", "referenced", "uptodate", "dirty", "lru", "head", "waiters",
	    "active", "workingset", "owner_priv_1", "owner_2", "arch_1", "reserved", "private",
	    "private_2", "reclaim", "swapbacked", "unevictable" } },
};

enum { NLAYOUTS = sizeof(layouts) / sizeof(*layouts) };

/* VERSION() of "3.10.0-1062.el7.x86_64", 0 if it does not start like a release. */
static unsigned release_version(const char *release)
{
	unsigned long major, minor;
	char *end;

	if (!release || *release < '0' || *release > '9')
		return 0;
	major = strtoul(release, &end, 10);
	if (*end != '.' || end[1] < '0' || end[1] > '9')
		return 0;
	minor = strtoul(end + 1, &end, 10);
	if (major > 99 || minor > 999)
		return 0;
	return VERSION((unsigned)major, (unsigned)minor);
}

/*
 * Enterprise kernels from 4.18 on carry the mm of later versions, more of it with each minor
 * release: the version number says nothing of the layout. EL7 was compared bit by bit.
 */
static bool has_backports(const char *release)
{
	static const char *const marks[] = { ".el8", ".el9", ".el10", "-default" };

	for (unsigned i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (strstr(release, marks[i]))
			return true;
	return false;
}

static const struct layout *find_layout(const char *release)
{
	unsigned version = release_version(release);

	if (!version || has_backports(release))
		return NULL;
	for (unsigned i = 0; i < NLAYOUTS; i++)
		if (version >= layouts[i].from && version <= layouts[i].to)
			return &layouts[i];
	return NULL;
}

static bool has_bit(const struct layout *l, uint64_t flags, const char *name)
{
	for (unsigned i = 0; i < MAX_BITS && l->bits[i]; i++)
		if (!strcmp(l->bits[i], name))
			return flags >> i & 1;
	return false;
}

static bool knows_bit(const struct layout *l, const char *name)
{
	for (unsigned i = 0; i < MAX_BITS && l->bits[i]; i++)
		if (!strcmp(l->bits[i], name))
			return true;
	return false;
}

static void names(const struct layout *l, uint64_t flags, struct od_buf *text)
{
	const char *sep = "";

	for (unsigned i = 0; i < MAX_BITS && l->bits[i]; i++) {
		if (!(flags >> i & 1))
			continue;
		od_buf_addstr(text, sep);
		od_buf_addstr(text, l->bits[i]);
		sep = "|";
	}
	if (!*sep)
		od_buf_addstr(text, "no flags");
}

/*
 * Node and zone stand at the top (sparsemem with vmemmap); how wide they are is a matter of the
 * configuration. Known: distributions build with 10 bits of node; ZONE_DEVICE, on in all of them
 * since 4.6, made the zone 3 bits wide. EL7 has 2.
 */
static void location(const char *release, const char *arch, uint64_t flags,
		     struct od_pageflags *ret)
{
	static const char *const wide[] = { ".el8", ".el9", ".el10", ".fc", "-generic", "-amd64" };

	if (!release || !arch || strcmp(arch, "x86_64") != 0)
		return;
	/* Newer kernels are packaged for EL7 as well. */
	if (strstr(release, ".el7") && release_version(release) == VERSION(3, 10)) {
		ret->zone = flags >> 52 & 3;
		ret->has_location = true;
	}
	for (unsigned i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
		if (strstr(release, wide[i]) && release_version(release) >= VERSION(4, 6)) {
			ret->zone = flags >> 51 & 7;
			ret->has_location = true;
		}
	}
	if (ret->has_location)
		ret->node = (uint32_t)(flags >> 54);
}

static void candidates(const char *release, uint64_t flags, struct od_buf *text)
{
	const char *sep = "";

	od_buf_addstr(text, release ? "layout of this release not known; as in " :
				      "release not known; as in ");
	for (unsigned i = 0; i < NLAYOUTS; i++) {
		/* A distribution only ever takes from later kernels. */
		if (layouts[i].to < release_version(release))
			continue;
		od_buf_addstr(text, sep);
		od_buf_addstr(text, layouts[i].range);
		od_buf_addstr(text, ": ");
		names(&layouts[i], flags, text);
		sep = ", in ";
	}
}

void od_pageflags_decode(const char *release, const char *arch, uint64_t flags,
			 struct od_pageflags *ret, struct od_buf *text)
{
	static const char *const zones[] = { "DMA", "DMA32", "Normal", "Movable", "Device" };
	const struct layout *l = find_layout(release);

	*ret = (struct od_pageflags){ .known = l != NULL };
	location(release, arch, flags, ret);
	if (l) {
		ret->slab = has_bit(l, flags, "slab");
		ret->reserved = has_bit(l, flags, "reserved");
		ret->head = has_bit(l, flags, "head");
		ret->tail = has_bit(l, flags, "tail");
		ret->slab_elsewhere = !knows_bit(l, "slab");
	}
	if (!text)
		return;
	if (l)
		names(l, flags, text);
	else
		candidates(release, flags, text);
	if (ret->slab_elsewhere)
		od_buf_addstr(text, " (this word does not say whether it is slab)");
	if (ret->has_location) {
		od_buf_printf(text, "; node %u, zone %u", ret->node, ret->zone);
		if (ret->zone < sizeof(zones) / sizeof(*zones))
			od_buf_printf(text, " (%s)", zones[ret->zone]);
	}
}
