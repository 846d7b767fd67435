/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Virtual -> physical: what the walks of each architecture share. */
#ifndef OD_TARGET_DUMP_XLAT_H
#define OD_TARGET_DUMP_XLAT_H

#include "symbols/vmcoreinfo.h"
#include "target/dump-internal.h"

/* The physical address of one virtual address, by the cache of the last ones or by a walk. */
enum od_mem_status od_xlat(struct od_dump *d, uint64_t virt, uint64_t *phys);
/* An entry of a table at its physical address; what was read is said in out, unless that is NULL. */
enum od_mem_status od_xlat_entry(struct od_dump *d, const char *level, uint64_t at, uint64_t *entry,
				 struct od_buf *out);
/* "SYMBOL(name)" must be there. */
struct od_error *od_xlat_symbol(const struct od_vmcoreinfo *info, const char *name, uint64_t *ret);

/* Fill in d->xlat. */
struct od_error *od_xlat_x86_64(struct od_dump *d, const struct od_vmcoreinfo *info);
struct od_error *od_xlat_arm64(struct od_dump *d, const struct od_vmcoreinfo *info);

/* dump-scan.c: look for VMCOREINFO in physical memory; what is found goes to d->vmcoreinfo. */
void od_dump_scan(struct od_dump *d);

#endif
