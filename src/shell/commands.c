/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/commands.h"

static const struct od_command *const commands[] = {
	&od_cmd_help, &od_cmd_report, &od_cmd_summary,  &od_cmd_bt,  &od_cmd_log,
	&od_cmd_mod,  &od_cmd_regs,   &od_cmd_findings, &od_cmd_why, &od_cmd_sym,
	&od_cmd_struct, &od_cmd_union, &od_cmd_whatis, &od_cmd_p, &od_cmd_list,
	&od_cmd_decode, &od_cmd_plugins, &od_cmd_ask, &od_cmd_rules, &od_cmd_set,   &od_cmd_open, &od_cmd_quit,
	&od_cmd_close, &od_cmd_inputs, &od_cmd_export, &od_cmd_alias, &od_cmd_repeat, &od_cmd_history,
	&od_cmd_ps, &od_cmd_sys, &od_cmd_task, &od_cmd_rd, &od_cmd_kmem, &od_cmd_vtop, &od_cmd_kvm, &od_cmd_dev, &od_cmd_dis,
	&od_cmd_match, &od_cmd_explain, &od_cmd_diff, &od_cmd_search, &od_cmd_tree,
	&od_cmd_foreach,
};

const struct od_command *const *od_commands(size_t *n)
{
	*n = sizeof(commands) / sizeof(commands[0]);
	return commands;
}
