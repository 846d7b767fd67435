/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The talloc plugin on memory made by hand: headers of each version, right ones and wrong ones. The
 * offsets are written down here once more, so that a row of the plugin cannot be its own proof.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fixture-memory.h"
#include "tests/unit/fixture-talloc.h"

enum {
	HEAP = 0x61100000,
	HEAP_SIZE = 0x10000,
	NAMES = 0x40200000,
	FREE = 1,
	LOOP = 2,
	POOL = 4,
	POOLMEM = 8,
};

/* struct talloc_chunk of a version: order and offsets of its members. */
struct version {
	const char *said; /* by the plugin */
	unsigned width, header, flags, links, pool, pool_header;
	uint32_t magic, freed; /* freed: what stands in flags after talloc_free() */
};

static const struct version versions[] = {
	{"talloc 2.0.0 to 2.0.7", 8, 0x50, 64, 0, 72, 0, 0xe8150c70, 0xe8150c71},
	{"talloc 2.0.8 to 2.0.x", 8, 0x60, 64, 0, 80, 32, 0xe8150c70, 0xe8150c71},
	{"talloc 2.1.0 to 2.1.3", 8, 0x60, 64, 0, 80, 32, 0xe8150c80, 0xe8150c81},
	{"talloc 2.1.4 or later", 8, 0x60, 0, 8, 80, 32, 0x5be31a90, 0x5be31a91},
	{"talloc 2.4.2", 8, 0x60, 0, 8, 80, 32, 0x5be31a90, 0xea18ee73},
	{"talloc 2.0.8 to 2.0.x", 4, 0x30, 32, 0, 40, 16, 0xe8150c70, 0xe8150c71},
	{"talloc 2.1.0 to 2.1.3", 4, 0x30, 32, 0, 40, 16, 0xe8150c80, 0xe8150c81},
	{"talloc 2.1.4 or later", 4, 0x30, 0, 4, 40, 16, 0x90de1230, 0x90de1231},
};
enum { NVERSIONS = sizeof(versions) / sizeof(*versions), NEWEST = 4 };

enum member { NEXT, PREV, PARENT, CHILD, REFS, DESTRUCTOR, NAME, SIZE };

struct world {
	struct od_fixture_memory mem;
	const struct version *v;
	uint64_t names, top;
};

static void begin(struct world *w, const struct version *v)
{
	od_fixture_memory_init(&w->mem);
	w->mem.mem.pointer_size = (uint8_t)v->width;
	w->v = v;
	od_fixture_map(&w->mem, HEAP, HEAP_SIZE);
	od_fixture_map(&w->mem, NAMES, 0x1000);
	w->names = NAMES;
	w->top = HEAP;
}

static void end(struct world *w, struct od_input *in)
{
	od_input_destroy(in);
	od_fixture_memory_deinit(&w->mem);
}

static uint64_t text(struct world *w, const char *s)
{
	const uint64_t at = w->names;

	od_fixture_bytes(&w->mem, at, s, strlen(s) + 1);
	w->names += strlen(s) + 1;
	return at;
}

static void set(struct world *w, uint64_t object, enum member m, uint64_t value)
{
	od_fixture_put(&w->mem, object - w->v->header + w->v->links + (unsigned)m * w->v->width,
		       value, w->v->width);
}

static void set_flags(struct world *w, uint64_t object, uint32_t flags)
{
	od_fixture_put(&w->mem, object - w->v->header + w->v->flags, flags, 4);
}

/* A chunk as talloc makes it; front: room ahead of it. Its object. */
static uint64_t make(struct world *w, const char *name, unsigned size, unsigned front)
{
	const uint64_t at = w->top + front, object = at + w->v->header;

	w->top = (object + size + 15) & ~15ull;
	set_flags(w, object, w->v->magic);
	set(w, object, NAME, text(w, name));
	set(w, object, SIZE, size);
	return object;
}

