/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the plugin host share among themselves; nobody else includes this. */
#ifndef OD_ANALYZE_PLUGIN_INTERNAL_H
#define OD_ANALYZE_PLUGIN_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "model/input.h"
#include "plugins/oopsdiag-plugin.h"

enum {
	OD_PLUGIN_NAME_MAX = 32,
	OD_PLUGIN_LINE_MAX = 256,      /* bytes of version and summary */
	OD_PLUGIN_INTEREST_MAX = 16,   /* literals of one plugin */
	OD_PLUGIN_LITERAL_MIN = 4,
	OD_PLUGIN_LITERAL_MAX = 64,
	OD_PLUGIN_ID_MAX = 64,	       /* bytes of a finding's id */
	OD_PLUGIN_FINDINGS_MAX = 16,   /* of one plugin on one report: none crowds out others */
	OD_PLUGIN_TEXT_MAX = 16 * 1024, /* bytes of any text that a plugin hands over */
	OD_PLUGIN_LINES_MAX = 64,      /* line numbers of one piece of evidence */
	OD_PLUGIN_ANSWER_MAX = 1024,   /* lines of an answer to a question */
	OD_PLUGIN_BATCH = 128,	       /* reports that one child sees: what it may answer is bounded */
	OD_PLUGIN_STACK = 8 << 20,     /* bytes: what Linux gives by itself */
	OD_PLUGIN_TIMEOUT_MS = 10000,
	OD_PLUGIN_LOAD_MS = 5000,      /* for loading one plugin */
};

/*
 * Sizes of the structs in version 1, to the end of the last member that they had then: nothing smaller was ever
 * valid. They differ with the machine: a pointer may have 4 bytes, and a 64-bit number their alignment.
 */
#define OD_V1_SIZE(type, last) (offsetof(struct type, last) + sizeof(((struct type *)0)->last))
#define OD_V1_REPORT_INFO OD_V1_SIZE(od_plugin_report_info, last_line)
#define OD_V1_STACK OD_V1_SIZE(od_plugin_stack, padding)
#define OD_V1_FRAME OD_V1_SIZE(od_plugin_frame, line)
#define OD_V1_VARIABLE OD_V1_SIZE(od_plugin_variable, padding)
#define OD_V1_REGISTER OD_V1_SIZE(od_plugin_register, padding)
#define OD_V1_RECORD OD_V1_SIZE(od_plugin_record, quote_depth)
#define OD_V1_MODULE OD_V1_SIZE(od_plugin_module, taint)
#define OD_V1_POINTER OD_V1_SIZE(od_plugin_pointer, text)
#define OD_V1_PAGE OD_V1_SIZE(od_plugin_page, zone)
#define OD_V1_FINDING OD_V1_SIZE(od_plugin_finding, cause)
#define OD_V1_EVIDENCE OD_V1_SIZE(od_plugin_evidence, address)
#define OD_V1_PLUGIN OD_V1_SIZE(od_plugin, analyze)

/* A plugin that was found; refused if reason is set. Everything in it is a copy of ours. */
struct od_plugin_slot {
	char *path;
	char *reason; /* NULL: loaded */
	void *handle;
	int fd; /* kept open: the name under /proc that the linker knows the object by */
	uint32_t wants;
	bool hung; /* it did not answer once: waiting for it again would take as long again */
	char name[OD_PLUGIN_NAME_MAX + 1];
	char version[OD_PLUGIN_LINE_MAX + 1];
	char summary[OD_PLUGIN_LINE_MAX + 1];
	char *interest[OD_PLUGIN_INTEREST_MAX + 1]; /* NULL-terminated */
	int32_t (*analyze)(const struct od_plugin_host *host, od_plugin_report *rep);
	int32_t (*ask)(const struct od_plugin_host *host, od_plugin_report *rep, const char *question);
};

struct od_plugins {
	struct od_plugin_slot *slots[OD_MAX_PLUGINS]; /* sorted by directory, then name */
	unsigned nslots;
	const char **interest; /* NULL-terminated; points into the slots */
	unsigned timeout_ms, load_ms;
	bool killed; /* see od_plugins_killed() */
	pid_t (*fork)(void);
	bool (*confine)(void); /* see od_plugin_options */
};

