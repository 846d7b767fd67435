/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2 */
#endif
#include "front/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "front/aliases.h"
#include "shell/commands.h"

struct answer {
	enum { ANSWER_PAGER, ANSWER_SHELL, ANSWER_FILE } kind;
	const char *command; /* of the pager, or the shell's */
	int fd;		     /* -1: not open; the pager starts when the screen is full */
	pid_t pid;
	int error;	     /* of writing; later output is dropped */
	struct od_buf held;  /* pager: what a screen still holds */
	struct od_buf said;  /* pager: messages, shown behind it */
	unsigned rows, columns, row, column;
};

/* --- what a line says --------------------------------------------------------------- */

struct od_error *od_redirect_parse(const char *line, struct od_redirect *ret)
{
	char quote = '\0';
	bool start = true;

	*ret = (struct od_redirect){ OD_TO_TERMINAL, strlen(line), NULL };
	for (const char *s = line; *s; s++) {
		if (*s == '\\' && quote != '\'' && s[1])
			s++;
		else if (quote)
			quote = *s == quote ? '\0' : quote;
		else if (*s == '\'' || *s == '"')
			quote = *s;
		else if (*s == '#' && s == line)
			return NULL;
		else if (*s == '|' || (*s == '>' && start)) {
			ret->kind = *s == '|' ? OD_TO_SHELL : s[1] == '>' ? OD_TO_FILE_END : OD_TO_FILE;
			ret->len = (size_t)(s - line);
			s += ret->kind == OD_TO_FILE_END ? 2 : 1;
			ret->word = s + strspn(s, " \t");
			break;
		}
		start = od_is_blank(*s);
	}
	if (ret->word && !*ret->word)
		return od_error_new(OD_ERR_USAGE, ret->kind == OD_TO_SHELL ? "| needs a command behind it" :
									     "> needs a file behind it");
	return NULL;
}

char *od_front_path(const char *path)
{
	const char *home = getenv("HOME");
	struct od_buf buf = OD_BUF_INIT;

	if (path[0] != '~' || path[1] != '/' || !home || !*home)
		return od_strdup(path);
	od_buf_printf(&buf, "%s%s", home, path + 1);
	return buf.data;
}

/* --- processes ------------------------------------------------------------------------ */

/* The words of $PAGER are run as they are: no shell reads them. */
static void exec_pager(const char *command)
{
	struct od_args args;
	od_autoerror err = od_args_parse(&args, command, strlen(command));

	setenv("LESSSECURE", "1", 1);
	/* Colours pass, and it leaves what was read on the screen; who has settings of his own keeps them. */
	setenv("LESS", "RX", 0);
	if (!err && args.argc > 0) {
		args.argv[args.argc] = NULL;
		execvp(args.argv[0], (char *const *)args.argv);
	}
	_exit(127);
}

/* A child that reads what we write. False: there is none, errno says why. */
static bool spawn(struct answer *a)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return false;
	a->pid = fork();
	if (a->pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		if (dup2(fds[0], STDIN_FILENO) < 0)
			_exit(127);
		if (a->kind == ANSWER_PAGER)
			exec_pager(a->command);
		execl("/bin/sh", "sh", "-c", a->command, (char *)NULL);
		_exit(127);
	}
	close(fds[0]);
	if (a->pid < 0) {
		close(fds[1]);
		return false;
	}
	a->fd = fds[1];
	return true;
}

/* --- the pager -------------------------------------------------------------------------- */

static bool fits(struct answer *a, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n' || ++a->column > a->columns) {
			a->row++;
			a->column = 0;
		}
	}
	/* The prompt wants a line too. */
	return a->row < a->rows;
}

static void page(struct answer *a, const char *data, size_t len)
{
	if (a->fd < 0 && !a->error) {
		if (fits(a, data, len)) {
			od_buf_add(&a->held, data, len);
			return;
		}
		if (!spawn(a)) {
			a->error = errno;
			return;
		}
		a->error = od_write_fd(a->fd, od_buf_str(&a->held), a->held.len);
		od_buf_reset(&a->held);
	}
	if (!a->error)
		a->error = od_write_fd(a->fd, data, len);
}

static bool gone;

bool od_answer_gone(void)
{
	return gone;
}

