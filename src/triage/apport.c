/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reports of apport (/var/crash/NAME.crash): "Key: value" lines, values of several lines with a blank before each. The
 * text of them is read as any text is; here are the values that say "base64", files that were compressed with gzip
 * and encoded line by line (apport's problem_report.py): VmCoreDmesg, VmCore, CoreDump, attached logs.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "io/unpack.h"
#include "triage/ticket.h"

enum { MAX_REPORT = 512 << 20 /* bytes */, MAX_KEY = 64 };

bool od_ticket_is_apport(const char *head, size_t len)
{
	static const char first[] = "ProblemType: ";

	return len > strlen(first) && !memcmp(head, first, strlen(first));
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (od_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* One line of base64, padded for itself; to may be from. Bytes written; what is no base64 is passed over. */
static size_t decode_line(const char *from, size_t len, char *to)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;

	for (size_t i = 0; i < len && from[i] != '='; i++) {
		const int value = value_of(from[i]);

		if (value < 0)
			continue;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			to[n++] = (char)(bits >> have);
		}
	}
	return n;
}

/* The lines of a value from at on: its bytes are put where it stands, *at moves behind it. */
static size_t decode_value(char *text, size_t len, size_t *at)
{
	const size_t start = *at;
	size_t n = 0;

	while (*at < len && text[*at] == ' ') {
		const char *nl = memchr(text + *at, '\n', len - *at);
		const size_t end = nl ? (size_t)(nl - text) : len;

		n += decode_line(text + *at, end - *at, text + start + n);
		*at = nl ? end + 1 : len;
	}
	return n;
}

static void tell_value(struct od_ticket_reader *t, const char *key, const char *data, size_t len,
		       unsigned depth)
{
	od_autoerror err = NULL;
	int fd;

	if (!len || od_unpack_magic(data, len) == OD_PACK_NONE)
		return;
	err = od_unpack_store(data, len, &fd);
	if (err) {
		od_ticket_note(t, "%s: %s", key, err->message);
		return;
	}
	od_ticket_file(t, key, fd, depth + 1, true);
	close(fd);
}

static void read_values(struct od_ticket_reader *t, char *text, size_t len, unsigned depth)
{
	static const char mark[] = ": base64";
	size_t at = 0;

	while (at < len && !od_ticket_late(t)) {
		const char *line = text + at, *nl = memchr(line, '\n', len - at);
		const size_t n = nl ? (size_t)(nl - line) : len - at;
		const size_t key_len = n > strlen(mark) ? n - strlen(mark) : 0;
		char key[MAX_KEY];
		size_t begin, size;

		at += n + (nl != NULL);
		if (*line == ' ' || !key_len || key_len >= MAX_KEY || memcmp(line + key_len, mark, strlen(mark)))
			continue;
		memcpy(key, line, key_len);
		key[key_len] = '\0';
		begin = at;
		size = decode_value(text, len, &at);
		tell_value(t, key, text + begin, size, depth);
	}
}

void od_ticket_apport(struct od_ticket_reader *t, int fd, unsigned depth)
{
	od_autofree char *text = NULL;
	size_t len = 0;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0 || st.st_size <= 0 || depth >= OD_TICKET_DEPTH)
		return;
	if (st.st_size > MAX_REPORT) {
		od_ticket_note(t, "a report of apport of more than %d MiB: what is encoded in it was not read",
			       MAX_REPORT >> 20);
		return;
	}
	text = od_malloc((size_t)st.st_size);
	while (len < (size_t)st.st_size &&
	       (n = pread(fd, text + len, (size_t)st.st_size - len, (off_t)len)) > 0)
		len += (size_t)n;
	read_values(t, text, len, depth);
}
