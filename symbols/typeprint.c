/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values as gdb and crash print them. */
#include "symbols/typeprint.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "symbols/btf-internal.h"

enum {
	PIECE = 4096,	     /* memory is read in such pieces: no page is smaller */
	MAX_WORK = 16 << 20, /* bytes compared and enumerators looked at, in all */
	MIN_REPEAT = 10,     /* equal elements that are told as one */
	MAX_POINTED = 128,   /* bytes of a string that a char * points to */
};

struct printer {
	const struct od_btf *btf;
	struct od_memory *mem;
	const struct od_value_style *style;
	struct od_buf *out;
	size_t start;
	bool full;
	uint64_t addr;	 /* of data[0] */
	uint8_t *data;	 /* unreadable bytes are 0 */
	uint64_t size;
	uint8_t *status; /* enum od_mem_status of each piece; the first starts before addr */
	size_t nstatus;
	uint32_t elements;
	uint64_t work;
};

static void print_value(struct printer *p, const struct od_member *m, unsigned depth);

static bool full(struct printer *p)
{
	if (!p->full && (p->out->cut || p->out->len - p->start > OD_MAX_TYPE_TEXT)) {
		p->full = true;
		od_buf_addstr(p->out, " ...");
	}
	return p->full;
}

/* False: what this costs is no longer worth it, do without. */
static bool may_spend(struct printer *p, uint64_t work)
{
	if (work > p->work)
		return false;
	p->work -= work;
	return true;
}

/* Which piece of memory a byte of data is in. */
static size_t piece_of(const struct printer *p, uint64_t at)
{
	return (size_t)((p->addr % PIECE + at) / PIECE);
}

/* The first reason why not all of len bytes of data can be read; they lie within size. */
static enum od_mem_status status_of(const struct printer *p, uint64_t at, uint64_t len)
{
	if (len)
		for (size_t i = piece_of(p, at); i <= piece_of(p, at + len - 1); i++)
			if (p->status[i] != OD_MEM_OK)
				return (enum od_mem_status)p->status[i];
	return OD_MEM_OK;
}

static bool all_unreadable(const struct printer *p, uint64_t at, uint64_t len)
{
	for (size_t i = piece_of(p, at); len && i <= piece_of(p, at + len - 1); i++)
		if (p->status[i] == OD_MEM_OK)
			return false;
	return len > 0;
}

static void add_status(struct printer *p, enum od_mem_status status)
{
	od_buf_printf(p->out, "<%s>", od_mem_status_text(status));
}

static void add_number(struct printer *p, uint64_t v, unsigned bytes, bool is_signed)
{
	if (is_signed && bytes < 8 && v >> (bytes * 8 - 1) & 1)
		v |= ~(uint64_t)0 << (bytes * 8);
	if (!p->style->hex)
		od_buf_printf(p->out, is_signed ? "%" PRId64 : "%" PRIu64, v);
	else
		od_buf_printf(p->out, "0x%" PRIx64,
			      bytes < 8 ? v & (((uint64_t)1 << bytes * 8) - 1) : v);
}

/* Bytes of a string: what C would need escaped is, and what a terminal must not see. */
static void add_quoted(struct printer *p, const char *s, size_t len)
{
	size_t from = 0;

	od_buf_addch(p->out, '"');
	for (size_t i = 0; i <= len; i++) {
		if (i < len && s[i] && s[i] != '"' && s[i] != '\\')
			continue;
		od_escape(p->out, OD_ESCAPE_TEXT, s + from, i - from);
		if (i < len && !s[i])
			od_buf_addstr(p->out, "\\000");
		else if (i < len)
			od_buf_printf(p->out, "\\%c", s[i]);
		from = i + 1;
	}
	od_buf_addch(p->out, '"');
}

/* An array of char that can be read: NULs at its end are not shown. */
static void print_string(struct printer *p, uint64_t at, uint64_t n)
{
	const char *s = (const char *)p->data + at;
	uint64_t shown = n < p->elements ? n : p->elements, used = n;

	if (may_spend(p, n))
		while (used && !s[used - 1])
			used--;
	if (used < shown)
		shown = used;
	add_quoted(p, s, (size_t)shown);
	if (used > shown)
		od_buf_addstr(p->out, "...");
}

static bool is_text(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (((uint8_t)*s < ' ' && *s != '\n' && *s != '\t') || *s == 0x7f)
			return false;
	return true;
}

