/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef OD_SYMBOLS_CFI_INTERNAL_H
#define OD_SYMBOLS_CFI_INTERNAL_H

struct od_debug;

/* What was made for od_debug_cfi(); with the file. */
void od_debug_cfi_close(struct od_debug *dbg);

#endif
