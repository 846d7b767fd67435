/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debug files as the front sees them: paths, and the first bytes of files that come without -s. */
#include "front/debugfiles.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "symbols/debug-map.h"

/* Its type; 0, and errno, if there is none. */
static mode_t type_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

static int open_path(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

struct od_error *od_debug_paths_check(const struct od_strings *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		const mode_t type = type_of(paths->items[i]);
		od_autoclose int fd = -1;

		if (type && type != S_IFREG && type != S_IFDIR)
			return od_error_new(OD_ERR_USAGE, "--symbols: %s is neither a file nor a directory",
					    paths->items[i]);
		if (type)
			fd = open_path(paths->items[i]);
		if (fd < 0)
			return od_error_new(OD_ERR_USAGE, "--symbols: %s: %s", paths->items[i],
					    strerror(errno));
	}
	return NULL;
}

/* An ELF file that is no core. Where the type stands depends neither on class nor on byte order. */
static bool is_linked(const unsigned char *head, size_t len)
{
	unsigned type;

	if (len < EI_NIDENT + 2 || memcmp(head, ELFMAG, SELFMAG) != 0)
		return false;
	type = head[EI_NIDENT + (head[EI_DATA] == ELFDATA2MSB)];
	return type == ET_REL || type == ET_EXEC || type == ET_DYN;
}

bool od_is_debug_file(const char *path)
{
	/* Whoever writes to a FIFO would lose its reader when we close it again. */
	od_autoclose int fd = strcmp(path, "-") != 0 && type_of(path) == S_IFREG ? open_path(path) : -1;
	char head[64];
	ssize_t n = fd >= 0 ? pread(fd, head, sizeof(head), 0) : -1;

	return n > 0 && (is_linked((const unsigned char *)head, (size_t)n) || od_debug_is_map(head, (size_t)n));
}
