/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/*
 * What a file is, by its content: headers, notes and .modinfo of the mapped file, so that a vmlinux of
 * 600 MB costs as much as a small one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"
#include "symbols/debug-elf.h"
#include "symbols/debug-map.h"
#include "symbols/find-internal.h"

enum {
	MAX_MODINFO = 256 << 10, /* bytes */
	MAX_BANNER = 32 << 20,	 /* bytes of .rodata */
	NAME_AT_64 = 24, NAME_AT_32 = 12, /* struct module: state, list, name */
};

/* A word of len bytes, if it fits and is what it should be. */
static void take(char *ret, size_t size, const char *s, size_t len, bool (*check)(const char *s))
{
	if (len < size) {
		memcpy(ret, s, len);
		ret[len] = '\0';
	}
	if (len >= size || !check(ret))
		ret[0] = '\0';
}

/* "vermagic=6.1.0-50-cloud-amd64 SMP ..." and the like, one after the other. */
static void look_modinfo(const struct od_elf_section *sec, struct od_file_facts *ret)
{
	const char *p = (const char *)sec->data;
	const char *end = p ? p + (sec->len < MAX_MODINFO ? sec->len : MAX_MODINFO) : NULL;

	while (p < end) {
		struct od_cursor c = od_cursor_init(p, strnlen(p, (size_t)(end - p)));
		const char *blank;

		p = c.end + 1;
		if (od_cur_lit(&c, "name=")) {
			take(ret->module, sizeof(ret->module), c.p, od_cur_left(&c), od_is_module_name);
		} else if (od_cur_lit(&c, "vermagic=")) {
			blank = memchr(c.p, ' ', od_cur_left(&c));
			take(ret->release, sizeof(ret->release), c.p,
			     (size_t)((blank ? blank : c.end) - c.p), od_is_release);
		}
	}
}

/* struct module as the linker left it: kernels up to 4.12 have no name= in .modinfo. */
static void look_this_module(const struct od_elf *elf, const struct od_elf_section *sec,
			     struct od_file_facts *ret)
{
	size_t at = elf->is64 ? NAME_AT_64 : NAME_AT_32;
	const char *name = (const char *)sec->data + at;

	if (!ret->module[0] && sec->data && sec->len > at)
		take(ret->module, sizeof(ret->module), name, strnlen(name, sec->len - at),
		     od_is_module_name);
}

static void look_build_id(const struct od_elf *elf, struct od_file_facts *ret)
{
	const uint8_t *id;
	size_t len = od_elf_build_id(elf, &id);

	for (size_t i = 0; len >= OD_MIN_ID / 2 && len <= OD_MAX_BUILD_ID && i < len; i++)
		snprintf(ret->build_id + 2 * i, 3, "%02x", id[i]);
}

static bool is_one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(name, *list))
			return true;
	return false;
}

static void look_elf(const struct od_elf *elf, struct od_file_facts *ret)
{
	static const char *const of_kernel[] = { ".init.text", "__ksymtab", "__param", "__ex_table",
						 ".orc_unwind_ip", NULL };
	static const char *const of_module[] = { ".modinfo", ".gnu.linkonce.this_module", NULL };
	static const char *const of_debug[] = { ".debug_info", ".zdebug_info", NULL };
	const bool object = elf->type == ET_REL;
	bool kernel = false, module = false;

	for (uint32_t i = 1; i < elf->nsections; i++) {
		const struct od_elf_section *sec = &elf->sections[i];

		kernel |= is_one_of(sec->name, of_kernel);
		module |= is_one_of(sec->name, of_module);
		ret->lines |= sec->len && is_one_of(sec->name, of_debug);
		ret->symbols |= sec->type == SHT_SYMTAB && sec->len;
		if (!object && sec->data && !strcmp(sec->name, ".rodata"))
			ret->banner_at = (uint64_t)(sec->data - elf->data), ret->banner_len = sec->len;
		else if (object && !strcmp(sec->name, ".modinfo"))
			look_modinfo(sec, ret);
		else if (object && !strcmp(sec->name, ".gnu.linkonce.this_module"))
			look_this_module(elf, sec, ret);
	}
	if (object)
		ret->kind = module ? OD_FILE_MODULE : OD_FILE_OBJECT;
	else
		ret->kind = kernel ? OD_FILE_KERNEL : OD_FILE_PROGRAM;
	look_build_id(elf, ret);
}

/* A regular file, mapped; false: it is none, or it is empty. */
static bool map_file(int fd, const uint8_t **ret, size_t *size)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(Elf64_Ehdr))
		return false;
	*size = (size_t)st.st_size;
	p = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	*ret = p;
	return p != MAP_FAILED;
}

static enum od_file_kind packed_kind(int fd)
{
	static const enum od_file_kind kinds[] = {
		[OD_PACK_NONE] = OD_FILE_OTHER,
		[OD_PACK_STREAM] = OD_FILE_PACKED,
		[OD_PACK_ARCHIVE] = OD_FILE_PACKAGE,
	};

	return kinds[od_unpack_probe(fd)];
}

void od_file_look(int fd, struct od_file_facts *ret)
{
	const uint8_t *data;
	struct od_elf elf;
	size_t size;

	memset(ret, 0, sizeof(*ret));
	if (!map_file(fd, &data, &size))
		return;
	if (od_elf_open(&elf, data, size)) {
		if (elf.type == ET_CORE)
			ret->kind = OD_FILE_CORE;
		else if (elf.nsections)
			look_elf(&elf, ret);
		od_elf_close(&elf);
	} else if (od_debug_is_map(data, size)) {
		ret->kind = OD_FILE_MAP;
		ret->symbols = true;
	} else {
		ret->kind = packed_kind(fd);
	}
	munmap((void *)(uintptr_t)data, size);
}

/* "Linux version 6.1.0-50-cloud-amd64 (...": the first one that names a release. */
static void look_banner(const char *s, size_t len, struct od_file_facts *facts)
{
	static const char banner[] = "Linux version ";
	const char *end = s + len;

	while (!facts->release[0] && (s = memmem(s, (size_t)(end - s), banner, sizeof(banner) - 1)) != NULL) {
		const char *blank;

		s += sizeof(banner) - 1;
		blank = memchr(s, ' ', (size_t)(end - s));
		if (blank)
			take(facts->release, sizeof(facts->release), s, (size_t)(blank - s), od_is_release);
	}
}

void od_file_release(int fd, struct od_file_facts *facts)
{
	const uint8_t *data;
	uint64_t at = facts->banner_at, len = facts->banner_len;
	size_t size;

	if (facts->release[0] || facts->kind != OD_FILE_KERNEL || !len || !map_file(fd, &data, &size))
		return;
	/* The file may be another one by now. */
	len = len < MAX_BANNER ? len : MAX_BANNER;
	if (at < size)
		look_banner((const char *)data + at, len < size - at ? len : size - at, facts);
	munmap((void *)(uintptr_t)data, size);
}
