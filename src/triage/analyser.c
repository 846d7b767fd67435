/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "triage/analyser.h"

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/plugins.h"
#include "base/cleanup.h"
#include "base/sha256.h"
#include "config.h"

enum { BLOCK = 64 * 1024, HASH_CHARS = 16 };

static void add_string(struct od_sha256 *sha, const char *s)
{
	od_sha256_add(sha, s, strlen(s) + 1);
}

static void add_fd(struct od_sha256 *sha, int fd)
{
	char block[BLOCK];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		od_sha256_add(sha, block, (size_t)n);
}

static void add_file(struct od_sha256 *sha, const char *path)
{
	od_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		add_fd(sha, fd);
}

/*
 * The files of a directory whose names end so, by name, or the file itself. What is not there adds
 * nothing.
 */
static void add_path(struct od_sha256 *sha, const char *path, const char *suffix)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort);

	if (n < 0) {
		add_file(sha, path);
		return;
	}
	for (int i = 0; i < n; i++) {
		const size_t len = strlen(names[i]->d_name), end = strlen(suffix);
		struct od_buf name = OD_BUF_INIT;

		od_buf_printf(&name, "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && len > end &&
		    !strcmp(names[i]->d_name + len - end, suffix)) {
			add_string(sha, names[i]->d_name);
			add_file(sha, od_buf_str(&name));
		}
		od_buf_deinit(&name);
		free(names[i]);
	}
	free(names);
}

/* The build id of the program itself, which is the first object. */
static int find_build_id(struct dl_phdr_info *info, size_t size, void *ctx)
{
	struct od_sha256 *sha = ctx;

	(void)size;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		const char *p = (const char *)(info->dlpi_addr + ph->p_vaddr), *end = p + ph->p_memsz;

		while (ph->p_type == PT_NOTE && end - p > (ssize_t)sizeof(ElfW(Nhdr))) {
			const ElfW(Nhdr) *note = (const void *)p;
			const char *name = p + sizeof(*note);
			const char *desc = name + ((note->n_namesz + 3) & ~3u);

			if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && !memcmp(name, "GNU", 4)) {
				od_sha256_add(sha, desc, note->n_descsz);
				return 2;
			}
			p = desc + ((note->n_descsz + 3) & ~3u);
		}
	}
	return 1;
}

void od_analyser(struct od_buf *buf, const struct od_options *opts)
{
	uint8_t hash[OD_SHA256];
	struct od_sha256 sha;
	struct od_buf dir = OD_BUF_INIT;

	od_sha256_begin(&sha);
	if (dl_iterate_phdr(find_build_id, &sha) != 2)
		add_file(&sha, "/proc/self/exe");
	od_plugins_default_dir(&dir);
	if (!opts->no_plugins)
		add_path(&sha, od_buf_str(&dir), ".so");
	od_buf_deinit(&dir);
	for (size_t i = 0; i < opts->plugin_paths.n && !opts->no_plugins; i++)
		add_path(&sha, opts->plugin_paths.items[i], ".so");
	add_string(&sha, "rules");
	for (size_t i = 0; i < opts->rules.n; i++)
		add_path(&sha, opts->rules.items[i], "");
	add_string(&sha, opts->kernel ? opts->kernel : "");
	od_sha256_end(&sha, hash);
	od_buf_printf(buf, "%s ", PACKAGE_VERSION);
	for (unsigned i = 0; i < HASH_CHARS / 2; i++)
		od_buf_printf(buf, "%02x", hash[i]);
}
