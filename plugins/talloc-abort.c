/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What talloc and tevent said themselves before they gave up. */
#include <stdlib.h>

#include "talloc.h"

enum {
	LINES_BEFORE = 500, /* how far from the backtrace the program's own output may stand */
	LINES_AFTER = 100,
};

struct mark {
	const char *text;
	const char *id, *severity;
	int score;
	const char *title, *cause, *advice;
};

static const char after_free[] =
	"talloc found the mark of a freed chunk where it was given a live object: the pointer is "
	"used after talloc_free(), of the object itself or of one of its parents.";
static const char after_free_advice[] =
	"The first free stands in the message, where talloc could still read it: compare its owner "
	"with the caller here. TALLOC_FREE_FILL and talloc_report_full() show what it took along.";
static const char event_advice[] =
	"An event must be freed by one owner, and not by its own handler and again by what the "
	"handler frees; look at both ends.";

static const struct mark marks[] = {
	{"first free may be at", "talloc/access-after-free", "high", 92,
	 "a talloc object was used after its free", after_free, after_free_advice},
	{"Bad talloc magic value - access after free", "talloc/access-after-free", "high", 90,
	 "a talloc object was used after its free", after_free, after_free_advice},
	{"Bad talloc magic value - double free", "talloc/double-free", "high", 90,
	 "a talloc object was freed twice",
	 "talloc 2.0.0 and 2.0.1 call every use of a freed "
	 "chunk a double free.",
	 after_free_advice},
	{"Bad talloc magic value - unknown value", "talloc/bad-magic", "high", 80,
	 "a pointer that is no talloc object was given to talloc",
	 "There is no talloc chunk in front of the pointer: it came from malloc() or the stack, "
	 "points into the middle of an object, or the header was overwritten.",
	 "Find out where the caller got the pointer; a write before the start of the object, or "
	 "past "
	 "the end of its neighbour, also looks like this (run with valgrind or AddressSanitizer)."},
	{"Bad talloc magic value - wrong talloc version", "talloc/mixed-versions", "high", 85,
	 "two versions of talloc are loaded", "The object was allocated by another copy of talloc.",
	 "Look for two libtalloc in the process (ldd, /proc/PID/maps)."},
	{"Type mismatch: name[", "talloc/type-mismatch", "high", 85,
	 "a talloc object is not of the type that was asked for",
	 "talloc_get_type_abort() found another name on the object.",
	 "A private pointer was registered with one type and read with another; compare both."},
	{"tevent_timer use after free", "tevent/use-after-free", "high", 90,
	 "a tevent event was used after its free", "tevent found the mark of a destroyed event.",
	 event_advice},
	{"tevent_immediate use after free", "tevent/use-after-free", "high", 90,
	 "a tevent event was used after its free", "tevent found the mark of a destroyed event.",
	 event_advice},
	{"wrapper use after free", "tevent/use-after-free", "high", 85,
	 "a tevent wrapper was used after its free", "The wrapper of the event context is gone.",
	 event_advice},
	{"tevent_fd double free", "tevent/double-free", "high", 90,
	 "a tevent event was freed twice", "tevent's destructor ran a second time for one event.",
	 event_advice},
	{"tevent_timer double free", "tevent/double-free", "high", 90,
	 "a tevent event was freed "
	 "twice",
	 "tevent's destructor ran a second time for one event.", event_advice},
	{"tevent_signal double free", "tevent/double-free", "high", 90,
	 "a tevent event was freed "
	 "twice",
	 "tevent's destructor ran a second time for one event.", event_advice},
	{"tevent_immediate double free", "tevent/double-free", "high", 90,
	 "a tevent event was freed "
	 "twice",
	 "tevent's destructor ran a second time for one event.", event_advice},
	{"Violation of nesting hook rules", "tevent/nesting-hook", "medium", 80,
	 "the hooks of nested event loops are out of order",
	 "A hook of a nested event loop returned a value that tevent does not allow.",
	 "Look at the function that tevent_loop_set_nesting_hook() was given."},
};

/* What a mark was found in. */
struct said {
	const char *text; /* the mark and what follows */
	struct where where;
};

static bool is_format(const char *s)
{
	return s[strcspn(s, "%\"\n")] == '%';
}

static bool look(const char *s, const struct mark *mark, struct said *said)
{
	const char *p = s ? strstr(s, mark->text) : NULL;

	if (!p)
		return false;
	/* A message that is not printed yet still has its directives. */
	if (is_format(p) && starts(mark->text, "Type mismatch"))
		return false;
	said->text = p;
	return true;
}

static bool find_said(const struct ctx *c, const struct model *m, const struct mark *mark,
		      struct said *said)
{
	struct od_plugin_record rec = OD_PLUGIN_INIT(rec);

