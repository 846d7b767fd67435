/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options: one row each, and what each does. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "front/options.h"

typedef struct od_error *od_opt_result;

/* What the names of values below stand for; of WHEN and MODE in the order of their enums. */
#define FORMATS "text json line html"
#define WHENS "auto always never"
#define MODES "auto require off"
static const struct od_value_words words[] = {
	{ "FORMAT", FORMATS },
	{ "WHEN", WHENS },
	{ "MODE", MODES },
	{ NULL, NULL },
};

const struct od_value_words *od_option_words(void)
{
	return words;
}

static od_opt_result opt_interactive(struct od_options *o, const char *v)
{
	(void)v;
	o->interactive = true;
	return NULL;
}

static void add_batch(struct od_options *o, bool script, const char *text)
{
	o->batch = od_realloc(o->batch, (o->nbatch + 1) * sizeof(*o->batch));
	o->batch[o->nbatch++] = (struct od_batch_item){ script, text };
}

static od_opt_result opt_command(struct od_options *o, const char *v)
{
	add_batch(o, false, v);
	return NULL;
}

static od_opt_result opt_execute(struct od_options *o, const char *v)
{
	add_batch(o, true, v);
	return NULL;
}

static od_opt_result opt_list_plugins(struct od_options *o, const char *v)
{
	(void)v;
	add_batch(o, false, "plugins");
	return NULL;
}

static od_opt_result opt_format(struct od_options *o, const char *v)
{
	unsigned i;
	od_opt_result err = od_option_word(FORMATS, v, &i);

	if (err)
		return err;
	if (!od_format_by_name(v, &o->format))
		return od_error_new(OD_ERR_INTERNAL, "format '%s' is in one table only", v);
	o->format_given = true;
	return NULL;
}

static od_opt_result opt_json(struct od_options *o, const char *v)
{
	(void)v;
	o->format = OD_FORMAT_JSON;
	o->format_given = true;
	return NULL;
}

static od_opt_result opt_jsonl(struct od_options *o, const char *v)
{
	(void)v;
	o->format = OD_FORMAT_JSONL;
	o->format_given = true;
	return NULL;
}

static od_opt_result opt_kernel(struct od_options *o, const char *v)
{
	if (!*v || strlen(v) > 64)
		return od_error_new(OD_ERR_USAGE, "a release has 1 to 64 characters");
	o->kernel = v;
	return NULL;
}

static od_opt_result opt_symbols(struct od_options *o, const char *v)
{
	if (!*v)
		return od_error_new(OD_ERR_USAGE, "a file or a directory is needed");
	od_strings_add(&o->symbols, v);
	return NULL;
}

static od_opt_result opt_debuginfod(struct od_options *o, const char *v)
{
	(void)v;
	o->debuginfod = true;
	return NULL;
}

static od_opt_result opt_no_symbols(struct od_options *o, const char *v)
{
	(void)v;
	o->no_symbols = true;
	return NULL;
}

static od_opt_result opt_plugin_path(struct od_options *o, const char *v)
{
	if (!*v)
		return od_error_new(OD_ERR_USAGE, "a directory is needed");
	od_strings_add(&o->plugin_paths, v);
	return NULL;
}

static od_opt_result opt_rules(struct od_options *o, const char *v)
{
	if (!*v)
		return od_error_new(OD_ERR_USAGE, "a file or a directory is needed");
	od_strings_add(&o->rules, v);
	return NULL;
}

static od_opt_result opt_list_rules(struct od_options *o, const char *v)
{
	(void)v;
	add_batch(o, false, "rules");
	return NULL;
}

static od_opt_result opt_test_rules(struct od_options *o, const char *v)
{
	(void)v;
	o->test_rules = true;
	add_batch(o, false, "rules -t");
	return NULL;
}

static od_opt_result opt_no_rules(struct od_options *o, const char *v)
{
	(void)v;
	o->no_rules = true;
	return NULL;
}

static od_opt_result opt_no_plugins(struct od_options *o, const char *v)
{
	(void)v;
	o->no_plugins = true;
	return NULL;
}

static od_opt_result opt_explain(struct od_options *o, const char *v)
{
	(void)v;
	o->explain = true;
	return NULL;
}

static od_opt_result opt_color(struct od_options *o, const char *v)
{
	return od_option_word(WHENS, v, &o->colour);
}

static od_opt_result opt_sandbox(struct od_options *o, const char *v)
{
	return od_option_word(MODES, v, &o->sandbox);
}

/* A plain decimal number up to max. strtoul alone would take signs, blanks and "0x". */
static od_opt_result number(const char *v, unsigned max, unsigned *ret)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(v, &end, 10);
	if (!isdigit((unsigned char)*v) || *end || errno || n > max)
		return od_error_new(OD_ERR_USAGE, "'%s' is not a number from 0 to %u", v, max);
	*ret = (unsigned)n;
	return NULL;
}

