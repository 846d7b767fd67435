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
	else
		*err = od_print_named(store, opts, opts->args.items + 1, opts->args.n - 1);
	od_store_close(store);
	return 0;
}

const struct od_triage_command od_cmd_triage_export = {
	.name = "export",
	.usage = "export [TICKET...]",
	.help = "Print all tickets of the store, or those that are named. The format is that of --format.",
	.run = exec,
};
