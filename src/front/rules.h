/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_FRONT_RULES_H
#define OD_FRONT_RULES_H

#include "front/options.h"

/*
 * Read the rules of --rules: each a file, or the *.rules and *.yaml of a directory in the order of their
 * names. Before an engine is forked, so that all of them have the rules. OD_ERR_USAGE; what is wrong in a
 * .yaml is said on standard error, all of it, with file, line and column.
 */
struct od_error *od_rules_read(const struct od_strings *paths);

#endif