/*
 * Read a struct that a plugin wrote: min(argsz, size) bytes, the rest is zero. argsz of the copy
 * is the smaller of both. False if argsz is below first (its size in version 1) or absurd.
 */
bool od_plugin_take(void *dst, size_t size, const void *src, size_t first);
/* Fill a struct of the plugin's: min(argsz, size) bytes, argsz stays. False like above. */
bool od_plugin_fill(void *dst, const void *src, size_t size, size_t first);

/* plugin-check.c: the descriptor at raw into slot; NULL, or why it is refused (static text). */
const char *od_plugin_check(const struct od_plugin *raw, struct od_plugin_slot *slot);

/*
 * plugin-load.c: everything in the directory path that ends in .so. What was refused goes to
 * messages.
 */
void od_plugins_load_dir(struct od_plugins *plugins, const char *path, bool must_exist,
			 struct od_buf *messages);
void od_plugin_slot_free(struct od_plugin_slot *slot);
/*
 * dlopen the file behind slot->fd, known as that to /proc/PROC, call its entry and check what it says of
 * itself. NULL, or why not; valid until the next call of dlopen().
 */
const char *od_plugin_open_object(struct od_plugin_slot *slot, const char *proc);
/*
 * plugin-trial.c: the same in a process of its own. NULL, or why it is refused, in reason (cut at size
 * bytes) or a literal. What crashes, hangs or ends there, or does what od_plugin_manners() forbids, is refused.
 */
const char *od_plugin_trial(struct od_plugin_slot *slot, unsigned timeout_ms, char *reason,
			    size_t size);

/* plugin-trust.c: an O_PATH descriptor of the directory, or -1 and the reason. */
int od_plugin_open_dir(const char *path, struct od_buf *reason);
/* A descriptor to read the file name in dir, or -1 and the reason. */
int od_plugin_open_file(int dir, const char *name, struct od_buf *reason);

/*
 * plugin-child.c: what a forked child does first. The nkeep (at most 2) descriptors stay, as
 * OD_PLUGIN_CHILD_FD and the next; 0, 1 and 2 are /dev/null. memory: those that memory is read from
 * stay too (OD_MEM_FD). False if the child must give up.
 */
enum { OD_PLUGIN_CHILD_FD = 3 };
bool od_plugin_child_setup(const int *keep, unsigned nkeep, bool memory, unsigned timeout_ms);
/*
 * Wait for the child and kill what it started; the child itself at once if kill_now, else after
 * half a second of grace. The wait status; -1 if it is unknown.
 */
int od_plugin_child_end(pid_t pid, bool kill_now);
/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t od_plugin_now_ms(void);

/* plugin-host.c: the functions that a plugin may call; flags are 0. */
extern const struct od_plugin_host od_plugin_host_table;
/* plugins.c: true if the plugin wants to see rep. */
bool od_plugin_wants(const struct od_plugin_slot *slot, const struct od_report *rep);
/* plugin-answer.c, in the child: run the plugin on each report of its family, answer to fd. */
void od_plugin_serve(const struct od_plugin_slot *slot, struct od_input *in, uint32_t first,
		     uint32_t n, int fd);
/* The same for one question about one report. */
void od_plugin_answer(const struct od_plugin_slot *slot, struct od_input *in, uint32_t report,
		      const char *question, int fd);

/* The opaque report of the plugin interface: what the host functions work on. */
struct od_plugin_report {
	struct od_report *rep;
	struct od_input *in;
	const struct od_plugin_slot *slot;
	struct od_buf reply;	/* items of this report, not yet sent */
	size_t sent;		/* bytes of the batch sent so far */
	char ids[OD_PLUGIN_FINDINGS_MAX][OD_PLUGIN_ID_MAX + 1];
	uint32_t nids;
	bool open;		/* a finding was accepted last: evidence belongs to it */
	bool asked;		/* a question is answered: only lines are taken */
	uint32_t nevidence, nadvice, nreferences, nlisting, nnotes;
	bool complained, limited;
	const struct od_record *context[OD_MAX_CONTEXT];
	uint32_t ncontext;
};

#endif
