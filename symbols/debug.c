/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symbols/debug.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "symbols/cfi-internal.h"
#include "symbols/debug-internal.h"
#include "symbols/debug-map.h"
#include "symbols/dwarf-internal.h"

static char *hex(const uint8_t *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *ret = od_malloc(2 * len + 1);

	for (size_t i = 0; i < len; i++) {
		ret[2 * i] = digits[p[i] >> 4];
		ret[2 * i + 1] = digits[p[i] & 15];
	}
	ret[2 * len] = '\0';
	return ret;
}

static struct od_error *map_file(int fd, const char *name, const uint8_t **ret, size_t *size)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) < 0)
		return od_error_new(OD_ERR_IO, "%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size < 64)
		return od_error_new(OD_ERR_UNSUPPORTED, "%s is no ELF file", name);
	/* Not writable: pages of a private writable mapping count as memory of ours. */
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return od_error_new(OD_ERR_IO, "%s: %s", name, strerror(errno));
	*ret = p;
	*size = (size_t)st.st_size;
	return NULL;
}

/* A System.map becomes an ELF image with its symbols; all else stays what it is. */
static void take_map(const uint8_t **map, size_t *size)
{
	const uint8_t *image;
	size_t len;

	if (!od_debug_map_image(*map, *size, &image, &len))
		return;
	munmap((void *)(uintptr_t)*map, *size);
	*map = image;
	*size = len;
}

/* map is unmapped with the file, and after an error. */
static struct od_error *open_map(const uint8_t *map, size_t size, const char *name, struct od_debug **ret)
{
	struct od_debug *dbg;
	const uint8_t *id;
	size_t len;

	take_map(&map, &size);
	dbg = od_calloc(1, sizeof(*dbg));
	dbg->map = map;
	dbg->size = size;
	dbg->name = od_strdup(name);
	od_arena_init(&dbg->strings);
	if (!od_elf_open(&dbg->elf, map, size) || !dbg->elf.nsections) {
		od_debug_close(dbg);
		return od_error_new(OD_ERR_UNSUPPORTED, "%s is no ELF file with sections", name);
	}
	len = od_elf_build_id(&dbg->elf, &id);
	if (len && len <= OD_MAX_BUILD_ID)
		dbg->build_id = hex(id, len);
	od_debug_symbols_init(dbg);
	*ret = dbg;
	return NULL;
}

struct od_error *od_debug_open(int fd, const char *name, struct od_debug **ret)
{
	od_autoclose int owned = fd;
	struct od_error *err;
	const uint8_t *map = NULL;
	size_t size = 0;

	*ret = NULL;
	err = map_file(owned, name, &map, &size);
	return err ? err : open_map(map, size, name, ret);
}

struct od_error *od_debug_open_bytes(const void *data, size_t size, const char *name, struct od_debug **ret)
{
	void *p;

	*ret = NULL;
	if (size < 64)
		return od_error_new(OD_ERR_UNSUPPORTED, "%s is no ELF file", name);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return od_error_new(OD_ERR_LIMIT, "%s: %s", name, strerror(errno));
	memcpy(p, data, size);
	return open_map(p, size, name, ret);
}

void od_debug_close(struct od_debug *dbg)
{
	if (!dbg)
		return;
	od_dwarf_close(dbg->dwarf);
	od_debug_libdw_close(dbg);
	od_debug_cfi_close(dbg);
	od_debug_symbols_deinit(dbg);
	od_elf_close(&dbg->elf);
	od_arena_deinit(&dbg->strings);
	munmap((void *)(uintptr_t)dbg->map, dbg->size);
	free(dbg->name);
	free(dbg->build_id);
	free(dbg->demangled);
	free(dbg);
}

const char *od_debug_name(const struct od_debug *dbg)
{
	return dbg->name;
}

const char *od_debug_build_id(const struct od_debug *dbg)
{
	return dbg->build_id;
}

void od_debug_set_aside(struct od_debug *dbg, od_aside_fn *fn, void *ctx)
{
	dbg->aside = fn;
	dbg->aside_ctx = ctx;
}

const char *od_debug_lacks(const struct od_debug *dbg)
{
	return dbg->lacks;
}

