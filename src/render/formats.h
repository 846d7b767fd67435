/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of src/render: one function a format. */
#ifndef OD_RENDER_FORMATS_H
#define OD_RENDER_FORMATS_H

#include "render/render.h"

void od_line_report(struct od_buf *buf, const struct od_input *in, const struct od_report *rep);
void od_text_report(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		    const struct od_style *style);

#endif
