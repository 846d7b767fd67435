/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mod: the modules that a report names, or those in the memory of a dump. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/locate.h"
#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "render/json-writer.h"
#include "shell/commands.h"
#include "shell/complete.h"
#include "shell/core.h"
#include "shell/memory-args.h"
#include "shell/session.h"
#include "target/kernel/modules.h"

/* --- of a report ----------------------------------------------------------------- */

static struct od_error *of_report(struct od_session *s, const struct od_args *args,
				  struct od_buf *out)
{
	const struct od_style style = od_session_text_style(s);
	od_autofree struct od_module *modules = NULL;
	struct od_report *rep, view;
	struct od_error *err;

	if (!s->in->nreports) {
		s->no_crash = true;
		return NULL;
	}
	err = od_session_report(s, args, 1, &rep);
	if (err)
		return err;
	/* A view of the report with fewer modules: rendering only reads. */
	view = *rep;
	modules = od_calloc(rep->nmodules, sizeof(*modules));
	view.modules = modules;
	view.nmodules = 0;
	for (uint32_t i = 0; i < rep->nmodules; i++)
		if (rep->modules[i].taint || !od_args_has(args, 't'))
			modules[view.nmodules++] = rep->modules[i];
	if (view.nmodules > 0)
		od_render_modules(out, &view, &style);
	else if (rep->nmodules > 0)
		od_buf_addstr(out, "No module taints the kernel.\n");
	else
		od_buf_addstr(out, "The report names no modules.\n");
	return NULL;
}

/* --- of a dump ------------------------------------------------------------------- */

static bool add_user(void *ctx, const char *name)
{
	struct od_buf *out = ctx;

	od_buf_addstr(out, out->len ? "," : "");
	od_escape_str(out, OD_ESCAPE_TEXT, name);
	return true;
}

static void print_row(struct od_kernel *k, const struct od_kmodule *m, struct od_buf *out)
{
	struct od_buf users = OD_BUF_INIT;
	char taints[65], refs[16] = "?";

	if (m->refs >= 0)
		snprintf(refs, sizeof(refs), "%d", m->refs);
	od_taint_letters(m->taints, taints);
	od_kmodule_users(k, m, add_user, &users);
	od_buf_printf(out, "%016" PRIx64 "  %016" PRIx64 "  %9" PRIu64 "  %4s  %c  %-6s ", m->addr,
		      m->text, m->size, refs, m->state, *taints ? taints : "-");
	od_escape_str(out, OD_ESCAPE_TEXT, m->name);
	if (users.len)
		od_buf_printf(out, "  (used by %s)", users.data);
	od_buf_addch(out, '\n');
	od_buf_deinit(&users);
}

static bool print_section(void *ctx, const char *name, uint64_t addr)
{
	struct od_buf *out = ctx;

	od_buf_printf(out, "             %016" PRIx64 "  ", addr);
	od_escape_str(out, OD_ESCAPE_TEXT, name);
	od_buf_addch(out, '\n');
	return true;
}

static void print_value(struct od_buf *out, const char *name, const char *value)
{
	od_buf_printf(out, "%12s  ", name);
	od_escape_str(out, OD_ESCAPE_TEXT, value ? value : "none");
	od_buf_addch(out, '\n');
}

static void print_one(struct od_kernel *k, const struct od_kmodule *m, struct od_buf *out)
{
	char taints[65];

	od_taint_letters(m->taints, taints);
	print_value(out, "name", m->name);
	print_value(out, "version", m->version);
	print_value(out, "srcversion", m->srcversion);
	print_value(out, "build id", m->build_id);
	print_value(out, "taints", *taints ? taints : NULL);
	od_buf_printf(out, "      module  %016" PRIx64 ", %" PRIu64 " bytes\n", m->addr, m->size);
	for (uint32_t i = 0; i < m->nranges; i++)
		od_buf_printf(out, "       range  %016" PRIx64 "-%016" PRIx64 "  %s\n",
			      m->range[i].base, m->range[i].base + m->range[i].size,
			      od_kmodule_part_name(m->range[i].part));
	od_buf_addstr(out, "    sections\n");
	od_kmodule_sections(k, m, print_section, out);
}

static void print_json(const struct od_kmodule *m, struct od_json *w)
{
	char taints[65], state[2] = { m->state, '\0' };

	od_taint_letters(m->taints, taints);
	od_json_object(w, NULL, true);
	od_json_str(w, "name", m->name);
	od_json_addr(w, "module", m->addr);
	od_json_addr(w, "text", m->text);
	od_json_num(w, "text_size", m->text_size);
	od_json_num(w, "size", m->size);
	od_json_int(w, "refs", m->refs);
	od_json_word(w, "state", state);
	od_json_word(w, "taints", taints);
	od_json_str(w, "version", m->version);
	od_json_str(w, "srcversion", m->srcversion);
	od_json_str(w, "build_id", m->build_id);
	od_json_end(w);
}

static void print_all_json(const struct od_modules *modules, bool tainting, struct od_buf *out)
{
	struct od_json w = { .buf = out };

	od_json_object(&w, NULL, false);
	od_json_str(&w, "incomplete", modules->why);
	od_json_array(&w, "modules", false);
	for (uint32_t i = 0; i < modules->n; i++)
		if (!tainting || modules->module[i].taints)
			print_json(&modules->module[i], &w);
	od_json_end(&w);
	od_json_array(&w, "unloaded_tainting", false);
	for (uint32_t i = 0; i < modules->nunloaded; i++) {
		char taints[65];

		od_taint_letters(modules->unloaded[i].taints, taints);
		od_json_object(&w, NULL, true);
		od_json_str(&w, "name", modules->unloaded[i].name);
		od_json_word(&w, "taints", taints);
		od_json_num(&w, "count", modules->unloaded[i].count);
		od_json_end(&w);
	}
	od_json_end(&w);
	od_json_end(&w);
	od_buf_addch(out, '\n');
}

