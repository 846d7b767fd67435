/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analyze/plugin-wire.h"

#include <string.h>

#include "analyze/plugin-internal.h"
#include "base/escape.h"

void od_wire_u32(struct od_buf *buf, uint32_t v)
{
	od_buf_add(buf, &v, sizeof(v));
}

void od_wire_u64(struct od_buf *buf, uint64_t v)
{
	od_buf_add(buf, &v, sizeof(v));
}

void od_wire_str(struct od_buf *buf, const char *s)
{
	size_t len = strlen(s);

	od_wire_u32(buf, (uint32_t)len);
	od_buf_add(buf, s, len);
}

static bool id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool od_wire_id_ok(const char *id, size_t len)
{
	size_t slash = 0, slashes = 0;

	if (len < 3 || len > OD_PLUGIN_ID_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (id[i] == '/') {
			slash = i;
			slashes++;
		} else if (!id_char(id[i])) {
			return false;
		}
	}
	return slashes == 1 && slash > 0 && slash < len - 1;
}

/* A reader that turns to failure once and for all when bytes run out. */
struct reader {
	const char *p, *end;
	bool bad;
};

static uint32_t get_u32(struct reader *r)
{
	uint32_t v = 0;

	if (r->bad || (size_t)(r->end - r->p) < sizeof(v)) {
		r->bad = true;
		return 0;
	}
	memcpy(&v, r->p, sizeof(v));
	r->p += sizeof(v);
	return v;
}

static uint64_t get_u64(struct reader *r)
{
	uint64_t v = 0;

	if (r->bad || (size_t)(r->end - r->p) < sizeof(v)) {
		r->bad = true;
		return 0;
	}
	memcpy(&v, r->p, sizeof(v));
	r->p += sizeof(v);
	return v;
}

/* A copy in the report; "" on failure. */
static const char *get_str(struct reader *r, struct od_report *rep)
{
	uint32_t len = get_u32(r);
	const char *s = r->p;

	if (r->bad || len > OD_PLUGIN_TEXT_MAX || (size_t)(r->end - r->p) < len) {
		r->bad = true;
		return "";
	}
	r->p += len;
	return od_arena_strndup(&rep->arena, s, len);
}

static bool id_known(const struct od_report *rep, const char *id)
{
	for (uint32_t i = 0; i < rep->nfindings; i++)
		if (!strcmp(rep->findings[i].id, id))
			return true;
	return false;
}

static unsigned count_of(const struct od_report *rep, const char *plugin)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < rep->nfindings; i++)
		n += !strcmp(rep->findings[i].plugin, plugin);
	return n;
}

/* *f is NULL if the finding is left out: what follows for it is then read and dropped. */
static void get_finding(struct reader *r, struct od_report *rep, const char *plugin,
			struct od_finding **f)
{
	struct od_finding v = { .plugin = plugin };
	uint32_t severity, has_cause;
	const char *cause;

	*f = NULL;
	v.id = get_str(r, rep);
	v.title = get_str(r, rep);
	severity = get_u32(r);
	v.score = get_u32(r);
	has_cause = get_u32(r);
	cause = get_str(r, rep);
	v.cause = has_cause ? cause : NULL;
	if (r->bad || !od_wire_id_ok(v.id, strlen(v.id)) || severity > OD_SEV_CRITICAL ||
	    v.score > 100) {
		r->bad = true;
		return;
	}
	v.severity = (enum od_severity)severity;
	if (id_known(rep, v.id))
		return;
	/* The child keeps this limit as well, but the child may be the plugin's by now. */
	if (count_of(rep, plugin) >= OD_PLUGIN_FINDINGS_MAX)
		return;
	v.plugin = od_arena_strdup(&rep->arena, plugin);
	*f = od_push(&rep->arena, rep->findings, rep->nfindings, rep->findings_cap);
	**f = v;
}

static bool place_ok(const struct od_report *rep, int32_t stack, int32_t frame)
{
	if (stack == -1)
		return frame == -1;
	if (stack < 0 || (uint32_t)stack >= rep->nstacks)
		return false;
	return frame == -1 ||
	       (frame >= 0 && (uint32_t)frame < rep->stacks[stack].nframes);
}

static void get_evidence(struct reader *r, struct od_report *rep, struct od_finding *f)
{
	struct od_evidence e = { 0 };
	uint32_t grade = get_u32(r), *lines = NULL;

	e.text = get_str(r, rep);
	e.nlines = get_u32(r);
	if (r->bad || grade > OD_GRADE_STRONG || e.nlines > OD_PLUGIN_LINES_MAX) {
		r->bad = true;
		return;
	}
	if (e.nlines)
		lines = od_arena_alloc(&rep->arena, e.nlines * sizeof(*lines));
	for (uint32_t i = 0; i < e.nlines; i++)
		lines[i] = get_u32(r);
	e.lines = lines;
	e.grade = (enum od_grade)grade;
	e.stack = (int32_t)get_u32(r);
	e.frame = (int32_t)get_u32(r);
	e.has_address = get_u32(r) != 0;
	e.address = get_u64(r);
	if (r->bad || !place_ok(rep, e.stack, e.frame)) {
		r->bad = true;
		return;
	}
	if (f && f->nevidence < OD_MAX_EVIDENCE)
		*od_push(&rep->arena, f->evidence, f->nevidence, f->evidence_cap) = e;
}

