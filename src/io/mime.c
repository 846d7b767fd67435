/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gmime takes the message apart and has the decoders; where its parts lie in the message is read from
 * their streams. Decoding then goes physical line by physical line, so that each byte of the text
 * knows where it comes from. The library brings twenty others, half a millisecond at every start and a third
 * of what a fork copies, so it is loaded when there is a mail.
 */
#include "config.h"

#include "io/mime.h"

#include "io/io.h"

bool od_io_has_gmime(void)
{
#ifdef GMIME_SONAME
	return true;
#else
	return false;
#endif
}

#ifndef GMIME_SONAME
const char *od_mime_missing(void)
{
	return "mail is read as text: this build has no gmime";
}

void od_mime_prepare(void)
{
}

struct od_mime *od_mime_parse(const char *raw, size_t len, uint32_t place, struct od_out *out)
{
	(void)raw, (void)len, (void)place, (void)out;
	return NULL;
}

bool od_mime_step(struct od_mime *m, struct od_out *out)
{
	(void)m, (void)out;
	return false;
}

void od_mime_destroy(struct od_mime *m)
{
	(void)m;
}

void od_mime_files(const char *raw, size_t len,
		   bool (*found)(void *ctx, const char *name, const char *data, size_t n), void *ctx)
{
	(void)raw, (void)len, (void)found, (void)ctx;
}
#else
#include <gmime/gmime.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cursor.h"
#include "base/load.h"
#include "base/utf8.h"
#include "io/decoder.h"
#include "io/flowed.h"
#include "io/html.h"
#include "io/out.h"

#define FUNCTIONS(x)                                                                       \
	x(g_byte_array_append) x(g_byte_array_free) x(g_byte_array_new)                    \
	x(g_log_set_default_handler) x(g_mime_content_type_get_parameter)                  \
	x(g_mime_content_type_is_type) x(g_mime_data_wrapper_get_encoding)                 \
	x(g_mime_data_wrapper_get_stream) x(g_mime_encoding_flush)                         \
	x(g_mime_encoding_init_decode) x(g_mime_encoding_outlen) x(g_mime_encoding_step)   \
	x(g_mime_filter_charset_new) x(g_mime_filter_complete) x(g_mime_filter_filter)     \
	x(g_mime_init) x(g_mime_message_get_mime_part) x(g_mime_message_part_get_message)  \
	x(g_mime_message_part_get_type) x(g_mime_multipart_get_count)                      \
	x(g_mime_multipart_get_part) x(g_mime_multipart_get_type)                          \
	x(g_mime_object_get_content_type) x(g_mime_parser_construct_message)               \
	x(g_mime_parser_new_with_stream) x(g_mime_parser_set_persist_stream)               \
	x(g_mime_part_get_content) x(g_mime_part_get_filename) x(g_mime_part_get_type)     \
	x(g_mime_stream_mem_get_type) x(g_mime_stream_mem_new_with_byte_array)             \
	x(g_mime_stream_mem_set_owner) x(g_object_unref) x(g_type_check_instance_is_a)

static struct {
#define POINTER(name) __typeof__(&name) name;
	FUNCTIONS(POINTER)
} lib;

static const struct od_function functions[] = {
#define ROW(name) { #name, (void **)&lib.name },
	FUNCTIONS(ROW)
};

enum {
	MAX_DEPTH = 8,
	MAX_PARTS = 1024,
	MAX_FILES = 64,
	SNIFF = 4096,	  /* bytes that a part without a type is judged by */
	PIECE = 4096,	  /* bytes of a line that are decoded at once */
	STEP = 64 * 1024, /* bytes of the message that one step decodes */
};

struct part {
	size_t begin, end; /* in raw */
	GMimeContentEncoding encoding;
	char *charset;	   /* NULL: no conversion */
	bool html, flowed, delsp;
};

/* A part that is no text. */
struct file {
	size_t begin, end; /* in raw */
	GMimeContentEncoding encoding;
	char *name; /* NULL: none */
};

