/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documentation/admin-guide/tainted-kernels.rst, bit by bit. */
#include <string.h>

#include "shell/decode.h"

static const struct {
	char set, clear; /* letter if the bit is set, letter if not */
	const char *text;
} taints[] = {
	{ 'P', 'G', "a proprietary module was loaded" },
	{ 'F', ' ', "a module was loaded by force" },
	{ 'S', ' ', "the kernel runs on hardware or with options that are out of specification" },
	{ 'R', ' ', "a module was unloaded by force" },
	{ 'M', ' ', "a processor reported a machine check" },
	{ 'B', ' ', "a bad page was referenced, or page flags were unexpected" },
	{ 'U', ' ', "a program asked for the taint" },
	{ 'D', ' ', "the kernel died before: there was an oops or a BUG" },
	{ 'A', ' ', "an ACPI table was overridden" },
	{ 'W', ' ', "the kernel issued a warning before" },
	{ 'C', ' ', "a staging driver was loaded" },
	{ 'I', ' ', "a bug of the platform firmware is worked around" },
	{ 'O', ' ', "a module from outside of the kernel tree was loaded" },
	{ 'E', ' ', "an unsigned module was loaded" },
	{ 'L', ' ', "there was a soft lockup before" },
	{ 'K', ' ', "the kernel was live patched" },
	{ 'X', ' ', "auxiliary taint, meaning defined by the distribution" },
	{ 'T', ' ', "the kernel was built with structure layout randomisation" },
	{ 'N', ' ', "an in-kernel test ran" },
	{ 'J', ' ', "a program used a mutating debug operation of fwctl" },
};

enum { NTAINTS = sizeof(taints) / sizeof(taints[0]) };

static struct od_error *from_letters(const char *s, uint64_t *ret)
{
	*ret = 0;
	for (; *s; s++) {
		unsigned i = 0;

		if (*s == ' ' || *s == 'G')
			continue;
		while (i < NTAINTS && taints[i].set != *s)
			i++;
		if (i == NTAINTS)
			return od_error_new(OD_ERR_USAGE, "'%c' is no taint letter", *s);
		*ret |= UINT64_C(1) << i;
	}
	return NULL;
}

struct od_error *od_decode_taint(struct od_session *s, int argc, const char *const argv[],
				 struct od_buf *out)
{
	struct od_error *err = NULL;
	uint64_t bits;

	(void)s, (void)argc;
	if (!od_parse_number(argv[0], &bits))
		err = from_letters(argv[0], &bits);
	if (err)
		return err;
	if (bits == 0)
		od_buf_addstr(out, "G  0  not tainted; all modules have a GPL-compatible licence\n");
	for (unsigned i = 0; i < 64; i++) {
		if (!(bits >> i & 1))
			continue;
		if (i < NTAINTS)
			od_buf_printf(out, "%c  %u  %s\n", taints[i].set, i, taints[i].text);
		else
			od_buf_printf(out, "?  %u  unknown bit\n", i);
	}
	return NULL;
}
