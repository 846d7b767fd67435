/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of the talloc plugin: talloc-model.c reads the crashing stack, talloc-frees.c finds the
 * frees in progress and who else holds what is freed, talloc-jump.c judges where the program went,
 * talloc-abort.c reads the words of talloc and tevent themselves, talloc-say.c and
 * talloc-evidence.c put a teardown into words, talloc.c decides.
 */
#ifndef PLUGIN_TALLOC_H
#define PLUGIN_TALLOC_H

#include "plugin-util.h"

enum {
	MAX_FRAMES = 1024,
	MAX_VARS = 16384, /* of the stack */
	MAX_FREES = 48,	  /* frees in progress */
	MAX_STALE = 16,
	MAX_HOLDERS = 24, /* variables that are named for one object */
	MIN_POINTER = 0x10000,
	POOL_HEADER = 0x20, /* stands before the chunk of a pool; talloc 2.0.8 and later, 64 bits */
};

struct var {
	const char *name, *value;
	uint64_t number;
	uint32_t line;	/* of the input */
	uint32_t frame; /* index */
	bool pointer;	/* number is printed as an address and could be one */
	bool symbol;	/* "0x.. <name>": static */
	bool string;	/* 0x.. "text" */
	bool arg;
};

struct frame {
	const char *function; /* NULL: no name */
	const char *module, *file;
	uint64_t address;
	uint32_t source_line, number, line;
	uint32_t first_var, nvars;
	bool talloc; /* code of libtalloc */
	bool hidden; /* not all of its variables are known */
};

struct range {
	uint64_t first, last;
};

struct live;

struct model {
	const struct ctx *c;
	struct live *live; /* what memory tells; NULL: there is none, or no talloc in it */
	struct frame *frames;
	uint32_t nframes;
	struct var *vars;
	uint32_t nvars;
	uint32_t *by_value; /* indexes of vars that are pointers, by number, then frame */
	uint32_t npointers;
	struct range *text; /* around the pcs; sorted, apart */
	uint32_t ntext;
	uint64_t header; /* bytes between chunk and object, 0: the text does not prove it */
	uint32_t header_seen;
};

enum phase { PHASE_UNKNOWN, PHASE_DESTRUCTOR, PHASE_CHILDREN };
enum held {
	HELD_NOT,
	HELD_CHAIN,	/* by the one who frees and its callers in a row: passed down, harmless */
	HELD_UNCERTAIN, /* by someone further out, but frames between do not show everything */
	HELD_OUTSIDE,	/* by someone further out that did not pass it to who frees it */
};

struct holders {
	enum held held;
	uint32_t vars[MAX_HOLDERS], nvars; /* beyond the row of callers, if there are any */
};

/* A free in progress. Frames are indexes; the innermost free comes first. */
struct active {
	uint64_t object;	      /* 0: not known */
	uint32_t frame;		      /* that shows it */
	uint32_t run_first, run_last; /* the talloc frames of this call of talloc_free() */
	uint32_t initiator;	      /* the frame that called it; model.nframes if it is cut off */
	enum phase phase;
	bool certain;	      /* talloc's own variables say so, not the destructor's argument */
	const char *location; /* "file.c:12" as talloc was told, or NULL */
	uint32_t location_len;
	struct holders outer;
};

/* An object freed just before: its chunk is still in a variable that is not set yet. */
struct stale {
	uint64_t object;
	uint32_t var;
	bool pool;
	struct holders outer;
};

struct teardown {
	struct active frees[MAX_FREES];
	uint32_t nfrees;
	struct stale stale[MAX_STALE];
	uint32_t nstale;
};

/* An indirect call of the library: through what, should the callee make no sense. */
struct call_site {
	const char *function, *object, *pointer;
};

struct jump {
	bool wild, null, among_heap;
	uint32_t below, above;	      /* vars next to the pc, with among_heap */
	const struct call_site *site; /* of frame 1, or NULL */
	const struct var *ev;	      /* event context of the crash, that no other frame knows */
	const struct var *loop_ev;    /* the one of the running loop, if it is another one */
	uint32_t loop_frames;
	const struct var *filled; /* its value is one byte over and over: memory that was filled */
	uint32_t loops;		  /* event loops on the stack */
	uint32_t tevent;	  /* so many innermost frames are tevent's */
};

/* False if there is nothing to read or no memory; model_free() is right in any case. */
bool model_read(struct model *m, const struct ctx *c);
void model_free(struct model *m);
/* The variables with that number: indexes [*first, end) into by_value. */
uint32_t model_find(const struct model *m, uint64_t number, uint32_t *first);
const struct var *model_var(const struct model *m, uint32_t frame, const char *name);
/* The first argument of a frame that is a pointer, or NULL. */
const struct var *model_first_arg(const struct model *m, uint32_t frame);
bool model_in_text(const struct model *m, uint64_t address);
bool model_in_stack(uint64_t address);
/* May the variable be a pointer to an object on the heap? */
bool model_is_object(const struct model *m, const struct var *v);
/* Function name for people. */
const char *model_name(const struct frame *f);

/* May a variable of that name be a tevent context? */
bool is_event_context_name(const char *name);

/* talloc-live.c: look into memory, where the input has some. */
void live_read(struct model *m);
void live_free(struct model *m);
/* A score of the text, raised by what memory proves. */
int live_score(const struct model *m, int score);
/* Evidence from memory, and the tree, for the finding that was opened last; only once. */
void live_say(const struct model *m);
/* Does memory prove that the crash works with an event context that is gone? */
bool live_context_dead(const struct model *m);
/* Something that the library said, as it lies in memory; NULL: no more of them. */
const char *live_text(const struct model *m, uint32_t i);
/* Evidence: the object of the crash that has that name, by who holds it. */
void live_say_named(const struct model *m, const char *name, size_t len);
/* For the cause of a finding: which event is bound to a context that is gone. "" if there is none. */
void live_cause(const struct model *m, char *buf, size_t size);
/* talloc ended the program, and what it was called with is freed: true if there is a finding of that. */
bool live_abort(const struct model *m);
/* Findings that only memory shows; if there is none yet. */
void live_findings(const struct model *m);

/* talloc-ask.c: the answer to "ask talloc ADDRESS". */
int32_t talloc_ask(const struct od_plugin_host *host, od_plugin_report *rep, const char *question);

void teardown_find(const struct model *m, struct teardown *t);
/* Find the holders of a free that was added after that. */
void teardown_hold(const struct model *m, struct active *a);
/* talloc-dying.c: what memory knows of the frees in progress, where libtalloc shows no variables. */
void live_teardown(const struct model *m, struct teardown *t);
void jump_judge(const struct model *m, struct jump *j);
/* Findings from what talloc and tevent printed. */
void abort_findings(const struct ctx *c, const struct model *m);

/* Without libtalloc's variables: a destructor's free whose destructor crashed. False if not so. */
bool say_nested(const struct model *m, const struct teardown *t, const struct jump *j);
/* A pointer of the crash comes from memory that was filled when it was freed. */
void say_filled(const struct model *m, const struct jump *j);
void say_reentrant(const struct model *m, const struct teardown *t, const struct jump *j);
/* False if nothing shows that the destructor used something dead. */
bool say_destructor(const struct model *m, const struct teardown *t, const struct jump *j);
void say_double_free(const struct model *m, const struct teardown *t);

#endif
