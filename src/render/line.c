/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line a report, tab separated; the order of the cells is part of the interface. */
#include <string.h>

#include "base/escape.h"
#include "render/formats.h"

static void cell(struct od_buf *buf, const char *s)
{
	od_escape_cell(buf, s);
	od_buf_addch(buf, '\t');
}

/* Words that are ours, or made of symbols alone. */
static void own_cell(struct od_buf *buf, const char *s)
{
	if (!s || !*s)
		s = "-";
	od_escape_plain(buf, OD_ESCAPE_CELL, s, strlen(s));
	od_buf_addch(buf, '\t');
}

void od_line_report(struct od_buf *buf, const struct od_input *in, const struct od_report *rep)
{
	od_buf_printf(buf, "%u\t", rep->id);
	own_cell(buf, od_kind_name(rep->kind));
	cell(buf, rep->title);
	own_cell(buf, rep->signature);
	cell(buf, rep->guilty_module);
	cell(buf, od_confidence_name(rep->confidence));
	cell(buf, rep->nfindings ? rep->findings[0].id : NULL);
	cell(buf, in->name);
	od_buf_printf(buf, "%u\n", rep->lines.first);
}
