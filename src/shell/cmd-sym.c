/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sym: names and addresses: those that a report names, or all of a dump. */
#include <inttypes.h>
#include <string.h>

#include "analyze/address.h"
#include "base/escape.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/core.h"
#include "shell/memory-args.h"
#include "shell/session.h"
#include "shell/sym-lines.h"
#include "symbols/find.h"
#include "symbols/demangle.h"
#include "target/kernel/modules.h"

/* --- of a report ----------------------------------------------------------------- */

static bool has_start(const struct od_frame *f)
{
	return f->addr && (f->flags & OD_FRAME_HAS_OFFSET) && f->symbol;
}

static bool same(const char *a, const char *b)
{
	return a && !strcmp(a, b);
}

static bool matches(const struct od_frame *f, const char *name, bool is_addr, uint64_t addr)
{
	uint64_t start = f->addr - f->offset;

	if (is_addr && has_start(f) && addr >= start && addr - start < (f->size ? f->size : 1))
		return true;
	return same(f->symbol, name) || same(f->function, name) || same(f->demangled, name);
}

static void print_symbol(const struct od_frame *f, bool is_addr, uint64_t addr, struct od_buf *out)
{
	uint64_t start = f->addr - f->offset;

	if (has_start(f))
		od_buf_printf(out, "0x%016" PRIx64 " ", start);
	else
		od_buf_addstr(out, "address not printed ");
	od_escape_str(out, OD_ESCAPE_TEXT, f->demangled ? f->demangled : f->symbol);
	if (is_addr && has_start(f) && addr >= start)
		od_buf_printf(out, "+0x%" PRIx64, addr - start);
	if (f->module) {
		od_buf_addstr(out, " [");
		od_escape_str(out, OD_ESCAPE_TEXT, f->module);
		od_buf_addch(out, ']');
	}
	if (f->flags & OD_FRAME_HAS_OFFSET && f->size)
		od_buf_printf(out, ", %u bytes", f->size);
	if (f->demangled) {
		od_buf_addstr(out, ", ");
		od_escape_str(out, OD_ESCAPE_TEXT, f->symbol);
	}
	od_buf_addch(out, '\n');
}

/* Each function once, though it may stand on several stacks. */
static bool seen_before(const struct od_report *rep, uint32_t stack, uint32_t frame)
{
	const struct od_frame *f = &rep->stacks[stack].frames[frame];

	for (uint32_t i = 0; i <= stack; i++) {
		const struct od_stack *st = &rep->stacks[i];

		for (uint32_t j = 0; j < (i == stack ? frame : st->nframes); j++)
			if (same(st->frames[j].symbol, f->symbol) &&
			    has_start(&st->frames[j]) == has_start(f))
				return true;
	}
	return false;
}

static void search(const struct od_report *rep, const char *name, bool is_addr, uint64_t addr,
		   struct od_buf *out)
{
	for (uint32_t i = 0; i < rep->nstacks; i++) {
		const struct od_stack *st = &rep->stacks[i];

		for (uint32_t j = 0; j < st->nframes; j++)
			if (st->frames[j].symbol && matches(&st->frames[j], name, is_addr, addr) &&
			    !seen_before(rep, i, j))
				print_symbol(&st->frames[j], is_addr, addr, out);
	}
}

static struct od_error *in_report(struct od_session *s, const char *name, struct od_buf *out)
{
	const struct od_report *rep = od_session_current(s);
	struct od_buf text = OD_BUF_INIT;
	uint64_t addr = 0;
	bool is_addr = od_parse_address(name, &addr);

	if (!rep) {
		s->no_crash = true;
		return NULL;
	}
	search(rep, name, is_addr, addr, out);
	if (out->len == 0 && is_addr)
		od_address_describe(rep, addr, &text);
	if (out->len == 0 && text.len == 0)
		od_demangle(name, strlen(name), &text);
	if (text.len > 0) {
		od_escape(out, OD_ESCAPE_TEXT, text.data, text.len);
		od_buf_addch(out, '\n');
	}
	od_buf_deinit(&text);
	if (out->len == 0)
		return od_error_new(OD_ERR_USAGE, "the report does not name '%s'", name);
	return NULL;
}

