/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An arena: many small allocations that live and die together. Nothing in it is freed alone.
 * A session owns one for its input; each report owns one of its own, so that splitting a log
 * of any size runs in bounded memory.
 */
#ifndef OD_BASE_ARENA_H
#define OD_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct od_arena_block;

struct od_arena {
	struct od_arena_block *blocks; /* newest first */
	size_t total;		       /* bytes asked for since init; the caller's measure for limits */
};

void od_arena_init(struct od_arena *arena);
/* Frees every block. The arena may be used again afterwards. */
void od_arena_deinit(struct od_arena *arena);

/* Zeroed, aligned for any type, never NULL. Valid until the arena is deinitialised. */
void *od_arena_alloc(struct od_arena *arena, size_t size) __attribute__((malloc));
/* NUL-terminated copy of len bytes at s. A NUL byte inside becomes U+FFFD, so nothing is cut. */
char *od_arena_strndup(struct od_arena *arena, const char *s, size_t len);
/* NULL stays NULL. */
char *od_arena_strdup(struct od_arena *arena, const char *s);
char *od_arena_printf(struct od_arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Room for one more element in an arena-backed array; returns the array, perhaps moved. The
 * capacity doubles; the old copy stays in the arena until its end, so growth costs at most 2x.
 */
void *od_arena_grow(struct od_arena *arena, void *array, uint32_t n, uint32_t *cap, size_t size);

/* Append one zeroed element and yield a pointer to it: od_push(arena, rep->notes, n, cap). */
#define od_push(arena, array, n, cap)                                                              \
	((array) = od_arena_grow(arena, array, n, &(cap), sizeof(*(array))), &(array)[(n)++])

#endif
