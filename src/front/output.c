/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "config.h"
#include "front/filter.h"
#include "front/jsoncheck.h"

static void write_failed(int error)
{
	/* A reader that went away knows why. */
	if (error != EPIPE)
		fprintf(stderr, "oopsdiag: cannot write the output: %s\n", strerror(error));
	_exit(5);
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static struct {
	od_output_fn *fn;
	void *ctx;
} diverts[OD_MAX_DIVERTS];
static unsigned ndiverts;

void od_output_push(od_output_fn *fn, void *ctx)
{
	if (ndiverts == OD_MAX_DIVERTS)
		abort();
	diverts[ndiverts].fn = fn;
	diverts[ndiverts++].ctx = ctx;
}

void od_output_pop(void)
{
	ndiverts--;
}

bool od_output_to_terminal(void)
{
	return ndiverts == 0 && isatty(STDOUT_FILENO);
}

/* False: it goes nowhere else. A fn that writes itself does so one level below. */
static bool divert(int fd, const char *data, size_t len)
{
	if (ndiverts == 0)
		return false;
	ndiverts--;
	diverts[ndiverts].fn(diverts[ndiverts].ctx, fd, data, len);
	ndiverts++;
	return true;
}

int od_write_fd(int fd, const char *data, size_t len)
{
	return write_all(fd, data, len);
}

void od_write_stdout(const char *data, size_t len)
{
	int error;

	if (divert(STDOUT_FILENO, data, len))
		return;
	error = write_all(STDOUT_FILENO, data, len);

	if (error)
		write_failed(error);
}

void od_write_stderr(const char *data, size_t len)
{
	if (!divert(STDERR_FILENO, data, len))
		write_all(STDERR_FILENO, data, len);
}

void od_close_stdout(void)
{
	/* A descriptor that was never open is no error: nothing was to be written. */
	if (close(STDOUT_FILENO) < 0 && errno != EBADF && errno != EINTR)
		write_failed(errno);
}

void od_message(const char *what, const char *text, size_t len)
{
	struct od_filter filter = { .colour = false };
	struct od_buf buf = OD_BUF_INIT;

	od_buf_addstr(&buf, "oopsdiag: ");
	if (what) {
		od_escape_str(&buf, OD_ESCAPE_TEXT, what);
		od_buf_addstr(&buf, ": ");
	}
	od_filter_add(&filter, &buf, text, len);
	od_filter_end(&filter, &buf);
	od_buf_addch(&buf, '\n');
	od_write_stderr(buf.data, buf.len);
	od_buf_deinit(&buf);
}

void od_message_error(const char *what, const struct od_error *err)
{
	struct od_buf text = OD_BUF_INIT;

	od_escape_str(&text, OD_ESCAPE_TEXT, err->message);
	od_message(what, od_buf_str(&text), text.len);
	od_buf_deinit(&text);
}

void od_document_deinit(struct od_document *doc)
{
	od_buf_deinit(&doc->inputs);
	od_buf_deinit(&doc->reports);
	od_buf_deinit(&doc->commands);
	doc->in_page = false;
}

void od_document_add(struct od_buf *array, const char *json, size_t len)
{
	od_buf_addstr(array, array->len > 0 ? ",\n" : "\n");
	while (len > 0 && (json[len - 1] == '\n' || json[len - 1] == ' '))
		len--;
	od_buf_add(array, json, len);
}

static void add_string(struct od_buf *buf, const char *s, size_t len)
{
	od_buf_addch(buf, '"');
	od_escape(buf, OD_ESCAPE_JSON, s, len);
	od_buf_addch(buf, '"');
}

void od_document_add_lost(struct od_document *doc, const char *name, const char *status,
			  const char *error)
{
	struct od_buf buf = OD_BUF_INIT;

	od_buf_addstr(&buf, "{\"name\":");
	add_string(&buf, name, strlen(name));
	od_buf_printf(&buf, ",\"kind\":null,\"status\":\"%s\",\"error\":", status);
	add_string(&buf, error, strlen(error));
	od_buf_addstr(&buf, ",\"system\":{\"release\":null,\"hostname\":null,\"uptime_s\":null,"
			    "\"cmdline\":null,\"memory_bytes\":null,\"panic_cpu\":null},"
			    "\"missing\":[],\"timeline\":[],\"notes\":[]}");
	od_document_add(&doc->inputs, buf.data, buf.len);
	od_buf_deinit(&buf);
}

void od_document_add_command(struct od_buf *array, const char *command, size_t command_len,
			     const struct od_buf *output)
{
	struct od_buf buf = OD_BUF_INIT;

	od_buf_addstr(&buf, "{\"command\":");
	add_string(&buf, command, command_len);
	od_buf_addstr(&buf, ",\"output\":");
	add_string(&buf, od_buf_str(output), output->len);
	/* What is json by itself (-j) need not be read out of a string. */
	if (od_json_check(od_buf_str(output), output->len)) {
		od_buf_addstr(&buf, ",\"json\":");
		od_buf_add(&buf, output->data, output->len);
	}
	od_buf_addch(&buf, '}');
	od_document_add(array, buf.data, buf.len);
	od_buf_deinit(&buf);
}

void od_document_render(const struct od_document *doc, struct od_buf *buf)
{
	od_buf_printf(buf, "{\"schema\":1,\"tool\":\"oopsdiag %s\",\n\"inputs\":[%s],\n",
		      PACKAGE_VERSION, od_buf_str(&doc->inputs));
	od_buf_printf(buf, "\"reports\":[%s]", od_buf_str(&doc->reports));
	if (doc->commands.len > 0)
		od_buf_printf(buf, ",\n\"commands\":[%s]", od_buf_str(&doc->commands));
	od_buf_addstr(buf, "}\n");
}

void od_document_render_status(const struct od_document *doc, int status, struct od_buf *buf)
{
	od_buf_printf(buf,
		      "{\"type\":\"status\",\"schema\":1,\"tool\":\"oopsdiag %s\","
		      "\"exit_status\":%d,\"inputs\":[",
		      PACKAGE_VERSION, status);
	/* One line: a newline in valid json is always between tokens. */
	for (size_t i = 0; i < doc->inputs.len; i++)
		if (doc->inputs.data[i] != '\n')
			od_buf_addch(buf, doc->inputs.data[i]);
	od_buf_addstr(buf, "]}\n");
}
