/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands open, close, inputs and export. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/escape.h"
#include "config.h"
#include "front/answer.h"
#include "front/openfile.h"
#include "render/markdown.h"

enum { MAX_EXPORT = 512 << 20 }; /* bytes */

/* --- inputs ------------------------------------------------------------------------- */

struct od_error *od_front_open_command(struct od_front *front, const struct od_args *args, struct od_buf *out)
{
	od_autofree char *path = od_front_path(args->argv[1]);
	size_t before = front->current;

	(void)out;
	front->current = od_front_add(front, path, false);
	if (od_front_open(front, &front->inputs[front->current]))
		return NULL;
	front->ninputs--;
	free(front->inputs[front->ninputs].path);
	front->current = before;
	return od_error_new(OD_ERR_IO, "nothing was opened");
}

int od_front_memory(const char *data, size_t len)
{
	const int fd = memfd_create("oopsdiag", MFD_CLOEXEC);
	int error = fd < 0 ? errno : od_write_fd(fd, data, len);

	if (!error && lseek(fd, 0, SEEK_SET) < 0)
		error = errno;
	if (!error)
		return fd;
	if (fd >= 0)
		close(fd);
	od_message("no memory for a file", strerror(error), strlen(strerror(error)));
	return -1;
}

bool od_front_add_bytes(struct od_front *front, const char *name, const char *data, size_t len)
{
	const int fd = od_front_memory(data, len);
	size_t i;

	if (fd < 0)
		return false;
	i = od_front_add(front, name, false);
	front->inputs[i].fd = fd;
	front->current = i;
	return true;
}

struct od_error *od_front_close_command(struct od_front *front, const struct od_args *args, struct od_buf *out)
{
	uint64_t n = front->current;
	struct od_front_input *in;

	(void)out;
	if (args->argc > 1 && !od_parse_number(args->argv[1], &n))
		return od_error_new(OD_ERR_USAGE, "'%s' is not the number of an input", args->argv[1]);
	if (n >= front->ninputs)
		return od_error_new(OD_ERR_USAGE, "there is no input %llu", (unsigned long long)n);
	in = &front->inputs[n];
	if (in->closed)
		return od_error_new(OD_ERR_USAGE, "input %llu is closed already", (unsigned long long)n);
	od_front_close(in);
	in->closed = true;
	/* The one ahead of it becomes the current one, else the next. */
	for (size_t i = front->ninputs; n == front->current && i > 0; i--)
		if (!front->inputs[i - 1].closed && (i - 1 < n || front->current == n))
			front->current = i - 1;
	return NULL;
}

static const char *state(const struct od_front_input *in)
{
	if (in->closed)
		return "closed";
	if (in->lost)
		return "cannot be opened";
	if (!in->engine && in->spent && lseek(in->fd, 0, SEEK_CUR) < 0)
		return "lost: a pipe, and the analysis that had read it is gone";
	return in->loaded ? NULL : "not read yet";
}

struct od_error *od_front_inputs_command(struct od_front *front, const struct od_args *args, struct od_buf *out)
{
	(void)args;
	for (size_t i = 0; i < front->ninputs; i++) {
		const struct od_front_input *in = &front->inputs[i];
		const char *what = state(in);

		od_buf_printf(out, "%c %zu: ", i == front->current && !in->closed ? '*' : ' ', i);
		od_escape_str(out, OD_ESCAPE_TEXT, strcmp(in->path, "-") != 0 ? in->path : "standard input");
		if (in->nparts)
			od_buf_printf(out, " and %zu more", in->nparts - 1);
		if (what)
			od_buf_printf(out, ", %s\n", what);
		else if (in->nreports == 0)
			od_buf_addstr(out, ", no report\n");
		else if (in->nreports == 1)
			od_buf_printf(out, ", report %u\n", in->id_base);
		else
			od_buf_printf(out, ", reports %u to %u\n", in->id_base, in->id_base + in->nreports - 1);
	}
	if (front->ninputs == 0)
		od_buf_addstr(out, "no input: open a file, or paste a log\n");
	return NULL;
}

void od_front_complete_inputs(const struct od_front *front, const char *word, struct od_buf *words)
{
	for (size_t i = 0; i < front->ninputs; i++) {
		struct od_buf n = OD_BUF_INIT;

		od_buf_printf(&n, "%zu", i);
		if (!front->inputs[i].closed)
			od_words_add(words, word, od_buf_str(&n));
		od_buf_deinit(&n);
	}
}