static od_opt_result opt_timeout(struct od_options *o, const char *v)
{
	o->timeout_given = true;
	return number(v, 1000000, &o->timeout_s);
}

static od_opt_result opt_max_memory(struct od_options *o, const char *v)
{
	return number(v, 1u << 24, &o->max_memory_mib);
}

static od_opt_result opt_cache(struct od_options *o, const char *v)
{
	/* The option has no value, the setting does. */
	if (v && strcmp(v, "on") != 0 && strcmp(v, "off") != 0)
		return od_error_new(OD_ERR_USAGE, "'%s' is not on or off", v);
	o->cache = !v || v[1] == 'n';
	return NULL;
}

static od_opt_result opt_cache_size(struct od_options *o, const char *v)
{
	return number(v, 1u << 24, &o->cache_mib);
}

static od_opt_result opt_repaired(struct od_options *o, const char *v)
{
	(void)v;
	o->repaired = true;
	return NULL;
}

static od_opt_result opt_annotate(struct od_options *o, const char *v)
{
	(void)v;
	o->annotate = true;
	return NULL;
}

static od_opt_result opt_source(struct od_options *o, const char *v)
{
	(void)v;
	o->source = true;
	return NULL;
}

static od_opt_result opt_redact(struct od_options *o, const char *v)
{
	(void)v;
	o->redact = true;
	return NULL;
}

static od_opt_result opt_history(struct od_options *o, const char *v)
{
	if (strcmp(v, "on") != 0 && strcmp(v, "off") != 0)
		return od_error_new(OD_ERR_USAGE, "'%s' is not on or off", v);
	o->history = v[1] == 'n';
	return NULL;
}

static od_opt_result opt_quiet(struct od_options *o, const char *v)
{
	(void)v;
	o->quiet = true;
	return NULL;
}

static od_opt_result opt_verbose(struct od_options *o, const char *v)
{
	(void)v;
	o->verbose = true;
	return NULL;
}

static od_opt_result opt_version(struct od_options *o, const char *v)
{
	(void)v;
	o->version = true;
	return NULL;
}

static od_opt_result opt_help(struct od_options *o, const char *v)
{
	(void)v;
	o->help = true;
	return NULL;
}

