/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * uname -r has no grammar but habits, so the habits are rows. What matters is whether z of x.y.z can be
 * believed, and whether the code is that of the branch x.y at all: RHEL's 4.18 has code of 5.x in it.
 */
#include "analyze/rule-version.h"

#include <stdio.h>
#include <string.h>

#include "analyze/rule-wildcard.h"
#include "base/cursor.h"

bool od_version_parse(const char *s, size_t len, struct od_rule_version *ret)
{
	struct od_cursor c = od_cursor_init(s, len);
	uint64_t n[3] = { 0 };

	for (unsigned i = 0; i < 3; i++) {
		if (i && !od_cur_char(&c, '.'))
			break;
		if (!od_cur_dec(&c, &n[i]) || n[i] > 65535)
			return false;
	}
	*ret = (struct od_rule_version){ (uint32_t)n[0], (uint32_t)n[1], (uint32_t)n[2] };
	return od_cur_end(&c);
}

int od_version_cmp(const struct od_rule_version *a, const struct od_rule_version *b)
{
	if (a->a != b->a)
		return a->a < b->a ? -1 : 1;
	if (a->b != b->b)
		return a->b < b->b ? -1 : 1;
	return a->c < b->c ? -1 : a->c > b->c;
}

/* The next number of a release, past one '.', '-', '_', '~' or '+'; false at the first that is none. */
static bool next_number(const char **s, uint64_t *ret)
{
	struct od_cursor c = od_cursor_init(*s, strlen(*s));

	if (*c.p && strchr(".-_~+", *c.p))
		c.p++;
	if (!od_cur_dec(&c, ret))
		return false;
	*s = c.p;
	return true;
}

