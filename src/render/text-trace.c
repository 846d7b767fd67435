/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stacks for people. */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "render/page.h"

/* The parts of a frame's line, escaped. */
struct frame_parts {
	struct od_buf head;  /* marker, index, '?' */
	struct od_buf name;
	struct od_buf args;  /* of gdb */
	struct od_buf place; /* offset, module, source line */
	struct od_buf where; /* line of the input */
};

static unsigned columns(const struct od_buf *buf)
{
	return od_page_width(od_buf_str(buf), buf->len);
}

static void frame_head(struct od_buf *buf, const struct od_frame *f, unsigned i, bool guilty)
{
	od_buf_addstr(buf, guilty ? " => " : f->flags & OD_FRAME_PC ? " pc " : "    ");
	if (f->flags & OD_FRAME_NUMBERED)
		od_buf_printf(buf, "#%-3u", f->number);
	else
		od_buf_printf(buf, "%3u", i);
	od_buf_addstr(buf, f->flags & OD_FRAME_UNRELIABLE ? " ? " : "   ");
}

/* The whole demangled name, or, if brief, the name with its parameters left out. */
static void frame_name(struct od_buf *buf, const struct od_frame *f, bool brief)
{
	const char *full = f->demangled ? f->demangled : f->symbol;

	od_buf_reset(buf);
	if (brief && f->demangled && f->function) {
		od_escape_str(buf, OD_ESCAPE_TEXT, f->function);
		if (strchr(full, '('))
			od_buf_addstr(buf, "(…)");
	} else if (full) {
		od_escape_str(buf, OD_ESCAPE_TEXT, full);
	} else if (f->addr || f->flags & OD_FRAME_PC) {
		od_buf_printf(buf, "0x%llx", (unsigned long long)f->addr);
		if (f->function) {
			od_buf_addstr(buf, " in ");
			od_escape_str(buf, OD_ESCAPE_TEXT, f->function);
		}
	} else {
		od_buf_addstr(buf, "??");
	}
}

/* " at mm/slub.c:3772"; brief: of the file only its name. */
static void source_place(struct od_buf *buf, const char *file, uint32_t line, bool brief)
{
	const char *slash = file ? strrchr(file, '/') : NULL;

	od_buf_reset(buf);
	if (!file)
		return;
	od_buf_addstr(buf, brief && slash ? " at …" : " at ");
	od_escape_str(buf, OD_ESCAPE_TEXT, brief && slash ? slash : file);
	if (line)
		od_buf_printf(buf, ":%u", line);
}

/* brief: of the source file only its name. */
static void frame_place(struct od_buf *buf, const struct od_frame *f, bool brief)
{
	struct od_buf source = OD_BUF_INIT;

	od_buf_reset(buf);
	if (f->flags & OD_FRAME_HAS_OFFSET && f->size)
		od_buf_printf(buf, "+0x%x/0x%x", f->offset, f->size);
	else if (f->flags & OD_FRAME_HAS_OFFSET)
		od_buf_printf(buf, "+0x%x", f->offset);
	if (f->module) {
		od_buf_addstr(buf, " [");
		od_escape_str(buf, OD_ESCAPE_TEXT, f->module);
		od_buf_addch(buf, ']');
	}
	source_place(&source, f->file, f->line, brief);
	od_buf_add(buf, source.data, source.len);
	od_buf_deinit(&source);
}

/* Of what a debug file tells, "<optimized out>" and the like only take room in a trace. */
static bool is_worth(const struct od_var *v)
{
	return v->is_arg && !(v->told && v->value[0] == '<');
}

/* " (ev=0x2b5462179450, level=1, …)": as many arguments as fit; nothing if none does. */
static void frame_args(struct od_buf *buf, const struct od_frame *f, unsigned room)
{
	struct od_buf arg = OD_BUF_INIT;
	unsigned used = 3; /* blank and parentheses */

	for (uint32_t i = 0; i < f->nvars; i++) {
		if (!is_worth(&f->vars[i]))
			continue;
		od_buf_reset(&arg);
		od_buf_addstr(&arg, buf->len ? ", " : " (");
		od_escape_str(&arg, OD_ESCAPE_TEXT, f->vars[i].name);
		od_buf_addch(&arg, '=');
		od_escape_str(&arg, OD_ESCAPE_TEXT, f->vars[i].value);
		used += columns(&arg) - (buf->len ? 0 : 2);
		if (used + 3 > room) { /* ", …" must fit too */
			if (buf->len)
				od_buf_addstr(buf, ", …");
			break;
		}
		od_buf_add(buf, arg.data, arg.len);
	}
	if (buf->len)
		od_buf_addch(buf, ')');
	od_buf_deinit(&arg);
}

