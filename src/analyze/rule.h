/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules as they are kept: one block of words in which all is found by offsets, so that the built-in ones
 * are constant data of the program, which cost nothing until a report asks for them. The writer is
 * rule-pack.c; only rule*.c includes this.
 */
#ifndef OD_ANALYZE_RULE_H
#define OD_ANALYZE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/input.h"

enum {
	OD_RULES_MAGIC = 0x4f445231,
	OD_RULES_MAX = 20000,	/* rules of one set */
	OD_RULE_ID = 64,	/* bytes of an id: what plugins have, too */
	OD_RULE_DEPTH = 8,	/* of any, all, not in each other */
	OD_RULE_TEXT = 4096,	/* bytes of a title, a cause, an advice */
	OD_RULE_PATTERN = 512,	/* bytes of a regular expression */
	OD_RULE_ITEMS = 64,	/* of one list */
	OD_RULE_CONDITIONS = 256, /* of one rule */
	OD_RULE_SAMPLE = 60 * 1024, /* bytes: what a pipe takes at once */
	OD_RULE_VARS = 16,	/* captures of one rule */
	OD_RULE_CONTEXTS = 256,	/* literals of lines that are kept from ahead of reports */
	OD_RULE_LITERAL = 7,	/* bytes that a literal needs to be looked for by itself */
};

/* The parts of a block; each an array of the row that is named. */
enum od_rule_part {
	OD_RULE_ROWS,	   /* struct od_rule */
	OD_RULE_CONDS,	   /* struct od_rule_cond */
	OD_RULE_NAMES,	   /* struct od_rule_name */
	OD_RULE_LISTS,	   /* uint32_t: strings */
	OD_RULE_AFFECTED,  /* struct od_rule_affected */
	OD_RULE_DISTS,	   /* struct od_rule_dist */
	OD_RULE_VERSIONS,  /* struct od_rule_version */
	OD_RULE_SAMPLES,   /* struct od_rule_sample */
	OD_RULE_KEYS,	   /* struct od_rule_key: a table that is open, its size a power of 2 */
	OD_RULE_POSTS,	   /* uint32_t: indices of rules */
	OD_RULE_GRAMS,	   /* struct od_rule_gram: as keys, of four bytes of text */
	OD_RULE_GRAM_BITS, /* uint32_t: a bit for each hash of four bytes that begins a lookup */
	OD_RULE_IDS,	   /* struct od_rule_key: rules by their ids */
	OD_RULE_WANTED,	   /* uint32_t: literals of lines ahead of a report, each once */
	OD_RULE_STRINGS,   /* bytes, rounded up to words; the string at 0 is "" */
	OD_RULE_PARTS,
};

struct od_rule_head {
	uint32_t magic, words; /* of the whole block */
	uint32_t regexes;      /* how many there are: they are numbered */
	struct {
		uint32_t at, n; /* words from the beginning; elements */
	} parts[OD_RULE_PARTS];
};

/* Strings are offsets into OD_RULE_STRINGS; first and n are ranges of another part. */
struct od_rule {
	uint32_t id, title, cause;
	uint32_t file, line;
	uint32_t severity, confidence;
	uint32_t when;	   /* its condition, which is one of OD_COND_ALL */
	uint32_t affected; /* 1 + index; 0: not said */
	uint32_t advice, nadvice, references, nreferences; /* lists */
	uint32_t commit, subject, advisory;		   /* the fix */
	uint32_t samples, nsamples;
	uint32_t vars, nvars; /* names of captures */
};

enum od_cond_type {
	OD_COND_ALL,	  /* first, n: conditions */
	OD_COND_ANY,
	OD_COND_NOT,	  /* one */
	OD_COND_KIND,	  /* first, n: a list of strings with wildcards; so up to release */
	OD_COND_SUBKIND,
	OD_COND_ARCH,
	OD_COND_COMM,
	OD_COND_RELEASE,
	OD_COND_PC,	  /* first, n: names, any of them */
	OD_COND_GUILTY,
	OD_COND_FRAMES,	  /* first, n: names, all of them; flags: enum od_frames_how; a: the stack, 0: any */
	OD_COND_REGISTER, /* first, n: a list of names; flags: enum od_register_how; value; and a, b: the end of a range */
	OD_COND_DETAIL,	  /* a: the key; first, n: a list of strings with wildcards */
	OD_COND_MODULE,	  /* first, n: a list of strings with wildcards; a: letters of taint */
	OD_COND_TAINT,	  /* a: letters, all of them */
	OD_COND_TEXT,	  /* a: regular expression, b: its literal, flags: its number */
	OD_COND_CONTEXT,
	OD_COND_TYPES,
};

