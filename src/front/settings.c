/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings files: "key = value" lines, the keys being rows of the option table. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "front/options.h"

enum { MAX_SETTINGS = 64 * 1024 }; /* bytes of one file */

static const struct od_option *find_setting(const char *name, size_t len)
{
	size_t n;
	const struct od_option *opt = od_option_table(&n);

	for (; n > 0; n--, opt++)
		if (opt->setting && strlen(opt->name) == len && !memcmp(opt->name, name, len))
			return opt;
	return NULL;
}

static void trim(const char **s, const char **end)
{
	while (*s < *end && (od_is_blank(**s) || **s == '\r'))
		++*s;
	while (*end > *s && (od_is_blank((*end)[-1]) || (*end)[-1] == '\r'))
		--*end;
}

static struct od_error *setting(struct od_options *opts, const char *s, const char *end)
{
	const struct od_option *opt;
	const char *eq, *key_end, *value;
	char *copy;

	trim(&s, &end);
	if (s == end || *s == '#')
		return NULL;
	eq = memchr(s, '=', (size_t)(end - s));
	if (!eq)
		return od_error_new(OD_ERR_USAGE, "expected 'key = value'");
	key_end = eq;
	value = eq + 1;
	trim(&s, &key_end);
	trim(&value, &end);
	opt = find_setting(s, (size_t)(key_end - s));
	if (!opt)
		return od_error_new(OD_ERR_USAGE, "unknown key '%.*s'", (int)(key_end - s), s);
	copy = od_malloc((size_t)(end - value) + 1);
	memcpy(copy, value, (size_t)(end - value));
	copy[end - value] = '\0';
	od_strings_add(&opts->owned, copy);
	return od_error_wrap(opt->apply(opts, copy), "%s", opt->name);
}

struct od_error *od_settings_parse(struct od_options *opts, const char *name, const char *text,
				   size_t len)
{
	const char *end = text + len;

	for (unsigned lineno = 1; text < end; lineno++) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		struct od_error *err = setting(opts, text, nl ? nl : end);

		if (err)
			return od_error_wrap(err, "%s:%u", name, lineno);
		text = nl ? nl + 1 : end;
	}
	return NULL;
}

/* All of a regular file, at most MAX_SETTINGS bytes. */
static struct od_error *read_all(int fd, struct od_buf *buf)
{
	struct stat st;
	char chunk[4096];
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return od_error_new(OD_ERR_USAGE, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return od_error_new(OD_ERR_USAGE, "is not a regular file");
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return od_error_new(OD_ERR_USAGE, "%s", strerror(errno));
		od_buf_add(buf, chunk, (size_t)n);
		if (buf->len > MAX_SETTINGS)
			return od_error_new(OD_ERR_USAGE, "is larger than %d bytes", MAX_SETTINGS);
	}
	return NULL;
}

static struct od_error *settings_file(struct od_options *opts, const char *name)
{
	od_autoclose int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct od_buf buf = OD_BUF_INIT;
	struct od_error *err;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return NULL;
	if (fd < 0)
		return od_error_new(OD_ERR_USAGE, "%s: %s", name, strerror(errno));
	err = read_all(fd, &buf);
	err = err ? od_error_wrap(err, "%s", name)
		  : od_settings_parse(opts, name, od_buf_str(&buf), buf.len);
	od_buf_deinit(&buf);
	return err;
}

bool od_xdg_path(struct od_buf *buf, const char *variable, const char *fallback, const char *name)
{
	const char *dir = getenv(variable);
	const char *home = getenv("HOME");

	/* The base directory specification: a relative path is to be ignored. */
	if (dir && dir[0] == '/')
		od_buf_printf(buf, "%s/%s", dir, name);
	else if (home && home[0] == '/')
		od_buf_printf(buf, "%s/%s/%s", home, fallback, name);
	else
		return false;
	return true;
}

struct od_error *od_settings_read(struct od_options *opts)
{
	struct od_error *err = settings_file(opts, OD_SYSCONFDIR "/oopsdiag/config");
	struct od_buf path = OD_BUF_INIT;

	if (!err && od_xdg_path(&path, "XDG_CONFIG_HOME", ".config", "oopsdiag/config"))
		err = settings_file(opts, path.data);
	od_buf_deinit(&path);
	return err;
}
