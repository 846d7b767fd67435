/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as the core of a process, and as the file that was mapped. The first byte: 1, the core is compressed; 2
 * bytes: how many KiB of the rest are that file, which every object gets; then the core. What can be read is read
 * twice alike, objects lie behind each other, a trace is within its bound and goes on only upwards or by a signal.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pipeline-core.h"
#include "symbols/cfi.h"
#include "target/core/core.h"
#include "target/core/unwind.h"
#include "tests/fuzz/fuzz.h"

enum { BYTES = 5000, THREADS = 4, FRAMES = 64, SOME = 16 };

static uint8_t first[BYTES], again[BYTES];

static void read_twice(struct od_memory *mem, uint64_t addr)
{
	size_t got = 1 << 20, got2 = 1 << 20;
	enum od_mem_status st = mem->read(mem, OD_VIRT, addr, first, BYTES, &got), st2;

	FUZZ_CHECK(got <= BYTES && (got == BYTES) == (st == OD_MEM_OK));
	st2 = mem->read(mem, OD_VIRT, addr, again, BYTES, &got2);
	FUZZ_CHECK(st == st2 && got == got2 && !memcmp(first, again, got));
}

static void give_files(struct od_core *core, struct od_debug *dbg)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < od_core_nobjects(core); i++) {
		struct od_core_object *o = od_core_object(core, i);

		FUZZ_CHECK(o->start >= end && o->name);
		end = o->start;
		if (!o->vdso && dbg) {
			o->code = o->debug = dbg;
			o->looked = true;
		}
		read_twice(od_core_memory(core), o->start);
		if (o->end > o->start)
			read_twice(od_core_memory(core), o->end - 1);
	}
}

static void walk(struct od_core *core)
{
	struct od_report *rep = od_report_create();
	uint32_t n = od_core_nthreads(core);

	for (uint32_t i = 0; i < n && i < THREADS; i++) {
		const struct od_core_thread *t = od_core_thread(core, i);
		struct od_stack *stack = od_report_add_stack(rep, "thread");
		struct od_core_trace trace;
		struct od_buf name = OD_BUF_INIT;

		od_core_unwind(core, t, NULL, &rep->arena, FRAMES, &trace);
		FUZZ_CHECK(trace.n <= FRAMES && (trace.n > 0) == t->has_regs);
		FUZZ_CHECK(od_core_end_text(trace.end));
		for (uint32_t k = 0; k < trace.n; k++) {
			const struct od_core_frame *f = &trace.frame[k];

			FUZZ_CHECK(!f->object || (f->pc - f->is_call >= f->object->start &&
						  f->pc - f->is_call < f->object->end));
			FUZZ_CHECK(k || (f->pc == t->pc && !f->is_call && !f->guessed));
			if (k < SOME)
				od_pipeline_core_symbol(core, NULL, f->pc, &name);
		}
		od_pipeline_core_frames(core, NULL, &trace, rep, stack, 0);
		FUZZ_CHECK(stack->nframes >= trace.n || stack->nframes == OD_MAX_FRAMES);
		od_buf_deinit(&name);
	}
	od_report_destroy(rep);
}

static void look(struct od_core *core, struct od_debug *dbg)
{
	const struct od_core_facts *f = od_core_facts(core);
	struct od_memory *mem = od_core_memory(core);
	uint64_t value;

	FUZZ_CHECK(mem->pointer_size == 4 || mem->pointer_size == 8);
	FUZZ_CHECK(!f->comm || strlen(f->comm) <= 16 * 3);
	for (size_t i = 0; od_core_note(core, i); i++)
		FUZZ_CHECK(strlen(od_core_note(core, i)) < 4096);
	for (uint32_t i = 0; i < od_core_nthreads(core) && i < SOME; i++)
		for (unsigned k = 0; od_core_register(core, od_core_thread(core, i), k, &value); k++)
			;
	for (uint64_t i = 0; i < SOME; i++)
		read_twice(mem, i * 0x1000000000000123);
	give_files(core, dbg);
	walk(core);
}

/* Each address of the file near an entry of its index, whatever the core says. */
static void rows(struct od_debug *dbg)
{
	struct od_cfi_row row;
	uint64_t start, size;

	if (!od_debug_section(dbg, ".text", &start, &size))
		return;
	for (uint64_t i = 0; i < 64; i++)
		if (od_debug_cfi(dbg, start + size / 64 * i, &row))
			FUZZ_CHECK(row.ret < OD_DWARF_REGS && (row.pointer_size == 4 || row.pointer_size == 8));
	(void)od_debug_soname(dbg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct od_debug *dbg = NULL;
	struct od_core *core = NULL;
	struct od_error *err;
	size_t file;
	int fd;

	if (size < 4)
		return 0;
	file = (size_t)(data[1] | data[2] << 8) << 10;
	if (file > size - 3)
		file = size - 3;
	od_error_free(od_debug_open_bytes(data + 3, file, "file", &dbg));
	if (dbg)
		rows(dbg);
	fd = memfd_create("core", 0);
	FUZZ_CHECK(fd >= 0 && write(fd, data + 3 + file, size - 3 - file) == (ssize_t)(size - 3 - file));
	(void)od_core_probe(fd);
	(void)od_core_may_be(fd);
	err = od_core_open(fd, NULL, &core);
	FUZZ_CHECK(!err == !!core);
	od_error_free(err);
	if (core)
		look(core, dbg);
	od_core_destroy(core);
	od_debug_close(dbg);
	close(fd);
	return 0;
}
