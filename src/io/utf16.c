/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * UTF-16 with a byte order mark: what PowerShell's > and Notepad write, and so many a log of a serial console
 * that was saved on Windows. Half of a pair that is not whole, and a byte that is left over at the end, become U+FFFD.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "io/decoder.h"
#include "io/out.h"

struct utf16 {
	bool big;	/* endian */
	bool started;	/* the mark was taken */
	bool odd;	/* half of a unit waits */
	unsigned char half;
	uint32_t high;	/* first of a pair; 0: none waits */
	uint32_t lineno;
};

/* FF FE 00 00 begins UTF-32, which nobody writes. */
static enum od_probe utf16_probe(const char *s, size_t len)
{
	static const char little[] = "\xff\xfe", big[] = "\xfe\xff";

	if (len < 4)
		return !memcmp(s, little, len < 2 ? len : 2) || !memcmp(s, big, len < 2 ? len : 2) ?
			       OD_PROBE_MORE : OD_PROBE_NO;
	if (!memcmp(s, big, 2))
		return OD_PROBE_YES;
	return !memcmp(s, little, 2) && (s[2] || s[3]) ? OD_PROBE_YES : OD_PROBE_NO;
}

static void *utf16_create(void)
{
	struct utf16 *u = od_calloc(1, sizeof(*u));

	u->lineno = 1;
	return u;
}

static void put(struct utf16 *u, struct od_out *out, uint32_t cp)
{
	char bytes[4];

	od_out_add(out, bytes, od_utf8_encode(cp, bytes), u->lineno);
	u->lineno += cp == '\n';
}

static void unit(struct utf16 *u, struct od_out *out, uint32_t value)
{
	const bool low = value >= 0xdc00 && value <= 0xdfff;

	if (!u->started) {
		u->started = true;
		return;
	}
	if (u->high && low) {
		put(u, out, 0x10000 + ((u->high - 0xd800) << 10) + (value - 0xdc00));
		u->high = 0;
		return;
	}
	if (u->high)
		put(u, out, 0xfffd);
	u->high = value >= 0xd800 && value <= 0xdbff ? value : 0;
	if (!u->high)
		put(u, out, low ? 0xfffd : value);
}

static size_t utf16_feed(void *self, struct od_out *out, const char *s, size_t len)
{
	struct utf16 *u = self;

	for (size_t i = 0; i < len; i++) {
		const unsigned char byte = (unsigned char)s[i];

		if (!u->odd) {
			u->half = byte;
		} else {
			if (!u->started)
				u->big = u->half == 0xfe;
			unit(u, out, u->big ? (uint32_t)u->half << 8 | byte : (uint32_t)byte << 8 | u->half);
		}
		u->odd = !u->odd;
	}
	return len;
}

static void utf16_end(void *self, struct od_out *out)
{
	struct utf16 *u = self;

	if (u->high || u->odd)
		put(u, out, 0xfffd);
	u->high = 0;
	u->odd = false;
	od_out_end_line(out, u->lineno);
}

const struct od_decoder od_decode_utf16 = {
	.probe = utf16_probe,
	.create = utf16_create,
	.destroy = free,
	.feed = utf16_feed,
	.end = utf16_end,
};
