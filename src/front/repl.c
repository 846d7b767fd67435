/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The REPL: the only file with readline. Without it, and off a terminal, lines are just read. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* ppoll */
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "config.h"
#include "front/front.h"

static volatile sig_atomic_t interrupted;

static void on_sigint(int sig)
{
	(void)sig;
	interrupted = 1;
}

static void exec_line(struct od_front *front, const char *line)
{
	interrupted = 0;
	front->printed = false;
	od_front_exec(front, line, strlen(line));
	if (front->opts->format == OD_FORMAT_JSON)
		od_front_finish(front);
}

/* Read what was named on the command line, and say in a line each what is in it. */
static void load_files(struct od_front *front)
{
	size_t n;

	od_front_add_files(front);
	n = front->ninputs;
	for (size_t i = 0; i < n; i++) {
		front->current = i;
		exec_line(front, "summary");
	}
	front->current = 0;
}

static void plain_loop(struct od_front *front)
{
	od_autofree char *line = NULL;
	bool tty = isatty(STDIN_FILENO);
	size_t cap = 0;
	ssize_t len;

	while (!front->quit) {
		if (tty)
			od_write_stdout("oopsdiag> ", 10);
		len = getline(&line, &cap, stdin);
		if (len < 0 && interrupted && !feof(stdin)) {
			interrupted = 0;
			clearerr(stdin);
			od_write_stdout("\n", 1);
			continue;
		}
		if (len < 0)
			break;
		if (len > 0 && line[len - 1] == '\n')
			line[len - 1] = '\0';
		exec_line(front, line);
	}
}

#ifdef HAVE_READLINE
#include <readline/history.h>
#include <readline/readline.h>

enum { MAX_HISTORY = 1000 };

/* readline's callbacks have no context argument. */
static struct od_front *the_front;
static int new_lines; /* of the history */
static sigset_t sigint_blocked, sigint_open;

/* --- completion ------------------------------------------------------------------ */

static char *candidates, *next_candidate;

/* A name that would not be shown as it is could not be typed either. */
static bool is_plain(const char *s)
{
	struct od_buf buf = OD_BUF_INIT;
	bool same;

	od_escape_str(&buf, OD_ESCAPE_CELL, s);
	same = !strcmp(od_buf_str(&buf), s);
	od_buf_deinit(&buf);
	return same;
}

static char *generate(const char *text, int state)
{
	if (state == 0)
		next_candidate = candidates;
	while (next_candidate && *next_candidate) {
		char *s = next_candidate, *nl = strchr(s, '\n');

		if (nl)
			*nl = '\0';
		next_candidate = nl ? nl + 1 : NULL;
		if (!strncmp(s, text, strlen(text)) && is_plain(s))
			return od_strdup(s);
	}
	return NULL;
}

static bool completes_file(int start)
{
	static const char open_name[] = "open";
	size_t len = strcspn(rl_line_buffer, " \t");

	return start > 0 && len >= 1 && len < sizeof(open_name) &&
	       !strncmp(open_name, rl_line_buffer, len);
}

static char **complete(const char *text, int start, int end)
{
	struct od_buf words = OD_BUF_INIT;
	char **matches;

	rl_attempted_completion_over = 1;
	if (completes_file(start))
		return rl_completion_matches(text, rl_filename_completion_function);
	od_front_complete(the_front, rl_line_buffer, strlen(rl_line_buffer), (size_t)end, &words);
	candidates = words.data;
	matches = candidates ? rl_completion_matches(text, generate) : NULL;
	candidates = NULL;
	od_buf_deinit(&words);
	return matches;
}

/* --- history --------------------------------------------------------------------- */

/* Where it is kept, its directories made. False: it is not kept. */
static bool history_file(const struct od_front *front, struct od_buf *path)
{
	const char *home = getenv("HOME");

	if (!front->opts->history ||
	    !od_xdg_path(path, "XDG_STATE_HOME", ".local/state", "oopsdiag/history"))
		return false;
	for (char *slash = strchr(path->data + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		/* A home directory that is missing is not ours to make. */
		if (!home || strncmp(home, path->data, strlen(path->data)) != 0)
			mkdir(path->data, 0700);
		*slash = '/';
	}
	return true;
}

static void load_history(const struct od_front *front)
{
	struct od_buf path = OD_BUF_INIT;

	using_history();
	stifle_history(MAX_HISTORY);
	if (history_file(front, &path))
		read_history(path.data);
	od_buf_deinit(&path);
}

/* Appended, so that two sessions do not overwrite each other's lines. */
static void save_history(const struct od_front *front)
{
	struct od_buf path = OD_BUF_INIT;
	int fd;

	if (new_lines > 0 && history_file(front, &path)) {
		fd = open(path.data, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0) {
			close(fd);
			append_history(new_lines < MAX_HISTORY ? new_lines : MAX_HISTORY,
				       path.data);
			history_truncate_file(path.data, MAX_HISTORY);
		}
	}
	od_buf_deinit(&path);
}

static void remember(const char *line)
{
	HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1)
					      : NULL;

	if (!*line || (last && !strcmp(last->line, line)))
		return;
	add_history(line);
	new_lines++;
}

/* --- the loop ---------------------------------------------------------------------- */

static void on_line(char *line);

static void prompt(void)
{
	rl_callback_handler_install("oopsdiag> ", on_line);
}

static void on_line(char *line)
{
	/* The terminal is as it was before while a command runs. */
	rl_callback_handler_remove();
	if (!line) {
		od_write_stdout("\n", 1);
		the_front->quit = true;
		return;
	}
	remember(line);
	sigprocmask(SIG_SETMASK, &sigint_open, NULL);
	exec_line(the_front, line);
	sigprocmask(SIG_SETMASK, &sigint_blocked, NULL);
	interrupted = 0;
	free(line);
	if (!the_front->quit)
		prompt();
}

/* Ctrl-C at the prompt: a new line. */
static void abandon_line(void)
{
	interrupted = 0;
	rl_callback_sigcleanup();
	rl_callback_handler_remove();
	od_write_stdout("\n", 1);
	prompt();
}

static void readline_loop(struct od_front *front)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };

	the_front = front;
	rl_readline_name = "oopsdiag"; /* for $if in inputrc */
	rl_catch_signals = 0;
	rl_basic_word_break_characters = " \t\n";
	rl_completer_quote_characters = "'\"";
	rl_attempted_completion_function = complete;
	load_history(front);
	/* Delivered only while we wait and while a command runs, so that none is missed. */
	sigemptyset(&sigint_blocked);
	sigaddset(&sigint_blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &sigint_blocked, &sigint_open);
	sigdelset(&sigint_open, SIGINT);
	prompt();
	while (!front->quit) {
		int n = ppoll(&pfd, 1, NULL, &sigint_open);

		if (interrupted)
			abandon_line();
		else if (n > 0 && pfd.revents)
			rl_callback_read_char();
		else if (n < 0 && errno != EINTR)
			break;
	}
	rl_callback_handler_remove();
	save_history(front);
}
#else
static void readline_loop(struct od_front *front)
{
	plain_loop(front);
}
#endif

int od_repl(struct od_front *front)
{
	struct sigaction sa = { .sa_handler = on_sigint };

	/* No SA_RESTART: it is to get us out of a wait. */
	sigaction(SIGINT, &sa, NULL);
	front->repl = true;
	front->interrupted = &interrupted;
	load_files(front);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		readline_loop(front);
	else
		plain_loop(front);
	if (front->opts->format == OD_FORMAT_JSONL)
		od_front_finish(front);
	return front->statuses >> 5 & 1 ? 5 : 0;
}
