/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --help and --version. */
#include <string.h>

#include "config.h"
#include "front/confine.h"
#include "front/options.h"
#include "io/io.h"
#include "symbols/debug.h"
#include "symbols/demangle.h"
#include "target/dump.h"

size_t od_first_sentence(const char *text)
{
	const char *stop = strstr(text, ". ");

	return stop ? (size_t)(stop - text) : strlen(text) - (text[strlen(text) - 1] == '.');
}

static void option_line(struct od_buf *buf, const struct od_option *opt)
{
	enum { COLUMN = 28 };
	size_t start = buf->len;

	if (opt->shortname)
		od_buf_printf(buf, "  -%c, --%s", opt->shortname, opt->name);
	else
		od_buf_printf(buf, "      --%s", opt->name);
	if (opt->arg)
		od_buf_printf(buf, "=%s", opt->arg);
	if (buf->len - start < COLUMN)
		od_buf_fill(buf, ' ', COLUMN - (buf->len - start));
	od_buf_printf(buf, " %.*s\n", (int)od_first_sentence(opt->help), opt->help);
}

void od_help(struct od_buf *buf)
{
	size_t n;
	const struct od_option *opt = od_option_table(&n);

	od_buf_addstr(buf, "Usage: oopsdiag [OPTION]... [FILE]...\n"
			   "Say what crashed, whose fault it is and what to do, from kernel logs and "
			   "backtraces.\n\n"
			   "Without FILE, standard input is read; if that is a terminal, the REPL "
			   "starts.\nWith FILE on a terminal the REPL starts too, unless a format, a "
			   "command or\n--explain is given. FILE - is standard input.\n\n");
	for (; n > 0; n--, opt++)
		if (opt->cli)
			option_line(buf, opt);
	od_buf_addstr(buf,
		      "\nExit status: 0 a crash was found, 1 no crash, 2 usage, 3 stopped early,\n"
		      "4 unreadable input, 5 internal error or no required sandbox.\n"
		      "The command 'help' lists the commands: oopsdiag -c help\n");
}

void od_version(struct od_buf *buf)
{
	static const char *const dumps[] = { "zlib", "lzo", "snappy", "zstd", "libkdumpfile" };
#ifdef HAVE_READLINE
	const char *readline = "+readline";
#else
	const char *readline = "-readline";
#endif
#ifdef OD_SANITIZERS
	const char *sanitizers = "+sanitizers";
#else
	const char *sanitizers = "-sanitizers";
#endif

	od_buf_printf(buf, "oopsdiag %s\n", PACKAGE_VERSION);
	od_buf_printf(buf, "features: %s %clibiberty %cgmime %cjansson %cseccomp", readline,
		      od_demangle_available() ? '+' : '-', od_io_has_gmime() ? '+' : '-',
		      od_io_has_jansson() ? '+' : '-', od_confine_has_seccomp() ? '+' : '-');
	for (size_t i = 0; i < sizeof(dumps) / sizeof(*dumps); i++)
		od_buf_printf(buf, " %c%s", od_dump_has(dumps[i]) ? '+' : '-', dumps[i]);
	od_buf_printf(buf, " %clibdw %s\n", od_debug_has_libdw() ? '+' : '-', sanitizers);
	od_buf_addstr(buf, "Licence GPL-3.0-or-later: free software, no warranty.\n");
}
