/* SPDX-License-Identifier: GPL-3.0-or-later */
/* System.map, as nm writes it: a line "ffffffff81000000 T _text" for each symbol. */
#ifndef OD_SYMBOLS_DEBUG_MAP_H
#define OD_SYMBOLS_DEBUG_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does it begin as one? */
bool od_debug_is_map(const void *data, size_t len);
/*
 * An ELF image with its symbols in memory of mmap(), which the caller unmaps; data is not needed any
 * more. False: it is no System.map, or none with the kernel's addresses (Debian's in /boot is one line
 * that says where the real one is; without privileges all addresses are 0). At most 2^20 symbols and
 * 64 MiB are read.
 */
bool od_debug_map_image(const uint8_t *data, size_t len, const uint8_t **ret, size_t *size);

#endif
