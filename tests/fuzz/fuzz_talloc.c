/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The talloc plugin on a small heap that the input patches: whatever links and flags say, the walk
 * ends in few reads, and what it hands over keeps the host's bounds. The first bytes choose the
 * version of the headers, the shape of the stack and what its variables hold; then come records: an
 * offset (2 bytes), a length (1 byte: 0 means a pointer to the chunk or object in the next 2 bytes)
 * and so many bytes.
 */
#include <string.h>

#include "plugins/talloc-heap.h"
#include "tests/fuzz/fuzz.h"

enum { BASE = 0x61100000, SIZE = 1 << 14, NAMES = SIZE - 256, CHUNKS = 12, HEAD = 8, VARS = 4 };

/* Each version's header: where flags, links, pool are; bytes in all. */
static const struct {
	unsigned width, header, flags, links, pool;
	uint32_t magic;
} versions[] = {
	{8, 0x50, 64, 0, 72, 0xe8150c70}, {8, 0x60, 64, 0, 80, 0xe8150c70},
	{8, 0x60, 64, 0, 80, 0xe8150c80}, {8, 0x60, 0, 8, 80, 0x5be31a90},
	{4, 0x30, 32, 0, 40, 0xe8150c70}, {4, 0x30, 0, 4, 40, 0x90de1230},
};

struct od_plugin_report {
	uint8_t heap[SIZE];
	unsigned version, shape;
	uint64_t vars[VARS];
	unsigned long reads;
	bool open;
	unsigned findings, evidence, listing;
};

/* --- the heap ------------------------------------------------------------------------------- */

static void put(struct od_plugin_report *r, unsigned at, uint64_t v, unsigned size)
{
	for (unsigned i = 0; i < size && at + i < SIZE; i++)
		r->heap[at + i] = (uint8_t)(v >> 8 * i);
}

static unsigned step(const struct od_plugin_report *r)
{
	return versions[r->version].header + 128;
}

/* A tree: each chunk has the next two as its children. */
static void plant(struct od_plugin_report *r)
{
	static const char names[] =
		"server\0struct tevent_context\0struct tevent_timer\0a.c:12\0struct conn\0";
	static const uint8_t name_of[CHUNKS] = {0, 7, 29, 49, 56, 29, 0, 56, 7, 29, 49, 56};
	const unsigned w = versions[r->version].width, links = versions[r->version].links;

	memcpy(r->heap + NAMES, names, sizeof(names));
	for (unsigned i = 0; i < CHUNKS; i++) {
		const unsigned at = i * step(r), left = 2 * i + 1;
		const unsigned parent = i ? (i - 1) / 2 * step(r) + BASE : 0;
		const bool first = i % 2, last = !first || i + 1 >= CHUNKS;

		put(r, at + versions[r->version].flags, versions[r->version].magic, 4);
		put(r, at + links, i && !last ? BASE + at + step(r) : 0, w);
		put(r, at + links + w, i && !first ? BASE + at - step(r) : 0, w);
		put(r, at + links + 2 * w, first ? parent : 0, w);
		put(r, at + links + 3 * w, left < CHUNKS ? BASE + left * step(r) : 0, w);
		put(r, at + links + 6 * w, BASE + NAMES + name_of[i], w);
		put(r, at + links + 7 * w, 100, w);
	}
}

static void patch(struct od_plugin_report *r, const uint8_t *p, size_t left)
{
	while (left >= 5) {
		const unsigned at = (p[0] | (unsigned)p[1] << 8) % (SIZE - 64);
		size_t n = p[2] % 16;

		p += 3;
		left -= 3;
		if (!n) {
			put(r, at,
			    BASE + (p[0] % CHUNKS) * step(r) +
				    p[1] % 8 * (versions[r->version].header / 2),
			    versions[r->version].width);
			n = 2;
		} else {
			n = n < left ? n : left;
			memcpy(r->heap + at, p, n);
		}
		p += n;
		left -= n;
	}
}

/* --- the host ------------------------------------------------------------------------------- */

static int32_t report(od_plugin_report *r, struct od_plugin_report_info *ret)
{
	(void)r;
	ret->kind = "user-crash";
	ret->stacks = 1;
	ret->guilty_stack = ret->guilty_frame = -1;
	return OD_PLUGIN_OK;
}

static const struct {
	const char *function, *module, *file, *var;
} frames[][6] = {
	{{NULL, NULL, NULL, NULL},
	 {"tevent_debug", NULL, "tevent.c", "ev"},
	 {"tevent_common_timed_destructor", NULL, "tevent.c", "te"},
	 {NULL, "libtalloc.so.2", NULL, NULL},
	 {"handler", NULL, "a.c", "c"},
	 {"main", NULL, "a.c", "server"}},
	{{"abort", "libc.so.6", "abort.c", NULL},
	 {"talloc_abort", "libtalloc.so.2", "talloc.c", "reason"},
	 {"_talloc_free", "libtalloc.so.2", "talloc.c", "ptr"},
	 {"handler", NULL, "a.c", "c"},
	 {"loop", NULL, "a.c", "x"},
	 {"main", NULL, "a.c", "server"}},
	{{"conn_destructor", NULL, "a.c", "c"},
	 {"_tc_free_internal", "libtalloc.so.2", "talloc.c", "tc"},
	 {"request_destructor", NULL, "a.c", "r"},
	 {NULL, "libtalloc.so.2", NULL, NULL},
	 {"process", NULL, "a.c", "c"},
	 {"main", NULL, "a.c", "server"}},
};
enum { SHAPES = sizeof(frames) / sizeof(*frames), FRAMES = 6 };

