/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taint letters: kernel/panic.c (taint_flags), 2.6.x to 6.14; meanings: admin-guide/tainted-kernels. */
#ifndef OD_MODEL_TAINT_H
#define OD_MODEL_TAINT_H

/* "oot-module" for 'O'; NULL if the letter is not known. */
const char *od_taint_word(char letter);
/* One phrase for people; NULL if the letter is not known. */
const char *od_taint_sentence(char letter);
/* Bit number in /proc/sys/kernel/tainted, -1 if the letter has none ('G'). */
int od_taint_bit(char letter);
/* The letter of a bit, '\0' if that bit is not known. */
char od_taint_letter(unsigned bit);

#endif