/*
 * Make it fit into `room` columns. What costs the reader least goes first: parameters, the folder
 * of the source file, the end of the name.
 */
static void fit(struct frame_parts *p, const struct od_frame *f, unsigned room, bool without_args)
{
	unsigned used;

	frame_place(&p->place, f, false);
	frame_name(&p->name, f, false);
	if (columns(&p->name) + columns(&p->place) > room)
		frame_name(&p->name, f, true);
	if (columns(&p->name) + columns(&p->place) > room)
		frame_place(&p->place, f, true);
	used = columns(&p->name);
	od_page_cut(&p->place, used < room / 2 ? room - used : room / 2);
	used = columns(&p->place);
	if (!od_page_cut(&p->name, room - used) && !without_args)
		frame_args(&p->args, f, room - used - columns(&p->name));
}

static void put_frame(struct od_buf *buf, const struct frame_parts *p, enum od_look look,
		      const struct od_style *style)
{
	unsigned used = columns(&p->head) + columns(&p->name) + columns(&p->args) +
			columns(&p->place);

	od_buf_addstr(buf, od_buf_str(&p->head));
	/* Escaped already: once more leaves it as it is. */
	od_page_put(buf, style, look, od_buf_str(&p->name));
	od_buf_addstr(buf, od_buf_str(&p->args));
	od_buf_addstr(buf, od_buf_str(&p->place));
	if (p->where.len) {
		od_buf_fill(buf, ' ', style->width - used - p->where.len);
		od_page_put(buf, style, OD_LOOK_DIM, od_buf_str(&p->where));
	}
	od_buf_addch(buf, '\n');
}

/*
 * What was inlined at that place, a line each: reading down goes in, from the function that has the
 * frame to what really ran.
 */
static void inlined_lines(struct od_buf *buf, const struct od_frame *f, unsigned indent,
			  const struct od_style *style)
{
	const unsigned room = style->width > indent + 16 ? style->width - indent : 16;
	struct od_buf text = OD_BUF_INIT, name = OD_BUF_INIT;

	for (uint32_t i = f->ninlined; i > 0; i--) {
		const struct od_inline *in = &f->inlined[i - 1];
		const char *slash = in->file ? strrchr(in->file, '/') : NULL;

		od_buf_reset(&name);
		od_escape_str(&name, OD_ESCAPE_TEXT, in->function ? in->function : "call");
		source_place(&text, in->file, in->line, false);
		if (slash && 8 + columns(&name) + columns(&text) > room)
			source_place(&text, in->file, in->line, true);
		od_page_cut(&text, room / 2);
		od_page_cut(&name, room - 8 - columns(&text));
		od_buf_fill(buf, ' ', indent);
		od_page_put(buf, style, OD_LOOK_DIM, "inlined ");
		od_buf_addstr(buf, od_buf_str(&name));
		od_buf_addstr(buf, od_buf_str(&text));
		od_buf_addch(buf, '\n');
	}
	od_buf_deinit(&text);
	od_buf_deinit(&name);
}

/*
 * All variables, a line each, as bt -v asks: those of the function, then those of what was inlined into
 * it, each group under its name.
 */
static void variable_lines(struct od_buf *buf, const struct od_frame *f, unsigned indent,
			   const struct od_style *style)
{
	const unsigned room = style->width > indent + 24 ? style->width - indent : 24;
	const char *group = NULL;
	struct od_buf text = OD_BUF_INIT;

	for (uint32_t i = 0; i < f->nvars; i++) {
		const struct od_var *v = &f->vars[i];

		if (v->inlined && (!group || strcmp(group, v->inlined) != 0)) {
			group = v->inlined;
			od_buf_reset(&text);
			od_escape_str(&text, OD_ESCAPE_TEXT, group);
			od_page_cut(&text, room - 4);
			od_buf_fill(buf, ' ', indent);
			od_page_put(buf, style, OD_LOOK_DIM, "in ");
			od_buf_addstr(buf, od_buf_str(&text));
			od_buf_addstr(buf, ":\n");
		}
		od_buf_reset(&text);
		od_escape_str(&text, OD_ESCAPE_TEXT, v->name);
		od_buf_addstr(&text, " = ");
		od_escape_str(&text, OD_ESCAPE_TEXT, v->value);
		if (!style->verbose)
			od_page_cut(&text, room - 2);
		od_buf_fill(buf, ' ', indent + (v->inlined ? 2 : 0));
		od_buf_addstr(buf, od_buf_str(&text));
		od_buf_addch(buf, '\n');
	}
	od_buf_deinit(&text);
}

