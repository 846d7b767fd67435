/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * VMCOREINFO: the lines "KEY=VALUE" that a kernel leaves for whoever reads its memory
 * (kernel/vmcore_info.c since 6.9, kernel/crash_core.c since 4.13, kernel/kexec_core.c before).
 */
#ifndef OD_SYMBOLS_VMCOREINFO_H
#define OD_SYMBOLS_VMCOREINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OD_MAX_VMCOREINFO = 64 * 1024 }; /* bytes; kernels write at most 4096 */

struct od_vmcoreinfo;

/*
 * Takes a copy of the len bytes at s; what is beyond OD_MAX_VMCOREINFO, a NUL byte or a line
 * without
 * "=" is passed over. Never NULL; release with od_vmcoreinfo_destroy().
 */
struct od_vmcoreinfo *od_vmcoreinfo_create(const char *s, size_t len);
/* NULL is accepted. */
void od_vmcoreinfo_destroy(struct od_vmcoreinfo *info);

/* The value of a whole key, "OSRELEASE" or "SYMBOL(_stext)"; NULL if there is none. */
const char *od_vmcoreinfo_value(const struct od_vmcoreinfo *info, const char *key);
/* "SYMBOL(name)", hex. False: not there, or no number. */
bool od_vmcoreinfo_symbol(const struct od_vmcoreinfo *info, const char *name, uint64_t *ret);
/*
 * "OFFSET(name)", "SIZE(name)" and "LENGTH(name)", decimal. False: not there, negative, or no
 * number.
 */
bool od_vmcoreinfo_offset(const struct od_vmcoreinfo *info, const char *name, uint64_t *ret);
bool od_vmcoreinfo_size(const struct od_vmcoreinfo *info, const char *name, uint64_t *ret);
bool od_vmcoreinfo_length(const struct od_vmcoreinfo *info, const char *name, uint64_t *ret);
/* "NUMBER(name)": decimal with a sign, or hex after 0x. */
bool od_vmcoreinfo_number(const struct od_vmcoreinfo *info, const char *name, int64_t *ret);
/* KERNELOFFSET, hex without 0x: how far KASLR moved the kernel image. */
bool od_vmcoreinfo_kaslr(const struct od_vmcoreinfo *info, uint64_t *ret);
/* OSRELEASE; NULL if there is none. */
const char *od_vmcoreinfo_release(const struct od_vmcoreinfo *info);
/*
 * BUILD-ID if it can be one: 40 lower-case hex digits. 6.1.113-118, 6.6.55-62, 6.11.3-9 and others
 * write bytes that are none; what fails this test, or is known to be such a release, is NULL.
 */
const char *od_vmcoreinfo_build_id(const struct od_vmcoreinfo *info);
/* The nth line taken apart, in the order of the note, for people; false at the end. */
bool od_vmcoreinfo_line(const struct od_vmcoreinfo *info, size_t n, const char **key,
			const char **value);

enum { OD_VMCOREINFO_NAME = 128 }; /* bytes of a symbol's name with the NUL */
/*
 * Every SYMBOL() line, begin with *n = 0: its name into name[OD_VMCOREINFO_NAME], its address;
 * false after the last. Longer names and what is no number are passed over.
 */
bool od_vmcoreinfo_each_symbol(const struct od_vmcoreinfo *info, size_t *n, char *name,
			       uint64_t *ret);

#endif
