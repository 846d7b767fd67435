/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "front/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { DEFAULT_TIMEOUT_S = 60, DEFAULT_MEMORY_MIB = 1024 };

void od_strings_add(struct od_strings *list, const char *s)
{
	list->items = od_realloc(list->items, (list->n + 2) * sizeof(*list->items));
	list->items[list->n++] = s;
	list->items[list->n] = NULL;
}

void od_options_init(struct od_options *opts)
{
	*opts = (struct od_options){
		.timeout_s = DEFAULT_TIMEOUT_S,
		.max_memory_mib = DEFAULT_MEMORY_MIB,
		.history = true,
		.cache_mib = 4096,
	};
}

void od_options_deinit(struct od_options *opts)
{
	for (size_t i = 0; i < opts->owned.n; i++)
		free((char *)opts->owned.items[i]);
	free(opts->owned.items);
	free(opts->plugin_paths.items);
	free(opts->rules.items);
	free(opts->symbols.items);
	free(opts->files.items);
	free(opts->batch);
}

static const struct od_option *find_long(const char *name, size_t len)
{
	size_t n;
	const struct od_option *opt = od_option_table(&n);

	for (; n > 0; n--, opt++)
		if (opt->cli && strlen(opt->name) == len && !memcmp(opt->name, name, len))
			return opt;
	return NULL;
}

static const struct od_option *find_short(char c)
{
	size_t n;
	const struct od_option *opt = od_option_table(&n);

	for (; n > 0; n--, opt++)
		if (opt->cli && opt->shortname && opt->shortname == c)
			return opt;
	return NULL;
}

/* The words after argv[0], one after the other. */
struct words {
	char *const *p;
	char *const *end;
};

static struct od_error *take_value(struct words *w, const struct od_option *opt, const char **value)
{
	if (*value)
		return NULL;
	if (w->p == w->end)
		return od_error_new(OD_ERR_USAGE, "--%s needs a value: %s", opt->name, opt->arg);
	*value = *w->p++;
	return NULL;
}

static struct od_error *apply(struct od_options *opts, const struct od_option *opt,
			      const char *value)
{
	return od_error_wrap(opt->apply(opts, value), "--%s", opt->name);
}

/* "--name", "--name=value", "--name value". */
static struct od_error *parse_long(struct od_options *opts, struct words *w, const char *word)
{
	const char *eq = strchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : strlen(word);
	const struct od_option *opt = find_long(word, len);
	const char *value = eq ? eq + 1 : NULL;
	struct od_error *err;

	if (!opt)
		return od_error_new(OD_ERR_USAGE, "unknown option '--%.*s'", (int)len, word);
	if (!opt->arg && value)
		return od_error_new(OD_ERR_USAGE, "--%s takes no value", opt->name);
	err = opt->arg ? take_value(w, opt, &value) : NULL;
	return err ? err : apply(opts, opt, value);
}

/* "-qv", "-fjson", "-f json". */
static struct od_error *parse_short(struct od_options *opts, struct words *w, const char *word)
{
	while (*word) {
		const struct od_option *opt = find_short(*word++);
		const char *value = NULL;
		struct od_error *err;

		if (!opt)
			return od_error_new(OD_ERR_USAGE, "unknown option '-%c'", word[-1]);
		if (opt->arg) {
			value = *word ? word : NULL;
			word = "";
			err = take_value(w, opt, &value);
			if (err)
				return err;
		}
		err = apply(opts, opt, value);
		if (err)
			return err;
	}
	return NULL;
}

struct od_error *od_options_parse(struct od_options *opts, int argc, char *const argv[])
{
	struct words w = { argv + (argc > 0), argv + argc };
	bool operands = false;

	while (w.p < w.end) {
		const char *word = *w.p++;
		struct od_error *err = NULL;

		if (operands || word[0] != '-' || !word[1])
			od_strings_add(&opts->files, word);
		else if (!strcmp(word, "--"))
			operands = true;
		else if (word[1] == '-')
			err = parse_long(opts, &w, word + 2);
		else
			err = parse_short(opts, &w, word + 1);
		if (err)
			return err;
	}
	return NULL;
}

/* What cannot be asked for together. */
static struct od_error *check(const struct od_options *opts)
{
	unsigned modes = (opts->nbatch > 0) + opts->interactive + opts->repaired +
			 opts->annotate;
	unsigned stdins = 0;

	if (modes > 1)
		return od_error_new(OD_ERR_USAGE, "only one of --interactive, --repaired, "
						  "--annotate and --command or --execute "
						  "can be given");
	if ((opts->repaired || opts->annotate) && opts->format != OD_FORMAT_TEXT)
		return od_error_new(OD_ERR_USAGE, "--%s is text only",
				    opts->repaired ? "repaired" : "annotate");
	for (size_t i = 0; i < opts->files.n; i++)
		stdins += !strcmp(opts->files.items[i], "-");
	if (stdins > 1)
		return od_error_new(OD_ERR_USAGE, "standard input can be read only once");
	if (stdins && opts->interactive)
		return od_error_new(OD_ERR_USAGE,
				    "with --interactive standard input holds the commands");
	return NULL;
}

struct od_error *od_options_read(struct od_options *opts, int argc, char *const argv[])
{
	struct od_error *err;

	/* Once for --help and for the command line's own faults, once more over the settings. */
	od_options_init(opts);
	err = od_options_parse(opts, argc, argv);
	if (err || opts->help || opts->version)
		return err;
	od_options_deinit(opts);
	od_options_init(opts);
	err = od_settings_read(opts);
	if (!err)
		err = od_options_parse(opts, argc, argv);
	return err ? err : check(opts);
}
