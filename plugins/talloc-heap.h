/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * talloc as it lies in the memory of a core: talloc-chunk.c reads headers, talloc-vote.c finds out
 * which layout and magic this process has, talloc-walk.c follows the links and checks them,
 * talloc-tree.c prints the tree, talloc-event.c looks at tevent's objects, talloc-dying.c at what
 * is being freed; talloc-live.c finds what of it the crash touched, talloc-prove.c says it,
 * talloc-verdict.c judges.
 *
 * All of it is hostile: each link may lead anywhere, in circles, or into a page that the core
 * lacks.
 */
#ifndef PLUGIN_TALLOC_HEAP_H
#define PLUGIN_TALLOC_HEAP_H

#include "talloc.h"

enum {
	HEAP_PAGE = 4096,  /* bytes that are read at once, as cores keep them */
	HEAP_PAGES = 4096, /* kept, direct-mapped */
	MAX_OBJECTS = 4096,	    /* different pointers that are looked at */
	MAX_STACK_BYTES = 64 << 10, /* of the stack, from its pointer upwards */
	MAX_NODES = 32768,	    /* chunks that are walked */
	MAX_ROOTS = 64,
	MAX_DAMAGE = 16,
	MAX_STALE_EVENTS = 16,
	MAX_CLIMB = 1 << 17, /* steps up to the top of a tree */
	MAX_TREE_LINES = 56,
	MAX_READS = 1 << 18, /* of the host: whatever the memory leads to, it ends */
	NAME_SIZE = 96,
	NO_NODE = UINT32_MAX,
	NO_VAR = UINT32_MAX,
};
/* talloc gives no more to anybody. */
#define TALLOC_MAX_SIZE 0x10000000ull

#define FLAG_FREE 1u
#define FLAG_LOOP 2u
#define FLAG_POOL 4u
#define FLAG_POOLMEM 8u
#define FLAG_MASK 15u

/* Where the members of a chunk's header are; offsets in bytes. */
struct layout {
	const char *versions;
	uint8_t width; /* bytes of a pointer */
	uint8_t header;
	uint8_t flags, next, prev, parent, child, refs, destructor, name, size, pool;
	uint8_t pool_header; /* stands before the chunk of a pool; 0: no such thing */
	uint32_t magic;	     /* 0: random, the same all over the process */
};

struct chunk {
	uint64_t at, next, prev, parent, child, refs, destructor, name, size, pool;
	uint32_t flags;
};

enum state {
	CHUNK_NONE,
	CHUNK_LIVE,
	CHUNK_FREED,	   /* has the mark of a freed one */
	CHUNK_OVERWRITTEN, /* freed, and malloc() has put its own links over the mark */
};

struct object {
	uint64_t ptr;
	uint32_t var;  /* the innermost variable that holds it, or NO_VAR */
	bool on_stack; /* only seen as a word of the stack */
	char reg[8];   /* register that holds it, or "" */
	enum state state;
	struct chunk c; /* if state is not CHUNK_NONE */
	uint32_t node;
};

enum damage_kind {
	DAMAGE_UNREADABLE,
	DAMAGE_MAGIC,
	DAMAGE_FREED,
	DAMAGE_CIRCLE,
	DAMAGE_PARENT,
	DAMAGE_PREV,
	DAMAGE_SIZE,
	DAMAGE_REFERENCE,
	DAMAGE_POOL,
	DAMAGE_UP,
};

/* A link or member that cannot be right. */
struct damage {
	enum damage_kind kind;
	uint32_t node;	    /* whose header says so */
	const char *member; /* which of its members */
	uint64_t value;	    /* what is in it, or where it leads */
	uint64_t want;
};

struct node {
	struct chunk c;
	uint32_t parent, first, nchildren; /* the children stand in a row */
	uint32_t below;			   /* chunks under it */
	uint64_t bytes;			   /* of them and its own */
	uint32_t depth;
	bool root, path, told, shown, damaged;
	bool listed; /* among the frees in progress that are told anyway */
};

struct stale_event {
	uint64_t event, context;
	uint32_t node;
	enum state state; /* of the chunk that context should be */
};