struct od_mime {
	GByteArray *raw;
	struct part parts[MAX_PARTS];
	unsigned nparts, at;
	struct file files[MAX_FILES];
	unsigned nfiles;
	size_t pos, counted;  /* in raw: decoded; newlines counted up to here */
	uint32_t place;	      /* of counted */
	/* of the part at hand */
	bool open;
	GMimeEncoding decoder;
	GMimeFilter *charset;
	struct od_flowed flowed;
	struct od_html html;
	unsigned quad;	      /* base64: letters of a group of four that were seen */
	uint32_t quad_place;  /* where the group starts */
};

static void drop_log(const char *domain, GLogLevelFlags level, const char *text, void *ctx)
{
	(void)domain, (void)level, (void)text, (void)ctx;
}

/* Those of nearly all mails; each is a module of the C library, 50 microseconds to load. */
static const char *const charsets[] = {
	"ISO-8859-1", "CP1252", "ISO-8859-15", "ISO-8859-2", "CP1251", "KOI8-R", "UTF-16", "UTF-7",
	"GBK", "GB18030", "BIG5", "SHIFT_JIS", "EUC-JP", "ISO-2022-JP", "EUC-KR",
};

static bool load_gmime(void)
{
	static bool tried, ready;

	if (tried)
		return ready;
	tried = true;
	ready = od_load_functions(GMIME_SONAME, functions, sizeof(functions) / sizeof(*functions));
	if (!ready)
		return false;
	/* What it has to say of a stranger's mail is nothing to the user. */
	lib.g_log_set_default_handler(drop_log, NULL);
	lib.g_mime_init();
	return true;
}

const char *od_mime_missing(void)
{
	return load_gmime() ? NULL : "mail is read as text: " GMIME_SONAME " cannot be loaded";
}

void od_mime_prepare(void)
{
	if (!load_gmime())
		return;
	for (size_t i = 0; i < sizeof(charsets) / sizeof(*charsets); i++) {
		/* Never closed: the C library unloads modules that nobody has open. */
		iconv_t cd = iconv_open("UTF-8", charsets[i]);

		(void)cd;
	}
}

static bool is_a(const void *object, GType type)
{
	return lib.g_type_check_instance_is_a((GTypeInstance *)object, type);
}

/* --- which parts are text ------------------------------------------------------------ */

static bool is_utf8(const char *charset)
{
	static const char *const names[] = { "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968",
					     "unknown-8bit", "x-unknown", "" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcasecmp(charset, names[i]))
			return true;
	return false;
}

/* "console.log", "dmesg-1.txt", "dmesg.1": a name that stands for text, whatever the type says. */
static bool text_name(const char *name)
{
	static const char *const ends[] = { ".log", ".txt", ".text", ".out", ".dmesg", ".trace", ".oops",
					    ".eml" };
	size_t len;

	if (!name)
		return false;
	len = strlen(name);
	if (!strncasecmp(name, "dmesg", 5))
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (len > strlen(ends[i]) && !strcasecmp(name + len - strlen(ends[i]), ends[i]))
			return true;
	return false;
}

/* What the first bytes of a part, decoded, tell. */
static void look(const struct od_mime *m, const struct part *part, bool *text, bool *mail)
{
	GMimeEncoding dec;
	size_t len = part->end - part->begin, n, odd = 0, nuls = 0;
	char *head;

	len = len < SNIFF ? len : SNIFF;
	lib.g_mime_encoding_init_decode(&dec, part->encoding);
	head = od_malloc(lib.g_mime_encoding_outlen(&dec, len) + 1);
	n = lib.g_mime_encoding_step(&dec, (const char *)m->raw->data + part->begin, len, head);
	for (size_t i = 0; i < n;) {
		uint32_t cp;
		unsigned used = od_utf8_decode(head + i, n - i, &cp);

		odd += !used || (cp < 0x20 && !strchr("\t\n\r\f\033\b", (int)cp));
		nuls += used && !cp;
		i += used ? used : 1;
	}
	/* A lost byte of a console reads as NUL; the head of a dump is little else. */
	*text = n && odd * 20 <= n && nuls * 2 <= n;
	*mail = *text && od_decode_mail.probe(head, n) != OD_PROBE_NO;
	free(head);
}