static uint64_t chunk(const struct world *w, uint64_t object)
{
	return object ? object - w->v->header : 0;
}

/* n children in the order of the list. */
static void adopt(struct world *w, uint64_t parent, const uint64_t *list, unsigned n)
{
	set(w, parent, CHILD, chunk(w, list[0]));
	set(w, list[0], PARENT, chunk(w, parent));
	for (unsigned i = 0; i < n; i++) {
		set(w, list[i], PREV, i ? chunk(w, list[i - 1]) : 0);
		set(w, list[i], NEXT, i + 1 < n ? chunk(w, list[i + 1]) : 0);
	}
}

/* server -> conn, journal, session; conn -> request. */
struct tree {
	uint64_t server, conn, journal, session, request;
};

static struct tree plant(struct world *w)
{
	struct tree t;

	t.server = make(w, "server", 0, 0);
	t.conn = make(w, "struct conn", 40, 0);
	t.journal = make(w, "struct journal", 16, 0);
	t.session = make(w, "struct session", 24, 0);
	t.request = make(w, "struct request", 8, 0);
	adopt(w, t.server, (const uint64_t[]){t.session, t.journal, t.conn}, 3);
	adopt(w, t.conn, &t.request, 1);
	return t;
}

static struct od_input *crash(struct world *w, uint64_t object)
{
	char bt[512];

	snprintf(bt, sizeof(bt),
		 "Program received signal SIGSEGV, Segmentation fault.\n"
		 "#0  0x0000000000400100 in conn_process (c=0x%llx) at a.c:1\nNo locals.\n"
		 "#1  0x0000000000400200 in main () at a.c:9\nNo locals.\n",
		 (unsigned long long)object);
	return fixture_run_memory(bt, &w->mem.mem);
}

static bool has_note(const struct od_input *in, const char *part)
{
	for (uint32_t i = 0; i < in->reports[0]->nnotes; i++)
		if (strstr(in->reports[0]->notes[i].text, part))
			return true;
	return false;
}

static bool has_line(const struct od_finding *f, const char *part)
{
	for (uint32_t i = 0; i < f->nlisting; i++)
		if (strstr(f->listing[i], part))
			return true;
	return false;
}

/* --- layouts -------------------------------------------------------------------------------- */

static void test_nothing_wrong(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NVERSIONS; i++) {
		struct world w;
		struct tree t;
		struct od_input *in;

		begin(&w, &versions[i]);
		t = plant(&w);
		in = crash(&w, t.conn);
		assert_int_equal(in->reports[0]->nfindings, 0);
		/* Nothing freed was seen: the newest versions cannot be told apart. */
		assert_true(has_note(in, i == NEWEST ? "talloc 2.1.4 or later" : versions[i].said));
		assert_true(has_note(in, "5 chunks"));
		end(&w, in);
	}
}

/* Nothing says what machine it was: the order of the bytes is found out. */
static void test_big_endian(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NVERSIONS; i++) {
		const struct od_finding *f;
		struct od_input *in;
		struct world w;
		struct tree t;
		uint64_t gone;

		begin(&w, &versions[i]);
		w.mem.mem.big_endian = true;
		t = plant(&w);
		gone = make(&w, "gone.c:77", 40, 0);
		set_flags(&w, gone, versions[i].freed);
		od_fixture_put(&w.mem, t.conn + 16, gone, w.v->width);
		in = crash(&w, t.conn);
		f = fixture_find(in, "talloc/access-after-free");
		assert_non_null(f);
		fixture_proof(f, "freed at gone.c:77");
		end(&w, in);
	}
}

