/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "input/probe.h"

#include <string.h>

#include "base/utf8.h"

#define MAGIC(off, bytes, text) { off, sizeof(bytes) - 1, bytes, text }

static const struct {
	unsigned offset, len;
	const char *bytes;
	const char *what;
} magics[] = {
	/* What of these can be read was taken before, by whoever can look around in it. */
	MAGIC(0, "\177ELF", "an ELF file: a program, or a core or vmcore from a pipe; give a core or vmcore as a file"),
	MAGIC(0, "KDUMP   ", "a kdump-compressed vmcore from a pipe: give it as a file"),
	MAGIC(0, "makedumpfile", "a flattened vmcore from a pipe: give it as a file"),
	MAGIC(0, "\x1f\x8b", "gzip-compressed: give a log as zcat FILE | oopsdiag, unpack a vmcore with gunzip"),
	MAGIC(0, "\xfd" "7zXZ\0", "xz-compressed: give a log as xzcat FILE | oopsdiag, unpack a vmcore with unxz"),
	MAGIC(0, "\x28\xb5\x2f\xfd", "zstd-compressed: give a log as zstdcat FILE | oopsdiag, unpack a vmcore with unzstd"),
	MAGIC(0, "BZh", "bzip2-compressed: give a log as bzcat FILE | oopsdiag, unpack a vmcore with bunzip2"),
	MAGIC(0, "\x89LZO\0\r\n\x1a\n", "lzop-compressed: unpack it with lzop -d"),
	MAGIC(0, "LZIP\1", "lzip-compressed: unpack it with lzip -d"),
	MAGIC(0, "\x1f\x9d", "compressed by compress: give a log as zcat FILE | oopsdiag"),
	MAGIC(0, "\x5d\0\0", "lzma-compressed: unpack it with unlzma"),
	MAGIC(0, "7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it first"),
	MAGIC(0, "Rar!\x1a\x07", "a RAR archive: unpack it first"),
	MAGIC(0, "070701", "a cpio archive: unpack it first"),
	MAGIC(0, "070707", "a cpio archive: unpack it first"),
	MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a message of Outlook or a document of Office: save the mail as .eml or text"),
	MAGIC(0, "LPKSHHRH", "a binary journal: give it as journalctl -k -o short --file FILE | oopsdiag"),
	MAGIC(0, "\x89PNG\r\n\x1a\n", "a PNG picture"),
	MAGIC(0, "\xff\xd8\xff", "a JPEG picture"),
	MAGIC(0, "GIF8", "a GIF picture"),
	MAGIC(0, "%PDF-", "a PDF document"),
	MAGIC(0, "PK\3\4", "a zip archive"),
	MAGIC(257, "ustar", "a tar archive"),
	MAGIC(0, "SQLite format 3", "an SQLite database"),
};

const char *od_probe_magic(const char *s, size_t len)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (len >= magics[i].offset + magics[i].len &&
		    !memcmp(s + magics[i].offset, magics[i].bytes, magics[i].len))
			return magics[i].what;
	return NULL;
}

bool od_probe_binary(const char *s, size_t len)
{
	size_t odd = 0;

	if (len > OD_PROBE_BYTES)
		len = OD_PROBE_BYTES;
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		unsigned n = od_utf8_decode(s + i, len - i, &cp);

		/* NUL is what a lost console byte reads as: logs have runs of it. */
		if (!n || (n == 1 && cp < 0x20 && cp && !strchr("\t\n\r\f\033\b\a", (int)cp)))
			odd++;
		i += n ? n : 1;
	}
	return odd * 10 > len;
}
