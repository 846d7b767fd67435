/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "render/render.h"

#include <string.h>

#include "render/formats.h"
#include "render/json.h"

static const struct {
	const char *name;
	enum od_format format;
} formats[] = {
	{ "text", OD_FORMAT_TEXT },
	{ "json", OD_FORMAT_JSON },
	{ "line", OD_FORMAT_LINE },
	{ "html", OD_FORMAT_HTML },
};

bool od_format_by_name(const char *name, enum od_format *ret)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		if (!strcmp(formats[i].name, name)) {
			*ret = formats[i].format;
			return true;
		}
	}
	return false;
}

void od_render_report(struct od_buf *buf, const struct od_input *in, const struct od_report *rep,
		      const struct od_style *style)
{
	struct od_json w = { .buf = buf, .compact = style->format == OD_FORMAT_JSONL };

	switch (style->format) {
	case OD_FORMAT_TEXT:
		od_text_report(buf, in, rep, style);
		break;
	case OD_FORMAT_LINE:
		od_line_report(buf, in, rep);
		break;
	case OD_FORMAT_JSON:
		od_json_report(&w, rep, NULL);
		break;
	case OD_FORMAT_JSONL:
		od_json_report(&w, rep, "report");
		od_buf_addch(buf, '\n');
		break;
	case OD_FORMAT_HTML:
		od_html_report(buf, in, rep, style);
		break;
	}
}

void od_render_input(struct od_buf *buf, const struct od_input *in, const struct od_style *style)
{
	struct od_json w = { .buf = buf, .compact = style->format == OD_FORMAT_JSONL };

	if (style->format == OD_FORMAT_JSON || style->format == OD_FORMAT_JSONL)
		od_json_input(&w, in, NULL);
	else if (style->format == OD_FORMAT_TEXT)
		od_text_input(buf, in, style);
	else if (style->format == OD_FORMAT_HTML)
		od_html_input(buf, in, style);
}
