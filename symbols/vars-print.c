/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of DWARF types as gdb prints them, on one line: structs one level deep, arrays cut. */
#include "config.h"

#ifdef LIBDW_SONAME
#include <dwarf.h>
#include <inttypes.h>
#include <string.h>

#include "symbols/dwarf-libdw.h"
#include "symbols/vars-internal.h"

enum {
	MAX_TYPES = 32,	    /* typedefs and qualifiers in a row */
	MAX_MEMBERS = 24,   /* of a struct that are shown */
	MAX_SEEN = 256,	    /* and looked at */
	MAX_ELEMENTS = 8,   /* of an array */
	MAX_STRING = 64,    /* bytes of a string */
	MAX_ENUMERATORS = 4096,
};

struct printer {
	const struct od_value *v;
	const struct od_var_world *world;
	struct od_buf *out;
	bool has_number;
	uint64_t number;
};

static void print(struct printer *p, Dwarf_Die *type, uint64_t at, unsigned depth);

/* --- types ------------------------------------------------------------------------------------- */

static bool type_die(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Attribute attr;

	return dwarf_attr_integrate(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, ret);
}

bool od_dwarf_peel(Dwarf_Die *type, Dwarf_Die *ret)
{
	*ret = *type;
	for (int i = 0; i < MAX_TYPES; i++) {
		Dwarf_Die next;

		switch (dwarf_tag(ret)) {
		case DW_TAG_typedef: case DW_TAG_const_type: case DW_TAG_volatile_type:
		case DW_TAG_restrict_type: case DW_TAG_atomic_type: case DW_TAG_immutable_type:
			if (!type_die(ret, &next))
				return false; /* const void */
			*ret = next;
			break;
		default:
			return true;
		}
	}
	return false;
}

static bool number_of(Dwarf_Die *die, unsigned name, uint64_t *ret)
{
	Dwarf_Attribute attr;
	Dwarf_Word v;

	if (!dwarf_attr_integrate(die, name, &attr) || dwarf_formudata(&attr, &v) != 0)
		return false;
	*ret = v;
	return true;
}

/* 0: unknown. */
static uint64_t array_length(Dwarf_Die *array)
{
	uint64_t n, total = 1;
	Dwarf_Die die;
	int tries = 0;

	if (dwarf_child(array, &die) != 0)
		return 0;
	do {
		if (dwarf_tag(&die) != DW_TAG_subrange_type)
			continue;
		if (!number_of(&die, DW_AT_count, &n)) {
			if (!number_of(&die, DW_AT_upper_bound, &n) || n == UINT64_MAX)
				return 0;
			n++;
		}
		if (__builtin_mul_overflow(total, n, &total))
			return 0;
	} while (++tries < MAX_TYPES && dwarf_siblingof(&die, &die) == 0);
	return total;
}

static bool is_pointer(int tag)
{
	return tag == DW_TAG_pointer_type || tag == DW_TAG_reference_type ||
	       tag == DW_TAG_rvalue_reference_type;
}

static uint64_t size_of(Dwarf_Die *type, unsigned depth)
{
	Dwarf_Die die, element;
	uint64_t size;

	if (depth > MAX_TYPES || !od_dwarf_peel(type, &die))
		return 0;
	if (number_of(&die, DW_AT_byte_size, &size))
		return size;
	if (is_pointer(dwarf_tag(&die)))
		return 8;
	if (dwarf_tag(&die) == DW_TAG_array_type) {
		if (!type_die(&die, &element) ||
		    __builtin_mul_overflow(array_length(&die), size_of(&element, depth + 1), &size))
			return 0;
		return size;
	}
	return dwarf_tag(&die) == DW_TAG_enumeration_type && type_die(&die, &element) ?
		       size_of(&element, depth + 1) : 0;
}

uint64_t od_dwarf_size(Dwarf_Die *type)
{
	return size_of(type, 0);
}

/* --- text -------------------------------------------------------------------------------------- */

