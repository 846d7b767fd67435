/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"

unsigned od_utf8_decode(const char *s, size_t len, uint32_t *cp)
{
	const unsigned char *u = (const unsigned char *)s;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned n;
	uint32_t v;

	if (!len)
		return 0;
	if (u[0] < 0x80) {
		*cp = u[0];
		return 1;
	}
	if (u[0] >= 0xc2 && u[0] < 0xe0)
		n = 2, v = u[0] & 0x1f;
	else if (u[0] >= 0xe0 && u[0] < 0xf0)
		n = 3, v = u[0] & 0x0f;
	else if (u[0] >= 0xf0 && u[0] < 0xf5)
		n = 4, v = u[0] & 0x07;
	else
		return 0;
	if (len < n)
		return 0;
	for (unsigned i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (u[i] & 0x3f);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return 0;
	*cp = v;
	return n;
}

size_t od_utf8_encode(uint32_t cp, char utf8[4])
{
	if (cp < 0x80) {
		utf8[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		utf8[0] = (char)(0xc0 | cp >> 6);
		utf8[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		utf8[0] = (char)(0xe0 | cp >> 12);
		utf8[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		utf8[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	utf8[0] = (char)(0xf0 | cp >> 18);
	utf8[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	utf8[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	utf8[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

unsigned od_utf8_width(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x300 && cp < 0x370))
		return 0;
	if ((cp >= 0x1100 && cp < 0x1160) || (cp >= 0x2e80 && cp < 0xa4d0) ||
	    (cp >= 0xac00 && cp < 0xd7a4) || (cp >= 0xf900 && cp < 0xfb00) ||
	    (cp >= 0xfe30 && cp < 0xfe70) || (cp >= 0xff00 && cp < 0xff61) ||
	    (cp >= 0x1f300 && cp < 0x1f650) || (cp >= 0x20000 && cp < 0x30000))
		return 2;
	return 1;
}
