/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "triage/commands.h"

static const struct od_triage_command *const commands[] = {
	&od_cmd_triage_run,	&od_cmd_triage_similar, &od_cmd_triage_search, &od_cmd_triage_known,
	&od_cmd_triage_stats,	&od_cmd_triage_export,	&od_cmd_triage_merge,
};

const struct od_triage_command *const *od_triage_commands(size_t *n)
{
	*n = sizeof(commands) / sizeof(*commands);
	return commands;
}
