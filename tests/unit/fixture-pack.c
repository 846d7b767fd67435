/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "base/alloc.h"
#include "tests/unit/fixture-pack.h"

enum { BLOCK = 512 };

static void pad(struct od_buf *buf, size_t to)
{
	od_buf_fill(buf, '\0', (to - buf->len % to) % to);
}

void pack_tar_header(struct od_buf *buf, const char *name, char type, const char *link, size_t size)
{
	char head[BLOCK + 1] = { 0 };
	unsigned sum = 0;

	memcpy(head, name, strnlen(name, 100));
	snprintf(head + 100, 9, "%07o", 0644);
	snprintf(head + 108, 9, "%07o", 0);
	snprintf(head + 116, 9, "%07o", 0);
	snprintf(head + 124, 13, "%011zo", size);
	snprintf(head + 136, 13, "%011o", 0);
	memset(head + 148, ' ', 8);
	head[156] = type;
	if (link)
		memcpy(head + 157, link, strnlen(link, 100));
	memcpy(head + 257, "ustar\00000", 8);
	for (int i = 0; i < BLOCK; i++)
		sum += (unsigned char)head[i];
	snprintf(head + 148, 8, "%06o", sum);
	od_buf_add(buf, head, BLOCK);
}

void pack_tar_file(struct od_buf *buf, const char *name, const void *data, size_t len)
{
	pack_tar_header(buf, name, '0', NULL, len);
	od_buf_add(buf, data, len);
	pad(buf, BLOCK);
}

void pack_tar_end(struct od_buf *buf)
{
	od_buf_fill(buf, '\0', 2 * BLOCK);
}

void pack_ar_member(struct od_buf *buf, const char *name, const void *data, size_t len)
{
	if (!buf->len)
		od_buf_addstr(buf, "!<arch>\n");
	od_buf_printf(buf, "%-16s%-12u%-6u%-6u%-8s%-10zu`\n", name, 0, 0, 0, "100644", len);
	od_buf_add(buf, data, len);
	if (buf->len & 1)
		od_buf_addch(buf, '\n');
}

void pack_cpio_file(struct od_buf *buf, const char *name, const void *data, size_t len)
{
	static unsigned ino;

	od_buf_printf(buf, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", ++ino, 0100644, 0, 0,
		      1, 0, len, 0, 0, 0, 0, strlen(name) + 1, 0);
	od_buf_add(buf, name, strlen(name) + 1);
	pad(buf, 4);
	od_buf_add(buf, data, len);
	pad(buf, 4);
}

void pack_deb(struct od_buf *buf, const char *name, const struct od_buf *data)
{
	struct od_buf control = OD_BUF_INIT;

	pack_tar_file(&control, "./control", "Package: x\n", 11);
	pack_tar_end(&control);
	pack_ar_member(buf, "debian-binary", "2.0\n", 4);
	pack_ar_member(buf, "control.tar", control.data, control.len);
	pack_ar_member(buf, name, data->data, data->len);
	od_buf_deinit(&control);
}

void pack_rpm(struct od_buf *buf, const struct od_buf *payload)
{
	static const char header[16] = "\x8e\xad\xe8\x01";
	char lead[96] = "\xed\xab\xee\xdb\x03\x00\x00\x00\x00\x01x";

	lead[79] = 5;
	od_buf_add(buf, lead, sizeof(lead));
	od_buf_add(buf, header, sizeof(header));
	od_buf_add(buf, header, sizeof(header));
	od_buf_add(buf, payload->data, payload->len);
}

bool pack_gzip(struct od_buf *buf, const void *data, size_t len)
{
#ifdef HAVE_ZLIB
	z_stream z = { 0 };
	unsigned char *out = od_malloc(len + len / 100 + 64);

	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = (uInt)(len + len / 100 + 64);
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	od_buf_add(buf, out, z.total_out);
	deflateEnd(&z);
	free(out);
	return true;
#else
	(void)buf, (void)data, (void)len;
	return false;
#endif
}

bool pack_xz(struct od_buf *buf, const void *data, size_t len)
{
#ifdef HAVE_LZMA
	size_t size = lzma_stream_buffer_bound(len), at = 0;
	unsigned char *out = od_malloc(size);

	if (lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, data, len, out, &at, size) != LZMA_OK)
		abort();
	od_buf_add(buf, out, at);
	free(out);
	return true;
#else
	(void)buf, (void)data, (void)len;
	return false;
#endif
}

bool pack_zstd(struct od_buf *buf, const void *data, size_t len)
{
#ifdef HAVE_ZSTD
	size_t size = ZSTD_compressBound(len), n;
	unsigned char *out = od_malloc(size);

	n = ZSTD_compress(out, size, data, len, 3);
	if (ZSTD_isError(n))
		abort();
	od_buf_add(buf, out, n);
	free(out);
	return true;
#else
	(void)buf, (void)data, (void)len;
	return false;
#endif
}

int pack_fd(const void *data, size_t len)
{
	int fd = memfd_create("packed", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	return fd;
}