int od_release_cmp(const char *a, const char *b)
{
	uint64_t x, y;

	while (next_number(&b, &y)) {
		if (!next_number(&a, &x))
			x = 0, a = "";
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

static const struct {
	const char *pattern; /* of what follows x.y.z */
	enum od_version_base base;
	const char *vendor;
} habits[] = {
	/* Of kernel.org, whoever built it. */
	{ "*.elrepo*", OD_BASE_STABLE, "ELRepo" },
	{ "*.fc??.*", OD_BASE_STABLE, "Fedora" },
	{ "*-arch?-*", OD_BASE_STABLE, "Arch" },
	{ "*-pve", OD_BASE_STABLE, "Proxmox" },
	{ "*.amzn*", OD_BASE_STABLE, "Amazon Linux" },
	/* Their own mix. */
	{ "*uek*", OD_BASE_VENDOR, "Oracle UEK" },
	{ "*.el?*", OD_BASE_VENDOR, "RHEL" },
	{ "*.ocs*", OD_BASE_VENDOR, "OpenCloudOS" },
	{ "*.oe*", OD_BASE_VENDOR, "openEuler" },
	{ "*.an?.*", OD_BASE_VENDOR, "Anolis" },
	{ "*.al?.*", OD_BASE_VENDOR, "Alibaba Cloud Linux" },
	{ "*.ky??.*", OD_BASE_VENDOR, "Kylin" },
	{ "*xenserver*", OD_BASE_VENDOR, "XenServer" },
};

static bool ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* "-150400.24.46-default", "-122.37-default" of SUSE's products; "-1-default" of Tumbleweed is kernel.org's. */
static bool is_sle(const char *rest)
{
	static const char *const flavours[] = { "-default", "-preempt", "-azure", "-rt", "-64kb", "-xen",
						"-pae", "-debug", "-kvmsmall", "-default-base" };
	struct od_cursor c = od_cursor_init(rest, strlen(rest));
	uint64_t n;

	if (!od_cur_char(&c, '-') || !od_cur_dec(&c, &n) || !od_cur_char(&c, '.'))
		return false;
	for (size_t i = 0; i < sizeof(flavours) / sizeof(*flavours); i++)
		if (ends_in(rest, flavours[i]))
			return true;
	return false;
}

/*
 * "-91-generic" of Ubuntu, "-18-amd64" of Debian: a count of their own behind x.y.0. Ubuntu's builds of
 * kernel.org's have six digits: "-051512-generic".
 */
static const char *counted(const char *rest)
{
	static const struct {
		const char *flavour, *vendor;
	} rows[] = { { "amd64", "Debian" },   { "arm64", "Debian" },	 { "686", "Debian" },
		     { "686-pae", "Debian" }, { "armmp", "Debian" },	 { "armmp-lpae", "Debian" },
		     { "powerpc64le", "Debian" }, { "s390x", "Debian" }, { "4kc-malta", "Debian" },
		     { "5kc-malta", "Debian" }, { "octeon", "Debian" },	 { "loongson-3", "Debian" },
		     { "riscv64", "Debian" }, { "marvell", "Debian" },	 { "mips32r2el", "Debian" },
		     { "generic", "Ubuntu" }, { "generic-64k", "Ubuntu" }, { "generic-lpae", "Ubuntu" },
		     { "lowlatency", "Ubuntu" }, { "lowlatency-64k", "Ubuntu" }, { "aws", "Ubuntu" },
		     { "azure", "Ubuntu" },   { "azure-fde", "Ubuntu" }, { "gcp", "Ubuntu" },
		     { "gke", "Ubuntu" },     { "gkeop", "Ubuntu" },	 { "ibm", "Ubuntu" },
		     { "kvm", "Ubuntu" },     { "oracle", "Ubuntu" },	 { "oem", "Ubuntu" },
		     { "nvidia", "Ubuntu" },  { "nvidia-64k", "Ubuntu" }, { "raspi", "Ubuntu" },
		     { "raspi2", "Ubuntu" },  { "intel-iotg", "Ubuntu" }, { "realtime", "Ubuntu" },
		     { "snapdragon", "Ubuntu" }, { "xilinx-zynqmp", "Ubuntu" }, { "euclid", "Ubuntu" } };
	static const char *const debian_kinds[] = { "cloud-", "rt-" };
	struct od_cursor c = od_cursor_init(rest, strlen(rest));
	const char *digits;
	uint64_t n;

	if (!od_cur_char(&c, '-'))
		return NULL;
	/* Debian's backports: "-0.deb11.7-amd64", "-0.bpo.4-amd64". */
	digits = c.p;
	if (!od_cur_dec(&c, &n) || c.p - digits >= 6)
		return NULL;
	if (od_cur_lit(&c, ".deb") || od_cur_lit(&c, ".bpo"))
		while (!od_cur_end(&c) && *c.p != '-')
			c.p++;
	if (!od_cur_char(&c, '-'))
		return NULL;
	for (size_t i = 0; i < sizeof(debian_kinds) / sizeof(*debian_kinds); i++)
		if (od_cur_lit(&c, debian_kinds[i]))
			break;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(c.p, rows[i].flavour))
			return rows[i].vendor;
	return NULL;
}

/* Whether the rest of a release is "-rc3", "-11615-gfac54e2bfb5b", "-next-2023" or just "+". */
static void find_between(const char *rest, struct od_kernel_version *v)
{
	struct od_cursor c = od_cursor_init(rest, strlen(rest));
	uint64_t n;
	unsigned digits;

	if (od_starts(rest, "-rc") && od_is_digit(rest[3]))
		v->before = true;
	else if (od_starts(rest, "-next"))
		v->after = true;
	else if (*rest == '+' && !rest[1])
		v->after = true;
	else if (od_cur_char(&c, '-') && od_cur_dec(&c, &n) && od_cur_lit(&c, "-g") &&
		 od_cur_hex(&c, &n, &digits) && digits >= 7)
		v->after = true;
	if (v->before || (v->after && !v->v.c))
		v->base = OD_BASE_MAINLINE;
}

/* x.y.z behind a word in what the kernel said: "Debian 6.1.176-1", "(Ubuntu 5.15.0-91.101-generic 5.15.131)". */
static bool find_said(const char *said, struct od_kernel_version *v)
{
	static const char *const before[] = { " Debian ", "(Ubuntu " };

	for (size_t i = 0; said && i < sizeof(before) / sizeof(*before); i++) {
		for (const char *s = said; (s = strstr(s, before[i])) != NULL;) {
			struct od_rule_version told;
			size_t len;

			s += strlen(before[i]);
			/* Ubuntu's own number stands first. */
			if (i && (s = strchr(s, ' ')) == NULL)
				break;
			s += i;
			len = strspn(s, "0123456789.");
			if (!od_version_parse(s, len, &told) || told.a != v->v.a || told.b != v->v.b)
				continue;
			v->v = told;
			v->told = true;
			return true;
		}
	}
	return false;
}

void od_kernel_version(const char *release, const char *said, struct od_kernel_version *ret)
{
	const size_t len = release ? strspn(release, "0123456789.") : 0;
	const char *rest = release ? release + len : "", *vendor;

	*ret = (struct od_kernel_version){ .base = OD_BASE_NONE };
	/* "2.6.32.el6": the dot is the rest's. */
	if (!len || !od_version_parse(release, len - (release[len - 1] == '.'), &ret->v) || !memchr(release, '.', len))
		return;
	rest -= release[len - 1] == '.';
	ret->base = OD_BASE_STABLE;
	vendor = counted(rest);
	if (vendor) {
		ret->vendor = vendor;
		ret->base = ret->v.c || find_said(said, ret) ? OD_BASE_STABLE : OD_BASE_BRANCH;
		return;
	}
	if (is_sle(rest)) {
		ret->vendor = "SUSE";
		ret->base = OD_BASE_VENDOR;
		return;
	}
	for (size_t i = 0; i < sizeof(habits) / sizeof(*habits); i++) {
		if (od_wildcard(habits[i].pattern, rest)) {
			ret->vendor = habits[i].vendor;
			ret->base = habits[i].base;
			return;
		}
	}
	find_between(rest, ret);
}

static void put_version(struct od_buf *buf, const struct od_rule_version *v)
{
	od_buf_printf(buf, "%u.%u", v->a, v->b);
	if (v->c)
		od_buf_printf(buf, ".%u", v->c);
}

/* What a rule says of a distribution's own kernels. */
static bool by_distribution(const struct od_rule_set *set, const struct od_rule_affected *a,
			    const char *release, enum od_affected *ret, struct od_buf *why)
{
	for (uint32_t i = 0; i < a->ndists; i++) {
		const struct od_rule_dist *d = &set->dists[a->dists + i];
		const char *fixed = set->strings + d->fixed;

		if (!od_wildcard(set->strings + d->match, release))
			continue;
		if (!d->fixed) {
			od_buf_printf(why, "%s is not affected", release);
			*ret = OD_NOT_AFFECTED;
		} else if (od_release_cmp(release, fixed) >= 0) {
			od_buf_printf(why, "%s has the fix: it came with %s", release, fixed);
			*ret = OD_NOT_AFFECTED;
		} else {
			od_buf_printf(why, "%s is affected: the fix came with %s", release, fixed);
			*ret = OD_IS_AFFECTED;
		}
		return true;
	}
	return false;
}

/* The release of its branch in a list; NULL: it is not there. */
static const struct od_rule_version *of_branch(const struct od_rule_set *set, uint32_t first, uint32_t n,
					       const struct od_rule_version *v)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct od_rule_version *s = &set->versions[first + i];

		if (s->a == v->a && s->b == v->b)
			return s;
	}
	return NULL;
}