static void print_pointer(struct printer *p, uint64_t v, uint32_t target)
{
	const struct od_value_style *style = p->style;
	char text[MAX_POINTED];
	struct od_type t;
	size_t len;

	od_buf_printf(p->out, "0x%" PRIx64, v);
	len = p->out->len;
	if (!v)
		return;
	if (style->symbol) {
		od_buf_addstr(p->out, " <");
		if (style->symbol(style->ctx, v, p->out)) {
			od_buf_addch(p->out, '>');
		} else if (!p->out->cut) {
			p->out->len = len;
			p->out->data[len] = '\0';
		}
	}
	if (od_btf_resolve(p->btf, target, &t) && t.kind == OD_TYPE_INT &&
	    !strcmp(t.name, "char") && od_mem_string(p->mem, v, text, sizeof(text)) == OD_MEM_OK &&
	    is_text(text)) {
		od_buf_addch(p->out, ' ');
		add_quoted(p, text, strlen(text));
		if (strlen(text) == sizeof(text) - 1)
			od_buf_addstr(p->out, "...");
	}
}

static void add_enumerator(struct printer *p, const char *name)
{
	od_escape_plain(p->out, OD_ESCAPE_TEXT, name, strlen(name));
}

static bool one_bit(uint64_t v)
{
	return v && !(v & (v - 1));
}

/* "(A | B | 0x10)", if the bits of v are names; false: nothing was added. */
static bool add_flags(struct printer *p, const struct od_type *t, uint64_t v)
{
	uint64_t known = 0;
	const char *sep = "(";
	int64_t value;

	for (uint32_t i = 0; i < t->count; i++) {
		od_btf_nth_enumerator(t, i, &value);
		if (value && !one_bit((uint64_t)value))
			return false; /* no flags, or some that are masks of others */
		known |= (uint64_t)value;
	}
	if (!v || !(v & known))
		return false;
	for (uint32_t i = 0; i < t->count && v; i++) {
		const char *name = od_btf_nth_enumerator(t, i, &value);

		if (!(v & (uint64_t)value))
			continue;
		od_buf_addstr(p->out, sep);
		add_enumerator(p, name);
		v &= ~(uint64_t)value;
		sep = " | ";
	}
	if (v)
		od_buf_printf(p->out, "%s0x%" PRIx64, sep, v);
	od_buf_addch(p->out, ')');
	return true;
}

static void print_enum(struct printer *p, const struct od_type *t, uint64_t v, unsigned bytes)
{
	const char *name = NULL;
	bool cheap = may_spend(p, 2 * (uint64_t)t->count);

	if (cheap)
		name = od_btf_enumerator_name(p->btf, t->id, (int64_t)v);
	if (name)
		add_enumerator(p, name);
	else if (!cheap || !add_flags(p, t, v))
		add_number(p, v, bytes, t->flag);
}

static void print_int(struct printer *p, const struct od_type *t, uint64_t v, unsigned bytes)
{
	if (t->is_bool && v <= 1) {
		od_buf_addstr(p->out, v ? "true" : "false");
		return;
	}
	add_number(p, v, bytes, t->flag);
	if (t->is_char && !strcmp(t->name, "char") && v >= ' ' && v < 0x7f)
		od_buf_printf(p->out, " '%s%c'", v == '\'' || v == '\\' ? "\\" : "", (char)v);
}

static void print_float(struct printer *p, const uint8_t *bytes, uint64_t size)
{
	uint64_t v = od_mem_number(p->mem, bytes, (size_t)size);
	uint32_t half = (uint32_t)v;
	float single;
	double wide;

	if (size == 4) {
		memcpy(&single, &half, sizeof(single));
		wide = single;
	} else {
		memcpy(&wide, &v, sizeof(wide));
	}
	od_buf_printf(p->out, "%g", wide);
}

static void print_bits(struct printer *p, const struct od_type *t, const struct od_member *m)
{
	uint64_t v = od_bits(p->data + m->bit_offset / 8, m->bit_offset % 8, m->bits,
			     p->mem->big_endian);
	bool negative = t->flag && m->bits < 64 && v >> (m->bits - 1) & 1;

	if (negative && !p->style->hex)
		v |= ~(uint64_t)0 << m->bits;
	if (t->kind == OD_TYPE_ENUM || t->kind == OD_TYPE_ENUM64)
		print_enum(p, t, v, 8);
	else
		print_int(p, t, v, 8);
}

