/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options: one row each, and what each does. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "front/options.h"
#include "triage/options.h"

typedef struct od_error *od_opt_result;

/* What the names of values below stand for; FORMAT in the order of enum od_triage_format, MODE as in oopsdiag. */
#define FORMATS "line jsonl markdown html"
static const struct od_value_words words[] = {
	{ "FORMAT", FORMATS },
	{ "MODE", "auto require off" },
	{ "WHAT", "critical high medium low unknown" },
	{ NULL, NULL },
};

const struct od_value_words *od_triage_option_words(void)
{
	return words;
}

/* Those that mean here what they mean to oopsdiag are its rows. */
static od_opt_result engine(struct od_triage_options *o, const char *name, const char *v)
{
	size_t n;
	const struct od_option *opt = od_option_table(&n);

	for (; n > 0; n--, opt++)
		if (!strcmp(opt->name, name))
			return opt->apply(&o->engine, v);
	return od_error_new(OD_ERR_INTERNAL, "no such option");
}

#define ENGINE(function, name)                                                                     \
	static od_opt_result function(struct od_triage_options *o, const char *v)                  \
	{                                                                                          \
		return engine(o, name, v);                                                         \
	}
ENGINE(opt_timeout, "timeout")
ENGINE(opt_max_memory, "max-memory")
ENGINE(opt_sandbox, "sandbox")
ENGINE(opt_plugin_path, "plugin-path")
ENGINE(opt_no_plugins, "no-plugins")
ENGINE(opt_rules, "rules")
ENGINE(opt_kernel, "kernel")

static od_opt_result number(const char *v, unsigned min, unsigned max, unsigned *ret)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(v, &end, 10);
	if (!isdigit((unsigned char)*v) || *end || errno || n < min || n > max)
		return od_error_new(OD_ERR_USAGE, "'%s' is not a number from %u to %u", v, min, max);
	*ret = (unsigned)n;
	return NULL;
}

static od_opt_result opt_store(struct od_triage_options *o, const char *v)
{
	if (!*v)
		return od_error_new(OD_ERR_USAGE, "a file is needed");
	o->store = v;
	return NULL;
}

static od_opt_result opt_jobs(struct od_triage_options *o, const char *v)
{
	return number(v, 1, 1024, &o->jobs);
}

static od_opt_result opt_format(struct od_triage_options *o, const char *v)
{
	return od_option_word(FORMATS, v, &o->format);
}

static od_opt_result opt_shard(struct od_triage_options *o, const char *v)
{
	char *end;
	unsigned long k = strtoul(v, &end, 10), n;

	n = *end == '/' && isdigit((unsigned char)end[1]) ? strtoul(end + 1, &end, 10) : 0;
	if (!isdigit((unsigned char)*v) || *end || !n || n > 100000 || k < 1 || k > n)
		return od_error_new(OD_ERR_USAGE, "'%s' is not K/N, K from 1 to N", v);
	o->shard = (unsigned)k - 1;
	o->shards = (unsigned)n;
	return NULL;
}

static od_opt_result opt_files_from(struct od_triage_options *o, const char *v)
{
	o->files_from = v;
	return NULL;
}

static od_opt_result opt_null(struct od_triage_options *o, const char *v)
{
	(void)v;
	o->zero = true;
	return NULL;
}

static od_opt_result opt_fail_on(struct od_triage_options *o, const char *v)
{
	enum od_severity severity;

	if (!od_severity_by_name(v, &severity) && strncmp(v, "v1/", 3) != 0 && strcmp(v, "unknown") != 0)
		return od_error_new(OD_ERR_USAGE, "'%s' is no severity, no signature and not unknown", v);
	o->fail_on = v;
	return NULL;
}

static od_opt_result opt_retry(struct od_triage_options *o, const char *v)
{
	(void)v;
	o->retry = true;
	return NULL;
}

static od_opt_result opt_threshold(struct od_triage_options *o, const char *v)
{
	return number(v, 0, 100, &o->threshold);
}

static od_opt_result opt_limit(struct od_triage_options *o, const char *v)
{
	return number(v, 0, 1000000000, &o->limit);
}

static od_opt_result opt_kb(struct od_triage_options *o, const char *v)
{
	o->kb = v;
	return NULL;
}

static od_opt_result opt_note(struct od_triage_options *o, const char *v)
{
	o->note = v;
	return NULL;
}

