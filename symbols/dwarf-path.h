/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of source files as a reader wants them: relative to the root of the source tree, whatever
 * directory it was built in and from.
 */
#ifndef OD_SYMBOLS_DWARF_PATH_H
#define OD_SYMBOLS_DWARF_PATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * comp_dir and unit: of the compile unit, DW_AT_comp_dir and DW_AT_name; dir and file: of the
 * line table, both may be absolute, or relative to what stands before. All may be "". Where the
 * root of the tree is can be told by a unit: a relative name is relative to where the compiler ran,
 * the root of the tree (O=DIR: each leading ".." of it goes up from there); of an absolute one
 * root says it, if that is not NULL, or the directory that it shares with comp_dir, if what is
 * behind that begins as the kernel's tree does. A file outside of the root stays absolute.
 * False: there is no name, or it does not fit into size.
 */
bool od_source_relative(const char *root, const char *comp_dir, const char *unit, const char *dir,
			const char *file, char *buf, size_t size);
/* comp_dir, dir and file put together, "." and ".." resolved. */
bool od_source_full(const char *comp_dir, const char *dir, const char *file, char *buf,
		    size_t size);

#endif