/* A string is named by itself, and not told as a whole. */
static void test_strings(void **state)
{
	static const char secret[] = "correct horse battery staple";
	const struct od_finding *f;
	struct od_input *in;
	struct world w;
	struct tree t;
	uint64_t s;

	(void)state;
	begin(&w, &versions[NEWEST]);
	t = plant(&w);
	s = make(&w, "", sizeof(secret), 0);
	od_fixture_bytes(&w.mem, s, secret, sizeof(secret));
	set(&w, s, NAME, s);
	adopt(&w, t.request, &s, 1);
	set_flags(&w, t.journal, 0x41414141);
	in = crash(&w, s);
	f = fixture_find(in, "talloc/corrupt-chunk");
	assert_non_null(f);
	assert_true(has_line(f, "the string \"correct horse ba...\""));
	assert_false(has_line(f, "staple"));
	end(&w, in);
}

static void test_freed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NVERSIONS; i++) {
		const struct od_finding *f;
		struct od_input *in;
		struct world w;
		struct tree t;
		uint64_t gone;

		begin(&w, &versions[i]);
		t = plant(&w);
		gone = make(&w, "../lib/gone.c:77", 40, 0);
		set_flags(&w, gone, versions[i].freed);
		/* conn holds it at offset 16. */
		od_fixture_put(&w.mem, t.conn + 16, gone, w.v->width);
		in = crash(&w, t.conn);
		f = fixture_find(in, "talloc/access-after-free");
		assert_non_null(f);
		assert_int_equal(fixture_proof(f, "c of #0 conn_process has at offset 16")->address,
				 gone);
		fixture_proof(f, "freed at ../lib/gone.c:77");
		assert_true(has_line(f, versions[i].said));
		assert_true(has_line(f, "struct conn  0x"));
		assert_true(has_line(f, "<- #0 c"));
		end(&w, in);
		/* And the variable itself. */
		begin(&w, &versions[i]);
		plant(&w);
		gone = make(&w, "gone.c:78", 40, 0);
		set_flags(&w, gone, versions[i].freed);
		in = crash(&w, gone);
		if (versions[i].magic + 1 != versions[i].freed || w.v->flags) {
			f = fixture_find(in, "talloc/access-after-free");
			assert_non_null(f);
			assert_true(f->score >= 75);
			fixture_proof(f, "freed at gone.c:78");
		}
		end(&w, in);
	}
}

/* malloc() has put its list into the first two words. */
static void test_overwritten(void **state)
{
	const struct od_finding *f;
	struct od_input *in;
	struct world w;
	struct tree t;
	uint64_t gone;

	(void)state;
	begin(&w, &versions[NEWEST]);
	t = plant(&w);
	gone = make(&w, "gone.c:79", 40, 0);
	od_fixture_put(&w.mem, chunk(&w, gone), 0x61162a34, 8);
	od_fixture_put(&w.mem, chunk(&w, gone) + 8, 0x1badc0de5eed1234, 8);
	od_fixture_put(&w.mem, t.conn + 8, gone, 8);
	in = crash(&w, t.conn);
	f = fixture_find(in, "talloc/access-after-free");
	assert_non_null(f);
	assert_int_equal(fixture_proof(f, "freed at gone.c:79")->grade, OD_GRADE_MEDIUM);
	fixture_proof(f, "malloc() has put its links over the mark");
	end(&w, in);
}

/* Memory without talloc has no talloc, whatever is in it. */
static void test_no_talloc(void **state)
{
	struct od_input *in;
	struct world w;

	(void)state;
	begin(&w, &versions[NEWEST]);
	for (unsigned i = 0; i < HEAP_SIZE; i += 8)
		od_fixture_put(&w.mem, HEAP + i, i % 64 ? HEAP + (i * 40503u & 0xfff8) : i, 8);
	in = crash(&w, HEAP + 0x460);
	assert_int_equal(in->reports[0]->nfindings, 0);
	assert_int_equal(in->reports[0]->nnotes, 0);
	end(&w, in);
}

/* --- damage --------------------------------------------------------------------------------- */

static void hurt_magic(struct world *w, const struct tree *t)
{
	set_flags(w, t->journal, 0x41414141);
}

static void hurt_unmapped(struct world *w, const struct tree *t)
{
	set(w, t->journal, NEXT, 0x7000000);
}

