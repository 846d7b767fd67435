/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Types as C writes them: names, declarations, definitions. */
#include <inttypes.h>
#include <stdio.h>

#include "base/escape.h"
#include "symbols/btf-internal.h"
#include "symbols/typeprint.h"

struct writer {
	const struct od_btf *btf;
	const struct od_layout *layout; /* NULL: names alone, nothing is shown in its place */
	struct od_buf *out;
	size_t start;
	bool full;
};

enum { MAX_PARAMETER_DEPTH = 4, LABEL = 8, LABEL_ADDRESS = 22 };

/* Whatever recurses or loops asks first; each step has written something, so it comes to an end. */
static bool full(struct writer *w)
{
	if (!w->full && (w->out->cut || w->out->len - w->start > OD_MAX_TYPE_TEXT)) {
		w->full = true;
		od_buf_addstr(w->out, " ...");
	}
	return w->full;
}

static void add_name(struct writer *w, const char *name)
{
	od_escape_plain(w->out, OD_ESCAPE_TEXT, name, strlen(name));
}

/* From a type to what it is built of in the end: what stands left and right of a name. */
struct chain {
	uint8_t n;
	bool prefix[3]; /* const, volatile, restrict of the base */
	struct od_type link[OD_MAX_TYPE_DEPTH];
	struct od_type base;
	bool endless;
};

static bool is_qualifier(enum od_type_kind kind)
{
	return kind == OD_TYPE_CONST || kind == OD_TYPE_VOLATILE || kind == OD_TYPE_RESTRICT;
}

static bool is_link(enum od_type_kind kind)
{
	return kind == OD_TYPE_PTR || kind == OD_TYPE_ARRAY || kind == OD_TYPE_FUNC_PROTO;
}

static unsigned qualifier(enum od_type_kind kind)
{
	return kind == OD_TYPE_CONST ? 0 : kind == OD_TYPE_VOLATILE ? 1 : 2;
}

static const char *const qualifiers[] = { "const", "volatile", "restrict" };

/* Qualifiers that are not of a pointer are of the base: those behind the last pointer. */
static void drop_qualifiers(struct chain *c, uint8_t from)
{
	uint8_t n = from;

	for (uint8_t i = from; i < c->n; i++)
		if (is_qualifier(c->link[i].kind))
			c->prefix[qualifier(c->link[i].kind)] = true;
		else
			c->link[n++] = c->link[i];
	c->n = n;
}

static void unravel(const struct od_btf *btf, uint32_t id, struct chain *c)
{
	uint8_t qualified = 0; /* where the qualifiers start that stand before the next link */
	unsigned steps = 0;
	struct od_type t;

	*c = (struct chain){ 0 };
	while (od_btf_type(btf, id, &t) &&
	       (is_link(t.kind) || is_qualifier(t.kind) || t.kind == OD_TYPE_TYPE_TAG)) {
		if (++steps > OD_MAX_TYPE_DEPTH) {
			c->endless = true;
			break;
		}
		/* int const [2] is an array of const int: only pointers keep theirs */
		if (is_link(t.kind) && t.kind != OD_TYPE_PTR)
			drop_qualifiers(c, qualified);
		if (t.kind != OD_TYPE_TYPE_TAG)
			c->link[c->n++] = t;
		if (is_link(t.kind))
			qualified = c->n;
		id = t.type;
	}
	drop_qualifiers(c, qualified);
	c->base = t;
}

static void add_tagged(struct writer *w, const char *tag, const struct od_type *t)
{
	od_buf_printf(w->out, "%s%s", tag, *t->name ? " " : " {...}");
	add_name(w, t->name);
}

static void add_base(struct writer *w, const struct chain *c)
{
	const struct od_type *t = &c->base;

	for (unsigned i = 0; i < 3; i++)
		if (c->prefix[i])
			od_buf_printf(w->out, "%s ", qualifiers[i]);
	if (c->endless) {
		od_buf_addstr(w->out, "...");
		return;
	}
	switch (t->kind) {
	case OD_TYPE_VOID:
		od_buf_addstr(w->out, "void");
		break;
	case OD_TYPE_STRUCT:
		add_tagged(w, "struct", t);
		break;
	case OD_TYPE_UNION:
		add_tagged(w, "union", t);
		break;
	case OD_TYPE_ENUM:
	case OD_TYPE_ENUM64:
		add_tagged(w, "enum", t);
		break;
	case OD_TYPE_FWD:
		add_tagged(w, t->flag ? "union" : "struct", t);
		break;
	default:
		add_name(w, *t->name ? od_btf_c_name(t->name) : "...");
	}
}

