/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journalctl -o export (systemd's JOURNAL_EXPORT_FORMATS): "FIELD=value" lines; a field whose value
 * holds newlines is its name alone on a line, 8 bytes of length (little endian), the value and a
 * newline. A blank line ends an entry.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "io/decoder.h"
#include "io/journal.h"
#include "io/out.h"

enum {
	MAX_NAME = 64,		  /* systemd's own bound */
	MAX_VALUE = 1 << 20,	  /* bytes of a value that are kept; the rest is passed over */
	MAX_LENGTH = 768 << 20,	  /* systemd's bound for a value */
};

struct export {
	struct od_entry entry;
	enum { NAME, TEXT, LENGTH, DATA, NEWLINE, FOREIGN } state;
	char name[MAX_NAME + 1];
	unsigned nname;
	struct od_buf value;
	uint64_t length;	/* of binary data still to come */
	unsigned nlength;	/* bytes of the length that were read */
	uint32_t lineno, place; /* of the byte at hand; where the value starts */
};

static enum od_probe export_probe(const char *s, size_t len)
{
	static const char *const first[] = { "__CURSOR=", "__REALTIME_TIMESTAMP=",
					     "__MONOTONIC_TIMESTAMP=" };
	enum od_probe ret = OD_PROBE_NO;

	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++) {
		enum od_probe p = od_probe_lit(s, len, first[i]);

		if (p > ret)
			ret = p;
	}
	return ret;
}

static void *export_create(void)
{
	struct export *x = od_calloc(1, sizeof(*x));

	x->lineno = 1;
	x->value.limit = MAX_VALUE;
	od_entry_begin(&x->entry);
	return x;
}

static void export_destroy(void *self)
{
	struct export *x = self;

	od_buf_deinit(&x->value);
	od_entry_deinit(&x->entry);
	free(x);
}

static void set_field(struct export *x, struct od_out *out, bool binary)
{
	bool message;

	x->name[x->nname] = '\0';
	message = !strcmp(x->name, "MESSAGE");
	if (message)
		x->entry.exact = binary;
	if (message && x->value.cut)
		od_out_note(out, x->place, "a message longer than 1 MiB was cut");
	od_entry_field(&x->entry, x->name, od_buf_str(&x->value), x->value.len, x->place);
	od_buf_reset(&x->value);
	x->value.cut = false;
	x->nname = 0;
	x->state = NAME;
}

static bool name_letter(char ch, unsigned at)
{
	return ch == '_' || (ch >= 'A' && ch <= 'Z') || (at && od_is_digit(ch));
}

/* One byte of a line that starts with a field's name. */
static void name_byte(struct export *x, struct od_out *out, char ch)
{
	if (ch == '\n' && !x->nname) {
		od_entry_finish(&x->entry, out);
	} else if (ch == '\n') {
		x->state = LENGTH;
		x->length = 0;
		x->nlength = 0;
	} else if (ch == '=') {
		x->state = TEXT;
		x->place = x->lineno;
	} else if (x->nname < MAX_NAME && name_letter(ch, x->nname)) {
		x->name[x->nname++] = ch;
	} else { /* something else got into the stream: it is text */
		od_entry_finish(&x->entry, out);
		od_out_add(out, x->name, x->nname, x->lineno);
		od_out_add(out, &ch, 1, x->lineno);
		x->nname = 0;
		x->state = FOREIGN;
	}
}

/* Bytes of a value up to stop: those that need no look at each of them. */
static size_t value_bytes(struct export *x, const char *s, size_t n)
{
	od_buf_add(&x->value, s, n);
	for (const char *p = s; (p = memchr(p, '\n', n - (size_t)(p - s))); p++)
		x->lineno++;
	return n;
}

static size_t export_feed(void *self, struct od_out *out, const char *s, size_t len)
{
	struct export *x = self;

	for (size_t i = 0; i < len;) {
		const char *nl;
		size_t n = len - i;

		switch (x->state) {
		case NAME:
			name_byte(x, out, s[i]);
			x->lineno += s[i++] == '\n';
			break;
		case TEXT:
			nl = memchr(s + i, '\n', n);
			i += value_bytes(x, s + i, nl ? (size_t)(nl - (s + i)) : n);
			if (nl)
				x->state = NEWLINE;
			break;
		case LENGTH:
			x->length |= (uint64_t)(unsigned char)s[i] << (8 * x->nlength++);
			x->lineno += s[i++] == '\n';
			if (x->nlength == 8) {
				x->state = x->length ? DATA : NEWLINE;
				x->place = x->lineno;
				if (x->length > MAX_LENGTH) {
					od_entry_finish(&x->entry, out);
					x->state = FOREIGN;
				}
			}
			break;
		case FOREIGN:
			nl = memchr(s + i, '\n', n);
			n = nl ? (size_t)(nl + 1 - (s + i)) : n;
			od_out_add(out, s + i, n, x->lineno);
			i += n;
			if (nl) {
				x->lineno++;
				x->nname = x->nlength = 0;
				x->state = NAME;
			}
			break;
		case DATA:
			i += n = value_bytes(x, s + i, n < x->length ? n : (size_t)x->length);
			x->length -= n;
			if (!x->length)
				x->state = NEWLINE;
			break;
		case NEWLINE:
			set_field(x, out, x->nlength == 8);
			x->nlength = 0;
			/* A length that lies: go on at the next line. */
			if (s[i] != '\n')
				break;
			x->lineno++;
			i++;
			break;
		}
	}
	return len;
}

static void export_end(void *self, struct od_out *out)
{
	struct export *x = self;

	if (x->state == TEXT || x->state == DATA || x->state == NEWLINE)
		set_field(x, out, x->nlength == 8);
	od_entry_finish(&x->entry, out);
}

const struct od_decoder od_decode_export = {
	.probe = export_probe,
	.create = export_create,
	.destroy = export_destroy,
	.feed = export_feed,
	.end = export_end,
};
