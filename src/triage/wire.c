/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/wire.h"

#include <string.h>

/* The fields of each kind, in their order: what is written, and what is read. */
enum field_type { U8, BOOL, U32, U64, STR };

struct field {
	enum field_type type;
	size_t at; /* in struct od_item */
};

#define AT(member) offsetof(struct od_item, member)

static const struct field input_fields[] = {
	{ U32, AT(input.number) }, { STR, AT(input.name) },   { STR, AT(input.kind) },
	{ STR, AT(input.status) }, { STR, AT(input.error) },  { U64, AT(input.bytes) },
	{ U32, AT(input.lines) },  { STR, AT(input.json) },
};

static const struct field report_fields[] = {
	{ U32, AT(report.input) },	{ U8, AT(report.severity) },
	{ U8, AT(report.confidence) },	{ BOOL, AT(report.consequence) },
	{ U32, AT(report.weight) },	{ U32, AT(report.line) },
	{ U32, AT(report.pid) },	{ U64, AT(report.time_us) },
	{ U64, AT(report.seen) },	{ STR, AT(report.kind) },
	{ STR, AT(report.title) },	{ STR, AT(report.signature) },
	{ STR, AT(report.stack_hash) }, { STR, AT(report.function) },
	{ STR, AT(report.module) },	{ STR, AT(report.release) },
	{ STR, AT(report.hardware) },	{ STR, AT(report.comm) },
	{ STR, AT(report.frames) },	{ STR, AT(report.findings) },
	{ STR, AT(report.text) },	{ STR, AT(report.json) },
	{ STR, AT(report.html) },
};

static const struct field note_fields[] = { { STR, AT(note) } };
static const struct field message_fields[] = { { U64, AT(message.offset) }, { U64, AT(message.length) } };
static const struct field total_fields[] = {
	{ U32, AT(total.inputs) },
	{ U32, AT(total.reports) },
	{ U64, AT(total.bytes) },
	{ BOOL, AT(total.stopped) },
};

static const struct field job_fields[] = {
	{ U64, AT(job.ticket) }, { U64, AT(job.offset) }, { U64, AT(job.length) },
	{ STR, AT(job.path) },	 { STR, AT(job.stamp) },  { BOOL, AT(job.message) },
};
static const struct field looked_fields[] = {
	{ U64, AT(looked.ticket) }, { U8, AT(looked.what) },   { STR, AT(looked.content) },
	{ STR, AT(looked.stamp) },  { U64, AT(looked.time) },  { U64, AT(looked.bytes) },
};
static const struct field go_fields[] = { { BOOL, AT(go.run) } };
static const struct field result_fields[] = {
	{ U64, AT(result.ticket) },   { U8, AT(result.end) },	 { STR, AT(result.why) },
	{ STR, AT(result.degraded) }, { U32, AT(result.bytes) },
};

#define ROW(list) { list, sizeof(list) / sizeof(*(list)) }

