/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * BTF: from bytes to records. Opening is one pass that notes where each record stands and that all
 * of it lies in the data, so nothing after it needs to ask again; what a record refers to is
 * checked when it is followed.
 */
#include "symbols/btf.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "symbols/btf-internal.h"

/* Bytes behind the record: some, and some for each of vlen. By kind. */
static const struct {
	uint8_t fixed, each;
} tails[OD_TYPE_KINDS] = {
	[OD_TYPE_INT] = { .fixed = 4 },
	[OD_TYPE_ARRAY] = { .fixed = 12 },
	[OD_TYPE_STRUCT] = { .each = OD_BTF_MEMBER },
	[OD_TYPE_UNION] = { .each = OD_BTF_MEMBER },
	[OD_TYPE_ENUM] = { .each = OD_BTF_ENUM },
	[OD_TYPE_FUNC_PROTO] = { .each = OD_BTF_PARAM },
	[OD_TYPE_VAR] = { .fixed = 4 },
	[OD_TYPE_DATASEC] = { .each = 12 },
	[OD_TYPE_DECL_TAG] = { .fixed = 4 },
	[OD_TYPE_ENUM64] = { .each = OD_BTF_ENUM64 },
};

static void count_names(struct od_btf *btf, unsigned kind, uint32_t vlen)
{
	unsigned classes = od_btf_class_of[kind];

	for (unsigned c = 0; classes >> c; c++)
		if (classes >> c & 1)
			btf->candidates[c] += c == OD_BTF_ENUMERATORS ? vlen : 1;
}

/* BTF does not say how wide a pointer is; "long" is as wide in every kernel. */
static void note_pointer_size(struct od_btf *btf, const uint8_t *rec)
{
	const char *name = od_btf_string(btf, od_btf_u32(btf, rec));
	uint32_t size = od_btf_u32(btf, rec + 8);

	if ((size == 4 || size == 8) && (!strcmp(name, "long unsigned int") ||
					 !strcmp(name, "unsigned long")))
		btf->pointer_size = (uint8_t)size;
}

/* Where each record stands. Stops at what is not known or does not fit. */
static void index_records(struct od_btf *btf)
{
	uint32_t at = 0;

	btf->offsets = od_malloc((btf->types_len / OD_BTF_RECORD + 1) * sizeof(*btf->offsets));
	while (btf->types_len - at >= OD_BTF_RECORD) {
		const uint8_t *rec = btf->types + at;
		uint32_t info = od_btf_u32(btf, rec + 4), vlen = od_btf_vlen(info);
		unsigned kind = od_btf_kind(info);
		uint32_t len;

		if (kind == OD_TYPE_VOID || kind >= OD_TYPE_KINDS)
			break;
		len = OD_BTF_RECORD + tails[kind].fixed + tails[kind].each * vlen;
		if (len > btf->types_len - at)
			break;
		if (od_btf_class_of[kind])
			count_names(btf, kind, vlen);
		if (kind == OD_TYPE_INT)
			note_pointer_size(btf, rec);
		btf->offsets[btf->count++] = at;
		at += len;
	}
	if (at < btf->types_len)
		btf->complete = false;
	btf->offsets = od_realloc(btf->offsets, (btf->count + 1) * sizeof(*btf->offsets));
}

/* The part of a section that is there; true: it is not all of it. */
static bool clip(uint64_t start, uint32_t len, size_t end, uint32_t *ret)
{
	*ret = start >= end ? 0 : end - start < len ? (uint32_t)(end - start) : len;
	return *ret < len;
}

static const char *parse_header(struct od_btf *btf, size_t len)
{
	const uint8_t *p = btf->data;
	uint16_t magic;
	uint32_t header, nstrings, ntypes;
	uint64_t types, strings;

	if (len < OD_BTF_HEADER)
		return "too short for a header";
	memcpy(&magic, p, sizeof(magic));
	if (magic != OD_BTF_MAGIC && magic != __builtin_bswap16(OD_BTF_MAGIC))
		return "no magic number";
	btf->swapped = magic != OD_BTF_MAGIC;
	btf->big_endian = p[0] == OD_BTF_MAGIC >> 8;
	header = od_btf_u32(btf, p + 4);
	if (p[2] != OD_BTF_VERSION)
		return "of a version that is not known";
	if (header < OD_BTF_HEADER || header > len)
		return "the header's length makes no sense";
	types = (uint64_t)header + od_btf_u32(btf, p + 8);
	ntypes = od_btf_u32(btf, p + 12);
	strings = (uint64_t)header + od_btf_u32(btf, p + 16);
	nstrings = od_btf_u32(btf, p + 20);
	btf->complete = !clip(types, ntypes, len, &btf->types_len);
	if (clip(strings, nstrings, len, &btf->strings_len))
		btf->complete = false;
	btf->types = p + (btf->types_len ? types : 0);
	btf->strings = (const char *)p + (btf->strings_len ? strings : 0);
	/* Only up to a NUL, so that each string that starts in here also ends in here. */
	while (btf->strings_len && btf->strings[btf->strings_len - 1])
		btf->strings_len--;
	btf->end_string = nstrings;
	return NULL;
}

