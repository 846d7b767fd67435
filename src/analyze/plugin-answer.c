/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the child: what a plugin hands over is checked, written down, and sent report by report. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "analyze/plugin-api.h"
#include "analyze/plugin-internal.h"
#include "analyze/plugin-wire.h"

/* Bytes of the answer that items may take; the rest is for one result per report. */
enum {
	ITEMS_MAX = OD_MAX_PLUGIN_REPLY / 4 * 3,
	MAX_NOTES = 16, /* of one plugin on one report */
};

/* Tell whoever wrote the plugin, once for each report. */
static int32_t refuse(od_plugin_report *p, int32_t code, const char *why)
{
	bool *said = code == OD_PLUGIN_LIMIT ? &p->limited : &p->complained;

	if (!*said && !p->asked) {
		*said = true;
		od_wire_u32(&p->reply, OD_WIRE_NOTE);
		od_wire_u32(&p->reply, 0);
		od_wire_str(&p->reply, why);
	}
	return code;
}

static bool text_ok(const char *s)
{
	return s && strnlen(s, OD_PLUGIN_TEXT_MAX + 1) <= OD_PLUGIN_TEXT_MAX;
}

/* Room for one more item with these two texts? */
static bool room(const od_plugin_report *p, const char *a, const char *b)
{
	size_t need = 512 + (a ? strlen(a) : 0) + (b ? strlen(b) : 0);

	return p->sent + p->reply.len + need <= ITEMS_MAX;
}

static bool id_used(const od_plugin_report *p, const char *id)
{
	for (uint32_t i = 0; i < p->nids; i++)
		if (!strcmp(p->ids[i], id))
			return true;
	return false;
}

int32_t od_plugin_host_finding(od_plugin_report *p, const struct od_plugin_finding *finding)
{
	struct od_plugin_finding f;
	enum od_severity severity;

	if (!p || p->asked)
		return OD_PLUGIN_INVALID;
	p->open = false;
	if (!od_plugin_take(&f, sizeof(f), finding, OD_V1_FINDING))
		return refuse(p, OD_PLUGIN_INVALID, "a finding with a wrong argsz is refused");
	if (f.flags || f.padding)
		return refuse(p, OD_PLUGIN_INVALID,
			      "a finding with unknown flags or padding is refused");
	if (!text_ok(f.id) || !od_wire_id_ok(f.id, strlen(f.id)))
		return refuse(p, OD_PLUGIN_INVALID, "a finding with a wrong id is refused");
	if (!text_ok(f.title) || (f.cause && !text_ok(f.cause)) || f.score > 100 ||
	    !text_ok(f.severity) || !od_severity_by_name(f.severity, &severity))
		return refuse(p, OD_PLUGIN_INVALID,
			      "a finding with a wrong title, cause, score or severity is refused");
	if (id_used(p, f.id))
		return OD_PLUGIN_INVALID;
	if (p->nids >= OD_PLUGIN_FINDINGS_MAX || !room(p, f.title, f.cause))
		return refuse(p, OD_PLUGIN_LIMIT, "more findings than are kept");
	memcpy(p->ids[p->nids++], f.id, strlen(f.id) + 1);
	od_wire_u32(&p->reply, OD_WIRE_FINDING);
	od_wire_str(&p->reply, f.id);
	od_wire_str(&p->reply, f.title);
	od_wire_u32(&p->reply, severity);
	od_wire_u32(&p->reply, f.score);
	od_wire_u32(&p->reply, f.cause != NULL);
	od_wire_str(&p->reply, f.cause ? f.cause : "");
	p->open = true;
	p->nevidence = p->nadvice = p->nreferences = p->nlisting = 0;
	return OD_PLUGIN_OK;
}

static bool grade_by_name(const char *name, enum od_grade *ret)
{
	for (int i = OD_GRADE_WEAK; i <= OD_GRADE_STRONG; i++) {
		if (!strcmp(name, od_grade_name((enum od_grade)i))) {
			*ret = (enum od_grade)i;
			return true;
		}
	}
	return false;
}

static bool place_ok(const struct od_report *rep, int32_t stack, int32_t frame)
{
	if (stack < 0)
		return stack == -1 && frame == -1;
	return (uint32_t)stack < rep->nstacks && frame >= -1 &&
	       (frame == -1 || (uint32_t)frame < rep->stacks[stack].nframes);
}

int32_t od_plugin_host_evidence(od_plugin_report *p, const struct od_plugin_evidence *evidence)
{
	struct od_plugin_evidence e;
	enum od_grade grade;

	if (!p || !p->open || p->asked)
		return OD_PLUGIN_INVALID;
	if (!od_plugin_take(&e, sizeof(e), evidence, OD_V1_EVIDENCE))
		return refuse(p, OD_PLUGIN_INVALID, "evidence with a wrong argsz is refused");
	if ((e.flags & ~OD_EVIDENCE_ADDRESS) || e.padding)
		return refuse(p, OD_PLUGIN_INVALID,
			      "evidence with unknown flags or padding is refused");
	if (!text_ok(e.text) || !text_ok(e.grade) || !grade_by_name(e.grade, &grade) ||
	    (e.nlines && !e.lines) || !place_ok(p->rep, e.stack, e.frame))
		return refuse(p, OD_PLUGIN_INVALID,
			      "evidence with a wrong text, grade, line list or frame is refused");
	if (p->nevidence >= OD_MAX_EVIDENCE || e.nlines > OD_PLUGIN_LINES_MAX ||
	    !room(p, e.text, NULL))
		return refuse(p, OD_PLUGIN_LIMIT, "more evidence than is kept");
	p->nevidence++;
	od_wire_u32(&p->reply, OD_WIRE_EVIDENCE);
	od_wire_u32(&p->reply, grade);
	od_wire_str(&p->reply, e.text);
	od_wire_u32(&p->reply, e.nlines);
	for (uint32_t i = 0; i < e.nlines; i++)
		od_wire_u32(&p->reply, e.lines[i]);
	od_wire_u32(&p->reply, (uint32_t)e.stack);
	od_wire_u32(&p->reply, (uint32_t)e.frame);
	od_wire_u32(&p->reply, e.flags & OD_EVIDENCE_ADDRESS);
	od_wire_u64(&p->reply, e.address);
	return OD_PLUGIN_OK;
}