/* --- export --------------------------------------------------------------------------- */

enum frame { FRAME_NONE, FRAME_MARKDOWN };

static const struct {
	const char *end; /* of the file's name */
	enum od_format format;
	enum frame frame; /* what is put around the text */
} formats[] = {
	{ ".json", OD_FORMAT_JSON, FRAME_NONE },      { ".txt", OD_FORMAT_TEXT, FRAME_NONE },
	{ ".text", OD_FORMAT_TEXT, FRAME_NONE },      { ".log", OD_FORMAT_TEXT, FRAME_NONE },
	{ ".html", OD_FORMAT_HTML, FRAME_NONE },      { ".htm", OD_FORMAT_HTML, FRAME_NONE },
	{ ".md", OD_FORMAT_TEXT, FRAME_MARKDOWN },    { ".markdown", OD_FORMAT_TEXT, FRAME_MARKDOWN },
};

static void collect(void *ctx, int fd, const char *data, size_t len)
{
	struct od_buf *buf = ctx;

	if (fd != STDOUT_FILENO)
		od_write_stderr(data, len);
	else if (buf->len + len <= MAX_EXPORT)
		od_buf_add(buf, data, len);
}

/* The report of the current input in a format that is not the session's. Its status. */
static int render(struct od_front *front, enum od_format format, struct od_buf *text)
{
	const struct od_options *opts = front->opts;
	struct od_front_input *in = od_front_current(front);
	struct od_options other = *opts;
	struct od_document doc = front->doc;
	const bool colour = front->colour, described = in->described, printed = front->printed;
	const unsigned statuses = front->statuses;
	static const char report[] = "report";
	int status;

	other.format = format;
	other.format_given = true;
	front->opts = &other;
	front->doc = (struct od_document){ .inputs = OD_BUF_INIT };
	front->colour = front->printed = in->described = false;
	od_output_push(collect, text);
	status = od_front_exec_plain(front, report, strlen(report));
	od_front_finish(front);
	od_output_pop();
	front->opts = opts;
	front->doc = doc;
	front->colour = colour;
	front->printed = printed;
	in->described = described;
	front->statuses = statuses;
	return status;
}

/* Never over a file that is there, nor through a link, unless that is wanted. */
static struct od_error *write_new(const char *path, bool force, const struct od_buf *page)
{
	const int how = force ? O_TRUNC : O_EXCL;
	od_autoclose int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | how, 0666);
	int error;

	if (fd < 0 && errno == EEXIST && !force)
		return od_error_new(OD_ERR_USAGE, "%s exists; -f writes over it", path);
	if (fd < 0)
		return od_error_new(OD_ERR_IO, "%s: %s", path, strerror(errno));
	error = od_write_fd(fd, od_buf_str(page), page->len);
	return error ? od_error_new(OD_ERR_IO, "%s: %s", path, strerror(error)) : NULL;
}

struct od_error *od_front_export_command(struct od_front *front, const struct od_args *args, struct od_buf *out)
{
	od_autofree char *path = od_front_path(args->argv[1]);
	const char *end = strrchr(od_basename(path), '.');
	struct od_buf text = OD_BUF_INIT, page = OD_BUF_INIT;
	struct od_error *err;
	size_t i = 0;
	int status;

	while (i < sizeof(formats) / sizeof(formats[0]) && (!end || strcmp(formats[i].end, end) != 0))
		i++;
	if (i == sizeof(formats) / sizeof(formats[0]))
		return od_error_new(OD_ERR_USAGE, "the name of the file says the format: .json, .txt, .html or .md");
	status = render(front, formats[i].format, &text);
	if (status != 0 && status != 1 && status != 3) {
		od_buf_deinit(&text);
		return od_error_new(OD_ERR_IO, "nothing was written");
	}
	if (formats[i].frame == FRAME_MARKDOWN)
		od_markdown_block(&page, od_buf_str(&text), text.len);
	err = write_new(path, od_args_has(args, 'f'), formats[i].frame ? &page : &text);
	if (!err) {
		od_escape_str(out, OD_ESCAPE_TEXT, path);
		od_buf_printf(out, ": %zu bytes\n", formats[i].frame ? page.len : text.len);
	}
	od_buf_deinit(&text);
	od_buf_deinit(&page);
	return err;
}
