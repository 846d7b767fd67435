/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/commands.h"
#include "shell/session.h"
#include "target/kernel/system.h"

/* When the kernel began, for times of day. */
static struct od_error *find_boot(struct od_session *s)
{
	struct od_error *err;
	struct od_kernel *k = od_session_kernel(s, &err);
	struct od_system sys;

	if (!k)
		return od_error_wrap(err, "-T needs the clock of a dump");
	od_kernel_system(k, &sys);
	if (!sys.has_time || !sys.has_uptime)
		return od_error_new(OD_ERR_USAGE, "the dump does not tell the time of day");
	s->boot_time = sys.time - (int64_t)(sys.uptime_ns / 1000000000);
	return NULL;
}

static void print_prefixed(struct od_session *s, const struct od_report *rep, unsigned prefix, struct od_buf *out)
{
	for (uint32_t i = 0; i < rep->nrecords; i++)
		od_session_put_prefixed(s, out, &rep->records[i], prefix);
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const struct od_style style = od_session_text_style(s);
	const unsigned prefix = (od_args_has(args, 'm') ? OD_PREFIX_LEVEL : 0) |
				(od_args_has(args, 't') ? OD_PREFIX_NONE : 0) |
				(od_args_has(args, 'T') ? OD_PREFIX_CLOCK : 0);
	struct od_report *rep;
	struct od_error *err;

	if (od_args_has(args, 'T')) {
		err = find_boot(s);
		if (err)
			return err;
	}
	if (od_args_has(args, 'a'))
		return od_session_records(s, prefix);
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
	if (!err && prefix)
		print_prefixed(s, rep, prefix, out);
	else if (!err)
		od_render_records(out, rep, &style);
	return err;
}

/* It loads the input itself: with -a the one reading serves both ends. */
const struct od_command od_cmd_log = {
	.name = "log",
	.options = "amstT",
	.usage = "log [-a] [-m] [-t|-T] [-s] [N]",
	.help = "Print the log lines of a report, unquoted and repaired",
	.details = "With -a the whole log of the input; -m: with levels, as <4>; -t: without times; -T: with the time of day, "
		   "of a dump; with -s the input as it was, byte for byte, but "
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
