/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/html.h"

#include <string.h>

#include "base/cursor.h"
#include "base/escape.h"
#include "base/sha256.h"
#include "triage/when.h"

static void put(struct od_buf *buf, const char *s, size_t len)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {
		{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" },
	};
	struct od_buf text = OD_BUF_INIT;

	od_escape(&text, OD_ESCAPE_TEXT, s, len);
	for (size_t i = 0; i < text.len; i++) {
		const char *entity = NULL;

		for (size_t k = 0; k < sizeof(entities) / sizeof(*entities); k++)
			if (text.data[i] == entities[k].c)
				entity = entities[k].entity;
		if (entity)
			od_buf_addstr(buf, entity);
		else
			od_buf_addch(buf, text.data[i]);
	}
	od_buf_deinit(&text);
}

void od_html_text(struct od_buf *buf, const char *s)
{
	put(buf, s, strlen(s));
}

void od_html_lines(struct od_buf *buf, const char *s)
{
	while (*s) {
		const size_t len = strcspn(s, "\n");

		put(buf, s, len);
		od_buf_addch(buf, '\n');
		s += len + (s[len] == '\n');
	}
}

void od_html_link(struct od_buf *buf, const char *url)
{
	if (!od_starts(url, "https://") && !od_starts(url, "http://")) {
		od_html_text(buf, url);
		return;
	}
	od_buf_addstr(buf, "<a rel=\"noreferrer\" href=\"");
	od_html_text(buf, url);
	od_buf_addstr(buf, "\">");
	od_html_text(buf, url);
	od_buf_addstr(buf, "</a>");
}

void od_html_id(struct od_buf *buf, const char *name)
{
	uint8_t hash[OD_SHA256];

	od_sha256(name, strlen(name), hash);
	od_buf_addch(buf, 't');
	for (unsigned i = 0; i < 8; i++)
		od_buf_printf(buf, "%02x", hash[i]);
}

void od_html_timeline(struct od_buf *buf, const uint32_t counts[OD_HTML_BARS], uint64_t first,
		      uint64_t last)
{
	enum { STEP = 18, BAR = 14, HEIGHT = 100, BASE = 112, WIDTH = OD_HTML_BARS * STEP };
	uint32_t most = 1;
	char text[32];

	for (unsigned i = 0; i < OD_HTML_BARS; i++)
		most = counts[i] > most ? counts[i] : most;
	od_buf_printf(buf, "<svg viewBox=\"0 0 %d 135\" role=\"img\"><title>crashes over time</title>\n", WIDTH);
	for (unsigned i = 0; i < OD_HTML_BARS; i++) {
		const unsigned height =
			counts[i] ? 2 + (unsigned)((uint64_t)counts[i] * (HEIGHT - 2) / most) : 0;

		if (!height)
			continue;
		od_when_print(first + (last - first) * i / OD_HTML_BARS, text, sizeof(text));
		od_buf_printf(buf,
			      "<rect x=\"%u\" y=\"%u\" width=\"%d\" height=\"%u\"><title>%u from %s</title></rect>\n",
			      i * STEP, BASE - height, BAR, height, counts[i], text);
	}
	od_when_print(first, text, sizeof(text));
	od_buf_printf(buf, "<text x=\"0\" y=\"130\">%s</text>", text);
	od_when_print(last, text, sizeof(text));
	od_buf_printf(buf, "<text x=\"%d\" y=\"130\" text-anchor=\"end\">%s</text>\n</svg>\n", WIDTH, text);
}
