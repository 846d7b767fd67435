/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_SHELL_DEBUG_LIST_H
#define OD_SHELL_DEBUG_LIST_H

#include "base/buf.h"
#include "shell/session.h"

/*
 * The debug files that were looked at: used ones, refused ones with the reason, and those of -s that
 * nobody asked for yet. As text, or as one JSON object.
 */
void od_debug_list(struct od_session *s, bool json, struct od_buf *out);

#endif
