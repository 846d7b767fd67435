/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diff of reports of two inputs, each of which has an engine of its own. What one of them says is as
 * hostile as its input, so neither gets what the other wrote, and the front does not look into it: both
 * reports go into a file in memory, and a third engine, which ends with the answer, compares them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "front/front.h"
#include "shell/commands.h"

/* The input that report id is of, or NULL; one that was not read yet has no numbers. */
static struct od_front_input *input_of(struct od_front *front, const char *id)
{
	uint64_t n;

	if (!od_parse_number(id, &n))
		return NULL;
	for (size_t i = 0; i < front->ninputs; i++) {
		struct od_front_input *in = &front->inputs[i];

		if (in->loaded && !in->closed && n >= in->id_base && n - in->id_base < in->nreports)
			return in;
	}
	return NULL;
}

/* As input_of(); inputs that were not read yet are read in their order, until one has it. */
static struct od_front_input *find_input(struct od_front *front, const char *id)
{
	struct od_front_input *in = input_of(front, id);

	for (size_t i = 0; !in && i < front->ninputs && !(front->interrupted && *front->interrupted); i++) {
		struct od_front_input *next = &front->inputs[i];
		struct od_buf unused = OD_BUF_INIT;

		if (next->loaded || next->closed || next->lost)
			continue;
		od_front_take_report(front, next, "", &unused);
		od_buf_deinit(&unused);
		in = input_of(front, id);
	}
	return in;
}

static int compare(struct od_front *front, struct od_front_input *a, const char *first, struct od_front_input *b,
		   const char *second, const char *line, size_t len)
{
	struct od_buf reports = OD_BUF_INIT, other = OD_BUF_INIT;
	struct od_front_input both = { .path = (char *)"the two reports", .name = "the two reports", .fd = -1 };
	int status = od_front_take_report(front, a, first, &reports);

	if (reports.len)
		status = od_front_take_report(front, b, second, &other);
	if (reports.len && other.len) {
		od_buf_add(&reports, other.data, other.len);
		both.fd = od_front_memory(reports.data, reports.len);
		status = both.fd < 0 ? 5 : od_front_run_wired(front, &both, line, len);
		od_front_close(&both);
	}
	od_buf_deinit(&reports);
	od_buf_deinit(&other);
	return status;
}

int od_front_compare(struct od_front *front, const char *line, size_t len)
{
	struct od_front_input *a, *b;
	const struct od_command *cmd = NULL;
	struct od_args args;
	od_autoerror err = od_args_parse(&args, line, len);
	int status = -1;

	if (!err && args.argc > 0 && front->ninputs > 1)
		err = od_command_find(args.argv[0], &cmd);
	if (!err && cmd == &od_cmd_diff && (args.argc == 2 || args.argc == 3)) {
		a = args.argc == 3 ? find_input(front, args.argv[1]) : od_front_current(front);
		b = find_input(front, args.argv[args.argc - 1]);
		if (a && b && (a != b || a != od_front_current(front)))
			status = compare(front, a, args.argc == 3 ? args.argv[1] : "", b, args.argv[args.argc - 1], line, len);
	}
	od_args_deinit(&args);
	return status;
}
