/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dis: code as instructions: that of a report, of a dump's memory, or of a debug file. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/code.h"
#include "analyze/locate.h"
#include "pipeline-core.h"
#include "render/page.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/core.h"
#include "shell/dis.h"
#include "shell/memory-args.h"
#include "shell/session.h"
#include "symbols/find.h"
#include "target/kernel/modules.h"

/* --- of a report ----------------------------------------------------------------- */

static struct od_error *of_report(struct od_session *s, struct od_buf *out)
{
	const struct od_report *rep = od_session_current(s);
	struct od_style style = od_session_text_style(s);

	if (!rep) {
		s->no_crash = true;
		return NULL;
	}
	if (rep->ncode)
		od_render_code(out, rep, &style);
	else if (!rep->code_why)
		return od_error_new(OD_ERR_USAGE, "the report has no code bytes");
	if (rep->code_why) {
		od_buf_addstr(out, rep->ncode ? "\n" : "");
		od_page_wrap(out, &style, 0, 0, rep->code_why);
	}
	return NULL;
}

/* --- which code ------------------------------------------------------------------ */

/* What the words of the command line say. */
struct what {
	uint64_t addr;
	bool whole; /* a function by its name: all of it */
	uint32_t count;
};

/* uname -m -> the names of reports, and of symbols/disasm.h */
static const char *dump_arch(const struct od_kernel *k)
{
	static const struct {
		const char *machine, *arch;
	} rows[] = { { "ppc64le", "powerpcle" }, { "ppc64", "powerpc" }, { "s390x", "s390" },
		     { "i686", "i386" },	 { "i386", "i386" },	 { "mips64", "mips" } };
	const char *machine = k->dump ? od_dump_facts(k->dump)->arch : NULL;

	if (k->x86 || k->arm64)
		return k->x86 ? "x86_64" : "arm64";
	for (size_t i = 0; machine && i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(machine, rows[i].machine))
			return rows[i].arch;
	return machine;
}

/* "kfree+0x13c/0x140" -> its name; offset and whether there is one. */
static struct od_error *split(const char *text, char *name, size_t size, uint64_t *offset, bool *has)
{
	char number[32];
	size_t len = strcspn(text, "+"), n;

	*offset = 0;
	*has = text[len] == '+';
	if (!len || len >= size)
		return od_error_new(OD_ERR_USAGE, "'%.64s' is no name", text);
	memcpy(name, text, len);
	name[len] = '\0';
	if (!*has)
		return NULL;
	n = strcspn(text + len + 1, "/");
	snprintf(number, sizeof(number), "%.*s", n < sizeof(number) ? (int)n : 0, text + len + 1);
	if (!od_parse_number(number, offset))
		return od_error_new(OD_ERR_USAGE, "'%.64s' is no offset", text + len);
	return NULL;
}

static struct od_error *in_dump(struct od_dis *d, const char *word, struct what *w)
{
	char name[OD_SYMBOL_NAME];
	struct od_symbol sym;
	uint64_t offset;
	bool has;
	struct od_error *err = split(word, name, sizeof(name), &offset, &has);

	if (err)
		return err;
	od_kernel_modules(d->kernel);
	if (!od_symtab_find(d->kernel->symtab, name, NULL, &sym))
		return od_memory_address(d->kernel, word, &w->addr);
	w->addr = sym.addr + offset;
	w->whole = !has;
	return NULL;
}

/* The frame of the report that stands in that function, or around that address. */
static const struct od_frame *frame_of(const struct od_report *rep, const char *name, bool is_addr,
				       uint64_t addr)
{
	for (uint32_t i = 0; rep && i < rep->nstacks; i++)
		for (uint32_t j = 0; j < rep->stacks[i].nframes; j++) {
			const struct od_frame *f = &rep->stacks[i].frames[j];
			const uint64_t start = f->addr - f->offset;

			if (!f->symbol)
				continue;
			if (!strcmp(f->symbol, name) || (f->function && !strcmp(f->function, name)))
				return f;
			if (is_addr && f->addr && f->flags & OD_FRAME_HAS_OFFSET && addr >= start &&
			    addr - start < f->size)
				return f;
		}
	return NULL;
}