static int32_t add_text(od_plugin_report *p, uint32_t item, uint32_t *n, const char *text)
{
	const uint32_t most = p->asked ? OD_PLUGIN_ANSWER_MAX : OD_MAX_EVIDENCE;

	if (!p->open || (p->asked && item != OD_WIRE_LISTING) || !text_ok(text))
		return OD_PLUGIN_INVALID;
	if (*n >= most || !room(p, text, NULL))
		return refuse(p, OD_PLUGIN_LIMIT, "more advice, references or lines of a listing than are kept");
	++*n;
	od_wire_u32(&p->reply, item);
	od_wire_str(&p->reply, text);
	return OD_PLUGIN_OK;
}

int32_t od_plugin_host_advice(od_plugin_report *p, const char *text)
{
	return p ? add_text(p, OD_WIRE_ADVICE, &p->nadvice, text) : OD_PLUGIN_INVALID;
}

int32_t od_plugin_host_reference(od_plugin_report *p, const char *text)
{
	return p ? add_text(p, OD_WIRE_REFERENCE, &p->nreferences, text) : OD_PLUGIN_INVALID;
}

int32_t od_plugin_host_listing(od_plugin_report *p, const char *line)
{
	return p ? add_text(p, OD_WIRE_LISTING, &p->nlisting, line) : OD_PLUGIN_INVALID;
}

int32_t od_plugin_host_note(od_plugin_report *p, uint32_t line, const char *text)
{
	if (!p || p->asked || !text_ok(text))
		return OD_PLUGIN_INVALID;
	if (p->nnotes >= MAX_NOTES || !room(p, text, NULL))
		return refuse(p, OD_PLUGIN_LIMIT, "more notes than are kept");
	p->nnotes++;
	od_wire_u32(&p->reply, OD_WIRE_NOTE);
	od_wire_u32(&p->reply, line);
	od_wire_str(&p->reply, text);
	return OD_PLUGIN_OK;
}

static void find_context(od_plugin_report *p)
{
	const struct od_input *in = p->in;

	for (uint32_t i = 0; i < in->ncontext && p->ncontext < OD_MAX_CONTEXT; i++) {
		for (unsigned j = 0; p->slot->interest[j]; j++) {
			if (strstr(in->context[i].text, p->slot->interest[j])) {
				p->context[p->ncontext++] = &in->context[i];
				break;
			}
		}
	}
}

static void send_all(int fd, const void *data, size_t len)
{
	const char *s = data;

	while (len) {
		ssize_t n = write(fd, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(1);
		s += n;
		len -= (size_t)n;
	}
}

static void send_message(int fd, uint32_t magic, const struct od_buf *payload)
{
	uint32_t head[2] = { magic, (uint32_t)payload->len };

	send_all(fd, head, sizeof(head));
	send_all(fd, od_buf_str(payload), payload->len);
}

/* Each answer leaves at once: what an earlier report got survives a crash on a later one. */
void od_plugin_serve(const struct od_plugin_slot *slot, struct od_input *in, uint32_t first,
		     uint32_t n, int fd)
{
	struct od_plugin_host host = od_plugin_host_table;
	static od_plugin_report p;
	const struct od_buf nothing = OD_BUF_INIT;

	if (in->memory)
		host.flags |= OD_HOST_MEMORY;
	p.in = in;
	p.slot = slot;
	find_context(&p);
	for (uint32_t i = first; i < first + n; i++) {
		int32_t result;

		if (!od_plugin_wants(slot, in->reports[i]))
			continue;
		p.rep = in->reports[i];
		p.nids = p.nnotes = 0;
		p.open = p.complained = p.limited = false;
		od_buf_reset(&p.reply);
		od_wire_u32(&p.reply, i);
		result = slot->analyze(&host, &p);
		od_wire_u32(&p.reply, OD_WIRE_RESULT);
		od_wire_u32(&p.reply, (uint32_t)result);
		send_message(fd, OD_WIRE_REPORT, &p.reply);
		p.sent += p.reply.len + 2 * sizeof(uint32_t);
	}
	send_message(fd, OD_WIRE_DONE, &nothing);
}

void od_plugin_answer(const struct od_plugin_slot *slot, struct od_input *in, uint32_t report,
		      const char *question, int fd)
{
	struct od_plugin_host host = od_plugin_host_table;
	const struct od_buf nothing = OD_BUF_INIT;
	static od_plugin_report p;
	int32_t result;

	if (in->memory)
		host.flags |= OD_HOST_MEMORY;
	p.in = in;
	p.slot = slot;
	p.rep = in->reports[report];
	p.open = p.asked = true;
	find_context(&p);
	od_wire_u32(&p.reply, report);
	result = slot->ask(&host, &p, question);
	od_wire_u32(&p.reply, OD_WIRE_RESULT);
	od_wire_u32(&p.reply, (uint32_t)result);
	send_message(fd, OD_WIRE_REPORT, &p.reply);
	send_message(fd, OD_WIRE_DONE, &nothing);
}
