/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the built-in rules as C: mkrules FILE.yaml... The program that is built then reads no YAML, and the
 * rules are constant data of it. What is wrong is said and left out; that nothing is, is for the tests. 1: a
 * file cannot be read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/rule-write.h"

static bool read_file(const char *path, struct od_buf *text)
{
	FILE *file = fopen(path, "r");
	char block[16384];
	size_t n;

	if (!file) {
		perror(path);
		return false;
	}
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		od_buf_add(text, block, n);
	fclose(file);
	return true;
}

static bool add_file(struct od_rule_writer *w, const char *path, struct od_buf *errors)
{
	const char *slash = strrchr(path, '/');
	struct od_lint lint = { slash ? slash + 1 : path, errors, 0 };
	struct od_buf text = OD_BUF_INIT;
	struct od_arena arena;
	struct od_yaml *root = NULL;
	bool ok = read_file(path, &text);

	od_arena_init(&arena);
	if (ok)
		root = od_yaml_read(&arena, od_buf_str(&text), text.len, &lint);
	if (root)
		od_rule_read(w, root, &lint);
	od_arena_deinit(&arena);
	od_buf_deinit(&text);
	return ok;
}

static void print_block(const uint32_t *block, size_t n)
{
	printf("/* Made from plugins/signatures by mkrules: changes there. */\n"
	       "#include \"analyze/rule.h\"\n\n"
	       "const size_t od_rules_builtin_n = %zu;\n"
	       "const uint32_t od_rules_builtin[] = {", n);
	for (size_t i = 0; i < n; i++)
		printf("%s0x%x,", i % 12 ? "" : "\n\t", block[i]);
	printf("%s\n};\n", n ? "" : " 0");
}

int main(int argc, char *argv[])
{
	struct od_rule_writer *w = od_rule_writer_create();
	struct od_buf errors = OD_BUF_INIT;
	uint32_t *block = NULL;
	size_t n = 0;
	bool ok = true;

	/* Without libyaml there are none: --version and --list-rules say so. */
	for (int i = 1; i < argc && od_yaml_built(); i++)
		ok &= add_file(w, argv[i], &errors);
	fputs(od_buf_str(&errors), stderr);
	od_rule_index(w);
	if (ok && od_yaml_built())
		block = od_rule_finish(w, &n);
	if (ok)
		print_block(block, n);
	free(block);
	od_buf_deinit(&errors);
	od_rule_writer_destroy(w);
	return ok ? 0 : 1;
}