static od_opt_result opt_quiet(struct od_triage_options *o, const char *v)
{
	(void)v;
	o->quiet = true;
	return NULL;
}

static od_opt_result opt_verbose(struct od_triage_options *o, const char *v)
{
	(void)v;
	o->verbose = true;
	return NULL;
}

static od_opt_result opt_version(struct od_triage_options *o, const char *v)
{
	(void)v;
	o->version = true;
	return NULL;
}

static od_opt_result opt_help(struct od_triage_options *o, const char *v)
{
	(void)v;
	o->help = true;
	return NULL;
}

static const struct od_triage_option table[] = {
	{ "store", 'd', "FILE",
	  "Keep results in FILE. The default is $XDG_STATE_HOME/oopsdiag/triage.db. It is made if it is not "
	  "there; only you can read it.",
	  NULL, opt_store },
	{ "jobs", 'j', "N", "Analyse N tickets at a time. The default is the number of processors.", "run",
	  opt_jobs },
	{ "format", 'f', "FORMAT",
	  "Print line, jsonl, markdown or html. html is one file that needs nothing else: signatures, "
	  "a time line, modules, kernels, and each ticket. line is one line a ticket, separated by tabs: ticket, verdict, "
	  "severity, title, signature, module, best finding, known as, number of crashes, how often, note.",
	  "run export", opt_format },
	{ "fail-on", 0, "WHAT",
	  "Exit with status 1 if a ticket of this run has WHAT. That is a crash of this severity or "
	  "worse (critical, high, medium, low), one with this signature, or one that is unknown: neither "
	  "does a recognizer know it, nor was it added with known.",
	  "run", opt_fail_on },
	{ "shard", 0, "K/N",
	  "Take only the Kth of N parts of the tickets. The parts are of about one size, have "
	  "nothing in common and are the same on every machine, since they go by names.",
	  "run", opt_shard },
	{ "files-from", 0, "FILE",
	  "Read more paths from FILE, one a line. - is standard input.", "run", opt_files_from },
	{ "null", '0', NULL, "Names in the file of --files-from end in NUL, as find -print0 writes them.",
	  "run", opt_null },
	{ "retry", 0, NULL, "Try quarantined tickets again.", "run", opt_retry },
	{ "timeout", 0, "SEC",
	  "Give the analysis of a ticket SEC seconds. The default is 60; 0 means no limit. A directory of "
	  "many files has so much time for each 32 of them.",
	  "run", opt_timeout },
	{ "max-memory", 0, "MIB",
	  "Give each analysis at most MIB mebibytes of memory. The default is 1024; 0 means no limit. "
	  "Dumps and archives that lie in archives may take twice as much beside it.",
	  "run", opt_max_memory },
	{ "sandbox", 0, "MODE",
	  "Confine the analysis: auto, require or off. With require nothing is analysed if anything of "
	  "the sandbox is missing.",
	  "run", opt_sandbox },
	{ "rules", 0, "FILE", "Add rules from FILE, or from the *.rules of a directory. May be repeated.",
	  "run", opt_rules },
	{ "plugin-path", 0, "DIR", "Load the plugins of DIR too. May be repeated.", "run", opt_plugin_path },
	{ "no-plugins", 0, NULL, "Load no plugins, not even the installed ones.", "run", opt_no_plugins },
	{ "kernel", 0, "RELEASE", "Assume this kernel release where a ticket names none.", "run",
	  opt_kernel },
	{ "threshold", 0, "PERCENT",
	  "Show stacks that are alike to at least PERCENT. The default is 60.", "similar",
	  opt_threshold },
	{ "limit", 'n', "N", "Show at most N rows. The default is 20; 0 means all.",
	  "similar search stats", opt_limit },
	{ "kb", 0, "URL", "Where the problem is described.", "known", opt_kb },
	{ "note", 0, "TEXT", "What to do, or whatever the next one should know.", "known", opt_note },
	{ "quiet", 'q', NULL, "Print no progress and no notes on standard error.", NULL, opt_quiet },
	{ "verbose", 'v', NULL, "In Markdown and HTML, tell of tickets without a crash too.", "run export", opt_verbose },
	{ "version", 0, NULL, "Print the version.", NULL, opt_version },
	{ "help", 0, NULL, "Print this help.", NULL, opt_help },
};

const struct od_triage_option *od_triage_option_table(size_t *n)
{
	*n = sizeof(table) / sizeof(*table);
	return table;
}