static void put_release(struct od_buf *buf, const char *release, const struct od_kernel_version *k)
{
	od_buf_addstr(buf, release);
	if (!k->told)
		return;
	od_buf_addstr(buf, " (");
	put_version(buf, &k->v);
	od_buf_addch(buf, ')');
}

/* The branch is between the first with the fault and the first without. */
static enum od_affected in_branch(const struct od_kernel_version *k, const struct od_rule_version *fix,
				  const char *release, struct od_buf *why)
{
	if (k->base == OD_BASE_VENDOR) {
		od_buf_printf(why, "whether %s has the fix cannot be told: %s adds fixes to its %u.%u", release,
			      k->vendor, k->v.a, k->v.b);
		return OD_MAYBE_AFFECTED;
	}
	if (k->base == OD_BASE_BRANCH) {
		od_buf_printf(why, "whether %s has the fix of %u.%u.%u cannot be told: %s's release does not say which "
				   "%u.%u it is", release, fix->a, fix->b, fix->c, k->vendor, fix->a, fix->b);
		return OD_MAYBE_AFFECTED;
	}
	if (od_version_cmp(&k->v, fix) >= 0) {
		put_release(why, release, k);
		od_buf_addstr(why, " has the fix: it came with ");
		put_version(why, fix);
		return OD_NOT_AFFECTED;
	}
	put_release(why, release, k);
	od_buf_addstr(why, " is affected: the fix came with ");
	put_version(why, fix);
	return OD_IS_AFFECTED;
}

