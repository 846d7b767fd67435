/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Variables of frames: the input is an ELF file with DWARF. Whatever it says of variables, frames and
 * calls, telling them ends soon, their texts are bounded, and what no register or memory gives is not
 * made up: without either, every number that is told stands in the file.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/vars.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_ADDRESSES = 24, MAX_SIZE = 1 << 20, FRAMES = 3 };

/* Some of it is not there, the rest looks like pointers into what is. */
static enum od_mem_status fake_read(struct od_memory *mem, enum od_space space, uint64_t addr, void *buf,
				    size_t len, size_t *got)
{
	uint8_t *p = buf;

	(void)mem, (void)space;
	*got = 0;
	if (addr >> 12 & 1)
		return OD_MEM_EXCLUDED;
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(addr + i) % 8 ? 0 : (uint8_t)(addr >> 3) | 1;
	*got = len;
	return OD_MEM_OK;
}

static struct od_memory fake = { .read = fake_read, .pointer_size = 8, .page_size = 4096 };

static bool address(void *ctx, struct od_debug *dbg, uint64_t file, uint64_t *ret)
{
	(void)ctx, (void)dbg;
	*ret = file + 0x10000;
	return true;
}

static void add(void *ctx, const struct od_variable *v)
{
	unsigned *n = ctx;

	++*n;
	FUZZ_CHECK(*n <= OD_MAX_FRAME_VARS);
	FUZZ_CHECK(v->name && *v->name && v->text);
	FUZZ_CHECK(strlen(v->text) <= OD_MAX_VAR_TEXT + 3);
	FUZZ_CHECK(v->known || v->text[0] == '<');
	FUZZ_CHECK(!v->has_number || v->known);
}

static void look(struct od_debug *dbg, uint64_t pc, bool blind)
{
	const struct od_var_world world = { .mem = blind ? NULL : &fake, .address = blind ? NULL : address };
	struct od_var_frame f[FRAMES];
	unsigned n;

	memset(f, 0, sizeof(f));
	for (unsigned i = 0; i < OD_DWARF_REGS && !blind; i++)
		od_dwarf_reg_set(&f[0].regs, i, 0x2000 * i + 8);
	for (int i = 0; i < FRAMES; i++) {
		f[i].dbg = dbg;
		f[i].pc = pc;
		f[i].return_pc = i ? pc + 1 : 0;
		if (i + 1 < FRAMES) {
			f[i].caller = &f[i + 1];
			f[i].has_cfa = od_debug_caller(&f[i], &fake, &f[i + 1].regs, &f[i].cfa);
		}
	}
	for (int i = 0; i < FRAMES; i++) {
		n = 0;
		od_debug_vars(&f[i], &world, add, &n);
		n = 0;
		od_debug_args(&f[i], &world, add, &n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct od_debug *dbg;
	struct od_error *err;
	uint64_t addr, len, step;
	int fd;

	if (size > MAX_SIZE)
		return 0;
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	err = od_debug_open(fd, "fuzz", &dbg);
	if (err) {
		od_error_free(err);
		return 0;
	}
	if (od_debug_section(dbg, ".text", &addr, &len) && len) {
		step = len / MAX_ADDRESSES ? len / MAX_ADDRESSES : 1;
		for (uint64_t at = 0, n = 0; at < len && n < MAX_ADDRESSES; at += step, n++)
			look(dbg, addr + at, n & 1);
	}
	od_debug_close(dbg);
	return 0;
}
