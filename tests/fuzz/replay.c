/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Run a fuzz target on files and on all files of folders: past findings stay found. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "tests/fuzz/fuzz.h"

static unsigned count;

static void one_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	size_t n;

	if (!f)
		exit(99);
	data = od_malloc(1 << 20);
	n = fread(data, 1, 1 << 20, f);
	fclose(f);
	/* Exactly sized, so that a sanitizer sees a read beyond the end. */
	data = od_realloc(data, n);
	LLVMFuzzerTestOneInput(data, n);
	free(data);
	count++;
}

static void one_path(const char *path)
{
	struct stat st;
	struct dirent *e;
	DIR *dir;

	if (stat(path, &st))
		return;
	if (!S_ISDIR(st.st_mode)) {
		one_file(path);
		return;
	}
	dir = opendir(path);
	while (dir && (e = readdir(dir)) != NULL) {
		char sub[4096];

		if (e->d_name[0] == '.')
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", path, e->d_name);
		one_path(sub);
	}
	if (dir)
		closedir(dir);
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	const char *name = strrchr(argv[0], '/');
	char path[4096];

	for (int i = 1; i < argc; i++)
		one_path(argv[i]);
	if (argc == 1) { /* make check: the target's own seeds, and every crash text there is */
		snprintf(path, sizeof(path), "%s/tests/fuzz/seeds/%s", srcdir ? srcdir : ".",
			 name ? name + 1 : argv[0]);
		one_path(path);
		snprintf(path, sizeof(path), "%s/tests/corpus", srcdir ? srcdir : ".");
		one_path(path);
	}
	printf("%u inputs replayed\n", count);
	return count ? 0 : 1;
}