static void add_type(struct writer *w, uint32_t id, const char *name, unsigned depth);

static void add_parameters(struct writer *w, const struct od_type *t, unsigned depth)
{
	od_buf_addch(w->out, '(');
	if (!t->count)
		od_buf_addstr(w->out, "void");
	for (uint32_t i = 0; i < t->count && !full(w); i++) {
		uint32_t type;
		const char *name = od_btf_nth_parameter(t, i, &type);

		if (i)
			od_buf_addstr(w->out, ", ");
		if (!type && i + 1 == t->count)
			od_buf_addstr(w->out, "...");
		else if (depth >= MAX_PARAMETER_DEPTH)
			od_buf_addstr(w->out, "...");
		else
			add_type(w, type, name, depth + 1);
	}
	od_buf_addch(w->out, ')');
}

/* A pointer, or a qualifier of one, directly around an array or a function: it needs ( ). */
static bool needs_parens(const struct chain *c, uint8_t i)
{
	return (c->link[i].kind == OD_TYPE_PTR) && i + 1 < c->n &&
	       (c->link[i + 1].kind == OD_TYPE_ARRAY || c->link[i + 1].kind == OD_TYPE_FUNC_PROTO);
}

static void add_left(struct writer *w, const struct chain *c)
{
	bool blank = true; /* between the base and what comes first */

	for (uint8_t i = c->n; i-- > 0;) {
		const struct od_type *t = &c->link[i];

		if (t->kind == OD_TYPE_PTR) {
			od_buf_printf(w->out, "%s%s*", blank ? " " : "",
				      needs_parens(c, i) ? "(" : "");
			blank = false;
		} else if (is_qualifier(t->kind)) {
			od_buf_printf(w->out, "%s%s", blank ? " " : "",
				      qualifiers[qualifier(t->kind)]);
			blank = true;
		}
	}
}

static void add_right(struct writer *w, const struct chain *c, unsigned depth)
{
	for (uint8_t i = 0; i < c->n && !full(w); i++) {
		const struct od_type *t = &c->link[i];

		if (t->kind == OD_TYPE_ARRAY && t->count)
			od_buf_printf(w->out, "[%" PRIu32 "]", t->count);
		else if (t->kind == OD_TYPE_ARRAY)
			od_buf_addstr(w->out, "[]");
		else if (t->kind == OD_TYPE_FUNC_PROTO)
			add_parameters(w, t, depth);
		else if (needs_parens(c, i))
			od_buf_addch(w->out, ')');
	}
}

/* What stands around a name, the base having been written. */
static void add_declarator(struct writer *w, const struct chain *c, const char *name,
			   unsigned depth)
{
	add_left(w, c);
	if (*name) {
		if (w->out->data[w->out->len - 1] != '*')
			od_buf_addch(w->out, ' ');
		add_name(w, name);
	} else if (c->n && c->link[0].kind == OD_TYPE_FUNC_PROTO) {
		od_buf_addch(w->out, ' '); /* a function type of its own: "int (void *)" */
	}
	add_right(w, c, depth);
}

static void add_type(struct writer *w, uint32_t id, const char *name, unsigned depth)
{
	struct chain c;

	if (full(w))
		return;
	unravel(w->btf, id, &c);
	add_base(w, &c);
	add_declarator(w, &c, name, depth);
}

void od_type_declare(const struct od_btf *btf, uint32_t type, const char *name, struct od_buf *out)
{
	struct writer w = { .btf = btf, .out = out, .start = out->len };

	add_type(&w, type, name, 0);
}

void od_btf_type_name(const struct od_btf *btf, uint32_t type, struct od_buf *out)
{
	od_type_declare(btf, type, "", out);
}

/* What stands before a line: the column of offsets, empty for a line that is no member. */
static void add_indent(struct writer *w, const struct od_member *m, unsigned depth)
{
	const struct od_layout *l = w->layout;
	bool hex = l->base || l->hex;
	char text[48] = "";
	uint64_t at = m ? m->bit_offset / 8 + l->base : 0;

	if (!depth)
		return;
	if (!l->offsets) {
		od_buf_fill(w->out, ' ', 4 * (size_t)depth);
		return;
	}
	if (m && m->bits)
		snprintf(text, sizeof(text), hex ? "[0x%" PRIx64 ".%u]" : "[%" PRIu64 ".%u]", at,
			 (unsigned)(m->bit_offset % 8));
	else if (m)
		snprintf(text, sizeof(text), hex ? "[0x%" PRIx64 "]" : "[%" PRIu64 "]", at);
	od_buf_printf(w->out, "%*s ", l->base ? LABEL_ADDRESS : LABEL, text);
	od_buf_fill(w->out, ' ', 4 * (size_t)(depth - 1));
}