const char *od_debug_arch(const struct od_debug *dbg)
{
	static const struct {
		uint16_t machine;
		const char *little, *big;
	} rows[] = {
		{ EM_X86_64, "x86_64", NULL },
		{ EM_386, "i386", NULL },
		{ EM_AARCH64, "arm64", NULL },
		{ EM_ARM, "arm", NULL },
		{ EM_PPC64, "powerpcle", "powerpc" },
		{ EM_S390, NULL, "s390" },
		{ EM_MIPS, NULL, "mips" },
		{ EM_RISCV, "riscv", NULL },
		{ EM_LOONGARCH, "loongarch", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].machine == dbg->elf.machine)
			return dbg->elf.big ? rows[i].big : rows[i].little;
	return NULL;
}

static bool has(const struct od_debug *dbg, const char *name, const char *old)
{
	const struct od_elf_section *sec = od_elf_find(&dbg->elf, name);

	if (!sec || !sec->len)
		sec = od_elf_find(&dbg->elf, old);
	return sec && sec->len;
}

bool od_debug_has_lines(const struct od_debug *dbg)
{
	return has(dbg, ".debug_info", ".zdebug_info") && has(dbg, ".debug_line", ".zdebug_line");
}

bool od_debug_has_symtab(const struct od_debug *dbg)
{
	return dbg->syms.n > 1 && dbg->syms.table->type == SHT_SYMTAB;
}

bool od_debug_has_code(const struct od_debug *dbg)
{
	for (uint32_t i = 1; i < dbg->elf.nsections; i++)
		if (dbg->elf.sections[i].flags & SHF_EXECINSTR && dbg->elf.sections[i].len)
			return true;
	return false;
}

bool od_debug_section(struct od_debug *dbg, const char *name, uint64_t *addr, uint64_t *size)
{
	const struct od_elf_section *sec = od_elf_find(&dbg->elf, name);

	if (!sec || !(sec->flags & SHF_ALLOC))
		return false;
	*addr = sec->addr;
	*size = sec->size;
	return true;
}

bool od_debug_section_at(struct od_debug *dbg, uint64_t addr, uint64_t *start, uint64_t *size)
{
	for (uint32_t i = 1; i < dbg->elf.nsections; i++) {
		const struct od_elf_section *sec = &dbg->elf.sections[i];

		if (!(sec->flags & SHF_ALLOC) || addr < sec->addr || addr - sec->addr >= sec->size)
			continue;
		*start = sec->addr;
		*size = sec->size;
		return true;
	}
	return false;
}

size_t od_debug_read(struct od_debug *dbg, uint64_t addr, void *buf, size_t len)
{
	for (uint32_t i = 1; i < dbg->elf.nsections; i++) {
		const struct od_elf_section *sec = &dbg->elf.sections[i];
		size_t at;

		if (!(sec->flags & SHF_ALLOC) || !sec->data || addr < sec->addr ||
		    addr - sec->addr >= sec->len)
			continue;
		at = (size_t)(addr - sec->addr);
		if (len > sec->len - at)
			len = sec->len - at;
		memcpy(buf, sec->data + at, len);
		return len;
	}
	return 0;
}

size_t od_debug_file_bytes(const struct od_debug *dbg, uint64_t offset, void *buf, size_t len)
{
	if (offset >= dbg->size)
		return 0;
	if (len > dbg->size - offset)
		len = (size_t)(dbg->size - offset);
	memcpy(buf, dbg->map + offset, len);
	return len;
}

const char *od_debug_soname(struct od_debug *dbg)
{
	const struct od_elf_section *sec = od_elf_find(&dbg->elf, ".dynamic"), *str;
	const unsigned w = dbg->elf.is64 ? 8 : 4;

	if (!sec || !sec->data || sec->link >= dbg->elf.nsections)
		return NULL;
	str = &dbg->elf.sections[sec->link];
	for (size_t at = 0; str->data && sec->len - at >= 2 * w; at += 2 * w) {
		uint64_t tag = od_elf_number(dbg->elf.big, sec->data + at, w);
		uint64_t name = od_elf_number(dbg->elf.big, sec->data + at + w, w);

		if (tag == DT_NULL)
			return NULL;
		if (tag == DT_SONAME)
			return name < str->len && memchr(str->data + name, '\0', str->len - name) ?
			       (const char *)str->data + name : NULL;
	}
	return NULL;
}
