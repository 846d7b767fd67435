/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the programs that print manual pages share; to standard output. */
#ifndef OD_FRONT_ROFF_H
#define OD_FRONT_ROFF_H

#include <stddef.h>

/* Changes with the pages, not with the day they are printed on: the output is compared. */
#define OD_ROFF_DATE "2026-11-21"

/* One line of roff: dashes that are minus signs. */
void od_roff_text(const char *s, size_t len);
/* Sentences, each starting a line as roff wants it. */
void od_roff_sentences(const char *s);

#endif
