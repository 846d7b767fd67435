/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --rules: the user's own lines for titles, severities, skip lists and blame. */
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

enum { MAX_RULES_BYTES = 4 << 20, MAX_RULES_FILES = 256 };

static struct od_error *cannot(const char *path)
{
	return od_error_new(OD_ERR_USAGE, "--rules: cannot read %s: %s", path, strerror(errno));
}

static struct od_error *read_file(const char *path)
{
	struct od_buf text = OD_BUF_INIT, wrong = OD_BUF_INIT;
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
	else if (!od_data_add(slash ? slash + 1 : path, od_buf_str(&text), text.len, &wrong))
		err = od_error_new(OD_ERR_USAGE, "--rules: %s", od_buf_str(&wrong));
	close(fd);
	od_buf_deinit(&text);
	od_buf_deinit(&wrong);
	return err;
}

static int is_rules(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 6 && !strcmp(entry->d_name + len - 6, ".rules") && *entry->d_name != '.';
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

struct od_error *od_rules_read(const struct od_strings *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		struct stat st;
		struct od_error *err;

		if (stat(paths->items[i], &st) < 0)
			return cannot(paths->items[i]);
		err = S_ISDIR(st.st_mode) ? read_dir(paths->items[i]) : read_file(paths->items[i]);
		if (err)
			return err;
	}
	return NULL;
}
