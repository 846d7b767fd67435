/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every bound in one place. Going beyond one leaves a note on the report or the input, never
 * silence. Counts unless a unit is named.
 */
#ifndef OD_MODEL_LIMITS_H
#define OD_MODEL_LIMITS_H

enum {
	OD_MAX_LINE = 64 * 1024,	 /* bytes of one physical line; the rest is skipped */
	OD_MAX_RECORDS = 4096,		 /* log records kept with one report */
	OD_MAX_RECORD_BYTES = 1 << 20,	 /* bytes of text kept with one report */
	OD_MAX_STACKS = 4096,		 /* stacks of one report: a dump of all tasks is one */
	OD_MAX_LOCKS = 8192,		 /* locks listed in one report */
	OD_MAX_FRAMES = 1024,		 /* frames of one stack */
	OD_MAX_VARS = 512,		 /* arguments and locals of one frame */
	OD_MAX_MODULES = 4096,		 /* modules of one report */
	OD_MAX_REGISTERS = 128,		 /* registers of one report */
	OD_MAX_CODE = 256,		 /* code bytes of one report */
	OD_MAX_CHAIN = 64,		 /* links of one chain */
	OD_MAX_HW = 64,			 /* hardware errors of one report */
	OD_MAX_PARTS = 32,		 /* files of one input */
	OD_MAX_MISSING = 256,		 /* things that one input lacks */
	OD_MAX_NOTES = 256,		 /* notes of one report, and of one input */
	OD_MAX_FINDINGS = 64,		 /* findings of one report */
	OD_MAX_EVIDENCE = 64,		 /* pieces of evidence, advice, references, listing of one finding */
	OD_MAX_DETAILS = 256,		 /* details of one report */
	OD_MAX_ITEMS = 128,		 /* items of one detail that is a list */
	OD_MAX_REPORTS = 10000,		 /* reports of one input */
	OD_MAX_INLINED = 32,		 /* calls inlined into each other at one place */
	OD_MAX_EXCERPTS = 8,		 /* places of one report that are shown with their source */
	OD_MAX_CONTEXT = 256,		 /* records kept for plugins from outside of reports */
	OD_MAX_TIMELINE = 64,		 /* events of the timeline of one input */
	OD_MAX_EVENT_TEXT = 512,	 /* bytes of the text of one event */
	OD_MAX_NAME = 4096,		 /* bytes of a symbol name that are read */
	OD_MAX_DEMANGLED = 8192,	 /* bytes of a demangled name */
	OD_MAX_INCIDENT_GAP = 64,	 /* foreign lines after which an incident is over */
	OD_MAX_PLUGINS = 64,
	OD_MAX_PLUGIN_REPLY = 4 << 20,	 /* bytes of findings from one plugin and batch */
	OD_MAX_REPAIR_LINES = 2048,	 /* physical lines that one folded block may take */
	OD_MAX_MAIL = 64 << 20,		 /* bytes of one mail that are decoded */
	OD_MAX_REPAIR_BYTES = 512 * 1024,
};

#endif
