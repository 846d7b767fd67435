/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions of the host that take something from a plugin; rules in the installed header. */
#ifndef OD_ANALYZE_PLUGIN_API_H
#define OD_ANALYZE_PLUGIN_API_H

#include "plugins/oopsdiag-plugin.h"

int32_t od_plugin_host_finding(od_plugin_report *rep, const struct od_plugin_finding *finding);
int32_t od_plugin_host_evidence(od_plugin_report *rep, const struct od_plugin_evidence *evidence);
int32_t od_plugin_host_advice(od_plugin_report *rep, const char *text);
int32_t od_plugin_host_reference(od_plugin_report *rep, const char *text);
int32_t od_plugin_host_listing(od_plugin_report *rep, const char *line);
int32_t od_plugin_host_note(od_plugin_report *rep, uint32_t line, const char *text);

#endif
