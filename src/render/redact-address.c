/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of networks, as strangers to times, versions, PCI ids and kernel addresses. */
#include "render/redact-internal.h"

enum { MAX_GROUPS = 20, LOOK_BACK = 16 };

bool od_private_after(const char *s, size_t i, const char *word)
{
	size_t n = strlen(word);

	return i >= n && !memcmp(s + i - n, word, n);
}

/* "version 1.2.3.4", "FWVersion(1.2.3.4)", "rev: 1.2.3.4". */
static bool after_version(const char *s, size_t i)
{
	static const char *const words[] = {"version",	"ver",	"rev",	  "revision",
					    "firmware", "fw",	"driver", "bios",
					    "release",	"gpfs", "scale",  "ofed"};
	char word[LOOK_BACK];
	size_t n = 0, from;

	while (i && n++ < 3 &&
	       (od_is_blank(s[i - 1]) || s[i - 1] == ':' || s[i - 1] == '=' || s[i - 1] == '(' ||
		s[i - 1] == '"'))
		i--;
	for (from = i; from && i - from < sizeof(word) && od_is_alpha(s[from - 1]); from--)
		;
	for (size_t k = from; k < i; k++)
		word[k - from] = (char)(s[k] | 0x20);
	for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++) {
		size_t len = strlen(words[k]);

		if (i - from >= len && !memcmp(word + (i - from) - len, words[k], len))
			return true;
	}
	return false;
}

/* Length of four numbers up to 255 with dots between them, 0: not that. */
static size_t quad(const char *s, size_t len, unsigned number[4])
{
	size_t i = 0;

	for (unsigned k = 0; k < 4; k++) {
		size_t from = i;

		if (k && (i >= len || s[i++] != '.'))
			return 0;
		from = i;
		number[k] = 0;
		while (i < len && i - from < 4 && od_is_digit(s[i]))
			number[k] = number[k] * 10 + (unsigned)(s[i++] - '0');
		if (i == from || number[k] > 255 || (s[from] == '0' && i - from > 1))
			return 0;
	}
	return i;
}

static bool quad_before(const char *s, size_t i)
{
	unsigned number[4];
	size_t from = i;

	while (from && i - from < LOOK_BACK && (od_is_digit(s[from - 1]) || s[from - 1] == '.'))
		from--;
	return i > from && quad(s + from, i - from, number) == i - from;
}

static size_t ipv4(const char *s, size_t len, size_t i)
{
	unsigned number[4], after[4];
	size_t n = quad(s + i, len - i, number), end = i + n;

	if (!n || (i && (s[i - 1] == '.' || (s[i - 1] == '-' && !quad_before(s, i - 1)))))
		return 0;
	if (end < len &&
	    (od_is_word(s[end]) || (s[end] == '.' && end + 1 < len && od_is_word(s[end + 1]))))
		return 0;
	/* "5.4.0.13-generic" is a version, "10.0.0.1-10.0.0.9" a range. */
	if (end + 1 < len && s[end] == '-' && od_is_word(s[end + 1]) &&
	    !quad(s + end + 1, len - end - 1, after))
		return 0;
	if (number[0] == 127 || number[0] == 255 ||
	    !(number[0] | number[1] | number[2] | number[3]))
		return 0;
	return after_version(s, i) ? 0 : n;
}

/* What stands before the colon at s[i - 1] is a group of hex digits too: we are inside of
 * something. */
static bool inside_groups(const char *s, size_t i)
{
	size_t n = 0;

	if (!i || s[i - 1] != ':')
		return false;
	for (i--; i && n < 5 && od_is_hex(s[i - 1]); i--)
		n++;
	return n && n < 5 && !(i && od_is_word(s[i - 1]));
}

/* Hex groups with colons between them: an address of 6, 8 or 20 bytes, or of IPv6. */
static size_t groups(const char *s, size_t len, size_t i, enum od_private *kind)
{
	const size_t start = i;
	unsigned n = 0, pairs = 0;
	bool gap = false, digit = false;
	size_t first = 0, end = i;

	while (n <= MAX_GROUPS) {
		size_t from = i;

		while (i < len && i - from < 5 && od_is_hex(s[i]))
			digit |= od_is_digit(s[i++]);
		if (i == from || i - from > 4 || (i < len && od_is_word(s[i])))
			break;
		first = n ? first : i - from;
		pairs += i - from == 2;
		n++;
		end = i;
		if (i + 1 < len && s[i] == ':' && s[i + 1] == ':' && !gap) {
			gap = true;
			i += 2;
			end = i;
		} else if (i < len && s[i] == ':') {
			i++;
		} else {
			break;
		}
	}
	/* "12:34:word": what broke off is a part of it, unless it ends with a colon or a gap. */
	if (end < len &&
	    (od_is_word(s[end]) || (s[end] == '.' && end + 1 < len && od_is_digit(s[end + 1]))))
		return 0;
	if (end + 1 < len && s[end] == ':' && od_is_word(s[end + 1]))
		return 0;
	*kind = OD_PRIVATE_MAC;
	if (!gap && pairs == n && (n == 6 || n == 8 || n == 20))
		return end - start;
	*kind = OD_PRIVATE_IP6;
	/* A gap alone may be a scope of C++: only what starts like an address that is in use. */
	if (gap ? n < 8 && first >= 3 && digit && strchr("23fF", s[start]) : n == 8)
		return end - start;
	return 0;
}

size_t od_private_address(const char *s, size_t len, size_t i, enum od_private *kind)
{
	size_t n = 0;

	if (od_is_digit(s[i]))
		n = ipv4(s, len, i);
	*kind = OD_PRIVATE_IP;
	if (!n && od_is_hex(s[i]) && !inside_groups(s, i) && !(i && s[i - 1] == '.'))
		n = groups(s, len, i, kind);
	return n;
}
