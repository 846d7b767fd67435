/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Field names: systemd.journal-fields(7). */
#include "io/journal.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cursor.h"
#include "io/out.h"

void od_entry_begin(struct od_entry *e)
{
	struct od_buf text = e->text;

	od_buf_reset(&text);
	*e = (struct od_entry){ .text = text,
				.place = 1,
				.level = UINT32_MAX,
				.wall_us = OD_ENTRY_NONE,
				.boot_us = OD_ENTRY_NONE,
				.pid = OD_ENTRY_NONE };
}

void od_entry_deinit(struct od_entry *e)
{
	od_buf_deinit(&e->text);
}

static bool number(const char *value, size_t len, uint64_t *ret)
{
	struct od_cursor c = od_cursor_init(value, len);

	return od_cur_dec(&c, ret) && od_cur_end(&c);
}

/* Names go into a log line: what cannot stand there becomes '_'. */
static void set_name(char *to, size_t size, const char *value, size_t len, const char *more)
{
	size_t n = len < size - 1 ? len : size - 1;

	for (size_t i = 0; i < n; i++)
		to[i] = od_is_alnum(value[i]) || (value[i] && strchr(more, value[i])) ? value[i] : '_';
	to[n] = '\0';
}

static void set_program(struct od_entry *e, const char *value, size_t len)
{
	set_name(e->program, sizeof(e->program), value, len, "_-./@()");
}

static bool equal(const char *value, size_t len, const char *lit)
{
	return len == strlen(lit) && !memcmp(value, lit, len);
}

void od_entry_field(struct od_entry *e, const char *name, const char *value, size_t len,
		    uint32_t place)
{
	uint64_t n;

	if (!strcmp(name, "MESSAGE")) {
		e->any = true;
		od_buf_reset(&e->text);
		od_buf_add(&e->text, value, len);
		e->place = place;
	} else if (!strcmp(name, "PRIORITY")) {
		if (number(value, len, &n) && n < 8)
			e->level = (uint32_t)n;
	} else if (!strcmp(name, "_TRANSPORT")) {
		e->kernel |= equal(value, len, "kernel");
	} else if (!strcmp(name, "SYSLOG_IDENTIFIER")) {
		e->kernel |= equal(value, len, "kernel");
		set_program(e, value, len);
	} else if (!strcmp(name, "_COMM")) {
		if (!*e->program)
			set_program(e, value, len);
	} else if (!strcmp(name, "_PID")) {
		number(value, len, &e->pid);
	} else if (!strcmp(name, "SYSLOG_PID")) {
		if (e->pid == OD_ENTRY_NONE)
			number(value, len, &e->pid);
	} else if (!strcmp(name, "_HOSTNAME")) {
		set_name(e->host, sizeof(e->host), value, len, "-_.");
	} else if (!strcmp(name, "__REALTIME_TIMESTAMP")) {
		number(value, len, &e->wall_us);
	} else if (!strcmp(name, "_SOURCE_MONOTONIC_TIMESTAMP")) {
		number(value, len, &e->boot_us);
	}
}

static void put_wall(struct od_buf *buf, uint64_t us)
{
	time_t t = (time_t)(us / 1000000);
	struct tm tm;
	char text[48];

	/* Years of four digits, and nothing that only a forger writes. */
	if (us / 1000000 > 253402300799 || !gmtime_r(&t, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
		return;
	od_buf_printf(buf, "%s.%06uZ ", text, (unsigned)(us % 1000000));
}

static void put_prefix(const struct od_entry *e, struct od_buf *buf)
{
	size_t start = buf->len;
	uint64_t pid = e->pid == OD_ENTRY_NONE ? 0 : e->pid;

	if (e->level != UINT32_MAX)
		od_buf_printf(buf, "<%u>", e->level);
	od_buf_addstr(buf, e->names);
	start = buf->len;
	if (e->wall_us != OD_ENTRY_NONE)
		put_wall(buf, e->wall_us);
	if (*e->date)
		od_buf_printf(buf, "[%s] ", e->date);
	if (!e->kernel) {
		if (buf->len > start && *e->host)
			od_buf_printf(buf, "%s ", e->host);
		od_buf_printf(buf, "%s[%llu]: ", *e->program ? e->program : "unknown",
			      (unsigned long long)pid);
		return;
	}
	if (e->wall_us != OD_ENTRY_NONE && buf->len > start)
		od_buf_printf(buf, "%s%skernel: ", e->host, *e->host ? " " : "");
	if (e->boot_us != OD_ENTRY_NONE)
		od_buf_printf(buf, "[%5llu.%06llu] ", (unsigned long long)(e->boot_us / 1000000),
			      (unsigned long long)(e->boot_us % 1000000));
	if (e->boot_us != OD_ENTRY_NONE && *e->caller)
		od_buf_printf(buf, "[%s] ", e->caller);
}

void od_entry_finish(struct od_entry *e, struct od_out *out)
{
	struct od_buf prefix = OD_BUF_INIT;
	const char *s = od_buf_str(&e->text);
	size_t len = e->text.len;
	uint32_t place = e->place;

	if (!e->any)
		goto out;
	while (len && s[len - 1] == '\n')
		len--;
	put_prefix(e, &prefix);
	/* A message of several lines: each with its prefix, as the kernel's own log has them. */
	for (;;) {
		const char *nl = memchr(s, '\n', len);
		size_t n = nl ? (size_t)(nl - s) : len;

		od_out_add(out, od_buf_str(&prefix), prefix.len, place);
		od_out_add(out, s, n, place);
		od_out_add(out, "\n", 1, place);
		if (!nl)
			break;
		s += n + 1;
		len -= n + 1;
		place += e->exact;
	}
	od_buf_deinit(&prefix);
out:
	od_entry_begin(e);
}
