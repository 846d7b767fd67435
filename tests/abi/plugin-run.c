/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plugin-run TIMEOUT_MS DIR...: load the plugins of the directories, run them on two kernel
 * reports and a user report made by hand, print all that came of it.
 * plugin-run manners: are there the filters that od_plugin_manners() writes? yes or no.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/plugins.h"
#include "tests/unit/fixture-gpfs.h"

static void print(const struct od_report *rep)
{
	for (uint32_t i = 0; i < rep->nfindings; i++) {
		const struct od_finding *f = &rep->findings[i];

		printf("%u finding %s %u %s evidence %u", rep->id, f->id, f->score, f->plugin,
		       f->nevidence);
		if (f->nevidence)
			printf(" %.80s", f->evidence[0].text);
		printf("\n");
	}
	for (uint32_t i = 0; i < rep->nnotes; i++)
		printf("%u note %s\n", rep->id, rep->notes[i].text);
}

/* The report, with something behind every function that a plugin may call. */
static struct od_report *whole_report(void)
{
	struct od_report *rep = fixture_gpfs_report();
	struct od_frame *f = &rep->stacks[0].frames[0];
	struct od_var *v = od_push(&rep->arena, f->vars, f->nvars, f->vars_cap);

	*v = (struct od_var){ .name = "x", .value = "0x10 \"s\"", .number = 16, .has_number = true };
	od_report_add_module(rep, "abi_module", strlen("abi_module"));
	return rep;
}

int main(int argc, char **argv)
{
	struct od_plugin_options opts = { .paths = (const char *const *)argv + 2,
					  .paths_only = true };
	struct od_input *in = od_input_create("-");
	struct od_buf messages = OD_BUF_INIT;
	struct od_plugins *plugins;
	bool ok;

	if (argc == 2 && !strcmp(argv[1], "manners")) {
		puts(od_plugin_manners() ? "yes" : "no");
		fflush(stdout);
		_exit(0); /* the leak sanitizer has a process of its own, which now is forbidden */
	}
	if (argc < 3)
		return 2;
	opts.timeout_ms = (unsigned)atoi(argv[1]);
	plugins = od_plugins_load(&opts, &messages);
	printf("%s", od_buf_str(&messages));
	od_input_add_report(in, whole_report());
	od_input_add_report(in, fixture_user_report());
	od_input_add_report(in, whole_report());
	ok = od_plugins_run(plugins, in, 0, in->nreports);
	for (uint32_t i = 0; i < in->nreports; i++)
		print(in->reports[i]);
	printf("%s\n", ok ? "all plugins answered" : "some plugins failed");
	od_input_destroy(in);
	od_plugins_destroy(plugins);
	od_buf_deinit(&messages);
	return 0;
}
