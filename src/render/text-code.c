/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The code bytes, as instructions where they could be told. */
#include <stdio.h>
#include <string.h>

#include "render/page.h"

enum { BEFORE = 6, AFTER = 3 }; /* instructions around the one that trapped; all if verbose */

static void bytes(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	unsigned column = 0;

	od_page_heading(buf, style, rep->code_trap < 0 ? "Code" :
			"Code, the marked byte is where it stopped");
	if (rep->code_not) {
		od_buf_addstr(buf, "    ");
		od_page_wrap(buf, style, 4, 4, rep->code_not);
	}
	for (uint32_t i = 0; i < rep->ncode; i++) {
		bool trap = (int32_t)i == rep->code_trap;
		unsigned need = trap ? 5 : 3;

		if (column && column + need > style->width) {
			od_buf_addch(buf, '\n');
			column = 0;
		}
		od_buf_addstr(buf, column ? " " : "    ");
		od_buf_printf(buf, trap ? "<%02x>" : "%02x", rep->code[i]);
		column += (column ? 0 : 3) + need;
	}
	od_buf_addch(buf, '\n');
}

/* Its place in the function, which other listings of it have too; else its address. */
static void place(struct od_buf *line, const struct od_report *rep, const struct od_code_insn *insn)
{
	const struct od_frame *pc = od_report_pc(rep);
	const int64_t from_mark = (int64_t)insn->at - rep->code_trap;
	char text[32];

	if (pc && pc->symbol && pc->flags & OD_FRAME_HAS_OFFSET && rep->code_trap >= 0) {
		const int64_t offset = (int64_t)pc->offset + from_mark;

		snprintf(text, sizeof(text), "%c0x%llx", offset < 0 ? '-' : '+',
			 (unsigned long long)(offset < 0 ? -offset : offset));
		od_buf_printf(line, "%-8s ", text);
	} else if (rep->code_has_addr) {
		od_buf_printf(line, "%016llx  ", (unsigned long long)insn->addr);
	}
}

static bool before_function(const struct od_report *rep, const struct od_code_insn *insn)
{
	const struct od_frame *pc = od_report_pc(rep);

	return pc && pc->flags & OD_FRAME_HAS_OFFSET && (int64_t)pc->offset + insn->at < rep->code_trap;
}

static void instructions(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	struct od_buf line = OD_BUF_INIT;
	uint32_t trap = 0, first, last;

	while (trap < rep->ninsns && !rep->insns[trap].trap)
		trap++;
	first = style->verbose || trap == rep->ninsns || trap < BEFORE ? 0 : trap - BEFORE;
	last = style->verbose || trap == rep->ninsns || rep->ninsns - trap <= AFTER + 1 ?
	       rep->ninsns : trap + AFTER + 1;
	/* What stands before the function is another one's end. */
	while (!style->verbose && first < trap && trap < rep->ninsns && before_function(rep, &rep->insns[first]))
		first++;
	od_page_heading(buf, style, rep->code_trap < 0 ? "Code" : "Code, => is where it stopped");
	for (uint32_t i = first; i < last; i++) {
		const struct od_code_insn *insn = &rep->insns[i];

		od_buf_reset(&line);
		od_buf_addstr(&line, insn->trap ? " => " : "    ");
		place(&line, rep, insn);
		for (unsigned k = 0; style->verbose && k < insn->len; k++)
			od_buf_printf(&line, "%02x ", rep->code[insn->at + k]);
		if (style->verbose)
			od_buf_fill(&line, ' ', insn->len < 10 ? 31 - 3 * (size_t)insn->len : 1);
		od_buf_addstr(&line, insn->text);
		od_page_put(buf, style, insn->trap ? OD_LOOK_BOLD : OD_LOOK_PLAIN, od_buf_str(&line));
		od_buf_addch(buf, '\n');
	}
	od_buf_deinit(&line);
}

void od_render_code(struct od_buf *buf, const struct od_report *rep, const struct od_style *style)
{
	if (rep->ninsns)
		instructions(buf, rep, style);
	else if (rep->ncode)
		bytes(buf, rep, style);
}