/* Bytes of a string, as C has them between quotes, and nothing that a terminal obeys. */
static void add_quoted(struct od_buf *out, const char *s, size_t len)
{
	od_buf_addch(out, '"');
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"' || s[i] == '\\')
			od_buf_addch(out, '\\');
		if (s[i] == '\n')
			od_buf_addstr(out, "\\n");
		else if (s[i] == '\t')
			od_buf_addstr(out, "\\t");
		else if (!s[i])
			od_buf_addstr(out, "\\000");
		else
			od_buf_addch(out, s[i]);
	}
	od_buf_addch(out, '"');
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

/* Why bytes of the value are not known: the first reason; KNOWN if all are. */
static unsigned state_of(const struct od_value *v, uint64_t at, uint64_t len)
{
	if (at > v->size || len > v->size - at)
		return OD_STATE_STRANGE;
	for (uint64_t i = 0; i < len; i++)
		if (v->state[at + i] != OD_STATE_KNOWN)
			return v->state[at + i];
	return OD_STATE_KNOWN;
}

static uint64_t number_at(const struct od_value *v, uint64_t at, uint64_t size)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < size; i++)
		n |= (uint64_t)v->data[v->big_endian ? at + size - 1 - i : at + i] << 8 * i;
	return n;
}

static bool is_char(Dwarf_Die *type)
{
	Dwarf_Die die;
	uint64_t encoding, size;

	return od_dwarf_peel(type, &die) && dwarf_tag(&die) == DW_TAG_base_type &&
	       number_of(&die, DW_AT_encoding, &encoding) && number_of(&die, DW_AT_byte_size, &size) &&
	       size == 1 && (encoding == DW_ATE_signed_char || encoding == DW_ATE_unsigned_char) &&
	       od_dwarf_name(&die) && !strcmp(od_dwarf_name(&die), "char");
}

static void print_pointer(struct printer *p, Dwarf_Die *type, uint64_t v)
{
	char text[MAX_STRING + 1];
	size_t len;
	Dwarf_Die target;

	od_buf_printf(p->out, "0x%" PRIx64, v);
	len = p->out->len;
	if (!v)
		return;
	if (p->world->symbol) {
		od_buf_addstr(p->out, " <");
		if (p->world->symbol(p->world->ctx, v, p->out)) {
			od_buf_addch(p->out, '>');
		} else if (!p->out->cut) {
			p->out->len = len;
			p->out->data[len] = '\0';
		}
	}
	if (!p->world->mem || !type_die(type, &target) || !is_char(&target) ||
	    od_mem_string(p->world->mem, v, text, sizeof(text)) != OD_MEM_OK || !is_text(text))
		return;
	od_buf_addch(p->out, ' ');
	add_quoted(p->out, text, strlen(text));
	if (strlen(text) == MAX_STRING)
		od_buf_addstr(p->out, "...");
}

static void add_number(struct od_buf *out, uint64_t v, uint64_t size, bool is_signed)
{
	if (is_signed && size < 8 && v >> (size * 8 - 1) & 1)
		v |= ~(uint64_t)0 << (size * 8);
	od_buf_printf(out, is_signed ? "%" PRId64 : "%" PRIu64, v);
}

static void print_float(struct printer *p, uint64_t v, uint64_t size)
{
	uint32_t half = (uint32_t)v;
	float single;
	double wide;

	if (size == 4) {
		memcpy(&single, &half, sizeof(single));
		wide = (double)single;
	} else {
		memcpy(&wide, &v, sizeof(wide));
	}
	od_buf_printf(p->out, "%g", wide);
}

static void print_base(struct printer *p, Dwarf_Die *type, uint64_t v, uint64_t size)
{
	uint64_t encoding = 0;

	number_of(type, DW_AT_encoding, &encoding);
	switch (encoding) {
	case DW_ATE_boolean:
		if (v <= 1)
			od_buf_addstr(p->out, v ? "true" : "false");
		else
			add_number(p->out, v, size, false);
		return;
	case DW_ATE_float:
		if (size >= 4) {
			p->has_number = false;
			print_float(p, v, size);
			return;
		}
		break;
	}
	add_number(p->out, v, size, encoding == DW_ATE_signed || encoding == DW_ATE_signed_char);
	if (is_char(type) && v >= ' ' && v < 0x7f)
		od_buf_printf(p->out, " '%s%c'", v == '\'' || v == '\\' ? "\\" : "", (char)v);
}

