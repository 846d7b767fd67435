/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which lines are events: the rows of timeline.def. */
#include <string.h>

#include "base/cursor.h"
#include "text/litset.h"
#include "text/timeline-internal.h"
#include "text/timeline.h"

enum { NOT = -1 };

/* Each judge says how severe the event is, NOT if it is none. c stands after the literal. */
typedef int judge_fn(const struct od_record *rec, struct od_cursor c, enum od_severity severity);

static bool has(const struct od_record *rec, const char *lit)
{
	return od_find(rec->text, rec->len, lit) != NULL;
}

static int timed_out(const struct od_record *rec, struct od_cursor c, enum od_severity severity)
{
	return od_find(c.p, od_cur_left(&c), "timeout") || has(rec, "timed out") ? (int)severity :
										   NOT;
}

static int nfs_server(const struct od_record *rec, struct od_cursor c, enum od_severity severity)
{
	if (od_find(c.p, od_cur_left(&c), "not responding"))
		return (int)severity;
	return has(rec, " OK") ? OD_SEV_INFO : NOT;
}

static int aer_severity(const struct od_record *rec, struct od_cursor c, enum od_severity severity)
{
	(void)c;
	if (has(rec, "on-fatal") || has(rec, "on-Fatal"))
		return OD_SEV_MEDIUM;
	if (has(rec, "(Fatal)"))
		return OD_SEV_HIGH;
	return has(rec, "orrect") && !has(rec, "ncorrect") ? OD_SEV_LOW : (int)severity;
}

/* "EDAC MC0: 1 CE ..", "EDAC MC1: 1 UE .."; a driver says other things at boot. */
static int edac(const struct od_record *rec, struct od_cursor c, enum od_severity severity)
{
	uint64_t n;

	(void)rec;
	if (!od_cur_dec(&c, &n) || !od_cur_lit(&c, ": ") || !od_cur_dec(&c, &n))
		return NOT;
	if (od_cur_lit(&c, " UE "))
		return OD_SEV_HIGH;
	return od_cur_lit(&c, " CE ") ? (int)severity : NOT;
}

/* Of the many lines of one hardware error only the one that says what it is. */
static int hardware_error(const struct od_record *rec, struct od_cursor c,
			  enum od_severity severity)
{
	static const struct {
		const char *text;
		enum od_severity severity;
	} texts[] = {
		{ "Machine check events logged", OD_SEV_LOW },
		{ "Machine Check Exception: ", OD_SEV_HIGH },
		{ "event severity: fatal", OD_SEV_HIGH },
		{ "event severity: recoverable", OD_SEV_HIGH },
		{ "event severity: corrected", OD_SEV_LOW },
		{ "System Fatal error", OD_SEV_HIGH },
		{ "Uncorrected, software", OD_SEV_HIGH },
		{ "Corrected error, no action required", OD_SEV_LOW },
		{ "Deferred error", OD_SEV_MEDIUM },
	};

	(void)rec;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (od_find(c.p, od_cur_left(&c), texts[i].text))
			return (int)texts[i].severity;
	return od_find(c.p, od_cur_left(&c), ": Machine Check: ") ? (int)severity : NOT;
}

/* "traps: prog[12] general protection fault ip:.. sp:.. error:0 in bin[..]" */
static int program_trap(const struct od_record *rec, struct od_cursor c, enum od_severity severity)
{
	(void)rec;
	return od_find(c.p, od_cur_left(&c), " ip:") ? (int)severity : NOT;
}

/* One event, whatever device or processor it names. */
static int one_of_all(const struct od_record *rec, struct od_cursor c, enum od_severity severity)
{
	(void)rec;
	(void)c;
	return (int)severity;
}

static const struct {
	const char *literal;
	enum od_event_category category;
	enum od_severity severity;
	judge_fn *judge;
} rows[] = {
#define OD_EVENT(literal, category, severity, judge)                                               \
	{ literal, OD_EVENT_##category, OD_SEV_##severity, judge },
#define OD_EVENT_NEAR OD_EVENT
#include "text/timeline.def"
#undef OD_EVENT
#undef OD_EVENT_NEAR
};
enum { NROWS = sizeof(rows) / sizeof(*rows) };
_Static_assert((int)NROWS <= (int)OD_LITSET_MAX, "they fit a set of literals");

const char *const od_timeline_markers[] = {
#define OD_EVENT(literal, category, severity, judge) literal,
#define OD_EVENT_NEAR(literal, category, severity, judge)
#include "text/timeline.def"
#undef OD_EVENT
#undef OD_EVENT_NEAR
	NULL,
};

/* Numbers change from one line to the next; "sda", "nvme0n1" and "eth0" tell devices apart. */
static uint64_t hash_words(const struct od_record *rec)
{
	const char *p = rec->text, *end = p + rec->len;
	uint64_t h = 0xcbf29ce484222325;

	while (p < end) {
		const char *word = p;
		bool digits = false, hex = true;

		while (p < end && od_is_alnum(*p)) {
			digits |= od_is_digit(*p);
			hex &= od_is_hex(*p) || (p == word + 1 && *p == 'x');
			p++;
		}
		if (p == word) {
			h = (h ^ (uint8_t)*p++) * 0x100000001b3;
			continue;
		}
		if ((digits && hex) || od_is_digit(*word)) {
			h = (h ^ '#') * 0x100000001b3;
			continue;
		}
		for (; word < p; word++)
			h = (h ^ (uint8_t)*word) * 0x100000001b3;
	}
	return h;
}

bool od_event_find(const struct od_record *rec, struct od_event_kind *ret)
{
	static struct od_litset literals;
	struct od_cursor at = { NULL, rec->text + rec->len };
	unsigned row;
	int severity;

	while (literals.n < NROWS)
		od_litset_add(&literals, rows[literals.n].literal);
	row = od_litset_find(&literals, rec->text, rec->len, 0, &at.p);
	if (row == NROWS)
		return false;
	severity = rows[row].judge ? rows[row].judge(rec, at, rows[row].severity) :
				     (int)rows[row].severity;
	if (severity == NOT)
		return false;
	*ret = (struct od_event_kind){
		.row = (uint16_t)row,
		.key = rows[row].judge == one_of_all ? row : hash_words(rec),
		.category = rows[row].category,
		.severity = (enum od_severity)severity,
	};
	return true;
}
