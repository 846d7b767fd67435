/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two ways to compute SHA-256 share, and a test that they agree. */
#ifndef OD_BASE_SHA256_INTERNAL_H
#define OD_BASE_SHA256_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const uint32_t od_sha256_k[64];

/* Whole blocks of 64 bytes into the state h. */
void od_sha256_blocks_c(uint32_t h[8], const uint8_t *p, size_t blocks);
/* The same; only where has says so. */
bool od_sha256_has_x86(void);
void od_sha256_blocks_x86(uint32_t h[8], const uint8_t *p, size_t blocks);

#endif
