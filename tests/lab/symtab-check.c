/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * symtab-check KALLSYMS DUMP...: what is read from a dump (of several files: a split one) against
 * /proc/kallsyms of the same boot. Every symbol of the kernel and of its modules must be there with
 * its address, type and name, and nothing else; each can be found by its name and, of its address,
 * the first of the kernel's by its address. Says how long it took, by the processor's clock.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "target/kernel/kernel.h"
#include "target/kernel/modules.h"

/* Lines of one form, "address type name [module]", to be sorted. */
struct lines {
	char **line;
	size_t n, cap;
};

struct check {
	FILE *f;
	const struct od_symtab *tab;
	struct lines here, truth; /* of modules */
	uint32_t modules; /* 0: their layout is unknown, so there are no symbols of theirs */
	uint64_t last_addr;
	unsigned long n, wrong, not_found, not_at;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void add_line(struct lines *l, unsigned long long addr, char type, const char *name,
		     const char *module)
{
	char text[2 * OD_SYMBOL_NAME];

	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 1024;
		l->line = od_realloc(l->line, l->cap * sizeof(*l->line));
	}
	snprintf(text, sizeof(text), "%016llx %c %s [%s]", addr, type, name, module);
	l->line[l->n++] = od_strdup(text);
}

/* The next line of /proc/kallsyms; module is "" for the kernel's own. */
static bool next_line(FILE *f, unsigned long long *addr, char *type, char *name, char *module)
{
	char line[2 * OD_SYMBOL_NAME];

	*module = '\0';
	return fgets(line, sizeof(line), f) &&
	       sscanf(line, "%llx %c %1023s [%63[^]]", addr, type, name, module) >= 3;
}

static bool in_kernel(struct check *c, const struct od_symbol *sym)
{
	unsigned long long addr;
	char type, name[OD_SYMBOL_NAME], module[64];
	struct od_symbol other;

	if (!next_line(c->f, &addr, &type, name, module) || *module) {
		printf("the dump has more: %s\n", sym->name);
		c->wrong++;
		return false;
	}
	c->n++;
	if (addr != sym->addr || type != sym->type || strcmp(name, sym->name) != 0) {
		if (!c->wrong++)
			printf("not equal: %llx %c %s, %c %s\n", addr, type, name, sym->type,
			       sym->name);
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

static bool compare(void *ctx, const struct od_symbol *sym)
{
	struct check *c = ctx;
	struct od_symbol other;

	if (!sym->module)
		return in_kernel(c, sym);
	add_line(&c->here, sym->addr, sym->type, sym->name, sym->module);
	if (!od_symtab_find(c->tab, sym->name, sym->module, &other) ||
	    strcmp(other.name, sym->name) != 0)
		c->not_found++;
	/* Aliases have one name by address; its end is not that of another module. */
	if (sym->addr > 1 << 24 &&
	    (!od_symtab_at(c->tab, sym->addr, &other) || other.addr != sym->addr || !other.module ||
	     strcmp(other.module, sym->module) != 0))
		c->not_at++;
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void compare_modules(struct check *c)
{
	char type, name[OD_SYMBOL_NAME], module[64];
	unsigned long long addr;
	size_t i = 0;

	while (next_line(c->f, &addr, &type, name, module)) {
		if (!*module)
			c->wrong++; /* one of the kernel's that is missing */
		else if (c->modules && strcmp(module, "bpf") != 0 &&
			 strncmp(module, "__builtin", 9) != 0 &&
			 *name != '$') /* "$x": listed, but no name of an address in a trace */
			add_line(&c->truth, addr, type, name, module);
	}
	qsort(c->here.line, c->here.n, sizeof(char *), by_text);
	qsort(c->truth.line, c->truth.n, sizeof(char *), by_text);
	while (i < c->here.n && i < c->truth.n && !strcmp(c->here.line[i], c->truth.line[i]))
		i++;
	if (i < c->here.n || i < c->truth.n) {
		printf("modules: %s, not %s\n", i < c->truth.n ? c->truth.line[i] : "nothing",
		       i < c->here.n ? c->here.line[i] : "nothing");
		c->wrong++;
	}
}

int main(int argc, char **argv)
{
	struct check c = { 0 };
	struct od_dump *dump;
	struct od_kernel *k;
	struct od_error *err;
	double start, loaded;
	int fds[16], n = argc - 2;

	if (n < 1 || n > 16 || !(c.f = fopen(argv[1], "r"))) {
		fprintf(stderr, "usage: symtab-check KALLSYMS DUMP...\n");
		return 2;
	}
	for (int i = 0; i < n; i++)
		fds[i] = open(argv[i + 2], O_RDONLY);
	start = now();
	err = od_dump_open(fds, (unsigned)n, &dump);
	if (err) {
		printf("cannot open: %s\n", err->message);
		return 2;
	}
	k = od_kernel_create(dump);
	loaded = now();
	c.tab = k->symtab;
	if (k->why_no_symbols) {
		printf("no symbols: %s\n", k->why_no_symbols);
		return 1;
	}
	c.modules = od_kernel_modules(k)->n;
	if (!c.modules)
		printf("no modules: %s; ", od_kernel_modules(k)->why);
	printf("kernel in %.1f ms, modules in %.1f ms, ", loaded - start, now() - loaded);
	start = now();
	od_symtab_each(c.tab, "", compare, &c);
	compare_modules(&c);
	printf("%lu + %zu symbols compared in %.1f ms: %lu wrong, %lu not found by name, %lu not "
	       "by address\n",
	       c.n, c.here.n, now() - start, c.wrong, c.not_found, c.not_at);
	return c.wrong || c.not_found || c.not_at || c.n != od_symtab_count(c.tab);
}