static void hurt_prev(struct world *w, const struct tree *t)
{
	set(w, t->journal, PREV, chunk(w, t->server));
}

static void hurt_size(struct world *w, const struct tree *t)
{
	set(w, t->journal, SIZE, 0x7fffffff);
}

static void hurt_circle(struct world *w, const struct tree *t)
{
	set(w, t->conn, NEXT, chunk(w, t->session));
}

static void hurt_down(struct world *w, const struct tree *t)
{
	set(w, t->request, CHILD, chunk(w, t->server));
}

static void hurt_freed(struct world *w, const struct tree *t)
{
	set(w, t->journal, NAME, text(w, "z.c:5"));
	set_flags(w, t->journal, w->v->freed);
}

static void hurt_refs(struct world *w, const struct tree *t)
{
	set(w, t->conn, REFS, t->session);
}

static void hurt_pool(struct world *w, const struct tree *t)
{
	set_flags(w, t->session, w->v->magic | POOLMEM);
	od_fixture_put(&w->mem, chunk(w, t->session) + w->v->pool, chunk(w, t->conn), w->v->width);
}

static void hurt_last(struct world *w, const struct tree *t)
{
	set(w, t->conn, NEXT, 0x7000000);
}

/* A reference, a pool and an event's context in memory that is not there. */
static void hurt_far(struct world *w, const struct tree *t)
{
	const uint64_t te = make(w, "struct tevent_timer", 96, 0);

	set(w, t->conn, REFS, 0x7000060);
	set_flags(w, t->session, w->v->magic | POOLMEM);
	od_fixture_put(&w->mem, chunk(w, t->session) + w->v->pool, 0x7001000, w->v->width);
	od_fixture_put(&w->mem, te + 2 * w->v->width, 0x7002060, w->v->width);
	adopt(w, t->request, &te, 1);
}

static void test_damage(void **state)
{
	static const struct {
		void (*hurt)(struct world *w, const struct tree *t);
		const char *says;
	} cases[] = {
		{hurt_magic, "is no talloc chunk"},
		{hurt_unmapped, "leads to memory that is not there"},
		{hurt_last, "leads to memory that is not there"},
		{hurt_prev, "is not the chunk before it"},
		{hurt_size, "more than talloc gives out"},
		{hurt_circle, "leads back to a chunk"},
		{hurt_down, "leads back to a chunk"},
		{hurt_freed, "a chunk that was freed at z.c:5"},
		{hurt_refs, "is no reference to it"},
		{hurt_pool, "is not the pool that it lies in"},
	};

	(void)state;
	for (unsigned v = 0; v < NVERSIONS; v++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
			const struct od_finding *f;
			struct od_input *in;
			struct world w;
			struct tree t;

			begin(&w, &versions[v]);
			t = plant(&w);
			cases[i].hurt(&w, &t);
			in = crash(&w, t.conn);
			f = fixture_find(in, "talloc/corrupt-chunk");
			if (!f)
				fail_msg("version %u: not seen: %s", v, cases[i].says);
			fixture_proof(f, cases[i].says);
			fixture_proof(f, "the first damage: ");
			assert_true(has_line(f, "DAMAGED"));
			end(&w, in);
		}
	}
}

static enum od_mem_status (*read_all)(struct od_memory *mem, enum od_space space, uint64_t addr,
				      void *buf, size_t len, size_t *got);

static enum od_mem_status read_cut(struct od_memory *mem, enum od_space space, uint64_t addr,
				   void *buf, size_t len, size_t *got)
{
	const enum od_mem_status status = read_all(mem, space, addr, buf, len, got);

	return status == OD_MEM_UNMAPPED ? OD_MEM_TRUNCATED : status;
}

