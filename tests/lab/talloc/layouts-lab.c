// SPDX-License-Identifier: GPL-3.0-or-later
// Objects with the headers that old versions of talloc wrote, since their libraries are hard to come by:
// layouts-lab VERSION. A tree, one object that is freed, and a crash through what still points to it.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN16(n) (((n) + 15) & ~(size_t)15)
#define PLACE_(file, line) file ":" #line
#define PLACE_OF(file, line) PLACE_(file, line)
#define PLACE PLACE_OF(__FILE__, __LINE__)

/* Which member stands where, counted in pointers; the flags take the room of one. */
struct version {
	const char *name;
	unsigned flags, links, words, pool;
	uint32_t magic, freed;
};

static const struct version versions[] = {
	{ "2.0.5", 8, 0, 10, 9, 0xe8150c70, 0xe8150c71 },
	{ "2.0.8", 8, 0, 11, 10, 0xe8150c70, 0xe8150c71 },
	{ "2.1.0", 8, 0, 11, 10, 0xe8150c80, 0xe8150c81 },
	{ "2.1.5", 0, 1, 11, 10, 0x3f9b21e0, 0x3f9b21e1 },
	{ "2.1.16", 0, 1, 11, 10, 0x3f9b21e0, 0xea15fc73 },
};
enum { NEXT, PREV, PARENT, CHILD, REFS, DESTRUCTOR, NAME, SIZE };

static const struct version *v;
static char *arena;
static size_t used;

static size_t header(void)
{
	return ALIGN16(v->words * sizeof(void *));
}

static uintptr_t *member(void *object, unsigned m)
{
	return (uintptr_t *)(void *)((char *)object - header()) + v->links + m;
}

static void set_flags(void *object, uint32_t flags)
{
	memcpy((char *)object - header() + v->flags * sizeof(void *), &flags, sizeof(flags));
}

static void *make(void *parent, size_t size, const char *name)
{
	char *object = arena + used + header();

	used += ALIGN16(header() + size);
	set_flags(object, v->magic);
	*member(object, NAME) = (uintptr_t)name;
	*member(object, SIZE) = size;
	if (parent) {
		const uintptr_t first = *member(parent, CHILD), me = (uintptr_t)object - header();

		if (first) {
			*member((char *)first + header(), PARENT) = 0;
			*member((char *)first + header(), PREV) = me;
		}
		*member(object, NEXT) = first;
		*member(object, PARENT) = (uintptr_t)parent - header();
		*member(parent, CHILD) = me;
	}
	return object;
}

/* Of the first child. */
static void release(void *parent, void *object, const char *place)
{
	const uintptr_t next = *member(object, NEXT);

	*member(parent, CHILD) = next;
	if (next) {
		*member((char *)next + header(), PARENT) = (uintptr_t)parent - header();
		*member((char *)next + header(), PREV) = 0;
	}
	*member(object, NEXT) = 0;
	*member(object, NAME) = (uintptr_t)place;
	set_flags(object, v->freed);
	memset(object, 0, *member(object, SIZE));
}

struct journal {
	unsigned *counters;
};

struct conn {
	int fd;
	struct journal *journal;
};

static void conn_count(struct conn *c)
{
	c->journal->counters[c->fd]++;
}

int main(int argc, char **argv)
{
	void *server;
	struct conn *c;
	struct journal *j;

	for (size_t i = 0; argc > 1 && i < sizeof(versions) / sizeof(versions[0]); i++)
		if (!strcmp(argv[1], versions[i].name))
			v = &versions[i];
	if (!v) {
		fprintf(stderr, "layouts-lab: no such version\n");
		return 2;
	}
	arena = aligned_alloc(16, 65536);
	if (!arena)
		return 2;
	memset(arena, 0, 65536);
	server = make(NULL, 0, "server");
	c = make(server, sizeof(*c), "struct conn");
	make(c, 24, "struct request");
	j = make(server, sizeof(*j), "struct journal");
	c->fd = 1;
	c->journal = j;
	release(server, j, PLACE);
	conn_count(c);
	return 0;
}
