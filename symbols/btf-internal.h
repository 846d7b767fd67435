/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the BTF reader share. */
#ifndef OD_SYMBOLS_BTF_INTERNAL_H
#define OD_SYMBOLS_BTF_INTERNAL_H

#include <string.h>

#include "symbols/btf.h"

/* Of the UAPI header. */
enum {
	OD_BTF_MAGIC = 0xeb9f,
	OD_BTF_VERSION = 1,
	OD_BTF_HEADER = 24, /* bytes that every version has */
	OD_BTF_RECORD = 12, /* name, info, size or type */
	OD_BTF_MEMBER = 12, /* name, type, offset */
	OD_BTF_ENUM = 8,    /* name, value */
	OD_BTF_ENUM64 = 12, /* name, low and high half of the value */
	OD_BTF_PARAM = 8,   /* name, type */
};

/* Name -> record, chained: a chain is in the order of the ids, so the first of a name is found. */
struct od_btf_entry {
	uint32_t next; /* index + 1 of the entry; 0: the end */
	uint32_t id;
	uint32_t nth;  /* which enumerator of it */
	uint32_t hash;
};

struct od_btf_index {
	bool built;
	uint32_t mask, n;
	uint32_t *heads; /* index + 1 into entries */
	struct od_btf_entry *entries;
};

enum od_btf_class {
	OD_BTF_TYPES,
	OD_BTF_VARIABLES,
	OD_BTF_FUNCTIONS,
	OD_BTF_ENUMERATORS,
	OD_BTF_CLASSES
};

/* Made when first asked for a name of its class; what a const struct od_btf may still change. */
struct od_btf_names {
	struct od_btf_index index[OD_BTF_CLASSES];
};

struct od_btf {
	uint8_t *data;
	const struct od_btf *base;
	const uint8_t *types;
	const char *strings;   /* ends with a NUL, unless it is empty */
	uint32_t *offsets;     /* into types, of the records with ids from first_id on */
	uint32_t types_len, strings_len;
	uint32_t first_id, count; /* count of its own */
	uint32_t first_string, end_string; /* offsets as types give them, end as in the header */
	bool swapped, big_endian, complete;
	uint8_t pointer_size;
	uint32_t candidates[OD_BTF_CLASSES]; /* how many names of each class there may be */
	struct od_btf_names *names;
};

static inline uint32_t od_btf_u32(const struct od_btf *btf, const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return btf->swapped ? __builtin_bswap32(v) : v;
}

/* Parts of the word "info". */
static inline uint32_t od_btf_vlen(uint32_t info)
{
	return info & 0xffff;
}

static inline unsigned od_btf_kind(uint32_t info)
{
	return info >> 24 & 0x1f;
}

/* The string at an offset as types give it, of btf or its base; "" if there is none. */
const char *od_btf_string(const struct od_btf *btf, uint32_t at);
/* The record of an id and whose it is; NULL: there is none, or it is void. */
const uint8_t *od_btf_record(const struct od_btf *btf, uint32_t id, const struct od_btf **owner);

/* Which classes a kind has names of: 1 << enum od_btf_class. */
extern const uint8_t od_btf_class_of[OD_TYPE_KINDS];
/* "long unsigned int", as compilers have it, as people write it; other names as they are. */
const char *od_btf_c_name(const char *name);
void od_btf_names_destroy(struct od_btf_names *names);

#endif