static void print_all(struct od_kernel *k, const struct od_modules *modules, bool tainting,
		      struct od_buf *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < modules->n; i++) {
		if (tainting && !modules->module[i].taints)
			continue;
		if (!n++)
			od_buf_addstr(out, "MODULE            TEXT                  SIZE  REFS  ST "
					   "TAINTS NAME\n");
		print_row(k, &modules->module[i], out);
	}
	for (uint32_t i = 0; i < modules->nunloaded; i++) {
		char taints[65];

		od_taint_letters(modules->unloaded[i].taints, taints);
		od_buf_addstr(out, "Unloaded: ");
		od_escape_str(out, OD_ESCAPE_TEXT, modules->unloaded[i].name);
		od_buf_printf(out, " (%s), %" PRIu64 " times\n", taints,
			      modules->unloaded[i].count);
	}
	if (modules->why)
		od_buf_printf(out, "Not all modules: %s.\n", modules->why);
	else if (!n)
		od_buf_addstr(out, tainting ? "No module taints the kernel.\n" :
					      "No modules are loaded.\n");
}

enum { TAINT_OUT_OF_TREE = 12 }; /* include/linux/panic.h */

/* One line of mod -s: the debug file of a module, or why there is none. */
static void print_file(struct od_session *s, const struct od_kmodule *m, struct od_buf *out)
{
	const struct od_wanted wanted = { .release = s->in->release, .module = m->name, .build_id = m->build_id,
					  .out_of_tree = m->taints >> TAINT_OUT_OF_TREE & 1 };
	struct od_locate *loc = od_session_locate(s);
	struct od_absent absent = { NULL, NULL };
	const struct od_debug *dbg = loc ? od_locate_file(loc, &wanted, &absent) : NULL;

	od_memory_padded(out, m->name, 24);
	od_buf_addstr(out, dbg ? (od_debug_has_lines(dbg) ? "lines from " : "symbols only, from ") : "none: ");
	od_escape_str(out, OD_ESCAPE_TEXT, dbg ? od_debug_name(dbg) : absent.why ? absent.why : "no debug file is looked for");
	if (!dbg && absent.path) {
		od_buf_addstr(out, "; it is in ");
		od_escape_str(out, OD_ESCAPE_TEXT, absent.path);
	}
	od_buf_addch(out, '\n');
}

/* crash loads the files of modules here; ours come with the option -s, and symbols from memory. */
static struct od_error *print_files(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	struct od_kernel *k = s->target.kernel;
	const struct od_modules *modules;
	uint32_t n = 0;

	if (!k)
		return od_error_new(OD_ERR_USAGE, "-s is about the modules of a dump");
	modules = od_kernel_modules(k);
	for (uint32_t i = 0; i < modules->n && !od_session_must_stop(s); i++)
		if (args->argc < 2 || !strcmp(modules->module[i].name, args->argv[1])) {
			print_file(s, &modules->module[i], out);
			n++;
		}
	if (!n && args->argc > 1)
		return od_error_new(OD_ERR_USAGE, "no module '%s' is loaded", args->argv[1]);
	od_buf_addstr(out, "Symbols of modules are read from the dump. Files for source lines are given when the program "
			   "is started: -s FILE|DIRECTORY|PACKAGE.\n");
	return NULL;
}

static struct od_error *exec(struct od_session *s, const struct od_args *args, struct od_buf *out)
{
	const struct od_modules *modules;
	const struct od_kmodule *m;
	struct od_kernel *k = s->target.kernel;
	uint64_t id;

	if (od_args_has(args, 's') || od_args_has(args, 'S'))
		return print_files(s, args, out);
	if (args->argc > 2)
		return od_error_new(OD_ERR_USAGE, "one module, please; files are given with -s when the program starts");
	if (od_session_has_core(s) && args->argc < 2)
		return od_core_mod(s, args, out);
	/* A number means a report, of a dump too: what its log says is loaded. */
	if (!k || (args->argc > 1 && od_parse_number(args->argv[1], &id)))
		return of_report(s, args, out);
	modules = od_kernel_modules(k);
	if (args->argc > 1) {
		m = od_kmodule_named(modules, args->argv[1]);
		if (!m)
			return od_error_new(OD_ERR_USAGE, "no module '%s' is loaded",
					    args->argv[1]);
		print_one(k, m, out);
	} else if (od_args_has(args, 'j')) {
		print_all_json(modules, od_args_has(args, 't'), out);
	} else {
		print_all(k, modules, od_args_has(args, 't'), out);
	}
	return NULL;
}

static void complete(struct od_session *s, const struct od_args *args, struct od_buf *words)
{
	od_session_complete_ids(s, args, words);
	od_complete_modules(s, args, words);
}

const struct od_command od_cmd_mod = {
	.name = "mod",
	.alias = "lsmod",
	.options = "jsSt",
	.usage = "mod [-t] [-j] [N|NAME] | mod -s [NAME]",
	.help = "Print the modules of a dump or of a report, or the objects of a core",
	.details = "With -t only those that taint the kernel. Of a dump: those that are "
		   "loaded, or one with its build id and sections; -j prints JSON; -s (or -S): which debug "
		   "files there are for them, or why none. N is the "
		   "number of a report: the modules that its log names.",
	.needs = OD_NEED_INPUT,
	.max_args = 2,
	.complete = complete,
	.exec = exec,
	.examples = "mod -t\tmodules that taint the kernel\n"
		    "mod -s\twhich debug files they have\n",
};
