/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames of a kernel trace. Sources: lib/vsprintf.c and kernel/kallsyms.c (%pS, %pB with build-id
 * since 5.15), arch/x86/kernel/dumpstack*.c (3.x to 6.x) for "[<addr>]", '?', stack marks.
 */
#include <string.h>

#include "text/incident.h"

static bool name_char(char c)
{
	return od_is_alnum(c) || c == '_' || c == '.' || c == '$' || c == '@' ||
	       (unsigned char)c >= 0x80;
}

/* The name before "+0x": may hold what demangled C++ and Rust names hold. */
static bool symbol_name(struct od_cursor *c, const char **ret, size_t *len)
{
	const char *plus = od_find(c->p, od_cur_left(c), "+0x");
	const char *p = c->p;
	int depth = 0;

	if (!plus || plus == c->p || plus - c->p > OD_MAX_NAME)
		return false;
	if (!name_char(*p) && *p != '<')
		return false;
	/* Blanks only inside brackets: "foo(int, char)+0x12", "<T as core::X>::f+0x1". */
	for (; p < plus; p++) {
		if (strchr("(<[{", *p) && *p)
			depth++;
		else if (strchr(")>]}", *p) && *p && p > c->p && p[-1] != '-')
			depth--;
		else if (od_is_blank(*p) && depth <= 0)
			return false;
		if (depth < 0)
			return false;
	}
	*ret = c->p;
	*len = (size_t)(plus - c->p);
	c->p = plus;
	return true;
}

void od_frame_module(struct od_report *rep, struct od_cursor *c, struct od_frame *f)
{
	struct od_cursor t = *c;
	const char *s;

	od_cur_blanks(&t);
	if (!od_cur_char(&t, '['))
		return;
	s = t.p;
	while (od_is_alnum(od_cur_peek(&t)) || od_cur_peek(&t) == '_' || od_cur_peek(&t) == '-')
		t.p++;
	if (t.p == s || t.p - s > 64)
		return;
	if (od_cur_peek(&t) == ']') {
		/* "[inline]" of a symbolised trace is no module. */
		if (t.p - s == 6 && !memcmp(s, "inline", 6))
			return;
		f->module = od_arena_strndup(&rep->arena, s, (size_t)(t.p - s));
	} else if (od_cur_peek(&t) == ' ') {
		const char *id = t.p + 1;
		struct od_cursor h = { id, t.end };

		while (od_is_hex(od_cur_peek(&h)))
			h.p++;
		if (od_cur_peek(&h) != ']' || h.p - id < 8 || h.p - id > 128)
			return;
		f->module = od_arena_strndup(&rep->arena, s, (size_t)(t.p - s));
		f->build_id = od_arena_strndup(&rep->arena, id, (size_t)(h.p - id));
		t = h;
	} else {
		return;
	}
	t.p++;
	*c = t;
}

/* "file.c:123" or "file.c:?"; the line is then 0. */
static bool source_place(struct od_report *rep, struct od_cursor *c, const char **file, uint32_t *line)
{
	struct od_cursor t = *c;
	const char *s = t.p;
	uint64_t n = 0;
	size_t len;

	while (!od_cur_end(&t) && !od_is_blank(*t.p) && *t.p != ':' && *t.p != ')')
		t.p++;
	len = (size_t)(t.p - s);
	if (len < 3 || !od_cur_char(&t, ':') || !memchr(s, '.', len))
		return false;
	if (!od_cur_char(&t, '?') && (!od_cur_dec(&t, &n) || n > UINT32_MAX))
		return false;
	if (od_cur_lit(&t, " (discriminator "))
		od_cur_past(&t, ")");
	*file = od_arena_strndup(&rep->arena, s, len);
	*line = (uint32_t)n;
	*c = t;
	return true;
}

/*
 * "file.c:123" at the end of a line, or "(a.h:12 b.c:123 (discriminator 2))" as decode_stacktrace.sh
 * prints: what was inlined comes first, the last is the place in the function itself.
 */
static void source_tag(struct od_report *rep, struct od_cursor *c, struct od_frame *f)
{
	struct od_inline places[OD_MAX_INLINED];
	struct od_cursor t = *c;
	uint32_t n = 0;
	bool list;

	od_cur_blanks(&t);
	list = od_cur_char(&t, '(');
	while (n < OD_MAX_INLINED) {
		places[n].function = NULL;
		if (!source_place(rep, &t, &places[n].file, &places[n].line))
			break;
		n++;
		if (!list || !od_cur_blanks(&t))
			break;
	}
	if (!n)
		return;
	f->file = places[n - 1].file;
	f->line = places[n - 1].line;
	if (n > 1) {
		struct od_inline *in = od_arena_alloc(&rep->arena, (n - 1) * sizeof(*in));

		memcpy(in, places, (n - 1) * sizeof(*in));
		f->inlined = in;
		f->ninlined = n - 1;
	}
	/* Behind a list the module may follow; behind anything else nothing that we know. */
	if (!list || !od_cur_char(&t, ')'))
		t.p = t.end;
	*c = t;
}

