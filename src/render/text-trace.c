/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stacks, registers, code bytes and modules for people. */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "render/page.h"

/*
 * What to call a frame in the room that is left: the whole demangled name, the name with its
 * parameters left out, or the symbol.
 */
static void frame_name(struct od_buf *buf, const struct od_frame *f, unsigned room)
{
	const char *full = f->demangled ? f->demangled : f->symbol;

	if (!full) {
		od_buf_printf(buf, "0x%llx", (unsigned long long)f->addr);
		return;
	}
	if (f->demangled && strlen(full) > room && f->function) {
		od_escape_str(buf, OD_ESCAPE_TEXT, f->function);
		if (strchr(full, '('))
			od_buf_addstr(buf, "(…)");
	} else {
		od_escape_str(buf, OD_ESCAPE_TEXT, full);
	}
}

/* "(ev=0x2b5462179450, level=...)" as far as it fits. */
static void frame_args(struct od_buf *buf, const struct od_frame *f, unsigned room)
{
	struct od_buf args = OD_BUF_INIT;
	bool any = false;

	for (uint32_t i = 0; i < f->nvars && args.len < 400; i++) {
		if (!f->vars[i].is_arg)
			continue;
		od_buf_addstr(&args, any ? ", " : "");
		od_escape_str(&args, OD_ESCAPE_TEXT, f->vars[i].name);
		od_buf_addch(&args, '=');
		od_escape_str(&args, OD_ESCAPE_TEXT, f->vars[i].value);
		any = true;
	}
	if (any)
		od_buf_printf(buf, " (%s)", args.len <= room ? od_buf_str(&args) : "…");
	od_buf_deinit(&args);
}

static void frame_line(struct od_buf *buf, const struct od_report *rep, unsigned s, unsigned i,
		       const struct od_style *style)
{
	const struct od_frame *f = &rep->stacks[s].frames[i];
	bool guilty = rep->guilty_stack == (int32_t)s && rep->guilty_frame == (int32_t)i;
	struct od_buf line = OD_BUF_INIT, where = OD_BUF_INIT;
	unsigned room, width;

	if (f->lines.first)
		od_buf_printf(&where, "%u", f->lines.first);
	if (f->flags & OD_FRAME_HAS_OFFSET && f->size)
		od_buf_printf(&line, "+0x%x/0x%x", f->offset, f->size);
	else if (f->flags & OD_FRAME_HAS_OFFSET)
		od_buf_printf(&line, "+0x%x", f->offset);
	if (f->module) {
		od_buf_addstr(&line, " [");
		od_escape_str(&line, OD_ESCAPE_TEXT, f->module);
		od_buf_addch(&line, ']');
	}
	if (f->file) {
		od_buf_addstr(&line, " at ");
		od_escape_str(&line, OD_ESCAPE_TEXT, f->file);
		od_buf_printf(&line, ":%u", f->line);
	}
	od_buf_addstr(buf, guilty ? " => " : f->flags & OD_FRAME_PC ? " pc " : "    ");
	if (f->flags & OD_FRAME_NUMBERED)
		od_buf_printf(buf, "#%-3u ", f->number);
	else
		od_buf_printf(buf, "%3u ", i);
	od_buf_addstr(buf, f->flags & OD_FRAME_UNRELIABLE ? "? " : "  ");
	room = style->width > 20 + line.len ? style->width - 20 - (unsigned)line.len : 20;
	{
		struct od_buf name = OD_BUF_INIT;
		enum od_look look = guilty ? OD_LOOK_RED :
				    f->flags & OD_FRAME_UNRELIABLE ? OD_LOOK_DIM : OD_LOOK_PLAIN;

		frame_name(&name, f, room);
		width = od_page_width(od_buf_str(&name), name.len);
		if (f->nvars && width < room) {
			frame_args(&name, f, room - width);
			width = od_page_width(od_buf_str(&name), name.len);
		}
		/* Already escaped: the look goes around it. */
		if (style->colour && look == OD_LOOK_RED)
			od_buf_printf(buf, "\033[1;31m%s\033[0m", od_buf_str(&name));
		else if (style->colour && look == OD_LOOK_DIM)
			od_buf_printf(buf, "\033[2m%s\033[0m", od_buf_str(&name));
		else
			od_buf_addstr(buf, od_buf_str(&name));
		od_buf_deinit(&name);
	}
	od_buf_addstr(buf, od_buf_str(&line));
	width += 10 + od_page_width(od_buf_str(&line), line.len);
	if (where.len && width + where.len + 2 <= style->width) {
		od_buf_fill(buf, ' ', style->width - width - where.len);
		od_page_put(buf, style, OD_LOOK_DIM, od_buf_str(&where));
	}
	od_buf_addch(buf, '\n');
	od_buf_deinit(&line);
	od_buf_deinit(&where);
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
	if (!stack && rep->nstacks > 1)
		od_buf_addstr(&head, ", where it crashed");
	od_page_heading(buf, style, od_buf_str(&head));
	od_buf_deinit(&head);
	for (unsigned i = 0; i < rep->stacks[stack].nframes; i++)
		frame_line(buf, rep, stack, i, style);
}

