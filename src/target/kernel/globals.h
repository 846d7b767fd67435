/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Types by name, of the kernel or of a module, and types of the kernel's variables. */
#ifndef OD_TARGET_KERNEL_GLOBALS_H
#define OD_TARGET_KERNEL_GLOBALS_H

#include "target/kernel/kernel.h"

struct od_typed {
	const struct od_btf *btf; /* of the kernel, or of a module; NULL: there is no such type */
	uint32_t type;
};

/*
 * "struct x", "x": of the kernel, else of the first loaded module that has one. Looks into the
 * types of all modules before it says no.
 */
bool od_kernel_type(struct od_kernel *k, const char *name, struct od_typed *ret);
/*
 * Type of a variable: BTF knows per-CPU ones, and those that triage asks for are declared by
 * hand. False: neither knows it, or the kernel has no such type.
 */
bool od_kernel_variable(struct od_kernel *k, const char *name, struct od_typed *ret);
/* FUNC_PROTO of a function of the kernel or a module. */
bool od_kernel_function(struct od_kernel *k, const char *name, struct od_typed *ret);
/* The enumerator of that name: its enum and its value. */
bool od_kernel_enumerator(struct od_kernel *k, const char *name, struct od_typed *ret,
			  int64_t *value);
/* An address as symbols give it lies in the section that each CPU has a copy of. */
bool od_kernel_is_percpu(struct od_kernel *k, uint64_t symbol);

#endif
