/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two numbers of env.mcr that the portability layer chooses its sources by, and what is wrong
 * with those that were made by hand. Values are never mended, only judged.
 */
#include "gpfs.h"

enum { MAX_VALUES = 64 };

static bool number(const char **p, uint64_t *ret, unsigned max_digits)
{
	unsigned n = 0;
	uint64_t v = 0;

	while (**p >= '0' && **p <= '9' && n <= max_digits) {
		v = v * 10 + (uint64_t)(**p - '0');
		++*p;
		n++;
	}
	if (!n || n > max_digits)
		return false;
	*ret = v;
	return true;
}

void gpfs_parse_release(const char *s, struct gpfs_release *r)
{
	memset(r, 0, sizeof(*r));
	if (!s || !number(&s, &r->major, 2) || *s++ != '.' || !number(&s, &r->minor, 2) ||
	    *s++ != '.' || !number(&s, &r->patch, 2) || *s++ != '-' || !number(&s, &r->fix, 4))
		return;
	r->valid = true;
	if (*s == '.' && s[1] >= '0' && s[1] <= '9') {
		s++;
		if (!number(&s, &r->r1, 3))
			return;
		if (*s == '.' && s[1] >= '0' && s[1] <= '9') {
			s++;
			if (!number(&s, &r->r2, 3))
				return;
			r->has_r2 = true;
		}
	}
	r->is_el = starts(s, ".el");
}

static uint64_t prefix(const struct gpfs_release *r)
{
	return (r->major * 100 + r->minor) * 100 + r->patch;
}

uint64_t gpfs_version(const struct gpfs_release *r)
{
	return prefix(r) * 1000 + (r->fix > 999 ? 999 : r->fix);
}

uint64_t gpfs_verbose(const struct gpfs_release *r)
{
	return ((prefix(r) * 10000 + r->fix) * 1000 + r->r1) * 1000 + r->r2;
}

int gpfs_constant_xattr_name(const struct gpfs_release *r)
{
	if (!r->valid)
		return -1;
	if (r->major > 3 || (r->major == 3 && r->minor >= 12))
		return 1;
	if (r->major != 3 || r->minor != 10 || !r->is_el)
		return -1;
	/* The backport: 3.10.0-1017, and 957.19.1 of the 7.6 updates. */
	return r->fix >= 1017 || (r->fix == 957 && r->r1 >= 19);
}

static unsigned digits(uint64_t v)
{
	unsigned n = 1;

	while (v >= 10) {
		v /= 10;
		n++;
	}
	return n;
}

unsigned gpfs_check_pair(const struct gpfs_release *r, uint64_t version, uint64_t verbose)
{
	const uint64_t fix = verbose / 1000000 % 10000;
	const unsigned major_digits = r->valid ? digits(r->major) : 1;
	unsigned bad = 0;

	if (verbose && digits(verbose) != major_digits + 14)
		bad |= GPFS_BAD_DIGITS;
	if (verbose && version && verbose / 10000000000 != version / 1000)
		bad |= GPFS_BAD_PREFIX;
	if (verbose && version && (fix > 999 ? 999 : fix) != version % 1000)
		bad |= GPFS_BAD_FIX;
	if (!r->valid || !r->is_el)
		return bad;
	if (verbose && fix != r->fix)
		bad |= GPFS_BAD_UNAME;
	if (version && version != gpfs_version(r))
		bad |= GPFS_BAD_VERSION;
	if (verbose && verbose != gpfs_verbose(r))
		bad |= GPFS_BAD_VERBOSE;
	return bad;
}

struct value {
	uint64_t number;
	bool verbose;
	char side; /* '<', '>' of a diff; 0: none */
	uint32_t line, depth;
};

struct pair {
	struct value version, verbose; /* number 0: not quoted */
	char side;
};

/* "#define LINUX_KERNEL_VERSION[_VERBOSE] 31000999", as in env.mcr, perhaps behind a diff mark. */
static bool parse_value(const struct od_plugin_record *rec, struct value *v)
{
	const char *s = rec->text;

	*v = (struct value){ .line = rec->line, .depth = rec->quote_depth };
	s += strspn(s, " \t");
	if (*s == '<' || *s == '>' || *s == '+' || *s == '-') {
		v->side = *s == '<' || *s == '-' ? '<' : '>';
		s++;
		s += strspn(s, " \t");
	}
	if (*s == '#') {
		s++;
		s += strspn(s, " \t");
		if (!starts(s, "define"))
			return false;
		s += strlen("define");
		s += strspn(s, " \t");
	}
	if (!starts(s, "LINUX_KERNEL_VERSION"))
		return false;
	s += strlen("LINUX_KERNEL_VERSION");
	if (starts(s, "_VERBOSE")) {
		v->verbose = true;
		s += strlen("_VERBOSE");
	}
	if (*s != ' ' && *s != '\t' && *s != '=')
		return false;
	s += strspn(s, " \t=");
	return number(&s, &v->number, 18) && (*s == '\0' || *s == ' ' || *s == '\t' || *s == '\r');
}

/*
 * A diff in a quoted mail loses its '>' to the quoting: ">> #define" looks like a line of depth
 * two. Such a block stands behind a '<' block with one line, the "---", between, and nothing but
 * the mark is deeper.
 */
static void recover_side(struct value *v, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		const struct value *before = &v[i - 1];

		if (v[i].side || !before->side)
			continue;
		if (before->side == '<' && v[i].line == before->line + 2 &&
		    v[i].depth >= before->depth)
			v[i].side = '>';
		else if (before->side == '>' && v[i].line == before->line + 1 &&
			 v[i].depth == before->depth)
			v[i].side = '>';
	}
}

