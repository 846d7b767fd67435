/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packages and compressed files, made byte by byte. */
#ifndef OD_TESTS_FIXTURE_PACK_H
#define OD_TESTS_FIXTURE_PACK_H

#include "base/buf.h"

/* type: '0' a file, '1' a hard link, '2' a symbolic one, '5' a folder. size is what the header claims. */
void pack_tar_header(struct od_buf *buf, const char *name, char type, const char *link, size_t size);
void pack_tar_file(struct od_buf *buf, const char *name, const void *data, size_t len);
void pack_tar_end(struct od_buf *buf);
void pack_ar_member(struct od_buf *buf, const char *name, const void *data, size_t len);
void pack_cpio_file(struct od_buf *buf, const char *name, const void *data, size_t len);
/* debian-binary, control.tar and this data.tar (its name says how it is compressed). */
void pack_deb(struct od_buf *buf, const char *name, const struct od_buf *data);
/* Lead, two empty headers, and this payload. */
void pack_rpm(struct od_buf *buf, const struct od_buf *payload);

/* False: this build cannot. */
bool pack_gzip(struct od_buf *buf, const void *data, size_t len);
bool pack_xz(struct od_buf *buf, const void *data, size_t len);
bool pack_zstd(struct od_buf *buf, const void *data, size_t len);

/* A file with these bytes, at its end. */
int pack_fd(const void *data, size_t len);

#endif
