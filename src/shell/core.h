/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands on the core of a process. Each has the words and options of the command whose name it has. */
#ifndef OD_SHELL_CORE_H
#define OD_SHELL_CORE_H

#include "render/render.h"
#include "shell/command.h"

struct od_session;

/* The session's input is a core, which is open. All but the first require it. */
bool od_session_has_core(const struct od_session *s);

/* "0x7f...", "main", "main+0x10", "$rsp" (of the thread that crashed). OD_ERR_USAGE. */
struct od_error *od_core_word(struct od_session *s, const char *word, uint64_t *ret);

struct od_error *od_core_bt(struct od_session *s, const struct od_args *args, struct od_style *style,
			    struct od_buf *out);
struct od_error *od_core_ps(struct od_session *s, const struct od_args *args, struct od_buf *out);
struct od_error *od_core_mod(struct od_session *s, const struct od_args *args, struct od_buf *out);
struct od_error *od_core_sym(struct od_session *s, const struct od_args *args, struct od_buf *out);

#endif
