/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"

struct od_error *od_error_new(enum od_error_code code, const char *fmt, ...)
{
	struct od_error *err = od_calloc(1, sizeof(*err));
	struct od_buf buf = OD_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	od_buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	err->code = code;
	err->message = buf.data ? buf.data : od_strdup("");
	return err;
}

struct od_error *od_error_wrap(struct od_error *err, const char *fmt, ...)
{
	struct od_buf buf = OD_BUF_INIT;
	va_list ap;

	if (!err)
		return NULL;
	va_start(ap, fmt);
	od_buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	od_buf_printf(&buf, ": %s", err->message);
	free(err->message);
	err->message = buf.data;
	return err;
}

void od_error_free(struct od_error *err)
{
	if (!err)
		return;
	free(err->message);
	free(err);
}

int od_error_status(enum od_error_code code)
{
	static const unsigned char status[] = {
#define OD_ERROR(id, status, text) status,
#include "base/error-codes.def"
#undef OD_ERROR
	};

	return (unsigned)code < sizeof(status) ? status[code] : 5;
}
