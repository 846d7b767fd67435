/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a dump. What can be read is read twice alike; how much of it there is and the status agree;
 * addresses are translated by whatever tables there are. The first byte: 0, the rest is the file;
 * 1, the rest are records of a flattened file, so that big files are small inputs.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "symbols/vmcoreinfo.h"
#include "target/dump-internal.h"
#include "tests/fuzz/fuzz.h"

enum { SOME = 64, BYTES = 5000 };

static uint8_t first[BYTES], again[BYTES];

static void read_twice(struct od_memory *mem, enum od_space space, uint64_t addr)
{
	size_t got = 1 << 20, got2 = 1 << 20;
	enum od_mem_status st = mem->read(mem, space, addr, first, BYTES, &got), st2;

	FUZZ_CHECK(got <= BYTES && (got == BYTES) == (st == OD_MEM_OK));
	st2 = mem->read(mem, space, addr, again, BYTES, &got2);
	FUZZ_CHECK(st == st2 && got == got2 && !memcmp(first, again, got));
}

static void look_around(struct od_dump *d)
{
	const struct od_dump_facts *f = od_dump_facts(d);
	struct od_memory *mem = od_dump_memory(d);
	struct od_prstatus prs;
	uint8_t sum = 0;

	FUZZ_CHECK(f->format && mem->page_size >= 4096 && (mem->pointer_size == 4 || mem->pointer_size == 8));
	for (size_t i = 0; od_dump_note(d, i); i++)
		FUZZ_CHECK(strlen(od_dump_note(d, i)) < 4096);
	for (uint32_t i = 0; od_dump_prstatus(d, i, &prs); i++)
		for (size_t k = 0; k < prs.size; k++)
			sum ^= prs.regs[k];
	first[0] = sum;
	for (uint64_t i = 0; i < SOME; i++) {
		read_twice(mem, OD_PHYS, i * mem->page_size + i);
		read_twice(mem, OD_PHYS, f->max_pfn * mem->page_size - i * 4096);
		read_twice(mem, OD_PHYS, f->max_pfn / SOME * i * mem->page_size);
	}
	read_twice(mem, OD_PHYS, UINT64_MAX - 10);
}

static void translate(struct od_dump *d)
{
	static const uint64_t bases[] = { 0, 0xffff888000000000, 0xffffffff81000000, 0xffff800000000000,
					  0xffffffffffffe000, 0xff11000000000000, 0xffff000008000000 };
	bool scanned;
	size_t len = 0;
	const char *text = od_dump_vmcoreinfo(d, &len, &scanned);
	struct od_vmcoreinfo *info;
	od_autoerror err = NULL;

	if (!text)
		return;
	info = od_vmcoreinfo_create(text, len);
	err = od_dump_translate(d, info);
	for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++)
		for (uint64_t k = 0; k < 8; k++) {
			uint64_t at = bases[i] + k * 0x1ff00, phys;
			struct od_buf buf = OD_BUF_INIT;

			read_twice(od_dump_memory(d), OD_VIRT, at);
			if (od_dump_vtop(d, at, &phys, &buf) == OD_MEM_OK)
				FUZZ_CHECK(buf.len);
			od_buf_deinit(&buf);
		}
	od_vmcoreinfo_destroy(info);
}

/* What libkdumpfile reads it may die of: nothing of that. */
static bool ours(const uint8_t *head, size_t len)
{
	return od_flat_is(head, len) || od_dump_is_kdump(head, len) ||
	       (od_dump_is_elf(head, len) && !od_dump_is_xen(head, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct od_buf file = OD_BUF_INIT;
	struct od_dump *d = NULL;
	struct od_error *err;
	int fd;

	if (!size)
		return 0;
	if (data[0] == 1) {
		od_buf_add(&file, "makedumpfile\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1", 32);
		od_buf_fill(&file, '\0', 4096 - 32);
	}
	od_buf_add(&file, data + 1, size - 1);
	fd = memfd_create("dump", 0);
	FUZZ_CHECK(fd >= 0 && write(fd, od_buf_str(&file), file.len) == (ssize_t)file.len);
	if (ours((const uint8_t *)od_buf_str(&file), file.len)) {
		err = od_dump_open(&fd, 1, &d);
		FUZZ_CHECK(!err == !!d);
		od_error_free(err);
	}
	if (d) {
		look_around(d);
		translate(d);
		od_dump_destroy(d);
	}
	close(fd);
	od_buf_deinit(&file);
	return 0;
}
