/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oopsdiag: says what crashed. This process never looks into what a stranger made. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyze/rules.h"
#include "front/debugfiles.h"
#include "front/front.h"
#include "front/rules.h"

/*
 * A closed standard descriptor would be taken by the next file we open. Open it the wrong way
 * round instead, so that using it fails as it would have.
 */
static void fill_standard_fds(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
			_exit(5);
}

static int usage(const struct od_error *err)
{
	static const char hint[] = "oopsdiag: 'oopsdiag --help' lists the options\n";

	od_message_error(NULL, err);
	od_write_stderr(hint, sizeof(hint) - 1);
	return od_error_status(err->code);
}

static int print(void (*text)(struct od_buf *buf))
{
	struct od_buf buf = OD_BUF_INIT;

	text(&buf);
	od_write_stdout(buf.data, buf.len);
	od_buf_deinit(&buf);
	od_close_stdout();
	return 0;
}

/*
 * On a terminal one talks: with the files given, if the answer goes to the terminal too, or with
 * none. Whoever names a format, a command or what to print gets that and no more.
 */
static bool wants_repl(const struct od_options *opts)
{
	if (opts->interactive)
		return true;
	if (opts->nbatch || opts->repaired || opts->annotate || !isatty(STDIN_FILENO))
		return false;
	return opts->files.n == 0 ||
	       (!opts->format_given && !opts->explain && isatty(STDOUT_FILENO));
}

static int run(const struct od_options *opts)
{
	bool repl = wants_repl(opts);
	struct od_front front;
	int status;

	od_front_init(&front, opts);
	status = repl ? od_repl(&front) : od_batch(&front);
	od_front_deinit(&front);
	od_close_stdout();
	return status;
}

int main(int argc, char *argv[])
{
	struct od_options opts;
	od_autoerror err = NULL;
	int status;

	fill_standard_fds();
	/* A reader that had enough ends us quietly, whatever our parent ignores. */
	signal(SIGPIPE, SIG_DFL);
	err = od_options_read(&opts, argc, argv);
	if (opts.no_rules)
		od_rules_no_builtin();
	if (err)
		status = usage(err);
	else if (opts.help)
		status = print(od_help);
	else if (opts.version)
		status = print(od_version);
	else if ((err = od_rules_read(&opts.rules)) != NULL ||
		 (err = od_debug_paths_check(&opts.symbols)) != NULL)
		status = usage(err);
	else
		status = run(&opts);
	od_options_deinit(&opts);
	return status;
}
