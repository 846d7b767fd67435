/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of src/render: one function a format. */
#ifndef OD_RENDER_FORMATS_H
#define OD_RENDER_FORMATS_H

#include "render/render.h"

void od_line_report(struct od_buf *buf, const struct od_input *in, const struct od_report *rep);
void od_text_report(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		    const struct od_style *style);
/* Nothing for an input without memory. */
void od_text_input(struct od_buf *buf, const struct od_input *in, const struct od_style *style);
/* Parts of the text: the field "Guilty"; the section of what is known of task, kernel, machine. */
void od_text_guilty(struct od_buf *buf, const struct od_report *rep, const struct od_style *style);
void od_text_facts(struct od_buf *buf, const struct od_report *rep, const struct od_style *style);
/* The fields of od_text_facts() alone, without a heading; in html those of a <dl>. */
void od_text_fields(struct od_buf *buf, const struct od_report *rep, const struct od_style *style);
/* What happened before the crash; nothing if nothing notable did. */
void od_text_before(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		    const struct od_style *style);
/* A piece of a page each. */
void od_html_report(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		    const struct od_style *style);
void od_html_input(struct od_buf *buf, const struct od_input *in, const struct od_style *style);

#endif
