/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A plugin that tries the host's functions with every argsz, flag, padding and NULL that a plugin could
 * get wrong: those of version 1, with -DNOW those of today as well. What the host does that it should not ends analyze() with minus the line number.
 */
#include <stdint.h>
#include <string.h>

#include "oopsdiag-plugin.h"

#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return -__LINE__;                                                          \
	} while (0)

static const uint32_t wrong[] = { 0, 1, 4, 7, 8, OD_PLUGIN_MAX_ARGSZ + 1, 65536, INT32_MAX,
				  1u << 31, UINT32_MAX };

/* A struct that the host fills, with room for the longest that may be said. */
union filled {
	uint32_t argsz;
	unsigned char bytes[OD_PLUGIN_MAX_ARGSZ];
	uint64_t align;
};

static void prepare(union filled *u, uint32_t argsz)
{
	memset(u, 0xa5, sizeof(*u));
	u->argsz = argsz;
}

/* Is everything from byte number start on as prepare() left it? */
static int untouched(const union filled *u, size_t start)
{
	for (size_t i = start; i < sizeof(*u); i++)
		if (u->bytes[i] != 0xa5)
			return 0;
	return 1;
}

/* A function that fills a struct of the size, as one of a kind that can be called for all of them. */
struct filler {
	size_t size;
	int32_t (*call)(const struct od_plugin_host *host, od_plugin_report *rep, void *ret);
};

#define FILLER(name, expression)                                                                   \
	static int32_t fill_##name(const struct od_plugin_host *host, od_plugin_report *rep,       \
				   void *ret)                                                      \
	{                                                                                          \
		return expression;                                                                 \
	}
FILLER(report, host->report(rep, ret))
FILLER(stack, host->stack(rep, 0, ret))
FILLER(frame, host->frame(rep, 0, 0, ret))
FILLER(variable, host->variable(rep, 0, 0, 0, ret))
FILLER(reg, host->reg(rep, "rdi", ret))
FILLER(module, host->module(rep, 0, ret))
FILLER(record, host->record(rep, 0, ret))
FILLER(pointer, host->describe_pointer(rep, 0xffffffff81000000, ret))
FILLER(page, host->page_flags(rep, 0x2fffff00000400, ret))

static const struct filler fillers[] = {
	{ sizeof(struct od_plugin_report_info), fill_report },
	{ sizeof(struct od_plugin_stack), fill_stack },
	{ sizeof(struct od_plugin_frame), fill_frame },
	{ sizeof(struct od_plugin_variable), fill_variable },
	{ sizeof(struct od_plugin_register), fill_reg },
	{ sizeof(struct od_plugin_module), fill_module },
	{ sizeof(struct od_plugin_record), fill_record },
	{ sizeof(struct od_plugin_pointer), fill_pointer },
	{ sizeof(struct od_plugin_page), fill_page },
};

static int32_t try_filler(const struct od_plugin_host *host, od_plugin_report *rep,
			  const struct filler *f)
{
	union filled u;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		prepare(&u, wrong[i]);
		EXPECT(f->call(host, rep, &u) == OD_PLUGIN_INVALID);
		EXPECT(u.argsz == wrong[i] && untouched(&u, sizeof(u.argsz)));
	}
	/* All of version 1 there is: not a byte less will do, nor is a byte more written. */
	prepare(&u, (uint32_t)f->size);
	EXPECT(f->call(host, rep, &u) == OD_PLUGIN_OK);
	EXPECT(u.argsz == f->size && untouched(&u, f->size));
	/* That of a plugin of tomorrow is longer: argsz stays even so. */
	prepare(&u, (uint32_t)f->size + 8);
	EXPECT(f->call(host, rep, &u) == OD_PLUGIN_OK && u.argsz == f->size + 8);
	prepare(&u, OD_PLUGIN_MAX_ARGSZ);
	EXPECT(f->call(host, rep, &u) == OD_PLUGIN_OK && u.argsz == OD_PLUGIN_MAX_ARGSZ);
	EXPECT(f->call(host, rep, NULL) != OD_PLUGIN_OK);
	EXPECT(f->call(host, NULL, &u) != OD_PLUGIN_OK);
	return OD_PLUGIN_OK;
}

