/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oopsdiag-triage: a queue of tickets. This process never looks into what a stranger made. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "front/output.h"
#include "front/rules.h"
#include "triage/options.h"

/* See src/front/main.c. */
static void fill_standard_fds(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
			_exit(5);
}

static int print(void (*text)(struct od_buf *buf))
{
	struct od_buf buf = OD_BUF_INIT;

	text(&buf);
	od_write_stdout(buf.data, buf.len);
	od_buf_deinit(&buf);
	return 0;
}

static int say(const struct od_error *err)
{
	od_message_error(NULL, err);
	return od_error_status(err->code);
}

static int run(const struct od_triage_options *opts)
{
	const struct od_triage_command *command;
	struct od_error *err = NULL;
	int status = 0;

	command = od_triage_command_find(opts, &err);
	if (!err)
		err = od_rules_read(&opts->engine.rules);
	if (!err)
		status = command->run(opts, &err);
	if (err)
		status = say(err);
	od_error_free(err);
	return status;
}

int main(int argc, char *argv[])
{
	struct od_triage_options opts;
	struct od_error *err;
	int status;

	fill_standard_fds();
	signal(SIGPIPE, SIG_DFL);
	od_triage_options_init(&opts);
	err = od_triage_options_parse(&opts, argc, argv);
	if (opts.help)
		status = print(od_triage_help);
	else if (opts.version)
		status = print(od_triage_version);
	else
		status = err ? say(err) : run(&opts);
	od_error_free(err);
	od_triage_options_deinit(&opts);
	od_close_stdout();
	return status;
}
