/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/dis.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/code.h"
#include "analyze/locate.h"
#include "base/alloc.h"
#include "base/escape.h"
#include "pipeline-core.h"
#include "target/kernel/modules.h"

/* --- names ----------------------------------------------------------------------- */

bool od_dis_symbol(struct od_dis *d, uint64_t addr, struct od_dis_symbol *ret)
{
	struct od_debug_symbol in_file;
	struct od_symbol sym;

	if (d->kernel) {
		od_kernel_modules(d->kernel);
		if (!od_symtab_at(d->kernel->symtab, addr, &sym))
			return false;
		memcpy(ret->name, sym.name, sizeof(ret->name));
		ret->module = sym.module;
		ret->addr = sym.addr;
		ret->size = sym.size;
		return true;
	}
	if (d->core) {
		struct od_buf name = OD_BUF_INIT;
		bool found = od_pipeline_core_extent(d->core, d->find, addr, &ret->addr, &ret->size) &&
			     od_pipeline_core_symbol(d->core, d->find, ret->addr, &name);

		snprintf(ret->name, sizeof(ret->name), "%s", od_buf_str(&name));
		ret->module = NULL;
		od_buf_deinit(&name);
		return found;
	}
	if (!d->file || !od_debug_at(d->file, addr, &in_file))
		return false;
	snprintf(ret->name, sizeof(ret->name), "%s", in_file.name);
	ret->module = NULL;
	ret->addr = in_file.addr;
	ret->size = in_file.extent;
	return true;
}

/* "kfree+0x10", escaped. */
static bool put_name(struct od_dis *d, uint64_t addr, struct od_buf *buf)
{
	struct od_dis_symbol sym;

	if (!od_dis_symbol(d, addr, &sym))
		return false;
	od_escape_str(buf, OD_ESCAPE_TEXT, sym.name);
	if (addr != sym.addr)
		od_buf_printf(buf, "+0x%" PRIx64, addr - sym.addr);
	return true;
}

/* --- the file -------------------------------------------------------------------- */

static bool no_file(struct od_dis *d, const char *why)
{
	d->file = NULL;
	d->why_not = why;
	return false;
}

/* All of the kernel is moved by the same distance. */
static bool place_kernel(struct od_dis *d)
{
	struct od_debug_symbol text;
	const uint64_t here = od_kernel_symbol(d->kernel, "_stext");

	if (!here || od_debug_find(d->file, "_stext", &text, 1) != 1)
		return no_file(d, "the debug file has no _stext");
	d->delta = here - text.addr;
	d->first = 0;
	d->last = UINT64_MAX;
	return true;
}

/* A module's functions are where its sections were put. */
static bool place_function(struct od_dis *d, const struct od_dis_symbol *sym)
{
	struct od_debug_symbol found;

	if (od_locate_symbols(d->file, sym->name, sym->size, &found, 1, NULL) != 1)
		return no_file(d, "the debug file does not have the function, or several of that name");
	d->delta = sym->addr - found.addr;
	d->first = sym->addr;
	d->last = sym->addr + (sym->size ? sym->size - 1 : 0);
	d->relocated = true;
	return true;
}

bool od_dis_file(struct od_dis *d, uint64_t addr)
{
	struct od_wanted wanted = { .release = d->release };
	const struct od_kmodule *m = NULL;
	struct od_absent absent = { NULL, NULL };
	struct od_dis_symbol sym;

	if (!d->kernel)
		return d->file != NULL;
	if ((d->file || d->why_not) && addr >= d->first && addr <= d->last)
		return d->file != NULL;
	d->first = d->last = addr;
	d->relocated = false;
	d->why_not = NULL;
	if (!d->locate)
		return no_file(d, "no debug files are looked for");
	if (!od_dis_symbol(d, addr, &sym))
		return no_file(d, "no function is there");
	if (sym.module)
		m = od_kmodule_named(od_kernel_modules(d->kernel), sym.module);
	wanted.module = sym.module;
	wanted.build_id = m ? m->build_id : sym.module ? NULL : od_kernel_build_id(d->kernel);
	d->file = od_locate_file(d->locate, &wanted, &absent);
	if (!d->file)
		return no_file(d, absent.why ? absent.why : "no debug file was found");
	return sym.module ? place_function(d, &sym) : place_kernel(d);
}