/* What a core lacks is no damage, whatever leads there. */
static void test_cut_core(void **state)
{
	static void (*const cases[])(struct world *w, const struct tree *t) = {hurt_last, hurt_far};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct od_input *in;
		struct world w;
		struct tree t;

		begin(&w, &versions[NEWEST]);
		read_all = w.mem.mem.read;
		w.mem.mem.read = read_cut;
		t = plant(&w);
		cases[i](&w, &t);
		in = crash(&w, t.conn);
		assert_int_equal(in->reports[0]->nfindings, 0);
		assert_true(has_note(in, "the core lacks some"));
		end(&w, in);
	}
}

/* --- what is right though it looks odd ------------------------------------------------------ */

static void test_pool_and_reference(void **state)
{
	(void)state;
	for (unsigned v = 0; v < NVERSIONS; v++) {
		const unsigned width = versions[v].width, head = versions[v].pool_header;
		struct od_input *in;
		struct world w;
		struct tree t;
		uint64_t pool, member, handle;

		begin(&w, &versions[v]);
		t = plant(&w);
		pool = make(&w, "pool", head ? 0 : 16, head);
		member = make(&w, "struct member", 32, 0);
		set_flags(&w, pool, w.v->magic | POOL);
		set_flags(&w, member, w.v->magic | POOLMEM);
		od_fixture_put(&w.mem, head ? chunk(&w, pool) - head : chunk(&w, pool) + w.v->pool,
			       w.top, width);
		od_fixture_put(&w.mem, chunk(&w, member) + w.v->pool, chunk(&w, pool) - head,
			       width);
		adopt(&w, pool, &member, 1);
		/* session has a reference to conn. */
		handle = make(&w, "", 4 * width, 0);
		set(&w, handle, NAME, 1);
		od_fixture_put(&w.mem, handle + 2 * width, t.conn, width);
		adopt(&w, t.session, &handle, 1);
		set(&w, t.conn, REFS, handle);
		adopt(&w, t.conn, (const uint64_t[]){t.request, pool}, 2);
		in = crash(&w, t.conn);
		assert_int_equal(in->reports[0]->nfindings, 0);
		assert_true(has_note(in, "8 chunks"));
		end(&w, in);
	}
}

/* What is being freed is out of the list, with its old parent if it was the first. */
static void test_being_freed(void **state)
{
	(void)state;
	for (unsigned v = 0; v < NVERSIONS; v++) {
		struct od_input *in;
		struct world w;
		struct tree t;

		begin(&w, &versions[v]);
		t = plant(&w);
		adopt(&w, t.server, (const uint64_t[]){t.session, t.journal}, 2);
		set_flags(&w, t.conn, w.v->magic | LOOP);
		set(&w, t.conn, PARENT, chunk(&w, t.server));
		set(&w, t.conn, PREV, 0);
		set(&w, t.request, DESTRUCTOR, w.v->width == 8 ? UINT64_MAX : UINT32_MAX);
		in = crash(&w, t.request);
		assert_int_equal(in->reports[0]->nfindings, 0);
		assert_true(has_note(in, "nothing is wrong"));
		end(&w, in);
	}
}

/* --- events --------------------------------------------------------------------------------- */

#define WILD                                                                                       \
	"Program received signal SIGSEGV, Segmentation fault.\n"                                   \
	"#0  0x0000000061108888 in ?? ()\nNo symbol table info available.\n"                       \
	"#1  0x00007f0000001000 in tevent_debug (ev=0x%llx, level=TEVENT_DEBUG_TRACE) at "         \
	"tevent_debug.c:93\nNo locals.\n"                                                          \
	"#2  0x00007f0000002000 in tevent_common_timed_destructor (te=0x%llx) at "                 \
	"tevent_timed.c:120\nNo locals.\n"                                                         \
	"#3  0x00007f1000001010 in _tc_free_internal (tc=0x%llx, location=0x40209000 "             \
	"\"a.c:5\") at talloc.c:1\n        d = 0x7f0000002000 <tevent_common_timed_destructor>\n"  \
	"        ptr = 0x%llx\n"                                                                   \
	"#4  0x0000000000400200 in main () at a.c:9\nNo locals.\n"