struct heap {
	const struct model *m;
	const struct layout *layout; /* NULL: no talloc found */
	uint32_t magic;		     /* low bits 0; 0: only freed chunks were seen */
	char version[48];
	bool stamped;	/* the version is that of a freed chunk's mark */
	uint32_t votes; /* chunks that agree on layout and magic */
	struct object *objects;
	uint32_t nobjects;
	struct node *nodes;
	uint32_t nnodes, nroots;
	uint32_t *seen; /* hash of nodes by address */
	bool more;	/* not all chunks were walked */
	struct damage damage[MAX_DAMAGE];
	uint32_t ndamage;
	struct stale_event stale[MAX_STALE_EVENTS];
	uint32_t nstale, nevents;
	bool said; /* a finding has the tree */
	bool big_endian;
	uint8_t width; /* 0: not known */
	uint32_t reads;
	bool lacking; /* the last read met a page that the core lacks, which says nothing of it */
	bool cut;     /* so did the walk */
	uint64_t sp;		      /* 0: not known */
	uint64_t page_at[HEAP_PAGES]; /* 1: nothing */
	uint8_t *pages[HEAP_PAGES]; /* NULL: never used */
};

/* --- talloc-chunk.c ------------------------------------------------------------------------- */
/* The rows of all layouts; *n is how many. */
const struct layout *layouts(size_t *n);
/* All len (at most a page) bytes, or false. */
bool heap_read(struct heap *h, uint64_t at, void *buf, size_t len);
/* A pointer of the process at `at`; 0 if it cannot be read. */
uint64_t heap_pointer(struct heap *h, uint64_t at, unsigned width);
/* Could v be the address of something on a heap? */
bool heap_is_address(uint64_t v, unsigned width);
bool chunk_read(struct heap *h, const struct layout *l, uint64_t at, struct chunk *ret);
/* What the chunk at `at` is by the layout and the magic of the process. */
enum state chunk_state(struct heap *h, uint64_t at, struct chunk *ret);
/* The name as printable text; false (and "") if it is not readable or no text. */
bool chunk_name(struct heap *h, const struct chunk *c, char *buf, size_t size);
/*
 * The same for people. A string is named by itself (talloc_strdup()), and may be a secret: only its
 * beginning is told.
 */
bool chunk_label(struct heap *h, const struct chunk *c, char *buf, size_t size);
/* Is it "file.c:12", as talloc_free() leaves it? */
bool is_place(const char *s);
/* Version that a freed chunk's mark gives away; 0 if it is none. */
bool stamp_version(uint32_t flags, unsigned *minor, unsigned *release);
static inline uint64_t chunk_object(const struct heap *h, const struct chunk *c)
{
	return c->at + h->layout->header;
}

/* --- talloc-vote.c -------------------------------------------------------------------------- */
/* Find the pointers, and layout and magic from them. False if there is no talloc. */
bool heap_find(struct heap *h);
/* The object at ptr, or NULL. */
struct object *heap_object(struct heap *h, uint64_t ptr);

/* --- talloc-walk.c -------------------------------------------------------------------------- */
void heap_walk(struct heap *h);
/* The node of the chunk at `at`, or NO_NODE. */
uint32_t heap_node(const struct heap *h, uint64_t at);
/* Walk the tree of a live chunk, if that is not done yet; its node, or NO_NODE. */
uint32_t heap_reach(struct heap *h, const struct chunk *c);
/* The walked chunk whose object or header the address lies in, or NO_NODE. */
uint32_t heap_around(const struct heap *h, uint64_t address);

/* --- talloc-tree.c -------------------------------------------------------------------------- */
/* Hand the tree around everything that is of interest to the finding that was opened last. */
void heap_list(struct heap *h);

/* The same for one chunk alone, without a finding. */
void heap_list_around(struct heap *h, uint32_t node);

/* --- talloc-event.c ------------------------------------------------------------------------- */
void heap_events(struct heap *h);
/*
 * Is the context at ptr dead? *state is what lies there now. A live chunk is dead only if it has
 * the name of another type.
 */
bool event_context_dead(struct heap *h, uint64_t ptr, enum state *state);

#endif