enum od_frames_how { OD_FRAMES_ORDERED, OD_FRAMES_ADJACENT, OD_FRAMES_UNORDERED };
enum od_register_how { OD_REGISTER_IS, OD_REGISTER_BELOW, OD_REGISTER_ABOVE, OD_REGISTER_REGION,
			OD_REGISTER_BETWEEN };

struct od_rule_cond {
	uint32_t type, flags;
	uint32_t first, n;
	uint32_t a, b;
	uint32_t value_low, value_high;
	uint32_t line;
};

/* "xprt_* [sunrpc]" */
struct od_rule_name {
	uint32_t function, module; /* patterns; module 0: any, and none */
	uint32_t built_in;	   /* the function alone tells enough: its module may be part of the kernel */
};

struct od_rule_version {
	uint32_t a, b, c;
};

struct od_rule_affected {
	uint32_t since, fixed;	/* 1 + index of a version; 0: not said */
	uint32_t stable, nstable;
	uint32_t came, ncame; /* first releases of stable branches that got the fault */
	uint32_t dists, ndists;
};

struct od_rule_dist {
	uint32_t match, fixed; /* pattern, release; fixed 0: unaffected */
};

struct od_rule_sample {
	uint32_t from, text, len, line;
	uint32_t refuse;
};

enum od_key_type {
	OD_KEY_NONE,
	OD_KEY_FUNCTION, /* a function's whole name */
	OD_KEY_HEAD,	 /* its first OD_KEY_HEAD_LEN bytes */
	OD_KEY_FRAME_MODULE,
	OD_KEY_MODULE,	 /* that is loaded */
	OD_KEY_KIND,
	OD_KEY_ID,
	OD_KEY_ALWAYS,
};

enum { OD_KEY_HEAD_LEN = 4 };

struct od_rule_key {
	uint32_t hash;	/* 0: a free place */
	uint32_t posts, n;
};

/* A literal is found by four of its bytes, at whatever of four offsets they stand. */
struct od_rule_gram {
	uint32_t bytes;	   /* as they stand in memory */
	uint32_t literal;  /* string; 0: a free place */
	uint32_t at;	   /* where in it they stand */
	uint32_t rule;
};

/* One block, and what is made of it on the way. */
struct od_rule_set {
	const struct od_rule_head *head;
	const struct od_rule *rules;
	const struct od_rule_cond *conds;
	const struct od_rule_name *names;
	const uint32_t *lists;
	const struct od_rule_affected *affected;
	const struct od_rule_dist *dists;
	const struct od_rule_version *versions;
	const struct od_rule_sample *samples;
	const struct od_rule_key *keys;
	const uint32_t *posts;
	const struct od_rule_gram *grams;
	const uint32_t *gram_bits;
	const struct od_rule_key *ids;
	const uint32_t *wanted;
	const char *strings;
	uint32_t nrules;
	struct od_regex **regexes; /* made when they are needed first */
};

enum { OD_GRAM_BITS = 1 << 16 };

static inline uint32_t od_gram_hash(uint32_t bytes)
{
	return bytes * 2654435761u >> 16;
}

static inline uint32_t od_key_hash(enum od_key_type type, const char *s, size_t len)
{
	uint32_t h = 2166136261u ^ (uint32_t)type * 0x9e3779b1u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	h ^= h >> 15;
	return h ? h : 1;
}

/* False if the block is not one of this program. */
bool od_rule_set_init(struct od_rule_set *set, const uint32_t *words, size_t n);

/* The built-in rules, made by mkrules; n 0: there are none. */
extern const uint32_t od_rules_builtin[];
extern const size_t od_rules_builtin_n;

#endif
