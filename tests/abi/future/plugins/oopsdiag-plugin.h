/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * NOT the interface: a header as a later release might have it, for tests/abi/run.sh. Structs are
 * longer, one flag and one function of the host are new, all by the rules below.
 *
 * The plugin interface of oopsdiag, version 1. This header is installed; it depends on nothing
 * but the C library. doc/plugin-abi.md has the rules at length and a complete example.
 *
 * A plugin is a shared object that exports one function, od_plugin_entry_1. It sees reports
 * through the host's functions and answers with findings. It runs in a process of its own: what
 * it breaks there does not take the report along, and nothing comes back but its findings.
 *
 * How structs may grow, on both sides (after the extension rules of the Linux IOMMU user API):
 * - every struct starts with argsz, the size that its writer knows, and flags;
 * - it grows only at its end or through zeroed padding, and each change comes with a new flag or
 *   is seen by argsz;
 * - who reads a struct copies min(argsz, its own size) and takes the rest as zero; who fills a
 *   struct of the other side writes min(argsz, its own size) bytes and keeps argsz;
 * - an argsz below the first version or above OD_PLUGIN_MAX_ARGSZ, an unknown flag, non-zero
 *   padding: that plugin is refused with a message, the others are not;
 * - a plugin masks its wishes with the host's flags, so a plugin that was built with a newer
 *   header still works, with less, on an older host.
 *
 * Strings are NUL-terminated UTF-8 or raw bytes of the input. What the host hands out stays valid
 * until analyze() returns; what a plugin hands over is copied during the call.
 */
#ifndef OOPSDIAG_PLUGIN_H
#define OOPSDIAG_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OD_PLUGIN_ABI 1u
#define OD_PLUGIN_MAX_ARGSZ 4096u

/* Results of the host's functions and of analyze(): 0, or one of these. */
enum {
	OD_PLUGIN_OK = 0,
	OD_PLUGIN_END = -1,	    /* no such index, name or value */
	OD_PLUGIN_INVALID = -2,	    /* argsz, flags or a pointer of the caller is wrong */
	OD_PLUGIN_LIMIT = -3,	    /* the host keeps no more of these */
	OD_PLUGIN_NO_MEMORY = -4,   /* read: the input has no memory (a log, a backtrace) */
	OD_PLUGIN_EXCLUDED = -5,    /* read: the dump left that page out */
	OD_PLUGIN_TRUNCATED = -6,   /* read: the dump ends before that page */
	OD_PLUGIN_UNMAPPED = -7,    /* read: no such address */
};

/* The report at hand; opaque. */
typedef struct od_plugin_report od_plugin_report;

struct od_plugin_report_info {
	uint32_t argsz;
	uint32_t flags;		  /* OD_REPORT_* */
	const char *kind;	  /* as in the JSON: "kernel-bug" */
	const char *subkind;	  /* NULL if unknown, like every string here */
	const char *title;
	const char *subject;	  /* the message itself, as printed */
	const char *release;	  /* "3.10.0-1062.9.1.el7.x86_64" */
	const char *arch;	  /* "x86_64" */
	const char *comm;
	const char *taint;	  /* letters */
	const char *bug_file;	  /* "mm/slub.c" */
	uint32_t bug_line;	  /* 0: unknown */
	int32_t cpu;		  /* -1: unknown */
	int32_t pid;		  /* -1: unknown */
	uint32_t stacks;	  /* how many; stack 0 is the crashing one */
	uint32_t records;	  /* log records of the incident */
	uint32_t modules;
	int32_t guilty_stack;	  /* -1: none */
	int32_t guilty_frame;
	uint64_t kaslr_offset;	  /* valid with OD_REPORT_KASLR */
	uint64_t fault_address;	  /* valid with OD_REPORT_FAULT */
	uint32_t first_line;	  /* of the input, 1-based, inclusive */
	uint32_t last_line;
	uint64_t boot_time_us;	  /* future: valid with OD_REPORT_BOOT_TIME */
};
#define OD_REPORT_KASLR (1u << 0)
#define OD_REPORT_FAULT (1u << 1)
#define OD_REPORT_BOOT_TIME (1u << 2)

struct od_plugin_stack {
	uint32_t argsz;
	uint32_t flags;
	const char *name;	/* "task", "irq", "thread 1", "signal handler" ... */
	uint32_t frames;
	uint32_t padding;
};