/* What is cut off must be beyond the last member: no tail of ours is worth less than version 1. */
static int32_t try_short(const struct od_plugin_host *host, od_plugin_report *rep)
{
	union filled u;

	prepare(&u, offsetof(struct od_plugin_report_info, last_line));
	EXPECT(host->report(rep, (void *)&u) == OD_PLUGIN_INVALID);
	prepare(&u, offsetof(struct od_plugin_frame, line));
	EXPECT(host->frame(rep, 0, 0, (void *)&u) == OD_PLUGIN_INVALID);
	prepare(&u, offsetof(struct od_plugin_page, zone));
	EXPECT(host->page_flags(rep, 0, (void *)&u) == OD_PLUGIN_INVALID);
	return OD_PLUGIN_OK;
}

static int32_t try_ends(const struct od_plugin_host *host, od_plugin_report *rep)
{
	struct od_plugin_frame f = OD_PLUGIN_INIT(f);
	struct od_plugin_stack s = OD_PLUGIN_INIT(s);
	struct od_plugin_variable v = OD_PLUGIN_INIT(v);
	struct od_plugin_record r = OD_PLUGIN_INIT(r);
	struct od_plugin_register reg = OD_PLUGIN_INIT(reg);
	char buf[16];

	EXPECT(host->stack(rep, UINT32_MAX, &s) == OD_PLUGIN_END);
	EXPECT(host->frame(rep, UINT32_MAX, 0, &f) == OD_PLUGIN_END);
	EXPECT(host->frame(rep, 0, UINT32_MAX, &f) == OD_PLUGIN_END);
	EXPECT(host->variable(rep, 0, 0, UINT32_MAX, &v) == OD_PLUGIN_END);
	EXPECT(host->record(rep, UINT32_MAX, &r) == OD_PLUGIN_END);
	EXPECT(host->context(rep, 0, &r) == OD_PLUGIN_END); /* no interest, no context */
	EXPECT(host->reg(rep, "no such", &reg) == OD_PLUGIN_END);
	EXPECT(host->reg(rep, NULL, &reg) == OD_PLUGIN_INVALID);
	EXPECT(host->read(rep, 0, buf, sizeof(buf)) == OD_PLUGIN_NO_MEMORY);
	EXPECT(host->read(rep, 0, NULL, 8) == OD_PLUGIN_INVALID);
	EXPECT(host->read(rep, 0, buf, 0) == OD_PLUGIN_INVALID);
	EXPECT(host->read(rep, 0, buf, UINT32_MAX) == OD_PLUGIN_INVALID);
	EXPECT(host->read_string(rep, 0, NULL, 8) == OD_PLUGIN_INVALID);
	EXPECT(host->read_string(rep, 0, buf, 0) == OD_PLUGIN_INVALID);
	EXPECT(host->advice(rep, "nothing is open") == OD_PLUGIN_INVALID);
	EXPECT(host->reference(rep, NULL) == OD_PLUGIN_INVALID);
	EXPECT(host->note(rep, 0, NULL) == OD_PLUGIN_INVALID);
	EXPECT(host->advice(NULL, "x") == OD_PLUGIN_INVALID);
#ifdef NOW
	EXPECT(OD_HOST_HAS(host, listing));
	EXPECT(host->listing(rep, "nothing is open") == OD_PLUGIN_INVALID);
	EXPECT(host->listing(rep, NULL) == OD_PLUGIN_INVALID);
	EXPECT(host->listing(NULL, "x") == OD_PLUGIN_INVALID);
#endif
	EXPECT(host->note(NULL, 0, "x") == OD_PLUGIN_INVALID);
	return OD_PLUGIN_OK;
}

static struct od_plugin_finding finding(void)
{
	struct od_plugin_finding f = OD_PLUGIN_INIT(f);

	f.id = NAME "/ok";
	f.title = "the host keeps the rules";
	f.severity = "info";
	f.score = 1;
	return f;
}