static bool belongs(const struct value *a, const struct value *b)
{
	return a->side == b->side && a->verbose != b->verbose && b->line <= a->line + 2;
}

static bool seen_before(const struct pair *pairs, unsigned n, const struct pair *p)
{
	for (unsigned i = 0; i < n; i++)
		if (pairs[i].version.number == p->version.number &&
		    pairs[i].verbose.number == p->verbose.number)
			return true;
	return false;
}

static unsigned collect(const struct ctx *c, struct pair *pairs)
{
	struct value v[MAX_VALUES];
	unsigned n = 0, npairs = 0;
	struct od_plugin_record rec = OD_PLUGIN_INIT(rec);

	for (uint32_t i = 0; n < MAX_VALUES && i < 4096 &&
			     c->host->context(c->rep, i, &rec) == OD_PLUGIN_OK; i++)
		if (parse_value(&rec, &v[n]))
			n++;
	recover_side(v, n);
	for (unsigned i = 0; i < n; i++) {
		struct pair *p = &pairs[npairs];

		*p = (struct pair){ .side = v[i].side };
		*(v[i].verbose ? &p->verbose : &p->version) = v[i];
		if (i + 1 < n && belongs(&v[i], &v[i + 1])) {
			i++;
			*(v[i].verbose ? &p->verbose : &p->version) = v[i];
		}
		/* A mail quotes itself: the same pair again proves nothing new. */
		if (!seen_before(pairs, npairs, p))
			npairs++;
	}
	return npairs;
}


unsigned gpfs_count_wrong_env(const struct ctx *c, const struct gpfs_release *r)
{
	struct pair pairs[MAX_VALUES];
	unsigned n = collect(c, pairs), wrong = 0;

	for (unsigned i = 0; i < n; i++)
		wrong += !!gpfs_check_pair(r, pairs[i].version.number,
						  pairs[i].verbose.number);
	return wrong;
}

static const char *side_name(char side)
{
	return side == '<' ? ", '<' side of the diff" : side == '>' ? ", '>' side of the diff" : "";
}

static void failed_checks(char *buf, size_t size, unsigned bad, const struct gpfs_release *r,
			  uint64_t version, uint64_t verbose)
{
	const unsigned long long fix = verbose / 1000000 % 10000;
	size_t len = 0;

#define ADD(bit, ...)                                                                              \
	do {                                                                                       \
		if ((bad & (bit)) && len < size)                                                   \
			len += (size_t)snprintf(buf + len, size - len, __VA_ARGS__);               \
	} while (0)
	buf[0] = '\0';
	ADD(GPFS_BAD_DIGITS, "; fails check a: VERBOSE has %u digits, not %u", digits(verbose),
	    (r->valid ? digits(r->major) : 1) + 14);
	if (digits(verbose) < (r->valid ? digits(r->major) : 1) + 14)
		ADD(GPFS_BAD_DIGITS, " and so is below every threshold that the sources test for");
	ADD(GPFS_BAD_PREFIX, "; fails check b: major, minor and patch are %llu in VERBOSE, %llu in "
	    "VERSION", (unsigned long long)(verbose / 10000000000),
	    (unsigned long long)(version / 1000));
	ADD(GPFS_BAD_FIX, "; fails check c: fix level %llu of VERBOSE needs %03llu at the end of "
	    "VERSION, not %03llu", fix, fix > 999 ? 999 : fix,
	    (unsigned long long)(version % 1000));
	ADD(GPFS_BAD_UNAME, "; fails check d: fix level %llu is not %llu of the kernel that "
	    "crashed", fix, (unsigned long long)r->fix);
	ADD(GPFS_BAD_VERSION, "; VERSION for this kernel is %llu",
	    (unsigned long long)gpfs_version(r));
	ADD(GPFS_BAD_VERBOSE, "; VERBOSE for this kernel is %llu",
	    (unsigned long long)gpfs_verbose(r));
#undef ADD
}

static void say_numbers(char *buf, size_t size, const struct pair *p)
{
	size_t len = 0;

	buf[0] = '\0';
	if (p->version.number)
		len = (size_t)snprintf(buf, size, "LINUX_KERNEL_VERSION %llu",
				       (unsigned long long)p->version.number);
	if (p->verbose.number)
		snprintf(buf + len, size - len, "%sLINUX_KERNEL_VERSION_VERBOSE %llu",
			 len ? ", " : "", (unsigned long long)p->verbose.number);
}

static void judge_pair(const struct ctx *c, const struct gpfs_release *r, const struct pair *p)
{
	const unsigned bad = gpfs_check_pair(r, p->version.number, p->verbose.number);
	struct where w = NOWHERE;
	char numbers[160], checks[768];
	unsigned n = 0;

	if (p->version.line)
		w.lines[n++] = p->version.line;
	if (p->verbose.line)
		w.lines[n++] = p->verbose.line;
	say_numbers(numbers, sizeof(numbers), p);
	failed_checks(checks, sizeof(checks), bad, r, p->version.number, p->verbose.number);
	if (!bad)
		evidence(c, "medium", w, "env.mcr%s: %s is right%s", side_name(p->side), numbers,
			 r->valid && r->is_el ? " for this kernel" : " in itself (checks a to c)");
	else
		evidence(c, "strong", w, "env.mcr%s: %s is wrong%s", side_name(p->side), numbers,
			 checks);
}

unsigned gpfs_judge_env(const struct ctx *c, const struct gpfs_release *r)
{
	struct pair pairs[MAX_VALUES];
	unsigned n = collect(c, pairs), wrong = 0;

	for (unsigned i = 0; i < n; i++) {
		judge_pair(c, r, &pairs[i]);
		wrong += !!gpfs_check_pair(r, pairs[i].version.number,
						  pairs[i].verbose.number);
	}
	return wrong;
}
