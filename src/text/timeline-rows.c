/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which lines are events: the rows of timeline.def. Each literal is looked up by its rarest three
 * bytes, so that a record costs one table access a byte.
 */
#include <string.h>

#include "base/cursor.h"
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
enum { NROWS = sizeof(rows) / sizeof(*rows), BUCKETS = 4096 };

const char *const od_timeline_markers[] = {
#define OD_EVENT(literal, category, severity, judge) literal,
#define OD_EVENT_NEAR(literal, category, severity, judge)
#include "text/timeline.def"
#undef OD_EVENT
#undef OD_EVENT_NEAR
	NULL,
};

static struct {
	uint8_t first[BUCKETS]; /* 1 + the first row whose three bytes hash to it */
	uint8_t next[NROWS];
	uint8_t at[NROWS]; /* where in the literal they stand */
	bool built;
} lookup;
_Static_assert(NROWS < 255, "a row's number fits a byte");

static unsigned hash3(const char *p)
{
	return ((uint8_t)p[0] * 1009u + (uint8_t)p[1] * 131u + (uint8_t)p[2] * 17u) % BUCKETS;
}

/* How rare a byte is in a log, roughly. */
static unsigned rarity(char c)
{
	if (c >= 'a' && c <= 'z')
		return strchr("etaoinsrdlc", c) ? 1 : strchr("jqxzwvk", c) ? 4 : 2;
	return od_is_digit(c) || c == ' ' || c == ':' ? 0 : 5;
}

static void build_index(void)
{
	for (unsigned i = 0; i < NROWS; i++) {
		const char *lit = rows[i].literal;
		size_t len = strlen(lit);
		unsigned best = 0, h;

		for (unsigned k = 0; k + 3 <= len; k++) {
			unsigned r = rarity(lit[k]) + rarity(lit[k + 1]) + rarity(lit[k + 2]);

			if (r > best) {
				best = r;
				lookup.at[i] = (uint8_t)k;
			}
		}
		h = hash3(lit + lookup.at[i]);
		lookup.next[i] = lookup.first[h];
		lookup.first[h] = (uint8_t)(i + 1);
	}
	lookup.built = true;
}

/* The row of the lowest number whose literal is in the text, NROWS if none is; *at: after it. */
static unsigned find_row(const struct od_record *rec, struct od_cursor *at)
{
	const char *end = rec->text + rec->len;
	unsigned found = NROWS;

	if (!lookup.built)
		build_index();
	for (const char *p = rec->text; end - p >= 3; p++) {
		for (unsigned i = lookup.first[hash3(p)]; i; i = lookup.next[i - 1]) {
			const unsigned row = i - 1;
			const char *start = p - lookup.at[row];
			size_t len;

			if (row >= found || p - rec->text < lookup.at[row])
				continue;
			len = strlen(rows[row].literal);
			if ((size_t)(end - start) < len ||
			    memcmp(start, rows[row].literal, len) != 0)
				continue;
			found = row;
			*at = (struct od_cursor){ start + len, end };
		}
	}
	return found;
}

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
	struct od_cursor at;
	unsigned row = find_row(rec, &at);
	int severity;

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
