/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What 'set' sets: rows. Some are the front's: it sends their values with each command. */
#ifndef OD_SHELL_SETTINGS_H
#define OD_SHELL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "shell/command.h"

enum od_setting_id { OD_SET_REPORT, OD_SET_TASK, OD_SET_RADIX, OD_SET_INPUT, OD_SET_WIDTH, OD_SET_COLOUR, OD_SET_PAGER };

struct od_setting {
	const char *name;
	enum od_setting_id id;
	bool front;	    /* the front's */
	bool on_off;	    /* the value is "on" or "off", else a number */
	uint32_t min, max;  /* of a number, both inclusive */
	const char *help;
};

/* NULL if there is none of that name. */
const struct od_setting *od_setting_find(const char *name);
/*
 * What a line of set changes: *id_ret, of the engine's settings alone. False: nothing, or it is the front's. As the
 * program's own and as crash has it: "set 4711", "set -p", "set -c 1".
 */
bool od_setting_changes(const struct od_args *args, enum od_setting_id *id_ret);
/* The line of a setting in a list. */
void od_setting_print(const char *name, const char *value, struct od_buf *out);
/* A value for it: the number, or 1 for on and 0 for off. OD_ERR_USAGE. */
struct od_error *od_setting_value(const struct od_setting *set, const char *text, uint32_t *ret);

#endif
