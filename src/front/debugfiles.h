/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_FRONT_DEBUGFILES_H
#define OD_FRONT_DEBUGFILES_H

#include <stdbool.h>

#include "base/error.h"
#include "front/options.h"

/* Can all be opened? OD_ERR_USAGE names the first that cannot. */
struct od_error *od_debug_paths_check(const struct od_strings *paths);
/*
 * Is it an ELF file that is no core, or a System.map? By its first 64 bytes. Among several FILEs such
 * a one is a debug file for the others.
 */
bool od_is_debug_file(const char *path);

#endif
