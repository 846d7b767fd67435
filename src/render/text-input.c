/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a dump says of the machine, and what it does not: behind the reports, or instead of any. */
#include <stdio.h>

#include "render/formats.h"
#include "render/page.h"

static void duration(struct od_buf *buf, uint64_t s)
{
	if (s >= 86400)
		od_buf_printf(buf, "%llu d ", (unsigned long long)(s / 86400));
	if (s >= 3600)
		od_buf_printf(buf, "%llu h ", (unsigned long long)(s / 3600 % 24));
	if (s >= 60)
		od_buf_printf(buf, "%llu min ", (unsigned long long)(s / 60 % 60));
	od_buf_printf(buf, "%llu s", (unsigned long long)(s % 60));
}

static void system_line(struct od_buf *buf, const struct od_input *in, const struct od_style *style)
{
	struct od_buf line = OD_BUF_INIT;
	const char *sep = "";

	if (in->hostname && *in->hostname) {
		od_buf_addstr(&line, in->hostname);
		sep = ", ";
	}
	if (in->release) {
		od_buf_printf(&line, "%s%s", sep, in->release);
		sep = ", ";
	}
	if (in->has_uptime) {
		od_buf_printf(&line, "%sup ", sep);
		duration(&line, in->uptime_s);
		sep = ", ";
	}
	if (in->memory_bytes) {
		od_buf_printf(&line, "%s%llu MiB of memory", sep,
			      (unsigned long long)(in->memory_bytes >> 20));
		sep = ", ";
	}
	if (in->panic_cpu >= 0)
		od_buf_printf(&line, "%spanic on CPU %d", sep, in->panic_cpu);
	od_page_field(buf, style, "System", od_buf_str(&line));
	od_buf_deinit(&line);
}

static void missing(struct od_buf *buf, const struct od_missing *m, const struct od_style *style)
{
	struct od_buf line = OD_BUF_INIT;

	od_buf_printf(&line, "%s: %s", m->what, m->why);
	if (m->build_id)
		od_buf_printf(&line, "; build-id %s", m->build_id);
	if (m->path)
		od_buf_printf(&line, "; %s", m->path);
	od_page_field(buf, style, "Missing", od_buf_str(&line));
	od_buf_deinit(&line);
}

void od_text_input(struct od_buf *buf, const struct od_input *in, const struct od_style *style)
{
	if (in->status == OD_INPUT_UNREADABLE)
		return;
	if (in->kind != OD_INPUT_VMCORE && in->kind != OD_INPUT_CORE) {
		/* A log needs no debug file; who gave one wants to know what became of it. */
		if (in->nmissing && in->nreports && (in->symbols_given || style->verbose))
			od_page_heading(buf, style, "Source lines");
		for (uint32_t i = 0; in->nreports && i < in->nmissing; i++)
			if (in->symbols_given || style->verbose)
				missing(buf, &in->missing[i], style);
		return;
	}
	od_page_heading(buf, style, in->kind == OD_INPUT_CORE ? "The core" : "The dump");
	od_page_field(buf, style, "Format", in->format);
	system_line(buf, in, style);
	if (in->cmdline && style->verbose)
		od_page_field(buf, style, "Booted", in->cmdline);
	for (uint32_t i = 0; i < in->nmissing; i++)
		missing(buf, &in->missing[i], style);
	for (uint32_t i = 0; i < in->nnotes; i++)
		od_page_field(buf, style, "Note", in->notes[i].text);
}