/* Larger than any number, or of an odd size: the bytes. */
static void print_bytes(struct printer *p, uint64_t at, uint64_t size)
{
	uint64_t n = size < p->elements ? size : p->elements;

	od_buf_addstr(p->out, "0x");
	for (uint64_t i = 0; i < n; i++)
		od_buf_printf(p->out, "%02x",
			      p->data[p->mem->big_endian ? at + i : at + size - 1 - i]);
	if (n < size)
		od_buf_addstr(p->out, "...");
}

static void print_scalar(struct printer *p, const struct od_type *t, uint64_t at, uint64_t size)
{
	const uint8_t *bytes = p->data + at;
	bool number = size == 1 || size == 2 || size == 4 || size == 8;
	uint64_t v = number ? od_mem_number(p->mem, bytes, (size_t)size) : 0;

	if (!number)
		print_bytes(p, at, size);
	else if (t->kind == OD_TYPE_PTR)
		print_pointer(p, v, t->type);
	else if (t->kind == OD_TYPE_INT)
		print_int(p, t, v, (unsigned)size);
	else if (t->kind == OD_TYPE_FLOAT && size >= 4)
		print_float(p, bytes, size);
	else if (t->kind == OD_TYPE_ENUM || t->kind == OD_TYPE_ENUM64)
		print_enum(p, t, v, (unsigned)size);
	else
		print_bytes(p, at, size);
}

static void print_struct(struct printer *p, const struct od_type *t, uint64_t bit_offset,
			 unsigned depth)
{
	struct od_member m;

	od_buf_addch(p->out, '{');
	for (uint32_t i = 0; i < t->count && !full(p); i++) {
		od_btf_nth_member(t, i, &m);
		od_buf_addstr(p->out, i ? ",\n" : "\n");
		od_buf_fill(p->out, ' ', 2 * (size_t)(depth + 1));
		if (*m.name) {
			add_enumerator(p, m.name);
			od_buf_addstr(p->out, " = ");
		}
		m.bit_offset += bit_offset;
		print_value(p, &m, depth + 1);
	}
	if (t->count) {
		od_buf_addch(p->out, '\n');
		od_buf_fill(p->out, ' ', 2 * (size_t)depth);
	}
	od_buf_addch(p->out, '}');
}

/* How many elements from i on are like it: readable and the same, or not one byte readable. */
static uint64_t run_of(struct printer *p, uint64_t at, uint64_t size, uint64_t i, uint64_t n)
{
	const uint8_t *first = p->data + at + i * size;
	bool lost = all_unreadable(p, at + i * size, size);
	uint64_t run = 1;

	if (!lost && status_of(p, at + i * size, size) != OD_MEM_OK)
		return 1;
	for (; i + run < n && may_spend(p, size + 1); run++) {
		uint64_t next = at + (i + run) * size;

		if (lost ? !all_unreadable(p, next, size)
			 : memcmp(first, p->data + next, (size_t)size) != 0 ||
				   status_of(p, next, size) != OD_MEM_OK)
			break;
	}
	return run;
}

/* size is that of an element, n what lies within the data. */
static void print_elements(struct printer *p, uint32_t type, uint64_t at, uint64_t size, uint64_t n,
			   bool cut, unsigned depth)
{
	struct od_member m = { .type = type, .name = "" };
	uint32_t shown = 0;

	od_buf_addch(p->out, '{');
	for (uint64_t i = 0; i < n && !full(p);) {
		uint64_t run;

		if (shown++ == p->elements) {
			cut = true;
			break;
		}
		if (i)
			od_buf_addstr(p->out, ", ");
		m.bit_offset = (at + i * size) * 8;
		print_value(p, &m, depth + 1);
		run = run_of(p, at, size, i, n);
		if (run >= MIN_REPEAT) {
			od_buf_printf(p->out, " <repeats %" PRIu64 " times>", run);
			i += run;
		} else {
			i++;
		}
	}
	od_buf_addstr(p->out, cut ? "...}" : "}");
}

