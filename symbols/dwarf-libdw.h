/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libdw over a debug file that is open: for what our own reader of lines does not do (types,
 * location lists, CFI). */
#ifndef OD_SYMBOLS_DWARF_LIBDW_H
#define OD_SYMBOLS_DWARF_LIBDW_H

#include <elfutils/libdw.h>

struct od_debug;

/*
 * The file's DWARF, NULL if it has none or is too large to be relocated. Made at the first call,
 * closed with the file. Addresses are those of od_debug_*: a module is a copy, relocated.
 */
Dwarf *od_debug_libdw(struct od_debug *dbg);

#endif