static const struct {
	const struct field *fields;
	size_t n;
} kinds[] = {
	[OD_ITEM_INPUT] = ROW(input_fields),	 [OD_ITEM_REPORT] = ROW(report_fields),
	[OD_ITEM_NOTE] = ROW(note_fields),	 [OD_ITEM_MESSAGE] = ROW(message_fields),
	[OD_ITEM_TOTAL] = ROW(total_fields),	 [OD_ITEM_JOB] = ROW(job_fields),
	[OD_ITEM_LOOKED] = ROW(looked_fields),	 [OD_ITEM_GO] = ROW(go_fields),
	[OD_ITEM_RESULT] = ROW(result_fields),
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static void put(struct od_buf *buf, uint64_t value, unsigned bytes)
{
	char raw[8];

	for (unsigned i = 0; i < bytes; i++)
		raw[i] = (char)(value >> (8 * i));
	od_buf_add(buf, raw, bytes);
}

static void put_field(struct od_buf *buf, const struct field *field, const struct od_item *item)
{
	const char *p = (const char *)item + field->at, *s;
	uint32_t u32;
	uint64_t u64;

	switch (field->type) {
	case U8:
		put(buf, *(const uint8_t *)p, 1);
		break;
	case BOOL:
		put(buf, *(const bool *)p, 1);
		break;
	case U32:
		memcpy(&u32, p, sizeof(u32));
		put(buf, u32, 4);
		break;
	case U64:
		memcpy(&u64, p, sizeof(u64));
		put(buf, u64, 8);
		break;
	case STR:
		memcpy(&s, p, sizeof(s));
		s = s ? s : "";
		put(buf, strlen(s), 4);
		od_buf_add(buf, s, strlen(s) + 1);
		break;
	}
}

bool od_item_encode(struct od_buf *buf, const struct od_item *item)
{
	const size_t start = buf->len;
	size_t len;

	put(buf, 0, 4);
	put(buf, item->kind, 1);
	for (size_t i = 0; i < kinds[item->kind].n; i++)
		put_field(buf, &kinds[item->kind].fields[i], item);
	len = buf->len - start - 4;
	if (len > OD_ITEM_MAX) {
		buf->len = start;
		return false;
	}
	for (unsigned i = 0; i < 4; i++)
		buf->data[start + i] = (char)(len >> (8 * i));
	return true;
}

struct reader {
	const unsigned char *p;
	size_t left;
	bool bad;
};

static uint64_t get(struct reader *r, unsigned bytes)
{
	uint64_t value = 0;

	if (r->bad || r->left < bytes) {
		r->bad = true;
		return 0;
	}
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)r->p[i] << (8 * i);
	r->p += bytes;
	r->left -= bytes;
	return value;
}

static const char *get_string(struct reader *r)
{
	const uint64_t len = get(r, 4);
	const char *s = (const char *)r->p;

	if (r->bad || len >= r->left || s[len] != '\0' || memchr(s, '\0', (size_t)len)) {
		r->bad = true;
		return "";
	}
	r->p += len + 1;
	r->left -= (size_t)len + 1;
	return s;
}

static void get_field(struct reader *r, const struct field *field, struct od_item *item)
{
	char *p = (char *)item + field->at;
	const char *s;
	uint64_t value;
	uint32_t u32;

	switch (field->type) {
	case U8:
		*(uint8_t *)p = (uint8_t)get(r, 1);
		break;
	case BOOL:
		value = get(r, 1);
		r->bad |= value > 1;
		*(bool *)p = value == 1;
		break;
	case U32:
		u32 = (uint32_t)get(r, 4);
		memcpy(p, &u32, sizeof(u32));
		break;
	case U64:
		value = get(r, 8);
		memcpy(p, &value, sizeof(value));
		break;
	case STR:
		s = get_string(r);
		memcpy(p, &s, sizeof(s));
		break;
	}
}

size_t od_item_length(const char *data, size_t len)
{
	struct reader r = { (const unsigned char *)data, len, false };
	const uint64_t size = get(&r, 4);

	/* Too much: the decoder says so. */
	return !r.bad && (size <= r.left || size > OD_ITEM_MAX) ? 4 + (size_t)size : 0;
}

bool od_item_decode(const char *data, size_t len, size_t *at, struct od_item *ret, bool *bad)
{
	struct reader r = { (const unsigned char *)data + *at, len - *at, false };
	uint64_t size, kind;

	*bad = false;
	if (!r.left)
		return false;
	size = get(&r, 4);
	*bad = r.bad || size > OD_ITEM_MAX || size > r.left || size < 1;
	if (*bad)
		return false;
	r.left = (size_t)size;
	kind = get(&r, 1);
	*bad = kind >= KINDS || !kinds[kind].n;
	if (*bad)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->kind = (enum od_item_kind)kind;
	for (size_t i = 0; i < kinds[kind].n; i++)
		get_field(&r, &kinds[kind].fields[i], ret);
	/* Nothing may be left over: both sides are of one build. */
	*bad = r.bad || r.left > 0 ||
	       (kind == OD_ITEM_REPORT && (ret->report.severity > OD_SEV_CRITICAL ||
					   ret->report.confidence > OD_CONF_HIGH));
	*at += 4 + (size_t)size;
	return !*bad;
}
