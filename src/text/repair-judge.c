/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/cursor.h"
#include "model/limits.h"
#include "model/record.h"
#include "text/prefix.h"
#include "text/repair-internal.h"

enum {
	WIDTH_MIN = 40,	 /* no mailer folds narrower */
	WIDTH_MAX = 200, /* nor wider: longer lines were not folded */
	BLANKS_MAX = 4,	 /* blank lines inside a record: what a client leaves around a hard cut */
};

size_t od_repair_next_time(const char *s, size_t len, size_t from)
{
	while (from < len) {
		const char *p = memchr(s + from, '[', len - from);

		if (!p)
			return len;
		from = (size_t)(p - s);
		/* A time follows a blank or another bracket; "foo[ 1.234567]" is no time. */
		if ((!from || od_is_blank(s[from - 1]) || s[from - 1] == ']') &&
		    od_printk_time(p, len - from, NULL))
			return from;
		from++;
	}
	return len;
}

static bool torn_time_rest(const char *s, size_t len)
{
	struct od_cursor c = od_cursor_init(s, len);
	uint64_t n;
	const char *f;

	od_cur_blanks(&c);
	f = c.p;
	if (!od_cur_dec(&c, &n) || c.p - f > 9 || !od_cur_char(&c, '.'))
		return false;
	f = c.p;
	return od_cur_dec(&c, &n) && c.p - f == 6 && od_cur_char(&c, ']');
}

void od_repair_classify(const char *text, struct rline *lines, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct rline *l = &lines[i];
		const char *s = text + l->start;
		struct od_prefix p;
		size_t mid;

		if (l->classified || !l->trim) {
			l->classified = true;
			continue;
		}
		l->classified = true;
		od_prefix_parse(s, l->len, &p);
		l->stamped = p.ts_us != OD_TS_NONE;
		l->prefixed = p.len > 0;
		l->foreign = p.flags & OD_REC_FOREIGN;
		mid = od_repair_next_time(s, l->trim, p.len ? p.len : 1);
		if (mid < l->trim && mid > 0 && !l->foreign)
			l->mid = (uint32_t)mid;
		l->torn_end = s[l->trim - 1] == '[' && (l->trim == 1 || od_is_blank(s[l->trim - 2]));
		l->torn_start = !p.len && torn_time_rest(s, l->trim);
		if (!p.len && !l->mid && l->trim <= WIDTH_MAX) {
			bool in_trace = false;
			size_t at = od_repair_next_opener(s, l->trim, 0, &in_trace);

			l->opener = at == 0;
			l->inner = od_repair_next_opener(s, l->trim, 1, &in_trace) < l->trim;
		}
	}
}

bool od_repair_opens(const struct rline *l)
{
	return l->stamped || l->mid || l->opener;
}

/* "[mmfs26]": a module's tag alone on a line. */
static bool lone_tag(const char *s, size_t len)
{
	size_t i = 1;

	while (len && od_is_blank(*s))
		s++, len--;
	if (len < 3 || len > 80 || s[0] != '[' || s[len - 1] != ']' || !od_is_alpha(s[1]))
		return false;
	while (i < len - 1 && (od_is_alnum(s[i]) || s[i] == '_' || s[i] == '-' || s[i] == ' '))
		i++;
	return i == len - 1;
}

/* Can this line, after blank ones, still belong to the record before them? */
static bool survives_blank(const char *text, const struct rline *l)
{
	const char *s = text + l->start;

	if (l->stamped || l->torn_start)
		return true;
	if (lone_tag(s, l->trim))
		return true;
	/* "[mmfs26] [  156.790448] ...": the tag and the next record after it. */
	return l->mid && s[0] == '[' && lone_tag(s, l->mid - 1);
}

uint32_t od_repair_region_end(const char *text, const struct rline *lines, uint32_t i, uint32_t n,
			      bool *closed)
{
	uint32_t end = i + 1;

	*closed = true;
	while (end < n && end - i < OD_MAX_REPAIR_LINES) {
		uint32_t next = end;

		while (next < n && !lines[next].trim)
			next++;
		if (next - end > BLANKS_MAX)
			return end;
		if (next == n)
			break;
		if (next > end && !survives_blank(text, &lines[next]))
			return end;
		/* A region without times ends where times begin, and the other way round. */
		if (lines[i].opener && lines[next].stamped)
			return next;
		if (lines[next].foreign || (lines[next].prefixed && !lines[next].stamped))
			return next;
		end = next + 1;
	}
	*closed = false;
	return end;
}

uint32_t od_repair_safe_prefix(const struct rline *lines, uint32_t i, uint32_t end)
{
	uint32_t safe = i;

	/* Stamped line after stamped line: each is whole by itself. */
	for (uint32_t k = i; k < end; k++) {
		if (!lines[k].stamped || lines[k].mid || lines[k].torn_end)
			return safe;
		safe = k;
	}
	return safe;
}

/* Length of the first word of a line, its leading blanks skipped. */
static uint32_t first_word(const char *s, uint32_t len)
{
	uint32_t i = 0, from;

	while (i < len && od_is_blank(s[i]))
		i++;
	from = i;
	while (i < len && !od_is_blank(s[i]))
		i++;
	return i - from;
}

