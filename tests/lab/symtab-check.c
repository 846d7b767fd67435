/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * symtab-check KALLSYMS DUMP...: what is read from a dump (of several files: a split one) against
 * /proc/kallsyms of the same boot. Every symbol of the kernel must be there with its address, type and
 * name, and nothing else; each can be found by its name and, of its address, the first by its address.
 * Says how long it took, by the processor's clock.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "symbols/symtab.h"
#include "target/dump.h"

struct check {
	FILE *f;
	const struct od_symtab *tab;
	uint64_t last_addr;
	unsigned long n, wrong, not_found, not_at;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool compare(void *ctx, const struct od_symbol *sym)
{
	struct check *c = ctx;
	unsigned long long addr;
	char type, name[OD_SYMBOL_NAME], line[2 * OD_SYMBOL_NAME];
	struct od_symbol other;

	if (!fgets(line, sizeof(line), c->f) || sscanf(line, "%llx %c %1023s", &addr, &type, name) != 3 ||
	    strchr(line, '[')) {
		printf("the dump has more: %s\n", sym->name);
		c->wrong++;
		return false;
	}
	c->n++;
	if (addr != sym->addr || type != sym->type || strcmp(name, sym->name) != 0) {
		if (!c->wrong++)
			printf("not equal: %llx %c %s, %c %s\n", addr, type, name, sym->type, sym->name);
		return c->wrong < 10;
	}
	if (!od_symtab_find(c->tab, name, "", &other) || strcmp(other.name, name) != 0)
		c->not_found++;
	if (sym->addr != c->last_addr && sym->addr > 1 << 24 &&
	    (!od_symtab_at(c->tab, addr, &other) || strcmp(other.name, name) != 0))
		c->not_at++;
	c->last_addr = addr;
	return true;
}

int main(int argc, char **argv)
{
	struct check c = { 0 };
	struct od_dump *dump;
	struct od_vmcoreinfo *info;
	struct od_symtab *tab;
	struct od_error *err;
	const char *text;
	double start, end;
	bool scanned;
	size_t len;
	int fds[16], n = argc - 2;

	if (n < 1 || n > 16 || !(c.f = fopen(argv[1], "r"))) {
		fprintf(stderr, "usage: symtab-check KALLSYMS DUMP...\n");
		return 2;
	}
	for (int i = 0; i < n; i++)
		fds[i] = open(argv[i + 2], O_RDONLY);
	start = now();
	err = od_dump_open(fds, (unsigned)n, &dump);
	text = err ? NULL : od_dump_vmcoreinfo(dump, &len, &scanned);
	if (!text) {
		printf("cannot open: %s\n", err ? err->message : "no VMCOREINFO");
		return 2;
	}
	info = od_vmcoreinfo_create(text, len);
	err = od_dump_translate(dump, info);
	if (err)
		printf("translation: %s\n", err->message);
	od_error_free(err);
	printf("opened in %.1f ms; ", now() - start);
	tab = od_symtab_create(od_dump_memory(dump));
	start = now();
	err = od_symtab_load_kernel(tab, info);
	end = now();
	if (err) {
		printf("%.1f ms: %s\n", end - start, err->message);
		return 1;
	}
	printf("%u symbols in %.1f ms", od_symtab_count(tab), end - start);
	start = now();
	err = od_symtab_load_kernel(tab, info);
	printf(", again in %.1f ms\n", now() - start);
	c.tab = tab;
	start = now();
	od_symtab_each(tab, "", compare, &c);
	end = now();
	if (fgets((char[2048]){ 0 }, 2048, c.f) && c.n < od_symtab_count(tab))
		c.wrong++;
	printf("%lu compared in %.1f ms: %lu wrong, %lu not found by name, %lu not by address\n", c.n,
	       end - start, c.wrong, c.not_found, c.not_at);
	od_symtab_destroy(tab);
	od_vmcoreinfo_destroy(info);
	od_dump_destroy(dump);
	return c.wrong || c.not_found || c.not_at || c.n != od_symtab_count(tab) || err;
}
