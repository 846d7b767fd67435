/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Errors are for what the user must mend: an unreadable file, bad usage. NULL is success. Odd
 * input is no error: it becomes a note on the input or the report.
 */
#ifndef OD_BASE_ERROR_H
#define OD_BASE_ERROR_H

enum od_error_code {
#define OD_ERROR(id, status, text) OD_ERR_##id,
#include "base/error-codes.def"
#undef OD_ERROR
};

struct od_error {
	enum od_error_code code;
	char *message; /* one line, no newline; may hold bytes of the input: escape when printing */
};

/* The caller owns the result; release with od_error_free(). */
struct od_error *od_error_new(enum od_error_code code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result));
/* Put "context: " before the message of err, and hand err on. */
struct od_error *od_error_wrap(struct od_error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), warn_unused_result));
/* NULL is accepted. */
void od_error_free(struct od_error *err);
/* The exit status (doc/json.md) that belongs to a code. */
int od_error_status(enum od_error_code code);

static inline void od_cleanup_error(struct od_error **err)
{
	od_error_free(*err);
}
#define od_autoerror __attribute__((cleanup(od_cleanup_error))) struct od_error *

#endif
