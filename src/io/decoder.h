/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What io.c needs to know of a format. */
#ifndef OD_IO_DECODER_H
#define OD_IO_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct od_out;

enum od_probe { OD_PROBE_NO, OD_PROBE_MORE, OD_PROBE_YES };

enum { OD_PROBE_HEAD = 64 * 1024 }; /* bytes after which no probe asks for more */

struct od_decoder {
	/* Is it this format? s: the first len bytes of the input. */
	enum od_probe (*probe)(const char *s, size_t len);
	/* Said, and the text read plainly, if the library for it is missing; NULL: nothing is. */
	const char *missing;
	bool mail;	/* its text is mail */
	bool entities;	/* its text may hold HTML entities */
	void *(*create)(void);
	void (*destroy)(void *self);
	/* Take bytes in: the number taken, less than len only where step() has work to do. */
	size_t (*feed)(void *self, struct od_out *out, const char *s, size_t len);
	/* No more bytes will come. */
	void (*end)(void *self, struct od_out *out);
	/* Make some text of what was taken in. False: nothing is left to do. May be NULL. */
	bool (*step)(void *self, struct od_out *out);
};

extern const struct od_decoder od_decode_mail, od_decode_html, od_decode_json, od_decode_export,
	od_decode_utf16;

/* Is it the line before a message of a mailbox? Without its newline. */
bool od_mail_from_line(const char *s, size_t len);

#define OD_BYTE_ORDER_MARK "\xef\xbb\xbf" /* of UTF-8 */

/* Skip a byte order mark and blank space. */
size_t od_skip_start(const char *s, size_t len);
/* Does s start with lit, case of letters aside? MORE: it may, once it is longer. */
enum od_probe od_probe_lit(const char *s, size_t len, const char *lit);

#endif
