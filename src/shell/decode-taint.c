/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "model/taint.h"
#include "shell/decode.h"

static void print_letter(char letter, struct od_buf *out)
{
	int bit = od_taint_bit(letter);

	if (bit >= 0)
		od_buf_printf(out, "%c  %-2d  %s\n", letter, bit, od_taint_sentence(letter));
	else
		od_buf_printf(out, "%c   -  %s\n", letter, od_taint_sentence(letter));
}

/* Nothing is printed unless all letters are known: a wrong one is likely another word. */
static struct od_error *from_letters(const char *s, struct od_buf *out)
{
	for (const char *p = s; *p; p++)
		if (*p != ' ' && !od_taint_sentence(*p))
			return od_error_new(OD_ERR_USAGE, "'%s' is no number and holds more than "
							  "taint letters", s);
	for (const char *p = s; *p; p++)
		if (*p != ' ')
			print_letter(*p, out);
	return NULL;
}

struct od_error *od_decode_taint(struct od_session *s, int argc, const char *const argv[],
				 struct od_buf *out)
{
	uint64_t bits;

	(void)s, (void)argc;
	if (!od_parse_number(argv[0], &bits))
		return from_letters(argv[0], out);
	if (bits == 0)
		od_buf_addstr(out, "not tainted\n");
	for (unsigned i = 0; i < 64; i++) {
		if (!(bits >> i & 1))
			continue;
		if (od_taint_letter(i))
			print_letter(od_taint_letter(i), out);
		else
			od_buf_printf(out, "?  %-2u  a bit that is not known\n", i);
	}
	return NULL;
}
