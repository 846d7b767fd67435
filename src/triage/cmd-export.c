/* SPDX-License-Identifier: GPL-3.0-or-later */
/* export: what run prints, of all tickets of the store or of some. */
#include "triage/commands.h"
#include "triage/print.h"
#include "triage/store.h"

static int exec(const struct od_triage_options *opts, struct od_error **err)
{
	struct od_store *store;

	*err = od_triage_open(opts, OD_STORE_READ, &store);
	if (*err)
		return 2;
	if (opts->args.n < 2)
		od_print(store, opts, 0);
	for (size_t i = 1; i < opts->args.n && !*err; i++)
		if (!od_print_ticket(store, opts, opts->args.items[i]))
			*err = od_error_new(OD_ERR_USAGE, "the store has no ticket '%s'", opts->args.items[i]);
	od_store_close(store);
	return 0;
}

const struct od_triage_command od_cmd_triage_export = {
	.name = "export",
	.usage = "export [TICKET...]",
	.help = "Print all tickets of the store, or those that are named. The format is that of --format.",
	.run = exec,
};