	for (uint32_t i = 0; i < m->nvars; i++) {
		if (!look(m->vars[i].value, mark, said))
			continue;
		said->where = (struct where){{m->vars[i].line}, 0, (int32_t)m->vars[i].frame, 0};
		return true;
	}
	for (uint32_t i = 0; i < c->info.records; i++) {
		if (!record_at(c, i, &rec) || !look(rec.text, mark, said))
			continue;
		said->where = AT_LINE(rec.line);
		return true;
	}
	for (uint32_t i = 0; i < 4096; i++) {
		rec = (struct od_plugin_record)OD_PLUGIN_INIT(rec);
		if (c->host->context(c->rep, i, &rec) != OD_PLUGIN_OK)
			break;
		if (rec.line + LINES_BEFORE < c->info.first_line ||
		    rec.line > c->info.last_line + LINES_AFTER || !look(rec.text, mark, said))
			continue;
		said->where = AT_LINE(rec.line);
		return true;
	}
	for (uint32_t i = 0; live_text(m, i); i++) {
		if (!look(live_text(m, i), mark, said))
			continue;
		said->where = NOWHERE;
		return true;
	}
	return false;
}

/* "name[../lib/x.c:12]": what talloc writes over the name of a freed chunk. */
static bool named_by_place(const char *s)
{
	const char *open = strchr(s, '['), *close = open ? strchr(open, ']') : NULL, *p;

	if (!close)
		return false;
	for (p = close; p > open + 1 && p[-1] >= '0' && p[-1] <= '9'; p--)
		;
	return p < close && p > open + 2 && p[-1] == ':' && memchr(open, '.', (size_t)(p - open));
}

/* The call into talloc that failed: its outermost frame, and with it the object. */
static void say_caller(const struct ctx *c, const struct model *m)
{
	static const char *const names[] = {"ptr", "_ptr", "context", "ctx", "t", "parent"};
	uint32_t first = 0, last;
	const struct var *v = NULL;
	const struct frame *f;
	char at[256] = "";

	while (first < m->nframes && !m->frames[first].talloc)
		first++;
	if (first >= m->nframes)
		return;
	for (last = first; last + 1 < m->nframes && m->frames[last + 1].talloc; last++)
		;
	for (uint32_t i = last + 1; i-- > first && !v;)
		for (size_t n = 0; n < sizeof(names) / sizeof(*names) && !v; n++) {
			v = model_var(m, i, names[n]);
			v = v && v->pointer ? v : NULL;
		}
	if (v)
		evidence(c, "strong", ((struct where){{v->line}, 0, (int32_t)v->frame, v->number}),
			 "the object is 0x%llx (%s of #%u %s)", (unsigned long long)v->number,
			 v->name, m->frames[v->frame].number, model_name(&m->frames[v->frame]));
	if (last + 1 >= m->nframes)
		return;
	f = &m->frames[last + 1];
	if (f->file)
		snprintf(at, sizeof(at), " at %.200s:%u", f->file, f->source_line);
	evidence(c, "strong", ((struct where){{f->line}, 0, (int32_t)(last + 1), f->address}),
		 "talloc (%s) was called by #%u %s%s",
		 m->frames[last].function ? m->frames[last].function : "a function without a name",
		 f->number, model_name(f), at);
}

static void say(const struct ctx *c, const struct model *m, const struct mark *mark,
		const struct said *said)
{
	static const char first[] = "first free may be at ";
	const char *at = strstr(said->text, first);
	const bool freed = starts(mark->text, "Type mismatch") && named_by_place(said->text);
	const char *id = freed ? "talloc/access-after-free" : mark->id;

	if (!finding(c, id, mark->severity, live_score(m, mark->score), freed ? marks[0].title : mark->title,
		     freed ? after_free : mark->cause))
		return;
	evidence(c, "strong", said->where, "%.*s", (int)(strcspn(said->text, "\"\n") & 0xff),
		 said->text);
	if (at && at[sizeof(first) - 1] != '%')
		evidence(c, "strong", said->where, "talloc names the first free: %.*s",
			 (int)(strcspn(at + sizeof(first) - 1, " \"\\\n") & 0xff),
			 at + sizeof(first) - 1);
	if (freed)
		evidence(c, "strong", said->where,
			 "the name of the object is a place in a source file: "
			 "that is where it was freed");
	say_caller(c, m);
	if (starts(mark->text, "Type mismatch"))
		live_say_named(m, said->text + strlen(mark->text),
			       strcspn(said->text + strlen(mark->text), "]\"\n"));
	live_say(m);
	advice(c, "%s", freed ? after_free_advice : mark->advice);
}

void abort_findings(const struct ctx *c, const struct model *m)
{
	struct said said;

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (find_said(c, m, &marks[i], &said))
			say(c, m, &marks[i], &said);
}
