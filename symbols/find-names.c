/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names: what of an input may become a part of a path, how files of kernels and modules are called,
 * where distributions put them, and in which package.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "symbols/find-internal.h"

/* One part of a path: no slash, no "..", nothing that a shell or a terminal takes for something else. */
static bool is_part(const char *s, size_t max)
{
	size_t len = s ? strnlen(s, max) : 0;

	if (!len || len >= max || s[0] == '.' || s[0] == '-' || s[len - 1] == '.' || strstr(s, ".."))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!od_is_alnum(s[i]) && !strchr("._+~-", s[i]))
			return false;
	return true;
}

bool od_is_release(const char *s)
{
	return s && od_is_digit(s[0]) && is_part(s, OD_RELEASE);
}

bool od_is_module_name(const char *s)
{
	return is_part(s, OD_MODULE);
}

bool od_take_build_id(const char *s, char *ret)
{
	size_t len = s ? strnlen(s, OD_HEX_ID) : 0;

	if (len < OD_MIN_ID || len >= OD_HEX_ID)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!od_is_hex(s[i]))
			return false;
		ret[i] = s[i] >= 'A' && s[i] <= 'F' ? (char)(s[i] | 0x20) : s[i];
	}
	ret[len] = '\0';
	return true;
}

static char module_char(char c)
{
	return c == '-' ? '_' : c;
}

bool od_same_module(const char *a, const char *b)
{
	while (*a && module_char(*a) == module_char(*b))
		a++, b++;
	return !*a && !*b;
}

/* What may follow the name proper: what strips and compresses files adds it, in any order. */
static const char *const endings[] = { ".debug", ".xz", ".gz", ".zst", ".bz2", ".lz4" };

/* The length of a name without these endings. */
static size_t bare_length(const char *name)
{
	size_t len = strlen(name);
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
			size_t n = strlen(endings[i]);

			if (len > n && !memcmp(name + len - n, endings[i], n)) {
				len -= n;
				again = true;
			}
		}
	}
	return len;
}

bool od_module_of_name(const char *name, char *ret)
{
	size_t len = bare_length(name);

	if (len < 4 || memcmp(name + len - 3, ".ko", 3) != 0 || len - 3 >= OD_MODULE)
		return false;
	len -= 3;
	for (size_t i = 0; i < len; i++)
		ret[i] = module_char(name[i]);
	ret[len] = '\0';
	return od_is_module_name(ret);
}

/* word, maybe with endings, or word-REL. The rest is the release's place; NULL: it is not. */
static const char *named(const char *name, const char *word)
{
	size_t n = strlen(word), len = bare_length(name);

	if (!od_starts(name, word) || (len != n && name[n] != '-'))
		return NULL;
	return name + (len == n ? n : n + 1);
}

bool od_is_kernel_name(const char *name)
{
	return named(name, "vmlinux") != NULL;
}

bool od_is_map_name(const char *name)
{
	return named(name, "System.map") != NULL;
}

bool od_key_of_name(const char *name, char *ret)
{
	if (od_module_of_name(name, ret))
		return true;
	if (od_is_kernel_name(name))
		return snprintf(ret, OD_MODULE, "vmlinux") > 0;
	return od_is_map_name(name) && snprintf(ret, OD_MODULE, "System.map") > 0;
}

const char *od_find_key(const char *module, char *key)
{
	snprintf(key, OD_MODULE, "%s", module ? module : "vmlinux");
	for (char *p = key; *p && module; p++)
		*p = *p == '-' ? '_' : *p;
	return key;
}

bool od_release_of_name(const char *name, char *ret)
{
	const char *s = named(name, "vmlinux");
	size_t len = bare_length(name);

	if (!s)
		s = named(name, "System.map");
	if (!s || s >= name + len || (size_t)(name + len - s) >= OD_RELEASE)
		return false;
	snprintf(ret, OD_RELEASE, "%.*s", (int)(name + len - s), s);
	return od_is_release(ret);
}

/* --- where distributions put them -------------------------------------------------------------- */

const char *const od_kernel_places[] = {
	"usr/lib/debug/.build-id/%b.debug",
	"usr/lib/debug/boot/vmlinux-%r",		/* Debian, Ubuntu */
	"usr/lib/debug/lib/modules/%r/vmlinux",		/* RHEL, Fedora */
	"usr/lib/debug/usr/lib/modules/%r/vmlinux.debug", /* SUSE */
	"usr/lib/debug/boot/vmlinux-%r.debug",		/* SUSE up to 15.2 */
	"usr/lib/debug/usr/lib/modules/%r/vmlinux",
	"usr/lib/debug/lib/modules/%r/vmlinux.debug",
	"usr/lib/debug/vmlinux-%r",
	"lib/modules/%r/build/vmlinux", /* built on this machine */
	"lib/modules/%r/vmlinux",
	"lib/modules/%r/debug/vmlinux",
	"usr/lib/debug/boot/System.map-%r", /* Debian; names at least */
	"lib/modules/%r/System.map",	    /* Fedora, RHEL */
	NULL,
};

const char *const od_kernel_places_inside[] = {
	".build-id/%b.debug", /* of the folder debug itself */
	"boot/vmlinux-%r",
	"lib/modules/%r/vmlinux",
	"usr/lib/modules/%r/vmlinux.debug",
	"%r/vmlinux", /* of a folder modules */
	"vmlinux-%r",
	"vmlinux-%r.debug",
	"vmlinux", /* of a build */
	"build/vmlinux",
	"boot/System.map-%r",
	"System.map-%r",
	"System.map",
	NULL,
};

