/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_BASE_SHA256_H
#define OD_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { OD_SHA256 = 32 /* bytes of a hash */ };

/* SHA-256 (FIPS 180-4) of len bytes at data. Used for stack hashes: two bugs must not share one. */
void od_sha256(const void *data, size_t len, uint8_t ret[32]);

/* The same of bytes that come piece by piece. */
struct od_sha256 {
	uint32_t h[8];
	uint64_t len;
	uint8_t tail[64]; /* len % 64 bytes that fill no block yet */
};

void od_sha256_begin(struct od_sha256 *s);
void od_sha256_add(struct od_sha256 *s, const void *data, size_t len);
/* s cannot be added to any more. */
void od_sha256_end(struct od_sha256 *s, uint8_t ret[32]);

#endif
