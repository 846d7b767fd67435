/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A library whose interface is that of the header: abidiff compares what it reaches from here. */
#include "oopsdiag-plugin.h"

const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host)
{
	(void)host;
	return NULL;
}
