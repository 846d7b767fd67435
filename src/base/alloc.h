/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation that cannot fail: running out of memory ends the process in one place. */
#ifndef OD_BASE_ALLOC_H
#define OD_BASE_ALLOC_H

#include <stddef.h>

/* Exit status of a process that ran out of memory; the front tells it from other ends. */
enum { OD_EXIT_OOM = 70 };

/* Never NULL, even for size 0. Release with free(). */
void *od_malloc(size_t size) __attribute__((malloc, warn_unused_result));
void *od_calloc(size_t n, size_t size) __attribute__((malloc, warn_unused_result));
void *od_realloc(void *p, size_t size) __attribute__((warn_unused_result));
char *od_strdup(const char *s) __attribute__((malloc, warn_unused_result));

/* Write one line to stderr without allocating, then _exit(OD_EXIT_OOM). */
void od_out_of_memory(void) __attribute__((noreturn));

#endif
