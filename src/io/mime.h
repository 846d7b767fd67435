/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message in MIME -> its text. The only user of gmime. */
#ifndef OD_IO_MIME_H
#define OD_IO_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct od_mime;
struct od_out;

/* Load gmime and the charsets of mails while the file system can be had. What is loaded already is not again. */
void od_mime_prepare(void);
/* What to say where nothing can be decoded ("mail is read as text: ..."); NULL: it can. Static text. */
const char *od_mime_missing(void);

/*
 * Take a message apart; raw is copied, place is its first physical line. NULL if nothing in it needs
 * decoding (or this build cannot): then it is text as it stands. The caller owns the result.
 */
struct od_mime *od_mime_parse(const char *raw, size_t len, uint32_t place, struct od_out *out);
/* Decode a little more. False: all was decoded. */
bool od_mime_step(struct od_mime *m, struct od_out *out);
void od_mime_destroy(struct od_mime *m);

/*
 * Tell each part of a message that is no text, whatever it may be, or is a mail itself: its file name (NULL if it has none) and its
 * bytes, decoded, which are valid during the call. false: no more. Without gmime there are none.
 */
void od_mime_files(const char *raw, size_t len,
		   bool (*found)(void *ctx, const char *name, const char *data, size_t n), void *ctx);

#endif
