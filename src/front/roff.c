/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/roff.h"

#include <stdio.h>
#include <string.h>

static void character(char c)
{
	if (c == '\\')
		fputs("\\e", stdout);
	else if (c == '-')
		fputs("\\-", stdout);
	else
		putchar(c);
}

void od_roff_text(const char *s, size_t len)
{
	while (len-- > 0)
		character(*s++);
}

/* Words filled to lines, none of which starts like a request. */
static void fill(const char *s, const char *end)
{
	enum { WIDTH = 72 };
	size_t column = 0;

	while (s < end) {
		size_t n = strcspn(s, " ");

		if (n > (size_t)(end - s))
			n = (size_t)(end - s);
		if (column > 0 && column + 1 + n > WIDTH) {
			putchar('\n');
			column = 0;
		} else if (column > 0) {
			putchar(' ');
			column++;
		}
		if (column == 0 && (*s == '.' || *s == '\''))
			fputs("\\&", stdout);
		od_roff_text(s, n);
		column += n;
		s += n + (s + n < end);
	}
}

void od_roff_sentences(const char *s)
{
	const char *stop;
	size_t len;

	while ((stop = strstr(s, ". "))) {
		fill(s, stop + 1);
		putchar('\n');
		s = stop + 2;
	}
	len = strlen(s);
	fill(s, s + len);
	puts(len > 0 && s[len - 1] != '.' ? "." : "");
}
