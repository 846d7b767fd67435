/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A report: everything said of one incident. It has sections; each is written by exactly one
 * stage and only read by later ones (doc/architecture.md names the writer of each).
 *
 * Ownership: every pointer in a report points into its arena (or to a constant) and is valid
 * until od_report_destroy(). Strings are NUL-terminated, may hold any other byte of the input,
 * and must pass od_escape() on the way out. NULL means unknown.
 */
#ifndef OD_MODEL_REPORT_H
#define OD_MODEL_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/limits.h"
#include "model/record.h"

enum od_kind {
#define OD_KIND(id, name) OD_KIND_##id,
#include "model/kinds.def"
#undef OD_KIND
	OD_KIND_COUNT,
	OD_KIND_NONE = OD_KIND_COUNT,
};

enum od_severity { OD_SEV_INFO, OD_SEV_LOW, OD_SEV_MEDIUM, OD_SEV_HIGH, OD_SEV_CRITICAL };
enum od_confidence { OD_CONF_LOW, OD_CONF_MEDIUM, OD_CONF_HIGH };
enum od_grade { OD_GRADE_WEAK, OD_GRADE_MEDIUM, OD_GRADE_STRONG };

const char *od_kind_name(enum od_kind kind); /* "kernel-bug"; "other" out of range */
enum od_kind od_kind_by_name(const char *name); /* OD_KIND_NONE if unknown */
/* Of a program, not of the kernel: its frames are functions of the program. */
bool od_kind_is_user(enum od_kind kind);
const char *od_severity_name(enum od_severity severity);
bool od_severity_by_name(const char *name, enum od_severity *ret);
const char *od_confidence_name(enum od_confidence confidence);
const char *od_grade_name(enum od_grade grade);

/* Physical lines of the input, 1-based, both inclusive; first 0: none. */
struct od_lines {
	uint32_t first, last;
};

/* An argument or a local variable of a frame, as the debugger printed it, or a debug file tells. */
struct od_var {
	const char *name;
	const char *value;	/* "<optimized out>" and other reasons in <>, if it is not known */
	const char *inlined;	/* function inlined into the frame's that it is of, NULL: its own */
	uint64_t number; /* the leading number of value, valid if has_number */
	bool has_number;
	bool is_arg;
	bool told;	       /* by a debug file; then confidence says how sure it is */
	uint8_t confidence;    /* enum od_confidence */
	uint32_t lineno;
};

/* A call that the compiler inlined. */
struct od_inline {
	const char *function; /* as in the source, demangled without parameters */
	const char *file;     /* where the instruction, or the next call inlined into it, stands; NULL */
	uint32_t line;	      /* 0: unknown */
};

enum od_frame_flags {
	OD_FRAME_UNRELIABLE = 1 << 0, /* the kernel printed '?' before it */
	OD_FRAME_PC = 1 << 1,	      /* the faulting instruction itself, not a return address */
	OD_FRAME_GUESSED = 1 << 2,    /* found by our own guess */
	OD_FRAME_SIGNAL = 1 << 3,     /* gdb's <signal handler called> */
	OD_FRAME_HAS_OFFSET = 1 << 4, /* offset (and size, if not 0) were printed */
	OD_FRAME_NUMBERED = 1 << 5,   /* number is gdb's #N */
	OD_FRAME_POINTER = 1 << 7,    /* a function pointer, not an address to return to */
	OD_FRAME_NO_SYMBOLS = 1 << 6, /* "No symbol table info available." or no name */
};

struct od_frame {
	const char *symbol;	/* exactly as printed, maybe mangled; NULL if only an address */
	const char *demangled;	/* with parameters; NULL if the name is not mangled */
	const char *function;	/* canonical: no parameters, no compiler suffix (analyze) */
	const char *suffix;	/* the compiler's suffix that function lost, ".isra.0" */
	const char *module;	/* NULL: the kernel itself, or the program */
	const char *build_id;	/* hex, of the module */
	const char *file;	/* source file, as printed or from a debug file (locate) */
	uint32_t line;		/* source line in `function` itself, 0 if unknown */
	const struct od_inline *inlined; /* innermost first; locate */
	uint32_t ninlined;
	uint32_t offset, size;	/* bytes; valid with OD_FRAME_HAS_OFFSET */
	uint64_t addr;		/* 0: not printed */
	uint32_t number;	/* gdb's frame number */
	uint16_t flags;		/* enum od_frame_flags */
	uint16_t skip;		/* analyze: 1 + index of the skip rule that passed over it, or 0 */
	struct od_lines lines;
	struct od_var *vars;
	uint32_t nvars, vars_cap;
};

/* The name of a stack that tells how the kernel dealt with the exception that the pc of another is of. */
#define OD_STACK_EXCEPTION "exception"