static int32_t try_finding(const struct od_plugin_host *host, od_plugin_report *rep)
{
	union {
		struct od_plugin_finding f;
		unsigned char bytes[OD_PLUGIN_MAX_ARGSZ];
	} u;

	memset(&u, 0xff, sizeof(u));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		u.f = finding();
		u.f.argsz = wrong[i];
		EXPECT(host->finding(rep, &u.f) == OD_PLUGIN_INVALID);
	}
	u.f = finding();
	u.f.argsz = offsetof(struct od_plugin_finding, cause);
	EXPECT(host->finding(rep, &u.f) == OD_PLUGIN_INVALID);
	for (unsigned bit = 0; bit < 32; bit++) {
		u.f = finding();
		u.f.flags = 1u << bit;
		EXPECT(host->finding(rep, &u.f) == OD_PLUGIN_INVALID);
		u.f = finding();
		u.f.padding = 1u << bit;
		EXPECT(host->finding(rep, &u.f) == OD_PLUGIN_INVALID);
	}
	EXPECT(host->finding(rep, NULL) == OD_PLUGIN_INVALID);
	EXPECT(host->finding(NULL, &u.f) == OD_PLUGIN_INVALID);
#define WITHOUT(member)                                                                            \
	do {                                                                                       \
		u.f = finding();                                                                   \
		u.f.member = NULL;                                                                 \
		EXPECT(host->finding(rep, &u.f) == OD_PLUGIN_INVALID);                             \
	} while (0)
	WITHOUT(id);
	WITHOUT(title);
	WITHOUT(severity);
	/* That of a plugin of tomorrow: what follows is not looked at. */
	u.f = finding();
	u.f.argsz = OD_PLUGIN_MAX_ARGSZ;
	EXPECT(host->finding(rep, &u.f) == OD_PLUGIN_OK);
	return OD_PLUGIN_OK;
}

static struct od_plugin_evidence evidence(void)
{
	struct od_plugin_evidence e = OD_PLUGIN_INIT(e);

	e.grade = "weak";
	e.text = "every call was answered as it should";
	e.stack = e.frame = -1;
	return e;
}

static int32_t try_evidence(const struct od_plugin_host *host, od_plugin_report *rep)
{
	struct od_plugin_evidence e;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		e = evidence();
		e.argsz = wrong[i];
		EXPECT(host->evidence(rep, &e) == OD_PLUGIN_INVALID);
	}
	for (unsigned bit = 0; bit < 32; bit++) {
		e = evidence();
		e.padding = 1u << bit;
		EXPECT(host->evidence(rep, &e) == OD_PLUGIN_INVALID);
		e = evidence();
		e.flags = 1u << bit;
		if (!(e.flags & OD_EVIDENCE_ADDRESS))
			EXPECT(host->evidence(rep, &e) == OD_PLUGIN_INVALID);
	}
	e = evidence();
	e.nlines = 1; /* but no lines */
	EXPECT(host->evidence(rep, &e) == OD_PLUGIN_INVALID);
	e = evidence();
	e.frame = 0; /* of no stack */
	EXPECT(host->evidence(rep, &e) == OD_PLUGIN_INVALID);
	e = evidence();
	e.stack = INT32_MAX;
	EXPECT(host->evidence(rep, &e) == OD_PLUGIN_INVALID);
	EXPECT(host->evidence(rep, NULL) == OD_PLUGIN_INVALID);
	e = evidence();
	EXPECT(host->evidence(rep, &e) == OD_PLUGIN_OK);
	return OD_PLUGIN_OK;
}

static int32_t analyze(const struct od_plugin_host *host, od_plugin_report *rep)
{
	int32_t err;

	EXPECT(host->argsz >= sizeof(*host) && host->abi == OD_PLUGIN_ABI && host->padding == 0);
	EXPECT((host->flags & ~OD_HOST_FLAGS) == 0 && OD_HOST_HAS(host, note));
	for (size_t i = 0; i < sizeof(fillers) / sizeof(*fillers); i++) {
		err = try_filler(host, rep, &fillers[i]);
		if (err)
			return err - (int32_t)(1000 * (i + 1));
	}
	err = try_short(host, rep);
	if (!err)
		err = try_ends(host, rep);
	if (!err)
		err = try_finding(host, rep);
	return err ? err : try_evidence(host, rep);
}

static const struct od_plugin plugin = {
	.argsz = sizeof(plugin),
	.flags = OD_PLUGIN_WANTS_KERNEL,
	.abi = OD_PLUGIN_ABI,
	.name = NAME,
	.analyze = analyze,
};

const struct od_plugin *od_plugin_entry_1(const struct od_plugin_host *host)
{
	(void)host;
	return &plugin;
}
