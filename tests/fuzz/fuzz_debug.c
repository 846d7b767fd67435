/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Debug files: the input is an ELF file, mostly with DWARF. Whatever it is, opening it, its symbols
 * and the places of addresses in its code end soon; what is told can be read and fits together.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/debug.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_ADDRESSES = 192, MAX_FOUND = 8, MAX_SIZE = 1 << 20 };

/* Strings of the file end somewhere. */
static size_t length(const char *s)
{
	return s ? strlen(s) : 0;
}

static void check_symbol(struct od_debug *dbg, const struct od_debug_symbol *sym)
{
	struct od_debug_symbol at;

	FUZZ_CHECK(length(sym->name) > 0);
	if (od_debug_at(dbg, sym->addr, &at))
		FUZZ_CHECK(at.addr == sym->addr);
}

static void check_names(struct od_debug *dbg)
{
	static const char *const names[] = { "main", "outer", "inner", "kernel_init", "" };
	struct od_debug_symbol found[MAX_FOUND];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = od_debug_find(dbg, names[i], found, MAX_FOUND);

		for (size_t k = 0; k < n && k < MAX_FOUND; k++) {
			FUZZ_CHECK(!strcmp(found[k].name, names[i]));
			FUZZ_CHECK(!k || found[k - 1].addr <= found[k].addr);
			check_symbol(dbg, &found[k]);
		}
	}
	if (od_debug_find_demangled(dbg, "lab::sum(int)", found, MAX_FOUND))
		check_symbol(dbg, &found[0]);
}

static void check_address(struct od_debug *dbg, uint64_t addr)
{
	struct od_place places[OD_MAX_PLACES];
	struct od_debug_symbol sym;
	char path[256];
	uint8_t bytes[16];
	size_t n;

	if (od_debug_at(dbg, addr, &sym)) {
		FUZZ_CHECK(length(sym.name) > 0 && sym.addr <= addr);
		FUZZ_CHECK(addr - sym.addr < (sym.extent > sym.size ? sym.extent : sym.size));
	}
	n = od_debug_places(dbg, addr, places, OD_MAX_PLACES);
	FUZZ_CHECK(n <= OD_MAX_PLACES);
	for (size_t i = 0; i < n; i++) {
		length(places[i].function);
		length(places[i].linkage);
		FUZZ_CHECK(!places[i].file || length(places[i].file) > 0);
	}
	/* Less room: one place at most. */
	FUZZ_CHECK(od_debug_places(dbg, addr, places, 1) <= 1);
	if (od_debug_source_path(dbg, addr, path, sizeof(path)))
		FUZZ_CHECK(length(path) < sizeof(path));
	FUZZ_CHECK(od_debug_read(dbg, addr, bytes, sizeof(bytes)) <= sizeof(bytes));
}

static void check_section(struct od_debug *dbg, const char *name, unsigned step)
{
	uint64_t addr, size;

	if (!od_debug_section(dbg, name, &addr, &size))
		return;
	for (unsigned i = 0; i < MAX_ADDRESSES && i * (uint64_t)step < size; i++)
		check_address(dbg, addr + i * (uint64_t)step);
}

/* Whatever file it asks for besides, it gets itself: sections of split DWARF have names of their own. */
static int itself(void *ctx, enum od_aside kind, const char *name, const char *build_id, unsigned nth)
{
	(void)kind;
	length(name);
	length(build_id);
	return nth ? OD_ASIDE_END : dup(*(const int *)ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct od_debug *dbg;
	struct od_error *err;
	int fd, again;

	if (size > MAX_SIZE)
		return 0;
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	again = dup(fd);
	err = od_debug_open(fd, "fuzz", &dbg);
	FUZZ_CHECK(!err == !!dbg);
	od_error_free(err);
	if (!dbg) {
		close(again);
		return 0;
	}
	od_debug_set_aside(dbg, itself, &again);
	length(od_debug_build_id(dbg));
	check_names(dbg);
	check_section(dbg, ".text", 3);
	check_section(dbg, ".init.text", 5);
	check_section(dbg, ".text.unlikely", 5);
	check_address(dbg, 0);
	check_address(dbg, UINT64_MAX);
	length(od_debug_lacks(dbg));
	od_debug_close(dbg);
	close(again);
	return 0;
}