struct od_plugin_frame {
	uint32_t argsz;
	uint32_t flags;		/* OD_PFRAME_* */
	const char *symbol;	/* as printed, maybe mangled; NULL if only an address */
	const char *function;	/* canonical: demangled without parameters, no compiler suffix */
	const char *demangled;	/* with parameters; NULL if the name is not mangled */
	const char *module;	/* NULL: the kernel itself, or the program */
	const char *file;	/* source file as printed, or NULL */
	uint64_t address;	/* 0: not printed */
	uint32_t offset;	/* into the function, bytes */
	uint32_t size;		/* of the function, bytes; 0: not printed */
	uint32_t source_line;	/* 0: unknown */
	uint32_t number;	/* gdb's #N, else the index in the stack */
	uint32_t variables;	/* arguments and locals */
	uint32_t line;		/* of the input */
	const char *build_id;	/* future */
};
#define OD_PFRAME_UNRELIABLE (1u << 0)
#define OD_PFRAME_PC (1u << 1)
#define OD_PFRAME_GUESSED (1u << 2)
#define OD_PFRAME_SIGNAL (1u << 3)
#define OD_PFRAME_HAS_OFFSET (1u << 4)

struct od_plugin_variable {
	uint32_t argsz;
	uint32_t flags;		/* OD_VARIABLE_* */
	const char *name;
	const char *value;	/* as printed */
	uint64_t number;	/* the leading number of value, with OD_VARIABLE_NUMBER */
	uint32_t line;		/* of the input */
	uint32_t padding;
};
#define OD_VARIABLE_NUMBER (1u << 0)
#define OD_VARIABLE_ARGUMENT (1u << 1)

struct od_plugin_register {
	uint32_t argsz;
	uint32_t flags;
	const char *name;	/* lower case */
	uint64_t value;
	uint32_t line;
	uint32_t padding;
};

struct od_plugin_record {
	uint32_t argsz;
	uint32_t flags;
	const char *text;	/* prefix removed */
	uint64_t time_us;	/* since boot; UINT64_MAX if unknown */
	uint32_t line;
	uint32_t quote_depth;	/* of mail quoting */
};

struct od_plugin_module {
	uint32_t argsz;
	uint32_t flags;
	const char *name;
	const char *taint;	/* letters, or NULL */
};

/* What a value is, as far as the report proves it. */
struct od_plugin_pointer {
	uint32_t argsz;
	uint32_t flags;		/* OD_POINTER_* */
	uint32_t region;	/* OD_REGION_* */
	uint32_t padding;
	uint64_t link_address;	/* run time address minus the KASLR offset, with OD_POINTER_LINK */
	const char *symbol;	/* with OD_POINTER_SYMBOL */
	uint64_t symbol_offset;
	const char *text;	/* one phrase for people: "core kernel image, link address 0x..." */
};
#define OD_POINTER_LINK (1u << 0)
#define OD_POINTER_SYMBOL (1u << 1)

enum {
	OD_REGION_UNKNOWN = 0,
	OD_REGION_SMALL = 1,	     /* a number, an offset into NULL */
	OD_REGION_ERR_PTR = 2,	     /* -4095 .. -1 */
	OD_REGION_POISON = 3,	     /* a pattern that the kernel writes over dead memory */
	OD_REGION_USER = 4,
	OD_REGION_NONCANONICAL = 5,
	OD_REGION_KERNEL_IMAGE = 6,  /* text, data, rodata of vmlinux */
	OD_REGION_MODULES = 7,
	OD_REGION_DIRECT_MAP = 8,    /* proven by the report, or the non-randomised base */
	OD_REGION_STACK = 9,	     /* of the crashing task, as the report names it */
	OD_REGION_VMALLOC = 10,
	OD_REGION_VMEMMAP = 11,
	OD_REGION_KERNEL = 12,	     /* some kernel address; which region is not provable */
	OD_REGION_TEXT = 13,	     /* inside a function that the report names */
	OD_REGION_FIXMAP = 14,	     /* fixmap, cpu entry area, espfix, vsyscall and the like */
};

/* The flags word of a struct page, decoded for the kernel release of the report. */
struct od_plugin_page {
	uint32_t argsz;
	uint32_t flags;		/* OD_PAGE_*; 0 if the layout of that release is not known */
	const char *text;	/* "reserved", "slab|head"; for people */
	uint32_t node, zone;	/* valid with OD_PAGE_LOCATION */
};
#define OD_PAGE_KNOWN (1u << 0)
#define OD_PAGE_LOCATION (1u << 1)
#define OD_PAGE_SLAB (1u << 2)
#define OD_PAGE_RESERVED (1u << 3)
#define OD_PAGE_HEAD (1u << 4)
#define OD_PAGE_TAIL (1u << 5)

