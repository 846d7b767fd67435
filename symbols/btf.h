/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types as the kernel carries them: BTF (include/uapi/linux/btf.h, 4.18 to 7.x). The bytes come out
 * of a dump and are hostile: every offset, count and reference is checked when it is used, and
 * recursion is bounded.
 */
#ifndef OD_SYMBOLS_BTF_H
#define OD_SYMBOLS_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct od_btf;

/*
 * Takes over data (from od_malloc()) of len bytes. base: the kernel's own types, for those of a module
 * (split BTF); it must outlive the result. OD_ERR_UNSUPPORTED frees data.
 */
struct od_error *od_btf_create(uint8_t *data, size_t len, const struct od_btf *base,
			       struct od_btf **ret);
/* NULL is accepted. */
void od_btf_destroy(struct od_btf *btf);

struct od_member {
	uint32_t type;	   /* id of its type */
	uint32_t bits;	   /* width if it is a bit field, else 0 */
	uint64_t bit_offset; /* from the beginning of the outermost struct */
};

/* "struct x", "union x", "enum x" or a bare name (any of these, typedefs too). 0: there is none. */
uint32_t od_btf_find(const struct od_btf *btf, const char *name);
/* Bytes; 0: unknown or a function. Goes through typedefs, qualifiers, arrays. */
uint64_t od_btf_size(const struct od_btf *btf, uint32_t type);
/* path: "a.b.c", through anonymous members, typedefs and array elements "a[2].b". */
bool od_btf_member(const struct od_btf *btf, uint32_t type, const char *path, struct od_member *ret);
/* Byte offset of "struct", "member.path" in one step; false: no such type or member, or a bit field. */
bool od_btf_offset(const struct od_btf *btf, const char *type, const char *path, uint64_t *ret);
/* The value of an enumerator anywhere in the types: "MOD_TEXT". */
bool od_btf_enumerator(const struct od_btf *btf, const char *name, int64_t *ret);
/* "struct task_struct *", "u64", "int (*)(void *)". */
void od_btf_type_name(const struct od_btf *btf, uint32_t type, struct od_buf *out);

#endif