/* --- of a dump ------------------------------------------------------------------- */

enum { MAX_LISTED = 100000 };

struct listing {
	struct od_buf *out;
	const char *module; /* NULL: all */
	const char *part;   /* of the name; NULL: any */
	uint32_t n;
};

/* "ffffffffa9800000 (T) _stext [module], demangled" */
static void print_line(const struct od_symbol *sym, uint64_t addr, struct od_buf *out)
{
	struct od_buf plain = OD_BUF_INIT;

	od_buf_printf(out, "%016" PRIx64 " (%c) ", addr, sym->type);
	od_escape_str(out, OD_ESCAPE_TEXT, sym->name);
	if (addr != sym->addr)
		od_buf_printf(out, "+0x%" PRIx64, addr - sym->addr);
	if (sym->module) {
		od_buf_addstr(out, " [");
		od_escape_str(out, OD_ESCAPE_TEXT, sym->module);
		od_buf_addch(out, ']');
	}
	if (sym->size)
		od_buf_printf(out, ", %" PRIu64 " bytes", sym->size);
	if (od_demangle(sym->name, strlen(sym->name), &plain)) {
		od_buf_addstr(out, ", ");
		od_escape(out, OD_ESCAPE_TEXT, plain.data, plain.len);
	}
	od_buf_addch(out, '\n');
	od_buf_deinit(&plain);
}

static bool list_one(void *ctx, const struct od_symbol *sym)
{
	struct listing *l = ctx;

	if (l->module && (!sym->module || strcmp(sym->module, l->module) != 0))
		return true;
	if (l->part && !strstr(sym->name, l->part))
		return true;
	print_line(sym, sym->addr, l->out);
	return ++l->n < MAX_LISTED;
}

/* sym -l [MODULE], sym -p PREFIX, sym -q PART */
static struct od_error *list(struct od_kernel *k, const struct od_args *args, struct od_buf *out)
{
	struct listing l = { .out = out };
	const char *word = args->argc > 1 ? args->argv[1] : NULL, *prefix = "";

	if (od_args_has(args, 'q')) {
		l.part = word ? word : "";
	} else if (od_args_has(args, 'p')) {
		prefix = word ? word : "";
	} else if (word) {
		const struct od_kmodule *m = od_kmodule_named(od_kernel_modules(k), word);

		if (!m)
			return od_error_new(OD_ERR_USAGE, "no module '%s' is loaded", word);
		l.module = m->name;
	}
	od_symtab_each(k->symtab, prefix, list_one, &l);
	if (l.n == MAX_LISTED)
		od_buf_printf(out, "... only the first %d are listed\n", MAX_LISTED);
	return NULL;
}

/* What memory says of an address, and under it what the debug files say. */
static void tell_dump(struct od_session *s, const struct od_symbol *sym, uint64_t addr, bool is_return,
		      struct od_buf *out)
{
	struct od_sym_question q = { .offset = addr - sym->addr, .size = sym->size,
				     .is_return = is_return };
	const struct od_kmodule *m;

	print_line(sym, addr, out);
	if (strlen(sym->name) >= sizeof(q.name) || (sym->module && strlen(sym->module) >= sizeof(q.module)))
		return;
	strcpy(q.name, sym->name);
	if (sym->module) {
		strcpy(q.module, sym->module);
		m = od_kmodule_named(od_kernel_modules(s->target.kernel), sym->module);
		q.build_id = m ? m->build_id : NULL;
	}
	od_sym_places(s, &q, out);
}