struct od_plugin_finding {
	uint32_t argsz;
	uint32_t flags;		/* none yet: 0 */
	const char *id;		/* "family/what", [a-z0-9-] on both sides of one slash */
	const char *title;
	const char *severity;	/* info low medium high critical */
	uint32_t score;		/* 0..100: how sure */
	uint32_t padding;
	const char *cause;	/* may be NULL */
	const char *category;	/* future: with OD_FINDING_CATEGORY */
};
#define OD_FINDING_CATEGORY (1u << 0)

struct od_plugin_evidence {
	uint32_t argsz;
	uint32_t flags;		/* OD_EVIDENCE_* */
	const char *grade;	/* strong medium weak */
	const char *text;
	const uint32_t *lines;	/* of the input; copied */
	uint32_t nlines;
	int32_t stack;		/* -1: none */
	int32_t frame;		/* -1: none */
	uint32_t padding;
	uint64_t address;	/* with OD_EVIDENCE_ADDRESS */
	uint64_t length;	/* future: with OD_EVIDENCE_LENGTH */
};
#define OD_EVIDENCE_ADDRESS (1u << 0)
#define OD_EVIDENCE_LENGTH (1u << 1)

/*
 * The host. Every function returns OD_PLUGIN_OK or a negative code. Structs that the host fills:
 * the caller sets argsz (OD_PLUGIN_INIT does), the host fills the rest and leaves the struct
 * untouched on failure. A function added later is there if OD_HOST_HAS says so.
 */
struct od_plugin_host {
	uint32_t argsz;
	uint32_t flags; /* OD_HOST_* */
	uint32_t abi;	/* OD_PLUGIN_ABI of the host */
	uint32_t padding;
	int32_t (*report)(od_plugin_report *rep, struct od_plugin_report_info *ret);
	int32_t (*stack)(od_plugin_report *rep, uint32_t index, struct od_plugin_stack *ret);
	int32_t (*frame)(od_plugin_report *rep, uint32_t stack, uint32_t index,
			 struct od_plugin_frame *ret);
	int32_t (*variable)(od_plugin_report *rep, uint32_t stack, uint32_t frame, uint32_t index,
			    struct od_plugin_variable *ret);
	/* By (lower case) name. */
	int32_t (*reg)(od_plugin_report *rep, const char *name, struct od_plugin_register *ret);
	int32_t (*module)(od_plugin_report *rep, uint32_t index, struct od_plugin_module *ret);
	/* The records of this incident. */
	int32_t (*record)(od_plugin_report *rep, uint32_t index, struct od_plugin_record *ret);
	/* Records of the whole input that hold one of this plugin's literals of interest. */
	int32_t (*context)(od_plugin_report *rep, uint32_t index, struct od_plugin_record *ret);
	int32_t (*describe_pointer)(od_plugin_report *rep, uint64_t value,
				    struct od_plugin_pointer *ret);
	int32_t (*page_flags)(od_plugin_report *rep, uint64_t flags, struct od_plugin_page *ret);
	/* Memory of the dead, where the input has it: all len bytes (at most 64 KiB) or a code. */
	int32_t (*read)(od_plugin_report *rep, uint64_t address, void *buf, uint32_t len);
	/* A NUL-terminated string of memory, cut at len - 1 bytes. */
	int32_t (*read_string)(od_plugin_report *rep, uint64_t address, char *buf, uint32_t len);
	/* Open a finding; what follows is attached to it. A second one with the same id is refused. */
	int32_t (*finding)(od_plugin_report *rep, const struct od_plugin_finding *finding);
	int32_t (*evidence)(od_plugin_report *rep, const struct od_plugin_evidence *evidence);
	int32_t (*advice)(od_plugin_report *rep, const char *text);
	int32_t (*reference)(od_plugin_report *rep, const char *text);
	/* A remark on the report; line 0: on the whole. */
	int32_t (*note)(od_plugin_report *rep, uint32_t line, const char *text);
	/*
	 * A line of a listing (a tree, a table, at most 64 lines) of the last finding: printed as it is,
	 * not wrapped. Test OD_HOST_HAS(host, listing): the first hosts of version 1 lack it.
	 */
	int32_t (*listing)(od_plugin_report *rep, const char *line);
	/* future: a word that groups findings */
	int32_t (*tag)(od_plugin_report *rep, const char *text);
};
/* Set where the input has memory to read. */
#define OD_HOST_MEMORY (1u << 0)
#define OD_HOST_CATEGORIES (1u << 1) /* future: findings may have a category */
#define OD_HOST_FLAGS (OD_HOST_MEMORY | OD_HOST_CATEGORIES)

