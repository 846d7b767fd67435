/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void od_buf_deinit(struct od_buf *buf)
{
	free(buf->data);
	*buf = (struct od_buf)OD_BUF_INIT;
}

void od_buf_reset(struct od_buf *buf)
{
	buf->len = 0;
	buf->cut = false;
	if (buf->data)
		buf->data[0] = '\0';
}

static void reserve(struct od_buf *buf, size_t more)
{
	size_t need = buf->len + more + 1;

	if (need < more)
		od_out_of_memory();
	if (need <= buf->cap)
		return;
	buf->cap = buf->cap * 2 > need ? buf->cap * 2 : need + 256;
	buf->data = od_realloc(buf->data, buf->cap);
}

void od_buf_add(struct od_buf *buf, const void *data, size_t len)
{
	if (buf->limit && len > buf->limit - buf->len) {
		len = buf->limit - buf->len;
		buf->cut = true;
	}
	reserve(buf, len);
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void od_buf_addstr(struct od_buf *buf, const char *s)
{
	od_buf_add(buf, s, strlen(s));
}

void od_buf_addch(struct od_buf *buf, char c)
{
	od_buf_add(buf, &c, 1);
}

void od_buf_fill(struct od_buf *buf, char c, size_t n)
{
	while (n--)
		od_buf_addch(buf, c);
}

void od_buf_vprintf(struct od_buf *buf, const char *fmt, va_list ap)
{
	char small[256];
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(small, sizeof(small), fmt, ap);
	if (len >= 0 && (size_t)len < sizeof(small)) {
		od_buf_add(buf, small, (size_t)len);
	} else if (len >= 0) {
		char *big = od_malloc((size_t)len + 1);

		vsnprintf(big, (size_t)len + 1, fmt, again);
		od_buf_add(buf, big, (size_t)len);
		free(big);
	}
	va_end(again);
}

void od_buf_printf(struct od_buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	od_buf_vprintf(buf, fmt, ap);
	va_end(ap);
}

void od_buf_consume(struct od_buf *buf, size_t n)
{
	if (!n)
		return;
	memmove(buf->data, buf->data + n, buf->len - n);
	buf->len -= n;
	buf->data[buf->len] = '\0';
}

const char *od_buf_str(const struct od_buf *buf)
{
	return buf->data ? buf->data : "";
}