static struct od_error *open_file(struct od_session *s, struct od_dis *d, const struct od_frame *f)
{
	const struct od_report *rep = od_session_current(s);
	struct od_wanted wanted = { .release = d->release };
	struct od_absent absent = { NULL, NULL };

	if (!d->locate)
		return od_error_new(OD_ERR_USAGE, "only the code of the report is there (dis alone): name a "
						  "debug file with -s");
	if (f && f->module) {
		wanted.module = f->module;
		wanted.build_id = f->build_id;
		for (uint32_t i = 0; !wanted.build_id && i < rep->nmodules; i++)
			if (!strcmp(rep->modules[i].name, f->module))
				wanted.build_id = rep->modules[i].build_id;
	} else if (rep) {
		wanted.build_id = rep->kernel_build_id;
	}
	d->file = od_locate_file(d->locate, &wanted, &absent);
	if (d->file)
		return NULL;
	return od_error_new(OD_ERR_USAGE, "%s", absent.why ? absent.why : "no debug file was found");
}

/* A name, as the report or the file has it; an address, as the log or the file has it. */
static struct od_error *in_file(struct od_session *s, struct od_dis *d, const char *word, struct what *w)
{
	const struct od_report *rep = od_session_current(s);
	char name[OD_SYMBOL_NAME];
	struct od_debug_symbol sym;
	const struct od_frame *f;
	uint64_t offset, addr = 0;
	bool has, is_addr = od_parse_address(word, &addr);
	struct od_error *err = split(word, name, sizeof(name), &offset, &has);
	size_t n, all;

	if (err)
		return err;
	f = frame_of(rep, name, is_addr, addr);
	err = open_file(s, d, f);
	if (err)
		return err;
	n = od_locate_symbols(d->file, f ? f->symbol : name, f ? f->size : 0, &sym, 1, &all);
	if (n > 1)
		return od_error_new(OD_ERR_USAGE, "%zu functions are called '%.64s': take an address", n, name);
	if (n == 1) {
		w->addr = sym.addr + (f && is_addr ? addr - (f->addr - f->offset) : offset);
		w->whole = !has && !(f && is_addr);
		return NULL;
	}
	if (!is_addr)
		return od_error_new(OD_ERR_USAGE, all ? "'%.64s' has another size in the debug file" :
				    "the debug file has no '%.64s'", name);
	w->addr = rep && rep->has_kaslr_offset ? addr - rep->kaslr_offset : addr;
	return NULL;
}

/* --- the command ------------------------------------------------------------------ */

static struct od_error *list(struct od_dis *d, const struct od_args *args, const struct what *w,
			     struct od_buf *out)
{
	struct od_dis_symbol sym;
	const bool known = od_dis_symbol(d, w->addr, &sym) && sym.size;
	const uint64_t end = known ? sym.addr + sym.size : 0;

	if ((od_args_has(args, 'r') || od_args_has(args, 'f')) && !known)
		return od_error_new(OD_ERR_USAGE, "no function is known there");
	if (od_args_has(args, 'r'))
		od_dis_list(d, sym.addr, w->addr + 1, OD_DIS_INSNS, out);
	else if (od_args_has(args, 'f') || (w->whole && !w->count && known))
		od_dis_list(d, w->addr, end, w->count ? w->count : OD_DIS_INSNS, out);
	else
		od_dis_list(d, w->addr, 0, w->count ? w->count : 1, out);
	return NULL;
}

/* As symbols/disasm.h names it. */
static const char *core_arch(struct od_core *core)
{
	const char *arch = od_core_facts(core)->arch;

	return arch && !strcmp(arch, "powerpc") && !od_core_memory(core)->big_endian ? "powerpcle" : arch;
}

static struct od_error *in_core(struct od_session *s, struct od_dis *d, const char *word, struct what *w)
{
	struct od_error *err = od_core_word(s, word, &w->addr);
	uint64_t start, size;

