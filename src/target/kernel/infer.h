/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Layouts of a kernel that does not tell them: no BTF (Debian's arm64, distributions before 2020),
 * maybe no symbols of variables (CONFIG_KALLSYMS_ALL off). Some structs can be found by what must
 * be true of them in every such kernel: init_task is called "swapper", all tasks are on one ring
 * and each names itself as its leader, a module names its own address as that of its symbols'
 * table. An offset is taken only if it fits all that were looked at; what does not show stays
 * unknown. Of locks the usual layout is tried.
 */
#ifndef OD_TARGET_KERNEL_INFER_H
#define OD_TARGET_KERNEL_INFER_H

#include "target/kernel/kernel.h"

/*
 * Find struct task_struct and signal_struct, or struct module; k->inferred then has their members,
 * and init_task or modules are known as symbols. Once; nothing is done if there are types. False:
 * not found.
 */
bool od_infer_tasks(struct od_kernel *k);
bool od_infer_modules(struct od_kernel *k);

/* A member that was found so. type as "struct x". False: unknown. */
bool od_inferred(const struct od_kernel *k, const char *type, const char *member, uint64_t *offset,
		 uint64_t *size);

#endif
