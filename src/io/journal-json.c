/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journalctl -o json (also json-pretty, json-sse, json-seq) and dmesg -J. Objects are cut out of the
 * stream, so an endless one can be followed, and each is read by jansson. What is no JSON goes on as
 * the text it is.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_JANSSON
#include <jansson.h>
#endif

#include "base/alloc.h"
#include "base/cursor.h"
#include "base/utf8.h"
#include "io/decoder.h"
#include "io/journal.h"
#include "io/out.h"

bool od_io_has_jansson(void)
{
#ifdef HAVE_JANSSON
	return true;
#else
	return false;
#endif
}

/* '{', and then one of the names that only these formats have. */
/* A brace at the end of a line: strings hold no line ends. NULL: there is none. */
static const char *object_end(const char *s, size_t len)
{
	const char *end = s + len;

	for (; (s = memchr(s, '}', (size_t)(end - s))); s++)
		if (s + 1 < end && (s[1] == '\n' || s[1] == '\r'))
			return s;
	return NULL;
}

static enum od_probe json_probe(const char *s, size_t len)
{
	static const char *const names[] = { "\"__CURSOR\"", "\"__REALTIME_TIMESTAMP\"", "\"MESSAGE\"",
					     "\"_BOOT_ID\"", "\"_TRANSPORT\"" };
	size_t i = od_skip_start(s, len);
	const char *end;

	if (len - i >= 5 && !memcmp(s + i, "data:", 5)) /* json-sse */
		i += 5 + od_skip_start(s + i + 5, len - i - 5);
	if (i < len && s[i] == '\x1e') /* json-seq */
		i++;
	if (i == len)
		return OD_PROBE_MORE;
	if (s[i++] != '{')
		return od_probe_lit(s + i - 1, len - i + 1, "data:") == OD_PROBE_MORE ? OD_PROBE_MORE
										       : OD_PROBE_NO;
	i += od_skip_start(s + i, len - i);
	if (i == len)
		return OD_PROBE_MORE;
	if (s[i] != '"')
		return OD_PROBE_NO;
	if (od_probe_lit(s + i, len - i, "\"dmesg\"") != OD_PROBE_NO)
		return od_probe_lit(s + i, len - i, "\"dmesg\"");
	end = object_end(s + i, len - i);
	for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
		if (od_find(s + i, (end ? end : s + len) - (s + i), names[k]))
			return OD_PROBE_YES;
	return end ? OD_PROBE_NO : OD_PROBE_MORE;
}

#ifdef HAVE_JANSSON
enum {
	MAX_OBJECT = 4 << 20, /* bytes; an entry with a core dump in it is longer, and of no interest */
	MAX_DEPTH = 64,
};

struct json {
	struct od_entry entry;
	struct od_buf object; /* from its brace on */
	struct od_buf bytes;  /* scratch */
	unsigned depth;	      /* open braces and brackets */
	bool in_string, escape;
	bool wrapped;	      /* dmesg: the entries stand in an array in an object */
	size_t key;	      /* where in object the string at hand starts */
	uint32_t lineno, first, place; /* of the byte at hand, of the object, of its message */
	bool told;
};

static void *json_create(void)
{
	struct json *j = od_calloc(1, sizeof(*j));

	j->lineno = 1;
	j->object.limit = MAX_OBJECT;
	od_entry_begin(&j->entry);
	return j;
}

static void json_destroy(void *self)
{
	struct json *j = self;

	od_buf_deinit(&j->object);
	od_buf_deinit(&j->bytes);
	od_entry_deinit(&j->entry);
	free(j);
}

