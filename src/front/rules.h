/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_FRONT_RULES_H
#define OD_FRONT_RULES_H

#include "front/options.h"

/*
 * Read the rules of each path: a file, or the *.rules of a directory in the order of their names.
 * Before an engine is forked, so that all of them have the rules. OD_ERR_USAGE with file and line.
 */
struct od_error *od_rules_read(const struct od_strings *paths);

#endif
