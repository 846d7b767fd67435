/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of source files, out of the directories that the user named and of no others: what a debug
 * file calls a source file is a stranger's word. A file is looked for under its whole name, and then
 * with one folder after another taken off the front.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/locate.h"
#include "base/alloc.h"
#include "base/cleanup.h"

enum {
	AROUND = 2,		/* lines ahead of the place, and behind it */
	MAX_FOLDERS = 24,	/* of a name that are taken off */
	MAX_PATH = 4096,
	MAX_SOURCE = 8 << 20,	/* bytes of a source file */
	MAX_SHOWN = 400,	/* bytes of a line */
};

/* Nothing that leads out of the directory. */
static bool is_plain(const char *name)
{
	for (const char *p = name; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (p[0] == '.' && p[1] == '.' && (!p[2] || p[2] == '/'))
			return false;
	}
	return *name && *name != '/';
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MAX_SOURCE)
		return fd;
	close(fd);
	return -1;
}

static int open_under(const char *dir, const char *name)
{
	char path[MAX_PATH];

	for (int i = 0; name && i < MAX_FOLDERS; i++) {
		int fd, n = snprintf(path, sizeof(path), "%s/%s", dir, name);

		if (is_plain(name) && n > 0 && n < MAX_PATH && (fd = open_file(path)) >= 0)
			return fd;
		name = strchr(name, '/');
		name += name != NULL;
	}
	return -1;
}

static int open_source(const char *const *sources, const char *name)
{
	for (; *sources; sources++) {
		int fd = open_under(*sources, name);

		if (fd >= 0)
			return fd;
	}
	return -1;
}

/* A line for people: without newline, tabs as blanks. */
static const char *line_text(struct od_report *rep, const char *s, size_t len)
{
	char text[MAX_SHOWN];
	size_t n = 0;

	for (size_t i = 0; i < len && n < sizeof(text) && s[i] != '\r'; i++) {
		if (s[i] != '\t') {
			text[n++] = s[i];
			continue;
		}
		do {
			text[n++] = ' ';
		} while (n % 8 && n < sizeof(text));
	}
	return od_arena_strndup(&rep->arena, text, n);
}

/* Lines from first on, of len bytes at s; how many there are. */
static uint32_t take_lines(struct od_report *rep, const char *s, size_t len, uint32_t first,
			   const char **text)
{
	const char *p = s, *end = s + len;
	uint32_t lineno = 1, n = 0;

	for (; p < end && n < 2 * AROUND + 1; lineno++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if (!nl)
			nl = end;
		if (lineno >= first)
			text[n++] = line_text(rep, p, (size_t)(nl - p));
		p = nl + (nl < end);
	}
	return n;
}

static void add_excerpt(struct od_report *rep, uint32_t stack, uint32_t frame, const char *file,
			uint32_t line, const char *const *sources)
{
	od_autoclose int fd = file && line ? open_source(sources, file) : -1;
	od_autofree char *data = NULL;
	struct od_excerpt *e;
	const char **text;
	size_t len = 0;
	uint32_t n;

	if (fd < 0 || rep->nexcerpts >= OD_MAX_EXCERPTS)
		return;
	data = od_malloc(MAX_SOURCE);
	for (ssize_t got; len < MAX_SOURCE && (got = read(fd, data + len, MAX_SOURCE - len)) > 0;)
		len += (size_t)got;
	text = od_arena_alloc(&rep->arena, (2 * AROUND + 1) * sizeof(*text));
	n = take_lines(rep, data, len, line > AROUND ? line - AROUND : 1, text);
	/* It ends ahead of the place: of another version. */
	if ((line > AROUND ? line - AROUND : 1) + n <= line)
		return;
	e = od_push(&rep->arena, rep->excerpts, rep->nexcerpts, rep->excerpts_cap);
	*e = (struct od_excerpt){ stack, frame, file, line > AROUND ? line - AROUND : 1, line, text, n };
}

/* Where the instruction itself stands: in what was inlined last. */
static void add_frame(struct od_report *rep, uint32_t stack, uint32_t frame, const char *const *sources)
{
	const struct od_frame *f = &rep->stacks[stack].frames[frame];

	for (uint32_t i = 0; i < rep->nexcerpts; i++)
		if (rep->excerpts[i].stack == stack && rep->excerpts[i].frame == frame)
			return;
	if (f->ninlined)
		add_excerpt(rep, stack, frame, f->inlined[0].file, f->inlined[0].line, sources);
	else
		add_excerpt(rep, stack, frame, f->file, f->line, sources);
}

void od_locate_excerpts(struct od_report *rep, const char *const *sources)
{
	if (od_report_pc(rep))
		add_frame(rep, 0, 0, sources);
	if (od_report_guilty(rep))
		add_frame(rep, (uint32_t)rep->guilty_stack, (uint32_t)rep->guilty_frame, sources);
}
