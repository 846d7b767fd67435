/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The front's state: inputs, each with its engine, and the one way to run a command line, which
 * batch mode, -c, -x and the REPL share.
 */
#ifndef OD_FRONT_FRONT_H
#define OD_FRONT_FRONT_H

#include <signal.h>

#include "front/cache.h"
#include "front/engine.h"
#include "model/limits.h"
#include "front/options.h"
#include "front/output.h"
#include "shell/command.h"

/* What an engine keeps for the user, by enum od_setting_id: which report, which task. */
enum { OD_KEPT_SETTINGS = 2 };

struct od_front_input {
	char *path;	  /* as the user named it */
	char **parts;	  /* of a pstore dump or a dump in parts, in the order given; NULL: path is all */
	size_t nparts;
	char *log;	  /* the text of the dump's log, saved beside it; NULL: none */
	const char *name; /* for reports; points into path */
	int fd;		  /* -1: not open, or there is no input */
	int more[OD_MAX_PARTS - 1]; /* the other files of a dump in parts, and the log beside it */
	unsigned nmore;
	bool implicit;	  /* standard input that nobody named */
	bool spent;	  /* an engine may have read from fd */
	bool lost;	  /* it cannot be opened */
	bool closed;	  /* by the command of that name: the number stays, so that no other one changes */
	bool probed;	  /* what it lacks was fetched, or tried to */
	bool unpacked;	  /* the same of --cache */
	char *settings[OD_KEPT_SETTINGS]; /* lines of set that a new engine is told; NULL: none */
	bool reborn;	  /* its engine is new, and not told of them yet */
	bool hold;	  /* its next engine is one that reads no packed files */
	bool loaded, described; /* its engine read it; its json object is in the document */
	uint32_t id_base, nreports;
	struct od_engine *engine; /* NULL: not running */
};

struct od_front {
	const struct od_options *opts;
	struct od_redact *redact; /* NULL: nothing is */
	struct od_strings symbols; /* --symbols, and such files among the FILEs */
	struct od_front_input *inputs;
	size_t ninputs, current;
	struct od_front_input none; /* for commands without any input */
	struct od_cache cache;	    /* of --cache; dir -1: not open */
	bool no_cache;		    /* it cannot be used, which was said */
	struct od_strings cached;   /* paths of --symbols whose answers are in known */
	struct od_find_known *known; /* what packed files answered; all of it is owned */
	size_t nknown, known_cap;
	struct od_strings asked;    /* build ids that servers were asked for */
	uint32_t next_id;	    /* of a report */
	unsigned width;
	bool colour;
	bool ascii;		    /* output goes to a terminal whose locale is not UTF-8 */
	bool repl, quit;
	bool pager;		    /* what is longer than the screen goes to one */
	bool hex;		    /* set radix 16 */
	bool fixed_width;	    /* the user said how wide: the terminal is not asked again */
	bool repeating;		    /* the command repeat is at work */
	unsigned statuses;	    /* bit n: exit status n occurred */
	bool degraded_said;	    /* that the sandbox is not whole */
	bool printed;		    /* a report was printed: a blank line goes before the next */
	struct od_document doc;
	volatile sig_atomic_t *interrupted; /* NULL: Ctrl-C ends the program */
};

void od_front_init(struct od_front *front, const struct od_options *opts);
void od_front_deinit(struct od_front *front);

/* The new input's index; of a further part of a pstore dump, that of the input it is a part of. */
size_t od_front_add(struct od_front *front, const char *path, bool implicit);
/*
 * The FILEs of the command line. Where there are others, vmlinux and the like among them are no inputs
 * but debug files. The current input is then the first.
 */
void od_front_add_files(struct od_front *front);
/* Open its file if that was not done; says what is wrong. False if it cannot be read. */
bool od_front_open(struct od_front *front, struct od_front_input *in);
/* Close its file and end its engine. */
void od_front_close(struct od_front_input *in);
/* The current input, or the one that stands for none. */
struct od_front_input *od_front_current(struct od_front *front);

/* Start its engine if it does not run; says what is wrong. */
bool od_front_start_engine(struct od_front *front, struct od_front_input *in);
/*
 * With --debuginfod, before the first run on an input: fetch the debug files that it lacks. like: the
 * run that comes next, for its limits.
 */