static struct od_input *wild(struct world *w, uint64_t ev, uint64_t te, bool memory)
{
	char bt[2048];

	snprintf(bt, sizeof(bt), WILD, (unsigned long long)ev, (unsigned long long)te,
		 (unsigned long long)chunk(w, te), (unsigned long long)te);
	return memory ? fixture_run_memory(bt, &w->mem.mem) : fixture_run_text(bt);
}

/* The context is gone: given out again as something else, or only the place of its free is left. */
static void test_stale_context(void **state)
{
	static const char *const now[] = {"struct conn", "../source4/server.c:88"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct od_finding *f;
		struct od_input *in;
		struct world w;
		struct tree t;
		uint64_t te, ev, good;
		uint32_t before;

		begin(&w, &versions[NEWEST]);
		t = plant(&w);
		good = make(&w, "struct tevent_context", 200, 0);
		te = make(&w, "struct tevent_timer", 96, 0);
		ev = make(&w, now[i], 200, 0);
		if (i)
			set_flags(&w, ev, w.v->freed);
		set(&w, te, DESTRUCTOR, UINT64_MAX);
		od_fixture_put(&w.mem, te + 16, ev, 8);
		adopt(&w, t.request, (const uint64_t[]){te, good}, 2);
		in = wild(&w, ev, te, false);
		f = fixture_find(in, "talloc/destructor-after-free");
		assert_non_null(f);
		before = f->score;
		assert_true(before < 90);
		od_input_destroy(in);
		in = wild(&w, ev, te, true);
		f = fixture_find(in, "talloc/destructor-after-free");
		assert_non_null(f);
		assert_true(f->score >= 97);
		fixture_proof(f, "ev of #1 tevent_debug, is dead");
		fixture_proof(f, i ? "it was freed at ../source4/server.c:88"
				   : "now it is a struct conn of 200 bytes");
		fixture_proof(f, "is bound to the event context");
		assert_true(has_line(f, "STALE EVENT CONTEXT"));
		assert_true(has_line(f, "DESTRUCTOR RUNNING"));
		end(&w, in);

		/* The same with a context that lives: memory proves nothing. */
		begin(&w, &versions[NEWEST]);
		t = plant(&w);
		te = make(&w, "struct tevent_timer", 96, 0);
		ev = make(&w, "struct tevent_context", 200, 0);
		od_fixture_put(&w.mem, te + 16, ev, 8);
		adopt(&w, t.request, (const uint64_t[]){te, ev}, 2);
		in = wild(&w, ev, te, true);
		f = fixture_find(in, "talloc/destructor-after-free");
		assert_non_null(f);
		assert_true(f->score < 97);
		end(&w, in);
	}
}

/* --- frees in progress without libtalloc's variables ---------------------------------------- */

#define BARE                                                                                       \
	"Program received signal SIGSEGV, Segmentation fault.\n"                                   \
	"#0  0x0000000000400100 in session_destructor (s=0x%llx) at a.c:3\nNo locals.\n"           \
	"#1  0x00007f1000001010 in ?? () from /lib/libtalloc.so.2\n"                               \
	"No symbol table info available.\n"                                                        \
	"#2  0x0000000000400200 in request_destructor (r=0x%llx) at a.c:7\nNo locals.\n"           \
	"#3  0x00007f1000001010 in ?? () from /lib/libtalloc.so.2\n"                               \
	"No symbol table info available.\n"                                                        \
	"#4  0x0000000000400300 in process (c=0x%llx) at a.c:12\nNo locals.\n"                     \
	"#5  0x0000000000400400 in main () at a.c:20\nNo locals.\n"

static struct od_input *bare(struct world *w, uint64_t s, uint64_t r, uint64_t c)
{
	char bt[2048];

	snprintf(bt, sizeof(bt), BARE, (unsigned long long)s, (unsigned long long)r,
		 (unsigned long long)c);
	return fixture_run_memory(bt, &w->mem.mem);
}

