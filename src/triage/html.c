/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/html.h"

#include <string.h>

#include "base/sha256.h"
#include "triage/when.h"

void od_html_id(struct od_buf *buf, char kind, const char *name)
{
	uint8_t hash[OD_SHA256];

	od_sha256(name, strlen(name), hash);
	od_buf_addch(buf, kind);
	for (unsigned i = 0; i < 8; i++)
		od_buf_printf(buf, "%02x", hash[i]);
}

void od_html_timeline(struct od_buf *buf, const uint32_t counts[OD_HTML_BARS], uint64_t first,
		      uint64_t last)
{
	enum { STEP = 18, BAR = 14, HEIGHT = 100, BASE = 128, WIDTH = OD_HTML_BARS * STEP };
	uint32_t most = 1;
	char text[32];

	for (unsigned i = 0; i < OD_HTML_BARS; i++)
		most = counts[i] > most ? counts[i] : most;
	od_buf_printf(buf, "<svg viewBox=\"0 0 %d 152\" role=\"img\" aria-label=\"crashes over time\"><title>crashes over time</title>\n", WIDTH);
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
	od_buf_printf(buf, "<text x=\"0\" y=\"18\">%u</text>\n", most);
	od_when_print(first, text, sizeof(text));
	od_buf_printf(buf, "<text x=\"0\" y=\"147\">%s</text>", text);
	od_when_print(last, text, sizeof(text));
	od_buf_printf(buf, "<text x=\"%d\" y=\"147\" text-anchor=\"end\">%s</text>\n</svg>\n", WIDTH, text);
}
