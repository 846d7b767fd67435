/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/sym-lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analyze/locate.h"
#include "base/cursor.h"
#include "base/escape.h"
#include "render/json-writer.h"
#include "symbols/demangle.h"

enum {
	MAX_MATCHES = 64, /* symbols of one name that are listed */
	MAX_FILES = 1000, /* modules that are asked, if none is named */
	MAX_MODULES = 16, /* of a directory, that have the symbol */
};

/* --- the question ---------------------------------------------------------------------------- */

/* "name+0x12/0x34", "name+12", "name"; offsets are hex, as the kernel prints them. */
static bool parse_symbol(const char *s, struct od_sym_question *q)
{
	const char *plus = strrchr(s, '+');
	size_t len = plus ? (size_t)(plus - s) : strlen(s);
	struct od_cursor c = od_cursor_init(s + len, strlen(s) - len);

	if (!len || len >= sizeof(q->name))
		return false;
	if (plus) {
		c.p++;
		q->has_offset = true;
		if (!od_cur_0x(&c, &q->offset) && !od_cur_hex(&c, &q->offset, NULL))
			return false;
		if (od_cur_char(&c, '/') && !od_cur_0x(&c, &q->size) && !od_cur_hex(&c, &q->size, NULL))
			return false;
	}
	memcpy(q->name, s, len);
	q->name[len] = '\0';
	return od_cur_end(&c);
}

bool od_sym_parse(const struct od_args *args, struct od_sym_question *ret)
{
	*ret = (struct od_sym_question){ .is_return = od_args_has(args, 'r') };
	if (args->argc < 2 || !parse_symbol(args->argv[1], ret))
		return false;
	if (!ret->has_offset && !od_parse_address(args->argv[1], &ret->addr))
		ret->addr = 0;
	if (args->argc > 2) {
		const char *s = args->argv[2] + (args->argv[2][0] == '[');
		size_t len = strcspn(s, "]");

		if (!len || len >= sizeof(ret->module))
			return false;
		memcpy(ret->module, s, len);
		ret->module[len] = '\0';
	}
	if (args->argc > 3)
		ret->build_id = args->argv[3];
	return true;
}

/* --- the answer ------------------------------------------------------------------------------ */

struct match {
	const char *module; /* NULL: the kernel itself */
	struct od_debug *dbg;
	struct od_debug_symbol sym;
	uint64_t offset;
	struct od_place places[OD_MAX_PLACES];
	size_t nplaces;
};

struct answer {
	struct od_session *s;
	const struct od_sym_question *q;
	bool json, only_places;
	struct od_json w;
	struct od_buf *out;
	uint32_t n;
	struct od_buf why;
};

static void put_name(struct od_buf *out, const char *name)
{
	struct od_buf plain = OD_BUF_INIT;

	if (od_demangle(name, strlen(name), &plain))
		od_escape(out, OD_ESCAPE_TEXT, plain.data, plain.len);
	else
		od_escape_str(out, OD_ESCAPE_TEXT, name);
	od_buf_deinit(&plain);
}

static void put_places(struct od_buf *out, const struct match *m)
{
	for (size_t i = 0; i < m->nplaces; i++) {
		const struct od_place *p = &m->places[i];

		od_buf_addstr(out, i ? "    (inlined by) " : "    ");
		put_name(out, p->linkage ? p->linkage : p->function ? p->function : "??");
		od_buf_addstr(out, " at ");
		od_escape_str(out, OD_ESCAPE_TEXT, p->file ? p->file : "??");
		od_buf_printf(out, p->line ? ":%u\n" : ":?\n", p->line);
	}
}

/* "ffffffff812a4d3c kfree+0x13c/0x140 [module]" */
static void put_match(struct answer *a, const struct match *m)
{
	struct od_buf *out = a->out;

	if (!a->only_places) {
		od_buf_printf(out, "%016" PRIx64 " ", m->sym.addr + m->offset);
		put_name(out, m->sym.name);
		od_buf_printf(out, "+0x%" PRIx64, m->offset);
		if (m->sym.size)
			od_buf_printf(out, "/0x%" PRIx64, m->sym.extent ? m->sym.extent : m->sym.size);
		if (m->module) {
			od_buf_addstr(out, " [");
			od_escape_str(out, OD_ESCAPE_TEXT, m->module);
			od_buf_addch(out, ']');
		}
		od_buf_addch(out, '\n');
	}
	put_places(out, m);
	if (!m->nplaces && !a->only_places)
		od_buf_addstr(out, "    no source line is known\n");
}

static void put_json(struct answer *a, const struct match *m)
{
	struct od_json *w = &a->w;

	od_json_object(w, NULL, false);
	od_json_str(w, "symbol", m->sym.name);
	od_json_str(w, "module", m->module);
	od_json_str(w, "file", od_debug_name(m->dbg));
	od_json_addr(w, "address", m->sym.addr + m->offset);
	od_json_num(w, "offset", m->offset);
	od_json_num(w, "size", m->sym.extent ? m->sym.extent : m->sym.size);
	od_json_array(w, "places", false);
	for (size_t i = 0; i < m->nplaces; i++) {
		const struct od_place *p = &m->places[i];

		od_json_object(w, NULL, true);
		od_json_str(w, "function", p->function);
		od_json_str(w, "file", p->file);
		od_json_int(w, "line", p->line ? (int64_t)p->line : -1);
		od_json_end(w);
	}
	od_json_end(w);
	od_json_end(w);
}