void od_front_fetch(struct od_front *front, struct od_front_input *in, const struct od_run *like);
/*
 * With --cache, before the first run on an input: unpack what it asks of packed debug files, or take what
 * was unpacked before. like: the run that comes next.
 */
void od_front_cache(struct od_front *front, struct od_front_input *in, const struct od_run *like);
/* Close the cache, forget what it held. */
void od_front_cache_deinit(struct od_front *front);
/* The bytes of the input once more: a pipe becomes a file in memory. False: it cannot be had twice. */
bool od_front_make_rereadable(struct od_front *front, struct od_front_input *in);
/* What an engine of that input is told at its beginning; fds has OD_MAX_PARTS. */
struct od_engine_setup od_front_setup(const struct od_front *front, const struct od_front_input *in, int *fds);
/* Run one line on the current input, aliases replaced; its exit status, which is noted in statuses too. */
int od_front_exec(struct od_front *front, const char *line, size_t len);
/* The same, of a line whose aliases are replaced already. */
int od_front_exec_plain(struct od_front *front, const char *line, size_t len);
/*
 * A report as shell/wire.h has it, of the input: id is its number, "" the current one. The status. Reads the
 * input if that was not done.
 */
int od_front_take_report(struct od_front *front, struct od_front_input *in, const char *id, struct od_buf *wire);
/* Run a line on an input that holds such reports. The status. */
int od_front_run_wired(struct od_front *front, struct od_front_input *in, const char *line, size_t len);
/* If the line is `diff` of reports of two inputs: carry it out, and its status. -1: it is not. */
int od_front_compare(struct od_front *front, const char *line, size_t len);
/* What a command of the front itself answers: text, or an element of the document. */
void od_front_answer(struct od_front *front, const char *line, size_t len, const struct od_buf *out);
/* Make the columns of text those that the terminal has now. */
void od_front_resize(struct od_front *front);
/* True if the line is for the front itself; *err then says how it went. */
bool od_front_run_here(struct od_front *front, const char *line, size_t len,
		       struct od_error **err);
/*
 * True if the line is a command that touches no input: it need not be run for each. With a front
 * also one that does without, given the debug files of the front.
 */
bool od_front_needs_no_input(const struct od_front *front, const char *line, size_t len);
/* True if the line's answer is as long as the input: log -a. */
bool od_front_prints_input(const char *line, size_t len);
/* Candidates for the word that ends at point, one a line; none within 200 ms: none at all. */
void od_front_complete(struct od_front *front, const char *line, size_t len, size_t point,
		       struct od_buf *words);
/* Print the json document, the rest of the page of html, or the status line of --jsonl, if there is one to print. */
void od_front_finish(struct od_front *front);
/* The first of 5, 2, 4, 3, 0, 1 that occurred. */
int od_front_status(const struct od_front *front);

/* A file in memory with these bytes, at its beginning. -1, and it says so: the system has no room for it. */
int od_front_memory(const char *data, size_t len);
/*
 * An input of bytes that were pasted: it becomes the current one. False, and it says so: the system has no
 * room for it.
 */
bool od_front_add_bytes(struct od_front *front, const char *name, const char *data, size_t len);
/* What the commands open, close, inputs and export do; see src/shell/cmd-front.c. */
struct od_error *od_front_open_command(struct od_front *front, const struct od_args *args, struct od_buf *out);
struct od_error *od_front_close_command(struct od_front *front, const struct od_args *args, struct od_buf *out);
struct od_error *od_front_inputs_command(struct od_front *front, const struct od_args *args, struct od_buf *out);
struct od_error *od_front_export_command(struct od_front *front, const struct od_args *args, struct od_buf *out);
struct od_error *od_front_history_command(struct od_front *front, const struct od_args *args, struct od_buf *out);
/* Numbers of open inputs that begin so, one a line. */
void od_front_complete_inputs(const struct od_front *front, const char *word, struct od_buf *words);

/* Everything but the REPL: the exit status. */
int od_batch(struct od_front *front);
int od_repl(struct od_front *front);
/* Line n of those that were typed, from 1; NULL: there is none. *last is the number of the last one, 0 if none are kept. */
const char *od_repl_history(size_t n, size_t *last);
/* Run a file of commands. False if it cannot be read. */
bool od_front_script(struct od_front *front, const char *path);

#endif
