/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --help and --version. */
#include <string.h>

#include "config.h"
#include "front/confine.h"
#include "front/options.h"
#include "io/io.h"
#include "io/unpack.h"
#include "triage/options.h"

void od_triage_help(struct od_buf *buf)
{
	size_t n;
	const struct od_triage_command *const *commands = od_triage_commands(&n);
	const struct od_triage_option *opt;

	od_buf_addstr(buf, "Usage: oopsdiag-triage [OPTION]... COMMAND [ARGUMENT]...\n"
			   "Say of a whole queue of tickets what crashed in each, and which are the same.\n\n");
	for (size_t i = 0; i < n; i++) {
		size_t start = buf->len;

		od_buf_printf(buf, "  %s", commands[i]->usage);
		od_help_pad(buf, start);
		od_buf_printf(buf, " %.*s\n", (int)od_first_sentence(commands[i]->help),
			      commands[i]->help);
	}
	od_buf_addstr(buf, "\n");
	for (opt = od_triage_option_table(&n); n > 0; n--, opt++) {
		struct od_option_row row = od_triage_option_row(opt);

		od_option_row_help(buf, &row);
	}
	od_buf_addstr(buf, "\nExit status: 0 done, 1 --fail-on found something, 2 usage, 3 something was left\n"
			   "out (a quarantined or unreadable ticket, an interruption), 5 internal error.\n");
}

void od_triage_version(struct od_buf *buf)
{
	const struct {
		const char *name;
		bool there;
	} features[] = {
		{ "sqlite", true },
		{ "libarchive", od_unpack_has("libarchive") },
		{ "gmime", od_io_has_gmime() },
		{ "seccomp", od_confine_has_seccomp() },
	};

	od_buf_printf(buf, "oopsdiag-triage %s\nfeatures:", PACKAGE_VERSION);
	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++)
		od_buf_printf(buf, " %c%s", features[i].there ? '+' : '-', features[i].name);
	od_buf_addstr(buf, "\nLicence GPL-3.0-or-later: free software, no warranty.\n");
}