/* " module" at the end of a line: decode_stacktrace.sh takes the brackets off. */
static void bare_module(struct od_report *rep, struct od_cursor *c, struct od_frame *f)
{
	struct od_cursor t = *c;
	const char *s;

	if (!f->file || f->module || !od_cur_blanks(&t))
		return;
	s = t.p;
	while (od_is_alnum(od_cur_peek(&t)) || od_cur_peek(&t) == '_')
		t.p++;
	if (t.p == s || !od_cur_end(&t))
		return;
	f->module = od_arena_strndup(&rep->arena, s, (size_t)(t.p - s));
	*c = t;
}

/*
 * "f (file.c:123 (discriminator 2)) module", as decode_stacktrace.sh leaves frames behind, and
 * "f file.c:123 [inline]": no offset any more.
 */
static bool decoded_location(struct od_report *rep, struct od_cursor *c, struct od_frame *f)
{
	struct od_cursor t = *c;
	const char *end, *last;

	while (name_char(od_cur_peek(&t)))
		t.p++;
	end = t.p;
	if (end == c->p || od_is_digit(*c->p) || !od_is_blank(od_cur_peek(&t)))
		return false;
	if (!(od_cur_left(&t) > 2 && t.p[1] == '(') && !od_find(t.p, od_cur_left(&t), " [inline]"))
		return false;
	source_tag(rep, &t, f);
	if (!f->file)
		return false;
	f->symbol = od_arena_strndup(&rep->arena, c->p, (size_t)(end - c->p));
	/* A word behind it all is the module; "(P)", "(T)" are remarks of arm64. */
	last = c->end;
	if (last - c->p > 4 && last[-1] == ')' && last[-3] == '(' && last[-4] == ' ')
		last -= 4;
	end = last;
	while (last > c->p && (od_is_alnum(last[-1]) || last[-1] == '_'))
		last--;
	if (last < end && last - 2 > c->p && last[-1] == ' ' && last[-2] == ')')
		f->module = od_arena_strndup(&rep->arena, last, (size_t)(end - last));
	c->p = c->end;
	return true;
}

bool od_frame_location(struct od_report *rep, struct od_cursor *c, struct od_frame *f)
{
	struct od_cursor t = *c;
	uint64_t addr, off, size = 0;
	const char *name;
	size_t len;

	*f = (struct od_frame){ 0 };
	for (int i = 0; i < 2; i++) { /* old RIP lines print the address twice */
		struct od_cursor a = t;

		/* Before the kernel has entropy to hash with it prints "(____ptrval____)". */
		addr = 0;
		if (od_cur_lit(&a, "[<") &&
		    (od_cur_lit(&a, "(____ptrval____)") || od_cur_hex(&a, &addr, NULL)) &&
		    od_cur_lit(&a, ">]")) {
			f->addr = addr;
			od_cur_blanks(&a);
			t = a;
		}
	}
	if (od_cur_lit(&t, "? ")) {
		f->flags |= OD_FRAME_UNRELIABLE;
		od_cur_blanks(&t);
	}
	if (symbol_name(&t, &name, &len)) {
		od_cur_char(&t, '+');
		if (!od_cur_0x(&t, &off) || off > UINT32_MAX)
			return false;
		if (od_cur_char(&t, '/') && (!od_cur_0x(&t, &size) || size > UINT32_MAX))
			return false;
		f->symbol = od_arena_strndup(&rep->arena, name, len);
		f->offset = (uint32_t)off;
		f->size = (uint32_t)size;
		f->flags |= OD_FRAME_HAS_OFFSET;
		od_frame_module(rep, &t, f);
		source_tag(rep, &t, f);
		od_frame_module(rep, &t, f);
		bare_module(rep, &t, f);
	} else if (decoded_location(rep, &t, f)) {
		;
	} else if (od_cur_0x(&t, &addr)) {
		f->addr = f->addr ? f->addr : addr;
	} else if (!f->addr) {
		return false;
	}
	*c = t;
	return true;
}

/* The open stack, NULL if none is. */
static struct od_stack *open_stack(const struct od_incident *inc)
{
	return inc->stack >= 0 ? &inc->rep->stacks[inc->stack] : NULL;
}