static const char *join(struct od_btf *btf, const struct od_btf *base)
{
	btf->first_id = 1;
	btf->pointer_size = 8;
	if (!base)
		return NULL;
	if (base->base)
		return "its base has a base";
	if (!base->complete)
		return "the types that it builds upon are not all there";
	if (base->big_endian != btf->big_endian)
		return "its base is of another byte order";
	if (btf->end_string > UINT32_MAX - base->end_string)
		return "more strings than can be counted";
	btf->base = base;
	btf->first_id = base->count + 1;
	btf->first_string = base->end_string;
	btf->end_string += base->end_string;
	btf->pointer_size = base->pointer_size;
	return NULL;
}

struct od_error *od_btf_create(uint8_t *data, size_t len, const struct od_btf *base,
			       struct od_btf **ret)
{
	struct od_btf *btf = od_calloc(1, sizeof(*btf));
	const char *why;

	*ret = NULL;
	btf->data = data;
	btf->names = od_calloc(1, sizeof(*btf->names));
	why = len > OD_MAX_BTF ? "too large" : parse_header(btf, len);
	if (!why)
		why = join(btf, base);
	if (!why) {
		index_records(btf);
		if (!btf->count)
			why = "there is no type in it";
	}
	if (why) {
		od_btf_destroy(btf);
		return od_error_new(OD_ERR_UNSUPPORTED, "BTF: %s", why);
	}
	*ret = btf;
	return NULL;
}

void od_btf_destroy(struct od_btf *btf)
{
	if (!btf)
		return;
	od_btf_names_destroy(btf->names);
	free(btf->offsets);
	free(btf->data);
	free(btf);
}

uint32_t od_btf_count(const struct od_btf *btf)
{
	return btf->first_id + btf->count;
}

bool od_btf_complete(const struct od_btf *btf)
{
	return btf->complete;
}

unsigned od_btf_pointer_size(const struct od_btf *btf)
{
	return btf->pointer_size;
}

const char *od_btf_string(const struct od_btf *btf, uint32_t at)
{
	if (btf->base && at < btf->first_string)
		btf = btf->base;
	at -= btf->first_string;
	return at < btf->strings_len ? btf->strings + at : "";
}

const uint8_t *od_btf_record(const struct od_btf *btf, uint32_t id, const struct od_btf **owner)
{
	if (btf->base && id < btf->first_id)
		btf = btf->base;
	*owner = btf;
	if (id < btf->first_id || id - btf->first_id >= btf->count)
		return NULL;
	return btf->types + btf->offsets[id - btf->first_id];
}

/* The u32 of an INT: encoding, bit offset, bits. */
static void read_int(struct od_type *t, uint32_t word)
{
	enum { SIGNED = 1, CHAR = 2, BOOL = 4 };
	unsigned encoding = word >> 24 & 0xf, at = word >> 16 & 0xff, bits = word & 0xff;

	t->flag = encoding & SIGNED;
	t->is_bool = encoding & BOOL;
	/* No compiler sets CHAR for kernels: the size and the name tell. */
	t->is_char = encoding & CHAR || (t->size == 1 && strstr(t->name, "char"));
	if (bits && (bits != t->size * 8 || at)) {
		t->bits = (uint8_t)bits;
		t->bits_at = (uint8_t)at;
	}
}

static void read_tail(const struct od_btf *btf, struct od_type *t, uint32_t size_or_type)
{
	switch (t->kind) {
	case OD_TYPE_INT:
		t->size = size_or_type;
		read_int(t, od_btf_u32(btf, t->more));
		break;
	case OD_TYPE_ARRAY: /* element, type of the index, number */
		t->type = od_btf_u32(btf, t->more);
		t->count = od_btf_u32(btf, t->more + 8);
		break;
	case OD_TYPE_STRUCT:
	case OD_TYPE_UNION:
	case OD_TYPE_ENUM:
	case OD_TYPE_ENUM64:
	case OD_TYPE_FLOAT:
	case OD_TYPE_DATASEC:
		t->size = size_or_type;
		break;
	default:
		t->type = size_or_type;
	}
}

bool od_btf_type(const struct od_btf *btf, uint32_t id, struct od_type *ret)
{
	const struct od_btf *owner;
	const uint8_t *rec = od_btf_record(btf, id, &owner);
	uint32_t info;

	*ret = (struct od_type){ .name = "", .owner = owner };
	if (!rec)
		return id == 0;
	info = od_btf_u32(owner, rec + 4);
	ret->id = id;
	ret->kind = (enum od_type_kind)od_btf_kind(info);
	ret->name = od_btf_string(owner, od_btf_u32(owner, rec));
	ret->count = tails[ret->kind].each ? od_btf_vlen(info) : 0;
	ret->flag = info >> 31;
	ret->more = rec + OD_BTF_RECORD;
	read_tail(owner, ret, od_btf_u32(owner, rec + 8));
	return true;
}

bool od_btf_resolve(const struct od_btf *btf, uint32_t id, struct od_type *ret)
{
	const unsigned through = 1u << OD_TYPE_TYPEDEF | 1u << OD_TYPE_VOLATILE |
				 1u << OD_TYPE_CONST | 1u << OD_TYPE_RESTRICT |
				 1u << OD_TYPE_TYPE_TAG;

	for (unsigned i = 0; i <= OD_MAX_TYPE_DEPTH; i++) {
		if (!od_btf_type(btf, id, ret))
			return false;
		if (!(through >> ret->kind & 1))
			return true;
		id = ret->type;
	}
	od_btf_type(btf, 0, ret);
	return false;
}
