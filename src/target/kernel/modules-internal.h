/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_TARGET_KERNEL_MODULES_INTERNAL_H
#define OD_TARGET_KERNEL_MODULES_INTERNAL_H

#include "target/kernel/field.h"
#include "target/kernel/modules.h"

struct od_module_fields {
	/* struct module */
	struct od_field list, name, state, version, srcversion, taints, refcnt, kallsyms, percpu,
		percpu_size, num_orcs, orc_ip, orc, users;
	struct od_field notes_attrs, sect_attrs;
	/* struct mod_kallsyms */
	struct od_field symtab, num_symtab, strtab, typetab;
	bool known;
};

/*
 * The parts of a module, and with them where its text is. False: the layout is unknown, or nothing of
 * it is plausible.
 */
bool od_kmodule_layout(struct od_kernel *k, struct od_kmodule *m);
/* Hex of the GNU build id in the notes of a module; NULL: there is none. */
const char *od_kmodule_build_id(struct od_kernel *k, const struct od_module_fields *f, uint64_t addr);

/* The GNU build id, in hex, among len bytes of ELF notes; NULL: none. In the kernel's arena. */
const char *od_build_id_in(struct od_kernel *k, const uint8_t *notes, uint64_t len);

#endif