static int32_t frame(od_plugin_report *r, uint32_t stack, uint32_t index,
		     struct od_plugin_frame *ret)
{
	if (stack || index >= FRAMES)
		return OD_PLUGIN_END;
	ret->function = frames[r->shape][index].function;
	ret->module = frames[r->shape][index].module;
	ret->file = frames[r->shape][index].file;
	ret->address = ret->function || ret->module ? 0x400000 + index * 16 : BASE + 64;
	ret->number = index;
	ret->source_line = 7;
	ret->variables = frames[r->shape][index].var != NULL;
	return OD_PLUGIN_OK;
}

static int32_t variable(od_plugin_report *r, uint32_t stack, uint32_t index, uint32_t var,
			struct od_plugin_variable *ret)
{
	static char value[32];

	if (stack || index >= FRAMES || var || !frames[r->shape][index].var)
		return OD_PLUGIN_END;
	ret->flags = OD_VARIABLE_NUMBER | OD_VARIABLE_ARGUMENT;
	ret->name = frames[r->shape][index].var;
	ret->number = r->vars[index % VARS];
	snprintf(value, sizeof(value), "0x%llx", (unsigned long long)ret->number);
	ret->value = value;
	return OD_PLUGIN_OK;
}

static int32_t reg_of(od_plugin_report *r, const char *name, struct od_plugin_register *ret)
{
	if (strcmp(name, "rsp") != 0 && strcmp(name, "rdi") != 0)
		return OD_PLUGIN_END;
	ret->name = name;
	ret->value = name[1] == 's' ? BASE + SIZE - 2048 : r->vars[0];
	return OD_PLUGIN_OK;
}

static int32_t nothing(od_plugin_report *r, uint32_t index, struct od_plugin_record *ret)
{
	(void)r;
	(void)index;
	(void)ret;
	return OD_PLUGIN_END;
}

static int32_t read_memory(od_plugin_report *r, uint64_t at, void *buf, uint32_t len)
{
	r->reads++;
	if (at < BASE || at - BASE > SIZE || len > SIZE - (at - BASE))
		return OD_PLUGIN_UNMAPPED;
	memcpy(buf, r->heap + (at - BASE), len);
	return OD_PLUGIN_OK;
}

static int32_t read_string(od_plugin_report *r, uint64_t at, char *buf, uint32_t len)
{
	uint32_t n = 0;

	r->reads++;
	if (at < BASE || at - BASE >= SIZE)
		return OD_PLUGIN_UNMAPPED;
	while (n + 1 < len && at - BASE + n < SIZE && r->heap[at - BASE + n]) {
		buf[n] = (char)r->heap[at - BASE + n];
		n++;
	}
	buf[n] = '\0';
	return OD_PLUGIN_OK;
}

static int32_t take_finding(od_plugin_report *r, const struct od_plugin_finding *f)
{
	FUZZ_CHECK(f->score <= 100 && f->id && f->title && strlen(f->title) < 16384);
	FUZZ_CHECK(!f->cause || strlen(f->cause) < 16384);
	FUZZ_CHECK(++r->findings <= 16);
	r->open = true;
	r->evidence = r->listing = 0;
	return OD_PLUGIN_OK;
}

static int32_t take_evidence(od_plugin_report *r, const struct od_plugin_evidence *e)
{
	FUZZ_CHECK(r->open && ++r->evidence <= 64 && strlen(e->text) < 16384 &&
		   strlen(e->grade) <= 6);
	FUZZ_CHECK(e->frame < FRAMES);
	return OD_PLUGIN_OK;
}

static int32_t take_text(od_plugin_report *r, const char *text)
{
	FUZZ_CHECK(r->open && strlen(text) < 16384);
	return OD_PLUGIN_OK;
}

static int32_t take_listing(od_plugin_report *r, const char *line)
{
	FUZZ_CHECK(r->open && ++r->listing <= 64 && strlen(line) < 16384);
	return OD_PLUGIN_OK;
}

static int32_t take_note(od_plugin_report *r, uint32_t line, const char *text)
{
	(void)r;
	FUZZ_CHECK(!line && strlen(text) < 16384);
	return OD_PLUGIN_OK;
}

static const struct od_plugin_host host = {
	.argsz = sizeof(host),
	.flags = OD_HOST_MEMORY,
	.abi = OD_PLUGIN_ABI,
	.report = report,
	.frame = frame,
	.variable = variable,
	.reg = reg_of,
	.record = nothing,
	.context = nothing,
	.read = read_memory,
	.read_string = read_string,
	.finding = take_finding,
	.evidence = take_evidence,
	.advice = take_text,
	.reference = take_text,
	.note = take_note,
	.listing = take_listing,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct od_plugin_report r;
	const struct od_plugin *plugin = od_plugin_entry_1(&host);

	if (size < HEAD)
		return 0;
	memset(&r, 0, sizeof(r));
	r.version = data[0] % (sizeof(versions) / sizeof(*versions));
	r.shape = data[1] % SHAPES;
	plant(&r);
	for (unsigned i = 0; i < VARS; i++)
		r.vars[i] = BASE + data[2 + i] % CHUNKS * step(&r) +
			    (data[2 + i] & 0x80 ? 0 : versions[r.version].header);
	patch(&r, data + HEAD, size - HEAD);
	FUZZ_CHECK(plugin->analyze(&host, &r) == OD_PLUGIN_OK);
	FUZZ_CHECK(r.reads < 200000);
	return 0;
}
