/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands; each is a row in its own file. */
#ifndef OD_TRIAGE_COMMANDS_H
#define OD_TRIAGE_COMMANDS_H

#include "triage/options.h"

extern const struct od_triage_command od_cmd_triage_export, od_cmd_triage_known, od_cmd_triage_merge,
	od_cmd_triage_run, od_cmd_triage_search, od_cmd_triage_similar, od_cmd_triage_stats;

#endif