static bool is_struct(const struct od_type *t)
{
	return t->kind == OD_TYPE_STRUCT || t->kind == OD_TYPE_UNION;
}

static void add_body(struct writer *w, const struct od_type *t, uint64_t bit_offset,
		     unsigned depth);

static void add_member(struct writer *w, const struct od_member *m, unsigned depth)
{
	struct chain c;
	bool inside;

	unravel(w->btf, m->type, &c);
	/* What has no name can only be shown here. Behind a pointer its offsets are others. */
	inside = (is_struct(&c.base) || c.base.kind == OD_TYPE_ENUM ||
		  c.base.kind == OD_TYPE_ENUM64) &&
		 !*c.base.name && !c.endless && depth < OD_MAX_TYPE_DEPTH;
	for (uint8_t i = 0; i < c.n && is_struct(&c.base); i++)
		inside = inside && c.link[i].kind == OD_TYPE_ARRAY;
	add_indent(w, inside && is_struct(&c.base) ? NULL : m, depth);
	if (inside)
		add_body(w, &c.base, m->bit_offset, depth);
	else
		add_base(w, &c);
	add_declarator(w, &c, m->name, 0);
	if (m->bits)
		od_buf_printf(w->out, " : %" PRIu32, m->bits);
	od_buf_addstr(w->out, ";\n");
}

static void add_enumerators(struct writer *w, const struct od_type *t, unsigned depth)
{
	bool is_signed = t->flag;

	for (uint32_t i = 0; i < t->count && !full(w); i++) {
		int64_t value;
		const char *name = od_btf_nth_enumerator(t, i, &value);

		add_indent(w, NULL, depth);
		add_name(w, name);
		od_buf_printf(w->out, is_signed || t->size < 8 ? " = %" PRId64 : " = %" PRIu64,
			      value);
		od_buf_addstr(w->out, i + 1 < t->count ? ",\n" : "\n");
	}
}

/* "struct x {" to "}": the members' offsets are from bit_offset on. */
static void add_body(struct writer *w, const struct od_type *t, uint64_t bit_offset, unsigned depth)
{
	struct od_member m;

	od_buf_addstr(w->out, t->kind == OD_TYPE_STRUCT ? "struct" :
			      t->kind == OD_TYPE_UNION	? "union" : "enum");
	if (*t->name)
		od_buf_addch(w->out, ' ');
	add_name(w, t->name);
	od_buf_addstr(w->out, " {\n");
	if (is_struct(t))
		for (uint32_t i = 0; i < t->count && !full(w); i++) {
			od_btf_nth_member(t, i, &m);
			m.bit_offset += bit_offset;
			add_member(w, &m, depth + 1);
		}
	else
		add_enumerators(w, t, depth + 1);
	add_indent(w, NULL, depth);
	od_buf_addch(w->out, '}');
}

void od_type_define(const struct od_btf *btf, uint32_t type, const struct od_layout *layout,
		    struct od_buf *out)
{
	struct writer w = { .btf = btf, .layout = layout, .out = out, .start = out->len };
	struct od_type t, inner;

	od_btf_type(btf, type, &t);
	if (t.kind == OD_TYPE_TYPEDEF) {
		struct chain c;

		od_buf_addstr(out, "typedef ");
		unravel(btf, t.type, &c);
		inner = c.base;
		if (!c.endless && !*inner.name &&
		    (is_struct(&inner) || inner.kind == OD_TYPE_ENUM ||
		     inner.kind == OD_TYPE_ENUM64))
			add_body(&w, &inner, 0, 0);
		else
			add_base(&w, &c);
		add_declarator(&w, &c, t.name, 0);
	} else if (is_struct(&t) || t.kind == OD_TYPE_ENUM || t.kind == OD_TYPE_ENUM64) {
		add_body(&w, &t, 0, 0);
		od_buf_addch(out, '\n');
		return;
	} else {
		add_type(&w, type, "", 0);
	}
	od_buf_addstr(out, ";\n");
}

void od_type_define_member(const struct od_btf *btf, const struct od_member *m,
			   const struct od_layout *layout, struct od_buf *out)
{
	struct writer w = { .btf = btf, .layout = layout, .out = out, .start = out->len };

	add_member(&w, m, 1);
}