static void on_output(void *ctx, int fd, const char *data, size_t len)
{
	struct answer *a = ctx;

	if (fd == STDERR_FILENO && a->kind == ANSWER_PAGER && a->fd >= 0)
		od_buf_add(&a->said, data, len);
	else if (fd == STDERR_FILENO)
		od_write_fd(fd, data, len);
	else if (a->kind == ANSWER_PAGER)
		page(a, data, len);
	else if (!a->error)
		a->error = od_write_fd(a->fd, data, len);
	gone = a->error != 0;
}

/* --- one line ----------------------------------------------------------------------------- */

static struct od_error *open_file(struct answer *a, const struct od_redirect *to)
{
	const int mode = to->kind == OD_TO_FILE ? O_TRUNC : O_APPEND;
	struct od_args args;
	struct od_error *err = od_args_parse(&args, to->word, strlen(to->word));
	od_autofree char *path = NULL;

	if (!err && args.argc != 1)
		err = od_error_new(OD_ERR_USAGE, "> takes one file");
	if (!err) {
		path = od_front_path(args.argv[0]);
		a->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | mode, 0666);
		if (a->fd < 0)
			err = od_error_new(OD_ERR_IO, "%s: %s", path, strerror(errno));
	}
	od_args_deinit(&args);
	return err;
}

static struct od_error *begin(struct answer *a, const struct od_redirect *to)
{
	struct winsize ws;

	if (to->kind == OD_TO_SHELL) {
		a->kind = ANSWER_SHELL;
		a->command = to->word;
		return spawn(a) ? NULL : od_error_new(OD_ERR_IO, "%s", strerror(errno));
	}
	if (to->kind != OD_TO_TERMINAL) {
		a->kind = ANSWER_FILE;
		return open_file(a, to);
	}
	a->kind = ANSWER_PAGER;
	a->command = getenv("PAGER");
	if (!a->command || !*a->command)
		a->command = "less";
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) < 0 || ws.ws_row < 2 || !ws.ws_col)
		ws = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	a->rows = ws.ws_row;
	a->columns = ws.ws_col;
	return NULL;
}

/* The answer is whole: let whoever reads it come to an end. */
static void end(struct answer *a)
{
	int status = 0;

	if (a->fd >= 0)
		close(a->fd);
	while (a->pid > 0 && waitpid(a->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (a->kind == ANSWER_PAGER && a->pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 127)
		od_message(a->command, "there is no such pager; 'set pager off' does without", 52);
	else if (a->error && a->error != EPIPE)
		od_message("cannot write the output", strerror(a->error), strlen(strerror(a->error)));
	od_write_stdout(od_buf_str(&a->held), a->held.len);
	od_write_stderr(od_buf_str(&a->said), a->said.len);
	od_buf_deinit(&a->held);
	od_buf_deinit(&a->said);
}

/* Does the line go to a pager? What repeats is watched. */
static bool wants_pager(const struct od_front *front, const char *line)
{
	const char *word = line + strspn(line, " \t"), *term = getenv("TERM");

	od_autofree char *name = strndup(word, strcspn(word, " \t"));
	const struct od_command *cmd = NULL;
	od_autoerror err = name ? od_command_find(name, &cmd) : NULL;

	return front->pager && term && *term && strcmp(term, "dumb") != 0 && (err || cmd != &od_cmd_repeat);
}

int od_front_exec_typed(struct od_front *front, const char *typed)
{
	od_autofree char *line = od_alias_expand(typed, strlen(typed));
	struct answer a = { .fd = -1 };
	const bool colour = front->colour, ascii = front->ascii;
	struct od_redirect to;
	od_autoerror err = od_redirect_parse(line, &to);
	int status;

	if (!err && to.kind == OD_TO_TERMINAL && !wants_pager(front, line))
		return od_front_exec_plain(front, line, to.len);
	if (!err)
		err = begin(&a, &to);
	if (err) {
		od_message_error(NULL, err);
		return od_error_status(err->code);
	}
	/* What reads it, or will, need not be of this terminal. */
	front->ascii &= to.kind == OD_TO_TERMINAL;
	if (to.kind != OD_TO_TERMINAL)
		front->colour = front->opts->colour == OD_WHEN_ALWAYS;
	gone = false;
	signal(SIGPIPE, SIG_IGN);
	od_output_push(on_output, &a);
	status = od_front_exec_plain(front, line, to.len);
	if (front->opts->format == OD_FORMAT_JSON || front->opts->format == OD_FORMAT_HTML)
		od_front_finish(front);
	od_output_pop();
	front->colour = colour;
	front->ascii = ascii;
	end(&a);
	gone = false;
	signal(SIGPIPE, SIG_DFL);
	return status;
}
