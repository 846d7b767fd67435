/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything but the REPL. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "front/front.h"

static void exec_str(struct od_front *front, const char *line)
{
	od_front_exec(front, line, strlen(line));
}

/* On the inputs after the first, what no input can change is not said again. */
static void exec_once(struct od_front *front, const char *line, size_t len)
{
	if (front->repl || front->current == 0 || !od_front_needs_no_input(NULL, line, len))
		od_front_exec(front, line, len);
}

static FILE *open_script(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	FILE *file;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		errno = EISDIR;
		return NULL;
	}
	file = fdopen(fd, "r");
	if (!file)
		close(fd);
	return file;
}

bool od_front_script(struct od_front *front, const char *path)
{
	FILE *file = open_script(path);
	od_autofree char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	if (!file) {
		od_message(path, strerror(errno), strlen(strerror(errno)));
		return false;
	}
	while (!front->quit && !(front->interrupted && *front->interrupted) && (len = getline(&line, &cap, file)) >= 0)
		exec_once(front, line, (size_t)len - (len > 0 && line[len - 1] == '\n'));
	fclose(file);
	return true;
}

static void run_items(struct od_front *front)
{
	const struct od_options *opts = front->opts;

	for (size_t i = 0; i < opts->nbatch && !front->quit; i++) {
		const struct od_batch_item *item = &opts->batch[i];

		if (!item->script)
			exec_once(front, item->text, strlen(item->text));
		else if (!od_front_script(front, item->text))
			front->statuses |= 1u << 2;
	}
}

static void run_current(struct od_front *front)
{
	if (front->opts->nbatch > 0)
		run_items(front);
	else if (front->opts->repaired)
		exec_str(front, "log -a");
	else if (front->opts->annotate)
		exec_str(front, "log -s");
	else
		exec_str(front, "report");
}

int od_batch(struct od_front *front)
{
	const struct od_options *opts = front->opts;
	size_t n;

	od_front_add_files(front);
	/* Commands typed at a terminal do not wait for a log to be typed too. */
	if (opts->files.n == 0 && !(opts->nbatch > 0 && isatty(STDIN_FILENO)))
		od_front_add(front, "-", true);
	n = front->ninputs;
	for (size_t i = 0; i < n && !front->quit; i++) {
		front->current = i;
		run_current(front);
		od_front_close(&front->inputs[i]);
	}
	if (n == 0)
		run_current(front);
	/* Commands answer; whether there is a crash is not their status, but whether a test failed. */
	if (opts->nbatch > 0 && !opts->test_rules && front->statuses & 1u << 1)
		front->statuses = (front->statuses & ~(1u << 1)) | 1u << 0;
	od_front_finish(front);
	return od_front_status(front);
}