/* With the caller of a jump to nowhere, where the link register told it. */
static bool only_pc(const struct od_stack *stack)
{
	return stack->nframes && (stack->frames[0].flags & OD_FRAME_PC) &&
	       (stack->nframes == 1 || (stack->nframes == 2 && (stack->frames[1].flags & OD_FRAME_GUESSED)));
}

/* A new stack of the crash or of the section; the last one if it has but a pc, or nothing. */
static struct od_stack *add_stack(struct od_incident *inc, const char *name)
{
	struct od_report *rep = inc->rep;
	struct od_stack *stack;

	stack = od_report_add_stack(rep, name);
	if (!stack) {
		inc->stack = -1;
		return NULL;
	}
	stack->aside = inc->aside;
	stack->state = inc->aside ? inc->task_state : '\0';
	inc->stack = (int32_t)rep->nstacks - 1;
	return stack;
}

void od_stack_open(struct od_incident *inc, const char *name)
{
	struct od_report *rep = inc->rep;
	struct od_stack *last = rep->nstacks ? &rep->stacks[rep->nstacks - 1] : NULL;

	inc->any_trace = true;
	if (!inc->aside)
		inc->trace_seen = true;
	if (inc->aside && inc->section) {
		/* All parts of a section's trace have its name: "cpu 1", not "irq". */
		name = inc->section;
		if (last && inc->stack >= 0 && last->aside && !strcmp(last->name, name))
			return;
	}
	/* The pc was read before the trace, or "<IRQ>" stands after "Call Trace:": one stack. */
	if (last && last->aside == inc->aside && (only_pc(last) || !last->nframes)) {
		last->name = od_arena_strdup(&rep->arena, name);
		inc->stack = (int32_t)rep->nstacks - 1;
		return;
	}
	add_stack(inc, name);
}

void od_stack_close(struct od_incident *inc)
{
	inc->stack = -1;
	inc->bare = false;
}

struct od_frame *od_stack_push(struct od_incident *inc, const struct od_record *rec,
			       const struct od_frame *frame)
{
	struct od_frame *f;

	if (inc->stack < 0)
		od_stack_open(inc, "task");
	if (inc->stack < 0)
		return NULL;
	f = od_stack_add_frame(inc->rep, open_stack(inc));
	if (!f)
		return NULL;
	*f = *frame;
	f->lines = (struct od_lines){ rec->lineno, rec->lineno_last };
	inc->any_trace = true;
	inc->trace_over = false;
	inc->frame_at = inc->rep->nrecords;
	if (!inc->aside)
		inc->trace_seen = true;
	return f;
}

/* The first stack of the crash itself, or the last of the section. */
static struct od_stack *pc_stack(const struct od_incident *inc)
{
	struct od_report *rep = inc->rep;

	if (inc->aside)
		return rep->nstacks && rep->stacks[rep->nstacks - 1].aside && inc->stack >= 0 ?
			       &rep->stacks[rep->nstacks - 1] : NULL;
	for (uint32_t i = 0; i < rep->nstacks; i++)
		if (!rep->stacks[i].aside)
			return &rep->stacks[i];
	return NULL;
}

bool od_incident_has_pc(const struct od_incident *inc)
{
	const struct od_stack *stack = pc_stack(inc);

	return stack && stack->nframes && (stack->frames[0].flags & OD_FRAME_PC);
}

void od_incident_set_pc(struct od_incident *inc, const struct od_record *rec,
			const struct od_frame *frame, bool late)
{
	struct od_report *rep = inc->rep;
	struct od_stack *stack = pc_stack(inc);
	struct od_frame *pc, copy = *frame;

	copy.flags |= OD_FRAME_PC;
	copy.lines = (struct od_lines){ rec->lineno, rec->lineno_last };
	if (stack && stack->nframes && (stack->frames[0].flags & OD_FRAME_PC)) {
		/* The function that a WARNING line named, until the pc itself is printed. */
		if (inc->warn_frame && !inc->aside) {
			stack->frames[0] = copy;
			inc->warn_frame = false;
		}
		return;
	}
	if (!stack || !late) {
		stack = add_stack(inc, inc->section ? inc->section : "task");
		if (!stack)
			return;
	}
	pc = od_stack_add_frame(rep, stack);
	if (!pc)
		return;
	if (stack->nframes > 1)
		memmove(stack->frames + 1, stack->frames, (stack->nframes - 1) * sizeof(*pc));
	stack->frames[0] = copy;
	if (!late && !inc->aside)
		inc->stack = -1;
}

