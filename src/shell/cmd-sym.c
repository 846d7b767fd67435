/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sym: names and addresses, as far as the report itself names them. */
#include <inttypes.h>
#include <string.h>

#include "analyze/address.h"
#include "base/escape.h"
#include "shell/commands.h"
#include "shell/session.h"
#include "symbols/demangle.h"

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

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const struct od_report *rep = od_session_current(s);
	const char *name = args->argv[1];
	struct od_buf text = OD_BUF_INIT;
	uint64_t addr = 0;
	bool is_addr = od_parse_address(name, &addr);

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

static void complete(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	const struct od_report *rep = od_session_current(s);

	for (uint32_t i = 0; rep && i < rep->nstacks; i++)
		for (uint32_t j = 0; j < rep->stacks[i].nframes; j++)
			if (rep->stacks[i].frames[j].symbol && !seen_before(rep, i, j))
				od_words_add(words, od_args_word(args),
					     rep->stacks[i].frames[j].symbol);
}

const struct od_command od_cmd_sym = {
	.name = "sym",
	.options = "",
	.usage = "sym ADDRESS|NAME",
	.help = "Say where a function of the current report is, or what an address is",
	.details = "Only functions that the report itself names are known. A mangled name that it "
		   "does not name is demangled.",
	.needs = OD_NEED_INPUT | OD_NEED_REPORT,
	.min_args = 1,
	.max_args = 1,
	.complete = complete,
	.exec = exec,
};
