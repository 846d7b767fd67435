/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void od_out_of_memory(void)
{
	static const char msg[] = "oopsdiag: out of memory\n";

	if (write(2, msg, sizeof(msg) - 1) < 0) {
		/* Nothing left to try. */
	}
	_exit(OD_EXIT_OOM);
}

void *od_malloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		od_out_of_memory();
	return p;
}

void *od_calloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		od_out_of_memory();
	return p;
}

void *od_realloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		od_out_of_memory();
	return p;
}

char *od_strdup(const char *s)
{
	size_t len = strlen(s) + 1;

	return memcpy(od_malloc(len), s, len);
}
