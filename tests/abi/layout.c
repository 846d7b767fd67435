/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compiled, not run: every member of version 1 is where it was and as large as it was, and every constant has its
 * value. The header is that of the include path; MACHINE says which numbers of v1/layout.def hold.
 */
#include "oopsdiag-plugin.h"

#if UINTPTR_MAX == UINT64_MAX
#define MACHINE 64
#else
/* Where a 64-bit number may stand differs between machines of 32 bits. */
struct place {
	char c;
	uint64_t n;
};
#if defined(__i386__)
#define MACHINE 324
_Static_assert(offsetof(struct place, n) == 4, "64-bit numbers at multiples of 4");
#else
#define MACHINE 328
_Static_assert(offsetof(struct place, n) == 8, "64-bit numbers at multiples of 8");
#endif
#endif

#define MEMBER(type, member, size, offset)                                                         \
	_Static_assert(offsetof(struct type, member) == (offset) &&                                \
			       sizeof(((struct type *)0)->member) == (size),                       \
		       #type "." #member " is not what it was in version 1");
#define SIZE(type, size)                                                                           \
	_Static_assert(sizeof(struct type) >= (size), #type " is smaller than in version 1");
#define VALUE(name, value) _Static_assert((name) == (value), #name " is not what it was");
/* Without masks like OD_PLUGIN_FLAGS: these may get more bits. */
#include "v1/layout.def"

/* Sizes do not tell signed from unsigned, nor a pointer to what. */
#define TYPE(type, member, what)                                                                   \
	_Static_assert(_Generic(((struct type *)0)->member, what: 1, default: 0),                  \
		       #type "." #member " has another type");
TYPE(od_plugin_report_info, cpu, int32_t)
TYPE(od_plugin_report_info, pid, int32_t)
TYPE(od_plugin_report_info, guilty_frame, int32_t)
TYPE(od_plugin_report_info, kaslr_offset, uint64_t)
TYPE(od_plugin_evidence, stack, int32_t)
TYPE(od_plugin_evidence, frame, int32_t)
TYPE(od_plugin_evidence, lines, const uint32_t *)
TYPE(od_plugin, interest, const char *const *)