static enum od_affected by_numbers(const struct od_rule_set *set, const struct od_rule_affected *a,
				   const struct od_kernel_version *k, const char *release, struct od_buf *why)
{
	const struct od_rule_version *since = a->since ? &set->versions[a->since - 1] : NULL;
	const struct od_rule_version *fixed = a->fixed ? &set->versions[a->fixed - 1] : NULL;
	const struct od_rule_version *fix;
	struct od_rule_version next = k->v;

	next.b += k->after;
	if (k->base == OD_BASE_BRANCH)
		next.c = UINT32_MAX;
	/* A fix of something else brought the fault to the branch. */
	if (a->ncame && of_branch(set, a->came, a->ncame, &k->v))
		since = of_branch(set, a->came, a->ncame, &k->v);
	/* Commits between two releases, and candidates: both ends are looked at. */
	if (since && od_version_cmp(&next, since) < 0 && k->base != OD_BASE_VENDOR) {
		put_release(why, release, k);
		od_buf_addstr(why, " is not affected: the fault came with ");
		put_version(why, since);
		return OD_NOT_AFFECTED;
	}
	if (fixed && od_version_cmp(&k->v, fixed) >= 0 && !(k->before && !od_version_cmp(&k->v, fixed))) {
		put_release(why, release, k);
		od_buf_addstr(why, " has the fix: it came with ");
		put_version(why, fixed);
		return OD_NOT_AFFECTED;
	}
	if (k->base == OD_BASE_MAINLINE &&
	    ((fixed && od_version_cmp(&next, fixed) >= 0) || (since && od_version_cmp(&k->v, since) <= 0))) {
		od_buf_printf(why, "whether %s is affected cannot be told: it lies between two releases", release);
		return OD_MAYBE_AFFECTED;
	}
	fix = of_branch(set, a->stable, a->nstable, &k->v);
	if (!fix && fixed && fixed->a == k->v.a && fixed->b == k->v.b)
		fix = fixed;
	if (!fix && k->base != OD_BASE_VENDOR) {
		put_release(why, release, k);
		od_buf_addstr(why, " is affected: ");
		od_buf_addstr(why, fixed ? "the fix came with " : "no release with the fix is known");
		if (fixed)
			put_version(why, fixed);
		return OD_IS_AFFECTED;
	}
	return in_branch(k, fix, release, why);
}

enum od_affected od_rule_affects(const struct od_rule_set *set, const struct od_rule *rule,
				 const char *release, const char *said, struct od_buf *why)
{
	const struct od_rule_affected *a = rule->affected ? &set->affected[rule->affected - 1] : NULL;
	struct od_kernel_version k;
	enum od_affected ret;

	if (!a)
		return OD_IS_AFFECTED;
	if (release && by_distribution(set, a, release, &ret, why))
		return ret;
	od_kernel_version(release, said, &k);
	if (k.base != OD_BASE_NONE)
		return by_numbers(set, a, &k, release, why);
	od_buf_addstr(why, release ? "the release of the kernel has no numbers: whether it has the fix cannot be told" :
				     "the input names no release: whether the kernel has the fix cannot be told");
	return OD_MAYBE_AFFECTED;
}
