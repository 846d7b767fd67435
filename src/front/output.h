/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing to standard output and error; the json document. */
#ifndef OD_FRONT_OUTPUT_H
#define OD_FRONT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "front/protocol.h"

/* All of it, or a message and the end of the program with status 5. */
void od_write_stdout(const char *data, size_t len);
/* As much as can be written. */
void od_write_stderr(const char *data, size_t len);
/*
 * What would go to a descriptor, STDOUT_FILENO or STDERR_FILENO, goes to fn instead, until od_output_pop().
 * For one command of the REPL: a pager, a pipe, a file. What fn itself writes goes where it went before.
 */
typedef void od_output_fn(void *ctx, int fd, const char *data, size_t len);
enum { OD_MAX_DIVERTS = 4 };
void od_output_push(od_output_fn *fn, void *ctx);
void od_output_pop(void);
/* Standard output is a terminal, and is where output goes. */
bool od_output_to_terminal(void);
/* All of it; 0, or what errno was. */
int od_write_fd(int fd, const char *data, size_t len);
/* Errors that the system reports only now end the program as above. */
void od_close_stdout(void);

/* "oopsdiag: [what: ]text" on standard error, filtered. what may be NULL. */
void od_message(const char *what, const char *text, size_t len);
/*
 * The same of an error, as one line: a name in it may have newlines, and what stands behind one would
 * look like a message of ours.
 */
void od_message_error(const char *what, const struct od_error *err);

/* The parts of the one document of --format=json, or of the status line of --jsonl. */
struct od_document {
	struct od_buf inputs, reports, commands; /* array elements, commas between */
	bool in_page;	 /* html: the head was written */
	unsigned pieces; /* html: that were admitted, which makes their ids differ */
};

void od_document_deinit(struct od_document *doc);
/* Append one object to an array. */
void od_document_add(struct od_buf *array, const char *json, size_t len);
/* An object for an input whose engine cannot speak of it any more. */
void od_document_add_lost(struct od_document *doc, const char *name, const char *status,
			  const char *error);
void od_document_add_command(struct od_buf *array, const char *command, size_t command_len,
			     const struct od_buf *output);
/* The document. */
void od_document_render(const struct od_document *doc, struct od_buf *buf);
/* The last line of --jsonl. */
void od_document_render_status(const struct od_document *doc, int status, struct od_buf *buf);

#endif
