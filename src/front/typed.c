/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/typed.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/escape.h"
#include "front/answer.h"

/* --- history ---------------------------------------------------------------------------- */

char *od_typed_again(const char *line, struct od_error **err)
{
	const char *word = line + strspn(line, " \t"), *found;
	size_t last = 0;
	uint64_t n;

	*err = NULL;
	if (word[0] != '!')
		return NULL;
	od_repl_history(0, &last);
	if (word[1] == '!' && !word[2 + strspn(word + 2, " \t")])
		n = last;
	else if (!od_is_digit(word[1]) || !od_parse_number(word + 1, &n))
		return NULL;
	found = n ? od_repl_history(n, &last) : NULL;
	if (!found)
		*err = od_error_new(OD_ERR_USAGE, "%s: there is no such line; 'history' lists them", word);
	return found ? od_strdup(found) : NULL;
}

struct od_error *od_front_history_command(struct od_front *front, const struct od_args *args, struct od_buf *out)
{
	uint64_t count = UINT64_MAX;
	size_t last = 0;

	(void)front;
	if (args->argc > 1 && !od_parse_number(args->argv[1], &count))
		return od_error_new(OD_ERR_USAGE, "'%s' is not a number of lines", args->argv[1]);
	od_repl_history(0, &last);
	if (!last)
		return od_error_new(OD_ERR_USAGE, "there is none: only a session on a terminal, with readline, keeps one");
	for (size_t n = last > count ? last - count + 1 : 1; n <= last; n++) {
		const char *line = od_repl_history(n, &last);

		/* What was typed on the terminal may be shown there, in the form that is harmless. */
		od_buf_printf(out, "%5zu  ", n);
		od_escape_plain(out, OD_ESCAPE_TEXT, line ? line : "", line ? strlen(line) : 0);
		od_buf_addch(out, '\n');
	}
	return NULL;
}

/* --- the shell, and files ------------------------------------------------------------------ */

/* As system(), and "" is a shell to type in. What it says of its end is its own affair. */
static void run_shell(const char *command)
{
	const char *shell = getenv("SHELL");
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	sigset_t none;
	int status;
	pid_t pid;

	/* Ctrl-C is for what runs now. */
	sigaction(SIGINT, &ignore, &before);
	pid = fork();
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		if (*command)
			execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		else
			execl(shell && shell[0] == '/' ? shell : "/bin/sh", "sh", (char *)NULL);
		_exit(127);
	}
	if (pid < 0)
		od_message("cannot start a shell", strerror(errno), strlen(strerror(errno)));
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &before, NULL);
}

static void run_file(struct od_front *front, const char *text)
{
	struct od_args args;
	od_autoerror err = od_args_parse(&args, text, strlen(text));

	if (!err && args.argc != 1)
		err = od_error_new(OD_ERR_USAGE, "< takes one file of commands");
	if (err) {
		od_message_error(NULL, err);
	} else {
		od_autofree char *path = od_front_path(args.argv[0]);

		od_front_script(front, path);
	}
	od_args_deinit(&args);
}

bool od_typed_run(struct od_front *front, const char *line)
{
	line += strspn(line, " \t");
	if (*line == '!')
		run_shell(line + 1 + strspn(line + 1, " \t"));
	else if (*line == '<')
		run_file(front, line + 1);
	else
		return false;
	return true;
}
