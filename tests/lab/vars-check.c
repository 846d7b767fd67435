/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vars-check DUMP VMLINUX [MODULE=FILE...]: the variables of all frames of all tasks, one a line, for
 * vars-check.py to compare with what drgn says: task, frame, function, inlined function, name, number.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/kernel/backtrace.h"
#include "target/kernel/memreport.h"
#include "target/kernel/modules.h"
#include "target/kernel/tasks.h"
#include "target/kernel/vars.h"

enum { MAX_FILES = 16 };

static struct {
	const char *module; /* NULL: the kernel */
	struct od_debug *dbg;
} files[MAX_FILES];
static int nfiles;
static struct od_kernel *k;
static const struct od_trace *trace;
static const struct od_task *task;

static bool find(void *ctx, const struct od_symbol *sym, uint64_t offset, struct od_debug **dbg,
		 uint64_t *addr)
{
	struct od_debug_symbol found[MAX_FILES];
	size_t n;

	(void)ctx;
	for (int i = 0; i < nfiles; i++) {
		if (files[i].module ? !sym->module || strcmp(files[i].module, sym->module) != 0 :
				      sym->module != NULL)
			continue;
		n = od_debug_find(files[i].dbg, sym->name, found, MAX_FILES);
		for (size_t s = 0; s < n && s < MAX_FILES; s++) {
			if (n > 1 && found[s].extent != sym->size)
				continue;
			*dbg = files[i].dbg;
			*addr = found[s].addr + offset;
			return true;
		}
		return false;
	}
	return false;
}

static void print(void *ctx, uint32_t frame, const struct od_variable *var)
{
	const struct od_unwound *u = &trace->frames[frame];
	struct od_symbol sym = { .name = "?" };

	(void)ctx;
	od_symtab_at(k->symtab, u->pc - !!(u->flags & OD_UW_RETURN), &sym);
	printf("0x%llx\t%u\t%s\t%s %s%s\t", (unsigned long long)task->addr, frame, sym.name,
	       var->function ? var->function : "-", var->name, var->at_entry ? "@entry" : "");
	if (var->has_number)
		printf("0x%llx\t%s\n", (unsigned long long)var->number, var->text);
	else
		printf("-\t%s\n", var->text);
}

static void add_file(const char *module, const char *path)
{
	struct od_error *err = od_debug_open(open(path, O_RDONLY | O_CLOEXEC), path, &files[nfiles].dbg);

	if (err) {
		fprintf(stderr, "%s\n", err->message);
		exit(2);
	}
	files[nfiles++].module = module;
}

int main(int argc, char **argv)
{
	const struct od_kernel_code code = { .find = find };
	const struct od_tasks *tasks;
	struct od_dump *dump;
	struct od_error *err;
	int fd;

	if (argc < 3 || argc > MAX_FILES) {
		fprintf(stderr, "usage: vars-check DUMP VMLINUX [MODULE=FILE...]\n");
		return 2;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	err = od_dump_open(&fd, 1, &dump);
	if (err) {
		fprintf(stderr, "%s\n", err->message);
		return 2;
	}
	add_file(NULL, argv[2]);
	for (int i = 3; i < argc; i++) {
		char *eq = strchr(argv[i], '=');

		if (eq) {
			*eq = '\0';
			add_file(argv[i], eq + 1);
		}
	}
	k = od_kernel_create(dump);
	tasks = od_kernel_tasks(k);
	for (uint32_t i = 0; i < tasks->n; i++) {
		struct od_arena arena;
		struct od_trace t;

		task = &tasks->task[i];
		od_arena_init(&arena);
		if (!od_memreport_trace(k, task, &arena, &t)) {
			trace = &t;
			od_kernel_vars(k, &code, &t, print, NULL);
		}
		od_arena_deinit(&arena);
	}
	od_kernel_destroy(k);
	od_dump_destroy(dump);
	for (int i = 0; i < nfiles; i++)
		od_debug_close(files[i].dbg);
	return 0;
}
