/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The input as a stream of text: mail is decoded, web pages and journals become lines. What wears
 * none of these clothes passes through as it is. Which it is shows in the first bytes, never in a
 * name. Memory is bounded: a mail is kept as a whole (up to OD_MAX_MAIL), nothing else is.
 */
#ifndef OD_IO_IO_H
#define OD_IO_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct od_io;

/* A remark on the input; text without newline. */
typedef void (*od_io_note_fn)(void *ctx, uint32_t lineno, const char *text);

/* fd stays the caller's and is read from where it stands. The caller owns the result. */
struct od_io *od_io_open(int fd, od_io_note_fn note, void *ctx);
void od_io_close(struct od_io *io);
/* Bytes come from read() instead of fd, which may be -1. As read(2); it never has to be waited for. */
void od_io_from(struct od_io *io, ssize_t (*read)(void *ctx, void *buf, size_t size), void *ctx);
/* From now on fn gets each block of bytes as it is read from fd, before anything is taken off. */
void od_io_tap(struct od_io *io, void (*fn)(void *ctx, const char *s, size_t len), void *ctx);
/*
 * Up to size bytes of text: their number, 0 at the end, -1 with errno. EAGAIN: bytes were taken in
 * but no text can be told yet; call again. Reads fd at most once, so it waits no longer than that.
 */
ssize_t od_io_read(struct od_io *io, char *buf, size_t size);
/* True: the next od_io_read() will not read fd. */
bool od_io_ready(const struct od_io *io);
/* Nothing more comes for a while: let out lines that are held back. od_io_ready() then says so. */
void od_io_hurry(struct od_io *io);
/*
 * The physical line of the input on which line number lineno of the text starts. Known for the last
 * OD_IO_WINDOW lines that were handed out.
 */
uint32_t od_io_lineno(const struct od_io *io, uint32_t lineno);
/* Clothes were taken off: lines of the text are not lines of the input. */
bool od_io_dressed(const struct od_io *io);
/* Of these, a mail. */
bool od_io_is_mail(const struct od_io *io);
/* Of the input: bytes read; and lines, the last unfinished one included, if od_io_dressed(). */
uint64_t od_io_bytes(const struct od_io *io);
uint32_t od_io_lines(const struct od_io *io);

/*
 * Load what reading the input will need of the file system (gmime, modules for charsets), while it can be
 * had. A file that will not be read as a mail is spared that; fd stays where it stands.
 */
void od_io_prepare(int fd);
/* May an input with this beginning be read as a mail? False is sure if len is all of it or 64 KiB. */
bool od_io_may_be_mail(const char *head, size_t len);

/* Are the optional libraries there? */
bool od_io_has_gmime(void);
bool od_io_has_jansson(void);

#endif
