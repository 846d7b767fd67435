/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members of kernel structs that are found once and read often. */
#ifndef OD_TARGET_KERNEL_FIELD_H
#define OD_TARGET_KERNEL_FIELD_H

#include "target/kernel/kernel.h"

struct od_field {
	uint64_t offset; /* bytes from the beginning of the struct, to the first byte of a bit field
			  */
	uint64_t size;	 /* bytes; 0: unknown, od_field_read() fails */
	uint8_t shift;	 /* of a bit field, counted from the least significant bit of its bytes */
	uint8_t bits;	 /* width of a bit field; 0: it is none */
	uint32_t type;	 /* its BTF id; 0: unknown */
	bool known;
};

/*
 * Where a member is. paths: "__state|state", the first that there is; each may be "a.b" and may go
 * through anonymous members. False, and ret->known is false: there is none, or no types.
 */
bool od_kernel_field(struct od_kernel *k, const char *type, const char *paths,
		     struct od_field *ret);

/* As above, of a type of a module: od_kernel_type(). btf NULL or type 0: there is none. */
bool od_typed_field(struct od_kernel *k, const struct od_btf *btf, uint32_t type, const char *paths,
		    struct od_field *ret);

/* A table of them: each row's field goes to the given offset of out. The number that are known. */
struct od_field_row {
	const char *paths;
	size_t at; /* offsetof(struct of out, a struct od_field) */
};
unsigned od_kernel_fields(struct od_kernel *k, const char *type, const struct od_field_row *rows,
			  size_t n, void *out);

/* Unsigned value of the member of the struct at addr. False, *ret is 0: unknown or unreadable. */
bool od_field_read(struct od_kernel *k, const struct od_field *f, uint64_t addr, uint64_t *ret);
/* As above from bytes that were read: len bytes of the struct's beginning. */
bool od_field_get(const struct od_memory *mem, const struct od_field *f, const uint8_t *bytes,
		  size_t len, uint64_t *ret);

#endif