static const struct od_option table[] = {
	{ "interactive", 'i', NULL,
	  "Start the REPL with the given files loaded. Commands come from standard input; on a "
	  "terminal with line editing, completion and history. Without FILE, or with -, standard input is "
	  "the log and commands come from the terminal, if the output goes to one.",
	  true, false, opt_interactive },
	{ "command", 'c', "CMD",
	  "Run CMD as the REPL would, then exit. May be repeated. With several FILEs the commands "
	  "run on each in turn.",
	  true, false, opt_command },
	{ "execute", 'x', "SCRIPT",
	  "Run a file of commands, then exit. One command a line; lines that start with # are "
	  "comments. May be repeated, and mixed with --command.",
	  true, false, opt_execute },
	{ "format", 'f', "FORMAT",
	  "Print text, json, line or html. json is one document; line is one line a report: id, kind, "
	  "title, signature, module, confidence, best finding, input and first line, separated by "
	  "tabs; html is one page that needs no network and runs nothing, with the evidence beside the "
	  "lines of the log.",
	  true, true, opt_format },
	{ "json", 0, NULL, "Same as --format=json.", true, false, opt_json },
	{ "jsonl", 0, NULL,
	  "Print json, one report a line, as soon as it is complete. The last line is a status "
	  "object. An input that is a pipe or a terminal is then read without a time limit unless "
	  "--timeout is given.",
	  true, false, opt_jsonl },
	{ "symbols", 's', "PATH",
	  "Take debug files from PATH: vmlinux, modules, or a directory of them. May be repeated. They "
	  "come first; then those of the crashed kernel where distributions put them, in "
	  "/usr/lib/debug and /lib/modules. A file with another build id, or of another release, is not "
	  "used, and that is said. A vmlinux or a System.map among several FILEs is taken in the same "
	  "way.",
	  true, true, opt_symbols },
	{ "cache", 0, NULL,
	  "Keep what is unpacked of packed debug files for the next time. Files are kept in "
	  "$XDG_CACHE_HOME/oopsdiag/debug as long as the package or compressed file stays as it is; those used least "
	  "recently go when they are more than cache-size. The input is read once more for that where "
	  "something is not there yet. As a setting it is on or off.",
	  true, true, opt_cache },
	{ "cache-size", 0, "MIB", "Megabytes that the files of --cache may take, 4096 if not set.", false, true,
	  opt_cache_size },
	{ "debuginfod", 0, NULL,
	  "Ask the servers in DEBUGINFOD_URLS for debug files that are missing. They are asked by the "
	  "build ids that the input names, and it is read once more for that. Without this option nothing "
	  "is ever fetched.",
	  true, false, opt_debuginfod },
	{ "no-symbols", 0, NULL,
	  "Do not look for debug files where distributions put them. Only those of --symbols are used.",
	  true, false, opt_no_symbols },
	{ "kernel", 0, "RELEASE", "Assume this kernel release where the input names none.", true,
	  false, opt_kernel },
	{ "plugin-path", 0, "DIR",
	  "Load the plugins of DIR too. May be repeated. DIR and the plugins must belong to root "
	  "or to you, and nobody else may be able to write to them.",
	  true, true, opt_plugin_path },
	{ "no-plugins", 0, NULL, "Load no plugins, not even the installed ones.", true, false,
	  opt_no_plugins },
	{ "list-plugins", 0, NULL,
	  "List the plugins that were loaded, and those refused with the reason. Same as "
	  "--command=plugins.",
	  true, false, opt_list_plugins },
	{ "rules", 0, "FILE",
	  "Add rules from FILE, or from the *.rules and *.yaml of a directory. A file whose name ends in .yaml "
	  "describes known problems, see oopsdiag-rules(5); a rule replaces the built-in one of the same id. The lines "
	  "of others set titles and severities of kinds, functions that are passed over, where the guilty one is "
	  "looked for. May be repeated. --list-rules shows what is in force.",
	  true, true, opt_rules },
	{ "no-rules", 0, NULL, "Use no built-in rules for known problems, only those of --rules.", true, false,
	  opt_no_rules },
	{ "list-rules", 0, NULL,
	  "List the rules, the built-in ones first. Same as --command=rules.", true, false,
	  opt_list_rules },
	{ "test-rules", 0, NULL,
	  "Try the samples of all rules for known problems. Those that must match and do not, or match and must not, "
	  "are named with what was missing. The exit status is 1 if there are any. Same as --command='rules -t'.",
	  true, false, opt_test_rules },
	{ "explain", 0, NULL,
	  "Say why: this kind, this guilty function, these findings. Only in text.", true, false,
	  opt_explain },
	{ "repaired", 0, NULL,
	  "Print the input's log itself, unquoted and repaired. Same as --command='log -a', but "
	  "the exit status says whether there is a crash in it.",
	  true, false, opt_repaired },
	{ "source", 0, NULL,
	  "Show the source around the instruction that failed. Also around the guilty call. A "
	  "directory given with --symbols must hold the source tree. Only in text.",
	  true, false, opt_source },
	{ "annotate", 0, NULL,
	  "Print the input as it was, with its place in the source behind each frame. That is "
	  "\"(mm/slub.c:123)\", what was inlined first; all else is printed byte for byte, and it "
	  "can be done again. Lines come out as they are read. Same as --command='log -s', but the exit status says "
	  "whether there is a crash in it.",
	  true, false, opt_annotate },
	{ "redact", 0, NULL,
	  "Replace hosts, addresses and user names by HOST-1, IP-1, USER-1 and so on. In all that "
	  "is printed of the input each of them is the same wherever it stands; IP6-1 is an address "
	  "of IPv6, MAC-1 of hardware, MAIL-1 of mail. Kernel addresses, symbols and names of "
	  "processes stay. What is private is told by its form and by the words around it, so read "
	  "the output before you give it away.",
	  true, false, opt_redact },
	{ "color", 0, "WHEN",
	  "Use colour: auto, always or never. auto is the default: only on a terminal that is not "
	  "dumb, and not if NO_COLOR is set.",
	  true, true, opt_color },
	{ "timeout", 0, "SEC",
	  "Stop a command after SEC seconds. What was found by then is printed. The default is 60; "
	  "0 means no limit.",
	  true, true, opt_timeout },
	{ "max-memory", 0, "MIB",
	  "Give the analysis at most MIB mebibytes of memory. The default is 1024; 0 means no "
	  "limit. Debug files that have to be unpacked may take twice as much beside it, and never "
	  "more than 4 GiB.",
	  true, true, opt_max_memory },
	{ "sandbox", 0, "MODE",
	  "Confine the analysis: auto, require or off. With auto, the default, it is done as far as "
	  "this system can, and said if that is not all of it. With require the exit status is 5 if "
	  "anything is missing. off is for finding faults of the program itself. Confined, the "
	  "analysis can open no files but debug files, has no network, starts no programs, and "
	  "plugins only compute.",
	  true, true, opt_sandbox },
	{ "history", 0, "on|off", "Keep the lines typed into the REPL in a file.", false, true,
	  opt_history },
	{ "quiet", 'q', NULL, "Print no notes on standard error, only errors and warnings.", true,
	  false, opt_quiet },
	{ "verbose", 'v', NULL, "Print everything that is known, also what is long.", true, false,
	  opt_verbose },
	{ "version", 0, NULL, "Print the version and what was built in.", true, false,
	  opt_version },
	{ "help", 0, NULL, "Print this help.", true, false, opt_help },
};

const struct od_option *od_option_table(size_t *n)
{
	*n = sizeof(table) / sizeof(table[0]);
	return table;
}