static bool single_word(const char *s, uint32_t len)
{
	return !memchr(s, ' ', len) && !memchr(s, '\t', len);
}

struct shape {
	uint32_t width;	   /* longest line */
	uint32_t runs_on;  /* breaks inside of records */
	uint32_t fits;	   /* of these, where the next word would not have fitted */
	uint32_t exact;	   /* of these, lines that fill the width to the last column */
	uint32_t torn, mid; /* torn times; lines with a time inside */
	uint32_t inner;	   /* lines without times that hold the start of a record inside */
};

static bool starts_record(const struct rline *l)
{
	return l->stamped && !l->torn_start;
}

static void measure(const char *text, const struct rline *lines, uint32_t n, struct shape *ret)
{
	const struct rline *prev = NULL;

	*ret = (struct shape){ 0 };
	for (uint32_t i = 0; i < n; i++)
		if (lines[i].trim > ret->width)
			ret->width = lines[i].trim;
	for (uint32_t i = 0; i < n; i++) {
		const struct rline *l = &lines[i];

		if (!l->trim)
			continue;
		ret->mid += l->mid != 0;
		ret->inner += l->inner;
		if (prev) {
			ret->torn += prev->torn_end && l->torn_start;
			if (!starts_record(l)) {
				uint32_t word = first_word(text + l->start, l->trim);

				ret->runs_on++;
				/* Trailing blanks are lost: one column of doubt. */
				ret->fits += prev->trim + 1 + word + 1 > ret->width;
				ret->exact += prev->trim + 1 >= ret->width;
			}
		}
		prev = l;
	}
}

/*
 * A line that ends inside a symbol: a mangled name without its "+0x", an offset or size that is not
 * written out, or a size below its offset, which cannot be.
 */
static bool unfinished_symbol(const char *s, uint32_t len)
{
	const char *end = s + len, *word = end, *plus;
	struct od_cursor c;
	uint64_t offset, size;

	while (word > s && !od_is_blank(word[-1]))
		word--;
	plus = od_find(word, (size_t)(end - word), "+");
	if (!plus)
		return end - word > 2 && word[0] == '_' && (word[1] == 'Z' || word[1] == 'R');
	c = (struct od_cursor){ plus + 1, end };
	if (plus == word || !od_cur_0x(&c, &offset))
		return end - plus <= 3;
	if (!od_cur_char(&c, '/'))
		return od_cur_end(&c);
	if (!od_cur_0x(&c, &size))
		return true;
	return od_cur_end(&c) && size < offset;
}

/* Was the line before cut in the middle of a word? */
static bool hard_cut(const char *text, const struct rline *prev, const struct shape *shape, bool hard)
{
	const char *s = text + prev->start;

	if (prev->trim < shape->width || prev->trim < WIDTH_MIN || prev->trim != prev->len)
		return false;
	return hard || single_word(s, prev->trim) || unfinished_symbol(s, prev->trim);
}

enum damage od_repair_judge(const char *text, struct rline *lines, uint32_t n)
{
	struct shape shape;
	enum damage damage;
	const struct rline *prev = NULL;
	bool hard;

	measure(text, lines, n, &shape);
	for (uint32_t i = 0; i < n; i++)
		lines[i].glue = GLUE_RECORD;
	/* Whole records, several on a line: a commit message or a tracker made blanks of line ends. */
	if (!shape.runs_on && shape.mid >= 2 && !shape.torn && lines[0].stamped) {
		for (uint32_t i = 0; i < n; i++)
			lines[i].glue = lines[i].trim ? GLUE_RECORD : GLUE_BLANK;
		return DAMAGE_TORN;
	}
	if (!shape.runs_on || shape.width > WIDTH_MAX || shape.width < WIDTH_MIN)
		return DAMAGE_NONE;
	if (lines[0].opener) {
		if (shape.inner < 3 ||
		    (shape.torn < 3 && shape.fits * 4 < shape.runs_on * 3))
			return DAMAGE_NONE;
		damage = DAMAGE_TORN;
	} else if (shape.torn || (shape.mid >= 2 && shape.fits * 2 > shape.runs_on))
		damage = DAMAGE_TORN;
	else if (shape.fits * 4 >= shape.runs_on * 3)
		damage = DAMAGE_WRAPPED;
	else
		return DAMAGE_NONE;
	/*
	 * Breaks at the very last column, but for lines that lost blanks at their end: the fold knew
	 * no words. One that does leaves most lines short of it.
	 */
	hard = shape.exact * 8 >= shape.runs_on * 7;
	for (uint32_t i = 0; i < n; i++) {
		struct rline *l = &lines[i];

		if (!l->trim) {
			l->glue = GLUE_BLANK;
			continue;
		}
		if (prev && (damage == DAMAGE_TORN || !starts_record(l)))
			l->glue = hard_cut(text, prev, &shape, hard) ? GLUE_NONE : GLUE_BLANK;
		if (damage == DAMAGE_WRAPPED && starts_record(l))
			l->glue = GLUE_RECORD;
		prev = l;
	}
	return damage;
}