/*
 * conn is being freed; of its children the first is at work, so conn is what the inner call frees, and
 * the outer function still holds it. With the other order of children it is the outer call's own doing.
 */
static void test_frees_by_headers(void **state)
{
	(void)state;
	for (unsigned v = 0; v < NVERSIONS; v++) {
		for (int inner = 0; inner < 2; inner++) {
			const uint64_t gone = versions[v].width == 8 ? UINT64_MAX : UINT32_MAX;
			const struct od_finding *f;
			struct od_input *in;
			struct world w;
			struct tree t;
			uint64_t list[2];

			begin(&w, &versions[v]);
			t = plant(&w);
			adopt(&w, t.server, (const uint64_t[]){t.journal}, 1);
			set_flags(&w, t.conn, w.v->magic | LOOP);
			set(&w, t.conn, PARENT, chunk(&w, t.server));
			set(&w, t.conn, PREV, 0);
			list[!inner] = t.session;
			list[inner] = t.request;
			set(&w, t.session, PARENT, 0);
			set(&w, t.request, PARENT, 0);
			adopt(&w, t.conn, list, 2);
			set(&w, t.session, DESTRUCTOR, gone);
			set(&w, t.request, DESTRUCTOR, gone);
			in = bare(&w, t.session, t.request, t.conn);
			f = fixture_find(in, "talloc/reentrant-teardown");
			if (inner) {
				assert_non_null(f);
				assert_true(f->score >= 80);
				fixture_proof(f, "is still held outside of that: #4 c");
				assert_true(has_line(f, "BEING FREED, was under server"));
			} else {
				assert_null(f);
			}
			end(&w, in);
		}
	}
}

/* A callee of libtalloc that is no destructor: its argument is not being freed. */
static void test_no_destructor(void **state)
{
	struct od_input *in;
	struct world w;
	struct tree t;

	(void)state;
	begin(&w, &versions[NEWEST]);
	t = plant(&w);
	in = bare(&w, t.session, t.request, t.conn);
	assert_null(fixture_find(in, "talloc/reentrant-teardown"));
	assert_null(fixture_find(in, "talloc/destructor-after-free"));
	end(&w, in);
}

#define ABORT                                                                                      \
	"Program received signal SIGABRT, Aborted.\n"                                              \
	"#0  0x00007f2000001010 in abort () from /lib/libc.so.6\n"                                 \
	"No symbol table info available.\n"                                                        \
	"#1  0x00007f1000001010 in ?? () from /lib/libtalloc.so.2\n"                               \
	"No symbol table info available.\n"                                                        \
	"#2  0x0000000000400300 in process (c=0x%llx) at a.c:12\n        text = 0x%llx\n"          \
	"#3  0x0000000000400400 in main () at a.c:20\nNo locals.\n"

/* What talloc said is an object named by itself. */
static void test_last_words(void **state)
{
	static const char words[] = "a.c:12: Type mismatch: name[struct conn] expected[struct other]";
	const struct od_finding *f;
	struct od_input *in;
	struct world w;
	struct tree t;
	uint64_t said;
	char bt[1024];

	(void)state;
	begin(&w, &versions[NEWEST]);
	t = plant(&w);
	said = make(&w, "", sizeof(words), 0);
	od_fixture_bytes(&w.mem, said, words, sizeof(words));
	set(&w, said, NAME, said);
	snprintf(bt, sizeof(bt), ABORT, (unsigned long long)t.conn, (unsigned long long)said);
	in = fixture_run_memory(bt, &w.mem.mem);
	f = fixture_find(in, "talloc/type-mismatch");
	assert_non_null(f);
	fixture_proof(f, "name[struct conn] expected[struct other]");
	assert_int_equal(fixture_proof(f, "c of #2 process is 0x")->address, t.conn);
	end(&w, in);

	/* Nothing said, nothing freed: only that talloc gave up, and what has no header. */
	begin(&w, &versions[NEWEST]);
	t = plant(&w);
	snprintf(bt, sizeof(bt), ABORT, (unsigned long long)t.conn, (unsigned long long)t.conn + 16);
	in = fixture_run_memory(bt, &w.mem.mem);
	f = fixture_find(in, "talloc/abort");
	assert_non_null(f);
	assert_int_equal(fixture_proof(f, "no chunk of talloc is in front")->address, t.conn + 16);
	end(&w, in);
}

