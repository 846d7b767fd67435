/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the words around a name say of it. Rows; a wording that is missed is one more row. */
#define _GNU_SOURCE
#include "render/redact-internal.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static bool is_one_of(const char *s, size_t len, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == len && !memcmp(s, list[i], len))
			return true;
	return false;
}

static bool after_one_of(const char *s, size_t i, const char *const *list, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (od_private_after(s, i, list[k]))
			return true;
	return false;
}

/* --- users ---------------------------------------------------------------------- */

/* "uid=1000(joe)" */
static bool after_uid(const char *s, size_t i)
{
	size_t n = 0;

	if (!i || s[--i] != '(')
		return false;
	while (i && n < 10 && od_is_digit(s[i - 1])) {
		i--;
		n++;
	}
	return n && (od_private_after(s, i, "uid=") || od_private_after(s, i, "UID="));
}

bool od_private_is_user(const char *s, size_t len, size_t i, size_t end)
{
	static const char *const before[] = {
		"/home/",
		"/Users/",
		"user=",
		"USER=",
		"User=",
		"user=\"",
		"user='",
		"ruser=",
		"username=",
		"USERNAME=",
		"logname=",
		"LOGNAME=",
		"acct=\"",
		"acct=",
		"user: ",
		"User: ",
		"for invalid user ",
		" invalid user ",
		"password for ",
		"publickey for ",
		"session opened for user ",
		"session closed for user ",
		"\\Users\\",
	};
	/* Words of the kernel's own follow these two as well. */
	static const char *const loose[] = {" of user ", " for user "};
	static const char *const kernels[] = {
		"access",  "address",  "addresses", "buffer", "context", "copy",    "data",
		"defined", "id",       "ids",	    "input",  "invalid", "mapping", "mappings",
		"memory",  "mode",     "namespace", "page",   "pages",	 "process", "processes",
		"program", "programs", "space",	    "stack",  "thread",	 "threads",
	};
	static const char *const nobody[] = {"root", "lost+found", "nobody", "unknown", "user"};

	(void)len;
	if (end == i || od_is_digit(s[i]) || is_one_of(s + i, end - i, nobody, COUNT(nobody)))
		return false;
	if (after_one_of(s, i, before, COUNT(before)) || after_uid(s, i))
		return true;
	return after_one_of(s, i, loose, COUNT(loose)) &&
	       !is_one_of(s + i, end - i, kernels, COUNT(kernels));
}

/* --- hosts ---------------------------------------------------------------------- */

/* " kernel:" or " prog[12]:" */
static bool before_program(const char *s, size_t len, size_t end)
{
	struct od_cursor c = {s + end, s + len};
	const char *start;
	uint64_t pid;

	if (!od_cur_char(&c, ' '))
		return false;
	if (od_cur_lit(&c, "kernel:"))
		return true;
	start = c.p;
	while (c.p < c.end && c.p - start < 64 &&
	       (od_is_word(*c.p) || (*c.p && strchr("-./@()", *c.p))))
		c.p++;
	return c.p > start && od_cur_char(&c, '[') && od_cur_dec(&c, &pid) && od_cur_lit(&c, "]:");
}

/* Where the host stands in a line of a system log: a time, it, and who wrote. */
static bool in_log_line(const char *s, size_t len, size_t i, size_t end)
{
	return i >= 2 && s[i - 1] == ' ' &&
	       (od_is_digit(s[i - 2]) || s[i - 2] == 'Z' || s[i - 2] == ']') &&
	       before_program(s, len, end);
}

bool od_private_is_host(const char *s, size_t len, size_t i, size_t end)
{
	static const char *const before[] = {
		"hostname=",	"hostname: ",	  "Hostname: ",	       "HOSTNAME=", "hostname is ",
		"nodename=",	"hostname to <",  "Hostname set to <", "host=",	    "nodename: ",
		"nfs: server ", "lockd: server ", "NFS: server ",      "://",	    "\\\\",
	};

	/* "func+0x1/0x2", "func (...)", "file://": no names of hosts. */
	if (end < len && (s[end] == '+' || s[end] == '('))
		return false;
	return after_one_of(s, i, before, COUNT(before)) || in_log_line(s, len, i, end);
}

static bool is_number_or_hex(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!od_is_digit(s[i]) && !(len >= 8 && od_is_hex(s[i])))
			return false;
	return true;
}

bool od_private_is_no_host(const char *s, size_t len)
{
	static const char *const words[] = {"kernel", "localhost", "localhost.localdomain",
					    "linux",  "none",	   "unknown",
					    "null",   "host",	   "Call"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == len && !memcmp(s, words[i], len))
			return true;
	return !len || len > 255 || is_number_or_hex(s, len) || (len > 2 && !memcmp(s, "0x", 2));
}

bool od_private_is_ours(const char *s, size_t len)
{
	static const char *const names[] = {"HOST-", "USER-", "MAIL-", "MAC-", "IP-", "IP6-"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t n = strlen(names[i]);

		if (len > n && !memcmp(s, names[i], n) && is_number_or_hex(s + n, len - n))
			return true;
	}
	return false;
}

/* --- names with dots ---------------------------------------------------------------- */

bool od_private_is_domain(const char *s, size_t len, bool of_mail)
{
	/* Where the program itself sends people, and those who make what crashes. */
	static const char *const known[] = {
		"kernel.org", "ibm.com",    "redhat.com",     "fedoraproject.org",
		"centos.org", "debian.org", "ubuntu.com",     "launchpad.net",
		"suse.com",   "suse.de",    "opensuse.org",   "oracle.com",
		"samba.org",  "gnu.org",    "sourceware.org", "github.com",
		"gitlab.com", "intel.com",  "w3.org",	      "freedesktop.org",
	};
	static const char *const top[] = {
		"com",	   "org",   "net",	   "edu",  "gov",      "mil",	   "int",
		"info",	   "local", "localdomain", "lan",  "internal", "intranet", "corp",
		"home",	   "cloud", "cluster",	   "site", "arpa",     "example",  "invalid",
		"private", "eu",    "de",	   "uk",   "fr",       "it",	   "es",
		"nl",	   "be",    "ch",	   "at",   "se",       "no",	   "fi",
		"dk",	   "cz",    "ru",	   "jp",   "cn",       "kr",	   "br",
		"au",	   "ca",    "us",	   "pt",   "gr",       "hu",	   "ro",
		"tr",	   "il",    "mx",	   "za",   "nz",       "tw",	   "hk",
		"sg",	   "ie",
	};
	static const char *const units[] = {"service", "socket", "slice",    "scope",
					    "mount",   "target", "device",   "timer",
					    "path",    "swap",	 "automount"};
	const char *last = memrchr(s, '.', len), *p;
	size_t n;

	if (!last || last == s)
		return false;
	p = last + 1;
	n = (size_t)(s + len - p);
	for (size_t i = 0; i < n; i++)
		if (!od_is_alpha(p[i]))
			return false;
	if (n < 2 || is_one_of(p, n, units, COUNT(units)))
		return false;
	if (of_mail)
		return true;
	for (size_t i = 0; i < COUNT(known); i++) {
		size_t k = strlen(known[i]);

		if (len >= k && !memcmp(s + len - k, known[i], k) &&
		    (len == k || s[len - k - 1] == '.'))
			return false;
	}
	/* Two letters end many a file's name too: they need three parts. */
	return is_one_of(p, n, top, COUNT(top)) && (n > 2 || memchr(s, '.', (size_t)(last - s)));
}
