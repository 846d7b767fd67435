/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two decoders are asked for; for disasm*.c only. */
#ifndef OD_SYMBOLS_DISASM_INTERNAL_H
#define OD_SYMBOLS_DISASM_INTERNAL_H

#include "symbols/disasm.h"

/*
 * A decoder fills in ret, which comes as zeros but for addr. False: no instruction; then cut tells
 * whether more bytes could have made one.
 */
bool od_x86_decode(bool wide, const uint8_t *bytes, size_t len, struct od_insn *ret);
/* Bytes of the instruction; 0: none. */
size_t od_x86_length(bool wide, const uint8_t *bytes, size_t len);
bool od_x86_built(void);

/* As above for an arch that is not x86; ready: its library is there and knows it. */
bool od_capstone_decode(const char *arch, const uint8_t *bytes, size_t len, struct od_insn *ret);
bool od_capstone_ready(const char *arch);
bool od_capstone_built(void);
/* Load the library, if that was not tried before. */
bool od_capstone_load(void);
const char *od_capstone_path(void);

#endif