static void add_file(struct od_mime *m, const struct part *part, const char *name)
{
	if (m->nfiles == MAX_FILES)
		return;
	m->files[m->nfiles++] = (struct file){ part->begin, part->end, part->encoding,
					       name ? od_strdup(name) : NULL };
}

static void add_part(struct od_mime *m, GMimePart *mime)
{
	GMimeContentType *type = lib.g_mime_object_get_content_type((GMimeObject *)mime);
	GMimeDataWrapper *content = lib.g_mime_part_get_content(mime);
	GMimeStream *stream = content ? lib.g_mime_data_wrapper_get_stream(content) : NULL;
	const char *charset = lib.g_mime_content_type_get_parameter(type, "charset");
	const char *format = lib.g_mime_content_type_get_parameter(type, "format");
	const char *delsp = lib.g_mime_content_type_get_parameter(type, "delsp");
	struct part part = { 0 };
	bool text, mail;

	if (!stream || !is_a(stream, lib.g_mime_stream_mem_get_type()) || m->nparts == MAX_PARTS)
		return;
	part.begin = (size_t)stream->bound_start;
	part.end = stream->bound_end < 0 ? m->raw->len : (size_t)stream->bound_end;
	if (stream->bound_start < 0 || part.end > m->raw->len || part.begin >= part.end)
		return;
	part.encoding = lib.g_mime_data_wrapper_get_encoding(content);
	part.html = lib.g_mime_content_type_is_type(type, "text", "html");
	look(m, &part, &text, &mail);
	if (!lib.g_mime_content_type_is_type(type, "text", "*") &&
	    ((!lib.g_mime_content_type_is_type(type, "application", "octet-stream") &&
	      !text_name(lib.g_mime_part_get_filename(mime))) ||
	     !text)) {
		add_file(m, &part, lib.g_mime_part_get_filename(mime));
		return;
	}
	/* A mail that was attached as any file is: text, and attachments of its own. */
	if (mail)
		add_file(m, &part, lib.g_mime_part_get_filename(mime));
	if (charset && !is_utf8(charset))
		part.charset = od_strdup(charset);
	part.flowed = format && !strcasecmp(format, "flowed") && !part.html;
	part.delsp = delsp && !strcasecmp(delsp, "yes");
	m->parts[m->nparts++] = part;
}

/* Of alternatives the plainest that says something. */
static int rank(GMimeObject *object)
{
	GMimeContentType *type = lib.g_mime_object_get_content_type(object);
	GMimeDataWrapper *content;
	GMimeStream *stream;

	if (!is_a(object, lib.g_mime_part_get_type()))
		return is_a(object, lib.g_mime_multipart_get_type()) ? 2 : 0;
	content = lib.g_mime_part_get_content((GMimePart *)object);
	stream = content ? lib.g_mime_data_wrapper_get_stream(content) : NULL;
	if (!stream || (stream->bound_end >= 0 && stream->bound_end - stream->bound_start < 3))
		return 0;
	if (lib.g_mime_content_type_is_type(type, "text", "plain"))
		return 3;
	return lib.g_mime_content_type_is_type(type, "text", "*") ? 1 : 0;
}

static void walk(struct od_mime *m, GMimeObject *object, unsigned depth)
{
	GMimeMultipart *multi;
	int n, best = 0;

	if (!object || depth > MAX_DEPTH)
		return;
	if (is_a(object, lib.g_mime_message_part_get_type())) {
		GMimeMessage *message = lib.g_mime_message_part_get_message((GMimeMessagePart *)object);

		if (message)
			walk(m, lib.g_mime_message_get_mime_part(message), depth + 1);
		return;
	}
	if (is_a(object, lib.g_mime_part_get_type()))
		add_part(m, (GMimePart *)object);
	if (!is_a(object, lib.g_mime_multipart_get_type()))
		return;
	multi = (GMimeMultipart *)object;
	n = lib.g_mime_multipart_get_count(multi);
	if (!lib.g_mime_content_type_is_type(lib.g_mime_object_get_content_type(object), "multipart",
					 "alternative")) {
		for (int i = 0; i < n && i < MAX_PARTS; i++)
			walk(m, lib.g_mime_multipart_get_part(multi, i), depth + 1);
		return;
	}
	for (int i = 1; i < n; i++)
		if (rank(lib.g_mime_multipart_get_part(multi, i)) >
		    rank(lib.g_mime_multipart_get_part(multi, best)))
			best = i;
	if (n)
		walk(m, lib.g_mime_multipart_get_part(multi, best), depth + 1);
}