static void get_text(struct reader *r, struct od_report *rep, struct od_finding *f, uint32_t item)
{
	const char *text = get_str(r, rep);

	if (r->bad || !f)
		return;
	if (item == OD_WIRE_ADVICE && f->nadvice < OD_MAX_EVIDENCE)
		*od_push(&rep->arena, f->advice, f->nadvice, f->advice_cap) = text;
	if (item == OD_WIRE_REFERENCE && f->nreferences < OD_MAX_EVIDENCE)
		*od_push(&rep->arena, f->references, f->nreferences, f->references_cap) = text;
	if (item == OD_WIRE_LISTING && f->nlisting < OD_MAX_EVIDENCE)
		*od_push(&rep->arena, f->listing, f->nlisting, f->listing_cap) = text;
}

static void get_note(struct reader *r, struct od_report *rep, const char *plugin, uint32_t line)
{
	const char *text = get_str(r, rep);

	if (!r->bad)
		od_report_note(rep, line, "plugin %s: %s", plugin, text);
}

/* One report's items. False if they make no sense; what came before the nonsense stays. */
static bool apply_items(struct reader *r, struct od_report *rep, const char *plugin)
{
	struct od_finding *f = NULL;
	bool seen = false;

	while (!r->bad && r->p < r->end) {
		uint32_t item = get_u32(r), line;
		int32_t result;

		if (!seen && ((item >= OD_WIRE_EVIDENCE && item <= OD_WIRE_REFERENCE) ||
			      item == OD_WIRE_LISTING))
			return false;
		switch (item) {
		case OD_WIRE_FINDING:
			get_finding(r, rep, plugin, &f);
			seen = true;
			break;
		case OD_WIRE_EVIDENCE:
			get_evidence(r, rep, f);
			break;
		case OD_WIRE_ADVICE:
		case OD_WIRE_REFERENCE:
		case OD_WIRE_LISTING:
			get_text(r, rep, f, item);
			break;
		case OD_WIRE_NOTE:
			line = get_u32(r);
			get_note(r, rep, plugin, line);
			break;
		case OD_WIRE_RESULT:
			result = (int32_t)get_u32(r);
			if (result < 0 && !r->bad)
				od_report_note(rep, 0, "plugin %s: failed with code %d", plugin,
					       result);
			return !r->bad && r->p == r->end;
		default:
			return false;
		}
	}
	return false;
}

const char *od_wire_apply(struct od_input *in, uint32_t first, uint32_t n, const char *name,
			  const char *data, size_t len)
{
	struct reader r = { data, data + len, false };

	while (r.p < r.end) {
		struct reader message;
		uint32_t magic = get_u32(&r), size = get_u32(&r), index;

		if (r.bad)
			return "";
		if (magic == OD_WIRE_DONE)
			return size || r.p != r.end ? "bytes after its end" : NULL;
		if (magic != OD_WIRE_REPORT)
			return "not a message";
		if ((size_t)(r.end - r.p) < size)
			return "";
		message = (struct reader){ r.p, r.p + size, false };
		index = get_u32(&message);
		if (message.bad || index < first || index - first >= n)
			return "a report that it was not asked about";
		if (!apply_items(&message, in->reports[index], name))
			return "a damaged message";
		r.p += size;
	}
	return "";
}

/* The lines of one message; false if it is damaged. */
static bool answer_lines(struct reader *r, struct od_buf *out, int32_t *result)
{
	for (uint32_t lines = 0; !r->bad && r->p < r->end; lines++) {
		uint32_t item = get_u32(r), n = get_u32(r);

		if (item == OD_WIRE_RESULT) {
			*result = (int32_t)n;
			return !r->bad && r->p == r->end;
		}
		if (r->bad || item != OD_WIRE_LISTING || n > OD_PLUGIN_TEXT_MAX ||
		    (size_t)(r->end - r->p) < n || lines >= OD_PLUGIN_ANSWER_MAX)
			return false;
		od_escape(out, OD_ESCAPE_TEXT, r->p, n);
		od_buf_addch(out, '\n');
		r->p += n;
	}
	return false;
}

const char *od_wire_answer(uint32_t report, const char *data, size_t len, struct od_buf *out,
			   int32_t *result)
{
	struct reader r = { data, data + len, false }, message;
	uint32_t magic = get_u32(&r), size = get_u32(&r);

	if (r.bad || (size_t)(r.end - r.p) < size)
		return "";
	message = (struct reader){ r.p, r.p + size, false };
	if (magic != OD_WIRE_REPORT || get_u32(&message) != report ||
	    !answer_lines(&message, out, result))
		return "a damaged message";
	r.p += size;
	magic = get_u32(&r);
	size = get_u32(&r);
	return r.bad ? "" : magic != OD_WIRE_DONE || size || r.p != r.end ? "bytes after its end" : NULL;
}
