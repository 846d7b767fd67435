/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --rules: the user's own lines for titles, severities, skip lists and blame, and their known problems. */
#define _GNU_SOURCE
#include "front/rules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/data.h"
#include "analyze/rules.h"
#include "base/escape.h"
#include "front/output.h"

enum { MAX_RULES_BYTES = 4 << 20, MAX_RULES_FILES = 256 };

static struct od_error *cannot(const char *path)
{
	return od_error_new(OD_ERR_USAGE, "--rules: cannot read %s: %s", path, strerror(errno));
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len > n && !strcmp(name + len - n, end);
}

static bool is_yaml(const char *name)
{
	return ends_in(name, ".yaml") || ends_in(name, ".yml");
}

/* Faults of a .yaml are gathered: whoever writes one wants them all. */
static struct od_buf faults = OD_BUF_INIT;

static struct od_error *read_text(const char *name, const struct od_buf *text)
{
	struct od_buf wrong = OD_BUF_INIT;
	struct od_error *err = NULL;

	if (is_yaml(name))
		od_rules_add(name, od_buf_str(text), text->len, &faults);
	else if (!od_data_add(name, od_buf_str(text), text->len, &wrong))
		err = od_error_new(OD_ERR_USAGE, "--rules: %s", od_buf_str(&wrong));
	od_buf_deinit(&wrong);
	return err;
}

static struct od_error *read_file(const char *path)
{
	struct od_buf text = OD_BUF_INIT;
	struct od_error *err = NULL;
	const char *slash = strrchr(path, '/');
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char block[16384];
	ssize_t n = 0;

	if (fd < 0)
		return cannot(path);
	while (text.len <= MAX_RULES_BYTES && (n = read(fd, block, sizeof(block))) > 0)
		od_buf_add(&text, block, (size_t)n);
	if (n < 0)
		err = cannot(path);
	else if (text.len > MAX_RULES_BYTES)
		err = od_error_new(OD_ERR_USAGE, "--rules: %s is larger than %d bytes", path,
				   MAX_RULES_BYTES);
	else
		err = read_text(slash ? slash + 1 : path, &text);
	close(fd);
	od_buf_deinit(&text);
	return err;
}

static int is_rules(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return *name != '.' && (ends_in(name, ".rules") || is_yaml(name));
}

static struct od_error *read_dir(const char *path)
{
	struct od_error *err = NULL;
	struct dirent **names;
	int n = scandir(path, &names, is_rules, alphasort);

	if (n < 0)
		return cannot(path);
	for (int i = 0; i < n; i++) {
		struct od_buf file = OD_BUF_INIT;

		od_buf_printf(&file, "%s/%s", path, names[i]->d_name);
		if (!err && i < MAX_RULES_FILES)
			err = read_file(od_buf_str(&file));
		od_buf_deinit(&file);
		free(names[i]);
	}
	free(names);
	return err;
}

static unsigned say_faults(void)
{
	unsigned n = 0;

	for (const char *line = od_buf_str(&faults), *end; (end = strchr(line, '\n')) != NULL; line = end + 1, n++) {
		struct od_buf buf = OD_BUF_INIT;

		od_escape(&buf, OD_ESCAPE_TEXT, line, (size_t)(end - line));
		od_buf_addch(&buf, '\n');
		od_write_stderr(buf.data, buf.len);
		od_buf_deinit(&buf);
	}
	od_buf_deinit(&faults);
	return n;
}

struct od_error *od_rules_read(const struct od_strings *paths)
{
	struct od_error *err = NULL;
	unsigned n;

	for (size_t i = 0; i < paths->n && !err; i++) {
		struct stat st;

		if (stat(paths->items[i], &st) < 0)
			err = cannot(paths->items[i]);
		else
			err = S_ISDIR(st.st_mode) ? read_dir(paths->items[i]) : read_file(paths->items[i]);
	}
	if (!err)
		od_rules_ready(&faults);
	n = say_faults();
	if (n && !err)
		err = od_error_new(OD_ERR_USAGE, "--rules: %u fault%s in the rules: nothing was read", n,
				   n == 1 ? "" : "s");
	return err;
}