/* Source around the place, as --source asks. */
static void excerpt(struct od_buf *buf, const struct od_excerpt *e, unsigned indent,
		    const struct od_style *style)
{
	const unsigned room = style->width > indent + 24 ? style->width - indent - 8 : 16;
	struct od_buf text = OD_BUF_INIT;

	for (uint32_t i = 0; i < e->n; i++) {
		const bool marked = e->first + i == e->marked;
		char head[16];

		snprintf(head, sizeof(head), "%s%5u  ", marked ? ">" : " ", e->first + i);
		od_buf_fill(buf, ' ', indent);
		od_page_put(buf, style, marked ? OD_LOOK_RED : OD_LOOK_DIM, head);
		od_buf_reset(&text);
		od_escape_str(&text, OD_ESCAPE_TEXT, e->text[i]);
		od_page_cut(&text, room);
		od_buf_addstr(buf, od_buf_str(&text));
		od_buf_addch(buf, '\n');
	}
	od_buf_deinit(&text);
}

static void frame_line(struct od_buf *buf, const struct od_report *rep, unsigned s, unsigned i,
		       const struct od_style *style)
{
	const struct od_frame *f = &rep->stacks[s].frames[i];
	const bool guilty = rep->guilty_stack == (int32_t)s && rep->guilty_frame == (int32_t)i;
	struct frame_parts p = { .head = OD_BUF_INIT };
	unsigned taken;

	frame_head(&p.head, f, i, guilty);
	if (f->lines.first)
		od_buf_printf(&p.where, "%u", f->lines.first);
	taken = columns(&p.head) + (p.where.len ? (unsigned)p.where.len + 2 : 0);
	fit(&p, f, style->width > taken + 16 ? style->width - taken : 16, style->variables);
	put_frame(buf, &p, guilty ? OD_LOOK_RED :
		  f->flags & OD_FRAME_UNRELIABLE ? OD_LOOK_DIM : OD_LOOK_PLAIN, style);
	inlined_lines(buf, f, columns(&p.head), style);
	if (style->variables)
		variable_lines(buf, f, columns(&p.head), style);
	for (uint32_t k = 0; k < rep->nexcerpts; k++)
		if (rep->excerpts[k].stack == s && rep->excerpts[k].frame == i)
			excerpt(buf, &rep->excerpts[k], columns(&p.head), style);
	od_buf_deinit(&p.head);
	od_buf_deinit(&p.name);
	od_buf_deinit(&p.args);
	od_buf_deinit(&p.place);
	od_buf_deinit(&p.where);
}

void od_render_frames(struct od_buf *buf, const struct od_report *rep, unsigned stack,
		      const struct od_style *style)
{
	for (unsigned i = 0; i < rep->stacks[stack].nframes; i++)
		frame_line(buf, rep, stack, i, style);
}

void od_render_stack(struct od_buf *buf, const struct od_report *rep, unsigned stack,
		     const struct od_style *style)
{
	struct od_buf head = OD_BUF_INIT;

	if (stack >= rep->nstacks)
		return;
	od_buf_addstr(&head, "Trace");
	if (rep->stacks[stack].name)
		od_buf_printf(&head, ", %s", rep->stacks[stack].name);
	if (rep->stacks[stack].from_memory)
		od_buf_addstr(&head, ", from memory");
	if (!stack && rep->nstacks > 1 && !rep->stacks[0].aside)
		od_buf_addstr(&head, ", where it crashed");
	od_page_heading(buf, style, od_buf_str(&head));
	od_buf_deinit(&head);
	od_render_frames(buf, rep, stack, style);
}