/* A single part of plain text that is what it says: no need to touch it. */
static bool needs_decoding(const struct od_mime *m, GMimeObject *top)
{
	const struct part *part = &m->parts[0];

	if (!is_a(top, lib.g_mime_part_get_type()))
		return true;
	if (m->nparts != 1) /* a mail that is one picture: nothing to read, but nothing to decode */
		return false;
	return part->charset || part->html || part->flowed ||
	       part->encoding == GMIME_CONTENT_ENCODING_BASE64 ||
	       part->encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE ||
	       part->encoding == GMIME_CONTENT_ENCODING_UUENCODE;
}

/* The message, taken apart; NULL: without gmime. needed: its text is not to be had without decoding. */
static struct od_mime *parse(const char *raw, size_t len, bool *needed)
{
	struct od_mime *m;
	GMimeMessage *message;
	GMimeStream *stream;
	GMimeParser *parser;

	*needed = false;
	if (!load_gmime())
		return NULL;
	m = od_calloc(1, sizeof(*m));
	m->raw = lib.g_byte_array_new();
	lib.g_byte_array_append(m->raw, (const guint8 *)raw, (guint)len);
	stream = lib.g_mime_stream_mem_new_with_byte_array(m->raw);
	lib.g_mime_stream_mem_set_owner((GMimeStreamMem *)stream, FALSE);
	parser = lib.g_mime_parser_new_with_stream(stream);
	lib.g_mime_parser_set_persist_stream(parser, TRUE);
	message = lib.g_mime_parser_construct_message(parser, NULL);
	if (message) {
		GMimeObject *top = lib.g_mime_message_get_mime_part(message);

		walk(m, top, 0);
		*needed = top && needs_decoding(m, top);
		lib.g_object_unref(message);
	}
	lib.g_object_unref(parser);
	lib.g_object_unref(stream);
	return m;
}

struct od_mime *od_mime_parse(const char *raw, size_t len, uint32_t place, struct od_out *out)
{
	bool needed;
	struct od_mime *m = parse(raw, len, &needed);

	if (!m)
		return NULL;
	m->place = place;
	if (needed && m->nparts == MAX_PARTS)
		od_out_note(out, place, "a mail of more than 1024 parts: the rest is left out");
	if (needed)
		return m;
	od_mime_destroy(m);
	return NULL;
}

/* --- decoding ---------------------------------------------------------------------- */

static void open_part(struct od_mime *m, struct od_out *out)
{
	const struct part *part = &m->parts[m->at];
	const char *raw = (const char *)m->raw->data;

	m->pos = part->begin;
	for (; m->counted < m->pos; m->counted++)
		m->place += raw[m->counted] == '\n';
	lib.g_mime_encoding_init_decode(&m->decoder, part->encoding);
	m->quad = 0;
	m->flowed.delsp = part->delsp;
	m->charset = part->charset ? lib.g_mime_filter_charset_new(part->charset, "utf-8") : NULL;
	if (part->charset && !m->charset)
		od_out_note(out, m->place, "a part in a charset that is not known: its bytes are kept");
	m->open = true;
}

/* Text in UTF-8 that starts on physical line place. */
static void put_text(struct od_mime *m, struct od_out *out, const char *s, size_t len, uint32_t place)
{
	if (m->parts[m->at].html)
		od_html_feed(&m->html, out, s, len, place);
	else if (m->parts[m->at].flowed)
		od_flowed_feed(&m->flowed, out, s, len, place);
	else
		od_out_add(out, s, len, place);
}

