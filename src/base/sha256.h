/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_BASE_SHA256_H
#define OD_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256 (FIPS 180-4) of len bytes at data. Used for stack hashes: two bugs must not share one. */
void od_sha256(const void *data, size_t len, uint8_t ret[32]);

#endif