static void print_array(struct printer *p, const struct od_type *t, uint64_t at, unsigned depth)
{
	uint64_t size = od_btf_size(p->btf, t->type), n = t->count;
	struct od_type element;

	/* Without a length: its address is all there is to say. */
	if (!n || !size) {
		od_buf_printf(p->out, "0x%" PRIx64, p->addr + at);
		return;
	}
	if (n > (p->size - at) / size)
		n = (p->size - at) / size;
	if (od_btf_resolve(p->btf, t->type, &element) && element.kind == OD_TYPE_INT && size == 1 &&
	    !strcmp(element.name, "char") && status_of(p, at, n) == OD_MEM_OK)
		print_string(p, at, n);
	else
		print_elements(p, t->type, at, size, n, n < t->count, depth);
}

static bool is_compound(enum od_type_kind kind)
{
	return kind == OD_TYPE_STRUCT || kind == OD_TYPE_UNION || kind == OD_TYPE_ARRAY;
}

static void print_value(struct printer *p, const struct od_member *m, unsigned depth)
{
	uint64_t at = m->bit_offset / 8, size;
	enum od_mem_status status;
	struct od_type t;

	if (full(p))
		return;
	if (!od_btf_resolve(p->btf, m->type, &t)) {
		od_buf_addstr(p->out, "<incomplete type>");
		return;
	}
	size = m->bits ? od_bits_bytes(m->bit_offset, m->bits) : od_btf_size(p->btf, m->type);
	if (at > p->size || (size > p->size - at && !is_compound(t.kind))) {
		od_buf_addstr(p->out, "<outside of the value>");
		return;
	}
	if (size > p->size - at)
		size = p->size - at;
	status = status_of(p, at, size);
	if (status != OD_MEM_OK && (!is_compound(t.kind) || all_unreadable(p, at, size)))
		add_status(p, status);
	else if (depth > OD_MAX_TYPE_DEPTH)
		od_buf_addstr(p->out, "{...}");
	else if (t.kind == OD_TYPE_ARRAY)
		print_array(p, &t, at, depth);
	else if (is_compound(t.kind))
		print_struct(p, &t, m->bit_offset, depth);
	else if (!size)
		od_buf_addstr(p->out, "<incomplete type>");
	else if (m->bits)
		print_bits(p, &t, m);
	else
		print_scalar(p, &t, at, size);
}

/* False: nothing at all could be read, *why says why not. */
static bool read_value(struct printer *p, enum od_mem_status *why)
{
	uint64_t at = 0;
	bool some = false;

	for (size_t i = 0; i < p->nstatus; i++) {
		size_t len = PIECE - (size_t)((p->addr + at) % PIECE), got = 0;

		if (len > p->size - at)
			len = (size_t)(p->size - at);
		p->status[i] = (uint8_t)p->mem->read(p->mem, OD_VIRT, p->addr + at, p->data + at,
						     len, &got);
		if (p->status[i] == OD_MEM_OK)
			some = true;
		else if (!i)
			*why = (enum od_mem_status)p->status[i];
		if (p->status[i] != OD_MEM_OK)
			memset(p->data + at, 0, len);
		at += len;
	}
	return some;
}

enum od_mem_status od_value_print(const struct od_btf *btf, struct od_memory *mem, uint64_t addr,
				  const struct od_member *m, unsigned indent,
				  const struct od_value_style *style, struct od_buf *out)
{
	uint64_t first = m->bit_offset / 8, size = od_btf_size(btf, m->type);
	struct od_member value = *m;
	struct printer p = {
		.btf = btf, .mem = mem, .style = style, .out = out, .start = out->len,
		.addr = addr + first, .work = MAX_WORK,
		.elements = style->elements ? style->elements : OD_MAX_ELEMENTS,
	};
	enum od_mem_status why = OD_MEM_OK;

	if (m->bits)
		size = od_bits_bytes(m->bit_offset, m->bits);
	p.size = size < OD_MAX_VALUE ? size : OD_MAX_VALUE;
	/* No address has bytes behind the last one. */
	if (p.size && p.addr > UINT64_MAX - (p.size - 1))
		return OD_MEM_UNMAPPED;
	p.data = od_calloc(1, (size_t)p.size + 1);
	p.nstatus = p.size ? piece_of(&p, p.size - 1) + 1 : 0;
	p.status = od_calloc(1, p.nstatus + 1);
	value.bit_offset = m->bit_offset % 8;
	if (read_value(&p, &why) || !p.size) {
		why = OD_MEM_OK;
		print_value(&p, &value, indent);
	}
	free(p.data);
	free(p.status);
	return why;
}
