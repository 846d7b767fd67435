/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/*
 * Which modules of a directory have a symbol: of each file only the names are looked through, so that
 * thousands of modules take less than a second. Compressed ones are passed over: unpacking them all would not.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbols/debug-elf.h"
#include "symbols/find-internal.h"

enum {
	MAX_NAME = 1024,
	MAX_MS = 3000, /* that a search may take */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Linkers let names share their ends, so bytes alone prove nothing: some symbol must begin there. */
static bool is_symbol(const struct od_elf *elf, const struct od_elf_section *table,
		      const struct od_elf_section *names, const char *needle, size_t len)
{
	const size_t width = od_elf_symbol_size(elf);

	for (size_t at = width; at + width <= table->len; at += width) {
		struct od_elf_symbol sym;

		od_elf_symbol(elf, table->data + at, &sym);
		if (sym.section && sym.name < names->len && names->len - sym.name >= len &&
		    !memcmp(names->data + sym.name, needle, len))
			return true;
	}
	return false;
}

/* needle: the name and its NUL, len bytes. */
static bool names_hold(const struct od_elf *elf, const char *needle, size_t len)
{
	for (uint32_t i = 1; i < elf->nsections; i++) {
		const struct od_elf_section *table = &elf->sections[i], *names;

		if (table->type != SHT_SYMTAB || !table->data || table->link >= elf->nsections)
			continue;
		names = &elf->sections[table->link];
		return names->data && memmem(names->data, names->len, needle, len) &&
		       is_symbol(elf, table, names, needle, len);
	}
	return false;
}

static bool file_holds(const char *path, const char *needle, size_t len)
{
	od_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct od_elf elf;
	struct stat st;
	bool ret = false;
	void *p;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(Elf64_Ehdr))
		return false;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return false;
	if (od_elf_open(&elf, p, (size_t)st.st_size)) {
		ret = elf.type == ET_REL && names_hold(&elf, needle, len);
		od_elf_close(&elf);
	}
	munmap(p, (size_t)st.st_size);
	return ret;
}

size_t od_find_modules_with(struct od_find *find, const char *symbol, const char **ret, size_t max)
{
	const int64_t until = now_ms() + MAX_MS;
	size_t n = 0, len = strlen(symbol);

	if (!find || !len || len > MAX_NAME)
		return 0;
	od_find_look(find);
	for (size_t i = 0; i < find->npaths; i++) {
		struct od_tree *tree = find->given[i].dir ? od_find_tree(find, find->given[i].path) : NULL;
		uint32_t count;

		if (!tree)
			continue;
		od_tree_find(tree, "", &count); /* walks it */
		for (uint32_t k = 0; k < tree->n && n < max && now_ms() < until; k++) {
			const struct od_tree_file *file = &tree->files[k];

			/* A module may be there twice, with and without debug sections. */
			if ((n && !strcmp(ret[n - 1], file->key)) || !strcmp(file->key, "vmlinux") ||
			    !strcmp(file->key, "System.map") || !file_holds(file->path, symbol, len + 1))
				continue;
			ret[n++] = file->key;
		}
	}
	return n;
}
