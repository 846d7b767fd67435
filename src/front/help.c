/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --help and --version. */
#include <string.h>

#include "config.h"
#include "analyze/rules.h"
#include "front/confine.h"
#include "front/debuginfod.h"
#include "front/options.h"
#include "io/io.h"
#include "io/unpack.h"
#include "symbols/debug.h"
#include "symbols/demangle.h"
#include "symbols/disasm.h"
#include "target/dump.h"

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
	for (; n > 0; n--, opt++) {
		struct od_option_row row = od_option_row(opt);

		if (opt->cli)
			od_option_row_help(buf, &row);
	}
	od_buf_addstr(buf,
		      "\nExit status: 0 a crash was found, 1 no crash, 2 usage, 3 stopped early,\n"
		      "4 unreadable input, 5 internal error or no required sandbox.\n"
		      "The command 'help' lists the commands: oopsdiag -c help\n");
}

void od_version(struct od_buf *buf)
{
	const struct {
		const char *name;
		bool there;
	} features[] = {
#ifdef HAVE_READLINE
		{ "readline", true },
#else
		{ "readline", false },
#endif
		{ "libiberty", od_demangle_available() },
		{ "gmime", od_io_has_gmime() },
		{ "jansson", od_io_has_jansson() },
		{ "seccomp", od_confine_has_seccomp() },
		{ "zlib", od_dump_has("zlib") },
		{ "lzo", od_dump_has("lzo") },
		{ "snappy", od_dump_has("snappy") },
		{ "zstd", od_dump_has("zstd") },
		{ "libkdumpfile", od_dump_has("libkdumpfile") },
		{ "libdw", od_debug_has_libdw() },
		{ "zydis", od_disasm_has("zydis") },
		{ "capstone", od_disasm_has("capstone") },
		{ "lzma", od_unpack_has("xz") },
		{ "debuginfod", od_debuginfod_built() },
		{ "libarchive", od_unpack_has("libarchive") },
		{ "libyaml", od_rules_have_yaml() },
		{ "pcre2", od_rules_have_regex() },
#ifdef OD_SANITIZERS
		{ "sanitizers", true },
#else
		{ "sanitizers", false },
#endif
	};

	od_buf_printf(buf, "oopsdiag %s\nfeatures:", PACKAGE_VERSION);
	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++)
		od_buf_printf(buf, " %c%s", features[i].there ? '+' : '-', features[i].name);
	od_buf_addstr(buf, "\nLicence GPL-3.0-or-later: free software, no warranty.\n");
}
