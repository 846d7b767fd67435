/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Crashes of programs that use talloc and tevent (Samba, sssd, ctdb): what is being freed on the
 * stack, who further out still holds it, and what the libraries said themselves.
 */
#include "talloc.h"

/* The program's own words stand before the backtrace, outside of the incident. */
static const char *const interest[] = {
	"Bad talloc magic value",
	"first free may be at",
	"Type mismatch: name[",
	"use after free",
	"tevent_fd double free",
	"tevent_timer double free",
	"tevent_signal double free",
	"tevent_immediate double free",
	"Violation of nesting hook rules",
	NULL,
};

static bool held(const struct teardown *t)
{
	for (uint32_t i = 0; i < t->nfrees; i++)
		if (t->frees[i].outer.held == HELD_OUTSIDE ||
		    t->frees[i].outer.held == HELD_UNCERTAIN)
			return true;
	return false;
}

static void judge(const struct ctx *c, const struct model *m)
{
	struct teardown t;
	struct jump j;

	if (!live_abort(m))
		abort_findings(c, m);
	teardown_find(m, &t);
	live_teardown(m, &t);
	jump_judge(m, &j);
	if (held(&t))
		say_reentrant(m, &t, &j);
	else if (t.nfrees && !say_destructor(m, &t, &j))
		say_nested(m, &t, &j);
	else if (!t.nfrees && j.filled)
		say_filled(m, &j);
	say_double_free(m, &t);
	live_findings(m);
}

static int32_t analyze(const struct od_plugin_host *host, od_plugin_report *rep)
{
	struct model m;
	struct ctx c;

	if (!ctx_init(&c, host, rep))
		return OD_PLUGIN_INVALID;
	if (model_read(&m, &c)) {
		live_read(&m);
		judge(&c, &m);
		live_free(&m);
	}
	model_free(&m);
	return OD_PLUGIN_OK;
}

static const struct od_plugin plugin = {
	.argsz = sizeof(plugin),
	.flags = OD_PLUGIN_WANTS_USER,
	.abi = OD_PLUGIN_ABI,
	.name = "talloc",
	.version = "1.0",
	.summary = "talloc and tevent: re-entrant teardown, use after free, double free",
	.interest = interest,
	.analyze = analyze,
	.ask = talloc_ask,
};

PLUGIN_EXPORT const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host)
{
	return host->abi == OD_PLUGIN_ABI ? &plugin : NULL;
}
