/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the user asked for: the command line over the user's settings file over the system's.
 * One table of options; --help, the man page and the completion are written from it.
 */
#ifndef OD_FRONT_OPTIONS_H
#define OD_FRONT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "front/option-row.h"
#include "render/render.h"

enum od_when { OD_WHEN_AUTO, OD_WHEN_ALWAYS, OD_WHEN_NEVER };

enum od_sandbox { OD_SANDBOX_AUTO, OD_SANDBOX_REQUIRE, OD_SANDBOX_OFF };

/* A growing list of strings that point into argv, or are owned by od_options. */
struct od_strings {
	const char **items; /* NULL-terminated once anything was added */
	size_t n;
};

/* -c and -x in the order given. */
struct od_batch_item {
	bool script; /* text is the name of a file of commands */
	const char *text;
};

struct od_options {
	bool help, version, interactive, explain, quiet, verbose, no_plugins, repaired, redact;
	bool annotate, source;
	bool test_rules, no_rules;
	bool cache;		   /* keep unpacked debug files */
	unsigned cache_mib;	   /* that they may take */
	bool debuginfod;	   /* ask servers for debug files that are missing */
	bool no_symbols;	   /* only those of --symbols, not where distributions put them */
	bool history;		   /* keep the REPL's lines in a file */
	enum od_format format;
	bool format_given; /* or something else that asks for a report, not for a talk */
	enum od_when colour;
	unsigned timeout_s;	   /* for one command; 0: none */
	bool timeout_given;
	unsigned max_memory_mib;   /* of one engine; 0: no limit */
	enum od_sandbox sandbox;
	const char *kernel;	   /* NULL: as the input says */
	struct od_strings plugin_paths;
	struct od_strings rules;   /* files and directories of --rules */
	struct od_strings symbols; /* files and directories of --symbols */
	struct od_batch_item *batch;
	size_t nbatch;
	struct od_strings files;
	struct od_strings owned;   /* lines of settings files that values point into */
};

struct od_option {
	const char *name;	/* without the dashes */
	char shortname;		/* 0: none */
	const char *arg;	/* what it takes, for the help; NULL: nothing */
	const char *help;	/* sentences for the man page; the first one is for --help */
	bool cli;		/* an option of the command line */
	bool setting;		/* a key of the settings files */
	/* value is NULL if arg is, and not of a setting. An error's message names neither option nor place. */
	struct od_error *(*apply)(struct od_options *opts, const char *value);
};

/* The table; n is its length. */
const struct od_option *od_option_table(size_t *n);
/* What all programs say of an option. */
static inline struct od_option_row od_option_row(const struct od_option *opt)
{
	return (struct od_option_row){ opt->name, opt->shortname, opt->arg, opt->help, NULL };
}
/* Which words stand for the names of values in the table; ends with a row of NULLs. */
const struct od_value_words *od_option_words(void);

void od_options_init(struct od_options *opts);
void od_options_deinit(struct od_options *opts);
/*
 * The whole of it. argv must outlive opts. OD_ERR_USAGE for what the user must mend. With --help
 * or --version the settings files are not read, so that a broken one does not hide the help.
 */
struct od_error *od_options_read(struct od_options *opts, int argc, char *const argv[]);
/* The command line alone, onto what is there. */
struct od_error *od_options_parse(struct od_options *opts, int argc, char *const argv[]);
/* One settings file (of len bytes at text); name is for messages. */
struct od_error *od_settings_parse(struct od_options *opts, const char *name, const char *text,
				   size_t len);
/* $XDG_CONFIG_HOME/oopsdiag/config and the system's. A missing file is none. */
struct od_error *od_settings_read(struct od_options *opts);

/*
 * An XDG base directory: the variable if it holds an absolute path, else fallback under $HOME.
 * False if there is neither.
 */
bool od_xdg_path(struct od_buf *buf, const char *variable, const char *fallback,
		 const char *name);

void od_strings_add(struct od_strings *list, const char *s);

/* --help and --version. */
void od_help(struct od_buf *buf);
void od_version(struct od_buf *buf);

#endif