/* The name of the value; else the names of its bits; else the number. */
static void print_enum(struct printer *p, Dwarf_Die *type, uint64_t v, uint64_t size)
{
	uint64_t mask = size < 8 ? (UINT64_C(1) << size * 8) - 1 : UINT64_MAX, value;
	Dwarf_Attribute attr;
	Dwarf_Die die;
	Dwarf_Word word;
	int n = 0;

	if (dwarf_child(type, &die) == 0)
		do {
			if (dwarf_tag(&die) != DW_TAG_enumerator ||
			    !dwarf_attr(&die, DW_AT_const_value, &attr))
				continue;
			if (dwarf_formudata(&attr, &word) != 0)
				continue;
			value = word & mask;
			if (value == v && od_dwarf_name(&die)) {
				od_buf_addstr(p->out, od_dwarf_name(&die));
				return;
			}
		} while (++n < MAX_ENUMERATORS && dwarf_siblingof(&die, &die) == 0);
	add_number(p->out, v, size, false);
}

static void print_scalar(struct printer *p, Dwarf_Die *type, uint64_t at, uint64_t size)
{
	int tag = dwarf_tag(type);
	uint64_t v;

	if (size != 1 && size != 2 && size != 4 && size != 8) {
		od_buf_addstr(p->out, "0x");
		for (uint64_t i = 0; i < size && i < MAX_ELEMENTS * 4; i++)
			od_buf_printf(p->out, "%02x",
				      p->v->data[p->v->big_endian ? at + i : at + size - 1 - i]);
		return;
	}
	v = number_at(p->v, at, size);
	p->has_number = true;
	p->number = v;
	if (is_pointer(tag))
		print_pointer(p, type, v);
	else if (tag == DW_TAG_enumeration_type)
		print_enum(p, type, v, size);
	else if (tag == DW_TAG_base_type)
		print_base(p, type, v, size);
	else
		od_buf_printf(p->out, "0x%" PRIx64, v);
}

/* --- compounds --------------------------------------------------------------------------------- */

/* DWARF 4: counted from the beginning; before: DW_AT_bit_offset from the end of a storage unit. */
static bool bit_field(Dwarf_Die *member, uint64_t *at, uint64_t *bits)
{
	uint64_t offset;

	if (!number_of(member, DW_AT_bit_size, bits))
		return false;
	if (number_of(member, DW_AT_data_bit_offset, &offset))
		*at = offset;
	else
		*bits = 0; /* of old compilers: not told */
	return true;
}

static void print_bits(struct printer *p, Dwarf_Die *type, uint64_t at, uint64_t bits)
{
	uint64_t v = 0, encoding = 0;
	unsigned state;
	Dwarf_Die die;

	if (!bits || bits > 64 || p->v->big_endian || !od_dwarf_peel(type, &die)) {
		od_buf_addstr(p->out, "...");
		return;
	}
	state = state_of(p->v, at / 8, (at % 8 + bits + 7) / 8);
	if (state != OD_STATE_KNOWN) {
		od_buf_addstr(p->out, od_value_state_text(state));
		return;
	}
	for (uint64_t i = 0; i < bits; i++)
		v |= (uint64_t)(p->v->data[(at + i) / 8] >> (at + i) % 8 & 1) << i;
	number_of(&die, DW_AT_encoding, &encoding);
	if (dwarf_tag(&die) == DW_TAG_enumeration_type) {
		print_enum(p, &die, v, 8);
		return;
	}
	if (encoding == DW_ATE_signed && bits < 64 && v >> (bits - 1) & 1)
		v |= ~(uint64_t)0 << bits;
	print_base(p, &die, v, 8);
}

static void print_member(struct printer *p, Dwarf_Die *member, uint64_t base, unsigned depth)
{
	const char *name = od_dwarf_name(member);
	uint64_t at = 0, bits = 0;
	Dwarf_Die type;

	if (name) {
		od_buf_addstr(p->out, name);
		od_buf_addstr(p->out, " = ");
	}
	if (!number_of(member, DW_AT_data_member_location, &at) &&
	    dwarf_hasattr(member, DW_AT_data_member_location))
		od_buf_addstr(p->out, "..."); /* a virtual base: where it is stands in the object */
	else if (!type_die(member, &type))
		od_buf_addstr(p->out, "?");
	else if (bit_field(member, &at, &bits))
		print_bits(p, &type, base * 8 + at, bits);
	else
		print(p, &type, base + at, depth + 1);
}

