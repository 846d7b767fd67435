/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing byte buffer: what renderers and commands write to. */
#ifndef OD_BASE_BUF_H
#define OD_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct od_buf {
	char *data;   /* always NUL-terminated once anything was added; NULL before */
	size_t len;   /* bytes, without the NUL */
	size_t cap;
	size_t limit; /* 0: none. What would go beyond is dropped and cut is set */
	bool cut;
};

#define OD_BUF_INIT { 0 }

void od_buf_deinit(struct od_buf *buf);
/* Empty it, keep the memory. */
void od_buf_reset(struct od_buf *buf);
void od_buf_add(struct od_buf *buf, const void *data, size_t len);
void od_buf_addstr(struct od_buf *buf, const char *s);
void od_buf_addch(struct od_buf *buf, char c);
void od_buf_fill(struct od_buf *buf, char c, size_t n);
void od_buf_printf(struct od_buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void od_buf_vprintf(struct od_buf *buf, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* Drop the first n bytes; n is at most len. */
void od_buf_consume(struct od_buf *buf, size_t n);
/* The text as a C string, "" if nothing was added. Valid until the next change. */
const char *od_buf_str(const struct od_buf *buf);

#endif
