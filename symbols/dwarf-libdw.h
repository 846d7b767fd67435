/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libdw over a debug file that is open: for what our own reader of lines does not do (types,
 * location lists, CFI). */
#ifndef OD_SYMBOLS_DWARF_LIBDW_H
#define OD_SYMBOLS_DWARF_LIBDW_H

#include <elfutils/libdw.h>

struct od_debug;

/*
 * The library is loaded when it is first needed: linked, it and what it needs would cost each start
 * 0.4 ms. Its functions are called by their names, which stand for pointers from here on.
 */
#define OD_LIBDW(x)                                                                         \
	x(elf_version) x(elf_memory) x(elf_end) x(dwarf_begin_elf) x(dwarf_end)             \
	x(dwarf_getelf) x(dwarf_nextcu) x(dwarf_offdie) x(dwarf_addrdie)                    \
	x(dwarf_get_units) x(dwarf_child) x(dwarf_siblingof) x(dwarf_tag) x(dwarf_attr)     \
	x(dwarf_attr_integrate) x(dwarf_hasattr) x(dwarf_formstring) x(dwarf_formudata)     \
	x(dwarf_formref_die) x(dwarf_formaddr) x(dwarf_formblock) x(dwarf_formflag)         \
	x(dwarf_haspc) x(dwarf_lowpc) x(dwarf_dieoffset) x(dwarf_getlocation)               \
	x(dwarf_getlocation_addr) x(dwarf_getlocation_attr) x(dwarf_getlocation_die)        \
	x(dwarf_getlocation_implicit_value) x(dwarf_getcfi) x(dwarf_getcfi_elf)             \
	x(dwarf_cfi_end) x(dwarf_cfi_addrframe) x(dwarf_frame_cfa)                          \
	x(dwarf_frame_register)

struct od_libdw_calls {
#define OD_LIBDW_POINTER(name) __typeof__(&name) p_##name;
	OD_LIBDW(OD_LIBDW_POINTER)
#undef OD_LIBDW_POINTER
};
extern struct od_libdw_calls od_libdw_calls;

#define elf_version od_libdw_calls.p_elf_version
#define elf_memory od_libdw_calls.p_elf_memory
#define elf_end od_libdw_calls.p_elf_end
#define dwarf_begin_elf od_libdw_calls.p_dwarf_begin_elf
#define dwarf_end od_libdw_calls.p_dwarf_end
#define dwarf_getelf od_libdw_calls.p_dwarf_getelf
#define dwarf_nextcu od_libdw_calls.p_dwarf_nextcu
#define dwarf_offdie od_libdw_calls.p_dwarf_offdie
#define dwarf_addrdie od_libdw_calls.p_dwarf_addrdie
#define dwarf_get_units od_libdw_calls.p_dwarf_get_units
#define dwarf_child od_libdw_calls.p_dwarf_child
#define dwarf_siblingof od_libdw_calls.p_dwarf_siblingof
#define dwarf_tag od_libdw_calls.p_dwarf_tag
#define dwarf_attr od_libdw_calls.p_dwarf_attr
#define dwarf_attr_integrate od_libdw_calls.p_dwarf_attr_integrate
#define dwarf_hasattr od_libdw_calls.p_dwarf_hasattr
#define dwarf_formstring od_libdw_calls.p_dwarf_formstring
#define dwarf_formudata od_libdw_calls.p_dwarf_formudata
#define dwarf_formref_die od_libdw_calls.p_dwarf_formref_die
#define dwarf_formaddr od_libdw_calls.p_dwarf_formaddr
#define dwarf_formblock od_libdw_calls.p_dwarf_formblock
#define dwarf_formflag od_libdw_calls.p_dwarf_formflag
#define dwarf_haspc od_libdw_calls.p_dwarf_haspc
#define dwarf_lowpc od_libdw_calls.p_dwarf_lowpc
#define dwarf_dieoffset od_libdw_calls.p_dwarf_dieoffset
#define dwarf_getlocation od_libdw_calls.p_dwarf_getlocation
#define dwarf_getlocation_addr od_libdw_calls.p_dwarf_getlocation_addr
#define dwarf_getlocation_attr od_libdw_calls.p_dwarf_getlocation_attr
#define dwarf_getlocation_die od_libdw_calls.p_dwarf_getlocation_die
#define dwarf_getlocation_implicit_value od_libdw_calls.p_dwarf_getlocation_implicit_value
#define dwarf_getcfi od_libdw_calls.p_dwarf_getcfi
#define dwarf_getcfi_elf od_libdw_calls.p_dwarf_getcfi_elf
#define dwarf_cfi_end od_libdw_calls.p_dwarf_cfi_end
#define dwarf_cfi_addrframe od_libdw_calls.p_dwarf_cfi_addrframe
#define dwarf_frame_cfa od_libdw_calls.p_dwarf_frame_cfa
#define dwarf_frame_register od_libdw_calls.p_dwarf_frame_register

/*
 * The file's DWARF, NULL if it has none or is too large to be relocated. Made at the first call,
 * closed with the file. Addresses are those of od_debug_*: a module is a copy, relocated.
 */
Dwarf *od_debug_libdw(struct od_debug *dbg);

#endif