#define OD_HOST_HAS(host, member)                                                                  \
	((host)->argsz >= offsetof(struct od_plugin_host, member) + sizeof((host)->member))

/* What the plugin says of itself. Static storage; read once, right after the entry returns. */
struct od_plugin {
	uint32_t argsz;
	uint32_t flags;		/* OD_PLUGIN_WANTS_*, at least one */
	uint32_t abi;		/* OD_PLUGIN_ABI that it was built for */
	uint32_t padding;
	const char *name;	/* [a-z0-9-]{1,32}; findings carry it */
	const char *version;
	const char *summary;	/* one line for --list-plugins */
	/*
	 * NULL-terminated list of literals (4 to 64 bytes each, at most 16), or NULL: lines of the
	 * input that hold one are kept for context(), whether or not they belong to a crash.
	 */
	const char *const *interest;
	/* Called once for each report. A negative code becomes a note on the report. */
	int32_t (*analyze)(const struct od_plugin_host *host, od_plugin_report *rep);
	/*
	 * What a user asks about a report (the command "ask PLUGIN WORDS"); the answer goes to listing(), up
	 * to 1024 lines, and nothing else is taken. NULL: it takes no questions. A negative code: it makes no
	 * sense, and the lines say what would. Older plugins end before this.
	 */
	int32_t (*ask)(const struct od_plugin_host *host, od_plugin_report *rep, const char *question);
	/* future: called after the last report, with OD_PLUGIN_WANTS_FINISH */
	int32_t (*finish)(const struct od_plugin_host *host);
};
#define OD_PLUGIN_WANTS_KERNEL (1u << 0) /* reports of kernel crashes */
#define OD_PLUGIN_WANTS_USER (1u << 1)	 /* reports of user-space crashes (gdb text, cores) */
#define OD_PLUGIN_WANTS_FINISH (1u << 2) /* future */
#define OD_PLUGIN_FLAGS (OD_PLUGIN_WANTS_KERNEL | OD_PLUGIN_WANTS_USER | OD_PLUGIN_WANTS_FINISH)
#define OD_PLUGIN_FUTURE 1

/* The one exported function. host is valid until the process ends. NULL: the plugin declines. */
const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host);
typedef const struct od_plugin *od_plugin_entry_fn(const struct od_plugin_host *host);

/* struct od_plugin_frame f = OD_PLUGIN_INIT(f); */
#define OD_PLUGIN_INIT(var) { .argsz = (uint32_t)sizeof(var) }

#ifndef __cplusplus
#define OD_PLUGIN_OFFSET(type, member, offset)                                                     \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member " moved")
#if UINTPTR_MAX == UINT64_MAX
OD_PLUGIN_OFFSET(od_plugin_report_info, kind, 8);
OD_PLUGIN_OFFSET(od_plugin_report_info, bug_line, 80);
OD_PLUGIN_OFFSET(od_plugin_report_info, kaslr_offset, 112);
OD_PLUGIN_OFFSET(od_plugin_report_info, last_line, 132);
OD_PLUGIN_OFFSET(od_plugin_stack, frames, 16);
OD_PLUGIN_OFFSET(od_plugin_frame, address, 48);
OD_PLUGIN_OFFSET(od_plugin_frame, line, 76);
OD_PLUGIN_OFFSET(od_plugin_variable, number, 24);
OD_PLUGIN_OFFSET(od_plugin_register, value, 16);
OD_PLUGIN_OFFSET(od_plugin_record, line, 24);
OD_PLUGIN_OFFSET(od_plugin_module, taint, 16);
OD_PLUGIN_OFFSET(od_plugin_pointer, text, 40);
OD_PLUGIN_OFFSET(od_plugin_page, node, 16);
OD_PLUGIN_OFFSET(od_plugin_finding, cause, 40);
OD_PLUGIN_OFFSET(od_plugin_evidence, address, 48);
OD_PLUGIN_OFFSET(od_plugin_host, report, 16);
OD_PLUGIN_OFFSET(od_plugin_host, note, 144);
OD_PLUGIN_OFFSET(od_plugin, analyze, 48);
#endif
#endif

#ifdef __cplusplus
}
#endif

#endif
