/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plugin host: finds plugins in trusted places, loads them, runs each in a forked child. */
#ifndef OD_ANALYZE_PLUGINS_H
#define OD_ANALYZE_PLUGINS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "model/input.h"

struct od_plugins;

struct od_plugin_options {
	const char *const *paths; /* directories of --plugin-path, in order; NULL-terminated or NULL */
	bool none;		  /* --no-plugins: load nothing, not even the installed ones */
	bool paths_only;	  /* those of paths, not the installed ones as well */
	unsigned timeout_ms;	  /* for one plugin and one batch; 0: the default of 10 s (to load one: 5 s) */
	/* fork() or one that does more; NULL: fork(). */
	pid_t (*fork)(void);
	/* Called in a plugin's process before the plugin, which does not run if it fails; NULL: od_plugin_manners(),
	   which may fail. */
	bool (*confine)(void);
};

/*
 * In a process that runs code of a plugin: from now on it ends by SIGSYS if it signals others, starts
 * processes or threads, runs programs, or changes limits, timers or signal handlers. A confine() that cannot do more
 * calls this. False where the kernel has no filters for system calls, or none that we know to write.
 */
bool od_plugin_manners(void);

/*
 * Load the plugins of the default directory and of paths. Never fails as a whole: what was refused
 * is said in messages (one line each, already escaped for people), and by od_plugins_list().
 * Loading happens before any input is read. The caller owns the result.
 */
struct od_plugins *od_plugins_load(const struct od_plugin_options *opts, struct od_buf *messages);
/*
 * Append where plugins are looked for by default: the installed ones; for a program run from its build tree,
 * those built with it. Never the current directory.
 */
void od_plugins_default_dir(struct od_buf *buf);
void od_plugins_destroy(struct od_plugins *plugins);

/* Name, version, summary and path of each loaded plugin, and each refused one with the reason. */
void od_plugins_list(const struct od_plugins *plugins, struct od_buf *buf);

/* The literals of interest of all plugins: NULL-terminated, valid until destroy. */
const char *const *od_plugins_interest(const struct od_plugins *plugins);

/*
 * Run every plugin on the reports [first, first + n) of the input, each plugin in a forked child
 * with rlimits and a deadline, and add what they found. A plugin that dies, hangs or answers
 * nonsense leaves a note on every report of the batch that it was to see and keeps nobody else's
 * findings back. Findings are sorted by score, highest first, then by id. False if any plugin
 * failed (exit status 3).
 */
bool od_plugins_run(struct od_plugins *plugins, struct od_input *in, uint32_t first, uint32_t n);

/* Is that plugin there, and takes questions? */
bool od_plugins_takes_questions(const struct od_plugins *plugins, const char *name);
/*
 * Ask a plugin about a report, in a process of its own like od_plugins_run(). The answer goes to out, escaped, a
 * line each; false: out has the reason instead, the plugin's own words if the question was what is wrong.
 */
bool od_plugins_ask(struct od_plugins *plugins, struct od_input *in, uint32_t report,
		    const char *name, const char *question, struct od_buf *out);

/* Did somebody else kill a plugin's process, so that doing it all again may find more? */
bool od_plugins_killed(const struct od_plugins *plugins);

#endif