/* --- what was patched ------------------------------------------------------------ */

/* Bytes of the file that stand for addr. 0: none. */
static size_t read_file(struct od_dis *d, uint64_t addr, uint8_t *buf, size_t len)
{
	if (!od_dis_file(d, addr))
		return 0;
	if (d->last - addr < len)
		len = (size_t)(d->last - addr) + 1;
	return od_debug_read(d->file, addr - d->delta, buf, len);
}

static uint32_t word(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

bool od_dis_same(uint64_t moved, bool blank, const uint8_t *mem, const uint8_t *file, size_t len)
{
	const uint32_t delta = (uint32_t)moved;

	for (size_t i = 0; i < len; i++) {
		size_t at, end = i + 1;

		if (mem[i] == file[i])
			continue;
		/* A number begins at most 3 bytes before its first byte that differs. */
		for (at = i < 3 ? 0 : i - 3; at <= i && at + 4 <= len; at++) {
			const uint32_t differ = word(mem + at) - word(file + at);

			if (blank ? !word(file + at) : differ == delta || differ == 0 - delta)
				break;
		}
		if (at > i || at + 4 > len)
			return false;
		end = at + 4;
		/* The upper half of 8 bytes, which only a carry changes. */
		if (end + 4 <= len && memcmp(mem + end, file + end, 4) != 0 && end + 4 == len)
			end += 4;
		i = end - 1;
	}
	return true;
}

/* What patches code, by what the file has in its place. */
static const struct {
	const char *name, *text;
} patchers[] = {
	{ "__fentry__", "ftrace" },	{ "mcount", "ftrace" },
	{ "__x86_return_thunk", "return thunk" }, { "__x86_indirect_", "retpoline" },
	{ "__SCT__", "static call" },	{ "__SCK__", "static call" },
};

static const char *patcher(const struct od_insn *file, const char *target, const struct od_insn *mem)
{
	const bool nop = !strncmp(mem->text, "nop", 3) || !strncmp(file->text, "nop", 3);

	for (size_t i = 0; target && i < sizeof(patchers) / sizeof(*patchers); i++)
		if (strstr(target, patchers[i].name))
			return patchers[i].text;
	if (nop && ((mem->jump && !mem->conditional) || (file->jump && !file->conditional)))
		return "jump label";
	if (mem->trap == OD_TRAP_INT3)
		return "breakpoint";
	return "alternative, or patched";
}

/* "    # file has: call 0xffffffff81065f80 <__fentry__> (ftrace)" */
static void put_file(struct od_dis *d, const struct od_insn *file, const struct od_insn *mem,
		     struct od_buf *out)
{
	struct od_debug_symbol sym;
	char name[OD_SYMBOL_NAME] = "";

	if (file->has_target && od_debug_at(d->file, file->target, &sym))
		snprintf(name, sizeof(name), file->target == sym.addr ? "%s" : "%s+0x%" PRIx64, sym.name,
			 file->target - sym.addr);
	od_buf_addstr(out, "    # file has: ");
	od_code_text(file, NULL, out);
	if (*name) {
		od_buf_addstr(out, " <");
		od_escape_str(out, OD_ESCAPE_TEXT, name);
		od_buf_addch(out, '>');
	}
	od_buf_printf(out, " (%s)", patcher(file, *name ? name : NULL, mem));
}

/*
 * Where memory is at `at`, the file's instructions may begin elsewhere: an alternative has others.
 * *next is where the file's next one begins.
 */
static void compare(struct od_dis *d, const struct od_insn *mem, const uint8_t *bytes, uint64_t *next,
		    struct od_buf *out)
{
	uint8_t file[OD_INSN_MAX];
	const uint64_t at = mem->addr, end = at + mem->len;
	struct od_insn insn;
	size_t got;

	if (!d->kernel)
		return;
	if (*next < at)
		*next = at;
	if (*next == at) {
		got = read_file(d, at, file, sizeof(file));
		if (got >= mem->len && od_dis_same(d->delta, d->relocated, bytes, file, mem->len)) {
			*next = end;
			return;
		}
	}
	while (*next < end) {
		got = read_file(d, *next, file, sizeof(file));
		if (!got || !od_disasm(d->arch, file, got, *next - d->delta, &insn))
			return;
		put_file(d, &insn, mem, out);
		*next += insn.len;
	}
}

/* --- lines ----------------------------------------------------------------------- */

/* "mm/slub.c:3772 (in __cache_free, inlined)", when it is another one than before. */
static void put_line(struct od_dis *d, uint64_t addr, struct od_buf *last, struct od_buf *out)
{
	struct od_place places[OD_MAX_PLACES];
	struct od_buf text = OD_BUF_INIT;
	size_t n;

	if (d->core)
		n = od_pipeline_core_places(d->core, d->find, addr, places, OD_MAX_PLACES);
	else if (od_dis_file(d, addr))
		n = od_debug_places(d->file, addr - d->delta, places, OD_MAX_PLACES);
	else
		return;
	if (n && places[0].file) {
		od_escape_str(&text, OD_ESCAPE_TEXT, places[0].file);
		od_buf_printf(&text, ":%u", places[0].line);
		if (n > 1 && places[0].function) {
			od_buf_addstr(&text, " (");
			od_escape_str(&text, OD_ESCAPE_TEXT, places[0].function);
			od_buf_addstr(&text, ", inlined)");
		}
	}
	if (text.len && strcmp(od_buf_str(&text), od_buf_str(last)) != 0) {
		od_buf_printf(out, "%s\n", od_buf_str(&text));
		od_buf_reset(last);
		od_buf_addstr(last, od_buf_str(&text));
	}
	od_buf_deinit(&text);
}

/* --- the list -------------------------------------------------------------------- */

/* "0xffffffff812f31e0 <kfree+0x10>:  mov 0x8(%rax),%rdx" */
static void put_insn(struct od_dis *d, const struct od_insn *insn, struct od_buf *out)
{
	struct od_buf name = OD_BUF_INIT;

	od_buf_printf(out, "0x%0*" PRIx64, insn->addr >> 32 ? 16 : 8, insn->addr);
	if (put_name(d, insn->addr, &name))
		od_buf_printf(out, " <%s>", od_buf_str(&name));
	od_buf_reset(&name);
	od_buf_addstr(out, ":  ");
	od_code_text(insn, insn->has_target && put_name(d, insn->target, &name) ? od_buf_str(&name) : NULL,
		     out);
	od_buf_deinit(&name);
}

void od_dis_list(struct od_dis *d, uint64_t addr, uint64_t end, uint32_t max, struct od_buf *out)
{
	size_t len = OD_DIS_BYTES, got = 0;
	enum od_mem_status status = OD_MEM_OK;
	struct od_buf last = OD_BUF_INIT;
	uint64_t next = addr;
	struct od_insn insn;
	uint32_t n = 0;
	uint8_t *bytes;
	size_t at;

	if (max > OD_DIS_INSNS)
		max = OD_DIS_INSNS;
	/* The last one may go beyond. */
	if (end && end - addr + OD_INSN_MAX < len)
		len = (size_t)(end - addr) + OD_INSN_MAX;
	if ((size_t)max * OD_INSN_MAX < len)
		len = (size_t)max * OD_INSN_MAX;
	bytes = od_malloc(len + 1);
	if (d->kernel)
		status = d->kernel->mem->read(d->kernel->mem, OD_VIRT, addr, bytes, len, &got);
	else if (d->core)
		status = od_core_memory(d->core)->read(od_core_memory(d->core), OD_VIRT, addr, bytes, len, &got);
	else if (d->file)
		got = od_debug_read(d->file, addr, bytes, len);
	for (at = 0; at < got && n < max && (!end || addr + at < end); at += insn.len, n++) {
		if (!od_disasm(d->arch, bytes + at, got - at, addr + at, &insn))
			break;
		if (d->lines)
			put_line(d, insn.addr, &last, out);
		put_insn(d, &insn, out);
		compare(d, &insn, bytes + at, &next, out);
		od_buf_addch(out, '\n');
	}
	if (status != OD_MEM_OK && n < max && (!end || addr + at < end))
		od_buf_printf(out, "0x%" PRIx64 ":  %s\n", addr + got, od_mem_status_text(status));
	else if (end && addr + at < end && (n < max || max == OD_DIS_INSNS))
		od_buf_printf(out, "... %s\n", got < len ? "there is no more" : "only that much is listed");
	od_buf_deinit(&last);
	free(bytes);
}