static void tell(struct answer *a, struct match *m)
{
	uint64_t addr = m->sym.addr + m->offset;

	if (a->only_places && a->n)
		return;
	m->nplaces = od_debug_places(m->dbg, addr - (a->q->is_return && m->offset), m->places, OD_MAX_PLACES);
	a->n++;
	if (a->json)
		put_json(a, m);
	else
		put_match(a, m);
}

static void by_name(struct answer *a, struct od_debug *dbg, const char *module)
{
	const struct od_sym_question *q = a->q;
	struct od_debug_symbol syms[MAX_MATCHES];
	size_t all, n = od_locate_symbols(dbg, q->name, q->size, syms, MAX_MATCHES, &all);
	struct match m = { .module = module, .dbg = dbg, .offset = q->offset };
	bool told = false;

	for (size_t i = 0; i < n && i < MAX_MATCHES; i++) {
		uint64_t most = syms[i].extent > syms[i].size ? syms[i].extent : syms[i].size;

		if (most && q->offset > most)
			continue;
		m.sym = syms[i];
		tell(a, &m);
		told = true;
	}
	if (!all || told)
		return;
	od_buf_reset(&a->why);
	od_buf_printf(&a->why, "%s of %s has another size", q->name, od_debug_name(dbg));
}

static void by_address(struct answer *a, struct od_debug *dbg, const char *module, uint64_t shift)
{
	struct match m = { .module = module, .dbg = dbg };

	if (!od_debug_at(dbg, a->q->addr - shift, &m.sym))
		return;
	m.offset = a->q->addr - shift - m.sym.addr;
	if (m.offset < (m.sym.extent > m.sym.size ? m.sym.extent : m.sym.size))
		tell(a, &m);
}

/* One file; by name first, since "add" is a name and a number. */
static void in_file(struct answer *a, const struct od_wanted *wanted)
{
	const struct od_report *rep = od_session_current(a->s);
	struct od_locate *loc = od_session_locate(a->s);
	struct od_absent why = { NULL, NULL };
	struct od_debug *dbg = od_locate_file(loc, wanted, &why);
	uint32_t before = a->n;
	uint64_t shift = 0;

	if (!dbg) {
		if (!a->why.len && why.why)
			od_buf_addstr(&a->why, why.why);
		return;
	}
	by_name(a, dbg, wanted->module);
	if (a->n == before && a->q->addr && rep && !wanted->module && od_locate_shift(loc, rep, &shift))
		by_address(a, dbg, NULL, shift);
	if (a->n == before && a->q->addr)
		by_address(a, dbg, wanted->module, 0);
}

/* What the question is about, as far as it and the current report tell. */
static void in_named(struct answer *a)
{
	const struct od_report *rep = od_session_current(a->s);
	struct od_wanted wanted = { .release = rep ? rep->release : a->s->kernel,
				    .module = a->q->module[0] ? a->q->module : NULL };

	if (wanted.module)
		wanted.build_id = a->q->build_id;
	else if (rep)
		wanted.build_id = rep->kernel_build_id;
	in_file(a, &wanted);
}

static bool same_module(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b)))
			return false;
	return *a == *b;
}

/* All that were given: without an input nothing says which is meant, and a module may be left out. */
static void in_given(struct answer *a)
{
	const struct od_report *rep = od_session_current(a->s);
	struct od_find_file file;

	od_find_look(a->s->find);
	for (size_t i = 0; i < MAX_FILES && od_find_nth(a->s->find, i, &file); i++) {
		const bool kernel = file.of && !strcmp(file.of, "vmlinux");
		const struct od_wanted wanted = { .release = rep ? rep->release : file.release,
						  .module = kernel ? NULL : file.of,
						  .build_id = file.build_id };

		if (!file.of || (a->q->module[0] && (kernel || !same_module(a->q->module, file.of))))
			continue;
		if (rep && kernel) /* was asked already */
			continue;
		in_file(a, &wanted);
	}
}

/* The modules of the directories that were given: those that have the name. */
static void in_directories(struct answer *a)
{
	const struct od_report *rep = od_session_current(a->s);
	const char *modules[MAX_MODULES];
	size_t n = od_find_modules_with(a->s->find, a->q->name, modules, MAX_MODULES);

	for (size_t i = 0; i < n; i++) {
		const struct od_wanted wanted = { .release = rep ? rep->release : a->s->kernel,
						  .module = modules[i] };

		in_file(a, &wanted);
	}
}

bool od_sym_lines(struct od_session *s, const struct od_sym_question *q, bool json, struct od_buf *out,
		  struct od_buf *why_ret)
{
	struct od_buf text = OD_BUF_INIT;
	struct answer a = { .s = s, .q = q, .json = json, .w = { .buf = &text },
			    .out = json ? &text : out };

	if (!od_session_locate(s))
		return false;
	if (json) {
		od_json_object(&a.w, NULL, false);
		od_json_array(&a.w, "matches", false);
	}
	in_named(&a);
	if (!a.n)
		in_given(&a);
	if (!a.n && !q->module[0])
		in_directories(&a);
	if (json) {
		od_json_end(&a.w);
		od_json_end(&a.w);
		od_buf_addch(&text, '\n');
		if (a.n)
			od_buf_add(out, text.data, text.len);
	}
	if (why_ret && a.why.len)
		od_buf_addstr(why_ret, od_buf_str(&a.why));
	od_buf_deinit(&text);
	od_buf_deinit(&a.why);
	return a.n > 0;
}

void od_sym_places(struct od_session *s, const struct od_sym_question *q, struct od_buf *out)
{
	struct answer a = { .s = s, .q = q, .only_places = true, .out = out };

	if (od_session_locate(s))
		in_named(&a);
	od_buf_deinit(&a.why);
}
