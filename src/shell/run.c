/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running and completing one command line of a session. */
#include <string.h>

#include "shell/complete.h"
#include "shell/crash-words.h"
#include "shell/session.h"

static void say_error(struct od_session *s, const struct od_error *err)
{
	s->sink->say(s->sink->ctx, OD_SINK_ERROR, err->message);
}

/* Reports of severity info alone are no crash. */
static bool has_crash(const struct od_input *in)
{
	for (uint32_t i = 0; i < in->nreports; i++)
		if (in->reports[i]->severity > OD_SEV_INFO)
			return true;
	return false;
}

/* The exit status that the state of the input stands for. */
static int input_status(const struct od_session *s)
{
	if (!s->in)
		return 0;
	if (s->in->status == OD_INPUT_UNREADABLE)
		return 4;
	if (s->in->status == OD_INPUT_STOPPED || s->plugin_failed)
		return 3;
	/* Of a dump that was cut nobody knows what else it would have told; of a log one mostly does. */
	if (s->in->status == OD_INPUT_CUT && (s->in->kind == OD_INPUT_VMCORE || s->in->kind == OD_INPUT_CORE))
		return 3;
	return has_crash(s->in) ? 0 : 1;
}

/* False, with *err set or not, if the command cannot be run. */
static bool meet_needs(struct od_session *s, const struct od_command *cmd, struct od_error **err)
{
	if (cmd->needs & OD_NEED_FRONT) {
		*err = od_error_new(OD_ERR_USAGE, "'%s' cannot be used here", cmd->name);
		return false;
	}
	if (cmd->needs & (OD_NEED_INPUT | OD_NEED_REPORT))
		*err = od_session_load(s);
	if (*err)
		return false;
	if ((cmd->needs & OD_NEED_REPORT) && s->in->nreports == 0) {
		s->no_crash = true;
		return false;
	}
	return true;
}

static struct od_error *run(struct od_session *s, struct od_args *args, struct od_buf *out)
{
	const struct od_command *cmd;
	struct od_error *err = od_command_find(args->argv[0], &cmd);

	if (err && !cmd && (cmd = od_crash_guess(s, args))) {
		od_error_free(err);
		err = NULL;
	}
	if (!err)
		err = od_args_options(args, cmd);
	if (s->hex && cmd && cmd->needs & OD_TAKES_RADIX)
		args->options |= (uint64_t)1 << od_option_bit('x');
	if (err || !meet_needs(s, cmd, &err))
		return err;
	err = cmd->exec(s, args, out);
	return err ? od_error_wrap(err, "%s", cmd->name) : NULL;
}

int od_session_run(struct od_session *s, const char *line, size_t len, uint64_t deadline_ns)
{
	struct od_buf out = OD_BUF_INIT;
	struct od_args args = { 0 };
	od_autoerror err = NULL;
	size_t skip;

	s->no_crash = s->streamed = false;
	s->cancelled = 0;
	s->pipeline.deadline_ns = deadline_ns;
	if (od_line_is_idle(line, len))
		return 0;
	err = od_args_parse(&args, line, len);
	if (!err)
		err = run(s, &args, &out);
	/* Parts of a report begin with an empty line, which sets them off in the whole. */
	skip = out.len > 0 && out.data[0] == '\n';
	if (out.len > 0 && !s->cancelled)
		s->sink->output(s->sink->ctx, out.data + skip, out.len - skip);
	od_buf_deinit(&out);
	od_args_deinit(&args);
	if (!err)
		return input_status(s);
	say_error(s, err);
	return od_error_status(err->code);
}

static void complete_options(const struct od_command *cmd, const char *word, struct od_buf *words)
{
	char option[3] = "-";

	for (const char *p = cmd->options; *p; p++) {
		if (*p == ':')
			continue;
		option[1] = *p;
		od_words_add(words, word, option);
	}
}

void od_session_complete(struct od_session *s, const char *line, size_t point,
			 struct od_buf *words)
{
	const struct od_command *cmd;
	struct od_args args;
	od_autoerror err = od_args_parse(&args, line, point);
	size_t n;

	if (err)
		goto out;
	if (args.argc == 0 || (args.argc == 1 && args.open)) {
		const struct od_command *const *cmds = od_commands(&n);

		for (size_t i = 0; i < n; i++)
			od_words_add(words, od_args_word(&args), cmds[i]->name);
		/* A type or a variable alone is a command too. */
		if (!words->len && args.argc == 1)
			od_complete_names(s, &args, words);
		goto out;
	}
	err = od_command_find(args.argv[0], &cmd);
	if (err)
		goto out;
	if (od_args_word(&args)[0] == '-')
		complete_options(cmd, od_args_word(&args), words);
	else if (cmd->complete)
		cmd->complete(s, &args, words);
out:
	od_args_deinit(&args);
}
