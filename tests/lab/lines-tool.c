/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lines-tool FILE: reads addresses, one a line, "ffffffff81000000" or ".init.text+1f", and says what
 * FILE knows of each: "> " and the question, a line "function TAB linkage TAB file TAB line TAB
 * column" for each place, innermost first, and a line "= symbol+offset/size" if it lies in one. What is
 * unknown is "-". For lines-check.py, which compares it with other programs; one process for all.
 * Exit 0, 1 if the file cannot be read, 2 usage.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "symbols/debug.h"

static const char *or_dash(const char *s)
{
	return s ? s : "-";
}

/* The address that a line asks for; false: there is no such section, or it is no number. */
static bool read_question(struct od_debug *dbg, char *text, uint64_t *addr)
{
	char *plus = strchr(text, '+'), *end;
	uint64_t base = 0, size = UINT64_MAX;

	if (plus) {
		*plus = '\0';
		bool there = od_debug_section(dbg, text, &base, &size);
		*plus = '+';
		if (!there)
			return false;
	}
	*addr = strtoull(plus ? plus + 1 : text, &end, 16);
	if (*end || *addr >= size)
		return false;
	*addr += base;
	return true;
}

static void answer(struct od_debug *dbg, uint64_t addr)
{
	struct od_place place[OD_MAX_PLACES];
	struct od_debug_symbol sym;
	size_t n = od_debug_places(dbg, addr, place, OD_MAX_PLACES);

	for (size_t i = 0; i < n && i < OD_MAX_PLACES; i++)
		printf("%s\t%s\t%s\t%" PRIu32 "\t%" PRIu32 "\n", or_dash(place[i].function),
		       or_dash(place[i].linkage), or_dash(place[i].file), place[i].line,
		       place[i].column);
	if (od_debug_at(dbg, addr, &sym))
		printf("= %s+0x%" PRIx64 "/0x%" PRIx64 "\n", sym.name, addr - sym.addr, sym.size);
}

int main(int argc, char **argv)
{
	struct od_debug *dbg;
	struct od_error *e;
	char line[512];
	uint64_t addr;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: lines-tool FILE < ADDRESSES\n");
		return 2;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	e = od_debug_open(fd, argv[1], &dbg);
	if (e) {
		fprintf(stderr, "lines-tool: %s\n", e->message);
		od_error_free(e);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		printf("> %s\n", line);
		if (read_question(dbg, line, &addr))
			answer(dbg, addr);
	}
	od_debug_close(dbg);
	return 0;
}
