/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types as the kernel carries them: BTF (include/uapi/linux/btf.h, 4.18 to 7.x). The bytes come out
 * of a dump and are hostile: every offset, count and reference is checked when it is used, and
 * recursion is bounded. How types and values are written: symbols/typeprint.h.
 */
#ifndef OD_SYMBOLS_BTF_H
#define OD_SYMBOLS_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum {
	OD_MAX_BTF = 64 << 20,	   /* bytes; kernels carry 3 to 8 MiB */
	OD_MAX_TYPE_DEPTH = 32,	   /* typedefs in a row, structs in structs */
	OD_MAX_MEMBER_STEPS = 1 << 18, /* members looked at to find one by its name */
};

struct od_btf;

/*
 * Takes over data (from od_malloc()) of len bytes. base: the kernel's own types, for those of a
 * module (split BTF); it must outlive the result. OD_ERR_UNSUPPORTED frees data: no BTF, or of
 * another version, or more than OD_MAX_BTF bytes, or not one type in it, or a base that is damaged
 * or has a base itself. Data that ends early, or has a kind of type that is not known, is read up
 * to there.
 */
struct od_error *od_btf_create(uint8_t *data, size_t len, const struct od_btf *base,
			       struct od_btf **ret);
/* NULL is accepted. */
void od_btf_destroy(struct od_btf *btf);

/* Number of types, with void and those of the base: valid ids are below it. */
uint32_t od_btf_count(const struct od_btf *btf);
/* False: reading stopped before the end of the types, od_btf_count() are what there was. */
bool od_btf_complete(const struct od_btf *btf);
/* Bytes of a pointer, after the size of "long": 4 or 8. */
unsigned od_btf_pointer_size(const struct od_btf *btf);

/* The numbers of include/uapi/linux/btf.h. */
enum od_type_kind {
	OD_TYPE_VOID, OD_TYPE_INT, OD_TYPE_PTR, OD_TYPE_ARRAY, OD_TYPE_STRUCT, OD_TYPE_UNION,
	OD_TYPE_ENUM, OD_TYPE_FWD, OD_TYPE_TYPEDEF, OD_TYPE_VOLATILE, OD_TYPE_CONST,
	OD_TYPE_RESTRICT, OD_TYPE_FUNC, OD_TYPE_FUNC_PROTO, OD_TYPE_VAR, OD_TYPE_DATASEC,
	OD_TYPE_FLOAT, OD_TYPE_DECL_TAG, OD_TYPE_TYPE_TAG, OD_TYPE_ENUM64,
	OD_TYPE_KINDS,
};

struct od_type {
	uint32_t id;
	enum od_type_kind kind;
	const char *name; /* "": none. Bytes of the dump: escape when printing */
	uint64_t size;	  /* bytes, of INT, STRUCT, UNION, ENUM, ENUM64, FLOAT, DATASEC; else 0 */
	uint32_t type;	  /* what is pointed to, an element, a return type ...; else 0 */
	uint32_t count;	  /* members, enumerators, parameters, or elements of an array */
	/* INT: signed. ENUM, ENUM64: its values are signed. FWD: of a union. */
	bool flag;
	bool is_bool, is_char; /* of INT */
	uint8_t bits, bits_at; /* of INT: how many bits at which one, where they are not size * 8 */
	/* The record, as long as the BTF: for what goes through members and enumerators. */
	const uint8_t *more;
	const struct od_btf *owner;
};

/* False, and *ret is void: id is not below od_btf_count(). */
bool od_btf_type(const struct od_btf *btf, uint32_t id, struct od_type *ret);
/*
 * As od_btf_type() of what is behind typedefs, qualifiers and type tags. False, and *ret is void:
 * there are more than OD_MAX_TYPE_DEPTH of them, or they lead nowhere.
 */
bool od_btf_resolve(const struct od_btf *btf, uint32_t id, struct od_type *ret);

struct od_member {
	uint32_t type;	   /* id of its type */
	uint32_t bits;	   /* width if it is a bit field, else 0 */
	uint64_t bit_offset; /* from the beginning of the outermost struct */
	const char *name;  /* "": anonymous, or an element of an array */
};

/* n is below count of a STRUCT or UNION; bit_offset is from its beginning. */
void od_btf_nth_member(const struct od_type *type, uint32_t n, struct od_member *ret);
/* n is below count of an ENUM or ENUM64. Unsigned values of 64 bits come as negative numbers. */
const char *od_btf_nth_enumerator(const struct od_type *type, uint32_t n, int64_t *value);
/* n is below count of a FUNC_PROTO. Its name, maybe ""; type 0 at the end: "...". */
const char *od_btf_nth_parameter(const struct od_type *type, uint32_t n, uint32_t *ret);

/* "struct x", "union x", "enum x" or a bare name (any of these, typedefs too). 0: there is none. */
uint32_t od_btf_find(const struct od_btf *btf, const char *name);
/* Type of a variable: per-CPU ones are all that kernels up to 6.x describe. 0: there is none. */
uint32_t od_btf_variable(const struct od_btf *btf, const char *name);
/* FUNC_PROTO of a function. 0: there is none. */
uint32_t od_btf_function(const struct od_btf *btf, const char *name);
/* The value of an enumerator anywhere in the types: "MOD_TEXT". */
bool od_btf_enumerator(const struct od_btf *btf, const char *name, int64_t *ret);
/* As above: the enum that it is of; 0: there is none. */
uint32_t od_btf_enumerator_type(const struct od_btf *btf, const char *name, int64_t *value);
/*
 * Names of all types that start with prefix, in no order, some maybe
 * twice; false from fn stops.
 */
void od_btf_each(const struct od_btf *btf, const char *prefix,
		 bool (*fn)(void *ctx, const char *name, uint32_t id), void *ctx);

/* Bytes; 0: unknown or a function. Goes through typedefs, qualifiers, arrays. */
uint64_t od_btf_size(const struct od_btf *btf, uint32_t type);
/* path: "a.b.c", through anonymous members, typedefs and array elements "a[2].b". */
bool od_btf_member(const struct od_btf *btf, uint32_t type, const char *path,
		   struct od_member *ret);
/* Byte offset of "struct", "member.path"; false: no such type or member, or a bit field. */
bool od_btf_offset(const struct od_btf *btf, const char *type, const char *path, uint64_t *ret);
/* "struct task_struct *", "u64", "int (*)(void *)": escaped, for people. */
void od_btf_type_name(const struct od_btf *btf, uint32_t type, struct od_buf *out);
/* The name of an enumerator of type (through typedefs) with this value in its size; NULL: none. */
const char *od_btf_enumerator_name(const struct od_btf *btf, uint32_t type, int64_t value);

/* Bytes that hold a bit field: od_bits() needs them from bit_offset / 8 on. */
static inline unsigned od_bits_bytes(uint64_t bit_offset, unsigned bits)
{
	return (unsigned)((bit_offset % 8 + bits + 7) / 8);
}
/*
 * The bits bits (up to 64) at bit number at (below 8) of the bytes at p, od_bits_bytes() of which
 * are read: a bit field as its compiler laid it out, least significant bits first in little endian
 * memory, else most significant first.
 */
uint64_t od_bits(const uint8_t *p, unsigned at, unsigned bits, bool big_endian);

#endif
