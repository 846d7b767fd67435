/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "front/options.h"
#include "triage/store.h"

enum { DEFAULT_TIMEOUT_S = 60, DEFAULT_LIMIT = 20, DEFAULT_THRESHOLD = 60, MAX_JOBS = 1024 };

void od_triage_options_init(struct od_triage_options *opts)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	*opts = (struct od_triage_options){ .jobs = cpus > 0 && cpus < MAX_JOBS ? (unsigned)cpus : 1,
					    .threshold = DEFAULT_THRESHOLD,
					    .limit = DEFAULT_LIMIT };
	od_options_init(&opts->engine);
	opts->engine.timeout_s = DEFAULT_TIMEOUT_S;
	opts->engine.no_symbols = true;
	opts->engine.quiet = true;
	opts->engine.colour = OD_WHEN_NEVER;
}

void od_triage_options_deinit(struct od_triage_options *opts)
{
	od_options_deinit(&opts->engine);
	free(opts->args.items);
}

/* Does the command take it? name of len bytes is a word of list. */
static bool takes(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = list; p && (p = strstr(p, name)); p += len)
		if ((p == list || p[-1] == ' ') && (p[len] == ' ' || !p[len]))
			return true;
	return !list;
}

static const struct od_triage_option *find(const char *name, size_t len, char shortname)
{
	size_t n;
	const struct od_triage_option *opt = od_triage_option_table(&n);

	for (; n > 0; n--, opt++)
		if (name ? strlen(opt->name) == len && !memcmp(opt->name, name, len)
			 : opt->shortname == shortname)
			return opt;
	return NULL;
}

struct parser {
	struct od_triage_options *opts;
	char *const *p, *const *end;
	const struct od_triage_option *used[64]; /* to be held against the command */
	unsigned nused;
};

static struct od_error *apply(struct parser *ps, const struct od_triage_option *opt, const char *value)
{
	if (opt->arg && !value && ps->p == ps->end)
		return od_error_new(OD_ERR_USAGE, "--%s needs a value: %s", opt->name, opt->arg);
	if (opt->arg && !value)
		value = *ps->p++;
	if (!opt->arg && value)
		return od_error_new(OD_ERR_USAGE, "--%s takes no value", opt->name);
	if (ps->nused < sizeof(ps->used) / sizeof(*ps->used))
		ps->used[ps->nused++] = opt;
	return od_error_wrap(opt->apply(ps->opts, value), "--%s", opt->name);
}

static struct od_error *parse_long(struct parser *ps, const char *word)
{
	const size_t len = strcspn(word, "=");
	const struct od_triage_option *opt = find(word, len, 0);

	if (!opt)
		return od_error_new(OD_ERR_USAGE, "unknown option '--%.*s'", (int)len, word);
	return apply(ps, opt, word[len] ? word + len + 1 : NULL);
}

static struct od_error *parse_short(struct parser *ps, const char *word)
{
	struct od_error *err = NULL;

	while (*word && !err) {
		const struct od_triage_option *opt = find(NULL, 0, *word++);

		if (!opt)
			return od_error_new(OD_ERR_USAGE, "unknown option '-%c'", word[-1]);
		err = apply(ps, opt, opt->arg && *word ? word : NULL);
		if (opt->arg)
			return err;
	}
	return err;
}

/* An option that the command does not know is a mistake, not a wish. */
static struct od_error *check(const struct parser *ps)
{
	const char *command = ps->opts->args.n ? ps->opts->args.items[0] : "";

	for (unsigned i = 0; i < ps->nused && *command; i++)
		if (!takes(ps->used[i]->commands, command))
			return od_error_new(OD_ERR_USAGE, "%s takes no --%s", command, ps->used[i]->name);
	return NULL;
}

struct od_error *od_triage_options_parse(struct od_triage_options *opts, int argc, char *const argv[])
{
	struct parser ps = { .opts = opts, .p = argv + (argc > 0), .end = argv + argc };
	bool operands = false;

	while (ps.p < ps.end) {
		const char *word = *ps.p++;
		struct od_error *err = NULL;

		if (operands || word[0] != '-' || !word[1])
			od_strings_add(&opts->args, word);
		else if (!strcmp(word, "--"))
			operands = true;
		else if (word[1] == '-')
			err = parse_long(&ps, word + 2);
		else
			err = parse_short(&ps, word + 1);
		if (err)
			return err;
	}
	return check(&ps);
}

const struct od_triage_command *od_triage_command_find(const struct od_triage_options *opts,
						       struct od_error **err)
{
	const size_t nargs = opts->args.n ? opts->args.n - 1 : 0;
	size_t n;
	const struct od_triage_command *const *commands = od_triage_commands(&n);

	*err = NULL;
	if (!opts->args.n) {
		*err = od_error_new(OD_ERR_USAGE, "which command? run, similar, search, known, stats, export "
						  "or merge");
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(commands[i]->name, opts->args.items[0]) != 0)
			continue;
		if (nargs >= commands[i]->min && (!commands[i]->max || nargs <= commands[i]->max))
			return commands[i];
		*err = od_error_new(OD_ERR_USAGE, "usage: oopsdiag-triage %s", commands[i]->usage);
		return NULL;
	}
	*err = od_error_new(OD_ERR_USAGE, "there is no command '%s'", opts->args.items[0]);
	return NULL;
}

struct od_error *od_triage_open(const struct od_triage_options *opts, int mode, struct od_store **ret)
{
	struct od_buf path = OD_BUF_INIT;
	struct od_error *err;

	*ret = NULL;
	if (opts->store)
		return od_store_open(opts->store, (enum od_store_mode)mode, ret);
	if (!od_store_default_path(&path))
		return od_error_new(OD_ERR_USAGE, "where is the store? Neither --store nor a home directory");
	err = od_store_open(od_buf_str(&path), (enum od_store_mode)mode, ret);
	od_buf_deinit(&path);
	return err;
}