const char *const od_module_roots[] = {
	"usr/lib/debug/lib/modules/%r",
	"usr/lib/debug/usr/lib/modules/%r",
	"lib/modules/%r", /* what is loaded: symbols, lines only where nobody strips modules */
	NULL,
};

bool od_place_fill(char *path, size_t size, const char *root, const char *place, const char *release,
		   const char *build_id)
{
	struct od_buf buf = { .limit = size - 1 };
	bool known = true;

	od_buf_addstr(&buf, root);
	if (!buf.len || buf.data[buf.len - 1] != '/')
		od_buf_addch(&buf, '/');
	for (const char *p = place; *p && known; p++) {
		if (*p != '%') {
			od_buf_addch(&buf, *p);
		} else if (*++p == 'r') {
			known = release != NULL;
			od_buf_addstr(&buf, known ? release : "");
		} else {
			known = build_id != NULL;
			od_buf_printf(&buf, "%.2s/%s", known ? build_id : "", known ? build_id + 2 : "");
		}
	}
	known &= !buf.cut;
	snprintf(path, size, "%s", od_buf_str(&buf));
	od_buf_deinit(&buf);
	return known;
}

/* --- packages --------------------------------------------------------------------------------- */

/* The part after the last '-': "amd64", "generic", "default"; "": there is none. */
static const char *flavour(const char *release)
{
	const char *dash = strrchr(release, '-');

	return dash ? dash + 1 : "";
}

static bool is_word(const char *s, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(s, *list))
			return true;
	return false;
}

/* "3.10.0-1160.el7.x86_64", "6.5.6-300.fc39.x86_64", "5.10.0-136.oe2203.x86_64", "...amzn2023..." */
static bool is_redhat(const char *release)
{
	static const char *const marks[] = { ".el", ".fc", ".amzn", ".oe", ".an", ".tl", NULL };

	for (const char *const *m = marks; *m; m++) {
		const char *hit = strstr(release, *m);

		if (hit && od_is_digit(hit[strlen(*m)]))
			return true;
	}
	return false;
}

/* "6.1.0-50-cloud-amd64", "6.12.48+deb13-amd64": they end in what Debian calls an architecture. */
static bool is_debian(const char *release)
{
	static const char *const archs[] = { "amd64", "arm64", "686", "pae", "armmp", "lpae", "powerpc64le",
					     "s390x", "riscv64", "4kc", "5kc", "marvell", "rpi", "octeon",
					     "16k", NULL };

	return is_word(flavour(release), archs);
}

/* "6.4.0-150600.23.25-default": the part in the middle has dots. */
static bool is_suse(const char *release)
{
	static const char *const flavours[] = { "default", "preempt", "rt", "azure", "64kb", "debug",
						"kvmsmall", "longterm", "vanilla", NULL };
	const char *dash = strchr(release, '-');
	const char *dot = dash ? strchr(dash, '.') : NULL;

	return is_word(flavour(release), flavours) && (dot || !strcmp(flavour(release), "default"));
}

/* "5.15.0-91-generic": version, ABI, flavour. */
static bool is_ubuntu(const char *release)
{
	static const char *const flavours[] = { "generic", "lowlatency", "aws", "azure", "gcp", "gke",
						"oracle", "kvm", "ibm", "raspi", "oem", "nvidia", "realtime",
						"hwe", "64k", "fips", "intel", "xilinx", NULL };

	return is_word(flavour(release), flavours);
}

/* "kernel-rt-debuginfo-...", "kernel-64k-debuginfo": what "+64k" or ".rt" in a release stands for. */
static const char *redhat_variant(const char *release)
{
	static const struct {
		const char *mark, *name;
	} variants[] = { { "+debug", "-debug" }, { "+rt", "-rt" }, { ".rt", "-rt" }, { "+64k", "-64k" },
			 { "uek", "-uek" } };

	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		if (strstr(release, variants[i].mark))
			return variants[i].name;
	return "";
}

const char *od_find_package(struct od_arena *arena, const char *release, const char *module,
			    const char *build_id, bool out_of_tree)
{
	if (module && out_of_tree)
		return od_arena_printf(arena, "%s.ko as it was built, given with -s", module);
	if (release && is_redhat(release))
		return od_arena_printf(arena, "kernel%s-debuginfo-%.*s", redhat_variant(release),
				       (int)strcspn(release, "+"), release);
	if (release && is_debian(release))
		return od_arena_printf(arena, "linux-image-%s-dbg", release);
	if (release && is_suse(release))
		return od_arena_printf(arena, "kernel-%s-debuginfo", flavour(release));
	if (release && is_ubuntu(release))
		return od_arena_printf(arena, "linux-image-%s-dbgsym", release);
	if (build_id)
		return od_arena_printf(arena, "/usr/lib/debug/.build-id/%.2s/%s.debug", build_id, build_id + 2);
	if (release && module)
		return od_arena_printf(arena, "/usr/lib/debug/lib/modules/%s", release);
	return release ? od_arena_printf(arena, "/usr/lib/debug/boot/vmlinux-%s", release) : NULL;
}