/* "<IRQ>", "</TASK>", "<<EOE>>" ...: the trace goes on on another stack. */
static const struct {
	const char *mark, *name;
} stack_marks[] = {
	{ "<IRQ>", "irq" },	  { "<NMI>", "nmi" },
	{ "<SOFTIRQ>", "softirq" }, { "<TASK>", "task" },
	{ "<#DF>", "double fault" }, { "<#DB>", "debug" },
	{ "<#MC>", "machine check" }, { "<#VC>", "vc" },
	{ "<#DF> ", "double fault" }, { "<<EOE>>", "task" },
	{ "<EOI>", "task" },	  { "<ENTRY_TRAMPOLINE>", "entry trampoline" },
	{ "<SYSENTER>", "sysenter" }, { "<UNK>", "unknown" },
};

static bool stack_mark(struct od_incident *inc, struct od_cursor *c)
{
	struct od_cursor t = *c;

	if (od_cur_peek(&t) != '<')
		return false;
	for (size_t i = 0; i < sizeof(stack_marks) / sizeof(*stack_marks); i++) {
		if (od_cur_lit(&t, stack_marks[i].mark)) {
			od_stack_open(inc, stack_marks[i].name);
			od_cur_blanks(&t);
			*c = t;
			return true;
		}
	}
	if (od_cur_lit(&t, "</") && od_cur_past(&t, ">")) {
		/* The task's part comes last. */
		if (od_find(c->p, od_cur_left(c), "</TASK>") == c->p)
			inc->trace_over = true;
		od_cur_blanks(&t);
		*c = t;
		return true;
	}
	return false;
}

/*
 * "? __die", "migrate_misplaced_page [mod]": newer decode_stacktrace.sh, and people who shorten a
 * report by hand, leave a name alone. Only right behind the header of a trace, or another such frame.
 */
static bool bare_name(struct od_incident *inc, struct od_cursor *c, struct od_frame *f)
{
	const struct od_stack *stack = open_stack(inc);
	struct od_cursor t = *c;
	const char *s = t.p, *end;

	*f = (struct od_frame){ 0 };
	if (!stack || inc->gap || inc->trace_over || inc->in_raw_stack)
		return false;
	/* All frames of such a trace are names alone: the last one tells of all. */
	if (stack->nframes &&
	    (stack->frames[stack->nframes - 1].flags & (OD_FRAME_HAS_OFFSET | OD_FRAME_PC)) == OD_FRAME_HAS_OFFSET)
		return false;
	if (stack->nframes && !only_pc(stack) && inc->frame_at + 1 != inc->rep->nrecords)
		return false;
	if (!name_char(*s) || od_is_digit(*s) || *s == '.')
		return false;
	while (!od_cur_end(&t) && name_char(*t.p))
		t.p++;
	end = t.p;
	if (end - s < 3 || end - s > OD_MAX_NAME)
		return false;
	od_frame_module(inc->rep, &t, f);
	od_cur_blanks(&t);
	if (!od_cur_end(&t))
		return false;
	f->symbol = od_arena_strndup(&inc->rep->arena, s, (size_t)(end - s));
	*c = t;
	return true;
}

bool od_frame_line(struct od_incident *inc, const struct od_record *rec, struct od_cursor c)
{
	struct od_report *rep = inc->rep;
	struct od_frame frame;
	bool marked = false, unreliable = false, addressed;

	/* At most a few marks on one line: "</IRQ> <TASK>". */
	for (int i = 0; i < 4 && stack_mark(inc, &c); i++)
		marked = true;
	if (od_cur_end(&c))
		return marked;
	if (od_cur_lit(&c, "? ")) {
		unreliable = true;
		od_cur_blanks(&c);
	}
	addressed = od_cur_peek(&c) == '[';
	if (!bare_name(inc, &c, &frame) &&
	    (!od_frame_location(rep, &c, &frame) || (!frame.symbol && !frame.addr)))
		return marked;
	od_cur_blanks(&c);
	/* Anything left over: a sentence that mentions a symbol, not a frame. */
	if (!od_cur_end(&c) && !(addressed && frame.symbol) &&
	    !(od_cur_left(&c) < 16 && (*c.p == '[' || *c.p == '(')))
		return marked;
	if (inc->stack < 0) {
		/* A bare address or name outside of a trace proves little. */
		if (!frame.symbol ||
		    (!addressed && !inc->trace_seen && !inc->bare && !inc->section &&
		     !(inc->named && frame.size && od_incident_has_pc(inc))))
			return marked;
	}
	if (unreliable)
		frame.flags |= OD_FRAME_UNRELIABLE;
	return od_stack_push(inc, rec, &frame) != NULL || inc->rep->nstacks;
}
