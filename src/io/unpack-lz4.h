/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_IO_UNPACK_LZ4_H
#define OD_IO_UNPACK_LZ4_H

#include "io/unpack-internal.h"

struct od_lz4;

struct od_lz4 *od_lz4_open(void);
void od_lz4_close(struct od_lz4 *z);
/* As od_codec_run(). */
enum od_codec_result od_lz4_run(struct od_lz4 *z, struct od_codec_io *io);

#endif