/* What jansson refuses but writers of logs write: control bytes, and bytes that are no UTF-8. */
static void mend(struct json *j)
{
	const char *s = od_buf_str(&j->object);

	od_buf_reset(&j->bytes);
	for (size_t i = 0; i < j->object.len;) {
		uint32_t cp;
		unsigned n = od_utf8_decode(s + i, j->object.len - i, &cp);

		if (!n)
			od_buf_addstr(&j->bytes, "\xef\xbf\xbd");
		else if (n == 1 && cp < 0x20)
			od_buf_addch(&j->bytes, ' ');
		else
			od_buf_add(&j->bytes, s + i, n);
		i += n ? n : 1;
	}
}

/* The text of a value: a string, or an array of bytes; of several values the first. */
static const char *value_text(struct json *j, const json_t *value, size_t *len)
{
	if (json_is_array(value) && json_is_string(json_array_get(value, 0)))
		value = json_array_get(value, 0);
	if (json_is_string(value)) {
		*len = json_string_length(value);
		return json_string_value(value);
	}
	od_buf_reset(&j->bytes);
	for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++) {
		const json_t *byte = json_array_get(value, i);

		if (!json_is_integer(byte))
			return NULL;
		od_buf_addch(&j->bytes, (char)json_integer_value(byte));
	}
	if (json_is_integer(value))
		od_buf_printf(&j->bytes, "%lld", (long long)json_integer_value(value));
	else if (!json_is_array(value))
		return NULL;
	*len = j->bytes.len;
	return od_buf_str(&j->bytes);
}

static void journal_entry(struct json *j, const json_t *object)
{
	void *it = json_object_iter((json_t *)object);

	for (; it; it = json_object_iter_next((json_t *)object, it)) {
		size_t len = 0;
		const char *text = value_text(j, json_object_iter_value(it), &len);

		if (text)
			od_entry_field(&j->entry, json_object_iter_key(it), text, len, j->place);
	}
}

static void copy_string(char *to, size_t size, const json_t *value)
{
	const char *s = json_is_string(value) ? json_string_value(value) : "";
	size_t n = 0;

	for (; *s && n < size - 1; s++)
		if ((unsigned char)*s >= ' ' && *s != ']')
			to[n++] = *s;
	to[n] = '\0';
}

static void dmesg_entry(struct json *j, const json_t *object)
{
	struct od_entry *e = &j->entry;
	const json_t *time = json_object_get(object, "time"), *pri = json_object_get(object, "pri"),
		     *msg = json_object_get(object, "msg");
	double t = json_is_number(time) ? json_number_value(time) : -1;
	char fac[8], level[8];

	e->kernel = true;
	e->place = j->place;
	e->any = json_is_string(msg);
	if (e->any)
		od_buf_add(&e->text, json_string_value(msg), json_string_length(msg));
	if (t >= 0 && t < 1e9)
		e->boot_us = (uint64_t)(t * 1e6 + 0.5);
	copy_string(e->date, sizeof(e->date), time);
	copy_string(e->caller, sizeof(e->caller), json_object_get(object, "caller"));
	if (json_is_integer(pri) && json_integer_value(pri) >= 0 && json_integer_value(pri) < 192)
		e->level = (uint32_t)json_integer_value(pri);
	copy_string(fac, sizeof(fac), json_object_get(object, "fac"));
	copy_string(level, sizeof(level), pri);
	if (*fac && *level)
		snprintf(e->names, sizeof(e->names), "%-6s:%-6s: ", fac, level);
}

/* As text: nothing that was read is lost. */
static void put_raw(struct json *j, struct od_out *out)
{
	if (!j->object.len)
		return;
	if (!j->told)
		od_out_note(out, j->first, "JSON that is broken, or not an entry of a log, is read as text");
	j->told = true;
	od_out_add(out, od_buf_str(&j->object), j->object.len, j->first);
	od_out_end_line(out, j->first);
}

static void take_object(struct json *j, struct od_out *out)
{
	json_error_t error;
	json_t *object;

	mend(j);
	object = json_loadb(od_buf_str(&j->bytes), j->bytes.len, JSON_ALLOW_NUL, &error);
	if (!json_is_object(object)) {
		put_raw(j, out);
	} else {
		if (j->wrapped)
			dmesg_entry(j, object);
		else
			journal_entry(j, object);
		od_entry_finish(&j->entry, out);
	}
	json_decref(object);
}