static unsigned register_digits(const struct od_report *rep)
{
	for (uint32_t i = 0; i < rep->nregisters; i++)
		if (rep->registers[i].value >> 32)
			return 16;
	return 8;
}

/* Those with a meaning on lines of their own, the rest packed. */
void od_render_registers(struct od_buf *buf, const struct od_report *rep,
			 const struct od_style *style)
{
	const unsigned digits = register_digits(rep);
	unsigned column = 0;

	if (!rep->nregisters)
		return;
	od_page_heading(buf, style, "Registers");
	for (uint32_t i = 0; i < rep->nregisters; i++) {
		const struct od_register *r = &rep->registers[i];
		struct od_buf head = OD_BUF_INIT;

		if (!r->note)
			continue;
		od_buf_addstr(&head, "    ");
		od_escape_str(&head, OD_ESCAPE_TEXT, r->name);
		od_buf_fill(&head, ' ', head.len < 9 ? 9 - head.len : 1);
		od_buf_printf(&head, "%0*llx  ", (int)digits, (unsigned long long)r->value);
		od_buf_add(buf, head.data, head.len);
		od_page_wrap(buf, style, (unsigned)head.len, (unsigned)head.len, r->note);
		od_buf_deinit(&head);
	}
	for (uint32_t i = 0; i < rep->nregisters; i++) {
		const struct od_register *r = &rep->registers[i];
		char cell[64];
		int n;

		if (r->note)
			continue;
		n = snprintf(cell, sizeof(cell), "%-8.16s %0*llx", r->name, (int)digits,
			     (unsigned long long)r->value);
		if (column && column + 3 + (unsigned)n > style->width) {
			od_buf_addch(buf, '\n');
			column = 0;
		}
		od_buf_addstr(buf, column ? "   " : "    ");
		od_escape_str(buf, OD_ESCAPE_TEXT, cell);
		column += (column ? 3 : 4) + (unsigned)n;
	}
	if (column)
		od_buf_addch(buf, '\n');
}

void od_render_code(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	unsigned column = 4;

	if (!rep->ncode)
		return;
	od_page_heading(buf, style, "Code, the marked byte is where it stopped");
	od_buf_addstr(buf, "    ");
	for (uint32_t i = 0; i < rep->ncode; i++) {
		bool trap = (int32_t)i == rep->code_trap;
		unsigned need = trap ? 5 : 3;

		if (column + need > style->width) {
			od_buf_addstr(buf, "\n    ");
			column = 4;
		}
		od_buf_printf(buf, trap ? "<%02x> " : "%02x ", rep->code[i]);
		column += need;
	}
	buf->len--; /* the last blank */
	buf->data[buf->len] = '\0';
	od_buf_addch(buf, '\n');
}

void od_render_modules(struct od_buf *buf, const struct od_report *rep,
		       const struct od_style *style)
{
	struct od_buf text = OD_BUF_INIT;
	uint32_t shown = 0;

	if (!rep->nmodules)
		return;
	for (uint32_t i = 0; i < rep->nmodules; i++) {
		const struct od_module *m = &rep->modules[i];

		if (!style->verbose && !m->taint)
			continue;
		od_buf_printf(&text, shown++ ? " %s" : "%s", m->name);
		if (m->taint)
			od_buf_printf(&text, "(%s)", m->taint);
	}
	if (!style->verbose)
		od_buf_printf(&text, shown ? "; and %u more" : "%u, none of them tainting",
			      rep->nmodules - shown);
	od_page_heading(buf, style, "Modules");
	od_buf_addstr(buf, "    ");
	od_page_wrap(buf, style, 4, 4, od_buf_str(&text));
	od_buf_deinit(&text);
}

void od_render_records(struct od_buf *buf, const struct od_report *rep,
		       const struct od_style *style)
{
	for (uint32_t i = 0; i < rep->nrecords; i++) {
		const struct od_record *r = &rep->records[i];

		if (style->verbose)
			od_buf_printf(buf, "%6u  ", r->lineno);
		if (r->ts_us != OD_TS_NONE)
			od_buf_printf(buf, "[%5llu.%06llu] ", (unsigned long long)(r->ts_us / 1000000),
				      (unsigned long long)(r->ts_us % 1000000));
		od_escape(buf, OD_ESCAPE_TEXT, r->text, r->len);
		od_buf_addch(buf, '\n');
	}
}
