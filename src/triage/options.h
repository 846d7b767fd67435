/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What oopsdiag-triage was asked for. --help, the man page and the completion are written from its tables. */
#ifndef OD_TRIAGE_OPTIONS_H
#define OD_TRIAGE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "front/options.h"
#include "model/report.h"

enum od_triage_format { OD_TRIAGE_LINE, OD_TRIAGE_JSONL, OD_TRIAGE_MARKDOWN, OD_TRIAGE_HTML };

struct od_triage_options {
	struct od_options engine; /* limits, sandbox, plugins, rules */
	bool help, version, quiet, verbose, retry, new_only;
	const char *store; /* NULL: the default one */
	unsigned jobs;
	enum od_triage_format format;
	unsigned shard, shards; /* shard of shards, from 0; shards 0: all tickets */
	const char *files_from; /* NULL: none; "-": standard input */
	bool zero;		/* names in it end in NUL */
	const char *fail_on;	/* a severity or a signature; NULL: nothing fails */
	unsigned threshold;	/* of similar, per cent */
	unsigned limit;		/* rows of an answer; 0: all */
	const char *kb, *note;
	struct od_strings args; /* the command first */
};

struct od_triage_option {
	const char *name;
	char shortname;
	const char *arg;
	const char *help;
	const char *commands; /* that take it, blanks between; NULL: all of them */
	struct od_error *(*apply)(struct od_triage_options *opts, const char *value);
};

struct od_store;

struct od_triage_command {
	const char *name;
	const char *usage;   /* with its name */
	const char *help;    /* sentences; the first one is for --help */
	unsigned min, max;   /* arguments; max 0: any number */
	/* The exit status; err is for what the user must mend. */
	int (*run)(const struct od_triage_options *opts, struct od_error **err);
};

const struct od_triage_option *od_triage_option_table(size_t *n);
/* What all programs say of an option. */
static inline struct od_option_row od_triage_option_row(const struct od_triage_option *opt)
{
	return (struct od_option_row){ opt->name, opt->shortname, opt->arg, opt->help, opt->commands };
}
/* Which words stand for the names of values in the table; ends with a row of NULLs. */
const struct od_value_words *od_triage_option_words(void);
const struct od_triage_command *const *od_triage_commands(size_t *n);

void od_triage_options_init(struct od_triage_options *opts);
void od_triage_options_deinit(struct od_triage_options *opts);
/* OD_ERR_USAGE. argv must outlive opts. */
struct od_error *od_triage_options_parse(struct od_triage_options *opts, int argc, char *const argv[]);
/* The command that args[0] names; NULL and *err: there is none, or its arguments are wrong. */
const struct od_triage_command *od_triage_command_find(const struct od_triage_options *opts,
						       struct od_error **err);
/* Open the store that was named, or the default one. mode: enum od_store_mode. */
struct od_error *od_triage_open(const struct od_triage_options *opts, int mode, struct od_store **ret);

void od_triage_help(struct od_buf *buf);
void od_triage_version(struct od_buf *buf);

#endif