/* A string of the object at hand ended: the name of the message? */
static void string_end(struct json *j)
{
	const char *s = j->object.data + j->key;
	size_t len = j->object.len - j->key;

	if ((len == 9 && !memcmp(s, "\"MESSAGE\"", 9)) || (len == 5 && !memcmp(s, "\"msg\"", 5)))
		j->place = j->lineno;
}

/* {"dmesg": [ ... ]}: its objects are the entries. */
static bool opens_dmesg(const struct json *j)
{
	const char *s = j->object.data;

	return j->object.len - j->key == 7 && !memcmp(s + j->key, "\"dmesg\"", 7) &&
	       1 + od_skip_start(s + 1, j->object.len - 1) == j->key;
}

static void object_start(struct json *j)
{
	od_buf_reset(&j->object);
	j->object.cut = false;
	j->first = j->place = j->lineno;
}

/* Outside of entries; broken ones may have left more or fewer brackets open. */
static void outside(struct json *j, char ch)
{
	if (!j->wrapped)
		return;
	if (ch == '[')
		j->depth = 2;
	else if (ch == ']' && j->depth == 2)
		j->depth = 1;
	else if (ch == '}' && j->depth == 1)
		j->depth = 0;
	j->wrapped = j->depth > 0;
}

static void json_byte(struct json *j, struct od_out *out, char ch)
{
	unsigned base = j->wrapped ? 2 : 0; /* depth outside of entries */

	if (j->in_string) {
		od_buf_addch(&j->object, ch);
		if (j->escape) {
			j->escape = false;
		} else if (ch == '\\') {
			j->escape = true;
		} else if (ch == '"') {
			j->in_string = false;
			if (j->depth == base + 1 && !j->object.cut)
				string_end(j);
			if (j->depth == base + 1 && !j->object.cut && opens_dmesg(j)) {
				j->wrapped = true;
				j->depth = 1;
				od_buf_reset(&j->object);
			}
		}
		return;
	}
	if (j->depth <= base) {
		if (ch != '{') {
			outside(j, ch);
			return;
		}
		object_start(j);
		j->depth = base;
	}
	j->key = j->object.len;
	od_buf_addch(&j->object, ch);
	if (ch == '"') {
		j->in_string = true;
	} else if (ch == '{' || ch == '[') {
		j->depth += j->depth < MAX_DEPTH;
	} else if (ch == '}' || ch == ']') {
		j->depth--;
		if (j->depth == base) {
			if (j->object.cut)
				od_out_note(out, j->first, "an entry longer than 4 MiB is left out");
			else
				take_object(j, out);
			od_buf_reset(&j->object);
		}
	}
}

static size_t json_feed(void *self, struct od_out *out, const char *s, size_t len)
{
	struct json *j = self;

	for (size_t i = 0; i < len; i++) {
		/* Entries of a journal stand on one line each: a new line starts over. */
		if (s[i] == '\n') {
			j->lineno++;
			if (j->in_string) {
				put_raw(j, out);
				od_buf_reset(&j->object);
				j->in_string = j->escape = false;
				j->depth = j->wrapped ? 2 : 0;
				continue;
			}
		}
		json_byte(j, out, s[i]);
	}
	return len;
}

static void json_end(void *self, struct od_out *out)
{
	struct json *j = self;

	if (j->depth > (j->wrapped ? 2 : 0))
		put_raw(j, out);
}
#endif

const struct od_decoder od_decode_json = {
	.probe = json_probe,
#ifdef HAVE_JANSSON
	.create = json_create,
	.destroy = json_destroy,
	.feed = json_feed,
	.end = json_end,
#else
	.missing = "the JSON of a journal is read as text: this build has no jansson",
#endif
};