	if (!err)
		w->whole = od_pipeline_core_extent(d->core, d->find, w->addr, &start, &size) && start == w->addr &&
			   !od_parse_address(word, &size);
	return err;
}

/* Whose code it is: of the dump, of the report, or else of the debug file alone. */
static struct od_error *find_arch(struct od_session *s, struct od_dis *d)
{
	const struct od_report *rep = od_session_current(s);
	struct od_error *err;

	if (d->kernel) {
		d->arch = dump_arch(d->kernel);
	} else if (d->core) {
		d->arch = core_arch(d->core);
	} else if (rep && od_code_arch(rep)) {
		d->arch = od_code_arch(rep);
	} else {
		err = open_file(s, d, NULL);
		if (err)
			return err;
		d->arch = od_debug_arch(d->file);
	}
	if (od_disasm_supported(d->arch))
		return NULL;
	return od_error_new(OD_ERR_UNSUPPORTED, "%s: %s", d->arch ? d->arch : "nothing tells it",
			    od_disasm_why_not(d->arch));
}

static struct od_error *list_code(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const struct od_report *rep = od_session_current(s);
	struct od_dis d = { .kernel = s->target.kernel,
			    .core = s->target.core,
			    .find = s->find,
			    .locate = od_session_locate(s),
			    .release = s->in ? s->in->release : NULL,
			    .lines = od_args_has(args, 'l') };
	struct what w = { 0 };
	struct od_error *err;
	uint64_t count = 0;

	if (args->argc > 2 && (!od_parse_number(args->argv[2], &count) || !count || count > OD_DIS_INSNS))
		return od_error_new(OD_ERR_USAGE, "COUNT is 1 to %d", OD_DIS_INSNS);
	w.count = (uint32_t)count;
	if (rep && rep->release)
		d.release = rep->release;
	err = find_arch(s, &d);
	if (err)
		return err;
	err = d.kernel ? in_dump(&d, args->argv[1], &w) : d.core ? in_core(s, &d, args->argv[1], &w) : in_file(s, &d, args->argv[1], &w);
	if (err)
		return err;
	err = list(&d, args, &w, out);
	if (!err && d.lines && d.kernel && d.why_not)
		od_buf_printf(out, "(no lines: %s)\n", d.why_not);
	return err;
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	/* A function of a debug file is there without any input. */
	const bool alone = args->argc > 1 && !s->nfds && od_find_given(s->find);
	struct od_error *err = alone ? NULL : od_session_load(s);

	if (err)
		return err;
	return args->argc < 2 ? of_report(s, out) : list_code(s, args, out);
}

static void complete(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	const struct od_report *rep = od_session_current(s);

	if (s->target.kernel) {
		od_complete_symbols(s, args, words);
		return;
	}
	for (uint32_t i = 0; rep && rep->nstacks && i < rep->stacks[0].nframes; i++)
		if (rep->stacks[0].frames[i].symbol)
			od_words_add(words, od_args_word(args), rep->stacks[0].frames[i].symbol);
}

const struct od_command od_cmd_dis = {
	.name = "dis",
	.options = "flr",
	.usage = "dis | dis [-l] [-r|-f] FUNCTION[+OFFSET]|ADDRESS [COUNT]",
	.help = "Disassemble the code of the report, of a dump, or of a debug file",
	.details = "Alone: all instructions of the report's code, and what the one that trapped says "
		   "of the fault. Of a dump from its memory, else from the debug file: a function as "
		   "a whole if it is named without an offset, one instruction elsewhere, or COUNT; "
		   "-r: from the beginning of the function up to there, -f: from there to its end. "
		   "-l: where that stands in the source, if there is a debug file. Where the memory "
		   "of a dump differs from the file of its build id (ftrace, static calls, "
		   "retpolines, jump labels, alternatives), what the file has is put behind.",
	.max_args = 2,
	.complete = complete,
	.exec = exec,
	.examples = "dis kfree\tcode of a function out of a dump or a debug file\n"
		    "dis\tof a log: the bytes of its Code: line\n",
};