static struct od_error *in_dump(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const char *word = args->argc > 1 ? args->argv[1] : "";
	struct od_kernel *k = s->target.kernel;
	struct od_sym_question q;
	struct od_symbol sym;
	uint64_t addr;

	od_kernel_modules(k); /* with their symbols */
	if (od_args_has(args, 'l') || od_args_has(args, 'p') || od_args_has(args, 'q'))
		return list(k, args, out);
	if (od_sym_parse(args, &q) &&
	    od_symtab_find(k->symtab, q.name, q.module[0] ? q.module : NULL, &sym)) {
		tell_dump(s, &sym, sym.addr + q.offset, q.is_return, out);
		return NULL;
	}
	if (k->info && od_vmcoreinfo_symbol(k->info, word, &addr)) {
		od_buf_printf(out, "%016" PRIx64 " %s\n", addr, word);
		return NULL;
	}
	if (!od_parse_address(word, &addr) || !od_symtab_at(k->symtab, addr, &sym))
		return od_error_new(OD_ERR_USAGE, "the dump has no symbol '%s'%s%s", word,
				    k->why_no_symbols ? ": " : "",
				    k->why_no_symbols ? k->why_no_symbols : "");
	tell_dump(s, &sym, addr, od_args_has(args, 'r'), out);
	return NULL;
}

/* Debug files first: they know more than a report, and need none. */
static struct od_error *in_text(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_buf why = OD_BUF_INIT;
	struct od_error *err = NULL;
	struct od_sym_question q;
	bool found = od_sym_parse(args, &q) && od_sym_lines(s, &q, od_args_has(args, 'j'), out, &why);

	if (!found && s->in && args->argc == 2 && !od_args_has(args, 'j'))
		err = in_report(s, args->argv[1], out);
	else if (!found)
		err = od_error_new(OD_ERR_USAGE, "no debug file has '%s'%s%s", args->argv[1],
				   why.len ? ": " : "", od_buf_str(&why));
	od_buf_deinit(&why);
	return err;
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	/* With debug files it works without any input. */
	struct od_error *err = s->nfds || !od_find_given(s->find) ? od_session_load(s) : NULL;

	if (err)
		return err;
	if (args->argc < 2 && !od_args_has(args, 'l'))
		return od_error_new(OD_ERR_USAGE, "which symbol, or address?");
	if (od_session_has_core(s))
		return od_core_sym(s, args, out);
	if (s->target.kernel)
		return in_dump(s, args, out);
	if (od_args_has(args, 'l') || od_args_has(args, 'p') || od_args_has(args, 'q'))
		return od_error_new(OD_ERR_USAGE, "symbols are listed of a dump only");
	return in_text(s, args, out);
}

static void complete(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	const struct od_report *rep = od_session_current(s);

	if (s->target.kernel && (od_complete_behind(args, "l") || args->argc + !args->open > 2)) {
		od_complete_modules(s, args, words);
		return;
	}
	if (s->target.kernel) {
		od_complete_symbols(s, args, words);
		return;
	}
	for (uint32_t i = 0; rep && i < rep->nstacks; i++)
		for (uint32_t j = 0; j < rep->stacks[i].nframes; j++)
			if (rep->stacks[i].frames[j].symbol && !seen_before(rep, i, j))
				od_words_add(words, od_args_word(args),
					     rep->stacks[i].frames[j].symbol);
}

const struct od_command od_cmd_sym = {
	.name = "sym",
	.options = "lpqrj",
	.usage = "sym [-r] [-j] ADDRESS|NAME[+OFFSET[/SIZE]] [MODULE] | sym -l [MODULE] | sym -p PREFIX | sym -q PART",
	.help = "Say where a function or variable is, or what an address is",
	.details = "With debug files (-s), also without any input: the function, its place in the "
		   "source, and what was inlined there, as faddr2line tells; all symbols that fit are "
		   "listed. OFFSET and SIZE are hex, as the kernel prints them; with -r the place is that "
		   "of the call ahead of a return address; -j prints JSON. "
		   "Of a log only functions are known that the current report itself names; "
		   "a mangled name that it does not name is demangled. Of a dump: all "
		   "symbols of the kernel and its modules; -l lists those of a module, or "
		   "all, -p those that begin with PREFIX, -q those that have PART in their name. Of the core of a process: symbols of the "
		   "program and its objects; $REGISTER is one of the thread that crashed.",
	.max_args = 3,
	.complete = complete,
	.exec = exec,
	.examples = "sym kfree\twhere it is\n"
		    "sym ffffffff81241234\twhat is there\n",
};