struct od_stack {
	const char *name;    /* task, irq, nmi, exception, cpu 2, thread 1, signal handler ... */
	bool from_memory;    /* unwound from a dump; else printed in the text */
	char state;	     /* of the task: R, S, D ...; 0 unknown */
	bool aside;	     /* not of the crashing context: an allocation, another CPU or task */
	struct od_lines lines;
	struct od_frame *frames;
	uint32_t nframes, frames_cap;
};

struct od_register {
	const char *name; /* lower case: rip, rdi, cr2, eflags */
	uint64_t value;
	uint32_t lineno;
	const char *note; /* analyze: what the value is, NULL if nothing is known */
};

struct od_module {
	const char *name;
	const char *taint; /* letters as printed in "(OE)", NULL if none */
	const char *build_id;
};

struct od_link {
	enum od_kind kind; /* OD_KIND_OTHER for a line that is only context */
	const char *text;
	uint32_t lineno;
};

/* A fact of the kind at hand: one value under a documented key (doc/json.md). */
struct od_detail {
	const char *key;
	enum { OD_DETAIL_STRING, OD_DETAIL_NUMBER, OD_DETAIL_ADDRESS, OD_DETAIL_LIST } type;
	const char *string;
	uint64_t number; /* NUMBER: below 2^53 */
	const char **items; /* LIST */
	uint32_t nitems, items_cap;
};

/* A lock that a task holds, or waits for: lockdep lists both alike. In the order of the text. */
struct od_lock {
	const char *comm;
	int32_t pid;	      /* -1: unknown */
	uint64_t addr;	      /* as printed, maybe hashed; 0 unknown */
	const char *name;     /* "(&lock)" */
	const char *function; /* that took it, NULL */
	uint32_t lineno;
};

/* An instruction of the code bytes. */
struct od_code_insn {
	uint64_t addr;	  /* valid if the report's code_has_addr */
	const char *text; /* targets of jumps by name where that can be told */
	uint16_t at;	  /* index of its first byte */
	uint8_t len;
	bool trap;	  /* the marked one */
	bool bad, cut;	  /* no instruction; because the bytes end within it */
};

/* Memory that the trapping instruction accesses, by the registers that were printed. */
struct od_code_operand {
	const char *expression; /* "rax + rcx * 8 + 0x10" */
	uint64_t addr;
	bool has_addr;	    /* false: a register of it was not printed */
	uint16_t size;	    /* bytes, 0 unknown */
	const char *access; /* read, write, read-write; NULL unknown */
	enum { OD_FAULT_UNKNOWN, OD_FAULT_ELSEWHERE, OD_FAULT_HERE } fault; /* the fault address */
};

enum { OD_CODE_OPERANDS = 3 };

struct od_note {
	uint32_t lineno; /* 0: the report as a whole */
	const char *text;
};

struct od_evidence {
	enum od_grade grade;
	const char *text;
	const uint32_t *lines;
	uint32_t nlines;
	int32_t stack, frame; /* -1: none */
	uint64_t address;
	bool has_address;
};

struct od_finding {
	const char *id;	    /* "gpfs/kfree-constant-xattr-name" */
	const char *plugin; /* its name */
	const char *title;
	enum od_severity severity;
	uint32_t score; /* 0..100: how sure the recognizer is */
	const char *cause;
	const char **advice;
	uint32_t nadvice, advice_cap;
	struct od_evidence *evidence;
	uint32_t nevidence, evidence_cap;
	const char **references;
	uint32_t nreferences, references_cap;
	const char **listing; /* lines of a tree or a table */
	uint32_t nlisting, listing_cap;
};

struct od_hw_error;
struct od_iommu;

/* Lines of the source around a place of a frame (--source). */
struct od_excerpt {
	uint32_t stack, frame;
	const char *file;
	uint32_t first, marked; /* line numbers: of text[0], and of the place */
	const char **text;
	uint32_t n;
};

struct od_related {
	uint32_t id;
	const char *relation; /* caused-by causes duplicate same-task */
};

struct od_report {
	struct od_arena arena;
	uint32_t id, input;

