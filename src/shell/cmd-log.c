/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/commands.h"
#include "shell/session.h"

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const struct od_style style = od_session_text_style(s);
	struct od_report *rep;
	struct od_error *err;

	if (od_args_has(args, 'a'))
		return od_session_records(s);
	if (od_args_has(args, 's'))
		return od_session_annotate(s);
	err = od_session_load(s);
	if (err)
		return err;
	if (s->in->nreports == 0) {
		s->no_crash = true;
		return NULL;
	}
	err = od_session_report(s, args, 1, &rep);
	if (!err)
		od_render_records(out, rep, &style);
	return err;
}

/* It loads the input itself: with -a the one reading serves both ends. */
const struct od_command od_cmd_log = {
	.name = "log",
	.options = "as",
	.usage = "log [-a] [-s] [N]",
	.help = "Print the log lines of a report, unquoted and repaired",
	.details = "With -a the whole log of the input; with -s the input as it was, byte for byte, but "
		   "behind each frame its place in the source, as decode_stacktrace.sh does: what was "
		   "inlined first. N is the number of a report; without it "
		   "the current one is meant.",
	.needs = OD_PRINTS_INPUT,
	.max_args = 1,
	.complete = od_session_complete_ids,
	.exec = exec,
	.examples = "log\tthe lines of the current report\n"
		    "log -a > oops.txt\tthe whole log, repaired\n",
};
