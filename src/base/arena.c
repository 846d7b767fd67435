/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { OD_ARENA_FIRST = 4096, OD_ARENA_MAX = 256 * 1024 };

struct od_arena_block {
	struct od_arena_block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char data[];
};

void od_arena_init(struct od_arena *arena)
{
	arena->blocks = NULL;
	arena->total = 0;
}

void od_arena_deinit(struct od_arena *arena)
{
	struct od_arena_block *b = arena->blocks;

	while (b) {
		struct od_arena_block *next = b->next;

		free(b);
		b = next;
	}
	od_arena_init(arena);
}

void *od_arena_alloc(struct od_arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct od_arena_block *b = arena->blocks;
	void *p;

	if (size > SIZE_MAX / 2)
		od_out_of_memory();
	size = (size + align - 1) & ~(align - 1);
	if (!b || b->size - b->used < size) {
		size_t room = b ? b->size * 2 : OD_ARENA_FIRST;

		if (room > OD_ARENA_MAX)
			room = OD_ARENA_MAX;
		if (room < size)
			room = size;
		b = od_malloc(sizeof(*b) + room);
		b->used = 0;
		b->size = room;
		b->next = arena->blocks;
		arena->blocks = b;
	}
	p = b->data + b->used;
	b->used += size;
	arena->total += size;
	return memset(p, 0, size);
}

char *od_arena_strndup(struct od_arena *arena, const char *s, size_t len)
{
	size_t nuls = 0, j = 0;
	char *p;

	for (size_t i = 0; i < len; i++)
		nuls += s[i] == '\0';
	p = od_arena_alloc(arena, len + 2 * nuls + 1);
	for (size_t i = 0; i < len; i++) {
		if (s[i]) {
			p[j++] = s[i];
		} else {
			memcpy(p + j, "\xef\xbf\xbd", 3);
			j += 3;
		}
	}
	p[j] = '\0';
	return p;
}

char *od_arena_strdup(struct od_arena *arena, const char *s)
{
	return s ? od_arena_strndup(arena, s, strlen(s)) : NULL;
}

char *od_arena_printf(struct od_arena *arena, const char *fmt, ...)
{
	va_list ap;
	int len;
	char *p;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		return od_arena_strndup(arena, "", 0);
	p = od_arena_alloc(arena, (size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return p;
}

void *od_arena_grow(struct od_arena *arena, void *array, uint32_t n, uint32_t *cap, size_t size)
{
	void *bigger;

	if (n < *cap) {
		memset((char *)array + (size_t)n * size, 0, size);
		return array;
	}
	*cap = *cap ? *cap * 2 : 8;
	bigger = od_arena_alloc(arena, (size_t)*cap * size);
	if (n)
		memcpy(bigger, array, (size_t)n * size);
	return bigger;
}