static void print_struct(struct printer *p, Dwarf_Die *type, uint64_t at, unsigned depth)
{
	unsigned seen = 0, shown = 0;
	Dwarf_Die die;

	if (depth) {
		od_buf_addstr(p->out, "{...}");
		return;
	}
	od_buf_addch(p->out, '{');
	if (dwarf_child(type, &die) == 0)
		do {
			int tag = dwarf_tag(&die);
			Dwarf_Attribute attr;

			if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) ||
			    dwarf_attr(&die, DW_AT_external, &attr))
				continue;
			if (shown)
				od_buf_addstr(p->out, ", ");
			if (shown++ == MAX_MEMBERS || p->out->cut) {
				od_buf_addstr(p->out, "...");
				break;
			}
			print_member(p, &die, at, depth);
		} while (++seen < MAX_SEEN && dwarf_siblingof(&die, &die) == 0);
	od_buf_addch(p->out, '}');
}

static void print_array(struct printer *p, Dwarf_Die *type, uint64_t at, unsigned depth)
{
	uint64_t n = array_length(type), size, room = at < p->v->size ? p->v->size - at : 0;
	Dwarf_Die element;

	if (!type_die(type, &element) || !(size = od_dwarf_size(&element)) || !n) {
		od_buf_addstr(p->out, "{}");
		return;
	}
	if (is_char(&element) && state_of(p->v, at, n < room ? n : room) == OD_STATE_KNOWN) {
		uint64_t len = strnlen((const char *)p->v->data + at, n < room ? n : room);

		add_quoted(p->out, (const char *)p->v->data + at, len < MAX_STRING ? len : MAX_STRING);
		if (len > MAX_STRING)
			od_buf_addstr(p->out, "...");
		return;
	}
	if (depth > 1) {
		od_buf_addstr(p->out, "{...}");
		return;
	}
	od_buf_addch(p->out, '{');
	for (uint64_t i = 0; i < n; i++) {
		if (i)
			od_buf_addstr(p->out, ", ");
		if (i == MAX_ELEMENTS || (i + 1) * size > room || p->out->cut) {
			od_buf_addstr(p->out, "...");
			break;
		}
		print(p, &element, at + i * size, depth + 1);
	}
	od_buf_addch(p->out, '}');
}

static void print(struct printer *p, Dwarf_Die *type, uint64_t at, unsigned depth)
{
	Dwarf_Die die;
	uint64_t size;
	unsigned state;

	if (!od_dwarf_peel(type, &die)) {
		od_buf_addstr(p->out, "<unknown type>");
		return;
	}
	switch (dwarf_tag(&die)) {
	case DW_TAG_structure_type: case DW_TAG_union_type: case DW_TAG_class_type:
		print_struct(p, &die, at, depth);
		break;
	case DW_TAG_array_type:
		print_array(p, &die, at, depth);
		break;
	default:
		size = od_dwarf_size(&die);
		if (size && (at > p->v->size || size > p->v->size - at)) {
			od_buf_addstr(p->out, "..."); /* beyond OD_VALUE_BYTES */
			break;
		}
		state = size ? state_of(p->v, at, size) : OD_STATE_STRANGE;
		if (state != OD_STATE_KNOWN)
			od_buf_addstr(p->out, od_value_state_text(state));
		else
			print_scalar(p, &die, at, size);
	}
}

void od_value_text(const struct od_value *v, Dwarf_Die *type, const struct od_var_world *world,
		   struct od_buf *out, bool *has_number, uint64_t *number)
{
	struct printer p = { .v = v, .world = world, .out = out };
	Dwarf_Die die;

	print(&p, type, 0, 0);
	/* Of a compound it would be that of its last member. */
	*has_number = p.has_number && od_dwarf_peel(type, &die) &&
		      (dwarf_tag(&die) == DW_TAG_base_type || is_pointer(dwarf_tag(&die)) ||
		       dwarf_tag(&die) == DW_TAG_enumeration_type);
	*number = p.number;
}
#endif
