/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed on a terminal and is no command: the shell's lines, files of commands, lines typed before. */
#ifndef OD_FRONT_TYPED_H
#define OD_FRONT_TYPED_H

#include "front/front.h"

/*
 * "!!" and "!7" stand for a line of the history. The line to run instead, which the caller frees; or NULL: it
 * is the line as it is, or with *err set there is no such line.
 */
char *od_typed_again(const char *line, struct od_error **err);
/* "!COMMAND", "!" and "< FILE": carry it out, and true. False: the line is something else. */
bool od_typed_run(struct od_front *front, const char *line);

#endif
