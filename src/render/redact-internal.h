/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of src/render/redact*.c. */
#ifndef OD_RENDER_REDACT_INTERNAL_H
#define OD_RENDER_REDACT_INTERNAL_H

#include <stdint.h>
#include <string.h>

#include "base/cursor.h"
#include "render/redact.h"

enum od_private {
	OD_PRIVATE_HOST,
	OD_PRIVATE_IP,
	OD_PRIVATE_IP6,
	OD_PRIVATE_MAC,
	OD_PRIVATE_MAIL,
	OD_PRIVATE_USER,
	OD_PRIVATE_COUNT,
};

/* Letters, digits and '_': what an identifier consists of. */
static inline bool od_is_word(char c)
{
	return od_is_alnum(c) || c == '_';
}

/*
 * Is the name known? Letters compare without case. *slot is then its place in the table, for
 * od_private_print(); add: give it a place if it has none.
 */
bool od_private_find(struct od_redact *r, enum od_private kind, const char *s, size_t len, bool add,
		     unsigned *slot);
/* The second name stands for the same as the one in slot. */
void od_private_alias(struct od_redact *r, unsigned slot, const char *s, size_t len);
/* Processes forked from now on do not see the table. */
void od_private_keep(struct od_redact *r);
void od_private_print(struct od_redact *r, struct od_buf *out, enum od_private kind, unsigned slot);

/*
 * Length of the IPv4, IPv6 or hardware address that starts at s[i], where an identifier may start;
 * 0: none, or one that says nothing (0.0.0.0, 127.0.0.1, a netmask).
 */
size_t od_private_address(const char *s, size_t len, size_t i, enum od_private *kind);
/* Does text that is private by the words before it start at s[i]? s[i, end) is a name. */
bool od_private_is_user(const char *s, size_t len, size_t i, size_t end);
bool od_private_is_host(const char *s, size_t len, size_t i, size_t end);
/* Words that stand where a host would, numbers and kernel addresses. */
bool od_private_is_no_host(const char *s, size_t len);
/* "HOST-12": our own word, which may pass here twice. */
bool od_private_is_ours(const char *s, size_t len);
/* Does s[i] stand after the word? */
bool od_private_after(const char *s, size_t i, const char *word);
/* A name with dots whose last part no file, version or unit has; of a mail: any but a unit's. */
bool od_private_is_domain(const char *s, size_t len, bool of_mail);

#endif
