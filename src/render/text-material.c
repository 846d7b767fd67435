/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The material after the traces: registers, modules, the log itself. */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "render/page.h"

enum { NAME = 8 }; /* columns of a register's name; the few longer ones are put last */

static unsigned register_digits(const struct od_report *rep)
{
	for (uint32_t i = 0; i < rep->nregisters; i++)
		if (rep->registers[i].value >> 32)
			return 16;
	return 8;
}

/* What is known of each is said on a line of its own. */
static void known_registers(struct od_buf *buf, const struct od_report *rep, unsigned digits,
			    const struct od_style *style)
{
	for (uint32_t i = 0; i < rep->nregisters; i++) {
		const struct od_register *r = &rep->registers[i];
		struct od_buf head = OD_BUF_INIT;

		if (!r->note)
			continue;
		od_buf_addstr(&head, "    ");
		od_escape_str(&head, OD_ESCAPE_TEXT, r->name);
		od_buf_fill(&head, ' ', head.len < 4 + NAME ? 5 + NAME - head.len : 1);
		od_buf_printf(&head, "%0*llx  ", (int)digits, (unsigned long long)r->value);
		od_buf_add(buf, head.data, head.len);
		od_page_wrap(buf, style, (unsigned)head.len, 4 + NAME + 1 + digits + 2, r->note);
		od_buf_deinit(&head);
	}
}

/* In columns; of those whose names fill more than a column, or of the others. */
static void packed_registers(struct od_buf *buf, const struct od_report *rep, unsigned digits,
			     const struct od_style *style, bool long_names)
{
	struct od_buf cell = OD_BUF_INIT;
	unsigned column = 0;

	for (uint32_t i = 0; i < rep->nregisters; i++) {
		const struct od_register *r = &rep->registers[i];

		if (r->note || (strlen(r->name) > NAME) != long_names)
			continue;
		od_buf_reset(&cell);
		od_escape_str(&cell, OD_ESCAPE_TEXT, r->name);
		od_buf_fill(&cell, ' ', cell.len < NAME ? NAME + 1 - cell.len : 1);
		od_buf_printf(&cell, "%0*llx", (int)digits, (unsigned long long)r->value);
		if (column && column + 3 + cell.len > style->width) {
			od_buf_addch(buf, '\n');
			column = 0;
		}
		od_buf_addstr(buf, column ? "   " : "    ");
		od_buf_add(buf, cell.data, cell.len);
		column += (column ? 3 : 4) + (unsigned)cell.len;
	}
	if (column)
		od_buf_addch(buf, '\n');
	od_buf_deinit(&cell);
}

void od_render_registers(struct od_buf *buf, const struct od_report *rep,
			 const struct od_style *style)
{
	const unsigned digits = register_digits(rep);

	if (!rep->nregisters)
		return;
	od_page_heading(buf, style, "Registers");
	known_registers(buf, rep, digits, style);
	packed_registers(buf, rep, digits, style, false);
	packed_registers(buf, rep, digits, style, true);
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
	if (!shown)
		od_buf_printf(&text, "%u, none of them tainting", rep->nmodules);
	else if (shown < rep->nmodules)
		od_buf_printf(&text, " and %u more that do not taint", rep->nmodules - shown);
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
