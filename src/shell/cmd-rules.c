/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rules: what is in force, and whether the rules' own samples agree with them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "analyze/data.h"
#include "analyze/rules.h"
#include "base/escape.h"
#include "io/unpack.h"
#include "shell/commands.h"
#include "shell/session.h"

/*
 * A pipe that holds the sample, its end behind it. It is written under the one number that the sandbox lets be
 * written; a sample is no longer than what a pipe takes. -1: it took less.
 */
static int sample_pipe(const struct od_rule_case *sample)
{
	int fds[2];
	ssize_t n = -1;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	if (dup2(fds[1], OD_UNPACK_FD) >= 0)
		n = write(OD_UNPACK_FD, sample->text, sample->len);
	close(OD_UNPACK_FD);
	close(fds[1]);
	if (n == (ssize_t)sample->len)
		return fds[0];
	close(fds[0]);
	return -1;
}

static bool has_finding(const struct od_input *in, const char *id)
{
	for (uint32_t i = 0; i < in->nreports; i++)
		for (uint32_t k = 0; k < in->reports[i]->nfindings; k++)
			if (!strcmp(in->reports[i]->findings[k].id, id))
				return true;
	return false;
}

/* The way of any text, but for debug files and plugins: those are not the rules'. */
static bool agrees(const struct od_session *s, const struct od_rule_case *sample, struct od_buf *out)
{
	const struct od_pipeline_options opts = { .deadline_ns = s->pipeline.deadline_ns };
	struct od_target target = { 0 };
	struct od_buf why = OD_BUF_INIT;
	int fd = sample_pipe(sample);
	struct od_input *in;
	bool ok;

	if (fd < 0) {
		od_buf_printf(out, "%s:%u: %s: the sample could not be tried: %s\n", sample->file, sample->line, sample->id,
			      strerror(errno));
		return false;
	}
	in = od_input_create("sample");
	od_pipeline_run(in, &fd, 1, &opts, &target);
	od_target_close(&target);
	close(fd);
	ok = has_finding(in, sample->id) != sample->refuse;
	if (!ok) {
		od_buf_printf(out, "%s:%u: %s: %s\n", sample->file, sample->line, sample->id,
			      sample->refuse ? "matches a sample that it must refuse" : "does not match its sample");
		if (!sample->refuse)
			od_rules_why_not(sample->id, in, &why);
	}
	/* Samples are what a stranger's kernel printed. */
	for (char *line = why.len ? why.data : NULL, *end; line && *line; line = end ? end + 1 : NULL) {
		end = strchr(line, '\n');
		od_escape(out, OD_ESCAPE_TEXT, line, end ? (size_t)(end - line) : strlen(line));
		od_buf_addch(out, '\n');
	}
	od_buf_deinit(&why);
	od_input_destroy(in);
	return ok;
}

static struct od_error *test(struct od_session *s, struct od_buf *out)
{
	size_t rules, n = od_rules_samples(&rules), tried = 0, failed = 0;

	for (size_t i = 0; i < n && !s->cancelled; i++) {
		struct od_rule_case sample;

		od_rules_sample(i, &sample);
		if (!sample.id)
			continue;
		tried++;
		failed += !agrees(s, &sample, out);
	}
	od_buf_printf(out, "%zu rules, %zu samples: %zu failed\n", rules, tried, failed);
	return failed ? od_error_new(OD_ERR_FAILED, "%zu of %zu samples failed", failed, tried) : NULL;
}

/* What this build cannot do. */
static void say_missing(struct od_buf *out)
{
	if (!od_rules_have_yaml())
		od_buf_addstr(out, "# built without libyaml: there are no rules for known problems\n");
	else if (!od_rules_have_regex())
		od_buf_addstr(out, "# built without PCRE2: the conditions text and context of rules never hold\n");
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	if (!od_args_has(args, 't')) {
		od_data_list(out);
		od_rules_list(out);
	}
	say_missing(out);
	return od_args_has(args, 't') ? test(s, out) : NULL;
}

const struct od_command od_cmd_rules = {
	.name = "rules",
	.options = "t",
	.usage = "rules [-t]",
	.help = "List the rules: titles, severities, skip lists, known problems",
	.details = "The built-in lines come first, then those of --rules, which win; then a line for each rule of a known "
		   "problem: id, confidence, title and fix. -t: try the samples of all rules instead, and say which "
		   "disagree and why.",
	.exec = exec,
	.examples = "rules\tall of them\n",
};
