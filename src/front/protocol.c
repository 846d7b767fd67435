/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/protocol.h"

#include <string.h>

/* A payload being read: one bad field spoils the whole, so callers look at bad once, at the end. */
struct wire {
	const unsigned char *p;
	size_t left;
	bool bad;
};

static struct wire wire_init(const struct od_msg *msg)
{
	return (struct wire){ (const unsigned char *)msg->payload, msg->len, false };
}

static uint32_t get(struct wire *w, unsigned bytes)
{
	uint32_t value = 0;

	if (w->left < bytes) {
		w->bad = true;
		w->left = 0;
		return 0;
	}
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint32_t)w->p[i] << (8 * i);
	w->p += bytes;
	w->left -= bytes;
	return value;
}

static bool get_bool(struct wire *w)
{
	uint32_t value = get(w, 1);

	if (value > 1)
		w->bad = true;
	return value == 1;
}

/* What is left of the payload. */
static const char *get_rest(struct wire *w, size_t *len, size_t max)
{
	const char *p = (const char *)w->p;

	if (w->left > max)
		w->bad = true;
	*len = w->left;
	w->left = 0;
	return p;
}

static bool wire_done(const struct wire *w)
{
	return !w->bad && w->left == 0;
}

static void put(struct od_buf *buf, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		od_buf_addch(buf, (char)(value >> (8 * i)));
}

void od_msg_encode(struct od_buf *buf, enum od_msg_type type, uint8_t flags, const void *payload,
		   size_t len)
{
	put(buf, (uint32_t)len, 4);
	put(buf, type, 1);
	put(buf, flags, 1);
	put(buf, 0, 2);
	od_buf_add(buf, payload, len);
}

static bool known_type(unsigned type)
{
	return (type >= OD_MSG_RUN && type <= OD_MSG_CANCEL) ||
	       (type >= OD_MSG_OUTPUT && type <= OD_MSG_TICKET);
}

enum od_decode od_msg_decode(const char *data, size_t len, struct od_msg *msg, size_t *used)
{
	struct wire w = { (const unsigned char *)data, len, false };
	uint32_t size, type, flags;

	if (len < OD_MSG_HEADER)
		return OD_DECODE_MORE;
	size = get(&w, 4);
	type = get(&w, 1);
	flags = get(&w, 1);
	if (get(&w, 2) != 0 || size > OD_MSG_MAX || !known_type(type) || flags > OD_MSG_MORE)
		return OD_DECODE_BAD;
	if (w.left < size)
		return OD_DECODE_MORE;
	msg->type = type;
	msg->flags = (uint8_t)flags;
	msg->payload = (const char *)w.p;
	msg->len = size;
	*used = OD_MSG_HEADER + (size_t)size;
	return OD_DECODE_OK;
}

/* Head and tail of a message whose payload is built in between. */
static size_t begin(struct od_buf *buf, enum od_msg_type type)
{
	od_msg_encode(buf, type, 0, "", 0);
	return buf->len;
}

static void end(struct od_buf *buf, size_t start)
{
	size_t size = buf->len - start;

	for (unsigned i = 0; i < 4; i++)
		buf->data[start - OD_MSG_HEADER + i] = (char)(size >> (8 * i));
}

void od_run_encode(struct od_buf *buf, const struct od_run *run)
{
	size_t start = begin(buf, OD_MSG_RUN);

	put(buf, run->format, 1);
	put(buf, run->colour, 1);
	put(buf, run->explain, 1);
	put(buf, run->verbose, 1);
	put(buf, run->stream, 1);
	put(buf, run->hex, 1);
	put(buf, run->wire, 1);
	put(buf, run->width, 2);
	put(buf, run->id_base, 4);
	put(buf, run->index, 4);
	put(buf, run->ninputs, 4);
	put(buf, run->timeout_ms, 4);
	od_buf_add(buf, run->line, run->line_len);
	end(buf, start);
}