static void convert(struct od_mime *m, struct od_out *out, char *s, size_t len, uint32_t place, bool last)
{
	size_t prespace;

	if (m->charset && last)
		lib.g_mime_filter_complete(m->charset, s, len, 0, &s, &len, &prespace);
	else if (m->charset && len)
		lib.g_mime_filter_filter(m->charset, s, len, 0, &s, &len, &prespace);
	if (len)
		put_text(m, out, s, len, place);
}

static void close_part(struct od_mime *m, struct od_out *out)
{
	char rest[64];
	size_t n = lib.g_mime_encoding_flush(&m->decoder, "", 0, rest);

	convert(m, out, rest, n, m->place, true);
	od_html_end(&m->html, out, m->place);
	od_flowed_end(&m->flowed, out);
	if (m->charset)
		lib.g_object_unref(m->charset);
	m->charset = NULL;
	m->open = false;
	m->at++;
	if (m->at < m->nparts)
		od_out_part(out, m->place);
	else
		od_out_end_line(out, m->place);
}

static unsigned count_base64(const char *s, size_t len)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++)
		n += od_is_alnum(s[i]) || s[i] == '+' || s[i] == '/';
	return n;
}

/* Decode bytes of one physical line. */
static void decode(struct od_mime *m, struct od_out *out, const char *s, size_t len)
{
	char small[2 * PIECE];
	size_t max = lib.g_mime_encoding_outlen(&m->decoder, len), n, early = 0;
	char *text = max <= sizeof(small) ? small : od_malloc(max);

	n = lib.g_mime_encoding_step(&m->decoder, s, len, text);
	if (m->parts[m->at].encoding == GMIME_CONTENT_ENCODING_BASE64) {
		/* What a group of four stands for stands where the group starts. */
		unsigned letters = count_base64(s, len), before = m->quad;

		early = before ? (n < 3 ? n : 3) : 0;
		m->quad = (m->quad + letters) % 4;
		convert(m, out, text, early, m->quad_place, false);
		if (m->quad && (!before || before + letters >= 4))
			m->quad_place = m->place;
	}
	convert(m, out, text + early, n - early, m->place, false);
	if (text != small)
		free(text);
}

bool od_mime_step(struct od_mime *m, struct od_out *out)
{
	const char *raw = (const char *)m->raw->data;
	size_t stop;

	if (!m->open) {
		if (m->at == m->nparts)
			return false;
		open_part(m, out);
	}
	stop = m->pos + STEP;
	while (m->pos < m->parts[m->at].end && m->pos < stop) {
		size_t left = m->parts[m->at].end - m->pos, n = left < PIECE ? left : PIECE;
		const char *s = raw + m->pos, *nl = memchr(s, '\n', n);

		if (nl)
			n = (size_t)(nl + 1 - s);
		decode(m, out, s, n);
		m->pos += n;
		m->counted = m->pos;
		m->place += nl != NULL;
	}
	if (m->pos >= m->parts[m->at].end)
		close_part(m, out);
	return true;
}

void od_mime_destroy(struct od_mime *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < m->nparts; i++)
		free(m->parts[i].charset);
	for (unsigned i = 0; i < m->nfiles; i++)
		free(m->files[i].name);
	if (m->charset)
		lib.g_object_unref(m->charset);
	od_buf_deinit(&m->flowed.line);
	od_buf_deinit(&m->flowed.text);
	lib.g_byte_array_free(m->raw, TRUE);
	free(m);
}

void od_mime_files(const char *raw, size_t len,
		   bool (*found)(void *ctx, const char *name, const char *data, size_t n), void *ctx)
{
	bool needed, more = true;
	struct od_mime *m = parse(raw, len, &needed);

	for (unsigned i = 0; m && i < m->nfiles && more; i++) {
		const struct file *file = &m->files[i];
		const size_t size = file->end - file->begin;
		GMimeEncoding dec;
		char *data;
		size_t n;

		lib.g_mime_encoding_init_decode(&dec, file->encoding);
		data = od_malloc(lib.g_mime_encoding_outlen(&dec, size) + 1);
		n = lib.g_mime_encoding_flush(&dec, (const char *)m->raw->data + file->begin, size, data);
		more = found(ctx, file->name, data, n);
		free(data);
	}
	od_mime_destroy(m);
}
#endif
