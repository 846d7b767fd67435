/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who analyses: what an answer depends on besides the bytes of the ticket. */
#ifndef OD_TRIAGE_ANALYSER_H
#define OD_TRIAGE_ANALYSER_H

#include "front/options.h"

/*
 * Append "VERSION HASH": the hash is of this very build (the build id that the linker gave it), of all
 * plugins that are loaded, of the files of --rules and of --kernel. The same program with the same rules
 * is the same analyser on every machine.
 */
void od_analyser(struct od_buf *buf, const struct od_options *opts);

#endif