/* --- hostile -------------------------------------------------------------------------------- */

/* More chunks than are walked, in a row and below each other. */
static void test_many(void **state)
{
	(void)state;
	for (int deep = 0; deep < 2; deep++) {
		const uint64_t base = 0x80000000;
		const unsigned n = 40000, step = 0x60;
		struct od_input *in;
		struct world w;
		struct tree t;

		begin(&w, &versions[NEWEST]);
		t = plant(&w);
		od_fixture_map(&w.mem, base, (size_t)n * step);
		for (unsigned i = 0; i < n; i++) {
			const uint64_t o = base + (uint64_t)i * step + 0x60;
			const uint64_t here = o - 0x60, before = i ? here - step : 0;

			set_flags(&w, o, w.v->magic);
			set(&w, o, NAME, NAMES);
			if (deep) {
				set(&w, o, PARENT, before ? before : chunk(&w, t.request));
				set(&w, o, CHILD, i + 1 < n ? here + step : 0);
			} else {
				set(&w, o, PARENT, i ? 0 : chunk(&w, t.request));
				set(&w, o, PREV, before);
				set(&w, o, NEXT, i + 1 < n ? here + step : 0);
			}
		}
		set(&w, t.request, CHILD, base);
		in = crash(&w, base + (uint64_t)(n - 2) * step + 0x60);
		assert_int_equal(in->reports[0]->nfindings, 0);
		assert_true(has_note(in, "(not all)"));
		end(&w, in);
	}
}

/* Whatever memory says, the plugin answers, and its listing is bounded. */
static void test_mutations(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (unsigned round = 0; round < 400; round++) {
		struct od_input *in;
		struct world w;
		struct tree t;
		uint64_t te;

		begin(&w, &versions[round % NVERSIONS]);
		t = plant(&w);
		te = make(&w, "struct tevent_timer", 96, 0);
		adopt(&w, t.request, &te, 1);
		for (unsigned i = 0; i <= round % 7; i++) {
			const uint64_t links[] = {
				chunk(&w, t.server),   chunk(&w, t.conn), chunk(&w, te), 0, 1,
				HEAP + HEAP_SIZE - 16, UINT64_MAX - 7,	  0x41414141};

			seed = seed * 1103515245 + 12345;
			od_fixture_put(&w.mem,
				       HEAP + (seed >> 8) % (unsigned)(w.top - HEAP) / 4 * 4,
				       links[(seed >> 4) % 8], w.v->width);
		}
		in = crash(&w, round % 2 ? t.conn : te);
		assert_false(has_note(in, "its findings may be missing"));
		for (uint32_t i = 0; i < in->reports[0]->nfindings; i++)
			assert_true(in->reports[0]->findings[i].nlisting <= 64);
		end(&w, in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_wrong), cmocka_unit_test(test_freed),
		cmocka_unit_test(test_overwritten),   cmocka_unit_test(test_no_talloc),
		cmocka_unit_test(test_damage),	      cmocka_unit_test(test_pool_and_reference),
		cmocka_unit_test(test_being_freed),   cmocka_unit_test(test_many),
		cmocka_unit_test(test_stale_context), cmocka_unit_test(test_mutations),     cmocka_unit_test(test_frees_by_headers),
		cmocka_unit_test(test_no_destructor), cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_cut_core),      cmocka_unit_test(test_big_endian),
		cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests(tests, fixture_talloc_setup, fixture_talloc_teardown);
}