	/* text: what the lines said */
	enum od_kind kind;
	const char *subkind;
	const char *subject;	 /* the message itself: "kernel BUG at mm/slub.c:3772!" */
	const char *truncated;	 /* why the incident is not whole, NULL if it is */
	const char *wall_time;	 /* as printed on the first line */
	const char *host;
	bool informational;	 /* somebody asked for it (sysrq): no crash */
	bool ends_in_trace;	 /* the input ended right behind a frame */
	bool open_end;		 /* the input ended while the report went on, or seemed to */
	struct od_lines lines;
	uint64_t time_us;	 /* OD_TS_NONE */
	uint32_t boot;		 /* how many boots the input showed before it */
	int32_t cpu, pid;	 /* -1: unknown */
	const char *comm;
	const char *taint;	 /* letters */
	const char *release, *arch, *hardware, *kernel_build_id, *workqueue;
	const char *banner;	 /* "Linux version ..." of its boot, from the release on */
	uint64_t kaslr_offset;
	bool has_kaslr_offset;
	const char *bug_file;
	uint32_t bug_line;
	bool has_fault_address, has_error_code;
	uint64_t fault_address, error_code;
	const char *fault_access; /* read, write, fetch */
	struct od_register *registers;
	uint32_t nregisters, registers_cap;
	uint8_t *code;
	uint32_t ncode;
	int32_t code_trap;	 /* index of the marked byte, -1: none */
	struct od_stack *stacks; /* stacks[0]: the crashing one, frames[0] the faulting pc if known */
	uint32_t nstacks, stacks_cap;
	struct od_module *modules;
	uint32_t nmodules, modules_cap;
	struct od_link *chain;
	uint32_t nchain, chain_cap;
	struct od_detail *details;
	uint32_t ndetails, details_cap;
	struct od_lock *locks;
	uint32_t nlocks, locks_cap;
	struct od_hw_error *hw; /* errors that hardware told of, in their order (model/hwerr.h) */
	uint32_t nhw, hw_cap;
	struct od_iommu *iommu; /* faults of a device (model/iommu.h); NULL in other kinds */
	struct od_record *records;
	uint32_t nrecords, records_cap;
	size_t record_bytes;
	uint32_t nahead;	 /* notable lines ahead of it; the best are in its input's timeline */

	/* analyze: what they mean */
	const char *title, *signature;
	char stack_hash[17];	  /* hex, "" if there is no frame to hash */
	enum od_severity severity;
	enum od_confidence confidence;
	const char *confidence_why;
	int32_t guilty_stack, guilty_frame; /* -1: none */
	const char *guilty_function, *guilty_module;
	const char *guilty_why;
	const struct od_code_insn *insns; /* code.c: the code bytes as instructions */
	uint32_t ninsns;
	bool code_has_addr;
	struct od_code_operand operands[OD_CODE_OPERANDS];
	uint32_t noperands;
	const char *code_why;		  /* what the trapping instruction says of the fault; NULL */
	const char *code_not;		  /* why there are no insns though there is code; NULL */
	uint32_t count;
	struct od_related *related;
	uint32_t nrelated, related_cap;

	struct od_excerpt *excerpts; /* locate; at most OD_MAX_EXCERPTS */
	uint32_t nexcerpts, excerpts_cap;

	/* plugins: what is known of it */
	struct od_finding *findings;
	uint32_t nfindings, findings_cap;
	const char **near; /* rules that nearly matched, the best first, and what was missing; if asked */
	uint32_t nnear, near_cap;
	bool near_done;

	/* any stage may add, none may take away */
	struct od_note *notes;
	uint32_t nnotes, notes_cap;
};

struct od_report *od_report_create(void);
/* NULL is accepted. */
void od_report_destroy(struct od_report *rep);

/* All of these copy their strings into the report, and return NULL when a limit is reached. */
struct od_stack *od_report_add_stack(struct od_report *rep, const char *name);
struct od_frame *od_stack_add_frame(struct od_report *rep, struct od_stack *stack);
struct od_var *od_frame_add_var(struct od_report *rep, struct od_frame *frame);
struct od_register *od_report_add_register(struct od_report *rep, const char *name, size_t len,
					   uint64_t value, uint32_t lineno);
struct od_module *od_report_add_module(struct od_report *rep, const char *name, size_t len);
struct od_lock *od_report_add_lock(struct od_report *rep);
struct od_link *od_report_add_link(struct od_report *rep, enum od_kind kind, const char *text,
				   size_t len, uint32_t lineno);
struct od_record *od_report_add_record(struct od_report *rep, const struct od_record *rec);
/* Over OD_MAX_NOTES the last note says that there were more. */
void od_report_note(struct od_report *rep, uint32_t lineno, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The best findings first, and no more than OD_MAX_FINDINGS: a note says that there were more. */
void od_report_sort_findings(struct od_report *rep);
void od_report_detail_str(struct od_report *rep, const char *key, const char *value, size_t len);
void od_report_detail_num(struct od_report *rep, const char *key, uint64_t value);
void od_report_detail_addr(struct od_report *rep, const char *key, uint64_t value);
/* Append to the list under key, which is made by the first item; at most OD_MAX_ITEMS. */
void od_report_detail_item(struct od_report *rep, const char *key, const char *value, size_t len);
/* NULL if the report has no such detail. */
const struct od_detail *od_report_detail(const struct od_report *rep, const char *key);
/* First register of that (lower case) name, or NULL. */
const struct od_register *od_report_register(const struct od_report *rep, const char *name);
/* The faulting pc: frames[0] of stacks[0] if it is one; else NULL. */
const struct od_frame *od_report_pc(const struct od_report *rep);
/* The guilty frame, or NULL. */
const struct od_frame *od_report_guilty(const struct od_report *rep);

#endif
