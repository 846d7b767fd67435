/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processor time of the text path, from bytes to reports with findings of rules, without output and plugins:
 * rules-bench LOG [RULES.yaml] prints the best of some runs in milliseconds, the reports and the findings.
 * Without RULES there are no rules at all. For bench/rules.sh.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "analyze/rules.h"
#include "pipeline.h"

enum { RUNS = 5 };

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static bool load(const char *path)
{
	struct od_buf text = OD_BUF_INIT, errors = OD_BUF_INIT;
	FILE *file = fopen(path, "r");
	char block[16384];
	size_t n;
	bool ok;

	if (!file)
		return false;
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		od_buf_add(&text, block, n);
	fclose(file);
	ok = od_rules_add(path, od_buf_str(&text), text.len, &errors) && od_rules_ready(&errors);
	fputs(od_buf_str(&errors), stderr);
	od_buf_deinit(&text);
	od_buf_deinit(&errors);
	return ok;
}

int main(int argc, char *argv[])
{
	double best = 1e9;
	uint32_t reports = 0, findings = 0;

	od_rules_no_builtin();
	if (argc < 2 || (argc > 2 && !load(argv[2])))
		return 2;
	for (int i = 0; i <= RUNS; i++) {
		const struct od_pipeline_options opts = { .kernel = NULL };
		struct od_target target = { 0 };
		struct od_input *in = od_input_create("-");
		int fd = open(argv[1], O_RDONLY);
		double start = now_ms(), took;

		if (fd < 0)
			return 2;
		od_pipeline_run(in, &fd, 1, &opts, &target);
		took = now_ms() - start;
		/* The first one warms up. */
		if (i && took < best)
			best = took;
		reports = in->nreports;
		findings = 0;
		for (uint32_t k = 0; k < reports; k++)
			findings += in->reports[k]->nfindings;
		od_target_close(&target);
		od_input_destroy(in);
		close(fd);
	}
	printf("%.3f %u %u\n", best, reports, findings);
	return 0;
}