bool od_run_decode(const struct od_msg *msg, struct od_run *ret)
{
	struct wire w = wire_init(msg);

	ret->format = (uint8_t)get(&w, 1);
	ret->colour = get_bool(&w);
	ret->explain = get_bool(&w);
	ret->verbose = get_bool(&w);
	ret->stream = get_bool(&w);
	ret->hex = get_bool(&w);
	ret->wire = get_bool(&w);
	ret->width = (uint16_t)get(&w, 2);
	ret->id_base = get(&w, 4);
	ret->index = get(&w, 4);
	ret->ninputs = get(&w, 4);
	ret->timeout_ms = get(&w, 4);
	ret->line = get_rest(&w, &ret->line_len, OD_MSG_LINE_MAX);
	return wire_done(&w);
}

void od_completion_encode(struct od_buf *buf, const struct od_completion *comp)
{
	size_t start = begin(buf, OD_MSG_COMPLETE);

	put(buf, comp->seq, 4);
	put(buf, comp->point, 4);
	od_buf_add(buf, comp->line, comp->line_len);
	end(buf, start);
}

bool od_completion_decode(const struct od_msg *msg, struct od_completion *ret)
{
	struct wire w = wire_init(msg);

	ret->seq = get(&w, 4);
	ret->point = get(&w, 4);
	ret->line = get_rest(&w, &ret->line_len, OD_MSG_LINE_MAX);
	return wire_done(&w) && ret->point <= ret->line_len;
}

void od_words_encode(struct od_buf *buf, uint32_t seq, const char *words, size_t len)
{
	size_t start = begin(buf, OD_MSG_WORDS);

	put(buf, seq, 4);
	od_buf_add(buf, words, len);
	end(buf, start);
}

bool od_words_decode(const struct od_msg *msg, uint32_t *seq, const char **words, size_t *len)
{
	struct wire w = wire_init(msg);

	*seq = get(&w, 4);
	*words = get_rest(&w, len, OD_MSG_MAX);
	return wire_done(&w);
}

void od_say_encode(struct od_buf *buf, enum od_say_level level, const char *text)
{
	size_t len = strlen(text);
	size_t start = begin(buf, OD_MSG_SAY);

	put(buf, level, 1);
	od_buf_add(buf, text, len < OD_MSG_MAX - 1 ? len : OD_MSG_MAX - 1);
	end(buf, start);
}

bool od_say_decode(const struct od_msg *msg, enum od_say_level *level, const char **text,
		   size_t *len)
{
	struct wire w = wire_init(msg);
	uint32_t value = get(&w, 1);

	*level = value <= OD_SAY_INPUT ? value : OD_SAY_ERROR;
	*text = get_rest(&w, len, OD_MSG_MAX);
	return wire_done(&w) && value <= OD_SAY_INPUT;
}

void od_done_encode(struct od_buf *buf, const struct od_done *done)
{
	size_t start = begin(buf, OD_MSG_DONE);

	put(buf, done->status, 1);
	put(buf, done->flags, 1);
	put(buf, done->nreports, 4);
	put(buf, done->lines, 4);
	end(buf, start);
}

bool od_done_decode(const struct od_msg *msg, struct od_done *ret)
{
	struct wire w = wire_init(msg);

	ret->status = (uint8_t)get(&w, 1);
	ret->flags = (uint8_t)get(&w, 1);
	ret->nreports = get(&w, 4);
	ret->lines = get(&w, 4);
	return wire_done(&w) && ret->status <= 5 &&
	       ret->flags <= (OD_DONE_LOADED | OD_DONE_NO_CRASH);
}

void od_hello_encode(struct od_buf *buf, unsigned missing, const char *why, size_t len)
{
	size_t start = begin(buf, OD_MSG_HELLO);

	put(buf, missing, 1);
	od_buf_add(buf, why, len);
	end(buf, start);
}

bool od_hello_decode(const struct od_msg *msg, unsigned *missing, const char **why, size_t *len)
{
	struct wire w = wire_init(msg);

	*missing = get(&w, 1);
	*why = get_rest(&w, len, 1024);
	return wire_done(&w);
}
